//! The bookshop: users, addresses, authors and books.

pub mod isbn;
pub mod isbn_repair;
pub mod schema;
