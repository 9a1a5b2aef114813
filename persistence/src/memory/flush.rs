//! Writing the unit of work of a [`Memory`]: everything that was added, changed and deleted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Memory;
use super::unit::{RowIndex, State};
use crate::clock::now;
use crate::drafting;
use crate::edit::{ColumnEdit, Edit, EditKind, Name, NewValue};
use crate::entity::{ColumnMeta, ColumnSet, EntityId, EntityMeta, Given, Slot, parents_first};
use crate::error::{Conflict, ConstraintKind, Error, FieldError, Invalid, Result};
use crate::filter::Filter;
use crate::sql::{guard_of_deletion, guard_of_update};
use crate::value::{Record, RecordKey, Value};

impl Memory {
    /// Returns the rows that are to be written, each table's in the order in which they were added
    /// or read: inserts, parents first; updates; deletions, children first.
    fn open_rows(&self) -> [Vec<RowIndex>; 3] {
        let entities: Vec<EntityId> =
            self.tables.iter().map(|table| EntityId::new(table.meta)).collect();
        let order = parents_first(&entities);
        let mut phases = [Vec::new(), Vec::new(), Vec::new()];
        for entity in order.into_iter().flatten() {
            let Ok(table) = self.position(entity.meta()) else { continue };
            for (row, state) in self.unit.states(table) {
                let phase = match state {
                    State::Pending(_) | State::Merged(_) => 0,
                    State::Changed { .. } => 1,
                    State::Deleted(_) => 2,
                    State::Stored(_) | State::Gone => continue,
                };
                if let Some(rows) = phases.get_mut(phase) {
                    rows.push((table, row));
                }
            }
        }
        phases[2].reverse();
        phases
    }

    /// Returns what the next flush would write.
    pub(super) fn edits(&self) -> Vec<Edit> {
        let new_value = |given: Given| match given {
            Given::Value(value) => Some(NewValue::Known(value)),
            Given::Row(to) => Some(self.key_of(to).map_or_else(
                || NewValue::KeyOf { table: Name::Borrowed(to.entity.meta().table), row: to.row },
                NewValue::Known,
            )),
            Given::Filled => None,
        };
        let rows = self.open_rows().into_iter().flatten();
        rows.filter_map(|(table, row)| {
            let meta = self.table(table).meta;
            let name = |column: usize| {
                Name::Borrowed(meta.names(&[column]).first().copied().unwrap_or(""))
            };
            let is_orphan = self.is_orphan((table, row));
            let kind = match self.unit.state((table, row)) {
                State::Pending(_) if is_orphan => return None,
                State::Changed { base, .. } if is_orphan => {
                    return Edit::between(meta, Some(base), None);
                }
                State::Pending(given) | State::Merged(given) => EditKind::Insert {
                    row,
                    columns: (0..)
                        .zip(given.iter().cloned())
                        .filter_map(|(column, given)| Some((name(column), new_value(given)?)))
                        .collect(),
                },
                State::Changed { base, given } => {
                    let columns: Vec<ColumnEdit> = given
                        .iter()
                        .filter_map(|(column, given)| {
                            Some(ColumnEdit {
                                column: name(*column),
                                before: base.value(*column).clone(),
                                after: new_value(given.clone())?,
                            })
                        })
                        .collect();
                    if columns.is_empty() {
                        return None;
                    }
                    let (key, version) = (meta.key_of(base), meta.version_of(base));
                    EditKind::Update { key, version, columns }
                }
                State::Deleted(base) => return Edit::between(meta, Some(base), None),
                State::Stored(_) | State::Gone => return None,
            };
            Some(Edit { table: Name::Borrowed(meta.table), kind })
        })
        .collect()
    }

    /// Writes what was added, changed and deleted: all of it, or nothing.
    pub(super) fn flush_unit(&mut self) -> Result<()> {
        if !self.unit.has_changes() {
            return Ok(());
        }
        self.refresh();
        let before = self.snapshot_of_unit();
        let result = self.write_unit();
        match result {
            Ok(()) => self.forget_gone(),
            Err(_) => self.restore(before),
        }
        result
    }

