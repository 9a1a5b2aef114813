//! Deleting what was marked.

use std::collections::{HashMap, VecDeque};

use super::Writing;
use crate::backend::{Dialect, InsertStyle};
use crate::entity::{ColumnSet, Entity, EntityId, OnDelete};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::repository::stamp;
use crate::scalar::PrimaryKey as _;
use crate::session::identity_map::{Rows, State};
use crate::session::rows::first_value;
use crate::sql::{Typed, can_be_sent, guard_of_deletion, length_sent};
use crate::store::Store;
use crate::value::Value;

/// Rows deleted by one statement, where that is faster than one statement a row.
const ROWS_PER_STATEMENT: usize = 100;

/// Bytes of long values that are compared by one such statement.
const BYTES_PER_STATEMENT: usize = 32 * 1024;

/// Deletes the rows that are marked; of rows that refer to others of the same table, these first.
pub(in crate::session) fn delete<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
) -> Result<()> {
    // In key order, so that two sessions never wait for each other crosswise.
    let mut marked: Vec<(E::Key, u32)> = rows
        .touched()
        .filter_map(|(row, state)| match state {
            State::Deleted(base) => Some((base.key(), row)),
            _ => None,
        })
        .collect();
    marked.sort_unstable();
    marked.dedup();
    let marked: Vec<u32> = marked.into_iter().map(|(_, row)| row).collect();
    if let Some(column) = E::meta().deleted() {
        return marked.into_iter().try_for_each(|row| mark(rows, writing, row, column));
    }
    let to_itself = references(E::meta(), &[E::meta().table]);
    let (order, circle) = children_first(rows, &marked, &to_itself);
    // MySQL takes such a row for one that stands in its own way.
    let held: Vec<u32> =
        order.iter().copied().filter(|row| holds_itself(rows, *row, &to_itself)).collect();
    take_back_references(rows, writing, &held, &to_itself)?;
    take_back_references(rows, writing, &circle, &to_itself)?;
    let order: Vec<u32> = order.into_iter().chain(circle).collect();
    let size = match C::Backend::INSERT {
        InsertStyle::ManyReturning | InsertStyle::ManyCounting if to_itself.is_empty() => {
            ROWS_PER_STATEMENT
        }
        _ => 1,
    };
    let mut left = order.as_slice();
    while !left.is_empty() {
        let (chunk, others) = left.split_at(fitting::<C, E>(rows, left, size));
        left = others;
        delete_chunk(rows, writing, chunk)?;
        for &row in chunk {
            note_version(rows, writing, row);
            rows.written(row, State::Gone);
        }
    }
    Ok(())
}

/// Remembers the version of a row that is deleted, for one that gets its key.
fn note_version<C: Store<E>, E: Entity>(rows: &Rows<E>, writing: &mut Writing<'_, C>, row: u32) {
    let Some(version) = E::meta().version.filter(|_| !E::meta().has_generated_key()) else {
        return;
    };
    if let Some(base) = rows.state(row).base() {
        let key = (EntityId::of::<E>(), base.key().to_record_key());
        writing.deleted_versions.insert(key, base.value(version));
    }
}

/// Returns how many of the first rows are deleted by one statement: no more than every server takes.
fn fitting<C: Store<E>, E: Entity>(rows: &Rows<E>, order: &[u32], most: usize) -> usize {
    if most == 1 {
        return 1;
    }
    let guard = guard_of_deletion(E::meta());
    let mut sum = 0;
    let fits = |row: &&u32| {
        let base = rows.state(**row).base();
        sum += base
            .and_then(|base| length_sent::<C::Backend, _>(Typed::<E>::ENTITY, base, guard))
            .unwrap_or(0);
        sum <= BYTES_PER_STATEMENT
    };
    order.iter().take(most).take_while(fits).count().max(1)
}

/// Marks a row as deleted, by the time.
fn mark<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    row: u32,
    column: usize,
) -> Result<()> {
    let State::Deleted(base) = rows.state(row) else { return Ok(()) };
    let base = base.clone();
    let mut marked = (*base).clone();
    marked
        .set_value(column, Value::Timestamp(writing.now))
        .map_err(|error| refused::<E>(column, &error))?;
    let changed = stamp(&mut marked, ColumnSet::EMPTY.with(column), writing.now);
    let guard = guard_of_deletion(E::meta());
    writing.update_if(&*base, &mut marked, changed, (guard, || rows.known(row)))?;
    rows.updated(row, base, marked, None);
    rows.written(row, State::Gone);
    Ok(())
}

/// Makes the error for the time of a deletion that does not fit its column.
fn refused<E: Entity>(column: usize, error: &crate::ValueError) -> Error {
    let field = E::meta().names(&[column]).concat();
    Invalid { entity: E::meta().name, errors: vec![FieldError::of_value(&field, error)] }.into()
}

