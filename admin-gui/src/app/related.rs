//! Related rows of the open record, and the trail of those that were followed.

use persistence::{Filter, Record, RecordKey};

use super::panes::{Pane, Place};
use super::{AdminApp, Target};
use crate::related::{Crumb, Figures, Preview, RelatedEvent, RelatedModel, RelatedRows};
use crate::worker::{Failure, Labels, Lane, Request};

/// Related rows that are shown of each relation.
const SHOWN: u64 = 4;

impl AdminApp {
    /// A record has been opened, or read again: it joins the trail, and its relations are read.
    pub(super) fn opened_record(&mut self) {
        for relation in 0..self.related.as_ref().map_or(0, |related| related.relations().len()) {
            self.counts.forget(Lane::Related(relation));
        }
        self.related = None;
        let Some(record) = &self.record else {
            self.trail.clear();
            return;
        };
        let meta = record.form.meta();
        let Some(key) = record.key.clone() else {
            self.trail.clear();
            return;
        };
        let row = record.form.base().clone();
        let label = meta.label_of(&row);
        self.trail.opened(Crumb { table: meta.table, key: key.clone(), label });
        let related = RelatedModel::new(meta, key.clone(), self.catalog.entries());
        for relation in 0..related.relations().len() {
            let request =
                Request::Related { table: meta.table, record: row.clone(), relation, size: SHOWN };
            self.counts.ask(Lane::Related(relation), request);
        }
        self.related = Some(related);
    }

    /// Whether a record continues the trail, so that the grid stays what it is.
    pub(super) fn is_followed(&self, table: &str, record: &Record) -> bool {
        let entry = self.catalog.entry(table);
        entry.is_ok_and(|entry| self.trail.continues_with(table, &entry.meta.key_of(record)))
    }

    /// Opens a record as the next of the trail.
    pub(super) fn follow(&mut self, table: &'static str, key: RecordKey) {
        self.trail.expect(table, key.clone());
        self.open(Target::Row { table, key });
    }

    /// Rows of a relation have come.
    pub(super) fn take_related(
        &mut self,
        relation: usize,
        outcome: Result<(RecordKey, RelatedRows), Failure>,
    ) {
        let outcome = outcome.map_err(|failure| self.words(&failure));
        let Some(related) = &mut self.related else { return };
        match outcome {
            Ok((key, rows)) => related.take(&key, relation, Figures::Known(rows)),
            Err(message) => {
                let key = related.key().clone();
                related.take(&key, relation, Figures::Failed(message));
            }
        }
    }

    /// Reads a row that a cell under the pointer refers to.
    pub(super) fn preview(&mut self, table: &'static str, key: RecordKey) {
        // What is not registered with the admin cannot be read.
        if self.catalog.entry(table).is_ok() {
            self.previews.want(table, key.clone());
            self.rows.ask(Lane::Preview, Request::Find { table, key });
        }
    }

    /// The row has come, or is gone.
    pub(super) fn take_preview(&mut self, found: Option<(Record, Labels)>) {
        let meta = self
            .previews
            .wanted()
            .and_then(|(table, _)| self.catalog.entry(table).ok())
            .map(|entry| entry.meta);
        let preview = found
            .zip(meta)
            .map(|((record, labels), meta)| Preview::of(meta, &record, &labels, &self.texts));
        self.previews.take(preview);
    }

    /// Does what was asked for below or above the record.
    pub(super) fn related_event(&mut self, event: RelatedEvent) {
        match event {
            RelatedEvent::Open { table, key } => self.follow(table, key),
            RelatedEvent::ShowAll { table, filter } => self.show_filtered(table, &filter),
            RelatedEvent::Back(place) => {
                if let Some(crumb) = self.trail.back_to(place) {
                    self.open(Target::Row { table: crumb.table, key: crumb.key });
                }
            }
            RelatedEvent::Entity(table) => {
                self.show_pane(Pane::Entity(table.to_owned()), Place::Here);
            }
        }
    }

    /// Shows an entity's rows that a filter finds.
    pub(super) fn show_filtered(&mut self, table: &'static str, filter: &Filter) {
        let Some(place) = self.views.iter().position(|view| view.meta().table == table) else {
            return;
        };
        if let Some(view) = self.views.get_mut(place) {
            view.line.clear();
            view.line.text = filter.to_string();
            view.line.apply(view.entry.meta);
            view.apply_filter();
        }
        self.show_view(place, Place::NewTab);
    }
}
