//! The page of migrations: which the database has, and in what it differs from what the program expects.

mod model;
mod view;

pub use model::Migrations;
pub use view::{MigrationsEvent, MigrationsPage, Obstacle};
