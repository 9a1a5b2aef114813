//! Deleting: what is meant, the question, and what is staged then.

use std::collections::HashSet;

use egui::Context;
use persistence::staging::{RowId, RowKey};
use persistence::{EntityMeta, Query, Record};

use super::Effects;
use super::context::Known;
use super::dialogs::Dialogs;
use super::effects::Effect;
use super::open_records::{OpenRecord, RecordTab};
use super::record_topics::forget_record;
use super::staged::row_id;
use super::workspace::Workspace;
use super::{AdminApp, Focused, Notice};
use crate::command::Command;
use crate::form::{DeletionChoice, DeletionDialog};
use crate::grid::Grid;
use crate::i18n::Texts;
use crate::jobs::{Failure, Queue, Topic, let_go};
use crate::panes::Pane;
use crate::row_name::row_name;
use crate::tasks::{
    ListedRow, PlanDeletion, PlannedDeletion, ReadDeletion, ReadPlanned, SeenDeletion, SeenRow,
    StagedChange,
};
use crate::tr;
use transfer::export::{Rows, Source};

/// Rows to which something is done at once, at most.
pub(super) const MOST: u64 = 100_000;

/// What the open dialog would delete.
const PLAN: Topic = Topic::new("deletion plan", Queue::Rows);
/// Whether the rows of the open dialog are still what was seen.
const SEEN: Topic = Topic::new("rows to be deleted", Queue::Rows);

impl Workspace {
    /// Asks whether to delete the selected rows; where none is selected, what has the keyboard: the
    /// record that is open, or the focused row.
    pub(super) fn delete(
        &mut self,
        place: Option<usize>,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if self.refuses_while_committing(known, effects) {
            return;
        }
        self.staged.given_up.clear();
        let is_tab = self.panes.active().is_some_and(Pane::is_record);
        if !is_tab && !self.records.is_panel_active && self.unstage(place) {
            return;
        }
        let selected = self.entity(place).filter(|view| !is_tab && view.grid.selected() > 0);
        if let Some((view, source)) =
            selected.and_then(|view| Some((view, view.grid.selected_rows()?)))
        {
            if !view.refuses_while_selecting(known.texts, effects) {
                ask_to_delete_rows(&view.grid, source, effects);
            }
            return;
        }
        let open = self.meant_record();
        let open = open.filter(|record| is_tab || Some(record.view) == place);
        let open = open.and_then(|record| {
            let meta = record.form.meta();
            record.key.as_ref()?;
            Some((meta, seen(meta, record.form.base()), row_name(meta, record.form.base())))
        });
        let focused = self.entity(place).and_then(|view| {
            let (row, _) = view.grid.focused_row()?;
            Some((view.meta(), row.seen(view.meta()), row.label(view.meta())))
        });
        let is_record = is_tab || self.records.is_panel_active;
        let meant = if is_record { open.or(focused) } else { focused.or(open) };
        if let Some((meta, seen, label)) = meant {
            ask_to_delete(meta, seen, label, effects);
        }
    }

    /// Gives up new rows that are selected or focused, and keeps those that were to be deleted; returns whether
    /// nothing else is meant.
    fn unstage(&mut self, place: Option<usize>) -> bool {
        let Some(view) = self.entity(place) else { return false };
        let meta = view.meta();
        let keys: Vec<RowKey> = match view.grid.selection.these() {
            None => return false,
            Some(keys) if keys.is_empty() => view.grid.focused_key().into_iter().collect(),
            Some(keys) => keys.iter().cloned().collect(),
        };
        let is_new = |key: &RowKey| key.stored().is_none();
        let is_marked =
            |key: &RowKey| key.stored().is_some_and(|key| self.staged.is_deleted(meta, key));
        let is_all = !keys.is_empty() && keys.iter().all(|key| is_new(key) || is_marked(key));
        let rows = keys.iter().filter(|key| is_new(key) || is_all);
        let rows: Vec<RowId> = rows.map(|key| row_id(meta, key)).collect();
        if is_all {
            self.staged.act(|act| act.revert_rows(&rows));
            if let Some(view) = place.and_then(|place| self.views.get_mut(place)) {
                view.show_new_rows(&self.staged);
            }
        } else {
            // Once the question about the others has been answered.
            self.staged.given_up = rows;
        }
        is_all
    }

