//! Staging what a person does.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::columns::Columns;
use super::row::{RowId, RowKey, StagedRow, StagedValue, StoredRow};
use super::step::Step;
use super::{Conflict, Staging};
use crate::drafting;
use crate::edit::{Name, NewValue};
use crate::entity::{ColumnMeta, EntityId, EntityMeta, Fill};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::value::Record;

/// What a person does, on its way into a [`Staging`]: nothing is staged before it is
/// [finished](Self::finish), and nothing at all where it is dropped. See [`Staging::act`].
#[derive(Debug)]
pub struct Act<'s> {
    staging: &'s mut Staging,
    /// Rows of the database as they are seen.
    seen: BTreeMap<RowId, Record>,
    /// What will be staged of rows; `None` where that is nothing.
    rows: BTreeMap<RowId, Option<StagedRow>>,
    last_new: u32,
}

impl<'s> Act<'s> {
    pub(super) fn new(staging: &'s mut Staging) -> Self {
        let last_new = staging.last_new;
        Self { staging, seen: BTreeMap::new(), rows: BTreeMap::new(), last_new }
    }

    /// Stages a value for a column of a row as it is seen. The value that it has there already un-stages what
    /// was staged for it. Who looks at the row decides by that what becomes of others' changes of the column;
    /// [`set_unseen`](Self::set_unseen) leaves that open.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the value is of another type, the column is filled in by the database or the
    /// framework, or the row has no primary key; [`Error::Filter`] for a column that there is not;
    /// [`Error::Schema`] for an entity that is none of this staging area's.
    pub fn set(
        &mut self,
        meta: &'static EntityMeta,
        row: &Record,
        column: &str,
        value: StagedValue,
    ) -> Result<()> {
        self.put(meta, row, (column, value), true)
    }

