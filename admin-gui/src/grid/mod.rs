//! A table of rows that may be far longer than memory.

mod cache;
mod cell;
mod cell_view;
mod columns;
mod focus;
mod header;
mod model;
mod scroll;
mod scroll_bar;
mod view;

pub use cell::Content;
pub use focus::{Focus, Movement};
pub use model::{Grid, Reread, SortBy};
pub use scroll::Scroll;
pub use view::{GridEvent, GridView, grid_id};
