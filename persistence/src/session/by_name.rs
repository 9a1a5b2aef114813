//! The unit of work by names: entities whose types are known only at run time, on the session's own
//! rows.

use std::borrow::BorrowMut;

use super::changes::Change;
use super::including::{include, relate_one};
use super::relating::unknown;
use super::{Key, Session};
use crate::backend::{Dialect, Engine};
use crate::catalog::{DynRepository, DynSession, no_entity, same_entity};
use crate::drafting;
use crate::edit::Edit;
use crate::entity::{Entity, EntityMeta, Fill, Given};
use crate::erased::{Erased, key_of};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::fill::filled_where;
use crate::filter::{Filter, known, known_relation};
use crate::interruption::Canceller;
use crate::order::Order;
use crate::query::Query;
use crate::reference::Slot;
use crate::relation::{RelationKind, RelationMeta};
use crate::repository::Repository;
use crate::sealed::Sealed;
use crate::sql::Typed;
use crate::store::Store;
use crate::value::{Record, RecordKey, Value};

/// Keys asked for in one statement, where the engine takes as many.
const KEYS_PER_STATEMENT: usize = 5_000;

/// What a session does with the rows of one entity that needs to know its type.
pub(crate) trait ErasedEntity<C: Engine>: Send + Sync {
    fn meta(&self) -> &'static EntityMeta;
    fn repository<'s>(&self, session: &'s mut Session<C>) -> Box<dyn DynRepository + 's>;
    /// Adds a row to be inserted.
    fn add(&self, session: &mut Session<C>, given: &[Given]) -> Result<Slot>;
    /// Takes in a row that lived outside of the session.
    fn merge(&self, session: &mut Session<C>, row: Record) -> Result<Slot>;
    /// Reads the row with a primary key.
    fn get(&self, session: &mut Session<C>, key: &RecordKey) -> Result<Slot>;
    /// Reads the rows of a query.
    fn all(&self, session: &mut Session<C>, query: &Query) -> Result<Vec<Slot>>;
    /// Reads the rows whose column has one of the values. Rows that share a value come in that order,
    /// those that do not in any.
    fn all_with(
        &self,
        session: &mut Session<C>,
        column: usize,
        order: &Order,
        values: Vec<Value>,
    ) -> Result<Vec<Slot>>;
    /// Reads a row again.
    fn refresh(&self, session: &mut Session<C>, row: Slot) -> Result<()>;
    /// Deletes a row with the next flush.
    fn delete(&self, session: &mut Session<C>, row: Slot) -> Result<()>;
    /// Adds the row that links two others.
    fn add_link(
        &self,
        session: &mut Session<C>,
        from: (usize, Slot),
        to: (usize, Slot),
    ) -> Result<()>;
    /// Deletes the rows that link two others.
    fn delete_link(
        &self,
        session: &mut Session<C>,
        from: (usize, Slot),
        to: (usize, Slot),
    ) -> Result<()>;
}

impl<C: Store<E>, E: Entity> ErasedEntity<C> for Typed<E> {
    fn meta(&self) -> &'static EntityMeta {
        E::meta()
    }

    fn repository<'s>(&self, session: &'s mut Session<C>) -> Box<dyn DynRepository + 's> {
        Box::new(Erased::<E, _>::new(session))
    }

    fn add(&self, session: &mut Session<C>, given: &[Given]) -> Result<Slot> {
        let draft = drafting::draft::<E>(given)?;
        Ok(session.add(draft).slot())
    }

    fn merge(&self, session: &mut Session<C>, row: Record) -> Result<Slot> {
        let row = filled_where(E::meta(), row, |fill| fill != Fill::Generated);
        let row = E::from_record(E::meta().coerce(row)?)?;
        Ok(session.merge(row)?.slot())
    }

    fn get(&self, session: &mut Session<C>, key: &RecordKey) -> Result<Slot> {
        Ok(session.get::<E>(key_of::<E>(key)?)?.slot())
    }

    fn all(&self, session: &mut Session<C>, query: &Query) -> Result<Vec<Slot>> {
        let rows = session.rows_found::<E>(&query.clone().retype())?;
        Ok(session.loaded_all(rows).into_iter().map(Key::slot).collect())
    }

    fn all_with(
        &self,
        session: &mut Session<C>,
        column: usize,
        order: &Order,
        mut values: Vec<Value>,
    ) -> Result<Vec<Slot>> {
        let name = E::meta().columns.get(column).map_or("", |column| column.name);
        values.retain(|value| !value.is_null());
        values.sort();
        values.dedup();
        let mut found = Vec::new();
        for values in values.chunks(KEYS_PER_STATEMENT.min(C::Backend::MAX_BINDS)) {
            let mut query = Query::<E>::new();
            query.filter = Filter::In { column: name.into(), values: values.to_vec() };
            query.order = order.clone();
            let rows = session.list(&query)?;
            found.extend(session.loaded_all(rows).into_iter().map(Key::slot));
        }
        Ok(found)
    }

    fn refresh(&self, session: &mut Session<C>, row: Slot) -> Result<()> {
        session.refresh(Key::<E>::of_slot(row))
    }

    fn delete(&self, session: &mut Session<C>, row: Slot) -> Result<()> {
        session.delete(Key::<E>::of_slot(row))
    }

    fn add_link(
        &self,
        session: &mut Session<C>,
        from: (usize, Slot),
        to: (usize, Slot),
    ) -> Result<()> {
        session.add_link::<E>(from, to)
    }

    fn delete_link(
        &self,
        session: &mut Session<C>,
        from: (usize, Slot),
        to: (usize, Slot),
    ) -> Result<()> {
        session.delete_link::<E>(from, to)
    }
}

