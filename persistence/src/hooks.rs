//! What a program has called when sessions write.

use std::sync::Arc;

use crate::backend::Engine;
use crate::error::Result;
use crate::session::{Change, ErasedEntity};

type BeforeFlush = Arc<dyn Fn(&[Change]) -> Result<()> + Send + Sync>;
type AfterCommit = Arc<dyn Fn(&[Change]) + Send + Sync>;
/// Writes what was changed into the same transaction.
pub(crate) type Record<C> = Arc<dyn Fn(&mut C, &Writer, &[Change]) -> Result<()> + Send + Sync>;

/// Who writes, in which transaction.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pub transaction: uuid::Uuid,
    pub actor: Option<String>,
}

/// What a database's sessions call when they write.
pub(crate) struct Hooks<C: Engine> {
    pub before_flush: Vec<BeforeFlush>,
    pub record: Option<Record<C>>,
    /// The entity of what is recorded, where it can be read again.
    pub recorded: Option<&'static dyn ErasedEntity<C>>,
    /// Who writes, where a session does not say.
    pub actor: Option<String>,
    pub after_commit: Vec<AfterCommit>,
}

impl<C: Engine> Default for Hooks<C> {
    fn default() -> Self {
        Self {
            before_flush: Vec::new(),
            record: None,
            recorded: None,
            actor: None,
            after_commit: Vec::new(),
        }
    }
}

impl<C: Engine> Clone for Hooks<C> {
    fn clone(&self) -> Self {
        Self {
            before_flush: self.before_flush.clone(),
            record: self.record.clone(),
            recorded: self.recorded,
            actor: self.actor.clone(),
            after_commit: self.after_commit.clone(),
        }
    }
}

impl<C: Engine> Hooks<C> {
    /// Returns whether anybody wants to know what was written.
    pub(crate) fn report_writes(&self) -> bool {
        self.record.is_some() || !self.after_commit.is_empty()
    }
}
