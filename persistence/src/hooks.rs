//! What a program has called when sessions write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// What the sessions of a database call, as it has the table to record into or has not.
pub(crate) struct Called<C: Engine> {
    hooks: Arc<Hooks<C>>,
    /// Where the database may lack that table.
    without: Option<Arc<Unrecorded<C>>>,
}

struct Unrecorded<C: Engine> {
    hooks: Arc<Hooks<C>>,
    /// Whether the table was there when that was looked at last.
    has_table: AtomicBool,
}

impl<C: Engine> Clone for Called<C> {
    fn clone(&self) -> Self {
        Self { hooks: Arc::clone(&self.hooks), without: self.without.clone() }
    }
}

impl<C: Engine> Called<C> {
    pub(crate) fn new(hooks: Hooks<C>) -> Self {
        Self { hooks: Arc::new(hooks), without: None }
    }

    /// Has what sessions change recorded where the table for that is there, which is to be
    /// [said](Self::found_table).
    pub(crate) fn record_where_possible(
        &mut self,
        record: Record<C>,
        recorded: &'static dyn ErasedEntity<C>,
    ) {
        let without = Hooks { record: None, recorded: Some(recorded), ..(*self.hooks).clone() };
        self.hooks = Arc::new(Hooks { record: Some(record), ..without.clone() });
        let without = Unrecorded { hooks: Arc::new(without), has_table: AtomicBool::new(false) };
        self.without = Some(Arc::new(without));
    }

    /// Returns what a session that is opened now calls.
    pub(crate) fn now(&self) -> &Arc<Hooks<C>> {
        match &self.without {
            Some(without) if !without.has_table.load(Ordering::Relaxed) => &without.hooks,
            _ => &self.hooks,
        }
    }

    /// Returns the table to look for, where the database may lack it.
    pub(crate) fn looks_for(&self) -> Option<&'static str> {
        let recorded = self.without.as_ref().and(self.hooks.recorded)?;
        Some(recorded.meta().table)
    }

    /// Takes in whether that is there.
    pub(crate) fn found_table(&self, has_table: bool) {
        if let Some(without) = &self.without {
            without.has_table.store(has_table, Ordering::Relaxed);
        }
    }
}
