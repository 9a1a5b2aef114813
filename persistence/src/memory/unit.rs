//! The unit of work of a [`Memory`]: what was added, changed and deleted, and is not written yet.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{Lent, Memory, Table};
use crate::drafting;
use crate::entity::{ColumnMeta, EntityId, EntityMeta, Fill, Given, OnDelete, Orphan};
use crate::error::{Conflict, Error, FieldError, Invalid, Result};
use crate::filter::Filter;
use crate::reference::Slot;
use crate::value::{Record, RecordKey, Value};

/// What the unit knows of a row.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Added, not inserted yet.
    Pending(Vec<Given>),
    /// The same of a row that was there before: what the database and the framework would fill in is given
    /// as well.
    Merged(Vec<Given>),
    /// In the table; it was this when it was read or written last.
    Stored(Arc<Record>),
    /// In the table as `base`; these columns are to be others.
    Changed { base: Arc<Record>, given: BTreeMap<usize, Given> },
    /// In the table as it is here, to be deleted.
    Deleted(Arc<Record>),
    /// Not in the table any more, or never was.
    Gone,
}

/// The rows that a session has been given handles of.
#[derive(Clone, Debug, Default)]
pub(super) struct Unit {
    /// By their tables' positions; a handle has the place among them.
    rows: HashMap<usize, Vec<State>>,
    pub(super) by_key: HashMap<(usize, RecordKey), u32>,
    /// Rows that were added since the last commit.
    added: HashSet<Open>,
    /// The keys that rows had before this transaction wrote them.
    before: HashMap<Open, RecordKey>,
    /// Rows that this session has added, and so knows all that refers to them.
    own: HashSet<Open>,
    /// Rows that were parted, by a column, from what they are nothing without.
    pub(super) orphans: HashSet<(usize, u32, usize)>,
    /// What was read along for a row.
    included: HashMap<(Slot, &'static str), Vec<Slot>>,
}

/// The key of a row that was merged.
fn merged_key(meta: &EntityMeta, given: &[Given]) -> RecordKey {
    let value = |column: &usize| match given.get(*column) {
        Some(Given::Value(value)) => value.clone(),
        _ => Value::Null,
    };
    RecordKey(meta.key.iter().map(value).collect())
}

/// All that a part of the transaction may change.
pub(super) struct Snapshot {
    /// The transaction it is of.
    transaction: u64,
    lent: Lent,
    tables: Vec<Arc<Table>>,
    has_changes: bool,
    unit: Unit,
}

/// A row that is to be written.
pub(super) type Open = (usize, u32);

impl Unit {
    pub(super) fn state(&self, (table, row): Open) -> &State {
        let state = self.rows.get(&table).and_then(|rows| rows.get(row as usize));
        state.unwrap_or(&State::Gone)
    }

    pub(super) fn put(&mut self, (table, row): Open, state: State) {
        if let Some(place) = self.rows.get_mut(&table).and_then(|rows| rows.get_mut(row as usize)) {
            *place = state;
        }
    }

    fn push(&mut self, table: usize, state: State) -> u32 {
        let rows = self.rows.entry(table).or_default();
        rows.push(state);
        u32::try_from(rows.len() - 1).expect("a session sees fewer than 2^32 rows")
    }

    /// All rows of a table that were ever seen.
    pub(super) fn states(&self, table: usize) -> impl Iterator<Item = (u32, &State)> {
        (0..).zip(self.rows.get(&table).into_iter().flatten())
    }

    pub(super) fn has_changes(&self) -> bool {
        let is_open = |state: &State| !matches!(state, State::Stored(_) | State::Gone);
        self.rows.values().flatten().any(is_open)
    }

    fn note_added(&mut self, row: Open) {
        self.added.insert(row);
        self.own.insert(row);
    }

    /// Notes the key that a row had before this transaction.
    pub(super) fn note_before(&mut self, row: Open, key: RecordKey) {
        self.before.entry(row).or_insert(key);
    }

    /// What is written is permanent.
    pub(super) fn committed(&mut self) {
        self.added.clear();
        self.before.clear();
    }
}

impl Memory {
    pub(super) fn snapshot_of_unit(&self) -> Snapshot {
        Snapshot {
            transaction: self.transaction,
            lent: self.lent.clone(),
            tables: self.tables.clone(),
            has_changes: self.has_changes,
            unit: self.unit.clone(),
        }
    }

