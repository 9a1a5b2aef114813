//! What is typed in records, on its way to what is staged, and back.

use egui::{Context, Id, TextEdit};
use persistence::staging::{RowId, RowKey, StagedRow, StagedValue};

use super::Effects;
use super::effects::Effect;
use super::open_records::OpenRecord;
use super::record_topics::forget_record;
use super::staged::{CellChange, Changes};
use super::workspace::Workspace;
use crate::command::Command;
use crate::tasks::Labels;

impl Workspace {
    /// Stages what is typed in records as soon as the person has gone on to something else, and shows in them
    /// what is staged otherwise.
    pub(super) fn follow_typed(&mut self, context: &Context, effects: &mut Effects) {
        let focused = context.memory(egui::Memory::focused);
        let is_text = |id: Id| TextEdit::load_state(context, id).is_some();
        let text = focused.filter(|id| is_text(*id));
        let staging = self.staged.staging();
        let is_settled = self.staged.is_settled();
        let (mut gone, none) = (Vec::new(), Labels::default());
        for record in self.records.all_mut() {
            let Some(row) = record.row() else { continue };
            let staged = staging.row(&row);
            if is_settled && !record.form.is_saving() {
                if !record.form.has_typed() && staged.is_none() && record.new_row.is_some() {
                    gone.push(record.number);
                    continue;
                }
                let view = self.views.get(record.view);
                let labels = view.map_or(&none, |view| &view.labels);
                record.form.follow(staged.and_then(StagedRow::columns), labels);
                if !record.form.has_typed() {
                    let is_contested = staging.conflict(&row).is_some();
                    match (std::mem::replace(&mut record.is_contested, is_contested), is_contested)
                    {
                        // It has been decided on in the rows.
                        (true, false) => record.form.decided(),
                        (false, true) if !record.form.is_in_conflict() => {
                            let theirs = staging.stored(&row).cloned();
                            record.form.contested(staging.seen(&row), theirs);
                        }
                        _ => {}
                    }
                }
            }
            let is_typing = text.is_some_and(|id| *record.typed_in.get_or_insert(id) == id);
            if !record.form.has_typed() {
                record.typed_in = None;
            } else if !is_typing {
                stage(record, &row, effects);
            }
        }
        for number in gone {
            if let Some(record) = self.records.panel.take_if(|record| record.number == number) {
                forget_record(&record, effects);
            }
            self.records.put_by.retain(|record| record.number != number);
            drop(self.records.children.take(number));
        }
    }

    /// Stages all that is typed in records.
    pub(super) fn stage_typed(&mut self, effects: &mut Effects) {
        for record in self.records.all_mut() {
            if let Some(row) = record.row() {
                stage(record, &row, effects);
            }
        }
    }

    /// Returns whether something is typed in a record that a command is about and that is not staged: to save a
    /// record looks first for what is wrong with it.
    pub(super) fn has_unstaged(&self, command: Command) -> bool {
        command != Command::Save && self.has_typed()
    }

    /// Returns whether something is typed in a record that can be staged and is not.
    pub(super) fn has_typed(&self) -> bool {
        self.records.all().any(OpenRecord::has_unstaged)
    }
}

/// Stages what is typed in a record.
pub(super) fn stage(record: &mut OpenRecord, row: &RowId, effects: &mut Effects) {
    record.typed_in = None;
    let typed = record.form.take_typed();
    if typed.is_empty() {
        return;
    }
    let base = record.form.base();
    let is_stored = matches!(row.key, RowKey::Stored(_));
    let change = |(position, value): (usize, StagedValue)| {
        let seen = is_stored.then(|| base.value(position).clone());
        CellChange { key: row.key.clone(), position, value, seen }
    };
    let cells = typed.into_iter().map(change).collect();
    let rows = if is_stored { vec![base.clone()] } else { Vec::new() };
    let changes = Changes { cells, rows, ..Changes::default() };
    effects.push(Effect::Stage { table: record.form.meta().table, changes });
}
