//! Bounded steps through an entity's rows.

use std::time::{Duration, Instant};

use persistence::{Comparison, Cursor, DynRepository, Error, Filter, Order, Query, Result};

use super::request::{Surveyed, Walk};

/// How long one request goes on before what was found is told.
const BUDGET: Duration = Duration::from_millis(100);

/// Takes a step of a survey.
pub(super) fn survey(
    repository: &mut dyn DynRepository,
    filter: Filter,
    walk: Walk,
) -> Result<Surveyed> {
    match walk {
        Walk::Strides { order, after, step } => strides(repository, filter, order, after, step),
        Walk::Intervals { start, ends, is_last } => {
            intervals(repository, &filter, start, ends, is_last)
        }
        Walk::Whole => Ok(Surveyed::Whole(repository.count(&filter)?)),
    }
}

fn strides(
    repository: &mut dyn DynRepository,
    filter: Filter,
    order: Order,
    mut after: Option<Cursor>,
    step: u64,
) -> Result<Surveyed> {
    let begun = Instant::now();
    let query = <Query>::new().filter(filter).order(order);
    let mut ends = Vec::new();
    loop {
        let stride = repository.stride(&query, after.as_ref(), step)?;
        let Some(end) = stride.end else {
            return Ok(Surveyed::Strides { ends, step, rest: Some(stride.rows) });
        };
        after = Some(end.clone());
        ends.push(end);
        if begun.elapsed() >= BUDGET {
            return Ok(Surveyed::Strides { ends, step, rest: None });
        }
    }
}

fn intervals(
    repository: &mut dyn DynRepository,
    filter: &Filter,
    mut start: Option<Cursor>,
    ends: Vec<Cursor>,
    is_last: bool,
) -> Result<Surveyed> {
    let begun = Instant::now();
    let mut counts = Vec::with_capacity(ends.len());
    for end in ends {
        if begun.elapsed() >= BUDGET {
            return Ok(Surveyed::Intervals { counts, rest: None });
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
    Ok(Surveyed::Intervals { counts, rest })
}

/// The rows after one primary key up to and with another.
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
