//! Relations between the rows of a session, in step from both ends.

use std::collections::HashSet;

use super::Session;
use super::rows::AnyRows;
use crate::backend::Engine;
use crate::entity::{
    ColumnMeta, Draft as _, Entity, EntityId, EntityMeta, Fill, Given, Orphan, Slot,
};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::filter::{Comparison, Filter};
use crate::query::Query;
use crate::relation::RelationKind;
use crate::repository::Repository;
use crate::store::Store;
use crate::value::{Record, Value};

/// Rows of one statement that a session takes in, at most, because they belong to some that it knows.
/// Of more, it does not know any more what belongs to those.
const MOST_TAKEN_IN: usize = 100;

/// The rows that a query read along for one row, which hold the foreign key: those of the related
/// entity, or of the one between.
#[derive(Clone, Debug)]
pub(super) struct Included {
    rows: Vec<Slot>,
    /// How many rows of that entity had moved before.
    moved: usize,
}

impl<C: Engine> Session<C> {
    /// Notes what a query read along for a row: rows of an entity.
    pub(crate) fn set_included(
        &mut self,
        row: Slot,
        relation: &'static str,
        (of, rows): (EntityId, Vec<Slot>),
    ) {
        // What is not written yet was not found, and may belong to it.
        let written = self.rows.get(&of).filter(|rows| !rows.is_touched());
        let moved = written.map_or(0, |rows| rows.moved().len());
        self.includes.insert((row, relation), Included { rows, moved });
    }

    /// Returns the rows related to a row, as the session has them now.
    pub(crate) fn related_slots(&self, slot: Slot, relation: &'static str) -> Result<Vec<Slot>> {
        let meta = slot.entity.meta();
        let not_included = || Error::NotIncluded { entity: meta.name, relation };
        let kind = meta.relation(relation).map(|meta| (meta.kind, meta.target.meta()));
        let (kind, target) = kind.ok_or_else(not_included)?;
        match kind {
            RelationKind::BelongsTo { column } => {
                let own = self.rows.get(&slot.entity).filter(|_| slot.session == self.id);
                let given = own.and_then(|own| own.reference(slot.row, column));
                match given.ok_or_else(not_included)? {
                    Given::Row(to) => Ok(vec![to]),
                    Given::Value(Value::Null) | Given::Filled => Ok(Vec::new()),
                    Given::Value(key) => match self.find_in(target, &key) {
                        Some(found) => Ok(vec![found]),
                        None if self.includes.contains_key(&(slot, relation)) => Ok(Vec::new()),
                        None => Err(not_included()),
                    },
                }
            }
            RelationKind::HasOne { column } | RelationKind::HasMany { column } => {
                self.referring(slot, relation, target, column).ok_or_else(not_included)
            }
            RelationKind::ManyToMany { through, from, to } => {
                let links = self
                    .referring(slot, relation, through.meta(), from)
                    .ok_or_else(not_included)?;
                let mut found: Vec<Slot> = Vec::with_capacity(links.len());
                for link in links {
                    let rows = self.rows.get(&link.entity).ok_or_else(not_included)?;
                    let other = match rows.reference(link.row, to) {
                        Some(Given::Row(other)) => Some(other),
                        Some(Given::Value(key)) => self.find_in(target, &key),
                        Some(Given::Filled) | None => None,
                    };
                    let other = other.ok_or_else(not_included)?;
                    if !found.contains(&other) {
                        found.push(other);
                    }
                }
                Ok(found)
            }
        }
    }

    /// Returns the rows of an entity, if the session has some.
    fn rows_of_meta(&self, meta: &'static EntityMeta) -> Option<(EntityId, &dyn AnyRows<C>)> {
        let entity = EntityId::new(meta);
        Some((entity, &**self.rows.get(&entity)?))
    }

    /// Finds the row of an entity that others refer to by this value.
    fn find_in(&self, meta: &'static EntityMeta, key: &Value) -> Option<Slot> {
        let (entity, rows) = self.rows_of_meta(meta)?;
        Some(Slot { session: self.id, row: rows.find(key)?, entity })
    }

