//! The session: one transaction at a time, a unit of work over the rows it has seen.

mod along;
mod browse;
mod by_name;
mod cancelling;
mod changes;
mod flush;
mod found;
mod given_keys;
mod guarding;
mod identity_map;
mod including;
mod lent;
mod plan;
mod query;
mod records;
mod relating;
mod reporting;
mod repository;
mod rows;
mod savepoint;
mod settling;
mod tracking;
mod walk;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use diesel::connection::TransactionManager;
use diesel::result::QueryResult;

use crate::backend::{Access, Engine, at_target, classify_commit};
use crate::database::activity;
use crate::database::{self, Begin, Place, SessionOptions};
use crate::drift::{Hindered, Remembered};
use crate::entity::{Entity, EntityId, EntityMeta};
use crate::error::{ConstraintViolation, Error, Result, RetryReason};
use crate::hooks::Hooks;
use crate::interruption::{Canceller, interruptible};
pub use crate::reference::Key;
use crate::reference::{Slot, next_session};
use crate::sql::{Mapper, Typed};
use crate::value::RecordKey;
use cancelling::Loss;
use identity_map::{AllRows, Noted};
use relating::Included;

pub(crate) use by_name::{ByName, ErasedEntity};
pub use changes::{Change, ChangeKind};
pub(crate) use including::{include_typed, relate_one};
pub use query::SessionQuery;
pub use walk::Walk;

/// A unit of work on one connection: rows that were added, read, changed and deleted, and the
/// transaction that writes them.
///
/// The session owns the rows; a [`Key`] is a small handle to one: `session[key]` reads,
/// `session[key].age = Some(31)` changes. [`flush`](Self::flush) writes what differs,
/// [`commit`](Self::commit) makes it permanent. Reading through the session flushes first. It is a
/// [`Repository`](crate::Repository) of every entity its engine stores as well.
///
/// Dropped uncommitted, it takes everything back.
///
/// ```
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
/// # use diesel::{SqliteConnection, connection::SimpleConnection};
/// # use persistence::{Database, Entity};
/// # #[derive(Clone, Debug, PartialEq, Entity)]
/// # #[entity(table = schema::users)]
/// # struct User { #[entity(key, generated)] id: i64, name: String }
/// # let database = Database::<SqliteConnection>::open(":memory:")?;
/// let mut session = database.session()?;
/// # session.connection()?
/// #     .batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
/// let ada = session.add(NewUser { name: "Ada".into() });
/// session.commit()?;
/// session[ada].name = "Ada Lovelace".into();
/// assert_eq!(session.query::<User>().filter(User::NAME.contains("love")).one()?, ada);
/// session.rollback()?;
/// assert_eq!(session[ada].name, "Ada");
/// # Ok::<(), persistence::Error>(())
/// ```
#[expect(clippy::struct_excessive_bools, reason = "each is one fact about the transaction")]
pub struct Session<C: Engine> {
    connection: database::Connection<C>,
    target: Arc<str>,
    access: Access,
    options: SessionOptions,
    place: Arc<Place>,
    hooks: Arc<Hooks<C>>,
    /// What was written and is not committed, for the hooks.
    unreported: Vec<Change>,
    actor: Option<String>,
    transaction: Option<uuid::Uuid>,
    /// Whether the transaction that was named last is over.
    is_committed: bool,
    canceller: Option<Canceller>,
    /// Transactions around this session's own, which it does not end.
    outer_transactions: u32,
    /// Whether the transaction holds what a rollback would lose: writes, locks, a snapshot.
    has_effects: bool,
    /// Whether the transaction has written, so that what is read may be taken back with it.
    has_written: bool,
    /// Whether what is read is locked, which may well fail.
    reads_lock: bool,
    /// Whether a failed statement may have spoiled the transaction.
    may_be_spoiled: bool,
    /// Why the transaction was taken back without the program having asked for it, if it was.
    lost: Option<Loss>,
    /// Whether the transaction was begun as one that only reads.
    only_reads: bool,
    /// What was read in a transaction that has given way to one that writes, as the engine counts
    /// the writes of others.
    read_version: Option<i64>,
    /// Whether the last conflict was about a row that this session has read itself.
    has_own_conflict: bool,
    id: u32,
    autoflush: Autoflush,
    /// Whose rows the database may delete along with others, as far as the catalog says.
    entities: Arc<[&'static EntityMeta]>,
    /// Which tables are not as the catalog's entities say, as far as somebody has looked.
    drift: Arc<Remembered>,
    rows: AllRows<C>,
    includes: HashMap<(Slot, &'static str), Included>,
}

/// Whether queries flush pending changes before they read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Autoflush {
    /// They do: what was added or changed is found.
    #[default]
    On,
    /// They read what was flushed so far.
    Off,
}

/// How many statements a write takes: more than one need a savepoint to be all or none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Statements {
    One,
    Many,
}

