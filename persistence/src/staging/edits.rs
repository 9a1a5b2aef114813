//! What is staged, as edits that can be written.

use std::collections::BTreeSet;

use super::columns::Columns;
use super::row::{RowId, RowKey, StagedRow, StagedValue};
use super::{Conflict, Staging};
use crate::column_type::ValueError;
use crate::edit::{ColumnEdit, Edit, EditKind, Name, NewValue};
use crate::entity::{EntityMeta, Fill};
use crate::error::{FieldError, Invalid};
use crate::value::{Record, Value};

/// Why a row of which something is staged cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The row.
    pub row: RowId,
    /// What keeps it from being written.
    pub kind: ObstacleKind,
}

/// What keeps a row from being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObstacleKind {
    /// Others have changed it as well, or deleted it.
    Conflict(Conflict),
    /// These columns lack a value, have none of their type, or break a rule of the entity.
    Invalid(Vec<FieldError>),
}

impl Staging {
    /// Returns what [`DynSession::apply`](crate::DynSession) has to write.
    ///
    /// # Errors
    /// Every row that cannot be written, and why.
    pub fn edits(&self) -> Result<Vec<Edit>, Vec<Obstacle>> {
        let obstacles = self.rows().filter_map(|(row, _)| self.obstacle(row));
        let obstacles: Vec<Obstacle> = obstacles.collect();
        if !obstacles.is_empty() {
            return Err(obstacles);
        }
        Ok(self.edits_of(|_| true))
    }

    /// Returns what would be written of what is staged, to be looked at: without the rows that cannot be
    /// written.
    #[must_use]
    pub fn preview(&self) -> Vec<Edit> {
        self.edits_of(|row| self.obstacle(row).is_none())
    }

    fn edits_of(&self, is_meant: impl Fn(&RowId) -> bool) -> Vec<Edit> {
        let taken = self.taken();
        let meant = || self.rows().filter(|(row, _)| is_meant(row));
        let edits = meant().filter_map(|(row, staged)| {
            let mut edit = self.edit(row, staged)?;
            if let (true, Some(now)) = (taken.contains(row), self.stored(row)) {
                compare_whole(self.meta(row), now, &mut edit);
            }
            Some(edit)
        });
        let mut edits: Vec<Edit> = edits.collect();
        // What a row gives up, a new one can have.
        edits.sort_by_key(Edit::rank);
        edits.extend(meant().filter_map(|(row, staged)| self.edit_of_again(row, staged)));
        edits
    }

    /// Returns the names that rows are to have that get other keys.
    fn taken(&self) -> BTreeSet<RowId> {
        let taken = self.rows().filter_map(|(row, staged)| {
            let meta = self.meta(row);
            let mut key = meta.key_columns();
            key.any(|column| staged.value(column.name).is_some()).then_some(())?;
            Some(RowId::stored(meta, &self.merged(row)?))
        });
        taken.collect()
    }

    /// Returns what keeps a row from being written, if anything does.
    #[must_use]
    pub fn obstacle(&self, row: &RowId) -> Option<Obstacle> {
        let kind = match self.conflict(row) {
            Some(conflict) => ObstacleKind::Conflict(conflict),
            None => ObstacleKind::Invalid(self.check(row).err()?.errors),
        };
        Some(Obstacle { row: row.clone(), kind })
    }

    /// Checks what is staged of a row by the rules of its entity, without a database.
    ///
    /// # Errors
    /// [`Invalid`] with every column that lacks a value, has none of its type, or breaks a rule.
    pub fn check(&self, row: &RowId) -> Result<(), Invalid> {
        let (Some(staged), Ok(entry)) = (self.row(row), self.entry(&row.table)) else {
            return Ok(());
        };
        let meta = entry.meta;
        let Some(columns) = staged.columns() else { return Ok(()) };
        let mut errors = unfit(meta, staged, columns);
        // The rules want whole rows: columns without a value of theirs get one that nobody sees.
        let Some(mut mine) = self.merged(row) else {
            // It is gone.
            return if errors.is_empty() {
                Ok(())
            } else {
                Err(Invalid { entity: meta.name, errors })
            };
        };
        for (position, column) in meta.columns.iter().enumerate() {
            let is_known = columns.get(column.name).is_none_or(|value| value.known().is_some());
            let lacks = column.fill == Fill::Draft && column.is_odd(mine.value(position));
            if !is_known || lacks && matches!(staged, StagedRow::New(_)) {
                mine.set(position, column.column_type.any_value());
            }
        }
        let checked = match self.stored(row) {
            Some(now) => entry.validate_change(now, &mine),
            None => entry.validate(&mine),
        };
        let broken = checked.err().map(|invalid| invalid.errors).unwrap_or_default();
        let is_new = |error: &FieldError| errors.iter().all(|known| known.field != error.field);
        let broken: Vec<FieldError> = broken.into_iter().filter(is_new).collect();
        errors.extend(broken);
        if errors.is_empty() { Ok(()) } else { Err(Invalid { entity: meta.name, errors }) }
    }

