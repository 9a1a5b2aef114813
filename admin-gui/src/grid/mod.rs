//! A table of rows that may be far longer than memory, wherever they come from.
//!
//! What is painted ([`GridView`]), and where a [`RowGrid`] stands among its rows, knows them only as a
//! [`RowSource`]. The window's own [`Grid`] has those of an entity, found by key and scanned;
//! [`ListedRows`] are all in memory.

mod entity;
mod keyset;
mod listed;
mod painting;
mod source;
mod state;

pub use entity::Grid;
pub use keyset::{KeysetRows, Reread, entity_column};
pub use listed::ListedRows;
pub use painting::{
    CellLook, ColumnAction, Fate, GridEvent, GridView, LONG, NoOverlay, OverlaidCell, OverlaidRow,
    Overlay, editor_id, grid_id, open_column_menu,
};
pub(crate) use painting::{Content, one_line, type_icon};
pub use source::{
    EntityColumn, Extent, FIRST_ADDED, LoadError, Offers, Progress, Restore, RowSource, Scroll,
    ScrollDirection, SourceColumn, Total, Viewport,
};
pub use state::{
    CellEditor, ColumnLayout, ExtendColumns, Focus, GridColumn, Movement, NotSelected, RowGrid,
    SelectStep, Selection, SortBy,
};
