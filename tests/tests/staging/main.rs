//! Staged edits: acts and their undoing, what others do meanwhile, and what is written in the end.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod acting;
mod bulk;
mod bulk_writing;
mod keeping;
mod meanwhile;
mod model;
mod operations;
mod random;
mod refused;
mod taking_back;
mod two_people;
mod world;
mod writing;
mod written;
