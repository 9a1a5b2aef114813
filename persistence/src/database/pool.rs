//! Connections that are opened, checked and used again by r2d2.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use r2d2::{ManageConnection, NopErrorHandler};
use scheduled_thread_pool::{OnPoolDropBehavior, ScheduledThreadPool};

use super::{Connection, Place};
use crate::backend::files::{FileId, OpenedFile};
use crate::backend::{Access, Engine, EngineKind, Workload, at_target, classify_plain, each_host};
use crate::error::{Error, Result};
use crate::observe::{LogOptions, StatementLog};

/// Threads that open connections, at most. Each pool has its own: a server that does not answer keeps
/// nobody from another.
const THREADS: u32 = 2;
/// How soon a failed attempt to connect is noticed while waiting.
const ATTENTION: Duration = Duration::from_millis(100);
/// How long a server's connection stays open unused.
const IDLE_TIMEOUT: Duration = Duration::from_mins(10);

/// A connection, and the log that it writes to where the database is a file.
pub struct Opened<C> {
    connection: C,
    log: Option<FileId>,
}

impl<C> Deref for Opened<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.connection
    }
}

impl<C> DerefMut for Opened<C> {
    fn deref_mut(&mut self) -> &mut C {
        &mut self.connection
    }
}

impl<C> std::fmt::Debug for Opened<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("log", &self.log).finish_non_exhaustive()
    }
}

/// Opens and checks connections of one database.
pub struct Manager<C> {
    /// Held by those who use the database: a thread that has just opened a connection is none.
    place: Weak<Place>,
    /// Whether another server may be the primary one by now.
    has_hosts: bool,
    log: LogOptions,
    /// The connection that was opened to see whether the database answers.
    first: Mutex<Option<Opened<C>>>,
    last_error: LastError,
    /// Whether the pool is going: then no connection is kept.
    is_ending: Arc<AtomicBool>,
}

impl<C: Engine> Manager<C> {
    /// Opens no connection before one is needed.
    pub(super) fn new(place: &Arc<Place>, log: LogOptions) -> Self {
        let has_hosts = each_host(&place.url).len() > 1;
        let (first, last_error) = (Mutex::new(None), LastError::default());
        let is_ending = Arc::default();
        let place = Arc::downgrade(place);
        Self { place, has_hosts, log, first, last_error, is_ending }
    }

    /// Opens a first connection at once, so that what is wrong is told at once.
    pub(super) fn open(place: &Arc<Place>, log: LogOptions) -> Result<Self> {
        let manager = Self::new(place, log);
        let mut first = manager.connect_anew()?;
        if place.options.workload == Workload::Bulk && first.leave_log() {
            place.returns_to_log::<C>();
            first.log = None;
        }
        *locked(&manager.first) = Some(first);
        Ok(manager)
    }

    fn connect_anew(&self) -> Result<Opened<C>> {
        // What has another file's name is not opened in the other's place.
        let place = self.place()?;
        place.check_file()?;
        let mut connection = C::open(&place.url, &place.options)?;
        connection.set_instrumentation(StatementLog::new(self.log));
        let file = place.opened_file::<C>();
        place.check_file()?;
        Ok(Opened { connection, log: file.and_then(OpenedFile::log) })
    }

    fn place(&self) -> Result<Arc<Place>> {
        self.place.upgrade().ok_or_else(|| Error::Unavailable {
            target: C::NAME.to_owned(),
            message: "the database is not used any more".to_owned(),
        })
    }
}

impl<C> std::fmt::Debug for Manager<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.place.upgrade().map(|place| crate::backend::redact_url(&place.url));
        f.debug_tuple("Manager").field(&url).finish()
    }
}

impl<C: Engine> ManageConnection for Manager<C> {
    type Connection = Opened<C>;
    type Error = Error;

    fn connect(&self) -> Result<Opened<C>> {
        let first = locked(&self.first).take();
        let connected = first.map_or_else(|| self.connect_anew(), Ok);
        // r2d2 keeps an error's text only, and tells it late.
        connected.map_err(|error| {
            let text = Error::Unavailable { target: String::new(), message: error.to_string() };
            *locked(&self.last_error.0) = Some(error);
            text
        })
    }

    fn is_valid(&self, connection: &mut Opened<C>) -> Result<()> {
        let place = self.place()?;
        place.check_log(connection.log.as_ref())?;
        if !self.has_hosts || place.access == Access::Read {
            return connection.ping().map_err(classify_plain::<C>);
        }
        if connection.accepts_writes().map_err(classify_plain::<C>)? {
            return Ok(());
        }
        Err(Error::ReadOnly { target: place.target.to_string() })
    }

    fn has_broken(&self, connection: &mut Opened<C>) -> bool {
        // A connection inside a transaction counts as broken, too.
        std::thread::panicking() || connection.is_broken() || self.is_ending.load(Ordering::Acquire)
    }
}

/// Why the last attempt to connect failed.
#[derive(Clone, Debug, Default)]
struct LastError(Arc<Mutex<Option<Error>>>);

impl LastError {
    fn take(&self) -> Option<Error> {
        locked(&self.0).take()
    }
}

/// A pool of connections, which can be exchanged for a fresh one.
pub(super) struct Pool<C: Engine> {
    current: Arc<Mutex<Generation<C>>>,
    place: Arc<Place>,
    log: LogOptions,
    size: u32,
    timeout: Duration,
    last_error: LastError,
}