    /// Takes back what was done since, unless the transaction of then has ended.
    pub(super) fn restore(&mut self, mut snapshot: Snapshot) {
        if snapshot.transaction != self.transaction {
            return;
        }
        // Handles that were given since are those of rows that were read, or of none.
        for (&table, rows) in &self.unit.rows {
            let before = snapshot.unit.rows.entry(table).or_default();
            for (number, state) in (0..).zip(rows).skip(before.len()) {
                let stored = match state {
                    State::Stored(row) if !self.unit.added.contains(&(table, number)) => {
                        let key = self.table(table).meta.key_of(row);
                        let stored = snapshot.tables.get(table).and_then(|table| table.get(&key));
                        stored.map(|row| (key, Arc::clone(row)))
                    }
                    _ => None,
                };
                before.push(match stored {
                    Some((key, row)) => {
                        snapshot.unit.by_key.entry((table, key)).or_insert(number);
                        State::Stored(row)
                    }
                    None => State::Gone,
                });
            }
        }
        (self.tables, self.has_changes) = (snapshot.tables, snapshot.has_changes);
        (self.unit, self.lent) = (snapshot.unit, snapshot.lent);
    }

    /// Has a row as this session has just written it.
    pub(super) fn note_put(&mut self, table: usize, key: &RecordKey) {
        let Some(row) = self.unit.by_key.get(&(table, key.clone())).copied() else { return };
        let Some(stored) = self.table(table).get(key).cloned() else { return };
        let state = match self.unit.state((table, row)) {
            State::Stored(_) => State::Stored(stored),
            State::Deleted(_) => State::Deleted(stored),
            State::Changed { given, .. } => State::Changed { base: stored, given: given.clone() },
            State::Pending(_) | State::Merged(_) | State::Gone => return,
        };
        self.unit.put((table, row), state);
    }

    /// Forgets a row that this session has just deleted by itself.
    pub(super) fn note_removed(&mut self, table: usize, key: &RecordKey) {
        let Some(row) = self.unit.by_key.get(&(table, key.clone())).copied() else { return };
        if matches!(self.unit.state((table, row)), State::Stored(_))
            && self.table(table).get(key).is_none()
        {
            self.unit.by_key.remove(&(table, key.clone()));
            self.unit.note_before((table, row), key.clone());
            self.unit.put((table, row), State::Gone);
        }
    }

    /// Forgets rows that went along with others.
    pub(super) fn forget_gone(&mut self) {
        let mut gone = Vec::new();
        for (&table, rows) in &self.unit.rows {
            for (number, state) in (0..).zip(rows) {
                if let State::Stored(row) = state {
                    let key = self.table(table).meta.key_of(row);
                    if self.table(table).get(&key).is_none() {
                        gone.push(((table, number), key));
                    }
                }
            }
        }
        for (row, key) in gone {
            self.unit.by_key.remove(&(row.0, key.clone()));
            self.unit.note_before(row, key);
            self.unit.put(row, State::Gone);
        }
    }

    /// Takes back what was not committed: rows that were added are gone, others are as they are stored.
    pub(super) fn take_unit_back(&mut self) {
        let added = std::mem::take(&mut self.unit.added);
        let before = std::mem::take(&mut self.unit.before);
        let mut rows = std::mem::take(&mut self.unit.rows);
        self.unit.by_key.clear();
        for (&table, states) in &mut rows {
            for (row, state) in (0..).zip(states) {
                let key = match state {
                    _ if added.contains(&(table, row)) => None,
                    _ if before.contains_key(&(table, row)) => before.get(&(table, row)).cloned(),
                    State::Stored(base) | State::Changed { base, .. } | State::Deleted(base) => {
                        Some(self.table(table).meta.key_of(base))
                    }
                    State::Pending(_) | State::Merged(_) | State::Gone => None,
                };
                let stored = key.and_then(|key| {
                    let stored = self.table(table).get(&key).cloned()?;
                    self.unit.by_key.insert((table, key), row);
                    Some(stored)
                });
                *state = stored.map_or(State::Gone, State::Stored);
            }
        }
        self.unit.rows = rows;
        self.unit.own.clear();
        self.unit.orphans.clear();
        self.unit.included.clear();
    }

