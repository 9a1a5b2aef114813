//! Ctrl-C, as long work sees it.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

use crate::failure::{self, Failure};

static IS_CANCELLED: AtomicBool = AtomicBool::new(false);
static IS_COMMITTING: AtomicBool = AtomicBool::new(false);

/// What a shell reports of a program ended by Ctrl-C.
const EXIT_CODE: i32 = 130;

/// Sets what Ctrl-C does from now on: the first asks the work to stop, which then takes back what
/// it wrote; the second ends the program at once, and the database takes it back, unless it is
/// committing: then nobody knows.
///
/// # Errors
/// When the system lets no handler be set.
pub fn on_ctrl_c() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if IS_CANCELLED.swap(true, Ordering::SeqCst) {
            if IS_COMMITTING.load(Ordering::SeqCst) {
                eprintln!("bindery: ended while committing: look whether it was written");
                std::process::exit(i32::from(failure::UNKNOWN));
            }
            std::process::exit(EXIT_CODE);
        }
    })
    .context("cannot watch for Ctrl-C")
}

/// Commits: from here on Ctrl-C comes too late to take anything back.
pub fn committing<T>(commit: impl FnOnce() -> T) -> T {
    IS_COMMITTING.store(true, Ordering::SeqCst);
    let committed = commit();
    IS_COMMITTING.store(false, Ordering::SeqCst);
    committed
}

/// Returns whether Ctrl-C was pressed.
pub fn is_cancelled() -> bool {
    IS_CANCELLED.load(Ordering::SeqCst)
}

/// Ends the work where Ctrl-C was pressed.
///
/// # Errors
/// [`Failure::Cancelled`] then.
pub fn check() -> Result<(), Failure> {
    if is_cancelled() { Err(Failure::Cancelled) } else { Ok(()) }
}
