//! What is staged is there again when the program was killed: all that was written to the journal, and nothing
//! else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod committing;
mod compacting;
mod damage;
mod files;
mod interrupted;
mod killing;
mod rounds;
mod schema;
mod steps;
mod values;