    fn slot(&self, table: usize, row: u32) -> Slot {
        Slot { session: self.id, row, entity: EntityId::new(self.table(table).meta) }
    }

    /// The table and number of a row that this session knows.
    pub(super) fn known_row(&self, row: Slot) -> Result<Open> {
        let unknown = || Error::NotFound {
            entity: row.entity.meta().name,
            wanted: format!("the handle {row:?} in this session"),
        };
        let table = self.position(row.entity.meta())?;
        let open = (table, row.row);
        let is_known = row.session == self.id && !matches!(self.unit.state(open), State::Gone);
        if is_known { Ok(open) } else { Err(unknown()) }
    }

    /// The handle of the row with that key.
    pub(super) fn handle(&mut self, table: usize, key: &RecordKey) -> Slot {
        let known = self.unit.by_key.get(&(table, key.clone())).copied();
        let known = known.filter(|row| !matches!(self.unit.state((table, *row)), State::Gone));
        let Some(stored) = self.table(table).get(key).cloned() else {
            return self.slot(table, known.unwrap_or(u32::MAX));
        };
        let row = if let Some(row) = known {
            if matches!(self.unit.state((table, row)), State::Stored(_)) {
                self.unit.put((table, row), State::Stored(stored));
            }
            row
        } else {
            let row = self.unit.push(table, State::Stored(stored));
            self.unit.by_key.insert((table, key.clone()), row);
            row
        };
        self.slot(table, row)
    }

    pub(super) fn add_row(&mut self, table: usize, given: Vec<Given>) -> Slot {
        let row = self.unit.push(table, State::Pending(given));
        self.unit.note_added((table, row));
        self.slot(table, row)
    }

    pub(super) fn merge_row(&mut self, table: usize, row: Record) -> Result<Slot> {
        let meta = self.table(table).meta;
        let key = meta.key_of(&row);
        let Some(theirs) = self.table(table).get(&key).cloned() else {
            // Another row of that key takes the place of one that is not inserted yet.
            let is_same = |(_, state): &(u32, &State)| matches!(state, State::Merged(given) if merged_key(meta, given) == key);
            let known = self.unit.states(table).find(is_same).map(|(number, _)| number);
            let state = State::Merged(row.0.into_iter().map(Given::Value).collect());
            let number = match known {
                Some(number) => {
                    self.unit.put((table, number), state);
                    number
                }
                None => self.unit.push(table, state),
            };
            self.unit.note_added((table, number));
            return Ok(self.slot(table, number));
        };
        let handle = self.handle(table, &key);
        let is_marked = matches!(self.unit.state((table, handle.row)), State::Deleted(_));
        if is_marked || meta.version_of(&theirs) != meta.version_of(&row) {
            let (mine, theirs) = (Some(row), Some((*theirs).clone()));
            return Err(Conflict { entity: meta.name, key, base: None, mine, theirs }.into());
        }
        for (position, value) in (0..).zip(row.0) {
            self.give((table, handle.row), position, Given::Value(value));
        }
        Ok(handle)
    }

    /// The row as the session has it.
    pub(super) fn row_of(&self, open: Open) -> Option<Record> {
        match self.unit.state(open) {
            State::Stored(row) => Some((**row).clone()),
            State::Changed { base, given } => {
                let mut row = (**base).clone();
                for (position, given) in given {
                    if let Given::Value(value) = given {
                        row.set(*position, value.clone());
                    }
                }
                Some(row)
            }
            State::Deleted(base) => Some((**base).clone()),
            State::Pending(_) | State::Merged(_) | State::Gone => None,
        }
    }

    /// What is given to the columns of a row that is to be inserted.
    pub(super) fn draft_of(&self, open: Open) -> Option<Vec<Given>> {
        match self.unit.state(open) {
            State::Pending(given) | State::Merged(given) => Some(given.clone()),
            _ => None,
        }
    }

