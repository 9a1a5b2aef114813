//! Rows to be inserted, made of what is given to their columns at run time.

use crate::entity::{ColumnMeta, Draft as _, Entity, EntityId, EntityMeta, Fill, Given};
use crate::error::{Error, FieldError, Invalid, Result};
use crate::fill::{blank, filled};
use crate::value::{Record, Value};

/// Returns what is given to each column of an entity; nothing to those that are not named.
///
/// # Errors
/// [`Error::Filter`] for a column that the entity does not have, [`Error::Invalid`] for one that is named
/// twice.
pub(crate) fn by_position(
    meta: &'static EntityMeta,
    columns: &[(&str, Given)],
) -> Result<Vec<Given>> {
    let mut given = vec![Given::Filled; meta.columns.len()];
    for (name, value) in columns {
        let column = crate::filter::known(meta, name).map_err(Error::from)?;
        if let Some(place) = meta.position(column.name).and_then(|at| given.get_mut(at)) {
            if *place != Given::Filled {
                let errors = vec![FieldError::new(column.name, "is given twice")];
                return Err(Invalid { entity: meta.name, errors }.into());
            }
            *place = value.clone();
        }
    }
    Ok(given)
}

/// Returns a row with placeholders where it refers to rows of a session, and where the database or the
/// framework fills a column in.
///
/// # Errors
/// [`Invalid`] with every column that lacks a value, has one of another type, or refers to a row of
/// another entity.
pub(crate) fn record(meta: &'static EntityMeta, given: &[Given]) -> Result<Record, Invalid> {
    let mut errors = Vec::new();
    let value = |(column, given): (&'static ColumnMeta, &Given)| match given {
        Given::Row(row) => {
            errors.extend(check_reference(column, row.entity).err());
            blank(column.column_type)
        }
        Given::Value(value) => {
            if column.fill != Fill::Draft && !value.is_null() {
                let message =
                    "is filled in by the database or the session; merge a row that has it";
                errors.push(FieldError::new(column.name, message));
            }
            value.clone()
        }
        Given::Filled => Value::Null,
    };
    let row = Record(meta.columns.iter().zip(given).map(value).collect());
    let row = meta.coerce(filled(meta, row));
    match row {
        Ok(row) if errors.is_empty() => Ok(row),
        Ok(_) => Err(Invalid { entity: meta.name, errors }),
        Err(invalid) => {
            errors.extend(invalid.errors);
            Err(Invalid { entity: meta.name, errors })
        }
    }
}

/// Returns the draft of what is given to the columns of an entity.
///
/// # Errors
/// As [`record`].
pub(crate) fn draft<E: Entity>(given: &[Given]) -> Result<E::Draft, Invalid> {
    let mut draft = E::Draft::from_record(record(E::meta(), given)?)?;
    for (column, given) in given.iter().enumerate() {
        if let Given::Row(to) = given {
            draft.refer(column, Some(*to));
        }
    }
    Ok(draft)
}

/// Checks that a column may refer to a row of that entity.
pub(crate) fn check_reference(column: &'static ColumnMeta, to: EntityId) -> Result<(), FieldError> {
    let name = to.meta().name;
    match &column.references {
        Some(reference) if EntityId::new(reference.entity.meta()) == to => Ok(()),
        Some(reference) => Err(FieldError::new(
            column.name,
            format!("refers to rows of {}, not of {name}", reference.entity.meta().name),
        )),
        None => {
            Err(FieldError::new(column.name, format!("refers to no rows, so to none of {name}")))
        }
    }
}

/// Returns whether nobody but the framework and the database writes a column.
pub(crate) const fn is_by_framework(fill: Fill) -> bool {
    matches!(fill, Fill::Version | Fill::Computed | Fill::Updated)
}

/// Returns a value as a column takes it.
///
/// # Errors
/// [`Invalid`] when it is of another type, out of range, NULL where that is not allowed, or nobody's to
/// give.
pub(crate) fn assigned(
    meta: &'static EntityMeta,
    column: &'static ColumnMeta,
    value: Value,
) -> Result<Value, Invalid> {
    let invalid = |error| Invalid { entity: meta.name, errors: vec![error] };
    match column.fill {
        Fill::Version => {
            return Err(invalid(FieldError::new(column.name, "is counted up by itself")));
        }
        Fill::Computed => {
            return Err(invalid(FieldError::new(column.name, "is computed by the database")));
        }
        _ if value.is_null() && !column.is_nullable => {
            return Err(invalid(FieldError::required(column.name)));
        }
        _ => {}
    }
    let value = column.column_type.coerce(value).and_then(|value| column.keeps(value));
    value.map_err(|error| invalid(FieldError::of_value(column.name, &error)))
}

/// Returns values as their columns take them, with the time of the update.
///
/// # Errors
/// [`Invalid`] with every value for which [`assigned`] refuses one.
pub(crate) fn all_assigned(
    meta: &'static EntityMeta,
    cells: impl IntoIterator<Item = (&'static ColumnMeta, Value)>,
) -> Result<Vec<(&'static ColumnMeta, Value)>, Invalid> {
    let (mut errors, mut values) = (Vec::new(), Vec::new());
    for (column, value) in cells {
        match assigned(meta, column, value) {
            Ok(value) => values.push((column, value)),
            Err(invalid) => errors.extend(invalid.errors),
        }
    }
    if !errors.is_empty() {
        return Err(Invalid { entity: meta.name, errors });
    }
    let updated = meta.updated().and_then(|position| meta.columns.get(position));
    if let Some(column) = updated.filter(|_| !values.is_empty())
        && values.iter().all(|(known, _)| known.name != column.name)
    {
        values.push((column, Value::Timestamp(crate::clock::now())));
    }
    Ok(values)
}
