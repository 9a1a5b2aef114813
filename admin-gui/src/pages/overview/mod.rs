//! The overview: how many rows there are of what, how they became so many, and what they lack.

mod growth;
mod model;
mod view;

pub use growth::{Growth, GrowthPoint, Period};
pub use model::{Asked, NullRate, NullRates, Overview, creation_column};
pub use view::{OverviewEvent, OverviewPage};
