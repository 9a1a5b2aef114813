//! Adding, changing, deleting, and the flush that writes it all in the right order.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::ops::{Index, IndexMut};

use diesel::connection::TransactionManager;

use super::identity_map::{AnyRows, Rows, State, rows, rows_mut};
use super::{Key, NO_ENTITY, Session, Statements};
use crate::backend::{Access, Engine};
use crate::entity::{Draft, Entity, EntityMeta, ResolveReferences};
use crate::error::{Error, Result};
use crate::filter::{Comparison, Filter};
use crate::reference::Slot;
use crate::repository::{Repository, conflict, not_found};
use crate::scalar::PrimaryKey as _;
use crate::store::Store;
use crate::value::RecordKey;

pub(super) type AllRows<C> = HashMap<TypeId, Box<dyn AnyRows<C>>>;

impl<C: Engine> Session<C> {
    /// Adds a row, to be inserted by the next flush. Parents and children may be added in any
    /// order; a child may refer to the key of a parent that is not inserted yet.
    pub fn add<D>(&mut self, draft: D) -> Key<D::Entity>
    where
        D: Draft<Entity: Entity<Draft = D>>,
        C: Store<D::Entity>,
    {
        let row = self.rows_of::<D::Entity>().add(draft);
        self.key(row)
    }

    /// Adds rows, to be inserted by the next flush in that order.
    pub fn add_all<D>(&mut self, drafts: impl IntoIterator<Item = D>) -> Vec<Key<D::Entity>>
    where
        D: Draft<Entity: Entity<Draft = D>>,
        C: Store<D::Entity>,
    {
        drafts.into_iter().map(|draft| self.add(draft)).collect()
    }

    /// Deletes a row with the next flush; one that was not inserted yet is just forgotten.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the row is not in this session, or gone already.
    pub fn delete<E: Entity>(&mut self, key: Key<E>) -> Result<()>
    where
        C: Store<E>,
    {
        let known = rows::<C, E>(&self.rows)
            .is_some_and(|rows| !matches!(rows.state(key.row), State::Gone));
        if key.session != self.id || !known {
            return Err(Error::NotFound {
                entity: E::meta().name,
                wanted: format!("the handle {key:?} in this session"),
            });
        }
        self.rows_of::<E>().mark_deleted(key.row);
        Ok(())
    }

    /// The row of a handle; `None` while it is not inserted, and after it was deleted.
    #[must_use]
    pub fn row<E: Entity>(&self, key: Key<E>) -> Option<&E> {
        if key.session != self.id {
            return None;
        }
        rows::<C, E>(&self.rows)?.state(key.row).row()
    }

    /// Writes what was added, changed and deleted: inserts parents first, then updates of changed
    /// columns, then deletes children first. Sends nothing where nothing changed.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Constraint`], [`Error::Conflict`] and the like. Everything the
    /// flush wrote is taken back, all changes are pending as they were, and the session is usable:
    /// mend and flush again, or [`rollback`](Self::rollback).
    pub fn flush(&mut self) -> Result<()> {
        if !self.rows.values().any(|rows| rows.has_changes()) {
            return Ok(());
        }
        if self.access == Access::Read {
            return Err(Error::ReadOnly { target: self.target.to_string() });
        }
        self.begin(Access::Write)?;
        C::TransactionManager::begin_transaction(&mut *self.connection)
            .map_err(|error| C::classify(error, &NO_ENTITY))?;
        let lengths: HashMap<_, _> =
            self.rows.iter().map(|(entity, rows)| (*entity, rows.journal_length())).collect();
        // Out of the session while it writes, so that each table can see the others.
        let mut all = std::mem::take(&mut self.rows);
        let written = write_all(self, &mut all);
        self.rows = all;
        let written = written.and_then(|()| {
            C::TransactionManager::commit_transaction(&mut *self.connection)
                .map_err(|error| C::classify(error, &NO_ENTITY))
        });
        for (entity, rows) in &mut self.rows {
            if written.is_ok() {
                rows.flushed();
            } else {
                rows.flush_failed(lengths.get(entity).copied().unwrap_or(0));
            }
        }
        if written.is_err() {
            // The first error is what matters, also when the connection is lost altogether.
            C::TransactionManager::rollback_transaction(&mut *self.connection).ok();
        }
        written
    }

    pub(super) fn rows_of<E: Entity>(&mut self) -> &mut Rows<E>
    where
        C: Store<E>,
    {
        self.rows.entry(TypeId::of::<E>()).or_insert_with(|| Box::new(Rows::<E>::default()));
        rows_mut(&mut self.rows).expect("rows are filed under their entity's type")
    }

    pub(super) const fn key<E: Entity>(&self, row: u32) -> Key<E> {
        Key { session: self.id, row, entity: std::marker::PhantomData }
    }
}

/// Reads a row.
impl<C: Engine, E: Entity> Index<Key<E>> for Session<C> {
    type Output = E;

