//! What came of the requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Wrong answers that are printed at most.
const SHOWN: usize = 20;
/// Characters that are kept of one.
const LENGTH: usize = 300;

/// What came of the requests, of all clients.
pub struct Report {
    begun: Instant,
    tally: Mutex<Tally>,
}

struct Tally {
    latencies: BTreeMap<&'static str, Vec<Duration>>,
    statuses: BTreeMap<String, u64>,
    wrong: Vec<String>,
    last_success: Instant,
    /// The longest time in which no request succeeded: from when, and how long.
    gap: (Duration, Duration),
    failures: Option<(Duration, Duration)>,
}

impl Report {
    pub fn new() -> Self {
        let begun = Instant::now();
        let tally = Tally {
            latencies: BTreeMap::new(),
            statuses: BTreeMap::new(),
            wrong: Vec::new(),
            last_success: begun,
            gap: (Duration::ZERO, Duration::ZERO),
            failures: None,
        };
        Self { begun, tally: Mutex::new(tally) }
    }

    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Counts a request that was answered.
    pub fn answered(&self, operation: &'static str, status: u16, kind: &str, sent: Instant) {
        let now = Instant::now();
        let mut tally = self.tally();
        let label = if status < 400 { status.to_string() } else { format!("{status} {kind}") };
        *tally.statuses.entry(label).or_default() += 1;
        if status < 400 {
            tally.latencies.entry(operation).or_default().push(now - sent);
            let gap = now - tally.last_success;
            if gap > tally.gap.1 {
                tally.gap = (tally.last_success - self.begun, gap);
            }
            tally.last_success = now;
        } else if status >= 500 {
            let at = now - self.begun;
            let first = tally.failures.map_or(at, |(first, _)| first);
            tally.failures = Some((first, at));
        }
    }

    /// Counts an answer that is not what it has to be.
    pub fn wrong(&self, mut what: String) {
        if let Some((end, _)) = what.char_indices().nth(LENGTH) {
            what.truncate(end);
            what.push('…');
        }
        self.tally().wrong.push(what);
    }

    pub fn wrong_answers(&self) -> usize {
        self.tally().wrong.len()
    }

    /// Prints everything; `took` is how long the load lasted.
    pub fn print(&self, took: Duration) {
        let tally = self.tally();
        let total: usize = tally.latencies.values().map(Vec::len).sum();
        let rate = total as f64 / took.as_secs_f64();
        println!("{:<12} {:>9} {:>10} {:>10} {:>10}", "", "requests", "median", "p99", "longest");
        for (operation, latencies) in &tally.latencies {
            let mut sorted = latencies.clone();
            sorted.sort_unstable();
            let at = |percent: usize| {
                let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
                sorted.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
            };
            let (median, p99, longest) = (at(50), at(99), at(100));
            let count = sorted.len();
            println!("{operation:<12} {count:>9} {median:>7.2} ms {p99:>7.2} ms {longest:>7.0} ms");
        }
        println!("{total} requests succeeded in {:.1} s: {rate:.0} a second", took.as_secs_f64());
        for (status, count) in &tally.statuses {
            println!("  {status:<24} {count:>9}");
        }
        if let Some((first, last)) = tally.failures {
            let (first, last) = (first.as_secs_f64(), last.as_secs_f64());
            println!("answers from 500 on: between {first:.2} s and {last:.2} s");
        }
        let (from, gap) = tally.gap;
        println!(
            "longest time without a success: {:.2} s, from {:.2} s to {:.2} s",
            gap.as_secs_f64(),
            from.as_secs_f64(),
            (from + gap).as_secs_f64()
        );
        println!("wrong answers: {}", tally.wrong.len());
        for wrong in tally.wrong.iter().take(SHOWN) {
            println!("  {wrong}");
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
