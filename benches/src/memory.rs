//! What rows that are held cost in memory, each holder in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use diesel::SqliteConnection;
use domain::Book;
use persistence::Database;

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
}

/// What it took.
#[derive(Debug)]
pub struct Footprint {
    /// Who held the rows.
    pub holder: &'static str,
    /// How many.
    pub books: u64,
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
            let holder = match holder {
                Holder::Rows => "rusqlite: Vec<BookRow>",
                Holder::Untracked => "ours: load, untracked",
                Holder::Tracked => "ours: all, tracked",
            };
            Ok(Footprint { holder, books, bytes })
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
    }
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
