//! Rows in and out of databases, for windows, command lines and services alike.
//!
//! [`export`] writes the rows of an entity into files of several formats, [`import`] inserts those of
//! a CSV file, and accounts for each of them. What is read is [`csv_records`], what is refused is
//! found by [`bisect`], and may be [`set_aside`]. [`cells`] are a block from the clipboard.

pub mod bisect;
mod cells;
pub mod csv_records;
pub mod export;
pub mod import;
pub mod keys;
pub mod set_aside;

pub use cells::cells;
