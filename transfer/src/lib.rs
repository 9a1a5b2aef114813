//! Rows in and out of databases, for windows, command lines and services alike.
//!
//! [`export`] writes the rows of an entity into files of several formats, [`import`] takes those of
//! a file in, and accounts for each of them. What is read are [`file_rows`], of CSV [`csv_records`]; what
//! is refused is found by [`bisect`], and may be [`set_aside`]. [`cells`] and
//! [`html_cells`] are a block from the clipboard.

pub mod bisect;
mod cells;
pub mod csv_records;
pub mod export;
pub mod file_rows;
mod html_table;
pub mod import;
pub mod keys;
pub mod set_aside;

pub use cells::cells;
pub use html_table::{html_cells, html_table};
