//! A thread that does tasks in the order they came, the newest of each lane only.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use persistence::observe::{Binds, recorded_with};
use persistence::{Catalog, Result};

use super::origin::Origin;
use super::task::{Failure, Kind, Report, Task, Work};
use super::{CAPACITY, Lane, Progress, Slot};

/// Statements of one task that are told at most: whoever draws notes each of them.
const MOST_TOLD: usize = 500;

/// A task on its way to the thread.
pub(super) struct Envelope {
    pub lane: Lane,
    pub kind: Kind,
    generation: u64,
    binds: Binds,
    progress: Arc<Progress>,
    may_take_long: bool,
    origin: Option<Origin>,
    unfinished: Option<Unfinished>,
    run: Run,
}

/// Does a task and keeps its output.
type Run = Box<dyn FnOnce(&mut Work<'_>) -> Result<()> + Send>;

impl Envelope {
    /// Makes the envelope of a task whose output goes into a slot.
    pub fn new<T: Task>(
        (lane, generation, binds): (Lane, u64, Binds),
        (progress, unfinished): (Arc<Progress>, Option<Unfinished>),
        task: T,
        slot: Slot<T::Output>,
    ) -> Self {
        Self {
            lane,
            kind: T::KIND,
            generation,
            binds,
            progress,
            may_take_long: task.may_take_long(),
            origin: task.origin(),
            unfinished,
            run: Box::new(move |work| {
                slot.put(task.run(work)?);
                Ok(())
            }),
        }
    }
}

/// A task that closing waits for: it counts among them until this is dropped, which is where it is
/// done, or will never be.
pub(super) struct Unfinished(Arc<AtomicUsize>);

impl Unfinished {
    /// Counts one more.
    pub fn one_of(all: &Arc<AtomicUsize>) -> Self {
        all.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(all))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Word that a task is done.
pub(super) struct Reply {
    pub generation: u64,
    pub outcome: std::result::Result<(), Failure>,
    pub report: Report,
}

/// What a thread is started with, and started again where it has died.
#[derive(Clone)]
pub(super) struct Thread {
    pub name: String,
    pub catalog: Catalog,
    pub wake: Arc<dyn Fn() + Send + Sync>,
    pub closing: Arc<AtomicBool>,
    /// Tasks that closing waits for, also those whose answer nobody waits for.
    pub unfinished: Arc<AtomicUsize>,
}

type Started = (SyncSender<Envelope>, Receiver<Reply>, JoinHandle<()>);

impl Thread {
    pub fn start(&self) -> std::io::Result<Started> {
        let (tasks, inbox) = sync_channel(CAPACITY);
        let (outgoing, replies) = sync_channel(CAPACITY);
        let thread = self.clone();
        let handle = std::thread::Builder::new()
            .name(self.name.clone())
            .spawn(move || thread.work(&inbox, &outgoing))?;
        Ok((tasks, replies, handle))
    }

    /// Works until the window is gone.
    fn work(&self, inbox: &Receiver<Envelope>, outgoing: &SyncSender<Reply>) {
        let mut queue = VecDeque::new();
        loop {
            if queue.is_empty() {
                match inbox.recv() {
                    Ok(envelope) => queue.push_back(envelope),
                    Err(_) => return,
                }
            }
            queue.extend(inbox.try_iter());
            let Some(mut envelope) = next(&mut queue) else {
                continue;
            };
            let closing = self.closing.load(Ordering::Acquire);
            if closing && envelope.kind.can_be_stopped() {
                continue;
            }
            let unfinished = envelope.unfinished.take();
            let reply = self.answer(envelope);
            drop(unfinished);
            if let (true, Err(failure)) = (closing, &reply.outcome) {
                // Nobody is there to be told.
                tracing::error!(%failure, lane = ?reply.report.lane, "not written");
            }
            if !closing {
                // Fails only when the window is gone: then nobody wants the answer.
                let _ = outgoing.send(reply);
                (self.wake)();
            }
        }
    }

    fn answer(&self, envelope: Envelope) -> Reply {
        let started = Instant::now();
        let Envelope { lane, kind, generation, binds, progress, may_take_long, origin, .. } =
            envelope;
        let run = envelope.run;
        let work = || -> Result<()> {
            let mut work = Work::new(&self.catalog, &progress, kind, may_take_long);
            run(&mut work)?;
            work.commit()
        };
        let answer = || {
            catch_unwind(AssertUnwindSafe(work))
                .map_err(|panic| Failure::Panicked { message: panic_message(panic.as_ref()) })
                .and_then(|result| result.map_err(Failure::from))
        };
        let (outcome, statements) = if lane.is_logged() {
            let (outcome, mut statements) = recorded_with(binds, answer);
            statements.drain(..statements.len().saturating_sub(MOST_TOLD));
            (outcome, statements)
        } else {
            // Nobody reads them, and of long work they are many.
            (answer(), Vec::new())
        };
        let report = Report { lane, took: started.elapsed(), origin, statements };
        Reply { generation, outcome, report }
    }
}

/// Takes the oldest task that no newer one of its lane has superseded.
fn next(queue: &mut VecDeque<Envelope>) -> Option<Envelope> {
    loop {
        let envelope = queue.pop_front()?;
        let superseded = envelope.kind.can_be_superseded()
            && queue.iter().any(|newer| newer.lane == envelope.lane);
        if !superseded {
            return Some(envelope);
        }
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
