//! Statements that read or write single rows, of a type or of none.

use std::borrow::Cow;

use diesel::result::QueryResult;

use super::inserting::{insert_chunk, insert_given, insert_row_by_row, read_back};
use super::{execute, load_one};
use crate::backend::{Dialect, Engine, InsertStyle};
use crate::entity::{ColumnSet, EntityMeta};
use crate::packet;
use crate::sql::{
    DeleteRow, DeleteRows, InsertOrUpdate, LockKey, MapperFor, SelectKey, Update,
    guard_of_deletion, inserted_columns,
};
use crate::value::RecordKey;

/// Rows inserted in one statement at most, whatever the engine takes.
const MOST_ROWS: usize = 1_000;

/// Returns how many rows of so many columns one statement inserts.
pub(super) fn rows_per_statement<DB: Dialect>(columns: usize) -> usize {
    match DB::INSERT {
        InsertStyle::RowByRow => 1,
        InsertStyle::ManyReturning | InsertStyle::ManyCounting => {
            (DB::MAX_BINDS / columns.max(1)).clamp(1, MOST_ROWS)
        }
    }
}

/// Reads the row with that primary key.
pub(crate) fn find<C: Engine, M: MapperFor<C::Backend>>(
    connection: &mut C,
    mapper: M,
    key: RecordKey,
) -> QueryResult<Option<M::Row>> {
    let key = stored_key(mapper.meta(), key);
    let select = SelectKey::new::<C::Backend>(mapper, &key)?;
    load_one(connection, &select, |row| mapper.read(row))
}

/// Reads and locks the row with that primary key as it is by now.
pub(crate) fn lock<C: Engine, M: MapperFor<C::Backend>>(
    connection: &mut C,
    mapper: M,
    key: RecordKey,
) -> QueryResult<Option<M::Row>> {
    let key = stored_key(mapper.meta(), key);
    let select = LockKey(SelectKey::new::<C::Backend>(mapper, &key)?);
    load_one(connection, &select, |row| mapper.read(row))
}

/// Inserts rows in their order, and fills in what the database gives to them.
pub(crate) fn insert<C: Engine, M: MapperFor<C::Backend>>(
    connection: &mut C,
    mapper: M,
    rows: &mut [M::Row],
) -> QueryResult<()> {
    if C::Backend::INSERT == InsertStyle::RowByRow {
        insert_row_by_row(connection, mapper, rows)?;
        return read_back(connection, mapper, rows);
    }
    let columns = inserted_columns(mapper.meta());
    for mut rows in rows.chunks_mut(rows_per_statement::<C::Backend>(columns.clone().count())) {
        while !rows.is_empty() {
            let count = packet::fitting(connection, mapper, rows, &columns)?;
            let (now, later) = rows.split_at_mut(count);
            insert_chunk(connection, mapper, now)?;
            rows = later;
        }
    }
    read_back(connection, mapper, rows)
}

/// Inserts rows, or updates those that are there: found by some columns, updated in others.
pub(crate) fn insert_or_update<C: Engine, M: MapperFor<C::Backend>>(
    connection: &mut C,
    mapper: M,
    rows: &[M::Row],
    on: ColumnSet,
    set: ColumnSet,
) -> QueryResult<()> {
    let columns = inserted_columns(mapper.meta());
    for mut rows in rows.chunks(rows_per_statement::<C::Backend>(columns.clone().count())) {
        while !rows.is_empty() {
            let count = packet::fitting(connection, mapper, rows, &columns)?;
            let (now, later) = rows.split_at(count);
            execute(connection, &InsertOrUpdate { mapper, rows: now, on, set })?;
            rows = later;
        }
    }
    Ok(())
}

/// Inserts rows as they are given, with their generated keys, and has the database count on from there.
pub(crate) fn insert_with_keys<C: Engine, M: MapperFor<C::Backend>>(
    connection: &mut C,
    mapper: M,
    rows: &mut [M::Row],
) -> QueryResult<()> {
    insert_given(connection, mapper, rows)?;
    read_back(connection, mapper, rows)
}

/// Writes the changed columns of a row that is in its version and some columns as it was read; returns
/// rows affected.
pub(crate) fn update<C: Engine, M: MapperFor<C::Backend>>(
    connection: &mut C,
    mapper: M,
    [base, mine]: [&M::Row; 2],
    changed: ColumnSet,
    guard: ColumnSet,
) -> QueryResult<usize> {
    packet::check(connection, mapper, mine, changed)?;
    execute(connection, &Update { mapper, base, mine, changed, guard })
}

/// Deletes rows that are in their versions and some columns as they were read; returns rows affected.
pub(crate) fn delete<C: Engine, M: MapperFor<C::Backend>>(
    connection: &mut C,
    mapper: M,
    rows: &[M::Row],
    guard: ColumnSet,
) -> QueryResult<usize> {
    match rows {
        [] => Ok(0),
        [row] if guard == guard_of_deletion(mapper.meta()) => {
            execute(connection, &DeleteRow { mapper, row })
        }
        rows => execute(connection, &DeleteRows { mapper, rows, guard }),
    }
}

/// Returns a primary key as it is stored.
fn stored_key(meta: &EntityMeta, mut key: RecordKey) -> RecordKey {
    for (column, value) in meta.key_columns().zip(&mut key.0) {
        if let Cow::Owned(stored) = column.stored(value) {
            *value = stored;
        }
    }
    key
}
