//! What a delete would take along, before it does.

use std::collections::HashSet;

use crate::catalog::{CatalogEntry, DynSession};
use crate::entity::{ColumnMeta, EntityMeta, OnDelete};
use crate::error::Result;
use crate::filter::Filter;
use crate::query::{Any, Query};
use crate::value::{RecordKey, Value};

/// Rows that are counted of one foreign key; there may be more.
const MOST_COUNTED: usize = 10_000;
/// Keys asked for in one statement.
const KEYS_PER_STATEMENT: usize = 500;
/// Rows that are named.
const MOST_SAMPLES: usize = 5;

/// What becomes of the rows that refer, directly or not, to rows that are to be deleted.
#[derive(Clone, Debug)]
pub struct DeletionPlan {
    /// The entity whose rows are to be deleted.
    pub entity: &'static EntityMeta,
    /// How many rows are to be deleted, those that go along not counted.
    pub rows: u64,
    /// What that means for others, nearest first; one for each foreign key that has such rows.
    pub consequences: Vec<Consequence>,
}

/// What becomes of the rows that refer to deleted ones in one column.
#[derive(Clone, Debug)]
pub struct Consequence {
    /// The entity whose rows refer.
    pub entity: &'static EntityMeta,
    /// The column in which they do.
    pub column: &'static ColumnMeta,
    /// The entity they refer to.
    pub referred: &'static EntityMeta,
    /// What becomes of them.
    pub rule: OnDelete,
    /// How many there are.
    pub count: Count,
    /// Some of them.
    pub samples: Vec<Sample>,
}

/// A number of rows, counted up to a limit so that it is never waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// So many and probably more.
    AtLeast(u64),
}

/// A row, by what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The primary key.
    pub key: RecordKey,
    /// The label.
    pub label: String,
}

impl DeletionPlan {
    /// Returns whether the database would refuse: rows that may not lose what they refer to are in
    /// the way.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.blockers().next().is_some()
    }

    /// Returns the rows that are in the way.
    pub fn blockers(&self) -> impl Iterator<Item = &Consequence> {
        self.consequences.iter().filter(|consequence| consequence.rule == OnDelete::Restrict)
    }
}

impl Count {
    /// Returns the number, whether or not there may be more.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Exactly(number) | Self::AtLeast(number) => number,
        }
    }
}

