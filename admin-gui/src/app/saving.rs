//! Records that are open, once what is typed in them has been written or refused.

use persistence::edit::{Edit, Written};
use persistence::staging::{RowId, RowKey, StagedRow};
use persistence::{Error, Record};

use super::context::Known;
use super::effects::Effect;
use super::open_records::OpenRecord;
use super::workspace::Workspace;
use super::{Effects, Notice};
use crate::command::Command;
use crate::jobs::{Failure, Queue, Topic};
use crate::tasks::{Labels, RecordNumber, Write};
use crate::tr;

/// Writing a record without a key.
const SAVE: Topic = Topic::new("save", Queue::Rows);

impl Workspace {
    /// Writes what is typed in a record, along with all else that is staged.
    pub(super) fn save_record(&mut self, number: RecordNumber, effects: &mut Effects) {
        if let Some(record) = self.records.get_mut(number)
            && record.form.is_new()
            && let Some(gone) = record.row().filter(|row| row.key.stored().is_some())
        {
            // It is inserted again, with its key where that is known to be free.
            let mut again = None;
            let meta = record.form.meta();
            self.staged.act(|act| {
                again = act.insert_again(&gone).or_else(|| act.insert(meta).ok());
            });
            record.new_row = again;
        }
        self.stage_typed(effects);
        if let Some(record) = self.records.get(number)
            && record.row().is_none()
            && let Some(edit) = record.form.edit()
        {
            return write_without_key(number, edit, effects);
        }
        effects.run(Command::Commit);
    }

    /// Shows in open records what has been written of their rows; returns whether one is gone that was to be
    /// changed.
    pub(super) fn show_written(
        &mut self,
        rows: &[Written],
        known: &Known<'_>,
        effects: &mut Effects,
    ) -> bool {
        let mut saved: Vec<(RecordNumber, Option<Record>)> = Vec::new();
        for record in self.records.all() {
            let Some(row) = record.row() else { continue };
            if let Some(written) = self.written(&row, rows) {
                saved.push((record.number, written.after.clone()));
            }
        }
        for (number, stored) in saved {
            match (stored, self.records.get_mut(number)) {
                (Some(stored), _) => self.saved(number, &stored, known, effects),
                (None, Some(record)) => record.form.conflicted(None),
                (None, None) => {}
            }
        }
        for record in self.records.all_mut() {
            record.form.settled();
        }
        let changed = self.staged.counts().changed;
        let deleted = |row: &&Written| row.before.is_some() && row.after.is_none();
        changed > 0 && rows.iter().filter(deleted).count() > self.staged.counts().deleted
    }

    /// Returns what was written of a row that was staged.
    pub(super) fn written<'r>(&self, row: &RowId, rows: &'r [Written]) -> Option<&'r Written> {
        let mut rows = rows.iter().filter(|written| written.entity.table == row.table);
        match &row.key {
            RowKey::Stored(key) => rows.find(|written| {
                let before = written.before.as_ref();
                before.is_some_and(|before| written.entity.key_of(before) == *key)
            }),
            RowKey::New(_) => {
                let columns = self.staged.staging().row(row).and_then(StagedRow::columns)?;
                rows.find(|written| {
                    let Some(after) = written.after.as_ref().filter(|_| written.before.is_none())
                    else {
                        return false;
                    };
                    columns.iter().all(|(name, value)| {
                        let position = written.entity.position(name);
                        let stored = position.map(|position| after.value(position));
                        value.known().is_none_or(|value| Some(value) == stored)
                    })
                })
            }
        }
    }

    fn saved(
        &mut self,
        number: RecordNumber,
        stored: &Record,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(record) = self.records.get_mut(number) else { return };
        record.form.saved(stored.clone());
        record.new_row = None;
        record.key = record.form.key();
        if let Some(view) = self.views.get_mut(record.view) {
            view.grid.update_row(stored, &Labels::default());
        }
        self.rename_tab(number);
        self.records.opened_record(number, known, effects);
    }

    /// Says in the records that are being saved why nothing was written.
    pub(super) fn not_saved(&mut self, failure: &Failure, known: &Known<'_>) {
        for record in self.records.all_mut().filter(|record| record.form.is_saving()) {
            match failure {
                Failure::Database(error) if is_about(error, record) => {
                    record.form.failed(error, known.texts);
                }
                failure => record.form.broke_off(known.words(failure)),
            }
        }
    }

    /// Says in records that others have changed or deleted that this is so.
    pub(super) fn show_conflicts(&mut self) {
        let staging = self.staged.staging();
        for record in self.records.all_mut() {
            let Some(row) = record.row() else { continue };
            if staging.conflict(&row).is_some() && !record.form.is_in_conflict() {
                record.form.conflicted(staging.stored(&row).cloned());
            }
        }
    }

    /// Marks what is shown to be read again, because something was written and it may be another
    /// thing by now.
    pub(super) fn changed(&mut self, effects: &mut Effects) {
        effects.push(Effect::ForgetLookups);
        self.records.reread_tabs();
        self.statistics.reread();
        self.pages.reread_history();
    }
}

/// Writes what is typed in a record without a key at once: it cannot be staged.
fn write_without_key(number: RecordNumber, edit: Edit, effects: &mut Effects) {
    let receive = move |workspace: &mut Workspace,
                        outcome: Result<Option<Record>, Failure>,
                        known: &Known<'_>,
                        effects: &mut Effects| match outcome {
        Ok(Some(stored)) => {
            workspace.saved(number, &stored, known, effects);
            effects.tell(Notice::success(tr!(known.texts, "shell-saved")));
            workspace.changed(effects);
        }
        Ok(None) => effects.tell(known.record_gone()),
        Err(failure) => {
            effects.tell(Notice::failure(known.words(&failure)));
            workspace.not_saved(&failure, known);
        }
    };
    effects.ask(SAVE.of(number), Write(edit), receive);
}

/// Returns whether an error may be about a record: which row it was the database does not always say.
fn is_about(error: &Error, record: &OpenRecord) -> bool {
    let meta = record.form.meta();
    match error {
        Error::Conflict(conflict) => {
            conflict.entity == meta.name && record.key.as_ref() == Some(&conflict.key)
        }
        Error::Constraint(violation) => violation.entity == meta.name,
        Error::Invalid(invalid) => invalid.entity == meta.name,
        _ => true,
    }
}
