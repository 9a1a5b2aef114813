//! Rows that edits write alone, at once: those that no unit of work knows, as a cell is no value of its column
//! or they are marked as deleted, and those of which only the database can say whether they are as an edit
//! has them.

use super::{
    Applying, EditIndex, Touched, all_refused, coerced, coerced_key, column_of, conflict, invalid,
    with_keys,
};
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
        query.filter = with_keys(meta, &keys);
        self.session.all(meta.table, &query)
    }

    /// Takes a row in that is only marked as deleted, if it is that which an edit is about.
    pub(super) fn take_hidden(&mut self, meta: &'static EntityMeta, key: &RecordKey) -> Result<()> {
        if let Some(hidden) = self.hidden.remove(&(meta.table, coerced_key(meta, key)?)) {
            let (before, now) = (Some(hidden.clone()), Some(hidden));
            self.touch(Touched { meta, row: None, before, now });
        }
        Ok(())
    }

    /// Updates a row at once, if it is what it was by the edit, or else as it is known.
    pub(super) fn update_alone(
        &mut self,
        meta: &'static EntityMeta,
        (position, base): (usize, Option<Record>),
        columns: &[ColumnEdit],
    ) -> Result<()> {
        let values = all_refused(columns.iter().map(|edit| self.given_alone(meta, edit)))?;
        let stored = self.read_again(meta, position)?;
        let base = base.unwrap_or(stored);
        let mut mine = base.clone();
        for (column, value) in values.into_iter().flatten() {
            mine.set(column, value);
        }
        let stored = self.session.repository(meta.table)?.update_from(&base, mine)?;
        if let Some(touched) = self.touched.get_mut(position) {
            touched.now = Some(stored);
        }
        Ok(())
    }

    /// Returns what an edit gives to a column of a row that is written at once, with the column's position.
    fn given_alone(
        &mut self,
        meta: &'static EntityMeta,
        edit: &ColumnEdit,
    ) -> Result<Option<(usize, Value)>> {
        let (column_index, column) = column_of(meta, &edit.column)?;
        if is_by_framework(column.fill) {
            return Ok(None);
        }
        let key = match self.new_row(meta, column, &edit.after)? {
            Some(to) => Some(self.inserted_key(to)?),
            None => None,
        };
        let Some(value) = key.as_ref().or_else(|| edit.after.known()) else { return Ok(None) };
        Ok(Some((column_index, coerced(meta, column, value)?)))
    }

    /// Deletes a row at once, if it is what it was by the edit, or else as it is known.
    pub(super) fn delete_alone(
        &mut self,
        meta: &'static EntityMeta,
        (position, base): (usize, Option<Record>),
    ) -> Result<()> {
        let stored = match self.read_again(meta, position) {
            // It went along with others just now.
            Err(Error::Conflict(conflict)) if conflict.theirs.is_none() => None,
            stored => Some(stored?),
        };
        if let Some(stored) = stored {
            let base = base.unwrap_or(stored);
            self.session.repository(meta.table)?.delete_from(&base)?;
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
