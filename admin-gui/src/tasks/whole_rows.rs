//! Rows as they are now, whole, by their keys.

use persistence::{Filter, Query, Record, RecordKey, Result};

use crate::jobs::{Task, Work};
use transfer::keys;

/// Rows of some tables as they are now.
pub type WholeRows = Vec<(&'static str, Vec<Record>)>;

/// Reads rows as they are now; those that are gone are not among them.
#[derive(Clone, Debug)]
pub struct ReadWhole {
    /// The entity's table, and the primary keys of some of its rows.
    pub rows: Vec<(&'static str, Vec<RecordKey>)>,
}

impl Task for ReadWhole {
    type Output = WholeRows;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let mut read = Vec::with_capacity(self.rows.len());
        for (table, keys) in self.rows {
            let meta = work.catalog.entry(table)?.meta;
            let mut rows = Vec::with_capacity(keys.len());
            for some in keys.chunks(keys::at_once(meta)) {
                let mut query = Query::new();
                query.filter = Filter::keys(meta, some);
                rows.extend(work.session()?.repository(table)?.list(&query)?);
            }
            read.push((table, rows));
        }
        Ok(read)
    }
}
