//! Neighbouring rows.

use persistence::{Filter, PageStart, Query, Result};

use super::labels::{Labels, labels};
use super::listed::{ListedRow, SHOWN, with_lengths};
use crate::jobs::{Origin, Task, Work};

/// Some neighbouring rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The rows, in the query's order.
    pub rows: Vec<ListedRow>,
    /// What their references point to.
    pub labels: Labels,
    /// Whether there are rows after these.
    pub has_next: bool,
}

/// Reads some neighbouring rows, long values cut.
#[derive(Clone, Debug)]
pub struct ReadRows {
    /// The entity's table.
    pub table: &'static str,
    /// Which rows, in which order; its offset is counted from the start.
    pub query: Query,
    /// Where among them.
    pub start: PageStart,
    /// How many at most.
    pub size: u64,
}

impl Task for ReadRows {
    type Output = Rows;

    fn may_take_long(&self) -> bool {
        self.query.filter != Filter::All || !self.query.order.0.is_empty()
    }

    fn origin(&self) -> Option<Origin> {
        let Self { table, query, start, size } = self.clone();
        Some(Origin { table, query, start, size })
    }

    fn run(self, work: &mut Work<'_>) -> Result<Rows> {
        let mut repository = work.session()?.repository(self.table)?;
        let meta = repository.meta();
        let page = repository.page(&self.query.preview(SHOWN), &self.start, self.size)?;
        drop(repository);
        let labels = labels(work.catalog, work.session()?, meta, &page.rows)?;
        let rows = with_lengths(work.session()?.repository(self.table)?.as_mut(), page.rows)?;
        Ok(Rows { rows, labels, has_next: page.next.is_some() })
    }
}
