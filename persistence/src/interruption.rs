//! Stopping statements: on request of another thread, or after a time.
//!
//! Servers stop a statement when a second connection asks them to. SQLite lives in this process,
//! and Diesel lends nobody its handle to interrupt it; there the statements of a session that may
//! be stopped ask for each row they look at whether to go on.

#![cfg_attr(
    not(feature = "sqlite"),
    expect(dead_code, reason = "what only SQLite asks, in a build without it")
)]

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;

/// How many rows pass between two looks at the clock.
const ROWS_PER_LOOK: u32 = 64;

/// Stops what a session is doing, from any thread; see
/// [`Session::canceller`](crate::Session::canceller). All clones stop the same session.
#[derive(Clone)]
pub struct Canceller {
    session: Arc<Cancelled>,
}

struct Cancelled {
    /// Held while a server is told, so that the connection does not serve another session by then.
    has_ended: Mutex<bool>,
    flag: Arc<AtomicBool>,
    tell_server: Box<dyn Fn() -> Result<()> + Send + Sync>,
}

impl Canceller {
    pub(crate) fn new(tell_server: impl Fn() -> Result<()> + Send + Sync + 'static) -> Self {
        let (has_ended, flag) = (Mutex::new(false), Arc::new(AtomicBool::new(false)));
        Self {
            session: Arc::new(Cancelled { has_ended, flag, tell_server: Box::new(tell_server) }),
        }
    }

    /// Stops the statement that the session is running: it ends with
    /// [`Error::Cancelled`](crate::Error::Cancelled), what it wrote is taken back, and the session
    /// can be used further. Nothing happens where none is running, or the session is gone.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) when the server cannot be told.
    pub fn cancel(&self) -> Result<()> {
        let has_ended = self.session.has_ended.lock().unwrap_or_else(PoisonError::into_inner);
        if *has_ended {
            return Ok(());
        }
        self.session.flag.store(true, Ordering::Relaxed);
        (self.session.tell_server)()
    }

    /// Marks the session as over: from now on nothing is stopped.
    pub(crate) fn end(&self) {
        *self.session.has_ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceller").finish_non_exhaustive()
    }
}

/// Why a statement stops that asks whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    /// Somebody wants it.
    #[error("interrupted on request")]
    Cancelled,
    /// It takes too long.
    #[error("interrupted after the statement timeout")]
    Timeout,
}

thread_local! {
    /// What may stop the statement that this thread is running.
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

struct Running {
    flag: Option<Arc<AtomicBool>>,
    deadline: Option<Instant>,
    rows: u32,
}

/// Runs a statement that may be stopped by a canceller or after a time.
pub(crate) fn interruptible<T>(
    canceller: Option<&Canceller>,
    timeout: Option<Duration>,
    run: impl FnOnce() -> T,
) -> T {
    if canceller.is_none() && timeout.is_none() {
        return run();
    }
    let flag = canceller.map(|canceller| Arc::clone(&canceller.session.flag));
    if let Some(flag) = &flag {
        // Whoever cancelled before this statement meant another.
        flag.store(false, Ordering::Relaxed);
    }
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    RUNNING.set(Some(Running { flag, deadline, rows: 0 }));
    let result = run();
    RUNNING.set(None);
    result
}

/// Returns whether the statement that this thread is about to run may be stopped.
pub(crate) fn is_interruptible() -> bool {
    RUNNING.with_borrow(Option::is_some)
}

/// Checks whether the statement that this thread is running may go on.
pub(crate) fn may_go_on() -> std::result::Result<(), Stop> {
    RUNNING.with_borrow_mut(|running| {
        let Some(running) = running else { return Ok(()) };
        if running.flag.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Stop::Cancelled);
        }
        running.rows = running.rows.wrapping_add(1);
        let is_over = |deadline: Instant| Instant::now() >= deadline;
        if running.rows.is_multiple_of(ROWS_PER_LOOK) && running.deadline.is_some_and(is_over) {
            return Err(Stop::Timeout);
        }
        Ok(())
    })
}
