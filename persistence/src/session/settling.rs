//! What statements make of the session's rows that they have written without asking for each.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Session;
use super::flush::{self, Deleted, Rekeyed, Writing, cascade};
use super::guarding::Known;
use super::identity_map::journal::KeyChange;
use super::identity_map::{AllRows, Noted, Rows, State};
use super::rows::{AnyRows, only_value};
use crate::backend::Engine;
use crate::entity::{ColumnMeta, Entity, EntityId, EntityMeta, OnDelete, Reference};
use crate::error::Result;
use crate::filter::Filter;
use crate::query::Query;
use crate::repository::is_hidden;
use crate::scalar::PrimaryKey as _;
use crate::store::Store;
use crate::value::{RecordKey, Value};

/// Keys that are asked for among those that a filter finds.
const MOST_KEYS: usize = 5_000;
/// The same where a key has several columns: each is a condition of its own.
const MOST_LONG_KEYS: usize = 100;

const fn keys_per_statement(meta: &EntityMeta) -> usize {
    if meta.key.len() == 1 { MOST_KEYS } else { MOST_LONG_KEYS }
}

/// What a statement has written: that what the session knows may not be true any more.
pub(super) enum Wrote {
    /// It has deleted rows of a table, all of which the session knew.
    DeletedKnown(&'static str),
    /// It has deleted rows of a table, some of which the session did not know.
    DeletedUnknown(&'static str),
    /// It has changed keys of a table, of rows that the session did not know.
    RekeyedUnknown(&'static str),
}

impl Wrote {
    /// Returns whether rows that refer by this rule to a row which the session does not know may be
    /// gone, or refer to another row or to nothing.
    fn reaches(&self, reference: &Reference) -> bool {
        let referred = reference.entity.meta();
        let goes_along = |table| {
            reference.on_delete != OnDelete::Restrict
                && goes_along(referred, table, &mut Vec::new())
        };
        match self {
            Self::DeletedKnown(table) => goes_along(table),
            Self::DeletedUnknown(table) => {
                (reference.on_delete != OnDelete::Restrict && referred.table == *table)
                    || goes_along(table)
            }
            Self::RekeyedUnknown(table) => referred.table == *table,
        }
    }

    /// Returns whether rows of an entity may be gone, or refer to nothing, where it is not known
    /// what they refer to.
    fn may_reach(&self, meta: &EntityMeta) -> bool {
        let table = match self {
            Self::DeletedKnown(table) | Self::DeletedUnknown(table) => table,
            Self::RekeyedUnknown(_) => return false,
        };
        let mut references = meta.columns.iter().filter_map(|column| column.references.as_ref());
        references.any(|reference| Self::DeletedUnknown(table).reaches(reference))
    }

    /// Returns whether rows of an entity may have gone along.
    fn takes_along(&self, meta: &'static EntityMeta) -> bool {
        match self {
            Self::DeletedKnown(table) | Self::DeletedUnknown(table) => {
                goes_along(meta, table, &mut Vec::new())
            }
            Self::RekeyedUnknown(_) => false,
        }
    }
}

/// Returns whether rows of an entity are deleted along with those of a table, by whatever is between.
fn goes_along(
    meta: &'static EntityMeta,
    table: &str,
    passed: &mut Vec<&'static EntityMeta>,
) -> bool {
    if passed.iter().any(|known| std::ptr::eq(*known, meta)) {
        return false;
    }
    passed.push(meta);
    let references = meta.columns.iter().filter_map(|column| column.references.as_ref());
    references
        .filter(|reference| reference.on_delete == OnDelete::Cascade)
        .map(|reference| reference.entity.meta())
        .any(|parent| parent.table == table || goes_along(parent, table, passed))
}

/// Reads again what writing rows may have taken along or changed by way of rows that the session does
/// not know: one statement an entity.
pub(super) fn settle<C: Engine>(session: &mut Session<C>, all: &mut AllRows<C>, wrote: &[Wrote]) {
    if wrote.is_empty() {
        return;
    }
    let doubtful = |rows: &dyn AnyRows<C>| {
        let columns: Vec<(usize, &'static EntityMeta)> = (0..)
            .zip(rows.meta().columns)
            .filter_map(|(position, column)| Some((position, column.references.as_ref()?)))
            .filter(|(_, reference)| wrote.iter().any(|wrote| wrote.reaches(reference)))
            .map(|(position, reference)| (position, reference.entity.meta()))
            .collect();
        let mut doubtful = rows.referring_to_unknown(&columns, all);
        doubtful.extend(gone_as_others(rows, all, wrote));
        if wrote.iter().any(|wrote| wrote.may_reach(rows.meta())) {
            doubtful.extend(rows.expired());
        }
        doubtful
    };
    let doubtful: Vec<(EntityId, Vec<u32>)> =
        all.iter().map(|(entity, rows)| (*entity, doubtful(&**rows))).collect();
    read_doubtful(session, all, doubtful);
}

/// Reads rows again; what goes along with those that are gone is gone as well.
fn read_doubtful<C: Engine>(
    session: &mut Session<C>,
    all: &mut AllRows<C>,
    doubtful: Vec<(EntityId, Vec<u32>)>,
) {
    for (entity, doubtful) in doubtful {
        if doubtful.is_empty() {
            continue;
        }
        let Some(rows) = all.get_mut(&entity) else { continue };
        let gone = rows.read_again(session, &doubtful);
        if !gone.is_empty() {
            cascade::follow(all, vec![(entity, gone)], session.id);
        }
    }
}

/// Reads rows that may go along with what a flush is about to delete, where it is not known to what
/// they refer by now.
pub(super) fn settle_expired<C: Engine>(session: &mut Session<C>, all: &mut AllRows<C>) {
    let deletes: Vec<Wrote> = all
        .values()
        .filter(|rows| rows.is_touched() && rows.deletes())
        .map(|rows| Wrote::DeletedUnknown(rows.meta().table))
        .collect();
    if deletes.is_empty() {
        return;
    }
    let expired: Vec<(EntityId, Vec<u32>)> = all
        .iter()
        .filter(|(_, rows)| deletes.iter().any(|deletes| deletes.may_reach(rows.meta())))
        .map(|(entity, rows)| (*entity, rows.expired()))
        .collect();
    read_doubtful(session, all, expired);
}

/// Returns the rows that may have been deleted along as rows of another entity of the same table:
/// its own references lead to what was deleted, and the session does not have these rows as its.
fn gone_as_others<C: Engine>(rows: &dyn AnyRows<C>, all: &AllRows<C>, wrote: &[Wrote]) -> Vec<u32> {
    let goes_along = |meta| wrote.iter().any(|wrote| wrote.takes_along(meta));
    let twins: Vec<&dyn AnyRows<C>> = all
        .values()
        .map(|other| &**other)
        .filter(|other| are_twins(rows.meta(), other.meta()) && goes_along(other.meta()))
        .collect();
    if twins.is_empty() {
        return Vec::new();
    }
    let is_there = |key: &RecordKey| {
        twins.iter().any(|twin| !twin.stored_with(Some(std::slice::from_ref(key))).is_empty())
    };
    let is_doubtful = |row: &u32| rows.key_of(*row).is_some_and(|key| !is_there(&key));
    rows.stored_with(None).into_iter().filter(is_doubtful).collect()
}

/// Returns a length beyond that of any journal: nothing was written by the rows themselves.
pub(super) const fn nothing_since(_: EntityId) -> usize {
    usize::MAX
}

/// Returns whether two entities have the same table.
pub(super) fn are_twins(one: &'static EntityMeta, other: &'static EntityMeta) -> bool {
    !std::ptr::eq(one, other) && one.table == other.table
}

/// Reads again what the session has of the same rows as another entity, after one of them was written:
/// those whose keys are known, or all. What a twin itself has written since its journal had a length
/// is as it has it.
pub(super) fn settle_twins<C: Engine>(
    session: &mut Session<C>,
    all: &mut AllRows<C>,
    written: &'static EntityMeta,
    changes: Option<&[KeyChange]>,
    since: impl Fn(EntityId) -> usize,
) {
    let is_twin = |meta| are_twins(meta, written);
    settle_rows(session, all, (written, is_twin), changes, since);
}

/// Does the same with the rows of those entities of a table that are meant.
pub(super) fn settle_rows<C: Engine>(
    session: &mut Session<C>,
    all: &mut AllRows<C>,
    (written, is_meant): (&'static EntityMeta, impl Fn(&'static EntityMeta) -> bool),
    changes: Option<&[KeyChange]>,
    since: impl Fn(EntityId) -> usize,
) {
    let twins: Vec<EntityId> =
        all.iter().filter(|(_, rows)| is_meant(rows.meta())).map(|(entity, _)| *entity).collect();
    if twins.is_empty() {
        return;
    }
    let keys: Option<Vec<RecordKey>> = changes.map(|changes| {
        changes.iter().flat_map(|change| [&change.before, &change.now]).flatten().cloned().collect()
    });
    for twin in twins {
        let Some(rows) = all.get_mut(&twin) else { continue };
        // What is only marked as deleted may be there for another entity.
        if let Some(changes) = changes.filter(|_| written.deleted().is_none()) {
            rows.written_as_others(changes, since(twin));
        }
        let doubtful = rows.stored_with(keys.as_deref());
        if doubtful.is_empty() {
            continue;
        }
        let gone = rows.read_again(session, &doubtful);
        if !gone.is_empty() {
            cascade::follow(all, vec![(twin, gone)], session.id);
        }
    }
}

/// Returns the key that rows have once these values are assigned to them, where it does not depend
/// on the row.
fn key_assigned<E: Entity>(assignments: &[(usize, Value)]) -> Option<E::Key> {
    let [key] = E::meta().key else { return None };
    let (_, value) = assignments.iter().find(|(column, _)| column == key)?;
    E::Key::from_record_key(RecordKey(vec![value.clone()])).ok()
}

/// Returns the rows in whose columns is a reference to a row that the session does not know.
pub(super) fn referring_to_unknown<C: Engine, E: Entity>(
    rows: &Rows<E>,
    columns: &[(usize, &'static EntityMeta)],
    all: &AllRows<C>,
) -> Vec<u32> {
    if columns.is_empty() {
        return Vec::new();
    }
    let is_known = |referred: &EntityMeta, value: &Value| {
        let is_in =
            |rows: &dyn AnyRows<C>| rows.find(value).is_some_and(|row| !rows.is_expired(row));
        all.values().any(|rows| rows.meta().table == referred.table && is_in(&**rows))
    };
    let is_doubtful = |entity: &E| {
        columns.iter().any(|(column, referred)| {
            let value = entity.value(*column);
            !value.is_null() && !is_known(referred, &value)
        })
    };
    rows.states()
        .filter(|(_, state)| matches!(state, State::Stored(entity) if is_doubtful(entity)))
        .map(|(row, _)| row)
        .collect()
}

impl<C: Engine> Session<C> {
    /// Notes that rows were deleted, with what goes along.
    pub(super) fn note_deleted<E: Entity>(&mut self, deleted: Vec<u32>, wrote: Wrote)
    where
        C: Store<E>,
    {
        let mut parents = Deleted::new(E::meta());
        let rows = self.rows_of::<E>();
        let key_of = |row: &u32| rows.state(*row).key().map(|key| key.to_record_key());
        let changes: Vec<KeyChange> =
            deleted.iter().map(|row| KeyChange { before: key_of(row), now: None }).collect();
        for row in deleted {
            parents.add(row, rows.state(row).key().and_then(|key| only_value(&key)));
            rows.written(row, State::Gone);
        }
        self.with_all_rows(|session, all| {
            cascade::follow(all, vec![(EntityId::of::<E>(), parents)], session.id);
            let changes = matches!(wrote, Wrote::DeletedKnown(_)).then_some(changes);
            settle(session, all, &[wrote]);
            settle_twins(session, all, E::meta(), changes.as_deref(), nothing_since);
        });
    }

    /// Notes what a statement has assigned to rows, and maybe to others that the session does not know.
    pub(super) fn note_assigned<E: Entity>(
        &mut self,
        (known, has_unknown): (&[u32], bool),
        assignments: &[(&'static ColumnMeta, Value)],
    ) -> Result<()>
    where
        C: Store<E>,
    {
        let meta = E::meta();
        let assignments: Vec<(usize, Value)> = assignments
            .iter()
            .filter_map(|(column, value)| Some((meta.position(column.name)?, value.clone())))
            .collect();
        let hides = assignments
            .iter()
            .any(|(position, value)| meta.deleted() == Some(*position) && !value.is_null());
        let has_computed = meta.computed().next().is_some();
        let rows = self.rows_of::<E>();
        // Of what somebody else may have changed, more than what was assigned is not as it was.
        let is_doubtful = |row: &u32| has_computed || rows.known(*row) == Known::Before;
        let doubtful: Vec<u32> =
            known.iter().copied().filter(|row| !hides && is_doubtful(row)).collect();
        let (mut rekeyed, mut changes) = (Vec::new(), Vec::with_capacity(known.len()));
        for &row in known {
            let before = rows.state(row).key();
            let record_key = |key: &E::Key| key.to_record_key();
            changes.push(KeyChange { before: before.as_ref().map(record_key), now: None });
            if hides {
                rows.written(row, State::Gone);
                continue;
            }
            rows.assigned(row, &assignments);
            let now = rows.state(row).key();
            if let Some(change) = changes.last_mut() {
                change.now = now.as_ref().map(record_key);
            }
            let keys = before.zip(now);
            rekeyed.extend(keys.and_then(|(before, now)| Rekeyed::of::<E>(&before, &now)));
        }
        let changes_keys = assignments.iter().any(|(position, _)| meta.key.contains(position));
        let mut wrote = Vec::new();
        if changes_keys && has_unknown {
            self.rows_of::<E>().give(key_assigned::<E>(&assignments));
            wrote.push(Wrote::RekeyedUnknown(meta.table));
        }
        self.with_all_rows(|session, all| {
            rekeyed.into_iter().try_for_each(|rekeyed| {
                flush::rekeying::hand_on(&mut Writing::new(session), all, rekeyed)
            })?;
            if let Some(rows) = all.get_mut(&EntityId::of::<E>()).filter(|_| !doubtful.is_empty()) {
                let gone = rows.read_again(session, &doubtful);
                if !gone.is_empty() {
                    cascade::follow(all, vec![(EntityId::of::<E>(), gone)], session.id);
                }
            }
            settle(session, all, &wrote);
            let changes = (!has_unknown).then_some(changes);
            settle_twins(session, all, meta, changes.as_deref(), nothing_since);
            Ok(())
        })
    }

    /// Makes what refers to a row follow it, where its update has changed its key, and reads again
    /// what other entities have of it.
    pub(super) fn note_updated<E: Entity>(&mut self, before: &E::Key, now: &E) -> Result<()>
    where
        C: Store<E>,
    {
        let change = KeyChange {
            before: Some(before.to_record_key()),
            now: Some(now.key().to_record_key()),
        };
        self.with_all_rows(|session, all| {
            if let Some(rekeyed) = Rekeyed::of::<E>(before, &now.key()) {
                flush::rekeying::hand_on(&mut Writing::new(session), all, rekeyed)?;
            }
            settle_twins(session, all, E::meta(), Some(&[change]), nothing_since);
            Ok(())
        })
    }

    /// Reads again what other entities have of rows that were inserted: somebody may have deleted
    /// others of their keys.
    pub(super) fn note_inserted<E: Entity>(&mut self, rows: &[E])
    where
        C: Store<E>,
    {
        if !self.rows.values().any(|other| are_twins(other.meta(), E::meta())) {
            return;
        }
        let change = |row: &E| KeyChange { before: None, now: Some(row.key().to_record_key()) };
        let changes: Vec<KeyChange> = rows.iter().map(change).collect();
        self.with_all_rows(|session, all| {
            settle_twins(session, all, E::meta(), Some(&changes), nothing_since);
        });
    }

    /// Runs something that writes by the session's connection and looks at all of its rows.
    pub(super) fn with_all_rows<T>(
        &mut self,
        run: impl FnOnce(&mut Self, &mut AllRows<C>) -> T,
    ) -> T {
        let mut all = std::mem::take(&mut self.rows);
        // An entity's own code may panic, and somebody catch that.
        let result = catch_unwind(AssertUnwindSafe(|| run(self, &mut all)));
        self.rows = all;
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Reads rows again which statements may have written. Returns those that are gone.
    pub(super) fn read_again<E: Entity>(&mut self, rows: &mut Rows<E>, wanted: &[u32]) -> Deleted
    where
        C: Store<E>,
    {
        let mut gone = Deleted::new(E::meta());
        let found = match self.rows_as_stored(rows, wanted) {
            // What was written is written. The connection, where it is lost, is lost to all that follows.
            Err(error) => {
                tracing::debug!(%error, entity = E::meta().name, "not read again");
                for &row in wanted {
                    if let State::Stored(before) = rows.state(row) {
                        let before = Box::new(before.clone());
                        rows.written(row, State::Expired(before));
                    }
                }
                return gone;
            }
            Ok(found) => found,
        };
        for (row, now) in found {
            let (State::Stored(_) | State::Expired(_)) = rows.state(row) else { continue };
            // Marking rows as deleted is nothing to those that refer to them.
            if now.is_none() && E::meta().deleted().is_none() {
                gone.add(row, rows.state(row).key().and_then(|key| only_value(&key)));
            }
            rows.reread(row, now);
        }
        gone
    }

    /// Reads again what was read in a part of the transaction that was taken back, with what the part
    /// had written. What cannot be read is expired.
    pub(super) fn read_rows_back<E: Entity>(
        &mut self,
        rows: &mut Rows<E>,
        since: Noted,
        given: &[Option<RecordKey>],
    ) where
        C: Store<E>,
    {
        let wanted = rows.take_reads_back(since, given);
        if wanted.is_empty() {
            return;
        }
        match self.rows_as_stored(rows, &wanted) {
            Ok(found) => {
                for (row, now) in found {
                    rows.found_again(row, now);
                }
            }
            Err(error) => {
                tracing::debug!(%error, entity = E::meta().name, "not read again");
                rows.expire_read(&wanted);
            }
        }
    }

    /// Reads rows by their keys; those that are not there come without one.
    fn rows_as_stored<E: Entity>(
        &mut self,
        rows: &Rows<E>,
        wanted: &[u32],
    ) -> Result<Vec<(u32, Option<E>)>>
    where
        C: Store<E>,
    {
        let meta = E::meta();
        let mut wanted = wanted.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let keys: Vec<(u32, E::Key)> =
            wanted.into_iter().filter_map(|row| Some((row, rows.state(row).key()?))).collect();
        let mut read = Vec::with_capacity(keys.len());
        for some in keys.chunks(keys_per_statement(meta)) {
            let keys: Vec<RecordKey> = some.iter().map(|(_, key)| key.to_record_key()).collect();
            let mut query = Query::<E>::new();
            query.filter = Filter::keys(meta, &keys);
            let found = self.read(meta, |connection| connection.select(&query))?;
            let mut found: HashMap<E::Key, E> =
                found.into_iter().map(|entity| (entity.key(), entity)).collect();
            read.extend(
                some.iter().map(|(row, key)| {
                    (*row, found.remove(key).filter(|entity| !is_hidden(entity)))
                }),
            );
        }
        Ok(read)
    }

    /// Forgets what programs were given of the rows that a statement has written.
    pub(super) fn forget_lent<E: Entity>(&mut self, filter: &Filter)
    where
        C: Store<E>,
    {
        let meta = E::meta();
        self.rows_of::<E>()
            .lent
            .retain(|row| !filter.needs_relations() && !filter.matches(meta, &row.to_record()));
    }

    /// Finds the rows of this session that a bulk statement with that filter is about to write.
    pub(super) fn matching<E: Entity>(&mut self, filter: &Filter) -> Result<Vec<u32>>
    where
        C: Store<E>,
    {
        let meta = E::meta();
        let is_up_to_database = filter.is_up_to_database(meta);
        let (mut matching, mut asked) = (Vec::new(), Vec::new());
        for (row, state) in self.rows_of::<E>().states() {
            match state.base() {
                Some(entity) if !is_up_to_database => {
                    matching.extend(filter.matches(meta, &entity.to_record()).then_some(row));
                }
                _ => asked.extend(state.key().map(|key| key.to_record_key())),
            }
        }
        let mut found = Vec::new();
        for some in asked.chunks(keys_per_statement(meta)) {
            let mut query = Query::<E>::new();
            query.filter = Filter::keys(meta, some).and(filter.clone());
            found.extend(self.read(meta, |connection| connection.select(&query))?);
        }
        let rows = self.rows_of::<E>();
        matching.extend(found.iter().filter_map(|entity| rows.find(&entity.key())));
        Ok(matching)
    }
}
