//! Edits, written by a unit of work: their rows are read, then all are put into it, then it is flushed.
//!
//! It is flushed earlier only where one of the new rows cannot be put into it as long as another has its
//! key (a counted key of a row that is to be deleted, a row that is only marked as deleted), and before rows
//! that are written alone.

mod alone;
mod new_rows;

use std::collections::{HashMap, HashSet};

use super::DynSession;
use crate::column_type::ValueError;
use crate::drafting::{self, is_by_framework};
use crate::edit::{Applied, ColumnEdit, Edit, EditKind, NewValue, Written};
use crate::entity::{ColumnMeta, ColumnSet, EntityMeta, Fill, Given, Orphan, Slot};
use crate::error::{Conflict, Error, FieldError, Invalid, Result};
use crate::fill::{blank, filled_where};
use crate::filter::Filter;
use crate::permissions::{Action, NotPermitted};
use crate::query::Query;
use crate::value::{Record, RecordKey, Value};
use new_rows::NewRows;

/// Keys asked for in one statement.
pub(crate) const KEYS_PER_STATEMENT: usize = 500;

/// The position of an edit among the others.
type EditIndex = usize;

/// A row, by its table and primary key.
type RowKey = (&'static str, RecordKey);

/// A row that is written.
struct Touched {
    meta: &'static EntityMeta,
    /// The session's; `None` where a cell is no value of its column, and where it is marked as deleted: no
    /// unit of work knows such a row, and it is written by itself, at once.
    row: Option<Slot>,
    /// What it was before all edits; `None` where it is new.
    before: Option<Record>,
    /// What it is after the edits so far; `None` where it is deleted.
    now: Option<Record>,
}

/// The row of an edit.
struct Found {
    position: usize,
    /// What its columns were by the edit, where that reads otherwise than what is stored: only the database
    /// can say whether it stands for the same.
    was: Option<Vec<(usize, Value)>>,
}

/// Edits on their way into a session.
struct Applying<'s, 'e> {
    session: &'s mut dyn DynSession,
    touched: Vec<Touched>,
    /// The positions of rows among those, by the keys that they have by now.
    by_key: HashMap<RowKey, usize>,
    /// The same of rows whose keys others have got before an edit has deleted them or given them another.
    replaced: HashMap<RowKey, usize>,
    /// Rows that are only marked as deleted.
    hidden: HashMap<RowKey, Record>,
    edits: &'e [Edit],
    metas: HashMap<&'e str, &'static EntityMeta>,
    new_rows: NewRows<'e>,
    /// The new rows that are added so far.
    added: HashMap<EditIndex, Slot>,
    /// The keys of rows that are to be deleted, or to get other keys.
    freed: HashSet<RowKey>,
    /// Columns that become NULL once all is written, by their positions.
    parted: Vec<(Slot, usize)>,
    /// References to new rows that are written once all are added.
    later: Vec<(Slot, &'static str, EditIndex)>,
}

/// Writes edits; returns the rows as they were and are.
pub(super) fn apply(session: &mut dyn DynSession, edits: &[Edit]) -> Result<Applied> {
    let mut metas = HashMap::new();
    for edit in edits {
        if !metas.contains_key(&*edit.table) {
            metas.insert(&*edit.table, session.repository(&edit.table)?.meta());
        }
    }
    for edit in edits {
        if let Some(meta) = metas.get(&*edit.table) {
            require_known(meta, edit)?;
        }
    }
    let mut applying = Applying {
        session,
        touched: Vec::with_capacity(edits.len()),
        by_key: HashMap::new(),
        replaced: HashMap::new(),
        hidden: HashMap::new(),
        edits,
        metas,
        new_rows: NewRows::default(),
        added: HashMap::new(),
        freed: HashSet::new(),
        parted: Vec::new(),
        later: Vec::new(),
    };
    applying.read()?;
    for index in 0..edits.len() {
        applying.put(index)?;
    }
    for (row, column, to) in std::mem::take(&mut applying.later) {
        if let Some(to) = applying.added.get(&to) {
            applying.session.set(row, column, Given::Row(*to))?;
        }
    }
    applying.session.flush()?;
    for (row, column) in std::mem::take(&mut applying.parted) {
        let Some(stored) = applying.session.row(row) else { continue };
        let mut mine = stored.clone();
        mine.set(column, Value::Null);
        let table = row.entity().meta().table;
        applying.session.repository(table)?.update_from(&stored, mine)?;
    }
    let rows = applying.written()?;
    Ok(Applied { rows, inserted: applying.inserted() })
}

/// Refuses an edit of values that nobody has seen.
fn require_known(meta: &'static EntityMeta, edit: &Edit) -> Result<()> {
    let is_masked = |value: &NewValue| value.known() == Some(&Value::Masked);
    let (column, action) = match &edit.kind {
        EditKind::Insert { columns, .. } => {
            (columns.iter().find(|(_, value)| is_masked(value)).map(|(it, _)| it), Action::View)
        }
        EditKind::Update { columns, .. } => {
            let mut columns = columns.iter();
            let masked = columns.find(|it| it.before == Value::Masked || is_masked(&it.after));
            (masked.map(|it| &it.column), Action::Change)
        }
        // They are only compared.
        EditKind::Delete { .. } => return Ok(()),
    };
    let column = column.and_then(|column| meta.column(column)).map(|column| column.name);
    column.map_or(Ok(()), |column| {
        Err(NotPermitted { table: meta.table, column: Some(column), action }.into())
    })
}

impl Applying<'_, '_> {
    /// Returns the keys that the new rows have got.
    fn inserted(&self) -> HashMap<(&'static str, u32), RecordKey> {
        let keys = self.added.iter().filter_map(|(index, slot)| {
            let Edit { table, kind } = self.edits.get(*index)?;
            let EditKind::Insert { row: number, .. } = kind else { return None };
            let meta = self.metas.get(&**table)?;
            let row = self.session.row(*slot)?;
            Some(((meta.table, *number), meta.key_of(&row)))
        });
        keys.collect()
    }

    fn meta(&self, table: &str) -> Result<&'static EntityMeta> {
        self.metas.get(table).copied().ok_or_else(|| super::no_entity(table))
    }

    /// Reads the rows that are updated and deleted, and those that have the keys of new ones.
    fn read(&mut self) -> Result<()> {
        let mut keys: HashMap<&str, Vec<RecordKey>> = HashMap::new();
        for (index, edit) in self.edits.iter().enumerate() {
            let meta = self.meta(&edit.table)?;
            let key = edit.key(meta).map(|key| meta.coerce_key(&key)).transpose()?;
            if let EditKind::Insert { row, .. } = edit.kind {
                let key = key.clone().map(|key| (meta.table, key));
                self.new_rows.note(index, (&edit.table, row), key);
            }
            if let Some(key) = key {
                keys.entry(&edit.table).or_default().push(key);
            }
        }
        for (table, mut keys) in keys {
            let meta = self.meta(table)?;
            keys.sort();
            keys.dedup();
            for keys in keys.chunks(KEYS_PER_STATEMENT) {
                let mut query = Query::new();
                query.filter = with_keys(meta, keys);
                self.read_hidden(meta, keys)?;
                let rows = match self.session.all(meta.table, &query) {
                    Err(Error::Unreadable(_)) => self.read_odd(meta, &query)?,
                    rows => rows?,
                };
                for row in rows {
                    if let Some(stored) = self.session.row(row) {
                        let (before, now) = (Some(stored.clone()), Some(stored));
                        self.touch(Touched { meta, row: Some(row), before, now });
                    }
                }
            }
        }
        Ok(())
    }

    fn touch(&mut self, touched: Touched) {
        self.touched.push(touched);
        self.file(self.touched.len() - 1);
    }

    /// Files a row under the key that it has by now. One that has had it so far is to be deleted,
    /// or to get another, by an edit that comes later.
    fn file(&mut self, position: usize) {
        let Some(key) = self.touched.get(position).and_then(Touched::key) else { return };
        let before = self.by_key.insert(key.clone(), position);
        if let Some(before) = before.filter(|before| *before != position) {
            self.replaced.insert(key, before);
        }
    }

    /// Takes a row from under the key that it has by now.
    fn unfile(&mut self, position: usize) {
        let Some(key) = self.touched.get(position).and_then(Touched::key) else { return };
        for filed in [&mut self.by_key, &mut self.replaced] {
            if filed.get(&key) == Some(&position) {
                filed.remove(&key);
            }
        }
    }

    /// Returns the position of the row that has a key as far as the edits so far go: of two, that
    /// of the one that had it first.
    fn position(&self, key: &RowKey) -> Option<usize> {
        self.replaced.get(key).or_else(|| self.by_key.get(key)).copied()
    }

    fn put(&mut self, index: EditIndex) -> Result<()> {
        let Some(Edit { table, kind }) = self.edits.get(index) else { return Ok(()) };
        let meta = self.meta(table)?;
        match kind {
            EditKind::Insert { .. } => self.insert(index, &mut Vec::new()).map(drop),
            EditKind::Update { key, version, columns } => {
                let key = meta.coerce_key(key)?;
                self.put_update(meta, (&key, version.as_ref()), columns)
                    .map_err(|error| with_mine(meta, &key, columns, error))
            }
            EditKind::Delete { key, version, columns } => {
                let key = meta.coerce_key(key)?;
                // What was never seen is not compared.
                let seen = columns.iter().filter(|(_, value)| *value != Value::Masked);
                let before = seen.map(|(column, value)| (&**column, value));
                let Found { position, was } = self.find(meta, (&key, version.as_ref()), before)?;
                self.unfile(position);
                let Some(touched) = self.touched.get_mut(position) else { return Ok(()) };
                let Some(row) = touched.row.filter(|_| was.is_none()) else {
                    return self.delete_alone(meta, position, was);
                };
                touched.now = None;
                self.freed.insert((meta.table, key));
                self.session.delete(row)
            }
        }
    }

    fn put_update(
        &mut self,
        meta: &'static EntityMeta,
        (key, version): (&RecordKey, Option<&Value>),
        columns: &[ColumnEdit],
    ) -> Result<()> {
        let mark = meta.deleted().and_then(|mark| meta.columns.get(mark));
        let was_shown = |edit: &ColumnEdit| {
            mark.is_some_and(|mark| edit.column == mark.name) && edit.before.is_null()
        };
        if !columns.iter().any(was_shown) {
            self.take_hidden(meta, key);
        }
        let before = columns.iter().map(|edit| (&*edit.column, &edit.before));
        let Found { position, was } = self.find(meta, (key, version), before)?;
        self.compare(meta, key, position, columns)?;
        self.unfile(position);
        match self.touched.get(position).and_then(|touched| touched.row) {
            Some(row) if was.is_none() => {
                all_refused(columns.iter().map(|edit| self.update(meta, (position, row), edit)))?;
            }
            _ => self.update_alone(meta, (position, was), columns)?,
        }
        self.file(position);
        Ok(())
    }

    /// Compares the columns of a row that an edit names and leaves as they are: nothing is written that would
    /// be compared with them.
    fn compare(
        &self,
        meta: &'static EntityMeta,
        key: &RecordKey,
        position: usize,
        columns: &[ColumnEdit],
    ) -> Result<()> {
        let stored = self.touched.get(position).and_then(|touched| touched.now.as_ref());
        let Some(stored) = stored else { return Ok(()) };
        let mut base = stored.clone();
        for edit in columns.iter().filter(|edit| edit.after.known() == Some(&edit.before)) {
            let (position, column) = column_of(meta, &edit.column)?;
            if !is_by_framework(column.fill) {
                base.set(position, coerced_stored(meta, column, &edit.before)?);
            }
        }
        if base == *stored {
            return Ok(());
        }
        Err(conflict(meta, key.clone(), (Some(base), None, Some(stored.clone()))))
    }

    /// Gives a column of a row that is stored another value.
    fn update(
        &mut self,
        meta: &'static EntityMeta,
        (position, row): (usize, Slot),
        edit: &ColumnEdit,
    ) -> Result<()> {
        let (column_index, column) = column_of(meta, &edit.column)?;
        if is_by_framework(column.fill) {
            return Ok(());
        }
        let to = self.new_row(meta, column, &edit.after)?;
        let Some(touched) = self.touched.get_mut(position) else { return Ok(()) };
        let (Some(now), None, Some(value)) = (&mut touched.now, to, edit.after.known()) else {
            self.later.extend(to.map(|to| (row, column.name, to)));
            return Ok(());
        };
        if meta.key.contains(&column_index) {
            self.freed.insert((meta.table, meta.key_of(now)));
        }
        now.set(column_index, coerced(meta, column, value)?);
        let orphan = column.references.as_ref().map(|reference| reference.orphan);
        if value.is_null() && orphan == Some(Orphan::Delete) {
            // It is to stay, although it is parted from what it may be nothing without.
            self.parted.push((row, column_index));
            return Ok(());
        }
        self.session.set(row, column.name, Given::Value(value.clone()))
    }

    /// Finds the new row that a column is to refer to: by its number, or by the key that it gets.
    fn new_row(
        &self,
        meta: &'static EntityMeta,
        column: &'static ColumnMeta,
        value: &NewValue,
    ) -> Result<Option<EditIndex>> {
        match value {
            NewValue::KeyOf { table, row } => {
                let found = self.new_rows.numbered((table, *row)).map(Some);
                found.map_err(|why| invalid(meta, column.name, &why))
            }
            NewValue::Known(value) => {
                let Some(reference) = &column.references else { return Ok(None) };
                // What is no value of the column is refused where it is written.
                let Ok(value) = coerced(meta, column, value) else { return Ok(None) };
                let key = (reference.entity.meta().table, RecordKey(vec![value]));
                // A row that is there already is what is meant.
                let there = self.position(&key).and_then(|position| self.touched.get(position));
                let is_there = there.is_some_and(|row| row.before.is_some());
                Ok(self.new_rows.with_key(&key).filter(|_| !is_there))
            }
        }
    }

    /// Adds a new row, after those that it cannot be without.
    fn insert(&mut self, index: EditIndex, waiting: &mut Vec<EditIndex>) -> Result<Slot> {
        if let Some(row) = self.added.get(&index) {
            return Ok(*row);
        }
        let insert = self.edits.get(index).and_then(|edit| match &edit.kind {
            EditKind::Insert { columns, .. } => Some((&edit.table, columns)),
            EditKind::Update { .. } | EditKind::Delete { .. } => None,
        });
        let (table, columns) = insert.expect("only inserts are noted as new rows");
        let meta = self.meta(table)?;
        waiting.push(index);
        let mut given: Vec<(&str, Given)> = Vec::with_capacity(columns.len());
        let mut later = Vec::new();
        for (name, value) in columns {
            let (_, column) = column_of(meta, name)?;
            let to = self.new_row(meta, column, value)?;
            let value = match (to, value) {
                (Some(to), _) if column.is_nullable && !self.added.contains_key(&to) => {
                    later.push((column.name, to));
                    Given::Value(Value::Null)
                }
                // A row may refer to itself by its key.
                (Some(to), NewValue::Known(value)) if to == index => Given::Value(value.clone()),
                (Some(to), _) if waiting.contains(&to) => {
                    let message = "refers to itself by way of new rows, and may not be NULL";
                    return Err(invalid(meta, name, message));
                }
                (Some(to), _) => Given::Row(self.insert(to, waiting)?),
                (None, NewValue::Known(value)) => Given::Value(value.clone()),
                (None, NewValue::KeyOf { .. }) => Given::Filled,
            };
            given.push((column.name, value));
        }
        waiting.pop();
        let by_position = drafting::by_position(meta, &given)?;
        let (row, now) = if let Some(stored) = stored_row(meta, &by_position)? {
            self.bring_back(meta, stored, &given)?
        } else {
            let row = self.session.add(meta.table, &given)?;
            let is_known = |key: &usize| matches!(by_position.get(*key), Some(Given::Value(_)));
            let has_key = meta.key.iter().all(is_known);
            (row, has_key.then(|| drafting::record(meta, &by_position)).transpose()?)
        };
        self.later.extend(later.into_iter().map(|(column, to)| (row, column, to)));
        self.added.insert(index, row);
        self.touch(Touched { meta, row: Some(row), before: None, now });
        Ok(row)
    }

    /// Brings a row back that was there before, with its key: shows it again where it is only marked as
    /// deleted. Returns it, and what it is as far as that is known.
    fn bring_back(
        &mut self,
        meta: &'static EntityMeta,
        row: Record,
        given: &[(&str, Given)],
    ) -> Result<(Slot, Option<Record>)> {
        let key = (meta.table, meta.key_of(&row));
        if let Some(hidden) = self.hidden.remove(&key) {
            return self.uncover(meta, &row, hidden);
        }
        let known = self.position(&key).and_then(|position| self.touched.get(position));
        if let Some(theirs) = known.and_then(|known| known.now.clone()) {
            return Err(conflict(meta, key.1, (None, Some(row), Some(theirs))));
        }
        if self.freed.contains(&key) {
            // The new one has its key only after that.
            self.session.flush()?;
        }
        let slot = self.session.merge(meta.table, row.clone())?;
        for (column, given) in given {
            if let Given::Row(to) = given {
                self.session.set(slot, column, Given::Row(*to))?;
            }
        }
        Ok((slot, Some(row)))
    }

    /// Shows a row again that is only marked as deleted, if it is otherwise as it is given.
    fn uncover(
        &mut self,
        meta: &'static EntityMeta,
        row: &Record,
        hidden: Record,
    ) -> Result<(Slot, Option<Record>)> {
        let key = meta.key_of(row);
        let mut shown = hidden.clone();
        for (position, column) in meta.columns.iter().enumerate() {
            if column.fill == Fill::Deleted {
                shown.set(position, row.value(position).clone());
            } else if !is_by_framework(column.fill) && row.value(position) != hidden.value(position)
            {
                return Err(conflict(meta, key, (None, Some(row.clone()), Some(hidden))));
            }
        }
        self.session.repository(meta.table)?.update_from(&hidden, shown)?;
        let slot = self.session.get(meta.table, &key)?;
        let now = self.session.row(slot);
        Ok((slot, now))
    }

    /// Reads rows that are only marked as deleted, and have the keys of new ones.
    fn read_hidden(&mut self, meta: &'static EntityMeta, keys: &[RecordKey]) -> Result<()> {
        let Some(mark) = meta.deleted().and_then(|mark| meta.columns.get(mark)) else {
            return Ok(());
        };
        let is_marked = Filter::IsNull { column: mark.name.into() }.not();
        let mut query = Query::new();
        query.filter = with_keys(meta, keys).and(is_marked);
        for row in self.session.repository(meta.table)?.list(&query)? {
            self.hidden.insert((meta.table, meta.key_of(&row)), row);
        }
        Ok(())
    }

    /// Finds the row of an edit, if it is as the edit has it.
    fn find<'c>(
        &self,
        meta: &'static EntityMeta,
        (key, version): (&RecordKey, Option<&Value>),
        before: impl Iterator<Item = (&'c str, &'c Value)>,
    ) -> Result<Found> {
        let row_key = (meta.table, key.clone());
        let position = self.position(&row_key);
        let stored = position.and_then(|position| self.touched.get(position)?.now.as_ref());
        let mut base = stored.cloned().unwrap_or_else(|| only_key(meta, key));
        let (mut was, mut differs, mut seen) = (Vec::new(), false, ColumnSet::EMPTY);
        for (name, value) in before {
            let (position, column) = column_of(meta, name)?;
            if seen.contains(position) {
                return Err(invalid(meta, name, "is given twice"));
            }
            seen = seen.with(position);
            let value = coerced_stored(meta, column, value)?;
            if !is_by_framework(column.fill) {
                differs |= *base.value(position) != value;
                was.push((position, value.clone()));
            }
            base.set(position, value);
        }
        if let (Some(version), Some(column)) = (version, meta.version) {
            base.set(column, version.clone());
        }
        let is_current =
            |stored: &Record| version.is_none() || meta.version_of(stored).as_ref() == version;
        match (position, stored) {
            (Some(position), Some(stored)) if is_current(stored) => {
                if !differs {
                    return Ok(Found { position, was: None });
                }
                if !meta.has_odd_cell(&base) {
                    return Ok(Found { position, was: Some(was) });
                }
            }
            _ => {}
        }
        // Where it is only marked as deleted, that is what it is by now.
        let theirs = stored.or_else(|| self.hidden.get(&row_key)).cloned();
        Err(conflict(meta, key.clone(), (Some(base), None, theirs)))
    }

    /// Reads the rows with some keys, also those that are only marked as deleted.
    fn stored_with(
        &mut self,
        meta: &'static EntityMeta,
        keys: &[RecordKey],
    ) -> Result<Vec<Record>> {
        let mut query = Query::new();
        query.filter = with_keys(meta, keys).with_deleted(meta);
        self.session.repository(meta.table)?.list(&query)
    }

    /// Returns the rows as they were, and as the database has them now: it may have rounded what it was
    /// given, and triggers may have changed it.
    fn written(&mut self) -> Result<Vec<Written>> {
        let known = |touched: &Touched| match touched.row {
            Some(row) => self.session.row(row),
            None => touched.now.clone(),
        };
        let known: Vec<Option<Record>> = self.touched.iter().map(known).collect();
        let key = |touched: &Touched, known: Option<&Record>| {
            let row = known.or(touched.now.as_ref())?;
            Some((touched.meta.table, touched.meta.key_of(row)))
        };
        let mut keys: HashMap<&str, Vec<RecordKey>> = HashMap::new();
        for (touched, known) in self.touched.iter().zip(&known) {
            if let Some((table, key)) = key(touched, known.as_ref()) {
                keys.entry(table).or_default().push(key);
            }
        }
        let mut stored: HashMap<RowKey, Record> = HashMap::new();
        for (table, keys) in keys {
            let meta = self.meta(table)?;
            for some in keys.chunks(KEYS_PER_STATEMENT) {
                let rows = self.stored_with(meta, some)?.into_iter();
                stored.extend(rows.map(|row| ((meta.table, meta.key_of(&row)), row)));
            }
            let asked: HashSet<&RecordKey> = keys.iter().collect();
            let of_table = |(table, _): &&RowKey| *table == meta.table;
            let is_otherwise = |key: &RowKey| !asked.contains(&key.1);
            if !stored.keys().filter(of_table).any(is_otherwise) {
                continue;
            }
            // The database stores keys otherwise than they were given.
            for key in keys {
                let row_key = (meta.table, key);
                if !stored.contains_key(&row_key) {
                    let row = self.stored_with(meta, std::slice::from_ref(&row_key.1))?.pop();
                    stored.extend(row.map(|row| (row_key, row)));
                }
            }
        }
        let rows = self.touched.iter().zip(&known).map(|(touched, known)| {
            let stored = key(touched, known.as_ref()).and_then(|key| stored.get(&key).cloned());
            Written { entity: touched.meta, before: touched.before.clone(), after: stored }
        });
        Ok(rows.filter(|row| row.before.is_some() || row.after.is_some()).collect())
    }
}

