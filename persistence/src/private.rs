//! What the derives' code calls.

pub use chrono;
pub use diesel;

use diesel::deserialize::{self, FromSql};
use diesel::result::QueryResult;
use diesel::row::Row;

use crate::backend::Dialect;
use crate::entity::{Entity, EntityMeta, Given, ResolveReferences, Slot, StoredAs};
use crate::error::{FieldError, Invalid};
use crate::reference::Ref;
use crate::scalar::{PrimaryKey as _, Scalar};
use crate::session::Key;
use crate::value::{Record, Value};

/// Reads one column of a row whose columns come in the order of the metadata.
///
/// # Errors
/// [`UnreadableCell`](crate::UnreadableCell) when what is stored is not of the field's type.
pub fn read<'a, DB: Dialect, ST: StoredAs, T: FromSql<ST, DB> + Scalar>(
    row: &impl Row<'a, DB>,
    position: usize,
    meta: &'static EntityMeta,
) -> deserialize::Result<T> {
    T::read::<DB, ST>(row, position)
        .map_err(|error| crate::cell::unreadable::<DB>(row, meta, position, error))
}

/// Refuses what the engine would make something else of, or could not read again: NaN, dates beyond
/// the text that stands for them.
///
/// # Errors
/// When it would.
pub fn check_kept<DB: Dialect, T: Scalar>(value: &T, column: &str) -> QueryResult<()> {
    let message = if !DB::KEEPS_NAN && value.is_nan() {
        format!("{column}: NaN cannot be stored, the database would make NULL of it")
    } else if DB::DATES_ARE_TEXT && value.is_beyond_text() {
        let given = value.to_value();
        format!(
            "{column}: `{given}` cannot be stored, a year has four digits and a minute 60 seconds"
        )
    } else {
        return Ok(());
    };
    Err(diesel::result::Error::SerializationError(message.into()))
}

/// Takes one field out of a record; an error is noted.
pub fn take<T: Scalar>(
    record: &mut Record,
    position: usize,
    name: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    if record.value(position).is_null() && !T::NULLABLE {
        errors.push(FieldError::required(name));
        return None;
    }
    record.take(position).map_err(|error| errors.push(FieldError::of_value(name, &error))).ok()
}

/// Makes a value that the framework fills in; an error is noted.
pub fn fill<T: Scalar>(value: Value, name: &str, errors: &mut Vec<FieldError>) -> Option<T> {
    T::from_value(value).map_err(|error| errors.push(FieldError::of_value(name, &error))).ok()
}

/// Returns the key a reference stands for; an error is noted.
pub fn resolve<E: Entity>(
    reference: Ref<E>,
    column: &'static str,
    references: &mut dyn ResolveReferences,
    errors: &mut Vec<FieldError>,
) -> Option<E::Key> {
    reference.resolve(column, references).map_err(|error| errors.push(error)).ok()
}

/// Returns the key a reference stands for, if there is one; an error is noted.
pub fn resolve_optional<E: Entity>(
    reference: Option<Ref<E>>,
    column: &'static str,
    references: &mut dyn ResolveReferences,
    errors: &mut Vec<FieldError>,
) -> Option<Option<E::Key>> {
    match reference {
        None => Some(None),
        Some(Ref::Key(key)) if references.postpone(column, key.slot()) => Some(None),
        Some(reference) => resolve(reference, column, references, errors).map(Some),
    }
}

/// Returns what a draft has for a column that refers to a row.
pub fn given<E: Entity>(reference: Option<&Ref<E>>) -> Given {
    match reference {
        None => Given::Value(Value::Null),
        Some(Ref::Key(key)) => Given::Row(key.slot()),
        Some(Ref::Id(id)) => {
            let value = id.to_record_key().0.into_iter().next();
            value.map_or(Given::Filled, Given::Value)
        }
    }
}

/// Makes a draft's reference point to a row of a session; it cannot point nowhere.
pub fn refer<E: Entity>(reference: &mut Ref<E>, to: Option<Slot>) -> bool {
    if let Some(slot) = to {
        *reference = Ref::Key(Key::of_slot(slot));
    }
    to.is_some()
}

/// Makes a draft's reference point to a row of a session, or nowhere.
pub fn refer_optional<E: Entity>(reference: &mut Option<Ref<E>>, to: Option<Slot>) -> bool {
    *reference = to.map(|slot| Ref::Key(Key::of_slot(slot)));
    true
}

/// Runs garde's rules; a field's errors go by its column's name.
///
/// # Errors
/// [`Invalid`] with every broken rule.
pub fn garde_rules<E: garde::Validate<Context: Default>>(
    entity: &E,
    meta: &'static EntityMeta,
    fields: &[&str],
) -> Result<(), Invalid> {
    let Err(report) = entity.validate() else { return Ok(()) };
    let mut errors: Vec<_> = report
        .iter()
        .map(|(path, error)| {
            let path = path.to_string();
            let field = path.split(['.', '[']).next().unwrap_or_default();
            let position = fields.iter().position(|candidate| *candidate == field);
            let column = position.and_then(|position| meta.columns.get(position));
            let name = column.map_or(field, |column| column.name);
            (position, FieldError::new(name, error.message()))
        })
        .collect();
    // In the order in which a person sees the fields.
    errors.sort_by_key(|(position, _)| *position);
    let errors = errors.into_iter().map(|(_, error)| error).collect();
    Err(Invalid { entity: meta.name, errors })
}
