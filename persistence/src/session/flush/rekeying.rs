//! Keys that change: what refers to the row follows it.

use super::Writing;
use super::cascade::references;
use crate::backend::Engine;
use crate::entity::{Draft as _, Entity, EntityId, EntityMeta, Given, Slot};
use crate::error::Result;
use crate::filter::{Comparison, Filter};
use crate::scalar::PrimaryKey as _;
use crate::session::identity_map::journal::KeyChange;
use crate::session::identity_map::{AllRows, Rows, State};
use crate::session::rows::{first_value, only_value};
use crate::session::settling::are_twins;
use crate::sql::Versions;
use crate::store::{Store, table};
use crate::value::Value;

/// A row that others refer to by another value now.
pub(in crate::session) struct Rekeyed {
    /// Whose row it is.
    pub meta: &'static EntityMeta,
    pub before: Value,
    pub after: Value,
    /// Which one, where that is known.
    pub row: Option<Slot>,
    /// Whether another row takes the old value, so that what is about to refer to that means it.
    pub is_taken: bool,
}

impl Rekeyed {
    /// Makes the change of a row's key; `None` where it is the same, or others cannot refer to it.
    pub fn of<E: Entity>(before: &E::Key, now: &E::Key) -> Option<Self> {
        if before == now {
            return None;
        }
        let (before, after) = (only_value(before)?, only_value(now)?);
        Some(Self { meta: E::meta(), before, after, row: None, is_taken: false })
    }
}

/// Makes what refers to a row follow it, where its update in a flush has changed its key.
pub(super) fn note<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    others: &mut AllRows<C>,
    row: u32,
    before: &E::Key,
) -> Result<()> {
    let Some(now) = rows.state(row).key().filter(|now| now != before) else { return Ok(()) };
    let change = KeyChange { before: Some(before.to_record_key()), now: Some(now.to_record_key()) };
    for other in others.values_mut().filter(|other| are_twins(other.meta(), E::meta())) {
        other.follow_twin(&change);
    }
    let Some(mut rekeyed) = Rekeyed::of::<E>(before, &now) else { return Ok(()) };
    rekeyed.is_taken = rows.touched().any(|(_, state)| match state {
        State::Pending(draft) => {
            let key = E::meta().key.first();
            key.is_some_and(|&key| draft.given(key) == Given::Value(rekeyed.before.clone()))
        }
        State::Changed { mine, .. } => first_value(mine).as_ref() == Some(&rekeyed.before),
        _ => false,
    });
    let session = writing.session.id;
    rekeyed.row = Some(Slot { session, row, entity: EntityId::of::<E>() });
    follow(rekeyed, |rekeyed| {
        let mut along = follow_key(rows, writing, rekeyed)?;
        for other in others.values_mut() {
            along.extend(other.follow_key(writing, rekeyed)?);
        }
        Ok(along)
    })
}

/// Follows a key, and those that follow it in turn.
fn follow(
    rekeyed: Rekeyed,
    mut follow: impl FnMut(&Rekeyed) -> Result<Vec<Rekeyed>>,
) -> Result<()> {
    let mut left = vec![rekeyed];
    let mut followed: Vec<&'static EntityMeta> = Vec::new();
    while let Some(rekeyed) = left.pop() {
        // Keys may go round in a circle.
        if !followed.iter().any(|meta| std::ptr::eq(*meta, rekeyed.meta)) {
            followed.push(rekeyed.meta);
            left.extend(follow(&rekeyed)?);
        }
    }
    Ok(())
}

/// Makes everything that refers to a row follow it, and what refers to that by a key that follows.
pub(in crate::session) fn hand_on<C: Engine>(
    writing: &mut Writing<'_, C>,
    all: &mut AllRows<C>,
    rekeyed: Rekeyed,
) -> Result<()> {
    follow(rekeyed, |rekeyed| {
        let mut along = Vec::new();
        for rows in all.values_mut() {
            along.extend(rows.follow_key(writing, rekeyed)?);
        }
        Ok(along)
    })
}

/// Makes the references of one entity's rows follow a row whose key has changed. A database that
/// hands keys on has done so; where it does not, and has not refused the change for that, this does.
/// Returns the change of these rows' own keys, where their key is that reference.
pub(in crate::session) fn follow_key<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    writing: &mut Writing<'_, C>,
    rekeyed: &Rekeyed,
) -> Result<Vec<Rekeyed>> {
    let meta = E::meta();
    let mut along = Vec::new();
    for (column, _) in references(meta, rekeyed.meta) {
        let Some(referring) = meta.columns.get(column) else { continue };
        let filter = Filter::compare(referring.name, Comparison::Equal, rekeyed.before.clone());
        let assignment = [(referring, rekeyed.after.clone())];
        writing.send::<E, _>(&mut [], |connection, _| {
            table::update_where(connection, E::meta(), &filter, &assignment, Versions::Stay)
        })?;
        follow_in_session(rows, column, rekeyed);
        // Also those of rows that the session does not know.
        if meta.key == [column] {
            let (before, after) = (rekeyed.before.clone(), rekeyed.after.clone());
            along.push(Rekeyed { meta, before, after, row: None, is_taken: rekeyed.is_taken });
        }
    }
    Ok(along)
}

fn follow_in_session<E: Entity>(rows: &mut Rows<E>, column: usize, rekeyed: &Rekeyed) {
    let refers = |entity: &E| entity.value(column) == rekeyed.before;
    let follow = |entity: &E| {
        let mut entity = entity.clone();
        entity
            .set_value(column, rekeyed.after.clone())
            .expect("a key fits the columns that refer to it");
        entity
    };
    let followed = |row: u32, state: &State<E>| match state {
        State::Stored(entity) if refers(entity) => Some(State::Stored(follow(entity))),
        State::Expired(base) if refers(base) => Some(State::Expired(Box::new(follow(base)))),
        State::Deleted(base) if refers(base) => Some(State::Deleted(Box::new(follow(base)))),
        State::Changed { base, mine } if refers(base) || refers(mine) => {
            let means_it = refers(mine)
                && match (rows.meant(row, column), rekeyed.row) {
                    (Some(meant), Some(row)) if meant.entity == row.entity => meant == row,
                    (_, _) => refers(base) || !rekeyed.is_taken,
                };
            let mine = if means_it { follow(mine) } else { mine.clone() };
            let base = if refers(base) { Box::new(follow(base)) } else { base.clone() };
            Some(State::Changed { base, mine })
        }
        _ => None,
    };
    let states: Vec<(u32, State<E>)> =
        rows.states().filter_map(|(row, state)| Some((row, followed(row, state)?))).collect();
    for (row, state) in states {
        rows.followed(row, state);
    }
}
