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

/// What reading takes at each size, and its ratio to the smallest size.
pub fn reading(engine: Engine, sizes: &[Measured]) -> String {
    let mut text =
        format!("\n{engine}: ms (ratio to the smallest size); a page is 128 rows with labels\n\n");
    let _ = write!(text, "{:<28}", "books");
    for size in sizes {
        let _ = write!(text, "{:>20}", thousands(size.books));
    }
    text.push('\n');
    let Some(smallest) = sizes.first() else { return text };
    for (place, (name, first)) in smallest.took.iter().enumerate() {
        let _ = write!(text, "{name:<28}");
        for size in sizes {
            let cell = match (size.took.get(place).and_then(|(_, time)| *time), *first) {
                (Some(time), Some(first)) => {
                    let ratio = time.as_secs_f64() / first.as_secs_f64().max(1e-9);
                    format!("{} ({ratio:.2})", milliseconds(time))
                }
                _ => "–".to_owned(),
            };
            let _ = write!(text, "{cell:>20}");
        }
        text.push('\n');
    }
    text
}
