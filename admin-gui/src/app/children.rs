//! Rows that belong to an open record and are edited within it: each is an open record itself, drawn as a line.

use std::collections::HashSet;

use persistence::edit::NewValue;
use persistence::staging::{RowId, RowKey, StagedRow, StagedValue, Staging};
use persistence::{EntityMeta, Record, Value};

use super::Effects;
use super::context::Known;
use super::effects::Effect;
use super::open_records::{OpenRecord, OpenRecords};
use super::record_topics::forget_record;
use super::staged::{Changes, Shows, StagedCell, row_id};
use super::typed::stage;
use super::workspace::Workspace;
use crate::form::RecordForm;
use crate::related::{Figures, RelatedModel, Trail};
use crate::tasks::{Labels, RecordNumber};

/// Rows of a relation that are edited within a record at once, beside new ones.
pub(super) const EDITED: u64 = 20;

/// A row that is edited within another record.
pub(super) struct Child {
    /// The record to which it belongs.
    pub parent: RecordNumber,
    /// The place of the relation among the parent's.
    pub relation: usize,
    pub record: OpenRecord,
    /// Whether it is to be deleted.
    pub is_deleted: bool,
}

/// The rows that are edited within the records to which they belong.
#[derive(Default)]
pub(super) struct Children {
    pub rows: Vec<Child>,
    /// The relations whose rows are edited so, by the record's table and the relation's place.
    unfolded: HashSet<(&'static str, usize)>,
    /// What was staged when these rows were looked for; `None` where they are to be looked for again.
    settled_at: Option<u64>,
    /// The relations whose rows have been read since.
    reread: HashSet<(RecordNumber, usize)>,
    /// Whether one has been added that is to get the keyboard.
    is_added: bool,
}

impl Children {
    /// Returns whether the rows of a relation are edited within the record: of a new record always, since there is
    /// nothing else to be seen of them.
    pub fn is_unfolded(&self, model: &RelatedModel, relation: usize) -> bool {
        model.key().is_none() || self.unfolded.contains(&(model.meta().table, relation))
    }

    /// Has rows looked for again: what is known of them is another thing by now.
    pub const fn look_again(&mut self) {
        self.settled_at = None;
    }

    /// Notes that the rows of a relation have been read.
    pub fn reread(&mut self, parent: RecordNumber, relation: usize) {
        self.reread.insert((parent, relation));
        self.look_again();
    }

    /// Returns the record to which a row belongs that is edited within it.
    pub fn parent(&self, number: RecordNumber) -> Option<RecordNumber> {
        Some(self.rows.iter().find(|child| child.record.number == number)?.parent)
    }

    /// Takes out a row that is edited within a record.
    pub fn take(&mut self, number: RecordNumber) -> Option<Child> {
        let place = self.rows.iter().position(|child| child.record.number == number)?;
        Some(self.rows.remove(place))
    }
}

/// A row that is to be edited within a record.
struct Wanted<'w> {
    parent: RecordNumber,
    relation: usize,
    meta: &'static EntityMeta,
    row: RowId,
    /// The row of the database, and what it refers to.
    stored: Option<(&'w Record, &'w Labels)>,
}

