//! Which rows are taken.

use std::collections::HashSet;
use std::sync::Arc;

use persistence::{DynSession, EntityMeta, Query, RecordKey, Result};

/// Which rows are taken, in which order.
#[derive(Clone, Debug)]
pub struct Source {
    /// The entity.
    pub meta: &'static EntityMeta,
    /// The rows to choose from and their order; no more than its limit.
    pub query: Query,
    /// Which of the query's rows.
    pub rows: Rows,
}

/// Which of a query's rows.
#[derive(Clone, Debug, Default)]
pub enum Rows {
    /// All of them.
    #[default]
    All,
    /// Those with these keys, as far as the query still finds them.
    These(Arc<HashSet<RecordKey>>),
    /// All but those with these keys.
    AllBut(Arc<HashSet<RecordKey>>),
}

impl Source {
    /// Returns how many rows are taken, where that need not be counted.
    #[must_use]
    pub fn known_count(&self) -> Option<u64> {
        match &self.rows {
            Rows::These(keys) => Some(keys.len() as u64),
            Rows::All | Rows::AllBut(_) => None,
        }
    }

    /// Counts the rows, as far as that has to be done.
    ///
    /// # Errors
    /// What the database says.
    pub(super) fn count(&self, session: &mut dyn DynSession) -> Result<u64> {
        if let Some(count) = self.known_count() {
            return Ok(count);
        }
        let count = session.repository(self.meta.table)?.count(&self.query.filter)?;
        let count = self.query.limit.map_or(count, |limit| limit.min(count));
        let left_out = match &self.rows {
            Rows::AllBut(keys) => keys.len() as u64,
            Rows::All | Rows::These(_) => 0,
        };
        Ok(count.saturating_sub(left_out))
    }
}
