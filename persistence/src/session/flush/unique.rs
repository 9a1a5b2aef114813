//! Values that must be unique and go from one row to another within one flush.

use std::collections::HashMap;

use super::{Writing, rekeying};
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, ColumnSet, Draft as _, Entity, Given, Storage};
use crate::error::{FieldError, Invalid, Result};
use crate::rules::check_change;
use crate::session::identity_map::{AllRows, Rows, State, changes};
use crate::store::Store;
use crate::value::Value;

/// Columns whose values no two rows share.
pub(super) type UniqueSet = &'static [usize];

/// Who takes over whose unique values.
#[derive(Default)]
pub(super) struct Exchanges {
    /// For a changed row: the changed rows that free values it takes, and which.
    pub before: HashMap<u32, Vec<(u32, UniqueSet)>>,
    /// Rows whose values are taken by rows to be inserted, or that are to be deleted and have
    /// values that others take.
    pub first: Vec<(u32, UniqueSet)>,
    /// Whether a row to be inserted has the key of one that is to be deleted.
    pub replaces: bool,
}

impl Exchanges {
    pub(super) fn of<C: Store<E>, E: Entity>(
        rows: &Rows<E>,
        session: u32,
        others: &AllRows<C>,
    ) -> Self {
        let sets: Vec<UniqueSet> = unique_sets::<E>().collect();
        let mut freed: HashMap<(UniqueSet, Vec<Value>), u32> = HashMap::new();
        for (row, state) in rows.touched() {
            let (base, written) = match state {
                State::Changed { base, mine } => (&**base, changes(&**base, mine)),
                // What is only marked as deleted keeps its values.
                State::Deleted(base) if E::meta().deleted().is_none() => (&**base, ColumnSet::ALL),
                _ => continue,
            };
            for &set in sets.iter().filter(|set| written.intersects(columns(set))) {
                if let Some(values) = values(set, |column| Some(base.value(column))) {
                    freed.insert((set, values), row);
                }
            }
        }
        let mut exchanges = Self::default();
        if freed.is_empty() {
            return exchanges;
        }
        for (row, state) in rows.touched() {
            for &set in &sets {
                let taken = match state {
                    State::Changed { base, mine }
                        if changes(&**base, mine).intersects(columns(set)) =>
                    {
                        values(set, |column| Some(mine.value(column)))
                    }
                    State::Pending(draft) => values(set, |column| match draft.given(column) {
                        Given::Value(value) => Some(value),
                        Given::Row(slot) => super::value_of(slot, session, rows, others),
                        Given::Filled => None,
                    }),
                    _ => None,
                };
                let Some(&other) = taken.and_then(|values| freed.get(&(set, values))) else {
                    continue;
                };
                exchanges.note(rows, row, other, set);
            }
        }
        exchanges
    }

    fn note<E: Entity>(&mut self, rows: &Rows<E>, row: u32, other: u32, set: UniqueSet) {
        match (rows.state(row), rows.state(other)) {
            _ if row == other => {}
            (State::Changed { .. }, State::Changed { .. }) => {
                self.before.entry(row).or_default().push((other, set));
            }
            // Once the other is deleted, or else over it.
            (State::Pending(_), State::Deleted(_)) if set == E::meta().key => self.replaces = true,
            _ => self.first.push((other, set)),
        }
    }
}

fn unique_sets<E: Entity>() -> impl Iterator<Item = UniqueSet> {
    let meta = E::meta();
    meta.unique.iter().copied().chain([meta.key])
}

/// Returns whether a unique value is among the columns.
pub(super) fn may_be_exchanged<E: Entity>(changed: ColumnSet) -> bool {
    unique_sets::<E>().any(|set| changed.intersects(columns(set)))
}

fn columns(set: &[usize]) -> ColumnSet {
    set.iter().copied().collect()
}

/// Returns the values of a set; `None` where one is NULL, for then it is like no other.
fn values(set: UniqueSet, value: impl Fn(usize) -> Option<Value>) -> Option<Vec<Value>> {
    set.iter().map(|&column| value(column).filter(|value| !value.is_null())).collect()
}

/// Returns whether a row has to be deleted before others can take its value, which cannot be NULL.
pub(in crate::session) fn frees_by_deleting<C: Store<E>, E: Entity>(
    rows: &Rows<E>,
    session: u32,
    others: &AllRows<C>,
) -> bool {
    let exchanges = Exchanges::of(rows, session, others);
    let frees = |(row, set): &(u32, UniqueSet)| {
        matches!(rows.state(*row), State::Deleted(_)) && nullable_column::<E>(set).is_none()
    };
    exchanges.replaces || exchanges.first.iter().any(frees)
}