/// The entities that a session can be asked for by name.
pub(crate) type Entities<C> = [&'static dyn ErasedEntity<C>];

/// A session, its own or lent, whose entities are found by their tables.
pub(crate) struct ByName<'e, C: Engine, S> {
    session: S,
    entities: &'e Entities<C>,
}

impl<'e, C: Engine, S: BorrowMut<Session<C>>> ByName<'e, C, S> {
    pub(crate) const fn new(session: S, entities: &'e Entities<C>) -> Self {
        Self { session, entities }
    }

    fn entity(&self, table: &str) -> Result<&'static dyn ErasedEntity<C>> {
        let entity = self.entities.iter().find(|entity| entity.meta().table == table);
        entity.copied().ok_or_else(|| no_entity(table))
    }

    /// Returns the entity that a relation leads to, or leads through.
    fn related_entity(&self, meta: &'static EntityMeta) -> Result<&'static dyn ErasedEntity<C>> {
        let found = self.entity(meta.table)?;
        same_entity(found.meta(), meta).map(|()| found)
    }

    /// Returns the entity of a row.
    fn entity_of(&self, row: Slot) -> Result<&'static dyn ErasedEntity<C>> {
        let is_its =
            |entity: &&&dyn ErasedEntity<C>| std::ptr::eq(entity.meta(), row.entity.meta());
        self.entities.iter().find(is_its).copied().ok_or_else(|| unknown(row))
    }

    /// Finds a relation of a row's entity.
    fn relation(&self, row: Slot, name: &str) -> Result<&'static RelationMeta> {
        self.session.borrow().rows_with(row)?;
        Ok(known_relation(row.entity.meta(), name)?)
    }

    /// Reads a row now that is to be read again.
    fn read_expired(&mut self, row: Slot) -> Result<()> {
        let entity = self.entity_of(row)?;
        let session = self.session.borrow_mut();
        if session.rows_with(row)?.is_expired(row.row) {
            entity.refresh(session, row)
        } else {
            Ok(())
        }
    }

    /// Returns what two rows are related by, read again where they have to be.
    fn ends(&mut self, row: Slot, relation: &'static RelationMeta, other: Slot) -> Result<Ends<C>> {
        relation.check_target(row.entity.meta(), other.entity.meta())?;
        self.read_expired(row)?;
        self.read_expired(other)?;
        Ok(match relation.kind {
            RelationKind::BelongsTo { column } => Ends::Referring { row, column, to: other },
            RelationKind::HasOne { column } | RelationKind::HasMany { column } => {
                Ends::Referring { row: other, column, to: row }
            }
            RelationKind::ManyToMany { through, from, to } => Ends::Linked {
                by: self.related_entity(through.meta())?,
                from: (from, row),
                to: (to, other),
            },
        })
    }
}

