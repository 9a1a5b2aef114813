//! Saving records: what is written, and what follows from that.

use std::time::Instant;

use egui::Context;
use persistence::edit::{Applied, Edit, EditKind, Name, Written};
use persistence::{Conflict, EntityMeta, Error, Record, RecordKey, RetryReason};

use super::Effects;
use super::context::Known;
use super::effects::Effect;
use super::notice::Notice;
use super::workspace::Workspace;
use crate::form::FormEvent;
use crate::jobs::{Failure, Queue, Topic};
use crate::tasks::{Labels, RecordNumber, Write};
use crate::tr;

/// Writing a record that is open.
const SAVE: Topic = Topic::new("save", Queue::Rows);

/// Writes what was typed into a record.
pub(super) fn write_record(
    number: RecordNumber,
    meta: &'static EntityMeta,
    edit: Edit,
    effects: &mut Effects,
) {
    let key = edit.key(meta);
    let columns = columns_of(&edit);
    let receive = move |workspace: &mut Workspace,
                        outcome: Result<Applied, Failure>,
                        known: &Known<'_>,
                        effects: &mut Effects| match outcome {
        Ok(Applied { rows }) => match stored(meta, key.clone(), &rows) {
            Ok(record) => {
                workspace.supersede(meta, key.as_ref(), &columns);
                workspace.saved(number, record, known, effects);
                effects.push(Effect::Written(rows));
            }
            Err(gone) => {
                effects.push(Effect::Written(rows));
                workspace.not_saved(number, &gone.into(), known, effects);
            }
        },
        Err(failure) => workspace.not_saved(number, &failure, known, effects),
    };
    effects.ask(SAVE.of(number), Write(vec![edit]), receive);
}

/// Returns the row of a record as it is stored now.
///
/// # Errors
/// [`Error::Conflict`] where it is gone: the database has deleted it as it was written.
fn stored(
    meta: &'static EntityMeta,
    key: Option<RecordKey>,
    rows: &[Written],
) -> Result<Record, Error> {
    // There is one edit, and of that at most one row.
    let row = rows.iter().find(|row| row.entity.table == meta.table);
    row.and_then(|row| row.after.clone()).ok_or_else(|| {
        let before = row.and_then(|row| row.before.clone());
        // The key of a new row may never have been told.
        let key = key.unwrap_or_else(|| RecordKey(Vec::new()));
        Conflict { entity: meta.name, key, base: before, mine: None, theirs: None }.into()
    })
}

/// Returns the columns that an edit changes.
fn columns_of(edit: &Edit) -> Vec<Name> {
    match &edit.kind {
        EditKind::Update { columns, .. } => columns.iter().map(|it| it.column.clone()).collect(),
        EditKind::Insert { .. } | EditKind::Delete { .. } => Vec::new(),
    }
}

impl Workspace {
    /// Gives up what was staged for columns of a row that have been written otherwise.
    fn supersede(&mut self, meta: &EntityMeta, key: Option<&RecordKey>, columns: &[Name]) {
        let row = key.and_then(|key| self.staged.row(meta, key)).map(|(row, _)| row);
        if let Some(row) = row {
            self.staged.act(|act| columns.iter().for_each(|column| act.revert(&row, column)));
        }
    }

    fn saved(
        &mut self,
        number: RecordNumber,
        stored: Record,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if let Some(record) = self.records.get_mut(number) {
            let labels = Labels::default();
            if let Some(view) = self.views.get_mut(record.view) {
                view.grid.update_row(&stored, &labels);
            }
            record.form.saved(stored);
            record.retry = None;
            record.key = record.form.key();
            self.rename_tab(number);
            self.records.opened_record(number, known, effects);
        }
        if !self.records.is_in_panel(number) {
            self.records.reread_panel(effects);
        }
        effects.tell(Notice::success(tr!(known.texts, "shell-saved")));
        self.changed(effects);
        if self.records.get_mut(number).is_some_and(|record| record.form.take_closing()) {
            self.form_event(number, FormEvent::Closed, known, effects);
        }
    }

    /// Tries again to save what another program kept from being saved.
    pub(super) fn save_again(
        &mut self,
        context: &Context,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let now = Instant::now();
        let mut due = Vec::new();
        for record in self.records.all_mut() {
            let Some(retry) = &record.retry else { continue };
            if record.form.record().as_ref() != Ok(&retry.mine) {
                // Something else has been typed: that is saved when it is asked for.
                record.retry = None;
                record.form.forget_remarks();
            } else if retry.at > now {
                context.request_repaint_after(retry.at - now);
            } else if let Some(event) = record.form.save() {
                due.push((record.number, event));
            }
        }
        for (number, event) in due {
            self.form_event(number, event, known, effects);
        }
    }

    fn not_saved(
        &mut self,
        number: RecordNumber,
        failure: &Failure,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let message = known.words(failure);
        let Some(record) = self.records.get_mut(number) else {
            effects.tell(Notice::failure(message));
            return;
        };
        match failure {
            Failure::Database(error) => {
                let is_conflict = matches!(error, Error::Conflict(_));
                let is_locked = matches!(error, Error::Retryable { reason: RetryReason::Busy, .. });
                let table = record.form.meta().table;
                record.form.failed(error, known.texts);
                if is_locked {
                    record.wait_for_lock(known.texts);
                } else {
                    record.retry = None;
                }
                if is_conflict {
                    self.changed(effects);
                    effects.push(Effect::WrittenByOthers(table));
                }
            }
            Failure::Panicked { .. } | Failure::Stopped => record.form.broke_off(message),
        }
    }

    /// Marks what is shown to be read again, because something was written and it may be another
    /// thing by now.
    pub(super) fn changed(&mut self, effects: &mut Effects) {
        effects.push(Effect::ForgetLookups);
        self.records.reread_tabs();
        self.statistics.reread();
    }
}

#[cfg(test)]
mod tests {
    use persistence::Entity as _;

    use super::*;
    use crate::samples::{Reader, Writer};

    fn row(id: i64) -> Record {
        Record(vec![id.into(), "Lem".into()])
    }

    #[test]
    fn a_record_takes_the_row_of_its_own_edit() {
        let rows = [
            Written { entity: Reader::meta(), before: Some(row(1)), after: Some(row(2)) },
            Written { entity: Writer::meta(), before: Some(row(1)), after: Some(row(3)) },
        ];
        let found = stored(Writer::meta(), Some(RecordKey::from(1)), &rows).unwrap();
        assert_eq!(found, row(3));
    }

    #[test]
    fn a_record_without_a_row_is_a_conflict_with_one_that_is_gone() {
        let gone = Written { entity: Writer::meta(), before: Some(row(1)), after: None };
        for rows in [vec![gone], vec![]] {
            let failure = stored(Writer::meta(), Some(RecordKey::from(1)), &rows).unwrap_err();
            let Error::Conflict(conflict) = failure else { panic!("{failure}") };
            assert_eq!((&conflict.key, &conflict.theirs), (&RecordKey::from(1), &None));
        }
        assert!(matches!(stored(Writer::meta(), None, &[]), Err(Error::Conflict(_))));
    }
}
