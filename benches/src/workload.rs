//! What every side does, and the inputs, which are the same for each.

use std::path::PathBuf;

use anyhow::Result;
use chrono::NaiveDate;

use crate::dataset::{self, NewRow, Random};
use crate::measure::Clock;
use crate::row::Digest;

/// Authors whose books are read at once.
pub const AUTHORS_AT_ONCE: u64 = 100;
/// What every side runs on its connection: fsync at checkpoints only, and room for all pages that
/// the others do not take away.
///
/// The SQLite that all share is built with `SQLITE_ENABLE_MEMORY_MANAGEMENT`: connections take
/// pages from each other's caches, so that with small ones a side would pay for the one before it.
pub const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
     PRAGMA foreign_keys = ON; PRAGMA cache_size = -131072";
/// The part of [`PRAGMAS`] that our side does not set by itself.
pub const CACHE: &str = "PRAGMA cache_size = -131072";
/// Rows of a page of the walk.
pub const WALK_PAGE: u64 = 500;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// New books in one transaction, their keys known afterwards.
    Insert,
    /// All books.
    Load,
    /// Books one at a time.
    Get,
    /// A filter and an order put together at run time, a page of rows.
    Page,
    /// Authors with their books.
    Eager,
    /// Another price for books read before, guarded by their version.
    Update,
    /// The whole table, page by page by key.
    Walk,
}

impl Workload {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 7] =
        [Self::Insert, Self::Load, Self::Get, Self::Page, Self::Eager, Self::Update, Self::Walk];

    /// What was done so many times.
    pub fn title(self, plan: &Plan) -> String {
        let count = thousands(self.count(plan));
        match self {
            Self::Insert => format!("insert {count}"),
            Self::Load => format!("load {count}"),
            Self::Get => format!("{count} gets by key"),
            Self::Page => format!("{count} dynamic pages"),
            Self::Eager => format!("{AUTHORS_AT_ONCE} authors with books × {count}"),
            Self::Update => format!("update {count} loaded rows"),
            Self::Walk => format!("walk {count} by key"),
        }
    }

    /// How many times it is done: what the growth is divided by.
    pub const fn count(self, plan: &Plan) -> u64 {
        match self {
            Self::Insert => plan.inserts.len() as u64,
            Self::Load | Self::Walk => plan.books,
            Self::Get => plan.keys.len() as u64,
            Self::Page => plan.pages.len() as u64,
            Self::Eager => plan.first_authors.len() as u64,
            Self::Update => plan.updates,
        }
    }
}

/// The inputs for a table of one size.
#[derive(Debug)]
pub struct Plan {
    /// The database with all books.
    pub shop: PathBuf,
    /// A copy of the database without books, new for each insert.
    pub fresh: PathBuf,
    /// How many books there are, with keys from 1 on.
    pub books: u64,
    /// The books to insert.
    pub inserts: Vec<NewRow>,
    /// Keys of books to get, each once.
    pub keys: Vec<i64>,
    /// Pages to read.
    pub pages: Vec<PageRequest>,
    /// The first of the authors to read at once.
    pub first_authors: Vec<i64>,
    /// How many books to update.
    pub updates: u64,
}

/// A page that someone asks for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// From which row on, and by which column.
    pub from: From,
    /// Whether to go down from there.
    pub is_descending: bool,
    /// Only these.
    pub in_print: Option<bool>,
    /// Only cheaper ones.
    pub below_price: Option<i64>,
    /// How many.
    pub limit: u64,
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub enum From {
    Id(i64),
    Title(String),
    PublishedOn(NaiveDate),
}

impl Plan {
    /// The inputs for so many books.
    pub fn new(shop: PathBuf, fresh: PathBuf, books: u64) -> Self {
        let mut keys: Vec<i64> = (1..=books.cast_signed()).collect();
        keys.sort_by_key(|&key| Random::of(5, key.cast_unsigned()).below(u64::MAX));
        keys.truncate(usize::try_from(books / 5).unwrap_or(usize::MAX));
        let last_first = dataset::authors_of(books).saturating_sub(AUTHORS_AT_ONCE) + 1;
        let first_author = |row| 1 + Random::of(6, row).below(last_first).cast_signed();
        Self {
            shop,
            fresh,
            books,
            inserts: (0..books).map(|row| dataset::book(row, books)).collect(),
            keys,
            pages: (0..books / 20).map(|row| page(row, books)).collect(),
            first_authors: (0..books / 200).map(first_author).collect(),
            updates: books / 5,
        }
    }
}

fn page(row: u64, books: u64) -> PageRequest {
    let mut random = Random::of(7, row);
    let from = match random.below(3) {
        0 => From::Id(1 + random.below(books).cast_signed()),
        1 => From::Title(dataset::title(random.below(books))),
        _ => From::PublishedOn(dataset::day(random.below(books))),
    };
    PageRequest {
        from,
        is_descending: random.below(2) == 0,
        in_print: (random.below(2) == 0).then_some(true),
        below_price: (random.below(2) == 0).then(|| (2_000 + random.below(3_000)).cast_signed()),
        limit: if random.below(2) == 0 { 20 } else { 50 },
    }
}

/// One way in which a side does a workload.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// What to call it in the report.
    pub name: &'static str,
    /// What it may cost, where rusqlite costs 1.
    pub target: Option<f64>,
}

impl Variant {
    /// A way without a target.
    pub const fn of(name: &'static str) -> Self {
        Self { name, target: None }
    }

    /// A way that is to cost at most so many times what rusqlite costs.
    pub const fn with_target(name: &'static str, target: f64) -> Self {
        Self { name, target: Some(target) }
    }
}

/// A library under test.
pub trait Side {
    /// What it is called, with its version.
    fn name(&self) -> &'static str;

    /// In how many rounds it takes part at most: the slow ones need not be measured as finely.
    fn rounds(&self) -> usize {
        usize::MAX
    }

    /// The ways in which it does a workload.
    fn variants(&self, workload: Workload) -> &'static [Variant];

    /// Does it, in one of these ways; what is timed is up to the side, and the same for all.
    ///
    /// # Errors
    /// The library's.
    fn run(
        &mut self,
        workload: Workload,
        variant: usize,
        plan: &Plan,
        clock: &mut Clock,
    ) -> Result<Digest>;
}
