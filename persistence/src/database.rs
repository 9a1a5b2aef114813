//! A database: a pool of connections that sessions run on.

pub(crate) mod activity;
#[cfg(feature = "tokio")]
mod blocking;
mod catalog;
mod comparing;
mod place;
mod pool;
mod readers;
mod transaction;

use std::sync::Arc;
use std::time::Duration;

pub use catalog::CatalogBuilder;
pub(crate) use place::Place;
pub use transaction::{Begin, SessionOptions, TransactionOptions};

use crate::backend::{
    Access, Durability, Engine, Journal, MigrationStatus, Migrations, Missing, OpenOptions,
    Workload, at_target, classify_plain, redact_url,
};
use crate::defaults;
use crate::drift::{Drift, Entities};
use crate::entity::EntityMeta;
use crate::error::{Error, Result};
use crate::hooks::{Called, Hooks};
use crate::observe::{Binds, LogOptions};
use crate::session::{Change, ErasedEntity, Session};
use crate::value::Value;
use pool::{Manager, Pool};
use readers::{Reader, Readers};

/// A connection that goes back to its pool when dropped.
pub(crate) type Connection<C> = r2d2::PooledConnection<Manager<C>>;

/// Connections that are open at once, unless said otherwise.
const POOL_SIZE: u32 = 10;
/// How long a session waits for a free connection, unless said otherwise.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// A database: a pool of connections that sessions run on. Cheap to clone, shared between threads.
///
/// ```no_run
/// use diesel::SqliteConnection;
/// use persistence::Database;
///
/// let database = Database::<SqliteConnection>::open("bookshop.db")?;
/// let session = database.session()?;
/// # Ok::<(), persistence::Error>(())
/// ```
pub struct Database<C: Engine> {
    pool: Pool<C>,
    place: Arc<Place>,
    readers: Arc<Readers<C>>,
    pub(crate) called: Called<C>,
    #[cfg(feature = "tokio")]
    turns: blocking::Turns,
}

impl<C: Engine> Database<C> {
    /// Opens the database at a URL, and leaves it as it is: an SQLite file that is not there is an
    /// error, and one that is keeps its journal as it did. To make one, say
    /// [`create_missing`](DatabaseBuilder::create_missing).
    ///
    /// A file that is removed or replaced while it is open is noticed when a session is opened, and
    /// before what a session wrote is committed. One that somebody overwrites in place, as `cp`
    /// does, cannot be told from the one that was opened.
    ///
    /// # Errors
    /// [`Error::Unavailable`] that says what was tried and why it
    /// failed, without the password; [`Error::Schema`] for a file that is no
    /// database.
    pub fn open(url: &str) -> Result<Self> {
        Self::builder(url).open()
    }

    /// Opens the database at a URL in another than the usual way.
    #[must_use]
    pub fn builder(url: &str) -> DatabaseBuilder<C> {
        DatabaseBuilder {
            url: url.to_owned(),
            replicas: Vec::new(),
            options: OpenOptions::default(),
            pool_size: POOL_SIZE,
            connection_timeout: CONNECTION_TIMEOUT,
            log: LogOptions::default(),
            hooks: Hooks::default(),
        }
    }

    /// Opens a session. Its transaction begins with its first statement.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had in time.
    pub fn session(&self) -> Result<Session<C>> {
        self.session_with(SessionOptions::default())
    }

