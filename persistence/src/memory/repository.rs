//! The repository of every entity a [`Memory`] was made with.

use std::sync::Arc;

use chrono::SubsecRound as _;

use super::Memory;
use super::integrity::violation;
use crate::clock::now;
use crate::column_type::ColumnType;
use crate::entity::{ColumnSet, Draft, Entity, EntityMeta, Fill, ResolveReferences};
use crate::erased::resolve_assignments;
use crate::error::{ConstraintKind, Error, Invalid, Result};
use crate::filter::Filter;
use crate::order::Order;
use crate::paging::{self, Source};
use crate::query::{Cursor, Page, PageStart, Query};
use crate::reference::Slot;
use crate::repository::{
    Assignment, Repository, conflict, is_hidden, marks_deleted, not_found, stamp,
};
use crate::rules::check_change;
use crate::scalar::PrimaryKey as _;
use crate::sealed::Sealed;
use crate::sql::{guard_of_deletion, guard_of_update};
use crate::upsert::Upsert;
use crate::value::{Record, RecordKey, Value};

/// Drafts refer to rows by primary key alone: there is no identity map.
struct KeysOnly;

impl Sealed for KeysOnly {}

impl ResolveReferences for KeysOnly {
    fn resolve(&mut self, _: Slot) -> Option<RecordKey> {
        None
    }
}

impl Memory {
    /// Returns the keys of the rows that a resolved filter finds.
    fn keys_where(&self, table: usize, filter: &Filter) -> Vec<RecordKey> {
        let table = self.table(table);
        let found = table.rows().filter(|(_, row)| filter.matches_among(self, table.meta, row));
        found.map(|(key, _)| key.clone()).collect()
    }

    /// Finds the rows of a resolved query.
    pub(super) fn found<E>(
        &mut self,
        meta: &'static EntityMeta,
        query: &Query<E>,
    ) -> Result<Vec<Arc<Record>>> {
        self.refresh();
        let table = self.position(meta)?;
        self.check_entities(&query.filter, meta)?;
        let rows = self.table(table).rows().map(|(_, row)| row);
        let mut found: Vec<&Arc<Record>> =
            rows.filter(|row| query.filter.matches_among(self, meta, row)).collect();
        found.sort_by(|a, b| query.order.compare(meta, a, b));
        let position = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let limit = query.limit.map_or(usize::MAX, position);
        Ok(found.into_iter().skip(position(query.offset)).take(limit).map(Arc::clone).collect())
    }

    /// Inserts a row, its key generated where that is the rule; returns it as it is stored.
    pub(super) fn insert_row(&mut self, table: usize, row: Record) -> Result<Record> {
        let meta = self.table(table).meta;
        let mut row = as_stored(row);
        for (&position, column) in meta.key.iter().zip(meta.key_columns()) {
            if column.fill == Fill::Generated {
                let key = Value::Integer(self.table_mut(table).generate_key());
                let key = column.column_type.coerce(key).map_err(|error| Error::Data {
                    message: format!("{}.{}: {error}", meta.table, column.name),
                })?;
                row.set(position, key);
            }
        }
        // Memory knows no defaults; the usual one of a time is that of the insert.
        let now = now();
        for (position, column) in meta.columns.iter().enumerate() {
            let is_blank = column.fill.is_by_database() && !column.is_nullable;
            match column.column_type {
                ColumnType::Timestamp if is_blank => row.set(position, Value::Timestamp(now)),
                ColumnType::Date if is_blank => row.set(position, Value::Date(now.date())),
                _ => {}
            }
        }
        self.write(table, None, row.clone())?;
        Ok(row)
    }

    /// Replaces the row with that key; its version counts up.
    pub(super) fn update_row(
        &mut self,
        table: usize,
        key: &RecordKey,
        row: Record,
    ) -> Result<Record> {
        self.replace_row(table, (key, Some(key)), row)
    }

    /// Puts a row that was taken out of its table back as another one; its key may be another row's by now.
    pub(super) fn put_back(
        &mut self,
        table: usize,
        key: &RecordKey,
        row: Record,
    ) -> Result<Record> {
        self.replace_row(table, (key, None), row)
    }

