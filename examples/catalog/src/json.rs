//! Rows as JSON objects, by the metadata of their entity.

use persistence::entity::Fill;
use persistence::{ColumnMeta, Entity, EntityMeta, FieldError, Invalid, Record};
use serde_json::{Map, Value};

/// Whether clients do not write a column: the database or the framework does.
pub fn is_filled(column: &ColumnMeta) -> bool {
    column.fill != Fill::Draft
}

/// A row as an object, a member a column.
pub fn object(meta: &EntityMeta, row: &Record) -> Value {
    let members = meta.columns.iter().zip(&row.0);
    members.map(|(column, value)| (column.name.to_owned(), value.to_json())).collect()
}

/// A row that may not be there.
pub fn optional_object(meta: &EntityMeta, row: Option<&Record>) -> Value {
    row.map_or(Value::Null, |row| object(meta, row))
}

/// Puts an object's members into the columns of a row.
///
/// # Errors
/// With every member that is no column, one that clients do not write, or has a wrong value.
pub fn apply<E: Entity>(members: &Map<String, Value>, row: &mut Record) -> Result<(), Invalid> {
    let meta = E::meta();
    let mut errors = Vec::new();
    for (name, json) in members {
        let Some((position, column)) = meta.position(name).zip(meta.column(name)) else {
            let written = meta.columns.iter().filter(|column| !is_filled(column));
            let names: Vec<&str> = written.map(|column| column.name).collect();
            let message = format!("there is no such field; expected {}", names.join(", "));
            errors.push(FieldError::new(name, message));
            continue;
        };
        if is_filled(column) {
            errors.push(FieldError::new(name, "is filled in by the service"));
            continue;
        }
        match column.column_type.from_json(json) {
            Ok(value) if value.is_null() && !column.is_nullable => {
                errors.push(FieldError::new(name, "is required"));
            }
            Ok(value) => row.set(position, value),
            Err(error) => errors.push(FieldError::new(name, error.to_string())),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Invalid { entity: meta.name, errors }) }
}
