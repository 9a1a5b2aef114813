//! What one connection type does for one entity: statements, one at a time.

mod inserting;

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::query_builder::{Query, QueryBuilder as _, QueryFragment, QueryId};
use diesel::result::{Error, QueryResult};
use diesel::row::{Field as _, Row};
use diesel::sql_types::Untyped;

use inserting::{insert_chunk, insert_given, insert_row_by_row, read_back};

use crate::backend::{Dialect, Engine, InsertStyle, Plan, Verdict, plan_lines};
use crate::cell;
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, ColumnSet, Entity, EntityMeta, MappedTo};
use crate::filter::Filter;
use crate::lengths::{Length, Lengths, is_measured};
use crate::observe;
use crate::order::Order;
use crate::packet;
use crate::query::{Cursor, Query as EntityQuery};
use crate::scalar::PrimaryKey;
use crate::sql::{
    Columns, Condition, Count, CountUpTo, Delete, DeleteKey, DeleteRow, DeleteRows, Explain,
    Extremes, Frequencies, Histogram, InsertOrUpdate, LockKey, Select, SelectKey, SelectLengths,
    Summary, Sums, Update, UpdateWhere, Versions, guard_of_deletion, inserted_columns,
};
use crate::statistics::{self, Bin, ColumnStatistics, Scope};
use crate::value::{Record, RecordKey, Value};

/// An engine that can store `E`: implemented for every [`Engine`] whose backend knows all of the
/// entity's column types. Sessions and repositories ask for it: `C: Store<User> + Store<Book>`.
///
/// The methods are single statements without validation, transactions or classified errors; use a
/// [`Session`](crate::Session).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store `{E}`",
    label = "does not store `{E}`",
    note = "generic code says so in its bounds: `C: Store<{E}>`",
    note = "a connection stores every `#[derive(Entity)]` whose fields have the types of their columns in `table!`, as far as its engine knows these, and whose feature (`sqlite`, `postgres`, `mysql`) is enabled"
)]
pub trait Store<E: Entity>: Engine {
    /// Reads the rows of a query whose columns and values fit the entity.
    ///
    /// # Errors
    /// Diesel's.
    fn select(&mut self, query: &EntityQuery<E>) -> QueryResult<Vec<E>>;

    /// Returns how the engine would read the rows of a query whose columns and values fit the
    /// entity; [`scans`](Plan::scans) says whether it reads the whole table, unless it has enough
    /// before.
    ///
    /// # Errors
    /// Diesel's.
    fn plan(&mut self, query: &EntityQuery<E>) -> QueryResult<Plan>;

    /// Reads the place of the first row of a query whose columns and values fit the entity.
    ///
    /// # Errors
    /// Diesel's.
    fn select_place(&mut self, query: &EntityQuery<E>) -> QueryResult<Option<Cursor>>;

    /// Reads the rows of a query whose columns and values fit the entity, whatever is in their
    /// cells: what is no value of its column is [`Value::Raw`].
    ///
    /// # Errors
    /// Diesel's.
    fn select_records(&mut self, query: &EntityQuery<E>) -> QueryResult<Vec<Record>>;

    /// Reads the row with that primary key.
    ///
    /// # Errors
    /// Diesel's.
    fn select_key(&mut self, key: &E::Key) -> QueryResult<Option<E>>;

    /// Counts the rows that a filter finds whose columns and values fit the entity.
    ///
    /// # Errors
    /// Diesel's.
    fn count(&mut self, filter: &Filter) -> QueryResult<u64>;

    /// Returns the most frequent values of a column among the rows that a filter finds, at most so
    /// many, with their numbers of rows.
    ///
    /// # Errors
    /// Diesel's.
    fn frequencies(
        &mut self,
        column: usize,
        filter: &Filter,
        limit: u64,
    ) -> QueryResult<Vec<(Value, u64)>>;

    /// Returns what a column is like in the rows that a filter finds, but for the histogram.
    ///
    /// # Errors
    /// Diesel's.
    fn summary(&mut self, column: usize, filter: &Filter) -> QueryResult<ColumnStatistics>;

