//! The bookshop: users, addresses, authors and books.

mod address;
mod author;
mod book;
#[cfg(feature = "goodbooks")]
pub mod goodbooks;
pub mod isbn;
mod migrations;
mod normal_form;
pub mod rules;
pub mod sample;
#[expect(missing_docs, reason = "the Diesel CLI writes it: see diesel.toml")]
pub mod schema;
pub mod seed;
mod user;

pub use address::{Address, NewAddress};
pub use author::{Author, NewAuthor};
pub use book::{Book, NewBook, Price};
pub use migrations::MIGRATIONS;
pub use normal_form::normal_form;
pub use user::{NewUser, User};
