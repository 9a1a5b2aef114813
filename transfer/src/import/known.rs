//! What the database already has: the rows that labels name, and values that must stay unique.

use std::collections::{HashMap, HashSet};

use crate::export::label_name;
use persistence::entity::Fill;
use persistence::{DynSession, EntityMeta, Record, Result, Value};

use super::mapping::Mapped;
use super::reason::{Owner, Reason};
use super::rows::{key_column, rows_with};

/// Bytes of labels and keys that are remembered; then they are asked for anew.
const BYTES_REMEMBERED: usize = 32 << 20;

/// The rows that labels name, remembered for the whole file.
#[derive(Debug)]
pub struct References {
    meta: &'static EntityMeta,
    /// By a foreign key's column, the primary keys of the rows that have a label.
    known: HashMap<usize, HashMap<String, Vec<Value>>>,
    /// By a foreign key's column, the primary keys that are there.
    keys: HashMap<usize, HashSet<Value>>,
    /// About how many bytes that takes.
    bytes: usize,
}

/// What a remembered row takes beside its label.
const BYTES_PER_ROW: usize = 64;

impl References {
    /// Makes the references of an entity, of which nothing is known yet.
    pub fn new(meta: &'static EntityMeta) -> Self {
        Self { meta, known: HashMap::new(), keys: HashMap::new(), bytes: 0 }
    }

    fn target(&self, position: usize) -> Option<&'static EntityMeta> {
        Some(self.meta.columns.get(position)?.references.as_ref()?.entity.meta())
    }

    /// Finds the rows that these rows refer to, by label and by key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn look_up<'m>(
        &mut self,
        session: &mut dyn DynSession,
        rows: impl Iterator<Item = &'m Mapped> + Clone,
    ) -> Result<()> {
        if self.bytes > BYTES_REMEMBERED {
            *self = Self::new(self.meta);
        }
        self.look_up_keys(session, &rows)?;
        let mut wanted: HashMap<usize, HashSet<&str>> = HashMap::new();
        for (position, label) in rows.flat_map(|row| &row.labels) {
            wanted.entry(*position).or_default().insert(label);
        }
        for (position, labels) in wanted {
            let Some(target) = self.target(position) else { continue };
            let Some(label_column) = target.columns.get(target.label) else { continue };
            let known = self.known.entry(position).or_default();
            let mut unknown = Vec::new();
            for label in labels {
                if !known.contains_key(label) {
                    known.insert(label.to_owned(), Vec::new());
                    self.bytes += label.len() + BYTES_PER_ROW;
                    // A label that is no value of its column names no row.
                    unknown.extend(label_column.column_type.parse(label).ok());
                }
            }
            for row in rows_with(session, target, label_column.name, unknown)? {
                let key = target.key_of(&row).0.into_iter().next();
                known.entry(target.label_of(&row)).or_default().extend(key);
            }
        }
        Ok(())
    }

    fn look_up_keys<'m>(
        &mut self,
        session: &mut dyn DynSession,
        rows: &(impl Iterator<Item = &'m Mapped> + Clone),
    ) -> Result<()> {
        for position in 0..self.meta.columns.len() {
            // A row may refer to one of its own batch, which is not there yet.
            let Some(target) =
                self.target(position).filter(|target| target.table != self.meta.table)
            else {
                continue;
            };
            let known = self.keys.entry(position).or_default();
            let unknown: HashSet<&Value> = rows
                .clone()
                .map(|row| row.record.value(position))
                .filter(|key| !key.is_null() && !known.contains(*key))
                .collect();
            let unknown: Vec<Value> = unknown.into_iter().cloned().collect();
            self.bytes += unknown.len() * BYTES_PER_ROW;
            for row in rows_with(session, target, key_column(target), unknown)? {
                known.extend(target.key_of(&row).0);
            }
        }
        Ok(())
    }

    /// Returns the row with the primary keys of what its labels name.
    ///
    /// # Errors
    /// A key or label that names no row, a label that names several, or another row than the key
    /// beside it.
    pub fn resolve(&self, row: Mapped) -> std::result::Result<Record, Reason> {
        let Mapped { mut record, labels, .. } = row;
        for (position, known) in &self.keys {
            let key = record.value(*position);
            if !key.is_null() && !known.contains(key) {
                let (Some(target), Some(column)) =
                    (self.target(*position), self.meta.columns.get(*position))
                else {
                    continue;
                };
                return Err(Reason::NoSuchKey { column: column.name, target, key: key.clone() });
            }
        }
        for (position, label) in labels {
            let (Some(target), Some(column)) =
                (self.target(position), self.meta.columns.get(position))
            else {
                continue;
            };
            let found = self
                .known
                .get(&position)
                .and_then(|known| known.get(&label))
                .map_or(&[][..], Vec::as_slice);
            let (column, name) = (column.name, label_name(self.meta, column.name));
            let given = record.value(position);
            match found {
                [] => return Err(Reason::NoSuchLabel { name, target, label }),
                found if found.contains(given) => {}
                _ if !given.is_null() => {
                    let key = given.clone();
                    return Err(Reason::OtherLabel { column, target, key, label });
                }
                [key] => record.set(position, key.clone()),
                keys => {
                    let keys = keys.to_vec();
                    return Err(Reason::SeveralLabels { name, column, target, label, keys });
                }
            }
        }
        Ok(record)
    }
}

