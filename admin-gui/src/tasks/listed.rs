//! Rows as they are listed: of long values only the beginning is read.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use persistence::{
    ColumnType, Cursor, DynRepository, EntityMeta, FilterError, Length, Lengths, Order, Record,
    RecordKey, Result, Value,
};

use crate::row_name::row_name;
use transfer::keys;

/// Characters of texts, and bytes of binary values, that are read of rows that are listed.
pub const SHOWN: u64 = 1_000;

/// A row of which long values may be cut. What is left of such a value cannot be taken for the
/// value: whoever needs it whole reads the row by its [key](Self::key).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRow {
    /// Where a column is cut it has the value's beginning.
    record: Record,
    /// The positions of the columns that are cut, and how long their values are.
    cut: Vec<(usize, Length)>,
}

/// A row as it was seen: which it is, and what differs as soon as anything of it is changed. (Of a
/// long value its beginning and its length are looked at.)
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeenRow {
    /// The row's primary key.
    pub key: RecordKey,
    state: u64,
}

/// A value of a listed row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// The value.
    Whole(&'a Value),
    /// A value that is too long to be listed.
    Cut {
        /// How it begins.
        start: &'a Value,
        /// How long it is.
        length: Length,
    },
}

impl ListedRow {
    /// Makes a row that was read as a preview of [`SHOWN`], with how long its values are.
    #[must_use]
    pub fn cut(meta: &EntityMeta, record: Record, lengths: &Lengths) -> Self {
        let cut = meta.columns.iter().enumerate().filter_map(|(position, column)| {
            let value = record.value(position);
            let is_long = matches!(column.column_type, ColumnType::Text | ColumnType::Bytes);
            let tells_apart = column.references.is_some() || meta.key.contains(&position);
            if !is_long || tells_apart || !may_be_cut(value) {
                return None;
            }
            match lengths.of(position) {
                Some(length) => is_longer(length).then_some((position, length)),
                // Of a row that has just gone nothing is known: it is not taken for whole.
                None => Some((position, Length::of(value)?)),
            }
        });
        let cut = cut.collect();
        Self { record, cut }
    }

    /// Returns what a column holds, by its position.
    #[must_use]
    pub fn cell(&self, position: usize) -> Cell<'_> {
        let value = self.record.value(position);
        match self.cut.iter().find(|(cut, _)| *cut == position) {
            Some((_, length)) => Cell::Cut { start: value, length: *length },
            None => Cell::Whole(value),
        }
    }

    /// Returns a value, unless it is cut: keys, references and what rows are sorted by never are.
    #[must_use]
    pub fn value(&self, position: usize) -> Option<&Value> {
        match self.cell(position) {
            Cell::Whole(value) => Some(value),
            Cell::Cut { .. } => None,
        }
    }

    /// Returns the row itself, unless a value is cut.
    #[must_use]
    pub fn whole(&self) -> Option<&Record> {
        self.cut.is_empty().then_some(&self.record)
    }

    /// Returns the row's primary key.
    #[must_use]
    pub fn key(&self, meta: &EntityMeta) -> RecordKey {
        meta.key_of(&self.record)
    }

    /// Returns the row's place in the order that it was read in.
    ///
    /// # Errors
    /// [`FilterError`] when the entity has no such column.
    pub fn place(&self, meta: &EntityMeta, order: &Order) -> Result<Cursor, FilterError> {
        Cursor::of(meta, order, &self.record)
    }

    /// Returns the row as it is seen now.
    #[must_use]
    pub fn seen(&self, meta: &EntityMeta) -> SeenRow {
        let mut state = DefaultHasher::new();
        for position in 0..self.record.0.len() {
            let (start, length) = match self.cell(position) {
                Cell::Whole(value) => {
                    (value, Length::of(value).filter(|length| is_longer(*length)))
                }
                Cell::Cut { start, length } => (start, Some(length)),
            };
            match length {
                None => start.hash(&mut state),
                Some(length) => {
                    (beginning(start), length.characters.unwrap_or(length.bytes)).hash(&mut state);
                }
            }
        }
        SeenRow { key: self.key(meta), state: state.finish() }
    }

    /// Returns what names the row to people.
    #[must_use]
    pub fn label(&self, meta: &EntityMeta) -> String {
        let mut label = row_name(meta, &self.record);
        if matches!(self.cell(meta.label), Cell::Cut { .. }) {
            label.push('…');
        }
        label
    }
}

impl From<Record> for ListedRow {
    fn from(record: Record) -> Self {
        Self { record, cut: Vec::new() }
    }
}

impl<'a> Cell<'a> {
    /// Returns what there is to be seen of the value.
    #[must_use]
    pub const fn start(self) -> &'a Value {
        match self {
            Self::Whole(value) | Self::Cut { start: value, .. } => value,
        }
    }
}

/// Returns the rows of a preview, with the lengths of the values that it has cut.
pub(super) fn with_lengths(
    repository: &mut dyn DynRepository,
    rows: Vec<Record>,
) -> Result<Vec<ListedRow>> {
    let meta = repository.meta();
    let cut = rows.iter().filter(|row| row.0.iter().any(may_be_cut));
    let keys: Vec<RecordKey> = cut.map(|row| meta.key_of(row)).collect();
    let mut lengths: HashMap<RecordKey, Lengths> = HashMap::new();
    for some in keys.chunks(keys::at_once(meta)) {
        lengths.extend(some.iter().cloned().zip(repository.lengths(some)?));
    }
    let listed = |row: Record| match lengths.get(&meta.key_of(&row)) {
        Some(lengths) => ListedRow::cut(meta, row, lengths),
        None => row.into(),
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Returns whether what a preview has read of a value may be less than the value.
pub(super) fn may_be_cut(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.len() as u64 >= SHOWN && text.chars().count() as u64 == SHOWN,
        Value::Bytes(bytes) => bytes.len() as u64 == SHOWN,
        _ => false,
    }
}

/// Returns what a preview reads of a value.
fn beginning(value: &Value) -> Value {
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    match value {
        Value::Text(text) => Value::Text(text.chars().take(shown).collect()),
        Value::Bytes(bytes) => Value::Bytes(bytes.iter().copied().take(shown).collect()),
        other => other.clone(),
    }
}

fn is_longer(length: Length) -> bool {
    length.characters.unwrap_or(length.bytes) > SHOWN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_value_as_long_as_a_preview_may_be_cut() {
        let text = |length: u64| Value::Text("ё".repeat(usize::try_from(length).unwrap()));
        assert!(!may_be_cut(&text(SHOWN - 1)));
        assert!(may_be_cut(&text(SHOWN)));
        assert!(!may_be_cut(&text(SHOWN + 1)), "rows are sorted by it: it was read whole");
        assert!(may_be_cut(&Value::Bytes(vec![0; 1_000])));
        assert!(!may_be_cut(&Value::Null));
    }
}
