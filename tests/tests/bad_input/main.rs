//! Databases that are none, and text that would like to be SQL: each is a clear error or stored as
//! plain text, nothing is lost, nothing panics.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod databases;
mod huge;
mod text;
