//! The rows of an entity, found by key: pages, a cache of them, and a survey of where rows are.

mod cache;
mod columns;
mod milestones;
mod places;
mod rows;
#[cfg(test)]
pub(in crate::grid) mod samples;
mod survey;
#[cfg(test)]
mod survey_properties;

pub use columns::entity_column;
pub use rows::{KeysetRows, Reread};
