//! What deleting rows makes of those that refer to them.

use std::collections::HashMap;

use super::{Deleted, Writing};
use crate::backend::Engine;
use crate::entity::{Draft as _, Entity, EntityId, EntityMeta, Given, OnDelete, Orphan, Slot};
use crate::error::Result;
use crate::filter::{Comparison, Filter};
use crate::scalar::PrimaryKey as _;
use crate::session::identity_map::{AllRows, Rows, State};
use crate::session::rows::only_value;
use crate::sql::Versions;
use crate::store::{Store, table};
use crate::value::{RecordKey, Value};

/// Follows deletions to the rows the session has of those that refer to the deleted ones. Returns
/// what is going to be deleted, also by the database along with others.
pub(super) fn cascade<C: Engine>(all: &mut AllRows<C>, session: u32) -> Vec<Deleted> {
    let mut deleted = Vec::new();
    for (entity, rows) in all.iter_mut().filter(|(_, rows)| rows.is_touched()) {
        let given_up = rows.remove_orphans();
        // Marking rows as deleted is nothing to those that refer to them.
        let marked = Some(rows.to_delete()).filter(|deleted| deleted.meta.deleted().is_none());
        let gone = [Some(given_up), marked].into_iter().flatten();
        deleted.extend(gone.filter(|gone| !gone.is_empty()).map(|gone| (*entity, gone)));
    }
    if deleted.is_empty() {
        return Vec::new();
    }
    let deleted = follow(all, deleted, session);
    for rows in all.values_mut().filter(|rows| rows.is_touched()) {
        rows.prepare();
    }
    deleted
}

/// Makes the session's rows what deleting these makes of them. Returns these and what goes along.
pub(in crate::session) fn follow<C: Engine>(
    all: &mut AllRows<C>,
    mut deleted: Vec<(EntityId, Deleted)>,
    session: u32,
) -> Vec<Deleted> {
    let mut followed = Vec::new();
    while let Some((parent, parents)) = deleted.pop() {
        for (entity, rows) in all.iter_mut() {
            let more = rows.parents_deleted(parent, &parents, session);
            if !more.is_empty() {
                deleted.push((*entity, more));
            }
        }
        followed.push(parents);
    }
    followed
}

/// Does to rows that refer to one what the database would do if that one were deleted, but not to
/// those that the session has: they have moved to the row that was written over it, or are deleted
/// by themselves.
pub(in crate::session) fn leave_replaced<C: Store<E>, E: Entity>(
    rows: &Rows<E>,
    writing: &mut Writing<'_, C>,
    parent: &'static EntityMeta,
    value: &Value,
) -> Result<()> {
    let meta = E::meta();
    for (column, reference) in references(meta, parent) {
        let Some(referring) = meta.columns.get(column) else { continue };
        let stays_itself = |(_, state): &(u32, &State<E>)| {
            state.base().is_some_and(|base| base.value(column) == *value)
        };
        let by_themselves: Vec<RecordKey> = rows
            .states()
            .filter(stays_itself)
            .filter_map(|(_, state)| Some(state.key()?.to_record_key()))
            .collect();
        let mut filter = Filter::compare(referring.name, Comparison::Equal, value.clone());
        if !by_themselves.is_empty() {
            filter = filter.and(Filter::Not(Box::new(Filter::keys(meta, &by_themselves))));
        }
        match reference.on_delete {
            OnDelete::Restrict => continue,
            OnDelete::Cascade => writing.send::<E, _>(&mut [], |connection, _| {
                table::delete_where(connection, E::meta(), &filter)
            })?,
            OnDelete::SetNull => {
                let nothing = [(referring, Value::Null)];
                writing.send::<E, _>(&mut [], |connection, _| {
                    table::update_where(connection, E::meta(), &filter, &nothing, Versions::Stay)
                })?
            }
        };
    }
    Ok(())
}

/// Makes the session's rows what giving one up makes of them that was to be inserted.
pub(in crate::session) fn follow_given_up<C: Engine>(all: &mut AllRows<C>, given_up: Slot) {
    let mut given_up = vec![given_up];
    while let Some(parent) = given_up.pop() {
        for (&entity, rows) in all.iter_mut() {
            let along = rows.parent_given_up(parent);
            given_up.extend(along.into_iter().map(|row| Slot { row, entity, ..parent }));
        }
    }
}

