//! The flush: everything that was added, changed and deleted, written in the right order.

pub(super) mod cascade;
pub(super) mod delete;
pub(super) mod insert;
pub(super) mod rekeying;
pub(super) mod unique;
pub(super) mod update;

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use chrono::NaiveDateTime;
use diesel::connection::TransactionManager;
use diesel::result::QueryResult;

pub(super) use rekeying::Rekeyed;

use super::Session;
use super::along::Along;
use super::cancelling::Loss;
use super::guarding::{Guarded, Known, WriteGuarded, write_guarded};
use super::identity_map::journal::KeyChange;
use super::identity_map::{AllRows, Rows};
use super::rows::AnyRows;
use super::settling::{self, Wrote};
use crate::backend::{Access, Engine, at_target};
use crate::entity::{ColumnSet, Entity, EntityId, EntityMeta, Slot};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::interruption::interruptible;
use crate::repository::not_found;
use crate::scalar::PrimaryKey as _;
use crate::sql::{Typed, guard_of_deletion, guard_of_update};
use crate::store::Store;
use crate::value::{RecordKey, Value};

/// A flush on its way.
pub(super) struct Writing<'s, C: Engine> {
    pub session: &'s mut Session<C>,
    /// The time to fill in.
    pub now: NaiveDateTime,
    /// The entity whose row was refused, where the database can only be asked for more once the
    /// statement is taken back.
    unexplained: Option<&'static EntityMeta>,
    /// The versions of rows that were deleted: others that get their keys count on.
    deleted_versions: HashMap<(EntityId, RecordKey), Value>,
    /// Rows that others were written over, by the value by which others refer to them: what has not
    /// moved to the new one by the end goes with the old one.
    replaced: Vec<(&'static EntityMeta, Value)>,
    /// What the database may do along, where that is recorded.
    along: Along,
}

impl<'s, C: Engine> Writing<'s, C> {
    pub(super) fn new(session: &'s mut Session<C>) -> Self {
        let now = crate::clock::now();
        let deleted_versions = HashMap::new();
        let (replaced, along) = (Vec::new(), Along::default());
        Self { session, now, unexplained: None, deleted_versions, replaced, along }
    }
}

/// Returns the entities of a session's rows, each after those it refers to.
pub(super) fn parents_first<C: Engine>(all: &AllRows<C>) -> Vec<Vec<EntityId>> {
    crate::entity::parents_first(&all.keys().copied().collect::<Vec<_>>())
}

/// What to do with references that go round in a circle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Circles {
    /// Leave rows alone whose references have no key yet.
    Wait,
    /// Leave such references NULL for now, where they may be.
    Break,
}

/// What an insert has come to.
#[derive(Default)]
pub(super) struct Inserted {
    pub rows: Vec<u32>,
    /// Rows that were not inserted, with the row each of them refers to that has no key yet.
    pub waiting: Vec<(u32, Slot)>,
    /// References that were left out.
    pub links: Vec<(u32, usize, Slot)>,
}

/// Rows of one entity that are deleted.
pub(super) struct Deleted {
    pub meta: &'static EntityMeta,
    pub rows: HashSet<u32>,
    /// The values by which others refer to them.
    pub keys: HashSet<Value>,
    /// Those of them that other rows take: what is about to refer to one means these.
    pub taken: HashSet<Value>,
}

impl Deleted {
    pub(super) fn new(meta: &'static EntityMeta) -> Self {
        Self { meta, rows: HashSet::new(), keys: HashSet::new(), taken: HashSet::new() }
    }

