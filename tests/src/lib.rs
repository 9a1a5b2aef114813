//! What the integration tests share.

pub mod chinook;
mod database;
mod engines;
pub mod shop;

pub use database::{TestDatabase, mysql, postgres, sqlite};
pub use diesel::{MysqlConnection, PgConnection, SqliteConnection};
