//! Draws a grid, whatever its rows come from.

mod cell;
mod cell_editing;
mod cell_view;
mod column_menu;
mod event;
mod frozen;
mod gutter;
mod header;
mod keys;
mod memory;
mod messages;
mod overlay;
mod placeholder;
mod scroll_bar;
mod type_icon;
mod view;

pub(crate) use cell::Content;
pub use cell_editing::editor_id;
pub(crate) use cell_view::one_line;
pub use column_menu::{ColumnAction, open_column_menu};
pub use event::GridEvent;
pub use memory::grid_id;
pub use messages::LONG;
pub use overlay::{CellLook, Fate, NoOverlay, OverlaidCell, OverlaidRow, Overlay};
pub(crate) use type_icon::type_icon;
pub use view::GridView;