    fn write_unit(&mut self) -> Result<()> {
        for row in self.open_rows().into_iter().flatten() {
            if self.is_orphan(row) {
                self.mark(row);
            }
        }
        self.check_bases()?;
        self.follow_marked();
        let mut open: Vec<RowIndex> = self.open_rows().into_iter().flatten().collect();
        // Rows that were taken out of their tables to free what others take.
        let mut lifted: HashMap<RowIndex, Arc<Record>> = HashMap::new();
        while !open.is_empty() {
            let (mut waiting, mut reason) = (Vec::new(), None);
            let count = open.len();
            for row in open {
                match self.write_open(row, &lifted) {
                    Ok(()) => {}
                    Err(error @ (Error::Constraint(_) | Error::Invalid(_))) => {
                        // What is refused says more than what waits for it.
                        let says_more = matches!(
                            (&reason, &error),
                            (Some(Error::Invalid(_)), Error::Constraint(_))
                        );
                        if reason.is_none() || says_more {
                            reason = Some(error);
                        }
                        waiting.push(row);
                    }
                    Err(error) => return Err(error),
                }
            }
            let is_stuck = waiting.len() == count;
            if let Some(reason) = reason
                && is_stuck
                && !self.leave_reference_out(&waiting)
                && !self.delete_together(&waiting)
                && !self.lift(&waiting, &mut lifted, &reason)?
            {
                return Err(reason);
            }
            open = waiting;
        }
        Ok(())
    }

    /// Checks that what is to be changed or deleted is there still.
    fn check_bases(&self) -> Result<()> {
        for table in 0..self.tables.len() {
            let meta = self.table(table).meta;
            for (number, state) in self.unit.states(table) {
                let (State::Deleted(base) | State::Changed { base, .. }) = state else { continue };
                let key = meta.key_of(base);
                if self.table(table).get(&key).is_some() {
                    continue;
                }
                if matches!(state, State::Deleted(_)) {
                    let wanted = Filter::key(meta, &key).to_string();
                    return Err(Error::NotFound { entity: meta.name, wanted });
                }
                let (base, mine) = (Some((**base).clone()), self.row_of((table, number)));
                return Err(Conflict { entity: meta.name, key, base, mine, theirs: None }.into());
            }
        }
        Ok(())
    }

    /// Breaks a circle of references between new rows: one that may be NULL is written afterwards.
    fn leave_reference_out(&mut self, waiting: &[RowIndex]) -> bool {
        for &index in waiting {
            let draft = self.unit.state(index).clone();
            let (State::Pending(given) | State::Merged(given)) = &draft else { continue };
            let mut given = given.clone();
            let mut later = BTreeMap::new();
            for (column, place) in (0..).zip(&mut given) {
                let Given::Row(to) = *place else { continue };
                let may_be_null = self.column(index.0, column).is_some_and(|c| c.is_nullable);
                if may_be_null && self.key_of(to).is_none() {
                    later.insert(column, std::mem::replace(place, Given::Value(Value::Null)));
                }
            }
            if later.is_empty() {
                continue;
            }
            let without = match draft {
                State::Merged(_) => State::Merged(given),
                _ => State::Pending(given),
            };
            self.unit.put(index, without);
            if self.write_open(index, &HashMap::new()).is_ok() {
                for (column, value) in later {
                    self.give(index, column, value);
                }
                return true;
            }
            self.unit.put(index, draft);
        }
        false
    }

    /// Deletes rows of one table that refer to each other, by one statement.
    fn delete_together(&mut self, waiting: &[RowIndex]) -> bool {
        for table in 0..self.tables.len() {
            let meta = self.table(table).meta;
            let of_table =
                waiting.iter().filter(|index| index.0 == table && self.is_marked(**index));
            let rows: Vec<(RowIndex, RecordKey)> = of_table
                .filter_map(|index| match self.unit.state(*index) {
                    State::Deleted(base) => Some((*index, meta.key_of(base))),
                    _ => None,
                })
                .collect();
            let keys: Vec<RecordKey> = rows.iter().map(|(_, key)| key.clone()).collect();
            if keys.len() > 1
                && meta.deleted().is_none()
                && self.statement(|memory| memory.delete_rows(table, keys)).is_ok()
            {
                for (index, key) in rows {
                    self.unit.note_before(index, key);
                    self.unit.put(index, State::Gone);
                }
                return true;
            }
        }
        false
    }