/// The connections since the last exchange.
struct Generation<C: Engine> {
    pool: r2d2::Pool<Manager<C>>,
    /// Tells the connections of a file that the pool is going.
    is_ending: Option<Arc<AtomicBool>>,
    place: Arc<Place>,
    #[cfg(feature = "tokio")]
    number: u64,
}

impl<C: Engine> Drop for Generation<C> {
    /// Closes the connections of a file here and now: the thread that opened one may hold the pool for
    /// a moment longer, and a program that ends meanwhile would leave the log of a database behind.
    fn drop(&mut self) {
        let Some(is_ending) = &self.is_ending else { return };
        is_ending.store(true, Ordering::Release);
        while let Some(connection) = self.pool.try_get() {
            drop(connection);
        }
        if self.pool.state().connections == 0 {
            self.place.closed();
        }
    }
}

impl<C: Engine> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self {
            current: Arc::clone(&self.current),
            place: Arc::clone(&self.place),
            log: self.log,
            size: self.size,
            timeout: self.timeout,
            last_error: self.last_error.clone(),
        }
    }
}

impl<C: Engine> Pool<C> {
    pub(super) fn new(
        manager: Manager<C>,
        place: Arc<Place>,
        size: u32,
        timeout: Duration,
    ) -> Self {
        let log = manager.log;
        let last_error = manager.last_error.clone();
        let is_file =
            EngineKind::of_url(&place.url).map_or(true, |kind| kind == EngineKind::Sqlite);
        let is_ending = is_file.then(|| Arc::clone(&manager.is_ending));
        let generation = Generation {
            pool: Self::build(manager, &place, size, timeout),
            is_ending,
            place: Arc::clone(&place),
            #[cfg(feature = "tokio")]
            number: 0,
        };
        let current = Arc::new(Mutex::new(generation));
        Self { current, place, log, size, timeout, last_error }
    }

    fn build(
        manager: Manager<C>,
        place: &Place,
        size: u32,
        timeout: Duration,
    ) -> r2d2::Pool<Manager<C>> {
        // A file's connection costs nothing while unused, and one in memory is the database: no
        // thread has to look after them.
        let is_server = EngineKind::of_url(&place.url).is_ok_and(|kind| kind != EngineKind::Sqlite);
        let idle_timeout = is_server.then_some(IDLE_TIMEOUT);
        r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .max_lifetime(None)
            .idle_timeout(idle_timeout)
            .connection_timeout(timeout)
            .error_handler(Box::new(NopErrorHandler))
            .thread_pool(Arc::new(threads(size)))
            .build_unchecked(manager)
    }

    fn pool(&self) -> r2d2::Pool<Manager<C>> {
        locked(&self.current).pool.clone()
    }

    /// Returns the number of the last exchange of connections.
    #[cfg(feature = "tokio")]
    pub(super) fn generation(&self) -> u64 {
        locked(&self.current).number
    }

    /// Throws all connections of that generation away, those in use once they are given back: the
    /// server has fallen silent on one of them. Nothing where that has been done.
    #[cfg(feature = "tokio")]
    pub(super) fn renew(&self, generation: u64) {
        let mut current = locked(&self.current);
        if current.number != generation {
            return;
        }
        tracing::warn!(database = %self.place.target, "silent: its connections are thrown away");
        let mut manager = Manager::new(&self.place, self.log);
        manager.last_error = self.last_error.clone();
        let fresh = Self::build(manager, &self.place, self.size, self.timeout);
        let old = std::mem::replace(&mut current.pool, fresh);
        current.number += 1;
        drop(current);
        // Closing them says goodbye, which takes a moment.
        tokio::task::spawn_blocking(move || drop(old));
    }

    /// Takes a free connection that answers.
    pub(super) fn get(&self, target: &str) -> Result<Connection<C>> {
        let deadline = Instant::now() + self.timeout;
        // Only what goes wrong from now on matters.
        drop(self.last_error.take());
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let pool = self.pool();
            if let Ok(connection) = pool.get_timeout(left.min(ATTENTION)) {
                return Ok(connection);
            }
            // Where no connection is open, none can become free: the error is the answer.
            let is_last = left <= ATTENTION;
            if is_last || pool.state().connections == 0 {
                match self.last_error.take() {
                    Some(error) => return Err(at_target(error, target)),
                    None if is_last => return Err(self.exhausted(target)),
                    None => {}
                }
            }
        }
    }

    /// Returns how long a session waits for a free connection.
    #[cfg(feature = "tokio")]
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn exhausted(&self, target: &str) -> Error {
        let seconds = self.timeout.as_secs_f32();
        let (open, size) = (self.pool().state().connections, self.size);
        let message = if open < size {
            format!(
                "{open} of {size} connections are open, opening another took longer than {seconds} s"
            )
        } else {
            format!("all {size} connections were in use for {seconds} s")
        };
        Error::Unavailable { target: target.to_owned(), message }
    }
}

fn threads(size: u32) -> ScheduledThreadPool {
    ScheduledThreadPool::builder()
        .num_threads(size.min(THREADS) as usize)
        .thread_name_pattern("connections-{}")
        .on_drop_behavior(OnPoolDropBehavior::DiscardPendingScheduled)
        .build()
}

/// Locks the mutex, also after a panic, which leaves nothing half done: all changes are single
/// assignments.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