    /// # Panics
    /// When the row is not inserted yet (flush first), is deleted, or is of another session;
    /// [`Session::row`] asks.
    fn index(&self, key: Key<E>) -> &E {
        self.row(key).unwrap_or_else(|| {
            panic!("{key:?} is not inserted yet, deleted, or a row of another session")
        })
    }
}

/// Changes a row: the columns that differ are written by the next flush.
impl<C: Engine, E: Entity> IndexMut<Key<E>> for Session<C> {
    /// # Panics
    /// As [`Index`]; also for a row that is to be deleted.
    fn index_mut(&mut self, key: Key<E>) -> &mut E {
        let of_this_session = key.session == self.id;
        rows_mut::<C, E>(&mut self.rows)
            .filter(|_| of_this_session)
            .and_then(|rows| rows.change(key.row))
            .unwrap_or_else(|| {
                panic!("{key:?} is not inserted yet, deleted, or a row of another session")
            })
    }
}

fn write_all<C: Engine>(session: &mut Session<C>, all: &mut AllRows<C>) -> Result<()> {
    let order = parents_first(all);
    for entity in &order {
        if let Some(mut rows) = all.remove(entity) {
            let inserted = rows.insert(session, all);
            all.insert(*entity, rows);
            inserted?;
        }
    }
    for entity in &order {
        if let Some(rows) = all.get_mut(entity) {
            rows.update(session)?;
        }
    }
    for entity in order.iter().rev() {
        if let Some(rows) = all.get_mut(entity) {
            rows.delete(session)?;
        }
    }
    Ok(())
}

/// The entities in an order in which each comes after those it refers to.
fn parents_first<C: Engine>(all: &AllRows<C>) -> Vec<TypeId> {
    fn visit<'m>(
        table: &'m str,
        tables: &HashMap<&'m str, (TypeId, &'static EntityMeta)>,
        visited: &mut Vec<&'m str>,
        order: &mut Vec<TypeId>,
    ) {
        let Some((entity, meta)) = tables.get(table) else { return };
        if visited.contains(&table) {
            return;
        }
        visited.push(table);
        for reference in meta.columns.iter().filter_map(|column| column.references.as_ref()) {
            visit((reference.entity)().table, tables, visited, order);
        }
        order.push(*entity);
    }
    let tables: HashMap<&str, _> =
        all.iter().map(|(entity, rows)| (rows.meta().table, (*entity, rows.meta()))).collect();
    let mut names: Vec<&str> = tables.keys().copied().collect();
    names.sort_unstable();
    let (mut visited, mut order) = (Vec::new(), Vec::new());
    for table in names {
        visit(table, &tables, &mut visited, &mut order);
    }
    order
}

/// Finds the keys of rows that drafts refer to.
struct References<'s, C: Engine, E: Entity> {
    session: u32,
    own: &'s Rows<E>,
    others: &'s AllRows<C>,
}

impl<C: Store<E>, E: Entity> ResolveReferences for References<'_, C, E> {
    fn resolve(&mut self, slot: Slot) -> Option<RecordKey> {
        if slot.session != self.session {
            return None;
        }
        if slot.entity == TypeId::of::<E>() {
            return AnyRows::<C>::key_of(self.own, slot.row);
        }
        self.others.get(&slot.entity)?.key_of(slot.row)
    }
}

pub(super) fn insert_pending<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    session: &mut Session<C>,
    others: &AllRows<C>,
) -> Result<()> {
    let now = super::repository::now();
    let mut batch: Vec<(u32, E)> = Vec::new();
    for row in rows.touched.clone() {
        let State::Pending(draft) = rows.state(row) else { continue };
        let draft = draft.clone();
        let mut built = draft
            .clone()
            .build(now, &mut References::<C, E> { session: session.id, own: rows, others });
        if built.is_err() && !batch.is_empty() {
            // It may refer to a row of this very batch.
            insert_batch(rows, session, std::mem::take(&mut batch))?;
            built = draft
                .build(now, &mut References::<C, E> { session: session.id, own: rows, others });
        }
        let entity = built?;
        entity.validate()?;
        batch.push((row, entity));
    }
    insert_batch(rows, session, batch)
}

fn insert_batch<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    session: &mut Session<C>,
    batch: Vec<(u32, E)>,
) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let (slots, mut entities): (Vec<u32>, Vec<E>) = batch.into_iter().unzip();
    session.write(Statements::Many, &mut entities, |connection, entities| {
        Store::<E>::insert(connection, entities)
    })?;
    for (row, entity) in slots.into_iter().zip(entities) {
        rows.written(row, State::Stored(entity));
    }
    Ok(())
}