/// The values of unique columns that are taken: those in the database, and those of a batch.
#[derive(Debug)]
pub struct Uniqueness {
    meta: &'static EntityMeta,
    sets: Vec<Taken>,
}

/// A set of columns whose values no two rows share.
#[derive(Debug)]
struct Taken {
    columns: Vec<usize>,
    /// Who has the values.
    by: HashMap<Vec<Value>, Owner>,
}

impl Uniqueness {
    /// Finds the rows that have a unique value of these. Sets of several columns are left to the
    /// database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn look_up<'r>(
        session: &mut dyn DynSession,
        meta: &'static EntityMeta,
        records: &(impl Iterator<Item = &'r Record> + Clone),
    ) -> Result<Self> {
        let key =
            Some(meta.key).filter(|_| meta.key_columns().all(|column| column.fill == Fill::Draft));
        let mut sets = Vec::new();
        for columns in meta.unique.iter().copied().chain(key) {
            let mut by = HashMap::new();
            if let [position] = columns
                && let Some(column) = meta.columns.get(*position)
            {
                let values: HashSet<&Value> = records
                    .clone()
                    .map(|record| record.value(*position))
                    .filter(|value| !value.is_null())
                    .collect();
                let values: Vec<Value> = values.into_iter().cloned().collect();
                for row in rows_with(session, meta, column.name, values)? {
                    let owner = Owner::Row { entity: meta, key: meta.key_of(&row) };
                    by.insert(vec![row.value(*position).clone()], owner);
                }
            }
            sets.push(Taken { columns: columns.to_vec(), by });
        }
        Ok(Self { meta, sets })
    }

    /// Checks whether a row's unique values are free, or its own where it is stored already; from then on they are
    /// taken by it.
    ///
    /// # Errors
    /// Who has them.
    pub fn check(
        &mut self,
        line: u64,
        record: &Record,
        stored: Option<&Record>,
    ) -> std::result::Result<(), Reason> {
        let values_of = |taken: &Taken| -> Vec<Value> {
            taken.columns.iter().map(|position| record.value(*position).clone()).collect()
        };
        let own = stored.map(|row| self.meta.key_of(row));
        for taken in &self.sets {
            let by = taken.by.get(&values_of(taken));
            let is_other =
                |by: &&Owner| !matches!(by, Owner::Row { key, .. } if Some(key) == own.as_ref());
            if let Some(by) = by.filter(is_other) {
                let columns = self.meta.names(&taken.columns);
                return Err(Reason::Taken { columns, by: by.clone() });
            }
        }
        for taken in &mut self.sets {
            let values = values_of(taken);
            if !values.iter().any(Value::is_null) {
                taken.by.insert(values, Owner::Line(line));
            }
        }
        Ok(())
    }
}
