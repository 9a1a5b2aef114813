//! Writing what is staged, and what follows from that.

use std::collections::HashMap;

use egui::Context;
use persistence::deletion::Consequence;
use persistence::edit::NewValue;
use persistence::staging::{Obstacle, ObstacleKind, Outcome, RowId, RowKey, StagedValue};
use persistence::{Error, Filter, RecordKey, RetryReason};

use super::context::Known;
use super::effects::Effect;
use super::lock_wait::Waiting;
use super::staged::{StagedCell, row_id, with_reason};
use super::staged_overlay::StagedOverlay;
use super::workspace::Workspace;
use super::{AdminApp, Effects, Notice, Target};
use crate::command::Command;
use crate::grid::{Focus, RowSource as _};
use crate::jobs::{Failure, Queue, Topic};
use crate::open_in::OpenIn;
use crate::tasks::{
    Commit, Committed, Ended, FindOutcome, Labels, ReadWhole, ToWrite, WholeRows, WrittenRows,
    deletions_of,
};
use crate::tr;

/// The keys that new rows have got, by their tables and numbers.
type Inserted = HashMap<(&'static str, u32), RecordKey>;

/// Writing what is staged.
const COMMIT: Topic = Topic::new("commit", Queue::Rows);
/// Finding out what became of a commit.
const OUTCOME: Topic = Topic::new("outcome of a commit", Queue::Rows);
/// What rows are by now of which something is staged.
const STAGED: Topic = Topic::new("staged rows", Queue::Rows);

impl Workspace {
    /// Writes what is staged, all or none; where something is wrong with it, goes there instead.
    pub(super) fn commit(&mut self, known: &Known<'_>, effects: &mut Effects) {
        let goes_on = std::mem::take(&mut self.staged.goes_on);
        if self.staged.is_committing {
            return;
        }
        if (self.staged.unread > 0 || self.staged.is_changing) && !self.staged.is_open {
            self.staged.is_awaited = true;
            self.staged.goes_on = goes_on;
            return;
        }
        if self.staged.is_open {
            return self.find_outcome(effects);
        }
        if self.staged.staging().is_empty() {
            self.staged.lock.stop();
            // What is typed is what is stored by now.
            self.records.settle();
            return;
        }
        let (what, deletions) = if self.staged.is_much() {
            let deletions = self.staged.seen_deletions().to_vec();
            (ToWrite::Staged(Box::new(self.staged.staging().clone())), deletions)
        } else {
            match self.staged.staging().edits() {
                Ok(edits) => {
                    let seen = self.staged.seen_deletions();
                    (ToWrite::Edits(edits), deletions_of(self.staged.staging(), seen))
                }
                Err(obstacles) => return self.obstructed(&obstacles, known, effects),
            }
        };
        self.staged.is_committing = true;
        let count = self.staged.staging().len();
        let receive = move |workspace: &mut Self,
                            outcome: Result<Committed, Failure>,
                            known: &Known<'_>,
                            effects: &mut Effects| {
            workspace.staged.is_committing = false;
            match outcome {
                Ok(Committed::Written { rows, along, inserted }) => {
                    workspace.become_stored(&rows, &inserted);
                    workspace.committed(count, (rows, along), known, effects);
                    if goes_on && workspace.has_record_beside() {
                        effects.run(Command::NextRecord);
                        // It stays to be read beside the next record.
                        let said = tr!(known.texts, "staged-committed", count = count);
                        effects.tell(Notice::success(said));
                    }
                }
                Ok(Committed::GoesAlong(count)) => {
                    workspace.records.settle();
                    let said = tr!(known.texts, "staged-goes-along", count = count);
                    effects.tell(Notice::failure(said));
                }
                Ok(Committed::Unseen(planned)) => {
                    workspace.records.settle();
                    effects.push(Effect::AskAgainToDelete(Box::new(planned)));
                }
                Ok(Committed::Refused(obstacles)) => {
                    workspace.obstructed(&obstacles, known, effects);
                }
                Err(failure) => workspace.not_committed(&failure, known, effects),
            }
            workspace.stage_held(effects);
        };
        self.staged.hand_over();
        let kept = self.staged.kept.clone();
        effects.ask(COMMIT.only(), Commit { what, deletions, kept }, receive);
    }

    /// Tells what keeps rows from being written as they are staged.
    fn obstructed(&mut self, obstacles: &[Obstacle], known: &Known<'_>, effects: &mut Effects) {
        self.staged.lock.stop();
        self.records.settle();
        self.show_conflicts();
        self.show_obstacles(obstacles, known, effects);
    }

    /// Stages what was done while it was not known whether what is staged is written; not before that is known.
    pub(super) fn stage_held(&mut self, effects: &mut Effects) {
        if self.staged.is_busy() || self.staged.is_open {
            return;
        }
        for (table, changes) in std::mem::take(&mut self.staged.held) {
            effects.push(Effect::Stage { table, changes });
        }
    }

    /// Turns from new rows to those that they have become, wherever something is done with them; and what was done
    /// meanwhile is done to rows as they are written now.
    fn become_stored(&mut self, rows: &WrittenRows, inserted: &Inserted) {
        let stored = |row: &RowId| rows.is(row)?.after.as_ref();
        let key = |table: &'static str, key: &RowKey| match key {
            RowKey::Stored(_) => Some(key.clone()),
            RowKey::New(number) => Some(RowKey::Stored(inserted.get(&(table, *number))?.clone())),
        };
        let mut held = std::mem::take(&mut self.staged.held);
        for (table, changes) in &mut held {
            let Some(meta) = self.staged.staging().entity(table) else { continue };
            let added = changes.added.iter_mut().flatten().map(|(_, value)| value);
            for value in changes.cells.iter_mut().map(|cell| &mut cell.value).chain(added) {
                refer_to_stored(value, inserted);
            }
            for cell in &mut changes.cells {
                let Some(stored_key) = key(table, &cell.key) else { continue };
                let row = row_id(meta, &stored_key);
                cell.key = stored_key;
                if let Some(now) = stored(&row) {
                    cell.seen = Some(now.value(cell.position).clone());
                    changes.rows.retain(|row| meta.key_of(row) != meta.key_of(now));
                    changes.rows.push(now.clone());
                }
            }
        }
        self.staged.held = held;
        for view in self.views.iter_mut() {
            let meta = view.meta();
            let Some(editor) = &mut view.editor else { continue };
            let Some(stored_key) = key(meta.table, &editor.key) else { continue };
            let row = row_id(meta, &stored_key);
            if let Some(now) = stored(&row) {
                editor.seen = Some(now.value(editor.position).clone());
            }
            editor.key = stored_key;
        }
        for record in self.records.all_mut() {
            record.trail.become_stored(key);
            let table = record.form.meta().table;
            let Some(RowKey::New(number)) = record.new_row.as_ref().map(|row| &row.key) else {
                continue;
            };
            record.key = inserted.get(&(table, *number)).cloned();
        }
    }

    /// Forgets what is staged, because it is written, and shows what that came to.
    fn committed(
        &mut self,
        count: usize,
        (rows, along): (WrittenRows, Vec<Consequence>),
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let is_gone = self.show_written(&rows, known, effects);
        self.staged.finish();
        effects.push(Effect::Written { rows: rows.into_rows(), along });
        let said = tr!(known.texts, "staged-committed", count = count);
        effects.tell(if is_gone { known.record_gone() } else { Notice::success(said) });
        self.changed(effects);
        self.records.reread_panel(effects);
    }

    /// Tries again to write what another program kept from being written, unless something else is typed.
    pub(super) fn commit_again(&mut self, context: &Context, effects: &mut Effects) {
        if self.staged.is_busy() {
            return;
        }
        if self.has_typed() {
            self.staged.lock.stop();
        }
        match self.staged.lock.now() {
            Waiting::No => {}
            Waiting::NoLonger => effects.hush(),
            Waiting::For(rest) if rest.is_zero() => effects.run(Command::Commit),
            Waiting::For(rest) => context.request_repaint_after(rest),
        }
    }

    /// Finds out whether what is staged was written, where a commit was interrupted.
    pub(super) fn find_outcome(&mut self, effects: &mut Effects) {
        (self.staged.is_committing, self.staged.is_open) = (true, true);
        let count = self.staged.staging().len();
        let receive = move |workspace: &mut Self,
                            outcome: Result<Ended, Failure>,
                            known: &Known<'_>,
                            effects: &mut Effects| {
            workspace.staged.is_committing = false;
            workspace.records.settle();
            let said = match outcome {
                Err(failure) => {
                    let (why, open) = (known.words(&failure), tr!(known.texts, "staged-is-open"));
                    return effects.tell(Notice::failure(format!("{why} · {open}")));
                }
                Ok(Ended { outcome: Some(Outcome::Committed), tables }) => {
                    workspace.staged.is_open = false;
                    workspace.committed(count, Default::default(), known, effects);
                    for table in tables {
                        effects.push(Effect::WrittenByOthers(table));
                    }
                    return workspace.stage_held(effects);
                }
                Ok(Ended { outcome: Some(Outcome::Unknown), .. }) => {
                    tr!(known.texts, "staged-commit-unknown")
                }
                Ok(_) => tr!(known.texts, "staged-was-not-committed"),
            };
            workspace.staged.is_open = false;
            effects.tell(Notice::failure(said));
            workspace.stage_held(effects);
            workspace.reread_staged(effects);
        };
        effects.ask(OUTCOME.only(), FindOutcome(self.staged.kept.clone()), receive);
    }

    /// Keeps what is staged as it was not written, and says why.
    fn not_committed(&mut self, failure: &Failure, known: &Known<'_>, effects: &mut Effects) {
        let message = known.words(failure);
        self.staged.lock.tell_otherwise();
        match failure {
            Failure::Database(Error::CommitUnknown { .. })
            | Failure::Panicked { .. }
            | Failure::Stopped => self.find_outcome(effects),
            Failure::Database(error) => {
                let is_said = self.not_saved(failure, known);
                if matches!(error, Error::Retryable { reason: RetryReason::Busy, .. }) {
                    self.staged.lock.wait();
                    let again = tr!(known.texts, "form-tries-again");
                    return effects.tell(Notice::failure(format!("{message} · {again}")));
                }
                let cell = self.staged.refused(error, message.clone());
                let is_shown = is_said || cell.is_some();
                // In a record that is being saved its fields say what is wrong.
                if let Some(cell) = cell.filter(|_| !is_said) {
                    self.show_staged(&cell, effects);
                }
                if matches!(error, Error::Conflict(_)) {
                    self.reread_staged(effects);
                } else if !is_shown {
                    let kept = tr!(known.texts, "staged-is-kept");
                    return effects.tell(Notice::failure(format!("{message} · {kept}")));
                }
            }
        }
        effects.tell(Notice::failure(message));
    }

    /// Reads again the rows of which something is staged.
    pub(super) fn reread_staged(&self, effects: &mut Effects) {
        if self.staged.is_much() {
            return effects.push(Effect::RereadStaged);
        }
        let rows = self.staged.stored();
        if rows.is_empty() {
            return;
        }
        let asked = rows.clone();
        let receive = move |workspace: &mut Self,
                            outcome: Result<WholeRows, Failure>,
                            known: &Known<'_>,
                            effects: &mut Effects| match outcome {
            Ok(now) => {
                workspace.staged.reread(&asked, now);
                workspace.show_conflicts();
                // Others have written them.
                for (table, _) in asked {
                    effects.push(Effect::WrittenByOthers(table));
                }
            }
            Err(failure) => effects.tell(known.not_found(&failure)),
        };
        effects.ask(STAGED.only(), ReadWhole { rows }, receive);
    }

    /// Takes in rows that have been read for the grids, as far as they can be seen.
    pub(super) fn follow_staged(&mut self) {
        if self.staged.staging().is_empty() || self.staged.is_committing {
            return;
        }
        for view in self.views.iter() {
            let (meta, grid) = (view.meta(), &view.grid);
            for row in grid.scroll().rows(grid.extent()) {
                if let Some(record) = grid.row(row).and_then(|(listed, _)| listed.whole()) {
                    self.staged.seen(meta, record);
                }
            }
        }
    }

    /// Goes to the first of the rows that cannot be written, and says why.
    fn show_obstacles(&mut self, obstacles: &[Obstacle], known: &Known<'_>, effects: &mut Effects) {
        let Some(Obstacle { row, kind }) = obstacles.first() else { return };
        self.staged.is_attempted = true;
        let meta = self.staged.staging().entity(&row.table);
        let column = match kind {
            ObstacleKind::Invalid(errors) => errors.first().map(|error| error.field.clone()),
            ObstacleKind::Conflict(conflict) => conflict.columns().first().map(|it| (*it).into()),
        };
        let position = meta.zip(column).and_then(|(meta, column)| meta.position(&column));
        self.show_staged(&StagedCell { row: row.clone(), position }, effects);
        let mut message = tr!(known.texts, "staged-obstacles", count = obstacles.len());
        let labels = Labels::default();
        let (staged, texts) = (&self.staged, known.texts);
        let overlay = meta.map(|meta| StagedOverlay { staged, meta, labels: &labels, texts });
        if let Some(reason) = overlay.and_then(|overlay| overlay.reason(row)) {
            message.push_str(" · ");
            message.push_str(&reason);
        }
        effects.tell(Notice::failure(message));
    }

    /// Shows a row of which something is staged: in the grid where it is at hand, else by itself.
    pub(super) fn show_staged(&mut self, cell: &StagedCell, effects: &mut Effects) {
        let Some(place) = self.views.place_of(&cell.row.table) else { return };
        if self.records.go_to_child(cell) {
            return;
        }
        self.show_view(place, OpenIn::Here);
        let Some(view) = self.views.get_mut(place) else { return };
        view.show_new_rows(&self.staged);
        let Some(row) = view.grid.source().find(&cell.row.key) else {
            let RowKey::Stored(key) = &cell.row.key else { return };
            let (table, key) = (view.meta().table, key.clone());
            return effects.push(Effect::Open(Target::Row { table, key }));
        };
        view.grid.go_to_row(row);
        let column = cell.position.and_then(|position| view.grid.columns.place_of(position));
        if let Some(column) = column {
            view.grid.set_focus(Focus { row, column });
            view.grid.reveal_column();
        }
    }

    /// Shows only the rows of which something is staged: of the entity that is looked at, else of the first
    /// of which there are any.
    pub(super) fn show_all_staged(&self, effects: &mut Effects) {
        let tables = self.staged.stored();
        let here = self.view().map(|view| view.meta().table);
        let found = tables.iter().find(|(table, _)| Some(*table) == here).or(tables.first());
        let Some((table, keys)) = found else { return };
        let Some(meta) = self.staged.staging().entity(table) else { return };
        effects.push(Effect::ShowFiltered { table: meta.table, filter: Filter::keys(meta, keys) });
    }

    /// Shows where something was undone, where that is at hand.
    pub(super) fn show_changed(&mut self, cell: &StagedCell, effects: &mut Effects) {
        let view = self.views.of_mut(&cell.row.table);
        let is_at_hand = view.is_some_and(|view| {
            view.show_new_rows(&self.staged);
            view.grid.source().find(&cell.row.key).is_some()
        });
        if is_at_hand {
            self.show_staged(cell, effects);
        }
    }
}

