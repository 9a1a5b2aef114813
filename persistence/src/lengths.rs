//! How long values are that are not read.

use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, EntityMeta};
use crate::filter::Filter;
use crate::order::Order;
use crate::value::{Record, RecordKey, Value};

/// The longest text whose characters are counted, in bytes: to count them it has to be read, if
/// only by the database.
pub(crate) const COUNTED: u64 = 1 << 20;

/// How long a text or a binary value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Length {
    /// In bytes, as the database keeps it.
    pub bytes: u64,
    /// In characters; `None` of a binary value, and of a text of more than a mebibyte, which the
    /// database would have to read to count them.
    pub characters: Option<u64>,
}

impl Length {
    /// Returns how long a value is; `None` where it is neither text nor binary.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => {
                let bytes = text.len() as u64;
                let count = || text.chars().count() as u64;
                Some(Self { bytes, characters: (bytes <= COUNTED).then(count) })
            }
            Value::Bytes(bytes) => Some(Self { bytes: bytes.len() as u64, characters: None }),
            _ => None,
        }
    }
}

/// How long the texts and binary values of a row are; see
/// [`Browse::lengths`](crate::Browse::lengths).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths(pub(crate) Vec<Option<Length>>);

impl Lengths {
    /// Returns the length of a column's value, by the column's position; `None` where it is NULL,
    /// or a preview never cuts it.
    #[must_use]
    pub fn of(&self, column: usize) -> Option<Length> {
        self.0.get(column).copied().flatten()
    }

    /// Says nothing of a column.
    pub(crate) fn forget(&mut self, column: usize) {
        if let Some(length) = self.0.get_mut(column) {
            *length = None;
        }
    }

    /// Measures the values of a row that has been read.
    pub(crate) fn measured(meta: &EntityMeta, row: &Record) -> Self {
        let values = meta.columns.iter().zip(&row.0);
        Self(
            values
                .map(
                    |(column, value)| {
                        if is_measured(meta, column) { Length::of(value) } else { None }
                    },
                )
                .collect(),
        )
    }
}

/// Returns whether a preview may cut a column's values.
pub(crate) fn is_measured(meta: &EntityMeta, column: &ColumnMeta) -> bool {
    Order::default().cuts(meta, column)
}

/// Returns whether the column's values have characters to be counted.
pub(crate) fn has_characters(column: &ColumnMeta) -> bool {
    column.column_type == ColumnType::Text
}

/// Makes a filter for the rows with these primary keys.
pub(crate) fn of_keys(meta: &EntityMeta, keys: &[RecordKey]) -> Filter {
    let mut columns = meta.key_columns();
    match (columns.next(), columns.next()) {
        (Some(key), None) => Filter::In {
            column: key.name.into(),
            values: keys.iter().filter_map(|key| key.0.first().cloned()).collect(),
        },
        _ => Filter::Or(keys.iter().map(|key| Filter::key(meta, key)).collect()),
    }
}