    /// Returns how long the texts and binary values of the rows are that a filter finds.
    ///
    /// # Errors
    /// Diesel's.
    fn lengths(&mut self, filter: &Filter) -> QueryResult<Vec<(RecordKey, Lengths)>>;

    /// Returns how many values there are from the smallest primary key to the largest; `None` where
    /// that is no whole number.
    ///
    /// # Errors
    /// Diesel's.
    fn key_span(&mut self) -> QueryResult<Option<u64>>;

    /// Inserts rows in their order, cut to the engine's bind limit, and fills in generated keys.
    ///
    /// # Errors
    /// Diesel's; rows of earlier statements stay inserted.
    fn insert(&mut self, rows: &mut [E]) -> QueryResult<()>;

    /// Inserts rows, or updates those that are there: found by some columns, updated in others.
    /// The rows do not learn their generated keys.
    ///
    /// # Errors
    /// Diesel's; rows of earlier statements stay written.
    fn insert_or_update(&mut self, rows: &[E], on: ColumnSet, set: ColumnSet) -> QueryResult<()>;

    /// Inserts rows as they are given, with their generated keys, cut to the engine's bind limit, and
    /// has the database count on from there.
    ///
    /// # Errors
    /// Diesel's; rows of earlier statements stay inserted.
    fn insert_with_keys(&mut self, rows: &mut [E]) -> QueryResult<()>;

    /// Reads the row with that primary key as it is by now, whatever the transaction has seen of
    /// it, locked until the transaction's end where the engine locks rows.
    ///
    /// # Errors
    /// Diesel's.
    fn lock_key(&mut self, key: &E::Key) -> QueryResult<Option<E>>;

    /// Writes the changed columns of a row, guarded by its key and version and by the columns of
    /// `guard`, which have to be as in `base`; returns rows affected.
    ///
    /// # Errors
    /// Diesel's.
    fn update(
        &mut self,
        base: &E,
        mine: &E,
        changed: ColumnSet,
        guard: ColumnSet,
    ) -> QueryResult<usize>;

