//! What the integration tests share.

pub mod archive;
pub mod chinook;
pub mod client;
pub mod command;
mod database;
mod engines;
pub mod family;
pub mod herbarium;
pub mod office;
mod proxy;
pub mod rounds;
pub mod shop;
pub mod staged;
pub mod window;
pub mod works;

pub use database::{TestDatabase, mysql, postgres, sqlite};
pub use diesel::{MysqlConnection, PgConnection, SqliteConnection};
pub use engines::counted_key;
pub use proxy::{Fault, Relay, Side, cutting_at, relaying, relaying_url};