    /// Stages a value for a column of a row at which nobody looks, such as one of many that are changed at
    /// once. Differs from [`set`](Self::set) where something is staged for the column already: that stays in
    /// [conflict](Staging::conflict) with what others have made of it meanwhile.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn set_unseen(
        &mut self,
        meta: &'static EntityMeta,
        row: &Record,
        column: &str,
        value: StagedValue,
    ) -> Result<()> {
        self.put(meta, row, (column, value), false)
    }

    fn put(
        &mut self,
        meta: &'static EntityMeta,
        row: &Record,
        (column, value): (&str, StagedValue),
        is_looked_at: bool,
    ) -> Result<()> {
        let (position, column) = self.column(meta, column)?;
        let value = self.checked(meta, column, value)?;
        let id = stored(meta, row)?;
        if value.known() == Some(row.value(position)) {
            match self.current(&id) {
                Some(StagedRow::Deleted) => drop(self.rows.insert(id, None)),
                _ => self.revert(&id, column.name),
            }
            return Ok(());
        }
        let mine = self.current(&id).and_then(|staged| staged.value(column.name));
        if is_looked_at || mine.is_none() {
            self.see(&id, row, position);
        }
        let staged = self.current_mut(id);
        if let Some(StagedRow::Changed(columns)) = staged {
            columns.insert(Name::Borrowed(column.name), value);
        } else {
            let columns = Columns::from_iter([(Name::Borrowed(column.name), value)]);
            *staged = Some(StagedRow::Changed(columns));
        }
        Ok(())
    }

    /// Stages a new row, of which nothing is given yet, and returns its name.
    ///
    /// # Errors
    /// [`Error::Schema`] for an entity that is none of this staging area's.
    pub fn insert(&mut self, meta: &'static EntityMeta) -> Result<RowId> {
        self.staging.entry(meta.table)?;
        self.last_new += 1;
        let row = RowId::new(meta, self.last_new);
        self.rows.insert(row.clone(), Some(StagedRow::New(Columns::new())));
        Ok(row)
    }

    /// Stages a value for a column of a new row.
    ///
    /// # Errors
    /// As [`set`](Self::set), and [`Error::NotFound`] when there is no such new row.
    pub fn set_new(&mut self, row: &RowId, column: &str, value: StagedValue) -> Result<()> {
        let meta = self.staging.entry(&row.table)?.meta;
        if !matches!(self.current(row), Some(StagedRow::New(_))) {
            return Err(not_found(meta, row));
        }
        let (_, column) = self.column(meta, column)?;
        let value = self.checked(meta, column, value)?;
        if let Some(StagedRow::New(columns)) = self.current_mut(row.clone()) {
            columns.insert(Name::Borrowed(column.name), value);
        }
        Ok(())
    }

    /// Stages that a row as it is seen is deleted. What was staged for its columns is given up.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it has no primary key; [`Error::Schema`] for an entity that is none of this
    /// staging area's.
    pub fn delete(&mut self, meta: &'static EntityMeta, row: &Record) -> Result<()> {
        self.staging.entry(meta.table)?;
        let id = stored(meta, row)?;
        self.seen.insert(id.clone(), row.clone());
        self.rows.insert(id, Some(StagedRow::Deleted));
        Ok(())
    }

    /// Gives up what is staged for a column of a row.
    pub fn revert(&mut self, row: &RowId, column: &str) {
        if self.current(row).is_none_or(|staged| staged.value(column).is_none()) {
            return;
        }
        let staged = self.current_mut(row.clone());
        if let Some(columns) = staged.as_mut().and_then(StagedRow::columns_mut) {
            columns.remove(column);
        }
        staged.take_if(|left| matches!(left, StagedRow::Changed(columns) if columns.is_empty()));
    }

    /// Gives up all that is staged of a row. Rows that refer to it, where it is a new one, do so no longer.
    pub fn revert_row(&mut self, row: &RowId) {
        self.revert_rows(std::slice::from_ref(row));
    }

    /// Gives up all that is staged of rows, as [`revert_row`](Self::revert_row) does of one.
    pub fn revert_rows(&mut self, given_up: &[RowId]) {
        let mut new: BTreeSet<(&Name, u32)> = BTreeSet::new();
        for row in given_up {
            if self.current(row).is_none() {
                continue;
            }
            self.rows.insert(row.clone(), None);
            if let RowKey::New(number) = row.key {
                new.insert((&row.table, number));
            }
        }
        if new.is_empty() {
            return;
        }
        let refers = |value: &StagedValue| {
            matches!(value, StagedValue::Value(NewValue::KeyOf { table, row })
                if new.contains(&(table, *row)))
        };
        let rows = self.staging.rows.keys().chain(self.rows.keys());
        let referring = rows.flat_map(|other| {
            let columns = self.current(other).and_then(StagedRow::columns).into_iter().flatten();
            let columns = columns.filter(|(_, value)| refers(value));
            columns.map(|(column, _)| (other.clone(), column.clone()))
        });
        let referring: Vec<(RowId, Name)> = referring.collect();
        for (other, column) in referring {
            self.revert(&other, &column);
        }
    }

    /// Gives up all that is staged.
    pub fn revert_all(&mut self) {
        let rows = self.staging.meant.keys().chain(self.rows.keys());
        let rows: Vec<RowId> = rows.cloned().collect();
        self.rows.extend(rows.into_iter().map(|row| (row, None)));
    }

    /// Decides a [conflict](Staging::conflict) in a column: what is staged stands, although others have
    /// changed it as well. Of a row that is to be deleted, any column decides for all.
    pub fn keep_mine(&mut self, row: &RowId, column: &str) {
        if !matches!(self.staging.conflict(row), Some(Conflict::Changed(_))) {
            return;
        }
        let Some(staged) = self.current(row).cloned() else { return };
        let Some(now) = self.staging.stored.get(row).and_then(StoredRow::now) else { return };
        let seen = self.seen.get(row).or_else(|| self.staging.seen(row));
        let Some(mut seen) = seen.cloned() else { return };
        if staged == StagedRow::Deleted {
            seen.clone_from(now);
        } else if let Some(position) = self.staging.meta(row).position(column) {
            seen.set(position, now.value(position).clone());
        }
        self.seen.insert(row.clone(), seen);
        self.rows.insert(row.clone(), Some(staged));
    }

    /// Decides that a row that others have deleted is inserted again, with its key, as it was last and with
    /// what is staged for it. Returns the name of the new row; `None` where others have not deleted it.
    pub fn insert_again(&mut self, row: &RowId) -> Option<RowId> {
        if self.staging.conflict(row) != Some(Conflict::Gone) {
            return None;
        }
        let meta = self.staging.meta(row);
        let last = Arc::clone(&self.staging.stored.get(row)?.last);
        let staged = self.current(row)?.columns()?.clone();
        self.rows.insert(row.clone(), None);
        Some(self.insert_as_it_was(meta, &last, staged))
    }

    /// Stages that a row that was deleted is inserted again as it was, with its key, version and times.
    /// Returns the name of the new row.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it has no primary key, or other columns; [`Error::Schema`] for an entity that is
    /// none of this staging area's.
    pub fn restore(&mut self, meta: &'static EntityMeta, row: &Record) -> Result<RowId> {
        self.staging.entry(meta.table)?;
        stored(meta, row)?;
        Ok(self.insert_as_it_was(meta, row, Columns::new()))
    }

    fn insert_as_it_was(
        &mut self,
        meta: &'static EntityMeta,
        last: &Record,
        staged: Columns,
    ) -> RowId {
        let given = meta.columns.iter().zip(&last.0);
        let given =
            given.map(|(column, value)| (Name::Borrowed(column.name), value.clone().into()));
        let mut columns: Columns = given.collect();
        columns.extend(staged);
        self.last_new += 1;
        let new = RowId::new(meta, self.last_new);
        if meta.deleted().is_some() {
            self.seen.insert(new.clone(), last.clone());
        }
        self.rows.insert(new.clone(), Some(StagedRow::New(columns)));
        new
    }

    /// Stages what was done, to be undone as one. Returns what to keep of it; `None` where all is as it
    /// was.
    pub fn finish(self) -> Option<Step> {
        let Self { staging, mut seen, mut rows, .. } = self;
        rows.retain(|row, after| staging.changes(row, after.as_ref(), seen.get(row)));
        seen.retain(|row, seen| {
            let is_staged = rows.get(row).is_some_and(Option::is_some);
            let before = staging.meant.get(row).and_then(|meant| meant.seen.as_deref());
            is_staged && before != Some(&*seen)
        });
        if rows.is_empty() {
            return None;
        }
        let (seen, rows) = (Vec::from_iter(seen), Vec::from_iter(rows));
        staging.stage(seen.clone(), rows.clone());
        Some(Step::Staged { seen, rows })
    }

    /// Returns what is staged of a row by now.
    fn current(&self, row: &RowId) -> Option<&StagedRow> {
        match self.rows.get(row) {
            Some(staged) => staged.as_ref(),
            None => self.staging.row(row),
        }
    }

    /// Returns what is staged of a row by now, to be changed.
    fn current_mut(&mut self, row: RowId) -> &mut Option<StagedRow> {
        match self.rows.entry(row) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let staged = self.staging.row(unknown.key()).cloned();
                unknown.insert(staged)
            }
        }
    }

    /// Notes what is seen of a row where something is staged for a column of it.
    fn see(&mut self, id: &RowId, row: &Record, column: usize) {
        let known = self.staging.seen(id);
        let seen = self.seen.entry(id.clone()).or_insert_with(|| known.unwrap_or(row).clone());
        seen.set(column, row.value(column).clone());
    }

    fn column(
        &self,
        meta: &'static EntityMeta,
        name: &str,
    ) -> Result<(usize, &'static ColumnMeta)> {
        self.staging.entry(meta.table)?;
        let column = crate::filter::known(meta, name)?;
        let position = meta.position(column.name).expect("a column is one of its entity's");
        if column.fill == Fill::Draft {
            return Ok((position, column));
        }
        let message = "is filled in by the database or the session";
        Err(invalid(meta, FieldError::new(column.name, message)))
    }

    /// Returns a value as the column takes it.
    fn checked(
        &self,
        meta: &'static EntityMeta,
        column: &'static ColumnMeta,
        value: StagedValue,
    ) -> Result<StagedValue> {
        match value {
            StagedValue::Text(_) => Ok(value),
            StagedValue::Value(NewValue::Known(value)) => {
                let value = column.column_type.coerce(value);
                let value =
                    value.map_err(|error| invalid(meta, FieldError::of_value(column.name, &error)));
                Ok(value?.into())
            }
            StagedValue::Value(NewValue::KeyOf { ref table, row }) => {
                let to = self.staging.entry(table)?.meta;
                drafting::check_reference(column, EntityId::new(to))
                    .map_err(|error| invalid(meta, error))?;
                let row = RowId::new(to, row);
                match self.current(&row) {
                    Some(StagedRow::New(_)) => Ok(value),
                    _ => Err(not_found(to, &row)),
                }
            }
        }
    }
}

/// Returns the name of a row that was read.
fn stored(meta: &'static EntityMeta, row: &Record) -> Result<RowId> {
    let (columns, values) = (meta.columns.len(), row.0.len());
    if columns != values {
        let message = format!("has {columns} columns, not {values}");
        return Err(invalid(meta, FieldError::new("", message)));
    }
    let key = meta.coerce_key(&meta.key_of(row))?;
    Ok(RowId { table: Name::Borrowed(meta.table), key: RowKey::Stored(key) })
}

fn invalid(meta: &EntityMeta, error: FieldError) -> Error {
    Invalid { entity: meta.name, errors: vec![error] }.into()
}

fn not_found(meta: &EntityMeta, row: &RowId) -> Error {
    let wanted = match &row.key {
        RowKey::Stored(key) => format!("key {key}"),
        RowKey::New(number) => format!("the number {number} among the new ones"),
    };
    Error::NotFound { entity: meta.name, wanted }
}