/// Finds out what deleting rows of a table would take along, by the foreign keys of the entities
/// that are known. Nothing is written. Rows that are only marked as deleted count as any others: the database
/// follows their references too.
///
/// The database may refuse all the same where a row that goes along keeps another that is deleted: MySQL does,
/// and any other does where it comes to the other first.
///
/// Counts are exact up to 10,000 rows a foreign key; what rows beyond that would take along is not
/// looked for. A row that is deleted anyway neither stands
/// in the way nor loses its reference.
///
/// # Errors
/// [`Error::Schema`](crate::Error::Schema) when there is no such table, and when the database
/// cannot be read.
pub fn plan(
    session: &mut dyn DynSession,
    entries: &[CatalogEntry],
    table: &str,
    keys: &[RecordKey],
) -> Result<DeletionPlan> {
    let entity = session.repository(table)?.meta();
    let mut search = Search { session, entries, deleted: HashSet::new(), found: Vec::new() };
    let is_news = |key: &&RecordKey| search.deleted.insert((entity.table, (*key).clone()));
    let rows: Vec<RecordKey> = keys.iter().filter(is_news).cloned().collect();
    let count = rows.len() as u64;
    // Breadth first, so that the nearest come first; each row once, so that circles end. Marking rows
    // as deleted is nothing to those that refer to them.
    let mut level = Vec::new();
    if entity.deleted().is_none() {
        level.push((entity, rows));
    }
    while !level.is_empty() {
        let mut next: Vec<(&'static EntityMeta, Vec<RecordKey>)> = Vec::new();
        for (referred, keys) in level {
            search.follow(referred, &keys, &mut next)?;
        }
        level = next;
    }
    Ok(DeletionPlan { entity, rows: count, consequences: search.consequences() })
}

struct Search<'s> {
    session: &'s mut dyn DynSession,
    entries: &'s [CatalogEntry],
    /// Table and key of every row that would be deleted.
    deleted: HashSet<(&'static str, RecordKey)>,
    found: Vec<Found>,
}

/// The rows that refer to deleted ones in one column.
struct Found {
    entity: &'static EntityMeta,
    column: &'static ColumnMeta,
    referred: &'static EntityMeta,
    rule: OnDelete,
    /// In the order they were found. Any of them may be named, for those before it may turn out to
    /// be deleted along.
    rows: Vec<Sample>,
    is_cut: bool,
}

impl Search<'_> {
    /// Finds the rows that refer to these; `next` gets those that are deleted along.
    fn follow(
        &mut self,
        referred: &'static EntityMeta,
        keys: &[RecordKey],
        next: &mut Vec<(&'static EntityMeta, Vec<RecordKey>)>,
    ) -> Result<()> {
        // Only keys of one column can be referred to.
        let values: Vec<Value> = keys
            .iter()
            .filter_map(|key| match key.0.as_slice() {
                [value] => Some(value.clone()),
                _ => None,
            })
            .collect();
        for entry in self.entries {
            for column in entry.meta.columns {
                let Some(reference) = &column.references else { continue };
                if reference.entity.meta().table != referred.table {
                    continue;
                }
                let position = self.position_of(entry.meta, column, referred, reference.on_delete);
                let rows = self.referring(position, &values)?;
                if reference.on_delete == OnDelete::Cascade && !rows.is_empty() {
                    next.push((entry.meta, rows));
                }
            }
        }
        Ok(())
    }

    /// Returns the position in `found` of a foreign key, which is added where it is not there yet.
    fn position_of(
        &mut self,
        entity: &'static EntityMeta,
        column: &'static ColumnMeta,
        referred: &'static EntityMeta,
        rule: OnDelete,
    ) -> usize {
        let is_same =
            |found: &Found| found.entity.table == entity.table && found.column.name == column.name;
        self.found.iter().position(is_same).unwrap_or_else(|| {
            self.found.push(Found {
                entity,
                column,
                referred,
                rule,
                rows: Vec::new(),
                is_cut: false,
            });
            self.found.len() - 1
        })
    }

    /// Reads the rows that have one of the values in the column of a foreign key, up to the limit;
    /// returns their keys, but for rows whose deletion is known already.
    fn referring(&mut self, position: usize, values: &[Value]) -> Result<Vec<RecordKey>> {
        let mut keys = Vec::new();
        let Some(found) = self.found.get_mut(position) else { return Ok(keys) };
        let mut repository = self.session.repository(found.entity.table)?;
        for values in values.chunks(KEYS_PER_STATEMENT) {
            let left = MOST_COUNTED.saturating_sub(found.rows.len());
            // One more says whether there are more.
            // The database does not know that some of them are only marked as deleted.
            let filter = Filter::In { column: found.column.name.into(), values: values.to_vec() };
            let query = Query::<Any>::new()
                .filter(filter.with_deleted(found.entity))
                .limit(left as u64 + 1);
            let rows = repository.list(&query)?;
            found.is_cut |= rows.len() > left;
            for row in rows.iter().take(left) {
                let key = found.entity.key_of(row);
                let is_news = found.rule != OnDelete::Cascade
                    || self.deleted.insert((found.entity.table, key.clone()));
                if is_news {
                    let label = found.entity.label_of(row);
                    found.rows.push(Sample { key: key.clone(), label });
                    keys.push(key);
                }
            }
        }
        Ok(keys)
    }

    /// Returns the tables of which more rows may be deleted than were found.
    fn partly_known(&self) -> HashSet<&'static str> {
        let mut partial = HashSet::new();
        loop {
            let known = partial.len();
            for found in self.found.iter().filter(|found| found.rule == OnDelete::Cascade) {
                if found.is_cut || partial.contains(found.referred.table) {
                    partial.insert(found.entity.table);
                }
            }
            if partial.len() == known {
                return partial;
            }
        }
    }

    fn consequences(self) -> Vec<Consequence> {
        let partial = self.partly_known();
        let Self { found, deleted, .. } = self;
        found
            .into_iter()
            .filter_map(|mut found| {
                found.is_cut |= partial.contains(found.referred.table);
                if found.rule != OnDelete::Cascade {
                    let table = found.entity.table;
                    found.rows.retain(|row| !deleted.contains(&(table, row.key.clone())));
                }
                (!found.rows.is_empty()).then(|| found.into_consequence())
            })
            .collect()
    }
}

impl Found {
    fn into_consequence(mut self) -> Consequence {
        let number = self.rows.len() as u64;
        self.rows.truncate(MOST_SAMPLES);
        Consequence {
            entity: self.entity,
            column: self.column,
            referred: self.referred,
            rule: self.rule,
            count: if self.is_cut { Count::AtLeast(number) } else { Count::Exactly(number) },
            samples: self.rows,
        }
    }
}
