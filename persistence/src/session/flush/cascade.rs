//! What deleting rows makes of those that refer to them.

use std::any::TypeId;
use std::collections::HashMap;

use super::Deleted;
use crate::backend::Engine;
use crate::entity::{Draft as _, Entity, EntityMeta, Given, OnDelete, Orphan, Slot};
use crate::session::identity_map::{AllRows, Rows, State};
use crate::session::rows::first_value;
use crate::value::Value;

/// Follows deletions to the rows the session has of those that refer to the deleted ones.
pub(super) fn cascade<C: Engine>(all: &mut AllRows<C>, session: u32) {
    for rows in all.values_mut().filter(|rows| rows.is_touched()) {
        rows.remove_orphans();
    }
    let deleted: Vec<(TypeId, Deleted)> = all
        .iter()
        .map(|(entity, rows)| (*entity, rows.to_delete()))
        // Marking rows as deleted is nothing to those that refer to them.
        .filter(|(_, deleted)| !deleted.is_empty() && deleted.meta.deleted().is_none())
        .collect();
    if deleted.is_empty() {
        return;
    }
    follow(all, deleted, session);
    for rows in all.values_mut().filter(|rows| rows.is_touched()) {
        rows.prepare();
    }
}

/// Makes the session's rows what deleting these makes of them.
pub(in crate::session) fn follow<C: Engine>(
    all: &mut AllRows<C>,
    mut deleted: Vec<(TypeId, Deleted)>,
    session: u32,
) {
    while let Some((parent, parents)) = deleted.pop() {
        for (entity, rows) in all.iter_mut() {
            let more = rows.parents_deleted(parent, &parents, session);
            if !more.is_empty() {
                deleted.push((*entity, more));
            }
        }
    }
}

/// Has rows read again that deleting unknown rows of a table may have changed or taken along.
pub(in crate::session) fn expire_referring<C: Engine>(all: &mut AllRows<C>, table: &'static str) {
    let mut tables = vec![table];
    let mut next = 0;
    while let Some(&table) = tables.get(next) {
        next += 1;
        for rows in all.values_mut() {
            let meta = rows.meta();
            let mut rules = meta
                .columns
                .iter()
                .filter_map(|column| column.references.as_ref())
                .filter(|reference| (reference.entity)().table == table)
                .map(|reference| reference.on_delete)
                .filter(|rule| *rule != OnDelete::Restrict)
                .peekable();
            if rules.peek().is_none() {
                continue;
            }
            rows.expire_written();
            if rules.any(|rule| rule == OnDelete::Cascade) && !tables.contains(&meta.table) {
                tables.push(meta.table);
            }
        }
    }
}

/// Whether values are taken that only deleting frees, and nothing has to be updated before.
pub(super) fn should_delete_first<C: Engine>(all: &AllRows<C>, session: u32) -> bool {
    let deleted: Vec<Deleted> =
        all.values().map(|rows| rows.to_delete()).filter(|deleted| !deleted.is_empty()).collect();
    !deleted.is_empty()
        && all.values().any(|rows| rows.frees_by_deleting(session, all))
        && !all.values().any(|rows| deleted.iter().any(|parents| rows.moves_away(parents)))
}

/// The columns in which rows of one entity refer to another.
fn references(
    meta: &'static EntityMeta,
    parent: &'static EntityMeta,
) -> impl Iterator<Item = (usize, &'static crate::entity::Reference)> {
    (0..)
        .zip(meta.columns)
        .filter_map(|(position, column)| Some((position, column.references.as_ref()?)))
        .filter(|(_, reference)| (reference.entity)().table == parent.table)
}

/// Whether a changed row refers to a deleted one in the database, and is to refer to another.
pub(in crate::session) fn moves_away<E: Entity>(rows: &Rows<E>, parents: &Deleted) -> bool {
    references(E::meta(), parents.meta).any(|(column, _)| {
        let linked = linked(rows, column);
        rows.touched().any(|(row, state)| match state {
            State::Changed { base, mine } => {
                let before = base.value(column);
                let moves = linked.contains_key(&row) || before != mine.value(column);
                moves && parents.keys.contains(&before)
            }
            _ => false,
        })
    })
}

/// The rows that are to refer in a column to rows without a key yet.
fn linked<E: Entity>(rows: &Rows<E>, column: usize) -> HashMap<u32, Slot> {
    let links = rows.links.iter().filter(|link| link.column == column);
    links.map(|link| (link.row, link.to)).collect()
}