    /// Opens a session whose transactions are of another than the usual kind.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn session_with(&self, options: SessionOptions) -> Result<Session<C>> {
        let connection = self.pool.get(&self.place.target)?;
        Ok(Session::new(
            connection,
            Arc::clone(&self.place),
            Arc::clone(self.called.now()),
            options,
        ))
    }

    /// Runs the pending migrations, under a lock: several processes may do it at once. Returns the
    /// names of those that were run.
    ///
    /// # Errors
    /// [`Error::Schema`] that names the migration that failed.
    pub fn migrate(&self, migrations: &Migrations) -> Result<Vec<String>> {
        let run = self.unlimited(|connection| connection.migrate(migrations, None));
        self.migrated(run)
    }

    /// Returns all migrations, in their order, and which of them are applied. Writes nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn migration_status(&self, migrations: &Migrations) -> Result<Vec<MigrationStatus>> {
        let mut status = self.all_migrations(migrations)?;
        status.retain(|migration| migration.is_known);
        Ok(status)
    }

    /// Returns all migrations, those that only the database knows included.
    fn all_migrations(&self, migrations: &Migrations) -> Result<Vec<MigrationStatus>> {
        self.with_connection(|connection| connection.migration_status(migrations))
    }

    /// Runs the next migration, which has that name; returns whether it was pending.
    fn run_migration(&self, migrations: &Migrations, name: &str) -> Result<bool> {
        self.require_writable()?;
        let run = self.unlimited(|connection| connection.migrate(migrations, Some(name)));
        Ok(!self.migrated(run)?.is_empty())
    }

    /// Reverts the last migration, which has that name; returns whether it was applied.
    fn revert_named(&self, migrations: &Migrations, name: &str) -> Result<bool> {
        self.require_writable()?;
        let reverted = self.unlimited(|connection| connection.revert(migrations, Some(name)));
        Ok(self.migrated(reverted)?.is_some())
    }

    fn require_writable(&self) -> Result<()> {
        if self.is_read_only() {
            return Err(Error::ReadOnly { target: self.target().to_owned() });
        }
        Ok(())
    }

    /// Reverts the migration that was applied last. Returns its name; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Schema`] that names the migration.
    pub fn revert_migration(&self, migrations: &Migrations) -> Result<Option<String>> {
        let reverted = self.unlimited(|connection| {
            // The table of what is applied is not made in a database that has no migration.
            let status = connection.migration_status(migrations)?;
            if status.iter().any(|migration| migration.is_applied) {
                connection.revert(migrations, None)
            } else {
                Ok(None)
            }
        });
        self.migrated(reverted)
    }

    /// Looks what is recorded from now on, after tables were changed, whatever came of it.
    fn migrated<T>(&self, outcome: Result<T>) -> Result<T> {
        if let Err(error) = self.look_for_records() {
            // Whoever looks at the schema looks for it again.
            tracing::warn!(%error, "it is not known whether what is written can be recorded");
        }
        outcome
    }

    /// Looks whether what sessions change can be recorded, where the database may lack the table for it:
    /// sessions that are opened from now on do so or do not.
    pub(crate) fn look_for_records(&self) -> Result<()> {
        if let Some(wanted) = self.called.looks_for() {
            self.called.found_table(self.tables()?.iter().any(|table| table == wanted));
        }
        Ok(())
    }

    /// Compares the entities of a tuple with the database's tables: everything in which these are
    /// not as the entities say, in the entities' order; nothing where a program and its database
    /// fit. Writes nothing.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use schema::users;
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Drift, Entity};
    /// #[derive(Clone, Debug, PartialEq, Entity)]
    /// #[entity(table = users)]
    /// struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
    ///
    /// let database = Database::<SqliteConnection>::open(":memory:")?;
    /// # let mut session = database.session()?;
    /// # session.connection()?
    /// #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
    /// # session.commit()?; drop(session);
    /// for drift in database.check::<(User,)>()? {
    ///     assert_eq!(drift.to_string(), "users.name: takes NULL, which the entity cannot hold");
    /// }
    /// # assert_eq!(database.check::<(User,)>()?.len(), 1);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn check<T: Entities>(&self) -> Result<Vec<Drift>> {
        self.check_entities(T::metas())
    }

    /// Compares entities that are known only at run time with the database's tables, as
    /// [`check`](Self::check) does.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn check_entities(
        &self,
        entities: impl IntoIterator<Item = &'static EntityMeta>,
    ) -> Result<Vec<Drift>> {
        self.with_connection(|connection| {
            let mut drifts = Vec::new();
            for meta in entities {
                let live = connection.live_table(meta).map_err(classify_plain::<C>)?;
                drifts.extend(comparing::compare(meta, live.as_ref(), C::fits));
            }
            Ok(drifts)
        })
    }

    /// Returns what the database gives to columns of an entity that an insert leaves out, by their
    /// positions in the metadata, where that is a plain value.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn defaults(&self, meta: &'static EntityMeta) -> Result<Vec<(usize, Value)>> {
        self.with_connection(|connection| {
            let live = connection.live_table(meta).map_err(classify_plain::<C>)?;
            Ok(live.map(|live| defaults::constants(meta, &live)).unwrap_or_default())
        })
    }

    /// Returns the names of the tables that the database has, in their order; on servers those that
    /// are found without naming a schema.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn tables(&self) -> Result<Vec<String>> {
        self.with_connection(|connection| connection.tables().map_err(classify_plain::<C>))
    }

    /// Asks the database whether it answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub fn ping(&self) -> Result<()> {
        self.with_connection(|connection| connection.ping().map_err(classify_plain::<C>))
    }

    /// Returns what people call this database: its file, or its URL without the password.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.place.target
    }

    /// Returns whether writes are refused.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.place.access == Access::Read
    }

    /// Starts a catalog of the entities that an admin or a command line is to know of this database.
    #[must_use]
    pub fn catalog(&self) -> CatalogBuilder<C> {
        CatalogBuilder::new(self.clone())
    }

    /// Runs what takes the time it needs.
    fn unlimited<T>(&self, run: impl FnOnce(&mut C) -> Result<T>) -> Result<T> {
        let timeout = self.place.options.statement_timeout;
        if timeout.is_none() {
            return self.with_connection(run);
        }
        self.with_connection(|connection| {
            connection.limit_statements(None).map_err(classify_plain::<C>)?;
            let result = activity::unlimited(|| run(connection));
            connection.limit_statements(timeout).map_err(classify_plain::<C>)?;
            result
        })
    }

    fn with_connection<T>(&self, run: impl FnOnce(&mut C) -> Result<T>) -> Result<T> {
        let mut connection = self.pool.get(&self.place.target)?;
        run(&mut connection).map_err(|error| at_target(error, &self.place.target))
    }
}