    /// Writes a row with the next version that had a key before, and stands under one, if under any.
    fn replace_row(
        &mut self,
        table: usize,
        (key, stands_under): (&RecordKey, Option<&RecordKey>),
        row: Record,
    ) -> Result<Record> {
        let meta = self.table(table).meta;
        let mut row = as_stored(row);
        if let Some(version) = meta.version
            && let Some(count) = row.value(version).as_integer()
        {
            row.set(version, Value::Integer(count.saturating_add(1)));
        }
        self.write(table, stands_under, row.clone())?;
        if meta.key_of(&row) != *key {
            self.check_referrers(table, key)?;
        }
        Ok(row)
    }
}

impl<E: Entity> Source<E> for Memory {
    type Row = E;
    const NULL_SORTS_FIRST: bool = true;

    fn rows(&mut self, query: &Query<E>) -> Result<Vec<E>> {
        let found = self.found(E::meta(), query)?;
        if query.preview.is_none() {
            let table = self.position(E::meta())?;
            self.lend(table, found.iter().map(|row| (E::meta().key_of(row), Arc::clone(row))));
        }
        let shown = |row: &Arc<Record>| {
            let mut row = (**row).clone();
            if let Some(length) = query.preview {
                preview(E::meta(), &query.order, length, &mut row);
            }
            E::from_record(row)
        };
        Ok(found.iter().map(shown).collect::<Result<_, Invalid>>()?)
    }

    fn place(&mut self, query: &Query<E>) -> Result<Option<Cursor>> {
        let found = self.found(E::meta(), query)?;
        Ok(found.first().map(|row| Cursor::of(E::meta(), &query.order, row)).transpose()?)
    }

    fn count(&mut self, query: &Query<E>) -> Result<u64> {
        Ok(self.found(E::meta(), query)?.len() as u64)
    }

    fn to_record(row: &E) -> Record {
        row.to_record()
    }
}

impl<E: Entity> Repository<E> for Memory {
    fn find(&mut self, key: &E::Key) -> Result<Option<E>> {
        self.refresh();
        let table = self.position(E::meta())?;
        let key = key.to_record_key();
        let stored = self.table(table).get(&key).cloned();
        let row = stored.as_ref().map(|row| E::from_record((**row).clone())).transpose()?;
        self.lend(table, stored.map(|row| (key, row)));
        Ok(row.filter(|row| !is_hidden(row)))
    }

    fn list(&mut self, query: &Query<E>) -> Result<Vec<E>> {
        self.rows(&query.resolve(E::meta())?)
    }

    fn page(&mut self, query: &Query<E>, start: &PageStart, size: u64) -> Result<Page<E>> {
        paging::page(E::meta(), query, start, size, self)
    }

    fn count(&mut self, filter: &Filter) -> Result<u64> {
        self.refresh();
        let table = self.position(E::meta())?;
        let filter = self.resolved(filter.clone(), E::meta())?;
        let rows = self.table(table).rows();
        Ok(rows.filter(|(_, row)| filter.matches_among(self, E::meta(), row)).count() as u64)
    }

    fn insert_many(&mut self, drafts: Vec<E::Draft>) -> Result<Vec<E>> {
        let table = self.position(E::meta())?;
        let rows = built::<E>(drafts)?;
        self.statement(|memory| {
            let rows = rows
                .iter()
                .map(|row| memory.insert_row(table, row.to_record()))
                .collect::<Result<Vec<Record>>>()?;
            rows.iter().try_for_each(|row| memory.check_references(table, row))?;
            Ok(rows.into_iter().map(E::from_record).collect::<Result<_, Invalid>>()?)
        })
    }

    fn insert_with_keys(&mut self, rows: Vec<E>) -> Result<Vec<E>> {
        let table = self.position(E::meta())?;
        rows.iter().try_for_each(E::validate)?;
        self.statement(|memory| {
            let rows: Vec<Record> = rows.iter().map(|row| as_stored(row.to_record())).collect();
            rows.iter().try_for_each(|row| memory.write(table, None, row.clone()))?;
            rows.iter().try_for_each(|row| memory.check_references(table, row))?;
            Ok(rows.into_iter().map(E::from_record).collect::<Result<_, Invalid>>()?)
        })
    }

