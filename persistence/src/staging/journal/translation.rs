//! Rows of a table as it was, as rows of what it is now.

use std::collections::BTreeSet;

use super::shape::{ColumnShape, Shape};
use crate::catalog::CatalogEntry;
use crate::edit::{Name, NewValue};
use crate::entity::EntityMeta;
use crate::staging::{Columns, RowId, StagedRow, StagedValue};
use crate::value::{Record, Value};

/// What was staged and cannot be any more, because there is no such table or column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The row that it was staged for.
    pub row: RowId,
    /// The column; `None` where the table is gone, or has another primary key.
    pub column: Option<Name>,
}

/// How rows of a table are read.
#[derive(Debug)]
pub(super) enum Translation {
    /// As they are.
    Same(&'static EntityMeta),
    /// By the names of their columns.
    Moved(&'static EntityMeta, Shape),
    /// Not at all: the table is gone, or its rows have other keys.
    Gone,
}

impl Translation {
    pub fn new(shape: Shape, entries: &[CatalogEntry]) -> Self {
        let entry = entries.iter().find(|entry| entry.meta.table == shape.table);
        let Some(meta) = entry.map(|entry| entry.meta) else { return Self::Gone };
        let now = Shape::of(meta);
        if now == shape {
            Self::Same(meta)
        } else if now.key_columns().eq(shape.key_columns()) {
            Self::Moved(meta, shape)
        } else {
            Self::Gone
        }
    }

    /// Returns the entity of the rows, where they are what they were.
    pub const fn same(&self) -> Option<&'static EntityMeta> {
        match self {
            Self::Same(meta) => Some(meta),
            Self::Moved(..) | Self::Gone => None,
        }
    }

    /// Returns a row of the database. What is not known of it is NULL; that it is something else by now
    /// is found out when it is read again.
    pub fn record(&self, record: Record) -> Option<Record> {
        match self {
            Self::Same(_) => Some(record),
            Self::Moved(meta, shape) => {
                let value = |name: &str| {
                    let position = shape.columns.iter().position(|column| column.name == name)?;
                    Some(record.value(position).clone())
                };
                let values = meta.columns.iter().map(|column| value(column.name));
                Some(Record(values.map(Option::unwrap_or_default).collect()))
            }
            Self::Gone => None,
        }
    }

    /// Returns what is staged of a row; `None` where nothing of it can be staged any more.
    pub fn staged(
        &self,
        row: &RowId,
        staged: StagedRow,
        is_there: impl Fn(&str) -> bool,
        lost: &mut BTreeSet<Lost>,
    ) -> Option<StagedRow> {
        let (columns, is_new) = match (self, staged) {
            (Self::Gone, _) => {
                lost.insert(Lost { row: row.clone(), column: None });
                return None;
            }
            (_, StagedRow::Deleted) => return Some(StagedRow::Deleted),
            (_, StagedRow::New(columns)) => (columns, true),
            (_, StagedRow::Changed(columns)) => (columns, false),
        };
        let mut left = Columns::new();
        for (name, value) in columns {
            match self.value(&name, value, &is_there) {
                Some(value) => drop(left.insert(name, value)),
                None => drop(lost.insert(Lost { row: row.clone(), column: Some(name) })),
            }
        }
        match (is_new, left.is_empty()) {
            (true, _) => Some(StagedRow::New(left)),
            (false, true) => None,
            (false, false) => Some(StagedRow::Changed(left)),
        }
    }

    fn value(
        &self,
        column: &str,
        value: StagedValue,
        is_there: &impl Fn(&str) -> bool,
    ) -> Option<StagedValue> {
        if let StagedValue::Value(NewValue::KeyOf { table, .. }) = &value
            && !is_there(table)
        {
            return None;
        }
        let Self::Moved(meta, shape) = self else { return Some(value) };
        let now = meta.column(column)?;
        let is_column = |was: &&ColumnShape| was.name == column;
        let was = shape.columns.iter().find(is_column)?;
        match value {
            StagedValue::Value(NewValue::Known(value))
                if was.column_type != format!("{:?}", now.column_type) =>
            {
                Some(retyped(now.column_type.coerce(value.clone()).ok(), &value))
            }
            value => Some(value),
        }
    }
}

/// Returns a value as a column takes it that is of another type by now; the text of it, as if it had been
/// typed, where it takes none like that.
fn retyped(coerced: Option<Value>, value: &Value) -> StagedValue {
    match coerced {
        Some(coerced) => coerced.into(),
        None => StagedValue::Text(value.to_string()),
    }
}
