//! The bookshop: users, addresses, authors and books.

pub mod csv_records;
pub mod goodbooks;
pub mod isbn;
pub mod isbn_repair;
pub mod rules;
pub mod sample;
#[expect(missing_docs, reason = "the Diesel CLI writes it: see diesel.toml")]
pub mod schema;