    /// Gives a column of a row another value.
    pub(super) fn set_column(
        &mut self,
        open: Open,
        column: &'static ColumnMeta,
        value: Given,
    ) -> Result<()> {
        let meta = self.table(open.0).meta;
        let position = meta.position(column.name).expect("a column is one of its entity's");
        let invalid = |error| Invalid { entity: meta.name, errors: vec![error] };
        if let Given::Row(to) = value {
            self.known_row(to)?;
            drafting::check_reference(column, to.entity).map_err(invalid)?;
        }
        let value = match (self.unit.state(open), value) {
            (State::Deleted(_), _) => {
                let handle = self.slot(open.0, open.1);
                let wanted = format!("the handle {handle:?}, whose row is about to be deleted");
                return Err(Error::NotFound { entity: meta.name, wanted });
            }
            (State::Pending(given), value) => {
                let mut given = given.clone();
                if let Some(place) = given.get_mut(position) {
                    place.clone_from(&value);
                }
                drafting::record(meta, &given)?;
                value
            }
            (State::Merged(_), Given::Value(_)) if column.fill != Fill::Draft => {
                let message = "is filled in by the database or the session";
                return Err(invalid(FieldError::new(column.name, message)).into());
            }
            (_, Given::Value(value)) => Given::Value(drafting::assigned(meta, column, value)?),
            (_, Given::Filled) => return Err(invalid(FieldError::required(column.name)).into()),
            // One that is to get another key is referred to by its handle.
            (_, Given::Row(to)) => match self.key_of(to).filter(|_| !self.changes_key(to)) {
                Some(key) => Given::Value(key),
                None => Given::Row(to),
            },
        };
        self.give(open, position, value);
        Ok(())
    }

    pub(super) fn give(&mut self, open: Open, column: usize, value: Given) {
        if value != Given::Value(Value::Null) {
            self.unit.orphans.remove(&(open.0, open.1, column));
        }
        let base = match self.unit.state(open) {
            State::Stored(base) | State::Changed { base, .. } => Some(Arc::clone(base)),
            _ => None,
        };
        let rows = self.unit.rows.get_mut(&open.0);
        let Some(state) = rows.and_then(|rows| rows.get_mut(open.1 as usize)) else { return };
        match (state, base) {
            (State::Pending(given) | State::Merged(given), _) => {
                if let Some(place) = given.get_mut(column) {
                    *place = value;
                }
            }
            (state, Some(base)) => {
                let mut changes = match std::mem::replace(state, State::Gone) {
                    State::Changed { given, .. } => given,
                    _ => BTreeMap::new(),
                };
                if value == Given::Value(base.value(column).clone()) {
                    changes.remove(&column);
                } else {
                    changes.insert(column, value);
                }
                *state = State::Changed { base, given: changes };
            }
            _ => {}
        }
    }

    pub(super) fn is_marked(&self, open: Open) -> bool {
        matches!(self.unit.state(open), State::Deleted(_))
    }

    /// Whether a row is to get another key.
    fn changes_key(&self, row: Slot) -> bool {
        let Ok(open) = self.known_row(row) else { return false };
        let State::Changed { base, given } = self.unit.state(open) else { return false };
        let key = &self.table(open.0).meta.key;
        let is_other = |column: &usize| {
            given
                .get(column)
                .is_some_and(|given| *given != Given::Value(base.value(*column).clone()))
        };
        key.iter().any(is_other)
    }

    /// Marks a row to be deleted; one that is not inserted yet is forgotten at once, and those that go
    /// along with it.
    pub(super) fn mark(&mut self, open: Open) {
        let marked = match self.unit.state(open) {
            State::Stored(base) | State::Changed { base, .. } => {
                Some(State::Deleted(Arc::clone(base)))
            }
            state @ State::Deleted(_) => Some(state.clone()),
            State::Pending(_) | State::Merged(_) | State::Gone => None,
        };
        let is_given_up = marked.is_none();
        self.unit.put(open, marked.unwrap_or(State::Gone));
        self.unit.orphans.retain(|(table, row, _)| (*table, *row) != open);
        if is_given_up {
            let to = self.slot(open.0, open.1);
            for (row, column) in self.rows_referring_to(to) {
                let rule = self.column(row.0, column).and_then(|column| column.references.as_ref());
                match rule.map(|reference| reference.on_delete) {
                    _ if !matches!(self.unit.state(row), State::Pending(_) | State::Merged(_)) => {
                        self.take_back(row, column);
                    }
                    Some(OnDelete::Cascade) => self.mark(row),
                    Some(OnDelete::SetNull) => self.give(row, column, Given::Value(Value::Null)),
                    // In the way: the flush says so.
                    Some(OnDelete::Restrict) | None => {}
                }
            }
        }
    }

