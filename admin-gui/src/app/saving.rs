//! Records that are open, once what is typed in them has been written or refused.

use persistence::edit::{Edit, Written};
use persistence::staging::{RowKey, StagedRow};
use persistence::{Error, Record};

use super::context::Known;
use super::effects::Effect;
use super::open_records::OpenRecord;
use super::staged::row_id;
use super::workspace::Workspace;
use super::{Effects, Notice};
use crate::command::Command;
use crate::jobs::{Failure, Queue, Topic};
use crate::tasks::{Labels, RecordNumber, Write, WrittenRows};
use crate::tr;

/// Writing a record without a key.
const SAVE: Topic = Topic::new("save", Queue::Rows);

impl Workspace {
    /// Writes what is typed in a record, along with all else that is staged; alone where the row has no key.
    pub(super) fn save_record(
        &mut self,
        number: RecordNumber,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if self.refuses_while_committing(known, effects) {
            self.staged.goes_on = false;
            self.records.settle();
            return;
        }
        let Some(record) = self.records.get_mut(number) else { return };
        let meta = record.form.meta();
        if record.form.is_new() && record.new_row.is_none() {
            // It is inserted again, with its key where that is known to be free.
            let gone = record.key.clone().map(|key| row_id(meta, &RowKey::Stored(key)));
            let mut again = None;
            self.staged.act(|act| {
                let before = gone.and_then(|gone| act.insert_again(&gone));
                again = before.or_else(|| act.insert(meta).ok());
            });
            record.new_row = again;
        } else if record.row().is_none() {
            self.staged.goes_on = false;
            let edit = record.form.edit();
            return edit.into_iter().for_each(|edit| write_without_key(number, edit, effects));
        }
        self.stage_typed(effects);
        effects.run(Command::Commit);
    }

    /// Returns whether nothing can be done to what is staged, because it is not known yet whether it is written,
    /// and tells the person so.
    pub(super) fn refuses_while_committing(
        &self,
        known: &Known<'_>,
        effects: &mut Effects,
    ) -> bool {
        let is_committing = self.staged.is_busy() || self.staged.is_open;
        if is_committing {
            effects.tell(Notice::failure(tr!(known.texts, "staged-committing")));
        }
        is_committing
    }

    /// Shows in open records what has been written of their rows; returns whether one is gone that was to be
    /// changed.
    pub(super) fn show_written(
        &mut self,
        rows: &WrittenRows,
        known: &Known<'_>,
        effects: &mut Effects,
    ) -> bool {
        let mut saved: Vec<(RecordNumber, Option<Record>)> = Vec::new();
        let mut deleted: Vec<RecordNumber> = Vec::new();
        for record in self.records.all() {
            let Some(row) = record.row() else { continue };
            if self.staged.staging().row(&row) == Some(&StagedRow::Deleted) {
                deleted.push(record.number);
            } else if let Some(written) = written(record, rows) {
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
        for number in deleted {
            self.close_record(number, effects);
        }
        self.records.settle();
        let changed = self.staged.counts().changed;
        let deleted = |row: &&Written| row.before.is_some() && row.after.is_none();
        changed > 0 && rows.all().iter().filter(deleted).count() > self.staged.counts().deleted
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

    /// Says in the records that are being saved why nothing was written; returns whether one has a field that
    /// this is about.
    pub(super) fn not_saved(&mut self, failure: &Failure, known: &Known<'_>) -> bool {
        let mut is_said = false;
        for record in self.records.all_mut().filter(|record| record.form.is_saving()) {
            match failure {
                Failure::Database(error) if is_about(error, record) => {
                    record.form.failed(error, known.texts);
                    is_said = true;
                }
                failure => record.form.broke_off(known.words(failure)),
            }
        }
        is_said
    }

    /// Says in records that others have changed or deleted that this is so.
    pub(super) fn show_conflicts(&mut self) {
        let staging = self.staged.staging();
        for record in self.records.all_mut() {
            let Some(row) = record.row() else { continue };
            if staging.conflict(&row).is_some() && !record.form.is_in_conflict() {
                let theirs = staging.stored(&row).cloned();
                record.form.contested(staging.seen(&row), theirs);
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

/// Returns what was written of the row of a record.
fn written<'r>(record: &OpenRecord, rows: &'r WrittenRows) -> Option<&'r Written> {
    let row = row_id(record.form.meta(), &RowKey::Stored(record.key.clone()?));
    if record.new_row.is_some() { rows.is(&row) } else { rows.was(&row) }
}

/// Writes what is typed in a record without a key at once: it cannot be staged.
fn write_without_key(number: RecordNumber, edit: Edit, effects: &mut Effects) {
    let receive = move |workspace: &mut Workspace,
                        outcome: Result<Vec<Written>, Failure>,
                        known: &Known<'_>,
                        effects: &mut Effects| match outcome {
        Ok(rows) => {
            if let Some(stored) = rows.iter().find_map(|row| row.after.as_ref()) {
                workspace.saved(number, stored, known, effects);
                effects.tell(Notice::success(tr!(known.texts, "shell-saved")));
            } else {
                if let Some(record) = workspace.records.get_mut(number) {
                    record.form.settled();
                    record.form.conflicted(None);
                }
                effects.tell(known.record_gone());
            }
            effects.push(Effect::Written { rows, along: Vec::new() });
            workspace.changed(effects);
        }
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
    let is_changed = |column: &str| {
        meta.position(column).is_some_and(|position| record.form.is_changed(position))
    };
    match error {
        Error::Conflict(conflict) => {
            conflict.entity == meta.name && record.key.as_ref() == Some(&conflict.key)
        }
        Error::Constraint(violation) => {
            violation.entity == meta.name && violation.columns.iter().any(|it| is_changed(it))
        }
        Error::Invalid(invalid) => {
            invalid.entity == meta.name && invalid.errors.iter().any(|it| is_changed(&it.field))
        }
        _ => true,
    }
}