impl Touched {
    /// Returns the key that the row has by now, if it has one.
    fn key(&self) -> Option<RowKey> {
        Some((self.meta.table, self.meta.key_of(self.now.as_ref()?)))
    }
}

fn invalid(meta: &EntityMeta, column: &str, message: &str) -> Error {
    Invalid { entity: meta.name, errors: vec![FieldError::new(column, message)] }.into()
}

/// Makes the error for a row that is not what the edit was made of: as it was, as it is to be, and
/// as it is.
fn conflict(
    meta: &EntityMeta,
    key: RecordKey,
    (base, mine, theirs): (Option<Record>, Option<Record>, Option<Record>),
) -> Error {
    Conflict { entity: meta.name, key, base, mine, theirs }.into()
}

/// Adds to a conflict what the row was to be.
fn with_mine(
    meta: &'static EntityMeta,
    key: &RecordKey,
    columns: &[ColumnEdit],
    mut error: Error,
) -> Error {
    if let Error::Conflict(conflict) = &mut error
        && (conflict.entity, &conflict.key) == (meta.name, key)
        && conflict.mine.is_none()
    {
        let mut mine = conflict.base.clone();
        for edit in columns {
            if let (Some(mine), Ok((position, column)), Some(value)) =
                (&mut mine, column_of(meta, &edit.column), edit.after.known())
            {
                mine.set(position, coerced(meta, column, value).unwrap_or_else(|_| value.clone()));
            }
        }
        conflict.mine = mine;
    }
    error
}

