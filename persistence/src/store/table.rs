//! Statements about the rows of a table that need not know their type: queries are resolved, filters fit
//! the entity.

use diesel::backend::Backend;
use diesel::deserialize;
use diesel::query_builder::{QueryBuilder as _, QueryFragment as _};
use diesel::result::QueryResult;
use diesel::row::{Field as _, Row};

use super::{execute, load, load_one};
use crate::backend::{Dialect, Engine, Plan, Verdict, plan_lines};
use crate::cell;
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, EntityMeta};
use crate::filter::Filter;
use crate::lengths::{Length, Lengths, is_measured};
use crate::order::Order;
use crate::query::{Cursor, Query};
use crate::sql::{
    Columns, Condition, Count, CountUpTo, Delete, Explain, Extremes, Frequencies, Histogram,
    MapperFor, Select, SelectLengths, Summary, Sums, UpdateWhere, Versions,
};
use crate::statistics::{self, Bin, ColumnStatistics, Scope};
use crate::value::{RecordKey, Value};

/// Reads the rows of a query.
pub(crate) fn select<C: Engine, M: MapperFor<C::Backend>, Q>(
    connection: &mut C,
    mapper: M,
    query: &Query<Q>,
) -> QueryResult<Vec<M::Row>> {
    let meta = mapper.meta();
    let condition = Condition::new(query.filter.clone().into_stored(meta));
    let sorted_by = query.limit.map_or_else(Vec::new, |_| texts_of(meta, &query.order));
    load(connection, &select_all(meta, query, &condition), |row| {
        for &(column, name) in &sorted_by {
            check_order::<C::Backend>(row, column, name, meta)?;
        }
        mapper.read(row)
    })
}

/// Returns how the engine would read the rows of a query; [`scans`](Plan::scans) says whether it reads
/// the whole table, unless it has enough before.
pub(crate) fn plan<C: Engine, Q>(
    connection: &mut C,
    meta: &'static EntityMeta,
    query: &Query<Q>,
) -> QueryResult<Plan> {
    let condition = Condition::new(query.filter.clone().into_stored(meta));
    let select = select_all(meta, query, &condition);
    let mut builder = <C::Backend as Backend>::QueryBuilder::default();
    select.to_sql(&mut builder, &C::Backend::default())?;
    let explain = Explain { statement: &select };
    let lines = plan_lines(load(connection, &explain, |row| C::Backend::read_step(row))?);
    let Verdict { sorts, reads_all } = C::Backend::judge(&lines, meta.table_in_schema());
    Ok(Plan { sql: builder.finish(), lines, sorts, scans: reads_all })
}

/// Reads the place of the first row of a query.
pub(crate) fn place<C: Engine, Q>(
    connection: &mut C,
    meta: &'static EntityMeta,
    query: &Query<Q>,
) -> QueryResult<Option<Cursor>> {
    let condition = Condition::new(query.filter.clone().into_stored(meta));
    let select = Select {
        meta,
        columns: Columns::OfOrder,
        condition: &condition,
        order: &query.order,
        limit: Some(1),
        offset: query.offset,
        lock: None,
    };
    let terms = query.order.0.iter();
    let columns: Vec<_> =
        terms.filter_map(|term| meta.position(&term.column)).enumerate().collect();
    let sorted_by = texts_of(meta, &query.order);
    load_one(connection, &select, |row| {
        for &(column, name) in &sorted_by {
            let position = columns.iter().position(|&(_, ordered)| ordered == column);
            check_order::<C::Backend>(row, position.unwrap_or(usize::MAX), name, meta)?;
        }
        let value = |&(position, column): &(usize, usize)| {
            value_at::<C::Backend>(row, position, meta, column)
        };
        Ok(Cursor(columns.iter().map(value).collect::<Result<_, _>>()?))
    })
}

/// Counts the rows that a filter finds.
pub(crate) fn count<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    filter: &Filter,
) -> QueryResult<u64> {
    let condition = Condition::new(filter.clone().into_stored(meta));
    let count = Count { meta, condition: &condition };
    let counts = load(connection, &count, |row| C::Backend::read_big_int(row, 0))?;
    Ok(counts.first().map_or(0, |&count| u64::try_from(count).unwrap_or(0)))
}

/// Counts how many rows of a table a resolved filter finds, no further than a limit, in an order
/// that an index may have.
pub(crate) fn count_up_to<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    filter: &Filter,
    order: &Order,
    limit: u64,
) -> QueryResult<u64> {
    let condition = Condition::new(filter.clone().into_stored(meta));
    let count = CountUpTo { meta, condition: &condition, order, limit };
    let counts = load(connection, &count, |row| C::Backend::read_big_int(row, 0))?;
    Ok(counts.first().map_or(0, |&count| u64::try_from(count).unwrap_or(0)))
}

