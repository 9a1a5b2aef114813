//! Keys that change: what refers to the row follows it.

use super::Writing;
use super::cascade::references;
use crate::entity::{Draft as _, Entity, EntityMeta, Given};
use crate::error::Result;
use crate::filter::{Comparison, Filter};
use crate::session::identity_map::{AllRows, Rows, State};
use crate::session::rows::first_value;
use crate::store::Store;
use crate::value::Value;

/// A row that others refer to by another value now.
pub(in crate::session) struct Rekeyed {
    /// Whose row it is.
    pub meta: &'static EntityMeta,
    pub before: Value,
    pub after: Value,
    /// Whether another row takes the old value, so that what is about to refer to that means it.
    pub is_taken: bool,
}

/// Makes what refers to a row follow it, where its update has changed its key.
pub(super) fn note<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
    row: u32,
    before: &E::Key,
) -> Result<()> {
    let Some(after) = rows.state(row).base().filter(|after| after.key() != *before) else {
        return Ok(());
    };
    let (Some(before), Some(after)) =
        (crate::session::rows::only_value(before), first_value(after))
    else {
        return Ok(());
    };
    let is_taken = rows.touched().any(|(_, state)| match state {
        State::Pending(draft) => {
            let key = E::meta().key.first();
            key.is_some_and(|&key| draft.given(key) == Given::Value(before.clone()))
        }
        State::Changed { mine, .. } => first_value(mine).as_ref() == Some(&before),
        _ => false,
    });
    hand_on(rows, writing, others, &Rekeyed { meta: E::meta(), before, after, is_taken })
}

/// Makes everything that refers to a row follow it.
pub(in crate::session) fn hand_on<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
    rekeyed: &Rekeyed,
) -> Result<()> {
    follow_key(rows, writing, rekeyed)?;
    others.values_mut().try_for_each(|rows| rows.follow_key(writing, rekeyed))
}

/// Makes the references of one entity's rows follow a row whose key has changed. A database that
/// hands keys on has done so; where it does not, and has not refused the change for that, this does.
pub(in crate::session) fn follow_key<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    rekeyed: &Rekeyed,
) -> Result<()> {
    let meta = E::meta();
    for (column, _) in references(meta, rekeyed.meta) {
        let Some(referring) = meta.columns.get(column) else { continue };
        let filter = Filter::compare(referring.name, Comparison::Equal, rekeyed.before.clone());
        let assignment = [(referring, rekeyed.after.clone())];
        let updated = writing.send::<E, _>(&mut [], |connection, _| {
            Store::<E>::update_where(connection, &filter, &assignment)
        })?;
        follow_in_session(rows, column, rekeyed, updated > 0);
    }
    Ok(())
}

fn follow_in_session<E: Entity>(
    rows: &mut Rows<E>,
    column: usize,
    rekeyed: &Rekeyed,
    counts_up: bool,
) {
    let refers = |entity: &E| entity.value(column) == rekeyed.before;
    let follow = |entity: &E| {
        let mut entity = entity.clone();
        entity
            .set_value(column, rekeyed.after.clone())
            .expect("a key fits the columns that refer to it");
        entity
    };
    let stored = |entity: &E| {
        let mut now = follow(entity);
        if counts_up {
            crate::session::repository::count_version_up(entity, &mut now);
        }
        now
    };
    let followed = |row: u32, state: &State<E>| match state {
        State::Stored(entity) if refers(entity) => Some(State::Stored(stored(entity))),
        State::Deleted(base) if refers(base) => Some(State::Deleted(Box::new(stored(base)))),
        State::Changed { base, mine } if refers(base) || refers(mine) => {
            let is_linked = rows.links.iter().any(|link| (link.row, link.column) == (row, column));
            let means_it = refers(mine) && (refers(base) || !rekeyed.is_taken) && !is_linked;
            let mut now = if means_it { follow(mine) } else { mine.clone() };
            let base = if refers(base) {
                if counts_up {
                    crate::session::repository::count_version_up(&**base, &mut now);
                }
                Box::new(stored(base))
            } else {
                base.clone()
            };
            Some(State::Changed { base, mine: now })
        }
        _ => None,
    };
    let states: Vec<(u32, State<E>)> =
        rows.states().filter_map(|(row, state)| Some((row, followed(row, state)?))).collect();
    for (row, state) in states {
        rows.written(row, state);
    }
}
