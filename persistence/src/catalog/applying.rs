//! Edits, written by a unit of work: all are looked at, then all are put into it, then it is flushed.

use std::collections::{HashMap, HashSet};

use super::DynSession;
use crate::drafting::{self, is_by_framework};
use crate::edit::{Edit, EditKind, NewValue};
use crate::entity::{ColumnMeta, EntityMeta, Fill, Given, Slot};
use crate::error::{Conflict, Error, FieldError, Invalid, Result};
use crate::fill::{blank, filled_where};
use crate::filter::Filter;
use crate::query::Query;
use crate::value::{Record, RecordKey, Value};

/// Keys asked for in one statement.
const KEYS_PER_STATEMENT: usize = 500;

/// What a new row is called by: its table and number.
type Number<'e> = (&'e str, u32);

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
    /// Rows that are only marked as deleted.
    hidden: HashMap<Place, Record>,
    /// The inserts that others may refer to.
    inserts: HashMap<Number<'e>, &'e Edit>,
    /// Numbers that more than one has.
    ambiguous: HashSet<Number<'e>>,
    /// The new rows that are added so far.
    new: HashMap<Number<'e>, Slot>,
    /// References to new rows that are written once all are added.
    later: Vec<(Slot, &'e str, Number<'e>)>,
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
        hidden: HashMap::new(),
        inserts: HashMap::new(),
        ambiguous: HashSet::new(),
        new: HashMap::new(),
        later: Vec::new(),
    };
    for edit in edits {
        if let Some(number) = number(edit)
            && applying.inserts.insert(number, edit).is_some()
        {
            applying.ambiguous.insert(number);
        }
    }
    applying.read(edits, &metas)?;
    for edit in edits {
        let Some(meta) = metas.get(&*edit.table) else { continue };
        applying.put(meta, edit)?;
    }
    for (row, column, to) in std::mem::take(&mut applying.later) {
        let to = applying.new_row(row.entity().meta(), column, to)?;
        applying.session.set(row, column, Given::Row(to))?;
    }
    applying.session.flush()?;
    Ok(applying.inverse())
}

/// What others call the new row of an edit.
fn number(edit: &Edit) -> Option<Number<'_>> {
    match edit.kind {
        EditKind::Insert { row, .. } => Some((&edit.table, row)),
        EditKind::Update { .. } | EditKind::Delete { .. } => None,
    }
}

