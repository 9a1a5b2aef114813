//! The unit of work of a [`Memory`], by the names of its entities.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Memory;
use super::unit::Unit;
use crate::catalog::{DynRepository, DynSession, no_entity, same_entity};
use crate::drafting;
use crate::edit::Edit;
use crate::entity::{EntityMeta, Fill, Given, Slot};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::fill::filled_where;
use crate::filter::{Filter, known, known_relation};
use crate::interruption::Canceller;
use crate::order::Order;
use crate::query::Query;
use crate::reference::next_session;
use crate::relation::{RelationKind, RelationMeta};
use crate::value::{Record, RecordKey, Value};

impl Memory {
    fn table_named(&self, table: &str) -> Result<usize> {
        let known = self.entities.iter().position(|entity| entity.entry.meta.table == table);
        known.ok_or_else(|| no_entity(table))
    }

    /// Finds a relation of a row's entity.
    fn relation_of(&self, row: Slot, name: &str) -> Result<&'static RelationMeta> {
        self.known_row(row)?;
        let relation = known_relation(row.entity.meta(), name)?;
        let mut targets = vec![relation.target.meta()];
        if let RelationKind::ManyToMany { through, .. } = relation.kind {
            targets.push(through.meta());
        }
        for target in targets {
            same_entity(self.table(self.position(target)?).meta, target)?;
        }
        Ok(relation)
    }

    /// Returns the handles of the rows whose column has a value, in an order.
    fn handles_with(
        &mut self,
        meta: &'static EntityMeta,
        (column, value): (usize, Value),
        order: &Order,
    ) -> Result<Vec<Slot>> {
        if value.is_null() {
            return Ok(Vec::new());
        }
        let name = meta.names(&[column]).join("");
        let filter = Filter::In { column: name.into(), values: vec![value] };
        let mut query = Query::new();
        (query.filter, query.order) = (filter, order.clone());
        self.all(meta.table, &query)
    }

    /// Reads what a relation leads to from one row.
    fn include_of(&mut self, row: Slot, relation: &'static RelationMeta) -> Result<Vec<Slot>> {
        let Some(stored) = self.row(row) else { return Ok(Vec::new()) };
        let meta = row.entity.meta();
        let own = stored.value(relation.own_column(meta)).clone();
        let target = relation.target.meta();
        let column = relation.target_column();
        let RelationKind::ManyToMany { through, from, to } = relation.kind else {
            let found = self.handles_with(target, (column, own), &relation.order())?;
            self.set_included(row, relation.name, found.clone());
            return Ok(found);
        };
        let links = self.handles_with(through.meta(), (from, own), &Order::default())?;
        let mut found: Vec<(Record, Slot, Slot)> = Vec::new();
        for link in links {
            let Some(value) = self.row(link).map(|row| row.value(to).clone()) else { continue };
            for other in self.handles_with(target, (column, value), &Order::default())? {
                found.extend(self.row(other).map(|row| (row, other, link)));
            }
        }
        let order = relation.order().resolve(target)?;
        found.sort_by(|(a, ..), (b, ..)| order.compare(target, a, b));
        self.set_included(row, relation.name, found.iter().map(|(_, _, link)| *link).collect());
        Ok(found.into_iter().map(|(_, other, _)| other).collect())
    }
}

