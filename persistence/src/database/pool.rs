//! Connections that are opened, checked and used again by r2d2.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use r2d2::{HandleError, ManageConnection};
use scheduled_thread_pool::ScheduledThreadPool;

use super::Connection;
use crate::backend::{Engine, OpenOptions, at_target, classify_plain};
use crate::error::{Error, Result};
use crate::observe::{LogOptions, StatementLog};

/// Threads that open connections, for all pools of the process.
const THREADS: usize = 2;
/// How long a server's connection stays open unused.
const IDLE_TIMEOUT: Duration = Duration::from_mins(10);

/// Opens and checks connections of one database.
pub struct Manager<C> {
    url: String,
    options: OpenOptions,
    log: LogOptions,
    /// The connection that was opened to see whether the database answers.
    first: Mutex<Option<C>>,
}

impl<C: Engine> Manager<C> {
    /// Opens a first connection at once, so that what is wrong is told at once.
    pub(super) fn open(url: String, options: OpenOptions, log: LogOptions) -> Result<Self> {
        let manager = Self { url, options, log, first: Mutex::new(None) };
        let first = manager.connect_anew()?;
        *locked(&manager.first) = Some(first);
        Ok(manager)
    }

    fn connect_anew(&self) -> Result<C> {
        let mut connection = C::open(&self.url, &self.options)?;
        connection.set_instrumentation(StatementLog::new(self.log));
        Ok(connection)
    }
}

impl<C> std::fmt::Debug for Manager<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Manager").field(&crate::backend::redact_url(&self.url)).finish()
    }
}

impl<C: Engine> ManageConnection for Manager<C> {
    type Connection = C;
    type Error = Error;

    fn connect(&self) -> Result<C> {
        let first = locked(&self.first).take();
        first.map_or_else(|| self.connect_anew(), Ok)
    }

    fn is_valid(&self, connection: &mut C) -> Result<()> {
        connection.ping().map_err(classify_plain::<C>)
    }

    fn has_broken(&self, connection: &mut C) -> bool {
        // A connection inside a transaction counts as broken, too.
        std::thread::panicking() || connection.is_broken()
    }
}

/// Keeps why the last connection failed, for whoever waits in vain.
#[derive(Clone, Debug, Default)]
struct LastError(Arc<Mutex<Option<Error>>>);

impl HandleError<Error> for LastError {
    fn handle_error(&self, error: Error) {
        *locked(&self.0) = Some(error);
    }
}

/// A pool of connections.
pub(super) struct Pool<C: Engine> {
    pool: r2d2::Pool<Manager<C>>,
    last_error: LastError,
}

impl<C: Engine> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), last_error: self.last_error.clone() }
    }
}

impl<C: Engine> Pool<C> {
    pub(super) fn new(manager: Manager<C>, size: u32, timeout: Duration) -> Self {
        let last_error = LastError::default();
        // A file's connection costs nothing while unused, and one in memory is the database.
        let idle_timeout = C::connection_limit(&manager.url).is_none().then_some(IDLE_TIMEOUT);
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .max_lifetime(None)
            .idle_timeout(idle_timeout)
            .connection_timeout(timeout)
            .error_handler(Box::new(last_error.clone()))
            .thread_pool(threads())
            .build_unchecked(manager);
        Self { pool, last_error }
    }

    /// A free connection that answers.
    pub(super) fn get(&self, target: &str) -> Result<Connection<C>> {
        // A free connection that turns out to be lost is replaced by a new one; what was wrong
        // with it matters only if that fails, too.
        self.pool.get().inspect(|_| drop(locked(&self.last_error.0).take())).map_err(|_| {
            let last_error = locked(&self.last_error.0).take();
            last_error.map_or_else(|| self.exhausted(target), |error| at_target(error, target))
        })
    }

    fn exhausted(&self, target: &str) -> Error {
        let (seconds, in_use) =
            (self.pool.connection_timeout().as_secs_f32(), self.pool.state().connections);
        Error::Unavailable {
            target: target.to_owned(),
            message: format!("all {in_use} connections were in use for {seconds} s"),
        }
    }
}

fn threads() -> Arc<ScheduledThreadPool> {
    static SHARED: OnceLock<Arc<ScheduledThreadPool>> = OnceLock::new();
    let threads = SHARED.get_or_init(|| {
        let pool = ScheduledThreadPool::builder()
            .num_threads(THREADS)
            .thread_name_pattern("connections-{}")
            .build();
        Arc::new(pool)
    });
    Arc::clone(threads)
}

/// What a panic left behind is as good as before: single assignments.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
