//! What was written, for hooks and the audit.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::Session;
use super::along::Along;
use super::changes::{Change, in_writing_order, named};
use super::identity_map::{Before, Rows, State, changes};
use crate::backend::{Engine, at_target};
use crate::edit::{ColumnEdit, EditKind, NewValue};
use crate::entity::{Entity, EntityId};
use crate::error::Result;
use crate::hooks::Writer;
use crate::scalar::PrimaryKey as _;
use crate::value::RecordKey;

impl<C: Engine> Session<C> {
    /// Sets who writes, for the [audit](crate::audit). It holds until it is changed.
    pub fn set_actor(&mut self, actor: impl Into<String>) {
        self.actor = Some(actor.into());
    }

    /// Returns the transaction by which the [audit](crate::audit) knows what was written since the
    /// last commit or rollback; `None` where nothing was, or nothing is recorded. After a commit it
    /// is still the committed one.
    #[must_use]
    pub const fn transaction_id(&self) -> Option<uuid::Uuid> {
        self.transaction
    }

    /// Lets the hooks refuse what is about to be written.
    pub(super) fn before_flush(&mut self) -> Result<()> {
        if self.hooks.before_flush.is_empty() {
            return Ok(());
        }
        let changes = self.changes();
        let hooks = std::sync::Arc::clone(&self.hooks);
        hooks.before_flush.iter().try_for_each(|hook| hook(&changes))
    }

    /// Returns what was written since the journals had these lengths.
    pub(super) fn written_since(&self, lengths: &HashMap<EntityId, usize>) -> Vec<Change> {
        in_writing_order(&self.rows, |entity, rows| {
            rows.written_since(lengths.get(&entity).copied().unwrap_or(0))
        })
    }

    /// Notes what a flush has written since the journals had these lengths, and what the database did along.
    pub(super) fn note_flushed(
        &mut self,
        lengths: &HashMap<EntityId, usize>,
        along: Along,
    ) -> Result<()> {
        if !self.hooks.report_writes() {
            return Ok(());
        }
        self.note_with_along(self.written_since(lengths), along)
    }

    /// Notes what was written, and what the database did along: before the rows that it went along with are deleted,
    /// so that these are there again when it is taken back.
    pub(super) fn note_with_along(&mut self, mut changes: Vec<Change>, along: Along) -> Result<()> {
        let along = self.done_along(along, &changes)?;
        let is_deletion = |change: &Change| {
            change.edit().is_some_and(|edit| matches!(edit.kind, EditKind::Delete { .. }))
        };
        let place = changes.iter().position(is_deletion).unwrap_or(changes.len());
        changes.splice(place..place, along);
        self.note_written(|_| changes)
    }

    /// Notes what was written, where anybody wants to know: the audit gets it at once, hooks when
    /// it is committed.
    pub(super) fn note_written(
        &mut self,
        changes: impl FnOnce(&Self) -> Vec<Change>,
    ) -> Result<()> {
        if !self.hooks.report_writes() {
            return Ok(());
        }
        let changes = changes(self);
        if changes.is_empty() {
            return Ok(());
        }
        if let Some(record) = self.hooks.record.clone() {
            if std::mem::take(&mut self.is_committed) {
                self.transaction = None;
            }
            let transaction = *self.transaction.get_or_insert_with(uuid::Uuid::new_v4);
            let writer = Writer { transaction, actor: self.actor.clone() };
            record(&mut self.connection, &writer, &changes)
                .map_err(|error| at_target(error, &self.target))
                .inspect_err(|error| self.notice_loss(error))?;
        }
        if !self.hooks.after_commit.is_empty() {
            self.unreported.extend(changes);
        }
        Ok(())
    }

    /// Tells the hooks what is permanent now.
    pub(super) fn after_commit(&mut self) {
        self.is_committed = true;
        let changes = std::mem::take(&mut self.unreported);
        if changes.is_empty() {
            return;
        }
        for hook in &self.hooks.after_commit {
            hook(&changes);
        }
    }
}

/// Makes the change of a row that was inserted.
pub(super) fn inserted<E: Entity>(row: &E) -> Change {
    let columns = named(E::meta(), row.to_record());
    let columns = columns.into_iter().map(|(column, value)| (column, NewValue::Known(value)));
    Change::of_row(E::meta(), EditKind::Insert { row: 0, columns: columns.collect() })
}

/// Makes the change of a row that was updated; `None` where nothing was.
pub(super) fn updated<E: Entity>(base: &E, now: &E) -> Option<Change> {
    let meta = E::meta();
    let columns: Vec<ColumnEdit> = changes(base, now)
        .iter()
        .filter_map(|position| {
            Some(ColumnEdit {
                column: Cow::Borrowed(meta.columns.get(position)?.name),
                before: base.value(position),
                after: NewValue::Known(now.value(position)),
            })
        })
        .collect();
    let (key, version) = identity(base);
    (!columns.is_empty()).then(|| Change::of_row(meta, EditKind::Update { key, version, columns }))
}

/// Makes the change of a row that was deleted.
pub(super) fn deleted<E: Entity>(base: &E) -> Change {
    let (key, version) = identity(base);
    let columns = named(E::meta(), base.to_record());
    Change::of_row(E::meta(), EditKind::Delete { key, version, columns })
}

fn identity<E: Entity>(base: &E) -> (RecordKey, Option<crate::value::Value>) {
    let version = E::meta().version.map(|version| base.value(version));
    (base.key().to_record_key(), version)
}

/// Returns what was written of one entity's rows, as a journal says.
pub(super) fn written_since<E: Entity>(rows: &Rows<E>, length: usize) -> Vec<Change> {
    /// What a row was first, and what was done to it.
    struct Written<'j, E: Entity> {
        first: &'j Before<E>,
        is_updated: bool,
        is_deleted: bool,
        /// The row as it was written before it was gone.
        last: Option<&'j E>,
    }
    let mut written: BTreeMap<u32, Written<'_, E>> = BTreeMap::new();
    for (row, before) in rows.journal_since(length) {
        let entry = written.entry(*row).or_insert(Written {
            first: before,
            is_updated: false,
            is_deleted: false,
            last: None,
        });
        match before {
            Before::Base(_) => entry.is_updated = true,
            Before::Was(State::Deleted(_)) => entry.is_deleted = true,
            Before::Was(State::Stored(row)) => entry.last = Some(row),
            Before::Was(_) => {}
        }
    }
    written
        .into_iter()
        .filter_map(|(row, written)| {
            let base = match written.first {
                Before::Base(base) => Some(&**base),
                Before::Was(state) => state.base(),
            };
            match (base, rows.state(row).base()) {
                (None, Some(now)) => Some(inserted(now)),
                (Some(base), Some(now)) if written.is_updated => updated(base, now),
                (Some(base), None) if written.is_deleted => Some(deleted(base)),
                (Some(base), None) if written.is_updated => updated(base, written.last?),
                // The database did it along.
                _ => None,
            }
        })
        .collect()
}
