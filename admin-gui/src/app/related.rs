//! Related rows of the records that are open, and the trails of those that were followed.

use persistence::staging::{RowId, RowKey};
use persistence::{Filter, Record, RecordKey};

use super::Effects;
use super::Target;
use super::children::EDITED;
use super::context::Known;
use super::open_records::{OpenRecords, RecordTab};
use super::record_topics::RELATED;
use super::workspace::Workspace;
use crate::i18n::Language;
use crate::jobs::Failure;
use crate::open_in::OpenIn;
use crate::panes::Pane;
use crate::related::{Crumb, RelatedEvent, RelatedModel};
use crate::row_name::row_name;
use crate::shown_names::ShownNames;
use crate::tasks::{FindRelated, FoundRelated, RecordNumber};
use crate::tr;

/// Related rows that are shown of each relation.
const SHOWN: u64 = 4;

impl Workspace {
    /// Opens a record from an open one: as the next of its trail, or in a tab.
    pub(super) fn follow(
        &mut self,
        number: RecordNumber,
        table: &'static str,
        key: RecordKey,
        open_in: OpenIn,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if open_in == OpenIn::NewTab {
            self.open_in_tab(table, key, effects);
            return;
        }
        let number = self.records.children.parent(number).unwrap_or(number);
        if let Some(record) = self.records.get_mut(number) {
            record.trail.expect(table, RowKey::Stored(key.clone()));
        }
        if self.records.is_in_panel(number) {
            self.open(Target::Row { table, key }, known, effects);
        } else {
            self.records.follow_in_tab(number, table, key, effects);
        }
    }

    /// Opens a row from an open record, perhaps a new one.
    pub(super) fn follow_row(
        &mut self,
        number: RecordNumber,
        table: &'static str,
        row: RowKey,
        open_in: OpenIn,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if let RowKey::Stored(key) = row {
            return self.follow(number, table, key, open_in, known, effects);
        }
        let number = self.records.children.parent(number).unwrap_or(number);
        if let Some(record) = self.records.get_mut(number) {
            record.trail.expect(table, row.clone());
        }
        let row = RowId { table: table.into(), key: row };
        self.show_new_row(table, row, known, effects);
    }

    /// Does what was asked for below or above a record.
    pub(super) fn related_event(
        &mut self,
        number: RecordNumber,
        event: RelatedEvent,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        match event {
            RelatedEvent::Open { table, key, open_in } => {
                self.follow(number, table, key, open_in, known, effects);
            }
            RelatedEvent::ShowAll { table, filter } => self.show_filtered(table, &filter),
            RelatedEvent::Back(place) => {
                let record = self.records.get_mut(number);
                if let Some(crumb) = record.and_then(|record| record.trail.back_to(place)) {
                    self.follow_row(number, crumb.table, crumb.key, OpenIn::Here, known, effects);
                }
            }
            RelatedEvent::Unfold(relation) => self.unfold(number, relation, known, effects),
            RelatedEvent::Add(relation) => self.add_child(number, relation, known, effects),
            RelatedEvent::Entity(table) => {
                self.show_pane(Pane::Entity(table.to_owned()), OpenIn::Here);
            }
        }
    }

    /// Shows an entity's rows that a filter finds.
    pub(super) fn show_filtered(&mut self, table: &'static str, filter: &Filter) {
        let Some(place) = self.views.place_of(table) else {
            return;
        };
        if let Some(view) = self.views.get_mut(place) {
            view.line.clear();
            view.line.text = filter.to_string();
            view.line.apply(view.entry.meta, &ShownNames::default(), Language::English);
            view.apply_filter();
        }
        self.show_view(place, OpenIn::NewTab);
    }
}

impl OpenRecords {
    /// Adds a record that was opened, or read again, to its trail, and asks for its relations.
    pub(super) fn opened_record(
        &mut self,
        number: RecordNumber,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        self.children.look_again();
        if self.children.parent(number).is_some() {
            return;
        }
        let Self { panel, put_by, tabs, children, .. } = self;
        let tabs = tabs.iter_mut().filter_map(RecordTab::record_mut);
        let mut all = panel.iter_mut().chain(put_by).chain(tabs);
        let Some(record) = all.find(|record| record.number == number) else { return };
        let meta = record.form.meta();
        let Some(key) = record.key.clone() else {
            if let Some(row) = record.row() {
                let label = tr!(known.texts, "form-new", entity = known.texts.entity_one(meta));
                record.trail.opened(Crumb { table: meta.table, key: row.key, label });
                record.related = Some(RelatedModel::of_new(meta, known.catalog.entries()));
            } else {
                record.trail.clear();
                record.related = None;
            }
            return;
        };
        let row = record.form.base().clone();
        let label = row_name(meta, &row);
        let crumb = Crumb { table: meta.table, key: RowKey::Stored(key.clone()), label };
        record.trail.opened(crumb);
        // What is known stays to be seen until it has been read again.
        let is_known = record.related.as_ref().is_some_and(|related| related.key() == Some(&key));
        if !is_known {
            record.related = Some(RelatedModel::new(meta, key, known.catalog.entries()));
        }
        let Some(related) = &record.related else { return };
        for relation in 0..related.relations().len() {
            let are_edited = children.is_unfolded(related, relation);
            let size = if are_edited { EDITED } else { SHOWN };
            let (table, record) = (meta.table, row.clone());
            let task = FindRelated { table, record, relation, size, are_edited };
            effects.ask(
                RELATED.of((number, relation)),
                task,
                move |workspace, outcome, known, _| {
                    workspace.records.take_related(number, relation, outcome, known);
                },
            );
        }
    }

    /// Returns whether a record continues the trail of the one at the right, so that the grid stays
    /// what it is.
    pub(super) fn is_followed(&self, table: &str, record: &Record, known: &Known<'_>) -> bool {
        let Some(open) = &self.panel else { return false };
        let entry = known.catalog.entry(table);
        entry.is_ok_and(|entry| {
            open.trail.continues_with(table, &RowKey::Stored(entry.meta.key_of(record)))
        })
    }

    /// Takes the rows of a relation, or why they could not be read.
    fn take_related(
        &mut self,
        number: RecordNumber,
        relation: usize,
        outcome: Result<FoundRelated, Failure>,
        known: &Known<'_>,
    ) {
        self.children.reread(number, relation);
        let outcome = known.in_words(outcome);
        let record = self.get_mut(number);
        let Some(related) = record.and_then(|record| record.related.as_mut()) else { return };
        match outcome {
            Ok(found) => related.take(&found.of, relation, found.rows, found.labels),
            Err(message) => related.fail(relation, message),
        }
    }
}