    pub(super) fn add(&mut self, row: u32, key: Option<Value>) {
        self.rows.insert(row);
        self.keys.extend(key);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<C: Engine> Session<C> {
    /// Writes what was added, changed and deleted: inserts parents first, then updates of changed
    /// columns, then deletes children first. Values that must be unique are freed before they are
    /// taken; references that go round in a circle are written where one of them may be NULL.
    /// Sends nothing where nothing changed.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Constraint`], [`Error::Conflict`] and the like. Everything the
    /// flush wrote is taken back, all changes are pending as they were, and the session is usable:
    /// mend and flush again, or [`rollback`](Self::rollback).
    pub fn flush(&mut self) -> Result<()> {
        match self.flush_once() {
            Err(error) if self.has_forgotten(&error) => self.flush_once(),
            result => result,
        }
    }

    fn flush_once(&mut self) -> Result<()> {
        for rows in self.rows.values_mut().filter(|rows| rows.is_touched()) {
            rows.prepare();
        }
        if !self.rows.values().any(|rows| rows.is_touched()) {
            return Ok(());
        }
        if self.access == Access::Read {
            return Err(Error::ReadOnly { target: self.target.to_string() });
        }
        self.before_flush()?;
        self.begin(Access::Write)?;
        // A transaction in which there is nothing to lose can be taken back as a whole.
        let needs_savepoint = self.has_effects;
        if needs_savepoint {
            self.begin_savepoint()?;
        }
        (self.has_effects, self.has_written) = (true, true);
        let lengths = self.journal_lengths();
        // Out of the session while it writes, so that each table can see the others.
        let mut all = std::mem::take(&mut self.rows);
        let mut writing = Writing::new(self);
        let written =
            catch_unwind(AssertUnwindSafe(|| write_all(&mut writing, &mut all, &lengths)));
        let (unexplained, along) = (writing.unexplained, std::mem::take(&mut writing.along));
        self.rows = all;
        let mut written = written.unwrap_or_else(|panic| {
            // An entity's own rules have panicked. Whoever catches that must not commit a half.
            C::TransactionManager::rollback_transaction(&mut *self.connection).ok();
            self.lost = Some(Loss::Ended);
            resume_unwind(panic)
        });
        if written.is_ok() {
            written = self.note_flushed(&lengths, along);
        }
        if written.is_ok() && needs_savepoint {
            written = self.release_savepoint();
        }
        let Err(error) = written else {
            for (entity, rows) in &mut self.rows {
                rows.flushed(lengths.get(entity).copied().unwrap_or(0));
            }
            return Ok(());
        };
        for (entity, rows) in &mut self.rows {
            rows.restore(lengths.get(entity).copied().unwrap_or(0));
        }
        if needs_savepoint {
            self.notice_loss(&error);
        }
        // The first error is what matters, also when the connection is lost altogether.
        C::TransactionManager::rollback_transaction(&mut *self.connection).ok();
        Err(match (error, unexplained) {
            (Error::Constraint(mut violation), Some(meta)) => {
                if violation.columns.is_empty() && violation.referenced_by.is_empty() {
                    self.connection.explain(&mut violation, meta, None);
                }
                Error::Constraint(violation)
            }
            (error, _) => error,
        })
    }

    pub(super) fn journal_lengths(&self) -> HashMap<EntityId, usize> {
        self.rows.iter().map(|(entity, rows)| (*entity, rows.journal_length())).collect()
    }
}

impl<C: Engine> Writing<'_, C> {
    /// Runs statements that write rows, without a savepoint: the flush has one.
    fn send<E: Entity, T>(
        &mut self,
        rows: &mut [E],
        run: impl FnOnce(&mut C, &mut [E]) -> QueryResult<T>,
    ) -> Result<T> {
        let session = &mut *self.session;
        session.require_fit(E::meta())?;
        let timeout = session.place.options.statement_timeout;
        let sent = interruptible(session.canceller.as_ref(), timeout, || {
            run(&mut session.connection, rows)
        });
        sent.map_err(|error| {
            let error = C::classify(error, E::meta());
            if C::ERRORS_SPOIL_TRANSACTION {
                self.unexplained = Some(E::meta());
                at_target(error, &self.session.target)
            } else {
                self.session.explained(Typed::ENTITY, error, rows)
            }
        })
    }

    /// Updates columns of one row that is as the session knows it; its version counts up in `mine`.
    fn update_row<E: Entity>(
        &mut self,
        base: &E,
        mine: &mut E,
        changed: ColumnSet,
        known: impl FnOnce() -> Known,
    ) -> Result<()>
    where
        C: Store<E>,
    {
        let guard = guard_of_update(E::meta(), changed);
        self.update_if(base, mine, changed, (guard, known))
    }

    /// Updates columns of one row that is in the columns of a guard as the session knows it.
    fn update_if<E: Entity>(
        &mut self,
        base: &E,
        mine: &mut E,
        changed: ColumnSet,
        (guard, known): (ColumnSet, impl FnOnce() -> Known),
    ) -> Result<()>
    where
        C: Store<E>,
    {
        super::repository::check_version(base)?;
        let mut update = UpdateInFlush { writing: &mut *self, base, mine: &mut *mine, changed };
        let guarded = write_guarded(base, guard, known, &mut update)?;
        if !matches!(guarded, Guarded::Written) {
            self.session.note_conflict(true);
            return Err(guarded.conflict(base, Some(mine)));
        }
        super::repository::count_version_up(base, mine);
        self.session.read_computed(mine)
    }

    /// Deletes one row that is as the session knows it.
    fn delete_row<E: Entity>(&mut self, base: &E, known: impl FnOnce() -> Known) -> Result<()>
    where
        C: Store<E>,
    {
        let guard = guard_of_deletion(E::meta());
        let mut delete = DeleteInFlush { writing: &mut *self, rows: [base.clone()] };
        let guarded = write_guarded(base, guard, known, &mut delete)?;
        match guarded {
            Guarded::Written => Ok(()),
            Guarded::Gone => Err(not_found::<E>(&base.key())),
            Guarded::Changed(_) => {
                self.session.note_conflict(true);
                Err(guarded.conflict(base, None))
            }
        }
    }
}

/// An update within a flush.
struct UpdateInFlush<'w, 's, C: Engine, E> {
    writing: &'w mut Writing<'s, C>,
    base: &'w E,
    mine: &'w mut E,
    changed: ColumnSet,
}

impl<C: Store<E>, E: Entity> WriteGuarded<C, E> for UpdateInFlush<'_, '_, C, E> {
    fn session(&mut self) -> &mut Session<C> {
        self.writing.session
    }

