//! The rows of an entity, found by key: pages, a cache of them, and a scan of where rows are.

mod cache;
mod columns;
mod positions;
mod row_index;
mod rows;
#[cfg(test)]
pub(in crate::grid) mod samples;
mod scan;
#[cfg(test)]
mod scan_properties;

pub use columns::entity_column;
pub use rows::{KeysetRows, Reread};
