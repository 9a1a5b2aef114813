//! What the work on a thread is waiting for, and since when: so that others can give it up where a
//! server has fallen silent, which nothing else can tell from one that is slow.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(feature = "tokio")]
use std::time::Duration;
use std::time::Instant;

thread_local! {
    /// The work of this thread, where somebody watches it.
    static CURRENT: RefCell<Option<Arc<Activity>>> = const { RefCell::new(None) };
}

/// What a piece of work is doing.
#[derive(Debug, Default)]
pub(crate) struct Activity(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// When the statement was sent whose answer is waited for.
    since: Option<Instant>,
    is_committing: bool,
    /// Statements may take the time they need.
    is_unlimited: bool,
    is_given_up: bool,
}

/// What was waited for when work was given up.
#[cfg(feature = "tokio")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A statement: what was written before it is taken back, if only since nobody commits it.
    Statement,
    /// A commit: the database alone knows.
    Commit,
}

impl Activity {
    fn state(&self) -> MutexGuard<'_, State> {
        // Single assignments are as good as before after a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the work up where a statement has been running for longer than that; from then on it
    /// commits nothing.
    #[cfg(feature = "tokio")]
    pub(super) fn give_up(&self, limit: Duration) -> Option<Waiting> {
        let mut state = self.state();
        let is_overdue = state.since.is_some_and(|since| since.elapsed() > limit);
        if state.is_unlimited || !is_overdue {
            return None;
        }
        state.is_given_up = true;
        Some(if state.is_committing { Waiting::Commit } else { Waiting::Statement })
    }
}

fn current<T>(ask: impl FnOnce(&mut State) -> T) -> Option<T> {
    CURRENT.with_borrow(|current| current.as_ref().map(|activity| ask(&mut activity.state())))
}

/// Runs work that somebody watches.
#[cfg(feature = "tokio")]
pub(super) fn watched<T>(activity: Arc<Activity>, work: impl FnOnce() -> T) -> T {
    /// Ends it also when a panic does.
    struct Watched;
    impl Drop for Watched {
        fn drop(&mut self) {
            CURRENT.take();
        }
    }
    CURRENT.set(Some(activity));
    let _watched = Watched;
    work()
}

/// Notes that a statement was sent.
pub(crate) fn started() {
    current(|state| state.since = Some(Instant::now()));
}

/// Notes that a statement was answered.
pub(crate) fn finished() {
    current(|state| state.since = None);
}

/// Runs what takes the time it needs.
pub(super) fn unlimited<T>(run: impl FnOnce() -> T) -> T {
    current(|state| state.is_unlimited = true);
    let result = run();
    current(|state| state.is_unlimited = false);
    result
}

/// Runs a commit; `None` where the work was given up, so that nothing may be committed any more.
pub(crate) fn committing<T>(commit: impl FnOnce() -> T) -> Option<T> {
    let may_commit = current(|state| {
        state.is_committing = !state.is_given_up;
        state.is_committing
    });
    if may_commit == Some(false) {
        return None;
    }
    let result = commit();
    current(|state| state.is_committing = false);
    Some(result)
}

/// Returns how long to wait for a statement that may run for so long: servers end it themselves before.
#[cfg(feature = "tokio")]
pub(super) fn patience(statement_timeout: Duration) -> Duration {
    statement_timeout + (statement_timeout / 2).max(Duration::from_millis(500))
}