/// Frees unique values before rows are inserted that take them.
pub(in crate::session) fn free<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
) -> Result<()> {
    let may_take = |state: &State<E>| matches!(state, State::Pending(_) | State::Deleted(_));
    if !rows.touched().any(|(_, state)| may_take(state)) {
        return Ok(());
    }
    let exchanges = Exchanges::of(rows, writing.session.id, others);
    for &(row, set) in &exchanges.first {
        let is_linked = rows.links_of(row).next().is_some();
        if is_linked || matches!(rows.state(row), State::Deleted(_)) {
            park(rows, writing, others, (row, set))?;
        } else {
            super::update::update_rows(rows, writing, others, std::iter::once(row), &exchanges)?;
        }
    }
    Ok(())
}

/// Lets a row let go of a unique value until it is written, or deleted.
pub(super) fn park<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
    (row, set): (u32, UniqueSet),
) -> Result<()> {
    let (column, value) = parking_place::<E>(set)?;
    let set_aside = |base: &E| -> Result<E> {
        let mut parked = base.clone();
        parked.set_value(column, value.clone()).map_err(|error| Invalid {
            entity: E::meta().name,
            errors: vec![FieldError::of_value(
                E::meta().names(&[column]).concat().as_str(),
                &error,
            )],
        })?;
        Ok(parked)
    };
    let changed = ColumnSet::EMPTY.with(column);
    if let State::Deleted(base) = rows.state(row) {
        let base = base.clone();
        let mut parked = set_aside(&base)?;
        writing.update_row(&*base, &mut parked, changed, || rows.known(row))?;
        rows.written(row, State::Deleted(Box::new(parked)));
        return rekeying::note(rows, writing, others, row, &base.key());
    }
    let Some((base, mine)) = rows.take_changed(row) else { return Ok(()) };
    // By the rules a change is one of what was stored, not of what is set aside.
    let checked = check_change(&*base, &mine).map_err(Into::into);
    let parked = checked.and_then(|()| set_aside(&base)).and_then(|mut parked| {
        writing.update_row(&base, &mut parked, changed, || rows.known(row))?;
        Ok(parked)
    });
    match parked {
        Ok(parked) => {
            let before = base.key();
            rows.updated(row, base, parked, Some(mine));
            rekeying::note(rows, writing, others, row, &before)
        }
        Err(error) => {
            rows.put_back(row, base, mine);
            Err(error)
        }
    }
}

fn nullable_column<E: Entity>(set: UniqueSet) -> Option<usize> {
    let is_nullable =
        |&column: &usize| E::meta().columns.get(column).is_some_and(|column| column.is_nullable);
    set.iter().copied().find(is_nullable)
}

/// Returns a column of a unique set, and a value that no other row has.
fn parking_place<E: Entity>(set: UniqueSet) -> Result<(usize, Value)> {
    let meta = E::meta();
    if let Some(column) = nullable_column::<E>(set) {
        return Ok((column, Value::Null));
    }
    let parked = set.iter().find_map(|&position| {
        let column = meta.columns.get(position)?;
        Some((position, unused_value(column)?))
    });
    parked.ok_or_else(|| {
        let column = meta.names(set).join(", ");
        let message = "goes from one row to another, which takes a flush in between";
        Invalid { entity: meta.name, errors: vec![FieldError::new(column, message)] }.into()
    })
}

fn unused_value(column: &ColumnMeta) -> Option<Value> {
    if column.references.is_some() || column.fill.is_by_database() {
        return None;
    }
    let random = uuid::Uuid::new_v4().as_u128();
    Some(match (column.column_type, column.storage) {
        (ColumnType::Text, _) => Value::Text(format!("~{:016x}", random & u128::from(u64::MAX))),
        (ColumnType::Integer { .. }, storage) => {
            // All numbers below zero: the more there are, the surer it is that nobody has this one.
            let bits = match storage {
                Storage::SmallInt => 15,
                Storage::Integer => 31,
                _ => 63,
            };
            let below = i64::try_from(random & ((1 << bits) - 1)).unwrap_or(0);
            Value::Integer(-1 - below)
        }
        _ => return None,
    })
}
