//! What the integration tests share.

mod database;

pub use database::{TestDatabase, mysql, postgres, sqlite};
