//! The rules a database checks: required, unique, references, and what a delete takes along.

use std::collections::{BTreeMap, BTreeSet};

use super::Memory;
use crate::entity::{EntityMeta, OnDelete};
use crate::error::{ConstraintKind, ConstraintViolation, Error, Result};
use crate::value::{Record, RecordKey, Value};

/// A foreign key, as it is seen from the table it refers to.
#[derive(Clone, Copy)]
pub(super) struct Referrer {
    pub(super) table: usize,
    pub(super) column: usize,
    on_delete: OnDelete,
}

impl Memory {
    /// Puts a row in, in the place of the one with the key `before`, by the rules that hold for
    /// each row. References are checked when the whole statement is done.
    pub(super) fn write(
        &mut self,
        table: usize,
        before: Option<&RecordKey>,
        row: Record,
    ) -> Result<()> {
        let meta = self.table(table).meta;
        let missing = (0_usize..)
            .zip(meta.columns)
            .find(|(position, column)| !column.is_nullable && row.value(*position).is_null());
        if let Some((position, _)) = missing {
            return Err(violation(meta, ConstraintKind::NotNull, &[position]).into());
        }
        if let Some(columns) = self.table(table).duplicate(&row, before) {
            return Err(violation(meta, ConstraintKind::Unique, columns).into());
        }
        let key = meta.key_of(&row);
        if let Some(before) = before.filter(|before| **before != key) {
            self.put(table, before.clone(), None);
        }
        self.put(table, key, Some(row));
        Ok(())
    }

    /// Checks that what a row's columns refer to is there.
    pub(super) fn check_references(&self, table: usize, row: &Record) -> Result<()> {
        let meta = self.table(table).meta;
        for (position, column) in (0_usize..).zip(meta.columns) {
            let value = row.value(position);
            let Some(reference) = column.references.as_ref().filter(|_| !value.is_null()) else {
                continue;
            };
            let target = self.position(reference.entity.meta())?;
            if self.table(target).get(&RecordKey(vec![value.clone()])).is_none() {
                return Err(violation(meta, ConstraintKind::ForeignKey, &[position]).into());
            }
        }
        Ok(())
    }

    /// Checks that no row refers to a key that is no more.
    pub(super) fn check_referrers(&self, table: usize, key: &RecordKey) -> Result<()> {
        let Some(value) = single(key) else { return Ok(()) };
        let referring: BTreeSet<usize> = self
            .referrers(table)
            .into_iter()
            .filter(|referrer| {
                !self.table(referrer.table).referring(referrer.column, value).is_empty()
            })
            .map(|referrer| referrer.table)
            .collect();
        if referring.is_empty() { Ok(()) } else { Err(self.still_referred_to(table, &referring)) }
    }

    /// Deletes rows and what their deletion cascades to; empties what refers to them where that
    /// is the rule.
    ///
    /// A row that may not lose what it refers to does not stand in the way when it is deleted by
    /// the same statement.
    pub(super) fn delete_rows(&mut self, table: usize, keys: Vec<RecordKey>) -> Result<()> {
        let mut deleted: BTreeSet<(usize, RecordKey)> = BTreeSet::new();
        let mut emptied: BTreeMap<(usize, RecordKey), Vec<usize>> = BTreeMap::new();
        let mut blockers: Vec<(usize, (usize, RecordKey))> = Vec::new();
        let mut pending: Vec<(usize, RecordKey)> =
            keys.into_iter().map(|key| (table, key)).collect();
        while let Some((table, key)) = pending.pop() {
            if !deleted.insert((table, key.clone())) {
                continue;
            }
            let Some(value) = single(&key) else { continue };
            for Referrer { table: from, column, on_delete } in self.referrers(table) {
                for row in self.table(from).referring(column, value) {
                    match on_delete {
                        OnDelete::Cascade => pending.push((from, row)),
                        OnDelete::SetNull => emptied.entry((from, row)).or_default().push(column),
                        OnDelete::Restrict => blockers.push((table, (from, row))),
                    }
                }
            }
        }
        blockers.retain(|(_, row)| !deleted.contains(row));
        if let Some(&(table, _)) = blockers.first() {
            let referring = blockers
                .iter()
                .filter(|(blocked, _)| *blocked == table)
                .map(|(_, (from, _))| *from)
                .collect();
            return Err(self.still_referred_to(table, &referring));
        }
        for ((table, key), columns) in emptied {
            let row =
                self.table(table).get(&key).filter(|_| !deleted.contains(&(table, key.clone())));
            if let Some(mut row) = row.map(|row| (**row).clone()) {
                for column in columns {
                    row.set(column, Value::Null);
                }
                self.write(table, Some(&key), row)?;
            }
        }
        for (table, key) in deleted {
            self.put(table, key, None);
        }
        Ok(())
    }

    /// Returns the foreign keys that refer to an entity.
    pub(super) fn referrers(&self, table: usize) -> Vec<Referrer> {
        let target = self.table(table).meta.table;
        let mut referrers = Vec::new();
        for (table, entity) in (0_usize..).zip(self.entities.iter()) {
            for (column, meta) in (0_usize..).zip(entity.entry.meta.columns) {
                if let Some(reference) = &meta.references
                    && reference.entity.meta().table == target
                {
                    referrers.push(Referrer { table, column, on_delete: reference.on_delete });
                }
            }
        }
        referrers
    }

    pub(super) fn still_referred_to(&self, table: usize, referring: &BTreeSet<usize>) -> Error {
        let referred = self.table(table).meta;
        let tables = referring.iter().map(|&table| self.table(table).meta.table.to_owned());
        ConstraintViolation {
            table: None,
            referenced_by: tables.collect(),
            ..violation(referred, ConstraintKind::ForeignKey, &[])
        }
        .into()
    }
}

/// Returns the value that others refer to: the key of one column.
fn single(key: &RecordKey) -> Option<&Value> {
    match key.0.as_slice() {
        [value] => Some(value),
        _ => None,
    }
}

/// Makes the violation of a row that breaks a rule about these columns.
pub(super) fn violation(
    meta: &EntityMeta,
    kind: ConstraintKind,
    columns: &[usize],
) -> ConstraintViolation {
    let columns: Vec<String> = meta.names(columns).into_iter().map(str::to_owned).collect();
    let rule = match kind {
        ConstraintKind::Unique => "UNIQUE",
        ConstraintKind::ForeignKey => "FOREIGN KEY",
        ConstraintKind::NotNull => "NOT NULL",
        ConstraintKind::Check => "CHECK",
    };
    ConstraintViolation {
        kind,
        entity: meta.name,
        table: Some(meta.table.to_owned()),
        message: format!("{rule} constraint failed: {} ({})", meta.table, columns.join(", ")),
        columns,
        constraint: None,
        referenced_by: Vec::new(),
    }
}