    /// Closes records that are to be deleted; not those in tabs where something was typed, unless
    /// it was asked for there: saving says that they are gone.
    fn close_deleted(&mut self, dialog: &DeletionDialog, effects: &mut Effects) {
        let table = dialog.meta().table;
        let rows = dialog.plan().map_or(&[][..], |planned| &planned.rows);
        let is_gone = |record: &OpenRecord| rows.iter().any(|row| record.is(table, &row.key));
        let meant = self.meant_number();
        let tabs = self.records.tabs.iter().filter(|tab| {
            tab.record().is_some_and(|record| {
                is_gone(record) && (!record.form.is_dirty() || Some(record.number) == meant)
            })
        });
        for pane in tabs.map(RecordTab::pane).collect::<Vec<Pane>>() {
            self.let_go_of(&pane);
        }
        self.records.put_by.retain(|record| !is_gone(record) || record.form.is_dirty());
        let goes = |record: &mut OpenRecord| {
            is_gone(record) && (!record.form.is_dirty() || Some(record.number) == meant)
        };
        if let Some(record) = self.records.panel.take_if(goes) {
            forget_record(&record, effects);
        }
    }
}

impl Dialogs {
    /// Asks whether to delete rows; what goes along is shown as soon as it is known.
    pub(super) fn ask_whether_to_delete(
        &mut self,
        dialog: DeletionDialog,
        source: Source,
        effects: &mut Effects,
    ) {
        effects.hush();
        self.deletion = Some(dialog);
        let task = PlanDeletion { source, limit: MOST };
        effects.ask_window(PLAN.only(), task, |app, outcome| match outcome {
            Ok(planned) => app.deletion_planned(planned),
            Err(failure) => app.not_deleted(&failure),
        });
    }

    /// Draws the question whether to delete something.
    pub(super) fn show_deletion(
        &mut self,
        context: &Context,
        texts: &Texts,
        effects: &mut Effects,
    ) {
        let Some(dialog) = &mut self.deletion else {
            return;
        };
        match dialog.show(context, texts) {
            None => {}
            Some(DeletionChoice::Delete) => {
                if let Some(planned) = dialog.plan() {
                    stage_planned(planned.clone(), dialog.commits(), effects);
                }
            }
            Some(DeletionChoice::Cancel) => {
                self.cancel_deletion(effects);
            }
        }
    }

    /// Closes the question; returns whether there was one.
    pub(super) fn cancel_deletion(&mut self, effects: &mut Effects) -> bool {
        let Some(dialog) = &self.deletion else { return false };
        // What is being deleted is waited for: whether it was is to be known.
        if !dialog.is_deleting() {
            let_go(self.deletion.take().and_then(DeletionDialog::into_plan));
            effects.forget(PLAN.only());
        }
        true
    }
}

/// Stages that what a person has seen is deleted, and then writes all that is staged, where that is what it is
/// about.
fn stage_planned(planned: PlannedDeletion, commits: bool, effects: &mut Effects) {
    effects.ask_window(SEEN.only(), ReadPlanned(planned), move |app, outcome| match outcome {
        Ok(ReadDeletion::Other(planned)) => app.deletion_planned(planned),
        Ok(ReadDeletion::AsSeen { seen, rows }) => {
            app.stage_deletion(seen, rows, commits);
        }
        Err(failure) => app.not_deleted(&failure),
    });
}

