//! Sessions for async code: on Tokio's threads for work that blocks (feature `tokio`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::activity::{self, Activity, Waiting};
use super::{Database, TransactionOptions};
use crate::backend::{Engine, EngineKind};
use crate::error::{Error, Result};
use crate::session::Session;

/// How soon those that wait look whether work in front of them is to be given up.
const ATTENTION: Duration = Duration::from_millis(200);

/// As many turns as a pool has connections: what would only wait for one takes no thread.
#[derive(Clone)]
pub(super) struct Turns {
    free: Arc<Semaphore>,
    running: Arc<Mutex<Running>>,
}

/// What is being done, by number.
#[derive(Default)]
struct Running {
    last: u64,
    works: HashMap<u64, Arc<Work>>,
}

/// What is being done on a thread.
struct Work {
    activity: Arc<Activity>,
    /// Which connections it may have.
    generation: u64,
    /// Given back when the work ends, or is given up.
    turn: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Turns {
    pub(super) fn new(connections: u32) -> Self {
        let free = Semaphore::new(usize::try_from(connections).unwrap_or(usize::MAX));
        Self { free: Arc::new(free), running: Arc::default() }
    }

    fn begin(&self, turn: OwnedSemaphorePermit, generation: u64) -> (Arc<Work>, Ending) {
        let activity = Arc::default();
        let work = Arc::new(Work { activity, generation, turn: Mutex::new(Some(turn)) });
        let mut running = locked(&self.running);
        running.last += 1;
        let number = running.last;
        running.works.insert(number, Arc::clone(&work));
        (work, Ending { running: Arc::clone(&self.running), number })
    }
}

/// Gives the turn back when the work is done, also where nobody awaits it any more.
struct Ending {
    running: Arc<Mutex<Running>>,
    number: u64,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let work = locked(&self.running).works.remove(&self.number);
        drop(work.and_then(|work| locked(&work.turn).take()));
    }
}

