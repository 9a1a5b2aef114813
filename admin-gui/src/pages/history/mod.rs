//! The history: who has changed what, and a way back.

mod details;
mod model;
mod view;

pub use model::{Changes, History, MeantRow, Period};
pub use view::{HistoryEvent, HistoryPage};
