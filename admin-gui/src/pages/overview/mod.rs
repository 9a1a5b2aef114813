//! The overview: how many rows there are of what, how they became so many, and what they lack.

mod model;
mod view;

pub use model::{Asked, Overview, creation_column};
pub use view::{OverviewEvent, OverviewPage};
