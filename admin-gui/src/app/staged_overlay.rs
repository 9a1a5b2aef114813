//! What is staged, as it lies over the rows of a grid.

use std::borrow::Cow;

use persistence::edit::{Name, NewValue};
use persistence::entity::Fill;
use persistence::staging::{Columns, Conflict, RowId, RowKey, StagedValue};
use persistence::{EntityMeta, FieldError, Value};

use super::entity_view::EntityView;
use super::staged::Staged;
use crate::form::text_of;
use crate::grid::{CellLook, Fate, OverlaidCell, OverlaidRow, Overlay};
use crate::i18n::Texts;
use crate::tasks::Labels;
use crate::tr;

/// Characters of a value that a remark has.
const LONGEST: usize = 200;

/// Rows of which it is looked up at once what they refer to.
const MOST_NAMED: usize = 2_000;

/// What is staged of an entity's rows.
pub(super) struct StagedOverlay<'a> {
    pub staged: &'a Staged,
    pub meta: &'static EntityMeta,
    /// What rows are called to which these refer.
    pub labels: &'a Labels,
    pub texts: &'a Texts,
}

impl EntityView {
    /// Returns to what rows refer of which something is staged: columns by their positions, and keys; nothing where
    /// that has been asked for since something was staged last.
    pub(super) fn staged_references(&mut self, staged: &Staged) -> Vec<(usize, Value)> {
        if std::mem::replace(&mut self.named_at, staged.revision()) == staged.revision() {
            return Vec::new();
        }
        let meta = self.meta();
        let references = meta.columns.iter().enumerate();
        let references = references.filter(|(_, column)| column.references.is_some());
        let rows = staged.staging().rows_of(meta.table).take(MOST_NAMED);
        let values = rows.flat_map(|(_, row)| {
            references.clone().filter_map(|(position, column)| {
                let value = row.value(column.name)?.known()?;
                (!value.is_null()).then(|| (position, value.clone()))
            })
        });
        values.collect()
    }
}

impl Overlay<RowKey> for StagedOverlay<'_> {
    fn row(&self, key: &RowKey) -> Option<OverlaidRow<'_>> {
        let staging = self.staged.staging();
        let (row, staged) = self.staged.row(self.meta, key)?;
        let conflict = staging.conflict(&row);
        let Some(columns) = staged.columns() else {
            let problem = conflict.map(|_| tr!(self.texts, "staged-deleted-conflict"));
            return Some(OverlaidRow { fate: Fate::Deleted, problem, cells: Vec::new() });
        };
        let errors = staging.check(&row).err().map(|invalid| invalid.errors).unwrap_or_default();
        if key.stored().is_none() {
            return Some(self.new_row(&row, columns, &errors));
        }
        let seen = staging.seen(&row);
        let cells = columns.iter().filter_map(|(column, value)| {
            let position = self.meta.position(column)?;
            let problem = self.problem(&row, (column, value), conflict.as_ref(), &errors);
            let was = seen.map(|row| shown(row.value(position))).unwrap_or_default();
            let was = tr!(self.texts, "staged-was", value = was);
            let look = if problem.is_some() { CellLook::Wrong } else { CellLook::Staged };
            let remark = problem.map_or_else(|| was.clone(), |problem| format!("{problem}\n{was}"));
            Some((position, self.overlaid(position, value, look, Some(remark))))
        });
        Some(OverlaidRow { fate: Fate::Changed, problem: None, cells: cells.collect() })
    }
}

impl StagedOverlay<'_> {
    /// Returns what lies over a cell for which something is staged.
    fn overlaid<'s>(
        &'s self,
        position: usize,
        value: &'s StagedValue,
        look: CellLook,
        remark: Option<String>,
    ) -> OverlaidCell<'s> {
        let label = value.known().and_then(|value| self.labels.get(position, value));
        let is_of_new = matches!(value, StagedValue::Value(NewValue::KeyOf { .. }));
        let hint = is_of_new.then(|| tr!(self.texts, "form-new-row"));
        let value = match value {
            StagedValue::Value(NewValue::Known(value)) => Cow::Borrowed(value),
            StagedValue::Value(NewValue::KeyOf { .. }) => Cow::Owned(Value::Null),
            StagedValue::Text(text) => Cow::Owned(Value::Text(text.clone())),
        };
        OverlaidCell { value, label: label.map(Cow::Borrowed), hint, look, remark }
    }

    /// Returns a new row: what is given, and what comes of the rest.
    fn new_row<'s>(
        &'s self,
        row: &RowId,
        columns: &'s Columns,
        errors: &[FieldError],
    ) -> OverlaidRow<'s> {
        let is_attempted = self.staged.is_attempted;
        let all = self.meta.columns.iter().enumerate();
        let cells = all.map(|(position, column)| {
            let name = Name::Borrowed(column.name);
            let given = columns.get(column.name);
            let given = given.filter(|it| column.is_nullable || it.known() != Some(&Value::Null));
            if let Some(value) = given {
                let problem = self.problem(row, (&name, value), None, errors);
                let look = if problem.is_some() { CellLook::Wrong } else { CellLook::New };
                return (position, self.overlaid(position, value, look, problem));
            }
            // A value that is not given yet is not a wrong one.
            let is_missing = errors.iter().any(|error| error.field == column.name);
            let (hint, look) = match column.fill {
                Fill::Draft if is_missing && is_attempted => {
                    (tr!(self.texts, "form-required-mark"), CellLook::Wrong)
                }
                Fill::Draft => (String::new(), CellLook::New),
                _ => (tr!(self.texts, "staged-automatic"), CellLook::New),
            };
            let remark = is_missing.then(|| tr!(self.texts, "problem-required"));
            let (value, hint) = (Cow::Owned(Value::Null), Some(hint));
            (position, OverlaidCell { value, label: None, hint, look, remark })
        });
        let cells: Vec<_> = cells.collect();
        let is_wrong = is_attempted && !errors.is_empty();
        let problem = is_wrong.then(|| tr!(self.texts, "problem-required"));
        OverlaidRow { fate: Fate::New, problem, cells }
    }

    /// Returns what is wrong with a row, in words: with the first of its columns.
    pub fn reason(&self, row: &RowId) -> Option<String> {
        let staging = self.staged.staging();
        let conflict = staging.conflict(row);
        let staged = staging.row(row)?;
        let Some(columns) = staged.columns() else {
            return conflict.map(|_| tr!(self.texts, "staged-deleted-conflict"));
        };
        if conflict == Some(Conflict::Gone) {
            return Some(tr!(self.texts, "staged-gone"));
        }
        let errors = staging.check(row).err().map(|invalid| invalid.errors).unwrap_or_default();
        let missing = StagedValue::from(Value::Null);
        self.meta.columns.iter().find_map(|column| {
            let name = Name::Borrowed(column.name);
            let value = columns.get(column.name).unwrap_or(&missing);
            let problem = self.problem(row, (&name, value), conflict.as_ref(), &errors)?;
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
        match (value, self.meta.column(column)) {
            (StagedValue::Text(text), Some(column)) => match &column.references {
                Some(reference) => {
                    let entity = self.texts.entity(reference.entity.meta());
                    tr!(self.texts, "staged-no-such-row", entity = entity, name = text.as_str())
                }
                None => self.texts.wrong(column.column_type, text),
            },
            _ if *error == FieldError::required(column) => tr!(self.texts, "problem-required"),
            _ => self.texts.rule(&error.message),
        }
    }
}

/// Returns a value as a remark has it.
pub(super) fn shown(value: &Value) -> String {
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
