//! The Rust half of `docs/from-sqlalchemy.md`, run on SQLite in memory: each of the guide's blocks
//! stands here word for word.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod around;
mod document;
mod failing;
mod models;
mod querying;
mod relating;
mod throughput;
mod working;

use diesel::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use persistence::Migrations;

use models::{NewAuthor, NewBook, NewReview};

/// The library on SQLite.
pub type Database = persistence::Database<SqliteConnection>;
/// A session on it.
pub type Session = persistence::Session<SqliteConnection>;

static SQLITE: EmbeddedMigrations = embed_migrations!("tests/guide/migrations");

/// The library's tables.
pub const MIGRATIONS: Migrations =
    Migrations { sqlite: Some(&SQLITE), postgres: None, mysql: None };

/// What a test gives: errors of ours, of Diesel's, of chrono's.
type Outcome = anyhow::Result<()>;

/// A library in memory with three authors and five books.
fn library() -> anyhow::Result<Database> {
    let database = Database::in_memory(&MIGRATIONS)?;
    let mut session = database.session()?;
    fill(&mut session)?;
    drop(session);
    Ok(database)
}

fn fill(session: &mut Session) -> persistence::Result<()> {
    let lem = session.add(author("Stanisław Lem", Some(1921)));
    let le_guin = session.add(author("Ursula K. Le Guin", Some(1929)));
    session.add(author("Homer", None));
    for (title, year, by) in [
        ("Solaris", 1961, lem),
        ("Fiasco", 1986, lem),
        ("The Invincible", 1964, lem),
        ("The Dispossessed", 1974, le_guin),
        ("The Lathe of Heaven", 1971, le_guin),
    ] {
        let book = session.add(NewBook {
            title: title.into(),
            year: Some(year),
            pages: 200,
            author: by.into(),
            category: None,
        });
        if title == "Solaris" {
            session.add(NewReview { book: Some(book.into()), stars: 5 });
            session.add(NewReview { book: Some(book.into()), stars: 2 });
        }
    }
    session.commit()
}

fn author(name: &str, born: Option<i32>) -> NewAuthor {
    NewAuthor { name: name.into(), born }
}
