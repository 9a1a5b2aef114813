//! What a grid is like: where it stands, its columns, the focused cell, the selected rows.

mod cell_editor;
mod columns;
mod fling;
mod focus;
mod grid;
mod layout;
mod selecting;
mod selection;

pub use cell_editor::CellEditor;
pub use columns::{GridColumn, Placed};
pub use focus::{Focus, Movement};
pub use grid::{RowGrid, SortBy};
pub use layout::ColumnLayout;
pub use selection::{Chosen, ExtendColumns, MOST, NotSelected, SelectStep, Selected, Selection};
