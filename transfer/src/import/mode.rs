//! What becomes of a row that is there already, and of one that is not.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use persistence::{Comparison, DynSession, EntityMeta, Filter, Query, Record, Result, Value};

use super::rows::rows_with;
use crate::keys;

/// What becomes of a row that is there already, and of one that is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// All are inserted as new rows.
    #[default]
    Insert,
    /// Those that are there are changed, others rejected. They are found by these columns, which no two rows share;
    /// where none is named, by the primary key, else by whatever is unique in the file.
    Update(Vec<String>),
    /// Those that are there are changed, others inserted.
    Upsert(Vec<String>),
}

/// The rows that lines are about, and the lines that were about others.
#[derive(Debug)]
pub(super) struct Existing {
    meta: &'static EntityMeta,
    /// The columns by which rows are found.
    by: Vec<usize>,
    /// The lines so far, by a hash of 128 bits of what they are found by: that takes 24 bytes for each.
    lines: HashMap<[u64; 2], u64>,
}

impl Existing {
    pub(super) fn new(meta: &'static EntityMeta, by: Vec<usize>) -> Self {
        Self { meta, by, lines: HashMap::new() }
    }

    /// Returns the names of the columns by which rows are found.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.meta.names(&self.by)
    }

    /// Returns what a row is found by; `None` where some of it is NULL, for then it is like no other.
    pub(super) fn values(&self, row: &Record) -> Option<Vec<Value>> {
        let values = self.by.iter().map(|position| row.value(*position).clone());
        values.map(|value| (!value.is_null()).then_some(value)).collect()
    }

    /// Notes which line is about a row; returns the earlier one that was about the same.
    pub(super) fn note(&mut self, values: &[Value], line: u64) -> Option<u64> {
        let hash = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            (seed, values).hash(&mut hasher);
            hasher.finish()
        };
        match self.lines.entry([hash(0), hash(1)]) {
            Entry::Occupied(before) => Some(*before.get()),
            Entry::Vacant(free) => {
                free.insert(line);
                None
            }
        }
    }

    /// Returns the rows that are there, by what they are found by.
    pub(super) fn find(
        &self,
        session: &mut dyn DynSession,
        wanted: Vec<Vec<Value>>,
    ) -> Result<HashMap<Vec<Value>, Record>> {
        let rows = if let [position] = self.by.as_slice() {
            let name = self.meta.columns.get(*position).map_or("", |column| column.name);
            rows_with(session, self.meta, name, wanted.into_iter().flatten().collect())?
        } else {
            let mut rows = Vec::new();
            for wanted in wanted.chunks(keys::LONG_KEYS_PER_STATEMENT) {
                let same = |values: &Vec<Value>| {
                    let pairs = self.names().into_iter().zip(values);
                    pairs.fold(Filter::All, |filter, (column, value)| {
                        filter.and(Filter::compare(column, Comparison::Equal, value.clone()))
                    })
                };
                let mut query = Query::new();
                query.filter = Filter::Or(wanted.iter().map(same).collect());
                rows.extend(session.repository(self.meta.table)?.list(&query)?);
            }
            rows
        };
        let found = rows.into_iter().filter_map(|row| Some((self.values(&row)?, row)));
        Ok(found.collect())
    }
}