/// Returns the most frequent values of a column among the rows that a filter finds, at most so
/// many, with their numbers of rows.
pub(crate) fn frequencies<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    column: usize,
    filter: &Filter,
    limit: u64,
) -> QueryResult<Vec<(Value, u64)>> {
    let Some(counted) = meta.columns.get(column) else { return Ok(Vec::new()) };
    let condition = Condition::new(filter.clone().into_stored(meta));
    let frequencies = Frequencies { meta, condition: &condition, column: counted, limit };
    load(connection, &frequencies, |row| {
        Ok((value_at::<C::Backend>(row, 0, meta, column)?, count_at::<C::Backend>(row, 1)?))
    })
}

/// Returns what a column is like in the rows that a filter finds, but for the histogram.
pub(crate) fn summary<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    column: usize,
    filter: &Filter,
) -> QueryResult<ColumnStatistics> {
    let Some(described) = meta.columns.get(column) else {
        return Ok(ColumnStatistics::default());
    };
    let condition = Condition::new(filter.clone().into_stored(meta));
    let summary = Summary { meta, condition: &condition, column: described };
    let scope = Scope::of(described);
    let known = |is_known: bool, count: u64| is_known.then_some(count);
    let found = load_one(connection, &summary, |row| {
        let count = |position| count_at::<C::Backend>(row, position);
        let (rows, values) = (count(0)?, count(1)?);
        let has_values = values > 0;
        let mut statistics = ColumnStatistics {
            rows,
            nulls: rows.saturating_sub(values),
            distinct: known(scope.is_comparable, count(2)?),
            shortest: known(has_values && scope.length.is_some(), count(6)?),
            longest: known(has_values && scope.length.is_some(), count(7)?),
            ..ColumnStatistics::default()
        };
        if scope.has_extremes {
            statistics.min = value_at::<C::Backend>(row, 3, meta, column)?;
            statistics.max = value_at::<C::Backend>(row, 4, meta, column)?;
        }
        if scope.is_number && has_values {
            let sum = C::Backend::read_double(row, 5)?.unwrap_or_default();
            statistics.sum = statistics::sum(described, sum);
            statistics.mean = statistics::mean(described, sum, values);
        }
        Ok(statistics)
    })?;
    Ok(found.unwrap_or_default())
}

/// Returns the sums of columns in the rows that a resolved filter finds.
pub(crate) fn sums<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    columns: &[&'static ColumnMeta],
    filter: &Filter,
) -> QueryResult<Vec<Value>> {
    let condition = Condition::new(filter.clone().into_stored(meta));
    let sums = Sums { meta, condition: &condition, columns };
    let found = load_one(connection, &sums, |row| {
        let sum = |(position, column): (usize, &&ColumnMeta)| {
            let sum = C::Backend::read_double(row, position)?;
            Ok(statistics::sum(column, sum.unwrap_or_default()))
        };
        columns.iter().enumerate().map(sum).collect()
    })?;
    Ok(found.unwrap_or_default())
}

/// Fills in how many rows that a resolved filter finds lie in each bin.
pub(crate) fn fill_bins<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    column: &'static ColumnMeta,
    filter: &Filter,
    bins: &mut [Bin],
) -> QueryResult<()> {
    let condition = Condition::new(filter.clone().into_stored(meta));
    let stored: Vec<Bin> = bins.iter().map(|bin| bin_as_stored(bin, column)).collect();
    let histogram = Histogram { meta, condition: &condition, column, bins: &stored };
    let counts = load(connection, &histogram, |row| {
        Ok((count_at::<C::Backend>(row, 0)?, count_at::<C::Backend>(row, 1)?))
    })?;
    for (number, rows) in counts {
        let bin = usize::try_from(number).ok().and_then(|number| bins.get_mut(number));
        if let Some(bin) = bin {
            bin.rows = rows;
        }
    }
    Ok(())
}

/// Returns how long the texts and binary values of the rows are that a filter finds.
pub(crate) fn lengths<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    filter: &Filter,
) -> QueryResult<Vec<(RecordKey, Lengths)>> {
    let condition = Condition::new(filter.clone().into_stored(meta));
    let select = SelectLengths { meta, condition: &condition };
    load(connection, &select, |row| {
        let key = meta.key.iter().enumerate();
        let key =
            key.map(|(position, &column)| value_at::<C::Backend>(row, position, meta, column));
        let key = RecordKey(key.collect::<Result<_, _>>()?);
        let mut position = meta.key.len();
        let mut lengths = Vec::with_capacity(meta.columns.len());
        for column in meta.columns {
            lengths.push(if is_measured(meta, column) {
                position += 2;
                let bytes = number_at::<C::Backend>(row, position - 2)?;
                let characters = number_at::<C::Backend>(row, position - 1)?;
                bytes.map(|bytes| Length { bytes, characters })
            } else {
                None
            });
        }
        Ok((key, Lengths(lengths)))
    })
}

