//! What the worker takes for what the grid asks of it.

use std::time::{Duration, Instant};

use admin_gui::jobs::{Jobs, Queue, Task, Topic};
use admin_gui::tasks::{Count, Estimate, ReadRows, Rows, ScanStep, Scanned, Walk};
use anyhow::{Context, Result, bail, ensure};
use domain::Book;
use persistence::{Cursor, Entity as _, Filter, Order, PageStart, Query};

use crate::report::median;
use crate::shop::Shop;

/// Rows of a page.
const PAGE: u64 = 128;
/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_mins(5);

/// What was measured, and how long it took at each size.
#[derive(Debug)]
pub struct Measured {
    /// What.
    pub name: &'static str,
    /// At each size.
    pub took: Vec<Duration>,
}

const ASKED: Topic = Topic::new("asked", Queue::Rows);

/// Asks as the window does.
struct Asking {
    jobs: Jobs<()>,
}

impl Asking {
    fn of(shop: &Shop) -> Result<Self> {
        Ok(Self { jobs: Jobs::start(&shop.catalog()?, || {})? })
    }

    /// Asks, and waits for the answer.
    fn ask<T: Task>(&mut self, task: T) -> Result<(T::Output, Duration)> {
        let begun = Instant::now();
        let ticket = self.jobs.ask(ASKED.only(), task, |(), _, _| {});
        let answer = self.jobs.wait(&ticket, begun + PATIENCE);
        let (outcome, _) = answer.context("the worker does not answer")?;
        Ok((outcome?, begun.elapsed()))
    }

    fn rows(&mut self, query: Query, start: PageStart) -> Result<(Rows, Duration)> {
        let table = Book::meta().table;
        self.ask(ReadRows { table, query, start, size: PAGE })
    }

    /// Passes over all rows as the window does in the background; the marks, and how long it took.
    fn survey(&mut self, order: &Order, books: u64) -> Result<(Marks, Duration)> {
        let table = Book::meta().table;
        let begun = Instant::now();
        let mut marks = Marks { step: step(books), ends: Vec::new(), total: 0 };
        loop {
            let after = marks.ends.last().cloned();
            let walk = Walk::Skips { order: order.clone(), after, step: marks.step };
            match self.ask(ScanStep { table, filter: Filter::All, walk })?.0 {
                Scanned::Skips { ends, step, rest } => {
                    marks.ends.extend(ends);
                    if let Some(rest) = rest {
                        marks.total = marks.ends.len() as u64 * step + rest;
                        ensure!(marks.total == books, "the survey found {} rows", marks.total);
                        return Ok((marks, begun.elapsed()));
                    }
                }
                Scanned::Unordered => bail!("no index keeps the order {order}"),
                answer => bail!("the worker answers {answer:?}"),
            }
        }
    }
}

/// Rows from one mark to the next, as the grid sets them.
fn step(books: u64) -> u64 {
    books.div_ceil(16_384).next_multiple_of(1_024).max(1_024)
}

/// The sparse index.
struct Marks {
    step: u64,
    ends: Vec<Cursor>,
    total: u64,
}

impl Marks {
    /// Where to start to read the rows from a number on, and how many to pass over.
    fn seek(&self, row: u64) -> (PageStart, u64) {
        let place = usize::try_from(row / self.step).ok().and_then(|count| count.checked_sub(1));
        match place.and_then(|place| self.ends.get(place)) {
            Some(end) => (PageStart::After(end.clone()), row % self.step),
            None => (PageStart::First, row),
        }
    }
}

/// A table of one size.
struct Table {
    asking: Asking,
    books: u64,
}

impl Table {
    fn first(&mut self, order: &Order) -> Result<Duration> {
        let query = <Query>::new().order(order.clone());
        Ok(self.asking.rows(query, PageStart::First)?.1)
    }

    fn last(&mut self) -> Result<Duration> {
        Ok(self.asking.rows(Query::new(), PageStart::Last)?.1)
    }

    /// Reads the page after so many others.
    fn next(&mut self, page: u64) -> Result<Duration> {
        let before = <Query>::new().offset(page * PAGE);
        let rows = self.asking.rows(before, PageStart::First)?.0;
        let last = rows.rows.last().context("fewer rows than pages")?;
        let cursor = last.place(Book::meta(), &Order::default())?;
        Ok(self.asking.rows(Query::new(), PageStart::After(cursor))?.1)
    }

