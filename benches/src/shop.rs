//! The database files of a run, and what is checked in them behind the sides' backs.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use diesel::SqliteConnection;
use persistence::Database;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::dataset::{book, insert_authors};
use crate::sides::open;
use crate::workload::{Plan, Workload};

/// The files for one size; gone with it.
#[derive(Debug)]
pub struct Shop {
    /// The inputs.
    pub plan: Plan,
    /// The database with authors and without books, to be copied.
    template: PathBuf,
    before: Sums,
    folder: TempDir,
}

/// What updates change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sums {
    rows: i64,
    prices: i64,
    versions: i64,
}

impl Shop {
    /// Makes the files for so many books.
    ///
    /// # Errors
    /// The database's, the file system's.
    pub fn new(books: u64) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("bindery-bench-").tempdir()?;
        let (template, shop) = (folder.path().join("template.db"), folder.path().join("shop.db"));
        let url = template.to_str().context("a path in UTF-8")?;
        Database::<SqliteConnection>::builder(url)
            .create_missing()
            .open()?
            .migrate(&domain::MIGRATIONS)?;
        let mut connection = open(&template)?;
        insert_authors(&mut connection, books)?;
        close(connection)?;

        fs::copy(&template, &shop)?;
        let mut connection = open(&shop)?;
        insert_books(&mut connection, books)?;
        let before = sums(&connection)?;
        close(connection)?;
        let fresh = folder.path().join("fresh.db");
        Ok(Self { plan: Plan::new(shop, fresh, books), template, before, folder })
    }

    /// Makes what a workload writes to as it was before.
    ///
    /// # Errors
    /// The file system's.
    pub fn prepare(&self, workload: Workload) -> Result<()> {
        if workload == Workload::Insert {
            for suffix in ["", "-wal", "-shm"] {
                let file = self.folder.path().join(format!("fresh.db{suffix}"));
                if file.exists() {
                    fs::remove_file(file)?;
                }
            }
            fs::copy(&self.template, &self.plan.fresh)?;
        }
        Ok(())
    }

    /// Fails unless a workload that writes wrote what it was to.
    ///
    /// # Errors
    /// When it did not, or the database cannot be read.
    pub fn verify(&mut self, workload: Workload) -> Result<()> {
        match workload {
            Workload::Insert => {
                let written = sums(&open(&self.plan.fresh)?)?;
                let books = &self.plan.inserts;
                let rows = i64::try_from(books.len())?;
                let prices = books.iter().filter_map(|book| book.price).sum();
                let expected = Sums { rows, prices, versions: rows };
                ensure!(written == expected, "inserted {written:?}, expected {expected:?}");
            }
            Workload::Update => {
                let connection = open(&self.plan.shop)?;
                let written = sums(&connection)?;
                let updated = self.plan.updates.cast_signed();
                let mut expected = self.before;
                expected.prices += updated;
                expected.versions += updated;
                ensure!(written == expected, "updated to {written:?}, expected {expected:?}");
                self.before = written;
                // The next side begins with an empty log.
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn close(connection: Connection) -> Result<()> {
    // The last connection moves the log into the file.
    connection.close().map_err(|(_, error)| error).context("cannot close the database")
}

fn insert_books(connection: &mut Connection, books: u64) -> Result<()> {
    let transaction = connection.transaction()?;
    let mut insert = transaction.prepare(
        "INSERT INTO books (title, author_id, isbn, published_on, price, in_print, version) \
         VALUES (?, ?, ?, ?, ?, ?, 1)",
    )?;
    for row in 0..books {
        let book = book(row, books);
        insert.execute((
            book.title,
            book.author_id,
            book.isbn,
            book.published_on,
            // Updates then add exactly 1 to the sum.
            book.price.unwrap_or(0),
            book.in_print,
        ))?;
    }
    drop(insert);
    transaction.commit()?;
    connection.execute_batch("ANALYZE")?;
    Ok(())
}

fn sums(connection: &Connection) -> Result<Sums> {
    let sql = "SELECT COUNT(*), TOTAL(price), SUM(version) FROM books";
    Ok(connection.query_row(sql, [], |row| {
        #[expect(clippy::cast_possible_truncation, reason = "a sum of whole numbers below 2^53")]
        let prices = row.get::<_, f64>(1)? as i64;
        Ok(Sums { rows: row.get(0)?, prices, versions: row.get(2)? })
    })?)
}
