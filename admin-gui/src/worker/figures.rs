//! Figures about an entity's rows.

use persistence::{
    Comparison, Direction, DynRepository, Error, Filter, Order, OrderTerm, Query, Result, Value,
};

use crate::pages::overview::{Growth, GrowthPoint, NullRate, NullRates, Period};
use crate::pages::statistics::{ColumnFigures, Distribution};

/// When an entity's rows were made, as its column at that position says.
pub(super) fn growth(repository: &mut dyn DynRepository, column: usize) -> Result<Growth> {
    let Some(name) = repository.meta().columns.get(column).map(|column| column.name) else {
        return Err(unknown(repository, column));
    };
    let nothing = Growth { period: Period::Day, points: Vec::new() };
    let mut end = |direction: Direction| -> Result<Option<chrono::NaiveDateTime>> {
        let order = Order(vec![OrderTerm { column: name.into(), direction }]);
        let filter = Filter::IsNull { column: name.into() }.not();
        let rows = repository.list(&<Query>::new().filter(filter).order(order).limit(1))?;
        Ok(rows.first().and_then(|row| match row.value(column) {
            Value::Timestamp(moment) => Some(*moment),
            _ => None,
        }))
    };
    let (Some(first), Some(last)) = (end(Direction::Ascending)?, end(Direction::Descending)?)
    else {
        return Ok(nothing);
    };
    let (first, last) = (first.date(), last.date());
    let period = Period::for_range(first, last);
    let starts = period.starts(first, last);
    let mut points = Vec::with_capacity(starts.len());
    for (place, pair) in starts.windows(2).enumerate() {
        let &[start, next] = pair else { continue };
        let time = |day: chrono::NaiveDate| Value::Timestamp(day.and_time(chrono::NaiveTime::MIN));
        let mut filter = Filter::compare(name, Comparison::Less, time(next));
        // What came before the periods that are told apart belongs to the first of them.
        if place > 0 {
            filter = filter.and(Filter::compare(name, Comparison::GreaterOrEqual, time(start)));
        }
        points.push(GrowthPoint { start, count: repository.count(&filter)? });
    }
    Ok(Growth { period, points })
}

/// How many rows of an entity have NULL in which column.
pub(super) fn null_rates(repository: &mut dyn DynRepository) -> Result<NullRates> {
    let rows = repository.count(&Filter::All)?;
    let mut columns = Vec::new();
    for (position, column) in repository.meta().columns.iter().enumerate() {
        if column.is_nullable {
            let filter = Filter::IsNull { column: column.name.into() };
            columns.push(NullRate { column: position, nulls: repository.count(&filter)? });
        }
    }
    Ok(NullRates { rows, columns })
}

/// What the values of a column are like, of the rows that a filter finds.
pub(super) fn statistics(
    repository: &mut dyn DynRepository,
    column: &'static str,
    filter: &Filter,
) -> Result<ColumnFigures> {
    let meta = repository.meta();
    let Some(position) = meta.position(column) else { return Err(unknown(repository, 0)) };
    let is_null = Filter::IsNull { column: column.into() };
    let rows = repository.count(filter)?;
    let nulls = repository.count(&filter.clone().and(is_null.clone()))?;
    let there = filter.clone().and(is_null.not());
    let mut end = |direction: Direction| -> Result<Option<Value>> {
        let order = Order(vec![OrderTerm { column: column.into(), direction }]);
        let query = <Query>::new().filter(there.clone()).order(order).limit(1);
        Ok(repository.list(&query)?.first().map(|row| row.value(position).clone()))
    };
    let least = end(Direction::Ascending)?;
    let greatest = end(Direction::Descending)?;
    let distribution = Distribution::Unknown;
    Ok(ColumnFigures { rows, nulls, distinct: None, least, greatest, mean: None, distribution })
}

fn unknown(repository: &dyn DynRepository, column: usize) -> Error {
    let table = repository.meta().table;
    Error::Schema { message: format!("`{table}` has no column at position {column}") }
}
