//! What stands in a row for values that the database or the framework fills in.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::column_type::ColumnType;
use crate::entity::{EntityMeta, Fill};
use crate::types::ScaledDecimal;
use crate::value::{Record, Value};

/// Returns the row with placeholders where the database or the framework fills a column in.
pub(crate) fn filled(meta: &EntityMeta, row: Record) -> Record {
    filled_where(meta, row, |_| true)
}

/// Returns the row with placeholders where one of these fills a column in.
pub(crate) fn filled_where(
    meta: &EntityMeta,
    mut row: Record,
    by: impl Fn(Fill) -> bool,
) -> Record {
    row.0.resize(meta.columns.len(), Value::Null);
    for (column, value) in meta.columns.iter().zip(&mut row.0) {
        if value.is_null() && by(column.fill) {
            match column.fill {
                Fill::Generated | Fill::Computed if column.is_nullable => {}
                Fill::Generated | Fill::Computed => *value = blank(column.column_type),
                Fill::Version => *value = Value::Integer(1),
                Fill::Now | Fill::Updated => {
                    *value = Value::Timestamp(crate::clock::now());
                }
                Fill::Deleted => *value = Value::Null,
                Fill::Draft => {}
            }
        }
    }
    row
}

/// Returns what stands for a value until the database has given it.
pub(crate) fn blank(column_type: ColumnType) -> Value {
    match column_type {
        ColumnType::Bool => Value::Bool(false),
        ColumnType::Integer { .. } => Value::Integer(0),
        ColumnType::Float => Value::Float(0.0),
        ColumnType::Decimal { scale } => Value::Decimal(ScaledDecimal { units: 0, scale }),
        ColumnType::Text => Value::Text(String::new()),
        ColumnType::Enum { variants } => {
            Value::Text(variants.first().copied().unwrap_or_default().to_owned())
        }
        ColumnType::Date => Value::Date(NaiveDate::default()),
        ColumnType::Time => Value::Time(NaiveTime::default()),
        ColumnType::Timestamp => Value::Timestamp(NaiveDateTime::default()),
        ColumnType::Bytes => Value::Bytes(Vec::new()),
        ColumnType::Uuid => Value::Uuid(uuid::Uuid::nil()),
        ColumnType::Json => Value::Json(serde_json::Value::Null),
    }
}
