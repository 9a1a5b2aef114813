//! Ctrl-C, as long work sees it.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

use crate::failure::Failure;

static IS_CANCELLED: AtomicBool = AtomicBool::new(false);

/// What a shell reports of a program ended by Ctrl-C.
const EXIT_CODE: i32 = 130;

/// From now on the first Ctrl-C asks the work to stop, which then takes back what it wrote; the
/// second ends the program at once, and the database takes it back.
///
/// # Errors
/// When the system lets no handler be set.
pub fn on_ctrl_c() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if IS_CANCELLED.swap(true, Ordering::SeqCst) {
            std::process::exit(EXIT_CODE);
        }
    })
    .context("cannot watch for Ctrl-C")
}

/// Whether Ctrl-C was pressed.
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
