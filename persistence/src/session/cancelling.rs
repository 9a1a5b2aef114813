//! Sessions whose statements are stopped, and what becomes of their transactions.

use std::sync::Arc;

use diesel::connection::TransactionManager;

use super::Session;
use crate::backend::{Access, Engine, at_target, classify_plain};
use crate::entity::EntityMeta;
use crate::error::{Error, Result};
use crate::interruption::Canceller;

/// Why a transaction is over although the session has not ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Another transaction was in its way: it may succeed when it is tried again.
    Victim,
    /// Something failed in a way that ends it.
    Ended,
}

impl<C: Engine> Session<C> {
    /// Returns what stops this session's statements from another thread. It is to be asked for
    /// before the statement that may have to be stopped.
    ///
    /// PostgreSQL and MySQL are told through a second connection. On SQLite the session's own
    /// statements ask for each row they look at whether to go on, once the session has a
    /// canceller; sorting what was found, and statements written by hand, are not stopped.
    ///
    /// ```
    /// use diesel::SqliteConnection;
    /// use persistence::Database;
    ///
    /// let database = Database::<SqliteConnection>::open(":memory:")?;
    /// let mut session = database.session()?;
    /// let canceller = session.canceller()?;
    /// std::thread::scope(|scope| scope.spawn(|| canceller.cancel()).join().expect("no panic"))?;
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn canceller(&mut self) -> Result<Canceller> {
        if let Some(canceller) = &self.canceller {
            return Ok(canceller.clone());
        }
        let id = self
            .connection
            .connection_id()
            .map_err(|error| at_target(classify_plain::<C>(error), &self.target))?;
        let place = Arc::clone(&self.place);
        let canceller = Canceller::new(move || C::cancel(&place.url, &id));
        self.canceller = Some(canceller.clone());
        Ok(canceller)
    }

    /// Makes sure that this transaction can lock what it reads.
    pub(super) fn lock_for_writing(&mut self, meta: &'static EntityMeta) -> Result<()> {
        if self.access == Access::Read {
            return Err(Error::ReadOnly { target: self.target.to_string() });
        }
        self.require_fit(meta)?;
        let has_begun = self.in_transaction();
        self.begin(Access::Write)?;
        self.reads_lock = true;
        if has_begun {
            self.connection
                .lock_for_writing(meta)
                .map_err(|error| at_target(C::classify(error, meta), &self.target))?;
        }
        Ok(())
    }

    /// Puts a transaction around this session's own that ends only by being taken back.
    pub(crate) fn never_commit(&mut self) -> Result<()> {
        self.begin(self.access)?;
        self.outer_transactions = 1;
        Ok(())
    }

    /// Returns whether reading takes a savepoint: where a read that fails would spoil what was
    /// written, and may well fail, because it can be stopped or finds locks of others.
    pub(super) fn reads_need_savepoint(&self) -> bool {
        C::ERRORS_SPOIL_TRANSACTION
            && self.has_effects
            && (self.reads_lock
                || self.canceller.is_some()
                || self.place.options.statement_timeout.is_some())
    }

    /// Ends the savepoint of a read; where one failed without, takes back a transaction in which
    /// there is nothing to lose.
    pub(super) fn after_reading(&mut self, succeeded: bool, with_savepoint: bool) {
        if succeeded {
            self.has_effects |= self.reads_lock;
        }
        if with_savepoint && succeeded {
            // A savepoint that stays open does no harm.
            C::TransactionManager::commit_transaction(&mut *self.connection).ok();
        } else if !succeeded && C::ERRORS_SPOIL_TRANSACTION {
            if with_savepoint || !self.has_effects {
                // The first error is what matters, also when the connection is lost altogether.
                C::TransactionManager::rollback_transaction(&mut *self.connection).ok();
            } else {
                self.may_be_spoiled = true;
            }
        }
    }

    /// Notes that the database has taken the whole transaction back, as MySQL does with the victim
    /// of a deadlock, and SQLite when the disk is full or a constraint says `ON CONFLICT ROLLBACK`:
    /// it would run further statements on their own.
    pub(super) fn notice_loss(&mut self, error: &Error) {
        use crate::error::RetryReason::{Deadlock, Serialization};
        let is_victim = matches!(error, Error::Retryable { reason: Deadlock | Serialization, .. });
        let is_over = self.in_transaction() && self.connection.has_ended_transaction();
        if is_over || is_victim && !C::ERRORS_SPOIL_TRANSACTION {
            self.lost.get_or_insert(if is_victim { Loss::Victim } else { Loss::Ended });
        }
    }

    /// Notes whether a statement that the program has run by hand, on an engine whose transactions
    /// go on after an error, has ended the transaction all the same.
    pub(super) fn check_by_hand(&mut self) {
        if C::ERRORS_SPOIL_TRANSACTION || !std::mem::take(&mut self.may_be_spoiled) {
            return;
        }
        if !self.in_transaction() || self.connection.has_ended_transaction() {
            self.lost.get_or_insert(Loss::Ended);
        }
    }

    /// Refuses to go on with a transaction that the database has taken back.
    pub(super) fn check_not_lost(&self) -> Result<()> {
        let Some(loss) = self.lost else { return Ok(()) };
        let message = "the transaction was taken back; roll back and begin again".to_owned();
        Err(match loss {
            Loss::Victim => {
                Error::Retryable { reason: crate::error::RetryReason::Deadlock, message }
            }
            Loss::Ended => {
                Error::Database { message, source: diesel::result::Error::RollbackTransaction }
            }
        })
    }

    /// Refuses to commit a transaction that a failed statement has spoiled: PostgreSQL would answer
    /// that with a rollback, and call it a success.
    pub(super) fn check_unspoiled(&mut self) -> Result<()> {
        self.check_by_hand();
        self.check_not_lost()?;
        if !(C::ERRORS_SPOIL_TRANSACTION && self.may_be_spoiled && self.in_transaction()) {
            return Ok(());
        }
        self.may_be_spoiled = false;
        let Err(error) = self.connection.ping() else { return Ok(()) };
        let error = at_target(classify_plain::<C>(error), &self.target);
        self.rollback().ok();
        Err(error)
    }
}