    fn upsert(&mut self, drafts: Vec<E::Draft>, upsert: &Upsert<E>) -> Result<Vec<E>> {
        upsert.check()?;
        let table = self.position(E::meta())?;
        let rows = built::<E>(drafts)?;
        self.statement(|memory| {
            let mut stored = Vec::with_capacity(rows.len());
            for row in rows {
                let known = upsert.values(&row).and_then(|values| {
                    let filter = upsert.filter(&[values]);
                    memory.keys_where(table, &filter).pop()
                });
                let known = known.and_then(|key| {
                    let row = (**memory.table(table).get(&key)?).clone();
                    Some((key, row))
                });
                let written = match known {
                    None => memory.insert_row(table, row.to_record())?,
                    Some((_, theirs)) if upsert.columns_to_set().is_empty() => theirs,
                    Some((key, mut theirs)) => {
                        for column in upsert.columns_to_set().iter() {
                            theirs.set(column, row.value(column));
                        }
                        memory.update_row(table, &key, theirs)?
                    }
                };
                memory.check_references(table, &written)?;
                stored.push(E::from_record(written)?);
            }
            Ok(stored)
        })
    }

    fn update(&mut self, mine: E) -> Result<E> {
        let meta = E::meta();
        let table = self.position(meta)?;
        let key = mine.key();
        let version = |row: &E| meta.version.map(|version| row.value(version));
        let lent = self.lent(table, &key.to_record_key()).map(E::from_record).transpose()?;
        if let Some(base) = lent.filter(|lent| version(lent) == version(&mine)) {
            return self.update_from(&base, mine);
        }
        match self.find(&key)? {
            Some(theirs) if version(&theirs) == version(&mine) => self.update_from(&theirs, mine),
            theirs => {
                self.has_own_conflict = false;
                Err(conflict(None, Some(&mine), theirs.as_ref(), &key))
            }
        }
    }

    fn update_from(&mut self, base: &E, mut mine: E) -> Result<E> {
        let meta = E::meta();
        let table = self.position(meta)?;
        check_change(base, &mine)?;
        let mut changed = meta.written_of(mine.changed_columns(base));
        if changed.is_empty() {
            return Ok(base.clone());
        }
        let written = changed;
        changed = stamp(&mut mine, changed, now());
        let key = base.key().to_record_key();
        self.statement(|memory| {
            let theirs = memory.table(table).get(&key).map(|row| (**row).clone());
            let guarded = guard_of_update(meta, written);
            let is_current = |theirs: &Record| is_as_read(base, theirs, guarded);
            let Some(mut row) = theirs.clone().filter(is_current) else {
                let theirs = theirs.map(E::from_record).transpose()?;
                memory.has_own_conflict = memory.lent(table, &key) == Some(base.to_record());
                return Err(conflict(Some(base), Some(&mine), theirs.as_ref(), &base.key()));
            };
            for column in changed.iter() {
                row.set(column, mine.value(column));
            }
            let row = memory.update_row(table, &key, row)?;
            memory.check_references(table, &row)?;
            memory.lend(table, [(key, Arc::new(row.clone()))]);
            Ok(E::from_record(row)?)
        })
    }

    fn delete(&mut self, key: &E::Key) -> Result<()> {
        let table = self.position(E::meta())?;
        let wanted = key.to_record_key();
        if let Some(lent) = self.lent(table, &wanted) {
            return self.delete_from(&E::from_record(lent)?);
        }
        if let Some(mark) = marks_deleted::<E>() {
            return match self.update_where(&Filter::key(E::meta(), &wanted), &[mark])? {
                0 => Err(not_found::<E>(key)),
                _ => Ok(()),
            };
        }
        self.statement(|memory| {
            if memory.table(table).get(&wanted).is_none() {
                return Err(not_found::<E>(key));
            }
            memory.delete_rows(table, vec![wanted])
        })
    }

