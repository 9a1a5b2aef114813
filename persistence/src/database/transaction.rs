//! Transactions as closures, which are replayed where trying again may help.

use std::cell::Cell;
use std::time::Duration;

use backon::{BlockingRetryable as _, ExponentialBuilder};

use super::Database;
use crate::backend::{Engine, Isolation};
use crate::error::{Error, Result};
use crate::session::Session;

/// How a session's transactions are begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionOptions {
    /// How much of other transactions they see; what the engine does by itself where nothing is
    /// said.
    pub isolation: Option<Isolation>,
    /// What the first statement of a transaction does on SQLite.
    pub begin: Begin,
}

/// When a transaction takes the write lock of an engine that has only one: SQLite. Nothing differs
/// on the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Begin {
    /// Before the first statement that writes; it is waited for as long as
    /// [`lock_timeout`](super::DatabaseBuilder::lock_timeout) says. A transaction that has read before
    /// is [`RetryReason::Busy`](crate::RetryReason::Busy) when somebody else has written since.
    #[default]
    WhenWriting,
    /// Before the first statement: what was read stays true until the commit, and only the begin
    /// can be busy.
    AtOnce,
}

/// How [`Database::transaction_with`] runs its closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionOptions {
    /// How much of other transactions it sees; what the engine does by itself where nothing is
    /// said.
    pub isolation: Option<Isolation>,
    /// How often the closure is run at most, at least once.
    pub attempts: u32,
    /// How long to wait after the first attempt that failed; every further wait is twice as long,
    /// and each up to twice as long again by chance, so that those that met do not meet again.
    pub first_wait: Duration,
    /// No wait is longer, chance apart.
    pub longest_wait: Duration,
}

impl Default for TransactionOptions {
    fn default() -> Self {
        Self {
            isolation: None,
            attempts: 10,
            first_wait: Duration::from_millis(5),
            longest_wait: Duration::from_secs(1),
        }
    }
}

impl TransactionOptions {
    /// Makes options with that isolation.
    #[must_use]
    pub fn isolated(isolation: Isolation) -> Self {
        Self { isolation: Some(isolation), ..Self::default() }
    }

    fn waits(&self) -> ExponentialBuilder {
        ExponentialBuilder::new()
            .with_jitter()
            .with_factor(2.0)
            .with_min_delay(self.first_wait)
            .with_max_delay(self.longest_wait)
            .with_max_times(usize::try_from(self.attempts.saturating_sub(1)).unwrap_or(usize::MAX))
    }
}

impl<C: Engine> Database<C> {
    /// Runs a closure in a session of its own and commits; replays the whole closure where the
    /// database says that trying again may help: [`Error::Retryable`], a serialisation failure, a
    /// deadlock or a lock that was held for too long; and where somebody has changed a row since
    /// the closure itself has read it: [`Error::Conflict`]. A conflict about a row that was read
    /// outside is the caller's.
    ///
    /// The closure may run several times, each time from the start with a fresh session: what it
    /// does besides its session (sending a mail, counting) happens each time. On SQLite it has the
    /// write lock from its first statement.
    ///
    /// ```
    /// # use diesel::SqliteConnection;
    /// # use persistence::{Database, Entity, Repository};
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } } use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
    /// let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # use diesel::connection::SimpleConnection;
    /// # let mut session = database.session()?;
    /// # session.connection()?.batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").unwrap();
    /// # session.commit()?; drop(session);
    /// let id = database.transaction(|session| {
    ///     let john: User = session.insert(NewUser { name: "John".into() })?;
    ///     Ok(john.id)
    /// })?;
    /// assert_eq!(id, 1);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// The closure's own at once, after a rollback. [`Error::Retryable`] and [`Error::Conflict`]
    /// after the last attempt, the former with their number. [`Error::CommitUnknown`] when the connection is lost while committing;
    /// then nothing is replayed.
    pub fn transaction<T>(&self, run: impl FnMut(&mut Session<C>) -> Result<T>) -> Result<T> {
        self.transaction_with(TransactionOptions::default(), run)
    }

    /// Runs a closure as [`transaction`](Self::transaction) does, in another than the usual way.
    ///
    /// # Errors
    /// As [`transaction`](Self::transaction).
    pub fn transaction_with<T>(
        &self,
        options: TransactionOptions,
        mut run: impl FnMut(&mut Session<C>) -> Result<T>,
    ) -> Result<T> {
        let mut attempts = 0_u32;
        let may_help = Cell::new(false);
        let begin = SessionOptions { isolation: options.isolation, begin: Begin::AtOnce };
        let attempt = || {
            attempts = attempts.saturating_add(1);
            may_help.set(false);
            let mut session = self.session_with(begin)?;
            let result = run(&mut session).and_then(|value| session.commit().map(|()| value));
            result.inspect_err(|error| may_help.set(session.may_try_again(error)))
        };
        attempt
            .retry(options.waits())
            .when(|_| may_help.get())
            .notify(|error, wait| {
                tracing::debug!(%error, ?wait, "the transaction is tried again");
            })
            .call()
            .map_err(|error| with_attempts(error, attempts))
    }
}

/// Says how often it was tried in an error that would have been worth another try.
fn with_attempts(error: Error, attempts: u32) -> Error {
    match error {
        Error::Retryable { reason, message } if attempts > 1 => {
            Error::Retryable { reason, message: format!("{message} (tried {attempts} times)") }
        }
        error => error,
    }
}