pub(super) fn update_changed<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    session: &mut Session<C>,
) -> Result<()> {
    // In key order, so that two sessions never wait for each other crosswise.
    let mut changed: Vec<_> = rows
        .touched
        .iter()
        .filter_map(|&row| match rows.state(row) {
            State::Changed { base, mine } => Some((base.key(), row, base.clone(), mine.clone())),
            _ => None,
        })
        .collect();
    changed.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, row, base, mine) in changed {
        let stored = session.update_row(&base, mine)?;
        rows.written(row, State::Stored(stored));
    }
    Ok(())
}

pub(super) fn delete_marked<C: Store<E>, E: Entity>(
    rows: &mut Rows<E>,
    session: &mut Session<C>,
) -> Result<()> {
    let mut deleted: Vec<_> = rows
        .touched
        .iter()
        .filter_map(|&row| match rows.state(row) {
            State::Deleted(base) => Some((base.key(), row, base.clone())),
            _ => None,
        })
        .collect();
    deleted.sort_by(|a, b| a.0.cmp(&b.0));
    for position in children_first(&deleted.iter().map(|(_, _, base)| &**base).collect::<Vec<_>>())
    {
        let Some((_, row, base)) = deleted.get(position) else { continue };
        session.delete_row(&**base)?;
        rows.written(*row, State::Gone);
    }
    Ok(())
}

/// The positions of rows, those that refer to others of the same table before these; else, and
/// where they refer to each other in a circle, as they are.
fn children_first<E: Entity>(rows: &[&E]) -> Vec<usize> {
    let table = E::meta().table;
    let to_itself: Vec<usize> = (0..)
        .zip(E::meta().columns)
        .filter(|(_, column)| {
            column.references.as_ref().is_some_and(|other| (other.entity)().table == table)
        })
        .map(|(position, _)| position)
        .collect();
    if to_itself.is_empty() {
        return (0..rows.len()).collect();
    }
    let positions: HashMap<RecordKey, usize> =
        (0..).zip(rows).map(|(at, row)| (row.key().to_record_key(), at)).collect();
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    for (child, row) in (0..).zip(rows) {
        for &column in &to_itself {
            if let Some(&parent) = positions.get(&RecordKey(vec![row.value(column)])) {
                children.entry(parent).or_default().push(child);
            }
        }
    }
    // Depth first without recursion: a chain may be as long as the table.
    let mut visited: HashSet<usize> = HashSet::new();
    let mut order = Vec::with_capacity(rows.len());
    for first in 0..rows.len() {
        let mut path = if visited.contains(&first) { vec![] } else { vec![first] };
        while let Some(&row) = path.last() {
            visited.insert(row);
            let unvisited = children.get_mut(&row).and_then(|children| {
                std::iter::from_fn(|| children.pop()).find(|child| !visited.contains(child))
            });
            if let Some(child) = unvisited {
                path.push(child);
            } else {
                path.pop();
                order.push(row);
            }
        }
    }
    order
}

impl<C: Engine> Session<C> {
    /// Updates the columns of one row that differ, guarded by its version.
    pub(super) fn update_row<E: Entity>(&mut self, base: &E, mut mine: E) -> Result<E>
    where
        C: Store<E>,
    {
        let meta = E::meta();
        mine.validate()?;
        let mut changed = mine.changed_columns(base);
        if let Some(version) = meta.version {
            changed = changed.without(version);
        }
        if changed.is_empty() {
            return Ok(base.clone());
        }
        let affected =
            self.write(Statements::One, std::slice::from_mut(&mut mine), |connection, mine| {
                mine.first().map_or(Ok(0), |mine| connection.update(base, mine, changed))
            })?;
        if affected == 0 {
            let theirs = self.read(meta, |connection| connection.select_key(&base.key()))?;
            return Err(conflict(Some(base), Some(&mine), theirs.as_ref(), &base.key()));
        }
        if let Some(version) = meta.version
            && let Some(count) = base.value(version).as_integer()
        {
            mine.set_value(version, (count + 1).into())
                .expect("a version is an integer that counts up");
        }
        Ok(mine)
    }

    /// Deletes one row, guarded by its version.
    fn delete_row<E: Entity>(&mut self, base: &E) -> Result<()>
    where
        C: Store<E>,
    {
        let meta = E::meta();
        let mut filter = Filter::key(meta, &base.key().to_record_key());
        if let Some(version) = meta.version
            && let Some(column) = meta.columns.get(version)
        {
            filter =
                filter.and(Filter::compare(column.name, Comparison::Equal, base.value(version)));
        }
        let mut row = base.clone();
        let affected =
            self.write(Statements::One, std::slice::from_mut(&mut row), |connection, _| {
                Store::<E>::delete_where(connection, &filter)
            })?;
        if affected == 0 {
            return match Repository::<E>::find(self, &base.key())? {
                None => Err(not_found::<E>(&base.key())),
                theirs => Err(conflict(Some(base), None, theirs.as_ref(), &base.key())),
            };
        }
        Ok(())
    }
}
