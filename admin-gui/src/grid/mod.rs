//! A table of rows that may be far longer than memory.

pub mod scroll;
pub mod cache;
pub mod cell;
pub mod columns;
pub mod focus;
