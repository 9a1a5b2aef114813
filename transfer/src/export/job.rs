//! Long work on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::error::ExportError;
use super::work::Progress;

/// Long work on a thread of its own. Dropping it ends the work, but does not wait until it has left
/// nothing behind; [`end`](Self::end) does.
#[derive(Debug)]
pub struct Job<T> {
    progress: Arc<Progress>,
    outcome: Receiver<Result<T, ExportError>>,
    started: Instant,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Job<T> {
    /// Starts work on a thread of that name; `wake` is called from it when the work has ended.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(
        name: &str,
        wake: impl FnOnce() + Send + 'static,
        work: impl FnOnce(&Progress) -> Result<T, ExportError> + Send + 'static,
    ) -> std::io::Result<Self> {
        let progress = Arc::new(Progress::default());
        let (sender, outcome) = sync_channel(1);
        let of_thread = Arc::clone(&progress);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let done = catch_unwind(AssertUnwindSafe(|| work(&of_thread)));
            // Fails only when nobody waits any more.
            sender.send(done.unwrap_or(Err(ExportError::BrokeOff))).ok();
            wake();
        })?;
        Ok(Self { progress, outcome, started: Instant::now(), thread: Some(thread) })
    }

    /// Returns what came of it, once it has ended; only once.
    pub fn outcome(&mut self) -> Option<Result<T, ExportError>> {
        match self.outcome.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(ExportError::BrokeOff)),
        }
    }
}

impl<T> Job<T> {
    /// Returns how far it is.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Returns how long it has been running.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Ends it; its outcome is [`ExportError::Cancelled`] then, unless it was done by then.
    pub fn cancel(&self) {
        self.progress.cancel();
    }
}

impl<T> Job<T> {
    /// Ends it and waits until it has left nothing behind, which takes no longer than a page.
    pub fn end(mut self) {
        self.progress.cancel();
        if let Some(thread) = self.thread.take() {
            // Panics of the work are caught, so the thread ends by itself.
            thread.join().ok();
        }
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.progress.cancel();
    }
}
