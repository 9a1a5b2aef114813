//! Edits, written by a unit of work.

use std::collections::HashMap;

use super::DynSession;
use crate::edit::{Edit, EditKind, NewValue};
use crate::entity::{EntityMeta, Fill, Given, Slot};
use crate::error::{Conflict, Error, FieldError, Invalid, Result};
use crate::filter::Filter;
use crate::query::Query;
use crate::value::{Record, RecordKey, Value};

/// New rows by their tables and numbers.
type NewRows = HashMap<(String, u32), Slot>;

/// What was done to a row: its handle, and what it was.
struct Done {
    meta: &'static EntityMeta,
    row: Slot,
    before: Option<Record>,
    is_deleted: bool,
}

/// Puts edits into the unit of work and flushes them; returns what takes them back, last first.
pub(super) fn apply(session: &mut dyn DynSession, edits: &[Edit]) -> Result<Vec<Edit>> {
    let mut new = NewRows::new();
    let mut done = Vec::with_capacity(edits.len());
    for edit in in_order_of_reference(edits)? {
        let meta = session.repository(&edit.table)?.meta();
        done.push(put(session, meta, edit, &mut new)?);
    }
    session.flush()?;
    let inverse = done.iter().rev().map(|done| {
        let after = if done.is_deleted { None } else { session.row(done.row) };
        Edit::between(done.meta, after.as_ref(), done.before.as_ref())
    });
    Ok((1..).zip(inverse).filter_map(|(number, edit)| Some(edit?.numbered(number))).collect())
}

/// The edits, inserts that others refer to before those.
fn in_order_of_reference(edits: &[Edit]) -> Result<Vec<&Edit>> {
    let mut ordered = Vec::with_capacity(edits.len());
    let mut waiting: Vec<&Edit> = edits.iter().collect();
    while !waiting.is_empty() {
        let open: Vec<(&str, u32)> = waiting.iter().filter_map(|edit| number(edit)).collect();
        let is_ready = |edit: &&Edit| {
            let mut referred = referred(edit);
            // A row may refer to itself only where that is written afterwards.
            referred.all(|row| !open.contains(&row))
        };
        let (ready, rest): (Vec<&Edit>, Vec<&Edit>) =
            waiting.iter().partition(|edit| is_ready(edit));
        if ready.is_empty() {
            let message = "new rows refer to each other in a circle".to_owned();
            let errors = vec![FieldError::new("row", message)];
            return Err(Invalid { entity: "edits", errors }.into());
        }
        ordered.extend(ready);
        waiting = rest;
    }
    Ok(ordered)
}

/// What others call the new row of an edit.
fn number(edit: &Edit) -> Option<(&str, u32)> {
    match edit.kind {
        EditKind::Insert { row, .. } => Some((&edit.table, row)),
        EditKind::Update { .. } | EditKind::Delete { .. } => None,
    }
}

/// The new rows that an edit refers to.
fn referred(edit: &Edit) -> Box<dyn Iterator<Item = (&str, u32)> + '_> {
    let new = |value: &NewValue| matches!(value, NewValue::KeyOf { .. });
    let name = |value| match value {
        &NewValue::KeyOf { ref table, row } => Some((&**table, row)),
        NewValue::Known(_) => None,
    };
    match &edit.kind {
        EditKind::Insert { columns, .. } => Box::new(
            columns.iter().map(|(_, value)| value).filter(move |v| new(v)).filter_map(name),
        ),
        EditKind::Update { columns, .. } => Box::new(
            columns.iter().map(|edit| &edit.after).filter(move |v| new(v)).filter_map(name),
        ),
        EditKind::Delete { .. } => Box::new(std::iter::empty()),
    }
}

fn put(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    edit: &Edit,
    new: &mut NewRows,
) -> Result<Done> {
    match &edit.kind {
        EditKind::Insert { row: number, columns } => {
            let given: Vec<(&str, Given)> = columns
                .iter()
                .map(|(column, value)| Ok((&**column, given(meta, column, value, new)?)))
                .collect::<Result<_>>()?;
            let row = match stored_row(meta, &given) {
                Some(row) => bring_back(session, meta, row)?,
                None => session.add(meta.table, &given)?,
            };
            new.insert((edit.table.to_string(), *number), row);
            Ok(Done { meta, row, before: None, is_deleted: false })
        }
        EditKind::Update { key, version, columns } => {
            let before = columns.iter().map(|edit| (&*edit.column, &edit.before));
            let (row, stored) = as_before(session, meta, (key, version.as_ref()), before)?;
            for edit in columns {
                if is_written(meta, &edit.column) {
                    session.set(row, &edit.column, given(meta, &edit.column, &edit.after, new)?)?;
                }
            }
            Ok(Done { meta, row, before: Some(stored), is_deleted: false })
        }
        EditKind::Delete { key, version, columns } => {
            let before = columns.iter().map(|(column, value)| (&**column, value));
            let (row, stored) = as_before(session, meta, (key, version.as_ref()), before)?;
            session.delete(row)?;
            Ok(Done { meta, row, before: Some(stored), is_deleted: true })
        }
    }
}