/// Returns a row of which nothing is known but its key.
fn only_key(meta: &EntityMeta, key: &RecordKey) -> Record {
    let mut row = Record(vec![Value::Null; meta.columns.len()]);
    for (position, value) in meta.key.iter().zip(&key.0) {
        row.set(*position, value.clone());
    }
    row
}

/// Makes a filter for the rows with these primary keys, also those that are NULL.
pub(crate) fn with_keys(meta: &EntityMeta, keys: &[RecordKey]) -> Filter {
    let (odd, keys): (Vec<&RecordKey>, Vec<&RecordKey>) =
        keys.iter().partition(|key| key.0.iter().any(Value::is_null));
    let odd = odd.into_iter().map(|key| Filter::key(meta, key));
    odd.fold(Filter::keys(meta, keys), Filter::or)
}

/// Joins what several columns are refused for.
fn all_refused<T>(results: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let (mut done, mut refused) = (Vec::new(), None::<Invalid>);
    for result in results {
        match (result, &mut refused) {
            (Ok(value), _) => done.push(value),
            (Err(Error::Invalid(invalid)), Some(refused)) if invalid.entity == refused.entity => {
                refused.errors.extend(invalid.errors);
            }
            (Err(Error::Invalid(invalid)), none @ None) => *none = Some(invalid),
            (Err(error), _) => return Err(error),
        }
    }
    refused.map_or(Ok(done), |refused| Err(refused.into()))
}

