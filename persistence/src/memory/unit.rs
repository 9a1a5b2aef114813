//! The unit of work of a [`Memory`]: what was added, changed and deleted, and is not written yet.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{Lent, Memory, Table};
use crate::drafting;
use crate::entity::{ColumnMeta, EntityId, EntityMeta, Fill, Given, OnDelete};
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
    pub(super) rows: HashMap<usize, Vec<State>>,
    pub(super) by_key: HashMap<(usize, RecordKey), u32>,
    /// Rows that were added since the last commit.
    added: HashSet<RowIndex>,
    /// The keys that rows had before this transaction wrote them.
    before: HashMap<RowIndex, RecordKey>,
    /// Rows that this session has added, and so knows all that refers to them.
    pub(super) own: HashSet<RowIndex>,
    /// Rows that were parted, by a column, from what they are nothing without.
    pub(super) orphans: HashSet<(usize, u32, usize)>,
    /// What was read along for a row.
    pub(super) included: HashMap<(Slot, &'static str), Vec<Slot>>,
}

/// Returns the key of a row that was merged.
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

/// The position of a row's table, and the row's number there.
pub(super) type RowIndex = (usize, u32);

impl Unit {
    pub(super) fn state(&self, (table, row): RowIndex) -> &State {
        let state = self.rows.get(&table).and_then(|rows| rows.get(row as usize));
        state.unwrap_or(&State::Gone)
    }

    pub(super) fn put(&mut self, (table, row): RowIndex, state: State) {
        if let Some(place) = self.rows.get_mut(&table).and_then(|rows| rows.get_mut(row as usize)) {
            *place = state;
        }
    }

    fn push(&mut self, table: usize, state: State) -> u32 {
        let rows = self.rows.entry(table).or_default();
        rows.push(state);
        u32::try_from(rows.len() - 1).expect("a session sees fewer than 2^32 rows")
    }

    /// Returns all rows of a table that were ever seen.
    pub(super) fn states(&self, table: usize) -> impl Iterator<Item = (u32, &State)> {
        (0..).zip(self.rows.get(&table).into_iter().flatten())
    }

    pub(super) fn has_changes(&self) -> bool {
        let is_open = |state: &State| !matches!(state, State::Stored(_) | State::Gone);
        self.rows.values().flatten().any(is_open)
    }

    fn note_added(&mut self, row: RowIndex) {
        self.added.insert(row);
        self.own.insert(row);
    }

    /// Notes the key that a row had before this transaction.
    pub(super) fn note_before(&mut self, row: RowIndex, key: RecordKey) {
        self.before.entry(row).or_insert(key);
    }

    /// Forgets how to undo what was written: it is permanent.
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

