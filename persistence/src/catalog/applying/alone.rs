//! Rows that edits write alone, at once: those that no unit of work knows, as a cell is no value of its column
//! or they are marked as deleted, and those of which only the database can say whether they are as an edit
//! has them.

use super::{
    Applying, EditIndex, Touched, all_refused, coerced, column_of, conflict, invalid, with_keys,
};
use crate::drafting::is_by_framework;
use crate::edit::ColumnEdit;
use crate::entity::{EntityMeta, Slot};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::Query;
use crate::value::{Record, RecordKey, Value};

/// What is given to a column of a row that is written at once.
enum GivenAlone {
    Value(Value),
    /// The key that a new row gets.
    KeyOf(EditIndex),
}

/// Returns a row with other values in some columns.
fn with_cells(mut row: Record, cells: impl IntoIterator<Item = (usize, Value)>) -> Record {
    for (column, value) in cells {
        row.set(column, value);
    }
    row
}

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
    pub(super) fn take_hidden(&mut self, meta: &'static EntityMeta, key: &RecordKey) {
        if let Some(hidden) = self.hidden.remove(&(meta.table, key.clone())) {
            let (before, now) = (Some(hidden.clone()), Some(hidden));
            self.touch(Touched { meta, row: None, before, now });
        }
    }

    /// Updates a row at once, as long as it is as it is known, and was what the edit says.
    pub(super) fn update_alone(
        &mut self,
        meta: &'static EntityMeta,
        (position, was): (usize, Option<Vec<(usize, Value)>>),
        columns: &[ColumnEdit],
    ) -> Result<()> {
        let values = all_refused(columns.iter().map(|edit| self.given_alone(meta, edit)))?;
        let mut given = Vec::with_capacity(values.len());
        for (column, value) in values.into_iter().flatten() {
            given.push((
                column,
                match value {
                    GivenAlone::Value(value) => value,
                    GivenAlone::KeyOf(new) => self.inserted_key(new)?,
                },
            ));
        }
        let base = with_cells(self.read_again(meta, position)?, was.into_iter().flatten());
        let mine = with_cells(base.clone(), given);
        let stored = self.session.repository(meta.table)?.update_from(&base, mine)?;
        if let Some(touched) = self.touched.get_mut(position) {
            touched.now = Some(stored);
        }
        Ok(())
    }

    /// Returns what an edit gives to a column of a row that is written at once, with the column's position.
    fn given_alone(
        &self,
        meta: &'static EntityMeta,
        edit: &ColumnEdit,
    ) -> Result<Option<(usize, GivenAlone)>> {
        let (column_index, column) = column_of(meta, &edit.column)?;
        if is_by_framework(column.fill) {
            return Ok(None);
        }
        let given = match (self.new_row(meta, column, &edit.after)?, edit.after.known()) {
            (Some(new), _) => GivenAlone::KeyOf(new),
            (None, Some(value)) => GivenAlone::Value(coerced(meta, column, value)?),
            (None, None) => return Ok(None),
        };
        Ok(Some((column_index, given)))
    }

    /// Deletes a row at once, as long as it is as it is known, and was what the edit says.
    pub(super) fn delete_alone(
        &mut self,
        meta: &'static EntityMeta,
        position: usize,
        was: Option<Vec<(usize, Value)>>,
    ) -> Result<()> {
        let stored = match self.read_again(meta, position) {
            // It went along with others just now.
            Err(Error::Conflict(conflict)) if conflict.theirs.is_none() => None,
            stored => Some(stored?),
        };
        if let Some(stored) = stored {
            let base = with_cells(stored, was.into_iter().flatten());
            self.session.repository(meta.table)?.delete_from(&base)?;
        }
        if let Some(touched) = self.touched.get_mut(position) {
            touched.now = None;
        }
        Ok(())
    }

    /// Writes the edits so far, and returns a row as it is after them: they may have changed where it refers
    /// to, and its version.
    fn read_again(&mut self, meta: &'static EntityMeta, position: usize) -> Result<Record> {
        let touched = self.touched.get(position);
        let row = touched.and_then(|touched| touched.row);
        let known = touched.and_then(|touched| touched.now.clone());
        let known = known.expect("a row that is written is there");
        self.session.flush()?;
        let stored = if let Some(row) = row {
            self.session.row(row)
        } else {
            let mut query = Query::new();
            query.filter = Filter::row(meta, &known);
            self.session.repository(meta.table)?.list(&query)?.pop()
        };
        let is_as_known = |stored: &Record| {
            let mut columns = (0..).zip(meta.columns);
            columns.all(|(position, column)| {
                column.references.is_some() || stored.value(position) == known.value(position)
            })
        };
        match stored {
            // What a unit of work knows is compared where it is written.
            Some(stored) if row.is_some() || is_as_known(&stored) => Ok(stored),
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
