//! The session against its peers: rusqlite, Diesel, SeaORM, on the same SQLite file, in one run.

mod dataset;
mod durability;
mod measure;
mod memory;
mod report;
mod row;
mod run;
mod shop;
mod sides;
mod workload;

use std::path::PathBuf;

use anyhow::Result;
use bench_sizes::thousands;
use clap::Parser;

use crate::memory::Holder;
use crate::report::Sized;
use crate::run::Choice;

/// The session against its peers: rusqlite, Diesel, SeaORM, on the same SQLite file, in one run.
#[derive(Debug, Parser)]
struct Arguments {
    /// Less of everything: 10,000 books, three rounds.
    #[arg(long)]
    quick: bool,
    /// How many books the table has, one run for each: 1k,10k,100k,1M.
    #[arg(long, value_delimiter = ',', value_parser = size)]
    sizes: Vec<u64>,
    /// Rounds that count; SeaORM takes part in three.
    #[arg(long)]
    rounds: Option<usize>,
    /// Only workloads whose name contains this: insert, load, get, page, eager, update, walk.
    #[arg(long)]
    only: Option<String>,
    /// Only sides whose name contains this: rusqlite, Diesel, ours, SeaORM. Ratios are to the first.
    #[arg(long, value_delimiter = ',')]
    sides: Vec<String>,
    /// Holds all books of a database and prints their bytes.
    #[arg(long, hide = true, requires = "database")]
    memory_of: Option<Holder>,
    /// That database.
    #[arg(long, hide = true)]
    database: Option<PathBuf>,
}

fn size(text: &str) -> Result<u64, String> {
    bench_sizes::parse(text, &(1_000..=10_000_000))
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let (Some(holder), Some(database)) = (arguments.memory_of, &arguments.database) {
        return memory::hold(holder, database);
    }
    let (sizes, rounds) = match (arguments.sizes, arguments.quick) {
        (sizes, true) if sizes.is_empty() => (vec![10_000], 3),
        (sizes, false) if sizes.is_empty() => (vec![1_000, 10_000, 100_000, 1_000_000], 7),
        (sizes, is_quick) => (sizes, if is_quick { 3 } else { 7 }),
    };
    let choice = Choice {
        rounds: arguments.rounds.unwrap_or(rounds).max(1),
        only: arguments.only,
        sides: arguments.sides,
    };
    println!(
        "SQLite {}; WAL, synchronous NORMAL, foreign keys on; {} rounds, sides interleaved",
        rusqlite::version(),
        choice.rounds
    );
    let mut measured = Vec::new();
    for books in sizes {
        eprintln!("{} books", thousands(books));
        let sized = Sized { books, outcomes: run::run(books, &choice)? };
        print!("{}", report::table(&sized));
        measured.push(sized);
    }
    if measured.len() > 1 {
        print!("{}", report::growth(&measured));
    }
    if choice.only.is_none() {
        let books = measured.iter().map(|sized| sized.books.min(100_000)).max().unwrap_or(10_000);
        print!("{}", report::memory(&memory::footprints(books)?));
        print!("{}", report::commits(&durability::commits()?));
    }
    Ok(())
}
