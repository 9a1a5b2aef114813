//! Edits, written by a unit of work: all are looked at, then all are put into it, then it is flushed.

use std::collections::{HashMap, HashSet};

use super::DynSession;
use crate::drafting::{self, is_by_framework};
use crate::edit::{Edit, EditKind, NewValue};
use crate::entity::{ColumnMeta, EntityMeta, Fill, Given, Orphan, Slot};
use crate::error::{Conflict, Error, FieldError, Invalid, Result};
use crate::fill::{blank, filled_where};
use crate::filter::Filter;
use crate::query::Query;
use crate::value::{Record, RecordKey, Value};

/// Keys asked for in one statement.
const KEYS_PER_STATEMENT: usize = 500;

/// What a new row is called by: its table and number.
type Number<'e> = (&'e str, u32);

/// The place of an edit among the others.
type At = usize;

/// A row, by its table and key.
type Place = (&'static str, RecordKey);

/// A row that is written.
struct Touched {
    meta: &'static EntityMeta,
    row: Slot,
    /// What it was before all edits; `None` where it is new.
    before: Option<Record>,
    /// What it is after the edits so far; `None` where it is deleted.
    now: Option<Record>,
}

/// Edits on their way into a session.
struct Applying<'s, 'e> {
    session: &'s mut dyn DynSession,
    touched: Vec<Touched>,
    /// Where rows with known keys are among those.
    places: HashMap<Place, usize>,
    /// Rows whose keys others have got.
    replaced: HashMap<Place, usize>,
    /// Rows that are only marked as deleted.
    hidden: HashMap<Place, Record>,
    edits: &'e [Edit],
    metas: HashMap<&'e str, &'static EntityMeta>,
    /// The inserts that others may refer to by their numbers.
    by_number: HashMap<Number<'e>, At>,
    /// Numbers that more than one has.
    ambiguous: HashSet<Number<'e>>,
    /// The inserts that others may refer to by their keys.
    by_key: HashMap<Place, At>,
    /// The new rows that are added so far.
    new: HashMap<At, Slot>,
    /// Columns that become NULL once all is written, by their positions.
    parted: Vec<(Slot, usize)>,
    /// References to new rows that are written once all are added.
    later: Vec<(Slot, &'static str, At)>,
}

/// Writes edits; returns what takes them back.
pub(super) fn apply(session: &mut dyn DynSession, edits: &[Edit]) -> Result<Vec<Edit>> {
    let mut metas = HashMap::new();
    for edit in edits {
        if !metas.contains_key(&*edit.table) {
            metas.insert(&*edit.table, session.repository(&edit.table)?.meta());
        }
    }
    let mut applying = Applying {
        session,
        touched: Vec::with_capacity(edits.len()),
        places: HashMap::new(),
        replaced: HashMap::new(),
        hidden: HashMap::new(),
        edits,
        metas,
        by_number: HashMap::new(),
        ambiguous: HashSet::new(),
        by_key: HashMap::new(),
        new: HashMap::new(),
        parted: Vec::new(),
        later: Vec::new(),
    };
    applying.read()?;
    for at in 0..edits.len() {
        applying.put(at)?;
    }
    for (row, column, to) in std::mem::take(&mut applying.later) {
        if let Some(to) = applying.new.get(&to) {
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
    Ok(applying.inverse())
}

impl Applying<'_, '_> {
    fn meta(&self, table: &str) -> Result<&'static EntityMeta> {
        self.metas.get(table).copied().ok_or_else(|| super::no_entity(table))
    }

    /// Reads the rows that are updated and deleted, and those that have the keys of new ones.
    fn read(&mut self) -> Result<()> {
        let mut keys: HashMap<&str, Vec<RecordKey>> = HashMap::new();
        for (at, edit) in self.edits.iter().enumerate() {
            let meta = self.meta(&edit.table)?;
            let key = match &edit.kind {
                EditKind::Update { key, .. } | EditKind::Delete { key, .. } => Some(key.clone()),
                EditKind::Insert { row, .. } => {
                    let number: Number<'_> = (&edit.table, *row);
                    if self.by_number.insert(number, at).is_some() {
                        self.ambiguous.insert(number);
                    }
                    edit.key(meta)
                }
            };
            let Some(key) = key else { continue };
            let key = coerced_key(meta, &key)?;
            if matches!(edit.kind, EditKind::Insert { .. }) {
                self.by_key.insert((meta.table, key.clone()), at);
            }
            keys.entry(&edit.table).or_default().push(key);
        }
        for (table, mut keys) in keys {
            let meta = self.meta(table)?;
            keys.sort();
            keys.dedup();
            for keys in keys.chunks(KEYS_PER_STATEMENT) {
                let mut query = Query::new();
                query.filter = Filter::keys(meta, keys);
                self.read_hidden(meta, keys)?;
                for row in self.session.all(meta.table, &query)? {
                    if let Some(stored) = self.session.row(row) {
                        self.note(meta, row, Some(stored));
                    }
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, meta: &'static EntityMeta, row: Slot, stored: Option<Record>) -> usize {
        let at = self.touched.len();
        if let Some(stored) = &stored {
            self.places.insert((meta.table, meta.key_of(stored)), at);
        }
        self.touched.push(Touched { meta, row, before: stored.clone(), now: stored });
        at
    }

    fn put(&mut self, edit: At) -> Result<()> {
        let Some(Edit { table, kind }) = self.edits.get(edit) else { return Ok(()) };
        let meta = self.meta(table)?;
        match kind {
            EditKind::Insert { .. } if self.new.contains_key(&edit) => Ok(()),
            EditKind::Insert { .. } => self.insert(edit, &mut Vec::new()).map(drop),
            EditKind::Update { key, version, columns } => {
                let before = columns.iter().map(|edit| (&*edit.column, &edit.before));
                let at = self.as_before(meta, (key, version.as_ref()), before)?;
                for edit in columns {
                    let (position, column) = column_of(meta, &edit.column)?;
                    if is_by_framework(column.fill) {
                        continue;
                    }
                    let Some(touched) = self.touched.get(at) else { continue };
                    let is_owned = column
                        .references
                        .as_ref()
                        .is_some_and(|reference| reference.orphan == Orphan::Delete);
                    let row = touched.row;
                    if let Some(to) = self.new_of(meta, column, &edit.after)? {
                        self.later.push((row, column.name, to));
                        continue;
                    }
                    let Some(touched) = self.touched.get_mut(at) else { continue };
                    match &edit.after {
                        // It is to stay, although it is parted from what it may be nothing without.
                        NewValue::Known(Value::Null) if is_owned => {
                            self.parted.push((touched.row, position));
                            if let Some(now) = &mut touched.now {
                                now.set(position, Value::Null);
                            }
                        }
                        NewValue::Known(value) => {
                            let row = touched.row;
                            self.session.set(row, column.name, Given::Value(value.clone()))?;
                            if let Some(now) = &mut touched.now {
                                now.set(position, coerced(meta, column, value)?);
                            }
                        }
                        NewValue::KeyOf { .. } => {}
                    }
                }
                self.place(at);
                Ok(())
            }
            EditKind::Delete { key, version, columns } => {
                let before = columns.iter().map(|(column, value)| (&**column, value));
                let at = self.as_before(meta, (key, version.as_ref()), before)?;
                let Some(touched) = self.touched.get_mut(at) else { return Ok(()) };
                touched.now = None;
                self.session.delete(touched.row)
            }
        }
    }

    /// Files a row under the key that it has by now. One that has had it so far is to be deleted by an edit
    /// that comes later.
    fn place(&mut self, at: usize) {
        let Some(touched) = self.touched.get(at) else { return };
        let Some(now) = &touched.now else { return };
        let place = (touched.meta.table, touched.meta.key_of(now));
        if let Some(before) = self.places.insert(place.clone(), at).filter(|before| *before != at) {
            self.replaced.insert(place, before);
        }
    }

    /// The new row that a column is to refer to: by its number, or by the key that it gets.
    fn new_of(
        &self,
        meta: &'static EntityMeta,
        column: &'static ColumnMeta,
        value: &NewValue,
    ) -> Result<Option<At>> {
        match value {
            NewValue::KeyOf { table, row } => {
                let number: Number<'_> = (table, *row);
                let is_ambiguous = self.ambiguous.contains(&number);
                let known = self.by_number.get(&number).filter(|_| !is_ambiguous).copied();
                known.map(Some).ok_or_else(|| {
                    let several = if is_ambiguous {
                        "of which there are several"
                    } else {
                        "which there is not"
                    };
                    let message = format!("refers to the new row {row} of {table}, {several}");
                    let errors = vec![FieldError::new(column.name, message)];
                    Invalid { entity: meta.name, errors }.into()
                })
            }
            NewValue::Known(value) => {
                let Some(reference) = &column.references else { return Ok(None) };
                let key = RecordKey(vec![coerced(meta, column, value)?]);
                let place = (reference.entity.meta().table, key);
                // A row that is there already is what is meant.
                let is_there = self.places.get(&place).and_then(|at| self.touched.get(*at));
                let is_there =
                    is_there.is_some_and(|row| row.before.is_some() && row.now.is_some());
                Ok(self.by_key.get(&place).filter(|_| !is_there).copied())
            }
        }
    }

    /// Adds a new row, after those that it cannot be without.
    fn insert(&mut self, edit: At, waiting: &mut Vec<At>) -> Result<Slot> {
        if let Some(row) = self.new.get(&edit) {
            return Ok(*row);
        }
        let insert = self.edits.get(edit).and_then(|edit| match &edit.kind {
            EditKind::Insert { columns, .. } => Some((&edit.table, columns)),
            EditKind::Update { .. } | EditKind::Delete { .. } => None,
        });
        let (table, columns) = insert.expect("only inserts are noted as new rows");
        let meta = self.meta(table)?;
        let invalid = |column: &str, message: &str| -> Error {
            Invalid { entity: meta.name, errors: vec![FieldError::new(column, message)] }.into()
        };
        waiting.push(edit);
        let mut given: Vec<(&str, Given)> = Vec::with_capacity(columns.len());
        let mut later = Vec::new();
        for (name, value) in columns {
            let (_, column) = column_of(meta, name)?;
            if given.iter().any(|(known, _)| *known == column.name) {
                return Err(invalid(name, "is given twice"));
            }
            let to = self.new_of(meta, column, value)?;
            let value = match (to, value) {
                (Some(to), _) if column.is_nullable && !self.new.contains_key(&to) => {
                    later.push((column.name, to));
                    Given::Value(Value::Null)
                }
                // A row may refer to itself by its key.
                (Some(to), NewValue::Known(value)) if to == edit => Given::Value(value.clone()),
                (Some(to), _) if waiting.contains(&to) => {
                    let message = "refers to itself by way of new rows, and may not be NULL";
                    return Err(invalid(name, message));
                }
                (Some(to), _) => Given::Row(self.insert(to, waiting)?),
                (None, NewValue::Known(value)) => Given::Value(value.clone()),
                (None, NewValue::KeyOf { .. }) => Given::Filled,
            };
            given.push((column.name, value));
        }
        waiting.pop();
        let stored = stored_row(meta, &given)?;
        let (row, known) = match stored {
            None => {
                let slot = self.session.add(meta.table, &given)?;
                let given = drafting::by_position(meta, &given)?;
                let has_key = meta.key.iter().all(|key| {
                    given.get(*key).is_some_and(|given| matches!(given, Given::Value(_)))
                });
                (slot, has_key.then(|| drafting::record(meta, &given)).transpose()?)
            }
            Some(row) => self.bring_back(meta, row, &given)?,
        };
        for (column, to) in later {
            self.later.push((row, column, to));
        }
        self.new.insert(edit, row);
        let at = self.note(meta, row, None);
        if let Some(touched) = self.touched.get_mut(at) {
            touched.now = known;
        }
        self.place(at);
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
        let place = (meta.table, meta.key_of(&row));
        if let Some(hidden) = self.hidden.remove(&place) {
            return self.uncover(meta, &row, hidden);
        }
        let known = self.places.get(&place).and_then(|at| self.touched.get(*at));
        if let Some(theirs) = known.and_then(|known| known.now.clone()) {
            let (mine, theirs) = (Some(row), Some(theirs));
            return Err(
                Conflict { entity: meta.name, key: place.1, base: None, mine, theirs }.into()
            );
        }
        if known.is_some() {
            // It is to be deleted: the new one has its key only after that.
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
                let (mine, theirs) = (Some(row.clone()), Some(hidden));
                return Err(Conflict { entity: meta.name, key, base: None, mine, theirs }.into());
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
        query.filter = Filter::keys(meta, keys).and(is_marked);
        for row in self.session.repository(meta.table)?.list(&query)? {
            self.hidden.insert((meta.table, meta.key_of(&row)), row);
        }
        Ok(())
    }

    /// The row of an edit, if it is as the edit has it.
    fn as_before<'c>(
        &self,
        meta: &'static EntityMeta,
        (key, version): (&RecordKey, Option<&Value>),
        before: impl Iterator<Item = (&'c str, &'c Value)>,
    ) -> Result<usize> {
        let missing =
            || Error::NotFound { entity: meta.name, wanted: Filter::key(meta, key).to_string() };
        let place = (meta.table, coerced_key(meta, key)?);
        let is_there = |at: &&usize| self.touched.get(**at).is_some_and(|row| row.now.is_some());
        let at = self.replaced.get(&place).filter(is_there).or_else(|| self.places.get(&place));
        let at = at.copied().ok_or_else(missing)?;
        let touched = self.touched.get(at).ok_or_else(missing)?;
        let stored = touched.now.as_ref().ok_or_else(missing)?;
        let is_current =
            version.is_none_or(|version| meta.version_of(stored).as_ref() == Some(version));
        let mut base = stored.clone();
        let mut differs = false;
        for (name, value) in before {
            let (position, column) = column_of(meta, name)?;
            let value = coerced(meta, column, value)?;
            if !is_by_framework(column.fill) {
                differs |= *stored.value(position) != value;
            }
            base.set(position, value);
        }
        if differs || !is_current {
            let (base, theirs) = (Some(base), Some(stored.clone()));
            return Err(
                Conflict { entity: meta.name, key: key.clone(), base, mine: None, theirs }.into()
            );
        }
        Ok(at)
    }

    /// What makes the rows what they were.
    fn inverse(&self) -> Vec<Edit> {
        let edits = self.touched.iter().filter_map(|touched| {
            let after = self.session.row(touched.row);
            Edit::between(touched.meta, after.as_ref(), touched.before.as_ref())
        });
        let mut edits: Vec<Edit> =
            (1..).zip(edits).map(|(number, edit)| edit.numbered(number)).collect();
        // A key may be another row's by now: that has to let go of it first.
        edits.sort_by_key(|edit| match edit.kind {
            EditKind::Delete { .. } => 0,
            EditKind::Update { .. } => 1,
            EditKind::Insert { .. } => 2,
        });
        edits
    }
}

/// A column by its name, and its position.
fn column_of(meta: &'static EntityMeta, name: &str) -> Result<(usize, &'static ColumnMeta)> {
    let column = crate::filter::known(meta, name).map_err(Error::from)?;
    let position = meta.position(column.name).expect("a column is one of its entity's");
    Ok((position, column))
}

/// A key as its columns have it.
fn coerced_key(meta: &EntityMeta, key: &RecordKey) -> Result<RecordKey> {
    let columns = meta.key_columns().zip(&key.0);
    let values: Result<Vec<Value>> =
        columns.map(|(column, value)| coerced(meta, column, value)).collect();
    Ok(RecordKey(values?))
}

/// A value as its column has it.
fn coerced(meta: &EntityMeta, column: &ColumnMeta, value: &Value) -> Result<Value> {
    let value = column.column_type.coerce(value.clone());
    Ok(value.map_err(|error| Invalid {
        entity: meta.name,
        errors: vec![FieldError::of_value(column.name, &error)],
    })?)
}

/// The row that is given with what the database or the framework would fill in, and so was there before;
/// `None` where nothing of that is given. What else they fill in is filled.
fn stored_row(meta: &'static EntityMeta, given: &[(&str, Given)]) -> Result<Option<Record>> {
    let value = |column: &ColumnMeta| given.iter().find(|(name, _)| *name == column.name);
    let is_given = |column: &ColumnMeta| {
        column.fill != Fill::Draft
            && matches!(value(column), Some((_, Given::Value(value))) if !value.is_null())
    };
    if !meta.columns.iter().any(is_given) {
        return Ok(None);
    }
    let mut row = Record(Vec::with_capacity(meta.columns.len()));
    for column in meta.columns {
        row.0.push(match value(column) {
            Some((_, Given::Value(value))) => value.clone(),
            Some((_, Given::Row(_))) => blank(column.column_type),
            Some((_, Given::Filled)) | None => Value::Null,
        });
    }
    let key = meta.key_of(&row);
    let mut keys = meta.key_columns().zip(&key.0);
    if let Some((column, _)) = keys.find(|(_, key)| key.is_null()) {
        return Err(
            Invalid { entity: meta.name, errors: vec![FieldError::required(column.name)] }.into()
        );
    }
    let row = filled_where(meta, row, |fill| fill != Fill::Generated);
    Ok(Some(meta.coerce(row)?))
}
