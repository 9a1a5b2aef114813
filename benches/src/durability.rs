//! What it costs that a commit is on the disk before it is acknowledged: wall time, since most of it
//! is waiting.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use diesel::SqliteConnection;
use domain::NewAuthor;
use persistence::{Database, Durability};
use rusqlite::Connection;

/// Commits of one row each.
const COMMITS: u32 = 200;

/// What a commit takes with a journal and a durability.
#[derive(Debug)]
pub struct Commits {
    /// The journal and the durability.
    pub name: &'static str,
    /// One commit of rusqlite, with the same settings.
    pub rusqlite: Duration,
    /// One commit of a session.
    pub ours: Duration,
}

/// Measures every pair of a journal and a durability, both sides in turns.
///
/// # Errors
/// SQLite's, the file system's.
pub fn commits() -> Result<Vec<Commits>> {
    [
        ("write-ahead log, relaxed", "WAL", Durability::Relaxed),
        ("write-ahead log, on the disk", "WAL", Durability::Full),
        ("rollback journal, relaxed", "DELETE", Durability::Relaxed),
        ("rollback journal, on the disk", "DELETE", Durability::Full),
    ]
    .into_iter()
    .map(|(name, journal, durability)| {
        let folder = tempfile::Builder::new().prefix("bindery-bench-").tempdir()?;
        let path = folder.path().join("shop.db");
        let url = path.to_str().context("a path in UTF-8")?;
        Connection::open(&path)?.execute_batch(&format!(
            "PRAGMA journal_mode = {journal}; CREATE TABLE has_a_header (id INTEGER)"
        ))?;
        let database: Database<SqliteConnection> =
            Database::builder(url).durability(durability).pool_size(1).open()?;
        database.migrate(&domain::MIGRATIONS)?;
        let mut session = database.session()?;
        let mut direct = by_hand(&path, durability)?;
        let (mut rusqlite, mut ours) = (Duration::ZERO, Duration::ZERO);
        for number in 0..COMMITS {
            let start = Instant::now();
            let transaction = direct.transaction()?;
            let name = format!("By hand {number}");
            transaction.prepare_cached("INSERT INTO authors (name) VALUES (?)")?.execute([name])?;
            transaction.commit()?;
            rusqlite += start.elapsed();
            let start = Instant::now();
            let name = format!("Of a session {number}");
            let _ = session.add(NewAuthor { name, born_on: None, biography: None });
            session.commit()?;
            ours += start.elapsed();
        }
        Ok(Commits { name, rusqlite: rusqlite / COMMITS, ours: ours / COMMITS })
    })
    .collect()
}

/// A connection with the settings that a session has.
fn by_hand(path: &Path, durability: Durability) -> Result<Connection> {
    let connection = Connection::open(path)?;
    let synchronous = match durability {
        Durability::Full => "EXTRA",
        Durability::Relaxed => "NORMAL",
    };
    connection
        .execute_batch(&format!("PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON"))?;
    Ok(connection)
}
