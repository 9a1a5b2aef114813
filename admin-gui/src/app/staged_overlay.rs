//! What is staged, as it lies over the rows of a grid.

use std::borrow::Cow;

use persistence::edit::{Name, NewValue};
use persistence::staging::{Conflict, RowId, StagedValue};
use persistence::{EntityMeta, FieldError, RecordKey, Value};

use super::staged::Staged;
use crate::form::text_of;
use crate::grid::{OverlaidCell, OverlaidRow, Overlay};
use crate::i18n::Texts;
use crate::tr;

/// Characters of a value that a remark has.
const LONGEST: usize = 200;

/// What is staged of an entity's rows.
pub(super) struct StagedOverlay<'a> {
    pub staged: &'a Staged,
    pub meta: &'static EntityMeta,
    pub texts: &'a Texts,
}

impl Overlay<RecordKey> for StagedOverlay<'_> {
    fn row(&self, key: &RecordKey) -> Option<OverlaidRow<'_>> {
        let staging = self.staged.staging();
        let (row, staged) = self.staged.row(self.meta, key)?;
        let Some(columns) = staged.columns() else {
            return Some(OverlaidRow { is_deleted: true, cells: Vec::new() });
        };
        let conflict = staging.conflict(&row);
        let errors = staging.check(&row).err().map(|invalid| invalid.errors).unwrap_or_default();
        let seen = staging.seen(&row);
        let cells = columns.iter().filter_map(|(column, value)| {
            let position = self.meta.position(column)?;
            let problem = self.problem(&row, (column, value), conflict.as_ref(), &errors);
            let was = seen.map(|row| shown(row.value(position))).unwrap_or_default();
            let was = tr!(self.texts, "staged-was", value = was);
            let remark = match &problem {
                Some(problem) => format!("{problem}\n{was}"),
                None => was,
            };
            let value = match value {
                StagedValue::Value(NewValue::Known(value)) => Cow::Borrowed(value),
                StagedValue::Value(NewValue::KeyOf { .. }) => Cow::Owned(Value::Null),
                StagedValue::Text(text) => Cow::Owned(Value::Text(text.clone())),
            };
            Some((position, OverlaidCell { value, is_wrong: problem.is_some(), remark }))
        });
        Some(OverlaidRow { is_deleted: false, cells: cells.collect() })
    }
}

impl StagedOverlay<'_> {
    /// Returns what is wrong with a row, in words: with the first of its columns.
    pub fn reason(&self, row: &RowId) -> Option<String> {
        let staging = self.staged.staging();
        let columns = staging.row(row)?.columns()?;
        let conflict = staging.conflict(row);
        let errors = staging.check(row).err().map(|invalid| invalid.errors).unwrap_or_default();
        columns.iter().find_map(|(name, value)| {
            let problem = self.problem(row, (name, value), conflict.as_ref(), &errors)?;
            let column = self.meta.column(name)?;
            Some(format!("{}: {problem}", self.texts.column(self.meta, column)))
        })
    }

    /// Returns what is wrong with what is staged for a column, in words.
    fn problem(
        &self,
        row: &RowId,
        (column, value): (&Name, &StagedValue),
        conflict: Option<&Conflict>,
        errors: &[FieldError],
    ) -> Option<String> {
        match conflict {
            Some(Conflict::Gone) => return Some(tr!(self.texts, "staged-gone")),
            Some(Conflict::Changed(columns)) if columns.iter().any(|changed| changed == column) => {
                let position = self.meta.position(column)?;
                let now = self.staged.staging().stored(row).map(|row| shown(row.value(position)));
                return Some(tr!(self.texts, "staged-conflict", now = now.unwrap_or_default()));
            }
            _ => {}
        }
        let error = errors.iter().find(|error| error.field == **column);
        let error = error.map(|error| self.words(column, value, error));
        error.or_else(|| self.staged.refusal(row, column).map(str::to_owned))
    }

    /// Returns what is wrong with a value, in words.
    fn words(&self, column: &str, value: &StagedValue, error: &FieldError) -> String {
        let column_type = self.meta.column(column).map(|column| column.column_type);
        match (value, column_type) {
            (StagedValue::Text(_), Some(column_type)) => self.texts.expected(column_type),
            _ if *error == FieldError::required(column) => tr!(self.texts, "problem-required"),
            _ => self.texts.rule(&error.message),
        }
    }
}

/// Returns a value as a remark has it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text(text) if text.is_empty() => "∅".to_owned(),
        value => {
            let text = text_of(value);
            match text.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                None => text,
            }
        }
    }
}
