//! Inserting, and what the database makes of inserted rows: keys, and whatever else it fills in.

use std::collections::HashMap;

use diesel::result::{Error, QueryResult};

use super::rows::{self, rows_per_statement};
use super::{execute, load, load_one, table};
use crate::backend::{Dialect as _, Engine, InsertStyle};
use crate::filter::Filter;
use crate::packet;
use crate::query::Query;
use crate::sql::{
    CountOn, Insert, InsertOne, InsertSilently, InsertWithKeys, LastInsertId, Mapper, MapperFor,
    generated_column, given_columns,
};
use crate::value::{RecordKey, Value};

/// Inserts rows that fit one statement.
pub(super) fn insert_chunk<C, M>(
    connection: &mut C,
    mapper: M,
    rows: &mut [M::Row],
) -> QueryResult<()>
where
    C: Engine,
    M: MapperFor<C::Backend>,
{
    let generated = generated_column(mapper.meta());
    if C::Backend::INSERT == InsertStyle::ManyCounting || generated.is_none() {
        let inserted = match &*rows {
            [row] => execute(connection, &InsertOne { mapper, row })?,
            rows => execute(connection, &Insert { mapper, rows })?,
        };
        check_inserted(rows.len(), inserted, generated.is_none())?;
    }
    let Some((position, _)) = generated else { return Ok(()) };
    let keys = match (C::Backend::INSERT, &*rows) {
        (InsertStyle::ManyCounting, _) => counted_keys(connection, rows.len())?,
        (_, [row]) => {
            load(connection, &InsertOne { mapper, row }, |row| C::Backend::read_big_int(row, 0))?
        }
        (_, rows) => {
            load(connection, &Insert { mapper, rows }, |row| C::Backend::read_big_int(row, 0))?
        }
    };
    check_inserted(rows.len(), keys.len(), false)?;
    for (row, key) in rows.iter_mut().zip(keys) {
        set_key(mapper, row, position, key)?;
    }
    Ok(())
}

/// Refuses to go on where a trigger or a rule of the database has left rows out: which ones nobody
/// says, and the others would get their keys. That none was counted may also mean that a trigger has
/// put them elsewhere, as in partitions of old; then they have to have keys of their own.
fn check_inserted(rows: usize, inserted: usize, have_keys: bool) -> QueryResult<()> {
    if inserted >= rows || have_keys && inserted == 0 {
        return Ok(());
    }
    let message =
        format!("the database has inserted {inserted} of {rows} rows, and left out others");
    Err(Error::SerializationError(message.into()))
}

/// Reads rows that were just inserted, where the database has given them more than a key. Not by
/// `RETURNING`, which says nothing of what a trigger has done since.
pub(super) fn read_back<C, M>(connection: &mut C, mapper: M, rows: &mut [M::Row]) -> QueryResult<()>
where
    C: Engine,
    M: MapperFor<C::Backend>,
{
    let meta = mapper.meta();
    if !meta.has_generated_values() {
        return Ok(());
    }
    let key_of = |row: &M::Row| {
        RecordKey(meta.key.iter().map(|&position| mapper.value(row, position)).collect())
    };
    for rows in rows.chunks_mut(1_000) {
        let mut stored = HashMap::new();
        if let (&[key], [_, _, ..]) = (meta.key, &*rows) {
            let mut query = <Query>::new();
            let column = meta.names(meta.key).first().copied().unwrap_or_default();
            let values = rows.iter().map(|row| mapper.value(row, key)).collect();
            query.filter = Filter::In { column: column.into(), values };
            let read = table::select(connection, mapper, &query)?;
            stored.extend(read.into_iter().map(|row| (key_of(&row), row)));
        }
        for row in rows {
            let key = key_of(row);
            *row = match stored.remove(&key) {
                Some(stored) => stored,
                // Also where the database gives keys back otherwise than it got them.
                None => rows::find(connection, mapper, key)?.ok_or(Error::NotFound)?,
            };
        }
    }
    Ok(())
}

/// Inserts rows one at a time.
///
/// With `RETURNING` SQLite journals every page that a statement touches, which makes an insert
/// three times as dear. So only the first row returns its key; where that is the number by which
/// SQLite knows the row, as it is for every `INTEGER PRIMARY KEY`, the others need not.
pub(super) fn insert_row_by_row<C, M>(
    connection: &mut C,
    mapper: M,
    rows: &mut [M::Row],
) -> QueryResult<()>
where
    C: Engine,
    M: MapperFor<C::Backend>,
{
    let Some((position, _)) = generated_column(mapper.meta()) else {
        let mut inserted = 0;
        for row in &*rows {
            inserted += execute(connection, &InsertSilently { mapper, row })?;
        }
        return check_inserted(rows.len(), inserted, true);
    };
    let returned = |connection: &mut C, row: &M::Row| {
        let keys =
            load(connection, &InsertOne { mapper, row }, |row| C::Backend::read_big_int(row, 0))?;
        check_inserted(1, keys.len(), false)?;
        keys.first().copied().ok_or(Error::NotFound)
    };
    let mut rows = rows.iter_mut();
    let Some(first) = rows.next() else { return Ok(()) };
    let first_key = returned(connection, first)?;
    set_key(mapper, first, position, first_key)?;
    let is_row_number = rows.len() > 0 && inserted_key(connection)? == first_key;
    for row in rows {
        let key = if is_row_number {
            check_inserted(1, execute(connection, &InsertSilently { mapper, row })?, false)?;
            inserted_key(connection)?
        } else {
            returned(connection, row)?
        };
        set_key(mapper, row, position, key)?;
    }
    Ok(())
}

/// Inserts rows with their keys, and has the database count on from the largest.
pub(super) fn insert_given<C, M>(connection: &mut C, mapper: M, rows: &[M::Row]) -> QueryResult<()>
where
    C: Engine,
    M: MapperFor<C::Backend>,
{
    let columns = given_columns(mapper.meta());
    for mut rows in rows.chunks(rows_per_statement::<C::Backend>(columns.clone().count())) {
        while !rows.is_empty() {
            let count = packet::fitting(connection, mapper, rows, &columns)?;
            let (now, later) = rows.split_at(count);
            let inserted = execute(connection, &InsertWithKeys { mapper, rows: now })?;
            check_inserted(now.len(), inserted, true)?;
            rows = later;
        }
    }
    match CountOn::from::<C::Backend, M>(mapper, rows)? {
        Some(count_on) => execute(connection, &count_on).map(drop),
        None => Ok(()),
    }
}

fn set_key<M: Mapper>(mapper: M, row: &mut M::Row, position: usize, key: i64) -> QueryResult<()> {
    mapper
        .set_value(row, position, Value::Integer(key))
        .map_err(|error| Error::DeserializationError(error.into()))
}

/// Returns the key of the row that was inserted last.
fn inserted_key<C: Engine>(connection: &mut C) -> QueryResult<i64> {
    load_one(connection, &LastInsertId, |row| C::Backend::read_big_int(row, 0))?
        .ok_or(Error::NotFound)
}

/// Returns the keys of the rows that the last statement inserted: InnoDB hands out neighbouring
/// keys to a statement whose number of rows it knows beforehand.
fn counted_keys<C: Engine>(connection: &mut C, rows: usize) -> QueryResult<Vec<i64>> {
    let read = load(connection, &LastInsertId, |row| {
        Ok((C::Backend::read_big_int(row, 0)?, C::Backend::read_big_int(row, 1)?))
    })?;
    let &(first, step) = read.first().ok_or(Error::NotFound)?;
    Ok((0..).map(|number| first + number * step).take(rows).collect())
}
