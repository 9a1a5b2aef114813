//! Bounded steps through an entity's rows.

use std::time::{Duration, Instant};

use persistence::{Comparison, Cursor, DynRepository, Error, Filter, Order, Query, Result};

use crate::jobs::{Task, Work};

/// How long one step goes on before what was found is told.
const BUDGET: Duration = Duration::from_millis(100);

/// A bounded step through an entity's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walk {
    /// From one place to the next, so many rows at a time, as far as it goes in a short while.
    Skips {
        /// In which order.
        order: Order,
        /// From where; from the first row if `None`.
        after: Option<Cursor>,
        /// Rows from one place to the next.
        step: u64,
    },
    /// From one primary key to the next, as far as it goes in a short while.
    Intervals {
        /// From where; from the first row if `None`.
        start: Option<Cursor>,
        /// Where each interval ends.
        ends: Vec<Cursor>,
        /// Whether what follows the last interval is to be counted, too.
        is_last: bool,
    },
    /// In one go.
    Whole,
}

/// What such a step found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// Places so many rows apart.
    Skips {
        /// The places.
        ends: Vec<Cursor>,
        /// Rows from one to the next.
        step: u64,
        /// Rows after the last place, where there are fewer than another step.
        rest: Option<u64>,
    },
    /// Rows of each interval.
    Intervals {
        /// How many, for each interval that was reached.
        counts: Vec<u64>,
        /// How many follow the last interval, if that was reached and asked for.
        rest: Option<u64>,
    },
    /// All rows.
    Whole(u64),
    /// The rows would have to be sorted for each step.
    Unordered,
}

/// Takes a bounded step of finding out how many rows there are and where.
#[derive(Clone, Debug)]
pub struct ScanStep {
    /// The entity's table.
    pub table: &'static str,
    /// Which rows.
    pub filter: Filter,
    /// How to go through them.
    pub walk: Walk,
}

impl Task for ScanStep {
    type Output = Scanned;

    fn may_take_long(&self) -> bool {
        self.filter != Filter::All
    }

    fn run(self, work: &mut Work<'_>) -> Result<Scanned> {
        let mut repository = work.session()?.repository(self.table)?;
        let repository = repository.as_mut();
        match self.walk {
            Walk::Skips { order, after, step } => {
                skips(repository, self.filter, order, after, step)
            }
            Walk::Intervals { start, ends, is_last } => {
                intervals(repository, &self.filter, start, ends, is_last)
            }
            Walk::Whole => Ok(Scanned::Whole(repository.count(&self.filter)?)),
        }
    }
}

fn skips(
    repository: &mut dyn DynRepository,
    filter: Filter,
    order: Order,
    mut after: Option<Cursor>,
    step: u64,
) -> Result<Scanned> {
    let begun = Instant::now();
    let query = <Query>::new().filter(filter).order(order);
    let mut ends = Vec::new();
    loop {
        let stride = repository.stride(&query, after.as_ref(), step)?;
        let Some(end) = stride.end else {
            return Ok(Scanned::Skips { ends, step, rest: Some(stride.rows) });
        };
        after = Some(end.clone());
        ends.push(end);
        if begun.elapsed() >= BUDGET {
            return Ok(Scanned::Skips { ends, step, rest: None });
        }
    }
}

fn intervals(
    repository: &mut dyn DynRepository,
    filter: &Filter,
    mut start: Option<Cursor>,
    ends: Vec<Cursor>,
    is_last: bool,
) -> Result<Scanned> {
    let begun = Instant::now();
    let mut counts = Vec::with_capacity(ends.len());
    for end in ends {
        if begun.elapsed() >= BUDGET {
            return Ok(Scanned::Intervals { counts, rest: None });
        }
        let within = between(repository, start.as_ref(), Some(&end))?;
        counts.push(repository.count(&within.and(filter.clone()))?);
        start = Some(end);
    }
    let rest = if is_last {
        let within = between(repository, start.as_ref(), None)?;
        Some(repository.count(&within.and(filter.clone()))?)
    } else {
        None
    };
    Ok(Scanned::Intervals { counts, rest })
}

/// Returns a filter for the rows after one primary key up to and with another.
fn between(
    repository: &dyn DynRepository,
    start: Option<&Cursor>,
    end: Option<&Cursor>,
) -> Result<Filter> {
    let meta = repository.meta();
    let column = meta.key_columns().next().map(|column| column.name).ok_or_else(|| {
        Error::Schema { message: format!("{} has no primary key to count by", meta.name) }
    })?;
    let bound = |place: Option<&Cursor>, operator| {
        let value = place.and_then(|place| place.0.first()).cloned();
        value.map_or(Filter::All, |value| Filter::Compare {
            column: column.into(),
            operator,
            value,
        })
    };
    Ok(bound(start, Comparison::Greater).and(bound(end, Comparison::LessOrEqual)))
}