    /// Sets columns of every row a filter finds; returns rows affected.
    ///
    /// # Errors
    /// Diesel's.
    fn update_where(
        &mut self,
        filter: &Filter,
        assignments: &[(&'static ColumnMeta, Value)],
        versions: Versions,
    ) -> QueryResult<usize>;

    /// Deletes the row with that primary key; returns rows affected.
    ///
    /// # Errors
    /// Diesel's.
    fn delete_key(&mut self, key: &E::Key) -> QueryResult<usize>;

    /// Deletes rows in one statement, each guarded by its key and version and by the columns of
    /// `guard`, which have to be as in `rows`; returns rows affected.
    ///
    /// # Errors
    /// Diesel's.
    fn delete(&mut self, rows: &[E], guard: ColumnSet) -> QueryResult<usize>;

    /// Deletes every row a filter finds; returns rows affected.
    ///
    /// # Errors
    /// Diesel's.
    fn delete_where(&mut self, filter: &Filter) -> QueryResult<usize>;
}

#[diagnostic::do_not_recommend]
impl<C, E> Store<E> for C
where
    C: Engine,
    E: MappedTo<C::Backend>,
{
    fn select(&mut self, query: &EntityQuery<E>) -> QueryResult<Vec<E>> {
        let condition = Condition::new(query.filter.clone().into_stored(E::meta()));
        let sorted_by: Vec<_> =
            query.limit.map_or_else(Vec::new, |_| texts_of(E::meta(), &query.order));
        load(self, &select_all(query, &condition), |row| {
            for &(column, name) in &sorted_by {
                check_order::<C::Backend>(row, column, name, E::meta())?;
            }
            E::read(row)
        })
    }

    fn select_records(&mut self, query: &EntityQuery<E>) -> QueryResult<Vec<Record>> {
        let condition = Condition::new(query.filter.clone().into_stored(E::meta()));
        let sorted_by: Vec<_> =
            query.limit.map_or_else(Vec::new, |_| texts_of(E::meta(), &query.order));
        load(self, &select_all(query, &condition), |row| {
            for &(column, name) in &sorted_by {
                check_order::<C::Backend>(row, column, name, E::meta())?;
            }
            cell::read_record(row, E::meta())
        })
    }

    fn plan(&mut self, query: &EntityQuery<E>) -> QueryResult<Plan> {
        let condition = Condition::new(query.filter.clone().into_stored(E::meta()));
        let select = select_all(query, &condition);
        let mut builder = <C::Backend as Backend>::QueryBuilder::default();
        select.to_sql(&mut builder, &C::Backend::default())?;
        let explain = Explain { statement: &select };
        let lines = plan_lines(load(self, &explain, |row| C::Backend::read_step(row))?);
        let Verdict { sorts, reads_all } = C::Backend::judge(&lines, E::meta().table);
        Ok(Plan { sql: builder.finish(), lines, sorts, scans: reads_all })
    }

    fn select_place(&mut self, query: &EntityQuery<E>) -> QueryResult<Option<Cursor>> {
        let condition = Condition::new(query.filter.clone().into_stored(E::meta()));
        let select = Select {
            meta: E::meta(),
            columns: Columns::OfOrder,
            condition: &condition,
            order: &query.order,
            limit: Some(1),
            offset: query.offset,
            lock: None,
        };
        let terms = query.order.0.iter();
        let columns: Vec<_> =
            terms.filter_map(|term| E::meta().position(&term.column)).enumerate().collect();
        let sorted_by = texts_of(E::meta(), &query.order);
        load_one(self, &select, |row| {
            for &(column, name) in &sorted_by {
                let position = columns.iter().position(|&(_, ordered)| ordered == column);
                check_order::<C::Backend>(row, position.unwrap_or(usize::MAX), name, E::meta())?;
            }
            let value = |&(position, column): &(usize, usize)| {
                value_at::<E, C::Backend>(row, position, column)
            };
            Ok(Cursor(columns.iter().map(value).collect::<Result<_, _>>()?))
        })
    }

    fn select_key(&mut self, key: &E::Key) -> QueryResult<Option<E>> {
        let key = stored_key::<E>(key);
        let select = SelectKey::<E>::new::<C::Backend>(&key)?;
        load_one(self, &select, |row| E::read(row))
    }

    fn count(&mut self, filter: &Filter) -> QueryResult<u64> {
        let condition = Condition::new(filter.clone().into_stored(E::meta()));
        let count = Count { meta: E::meta(), condition: &condition };
        let counts = load(self, &count, |row| C::Backend::read_big_int(row, 0))?;
        Ok(counts.first().map_or(0, |&count| u64::try_from(count).unwrap_or(0)))
    }

    fn frequencies(
        &mut self,
        column: usize,
        filter: &Filter,
        limit: u64,
    ) -> QueryResult<Vec<(Value, u64)>> {
        let Some(counted) = E::meta().columns.get(column) else { return Ok(Vec::new()) };
        let condition = Condition::new(filter.clone().into_stored(E::meta()));
        let frequencies =
            Frequencies { meta: E::meta(), condition: &condition, column: counted, limit };
        load(self, &frequencies, |row| {
            Ok((value_at::<E, C::Backend>(row, 0, column)?, count_at::<C::Backend>(row, 1)?))
        })
    }

    fn summary(&mut self, column: usize, filter: &Filter) -> QueryResult<ColumnStatistics> {
        let Some(described) = E::meta().columns.get(column) else {
            return Ok(ColumnStatistics::default());
        };
        let condition = Condition::new(filter.clone().into_stored(E::meta()));
        let summary = Summary { meta: E::meta(), condition: &condition, column: described };
        let scope = Scope::of(described);
        let known = |is_known: bool, count: u64| is_known.then_some(count);
        let found = load_one(self, &summary, |row| {
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
                statistics.min = value_at::<E, C::Backend>(row, 3, column)?;
                statistics.max = value_at::<E, C::Backend>(row, 4, column)?;
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

    fn lengths(&mut self, filter: &Filter) -> QueryResult<Vec<(RecordKey, Lengths)>> {
        let meta = E::meta();
        let condition = Condition::new(filter.clone().into_stored(E::meta()));
        let select = SelectLengths { meta, condition: &condition };
        load(self, &select, |row| {
            let key = meta.key.iter().enumerate();
            let key =
                key.map(|(position, &column)| value_at::<E, C::Backend>(row, position, column));
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

    fn key_span(&mut self) -> QueryResult<Option<u64>> {
        let meta = E::meta();
        let &[key] = meta.key else { return Ok(None) };
        let column = meta.key_columns().next();
        let is_whole =
            |column: &&ColumnMeta| matches!(column.column_type, ColumnType::Integer { .. });
        let Some(column) = column.filter(is_whole) else { return Ok(None) };
        let extremes = Extremes { meta, column: column.identifier };
        let found = load_one(self, &extremes, |row| {
            Ok((value_at::<E, C::Backend>(row, 0, key)?, value_at::<E, C::Backend>(row, 1, key)?))
        })?;
        let Some((smallest, largest)) = found else { return Ok(None) };
        Ok(Some(match (smallest.as_integer(), largest.as_integer()) {
            (Some(smallest), Some(largest)) => largest.abs_diff(smallest).saturating_add(1),
            _ => 0,
        }))
    }

    fn insert(&mut self, rows: &mut [E]) -> QueryResult<()> {
        let rows_per_statement = match C::Backend::INSERT {
            InsertStyle::RowByRow => {
                insert_row_by_row(self, rows)?;
                return read_back(self, rows);
            }
            InsertStyle::ManyReturning | InsertStyle::ManyCounting => {
                (C::Backend::MAX_BINDS / inserted_columns::<E>().count().max(1)).clamp(1, 1_000)
            }
        };
        for mut rows in rows.chunks_mut(rows_per_statement) {
            while !rows.is_empty() {
                let count = packet::fitting(self, rows, &inserted_columns::<E>())?;
                let (now, later) = rows.split_at_mut(count);
                insert_chunk(self, now)?;
                rows = later;
            }
        }
        read_back(self, rows)
    }

    fn insert_or_update(&mut self, rows: &[E], on: ColumnSet, set: ColumnSet) -> QueryResult<()> {
        let rows_per_statement = match C::Backend::INSERT {
            InsertStyle::RowByRow => 1,
            InsertStyle::ManyReturning | InsertStyle::ManyCounting => {
                C::Backend::MAX_BINDS / inserted_columns::<E>().count().max(1)
            }
        };
        for mut rows in rows.chunks(rows_per_statement.clamp(1, 1_000)) {
            while !rows.is_empty() {
                let count = packet::fitting(self, rows, &inserted_columns::<E>())?;
                let (now, later) = rows.split_at(count);
                execute(self, &InsertOrUpdate { rows: now, on, set })?;
                rows = later;
            }
        }
        Ok(())
    }

    fn insert_with_keys(&mut self, rows: &mut [E]) -> QueryResult<()> {
        insert_given(self, rows)?;
        read_back(self, rows)
    }

    fn lock_key(&mut self, key: &E::Key) -> QueryResult<Option<E>> {
        let key = stored_key::<E>(key);
        let select = LockKey(SelectKey::<E>::new::<C::Backend>(&key)?);
        load_one(self, &select, |row| E::read(row))
    }

    fn update(
        &mut self,
        base: &E,
        mine: &E,
        changed: ColumnSet,
        guard: ColumnSet,
    ) -> QueryResult<usize> {
        packet::check(self, mine, changed)?;
        execute(self, &Update { base, mine, changed, guard })
    }

    fn update_where(
        &mut self,
        filter: &Filter,
        assignments: &[(&'static ColumnMeta, Value)],
        versions: Versions,
    ) -> QueryResult<usize> {
        let condition = Condition::new(filter.clone().into_stored(E::meta()));
        let stored: Vec<_> = assignments
            .iter()
            .map(|(column, value)| (*column, column.stored(value).into_owned()))
            .collect();
        let (meta, assignments, condition) = (E::meta(), stored.as_slice(), &condition);
        execute(self, &UpdateWhere { meta, assignments, condition, versions })
    }

    fn delete_key(&mut self, key: &E::Key) -> QueryResult<usize> {
        let key = stored_key::<E>(key);
        execute(self, &DeleteKey { key: &key, entity: PhantomData::<fn() -> E> })
    }

    fn delete(&mut self, rows: &[E], guard: ColumnSet) -> QueryResult<usize> {
        match rows {
            [] => Ok(0),
            [row] if guard == guard_of_deletion(E::meta()) => execute(self, &DeleteRow { row }),
            rows => execute(self, &DeleteRows { rows, guard }),
        }
    }

    fn delete_where(&mut self, filter: &Filter) -> QueryResult<usize> {
        let condition = Condition::new(filter.clone().into_stored(E::meta()));
        execute(self, &Delete { meta: E::meta(), condition: &condition })
    }
}

fn select_all<'q, E: Entity>(query: &'q EntityQuery<E>, condition: &'q Condition) -> Select<'q> {
    Select {
        meta: E::meta(),
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
fn value_at<'a, E: Entity, DB: Dialect>(
    row: &impl Row<'a, DB>,
    position: usize,
    column: usize,
) -> diesel::deserialize::Result<Value> {
    E::meta()
        .columns
        .get(column)
        .map_or(Ok(Value::Null), |column| cell::read::<DB>(row, position, column))
}

/// Returns a primary key as it is stored.
fn stored_key<E: Entity>(key: &E::Key) -> RecordKey {
    let mut key = key.to_record_key();
    for (column, value) in E::meta().key_columns().zip(&mut key.0) {
        if let std::borrow::Cow::Owned(stored) = column.stored(value) {
            *value = stored;
        }
    }
    key
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
) -> diesel::deserialize::Result<()> {
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
fn count_at<'a, DB: Dialect>(
    row: &impl Row<'a, DB>,
    position: usize,
) -> diesel::deserialize::Result<u64> {
    Ok(number_at(row, position)?.unwrap_or_default())
}

/// Reads a number in a row that is not negative.
fn number_at<'a, DB: Dialect>(
    row: &impl Row<'a, DB>,
    position: usize,
) -> diesel::deserialize::Result<Option<u64>> {
    if row.get(position).is_some_and(|field| field.is_null()) {
        return Ok(None);
    }
    Ok(Some(u64::try_from(DB::read_big_int(row, position)?)?))
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

fn load<C, S, T>(
    connection: &mut C,
    statement: &S,
    mut read: impl FnMut(&<C as LoadConnection>::Row<'_, '_>) -> diesel::deserialize::Result<T>,
) -> QueryResult<Vec<T>>
where
    C: Engine,
    S: QueryFragment<C::Backend> + Query<SqlType = Untyped> + QueryId,
{
    observe::observed(
        || {
            let mut rows = Vec::new();
            for row in LoadConnection::load(connection, ByRef(statement))? {
                rows.push(read(&row?).map_err(Error::DeserializationError)?);
            }
            Ok(rows)
        },
        |rows| rows.len() as u64,
    )
}

/// Loads the row of a statement that finds one at most: the engine need not look for another.
fn load_one<C, S, T>(
    connection: &mut C,
    statement: &S,
    read: impl FnOnce(&<C as LoadConnection>::Row<'_, '_>) -> diesel::deserialize::Result<T>,
) -> QueryResult<Option<T>>
where
    C: Engine,
    S: QueryFragment<C::Backend> + Query<SqlType = Untyped> + QueryId,
{
    observe::observed(
        || {
            let row = LoadConnection::load(connection, ByRef(statement))?.next();
            row.map(|row| read(&row?).map_err(Error::DeserializationError)).transpose()
        },
        |row| u64::from(row.is_some()),
    )
}

fn execute<C, S>(connection: &mut C, statement: &S) -> QueryResult<usize>
where
    C: Engine,
    S: QueryFragment<C::Backend> + QueryId,
{
    observe::observed(|| connection.execute_returning_count(statement), |&rows| rows as u64)
}

/// Lends a statement to Diesel, which wants to own what it loads.
struct ByRef<'s, S>(&'s S);

impl<S: QueryId> QueryId for ByRef<'_, S> {
    type QueryId = S::QueryId;
    const HAS_STATIC_QUERY_ID: bool = S::HAS_STATIC_QUERY_ID;
}

impl<S: Query> Query for ByRef<'_, S> {
    type SqlType = S::SqlType;
}

impl<S: QueryFragment<DB>, DB: Dialect> QueryFragment<DB> for ByRef<'_, S> {
    fn walk_ast<'b>(&'b self, out: diesel::query_builder::AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}
