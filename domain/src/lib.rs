//! The bookshop: users, addresses, authors and books.

pub mod csv_records;
pub mod goodbooks;
pub mod isbn;
pub mod isbn_repair;
pub mod rules;
pub mod sample;
pub mod schema;