    fn write(&mut self, guard: ColumnSet) -> Result<usize> {
        let (base, changed) = (self.base, self.changed);
        self.writing.send(std::slice::from_mut(&mut *self.mine), |connection, mine| {
            mine.first().map_or(Ok(0), |mine| connection.update(base, mine, changed, guard))
        })
    }
}

/// A deletion within a flush.
struct DeleteInFlush<'w, 's, C: Engine, E> {
    writing: &'w mut Writing<'s, C>,
    rows: [E; 1],
}

impl<C: Store<E>, E: Entity> WriteGuarded<C, E> for DeleteInFlush<'_, '_, C, E> {
    fn session(&mut self) -> &mut Session<C> {
        self.writing.session
    }

    fn write(&mut self, guard: ColumnSet) -> Result<usize> {
        self.writing.send(&mut self.rows, |connection, rows| connection.delete(rows, guard))
    }
}

fn write_all<C: Engine>(
    writing: &mut Writing<'_, C>,
    all: &mut AllRows<C>,
    lengths: &HashMap<EntityId, usize>,
) -> Result<()> {
    settling::settle_expired(writing.session, all);
    let deleted = cascade::cascade(all, writing.session.id);
    writing.along = writing.session.read_along(&deleted)?;
    let groups = parents_first(all);
    let entities = || groups.iter().flatten();
    if cascade::should_delete_first(all, &deleted, writing.session.id) {
        delete_all(writing, all, &groups)?;
    }
    for entity in entities() {
        with_rows(all, *entity, |rows, others| rows.free_unique_values(writing, others))?;
    }
    for group in &groups {
        insert_group(writing, all, group)?;
    }
    for entity in entities() {
        with_rows(all, *entity, |rows, others| rows.update(writing, others))?;
    }
    delete_all(writing, all, &groups)?;
    for (meta, key) in std::mem::take(&mut writing.replaced) {
        for rows in all.values() {
            rows.leave_replaced(writing, meta, &key)?;
        }
    }
    let wrote: Vec<Wrote> =
        deleted.iter().map(|deleted| Wrote::DeletedKnown(deleted.meta.table)).collect();
    settling::settle(writing.session, all, &wrote);
    settle_twins(writing, all, lengths);
    Ok(())
}

/// Reads again what other entities of the same tables have of rows that were written.
fn settle_twins<C: Engine>(
    writing: &mut Writing<'_, C>,
    all: &mut AllRows<C>,
    lengths: &HashMap<EntityId, usize>,
) {
    let tables: HashSet<&str> = all.values().map(|rows| rows.meta().table).collect();
    if tables.len() == all.len() {
        return;
    }
    let since = |entity: EntityId| lengths.get(&entity).copied().unwrap_or(0);
    let written: Vec<(&'static EntityMeta, Vec<KeyChange>)> = all
        .iter()
        .map(|(entity, rows)| (rows.meta(), rows.written_keys(since(*entity))))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    for (meta, keys) in &written {
        settling::settle_twins(writing.session, all, meta, Some(keys), since);
    }
}

/// Runs something on the rows of an entity that looks at the other entities' rows.
fn with_rows<C: Engine, T: Default>(
    all: &mut AllRows<C>,
    entity: EntityId,
    run: impl FnOnce(&mut dyn AnyRows<C>, &mut AllRows<C>) -> Result<T>,
) -> Result<T> {
    let Some(mut rows) = all.remove(&entity) else { return Ok(T::default()) };
    let result = run(&mut *rows, all);
    all.insert(entity, rows);
    result
}

/// Inserts the rows of entities that refer to each other: each row once all it refers to have keys.
fn insert_group<C: Engine>(
    writing: &mut Writing<'_, C>,
    all: &mut AllRows<C>,
    group: &[EntityId],
) -> Result<()> {
    let mut ready: HashMap<EntityId, Vec<u32>> = HashMap::new();
    for &entity in group {
        if let Some(rows) = all.get(&entity) {
            ready.insert(entity, rows.pending());
        }
    }
    let mut waiting = Waiting::default();
    loop {
        let Some((&entity, _)) = group
            .iter()
            .filter_map(|entity| ready.get_key_value(entity))
            .find(|(_, rows)| !rows.is_empty())
        else {
            if waiting.by_slot.is_empty() {
                return Ok(());
            }
            break_circle(writing, all, group, &mut waiting, &mut ready)?;
            continue;
        };
        let rows = ready.remove(&entity).unwrap_or_default();
        insert_ready(writing, all, (entity, &rows), Circles::Wait, &mut waiting, &mut ready)?;
    }
}

/// Rows that wait for others to be inserted, by those they wait for.
#[derive(Default)]
struct Waiting {
    by_slot: HashMap<Slot, Vec<(EntityId, u32)>>,
}

/// Inserts rows, and makes those ready that waited for them.
fn insert_ready<C: Engine>(
    writing: &mut Writing<'_, C>,
    all: &mut AllRows<C>,
    (entity, rows): (EntityId, &[u32]),
    circles: Circles,
    waiting: &mut Waiting,
    ready: &mut HashMap<EntityId, Vec<u32>>,
) -> Result<Vec<u32>> {
    let inserted = with_rows(all, entity, |own, others| {
        let inserted = own.insert(writing, others, rows, circles)?;
        for &(row, column, to) in &inserted.links {
            own.link(row, column, to);
        }
        Ok(inserted)
    })?;
    if circles == Circles::Wait {
        for (row, slot) in inserted.waiting {
            waiting.by_slot.entry(slot).or_default().push((entity, row));
        }
    }
    for &row in &inserted.rows {
        let slot = Slot { session: writing.session.id, row, entity };
        for (entity, row) in waiting.by_slot.remove(&slot).unwrap_or_default() {
            ready.entry(entity).or_default().push(row);
        }
    }
    Ok(inserted.rows)
}

/// Inserts one of the rows that wait for each other, its reference left NULL for now.
fn break_circle<C: Engine>(
    writing: &mut Writing<'_, C>,
    all: &mut AllRows<C>,
    group: &[EntityId],
    waiting: &mut Waiting,
    ready: &mut HashMap<EntityId, Vec<u32>>,
) -> Result<()> {
    let mut rows: Vec<(EntityId, u32, Slot)> = waiting
        .by_slot
        .iter()
        .flat_map(|(slot, rows)| rows.iter().map(|&(entity, row)| (entity, row, *slot)))
        .collect();
    rows.sort_by_key(|(entity, row, _)| (group.iter().position(|known| known == entity), *row));
    // One that is inserted already, its reference left NULL, is passed over.
    for (entity, row, _) in &rows {
        let inserted =
            insert_ready(writing, all, (*entity, &[*row]), Circles::Break, waiting, ready)?;
        if !inserted.is_empty() {
            return Ok(());
        }
    }
    Err(circle(all, &rows))
}

/// Makes the error that names a circle.
fn circle<C: Engine>(all: &AllRows<C>, waiting: &[(EntityId, u32, Slot)]) -> Error {
    let next: HashMap<(EntityId, u32), Slot> =
        waiting.iter().map(|&(entity, row, slot)| ((entity, row), slot)).collect();
    let name = |entity: EntityId| all.get(&entity).map_or("row", |rows| rows.meta().name);
    let mut path: Vec<(EntityId, u32)> = Vec::new();
    let mut at = waiting.first().map(|&(entity, row, _)| (entity, row));
    while let Some(place) = at {
        if let Some(start) = path.iter().position(|passed| *passed == place) {
            path.drain(..start);
            break;
        }
        path.push(place);
        at = next.get(&place).map(|slot| (slot.entity, slot.row));
    }
    let Some(&(entity, row)) = path.first() else {
        return Invalid { entity: "row", errors: Vec::new() }.into();
    };
    let field = next
        .get(&(entity, row))
        .and_then(|slot| all.get(&entity)?.referring_column(row, *slot))
        .unwrap_or_default();
    let names: Vec<&str> =
        path.iter().chain(path.first()).map(|(entity, _)| name(*entity)).collect();
    let message = format!(
        "new rows refer to each other in a circle ({}), and none of these references may be NULL",
        names.join(" → ")
    );
    Invalid { entity: name(entity), errors: vec![FieldError::new(field, message)] }.into()
}

/// Deletes what is marked, children first.
fn delete_all<C: Engine>(
    writing: &mut Writing<'_, C>,
    all: &mut AllRows<C>,
    groups: &[Vec<EntityId>],
) -> Result<()> {
    for group in groups.iter().rev() {
        let mut tables = Vec::new();
        for entity in group {
            tables.extend(
                all.get(entity)
                    .map(|rows| rows.to_delete())
                    .filter(|deleted| !deleted.is_empty())
                    .map(|deleted| deleted.meta.table),
            );
        }
        if tables.len() > 1 {
            for entity in group {
                with_rows(all, *entity, |rows, _| rows.leave_circle(writing, &tables))?;
            }
        }
        for entity in group.iter().rev() {
            with_rows(all, *entity, |rows, _| rows.delete(writing))?;
        }
    }
    Ok(())
}

/// Returns the key of a row of the session, wherever it is.
fn key_of<C: Store<E>, E: Entity>(
    slot: Slot,
    session: u32,
    own: &Rows<E>,
    others: &AllRows<C>,
) -> Option<RecordKey> {
    if slot.session != session {
        return None;
    }
    if slot.entity == EntityId::of::<E>() {
        return own.state(slot.row).key().map(|key| key.to_record_key());
    }
    others.get(&slot.entity)?.key_of(slot.row)
}

/// Returns the value by which others refer to a row of the session: only keys of one column are
/// referred to.
fn value_of<C: Store<E>, E: Entity>(
    slot: Slot,
    session: u32,
    own: &Rows<E>,
    others: &AllRows<C>,
) -> Option<Value> {
    let [value] = <[Value; 1]>::try_from(key_of(slot, session, own, others)?.0).ok()?;
    Some(value)
}
