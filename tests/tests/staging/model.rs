//! What is staged, as a model has it: each cell with what its person saw there, and all that there was before
//! for undoing.

use std::collections::BTreeMap;

use persistence::edit::NewValue;
use persistence::entity::Fill;
use persistence::staging::{Conflict, RowId, RowKey, StagedRow, StagedValue};
use persistence::{EntityMeta, Record, Value};

use super::world::{cell, meta_of};

#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub value: StagedValue,
    pub seen: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    New(BTreeMap<&'static str, StagedValue>),
    Changed(BTreeMap<&'static str, Cell>),
    /// With the row as it was seen.
    Deleted(Record),
}

pub type State = BTreeMap<RowId, Row>;

/// A row of the database, as it was read last.
#[derive(Clone, Debug)]
pub struct Known {
    pub last: Record,
    pub is_gone: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    state: State,
    undo: Vec<State>,
    redo: Vec<State>,
    known: BTreeMap<RowId, Known>,
}

fn is_of_people(fill: Fill) -> bool {
    !matches!(fill, Fill::Version | Fill::Computed | Fill::Updated)
}

/// What is left of what a row is to be.
fn left(meta: &EntityMeta, row: &Row, known: Option<&Known>) -> Option<Row> {
    let gone = known.is_none_or(|known| known.is_gone);
    match (row, known) {
        (Row::Deleted(_), _) if gone => None,
        (Row::Changed(cells), Some(known)) if !gone => {
            let mut cells = cells.clone();
            cells.retain(|column, staged| {
                staged.value.known() != Some(cell(meta, &known.last, column))
            });
            (!cells.is_empty()).then_some(Row::Changed(cells))
        }
        _ => Some(row.clone()),
    }
}

impl Model {
    pub fn shown(&self) -> State {
        let left = |(row, staged): (&RowId, &Row)| Some((row.clone(), self.left(row, staged)?));
        self.state.iter().filter_map(left).collect()
    }

    fn left(&self, row: &RowId, staged: &Row) -> Option<Row> {
        left(meta_of(row), staged, self.known.get(row))
    }

    pub fn row(&self, row: &RowId) -> Option<Row> {
        self.left(row, self.state.get(row)?)
    }

    pub fn conflict(&self, row: &RowId) -> Option<Conflict> {
        let staged = self.row(row)?;
        let known = self.known.get(row)?;
        if known.is_gone {
            return Some(Conflict::Gone);
        }
        let meta = meta_of(row);
        let differs = |column: &str| match &staged {
            Row::New(_) => false,
            Row::Changed(cells) => cells
                .get(column)
                .is_some_and(|staged| staged.seen != *cell(meta, &known.last, column)),
            Row::Deleted(seen) => cell(meta, seen, column) != cell(meta, &known.last, column),
        };
        let columns = meta.columns.iter().filter(|column| is_of_people(column.fill));
        let changed: Vec<_> =
            columns.map(|column| column.name).filter(|column| differs(column)).collect();
        (!changed.is_empty()).then_some(Conflict::Changed(changed))
    }

    /// Whether anything keeps all of it from being written.
    pub fn is_obstructed(&self) -> bool {
        let shown = self.shown();
        shown.iter().any(|(row, staged)| {
            let lacks = |column: &'static str, is_nullable: bool| {
                let value = match staged {
                    Row::New(columns) => Some(columns.get(column)),
                    Row::Changed(cells) => cells.get(column).map(|cell| Some(&cell.value)),
                    Row::Deleted(_) => None,
                };
                match value {
                    None => false,
                    Some(None) => !is_nullable,
                    Some(Some(StagedValue::Text(_))) => true,
                    Some(Some(value)) => value.known().is_some_and(Value::is_null) && !is_nullable,
                }
            };
            let columns = meta_of(row).columns.iter().filter(|column| column.fill == Fill::Draft);
            self.conflict(row).is_some()
                || columns.clone().any(|column| lacks(column.name, column.is_nullable))
        })
    }

    pub fn undo(&mut self) -> bool {
        let Some(state) = self.undo.pop() else { return false };
        self.redo.push(std::mem::replace(&mut self.state, state));
        true
    }

    pub fn redo(&mut self) -> bool {
        let Some(state) = self.redo.pop() else { return false };
        self.undo.push(std::mem::replace(&mut self.state, state));
        true
    }

    pub fn reread(&mut self, row: &RowId, now: Option<Record>) {
        let Some(known) = self.known.get_mut(row) else { return };
        known.is_gone = now.is_none();
        known.last = now.unwrap_or_else(|| known.last.clone());
    }

    pub fn act(&mut self) -> ModelAct<'_> {
        ModelAct { model: self, rows: BTreeMap::new(), copies: BTreeMap::new() }
    }
}

