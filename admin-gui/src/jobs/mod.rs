//! Work off the drawing thread: tasks go to threads, which have sessions for those that ask for one,
//! and their outputs come back to who asked.
//!
//! A question is a [`Task`]: a type with its output, and whether it writes. It is asked on a [`Lane`],
//! of which only the newest is answered, together with what is to be done with the answer. Progress,
//! cancelling, panics, dead threads and closing are dealt with here, once.

mod lane;
mod letting_go;
mod origin;
mod progress;
mod task;
mod thread;
mod worker;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use persistence::Catalog;
use persistence::observe::Binds;

pub use lane::{About, Lane, Queue, Topic};
pub(crate) use letting_go::{Large, let_go};
pub use origin::Origin;
pub use progress::Progress;
pub use task::{Failure, Kind, Report, Task, Work};

use worker::{Receive, Worker};

/// Tasks that fit into a thread's channel; more wait on the window's side.
const CAPACITY: usize = 32;

/// The threads that work for a window, whose state is what answers are told to.
pub struct Jobs<S> {
    /// One for each queue, in the order of [`Queue::ALL`].
    workers: Vec<(Queue, Worker<S>)>,
    /// How long the frame may still wait for answers.
    patience: Duration,
}

impl<S: 'static> Jobs<S> {
    /// Starts the threads; `wake` is called from them whenever an answer has come.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(
        catalog: &Catalog,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let start = |queue: Queue| {
            Ok((queue, Worker::start(queue.name(), catalog.clone(), Arc::clone(&wake))?))
        };
        let workers = Queue::ALL.into_iter().map(start).collect::<std::io::Result<_>>()?;
        Ok(Self { workers, patience: Duration::ZERO })
    }

    /// Asks for a task to be done; `receive` is told the outcome, and how long that took.
    /// An older question of the same lane will not be answered any more and is stopped, unless it
    /// writes.
    pub fn ask<T: Task>(
        &mut self,
        lane: Lane,
        task: T,
        receive: impl FnOnce(&mut S, Result<T::Output, Failure>, Duration) + 'static,
    ) -> Ticket<T::Output> {
        self.worker_mut(lane.queue()).ask(lane, task, receive)
    }

    /// Stops what was asked on a lane, unless it writes: its answer says so, or what was found by then.
    pub fn stop(&self, lane: Lane) {
        self.worker(lane.queue()).stop(lane);
    }

    /// Forgets what was asked on a lane: it is stopped, and its answer will be dropped.
    pub fn forget(&mut self, lane: Lane) {
        self.worker_mut(lane.queue()).forget(lane);
    }

    /// Sets whether reports say which values statements bound.
    pub fn note_values(&mut self, binds: Binds) {
        for (_, worker) in &mut self.workers {
            worker.binds = binds;
        }
    }

    /// Returns since when a lane has been waiting for an answer.
    #[must_use]
    pub fn waiting_since(&self, lane: Lane) -> Option<Instant> {
        self.worker(lane.queue()).waiting_since(lane)
    }

    /// Returns whether a lane is waiting for an answer.
    #[must_use]
    pub fn is_waiting(&self, lane: Lane) -> bool {
        self.waiting_since(lane).is_some()
    }

    /// Returns how far the task is that a lane is waiting for.
    #[must_use]
    pub fn progress(&self, lane: Lane) -> Option<&Progress> {
        self.worker(lane.queue()).progress(lane)
    }

    /// Returns whether no lane is waiting for an answer.
    #[must_use]
    pub fn are_done(&self) -> bool {
        self.workers.iter().all(|(_, worker)| worker.is_done())
    }

    /// Returns whether something is being written of which it is not known whether it is written
    /// yet.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.workers.iter().any(|(_, worker)| worker.is_writing())
    }

    /// Returns the answers of a queue that have come since the last call, without those that were
    /// superseded.
    pub fn arrived(&mut self, queue: Queue) -> Vec<Arrived<S>> {
        self.worker_mut(queue).arrived()
    }

    /// Returns the answer of a lane, if it comes before a time.
    pub fn arrives(&mut self, lane: Lane, time: Instant) -> Option<Arrived<S>> {
        self.worker_mut(lane.queue()).arrives(lane, time)
    }

    /// Returns the answer to a question, if it comes before a time and the question was not
    /// superseded: who asked takes it himself, and the receiver is not told.
    pub fn wait<T>(
        &mut self,
        ticket: &Ticket<T>,
        time: Instant,
    ) -> Option<(Result<T, Failure>, Report)> {
        let worker = self.worker_mut(ticket.lane.queue());
        if !worker.is_awaited(ticket.lane, ticket.generation) {
            return None;
        }
        let Arrived { report, outcome, .. } = worker.arrives(ticket.lane, time)?;
        Some((ticket.slot.outcome(outcome), report))
    }

    /// Sets for how long a frame may wait for answers, all in all.
    pub const fn set_patience(&mut self, limit: Duration) {
        self.patience = limit;
    }

    /// Returns for how long the frame may still wait.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        self.patience
    }

    /// Returns the answer to a question as [`wait`](Self::wait), if it comes while the frame may wait.
    pub fn wait_in_frame<T>(&mut self, ticket: &Ticket<T>) -> Option<(Result<T, Failure>, Report)> {
        self.in_frame(|jobs, until| jobs.wait(ticket, until))
    }

    /// Returns the answer of a lane as [`arrives`](Self::arrives), if it comes while the frame may wait.
    pub fn arrives_in_frame(&mut self, lane: Lane) -> Option<Arrived<S>> {
        self.in_frame(|jobs, until| jobs.arrives(lane, until))
    }

    fn in_frame<T>(&mut self, wait: impl FnOnce(&mut Self, Instant) -> Option<T>) -> Option<T> {
        let begun = Instant::now();
        let answer = wait(self, begun + self.patience);
        self.patience = self.patience.saturating_sub(begun.elapsed());
        answer
    }

    fn worker(&self, queue: Queue) -> &Worker<S> {
        let found = self.workers.iter().find(|(own, _)| *own == queue);
        &found.expect("each queue has its worker").1
    }

    fn worker_mut(&mut self, queue: Queue) -> &mut Worker<S> {
        let found = self.workers.iter_mut().find(|(own, _)| *own == queue);
        &mut found.expect("each queue has its worker").1
    }
}