impl DynSession for Memory {
    fn repository(&mut self, table: &str) -> Result<Box<dyn DynRepository + '_>> {
        let table = self.table_named(table)?;
        self.flush_unit()?;
        let entity = self.entities.get(table).expect("a table has its entity");
        let repository = entity.repository;
        Ok(repository(self))
    }

    fn add(&mut self, table: &str, columns: &[(&str, Given)]) -> Result<Slot> {
        let table = self.table_named(table)?;
        let meta = self.table(table).meta;
        let given = drafting::by_position(meta, columns)?;
        for given in &given {
            if let Given::Row(to) = given {
                self.known_row(*to)?;
            }
        }
        drafting::record(meta, &given)?;
        Ok(self.add_row(table, given))
    }

    fn merge(&mut self, table: &str, row: Record) -> Result<Slot> {
        let table = self.table_named(table)?;
        let meta = self.table(table).meta;
        let row = filled_where(meta, row, |fill| fill != Fill::Generated);
        self.refresh();
        self.merge_row(table, meta.coerce(row)?)
    }

    fn get(&mut self, table: &str, key: &RecordKey) -> Result<Slot> {
        let table = self.table_named(table)?;
        let found = self.repository(self.table(table).meta.table)?.find(key)?;
        let meta = self.table(table).meta;
        let Some(row) = found else {
            let wanted = Filter::key(meta, key).to_string();
            return Err(Error::NotFound { entity: meta.name, wanted });
        };
        Ok(self.handle(table, &meta.key_of(&row)))
    }

    fn all(&mut self, table: &str, query: &Query) -> Result<Vec<Slot>> {
        let table = self.table_named(table)?;
        let meta = self.table(table).meta;
        let rows = self.repository(meta.table)?.list(query)?;
        Ok(rows.iter().map(|row| self.handle(table, &meta.key_of(row))).collect())
    }

    fn row(&self, row: Slot) -> Option<Record> {
        self.row_of(self.known_row(row).ok()?)
    }

    fn draft(&self, row: Slot) -> Option<Vec<Given>> {
        self.draft_of(self.known_row(row).ok()?)
    }

    fn set(&mut self, row: Slot, column: &str, value: Given) -> Result<()> {
        let index = self.known_row(row)?;
        let column = known(row.entity.meta(), column).map_err(Error::from)?;
        self.set_column(index, column, value)
    }

    fn delete(&mut self, row: Slot) -> Result<()> {
        let index = self.known_row(row)?;
        self.mark(index);
        Ok(())
    }

    fn refresh(&mut self, row: Slot) -> Result<()> {
        let index = self.known_row(row)?;
        Self::refresh(self);
        self.forget_changes(index)?;
        self.flush_unit()?;
        self.forget_changes(index)
    }

    fn include(&mut self, rows: &[Slot], relation: &str) -> Result<Vec<Slot>> {
        let Some(&first) = rows.first() else { return Ok(Vec::new()) };
        let relation = self.relation_of(first, relation)?;
        for row in rows {
            self.known_row(*row)?;
            same_entity(row.entity.meta(), first.entity.meta())?;
        }
        self.flush_unit()?;
        let mut found = Vec::new();
        for row in rows {
            for other in self.include_of(*row, relation)? {
                if !found.contains(&other) {
                    found.push(other);
                }
            }
        }
        Ok(found)
    }

    fn related(&self, row: Slot, relation: &str) -> Result<Vec<Slot>> {
        let relation = self.relation_of(row, relation)?;
        let meta = row.entity.meta();
        let not_included = || Error::NotIncluded { entity: meta.name, relation: relation.name };
        let included = self.included(row, relation.name);
        match relation.kind {
            RelationKind::BelongsTo { column } => {
                self.parents(row, column, relation.name).ok_or_else(not_included)
            }
            RelationKind::HasOne { column } | RelationKind::HasMany { column } => {
                let table = self.position(relation.target.meta())?;
                Ok(self.referring(row, (table, column), included.ok_or_else(not_included)?))
            }
            RelationKind::ManyToMany { through, from, to } => {
                let table = self.position(through.meta())?;
                let included = included.ok_or_else(not_included)?;
                let mut found = Vec::new();
                for link in self.referring(row, (table, from), included) {
                    let other = self.referred((table, link.row), to).ok_or_else(not_included)?;
                    if !found.contains(&other) {
                        found.push(other);
                    }
                }
                Ok(found)
            }
        }
    }

    fn relate(&mut self, row: Slot, relation: &str, other: Slot) -> Result<()> {
        let relation = self.relation_of(row, relation)?;
        relation.check_target(row.entity.meta(), other.entity.meta())?;
        self.known_row(other)?;
        let refer = |memory: &mut Self, from: Slot, column: usize, to: Slot| {
            let column = from.entity.meta().columns.get(column);
            let column = column.expect("a relation names a column of its entity");
            let index = memory.known_row(from)?;
            if memory.is_marked(index) {
                let errors = vec![FieldError::new(column.name, "cannot refer to that row")];
                return Err(Invalid { entity: from.entity.meta().name, errors }.into());
            }
            memory.set_column(index, column, Given::Row(to))
        };
        match relation.kind {
            RelationKind::BelongsTo { column } => refer(self, row, column, other),
            RelationKind::HasMany { column } => refer(self, other, column, row),
            RelationKind::HasOne { column } => {
                // The one it had, where the session knows it, makes room.
                let had = self.related(row, relation.name).unwrap_or_default();
                if let Some(&known) = had.first().filter(|known| **known != other) {
                    self.part(known, column, row)?;
                }
                refer(self, other, column, row)
            }
            RelationKind::ManyToMany { through, from, to } => {
                let link = through.meta();
                let names = link.names(&[from, to]);
                let ends = names.into_iter().zip([Given::Row(row), Given::Row(other)]);
                let ends: Vec<(&str, Given)> = ends.collect();
                self.add(link.table, &ends).map(drop)
            }
        }
    }

    fn unrelate(&mut self, row: Slot, relation: &str, other: Slot) -> Result<()> {
        let relation = self.relation_of(row, relation)?;
        relation.check_target(row.entity.meta(), other.entity.meta())?;
        match relation.kind {
            RelationKind::BelongsTo { column } => self.part(row, column, other),
            RelationKind::HasOne { column } | RelationKind::HasMany { column } => {
                self.part(other, column, row)
            }
            RelationKind::ManyToMany { through, from, to } => {
                self.known_row(other)?;
                let table = self.position(through.meta())?;
                let own = self
                    .row(row)
                    .map(|stored| stored.value(relation.own_column(row.entity.meta())).clone());
                if let Some(own) = own {
                    self.handles_with(through.meta(), (from, own), &Order::default())?;
                }
                for link in self.referring(row, (table, from), &[]) {
                    if self.refers((table, link.row), to, other) {
                        self.delete(link)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn clear(&mut self) {
        self.unit = Unit::default();
        // Handles are given to no other rows.
        self.id = next_session();
    }

    fn changes(&mut self) -> Vec<Edit> {
        self.edits()
    }

    fn flush(&mut self) -> Result<()> {
        self.flush_unit()
    }

    fn savepoint(&mut self, part: &mut dyn FnMut(&mut dyn DynSession) -> Result<()>) -> Result<()> {
        self.flush_unit()?;
        let before = self.snapshot_of_unit();
        // A panic that somebody catches further out must not leave half of the part behind.
        let result = catch_unwind(AssertUnwindSafe(|| {
            part(self)?;
            self.flush_unit()
        }));
        if !matches!(result, Ok(Ok(()))) {
            self.restore(before);
        }
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn commit(&mut self) -> Result<()> {
        Self::commit(self)
    }

    fn rollback(&mut self) -> Result<()> {
        Self::rollback(self)
    }

    fn canceller(&mut self) -> Result<Canceller> {
        // Nothing here takes long enough to be stopped.
        Ok(Canceller::new(|| Ok(())))
    }
}