    fn delete_from(&mut self, base: &E) -> Result<()> {
        let meta = E::meta();
        let table = self.position(meta)?;
        let key = base.key().to_record_key();
        self.statement(|memory| {
            let Some(theirs) = memory.table(table).get(&key).map(|row| (**row).clone()) else {
                return Err(not_found::<E>(&base.key()));
            };
            if !is_as_read(base, &theirs, guard_of_deletion(meta)) {
                memory.has_own_conflict = memory.lent(table, &key) == Some(base.to_record());
                let theirs = E::from_record(theirs)?;
                return Err(conflict(Some(base), None, Some(&theirs), &base.key()));
            }
            let Some(mark) = meta.deleted() else { return memory.delete_rows(table, vec![key]) };
            let mut marked = E::from_record(theirs)?;
            let now = now();
            stamp(&mut marked, ColumnSet::EMPTY, now);
            let mut row = marked.to_record();
            row.set(mark, Value::Timestamp(now));
            memory.update_row(table, &key, row).map(drop)
        })
    }

    fn delete_where(&mut self, filter: &Filter) -> Result<u64> {
        if let Some(mark) = marks_deleted::<E>() {
            return self.update_where(filter, &[mark]);
        }
        let table = self.position(E::meta())?;
        let filter = self.resolved(filter.clone(), E::meta())?;
        self.statement(|memory| {
            let keys = memory.keys_where(table, &filter);
            let count = keys.len() as u64;
            memory.delete_rows(table, keys)?;
            Ok(count)
        })
    }

    fn update_where(&mut self, filter: &Filter, assignments: &[Assignment<E>]) -> Result<u64> {
        let meta = E::meta();
        let table = self.position(meta)?;
        let filter = self.resolved(filter.clone(), meta)?;
        let assignments = resolve_assignments(assignments)?;
        if assignments.is_empty() {
            return Repository::<E>::count(self, &filter);
        }
        self.statement(|memory| {
            let keys = memory.keys_where(table, &filter);
            let mut updated = Vec::with_capacity(keys.len());
            for key in &keys {
                let row = memory.table(table).get(key).map(|row| (**row).clone());
                let Some(mut row) = row else { continue };
                for (column, value) in &assignments {
                    if let Some(position) = meta.position(column.name) {
                        row.set(position, value.clone());
                    }
                }
                check::<E>(&row)?;
                updated.push(memory.update_row(table, key, row)?);
            }
            updated.iter().try_for_each(|row| memory.check_references(table, row))?;
            Ok(updated.len() as u64)
        })
    }
}

/// Returns whether a stored row has the version and the guarded values of one that was read.
fn is_as_read<E: Entity>(base: &E, theirs: &Record, guard: ColumnSet) -> bool {
    let columns = guard.iter().chain(E::meta().version);
    columns.into_iter().all(|column| *theirs.value(column) == base.value(column))
}

/// Makes the rows of drafts.
fn built<E: Entity>(drafts: Vec<E::Draft>) -> Result<Vec<E>, Invalid> {
    let now = now();
    let build = |draft: E::Draft| {
        let row = draft.build(now, &mut KeysOnly)?;
        row.validate()?;
        Ok(row)
    };
    drafts.into_iter().map(build).collect()
}

/// Cuts the row's long values.
fn preview(meta: &EntityMeta, order: &Order, length: u64, row: &mut Record) {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    for (column, value) in meta.columns.iter().zip(&mut row.0) {
        match value {
            _ if !order.cuts(meta, column) => {}
            Value::Text(text) => {
                if let Some((end, _)) = text.char_indices().nth(length) {
                    text.truncate(end);
                }
            }
            Value::Bytes(bytes) => bytes.truncate(length),
            _ => {}
        }
    }
}

/// Returns a row as a database keeps it: times to the microsecond.
fn as_stored(mut row: Record) -> Record {
    for value in &mut row.0 {
        match value {
            Value::Timestamp(time) => *time = time.trunc_subsecs(6),
            Value::Time(time) => *time = time.trunc_subsecs(6),
            _ => {}
        }
    }
    row
}

/// Checks the entity's own rules, in the place of a database's `CHECK`s.
fn check<E: Entity>(row: &Record) -> Result<()> {
    let Err(invalid) = E::from_record(row.clone())?.validate() else { return Ok(()) };
    let meta: &EntityMeta = E::meta();
    let columns: Vec<usize> =
        invalid.errors.iter().filter_map(|error| meta.position(&error.field)).collect();
    let mut violation = violation(meta, ConstraintKind::Check, &columns);
    violation.message = invalid.to_string();
    Err(violation.into())
}