/// Makes rows refer no more to one that was to be inserted. Returns those of them that were to be
/// inserted as well and are given up along.
pub(in crate::session) fn parent_given_up<E: Entity>(rows: &mut Rows<E>, parent: Slot) -> Vec<u32> {
    for link in rows.take_links(parent) {
        rows.take_back_value(link.row, link.column);
    }
    let mut along = Vec::new();
    let touched: Vec<u32> = rows.touched().map(|(row, _)| row).collect();
    for row in touched {
        let refers = |column: usize| rows.reference(row, column) == Some(Given::Row(parent));
        let referring: Vec<(usize, OnDelete)> = (0..)
            .zip(E::meta().columns)
            .filter_map(|(position, column)| {
                Some((position, column.references.as_ref()?.on_delete))
            })
            .filter(|(column, _)| refers(*column))
            .collect();
        for (column, rule) in referring {
            match rule {
                OnDelete::Cascade => {
                    rows.mark_deleted(row);
                    along.push(row);
                }
                OnDelete::SetNull => {
                    rows.refer(row, column, None);
                }
                // In the way: the flush says so.
                OnDelete::Restrict => {}
            }
        }
    }
    along
}

/// Returns whether values are taken that only deleting frees, and nothing has to be updated before.
pub(super) fn should_delete_first<C: Engine>(
    all: &AllRows<C>,
    deleted: &[Deleted],
    session: u32,
) -> bool {
    !deleted.is_empty()
        && all.values().any(|rows| rows.frees_by_deleting(session, all))
        && !all.values().any(|rows| deleted.iter().any(|parents| rows.moves_away(parents)))
}

/// Returns the columns in which rows of one entity refer to another.
pub(in crate::session) fn references(
    meta: &'static EntityMeta,
    parent: &'static EntityMeta,
) -> impl Iterator<Item = (usize, &'static crate::entity::Reference)> {
    (0..)
        .zip(meta.columns)
        .filter_map(|(position, column)| Some((position, column.references.as_ref()?)))
        .filter(|(_, reference)| reference.entity.meta().table == parent.table)
}

/// Returns whether a changed row refers to a deleted one in the database, and is to refer to another.
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

/// Returns the rows that are to refer in a column to rows without a key yet.
fn linked<E: Entity>(rows: &Rows<E>, column: usize) -> HashMap<u32, Slot> {
    let links = rows.links().filter(|link| link.column == column);
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
    parent: EntityId,
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
        let fates: Vec<(u32, Fate)> = rows
            .states()
            .filter_map(|(row, state)| {
                let refers = |value: &Value| parents.keys.contains(value);
                // Where another row takes the key, what is about to refer to it means that.
                let comes = |value: &Value| refers(value) && !parents.taken.contains(value);
                let is_one = |slot: Slot| {
                    slot == (Slot { session, row: slot.row, entity: parent })
                        && parents.rows.contains(&slot.row)
                };
                let (is_meant, is_known) = match state {
                    State::Pending(draft) => {
                        let is_meant = match draft.given(column) {
                            Given::Value(value) => comes(&value),
                            Given::Row(slot) => is_one(slot),
                            Given::Filled => false,
                        };
                        (is_meant, true)
                    }
                    State::Stored(entity) => (refers(&entity.value(column)), true),
                    State::Changed { base, mine } => {
                        let (before, after) = (base.value(column), mine.value(column));
                        let is_meant = rows.meant(row, column).map_or_else(
                            || if before == after { refers(&after) } else { comes(&after) },
                            is_one,
                        );
                        (is_meant, refers(&before))
                    }
                    // To what it refers by now is read by itself.
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
                Fate::Null => {
                    set_null(rows, row, column);
                    rows.unlink(row, column);
                }
                Fate::Gone | Fate::Delete => {
                    let key = rows.state(row).key().and_then(|key| only_value(&key));
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
        rows.followed(row, state);
    }
}

/// Marks rows for deletion whose reference became NULL and that may not stay without it. Returns those
/// that were to be inserted, and are not.
pub(in crate::session) fn remove_orphans<E: Entity>(rows: &mut Rows<E>) -> Deleted {
    let mut given_up = Deleted::new(E::meta());
    let orphans = orphans(rows);
    if orphans.is_empty() {
        return given_up;
    }
    for row in orphans {
        if let State::Pending(_) = rows.state(row) {
            rows.written(row, State::Gone);
            given_up.add(row, None);
        } else {
            rows.delete_along(row);
        }
    }
    rows.prepare();
    given_up
}

/// Returns the rows whose reference became NULL, or that were parted, and that may not stay without it.
pub(in crate::session) fn orphans<E: Entity>(rows: &Rows<E>) -> Vec<u32> {
    let owned: Vec<usize> = (0..)
        .zip(E::meta().columns)
        .filter(|(_, column)| {
            column.references.as_ref().is_some_and(|other| other.orphan == Orphan::Delete)
        })
        .map(|(position, _)| position)
        .collect();
    if owned.is_empty() {
        return Vec::new();
    }
    let by_value = rows.touched().filter_map(|(row, state)| {
        let State::Changed { base, mine } = state else { return None };
        let is_orphan = owned.iter().any(|&column| {
            !base.value(column).is_null()
                && mine.value(column).is_null()
                && rows.link_of(row, column).is_none()
        });
        is_orphan.then_some(row)
    });
    by_value.chain(rows.orphans()).collect()
}
