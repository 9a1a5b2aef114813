//! A price of every book that is changed at once, page by page in one transaction, and how soon that stops.

use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use bench_sizes::thousands;
use persistence::staging::bulk::BulkOutcome;
use persistence::{Catalog, Error, Filter};

use crate::{dearer, timed};

/// How often it is begun and stopped.
const STOPS: u32 = 20;

pub fn run(catalog: &Catalog, books: u64) -> Result<()> {
    println!("{} books, one price each, recorded", thousands(books));
    stop(catalog)?;
    let bulk = dearer(catalog)?;
    let mut session = catalog.writing_session()?;
    let mut changed = 0;
    timed("write", || {
        let end = bulk.write(&mut *session, &Filter::All, |page| {
            page.retain(|(_, outcome)| matches!(outcome, BulkOutcome::Changed { .. }));
            changed += page.len() as u64;
            ControlFlow::Continue(())
        })?;
        ensure!(end.is_continue(), "it ended early");
        Ok(())
    })?;
    ensure!(changed == books, "{changed} rows are changed");
    timed("commit", || Ok(session.commit()?))
}

/// Prints how long it takes from when it is stopped until nothing of it is left.
fn stop(catalog: &Catalog) -> Result<()> {
    let bulk = dearer(catalog)?;
    let mut took = Vec::new();
    for number in 1..=STOPS {
        let mut session = catalog.writing_session()?;
        let canceller = session.canceller()?;
        let stopping = thread::spawn(move || {
            thread::sleep(Duration::from_millis(u64::from(37 * number)));
            let at = Instant::now();
            canceller.cancel().map(|()| at)
        });
        let is_stopping = || stopping.is_finished();
        let end = bulk.write(&mut *session, &Filter::All, |_| {
            if is_stopping() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let Ok(stopped) = stopping.join() else { bail!("who stops it broke off") };
        match end {
            Ok(ControlFlow::Break(())) | Err(Error::Cancelled) => {}
            Ok(ControlFlow::Continue(())) => return Ok(println!("too few rows to stop")),
            Err(error) => return Err(error.into()),
        }
        session.rollback()?;
        took.push(stopped?.elapsed());
    }
    took.sort_unstable();
    let ms = |took: Option<&Duration>| took.map_or(0.0, |took| took.as_secs_f64() * 1_000.0);
    let (median, most) = (ms(took.get(took.len() / 2)), ms(took.last()));
    println!("{:<20} {median:>10.1} ms, at most {most:.1} ms of {STOPS}", "stop and roll back");
    Ok(())
}
