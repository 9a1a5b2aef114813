//! What the integration tests share.

mod database;
pub mod shop;

pub use database::{TestDatabase, mysql, postgres, sqlite};
