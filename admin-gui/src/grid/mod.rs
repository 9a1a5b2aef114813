//! A table of rows that may be far longer than memory.

mod cache;
mod cell;
mod cell_view;
mod columns;
mod focus;
mod header;
mod milestones;
mod model;
mod scroll;
mod scroll_bar;
mod survey;
mod view;

pub use cache::Total;
use cell::Content;
pub(crate) use cell_view::one_line;
pub use focus::{Focus, Movement};
pub use model::{Grid, Reread, SortBy};
pub use scroll::Scroll;
pub use survey::Progress;
pub use view::{GridEvent, GridView, grid_id};