/// Returns how many values there are from the smallest primary key to the largest; `None` where
/// that is no whole number.
pub(crate) fn key_span<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
) -> QueryResult<Option<u64>> {
    let &[key] = meta.key else { return Ok(None) };
    let column = meta.key_columns().next();
    let is_whole = |column: &&ColumnMeta| matches!(column.column_type, ColumnType::Integer { .. });
    let Some(column) = column.filter(is_whole) else { return Ok(None) };
    let extremes = Extremes { meta, column: column.identifier };
    let found = load_one(connection, &extremes, |row| {
        Ok((value_at::<C::Backend>(row, 0, meta, key)?, value_at::<C::Backend>(row, 1, meta, key)?))
    })?;
    let Some((smallest, largest)) = found else { return Ok(None) };
    Ok(Some(match (smallest.as_integer(), largest.as_integer()) {
        (Some(smallest), Some(largest)) => largest.abs_diff(smallest).saturating_add(1),
        _ => 0,
    }))
}

/// Sets columns of every row a filter finds; returns rows affected.
pub(crate) fn update_where<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    filter: &Filter,
    assignments: &[(&'static ColumnMeta, Value)],
    versions: Versions,
) -> QueryResult<usize> {
    let condition = Condition::new(filter.clone().into_stored(meta));
    let stored: Vec<_> = assignments
        .iter()
        .map(|(column, value)| (*column, column.stored(value).into_owned()))
        .collect();
    let (assignments, condition) = (stored.as_slice(), &condition);
    execute(connection, &UpdateWhere { meta, assignments, condition, versions })
}

/// Deletes every row a filter finds; returns rows affected.
pub(crate) fn delete_where<C: Engine>(
    connection: &mut C,
    meta: &'static EntityMeta,
    filter: &Filter,
) -> QueryResult<usize> {
    let condition = Condition::new(filter.clone().into_stored(meta));
    execute(connection, &Delete { meta, condition: &condition })
}

fn select_all<'q, Q>(
    meta: &'static EntityMeta,
    query: &'q Query<Q>,
    condition: &'q Condition,
) -> Select<'q> {
    Select {
        meta,
        columns: query.preview.map_or(Columns::All, Columns::Previewed),
        condition,
        order: &query.order,
        limit: query.limit,
        offset: query.offset,
        lock: query.lock,
    }
}

/// Reads a column's value, or one like it, from wherever it stands in a row: NULL whatever the
/// column takes, as the smallest value of no rows is that.
fn value_at<'a, DB: Dialect>(
    row: &impl Row<'a, DB>,
    position: usize,
    meta: &EntityMeta,
    column: usize,
) -> deserialize::Result<Value> {
    meta.columns
        .get(column)
        .map_or(Ok(Value::Null), |column| cell::read::<DB>(row, position, column))
}

/// Returns the text columns of an order, by position and name.
fn texts_of(meta: &'static EntityMeta, order: &Order) -> Vec<(usize, &'static str)> {
    let columns = order.0.iter().filter_map(|term| {
        let position = meta.position(&term.column)?;
        let column = meta.columns.get(position)?;
        (column.column_type == ColumnType::Text).then_some((position, column.name))
    });
    columns.collect()
}

/// Refuses rows that come in an order in which no page could find its neighbour.
fn check_order<'a, DB: Dialect>(
    row: &impl Row<'a, DB>,
    position: usize,
    name: &str,
    meta: &EntityMeta,
) -> deserialize::Result<()> {
    if !DB::sorts_otherwise(row, position) {
        return Ok(());
    }
    let table = meta.table;
    Err(format!(
        "{table}.{name}: an ENUM or SET sorts by the numbers of its values and not as they compare, \
         so there are no pages in this order; a field of an enum with #[derive(Scalar)] has them"
    )
    .into())
}

/// Reads a count in a row; 0 where NULL stands for what is not counted.
fn count_at<'a, DB: Dialect>(row: &impl Row<'a, DB>, position: usize) -> deserialize::Result<u64> {
    Ok(number_at(row, position)?.unwrap_or_default())
}

/// Reads a number in a row that is not negative.
fn number_at<'a, DB: Dialect>(
    row: &impl Row<'a, DB>,
    position: usize,
) -> deserialize::Result<Option<u64>> {
    if row.get(position).is_some_and(|field| field.is_null()) {
        return Ok(None);
    }
    Ok(Some(u64::try_from(DB::read_big_int(row, position)?)?))
}

/// Makes a bin whose border is compared in the form of its column, which may keep whole seconds only.
fn bin_as_stored(bin: &Bin, column: &ColumnMeta) -> Bin {
    use chrono::SubsecRound as _;
    let mut bin = bin.clone();
    if let (Some(_), Value::Timestamp(time)) = (column.form, &bin.from) {
        bin.from = Value::Timestamp(time.trunc_subsecs(0));
    }
    bin.from = column.stored(&bin.from).into_owned();
    bin
}
