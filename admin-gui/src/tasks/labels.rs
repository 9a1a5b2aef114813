//! What rows refer to is called.

use std::collections::{HashMap, HashSet};

use persistence::drift::Hindered;
use persistence::{Catalog, DynSession, EntityMeta, Filter, Query, Record, Result, Value};

use super::listed::SHOWN;
use crate::jobs::{Task, Work};
use crate::row_name::label;

/// The labels of rows that foreign keys point to, by the position of the column that holds the
/// key and the key.
#[derive(Clone, Debug, Default)]
pub struct Labels(HashMap<usize, HashMap<Value, String>>);

impl Labels {
    /// Returns the label of the row that a column's value points to, where it is known.
    #[must_use]
    pub fn get(&self, column: usize, key: &Value) -> Option<&str> {
        self.0.get(&column)?.get(key).map(String::as_str)
    }

    /// Remembers the labels of what a column points to.
    pub fn insert(&mut self, column: usize, labels: HashMap<Value, String>) {
        self.0.entry(column).or_default().extend(labels);
    }

    /// Remembers other labels, too.
    pub fn extend(&mut self, other: &Self) {
        for (&column, labels) in &other.0 {
            self.insert(column, labels.clone());
        }
    }
}

/// Finds what rows refer to.
#[derive(Clone, Debug)]
pub struct ReadLabels {
    /// The entity's table.
    pub table: &'static str,
    /// The rows.
    pub records: Vec<Record>,
}

impl Task for ReadLabels {
    type Output = Labels;

    fn may_take_long(&self) -> bool {
        false
    }

    fn run(self, work: &mut Work<'_>) -> Result<Labels> {
        let meta = work.catalog.entry(self.table)?.meta;
        labels(work.catalog, work.session()?, meta, &self.records)
    }
}

/// Reads what the rows are called that the values of one column refer to.
pub(super) fn labels_of<'v>(
    work: &mut Work<'_>,
    meta: &EntityMeta,
    column: usize,
    values: impl Iterator<Item = &'v Value>,
) -> Result<Labels> {
    let record = |value: &Value| {
        let mut record = Record(vec![Value::Null; meta.columns.len()]);
        record.set(column, value.clone());
        record
    };
    let records: Vec<Record> = values.map(record).collect();
    labels(work.catalog, work.session()?, meta, &records)
}

/// Reads the labels of everything the rows refer to: one query a referenced entity.
pub(super) fn labels(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    meta: &EntityMeta,
    records: &[Record],
) -> Result<Labels> {
    let mut wanted: HashMap<&'static str, (&'static EntityMeta, HashSet<Value>)> = HashMap::new();
    let references = meta.columns.iter().enumerate().filter_map(|(position, column)| {
        Some((position, column.references.as_ref()?.entity.meta()))
    });
    for (position, target) in references.clone() {
        let keys = records.iter().map(|record| record.value(position));
        let (_, values) = wanted.entry(target.table).or_insert_with(|| (target, HashSet::new()));
        values.extend(keys.filter(|key| !key.is_null()).cloned());
    }
    let mut found = HashMap::new();
    let drift = catalog.drift();
    let is_readable = |table: &str| {
        let drift = drift.iter().find(|drift| drift.table == table);
        drift.is_none_or(|drift| drift.hinders() < Hindered::Reading)
    };
    for (table, (target, values)) in wanted {
        // What is not registered with the admin, or cannot be read, is shown by its key.
        if values.is_empty() || catalog.entry(table).is_err() || !is_readable(table) {
            continue;
        }
        let Some((key, key_position)) =
            target.key_columns().next().map(|column| column.name).zip(target.key.first())
        else {
            continue;
        };
        let filter = Filter::In { column: key.into(), values: values.into_iter().collect() };
        let rows =
            session.repository(table)?.list(&<Query>::new().filter(filter).preview(SHOWN))?;
        let by_key: HashMap<Value, String> = rows
            .iter()
            .filter_map(|row| Some((row.value(*key_position).clone(), label(target, row)?)))
            .collect();
        found.insert(table, by_key);
    }
    let mut labels = Labels::default();
    for (position, target) in references {
        if let Some(by_key) = found.get(target.table) {
            labels.insert(position, by_key.clone());
        }
    }
    Ok(labels)
}
