//! What the values of a column are like.

mod model;
mod view;

pub use model::{Bin, ColumnFigures, Distribution, ValueCount};
pub use view::{StatisticsEvent, StatisticsPanel};
