//! Savepoints: a part of a transaction that can be taken back on its own.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use diesel::connection::TransactionManager;

use super::cancelling::Loss;
use super::identity_map::Noted;
use super::{NO_ENTITY, Session};
use crate::backend::{Access, Engine, Isolation, at_target};
use crate::database::Begin;
use crate::entity::EntityId;
use crate::error::{Error, Result, RetryReason};

impl<C: Engine> Session<C> {
    /// Runs a part of the transaction that is written as a whole or not at all, within a savepoint.
    /// Savepoints may be nested. What was pending before is flushed first.
    ///
    /// When the part fails or panics, or its flush does, the database and the session's rows are as they were
    /// before it, and the transaction goes on. A part that commits or rolls back itself has ended it: what
    /// comes after that is not taken back.
    ///
    /// ```
    /// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
    /// # use persistence::Entity; use schema::users;
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = users)]
    /// # struct User { #[entity(key, generated)] id: i64, #[entity(unique)] name: String }
    /// # use diesel::{SqliteConnection, connection::SimpleConnection};
    /// # use persistence::{Database, Error};
    /// # let database = Database::<SqliteConnection>::open(":memory:")?;
    /// let mut session = database.session()?;
    /// # session.connection()?.batch_execute(
    /// #     "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)").unwrap();
    /// session.add(NewUser { name: "Ada".into() });
    /// let refused = session.savepoint(|session| {
    ///     session.add(NewUser { name: "Grace".into() });
    ///     session.add(NewUser { name: "Ada".into() });
    ///     Ok(())
    /// });
    /// assert!(matches!(refused, Err(Error::Constraint(_))));
    /// session.commit()?;
    /// assert_eq!(session.query::<User>().load()?.len(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// The part's own, and as [`flush`](Self::flush).
    pub fn savepoint<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.flush()?;
        self.begin(self.access)?;
        self.has_effects = true;
        self.begin_savepoint()?;
        let depth = self.depth();
        let noted: HashMap<EntityId, Noted> =
            self.rows.iter().map(|(entity, rows)| (*entity, rows.noted())).collect();
        let noted = |entity: &EntityId| noted.get(entity).copied().unwrap_or_default();
        let begun: HashMap<EntityId, usize> =
            self.rows.iter_mut().map(|(entity, rows)| (*entity, rows.begin_part())).collect();
        let includes = self.includes.clone();
        let unreported = self.unreported.len();
        // A panic that somebody catches further out must not leave half of the part behind.
        let result = catch_unwind(AssertUnwindSafe(|| {
            let value = part(self)?;
            self.flush()?;
            Ok(value)
        }));
        if self.depth() != depth && self.lost.is_none() {
            self.end_parts(&begun, false);
            // The part has committed or rolled back everything: nothing is left to take back.
            return result.unwrap_or_else(|panic| resume_unwind(panic));
        }
        let failure = match result {
            Ok(Ok(value)) => match self.check_not_lost() {
                Ok(()) => {
                    self.end_parts(&begun, false);
                    return self.release_savepoint().map(|()| value);
                }
                Err(error) => Ok(error),
            },
            Ok(Err(error)) => Ok(error),
            Err(panic) => Err(panic),
        };
        for (entity, rows) in &mut self.rows {
            rows.discard_changes();
            rows.restore(noted(entity).journal);
        }
        self.end_parts(&begun, true);
        self.includes = includes;
        self.unreported.truncate(unreported);
        // The first error is what matters, also when the connection is lost altogether.
        if self.rollback_savepoint().is_err() {
            self.lost.get_or_insert(Loss::Ended);
        } else {
            self.read_back(|entity| noted(&entity));
        }
        match failure {
            Ok(error) => Err(error),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Ends what rows noted of a part of the transaction, for when it is taken back.
    fn end_parts(&mut self, begun: &HashMap<EntityId, usize>, is_taken_back: bool) {
        for (entity, rows) in &mut self.rows {
            match begun.get(entity) {
                Some(&begin) => rows.end_part(begin, is_taken_back),
                None if is_taken_back => rows.forget_lent(),
                None => {}
            }
        }
    }

    /// Returns how many transactions and savepoints are open.
    fn depth(&mut self) -> Option<std::num::NonZero<u32>> {
        C::TransactionManager::transaction_manager_status_mut(&mut *self.connection)
            .transaction_depth()
            .unwrap_or_default()
    }

    pub(super) fn begin_savepoint(&mut self) -> Result<()> {
        C::TransactionManager::begin_transaction(&mut *self.connection)
            .map_err(|error| at_target(C::classify(error, &NO_ENTITY), &self.target))
    }

    pub(super) fn release_savepoint(&mut self) -> Result<()> {
        C::TransactionManager::commit_transaction(&mut *self.connection)
            .map_err(|error| at_target(C::classify(error, &NO_ENTITY), &self.target))
    }

    pub(super) fn rollback_savepoint(&mut self) -> Result<()> {
        C::TransactionManager::rollback_transaction(&mut *self.connection)
            .map_err(|error| at_target(C::classify(error, &NO_ENTITY), &self.target))
    }

    /// Begins the transaction, where there is none.
    pub(super) fn begin(&mut self, access: Access) -> Result<()> {
        self.check_by_hand();
        self.check_not_lost()?;
        if self.in_transaction()
            && !(access == Access::Write && self.only_reads && self.ends_reading()?)
        {
            return Ok(());
        }
        (self.may_be_spoiled, self.reads_lock, self.has_written) = (false, false, false);
        // What was read in a transaction that is to see one state cannot be read again.
        self.has_effects = !matches!(self.options.isolation, None | Some(Isolation::ReadCommitted));
        let access = if self.options.begin == Begin::AtOnce { self.access } else { access };
        let begun = if self.outer_transactions == 0 {
            self.connection.begin_isolated(access, self.options.isolation)
        } else {
            C::TransactionManager::begin_transaction(&mut *self.connection)
        };
        begun.map_err(|error| self.classified(error, &NO_ENTITY))?;
        self.only_reads = access == Access::Read;
        if self.only_reads { Ok(()) } else { self.check_unchanged() }
    }

    /// Ends a transaction that has only read, where the engine's only write lock cannot be waited
    /// for within it; returns whether it did. What was read is to be true still in the transaction
    /// that follows.
    fn ends_reading(&mut self) -> Result<bool> {
        self.only_reads = false;
        let version = self.connection.version_read();
        let Some(version) = version.map_err(|error| self.classified(error, &NO_ENTITY))? else {
            return Ok(false);
        };
        if self.outer_transactions > 0 {
            return Ok(false);
        }
        self.read_version.get_or_insert(version);
        C::TransactionManager::rollback_transaction(&mut *self.connection)
            .map_err(|error| self.classified(error, &NO_ENTITY))?;
        Ok(true)
    }

    /// Refuses to write by what was read before others have written.
    fn check_unchanged(&mut self) -> Result<()> {
        let Some(read) = self.read_version else { return Ok(()) };
        let now = self.connection.version_read();
        if now.map_err(|error| self.classified(error, &NO_ENTITY))? == Some(read) {
            return Ok(());
        }
        C::TransactionManager::rollback_transaction(&mut *self.connection)
            .map_err(|error| self.classified(error, &NO_ENTITY))?;
        Err(Error::Retryable {
            reason: RetryReason::Busy,
            message: "somebody else has written since this transaction read; \
                      roll back and begin again"
                .to_owned(),
        })
    }

    pub(super) fn in_transaction(&mut self) -> bool {
        // A broken transaction has no depth, but must be rolled back all the same.
        C::TransactionManager::transaction_manager_status_mut(&mut *self.connection)
            .transaction_depth()
            .map_or(true, |depth| depth.map_or(0, u32::from) > self.outer_transactions)
    }
}
