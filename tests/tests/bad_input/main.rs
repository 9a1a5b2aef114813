//! Databases that are none, and text that would like to be SQL: each is a clear error or stored as
//! plain text, nothing is lost, nothing panics.

mod databases;
mod huge;
mod text;