impl<'e> Applying<'_, 'e> {
    /// Reads the rows that are updated and deleted, and those that have the keys of new ones.
    fn read(&mut self, edits: &[Edit], metas: &HashMap<&str, &'static EntityMeta>) -> Result<()> {
        let mut keys: HashMap<&str, Vec<RecordKey>> = HashMap::new();
        for edit in edits {
            let Some(meta) = metas.get(&*edit.table).copied() else { continue };
            let key = match &edit.kind {
                EditKind::Update { key, .. } | EditKind::Delete { key, .. } => Some(key.clone()),
                EditKind::Insert { .. } => edit.key(meta),
            };
            if let Some(key) = key {
                keys.entry(&edit.table).or_default().push(coerced_key(meta, &key)?);
            }
        }
        for (table, mut keys) in keys {
            let Some(meta) = metas.get(table).copied() else { continue };
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

    fn put(&mut self, meta: &'static EntityMeta, edit: &'e Edit) -> Result<()> {
        match &edit.kind {
            EditKind::Insert { row, columns } => {
                if !self.new.contains_key(&(&*edit.table, *row))
                    || self.ambiguous.contains(&(&*edit.table, *row))
                {
                    self.insert(meta, (&edit.table, *row), columns, &mut Vec::new())?;
                }
                Ok(())
            }
            EditKind::Update { key, version, columns } => {
                let before = columns.iter().map(|edit| (&*edit.column, &edit.before));
                let at = self.as_before(meta, (key, version.as_ref()), before)?;
                for edit in columns {
                    let (position, column) = column_of(meta, &edit.column)?;
                    if is_by_framework(column.fill) {
                        continue;
                    }
                    let Some(touched) = self.touched.get_mut(at) else { continue };
                    match &edit.after {
                        NewValue::Known(value) => {
                            let row = touched.row;
                            self.session.set(row, column.name, Given::Value(value.clone()))?;
                            if let Some(now) = &mut touched.now {
                                now.set(position, coerced(meta, column, value)?);
                            }
                        }
                        NewValue::KeyOf { table, row } => {
                            self.later.push((touched.row, column.name, (table, *row)));
                        }
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

    /// Files a row under the key that it has by now.
    fn place(&mut self, at: usize) {
        let Some(touched) = self.touched.get(at) else { return };
        if let Some(now) = &touched.now {
            self.places.insert((touched.meta.table, touched.meta.key_of(now)), at);
        }
    }

    /// Adds a new row, after those that it cannot be without.
    fn insert(
        &mut self,
        meta: &'static EntityMeta,
        number: Number<'e>,
        columns: &'e [(crate::edit::Name, NewValue)],
        waiting: &mut Vec<Number<'e>>,
    ) -> Result<Slot> {
        let invalid = |column: &str, message: String| -> Error {
            Invalid { entity: meta.name, errors: vec![FieldError::new(column, message)] }.into()
        };
        waiting.push(number);
        let mut given: Vec<(&str, Given)> = Vec::with_capacity(columns.len());
        let mut later = Vec::new();
        for (name, value) in columns {
            let (_, column) = column_of(meta, name)?;
            if given.iter().any(|(known, _)| *known == column.name) {
                return Err(invalid(name, "is given twice".to_owned()));
            }
            let value = match value {
                NewValue::Known(value) => Given::Value(value.clone()),
                NewValue::KeyOf { table, row } => {
                    let to: Number<'e> = (table, *row);
                    if column.is_nullable && !self.new.contains_key(&to) {
                        later.push((column.name, to));
                        Given::Value(Value::Null)
                    } else if waiting.contains(&to) {
                        let message = "refers to itself by way of new rows, and may not be NULL";
                        return Err(invalid(name, message.to_owned()));
                    } else {
                        self.insert_first(meta, column, to, waiting)?
                    }
                }
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
        self.new.insert(number, row);
        let at = self.note(meta, row, None);
        if let Some(touched) = self.touched.get_mut(at) {
            touched.now = known;
        }
        self.place(at);
        Ok(row)
    }

    /// The new row that another cannot be without.
    fn insert_first(
        &mut self,
        meta: &'static EntityMeta,
        column: &'static ColumnMeta,
        to: Number<'e>,
        waiting: &mut Vec<Number<'e>>,
    ) -> Result<Given> {
        if let Some(row) = self.new.get(&to).filter(|_| !self.ambiguous.contains(&to)) {
            return Ok(Given::Row(*row));
        }
        match self.inserts.get(&to).filter(|_| !self.ambiguous.contains(&to)) {
            Some(Edit { table, kind: EditKind::Insert { row, columns } }) => {
                let target = self.session.repository(table)?.meta();
                Ok(Given::Row(self.insert(target, (table, *row), columns, waiting)?))
            }
            _ => self.new_row(meta, column.name, to).map(Given::Row),
        }
    }

    fn new_row(&self, meta: &EntityMeta, column: &str, to: Number<'_>) -> Result<Slot> {
        let (table, number) = to;
        let is_ambiguous = self.ambiguous.contains(&to);
        let known = self.new.get(&to).filter(|_| !is_ambiguous).copied();
        known.ok_or_else(|| {
            let why =
                if is_ambiguous { "of which there are several" } else { "which there is not" };
            let message = format!("refers to the new row {number} of {table}, {why}");
            Invalid { entity: meta.name, errors: vec![FieldError::new(column, message)] }.into()
        })
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
        let at = self.places.get(&place).copied().ok_or_else(missing)?;
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
