//! A cell as it is stored, and as a value of its column.

use diesel::deserialize;
use diesel::result::UnexpectedEndOfRow;
use diesel::row::{Field as _, Row};

use crate::backend::Dialect;
use crate::column_type::{ColumnType, ValueError, fits};
use crate::entity::{ColumnMeta, EntityMeta, Storage};
use crate::error::UnreadableCell;
use crate::raw::RawValue;
use crate::types::{MomentForm, ScaledDecimal, Uuid};
use crate::value::{Record, RecordKey, Value};

/// Reads a cell of a row as a value of a column; as [`Value::Raw`] where it is none.
pub(crate) fn read<'a, DB: Dialect>(
    row: &impl Row<'a, DB>,
    position: usize,
    column: &ColumnMeta,
) -> deserialize::Result<Value> {
    let field = row.get(position).ok_or(UnexpectedEndOfRow)?;
    let storage = column.form.map_or(column.storage, MomentForm::storage);
    Ok(field.value().map_or(Value::Null, |cell| fit(DB::read_value(cell, storage), column)))
}

/// Reads a row whose columns come in the order of the metadata, whatever is in its cells.
pub(crate) fn read_record<'a, DB: Dialect>(
    row: &impl Row<'a, DB>,
    meta: &EntityMeta,
) -> deserialize::Result<Record> {
    // Collecting results would not know how many there are going to be.
    let mut cells = Vec::with_capacity(meta.columns.len());
    for (position, column) in meta.columns.iter().enumerate() {
        cells.push(read::<DB>(row, position, column)?);
    }
    Ok(Record(cells))
}

/// Makes the error for a cell that cannot be read as its field's type, of a row whose columns come
/// in the order of the metadata.
pub(crate) fn unreadable<'a, DB: Dialect>(
    row: &impl Row<'a, DB>,
    meta: &'static EntityMeta,
    position: usize,
    error: Box<dyn std::error::Error + Send + Sync>,
) -> Box<dyn std::error::Error + Send + Sync> {
    let Some(column) = meta.columns.get(position) else { return error };
    let cell = |position: usize| {
        let column = meta.columns.get(position)?;
        read::<DB>(row, position, column).ok()
    };
    let Some(stored) = cell(position) else { return error };
    let expected = match (&stored, column.is_nullable) {
        (Value::Null, false) => format!("{}, not NULL", column.column_type),
        _ => column.column_type.to_string(),
    };
    let key = RecordKey(meta.key.iter().map(|&key| cell(key).unwrap_or_default()).collect());
    let stored = ValueError::new("", stored).value;
    UnreadableCell { table: meta.table, column: column.name, key, stored, expected }.into()
}

/// Returns what is stored as a value of its column, where it is exactly that; else as a raw value.
pub(crate) fn fit(stored: Value, column: &ColumnMeta) -> Value {
    let as_it_is = match (column.column_type, &stored) {
        (_, Value::Null)
        | (ColumnType::Bool, Value::Bool(_))
        | (ColumnType::Float, Value::Float(_))
        | (ColumnType::Text, Value::Text(_))
        | (ColumnType::Date, Value::Date(_))
        | (ColumnType::Time, Value::Time(_))
        | (ColumnType::Timestamp, Value::Timestamp(_))
        | (ColumnType::Bytes, Value::Bytes(_))
        | (ColumnType::Uuid, Value::Uuid(_))
        | (ColumnType::Json, Value::Json(_)) => true,
        (ColumnType::Integer { bits }, Value::Integer(integer)) => fits(bits, *integer),
        (ColumnType::Enum { variants }, Value::Text(text)) => variants.contains(&text.as_str()),
        _ => false,
    };
    if as_it_is {
        return stored;
    }
    converted(&stored, column).unwrap_or_else(|| Value::Raw(raw(stored)))
}

