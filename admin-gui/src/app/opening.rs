//! Opening records at the right: what is asked about them, and what is asked for in them.

use persistence::edit::NewValue;
use persistence::staging::{RowId, RowKey, StagedRow, StagedValue};
use persistence::{Record, RecordKey};

use super::Effects;
use super::context::Known;
use super::deleting::ask_to_delete_record;
use super::effects::Effect;
use super::large_editor::LargeEditor;
use super::open_records::OpenRecord;
use super::record_event::{ChildEvent, RecordEvent};
use super::record_topics::CHOICES;
use super::record_topics::forget_record;
use super::staged::{Changes, Shows, row_id};
use super::workspace::Workspace;
use super::{Focused, Notice, Target};
use crate::form::{FormEvent, RecordForm};
use crate::jobs::{Queue, Topic};
use crate::open_in::OpenIn;
use crate::tasks::{Find, FindChoices, Labels, RecordNumber};
use crate::tr;

/// Rows a picker offers at once.
const OFFERED: u64 = 20;

/// A record of an entity that is to be looked at.
const RECORD: Topic = Topic::new("record", Queue::Rows);

impl Workspace {
    /// Shows the focused row where that has been waited for: rows have come.
    pub(super) fn follow_focus(&mut self, known: &Known<'_>, effects: &mut Effects) {
        if let Some(table) = self.awaits_focused_row_of {
            self.open(Target::FocusedRow(table), known, effects);
        }
    }

    /// Opens something in the panel at the right; what is typed there is staged.
    pub(super) fn open(&mut self, target: Target, known: &Known<'_>, effects: &mut Effects) {
        self.awaits_focused_row_of = None;
        if matches!(target, Target::FocusedRow(table) if self.is_focused_row_open(table)) {
            return;
        }
        if self.keeps_panel(known, effects) {
            return;
        }
        effects.hush();
        if let Some(record) = &mut self.records.panel {
            effects.forget(CHOICES.of(record.number));
        }
        match target {
            Target::FocusedRow(table) => {
                let Some(view) = self.views.of(table) else { return };
                if let Some(key @ RowKey::New(_)) = view.grid.focused_key() {
                    let row = row_id(view.meta(), &key);
                    self.show_new_row(table, row, known, effects);
                } else if let Some((row, labels)) = view.grid.focused_row() {
                    let key = row.key(view.meta());
                    let whole = row.whole().map(|record| (record.clone(), labels.clone()));
                    match whole {
                        Some((record, labels)) => {
                            // What was asked for before is not to take its place.
                            effects.forget(RECORD.of(table));
                            self.show_record(table, record, &labels, known, effects);
                        }
                        None => ask_for_record(table, key, effects),
                    }
                } else {
                    self.awaits_focused_row_of = view.grid.focus().map(|_| table);
                }
            }
            Target::Row { table, key } => {
                ask_for_record(table, key, effects);
            }
        }
    }

    /// Returns whether the record at the right is to stay, and tells the person why.
    fn keeps_panel(&self, known: &Known<'_>, effects: &mut Effects) -> bool {
        let keeps = self.records.panel.as_ref().is_some_and(OpenRecord::keeps_open);
        if keeps {
            effects.tell(Notice::failure(tr!(known.texts, "form-without-key")));
        }
        keeps
    }

    /// Shows a new row that is staged.
    pub(super) fn show_new_row(
        &mut self,
        table: &'static str,
        row: RowId,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(place) = self.views.place_of(table) else { return };
        if self.staged.staging().row(&row).is_none() {
            return effects.tell(known.record_gone());
        }
        let panel = self.records.panel.as_ref();
        let mut beside = place;
        match panel.filter(|open| open.trail.continues_with(table, &row.key)) {
            Some(panel) => beside = panel.beside,
            None => self.show_view(place, OpenIn::Here),
        }
        let Some(view) = self.views.get(place) else { return };
        let columns = self.staged.staging().row(&row).and_then(StagedRow::columns);
        let mut form = RecordForm::blank(view.entry.clone());
        form.follow(columns, &view.labels);
        self.show_form(place, (beside, Some(row)), form, known, effects);
    }

    fn show_record(
        &mut self,
        table: &'static str,
        record: Record,
        labels: &Labels,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(place) = self.views.place_of(table) else {
            return;
        };
        if self.keeps_panel(known, effects) {
            return;
        }
        let mut beside = place;
        if self.records.is_followed(table, &record, known) {
            // The rows stay those from which it was followed.
            beside = self.records.panel.as_ref().map_or(place, |panel| panel.beside);
        } else {
            self.show_view(place, OpenIn::Here);
        }
        if let Some(form) = known.form_of(table, record, labels) {
            self.show_form(place, (beside, None), form, known, effects);
        }
    }

    /// Shows a record of an entity at the right of rows, in place of the one that is there.
    fn show_form(
        &mut self,
        view: usize,
        (beside, new_row): (usize, Option<RowId>),
        form: RecordForm,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        self.records.stand_beside(beside);
        self.stage_typed(effects);
        let number = self.records.number();
        let form = known.limited(form);
        let mut before = self.records.panel.take();
        let trail = before.as_mut().map(|record| std::mem::take(&mut record.trail));
        if let Some(before) = before {
            forget_record(&before, effects);
        }
        let record = OpenRecord::new(number, view, form, trail.unwrap_or_default());
        self.records.panel = Some(OpenRecord { new_row, beside, ..record });
        self.records.opened_record(number, known, effects);
    }