    /// Notes a row as this session has just written it.
    pub(super) fn note_put(&mut self, table: usize, key: &RecordKey) {
        if self.unit.by_key.is_empty() {
            return;
        }
        let Some(row) = self.unit.by_key.get(&(table, key.clone())).copied() else { return };
        let Some(stored) = self.table(table).get(key).cloned() else { return };
        let state = match self.unit.state((table, row)) {
            State::Stored(_) => State::Stored(stored),
            State::Deleted(_) => State::Deleted(stored),
            State::Changed { given, .. } => State::Changed { base: stored, given: given.clone() },
            State::Pending(_) | State::Merged(_) | State::Gone => return,
        };
        self.unit.note_before((table, row), key.clone());
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
                let stored = match state {
                    _ if added.contains(&(table, row)) => None,
                    _ if before.contains_key(&(table, row)) => before
                        .get(&(table, row))
                        .and_then(|key| self.table(table).get(key).cloned()),
                    // As it was read: what others have made of it since is noticed by the flush.
                    State::Stored(base) | State::Changed { base, .. } | State::Deleted(base) => {
                        Some(Arc::clone(base))
                    }
                    State::Pending(_) | State::Merged(_) | State::Gone => None,
                };
                if let Some(stored) = &stored {
                    let key = self.table(table).meta.key_of(stored);
                    self.unit.by_key.insert((table, key), row);
                }
                *state = stored.map_or(State::Gone, State::Stored);
            }
        }
        self.unit.rows = rows;
        self.unit.own.clear();
        self.unit.orphans.clear();
        self.unit.included.clear();
    }

    pub(super) fn slot(&self, table: usize, row: u32) -> Slot {
        Slot { session: self.id, row, entity: EntityId::new(self.table(table).meta) }
    }

    /// Returns the table and number of a row that this session knows.
    pub(super) fn known_row(&self, row: Slot) -> Result<RowIndex> {
        let unknown = || Error::NotFound {
            entity: row.entity.meta().name,
            wanted: format!("the handle {row:?} in this session"),
        };
        let table = self.position(row.entity.meta())?;
        let index = (table, row.row);
        let is_known = row.session == self.id && !matches!(self.unit.state(index), State::Gone);
        if is_known { Ok(index) } else { Err(unknown()) }
    }

    /// Returns the handle of the row with that key; one is made where there is none yet.
    pub(super) fn handle(&mut self, table: usize, key: &RecordKey) -> Slot {
        let known = self.unit.by_key.get(&(table, key.clone())).copied();
        let known = known.filter(|row| !matches!(self.unit.state((table, *row)), State::Gone));
        let stored =
            self.table(table).get(key).cloned().expect("a row that was just read is there");
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

    /// Returns the row as the session has it.
    pub(super) fn row_of(&self, index: RowIndex) -> Option<Record> {
        match self.unit.state(index) {
            State::Stored(row) => Some((**row).clone()),
            State::Changed { base, given } => {
                let mut row = (**base).clone();
                for (position, given) in given {
                    let value = match given {
                        Given::Value(value) => Some(value.clone()),
                        Given::Row(to) => self.settled_key(*to),
                        Given::Filled => None,
                    };
                    if let Some(value) = value {
                        row.set(*position, value);
                    }
                }
                Some(row)
            }
            State::Deleted(base) => Some((**base).clone()),
            State::Pending(_) | State::Merged(_) | State::Gone => None,
        }
    }

    /// Returns what is given to the columns of a row that is to be inserted.
    pub(super) fn draft_of(&self, index: RowIndex) -> Option<Vec<Given>> {
        match self.unit.state(index) {
            State::Pending(given) | State::Merged(given) => Some(given.clone()),
            _ => None,
        }
    }

    /// Gives a column of a row another value.
    pub(super) fn set_column(
        &mut self,
        index: RowIndex,
        column: &'static ColumnMeta,
        value: Given,
    ) -> Result<()> {
        let meta = self.table(index.0).meta;
        let position = meta.position(column.name).expect("a column is one of its entity's");
        let invalid = |error| Invalid { entity: meta.name, errors: vec![error] };
        if let Given::Row(to) = value {
            self.known_row(to)?;
            drafting::check_reference(column, to.entity).map_err(invalid)?;
        }
        let value = match (self.unit.state(index), value) {
            (State::Deleted(_), _) => {
                let handle = self.slot(index.0, index.1);
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
            (_, Given::Row(to)) => {
                // One that may get another key is referred to by its handle.
                let stays = to.entity.meta().has_generated_key()
                    || match self.unit.state(index) {
                        State::Stored(base) | State::Changed { base, .. } => {
                            self.key_of(to).as_ref() == Some(base.value(position))
                        }
                        _ => false,
                    };
                match self.key_of(to).filter(|_| stays && !self.changes_key(to)) {
                    Some(key) => Given::Value(key),
                    None => Given::Row(to),
                }
            }
        };
        self.give(index, position, value);
        Ok(())
    }

    pub(super) fn give(&mut self, index: RowIndex, column: usize, value: Given) {
        if value != Given::Value(Value::Null) {
            self.unit.orphans.remove(&(index.0, index.1, column));
        }
        let base = match self.unit.state(index) {
            State::Stored(base) | State::Changed { base, .. } => Some(Arc::clone(base)),
            _ => None,
        };
        let rows = self.unit.rows.get_mut(&index.0);
        let Some(state) = rows.and_then(|rows| rows.get_mut(index.1 as usize)) else { return };
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

    pub(super) fn is_marked(&self, index: RowIndex) -> bool {
        matches!(self.unit.state(index), State::Deleted(_))
    }

    /// Returns whether a row is to get another key.
    pub(super) fn changes_key(&self, row: Slot) -> bool {
        let Ok(index) = self.known_row(row) else { return false };
        let State::Changed { base, given } = self.unit.state(index) else { return false };
        let key = &self.table(index.0).meta.key;
        let is_other = |column: &usize| {
            given
                .get(column)
                .is_some_and(|given| *given != Given::Value(base.value(*column).clone()))
        };
        key.iter().any(is_other)
    }

    /// Marks a row to be deleted; one that is not inserted yet is forgotten at once, and those that go
    /// along with it.
    pub(super) fn mark(&mut self, index: RowIndex) {
        let marked = match self.unit.state(index) {
            State::Stored(base) | State::Changed { base, .. } => {
                Some(State::Deleted(Arc::clone(base)))
            }
            state @ State::Deleted(_) => Some(state.clone()),
            State::Pending(_) | State::Merged(_) | State::Gone => None,
        };
        let is_given_up = marked.is_none();
        self.unit.put(index, marked.unwrap_or(State::Gone));
        self.unit.orphans.retain(|(table, row, _)| (*table, *row) != index);
        if is_given_up {
            let to = self.slot(index.0, index.1);
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

    /// Takes back what was given to a column.
    fn take_back(&mut self, index: RowIndex, column: usize) {
        if let State::Changed { base, .. } = self.unit.state(index) {
            let before = Given::Value(base.value(column).clone());
            self.give(index, column, before);
        }
    }

    pub(super) fn column(&self, table: usize, column: usize) -> Option<&'static ColumnMeta> {
        self.table(table).meta.columns.get(column)
    }

    /// Forgets changes of a row that are not written.
    pub(super) fn forget_changes(&mut self, index: RowIndex) -> Result<()> {
        let table = index.0;
        let meta = self.table(table).meta;
        let key = match self.unit.state(index) {
            State::Stored(base) | State::Changed { base, .. } | State::Deleted(base) => {
                meta.key_of(base)
            }
            State::Pending(_) | State::Merged(_) | State::Gone => {
                let handle = self.slot(index.0, index.1);
                let wanted = format!("the handle {handle:?}, for it is not inserted yet");
                return Err(Error::NotFound { entity: meta.name, wanted });
            }
        };
        self.unit.orphans.retain(|(table, row, _)| (*table, *row) != index);
        let stored = self.table(table).get(&key).cloned();
        let wanted = Filter::key(meta, &key).to_string();
        let is_there = stored.is_some();
        self.unit.put(index, stored.map_or(State::Gone, State::Stored));
        if is_there { Ok(()) } else { Err(Error::NotFound { entity: meta.name, wanted }) }
    }
}