/// What is about to be staged.
pub struct ModelAct<'m> {
    model: &'m mut Model,
    rows: BTreeMap<RowId, Option<Row>>,
    copies: BTreeMap<RowId, Record>,
}

impl ModelAct<'_> {
    pub fn current(&self, row: &RowId) -> Option<Row> {
        self.rows.get(row).cloned().unwrap_or_else(|| self.model.row(row))
    }

    /// The new rows of a table.
    pub fn new_rows(&self, table: &str) -> Vec<RowId> {
        self.touchable()
            .into_iter()
            .filter(|row| row.table == table && matches!(row.key, RowKey::New(_)))
            .collect()
    }

    /// Rows of which something is staged.
    pub fn touchable(&self) -> Vec<RowId> {
        let mut rows: Vec<RowId> =
            self.model.shown().into_keys().chain(self.rows.keys().cloned()).collect();
        rows.sort();
        rows.dedup();
        rows.retain(|row| self.current(row).is_some());
        rows
    }

    pub fn set(&mut self, row: &RowId, copy: &Record, column: &'static str, value: StagedValue) {
        self.copies.insert(row.clone(), copy.clone());
        let seen = cell(meta_of(row), copy, column).clone();
        let (mut cells, was_deleted) = match self.current(row) {
            Some(Row::Changed(cells)) => (cells, false),
            Some(Row::Deleted(_)) => (BTreeMap::new(), true),
            _ => (BTreeMap::new(), false),
        };
        if value.known() == Some(&seen) {
            if cells.remove(column).is_none() && !was_deleted {
                return;
            }
        } else {
            cells.insert(column, Cell { value, seen });
        }
        self.rows.insert(row.clone(), (!cells.is_empty()).then_some(Row::Changed(cells)));
    }

    pub fn insert(&mut self, row: RowId) {
        self.rows.insert(row, Some(Row::New(BTreeMap::new())));
    }

    pub fn set_new(&mut self, row: &RowId, column: &'static str, value: StagedValue) {
        let Some(Row::New(mut columns)) = self.current(row) else { panic!("{row:?} is new") };
        columns.insert(column, value);
        self.rows.insert(row.clone(), Some(Row::New(columns)));
    }

    pub fn delete(&mut self, row: &RowId, copy: &Record) {
        self.copies.insert(row.clone(), copy.clone());
        self.rows.insert(row.clone(), Some(Row::Deleted(copy.clone())));
    }

    pub fn revert(&mut self, row: &RowId, column: &str) {
        let after = match self.current(row) {
            Some(Row::New(mut columns)) => columns.remove(column).map(|_| Some(Row::New(columns))),
            Some(Row::Changed(mut cells)) => {
                cells.remove(column).map(|_| (!cells.is_empty()).then_some(Row::Changed(cells)))
            }
            _ => None,
        };
        self.rows.extend(after.map(|after| (row.clone(), after)));
    }

    pub fn revert_row(&mut self, row: &RowId) {
        if self.current(row).is_none() {
            return;
        }
        self.rows.insert(row.clone(), None);
        let RowKey::New(number) = row.key else { return };
        let to = StagedValue::Value(NewValue::KeyOf { table: row.table.clone(), row: number });
        for other in self.touchable() {
            for column in meta_of(&other).columns {
                let refers = match self.current(&other) {
                    Some(Row::New(columns)) => columns.get(column.name) == Some(&to),
                    Some(Row::Changed(cells)) => {
                        cells.get(column.name).is_some_and(|cell| cell.value == to)
                    }
                    _ => false,
                };
                if refers {
                    self.revert(&other, column.name);
                }
            }
        }
    }

    pub fn revert_all(&mut self) {
        let rows: Vec<RowId> = self.model.state.keys().chain(self.rows.keys()).cloned().collect();
        self.rows.extend(rows.into_iter().map(|row| (row, None)));
    }

    pub fn keep_mine(&mut self, row: &RowId, column: &str) {
        if !matches!(self.model.conflict(row), Some(Conflict::Changed(_))) {
            return;
        }
        let known = &self.model.known[row];
        let after = match self.current(row) {
            Some(Row::Deleted(_)) => Row::Deleted(known.last.clone()),
            Some(Row::Changed(mut cells)) => {
                let Some(staged) = cells.get_mut(column) else { return };
                staged.seen = cell(meta_of(row), &known.last, column).clone();
                Row::Changed(cells)
            }
            _ => return,
        };
        self.rows.insert(row.clone(), Some(after));
    }

    /// Whether a row can be inserted again.
    pub fn is_gone(&self, row: &RowId) -> bool {
        self.model.conflict(row) == Some(Conflict::Gone)
            && matches!(self.current(row), Some(Row::Changed(_)))
    }

    pub fn insert_again(&mut self, row: &RowId, new: RowId) {
        let Some(Row::Changed(cells)) = self.current(row) else { panic!("{row:?} is changed") };
        let last = &self.model.known[row].last;
        let columns = meta_of(row).columns.iter().zip(&last.0);
        let mut columns: BTreeMap<&str, StagedValue> =
            columns.map(|(column, value)| (column.name, value.clone().into())).collect();
        columns.extend(cells.into_iter().map(|(column, cell)| (column, cell.value)));
        self.rows.insert(row.clone(), None);
        self.rows.insert(new, Some(Row::New(columns)));
    }

    /// What is known of a row once this is staged: a copy says something new where it is of a column that
    /// was not staged, or differs from what was seen before.
    fn known_after(&self, row: &RowId, after: &Row) -> Option<Known> {
        let (shown, known) = (self.model.row(row), self.model.known.get(row).cloned());
        let copy = self.copies.get(row);
        let (Some(shown), Some(mut known)) = (shown, known) else {
            return copy.map(|copy| Known { last: copy.clone(), is_gone: false });
        };
        let meta = meta_of(row);
        for (position, column) in meta.columns.iter().enumerate() {
            let seen = |row: &Row| match row {
                Row::New(_) => None,
                Row::Changed(cells) => cells.get(column.name).map(|cell| cell.seen.clone()),
                Row::Deleted(seen) => Some(seen.value(position).clone()),
            };
            if let Some(new) = seen(after).filter(|new| seen(&shown).as_ref() != Some(new)) {
                known.last.set(position, new);
            }
        }
        Some(known)
    }

    /// Whether anything is otherwise than before.
    pub fn finish(self) -> bool {
        let mut state = self.model.state.clone();
        let mut learnt = Vec::new();
        let mut changes = false;
        for (row, after) in &self.rows {
            let known = after.as_ref().and_then(|after| self.known_after(row, after));
            let is_same = match (after, self.model.state.get(row)) {
                (None, None) => true,
                (Some(after), Some(_)) => {
                    left(meta_of(row), after, known.as_ref()) == self.model.row(row)
                }
                _ => false,
            };
            if is_same {
                continue;
            }
            changes = true;
            learnt.extend(known.map(|known| (row.clone(), known)));
            match after {
                Some(after) => state.insert(row.clone(), after.clone()),
                None => state.remove(row),
            };
        }
        if changes {
            let before = std::mem::replace(&mut self.model.state, state);
            self.model.undo.push(before);
            self.model.redo.clear();
            self.model.known.extend(learnt);
        }
        changes
    }
}

/// What a staging is to say of a row.
pub fn as_staged(row: &Row) -> StagedRow {
    let name = |column: &'static str| column.into();
    match row {
        Row::New(columns) => StagedRow::New(
            columns.iter().map(|(column, value)| (name(column), value.clone())).collect(),
        ),
        Row::Changed(cells) => StagedRow::Changed(
            cells.iter().map(|(column, cell)| (name(column), cell.value.clone())).collect(),
        ),
        Row::Deleted(_) => StagedRow::Deleted,
    }
}
