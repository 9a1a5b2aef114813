//! The migrations of `domain/migrations`, embedded: the files that the Diesel CLI runs.

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use persistence::Migrations;

/// The bookshop's migrations for every engine that is compiled in.
pub const MIGRATIONS: Migrations = Migrations {
    sqlite: if cfg!(feature = "sqlite") { Some(&SQLITE) } else { None },
    postgres: if cfg!(feature = "postgres") { Some(&POSTGRES) } else { None },
    mysql: if cfg!(feature = "mysql") { Some(&MYSQL) } else { None },
};

static SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
static POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
static MYSQL: EmbeddedMigrations = embed_migrations!("migrations/mysql");