/// What becomes of one row.
enum Fate {
    /// The database deletes it along.
    Gone,
    /// It has to be deleted: the database does not know yet that it would go along.
    Delete,
    /// Its reference becomes NULL.
    Null,
}

/// Makes the session's rows what deleting others makes of them. Returns the rows that are deleted
/// along.
pub(in crate::session) fn parents_deleted<E: Entity>(
    rows: &mut Rows<E>,
    parent: TypeId,
    parents: &Deleted,
    session: u32,
) -> Deleted {
    let mut deleted = Deleted::new(E::meta());
    // The database deletes rows along only after others were written: too late for those that take
    // their unique values.
    let may_be_in_the_way = !E::meta().unique.is_empty()
        && rows
            .touched()
            .any(|(_, state)| matches!(state, State::Pending(_) | State::Changed { .. }));
    for (column, reference) in references(E::meta(), parents.meta) {
        let linked = linked(rows, column);
        let fates: Vec<(u32, Fate)> = rows
            .states()
            .filter_map(|(row, state)| {
                let refers = |value: &Value| parents.keys.contains(value);
                let is_one = |slot: Slot| {
                    slot == (Slot { session, row: slot.row, entity: parent })
                        && parents.rows.contains(&slot.row)
                };
                let (is_meant, is_known) = match state {
                    State::Pending(draft) => {
                        let is_meant = match draft.given(column) {
                            Given::Value(value) => refers(&value),
                            Given::Row(slot) => is_one(slot),
                            Given::Filled => false,
                        };
                        (is_meant, true)
                    }
                    State::Stored(entity) => (refers(&entity.value(column)), true),
                    State::Changed { base, mine } => {
                        let is_meant = linked
                            .get(&row)
                            .map_or_else(|| refers(&mine.value(column)), |&slot| is_one(slot));
                        (is_meant, refers(&base.value(column)))
                    }
                    State::Deleted(_) | State::Expired(_) | State::Gone => (false, false),
                };
                let fate = match (is_meant, reference.on_delete) {
                    (false, _) | (true, OnDelete::Restrict) => return None,
                    (true, OnDelete::SetNull) => Fate::Null,
                    (true, OnDelete::Cascade) if state.base().is_none() => Fate::Gone,
                    (true, OnDelete::Cascade) if is_known && !may_be_in_the_way => Fate::Gone,
                    (true, OnDelete::Cascade) => Fate::Delete,
                };
                Some((row, fate))
            })
            .collect();
        for (row, fate) in fates {
            match fate {
                Fate::Null => set_null(rows, row, column),
                Fate::Gone | Fate::Delete => {
                    let key = rows.state(row).base().and_then(first_value);
                    deleted.add(row, key);
                    if let Fate::Gone = fate {
                        rows.written(row, State::Gone);
                    } else {
                        rows.delete_along(row);
                    }
                }
            }
        }
    }
    deleted
}

fn set_null<E: Entity>(rows: &mut Rows<E>, row: u32, column: usize) {
    let without = |entity: &E| {
        let mut entity = entity.clone();
        // A column that becomes NULL takes NULL; else the database will say so.
        entity.set_value(column, Value::Null).is_ok().then_some(entity)
    };
    let state = match rows.state(row) {
        State::Pending(draft) => {
            let mut draft = draft.clone();
            draft.refer(column, None).then_some(State::Pending(draft))
        }
        State::Stored(entity) => without(entity).map(State::Stored),
        State::Changed { base, mine } => {
            without(mine).map(|mine| State::Changed { base: base.clone(), mine })
        }
        _ => None,
    };
    if let Some(state) = state {
        rows.written(row, state);
    }
}

/// Marks rows for deletion whose reference became NULL and that may not stay without it.
pub(in crate::session) fn remove_orphans<E: Entity>(rows: &mut Rows<E>) {
    let owned: Vec<usize> = (0..)
        .zip(E::meta().columns)
        .filter(|(_, column)| {
            column.references.as_ref().is_some_and(|other| other.orphan == Orphan::Delete)
        })
        .map(|(position, _)| position)
        .collect();
    if owned.is_empty() {
        return;
    }
    let orphans: Vec<u32> = rows
        .touched()
        .filter_map(|(row, state)| {
            let State::Changed { base, mine } = state else { return None };
            let is_orphan = owned.iter().any(|&column| {
                !base.value(column).is_null()
                    && mine.value(column).is_null()
                    && !rows.links.iter().any(|link| (link.row, link.column) == (row, column))
            });
            is_orphan.then_some(row)
        })
        .collect();
    for row in orphans {
        rows.delete_along(row);
    }
    rows.prepare();
}