    /// Has rows that are to be written follow others that are to be deleted: they are deleted along, or
    /// refer to nothing any more.
    pub(super) fn follow_marked(&mut self) {
        loop {
            let mut next = None;
            'search: for (&table, rows) in &self.unit.rows {
                let meta = self.table(table).meta;
                for (row, state) in (0..).zip(rows) {
                    if matches!(state, State::Stored(_) | State::Deleted(_) | State::Gone) {
                        continue;
                    }
                    for (column, meta) in (0..).zip(meta.columns) {
                        let rule = meta.references.as_ref().map(|reference| reference.on_delete);
                        if let Some(rule @ (OnDelete::Cascade | OnDelete::SetNull)) = rule
                            && self.referred((table, row), column).is_some_and(|to| self.goes(to))
                        {
                            next = Some(((table, row), column, rule));
                            break 'search;
                        }
                    }
                }
            }
            match next {
                None => return,
                Some((row, column, OnDelete::SetNull)) => {
                    self.give(row, column, Given::Value(Value::Null));
                }
                Some((row, ..)) => self.mark(row),
            }
        }
    }

    /// Whether a row is to be deleted for good.
    fn goes(&self, row: Slot) -> bool {
        row.entity.meta().deleted().is_none()
            && self.known_row(row).is_ok_and(|open| self.is_marked(open))
    }

    /// Whether a row was parted from what it is nothing without, or is to refer to it no more.
    pub(super) fn is_orphan(&self, open: Open) -> bool {
        if self.unit.orphans.iter().any(|(table, row, _)| (*table, *row) == open) {
            return true;
        }
        let State::Changed { base, given } = self.unit.state(open) else { return false };
        given.iter().any(|(column, given)| {
            let references = self.column(open.0, *column).and_then(|meta| meta.references.as_ref());
            references.is_some_and(|reference| reference.orphan == Orphan::Delete)
                && *given == Given::Value(Value::Null)
                && !base.value(*column).is_null()
        })
    }

    /// Takes back what was given to a column.
    fn take_back(&mut self, open: Open, column: usize) {
        if let State::Changed { base, .. } = self.unit.state(open) {
            let before = Given::Value(base.value(column).clone());
            self.give(open, column, before);
        }
    }

    /// Rows that are to refer to one by its handle, and the columns in which they are.
    fn rows_referring_to(&self, to: Slot) -> Vec<(Open, usize)> {
        let mut found = Vec::new();
        for (&table, rows) in &self.unit.rows {
            for (row, state) in (0..).zip(rows) {
                let columns: Vec<usize> = match state {
                    State::Pending(given) | State::Merged(given) => (0..)
                        .zip(given)
                        .filter(|(_, given)| **given == Given::Row(to))
                        .map(|(column, _)| column)
                        .collect(),
                    State::Changed { given, .. } => given
                        .iter()
                        .filter(|(_, given)| **given == Given::Row(to))
                        .map(|(column, _)| *column)
                        .collect(),
                    _ => Vec::new(),
                };
                found.extend(columns.into_iter().map(|column| ((table, row), column)));
            }
        }
        found
    }

