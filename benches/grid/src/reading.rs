//! What the worker takes for what the grid asks of it.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use admin_gui::worker::{Answer, Lane, Request, Rows, Surveyed, Walk, Worker};
use anyhow::{Context, Result, bail};
use domain::Book;
use persistence::{Cursor, Entity as _, Filter, Order, PageStart, Query};

use crate::shop::Shop;

/// Rows of a page.
const PAGE: u64 = 128;
/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_mins(5);

/// What was measured at one size.
#[derive(Debug)]
pub struct Measured {
    /// How many books the table has.
    pub books: u64,
    /// What, and how long it took; none where it cannot be done.
    pub took: Vec<(&'static str, Option<Duration>)>,
}

/// Asks the worker as the window does.
struct Asking {
    worker: Worker,
    woken: Receiver<()>,
}

impl Asking {
    fn of(shop: &Shop) -> Result<Self> {
        let (wake, woken) = sync_channel(1);
        let worker = Worker::start("bench", shop.catalog()?, move || {
            // Awake already if it is full.
            let _ = wake.try_send(());
        })?;
        Ok(Self { worker, woken })
    }

    /// Asks, and waits for the answer.
    fn ask(&mut self, lane: Lane, request: Request) -> Result<(Answer, Duration)> {
        let begun = Instant::now();
        self.worker.ask(lane, request);
        loop {
            if let Some(answered) = self.worker.answers().into_iter().next() {
                let took = begun.elapsed();
                return Ok((answered.outcome?, took));
            }
            self.woken.recv_timeout(PATIENCE).context("the worker does not answer")?;
        }
    }

    fn rows(&mut self, query: Query, start: PageStart) -> Result<(Rows, Duration)> {
        let table = Book::meta().table;
        let request = Request::Rows { table, query, start, size: PAGE };
        match self.ask(Lane::Rows(table), request)? {
            (Answer::Rows(rows), took) => Ok((rows, took)),
            (answer, _) => bail!("the worker answers {answer:?}"),
        }
    }

    /// Passes over all rows as the window does in the background; the marks, and how long it took.
    /// None where the rows would have to be sorted for each step.
    fn survey(&mut self, order: &Order, books: u64) -> Result<Option<(Marks, Duration)>> {
        let table = Book::meta().table;
        let begun = Instant::now();
        let mut marks = Marks { step: step(books), ends: Vec::new(), total: 0 };
        loop {
            let after = marks.ends.last().cloned();
            let walk = Walk::Strides { order: order.clone(), after, step: marks.step };
            let request = Request::Survey { table, filter: Filter::All, walk };
            match self.ask(Lane::Survey(table), request)?.0 {
                Answer::Surveyed(Surveyed::Strides { ends, step, rest }) => {
                    marks.ends.extend(ends);
                    if let Some(rest) = rest {
                        marks.total = marks.ends.len() as u64 * step + rest;
                        return Ok(Some((marks, begun.elapsed())));
                    }
                }
                Answer::Surveyed(Surveyed::Unordered) => return Ok(None),
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

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort();
    times.get(times.len() / 2).copied()
}

/// Measures everything at one size.
///
/// # Errors
/// The database's.
pub fn measure(shop: &Shop, rounds: usize) -> Result<Measured> {
    let mut asking = Asking::of(shop)?;
    let table = Book::meta().table;
    let all = || <Query>::new();
    let mut took: Vec<(&'static str, Option<Duration>)> = Vec::new();

    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push(asking.rows(all(), PageStart::First)?.1);
    }
    took.push(("first page", median(times)));

    let mut times = Vec::new();
    let mut rows = asking.rows(all(), PageStart::First)?.0;
    for _ in 0..rounds {
        let last = rows.rows.last().context("fewer rows than pages")?;
        let cursor = last.place(Book::meta(), &Order::default())?;
        let (next, time) = asking.rows(all(), PageStart::After(cursor))?;
        times.push(time);
        rows = next;
    }
    took.push(("next page", median(times)));

    let (marks, time) =
        asking.survey(&Order::default(), shop.books)?.context("the primary key is an index")?;
    anyhow::ensure!(marks.total == shop.books, "the survey found {} rows", marks.total);
    took.push(("sparse index, built", Some(time)));
    took.push(("jump to 99 %", jumps(&mut asking, &marks, &Order::default(), rounds)?));
    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push(asking.rows(all(), PageStart::Last)?.1);
    }
    took.push(("jump to the end", median(times)));

    for (column, sorted, built, jump) in [
        ("title", "sort by title (index)", "its sparse index, built", "jump to 99 % by title"),
        ("price", "sort by price (no index)", "", ""),
    ] {
        let order = Order::parse(Book::meta(), column)?;
        let mut times = Vec::new();
        // The first is the one a person waits for; one that sorts everything need not be repeated.
        let repetitions = if built.is_empty() { 1 } else { rounds };
        for _ in 0..repetitions {
            times.push(asking.rows(all().order(order.clone()), PageStart::First)?.1);
        }
        took.push((sorted, median(times)));
        if built.is_empty() {
            continue;
        }
        let surveyed = asking.survey(&order, shop.books)?;
        took.push((built, surveyed.as_ref().map(|(_, time)| *time)));
        let time = match surveyed {
            Some((marks, _)) => jumps(&mut asking, &marks, &order, rounds)?,
            None => None,
        };
        took.push((jump, time));
    }

    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push(asking.ask(Lane::Estimate(table), Request::Estimate { table })?.1);
    }
    took.push(("estimated count", median(times)));
    let request = Request::Count { table, filter: Filter::All };
    let (answer, time) = asking.ask(Lane::Total(table), request)?;
    anyhow::ensure!(
        matches!(answer, Answer::Count(count) if count == shop.books),
        "the worker answers {answer:?}"
    );
    took.push(("exact count, in one go", Some(time)));
    Ok(Measured { books: shop.books, took })
}

/// Jumps to rows around 99 %, each another one.
fn jumps(
    asking: &mut Asking,
    marks: &Marks,
    order: &Order,
    rounds: usize,
) -> Result<Option<Duration>> {
    let mut times = Vec::new();
    for round in 0..rounds as u64 {
        // Spread over the last two hundredths but one page.
        let row = (marks.total * 98 / 100 + marks.total * 2 / 100 * (round * 37 % 101) / 101)
            .min(marks.total.saturating_sub(PAGE));
        let (start, offset) = marks.seek(row);
        let query = <Query>::new().order(order.clone()).offset(offset);
        let (rows, time) = asking.rows(query, start)?;
        anyhow::ensure!(rows.rows.len() as u64 == PAGE, "{} rows", rows.rows.len());
        times.push(time);
    }
    Ok(median(times))
}
