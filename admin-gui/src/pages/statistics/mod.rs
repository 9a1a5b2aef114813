//! What the values of a column are like.

mod view;

pub use view::{StatisticsEvent, StatisticsPanel};
