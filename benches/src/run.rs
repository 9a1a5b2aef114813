//! The rounds: in each, every side does the same once, one right after the other.

use anyhow::{Context, Result, ensure};

use crate::measure::{Clock, Measured};
use crate::row::Digest;
use crate::shop::Shop;
use crate::sides::{DieselSide, RusqliteSide, SeaOrmSide, SessionSide};
use crate::workload::{Side, Variant, Workload};

/// A workload of a small table is repeated until it has worked on so many books.
const BOOKS_PER_ROUND: u64 = 20_000;

/// One way of one side, and what it took in each round.
#[derive(Debug)]
pub struct Contestant {
    /// The side.
    pub side: &'static str,
    /// The way.
    pub variant: Variant,
    /// What it took, round by round.
    pub rounds: Vec<Measured>,
}

/// What all sides took for a workload; the first is rusqlite.
#[derive(Debug)]
pub struct Outcome {
    /// The workload.
    pub workload: Workload,
    /// What was done, in words.
    pub title: String,
    /// How many of the things it counts were done.
    pub count: u64,
    /// The sides.
    pub contestants: Vec<Contestant>,
}

/// Which of the sides take part, and how often.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Rounds that count.
    pub rounds: usize,
    /// Only workloads whose name contains this.
    pub only: Option<String>,
    /// Only sides whose name contains one of these; all, where there is none.
    pub sides: Vec<String>,
}

/// Runs everything on a table of one size.
///
/// # Errors
/// When a side fails, or two sides disagree on what they read or wrote.
pub fn run(books: u64, choice: &Choice) -> Result<Vec<Outcome>> {
    let mut clock = Clock::new();
    let mut shop = Shop::new(books)?;
    let path = shop.plan.shop.clone();
    let mut sides: Vec<Box<dyn Side>> = vec![
        Box::new(RusqliteSide::open(&path)?),
        Box::new(DieselSide::open(&path)?),
        Box::new(SessionSide::open(&path)?),
        Box::new(SeaOrmSide::open(&path)?),
    ];
    sides.retain(|side| {
        choice.sides.is_empty() || choice.sides.iter().any(|name| side.name().contains(name))
    });
    let repetitions = (BOOKS_PER_ROUND / books).max(1);
    let is_chosen = |workload: &Workload| {
        let name = format!("{workload:?}").to_lowercase();
        choice.only.as_ref().is_none_or(|only| name.contains(&only.to_lowercase()))
    };
    let mut outcomes = Vec::new();
    for workload in Workload::ALL.into_iter().filter(is_chosen) {
        let mut contestants: Vec<Contestant> = Vec::new();
        for side in &sides {
            contestants.extend(side.variants(workload).iter().map(|&variant| Contestant {
                side: side.name(),
                variant,
                rounds: Vec::new(),
            }));
        }
        // The first round warms up and does not count.
        for round in 0..=choice.rounds {
            let mut expected: Option<Digest> = None;
            let mut contestants = contestants.iter_mut();
            for side in &mut sides {
                for variant in 0..side.variants(workload).len() {
                    let contestant = contestants.next().context("a place for each variant")?;
                    if round > side.rounds() {
                        continue;
                    }
                    let (name, way) = (side.name(), contestant.variant.name);
                    let place = || format!("{name} ({way})");
                    let mut digest = Digest::default();
                    for _ in 0..repetitions {
                        shop.prepare(workload)?;
                        digest = side
                            .run(workload, variant, &shop.plan, &mut clock)
                            .with_context(place)?;
                        shop.verify(workload).with_context(place)?;
                    }
                    ensure!(
                        *expected.get_or_insert(digest) == digest,
                        "{workload:?}: {} came to another result than rusqlite",
                        place()
                    );
                    let measured = clock.take();
                    if round > 0 {
                        contestant.rounds.push(measured);
                    }
                }
            }
        }
        let title = workload.title(&shop.plan);
        let count = workload.count(&shop.plan) * repetitions;
        eprintln!("  {title}: done");
        outcomes.push(Outcome { workload, title, count, contestants });
    }
    Ok(outcomes)
}
