//! The thread that talks to the database, so that the one that draws never waits.

mod change;
mod figures;
mod images;
mod listed;
mod perform;
mod related;
mod request;
mod running;
mod selected;
mod survey;

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use persistence::Catalog;
use persistence::observe::{Binds, recorded_with};

pub use change::Change;
pub use images::{ImagePlace, ImageScale, LONGEST_IMAGE};
pub use listed::{Cell, ListedRow, SHOWN, SeenRow};
pub use request::{
    Answer, Answered, Choice, Failure, Labels, Lane, PlannedDeletion, RecordNumber, Request, Rows,
    Surveyed, Walk,
};

use running::Running;

/// Requests that fit into the channel; more wait on the window's side.
const CAPACITY: usize = 32;

/// A request on its way to the thread.
struct Envelope {
    binds: Binds,
    lane: Lane,
    generation: u64,
    request: Request,
}

/// An answer on its way back.
struct Reply {
    generation: u64,
    answered: Answered,
}

/// What of a lane has not been answered yet.
struct Waiting {
    generation: u64,
    since: Instant,
    writes: bool,
}

/// A thread that owns sessions of a catalog and answers requests in the order they came, the
/// newest of each lane only.
pub struct Worker {
    work: Work,
    /// Whether answers say which values their statements bound.
    binds: Binds,
    requests: Option<SyncSender<Envelope>>,
    replies: Receiver<Reply>,
    /// Replies that came while one was waited for.
    early: VecDeque<Reply>,
    /// Requests that did not fit into the channel.
    outbox: VecDeque<Envelope>,
    waiting: HashMap<Lane, Waiting>,
    generation: u64,
    closing: Arc<AtomicBool>,
    running: Running,
    thread: Option<JoinHandle<()>>,
}

/// What a thread is started with.
#[derive(Clone)]
struct Work {
    name: String,
    catalog: Catalog,
    wake: Arc<dyn Fn() + Send + Sync>,
    closing: Arc<AtomicBool>,
    running: Running,
}

impl Work {
    fn start(&self) -> std::io::Result<(SyncSender<Envelope>, Receiver<Reply>, JoinHandle<()>)> {
        let (requests, inbox) = sync_channel(CAPACITY);
        let (outgoing, replies) = sync_channel(CAPACITY);
        let work = self.clone();
        let thread = std::thread::Builder::new()
            .name(self.name.clone())
            .spawn(move || answer_all(&work, &inbox, &outgoing))?;
        Ok((requests, replies, thread))
    }
}

