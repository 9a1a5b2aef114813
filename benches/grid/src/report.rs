//! The tables.

use std::fmt::Write as _;
use std::time::Duration;

use bench_sizes::thousands;

use crate::reading::Measured;
use crate::shop::Engine;

/// Milliseconds, for people.
pub fn milliseconds(time: Duration) -> String {
    let time = time.as_secs_f64() * 1_000.0;
    match time {
        ..10.0 => format!("{time:.2}"),
        10.0..1_000.0 => format!("{time:.1}"),
        _ => format!("{time:.0}"),
    }
}

/// The one in the middle.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// What reading takes at each size, and its ratio to the smallest size.
pub fn reading(engine: Engine, sizes: &[u64], measured: &[Measured]) -> String {
    let mut text =
        format!("\n{engine}: ms (ratio to the smallest size); a page is 128 rows with labels\n\n");
    let _ = write!(text, "{:<28}", "books");
    for books in sizes {
        let _ = write!(text, "{:>20}", thousands(*books));
    }
    text.push('\n');
    for Measured { name, took } in measured {
        let _ = write!(text, "{name:<28}");
        let smallest = took.first().copied().unwrap_or_default().as_secs_f64().max(1e-9);
        for time in took {
            let ratio = time.as_secs_f64() / smallest;
            let _ = write!(text, "{:>20}", format!("{} ({ratio:.2})", milliseconds(*time)));
        }
        text.push('\n');
    }
    text
}
