//! Rows of which something is staged.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::columns::Columns;
use crate::edit::{Name, NewValue};
use crate::entity::EntityMeta;
use crate::value::{Record, RecordKey, Value};

/// A row of a table, whether the database has it yet or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowId {
    /// The table of the row, as its [entity](EntityMeta::table) has it.
    pub table: Name,
    /// Which of its rows.
    pub key: RowKey,
}

impl RowId {
    /// Returns the name of a row that was read.
    #[must_use]
    pub fn stored(meta: &EntityMeta, row: &Record) -> Self {
        Self { table: Name::Borrowed(meta.table), key: RowKey::Stored(meta.key_of(row)) }
    }

    /// Returns the least of all names of a table's rows.
    pub(super) fn first_of(table: &str) -> Self {
        let key = RowKey::Stored(RecordKey(Vec::new()));
        Self { table: Name::Owned(table.to_owned()), key }
    }

    /// Returns the least of all names of a table's new rows.
    pub(super) fn first_new_of(table: &str) -> Self {
        Self { table: Name::Owned(table.to_owned()), key: RowKey::New(0) }
    }

    /// Returns the name of a new row.
    #[must_use]
    pub(super) const fn new(meta: &EntityMeta, number: u32) -> Self {
        Self { table: Name::Borrowed(meta.table), key: RowKey::New(number) }
    }
}

/// Which row of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKey {
    /// One that the database has, with this primary key.
    Stored(RecordKey),
    /// A new one, by its number: no other new row of a [`Staging`](super::Staging) ever has the same.
    New(u32),
}

impl RowKey {
    /// Returns the primary key; `None` of a new row.
    #[must_use]
    pub const fn stored(&self) -> Option<&RecordKey> {
        match self {
            Self::Stored(key) => Some(key),
            Self::New(_) => None,
        }
    }
}

/// What is staged for a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StagedValue {
    /// A value of the column, or the key that another new row will get.
    Value(NewValue),
    /// What was typed and is no value of the column. It is kept as it is, and nothing is written
    /// as long as it is there.
    Text(String),
}

impl StagedValue {
    /// Returns the value, where it is one that is known.
    #[must_use]
    pub const fn known(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => value.known(),
            Self::Text(_) => None,
        }
    }
}

impl<V: Into<Value>> From<V> for StagedValue {
    fn from(value: V) -> Self {
        Self::Value(NewValue::Known(value.into()))
    }
}

/// What is staged for a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StagedRow {
    /// It is to be inserted with these columns; the others are left to the database.
    New(Columns),
    /// These columns of it are to be changed.
    Changed(Columns),
    /// It is to be deleted.
    Deleted,
}

impl StagedRow {
    /// Returns what is staged for a column.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&StagedValue> {
        self.columns()?.get(column)
    }

    /// Returns the columns for which something is staged; `None` of a row that is to be deleted.
    #[must_use]
    pub const fn columns(&self) -> Option<&Columns> {
        match self {
            Self::New(columns) | Self::Changed(columns) => Some(columns),
            Self::Deleted => None,
        }
    }

    /// Returns what is left of it where a row is already something of what it is to be; `None` of the row
    /// stands for one that is gone.
    pub(super) fn left(&self, meta: &EntityMeta, now: Option<&Record>) -> Option<Cow<'_, Self>> {
        let (columns, now) = match (self, now) {
            (Self::Deleted, None) => return None,
            (Self::Changed(columns), Some(now)) => (columns, now),
            _ => return Some(Cow::Borrowed(self)),
        };
        let is_left = |(column, value): &(&Name, &StagedValue)| {
            let now = meta.position(column).map(|position| now.value(position));
            value.known().is_none_or(|value| Some(value) != now)
        };
        let left = columns.iter().filter(is_left);
        match left.clone().count() {
            0 => None,
            count if count == columns.len() => Some(Cow::Borrowed(self)),
            _ => {
                let left = left.map(|(column, value)| (column.clone(), value.clone()));
                Some(Cow::Owned(Self::Changed(left.collect())))
            }
        }
    }

    /// Returns whether a column is among those that are to become something else.
    pub(super) fn is_about(&self, column: &str) -> bool {
        self.columns().is_none_or(|columns| columns.contains_key(column))
    }

    pub(super) const fn columns_mut(&mut self) -> Option<&mut Columns> {
        match self {
            Self::New(columns) | Self::Changed(columns) => Some(columns),
            Self::Deleted => None,
        }
    }
}

/// What a person means a row to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meant {
    pub staged: Arc<StagedRow>,
    /// What the person saw of the row; of each column, when something was staged for that. Of a new one, what
    /// it was before, where it may only be marked as deleted.
    pub seen: Option<Arc<Record>>,
}

/// A row of the database of which something is or was staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredRow {
    /// What it is, as far as that is known; what it was last, where it is gone.
    pub last: Arc<Record>,
    pub is_gone: bool,
}

impl StoredRow {
    /// Returns what the row is; `None` where it is gone.
    pub fn now(&self) -> Option<&Arc<Record>> {
        (!self.is_gone).then_some(&self.last)
    }

    /// Returns what is known of a row once something is staged on a copy of it: what was staged, and is
    /// left, becomes what is meant.
    ///
    /// Whether a copy is older or newer than what was read last, nobody can say. It is taken for what the row is
    /// where it tells something new: only that is overwritten when what is staged is written. What was staged
    /// already stays in conflict with what others made of it.
    pub fn once_seen(
        known: Option<&Self>,
        meta: &EntityMeta,
        (left, seen_before): (Option<&StagedRow>, Option<&Record>),
        meant: &Meant,
    ) -> Option<Self> {
        let seen = meant.seen.as_ref()?;
        let (Some(known), Some(left), Some(seen_before)) = (known, left, seen_before) else {
            return Some(Self { last: Arc::clone(seen), is_gone: false });
        };
        let mut now = known.clone();
        for (position, column) in meta.columns.iter().enumerate() {
            let value = seen.value(position);
            let is_known = left.is_about(column.name) && seen_before.value(position) == value;
            if meant.staged.is_about(column.name) && !is_known && now.last.value(position) != value
            {
                Arc::make_mut(&mut now.last).set(position, value.clone());
            }
        }
        Some(now)
    }
}
