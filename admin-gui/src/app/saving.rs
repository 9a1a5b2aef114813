//! Saving records: what is written, and what follows from that.

use std::time::Instant;

use egui::Context;
use persistence::edit::{Applied, Edit};
use persistence::{Error, Record, RetryReason};

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
    table: &'static str,
    edit: Edit,
    effects: &mut Effects,
) {
    let receive = move |workspace: &mut Workspace,
                        outcome: Result<Applied, Failure>,
                        known: &Known<'_>,
                        effects: &mut Effects| match outcome {
        Ok(Applied { rows }) => {
            for stored in rows.iter().filter_map(|row| row.after.clone()) {
                workspace.saved(number, stored, known, effects);
            }
            effects.push(Effect::Written { table, rows });
        }
        Err(failure) => workspace.not_saved(number, &failure, known, effects),
    };
    effects.ask(SAVE.of(number), Write(vec![edit]), receive);
}

impl Workspace {
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
