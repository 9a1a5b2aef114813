//! Rows that no unit of work knows, and that edits write alone, at once: of which a cell is no value of its
//! column, and those that are marked as deleted and are shown again.

use super::{Applying, EditIndex, Touched, coerced, coerced_key, column_of, conflict, invalid};
use crate::drafting::is_by_framework;
use crate::edit::ColumnEdit;
use crate::entity::{EntityMeta, Slot};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::Query;
use crate::value::{Record, RecordKey, Value};

impl Applying<'_, '_> {
    /// Reads rows of which some have a cell that is no value of its column; returns the others.
    pub(super) fn read_odd(
        &mut self,
        meta: &'static EntityMeta,
        query: &Query,
    ) -> Result<Vec<Slot>> {
        let rows = self.session.repository(meta.table)?.list(query)?;
        let (odd, rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| meta.has_odd_cell(row));
        for stored in odd {
            let (before, now) = (Some(stored.clone()), Some(stored));
            self.touch(Touched { meta, row: None, before, now });
        }
        let keys: Vec<RecordKey> = rows.iter().map(|row| meta.key_of(row)).collect();
        let mut query = Query::new();
        query.filter = Filter::keys(meta, &keys);
        self.session.all(meta.table, &query)
    }

    /// Takes a row in that is only marked as deleted, if an edit is about the mark.
    pub(super) fn show_again(
        &mut self,
        meta: &'static EntityMeta,
        key: &RecordKey,
        columns: &[ColumnEdit],
    ) -> Result<()> {
        let mark = meta.deleted().and_then(|mark| meta.columns.get(mark));
        let shows = |edit: &ColumnEdit| {
            mark.is_some_and(|mark| mark.name == edit.column) && !edit.before.is_null()
        };
        if !columns.iter().any(shows) {
            return Ok(());
        }
        if let Some(hidden) = self.hidden.remove(&(meta.table, coerced_key(meta, key)?)) {
            let (before, now) = (Some(hidden.clone()), Some(hidden));
            self.touch(Touched { meta, row: None, before, now });
        }
        Ok(())
    }

    /// Updates a row that no unit of work knows, at once.
    pub(super) fn mend(
        &mut self,
        meta: &'static EntityMeta,
        position: usize,
        columns: &[ColumnEdit],
    ) -> Result<()> {
        let mut values: Vec<(usize, Value)> = Vec::with_capacity(columns.len());
        for edit in columns {
            let (column_index, column) = column_of(meta, &edit.column)?;
            if is_by_framework(column.fill) {
                continue;
            }
            let key = match self.new_row(meta, column, &edit.after)? {
                Some(to) => Some(self.inserted_key(to)?),
                None => None,
            };
            if let Some(value) = key.as_ref().or_else(|| edit.after.known()) {
                values.push((column_index, coerced(meta, column, value)?));
            }
        }
        let base = self.read_again(meta, position)?;
        let mut mine = base.clone();
        for (column, value) in values {
            mine.set(column, value);
        }
        let stored = self.session.repository(meta.table)?.update_from(&base, mine)?;
        if let Some(touched) = self.touched.get_mut(position) {
            touched.now = Some(stored);
        }
        Ok(())
    }

    /// Deletes a row that no unit of work knows, at once.
    pub(super) fn delete_alone(
        &mut self,
        meta: &'static EntityMeta,
        position: usize,
    ) -> Result<()> {
        let stored = match self.read_again(meta, position) {
            // It went along with others just now.
            Err(Error::Conflict(conflict)) if conflict.theirs.is_none() => None,
            stored => Some(stored?),
        };
        if let Some(stored) = stored {
            self.session.repository(meta.table)?.delete_from(&stored)?;
        }
        if let Some(touched) = self.touched.get_mut(position) {
            touched.now = None;
        }
        Ok(())
    }

    /// Writes the edits so far, and reads a row as it is after them: they may have changed where it refers to.
    fn read_again(&mut self, meta: &'static EntityMeta, position: usize) -> Result<Record> {
        let now = self.touched.get(position).and_then(|touched| touched.now.clone());
        let known = now.expect("a row that is written is there");
        self.session.flush()?;
        let mut query = Query::new();
        query.filter = Filter::row(meta, &known);
        let stored = self.session.repository(meta.table)?.list(&query)?.pop();
        let is_as_known = |stored: &Record| {
            let mut columns = (0..).zip(meta.columns);
            columns.all(|(position, column)| {
                column.references.is_some() || stored.value(position) == known.value(position)
            })
        };
        match stored {
            Some(stored) if is_as_known(&stored) => Ok(stored),
            theirs => Err(conflict(meta, meta.key_of(&known), (Some(known), None, theirs))),
        }
    }

    /// Inserts a new row; returns the key by which others refer to it.
    fn inserted_key(&mut self, index: EditIndex) -> Result<Value> {
        let row = self.insert(index, &mut Vec::new())?;
        self.session.flush()?;
        let meta = row.entity().meta();
        let key = self.session.row(row).map(|row| meta.key_of(&row).0);
        if let Some([key]) = key.as_deref() {
            return Ok(key.clone());
        }
        let column = meta.key_columns().next().map_or("", |column| column.name);
        Err(invalid(meta, column, "is not the one column of a key that is known"))
    }
}