impl<C: Engine> Clone for Database<C> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            place: Arc::clone(&self.place),
            readers: Arc::clone(&self.readers),
            called: self.called.clone(),
            #[cfg(feature = "tokio")]
            turns: self.turns.clone(),
        }
    }
}

impl<C: Engine> std::fmt::Debug for Database<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("engine", &C::NAME)
            .field("target", &self.place.target)
            .field("is_read_only", &self.is_read_only())
            .finish_non_exhaustive()
    }
}

/// How a [`Database`] is to be opened.
///
/// ```
/// use std::time::Duration;
///
/// use diesel::SqliteConnection;
/// use persistence::Database;
///
/// let database = Database::<SqliteConnection>::builder(":memory:")
///     .pool_size(4)
///     .statement_timeout(Duration::from_secs(5))
///     .log_slower_than(Duration::from_millis(200))
///     .open()?;
/// assert!(!database.is_read_only());
/// # Ok::<(), persistence::Error>(())
/// ```
pub struct DatabaseBuilder<C: Engine> {
    url: String,
    replicas: Vec<String>,
    options: OpenOptions,
    pool_size: u32,
    connection_timeout: Duration,
    log: LogOptions,
    hooks: Hooks<C>,
}

impl<C: Engine> DatabaseBuilder<C> {
    /// Adds a copy of the database that the server keeps up to date, for
    /// [`Database::read_session`]. It may be down: it is connected to when it is read from.
    #[must_use]
    pub fn replica(mut self, url: &str) -> Self {
        self.replicas.push(url.to_owned());
        self
    }