impl<S> Jobs<S> {
    /// Ends the work: what only reads is stopped, what makes files has left nothing behind and what
    /// is to be written is written when this returns.
    pub fn close(&mut self) {
        for (_, worker) in &mut self.workers {
            worker.begin_to_close();
        }
        for (_, worker) in &mut self.workers {
            worker.close();
        }
    }
}

impl<S> Drop for Jobs<S> {
    fn drop(&mut self) {
        self.close();
    }
}

/// An answer that has come.
pub struct Arrived<S> {
    /// How it was found.
    pub report: Report,
    outcome: Result<(), Failure>,
    receive: Receive<S>,
}

impl<S> Arrived<S> {
    /// Returns whether the database said that a table is not as its entity says.
    pub fn says_unfit(&self) -> bool {
        use persistence::Error;
        matches!(self.outcome, Err(Failure::Database(Error::Schema { .. } | Error::Drifted(_))))
    }

    /// Hands the answer to who asked.
    pub fn deliver(self, state: &mut S) {
        (self.receive)(state, self.outcome, self.report.took);
    }
}

impl<S> fmt::Debug for Arrived<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Arrived").field(&self.report.lane).field(&self.outcome).finish()
    }
}

/// A question that was asked, to wait for its answer.
pub struct Ticket<T> {
    lane: Lane,
    generation: u64,
    slot: Slot<T>,
}

/// Where a task's output lies until it is told.
struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Slot<T> {
    fn put(&self, output: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(output);
    }

    /// Returns the output of a task that was done.
    fn outcome(&self, outcome: Result<(), Failure>) -> Result<T, Failure> {
        outcome?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or(Failure::Stopped)
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
