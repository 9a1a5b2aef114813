//! Figures about an entity's rows.

use persistence::advice::missing_index;
use persistence::backend::EngineKind;
use persistence::{
    Catalog, Comparison, Direction, DynRepository, DynSession, EntityMeta, Error, Filter, Order,
    OrderTerm, Query, Result, Value,
};

use super::column_figures::{Bin, ColumnFigures, Distribution, ValueCount};
use super::explanation::{Explanation, IndexAdvice};
use super::growth::{Growth, GrowthPoint, Period};
use super::labels::labels_of;
use super::null_rates::{NullRate, NullRates};
use crate::jobs::{Origin, Task, Work};

/// Values that are shown of those that are most frequent.
const FREQUENT: u64 = 12;

/// Finds out when an entity's rows were made.
#[derive(Clone, Debug)]
pub struct FindGrowth {
    /// The entity's table.
    pub table: &'static str,
    /// The position of the column that says so.
    pub column: usize,
}

impl Task for FindGrowth {
    type Output = Growth;

    fn run(self, work: &mut Work<'_>) -> Result<Growth> {
        growth(work.session()?.repository(self.table)?.as_mut(), self.column)
    }
}

/// Finds out how many rows of an entity have NULL in which column.
#[derive(Clone, Debug)]
pub struct FindNullRates {
    /// The entity's table.
    pub table: &'static str,
}

impl Task for FindNullRates {
    type Output = NullRates;

    fn run(self, work: &mut Work<'_>) -> Result<NullRates> {
        null_rates(work.session()?.repository(self.table)?.as_mut())
    }
}

/// Finds out what the values of a column are like.
#[derive(Clone, Debug)]
pub struct FindStatistics {
    /// The entity's table.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// Of which rows.
    pub filter: Filter,
}

impl Task for FindStatistics {
    type Output = ColumnFigures;

    fn run(self, work: &mut Work<'_>) -> Result<ColumnFigures> {
        statistics(work, self.table, self.column, &self.filter)
    }
}

/// Finds out how the database finds a page of rows.
#[derive(Clone, Debug)]
pub struct Explain {
    /// The page.
    pub origin: Origin,
}

impl Task for Explain {
    type Output = Explanation;

    fn run(self, work: &mut Work<'_>) -> Result<Explanation> {
        explain(work.catalog, work.session()?, &self.origin)
    }
}

/// Counts when an entity's rows were made, as its column at that position says.
fn growth(repository: &mut dyn DynRepository, column: usize) -> Result<Growth> {
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

/// Counts how many rows of an entity have NULL in which column.
fn null_rates(repository: &mut dyn DynRepository) -> Result<NullRates> {
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

/// Returns what the values of a column are like, of the rows that a filter finds: numbers and times
/// by ranges, everything else by the most frequent values.
fn statistics(
    work: &mut Work<'_>,
    table: &'static str,
    column: &'static str,
    filter: &Filter,
) -> Result<ColumnFigures> {
    let mut repository = work.session()?.repository(table)?;
    let meta = repository.meta();
    let found = repository.statistics(column, filter)?;
    let column_meta = meta.column(column);
    let is_reference = column_meta.is_some_and(|column| column.references.is_some());
    let is_comparable =
        column_meta.is_some_and(|column| column.column_type != persistence::ColumnType::Json);
    let distribution = if found.histogram.len() > 1 && !is_reference {
        let last = found.histogram.len() - 1;
        let bins = found.histogram.into_iter().enumerate().map(|(place, bin)| Bin {
            from: bin.from,
            to: bin.to,
            count: bin.rows,
            is_last: place == last,
        });
        Distribution::Histogram(bins.collect())
    } else if is_comparable {
        let values = repository.distinct(column, filter, FREQUENT)?;
        drop(repository);
        frequent(work, meta, column, values)?
    } else {
        Distribution::Unknown
    };
    let there = |value: Value| (!value.is_null()).then_some(value);
    // The least key says nothing of the row it is the key of.
    let (least, greatest, mean) = if is_reference {
        (None, None, None)
    } else {
        (there(found.min), there(found.max), found.mean)
    };
    let (rows, nulls, distinct) = (found.rows, found.nulls, found.distinct);
    Ok(ColumnFigures { rows, nulls, distinct, least, greatest, mean, distribution })
}

/// Returns values with how many rows have each, and what they refer to; nothing where all are
/// different.
fn frequent(
    work: &mut Work<'_>,
    meta: &'static EntityMeta,
    column: &str,
    mut values: Vec<(Value, u64)>,
) -> Result<Distribution> {
    // How many there are of these is said apart.
    values.retain(|(value, _)| !value.is_null());
    let is_telling = values.iter().any(|(_, count)| *count > 1);
    let Some(position) = meta.position(column).filter(|_| is_telling) else {
        return Ok(Distribution::Unknown);
    };
    let labels = labels_of(work, meta, position, values.iter().map(|(value, _)| value))?;
    let values = values.into_iter().map(|(value, count)| {
        let label = labels.get(position, &value).map(str::to_owned);
        ValueCount { value, label, count }
    });
    Ok(Distribution::Frequent(values.collect()))
}

/// Asks how the engine finds a page of rows, and which index would help it.
fn explain(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    origin: &Origin,
) -> Result<Explanation> {
    let mut repository = session.repository(origin.table)?;
    let plan = repository.explain(&origin.query, &origin.start, origin.size)?;
    let mut advice = None;
    if plan.sorts || plan.scans {
        let indexes = repository.indexes()?;
        let missing = missing_index(repository.meta(), &origin.query, &indexes);
        advice = missing.zip(engine(catalog)).map(|(missing, engine)| IndexAdvice {
            columns: missing.columns.iter().map(|term| term.column.to_string()).collect(),
            create: missing.sql(engine),
        });
    }
    Ok(Explanation { lines: plan.lines, sorts: plan.sorts, scans: plan.scans, advice })
}

/// Returns whose SQL the catalog's database speaks; nobody's where it is no database.
fn engine(catalog: &Catalog) -> Option<EngineKind> {
    let name = catalog.engine();
    [
        ("SQLite", EngineKind::Sqlite),
        ("PostgreSQL", EngineKind::Postgres),
        ("MySQL", EngineKind::Mysql),
        ("MariaDB", EngineKind::Mysql),
    ]
    .into_iter()
    .find(|(start, _)| name.starts_with(start))
    .map(|(_, engine)| engine)
}

fn unknown(repository: &dyn DynRepository, column: usize) -> Error {
    let table = repository.meta().table;
    Error::Schema { message: format!("`{table}` has no column at position {column}") }
}