/// What two rows are related by.
enum Ends<C: Engine> {
    /// One of them refers to the other in a column.
    Referring { row: Slot, column: usize, to: Slot },
    /// Rows of an entity refer to both, in these columns.
    Linked { by: &'static dyn ErasedEntity<C>, from: (usize, Slot), to: (usize, Slot) },
}

impl<C: Engine, S> Sealed for ByName<'_, C, S> {}

impl<C: Engine, S: BorrowMut<Session<C>>> DynSession for ByName<'_, C, S> {
    fn repository(&mut self, table: &str) -> Result<Box<dyn DynRepository + '_>> {
        Ok(self.entity(table)?.repository(self.session.borrow_mut()))
    }

    fn add(&mut self, table: &str, columns: &[(&str, Given)]) -> Result<Slot> {
        let entity = self.entity(table)?;
        let session = self.session.borrow_mut();
        let given = drafting::by_position(entity.meta(), columns)?;
        for given in &given {
            if let Given::Row(to) = given {
                session.rows_with(*to)?;
            }
        }
        entity.add(session, &given)
    }

    fn merge(&mut self, table: &str, row: Record) -> Result<Slot> {
        self.entity(table)?.merge(self.session.borrow_mut(), row)
    }

    fn get(&mut self, table: &str, key: &RecordKey) -> Result<Slot> {
        self.entity(table)?.get(self.session.borrow_mut(), key)
    }

    fn all(&mut self, table: &str, query: &Query) -> Result<Vec<Slot>> {
        self.entity(table)?.all(self.session.borrow_mut(), query)
    }

    fn row(&self, row: Slot) -> Option<Record> {
        self.session.borrow().rows_with(row).ok()?.record(row.row)
    }

    fn draft(&self, row: Slot) -> Option<Vec<Given>> {
        self.session.borrow().rows_with(row).ok()?.given_to(row.row)
    }

    fn set(&mut self, row: Slot, column: &str, value: Given) -> Result<()> {
        self.read_expired(row)?;
        let session = self.session.borrow_mut();
        let meta = row.entity.meta();
        let column = known(meta, column).map_err(Error::from)?;
        let position = meta.position(column.name).expect("a column is one of its entity's");
        let invalid = |error| Invalid { entity: meta.name, errors: vec![error] };
        if let Given::Row(to) = value {
            session.rows_with(to)?;
        }
        let rows = session.rows_with_mut(row)?;
        if let Some(mut given) = rows.given_to(row.row) {
            if let Some(place) = given.get_mut(position) {
                *place = value;
            }
            return rows.give_to(row.row, &given);
        }
        if rows.is_marked(row.row) {
            let wanted = format!("the handle {row:?}, whose row is about to be deleted");
            return Err(Error::NotFound { entity: meta.name, wanted });
        }
        match value {
            Given::Row(to) => {
                drafting::check_reference(column, to.entity).map_err(invalid)?;
                session.refer(row, position, to)
            }
            Given::Value(value) => {
                let value = drafting::assigned(meta, column, value)?;
                rows.set(row.row, position, value)
            }
            Given::Filled => Err(invalid(FieldError::required(column.name)).into()),
        }
    }

    fn delete(&mut self, row: Slot) -> Result<()> {
        self.entity_of(row)?.delete(self.session.borrow_mut(), row)
    }

    fn refresh(&mut self, row: Slot) -> Result<()> {
        self.entity_of(row)?.refresh(self.session.borrow_mut(), row)
    }

    fn include(&mut self, rows: &[Slot], relation: &str) -> Result<Vec<Slot>> {
        let Some(&first) = rows.first() else { return Ok(Vec::new()) };
        let relation = self.relation(first, relation)?;
        for row in rows {
            self.session.borrow().rows_with(*row)?;
            same_entity(row.entity.meta(), first.entity.meta())?;
        }
        let target = self.related_entity(relation.target.meta())?;
        let through = match relation.kind {
            RelationKind::ManyToMany { through, .. } => Some(self.related_entity(through.meta())?),
            _ => None,
        };
        // Rows that are not inserted yet have no keys.
        self.session.borrow_mut().before_reading()?;
        include(self.session.borrow_mut(), relation, (target, through), rows)
    }

    fn related(&self, row: Slot, relation: &str) -> Result<Vec<Slot>> {
        let relation = self.relation(row, relation)?;
        self.session.borrow().related_slots(row, relation.name)
    }

    fn relate(&mut self, row: Slot, relation: &str, other: Slot) -> Result<()> {
        let relation = self.relation(row, relation)?;
        let ends = self.ends(row, relation, other)?;
        let session = self.session.borrow_mut();
        match ends {
            Ends::Linked { by, from, to } => by.add_link(session, from, to),
            Ends::Referring { row: child, column, to } => {
                if let RelationKind::HasOne { .. } = relation.kind {
                    return relate_one(session, relation.name, column, (row, other));
                }
                session.refer(child, column, to)
            }
        }
    }

    fn unrelate(&mut self, row: Slot, relation: &str, other: Slot) -> Result<()> {
        let relation = self.relation(row, relation)?;
        let ends = self.ends(row, relation, other)?;
        let session = self.session.borrow_mut();
        match ends {
            Ends::Linked { by, from, to } => by.delete_link(session, from, to),
            Ends::Referring { row, column, to } => session.part(row, column, to),
        }
    }

    fn clear(&mut self) {
        self.session.borrow_mut().clear();
    }

    fn changes(&mut self) -> Vec<Edit> {
        let changes = self.session.borrow_mut().changes();
        changes.into_iter().filter_map(Change::into_edit).collect()
    }

    fn flush(&mut self) -> Result<()> {
        self.session.borrow_mut().flush()
    }

    fn savepoint(&mut self, part: &mut dyn FnMut(&mut dyn DynSession) -> Result<()>) -> Result<()> {
        let entities = self.entities;
        let session = self.session.borrow_mut();
        session.savepoint(|session| part(&mut ByName::new(session, entities)))
    }

    fn commit(&mut self) -> Result<()> {
        self.session.borrow_mut().commit()
    }

    fn rollback(&mut self) -> Result<()> {
        self.session.borrow_mut().rollback()
    }

    fn canceller(&mut self) -> Result<Canceller> {
        self.session.borrow_mut().canceller()
    }
}
