//! A thread that owns sessions of a catalog and does tasks in the order they came, the newest of
//! each lane only.

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
use super::running::Running;
use super::task::{Failure, Report, Task, Work};
use super::{CAPACITY, Lane, Slot};

/// A task on its way to the thread.
pub(super) struct Envelope {
    pub binds: Binds,
    pub lane: Lane,
    pub generation: u64,
    pub writes: bool,
    may_take_long: bool,
    origin: Option<Origin>,
    run: Run,
}

/// Does a task and keeps its output.
type Run = Box<dyn FnOnce(&mut Work<'_>) -> Result<()> + Send>;

impl Envelope {
    /// Makes the envelope of a task whose output goes into a slot.
    pub fn new<T: Task>(
        (lane, generation, binds): (Lane, u64, Binds),
        task: T,
        slot: Slot<T::Output>,
    ) -> Self {
        Self {
            binds,
            lane,
            generation,
            writes: T::WRITES,
            may_take_long: task.may_take_long(),
            origin: task.origin(),
            run: Box::new(move |work| {
                slot.put(task.run(work)?);
                Ok(())
            }),
        }
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
    pub running: Running,
    /// Tasks that write and are not done yet, also those whose answer nobody waits for.
    pub unfinished_writes: Arc<AtomicUsize>,
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
            let Some(envelope) = next(&mut queue) else {
                continue;
            };
            let closing = self.closing.load(Ordering::Acquire);
            if closing && !envelope.writes {
                continue;
            }
            let writes = envelope.writes;
            let reply = self.answer(envelope);
            if writes {
                self.unfinished_writes.fetch_sub(1, Ordering::AcqRel);
            }
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
        let Envelope { binds, lane, generation, writes, may_take_long, origin, run } = envelope;
        let work = || -> Result<()> {
            let mut session =
                if writes { self.catalog.writing_session()? } else { self.catalog.session()? };
            if may_take_long {
                self.running.begin(lane, session.canceller()?);
            }
            run(&mut Work { catalog: &self.catalog, session: session.as_mut() })?;
            if writes { session.commit() } else { Ok(()) }
        };
        let (outcome, statements) = recorded_with(binds, || {
            catch_unwind(AssertUnwindSafe(work))
                .map_err(|panic| Failure::Panicked { message: panic_message(panic.as_ref()) })
                .and_then(|result| result.map_err(Failure::from))
        });
        self.running.end();
        let report = Report { lane, took: started.elapsed(), origin, statements };
        Reply { generation, outcome, report }
    }
}

/// Takes the oldest task that no newer one of its lane has superseded.
fn next(queue: &mut VecDeque<Envelope>) -> Option<Envelope> {
    loop {
        let envelope = queue.pop_front()?;
        let superseded = !envelope.writes && queue.iter().any(|newer| newer.lane == envelope.lane);
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