    /// Returns the rows of an entity that refer to a row: those that were included and still do,
    /// and those that do since. `None` where nothing was included and the row may have more.
    fn referring(
        &self,
        to: Slot,
        relation: &'static str,
        referring: &'static EntityMeta,
        column: usize,
    ) -> Option<Vec<Slot>> {
        let own = self.rows.get(&to.entity).filter(|_| to.session == self.id)?;
        let (included, moved) = match self.includes.get(&(to, relation)) {
            Some(included) => (included.rows.as_slice(), included.moved),
            // Nobody else knows it.
            None if own.is_own(to.row) => (&[][..], 0),
            None => return None,
        };
        let [key, next_key] = own.values_of(to.row);
        let Some((entity, rows)) = self.rows_of_meta(referring) else {
            return Some(Vec::new());
        };
        let refers = |row: u32| match rows.reference(row, column) {
            Some(Given::Row(other)) => other == to,
            Some(Given::Value(value)) if key.as_ref() == Some(&value) => true,
            Some(Given::Value(value)) => {
                next_key.as_ref() == Some(&value)
                    && rows.is_to_refer(row, column)
                    && own.find(&value) == Some(to.row)
            }
            Some(Given::Filled) | None => false,
        };
        let included = included.iter().map(|slot| slot.row);
        let moved = rows.moved().get(moved..).unwrap_or_default();
        let mut seen = HashSet::new();
        let found = included.chain(moved.iter().copied()).filter(|row| refers(*row));
        let found = found.filter(|row| seen.insert(*row));
        Some(found.map(|row| Slot { session: self.id, row, entity }).collect())
    }

    /// Takes in those of the rows that a statement has written which refer to a row of which the
    /// session knows what is related to it.
    pub(super) fn note_related<E: Entity>(&mut self, written: &[E])
    where
        C: Store<E>,
    {
        let parents: Vec<(usize, EntityId)> = (0..)
            .zip(E::meta().columns)
            .filter_map(|(position, column)| Some((position, column.references.as_ref()?)))
            .filter_map(|(position, reference)| {
                Some((position, self.rows_of_meta(reference.entity.meta())?.0))
            })
            .collect();
        if parents.is_empty() {
            return;
        }
        let is_related = |row: &&E| {
            let known = |(column, parent): &(usize, EntityId)| {
                self.knows_related(*parent, &row.value(*column)).is_some()
            };
            parents.iter().any(known)
        };
        let related: Vec<&E> = written.iter().filter(is_related).collect();
        if related.len() > MOST_TAKEN_IN {
            // Many rows that nobody asked for are not kept.
            let columns = parents
                .iter()
                .filter_map(|(column, _)| Some((*column, E::meta().columns.get(*column)?)));
            let referred: Vec<(&ColumnMeta, Value)> = columns
                .flat_map(|(position, column)| {
                    related.iter().map(move |row| (column, row.value(position)))
                })
                .collect();
            self.forget_related(&referred);
            return;
        }
        for row in related.into_iter().cloned() {
            let known = self.rows_of::<E>().find(&row.key());
            let row = known.unwrap_or_else(|| self.loaded(row).row);
            self.rows_of::<E>().note_moved(row);
        }
    }

