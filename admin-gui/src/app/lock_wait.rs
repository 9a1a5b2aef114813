//! Waiting for another program that has the database locked.

use std::time::{Duration, Instant};

/// How long is waited before it is tried again for the first time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest that is waited.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether it is tried again by itself what another program was in the way of, and whether a person is told so.
#[derive(Debug, Default)]
pub(super) struct LockWait {
    /// When it is tried again, and how long that was waited for.
    retry: Option<(Instant, Duration)>,
    is_told: bool,
}

/// Whether it is waited for another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    No,
    /// It was, and is not any more.
    NoLonger,
    /// For so long.
    For(Duration),
}

impl LockWait {
    /// Waits, ever longer.
    pub fn wait(&mut self) {
        let pause = self.retry.map_or(FIRST_PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
        self.retry = Some((Instant::now() + pause, pause));
        self.is_told = true;
    }

    /// Waits no longer: it is not what it was any more.
    pub const fn stop(&mut self) {
        self.retry = None;
    }

    /// Notes that something else is told to the person.
    pub const fn tell_otherwise(&mut self) {
        self.is_told = false;
    }

    /// Returns whether it is waited.
    pub fn now(&mut self) -> Waiting {
        if !self.is_told {
            return Waiting::No;
        }
        self.is_told = self.retry.is_some();
        self.retry.map_or(Waiting::NoLonger, |(at, _)| {
            Waiting::For(at.saturating_duration_since(Instant::now()))
        })
    }
}
