//! Where rows of a unit of work refer to, and what follows from that.

use std::collections::HashSet;

use super::Memory;
use super::unit::{RowIndex, State};
use crate::entity::{Given, OnDelete, Orphan, Slot};
use crate::error::{FieldError, Invalid, Result};
use crate::value::{Record, RecordKey, Value};

impl Memory {
    /// Lets rows that are to be written follow others that are to be deleted: they are deleted
    /// along, or refer to nothing any more.
    pub(super) fn follow_marked(&mut self) {
        while let Some((index, column, rule)) = self.next_to_follow() {
            match rule {
                OnDelete::SetNull => self.give(index, column, Given::Value(Value::Null)),
                OnDelete::Cascade | OnDelete::Restrict => self.mark(index),
            }
        }
    }

    /// Finds a row that is to be written and refers to one that is to be deleted, and does not
    /// stand in its way.
    fn next_to_follow(&self) -> Option<(RowIndex, usize, OnDelete)> {
        let rows = self.unit.rows.iter().flat_map(|(&table, rows)| {
            (0..).zip(rows).map(move |(row, state)| ((table, row), state))
        });
        // One that is as it was is not written: the table's own rule is enough for it.
        let open = rows.filter(|(_, state)| match state {
            State::Pending(_) | State::Merged(_) => true,
            State::Changed { given, .. } => !given.is_empty(),
            State::Stored(_) | State::Deleted(_) | State::Gone => false,
        });
        let mut followers = open.flat_map(|(index, _)| {
            let columns = (0..).zip(self.table(index.0).meta.columns);
            columns.filter_map(move |(column, meta)| {
                let rule = meta.references.as_ref()?.on_delete;
                let goes = || self.referred(index, column).is_some_and(|to| self.goes(to));
                (rule != OnDelete::Restrict && goes()).then_some((index, column, rule))
            })
        });
        followers.next()
    }

    /// Returns whether a row is to be deleted for good.
    fn goes(&self, row: Slot) -> bool {
        row.entity.meta().deleted().is_none()
            && self.known_row(row).is_ok_and(|index| self.is_marked(index))
    }

    /// Returns whether a row was parted from what it is nothing without, or is to refer to it no more.
    pub(super) fn is_orphan(&self, index: RowIndex) -> bool {
        if self.unit.orphans.iter().any(|(table, row, _)| (*table, *row) == index) {
            return true;
        }
        let State::Changed { base, given } = self.unit.state(index) else { return false };
        given.iter().any(|(column, given)| {
            let references =
                self.column(index.0, *column).and_then(|meta| meta.references.as_ref());
            references.is_some_and(|reference| reference.orphan == Orphan::Delete)
                && *given == Given::Value(Value::Null)
                && !base.value(*column).is_null()
        })
    }

    /// Finds the rows that are to refer to one by its handle, and the columns in which they are.
    pub(super) fn rows_referring_to(&self, to: Slot) -> Vec<(RowIndex, usize)> {
        let mut found = Vec::new();
        for (&table, rows) in &self.unit.rows {
            for (row, state) in (0..).zip(rows) {
                let columns: Vec<usize> = match state {
                    State::Pending(given) | State::Merged(given) => (0..)
                        .zip(given)
                        .filter(|(_, given)| *given == &Given::Row(to))
                        .map(|(column, _)| column)
                        .collect(),
                    State::Changed { given, .. } => given
                        .iter()
                        .filter(|(_, given)| *given == &Given::Row(to))
                        .map(|(column, _)| *column)
                        .collect(),
                    _ => Vec::new(),
                };
                found.extend(columns.into_iter().map(|column| ((table, row), column)));
            }
        }
        found
    }

    /// Returns what a row refers to in a column, as the session has it.
    fn reference(&self, index: RowIndex, column: usize) -> Option<Given> {
        if self.unit.orphans.contains(&(index.0, index.1, column)) {
            return Some(Given::Value(Value::Null));
        }
        let of = |row: &Record| Some(Given::Value(row.value(column).clone()));
        match self.unit.state(index) {
            State::Pending(given) | State::Merged(given) => given.get(column).cloned(),
            State::Changed { base, given } => given.get(&column).cloned().or_else(|| of(base)),
            State::Stored(row) => of(row),
            State::Deleted(_) | State::Gone => None,
        }
    }