impl<C: Engine> Session<C> {
    /// Makes a session on a connection of a pool.
    pub(crate) fn new(
        connection: database::Connection<C>,
        place: Arc<Place>,
        hooks: Arc<Hooks<C>>,
        options: SessionOptions,
    ) -> Self {
        Self {
            connection,
            target: Arc::clone(&place.target),
            access: place.access,
            options,
            place,
            unreported: Vec::new(),
            actor: hooks.actor.clone(),
            hooks,
            transaction: None,
            is_committed: false,
            canceller: None,
            outer_transactions: 0,
            has_effects: false,
            has_written: false,
            reads_lock: false,
            may_be_spoiled: false,
            lost: None,
            only_reads: false,
            read_version: None,
            has_own_conflict: false,
            id: next_session(),
            autoflush: Autoflush::On,
            entities: Arc::default(),
            drift: Arc::default(),
            rows: AllRows::default(),
            includes: HashMap::new(),
        }
    }

    /// Sets whether a query flushes first, so that it sees what is pending. It does, unless said
    /// otherwise here; [`commit`](Self::commit) and [`connection`](Self::connection) always do.
    pub fn set_autoflush(&mut self, autoflush: Autoflush) {
        self.autoflush = autoflush;
    }

    /// Does what a query does before it reads.
    fn before_reading(&mut self) -> Result<()> {
        match self.autoflush {
            Autoflush::On => self.flush(),
            Autoflush::Off => Ok(()),
        }
    }

