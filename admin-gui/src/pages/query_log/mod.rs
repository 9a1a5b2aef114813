//! The query log: the statements that were sent last, how long they took, and why.

mod details;
mod highlight;
mod model;
mod view;

pub use model::{Entry, QueryLog, Which};
pub use view::{QueryLogEvent, QueryLogPage};