/// Finds a column by its name, and returns it with its position.
fn column_of(meta: &'static EntityMeta, name: &str) -> Result<(usize, &'static ColumnMeta)> {
    let column = crate::filter::known(meta, name).map_err(Error::from)?;
    let position = meta.position(column.name).expect("a column is one of its entity's");
    Ok((position, column))
}

/// Turns a value into its column's type.
fn coerced(meta: &EntityMeta, column: &ColumnMeta, value: &Value) -> Result<Value> {
    column.column_type.coerce(value.clone()).map_err(|error| wrong_value(meta, column, &error))
}

/// Returns a value as the database has it, also where that is none of its column.
fn coerced_stored(meta: &EntityMeta, column: &ColumnMeta, value: &Value) -> Result<Value> {
    column
        .column_type
        .coerce_stored(value.clone())
        .map_err(|error| wrong_value(meta, column, &error))
}

fn wrong_value(meta: &EntityMeta, column: &ColumnMeta, error: &ValueError) -> Error {
    Invalid { entity: meta.name, errors: vec![FieldError::of_value(column.name, error)] }.into()
}

/// Returns the row that is given with what the database or the framework would fill in, and so was
/// there before; fills in what else they do. `None` where nothing of that is given.
fn stored_row(meta: &'static EntityMeta, given: &[Given]) -> Result<Option<Record>> {
    let columns = || meta.columns.iter().zip(given);
    let is_given = |(column, given): (&ColumnMeta, &Given)| {
        match (column.fill, given) {
            (Fill::Draft, _) | (_, Given::Row(_) | Given::Filled) => false,
            // That a row is not marked as deleted is said of one that may be.
            (Fill::Deleted, Given::Value(_)) => true,
            (_, Given::Value(value)) => !value.is_null(),
        }
    };
    if !columns().any(is_given) {
        return Ok(None);
    }
    let value = |(column, given): (&ColumnMeta, &Given)| match given {
        Given::Value(value) => value.clone(),
        Given::Row(_) => blank(column.column_type),
        Given::Filled => Value::Null,
    };
    let row = Record(columns().map(value).collect());
    let key = meta.key_of(&row);
    let mut keys = meta.key_columns().zip(&key.0);
    if let Some((column, _)) = keys.find(|(_, key)| key.is_null()) {
        let errors = vec![FieldError::required(column.name)];
        return Err(Invalid { entity: meta.name, errors }.into());
    }
    let row = filled_where(meta, row, |fill| fill != Fill::Generated);
    Ok(Some(meta.coerce(row)?))
}
