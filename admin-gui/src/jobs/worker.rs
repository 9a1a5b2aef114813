//! One thread of tasks, as the drawing thread sees it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use persistence::Catalog;
use persistence::observe::Binds;

use super::task::{Failure, Kind, Report, Task};
use super::thread::{Envelope, Reply, Thread, Unfinished};
use super::{Arrived, Lane, Progress, Slot, Ticket};

/// What is done with the outcome of a task.
pub(super) type Receive<S> = Box<dyn FnOnce(&mut S, Result<(), Failure>, Duration)>;

/// What of a lane has not been answered yet.
struct Waiting<S> {
    generation: u64,
    since: Instant,
    kind: Kind,
    progress: Arc<Progress>,
    receive: Receive<S>,
}

impl<S> Waiting<S> {
    /// Stops the task, if it may be stopped.
    fn stop(&self) {
        if self.kind.can_be_stopped() {
            self.progress.stop();
        }
    }
}

pub(super) struct Worker<S> {
    thread: Thread,
    /// Whether reports say which values statements bound.
    pub binds: Binds,
    tasks: Option<SyncSender<Envelope>>,
    replies: Receiver<Reply>,
    /// Replies that came while one was waited for.
    early: VecDeque<Reply>,
    /// Tasks that did not fit into the channel.
    outbox: VecDeque<Envelope>,
    waiting: HashMap<Lane, Waiting<S>>,
    generation: u64,
    handle: Option<JoinHandle<()>>,
}