    /// Takes a row that is to be another out of its table, where others wait for what it has.
    fn lift(
        &mut self,
        waiting: &[RowIndex],
        lifted: &mut HashMap<RowIndex, Arc<Record>>,
        reason: &Error,
    ) -> Result<bool> {
        let is_unique = matches!(reason, Error::Constraint(violation) if violation.kind == ConstraintKind::Unique);
        let next = waiting.iter().find_map(|index| match self.unit.state(*index) {
            State::Changed { base, given } if !lifted.contains_key(index) => {
                let meta = self.table(index.0).meta;
                let mut unique = meta.unique.iter().copied().flatten().chain(meta.key);
                let key = meta.key_of(base);
                let stored = self.table(index.0).get(&key).cloned();
                let stored = stored.filter(|_| unique.any(|column| given.contains_key(column)));
                Some((*index, key, stored?))
            }
            _ => None,
        });
        let Some((index, key, stored)) = next.filter(|_| is_unique) else { return Ok(false) };
        lifted.insert(index, stored);
        self.statement(|memory| {
            memory.put(index.0, key, None);
            Ok(true)
        })
    }

    /// Writes one row, if what it refers to has keys.
    fn write_open(
        &mut self,
        index: RowIndex,
        lifted: &HashMap<RowIndex, Arc<Record>>,
    ) -> Result<()> {
        let table = index.0;
        let meta = self.table(table).meta;
        match self.unit.state(index).clone() {
            State::Pending(given) => {
                let given = self.resolved_given(meta, given)?;
                let row = drafting::record(meta, &given)?;
                self.validate(table, &row)?;
                let stored = self.statement(|memory| {
                    let row = memory.insert_row(table, row)?;
                    memory.check_references(table, &row)?;
                    Ok(row)
                })?;
                self.note_stored(index, meta.key_of(&stored));
            }
            State::Merged(given) => {
                let given = self.resolved_given(meta, given)?;
                let value = |given: Given| match given {
                    Given::Value(value) => value,
                    Given::Row(_) | Given::Filled => Value::Null,
                };
                let row = meta.coerce(Record(given.into_iter().map(value).collect()))?;
                self.validate(table, &row)?;
                self.statement(|memory| {
                    memory.write(table, None, row.clone())?;
                    memory.check_references(table, &row)
                })?;
                self.note_stored(index, meta.key_of(&row));
            }
            State::Changed { base, given } => {
                let mut mine = (*base).clone();
                let mut all = vec![Given::Filled; meta.columns.len()];
                let own_key = match meta.key {
                    [column] => given.get(column).cloned(),
                    _ => None,
                };
                for (column, value) in given {
                    let is_own = |to: Slot| self.known_row(to).is_ok_and(|row| row == index);
                    let value = match (value, &own_key) {
                        // A row may refer to itself, by the key that it gets.
                        (Given::Row(to), Some(key)) if is_own(to) => key.clone(),
                        (value, _) => value,
                    };
                    if let Some(place) = all.get_mut(column) {
                        *place = value;
                    }
                }
                for (column, given) in (0..).zip(self.resolved_given(meta, all)?) {
                    if let Given::Value(value) = given {
                        mine.set(column, value);
                    }
                }
                let before = meta.key_of(&base);
                if meta.key_of(&mine) != before {
                    self.check_lifted(index, &before, lifted)?;
                }
                let key = self.update_record(table, (&base, mine), lifted.get(&index))?;
                let filed = (table, before.clone());
                // Another row may have got the key meanwhile.
                if before != key && self.unit.by_key.get(&filed) == Some(&index.1) {
                    self.unit.by_key.remove(&filed);
                }
                self.unit.note_before(index, before);
                self.note_stored(index, key);
            }
            State::Deleted(base) => {
                self.check_lifted(index, &meta.key_of(&base), lifted)?;
                self.delete_record(table, &base)?;
                self.unit.note_before(index, meta.key_of(&base));
                self.unit.put(index, State::Gone);
            }
            State::Stored(_) | State::Gone => {}
        }
        Ok(())
    }

    fn note_stored(&mut self, index: RowIndex, key: RecordKey) {
        let stored = self.table(index.0).get(&key).cloned();
        self.unit.by_key.insert((index.0, key), index.1);
        self.unit.put(index, stored.map_or(State::Gone, State::Stored));
    }

    /// Checks that no row which is out of its table at the moment still refers to one that loses its key.
    fn check_lifted(
        &self,
        (table, row): RowIndex,
        key: &RecordKey,
        lifted: &HashMap<RowIndex, Arc<Record>>,
    ) -> Result<()> {
        for (other, stored) in lifted.iter().filter(|(other, _)| **other != (table, row)) {
            let State::Changed { given, .. } = self.unit.state(*other) else { continue };
            let mut referrers = self.referrers(table).into_iter();
            let refers = referrers.any(|referrer| {
                referrer.table == other.0
                    && !given.contains_key(&referrer.column)
                    && key.0 == [stored.value(referrer.column).clone()]
            });
            if refers {
                return Err(self.still_referred_to(table, &[other.0].into()));
            }
        }
        Ok(())
    }

