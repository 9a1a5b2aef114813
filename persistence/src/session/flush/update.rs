//! Updating what was changed.

use std::collections::HashSet;

use super::unique::{Exchanges, UniqueSet, may_be_exchanged};
use super::{Writing, rekeying};
use crate::entity::{ColumnSet, Entity};
use crate::error::{FieldError, Invalid, Result};
use crate::repository::stamp;
use crate::rules::check_change;
use crate::session::identity_map::{AllRows, Rows, State, changes};
use crate::store::Store;

/// Updates the changed columns of rows that were changed.
pub(in crate::session) fn update<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
) -> Result<()> {
    resolve_links(rows, writing, others)?;
    // In key order, so that two sessions never wait for each other crosswise.
    let mut changed: Vec<(E::Key, u32, ColumnSet)> = rows
        .touched()
        .filter_map(|(row, state)| match state {
            State::Changed { base, mine } => Some((base.key(), row, changes(&**base, mine))),
            _ => None,
        })
        .collect();
    changed.sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    changed.dedup_by_key(|(_, row, _)| *row);
    let all = changed.iter().fold(ColumnSet::EMPTY, |all, (_, _, changed)| all.union(*changed));
    if !may_be_exchanged::<E>(all) {
        return changed
            .into_iter()
            .try_for_each(|(_, row, changed)| write(rows, writing, others, (row, changed)));
    }
    let exchanges = Exchanges::of(rows, writing.session.id, others);
    update_rows(rows, writing, others, changed.into_iter().map(|(_, row, _)| row), &exchanges)
}

/// Updates rows, each after those that free a unique value it takes; where these go round in a
/// circle, or where one of them refers to a row that has no key yet, one row lets go of its value first.
pub(super) fn update_rows<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
    wanted: impl Iterator<Item = u32>,
    exchanges: &Exchanges,
) -> Result<()> {
    let (mut parked, mut open) = (HashSet::new(), HashSet::new());
    for row in wanted {
        let mut path = vec![row];
        while let Some(&row) = path.last() {
            open.insert(row);
            let frees = exchanges.before.get(&row).map_or(&[][..], Vec::as_slice);
            let is_in_the_way = |blocker: &&(u32, UniqueSet)| {
                matches!(rows.state(blocker.0), State::Changed { .. }) && !parked.contains(*blocker)
            };
            match frees.iter().find(is_in_the_way) {
                None => {
                    write_whole(rows, writing, others, row)?;
                    path.pop();
                }
                Some(&(other, set))
                    if open.contains(&other) || rows.links_of(other).next().is_some() =>
                {
                    super::unique::park(rows, writing, others, (other, set))?;
                    // Other values that it gives up are still its own.
                    parked.insert((other, set));
                }
                Some(&(other, _)) => path.push(other),
            }
        }
    }
    Ok(())
}

/// Writes whatever differs in a row by now.
fn write_whole<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
    row: u32,
) -> Result<()> {
    let State::Changed { base, mine } = rows.state(row) else { return Ok(()) };
    let changed = changes(&**base, mine);
    write(rows, writing, others, (row, changed))
}

fn write<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
    (row, changed): (u32, ColumnSet),
) -> Result<()> {
    let Some((base, mut mine)) = rows.take_changed(row) else { return Ok(()) };
    let written = check_change(&*base, &mine).map_err(Into::into).and_then(|()| {
        if changed.is_empty() {
            mine.clone_from(&base);
            return Ok(());
        }
        let changed = stamp(&mut mine, changed, writing.now);
        writing.update_row(&base, &mut mine, changed, || rows.known(row))
    });
    match written {
        Ok(()) => {
            let before = base.key();
            rows.updated(row, base, mine, None);
            rekeying::note(rows, writing, others, row, &before)
        }
        Err(error) => {
            rows.put_back(row, base, mine);
            Err(error)
        }
    }
}

/// Gives references the keys of rows that were inserted meanwhile.
fn resolve_links<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &Writing<'_, C>,
    others: &AllRows<C>,
) -> Result<()> {
    for link in rows.links().cloned().collect::<Vec<_>>() {
        let column = E::meta().columns.get(link.column);
        let value = super::value_of(link.to, writing.session.id, rows, others);
        let set = value
            .ok_or_else(|| "refers to a row that is not in this session".to_owned())
            .and_then(|value| {
                let at = (link.row, link.column);
                rows.resolve(at, value).map_err(|error| error.to_string())
            });
        set.map_err(|message| Invalid {
            entity: E::meta().name,
            errors: vec![FieldError::new(column.map_or("", |column| column.name), message)],
        })?;
    }
    Ok(())
}