    /// Does what was asked for in a record.
    pub(super) fn record_event(
        &mut self,
        number: RecordNumber,
        event: RecordEvent,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        match event {
            RecordEvent::Form(event) => self.form_event(number, event, known, effects),
            RecordEvent::Related(event) => self.related_event(number, event, known, effects),
            RecordEvent::Child(number, event) => self.child_event(number, event, known, effects),
            RecordEvent::Edited { position, value } => {
                if let Some(record) = self.records.get_mut(number) {
                    match value {
                        StagedValue::Value(NewValue::Known(value)) => {
                            record.form.put(position, &value);
                        }
                        StagedValue::Text(text) => record.form.type_text(position, text),
                        StagedValue::Value(_) => {}
                    }
                }
                self.stage_typed(effects);
            }
            RecordEvent::GoTo(position) => {
                if let Some(record) = self.records.get_mut(number) {
                    record.form.go_to(position);
                }
            }
            RecordEvent::Command(command) => effects.run(command),
            RecordEvent::OpenInTab => self.give_tab(self.active_entity(), effects),
        }
    }

    /// Does what was asked for in a row that is edited within another record.
    fn child_event(
        &mut self,
        number: RecordNumber,
        event: ChildEvent,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(record) = self.records.get(number) else { return };
        let (meta, row) = (record.form.meta(), record.row());
        match event {
            ChildEvent::Form(event) => self.form_event(number, event, known, effects),
            ChildEvent::Open(open_in) => {
                let Some(row) = row else { return };
                self.stage_typed(effects);
                self.follow_row(number, meta.table, row.key, open_in, known, effects);
            }
            ChildEvent::Delete if self.refuses_while_committing(known, effects) => {}
            ChildEvent::Delete => {
                let Some(row) = row else { return };
                let is_marked = self.staged.staging().row(&row) == Some(&StagedRow::Deleted);
                if is_marked || row.key.stored().is_none() {
                    self.staged.act(|act| act.revert_row(&row));
                } else {
                    self.form_event(number, FormEvent::DeleteRequested, known, effects);
                }
            }
        }
    }

    /// Does what a form asks for.
    pub(super) fn form_event(
        &mut self,
        number: RecordNumber,
        event: FormEvent,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if let FormEvent::EnlargeWanted(position) = event {
            return self.enlarge_field(number, position, known, effects);
        }
        let Some(record) = self.records.get_mut(number) else {
            return;
        };
        let meta = record.form.meta();
        match event {
            FormEvent::EnlargeWanted(_) => {}
            FormEvent::SaveRequested => self.save_record(number, known, effects),
            FormEvent::DeleteRequested => {
                let (meta, record) = (record.form.meta(), record.form.base().clone());
                self.staged.given_up.clear();
                ask_to_delete_record(meta, &record, effects);
            }
            FormEvent::CopyRequested => {
                let values = record.form.copied().into_iter();
                let given = values.map(|(position, value)| (position, value.into())).collect();
                let table = meta.table;
                let changes =
                    Changes { added: vec![given], shows: Shows::Record, ..Changes::default() };
                effects.push(Effect::Stage { table, changes });
            }
            FormEvent::SearchReference { column, table, text } => {
                record.choosing = Some(column);
                ask_for_choices(number, table, text, effects);
            }
            FormEvent::OpenReference { table, key, open_in } => {
                self.follow(number, table, RecordKey(vec![key]), open_in, known, effects);
            }
            FormEvent::ImageWanted(field) => {
                effects.push(Effect::RecordImage(number, field));
            }
            FormEvent::Closed if record.keeps_open() => {
                effects.tell(Notice::failure(tr!(known.texts, "form-without-key")));
            }
            FormEvent::Closed => self.close_record(number, effects),
        }
    }

    /// Opens the value of a field in a large one.
    fn enlarge_field(
        &mut self,
        number: RecordNumber,
        position: usize,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        // It may be another value, of another row, once it is written.
        if self.refuses_while_committing(known, effects) {
            return;
        }
        self.stage_typed(effects);
        let record = self.records.get(number);
        let editor = record.and_then(|it| LargeEditor::of_field(it, position, known.texts));
        if let Some(editor) = editor {
            effects.push(Effect::Enlarge(Box::new(editor)));
        }
    }

    /// Closes a record, and its tab if it has one.
    pub(super) fn close_record(&mut self, number: RecordNumber, effects: &mut Effects) {
        self.stage_typed(effects);
        if let Some(child) = self.records.children.take(number) {
            forget_record(&child.record, effects);
        } else if self.records.is_in_panel(number) {
            if let Some(record) = self.records.panel.take() {
                forget_record(&record, effects);
            }
            self.awaits_focused_row_of = None;
            self.focus = Some(Focused::Grid);
        } else if let Some(pane) = self.records.tab_of(number).map(|tab| tab.pane()) {
            self.let_go_of(&pane);
        }
    }
}

/// Reads a record of an entity to look at it.
fn ask_for_record(table: &'static str, key: RecordKey, effects: &mut Effects) {
    effects.ask(
        RECORD.of(table),
        Find { table, key },
        move |workspace, outcome, known, effects| match outcome {
            Ok(Some((record, labels))) => {
                workspace.show_record(table, record, &labels, known, effects);
            }
            Ok(None) => effects.tell(known.record_gone()),
            Err(failure) => effects.tell(known.not_found(&failure)),
        },
    );
}

/// Asks for rows that a person may choose as what a record refers to.
fn ask_for_choices(number: RecordNumber, table: &'static str, text: String, effects: &mut Effects) {
    let task = FindChoices { table, text, size: OFFERED };
    effects.ask(
        CHOICES.of(number),
        task,
        move |workspace, outcome, known, effects| match outcome {
            Ok(choices) => {
                if let Some(record) = workspace.records.get_mut(number)
                    && let Some(column) = record.choosing
                {
                    record.form.reference_results(column, choices);
                }
            }
            Err(failure) => effects.tell(known.not_found(&failure)),
        },
    );
}
