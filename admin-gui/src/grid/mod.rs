//! A table of rows that may be far longer than memory.

mod entity;
mod keyset;
mod painting;
mod source;
mod state;

pub use entity::Grid;
pub use keyset::{Reread, entity_column};
pub(crate) use painting::{ColumnAction, Content, GridEvent, GridView, LONG};
pub(crate) use painting::{grid_id, one_line, open_column_menu, type_icon};
pub use source::Total;
pub use state::{GridColumn, NotSelected};