impl Worker {
    /// Starts a thread of that name; `wake` is called from it whenever an answer has come.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(
        name: &str,
        catalog: Catalog,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let closing = Arc::new(AtomicBool::new(false));
        let running = Running::default();
        let work = Work {
            name: name.to_owned(),
            catalog,
            wake: Arc::new(wake),
            closing: Arc::clone(&closing),
            running: running.clone(),
        };
        let (requests, replies, thread) = work.start()?;
        Ok(Self {
            work,
            binds: Binds::Hidden,
            requests: Some(requests),
            replies,
            early: VecDeque::new(),
            outbox: VecDeque::new(),
            waiting: HashMap::new(),
            generation: 0,
            closing,
            running,
            thread: Some(thread),
        })
    }

    /// Asks; an older request of the same lane will not be answered any more and is stopped,
    /// unless it writes.
    pub fn ask(&mut self, lane: Lane, request: Request) {
        self.running.stop(lane);
        self.generation += 1;
        let since = match self.waiting.get(&lane) {
            Some(waiting) => waiting.since,
            None => Instant::now(),
        };
        let waiting = Waiting { generation: self.generation, since, writes: request.writes() };
        self.waiting.insert(lane, waiting);
        self.outbox.retain(|envelope| envelope.lane != lane || envelope.request.writes());
        let (binds, generation) = (self.binds, self.generation);
        self.outbox.push_back(Envelope { binds, lane, generation, request });
        self.send();
    }

    /// From now on answers say, or do not say, which values their statements bound.
    pub const fn note_values(&mut self, binds: Binds) {
        self.binds = binds;
    }

    /// Forgets what was asked on a lane: it is stopped, and its answer will be dropped.
    pub fn forget(&mut self, lane: Lane) {
        self.running.stop(lane);
        self.waiting.remove(&lane);
        self.outbox.retain(|envelope| envelope.lane != lane || envelope.request.writes());
    }

    /// Since when a lane has been waiting for an answer.
    #[must_use]
    pub fn waiting_since(&self, lane: Lane) -> Option<Instant> {
        self.waiting.get(&lane).map(|waiting| waiting.since)
    }

    /// Whether a lane is waiting for an answer.
    #[must_use]
    pub fn is_waiting(&self, lane: Lane) -> bool {
        self.waiting.contains_key(&lane)
    }

    /// Whether something is being written of which it is not known whether it is written yet.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.waiting.values().any(|waiting| waiting.writes)
    }

    /// The answer of a lane, if it comes before a time.
    pub fn answer_until(&mut self, lane: Lane, time: Instant) -> Option<Answered> {
        let came = self.early.iter().position(|reply| reply.answered.lane == lane);
        let mut reply = came.and_then(|place| self.early.remove(place));
        while self.is_waiting(lane) {
            let next = reply.take().or_else(|| {
                let rest = time.saturating_duration_since(Instant::now());
                // None in time, or the thread is gone: the next call of `answers` says so.
                self.replies.recv_timeout(rest).ok()
            })?;
            if next.answered.lane != lane {
                self.early.push_back(next);
            } else if let Some(answered) = self.accept(next) {
                self.send();
                return Some(answered);
            }
        }
        None
    }

    /// An answer, unless its question has been superseded.
    fn accept(&mut self, Reply { generation, answered }: Reply) -> Option<Answered> {
        let waiting = self.waiting.get(&answered.lane)?;
        (waiting.generation == generation).then(|| {
            self.waiting.remove(&answered.lane);
            answered
        })
    }

    /// The answers that have come since the last call, without those that were superseded.
    pub fn answers(&mut self) -> Vec<Answered> {
        let mut answers = Vec::new();
        let stopped = loop {
            match self.early.pop_front().map_or_else(|| self.replies.try_recv(), Ok) {
                Ok(reply) => answers.extend(self.accept(reply)),
                Err(TryRecvError::Empty) => break false,
                Err(TryRecvError::Disconnected) => break true,
            }
        };
        if stopped {
            self.outbox.clear();
            answers.extend(self.waiting.drain().map(|(lane, _)| Answered {
                lane,
                outcome: Err(Failure::Stopped),
                took: Duration::ZERO,
                origin: None,
                statements: Vec::new(),
            }));
            self.restart();
        } else {
            self.send();
        }
        answers
    }

    /// What the thread was doing is lost, what comes next is not.
    fn restart(&mut self) {
        match self.work.start() {
            Ok((requests, replies, thread)) => {
                self.requests = Some(requests);
                self.replies = replies;
                self.thread = Some(thread);
            }
            Err(error) => tracing::error!(%error, "{} was not started again", self.work.name),
        }
    }

    fn send(&mut self) {
        let Some(requests) = &self.requests else {
            return;
        };
        while let Some(envelope) = self.outbox.pop_front() {
            match requests.try_send(envelope) {
                Ok(()) => {}
                Err(TrySendError::Full(envelope)) => {
                    self.outbox.push_front(envelope);
                    return;
                }
                Err(TrySendError::Disconnected(_)) => return,
            }
        }
    }
}

/// Waits for writes that are under way, and for nothing else.
impl Drop for Worker {
    fn drop(&mut self) {
        let is_writing = self.is_writing();
        if let Some(requests) = self.requests.take() {
            for envelope in self.outbox.drain(..).filter(|envelope| envelope.request.writes()) {
                // Fails only when the thread is gone, and then there is nobody to write.
                let _ = requests.send(envelope);
            }
        }
        self.closing.store(true, Ordering::Release);
        self.running.stop_all();
        // The thread may be waiting for room for an answer.
        self.replies = sync_channel(1).1;
        if is_writing && let Some(thread) = self.thread.take() {
            // Panics of requests are caught, so the thread ends by itself.
            let _ = thread.join();
        }
    }
}

/// The thread's work, until the window is gone.
fn answer_all(work: &Work, inbox: &Receiver<Envelope>, outgoing: &SyncSender<Reply>) {
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
        let closing = work.closing.load(Ordering::Acquire);
        if closing && !envelope.request.writes() {
            continue;
        }
        let reply = answer(&work.catalog, envelope, &work.running);
        if !closing {
            // Fails only when the window is gone: then nobody wants the answer.
            let _ = outgoing.send(reply);
            (work.wake)();
        }
    }
}

/// The oldest request that no newer one of its lane has superseded.
fn next(queue: &mut VecDeque<Envelope>) -> Option<Envelope> {
    loop {
        let envelope = queue.pop_front()?;
        let superseded =
            !envelope.request.writes() && queue.iter().any(|newer| newer.lane == envelope.lane);
        if !superseded {
            return Some(envelope);
        }
    }
}

fn answer(
    catalog: &Catalog,
    Envelope { binds, lane, generation, request }: Envelope,
    running: &Running,
) -> Reply {
    let started = Instant::now();
    let origin = request.origin();
    let (outcome, statements) = recorded_with(binds, || {
        catch_unwind(AssertUnwindSafe(|| perform::perform(catalog, lane, request, running)))
            .map_err(|panic| Failure::Panicked { message: panic_message(panic.as_ref()) })
            .and_then(|result| result.map_err(Failure::from))
    });
    running.end();
    let took = started.elapsed();
    Reply { generation, answered: Answered { lane, outcome, took, origin, statements } }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
