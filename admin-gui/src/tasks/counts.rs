//! How many rows there are.

use persistence::{Filter, Result};

use crate::jobs::{Task, Work};

/// Counts the rows that a filter finds.
#[derive(Clone, Debug)]
pub struct Count {
    /// The entity's table.
    pub table: &'static str,
    /// Which rows.
    pub filter: Filter,
}

impl Task for Count {
    type Output = u64;

    fn may_take_long(&self) -> bool {
        self.filter != Filter::All
    }

    fn run(self, work: &mut Work<'_>) -> Result<u64> {
        work.session()?.repository(self.table)?.count(&self.filter)
    }
}

/// Finds out about how many rows an entity has, without counting them; `None` where nothing is known.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The entity's table.
    pub table: &'static str,
}

impl Task for Estimate {
    type Output = Option<u64>;

    fn may_take_long(&self) -> bool {
        false
    }

    fn run(self, work: &mut Work<'_>) -> Result<Option<u64>> {
        work.session()?.repository(self.table)?.estimate(&Filter::All)
    }
}