    /// Forgets what is related to the rows that others refer to by these values: a statement has made
    /// rows refer to them that the session does not know.
    pub(super) fn forget_related(&mut self, assignments: &[(&'static ColumnMeta, Value)]) {
        let parent = |(column, value): &(&'static ColumnMeta, Value)| {
            let (parent, _) = self.rows_of_meta(column.references.as_ref()?.entity.meta())?;
            self.knows_related(parent, value)
        };
        let parents: HashSet<Slot> = assignments.iter().filter_map(parent).collect();
        if parents.is_empty() {
            return;
        }
        self.includes.retain(|(row, _), _| !parents.contains(row));
        for parent in parents {
            if let Some(rows) = self.rows.get_mut(&parent.entity) {
                rows.disown(parent.row);
            }
        }
    }

    /// Finds the row of an entity that others refer to by this value, where the session knows what
    /// is related to it.
    fn knows_related(&self, parent: EntityId, value: &Value) -> Option<Slot> {
        let rows = self.rows.get(&parent)?;
        let row = rows.find(value)?;
        let slot = Slot { session: self.id, row, entity: parent };
        let mut relations = rows.meta().relations.iter();
        let is_known = rows.is_own(row)
            || relations.any(|relation| self.includes.contains_key(&(slot, relation.name)));
        is_known.then_some(slot)
    }

    /// Makes a row refer to another in a column.
    pub(crate) fn refer(&mut self, row: Slot, column: usize, to: Slot) -> Result<()> {
        let key = self.rows_with(to)?.value_to_refer_by(to.row);
        if self.rows_with_mut(row)?.refer(row.row, column, Some((to, key))) {
            return Ok(());
        }
        Err(refused(row.entity.meta(), column, "cannot refer to that row"))
    }

    /// Makes a row refer to nothing in a column, where it refers to that row.
    pub(crate) fn part(&mut self, row: Slot, column: usize, from: Slot) -> Result<()> {
        let keys = self.rows_with(from)?.values_of(from.row);
        let rows = self.rows_with_mut(row)?;
        let refers = match rows.reference(row.row, column) {
            Some(Given::Row(slot)) => slot == from,
            Some(Given::Value(value)) => keys.contains(&Some(value)),
            Some(Given::Filled) | None => false,
        };
        if !refers {
            return Ok(());
        }
        let column_meta = row.entity.meta().columns.get(column);
        let orphan = column_meta
            .and_then(|column| column.references.as_ref())
            .map_or(Orphan::Keep, |reference| reference.orphan);
        match orphan {
            Orphan::Delete => {
                rows.orphan(row.row, column);
                Ok(())
            }
            Orphan::Keep if rows.refer(row.row, column, None) => Ok(()),
            Orphan::Keep => Err(refused(row.entity.meta(), column, "has to refer to a row")),
        }
    }

    /// Returns the rows among which one is that this session knows.
    pub(super) fn rows_with(&self, row: Slot) -> Result<&dyn AnyRows<C>> {
        let own = self.rows.get(&row.entity).filter(|_| row.session == self.id);
        let known = own.filter(|rows| !rows.is_gone(row.row));
        known.map(|rows| &**rows).ok_or_else(|| unknown(row))
    }

    pub(super) fn rows_with_mut(&mut self, row: Slot) -> Result<&mut (dyn AnyRows<C> + 'static)> {
        let own = self.rows.get_mut(&row.entity).filter(|_| row.session == self.id);
        let known = own.filter(|rows| !rows.is_gone(row.row));
        known.map(|rows| &mut **rows).ok_or_else(|| unknown(row))
    }

    /// Adds the row of `L` that links two others.
    pub(crate) fn add_link<L: Entity>(
        &mut self,
        (from_column, from): (usize, Slot),
        (to_column, to): (usize, Slot),
    ) -> Result<()>
    where
        C: Store<L>,
    {
        self.rows_with(from)?;
        self.rows_with(to)?;
        let mut record = Record(vec![Value::Null; L::meta().columns.len()]);
        for (position, column) in (0..).zip(L::meta().columns) {
            // Stands there until the draft refers to the rows, or the database fills it.
            let is_filled =
                position == from_column || position == to_column || column.fill != Fill::Draft;
            if is_filled {
                record.set(position, crate::fill::blank(column.column_type));
            }
        }
        let mut draft = L::Draft::from_entity(L::from_record(record)?);
        draft.refer(from_column, Some(from));
        draft.refer(to_column, Some(to));
        self.add(draft);
        Ok(())
    }

    /// Deletes the rows of `L` that link two others.
    pub(crate) fn delete_link<L: Entity>(
        &mut self,
        (from_column, from): (usize, Slot),
        (to_column, to): (usize, Slot),
    ) -> Result<()>
    where
        C: Store<L>,
    {
        self.rows_with(from)?;
        self.rows_with(to)?;
        let rows = self.rows_of::<L>();
        let pending: Vec<u32> = rows
            .touched()
            .map(|(row, _)| row)
            .filter(|&row| {
                rows.reference(row, from_column) == Some(Given::Row(from))
                    && rows.reference(row, to_column) == Some(Given::Row(to))
            })
            .collect();
        for row in pending {
            self.rows_of::<L>().mark_deleted(row);
        }
        let keys_of = |session: &Self| {
            let [from, _] = session.rows.get(&from.entity)?.values_of(from.row);
            let [to, _] = session.rows.get(&to.entity)?.values_of(to.row);
            from.zip(to)
        };
        if keys_of(self).is_none() {
            return Ok(());
        }
        // By the keys that the links have once what is pending is written.
        self.before_reading()?;
        let Some((from_key, to_key)) = keys_of(self) else { return Ok(()) };
        let equals = |column: usize, value| {
            let name = L::meta().columns.get(column).map_or("", |column| column.name);
            Filter::compare(name, Comparison::Equal, value)
        };
        let mut query = Query::<L>::new();
        query.filter = equals(from_column, from_key).and(equals(to_column, to_key));
        let links = Repository::<L>::list(self, &query)?;
        for link in self.loaded_all(links) {
            self.delete(link)?;
        }
        Ok(())
    }
}

fn refused(meta: &EntityMeta, column: usize, message: &str) -> Error {
    let column = meta.columns.get(column).map_or("", |column| column.name);
    Invalid { entity: meta.name, errors: vec![FieldError::new(column, message)] }.into()
}

/// Makes the error for a row that is not in the session.
pub(super) fn unknown(row: Slot) -> Error {
    Error::NotFound {
        entity: row.entity.meta().name,
        wanted: format!("the handle {row:?} in this session"),
    }
}
