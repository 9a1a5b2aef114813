//! What rows that are held cost in memory, each holder in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use diesel::SqliteConnection;
use domain::{Author, Book, NewAuthor};
use persistence::{Database, Key, Session};

use crate::shop::Shop;
use crate::sides::{all, open, rows};

/// Who holds the rows.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Holder {
    /// A `Vec` of rows that rusqlite read.
    Rows,
    /// A `Vec` of books, untracked.
    Untracked,
    /// A session.
    Tracked,
    /// A session that has added rows, a commit each thousand.
    Added,
    /// The same, which lets go of each row after its commit.
    Detached,
    /// The same, which lets go of all rows after each commit.
    Cleared,
}

/// Rows that are added for each book that is read.
const ADDED_PER_BOOK: u64 = 10;
/// Rows that are committed together.
const ROWS_PER_COMMIT: u64 = 1_000;

/// What it took.
#[derive(Debug)]
pub struct Footprint {
    /// Who held the rows.
    pub holder: &'static str,
    /// How many.
    pub rows: u64,
    /// Bytes for all of them.
    pub bytes: u64,
}

/// Measures every holder.
///
/// # Errors
/// When a process cannot be started, or says something else than a number.
pub fn footprints(books: u64) -> Result<Vec<Footprint>> {
    let shop = Shop::new(books)?;
    Holder::value_variants()
        .iter()
        .map(|&holder| {
            let name = holder.to_possible_value().context("a holder with a name")?;
            let output = Command::new(env::current_exe()?)
                .args(["--memory-of", name.get_name(), "--database"])
                .arg(&shop.plan.shop)
                .output()?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let bytes = String::from_utf8(output.stdout)?.trim().parse()?;
            let (holder, rows) = match holder {
                Holder::Rows => ("rusqlite: Vec<BookRow>", books),
                Holder::Untracked => ("ours: load, untracked", books),
                Holder::Tracked => ("ours: all, tracked", books),
                Holder::Added => ("ours: add, commit each 1,000", books * ADDED_PER_BOOK),
                Holder::Detached => ("ours: the same, detach each", books * ADDED_PER_BOOK),
                Holder::Cleared => ("ours: the same, clear", books * ADDED_PER_BOOK),
            };
            Ok(Footprint { holder, rows, bytes })
        })
        .collect()
}

/// Reads all books and prints by how many bytes the process has grown.
///
/// # Errors
/// The database's.
pub fn hold(holder: Holder, path: &Path) -> Result<()> {
    let url = path.to_str().context("a path in UTF-8")?;
    match holder {
        Holder::Rows => {
            let mut connection = open(path)?;
            let before = resident()?;
            let rows = rows(&mut connection)?;
            print(before, rows.len())
        }
        Holder::Untracked => {
            let database = Database::<SqliteConnection>::open(url)?;
            let mut session = database.session()?;
            let before = resident()?;
            let books = session.query::<Book>().load()?;
            print(before, books.len())
        }
        Holder::Tracked => {
            let database = Database::<SqliteConnection>::open(url)?;
            let before = resident()?;
            let (_session, keys) = all(&database)?;
            print(before, keys.len())
        }
        Holder::Added => add(url, |_, _| {}),
        Holder::Detached => add(url, |session, keys| {
            for key in keys {
                let _ = session.detach(key);
            }
        }),
        Holder::Cleared => add(url, |session, _| session.clear()),
    }
}

/// Adds authors, so many for each book, and does something after each commit.
fn add(url: &str, after: impl Fn(&mut Session<SqliteConnection>, Vec<Key<Author>>)) -> Result<()> {
    let database = Database::<SqliteConnection>::open(url)?;
    let mut session = database.session()?;
    let authors = session.query::<Book>().count()? * ADDED_PER_BOOK;
    let before = resident()?;
    let mut added = 0;
    while added < authors {
        let name = |number: u64| format!("Added {number}");
        let drafts = (added..added + ROWS_PER_COMMIT).map(|number| NewAuthor {
            name: name(number),
            born_on: None,
            biography: None,
        });
        let keys = session.add_all(drafts);
        session.commit()?;
        after(&mut session, keys);
        added += ROWS_PER_COMMIT;
    }
    print(before, usize::try_from(added)?)
}

fn print(before: u64, rows: usize) -> Result<()> {
    ensure!(rows > 0, "no books");
    let grown = resident()?.saturating_sub(before);
    println!("{grown}");
    Ok(())
}

/// The process's own memory now, in bytes.
fn resident() -> Result<u64> {
    let status = fs::read_to_string(PathBuf::from("/proc/self/status"))?;
    let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmRSS:")) else {
        bail!("no VmRSS in /proc/self/status")
    };
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1_024)
}