impl Workspace {
    /// Has at hand what is edited within the records that are open; what is typed in rows that no longer are is
    /// staged.
    pub(super) fn settle_children(&mut self, known: &Known<'_>, effects: &mut Effects) {
        let revision = self.staged.revision();
        if self.records.children.settled_at.replace(revision) == Some(revision) {
            return;
        }
        let mut before = std::mem::take(&mut self.records.children.rows);
        let reread = std::mem::take(&mut self.records.children.reread);
        let wanted = wanted(&self.records, self.staged.staging());
        let mut last = self.records.last_number();
        let mut rows = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            // What was read before something was written is not what there is now.
            let is_read = reread.contains(&(wanted.parent, wanted.relation));
            let is_it = |child: &Child| {
                (child.parent, child.relation) == (wanted.parent, wanted.relation)
                    && child.record.row().as_ref() == Some(&wanted.row)
            };
            let Some(view) = self.views.place_of(wanted.meta.table) else { continue };
            let child = before.iter().position(is_it).map(|place| before.remove(place));
            let mut child = if let Some(child) = child {
                child
            } else if wanted.stored.is_some() && !is_read {
                continue;
            } else {
                last = last.next();
                let Some(form) = self.form_of_child(view, &wanted, known) else { continue };
                let mut record = OpenRecord::new(last, view, form, Trail::default());
                record.new_row = wanted.stored.is_none().then(|| wanted.row.clone());
                let (parent, relation) = (wanted.parent, wanted.relation);
                Child { parent, relation, record, is_deleted: false }
            };
            if let Some((record, labels)) = wanted.stored.filter(|_| is_read)
                && child.record.form.base() != record
                && !child.record.form.is_dirty()
                && let Some(form) = known.form_of(wanted.meta.table, record.clone(), labels)
            {
                child.record.form = form;
            }
            let staged = self.staged.staging().row(&wanted.row);
            child.is_deleted = staged == Some(&StagedRow::Deleted);
            rows.push(child);
        }
        // What has just been written has not been read with the others yet.
        let is_open = |child: &Child| {
            let (parent, relation) = (child.parent, child.relation);
            let related = self.records.get(parent).and_then(|parent| parent.related.as_ref());
            child.record.key.is_some()
                && !reread.contains(&(parent, relation))
                && related.is_some_and(|it| self.records.children.is_unfolded(it, relation))
        };
        let (stay, go): (Vec<Child>, Vec<Child>) = before.into_iter().partition(is_open);
        rows.extend(stay);
        for mut child in go {
            if let Some(row) = child.record.row() {
                stage(&mut child.record, &row, effects);
            }
            forget_record(&child.record, effects);
        }
        self.records.set_last_number(last);
        self.records.children.rows = rows;
        if std::mem::take(&mut self.records.children.is_added) {
            let new = self.records.children.rows.iter_mut();
            let new = new.filter(|child| child.record.new_row.is_some());
            if let Some(child) =
                new.max_by_key(|child| child.record.new_row.clone().map(|it| it.key))
            {
                child.record.form.focus_first();
            }
        }
    }

    fn form_of_child(
        &self,
        view: usize,
        wanted: &Wanted<'_>,
        known: &Known<'_>,
    ) -> Option<RecordForm> {
        if let Some((record, labels)) = wanted.stored {
            return known.form_of(wanted.meta.table, record.clone(), labels);
        }
        let view = self.views.get(view)?;
        let mut form = known.limited(RecordForm::blank(view.entry.clone()));
        form.focus_nothing();
        let columns = self.staged.staging().row(&wanted.row).and_then(StagedRow::columns);
        form.follow(columns, &view.labels);
        Some(form)
    }

    /// Edits the rows of a relation within the record, or only lists them again.
    pub(super) fn unfold(
        &mut self,
        number: RecordNumber,
        relation: usize,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(record) = self.records.get(number) else { return };
        let place = (record.form.meta().table, relation);
        let unfolded = &mut self.records.children.unfolded;
        if !unfolded.remove(&place) {
            unfolded.insert(place);
        }
        self.records.children.look_again();
        self.records.opened_record(number, known, effects);
    }

    /// Adds a new row that belongs to a record.
    pub(super) fn add_child(
        &mut self,
        number: RecordNumber,
        relation: usize,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(record) = self.records.get(number) else { return };
        let Some(model) = &record.related else { return };
        let Some((to, _)) = model.relations().get(relation) else { return };
        let (Some(column), Some(parent)) = (to.way.column_of_many(), record.row()) else { return };
        let is_unfolded = self.records.children.is_unfolded(model, relation);
        let table = to.target.table;
        let refers = match &parent.key {
            RowKey::Stored(key) => key.0.first().cloned().unwrap_or_default().into(),
            RowKey::New(row) => {
                StagedValue::Value(NewValue::KeyOf { table: parent.table.clone(), row: *row })
            }
        };
        let added = vec![vec![(column, refers)]];
        let changes = Changes { added, shows: Shows::Parent, ..Changes::default() };
        effects.push(Effect::Stage { table, changes });
        if !is_unfolded {
            self.unfold(number, relation, known, effects);
        }
    }

    /// Gives the keyboard to a row that has been added within a record.
    pub(super) const fn go_to_new_child(&mut self) {
        self.records.children.is_added = true;
    }
}

impl OpenRecords {
    /// Gives the keyboard to the cell of a row that is edited within the record at the right, and returns whether
    /// there is such a row.
    pub(super) fn go_to_child(&mut self, cell: &StagedCell) -> bool {
        let Some(panel) = self.panel.as_ref().map(|panel| panel.number) else { return false };
        let mut children = self.children.rows.iter_mut().filter(|child| child.parent == panel);
        let child = children.find(|child| child.record.row().as_ref() == Some(&cell.row));
        let Some(child) = child else { return false };
        if let Some(position) = cell.position {
            child.record.form.attempted();
            child.record.form.go_to(position);
        }
        true
    }
}

/// Returns the rows that are to be edited within the records that are open, in the order in which they stand there.
fn wanted<'w>(records: &'w OpenRecords, staging: &Staging) -> Vec<Wanted<'w>> {
    let mut wanted = Vec::new();
    for parent in records.on_their_own() {
        let (Some(related), Some(row)) = (&parent.related, parent.row()) else { continue };
        for (relation, (to, figures)) in related.relations().iter().enumerate() {
            let Some(column) = to.way.column_of_many().and_then(|at| to.target.columns.get(at))
            else {
                continue;
            };
            if !records.children.is_unfolded(related, relation) {
                continue;
            }
            let (parent, meta) = (parent.number, to.target);
            if let (Figures::Known(known), Some(labels)) = (figures, related.labels(relation)) {
                wanted.extend(known.rows.iter().filter_map(|found| {
                    let record = found.record.as_ref()?;
                    let row = RowId::stored(meta, record);
                    Some(Wanted { parent, relation, meta, row, stored: Some((record, labels)) })
                }));
            }
            let belongs = |id: &RowId| {
                let columns = staging.row(id).and_then(StagedRow::columns);
                columns.and_then(|it| it.get(column.name)).is_some_and(|value| refers(value, &row))
            };
            let new =
                staging.new_rows_of(meta.table).map(|number| row_id(meta, &RowKey::New(number)));
            let new = new.filter(belongs);
            wanted.extend(new.map(|row| Wanted { parent, relation, meta, row, stored: None }));
        }
    }
    wanted
}

/// Returns whether a value refers to a row.
fn refers(value: &StagedValue, row: &RowId) -> bool {
    match (value, &row.key) {
        (StagedValue::Value(NewValue::KeyOf { table, row: number }), RowKey::New(new)) => {
            *table == row.table && number == new
        }
        (StagedValue::Value(NewValue::Known(value)), RowKey::Stored(key)) => {
            !value.is_null() && key.0.first().unwrap_or(&Value::Null) == value
        }
        _ => false,
    }
}
