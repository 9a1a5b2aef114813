//! Ctrl-C, SIGTERM and SIGHUP end the work in hand, not the process: the guards still clean up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

static REQUESTED: AtomicBool = AtomicBool::new(false);

const POLL: Duration = Duration::from_millis(20);

/// From here on a signal is noted instead of ending the process at once.
pub fn listen() -> Result<()> {
    ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")
}

/// Whether a signal asked the process to end.
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Asks `ready` again and again until it has an answer.
///
/// # Errors
/// When `ready` fails, the deadline passes (the error says what was waited for) or a signal comes.
pub fn wait_for<T>(
    what: &str,
    deadline: Duration,
    mut ready: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = Instant::now() + deadline;
    loop {
        if let Some(answer) = ready()? {
            return Ok(answer);
        }
        if is_requested() {
            bail!("interrupted");
        }
        if Instant::now() > end {
            bail!("waited {} s in vain for {what}", deadline.as_secs());
        }
        std::thread::sleep(POLL);
    }
}

/// Waits without a deadline; a signal is the expected end.
pub fn wait_for_signal(mut alive: impl FnMut() -> Result<()>) -> Result<()> {
    while !is_requested() {
        alive()?;
        std::thread::sleep(POLL);
    }
    Ok(())
}
