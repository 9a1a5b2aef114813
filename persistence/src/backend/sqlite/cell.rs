//! Cells of SQLite, which keeps any value in any column: what is there is asked before it is read.
//!
//! SQLite, and Diesel with it, turns what is stored into what is asked for: 5000000000 into the
//! 32-bit 705032704, `'abc'` into 0, 12.5 into 12, any text into a truth value.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::sqlite::{SqliteType, SqliteValue};

use super::date;
use crate::entity::Storage;
use crate::raw::RawValue;
use crate::value::Value;

/// Returns whether the cell holds a value that is stored that way, so that reading it changes nothing.
pub(super) fn holds(cell: &mut SqliteValue<'_, '_, '_>, storage: Storage) -> bool {
    match (storage, cell.value_type()) {
        (Storage::BigInt, Some(SqliteType::Long))
        | (Storage::Double | Storage::Numeric, Some(SqliteType::Double))
        | (Storage::Binary | Storage::Uuid | Storage::Jsonb, Some(SqliteType::Binary))
        // Whether it is UTF-8 is asked by who reads it.
        | (Storage::Text | Storage::Json, Some(SqliteType::Text)) => true,
        (Storage::Integer, Some(SqliteType::Long)) => i32::try_from(cell.read_long()).is_ok(),
        (Storage::SmallInt, Some(SqliteType::Long)) => i16::try_from(cell.read_long()).is_ok(),
        (Storage::Bool, Some(SqliteType::Long)) => matches!(cell.read_long(), 0 | 1),
        (Storage::Float, Some(SqliteType::Double)) => is_single(cell.read_double()),
        (Storage::Double | Storage::Numeric, Some(SqliteType::Long)) => is_exact(cell.read_long()),
        (Storage::Float, Some(SqliteType::Long)) => {
            is_exact(cell.read_long()) && is_single(cell.read_double())
        }
        (Storage::Date, Some(SqliteType::Text)) => date::parse(cell.read_text()).is_some(),
        (Storage::Time, Some(SqliteType::Text)) => date::parse_time(cell.read_text()).is_some(),
        (Storage::Timestamp | Storage::Timestamptz, Some(SqliteType::Text)) => {
            date::parse_timestamp(cell.read_text()).is_some()
        }
        _ => false,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::float_cmp, reason = "exactly the same number")]
fn is_single(float: f64) -> bool {
    f64::from(float as f32) == float
}

/// Returns whether a float keeps all digits of a whole number.
const fn is_exact(integer: i64) -> bool {
    integer.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS
}

/// Reads the cell as a value that is stored that way, or what else is there.
pub(super) fn read(mut cell: SqliteValue<'_, '_, '_>, storage: Storage) -> Value {
    let value = match (storage, cell.value_type()) {
        // What has to be looked at from end to end is looked at once.
        (Storage::Text | Storage::Json, Some(SqliteType::Text)) => {
            Some(text(&mut cell).map_or_else(Value::Raw, Value::Text))
        }
        (Storage::Date, _) => read_date(&mut cell).map(Value::Date),
        (Storage::Time, _) => read_time(&mut cell).map(Value::Time),
        (Storage::Timestamp | Storage::Timestamptz, _) => {
            read_timestamp(&mut cell).map(Value::Timestamp)
        }
        (_, stored) if holds(&mut cell, storage) => Some(match storage {
            Storage::Bool => Value::Bool(cell.read_long() != 0),
            Storage::SmallInt | Storage::Integer | Storage::BigInt => {
                Value::Integer(cell.read_long())
            }
            Storage::Numeric if stored == Some(SqliteType::Long) => {
                Value::Integer(cell.read_long())
            }
            Storage::Float | Storage::Double | Storage::Numeric => Value::Float(cell.read_double()),
            Storage::Jsonb => return jsonb(cell),
            _ => Value::Bytes(cell.read_blob().to_vec()),
        }),
        _ => None,
    };
    value.unwrap_or_else(|| Value::Raw(raw(cell)))
}

/// Reads a text, or the bytes of one that is not UTF-8.
fn text(cell: &mut SqliteValue<'_, '_, '_>) -> Result<String, RawValue> {
    let text = cell.read_text();
    // What stands for bytes that are no text, or for itself.
    if !text.contains(char::REPLACEMENT_CHARACTER) {
        return Ok(text.to_owned());
    }
    String::from_utf8(cell.read_blob().to_vec())
        .map_err(|error| RawValue::NonUtf8(error.into_bytes()))
}

fn jsonb(cell: SqliteValue<'_, '_, '_>) -> Value {
    use diesel::deserialize::FromSql;
    use diesel::sql_types::Jsonb;
    use diesel::sqlite::Sqlite;

    let mut cell = cell;
    let bytes = cell.read_blob().to_vec();
    <serde_json::Value as FromSql<Jsonb, Sqlite>>::from_sql(cell)
        .map_or(Value::Raw(RawValue::Bytes(bytes)), Value::Json)
}

/// Reads what is stored, by its own type.
fn raw(mut cell: SqliteValue<'_, '_, '_>) -> RawValue {
    match cell.value_type() {
        Some(SqliteType::Text) => text(&mut cell).map_or_else(|bytes| bytes, RawValue::Text),
        Some(SqliteType::Binary) => RawValue::Bytes(cell.read_blob().to_vec()),
        Some(SqliteType::Double | SqliteType::Float) => RawValue::Float(cell.read_double()),
        _ => RawValue::Integer(cell.read_long()),
    }
}

/// Reads a date in the form that is written.
pub(super) fn read_date(cell: &mut SqliteValue<'_, '_, '_>) -> Option<NaiveDate> {
    is_text(cell).then(|| date::parse(cell.read_text())).flatten()
}

/// Reads a time of day in the form that is written.
pub(super) fn read_time(cell: &mut SqliteValue<'_, '_, '_>) -> Option<NaiveTime> {
    is_text(cell).then(|| date::parse_time(cell.read_text())).flatten()
}

/// Reads a timestamp in the form that is written.
pub(super) fn read_timestamp(cell: &mut SqliteValue<'_, '_, '_>) -> Option<NaiveDateTime> {
    is_text(cell).then(|| date::parse_timestamp(cell.read_text())).flatten()
}

fn is_text(cell: &SqliteValue<'_, '_, '_>) -> bool {
    cell.value_type() == Some(SqliteType::Text)
}