/// The row that is given with all that the database and the framework would fill: one that was there
/// before.
fn stored_row(meta: &'static EntityMeta, given: &[(&str, Given)]) -> Option<Record> {
    if !meta.columns.iter().any(|column| column.fill != Fill::Draft) {
        return None;
    }
    let value = |name: &str| match given.iter().find(|(column, _)| *column == name) {
        Some((_, Given::Value(value))) => Some(value.clone()),
        _ => None,
    };
    let values: Option<Vec<Value>> = meta.columns.iter().map(|column| value(column.name)).collect();
    values.map(Record)
}

/// Brings a row back that was there before.
fn bring_back(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    row: Record,
) -> Result<Slot> {
    if let Some(shown) = uncover(session, meta, &row)? {
        return Ok(shown);
    }
    let key = meta.key_of(&row);
    match session.get(meta.table, &key) {
        Err(Error::NotFound { .. }) => session.merge(meta.table, row),
        Err(error) => Err(error),
        Ok(known) => {
            let theirs = session.row(known);
            Err(Conflict { entity: meta.name, key, base: None, mine: Some(row), theirs }.into())
        }
    }
}

/// Shows a row again that is only marked as deleted, as it is given; `None` where there is none.
fn uncover(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    row: &Record,
) -> Result<Option<Slot>> {
    let Some(mark) = meta.deleted().and_then(|mark| meta.columns.get(mark)) else {
        return Ok(None);
    };
    let key = meta.key_of(row);
    let is_marked = Filter::IsNull { column: mark.name.into() }.not();
    let mut query = Query::new();
    query.filter = Filter::key(meta, &key).and(is_marked);
    let mut repository = session.repository(meta.table)?;
    let Some(hidden) = repository.list(&query)?.pop() else { return Ok(None) };
    let mut shown = hidden.clone();
    for (position, column) in meta.columns.iter().enumerate() {
        if is_written(meta, column.name) {
            shown.set(position, row.value(position).clone());
        }
    }
    repository.update_from(&hidden, shown)?;
    drop(repository);
    session.get(meta.table, &key).map(Some)
}

/// Whether anybody but the framework and the database writes a column.
fn is_written(meta: &'static EntityMeta, column: &str) -> bool {
    let fill = meta.column(column).map(|column| column.fill);
    !matches!(fill, Some(Fill::Version | Fill::Computed | Fill::Updated))
}

fn given(
    meta: &'static EntityMeta,
    column: &str,
    value: &NewValue,
    new: &NewRows,
) -> Result<Given> {
    match value {
        NewValue::Known(value) => Ok(Given::Value(value.clone())),
        NewValue::KeyOf { table, row } => {
            new.get(&(table.to_string(), *row)).map(|slot| Given::Row(*slot)).ok_or_else(|| {
                let message = format!("refers to the new row {row} of {table}, which there is not");
                let errors = vec![FieldError::new(column, message)];
                Invalid { entity: meta.name, errors }.into()
            })
        }
    }
}

/// The row of an edit, if it is as the edit has it.
fn as_before<'e>(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    (key, version): (&RecordKey, Option<&Value>),
    before: impl Iterator<Item = (&'e str, &'e Value)>,
) -> Result<(Slot, Record)> {
    let row = session.get(meta.table, key)?;
    let stored = session.row(row).ok_or_else(|| Error::NotFound {
        entity: meta.name,
        wanted: format!("the row with the key {key}"),
    })?;
    let is_current =
        version.is_none_or(|version| meta.version_of(&stored).as_ref() == Some(version));
    let mut base = stored.clone();
    let mut differs = false;
    for (name, value) in before {
        let column = crate::filter::known(meta, name).map_err(Error::from)?;
        let Some(position) = meta.position(column.name) else { continue };
        if Some(position) != meta.version && is_written(meta, column.name) {
            differs |= stored.value(position) != value;
        }
        base.set(position, value.clone());
    }
    if differs || !is_current {
        let (base, theirs) = (Some(base), Some(stored));
        return Err(
            Conflict { entity: meta.name, key: key.clone(), base, mine: None, theirs }.into()
        );
    }
    Ok((row, stored))
}