impl<S: 'static> Worker<S> {
    pub fn start(
        name: &str,
        catalog: Catalog,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let thread = Thread {
            name: name.to_owned(),
            catalog,
            wake,
            closing: Arc::new(AtomicBool::new(false)),
            unfinished: Arc::default(),
        };
        let (tasks, replies, handle) = thread.start()?;
        Ok(Self {
            thread,
            binds: Binds::Hidden,
            tasks: Some(tasks),
            replies,
            early: VecDeque::new(),
            outbox: VecDeque::new(),
            waiting: HashMap::new(),
            generation: 0,
            handle: Some(handle),
        })
    }

    pub fn ask<T: Task>(
        &mut self,
        lane: Lane,
        task: T,
        receive: impl FnOnce(&mut S, Result<T::Output, Failure>, Duration) + 'static,
    ) -> Ticket<T::Output> {
        self.stop(lane);
        self.generation += 1;
        let generation = self.generation;
        let since = self.waiting.get(&lane).map_or_else(Instant::now, |waiting| waiting.since);
        let (kind, progress) = (T::KIND, Arc::new(Progress::begin()));
        let slot = Slot::default();
        let ticket = Ticket { lane, generation, slot: slot.clone() };
        let unfinished = kind.is_waited_for().then(|| Unfinished::one_of(&self.thread.unfinished));
        let envelope = Envelope::new(
            (lane, generation, self.binds),
            (Arc::clone(&progress), unfinished),
            task,
            slot.clone(),
        );
        let receive: Receive<S> =
            Box::new(move |state, outcome, took| receive(state, slot.outcome(outcome), took));
        self.waiting.insert(lane, Waiting { generation, since, kind, progress, receive });
        self.outbox.retain(|older| older.lane != lane || !older.kind.can_be_superseded());
        self.outbox.push_back(envelope);
        self.send();
        ticket
    }

    pub fn stop(&self, lane: Lane) {
        if let Some(waiting) = self.waiting.get(&lane) {
            waiting.stop();
        }
    }

    pub fn forget(&mut self, lane: Lane) {
        self.stop(lane);
        self.waiting.remove(&lane);
        self.outbox.retain(|envelope| envelope.lane != lane || !envelope.kind.can_be_stopped());
    }

    pub fn progress(&self, lane: Lane) -> Option<&Progress> {
        self.waiting.get(&lane).map(|waiting| &*waiting.progress)
    }

    pub fn waiting_since(&self, lane: Lane) -> Option<Instant> {
        self.waiting.get(&lane).map(|waiting| waiting.since)
    }

    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn is_writing(&self) -> bool {
        self.waiting.values().any(|waiting| waiting.kind == Kind::Writes)
    }

    /// Returns the answer of a lane, if it comes before a time.
    pub fn arrives(&mut self, lane: Lane, time: Instant) -> Option<Arrived<S>> {
        let came = self.early.iter().position(|reply| reply.report.lane == lane);
        let mut reply = came.and_then(|place| self.early.remove(place));
        while self.waiting.contains_key(&lane) {
            let next = reply.take().or_else(|| {
                let rest = time.saturating_duration_since(Instant::now());
                // None in time, or the thread is gone: the next call of `arrived` says so.
                self.replies.recv_timeout(rest).ok()
            })?;
            if next.report.lane != lane {
                self.early.push_back(next);
            } else if let Some(arrived) = self.accept(next) {
                self.send();
                return Some(arrived);
            }
        }
        None
    }

    /// Returns whether a question is the one that its lane waits for.
    pub fn is_awaited(&self, lane: Lane, generation: u64) -> bool {
        self.waiting.get(&lane).is_some_and(|waiting| waiting.generation == generation)
    }

    /// Returns an answer, unless its question has been superseded.
    fn accept(&mut self, Reply { generation, outcome, report }: Reply) -> Option<Arrived<S>> {
        if !self.is_awaited(report.lane, generation) {
            return None;
        }
        let Waiting { receive, .. } = self.waiting.remove(&report.lane)?;
        Some(Arrived { report, outcome, receive })
    }

    pub fn arrived(&mut self) -> Vec<Arrived<S>> {
        let mut arrived = Vec::new();
        let stopped = loop {
            match self.early.pop_front().map_or_else(|| self.replies.try_recv(), Ok) {
                Ok(reply) => arrived.extend(self.accept(reply)),
                Err(TryRecvError::Empty) => break false,
                Err(TryRecvError::Disconnected) => break true,
            }
        };
        if stopped {
            self.outbox.clear();
            arrived.extend(self.waiting.drain().map(|(lane, waiting)| {
                let (origin, statements) = (None, Vec::new());
                let report = Report { lane, took: Duration::ZERO, origin, statements };
                Arrived { report, outcome: Err(Failure::Stopped), receive: waiting.receive }
            }));
            self.restart();
        } else {
            self.send();
        }
        arrived
    }

    /// Starts the thread again: what it was doing is lost, what comes next is not.
    fn restart(&mut self) {
        match self.thread.start() {
            Ok((tasks, replies, handle)) => {
                self.tasks = Some(tasks);
                self.replies = replies;
                self.handle = Some(handle);
            }
            Err(error) => tracing::error!(%error, "{} was not started again", self.thread.name),
        }
    }

    fn send(&mut self) {
        let Some(tasks) = &self.tasks else {
            return;
        };
        while let Some(envelope) = self.outbox.pop_front() {
            match tasks.try_send(envelope) {
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

impl<S> Worker<S> {
    /// Stops what may be stopped.
    pub fn begin_to_close(&mut self) {
        self.thread.closing.store(true, Ordering::Release);
        self.waiting.values().for_each(Waiting::stop);
        // The thread may be waiting for room for an answer.
        self.replies = sync_channel(1).1;
    }

    /// Waits for what writes or makes something, and for nothing else.
    pub fn close(&mut self) {
        if let Some(tasks) = self.tasks.take() {
            for envelope in self.outbox.drain(..).filter(|envelope| !envelope.kind.can_be_stopped())
            {
                // Fails only when the thread is gone, and then there is nobody to write.
                let _ = tasks.send(envelope);
            }
        }
        let is_busy = self.thread.unfinished.load(Ordering::Acquire) > 0;
        if is_busy && let Some(handle) = self.handle.take() {
            // Panics of tasks are caught, so the thread ends by itself.
            let _ = handle.join();
        }
    }
}