    /// Returns Diesel's connection, inside this session's transaction, for what the session does
    /// not cover. Pending changes are flushed first.
    ///
    /// Rows that are changed through it are not noticed by the session. On MySQL and MariaDB a
    /// statement that changes tables commits by itself.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn connection(&mut self) -> Result<&mut C> {
        self.flush()?;
        self.begin(self.access)?;
        (self.has_effects, self.has_written, self.may_be_spoiled) = (true, true, true);
        Ok(&mut self.connection)
    }

    /// Makes everything written so far permanent, pending changes included; the session goes on
    /// with a new transaction. A session that wrote nothing sends nothing.
    ///
    /// # Errors
    /// As [`flush`](Self::flush), and when the database refuses the commit: then nothing was
    /// written, and the session's rows are as before the transaction.
    pub fn commit(&mut self) -> Result<()> {
        self.flush()?;
        self.check_unspoiled()?;
        if self.has_effects
            && let Err(error) = self.place.check_file()
        {
            self.give_up();
            return Err(error);
        }
        // Savepoints that are open are released with it.
        while self.in_transaction() {
            let commit = || C::TransactionManager::commit_transaction(&mut *self.connection);
            let committed = match activity::committing(commit) {
                Some(committed) => committed.map_err(classify_commit::<C>),
                None => Err(given_up()),
            };
            if let Err(error) = committed {
                let error = at_target(error, &self.target);
                // What the database said of the commit is what matters, also when the connection
                // is lost altogether: then it is asked for nothing more.
                if matches!(error, Error::Unavailable { .. } | Error::CommitUnknown { .. }) {
                    self.give_up();
                } else {
                    self.rollback().ok();
                }
                return Err(error);
            }
        }
        self.read_version = None;
        for rows in self.rows.values_mut() {
            rows.committed();
        }
        self.after_commit();
        Ok(())
    }

    /// Takes everything back that was written or changed since the last commit. Rows that were
    /// added since are gone from the session; those that were read after something was written are
    /// read once more, a statement an entity.
    ///
    /// # Errors
    /// When the connection is lost; the database then takes back by itself.
    pub fn rollback(&mut self) -> Result<()> {
        if let Err(error) = self.take_back() {
            self.forget_reads();
            return Err(error);
        }
        self.read_back(|_| Noted::default());
        for rows in self.rows.values_mut() {
            rows.committed();
        }
        // What was read again is not the beginning of the next transaction.
        self.read_version = None;
        (self.lost, self.may_be_spoiled) = (None, false);
        self.end_transaction()
    }

    /// Takes everything back after the database has refused to go on: it is asked for nothing more.
    fn give_up(&mut self) {
        self.take_back().ok();
        self.forget_reads();
    }

    /// Marks rows to be read again that were read since the transaction has written, and ends what
    /// was noted of it.
    fn forget_reads(&mut self) {
        let given = given_to_twins(&self.rows, |_| Noted::default());
        for (entity, rows) in &mut self.rows {
            rows.expire_read(given.get(entity).map_or(&[], Vec::as_slice));
            rows.committed();
        }
    }

    /// Takes everything back, here and in the database.
    fn take_back(&mut self) -> Result<()> {
        for rows in self.rows.values_mut() {
            rows.rolled_back();
        }
        self.includes.clear();
        self.read_version = None;
        self.has_own_conflict = false;
        self.unreported.clear();
        self.transaction = None;
        (self.lost, self.may_be_spoiled) = (None, false);
        self.end_transaction()
    }

    fn end_transaction(&mut self) -> Result<()> {
        while self.in_transaction() {
            C::TransactionManager::rollback_transaction(&mut *self.connection)
                .map_err(|error| at_target(C::classify(error, &NO_ENTITY), &self.target))?;
        }
        Ok(())
    }

    /// Reads again what was read in a part of the transaction that was taken back: of each entity,
    /// what it has noted since.
    fn read_back(&mut self, since: impl Fn(EntityId) -> Noted) {
        // To read, no lock is waited for.
        let begin = std::mem::replace(&mut self.options.begin, Begin::WhenWriting);
        self.with_all_rows(|session, all| {
            let given = given_to_twins(all, &since);
            for (entity, rows) in all {
                let given = given.get(entity).map_or(&[][..], Vec::as_slice);
                rows.read_back(session, since(*entity), given);
            }
        });
        self.options.begin = begin;
    }

    /// Runs a statement that reads; once more, where it was prepared for a table that is another by
    /// now and the transaction has nothing to lose.
    fn read<T>(
        &mut self,
        meta: &'static EntityMeta,
        mut run: impl FnMut(&mut C) -> QueryResult<T>,
    ) -> Result<T> {
        match self.read_once(meta, &mut run) {
            Err(error) if self.has_forgotten(&error) => self.read_once(meta, run),
            result => result,
        }
    }

    fn read_once<T>(
        &mut self,
        meta: &'static EntityMeta,
        run: impl FnOnce(&mut C) -> QueryResult<T>,
    ) -> Result<T> {
        self.begin(Access::Read)?;
        let with_savepoint = self.reads_need_savepoint();
        if with_savepoint {
            C::TransactionManager::begin_transaction(&mut *self.connection)
                .map_err(|error| self.classified(error, meta))?;
        }
        let timeout = self.place.options.statement_timeout;
        let result = interruptible(self.canceller.as_ref(), timeout, || run(&mut self.connection));
        let result = result.map_err(|error| self.told_by_drift(self.classified(error, meta), meta));
        self.after_reading(result.is_ok(), with_savepoint);
        result.inspect_err(|error| self.notice_loss(error))
    }

    /// Returns an error of reading with what differs between the entity and its table, where that is known
    /// to be the cause.
    fn told_by_drift(&self, error: Error, meta: &'static EntityMeta) -> Error {
        match error {
            Error::Schema { .. } => match self.drift.of(meta.table) {
                Some(drift) if drift.hinders() == Hindered::Reading => {
                    Error::Drifted(Box::new(drift))
                }
                _ => error,
            },
            error => error,
        }
    }

    /// Refuses to write a table that is known not to be as its entity says.
    ///
    /// # Errors
    /// [`Error::Drifted`] then.
    fn require_fit(&self, meta: &'static EntityMeta) -> Result<()> {
        self.drift.of(meta.table).map_or(Ok(()), |drift| Err(Error::Drifted(Box::new(drift))))
    }

    /// Forgets the prepared statements where an error says that they were made for other tables;
    /// returns whether what has failed can be run again by itself.
    fn has_forgotten(&mut self, error: &Error) -> bool {
        if !matches!(error, Error::Retryable { reason: RetryReason::SchemaChanged, .. }) {
            return false;
        }
        self.connection.forget_statements();
        !(C::ERRORS_SPOIL_TRANSACTION && self.may_be_spoiled && self.in_transaction())
    }

    /// Runs statements that write: all or none of them. `rows` are the rows written, to find out
    /// which one a foreign key refused.
    fn write<E: Entity, T>(
        &mut self,
        statements: Statements,
        rows: &mut [E],
        run: impl FnMut(&mut C, &mut [E]) -> QueryResult<T>,
    ) -> Result<T> {
        self.write_mapped(Typed::<E>::ENTITY, statements, rows, run)
    }

    /// Does the same with rows whose type may be known to nobody.
    fn write_mapped<M: Mapper, T>(
        &mut self,
        mapper: M,
        statements: Statements,
        rows: &mut [M::Row],
        mut run: impl FnMut(&mut C, &mut [M::Row]) -> QueryResult<T>,
    ) -> Result<T> {
        match self.write_once(mapper, statements, rows, &mut run) {
            Err(error) if self.has_forgotten(&error) => {
                self.write_once(mapper, statements, rows, run)
            }
            result => result,
        }
    }

    fn write_once<M: Mapper, T>(
        &mut self,
        mapper: M,
        statements: Statements,
        rows: &mut [M::Row],
        run: impl FnOnce(&mut C, &mut [M::Row]) -> QueryResult<T>,
    ) -> Result<T> {
        if self.access == Access::Read {
            return Err(Error::ReadOnly { target: self.target.to_string() });
        }
        self.require_fit(mapper.meta())?;
        self.begin(Access::Write)?;
        let classify = |error| C::classify(error, mapper.meta());
        let must_be_whole = statements == Statements::Many || C::ERRORS_SPOIL_TRANSACTION;
        // A transaction in which there is nothing to lose can be taken back as a whole.
        let with_savepoint = must_be_whole && self.has_effects;
        (self.has_effects, self.has_written) = (true, true);
        if with_savepoint {
            C::TransactionManager::begin_transaction(&mut *self.connection).map_err(classify)?;
        }
        let timeout = self.place.options.statement_timeout;
        let result =
            interruptible(self.canceller.as_ref(), timeout, || run(&mut self.connection, rows));
        let error = match result {
            Ok(value) if with_savepoint => {
                C::TransactionManager::commit_transaction(&mut *self.connection)
                    .map_err(classify)?;
                return Ok(value);
            }
            Ok(value) => return Ok(value),
            Err(error) => classify(error),
        };
        if with_savepoint || !must_be_whole {
            self.notice_loss(&error);
        }
        if must_be_whole {
            // The first error is what matters, also when the connection is lost altogether.
            C::TransactionManager::rollback_transaction(&mut *self.connection).ok();
        }
        Err(self.explained(mapper, error, rows))
    }

    /// Completes a violation of which the engine says too little.
    fn explained<M: Mapper>(&mut self, mapper: M, error: Error, rows: &[M::Row]) -> Error {
        let mut violation = match error {
            Error::Constraint(violation) => violation,
            error => return at_target(error, &self.target),
        };
        let is_vague = |violation: &ConstraintViolation| {
            violation.columns.is_empty() && violation.referenced_by.is_empty()
        };
        if rows.is_empty() && is_vague(&violation) {
            self.connection.explain(&mut violation, mapper.meta(), None);
        }
        for row in rows {
            if is_vague(&violation) {
                let row = mapper.record(row);
                self.connection.explain(&mut violation, mapper.meta(), Some(&row));
            }
        }
        Error::Constraint(violation)
    }
}

