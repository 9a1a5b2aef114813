//! The task that the thread is working on, and how to stop it.

use std::sync::{Arc, Mutex, PoisonError};

use persistence::Canceller;

use super::Lane;

/// What the thread is working on. Clones are of the same thread.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Mutex<Option<(Lane, Canceller)>>>);

impl Running {
    /// Notes that work on a lane has begun, and can be stopped.
    pub fn begin(&self, lane: Lane, canceller: Canceller) {
        self.replace(Some((lane, canceller)));
    }

    /// Notes that the work has ended.
    pub fn end(&self) {
        self.replace(None);
    }

    /// Stops what is done for a lane, if anything is.
    pub fn stop(&self, lane: Lane) {
        self.stop_where(|running| running == lane);
    }

    /// Stops whatever is done.
    pub fn stop_all(&self) {
        self.stop_where(|_| true);
    }

    fn replace(&self, running: Option<(Lane, Canceller)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }

    fn stop_where(&self, is_it: impl Fn(Lane) -> bool) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, canceller)) = running.as_ref().filter(|(lane, _)| is_it(*lane)) else {
            return;
        };
        let canceller = canceller.clone();
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
