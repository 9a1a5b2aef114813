//! One record, and what a new one starts from.

use std::slice;

use persistence::{Record, RecordKey, Result, Value};

use super::change::Change;
use super::labels::{Labels, labels};
use crate::jobs::{About, Kind, Task, Work};

/// Tells records that are open from each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RecordNumber(u64);

impl RecordNumber {
    /// Returns the number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

impl From<RecordNumber> for About {
    fn from(number: RecordNumber) -> Self {
        Self::Numbered(number.0)
    }
}

impl From<(RecordNumber, usize)> for About {
    fn from((number, part): (RecordNumber, usize)) -> Self {
        Self::Part(number.0, part)
    }
}

/// Finds one row as it is now, with the labels of what it refers to; `None` if it is gone.
#[derive(Clone, Debug)]
pub struct Find {
    /// The entity's table.
    pub table: &'static str,
    /// Its primary key.
    pub key: RecordKey,
}

impl Task for Find {
    type Output = Option<(Record, Labels)>;

    fn may_take_long(&self) -> bool {
        false
    }

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let found = work.session()?.repository(self.table)?.find(&self.key)?;
        let Some(record) = found else { return Ok(None) };
        let meta = work.catalog.entry(self.table)?.meta;
        let labels = labels(work.catalog, work.session()?, meta, slice::from_ref(&record))?;
        Ok(Some((record, labels)))
    }
}

/// Finds what a new row of an entity starts from, and what its references point to.
#[derive(Clone, Debug)]
pub struct ReadDefaults {
    /// The entity's table.
    pub table: &'static str,
}

impl Task for ReadDefaults {
    type Output = (Record, Labels);

    fn may_take_long(&self) -> bool {
        false
    }

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let meta = work.catalog.entry(self.table)?.meta;
        let mut defaults = Record(vec![Value::Null; meta.columns.len()]);
        for (position, value) in work.catalog.defaults(meta)? {
            defaults.set(position, value);
        }
        let labels = labels(work.catalog, work.session()?, meta, slice::from_ref(&defaults))?;
        Ok((defaults, labels))
    }
}

/// A row that has been inserted or updated.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The row as it is stored now.
    pub stored: Record,
    /// What became of it.
    pub change: Change,
}

/// Inserts a row.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The entity's table.
    pub table: &'static str,
    /// The row.
    pub record: Record,
}

impl Task for Insert {
    type Output = Saved;
    const KIND: Kind = Kind::Writes;

    fn run(self, work: &mut Work<'_>) -> Result<Saved> {
        let stored = work.session()?.repository(self.table)?.insert(self.record)?;
        Ok(Saved { change: Change::Inserted(stored.clone()), stored })
    }
}

/// Writes what differs between two states of a row.
#[derive(Clone, Debug)]
pub struct Update {
    /// The entity's table.
    pub table: &'static str,
    /// The row as it was read.
    pub base: Record,
    /// The row as it should be.
    pub mine: Record,
}

impl Task for Update {
    type Output = Saved;
    const KIND: Kind = Kind::Writes;

    fn run(self, work: &mut Work<'_>) -> Result<Saved> {
        let Self { table, base, mine } = self;
        let mut repository = work.session()?.repository(table)?;
        let mut stored = repository.update_from(&base, mine)?;
        let meta = repository.meta();
        // The database may have rounded what it was given, or a trigger changed it; and without
        // a version the other columns may hold by now what somebody else has written.
        if let Some(now) = repository.find(&meta.key_of(&stored))? {
            stored = now;
        }
        Ok(Saved { change: Change::Updated { before: base, after: stored.clone() }, stored })
    }
}
