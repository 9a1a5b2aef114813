//! What the integration tests share.

pub mod chinook;
pub mod command;
mod database;
mod engines;
pub mod office;
pub mod shop;
pub mod window;

pub use database::{TestDatabase, mysql, postgres, sqlite};
pub use diesel::{MysqlConnection, PgConnection, SqliteConnection};