    /// Returns whether a row refers to another in a column.
    pub(super) fn refers(&self, index: RowIndex, column: usize, to: Slot) -> bool {
        match self.reference(index, column) {
            Some(Given::Row(other)) => other == to,
            Some(Given::Value(value)) => {
                !value.is_null() && self.key_of(to).as_ref() == Some(&value)
            }
            Some(Given::Filled) | None => false,
        }
    }

    /// Returns the value by which others refer to a row that is stored.
    pub(super) fn key_of(&self, row: Slot) -> Option<Value> {
        let index = self.known_row(row).ok()?;
        let meta = self.table(index.0).meta;
        let key = match self.unit.state(index) {
            State::Stored(base) | State::Changed { base, .. } | State::Deleted(base) => {
                meta.key_of(base)
            }
            // Who refers to it waits for it.
            State::Merged(_) | State::Pending(_) | State::Gone => return None,
        };
        match key.0.as_slice() {
            [value] => Some(value.clone()),
            _ => None,
        }
    }

    /// Returns the handle of the row that a row refers to in a column; `None` where it refers to
    /// none, or the session has no handle of it.
    pub(super) fn referred(&self, index: RowIndex, column: usize) -> Option<Slot> {
        let target = self.column(index.0, column)?.references.as_ref()?.entity.meta();
        match self.reference(index, column)? {
            Given::Row(to) => Some(to),
            Given::Filled => None,
            Given::Value(value) => {
                let table = self.position(target).ok()?;
                let row = self.unit.by_key.get(&(table, RecordKey(vec![value]))).copied()?;
                Some(self.slot(table, row))
            }
        }
    }

    /// Returns the rows with handles that refer to one in a column: those that were read along first.
    pub(super) fn referring(
        &self,
        to: Slot,
        (table, column): (usize, usize),
        first: &[Slot],
    ) -> Vec<Slot> {
        let own = self.unit.states(table).map(|(row, _)| self.slot(table, row));
        let mut seen = HashSet::new();
        let rows = first
            .iter()
            .copied()
            .filter(|row| row.entity.meta().table == self.table(table).meta.table);
        rows.chain(own)
            .filter(|row| self.refers((table, row.row), column, to) && seen.insert(*row))
            .collect()
    }

    /// Returns the row that a row belongs to by a column, if there is one; `None` where the session
    /// does not know.
    pub(super) fn parents(
        &self,
        row: Slot,
        column: usize,
        relation: &'static str,
    ) -> Option<Vec<Slot>> {
        let index = self.known_row(row).ok()?;
        match self.reference(index, column)? {
            Given::Row(to) => Some(vec![to]),
            Given::Value(Value::Null) | Given::Filled => Some(Vec::new()),
            Given::Value(_) => match self.referred(index, column) {
                None if self.unit.included.contains_key(&(row, relation)) => Some(Vec::new()),
                found => found.map(|found| vec![found]),
            },
        }
    }

    /// Returns what was read along for a row; nothing for one that was added here, `None` where it
    /// may have more.
    pub(super) fn included(&self, row: Slot, relation: &'static str) -> Option<&[Slot]> {
        let index = self.known_row(row).ok()?;
        match self.unit.included.get(&(row, relation)) {
            Some(included) => Some(included),
            None => self.unit.own.contains(&index).then_some(&[]),
        }
    }

    pub(super) fn set_included(&mut self, row: Slot, relation: &'static str, included: Vec<Slot>) {
        self.unit.included.insert((row, relation), included);
    }

    /// Parts a row from the one that it refers to in a column.
    pub(super) fn part(&mut self, row: Slot, column: usize, from: Slot) -> Result<()> {
        let index = self.known_row(row)?;
        self.known_row(from)?;
        let Some(meta) = self.column(index.0, column).filter(|_| self.refers(index, column, from))
        else {
            return Ok(());
        };
        let orphan = meta.references.as_ref().map_or(Orphan::Keep, |reference| reference.orphan);
        let entity = row.entity.meta().name;
        if orphan == Orphan::Keep && !meta.is_nullable {
            let errors = vec![FieldError::new(meta.name, "has to refer to a row")];
            return Err(Invalid { entity, errors }.into());
        }
        let value = if meta.is_nullable {
            Given::Value(Value::Null)
        } else {
            // It is looked at by the flush.
            self.reference(index, column).unwrap_or(Given::Filled)
        };
        self.give(index, column, value);
        if orphan == Orphan::Delete {
            self.unit.orphans.insert((index.0, index.1, column));
        }
        Ok(())
    }
}