    /// Returns the value by which a row is referred to, once it is what it will be after the flush.
    pub(super) fn settled_key(&self, row: Slot) -> Option<Value> {
        self.key_of(row).filter(|_| !self.changes_key(row))
    }

    fn validate(&self, table: usize, row: &Record) -> Result<()> {
        let entity = self.entities.get(table).expect("every table has its entity");
        Ok(entity.entry.validate(row)?)
    }

    /// Returns the values that are given, with the keys of the rows that are referred to.
    fn resolved_given(&self, meta: &EntityMeta, given: Vec<Given>) -> Result<Vec<Given>, Invalid> {
        let resolve = |(column, given): (&ColumnMeta, Given)| match given {
            Given::Row(to) => self.settled_key(to).map(Given::Value).ok_or_else(|| {
                let name = to.entity.meta().name;
                FieldError::new(column.name, format!("refers to a {name} that has no key yet"))
            }),
            given => Ok(given),
        };
        let resolved: Result<Vec<Given>, FieldError> =
            meta.columns.iter().zip(given).map(resolve).collect();
        resolved.map_err(|error| Invalid { entity: meta.name, errors: vec![error] })
    }

    /// Updates the columns in which a row differs, if it is as it was; returns its key.
    fn update_record(
        &mut self,
        table: usize,
        (base, mut mine): (&Record, Record),
        lifted: Option<&Arc<Record>>,
    ) -> Result<RecordKey> {
        let meta = self.table(table).meta;
        let key = meta.key_of(base);
        let differs = |column: &usize| base.value(*column) != mine.value(*column);
        let mut changed = meta.written_of((0..meta.columns.len()).filter(differs).collect());
        if changed.is_empty() {
            if let Some(row) = lifted {
                self.statement(|memory| memory.write(table, None, (**row).clone()))?;
            }
            return Ok(key);
        }
        let entity = self.entities.get(table).expect("every table has its entity");
        entity.entry.validate_change(base, &mine)?;
        let guard = guard_of_update(meta, changed);
        if let Some(column) = meta.updated() {
            mine.set(column, Value::Timestamp(now()));
            changed = changed.with(column);
        }
        let theirs = lifted.or_else(|| self.table(table).get(&key)).map(|row| (**row).clone());
        let Some(mut row) = theirs.clone().filter(|theirs| is_as_was(meta, base, theirs, guard))
        else {
            let (base, mine) = (Some(base.clone()), Some(mine));
            return Err(Conflict { entity: meta.name, key, base, mine, theirs }.into());
        };
        for column in changed.iter() {
            row.set(column, mine.value(column).clone());
        }
        self.statement(|memory| {
            let row = match lifted {
                None => memory.update_row(table, &key, row)?,
                Some(_) => memory.put_back(table, &key, row)?,
            };
            memory.check_references(table, &row)?;
            Ok(meta.key_of(&row))
        })
    }

    /// Deletes a row, or marks it as deleted, if it is as it was.
    fn delete_record(&mut self, table: usize, base: &Record) -> Result<()> {
        let meta = self.table(table).meta;
        let key = meta.key_of(base);
        let Some(theirs) = self.table(table).get(&key).map(|row| (**row).clone()) else {
            // It went along with others just now.
            return Ok(());
        };
        if !is_as_was(meta, base, &theirs, guard_of_deletion(meta)) {
            let (base, theirs) = (Some(base.clone()), Some(theirs));
            return Err(Conflict { entity: meta.name, key, base, mine: None, theirs }.into());
        }
        self.statement(|memory| {
            let Some(mark) = meta.deleted() else { return memory.delete_rows(table, vec![key]) };
            let mut row = theirs;
            for column in [Some(mark), meta.updated()].into_iter().flatten() {
                row.set(column, Value::Timestamp(now()));
            }
            memory.update_row(table, &key, row).map(drop)
        })
    }
}

/// Returns whether a stored row has the version and the guarded values of one that was read.
fn is_as_was(meta: &EntityMeta, base: &Record, theirs: &Record, guard: ColumnSet) -> bool {
    let columns = guard.iter().chain(meta.version);
    columns.into_iter().all(|column| theirs.value(column) == base.value(column))
}