    pub(super) fn column(&self, table: usize, column: usize) -> Option<&'static ColumnMeta> {
        self.table(table).meta.columns.get(column)
    }

    /// Forgets changes of a row that are not written.
    pub(super) fn forget_changes(&mut self, open: Open) -> Result<()> {
        let table = open.0;
        let meta = self.table(table).meta;
        let key = match self.unit.state(open) {
            State::Stored(base) | State::Changed { base, .. } | State::Deleted(base) => {
                meta.key_of(base)
            }
            State::Pending(_) | State::Merged(_) | State::Gone => {
                let handle = self.slot(open.0, open.1);
                let wanted = format!("the handle {handle:?}, for it is not inserted yet");
                return Err(Error::NotFound { entity: meta.name, wanted });
            }
        };
        self.unit.orphans.retain(|(table, row, _)| (*table, *row) != open);
        let stored = self.table(table).get(&key).cloned();
        let wanted = Filter::key(meta, &key).to_string();
        let is_there = stored.is_some();
        self.unit.put(open, stored.map_or(State::Gone, State::Stored));
        if is_there { Ok(()) } else { Err(Error::NotFound { entity: meta.name, wanted }) }
    }

    /// Where a row refers to in a column, as the session has it.
    fn reference(&self, open: Open, column: usize) -> Option<Given> {
        if self.unit.orphans.contains(&(open.0, open.1, column)) {
            return Some(Given::Value(Value::Null));
        }
        let of = |row: &Record| Some(Given::Value(row.value(column).clone()));
        match self.unit.state(open) {
            State::Pending(given) | State::Merged(given) => given.get(column).cloned(),
            State::Changed { base, given } => given.get(&column).cloned().or_else(|| of(base)),
            State::Stored(row) => of(row),
            State::Deleted(_) | State::Gone => None,
        }
    }

    /// Whether a row refers to another in a column.
    pub(super) fn refers(&self, open: Open, column: usize, to: Slot) -> bool {
        match self.reference(open, column) {
            Some(Given::Row(other)) => other == to,
            Some(Given::Value(value)) => {
                !value.is_null() && self.key_of(to).as_ref() == Some(&value)
            }
            Some(Given::Filled) | None => false,
        }
    }

    /// The value by which others refer to a row that is stored.
    pub(super) fn key_of(&self, row: Slot) -> Option<Value> {
        let open = self.known_row(row).ok()?;
        let meta = self.table(open.0).meta;
        let key = match self.unit.state(open) {
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

    /// The handle of the row that a row refers to in a column; `None` where it refers to none, or the
    /// session has no handle of it.
    pub(super) fn referred(&self, open: Open, column: usize) -> Option<Slot> {
        let target = self.column(open.0, column)?.references.as_ref()?.entity.meta();
        match self.reference(open, column)? {
            Given::Row(to) => Some(to),
            Given::Filled => None,
            Given::Value(value) => {
                let table = self.position(target).ok()?;
                let row = self.unit.by_key.get(&(table, RecordKey(vec![value]))).copied()?;
                Some(self.slot(table, row))
            }
        }
    }

    /// Rows with handles that refer to one in a column: those that were read along first.
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

    /// The row that a row belongs to by a column, if there is one; `None` where the session does not
    /// know.
    pub(super) fn parents(
        &self,
        row: Slot,
        column: usize,
        relation: &'static str,
    ) -> Option<Vec<Slot>> {
        let open = self.known_row(row).ok()?;
        match self.reference(open, column)? {
            Given::Row(to) => Some(vec![to]),
            Given::Value(Value::Null) | Given::Filled => Some(Vec::new()),
            Given::Value(_) => match self.referred(open, column) {
                None if self.unit.included.contains_key(&(row, relation)) => Some(Vec::new()),
                found => found.map(|found| vec![found]),
            },
        }
    }

    /// What was read along for a row; nothing for one that was added here, `None` where it may have more.
    pub(super) fn included(&self, row: Slot, relation: &'static str) -> Option<&[Slot]> {
        let open = self.known_row(row).ok()?;
        match self.unit.included.get(&(row, relation)) {
            Some(included) => Some(included),
            None => self.unit.own.contains(&open).then_some(&[]),
        }
    }

    pub(super) fn set_included(&mut self, row: Slot, relation: &'static str, included: Vec<Slot>) {
        self.unit.included.insert((row, relation), included);
    }

    /// Parts a row from the one that it refers to in a column.
    pub(super) fn part(&mut self, row: Slot, column: usize, from: Slot) -> Result<()> {
        let open = self.known_row(row)?;
        self.known_row(from)?;
        let Some(meta) = self.column(open.0, column).filter(|_| self.refers(open, column, from))
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
            self.reference(open, column).unwrap_or(Given::Filled)
        };
        self.give(open, column, value);
        if orphan == Orphan::Delete {
            self.unit.orphans.insert((open.0, open.1, column));
        }
        Ok(())
    }
}