/// Turns a value of another type, as which it is stored, into one of its column.
fn converted(stored: &Value, column: &ColumnMeta) -> Option<Value> {
    match (column.column_type, stored) {
        (ColumnType::Decimal { scale }, stored) => {
            decimal(stored, scale, column.storage).map(Value::Decimal)
        }
        (ColumnType::Uuid, Value::Bytes(bytes)) => {
            uuid::Uuid::from_slice(bytes).ok().map(Value::Uuid)
        }
        (ColumnType::Uuid, Value::Text(text)) => {
            Uuid::written(text).map(|uuid| Value::Uuid(uuid.0))
        }
        (ColumnType::Json, Value::Text(text)) => serde_json::from_str(text).ok().map(Value::Json),
        (ColumnType::Timestamp, stored) => {
            column.form?.read(&raw(stored.clone())).map(Value::Timestamp)
        }
        _ => None,
    }
}

fn decimal(stored: &Value, scale: u8, storage: Storage) -> Option<ScaledDecimal> {
    let counts_units = matches!(storage, Storage::BigInt | Storage::Integer | Storage::SmallInt);
    match stored {
        Value::Integer(units) if counts_units => Some(ScaledDecimal { units: *units, scale }),
        Value::Integer(whole) => ScaledDecimal { units: *whole, scale: 0 }.rescale(scale).ok(),
        Value::Float(float) => ScaledDecimal::exactly(*float, scale),
        Value::Text(text) => ScaledDecimal::written(text, scale),
        Value::Raw(RawValue::Number(text)) => ScaledDecimal::parse(text, scale).ok(),
        _ => None,
    }
}

fn raw(stored: Value) -> RawValue {
    match stored {
        Value::Raw(raw) => raw,
        Value::Integer(integer) => RawValue::Integer(integer),
        Value::Bool(truth) => RawValue::Integer(truth.into()),
        Value::Float(float) => RawValue::Float(float),
        Value::Bytes(bytes) => RawValue::Bytes(bytes),
        Value::Text(text) => RawValue::Text(text),
        other => RawValue::Text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(column_type: ColumnType, storage: Storage) -> ColumnMeta {
        ColumnMeta::new("column", column_type, storage).nullable(true)
    }

    #[test]
    fn a_decimal_is_one_only_where_no_digit_is_lost() {
        let money = |storage| column(ColumnType::Decimal { scale: 2 }, storage);
        let decimal = |units| Value::Decimal(ScaledDecimal { units, scale: 2 });
        for (stored, storage, expected) in [
            (Value::Integer(1250), Storage::BigInt, decimal(1250)),
            (Value::Integer(12), Storage::Numeric, decimal(1200)),
            (Value::Float(12.5), Storage::Double, decimal(1250)),
            (Value::Float(0.1 + 0.2), Storage::Double, Value::Raw(RawValue::Float(0.1 + 0.2))),
            (Value::Float(1.005), Storage::Numeric, Value::Raw(RawValue::Float(1.005))),
            (Value::Text("12.50".into()), Storage::Text, decimal(1250)),
            (Value::Text("12.5".into()), Storage::Text, Value::Raw(RawValue::Text("12.5".into()))),
            (Value::Text("n/a".into()), Storage::Text, Value::Raw(RawValue::Text("n/a".into()))),
        ] {
            assert_eq!(fit(stored.clone(), &money(storage)), expected, "{stored} as {storage:?}");
        }
    }

    #[test]
    fn what_is_of_another_type_is_kept_as_it_is() {
        let enumeration = ColumnType::Enum { variants: &["red", "green"] };
        for (stored, column_type, expected) in [
            (Value::from("blue"), enumeration, RawValue::Text("blue".into())),
            (Value::Integer(5), ColumnType::Text, RawValue::Integer(5)),
            (Value::from("{"), ColumnType::Json, RawValue::Text("{".into())),
            (Value::Bytes(vec![1]), ColumnType::Uuid, RawValue::Bytes(vec![1])),
            (Value::Integer(1 << 40), ColumnType::Integer { bits: 32 }, RawValue::Integer(1 << 40)),
        ] {
            let fitted = fit(stored.clone(), &column(column_type, Storage::Text));
            assert_eq!(fitted, Value::Raw(expected), "{stored} as {column_type}");
        }
    }
}