/// Locks the mutex, also after a panic, which leaves nothing half done: all changes are single steps.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// For async code. Sessions block, so they run on Tokio's threads for such work
/// ([`spawn_blocking`](tokio::task::spawn_blocking)); no more of them at once than the pool has
/// connections, the others wait without a thread, as long as
/// [`connection_timeout`](super::DatabaseBuilder::connection_timeout) says. Tokio's timers have to
/// be enabled, as in `#[tokio::main]` they are.
///
/// Where a server falls silent and statements have a
/// [limit](super::DatabaseBuilder::statement_timeout), work that waits for it is given up somewhat
/// later: [`Error::Unavailable`], or [`Error::CommitUnknown`] where it was committing, and others
/// get new connections. What was given up commits nothing any more, should it go on after all.
///
/// A future that is dropped before it got its turn does nothing. One that is dropped later is not
/// told what becomes of its work, which goes on to its end on its thread, the commit included: for
/// how long is for [`statement_timeout`](super::DatabaseBuilder::statement_timeout) to say, or for
/// a [`Canceller`](crate::Canceller) that the closure hands out. A closure's panic goes on in the
/// code that awaits it.
impl<C: Engine> Database<C> {
    /// Runs a closure as [`transaction`](Self::transaction) does: it commits, and is replayed where
    /// trying again may help.
    ///
    /// ```
    /// # use diesel::SqliteConnection;
    /// # use persistence::{Database, Entity, Repository};
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } } use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
    /// async fn register(
    ///     database: &Database<SqliteConnection>,
    ///     name: String,
    /// ) -> persistence::Result<User> {
    ///     database.run(move |session| session.insert(NewUser { name: name.clone() })).await
    /// }
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # use diesel::connection::SimpleConnection;
    /// # let mut session = database.session()?;
    /// # session.connection()?.batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").unwrap();
    /// # session.commit()?; drop(session);
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    /// # assert_eq!(runtime.block_on(register(&database, "John".to_owned()))?.id, 1);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`transaction`](Self::transaction); [`Error::Unavailable`] when there is no turn in time.
    pub async fn run<T, F>(&self, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Session<C>) -> Result<T> + Send + 'static,
    {
        self.run_with(TransactionOptions::default(), run).await
    }

    /// Runs a closure as [`transaction_with`](Self::transaction_with) does.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_with<T, F>(&self, options: TransactionOptions, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Session<C>) -> Result<T> + Send + 'static,
    {
        self.on_thread(move |database| database.transaction_with(options, run)).await
    }

    /// Runs a closure once, in a session that is never committed: what it writes is taken back. It
    /// takes no write lock on SQLite.
    ///
    /// # Errors
    /// The closure's own; [`Error::Unavailable`] when no connection is to be had in time.
    pub async fn read<T, F>(&self, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<C>) -> Result<T> + Send + 'static,
    {
        self.on_thread(|database| read(&mut database.session()?)).await
    }

    /// Runs a closure that needs the database itself: [`ping`](Self::ping),
    /// [`migrate`](Self::migrate), [`session_with`](Self::session_with). It is to hold one
    /// connection at a time.
    ///
    /// # Errors
    /// The closure's own; [`Error::Unavailable`] when there is no turn in time;
    /// [`Error::Cancelled`] when the runtime ends before it has begun.
    pub async fn on_thread<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Self) -> Result<T> + Send + 'static,
    {
        let turn = self.turn().await?;
        let (work_there, ending) = self.turns.begin(turn, self.pool.generation());
        let (database, activity) = (self.clone(), Arc::clone(&work_there.activity));
        let span = tracing::Span::current();
        let mut task = tokio::task::spawn_blocking(move || {
            let _ending = ending;
            activity::watched(activity, || span.in_scope(|| work(&database)))
        });
        let ended = match self.patience() {
            None => task.await,
            Some(patience) => loop {
                match tokio::time::timeout(patience / 4, &mut task).await {
                    Ok(ended) => break ended,
                    Err(_) => {
                        if let Some(waiting) = self.give_up(&work_there, patience) {
                            return Err(self.silent(waiting, patience));
                        }
                    }
                }
            },
        };
        match ended.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(result) => result,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => Err(Error::Cancelled),
        }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.turns.free).acquire_owned();
        let mut turn = std::pin::pin!(turn);
        let deadline = tokio::time::Instant::now() + self.pool.timeout();
        loop {
            let now = tokio::time::Instant::now();
            match tokio::time::timeout_at(deadline.min(now + ATTENTION), &mut turn).await {
                Ok(turn) => return Ok(turn.expect("nobody closes the semaphore")),
                Err(_) if now >= deadline => {
                    return Err(self.pool.exhausted(&self.place.target));
                }
                Err(_) => self.give_up_all(),
            }
        }
    }

    /// Returns how long a statement is waited for; for ever in a file, where nobody can fall
    /// silent, and where statements have no limit.
    fn patience(&self) -> Option<Duration> {
        let is_server =
            EngineKind::of_url(&self.place.url).is_ok_and(|kind| kind != EngineKind::Sqlite);
        let timeout = self.place.options.statement_timeout.filter(|_| is_server);
        timeout.map(activity::patience)
    }

    /// Gives up all work that waits for a server that has fallen silent, where nobody awaits it.
    fn give_up_all(&self) {
        let Some(patience) = self.patience() else { return };
        let works: Vec<_> = locked(&self.turns.running).works.values().cloned().collect();
        for work in works {
            if locked(&work.turn).is_some() {
                self.give_up(&work, patience);
            }
        }
    }

    /// Gives up work that waits for a server that has fallen silent: its thread may wait on, but
    /// its turn is somebody else's, with another connection.
    fn give_up(&self, work: &Work, patience: Duration) -> Option<Waiting> {
        let waiting = work.activity.give_up(patience)?;
        drop(locked(&work.turn).take());
        self.pool.renew(work.generation);
        Some(waiting)
    }

    fn silent(&self, waiting: Waiting, patience: Duration) -> Error {
        let target = self.place.target.to_string();
        let message = format!("the server has said nothing for {patience:?}");
        match waiting {
            Waiting::Commit => Error::CommitUnknown { target, message },
            Waiting::Statement => Error::Unavailable { target, message },
        }
    }
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::sync_channel;

    use diesel::SqliteConnection;
    use diesel::connection::SimpleConnection as _;

    use super::*;
    use crate::error::RetryReason;

    const LONG: Duration = Duration::from_secs(30);

    fn database(
        folder: &tempfile::TempDir,
        connections: u32,
        patience: Duration,
    ) -> Database<SqliteConnection> {
        let file = folder.path().join("test.db");
        let database = Database::<SqliteConnection>::builder(&file.to_string_lossy())
            .pool_size(connections)
            .connection_timeout(patience)
            .create_missing()
            .open()
            .unwrap();
        let mut session = database.session().unwrap();
        session.connection().unwrap().batch_execute("CREATE TABLE notes (text TEXT)").unwrap();
        session.commit().unwrap();
        database
    }

    fn write(session: &mut Session<SqliteConnection>) -> Result<()> {
        session.connection()?.batch_execute("INSERT INTO notes VALUES ('x')").unwrap();
        Ok(())
    }

    async fn notes(database: &Database<SqliteConnection>) -> i64 {
        use diesel::dsl::sql;
        use diesel::sql_types::BigInt;
        use diesel::{QueryDsl as _, RunQueryDsl as _};
        diesel::table! { notes (text) { text -> Text } }
        let count = |session: &mut Session<SqliteConnection>| {
            let count = notes::table.select(sql::<BigInt>("count(*)"));
            Ok(count.get_result(session.connection()?).unwrap())
        };
        database.read(count).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_run_is_committed_and_what_is_read_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder, 4, LONG);
        database.run(write).await.unwrap();
        database.read(write).await.unwrap();
        assert_eq!(notes(&database).await, 1);
    }

    #[tokio::test]
    async fn a_closure_is_replayed_where_trying_again_may_help() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder, 4, LONG);
        let attempts = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&attempts);
        let run = database.run(move |session| {
            write(session)?;
            if counter.fetch_add(1, Ordering::Relaxed) < 2 {
                let (reason, message) = (RetryReason::Busy, "a test".to_owned());
                return Err(Error::Retryable { reason, message });
            }
            Ok(())
        });
        run.await.unwrap();
        assert_eq!((attempts.load(Ordering::Relaxed), notes(&database).await), (3, 1));
    }

    #[tokio::test]
    async fn who_gets_no_turn_in_time_is_told_so_and_took_no_thread() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder, 1, Duration::from_millis(50));
        let (end, ended) = sync_channel::<()>(0);
        let other = database.clone();
        let busy = tokio::spawn(async move {
            other
                .on_thread(move |_| {
                    ended.recv().ok();
                    Ok(())
                })
                .await
        });
        tokio::task::yield_now().await;
        let ran = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&ran);
        let late = database.read(move |_| Ok(counter.fetch_add(1, Ordering::Relaxed))).await;
        assert!(matches!(late, Err(Error::Unavailable { .. })), "{late:?}");
        drop(end);
        busy.await.unwrap().unwrap();
        assert_eq!((ran.load(Ordering::Relaxed), notes(&database).await), (0, 0));
    }

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder, 1, LONG);
        let (begin, begun) = tokio::sync::oneshot::channel();
        let (end, ended) = sync_channel::<()>(0);
        let mut begin = Some(begin);
        let other = database.clone();
        let run = tokio::spawn(async move {
            let run = other.run(move |session| {
                begin.take().map(|begin| begin.send(()));
                ended.recv().ok();
                write(session)
            });
            run.await
        });
        begun.await.unwrap();
        run.abort();
        assert!(run.await.unwrap_err().is_cancelled());
        drop(end);
        // Its turn ends when it does.
        assert_eq!(notes(&database).await, 1);
    }

    #[tokio::test]
    #[should_panic(expected = "the closure's own")]
    async fn a_panic_goes_on_in_who_awaits() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder, 1, LONG);
        let panicking = |_: &mut Session<SqliteConnection>| -> Result<()> {
            panic!("the closure's own");
        };
        drop(database.run(panicking).await);
    }
}
