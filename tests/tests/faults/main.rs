//! What goes wrong in the middle of editing, and what is said to become of rows that are deleted or taken back, on
//! random rows and at every byte.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod cut;
mod graph;
mod planned;
mod taken_back;