/// Turns a value that is the key of a new row into that key, where the row has it by now.
fn refer_to_stored(value: &mut StagedValue, inserted: &Inserted) {
    let StagedValue::Value(NewValue::KeyOf { table, row }) = &*value else { return };
    let key = inserted.iter().find(|((of, number), _)| of == table && number == row);
    if let Some(key) = key.and_then(|(_, key)| key.0.first()) {
        *value = key.clone().into();
    }
}

impl AdminApp {
    /// Goes on with what an earlier window has staged and not written: it was killed, or closed by the system.
    /// What has become of its rows since is looked at first.
    pub(super) fn recover(&mut self) {
        let texts = &self.preferences.texts;
        let found = match self.workspace.staged.kept.recover() {
            Ok(None) => return,
            Ok(Some(found)) => found,
            Err(error) => {
                let reason = with_reason(&error);
                let said = tr!(texts, "staged-not-recovered", reason = reason);
                return self.tell_as_well(Notice::failure(said));
            }
        };
        let mut said = vec![tr!(texts, "staged-recovered", count = found.staging.len())];
        let wrong = [
            (found.lost > 0).then(|| tr!(texts, "staged-lost", count = found.lost)),
            (found.cut > 0).then(|| tr!(texts, "staged-cut", count = found.cut)),
            (found.more > 0).then(|| tr!(texts, "staged-more", count = found.more)),
        ];
        said.extend(wrong.into_iter().flatten());
        self.workspace.staged.recover(found.staging);
        if found.is_committing {
            self.workspace.find_outcome(&mut self.effects);
        } else {
            self.workspace.reread_staged(&mut self.effects);
        }
        let text = said.join(" · ");
        self.tell_as_well(match said.len() {
            1 => Notice::success(text),
            _ => Notice::failure(text),
        });
    }

    /// Tells the person something beside what is told already.
    fn tell_as_well(&mut self, said: Notice) {
        self.notice = Some(match self.notice.take() {
            Some(before) => Notice::failure(format!("{} · {}", before.text, said.text)),
            None => said,
        });
    }
}