    /// Refuses writes; a missing SQLite file is an error.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.options.read_only = true;
        self
    }

    /// Makes an SQLite file that is not there, and gives a new one a write-ahead log, so that its
    /// readers and its writer do not wait for each other.
    #[must_use]
    pub fn create_missing(mut self) -> Self {
        self.options.missing = Missing::Created;
        self
    }

    /// Makes an SQLite database keep a write-ahead log, so that its readers and its writer do not
    /// wait for each other. The file remembers that, for every program that opens it, until one of
    /// them says otherwise; a new one has it anyway.
    #[must_use]
    pub fn write_ahead_log(mut self) -> Self {
        self.options.journal = Journal::WriteAheadLog;
        self
    }

    /// Sets what an SQLite database has been through when a commit is acknowledged:
    /// [`Durability::Full`] unless said otherwise, which waits for the disk at each commit.
    /// [`Durability::Relaxed`] makes small transactions several times as fast, and may lose the
    /// last of them with the power.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.options.durability = durability;
        self
    }

    /// Prepares for a program that writes millions of rows while nobody else needs the database.
    ///
    /// On SQLite each connection then takes up to 200 MB of memory for the pages that it works on,
    /// and, unless others have the file open, pages that do not fit go straight into the file
    /// instead of into a write-ahead log that grows with every one of them: until the transaction
    /// ends, others cannot read the file either. A database that kept a write-ahead log has it back
    /// once the last session and the [`Database`] are gone; one whose program was killed meanwhile
    /// stays without, which [`write_ahead_log`](Self::write_ahead_log) mends. Other engines need
    /// nothing of the kind.
    #[must_use]
    pub fn bulk_writes(mut self) -> Self {
        self.options.workload = Workload::Bulk;
        self
    }

    /// Sets how many connections may be open at once, at least 1; they are opened when needed. A
    /// database in memory has one.
    #[must_use]
    pub fn pool_size(mut self, connections: u32) -> Self {
        self.pool_size = connections.max(1);
        self
    }

    /// Sets how long a session waits for a free connection.
    #[must_use]
    pub fn connection_timeout(mut self, timeout: Duration) -> Self {
        self.connection_timeout = timeout.max(Duration::from_millis(1));
        self
    }

    /// Sets how long a statement waits for another connection's lock. The engine's own time where
    /// nothing is said; 5 s on SQLite. MySQL counts in whole seconds.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.options.lock_timeout = Some(timeout);
        self
    }

    /// Sets how long a statement may run; then it ends with
    /// [`Error::Timeout`], and the session can be used further. Migrations
    /// take the time they need.
    ///
    /// Servers keep to it themselves: PostgreSQL (`statement_timeout`) and MariaDB
    /// (`max_statement_time`) for every statement, MySQL (`max_execution_time`) for those that
    /// read. On SQLite the sessions' own statements with many rows look at the clock while they
    /// go through the rows; sorting what was found, and statements written by hand, are not
    /// stopped.
    ///
    /// On PostgreSQL a statement that is stopped spoils its transaction: a read in a transaction
    /// that has written something takes a savepoint, two round trips more.
    ///
    /// A server that says nothing at all for half of that time longer, and half a second at least,
    /// is given up: async code is told, its connections are thrown away, and new ones are opened.
    /// Code that blocks is told where the server's machine is gone (PostgreSQL's
    /// `tcp_user_timeout` and keepalives are set to that time), and not where only the server, or
    /// what stands before it, has stopped answering.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.options.statement_timeout = Some(timeout);
        self
    }

    /// Sets whether the values of bind parameters are logged; they are not, unless asked for.
    #[must_use]
    pub fn log_binds(mut self, binds: Binds) -> Self {
        self.log.binds = binds;
        self
    }

    /// Logs statements that take at least this long as warnings.
    #[must_use]
    pub fn log_slower_than(mut self, duration: Duration) -> Self {
        self.log.slow = Some(duration);
        self
    }

    /// Adds a function that looks at what a session is about to flush; an error of it, such as
    /// [`Error::Invalid`], refuses the flush, whose changes stay pending.
    ///
    /// It is asked before each flush that has something to write, with
    /// [what would be written](Session::changes). What repositories write at once (`insert`,
    /// `update`, `delete`) and bulk statements are not flushes: they are not shown here.
    #[must_use]
    pub fn before_flush(
        mut self,
        hook: impl Fn(&[Change]) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.hooks.before_flush.push(Arc::new(hook));
        self
    }

    /// Tells a function what was committed: flushed rows and what repositories wrote, row by row;
    /// bulk statements as one change with their filter. What the database did along (cascades) and
    /// statements written by hand are not among it. The commit is over: the function cannot take
    /// it back, and what it does is no part of the transaction.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Entity};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::users)]
    /// # struct User { #[entity(key, generated)] id: i64, name: String }
    /// let (sender, committed) = std::sync::mpsc::channel();
    /// let database = Database::<SqliteConnection>::builder(":memory:")
    ///     .after_commit(move |changes| {
    ///         sender.send(changes.iter().map(ToString::to_string).collect::<Vec<_>>()).ok();
    ///     })
    ///     .open()?;
    /// let mut session = database.session()?;
    /// # session.connection()?
    /// #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
    /// session.add(NewUser { name: "Ada".into() });
    /// session.commit()?;
    /// let changes = committed.recv().unwrap();
    /// assert_eq!(changes, ["INSERT INTO users (id, name) VALUES (1, 'Ada')"]);
    /// # Ok::<(), persistence::Error>(())
    /// ```
    #[must_use]
    pub fn after_commit(mut self, hook: impl Fn(&[Change]) + Send + Sync + 'static) -> Self {
        self.hooks.after_commit.push(Arc::new(hook));
        self
    }

    /// Names who writes by sessions that [name nobody](Session::set_actor), for the
    /// [audit](crate::audit).
    #[must_use]
    pub fn actor(mut self, actor: impl Into<String>) -> Self {
        self.hooks.actor = Some(actor.into());
        self
    }

    pub(crate) fn record(
        mut self,
        record: crate::hooks::Record<C>,
        recorded: &'static dyn ErasedEntity<C>,
    ) -> Self {
        self.hooks.record = Some(record);
        self.hooks.recorded = Some(recorded);
        self
    }

    /// Opens the database: one connection at once, the others when needed.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn open(self) -> Result<Database<C>> {
        let target = Arc::from(C::target(&self.url));
        let size = C::connection_limit(&self.url)
            .map_or(self.pool_size, |limit| limit.min(self.pool_size));
        let place = Arc::new(Place::new(self.url, self.options, target));
        let manager = Manager::open(&place, self.log)?;
        let pool = Pool::new(manager, Arc::clone(&place), size, self.connection_timeout);
        let reader = |place: Place| {
            let place = Arc::new(place);
            let manager = Manager::new(&place, self.log);
            let size = self.pool_size;
            let pool = Pool::new(manager, Arc::clone(&place), size, self.connection_timeout);
            Reader::new(pool, place)
        };
        let replicas = self
            .replicas
            .iter()
            .map(|url| reader(place.replica(url, Arc::from(C::target(url)))))
            .collect();
        let primary = if C::connection_limit(&place.url).is_some() {
            // There is but one connection, and that is the database.
            Reader::new(pool.clone(), Arc::new(place.reading()))
        } else {
            reader(place.reading())
        };
        let readers = Arc::new(Readers::new(primary, replicas));
        Ok(Database {
            pool,
            place,
            readers,
            called: Called::new(self.hooks),
            #[cfg(feature = "tokio")]
            turns: blocking::Turns::new(size),
        })
    }
}

impl<C: Engine> std::fmt::Debug for DatabaseBuilder<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseBuilder")
            .field("url", &redact_url(&self.url))
            .field("replicas", &self.replicas.iter().map(|url| redact_url(url)).collect::<Vec<_>>())
            .field("options", &self.options)
            .field("pool_size", &self.pool_size)
            .finish_non_exhaustive()
    }
}