    /// Returns what a row becomes by what is staged of it; `None` where it is deleted, or gone. Columns
    /// of which that is not known are NULL.
    #[must_use]
    pub fn merged(&self, row: &RowId) -> Option<Record> {
        let columns = self.row(row)?.columns()?;
        let meta = self.meta(row);
        let mut merged = match row.key {
            RowKey::Stored(_) => self.stored(row)?.clone(),
            RowKey::New(_) => Record(vec![Value::Null; meta.columns.len()]),
        };
        for (column, value) in columns {
            if let Some(position) = meta.position(column) {
                merged.set(position, value.known().cloned().unwrap_or_default());
            }
        }
        Some(merged)
    }

    fn edit(&self, row: &RowId, staged: &StagedRow) -> Option<Edit> {
        let meta = self.meta(row);
        let given = |value: &StagedValue| match value {
            StagedValue::Value(value) => Some(value.clone()),
            StagedValue::Text(_) => None,
        };
        let kind = match (staged, &row.key) {
            (StagedRow::New(_), RowKey::New(number)) if self.seen(row).is_some() => {
                return Some(Edit::between(meta, None, self.seen(row))?.numbered(*number));
            }
            (StagedRow::New(columns), RowKey::New(number)) => {
                let columns = columns.iter();
                let columns =
                    columns.filter_map(|(name, value)| Some((name.clone(), given(value)?)));
                EditKind::Insert { row: *number, columns: columns.collect() }
            }
            (StagedRow::Changed(columns), _) => {
                let now = self.stored(row)?;
                let edits = columns.iter().filter_map(|(column, value)| {
                    let before = now.value(meta.position(column)?).clone();
                    Some(ColumnEdit { column: column.clone(), before, after: given(value)? })
                });
                // A row that others have marked as deleted meanwhile would be found still.
                let columns = (0..).zip(meta.columns);
                let marks = columns.filter(|(_, column)| column.fill == Fill::Deleted);
                let marks = marks.map(|(position, mark)| ColumnEdit {
                    column: Name::Borrowed(mark.name),
                    before: now.value(position).clone(),
                    after: NewValue::Known(now.value(position).clone()),
                });
                let columns: Vec<ColumnEdit> = edits.collect();
                if columns.is_empty() {
                    return None;
                }
                let columns = columns.into_iter().chain(marks).collect();
                let (key, version) = (meta.key_of(now), meta.version_of(now));
                EditKind::Update { key, version, columns }
            }
            _ => return Edit::between(meta, Some(self.stored(row)?), None),
        };
        Some(Edit { table: Name::Borrowed(meta.table), kind })
    }
}

impl Staging {
    /// Returns what is to be changed of a row that is inserted again as it was, where that is so: one that is
    /// only marked as deleted is shown again only if it is given as it is.
    fn edit_of_again(&self, row: &RowId, staged: &StagedRow) -> Option<Edit> {
        let meta = self.meta(row);
        let (StagedRow::New(columns), Some(last)) = (staged, self.seen(row)) else { return None };
        let edits = columns.iter().filter_map(|(column, value)| {
            let before = last.value(meta.position(column)?);
            let StagedValue::Value(after) = value else { return None };
            let is_changed = after.known() != Some(before);
            is_changed.then(|| ColumnEdit {
                column: column.clone(),
                before: before.clone(),
                after: after.clone(),
            })
        });
        let columns: Vec<ColumnEdit> = edits.collect();
        if columns.is_empty() {
            return None;
        }
        let kind = EditKind::Update { key: meta.key_of(last), version: None, columns };
        Some(Edit { table: Name::Borrowed(meta.table), kind })
    }
}

/// Has all of a row compared that an edit is about. Where another row gets its key in the same go, that one would
/// be taken for it once it is gone.
fn compare_whole(meta: &EntityMeta, now: &Record, edit: &mut Edit) {
    let EditKind::Update { columns, .. } = &mut edit.kind else { return };
    for (position, column) in meta.columns.iter().enumerate() {
        if column.fill == Fill::Draft && columns.iter().all(|edit| edit.column != column.name) {
            let value = now.value(position).clone();
            columns.push(ColumnEdit {
                column: Name::Borrowed(column.name),
                before: value.clone(),
                after: NewValue::Known(value),
            });
        }
    }
}

/// Returns the columns that have no value, or none of their type.
fn unfit(meta: &EntityMeta, staged: &StagedRow, columns: &Columns) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for column in meta.columns.iter().filter(|column| column.fill == Fill::Draft) {
        let is_missing = match columns.get(column.name) {
            Some(StagedValue::Text(text)) => {
                let error = ValueError::new(column.column_type.to_string(), text);
                errors.push(FieldError::of_value(column.name, &error));
                false
            }
            Some(StagedValue::Value(NewValue::Known(value))) => value.is_null(),
            Some(StagedValue::Value(NewValue::KeyOf { .. })) => false,
            None => matches!(staged, StagedRow::New(_)),
        };
        if is_missing && !column.is_nullable {
            errors.push(FieldError::required(column.name));
        }
    }
    errors
}
