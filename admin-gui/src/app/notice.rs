//! The one line that says what has just happened.

use std::time::{Duration, Instant};

/// How long a success is shown.
const SHOWN: Duration = Duration::from_secs(5);

/// What has just happened.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    /// In words.
    pub text: String,
    /// Whether it went well.
    pub kind: NoticeKind,
    since: Instant,
}

/// Whether what happened went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoticeKind {
    /// It did, and need not be shown for long.
    Success,
    /// It did not, and is shown until something else happens.
    Failure,
}

impl Notice {
    /// Makes a notice that something went well.
    pub fn success(text: String) -> Self {
        Self { text, kind: NoticeKind::Success, since: Instant::now() }
    }

    /// Makes a notice that something went wrong.
    pub fn failure(text: String) -> Self {
        Self { text, kind: NoticeKind::Failure, since: Instant::now() }
    }

    /// Returns how long it is still to be shown: `None` without end, zero not at all.
    pub fn rest(&self) -> Option<Duration> {
        match self.kind {
            NoticeKind::Success => Some(SHOWN.saturating_sub(self.since.elapsed())),
            NoticeKind::Failure => None,
        }
    }
}
