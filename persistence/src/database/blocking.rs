//! Sessions for async code: on Tokio's threads for work that blocks (feature `tokio`).

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Database, TransactionOptions};
use crate::backend::Engine;
use crate::error::{Error, Result};
use crate::session::Session;

/// As many permits as a pool has connections: what would only wait for one takes no thread.
#[derive(Clone)]
pub(super) struct Permits(Arc<Semaphore>);

impl Permits {
    pub(super) fn new(connections: u32) -> Self {
        Self(Arc::new(Semaphore::new(usize::try_from(connections).unwrap_or(usize::MAX))))
    }
}

/// For async code. Sessions block, so they run on Tokio's threads for such work
/// ([`spawn_blocking`](tokio::task::spawn_blocking)); no more of them at once than the pool has
/// connections, the others wait without a thread, as long as
/// [`connection_timeout`](super::DatabaseBuilder::connection_timeout) says. Tokio's timers have to
/// be enabled, as in `#[tokio::main]` they are.
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
        let permit = self.permit().await?;
        let database = self.clone();
        let span = tracing::Span::current();
        let task = tokio::task::spawn_blocking(move || {
            // Freed when the work is done, also where nobody awaits it any more.
            let _permit = permit;
            span.in_scope(|| work(&database))
        });
        match task.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(result) => result,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => Err(Error::Cancelled),
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.permits.0).acquire_owned();
        match tokio::time::timeout(self.pool.timeout(), permit).await {
            Ok(permit) => Ok(permit.expect("nobody closes the semaphore")),
            Err(_) => Err(self.pool.exhausted(&self.place.target)),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

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
