//! How far a task is, and how to stop it, from any thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use persistence::Canceller;
use transfer::export::Watch;

/// How far a task is, and whether it is to end: the task tells the one and is told the other. What of
/// `transfer` takes a [`Watch`] takes this.
#[derive(Debug)]
pub struct Progress {
    asked: Instant,
    done: AtomicU64,
    /// One more than the number of rows; 0 where that is not known.
    total: AtomicU64,
    is_stopped: AtomicBool,
    canceller: Mutex<Option<Canceller>>,
}

impl Progress {
    /// Begins with nothing done.
    pub(super) fn begin() -> Self {
        Self {
            asked: Instant::now(),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            is_stopped: AtomicBool::new(false),
            canceller: Mutex::new(None),
        }
    }

    /// Takes how many rows there are to be done in all.
    pub fn total(&self, rows: u64) {
        self.total.store(rows.saturating_add(1), Ordering::Relaxed);
    }

    /// Takes how many rows are done by now.
    pub fn done(&self, rows: u64) {
        self.done.store(rows, Ordering::Relaxed);
    }

    /// Returns whether the task is to end: nobody wants it any more. Always `false` for one that is
    /// never stopped; see [`Kind`](super::Kind).
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    /// Returns how many rows are done.
    #[must_use]
    pub fn rows_done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Returns how many there are, once that is known.
    #[must_use]
    pub fn rows_in_all(&self) -> Option<u64> {
        self.total.load(Ordering::Relaxed).checked_sub(1)
    }

    /// Returns how long ago the task was asked for.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.asked.elapsed()
    }

    /// Takes what stops the statements of its session.
    pub(super) fn stopped_by(&self, canceller: Canceller) {
        *self.canceller.lock().unwrap_or_else(PoisonError::into_inner) = Some(canceller);
    }

    /// Stops the task: its statement at once, and what looks at many rows before the next of them.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
        let canceller = self.canceller.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(canceller) = canceller else { return };
        // A server is told through a connection of its own: the thread that draws does not wait.
        let told =
            std::thread::Builder::new().name("database cancelling".to_owned()).spawn(move || {
                if let Err(error) = canceller.cancel() {
                    tracing::warn!(%error, "a statement was not stopped");
                }
            });
        if let Err(error) = told {
            tracing::warn!(%error, "a statement was not stopped");
        }
    }
}

impl Watch for Progress {
    fn total(&self, rows: u64) {
        self.total(rows);
    }

    fn stopped_by(&self, canceller: Canceller) {
        self.stopped_by(canceller);
    }

    fn done(&self, rows: u64) {
        self.done(rows);
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled()
    }
}