impl AdminApp {
    /// Takes the plan of a deletion: which rows are to be deleted, and what goes along.
    fn deletion_planned(&mut self, planned: Option<PlannedDeletion>) {
        let Some(dialog) = &mut self.dialogs.deletion else { return };
        let table = dialog.meta().table;
        let refused = match planned {
            None => tr!(self.preferences.texts, "deletion-too-many", limit = MOST),
            Some(planned) if planned.rows.is_empty() => {
                self.workspace.views.written_by_others(table, &mut self.jobs);
                tr!(self.preferences.texts, "shell-record-gone")
            }
            Some(mut planned) => {
                self.workspace.staged.leave_out_deleted(&mut planned);
                dialog.planned(planned);
                if dialog.is_changed() {
                    // What there is now is shown behind the question.
                    self.workspace.views.written_by_others(table, &mut self.jobs);
                    self.workspace.changed(&mut self.effects);
                    self.workspace.records.reread_panel(&mut self.effects);
                }
                return;
            }
        };
        self.refuse_deletion(refused);
    }

    fn not_deleted(&mut self, failure: &Failure) {
        let message = self.words(failure);
        match &mut self.dialogs.deletion {
            Some(dialog) => dialog.failed(message),
            None => self.notice = Some(Notice::failure(message)),
        }
    }

    /// Stages that rows are deleted, and then writes all that is staged, where that is what it is about.
    fn stage_deletion(&mut self, seen: SeenDeletion, rows: Vec<Record>, commits: bool) {
        if self.workspace.staged.is_busy() || self.workspace.staged.is_open {
            let said = tr!(self.preferences.texts, "staged-committing");
            return self.refuse_deletion(said);
        }
        let given_up = std::mem::take(&mut self.workspace.staged.given_up);
        let change = StagedChange::Delete { seen: seen.clone(), rows, given_up };
        self.change_staged(change, move |app, outcome| {
            if let Err(failure) = outcome {
                let said = app.words(&failure);
                return app.refuse_deletion(said);
            }
            app.workspace.staged.saw_deletion(seen);
            if let Some(dialog) = app.dialogs.deletion.take() {
                app.workspace.close_deleted(&dialog, &mut app.effects);
                let_go(dialog.into_plan());
            }
            app.workspace.focus = Some(Focused::Grid);
            app.notice = None;
            if commits {
                app.effects.run(Command::Commit);
            }
        });
    }

    fn refuse_deletion(&mut self, said: String) {
        self.dialogs.deletion = None;
        self.notice = Some(Notice::failure(said));
    }

    /// Asks again whether to delete rows: more goes along with them than was seen.
    pub(super) fn ask_again_to_delete(&mut self, mut planned: PlannedDeletion) {
        self.workspace.staged.given_up.clear();
        self.workspace.staged.leave_out_deleted(&mut planned);
        self.dialogs.deletion = Some(DeletionDialog::before_commit(planned));
    }
}

/// Asks whether to delete the row of a form.
pub(super) fn ask_to_delete_record(
    meta: &'static EntityMeta,
    record: &Record,
    effects: &mut Effects,
) {
    ask_to_delete(meta, seen(meta, record), row_name(meta, record), effects);
}

fn ask_to_delete(meta: &'static EntityMeta, seen: SeenRow, label: String, effects: &mut Effects) {
    let rows = Rows::These(HashSet::from([seen.key.clone()]).into());
    let dialog = DeletionDialog::new(meta, seen, label);
    let source = Source { meta, query: Query::new(), rows };
    effects.push(Effect::AskToDelete(Box::new((dialog, source))));
}

fn ask_to_delete_rows(grid: &Grid, source: Source, effects: &mut Effects) {
    let dialog = DeletionDialog::of_rows(source.meta, grid.selected(), grid.seen());
    effects.push(Effect::AskToDelete(Box::new((dialog, source))));
}

/// Returns a row as a form has read it.
fn seen(meta: &EntityMeta, record: &Record) -> SeenRow {
    ListedRow::from(record.clone()).seen(meta)
}
