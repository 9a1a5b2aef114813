//! The form as a view of what is staged: what is typed is staged, and what is staged otherwise is shown.

use persistence::edit::NewValue;
use persistence::staging::{Columns, StagedValue};

use super::field::Field;
use super::model::RecordForm;
use super::problem::Problem;
use crate::tasks::Labels;

impl RecordForm {
    /// Returns whether a person has done something since what is typed was [taken](Self::take_typed) last.
    #[must_use]
    pub fn has_typed(&self) -> bool {
        self.fields.iter().any(|field| field.has_typed)
    }

    /// Returns what is typed and not staged yet, by the columns' positions, and takes it for staged. A field that
    /// shows what is stored again is among it with that.
    pub fn take_typed(&mut self) -> Vec<(usize, StagedValue)> {
        let mut typed = Vec::new();
        for column in 0..self.fields.len() {
            if self.fields.get(column).is_none_or(|field| !field.has_typed) {
                continue;
            }
            let wanted = self.wanted(column);
            let base = self.base.value(column).clone();
            let Some(field) = self.fields.get_mut(column) else { continue };
            field.has_typed = false;
            if field.staged != wanted {
                typed.push((column, wanted.clone().unwrap_or_else(|| base.into())));
                field.staged = wanted;
            }
        }
        typed
    }

    /// Shows what is staged of the row, but in fields in which something else has been typed since.
    /// `labels` has what rows are called to which it refers.
    pub fn follow(&mut self, staged: Option<&Columns>, labels: &Labels) {
        for (column, meta) in self.meta().columns.iter().enumerate() {
            let now = staged.and_then(|columns| columns.get(meta.name));
            if let Some(value) = now.and_then(StagedValue::known)
                && let Some(field) = self.fields.get_mut(column)
                && field.label.is_none()
                && !field.has_typed
                && field.staged.as_ref() == now
            {
                field.label = labels.get(column, value).map(str::to_owned);
            }
            let field = self.fields.get(column);
            if field.is_none_or(|it| it.staged.as_ref() == now || it.has_typed) {
                continue;
            }
            match now {
                Some(StagedValue::Value(NewValue::Known(value))) => {
                    self.put(column, value);
                    if let Some(field) = self.fields.get_mut(column) {
                        field.label = labels.get(column, value).map(str::to_owned);
                    }
                }
                Some(StagedValue::Text(text)) => self.type_text(column, text.as_str()),
                Some(StagedValue::Value(NewValue::KeyOf { .. })) => {}
                None => self.revert(column),
            }
            if let Some(field) = self.fields.get_mut(column) {
                field.staged = now.cloned();
                field.has_typed = false;
            }
        }
    }

    /// Returns what is to be staged for a column; `None` where that is nothing.
    fn wanted(&self, column: usize) -> Option<StagedValue> {
        let field = self.fields.get(column)?;
        if !self.is_editable(column) {
            return field.staged.clone();
        }
        let is_meant = if self.is_new {
            field.is_touched || field.staged.is_some()
        } else {
            self.is_changed(column)
        };
        is_meant.then(|| self.typed_value(column, field))
    }

    fn typed_value(&self, column: usize, field: &Field) -> StagedValue {
        match self.value(column) {
            Ok(value) => value.into(),
            Err(Problem::Required) => persistence::Value::Null.into(),
            Err(_) => StagedValue::Text(field.text.clone()),
        }
    }
}