fn delete_chunk<C: Store<E>, E: Entity>(
    rows: &Rows<E>,
    writing: &mut Writing<'_, C>,
    chunk: &[u32],
) -> Result<()> {
    let base = |row: u32| rows.state(row).base().cloned();
    let mut bases: Vec<E> = chunk.iter().filter_map(|&row| base(row)).collect();
    let guard = guard_of_deletion(E::meta());
    if bases.len() > 1
        && bases.iter().all(|base| can_be_sent::<C::Backend, _>(Typed::<E>::ENTITY, base, guard))
    {
        writing.session.begin_savepoint()?;
        let affected = writing
            .send(&mut bases, |connection, bases| Store::<E>::delete(connection, bases, guard));
        match affected {
            Ok(affected) if affected == bases.len() => return writing.session.release_savepoint(),
            // One by one, to find out which is not as it was read.
            Ok(_) => writing.session.rollback_savepoint()?,
            Err(error) => {
                // The first error is what matters.
                writing.session.rollback_savepoint().ok();
                return Err(error);
            }
        }
    }
    chunk
        .iter()
        .filter_map(|&row| Some((row, base(row)?)))
        .try_for_each(|(row, base)| writing.delete_row(&base, || rows.known(row)))
}

/// Returns the columns that refer to rows of one of the tables.
fn references(meta: &crate::entity::EntityMeta, tables: &[&str]) -> Vec<usize> {
    (0..)
        .zip(meta.columns)
        .filter(|(_, column)| {
            column
                .references
                .as_ref()
                .is_some_and(|other| tables.contains(&other.entity.meta().table))
        })
        .map(|(position, _)| position)
        .collect()
}

/// Takes back the references of rows that are to be deleted to rows of other tables that are, too,
/// and refer to these.
pub(in crate::session) fn leave_circle<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    tables: &[&str],
) -> Result<()> {
    let columns = references(E::meta(), tables);
    let marked: Vec<u32> = rows
        .touched()
        .filter(|(_, state)| matches!(state, State::Deleted(_)))
        .map(|(row, _)| row)
        .collect();
    take_back_references(rows, writing, &marked, &columns)
}

/// Sets references NULL, where they may be.
fn take_back_references<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    wanted: &[u32],
    columns: &[usize],
) -> Result<()> {
    let is_nullable =
        |&column: &usize| E::meta().columns.get(column).is_some_and(|column| column.is_nullable);
    for &row in wanted {
        let State::Deleted(base) = rows.state(row) else { continue };
        let base = base.clone();
        let mut parted = base.clone();
        let mut changed = ColumnSet::EMPTY;
        for column in columns.iter().copied().filter(is_nullable) {
            let was_set = !base.value(column).is_null();
            if was_set && parted.set_value(column, Value::Null).is_ok() {
                changed = changed.with(column);
            }
        }
        if !changed.is_empty() {
            writing.update_row(&*base, &mut *parted, changed, || rows.known(row))?;
            rows.written(row, State::Deleted(parted));
        }
    }
    Ok(())
}

/// Returns whether a row refers to itself by a reference that keeps what it refers to.
fn holds_itself<E: Entity>(rows: &Rows<E>, row: u32, to_itself: &[usize]) -> bool {
    let Some(base) = rows.state(row).base() else { return false };
    let keeps = |column: &&usize| {
        let column = E::meta().columns.get(**column);
        let reference = column.and_then(|column| column.references.as_ref());
        reference.is_some_and(|reference| reference.on_delete == OnDelete::Restrict)
    };
    to_itself.iter().filter(keeps).any(|&column| Some(base.value(column)) == first_value(base))
}

/// Returns the rows in an order in which each comes after those that refer to it, and those of them
/// that refer to each other in a circle.
///
/// Source: A. B. Kahn, "Topological sorting of large networks", 1962.
fn children_first<E: Entity>(
    rows: &Rows<E>,
    marked: &[u32],
    to_itself: &[usize],
) -> (Vec<u32>, Vec<u32>) {
    if to_itself.is_empty() {
        return (marked.to_vec(), Vec::new());
    }
    let base = |row: u32| rows.state(row).base();
    let by_key: HashMap<Value, u32> =
        marked.iter().filter_map(|&row| Some((base(row).and_then(first_value)?, row))).collect();
    let parents = |row: u32| {
        let values = to_itself.iter().filter_map(move |&column| Some(base(row)?.value(column)));
        values.filter_map(|value| by_key.get(&value).copied()).filter(move |&parent| parent != row)
    };
    let mut children: HashMap<u32, usize> = HashMap::new();
    for &row in marked {
        for parent in parents(row) {
            *children.entry(parent).or_default() += 1;
        }
    }
    let mut free: VecDeque<u32> =
        marked.iter().copied().filter(|row| !children.contains_key(row)).collect();
    let mut order = Vec::with_capacity(marked.len());
    while let Some(row) = free.pop_front() {
        order.push(row);
        for parent in parents(row) {
            if let Some(left) = children.get_mut(&parent) {
                *left -= 1;
                if *left == 0 {
                    children.remove(&parent);
                    free.push_back(parent);
                }
            }
        }
    }
    let circle = marked.iter().copied().filter(|row| children.contains_key(row)).collect();
    (order, circle)
}