impl<C: Engine> Drop for Session<C> {
    fn drop(&mut self) {
        // Nobody is left to tell; a connection that cannot roll back is not reused by the pool.
        self.take_back().ok();
        if self.outer_transactions > 0 {
            C::TransactionManager::rollback_transaction(&mut *self.connection).ok();
        }
        if let Some(canceller) = &self.canceller {
            canceller.end();
        }
    }
}

impl<C: Engine> fmt::Debug for Session<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("target", &self.target)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

/// Returns the keys that other entities of the same tables have given to rows.
fn given_to_twins<C: Engine>(
    all: &AllRows<C>,
    since: impl Fn(EntityId) -> Noted,
) -> HashMap<EntityId, Vec<Option<RecordKey>>> {
    let mut given: HashMap<EntityId, Vec<Option<RecordKey>>> = HashMap::new();
    for (entity, rows) in all {
        let twins = all.iter().filter(|(_, other)| settling::are_twins(rows.meta(), other.meta()));
        for (twin, twins) in twins {
            given.entry(*entity).or_default().extend(twins.given(since(*twin)));
        }
    }
    given
}

/// Makes the error for a server that was not waited for any longer: whoever waited was told that
/// nothing was written.
fn given_up() -> Error {
    let message = "the server was silent for so long that this was given up".to_owned();
    Error::Unavailable { target: String::new(), message }
}

/// Stands where an error is about the transaction, not about an entity's row.
static NO_ENTITY: EntityMeta = EntityMeta::new("transaction", "", &[], &[]);
