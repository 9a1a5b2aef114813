//! One record, what a new one starts from, and what is written.

use std::slice;

use persistence::edit::{Edit, Written};
use persistence::{Record, RecordKey, Result, Value};

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

/// Writes an edit of a row that has no key by which it could be staged; returns what was written.
#[derive(Clone, Debug)]
pub struct Write(pub Edit);

impl Task for Write {
    type Output = Vec<Written>;
    const KIND: Kind = Kind::Writes;

    fn run(self, work: &mut Work<'_>) -> Result<Vec<Written>> {
        Ok(work.session()?.apply(&[self.0])?.rows)
    }
}
