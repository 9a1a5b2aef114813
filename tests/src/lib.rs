//! What the integration tests share.

pub mod command;
mod database;
pub mod shop;

pub use database::{TestDatabase, mysql, postgres, sqlite};
