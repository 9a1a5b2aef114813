//! How far long work is.

use std::time::Duration;

/// How long work may take before it is said how far it is.
pub(super) const LONG: Duration = Duration::from_millis(250);

/// Returns how much of something is done, in hundredths.
pub(super) fn percent(done: u64, all: u64) -> u64 {
    done.saturating_mul(100).checked_div(all).unwrap_or(0).min(100)
}
