//! The tables.

use std::fmt::Write as _;

use bench_sizes::thousands;

use crate::durability::Commits;
use crate::memory::Footprint;
use crate::run::{Contestant, Outcome};

/// Everything that was measured at one size.
#[derive(Debug)]
pub struct Sized {
    /// How many books the table has.
    pub books: u64,
    /// The workloads.
    pub outcomes: Vec<Outcome>,
}

/// Each side's median and its ratio to rusqlite, by workload.
pub fn table(sized: &Sized) -> String {
    let mut text = format!(
        "\n{} books: median CPU time (user and system); ratio: median over the rounds of its time \
         to rusqlite's in the same round\n\n{:<58}{:>10}{:>8}{:>8}  {:<7}{:>15}\n",
        thousands(sized.books),
        "",
        "CPU ms",
        "ratio",
        "target",
        "",
        "instructions"
    );
    for outcome in &sized.outcomes {
        let _ = writeln!(text, "{}", outcome.title);
        let Some(baseline) = outcome.contestants.first() else { continue };
        for contestant in &outcome.contestants {
            let ratio = ratio(contestant, baseline);
            let (target, verdict) = contestant.variant.target.map_or_else(
                || (String::new(), ""),
                |target| {
                    let verdict = if ratio <= target { "met" } else { "MISSED" };
                    (format!("{target:.2}"), verdict)
                },
            );
            let name = format!("  {}: {}", contestant.side, contestant.variant.name);
            let instructions = instructions(contestant, baseline);
            let _ = writeln!(
                text,
                "{name:<58}{:>10.1}{ratio:>8.2}{target:>8}  {verdict:<7}{instructions:>15}",
                median(milliseconds(contestant)),
            );
        }
    }
    text
}

/// What one of the things costs at each size.
pub fn growth(sizes: &[Sized]) -> String {
    let mut text = String::from("\nGrowth: median CPU µs for one row (get, page, iteration)\n\n");
    let _ = write!(text, "{:<58}", "books in the table");
    for sized in sizes {
        let _ = write!(text, "{:>11}", thousands(sized.books));
    }
    text.push('\n');
    let Some(first) = sizes.first() else { return text };
    for (place, outcome) in first.outcomes.iter().enumerate() {
        let _ = writeln!(text, "{:?}", outcome.workload);
        for (position, contestant) in outcome.contestants.iter().enumerate() {
            let name = format!("  {}: {}", contestant.side, contestant.variant.name);
            let _ = write!(text, "{name:<58}");
            for sized in sizes {
                let cost = sized.outcomes.get(place).and_then(|outcome| {
                    let contestant = outcome.contestants.get(position)?;
                    Some(median(milliseconds(contestant)) * 1_000.0 / outcome.count as f64)
                });
                let _ = write!(text, "{:>11.2}", cost.unwrap_or(f64::NAN));
            }
            text.push('\n');
        }
    }
    text
}

/// Bytes for each row that is held.
pub fn memory(footprints: &[Footprint]) -> String {
    let mut text = String::from("\nMemory of the process for each row (VmRSS)\n\n");
    for Footprint { holder, rows, bytes } in footprints {
        let (each, all) = (*bytes as f64 / *rows as f64, *bytes as f64 / 1e6);
        let rows = thousands(*rows);
        let _ = writeln!(text, "  {holder:<44}{each:>8.0} B  {all:>7.1} MB  ({rows} rows)");
    }
    text
}

/// What a commit takes, by what it waits for.
pub fn commits(commits: &[Commits]) -> String {
    let mut text = String::from("\nWall time of a commit of one row\n\n");
    for Commits { name, rusqlite, ours } in commits {
        let [rusqlite, ours] = [rusqlite, ours].map(|time| time.as_secs_f64() * 1_000.0);
        let ratio = ours / rusqlite;
        let _ = writeln!(
            text,
            "  {name:<32}rusqlite {rusqlite:>7.3} ms   ours {ours:>7.3} ms {ratio:>7.2}"
        );
    }
    text
}

fn milliseconds(contestant: &Contestant) -> Vec<f64> {
    contestant.rounds.iter().map(|round| round.cpu.as_secs_f64() * 1_000.0).collect()
}

fn ratio(contestant: &Contestant, baseline: &Contestant) -> f64 {
    let rounds = contestant.rounds.iter().zip(&baseline.rounds);
    median(rounds.map(|(own, base)| own.cpu.as_secs_f64() / base.cpu.as_secs_f64()).collect())
}

fn instructions(contestant: &Contestant, baseline: &Contestant) -> String {
    let counts = |contestant: &Contestant| -> Option<Vec<f64>> {
        contestant.rounds.iter().map(|round| Some(round.instructions? as f64)).collect()
    };
    match (counts(contestant), counts(baseline)) {
        (Some(own), Some(base)) => {
            let (own, base) = (median(own), median(base));
            format!("{:.0} M {:.2}", own / 1e6, own / base)
        }
        _ => "not available".to_owned(),
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = numbers.get(middle).copied().unwrap_or(f64::NAN);
    if numbers.len() % 2 == 1 {
        return upper;
    }
    let lower = middle.checked_sub(1).and_then(|middle| numbers.get(middle)).copied();
    f64::midpoint(lower.unwrap_or(f64::NAN), upper)
}
