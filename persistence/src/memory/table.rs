//! The rows of one entity, with the indexes that its rules need.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::entity::EntityMeta;
use crate::sql::generated_column;
use crate::value::{Record, RecordKey, Value};

/// The rows of one entity by primary key.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) meta: &'static EntityMeta,
    rows: BTreeMap<RecordKey, Arc<Record>>,
    unique: Vec<UniqueIndex>,
    references: Vec<ReferenceIndex>,
    /// The column in which keys are counted.
    counted: Option<usize>,
    /// The last key that was generated or could have been.
    last_key: i64,
}

/// Which row has these values in a unique set of columns.
#[derive(Clone, Debug)]
struct UniqueIndex {
    columns: &'static [usize],
    rows: HashMap<Vec<Value>, RecordKey>,
}

/// Which rows refer to that key in a column.
#[derive(Clone, Debug)]
struct ReferenceIndex {
    column: usize,
    rows: HashMap<Value, BTreeSet<RecordKey>>,
}

impl Table {
    pub(super) fn new(meta: &'static EntityMeta) -> Self {
        let unique =
            meta.unique.iter().map(|columns| UniqueIndex { columns, rows: HashMap::new() });
        let references = (0_usize..)
            .zip(meta.columns)
            .filter(|(_, column)| column.references.is_some())
            .map(|(column, _)| ReferenceIndex { column, rows: HashMap::new() });
        Self {
            meta,
            rows: BTreeMap::new(),
            unique: unique.collect(),
            references: references.collect(),
            counted: generated_column(meta).map(|(position, _)| position),
            last_key: 0,
        }
    }

    pub(super) fn get(&self, key: &RecordKey) -> Option<&Arc<Record>> {
        self.rows.get(key)
    }

    /// Returns all rows, by primary key.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&RecordKey, &Arc<Record>)> {
        self.rows.iter()
    }

    /// Generates a key that no row has had.
    pub(super) fn generate_key(&mut self) -> i64 {
        self.last_key = self.last_key.saturating_add(1);
        self.last_key
    }

    /// Puts, replaces or (with `None`) removes the row with that key; returns what was there.
    pub(super) fn put(&mut self, key: &RecordKey, row: Option<Arc<Record>>) -> Option<Arc<Record>> {
        let before = self.rows.remove(key);
        if let Some(before) = &before {
            for index in &mut self.unique {
                if let Some(values) = unique_values(index.columns, before) {
                    index.rows.remove(&values);
                }
            }
            for index in &mut self.references {
                let value = before.value(index.column);
                if let Some(rows) = index.rows.get_mut(value) {
                    rows.remove(key);
                    if rows.is_empty() {
                        index.rows.remove(value);
                    }
                }
            }
        }
        if let Some(row) = row {
            for index in &mut self.unique {
                if let Some(values) = unique_values(index.columns, &row) {
                    index.rows.insert(values, key.clone());
                }
            }
            for index in &mut self.references {
                let value = row.value(index.column);
                if !value.is_null() {
                    index.rows.entry(value.clone()).or_default().insert(key.clone());
                }
            }
            if let Some(key) = self.counted.and_then(|position| row.value(position).as_integer()) {
                self.last_key = self.last_key.max(key);
            }
            self.rows.insert(key.clone(), row);
        }
        before
    }

    /// Returns the columns whose values another row than `except` has already: the primary key, or
    /// a unique set.
    pub(super) fn duplicate(
        &self,
        row: &Record,
        except: Option<&RecordKey>,
    ) -> Option<&'static [usize]> {
        let key = self.meta.key_of(row);
        if except != Some(&key) && self.rows.contains_key(&key) {
            return Some(self.meta.key);
        }
        self.unique.iter().find_map(|index| {
            let other = index.rows.get(&unique_values(index.columns, row)?)?;
            (except != Some(other)).then_some(index.columns)
        })
    }

    /// Returns the keys of the rows that have that value in a column that refers to another entity.
    pub(super) fn referring(&self, column: usize, value: &Value) -> Vec<RecordKey> {
        let index = self.references.iter().find(|index| index.column == column);
        index
            .and_then(|index| index.rows.get(value))
            .map_or_else(Vec::new, |rows| rows.iter().cloned().collect())
    }

    /// Finds the rows that have that value in a column, which is not NULL; at once where the column
    /// refers to another entity or is the primary key.
    pub(super) fn rows_with(&self, column: usize, value: &Value) -> Vec<&Record> {
        if let [key] = self.meta.key
            && *key == column
        {
            let row = self.rows.get(&RecordKey(vec![value.clone()]));
            return row.map(|row| &**row).into_iter().collect();
        }
        if let Some(index) = self.references.iter().find(|index| index.column == column) {
            let keys = index.rows.get(value).into_iter().flatten();
            return keys.filter_map(|key| self.rows.get(key)).map(|row| &**row).collect();
        }
        let rows = self.rows.values().map(|row| &**row);
        rows.filter(|row| row.value(column) == value).collect()
    }
}

/// Returns the values that must be unique; `None` where one is NULL, which equals nothing.
fn unique_values(columns: &[usize], row: &Record) -> Option<Vec<Value>> {
    let values = columns.iter().map(|&column| row.value(column));
    values.map(|value| (!value.is_null()).then(|| value.clone())).collect()
}