    /// Jumps to a row around 99 %, another one in each round.
    fn jump(&mut self, marks: &Marks, order: &Order, round: u64) -> Result<Duration> {
        // Spread over the last two hundredths but one page.
        let row = (marks.total * 98 / 100 + marks.total * 2 / 100 * (round * 37 % 101) / 101)
            .min(marks.total.saturating_sub(PAGE));
        let (start, offset) = marks.seek(row);
        let query = <Query>::new().order(order.clone()).offset(offset);
        let (rows, time) = self.asking.rows(query, start)?;
        ensure!(rows.rows.len() as u64 == PAGE, "{} rows", rows.rows.len());
        Ok(time)
    }

    fn estimate(&mut self) -> Result<Duration> {
        let table = Book::meta().table;
        Ok(self.asking.ask(Estimate { table })?.1)
    }

    fn count(&mut self) -> Result<Duration> {
        let task = Count { table: Book::meta().table, filter: Filter::All };
        let (count, time) = self.asking.ask(task)?;
        ensure!(count == self.books, "the worker counts {count}");
        Ok(time)
    }
}

/// The tables of all sizes, measured in turns: what else the machine does meanwhile, or how fast it
/// is just now, is in all of them alike.
struct Turns {
    tables: Vec<Table>,
    rounds: u64,
    measured: Vec<Measured>,
}

impl Turns {
    /// Measures something so often in each table; the median counts.
    fn measure(
        &mut self,
        name: &'static str,
        mut once: impl FnMut(usize, &mut Table, u64) -> Result<Duration>,
    ) -> Result<()> {
        let mut times = vec![Vec::new(); self.tables.len()];
        for round in 0..self.rounds {
            for (place, (table, times)) in self.tables.iter_mut().zip(&mut times).enumerate() {
                times.push(once(place, table, round)?);
            }
        }
        self.measured.push(Measured { name, took: times.into_iter().map(median).collect() });
        Ok(())
    }

    /// Builds each table's sparse index for an order, then jumps by it.
    fn sparse_index(
        &mut self,
        order: &Order,
        building: &'static str,
        jumping: &'static str,
    ) -> Result<()> {
        let mut indexes = Vec::new();
        let mut took = Vec::new();
        for table in &mut self.tables {
            let (marks, time) = table.asking.survey(order, table.books)?;
            indexes.push(marks);
            took.push(time);
        }
        self.measured.push(Measured { name: building, took });
        self.measure(jumping, |place, table, round| {
            let marks = indexes.get(place).context("an index for each table")?;
            table.jump(marks, order, round)
        })
    }
}

/// Measures everything at each size.
///
/// # Errors
/// The database's.
pub fn measure(shops: &[Shop], rounds: u64) -> Result<Vec<Measured>> {
    let tables =
        shops.iter().map(|shop| Ok(Table { asking: Asking::of(shop)?, books: shop.books }));
    let mut turns = Turns { tables: tables.collect::<Result<_>>()?, rounds, measured: Vec::new() };
    let by_key = Order::default();
    let by_title = Order::parse(Book::meta(), "title")?;
    // Dearest first: the rows without a price, which need no sorting among themselves, come last.
    let by_price = Order::parse(Book::meta(), "-price")?;

    turns.measure("first page", |_, table, _| table.first(&by_key))?;
    turns.measure("next page", |_, table, round| table.next(round))?;
    turns.sparse_index(&by_key, "sparse index, built", "jump to 99 %")?;
    turns.measure("jump to the end", |_, table, _| table.last())?;
    turns.measure("sort by title (index)", |_, table, _| table.first(&by_title))?;
    turns.sparse_index(&by_title, "its sparse index, built", "jump to 99 % by title")?;
    turns.measure("estimated count", |_, table, _| table.estimate())?;
    // What looks at every row is done once; it is long enough.
    turns.rounds = 1;
    turns.measure("sort by price (no index)", |_, table, _| table.first(&by_price))?;
    turns.measure("exact count, in one go", |_, table, _| table.count())?;
    Ok(turns.measured)
}
