//! What many edits cost: time and memory of staging a price of every book by one act, of taking that back, keeping
//! it in a journal and writing it; of changing them all at once, and of taking as many rows in.

mod import;
mod straight;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bench_sizes::{parse, thousands};
use clap::Parser;
use diesel::SqliteConnection;
use domain::{Author, Book, NewAuthor, NewBook, Price};
use persistence::staging::bulk::{Bulk, BulkChange, BulkOutcome, Calculation};
use persistence::staging::journal::Journal;
use persistence::staging::{Staging, Step};
use persistence::{Catalog, Database, Page, PageStart, Query, Repository};

/// Rows that are read, or added, at once.
const AT_ONCE: u64 = 2_000;

/// What many edits cost.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many books there are, and are changed: 10k, 100k, 1M.
    #[arg(default_value = "100k", value_parser = size)]
    books: u64,
    /// Writes what is staged, too.
    #[arg(long)]
    commit: bool,
    /// Changes them all at once and stages nothing.
    #[arg(long, conflicts_with_all = ["commit", "import"])]
    straight: bool,
    /// Takes as many rows of a CSV file in, and stages nothing.
    #[arg(long, conflicts_with = "commit")]
    import: bool,
}

fn size(text: &str) -> Result<u64, String> {
    parse(text, &(1_000..=10_000_000))
}

fn main() -> Result<()> {
    let Arguments { books, commit, straight, import } = Arguments::parse();
    let folder = tempfile::Builder::new().prefix("bindery-bench-").tempdir()?;
    let path = folder.path().join("shop.db");
    let database = Database::<SqliteConnection>::builder(path.to_str().context("a path in UTF-8")?)
        .create_missing()
        .open()?;
    database.migrate(&domain::MIGRATIONS)?;
    let author = add_author(&database)?;
    if !import {
        add_books(&database, &author, books)?;
    }
    // What the window does is recorded.
    let database = if straight || import { database.audit_where_possible()? } else { database };
    let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
    if import {
        import::run(&catalog, folder.path(), author.id, books)?;
    } else if straight {
        straight::run(&catalog, books)?;
    } else {
        staged(&catalog, folder.path(), books, commit)?;
    }
    println!("{:<20} {:>10} KB", "most at once", thousands(memory("VmHWM")?));
    Ok(())
}

fn staged(catalog: &Catalog, folder: &Path, books: u64, commit: bool) -> Result<()> {
    println!("{} books, one price each", thousands(books));
    let mut staging = Staging::new(catalog.entries());
    let before = memory("VmRSS")?;
    let step = timed("stage", || stage(catalog, &mut staging))?;
    ensure!(staging.len() as u64 == books, "{} rows are staged", staging.len());
    let held = memory("VmRSS")?.saturating_sub(before);
    println!(
        "{:<20} {:>10} KB, {} bytes a row",
        "held with the step",
        thousands(held),
        held * 1024 / books
    );
    let size = timed("journal", || keep(folder, catalog, &step, &staging))?;
    println!("{:<20} {:>10} KB", "journal", thousands(size / 1024));
    timed("let go of the step", || Ok(drop(step)))?;
    let copy = timed("copy", || Ok(staging.clone()))?;
    timed("let go of the copy", || Ok(drop(copy)))?;
    timed("count", || Ok(staging.counts()))?;
    timed("undo", || Ok(staging.undo()))?;
    timed("redo", || Ok(staging.redo()))?;
    let edits = timed("check and edits", || Ok(staging.edits()))?;
    let edits = edits.map_err(|obstacles| anyhow::anyhow!("{} obstacles", obstacles.len()))?;
    if commit {
        timed("write and commit", || {
            let mut session = catalog.writing_session()?;
            session.apply(&edits)?;
            session.commit()?;
            Ok(())
        })?;
    }
    timed("forget", || Ok(staging.finish()))?;
    Ok(())
}

fn add_author(database: &Database<SqliteConnection>) -> Result<Author> {
    let author = NewAuthor { name: "Stanisław Lem".to_owned(), born_on: None, biography: None };
    let mut session = database.session()?;
    let author: Author = session.insert(author)?;
    session.commit()?;
    Ok(author)
}

fn add_books(database: &Database<SqliteConnection>, author: &Author, books: u64) -> Result<()> {
    for first in (0..books).step_by(usize::try_from(AT_ONCE)?) {
        let some = (first..books.min(first + AT_ONCE)).map(|number| NewBook {
            title: format!("The Star Diaries, volume {number}"),
            author: author.into(),
            isbn: None,
            published_on: None,
            price: i64::try_from(number % 10_000).ok().map(|units| Price::from_units(units + 100)),
            in_print: true,
        });
        let mut session = database.session()?;
        Repository::<Book>::insert_many(&mut session, some.collect())?;
        session.commit()?;
    }
    Ok(())
}

/// Returns what adds ten percent to the price of books.
fn dearer(catalog: &Catalog) -> Result<Bulk> {
    let dearer = BulkChange::Calculate(Calculation::Percent("10".parse()?));
    Ok(Bulk::new(catalog.entry("books")?, "price", dearer)?)
}

/// Stages another price of every book as one.
fn stage(catalog: &Catalog, staging: &mut Staging) -> Result<Step> {
    let bulk = dearer(catalog)?;
    let before = staging.clone();
    let mut act = staging.act();
    let mut session = catalog.snapshot()?;
    let mut start = PageStart::First;
    loop {
        let mut books = session.repository("books")?;
        let Page { rows, next, .. } = books.page(&Query::new(), &start, AT_ONCE)?;
        for row in &rows {
            if let BulkOutcome::Changed { after, .. } = bulk.outcome(&before, row) {
                act.set(bulk.meta(), row, "price", after.into())?;
            }
        }
        match next {
            Some(next) => start = next,
            None => break,
        }
    }
    act.finish().context("something that is staged")
}

/// Keeps what was staged in a journal; returns its bytes.
fn keep(folder: &Path, catalog: &Catalog, step: &Step, staging: &Staging) -> Result<u64> {
    let mut journal = Journal::create(&folder.join("unsaved"), "shop", catalog.entries())?;
    journal.append(step, staging)?;
    Ok(fs::metadata(journal.path())?.len())
}

/// Does something, and says how long that took.
fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    let done = work()?;
    let took: Duration = begun.elapsed();
    println!("{what:<20} {:>10.1} ms", took.as_secs_f64() * 1_000.0);
    Ok(done)
}

/// Returns how much memory the process has, or had at most, in kilobytes.
fn memory(which: &str) -> Result<u64> {
    let status =
        fs::read_to_string("/proc/self/status").context("Linux tells how much memory it is")?;
    let line = status.lines().find_map(|line| line.strip_prefix(which)?.strip_prefix(':'));
    let number =
        line.and_then(|line| line.split_whitespace().next()).context("a line of that name")?;
    Ok(number.parse()?)
}
