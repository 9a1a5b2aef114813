//! A table of rows that may be far longer than memory.

mod cache;
mod cell;
mod cell_view;
mod column_menu;
mod columns;
mod fling;
mod focus;
mod gutter;
mod header;
mod messages;
mod milestones;
mod model;
mod places;
mod reading;
#[cfg(test)]
mod samples;
mod scroll;
mod scroll_bar;
#[cfg(test)]
mod scroll_properties;
mod selecting;
mod selection;
mod survey;
#[cfg(test)]
mod survey_properties;
mod trouble;
mod type_icon;
mod view;

pub use cache::Total;
pub(crate) use cell::Content;
pub(crate) use cell_view::one_line;
pub use column_menu::{ColumnAction, open_column_menu};
pub use columns::{Columns, GridColumn};
pub use focus::{Focus, Movement};
pub use model::{Grid, SortBy};
pub use reading::Reread;
pub use scroll::Scroll;
pub use selecting::NotSelected;
pub use survey::Progress;
pub(crate) use type_icon::type_icon;
pub use view::{GridEvent, GridView, LONG, grid_id};
