//! What a database gives to columns that an insert leaves out.

use crate::backend::LiveTable;
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, EntityMeta, Fill, Storage};
use crate::types::ScaledDecimal;
use crate::value::Value;

/// Returns the entity's columns whose default in the database is a plain value, by their positions.
/// What the database or the framework fills in is none, nor is a default that the database works
/// out.
pub(crate) fn constants(meta: &'static EntityMeta, live: &LiveTable) -> Vec<(usize, Value)> {
    let columns = meta.columns.iter().enumerate();
    columns
        .filter(|(_, column)| column.fill == Fill::Draft)
        .filter_map(|(position, column)| {
            let found = live.columns.iter().find(|found| found.name == column.name)?;
            Some((position, constant(column, found.default.as_deref()?)?))
        })
        .collect()
}

/// Returns the value that an SQL expression is, if that is a literal.
fn constant(column: &ColumnMeta, sql: &str) -> Option<Value> {
    let mut sql = sql.trim();
    while let Some(inner) = sql.strip_prefix('(').and_then(|sql| sql.strip_suffix(')')) {
        sql = inner.trim();
    }
    let text = if let Some(quoted) = sql.strip_prefix('\'') {
        // PostgreSQL says the type, too: 'new'::text.
        let (text, after) = quoted.rsplit_once('\'')?;
        if !(after.is_empty() || after.starts_with("::")) || text.replace("''", "").contains('\'') {
            return None;
        }
        text.replace("''", "'")
    } else {
        if column.column_type.is_text() {
            return None;
        }
        sql.split_once("::").map_or(sql, |(number, _)| number).to_owned()
    };
    let is_whole = matches!(column.storage, Storage::SmallInt | Storage::Integer | Storage::BigInt);
    match column.column_type {
        ColumnType::Decimal { scale } if is_whole => {
            text.parse().ok().map(|units| Value::Decimal(ScaledDecimal { units, scale }))
        }
        // What the engines write of binary defaults is no text of ours.
        ColumnType::Bytes => None,
        column_type => column_type.parse(&text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(column_type: ColumnType, storage: Storage, sql: &str) -> Option<String> {
        let column = ColumnMeta::new("c", column_type, storage);
        constant(&column, sql).map(|value| value.to_string())
    }

    #[test]
    fn literals_are_values_as_each_engine_writes_them() {
        let bool = |sql| read(ColumnType::Bool, Storage::Bool, sql);
        for sql in ["TRUE", "true", "1", "(1)"] {
            assert_eq!(bool(sql).as_deref(), Some("true"), "{sql}");
        }
        let text = |sql| read(ColumnType::Text, Storage::Text, sql);
        assert_eq!(text("'it''s'::character varying").as_deref(), Some("it's"));
        assert_eq!(text("''").as_deref(), Some(""));
        let number = |sql| read(ColumnType::Integer { bits: 32 }, Storage::Integer, sql);
        assert_eq!(number("'-1'::integer").as_deref(), Some("-1"));
        assert_eq!(number("0").as_deref(), Some("0"));
        let price = ColumnType::Decimal { scale: 2 };
        assert_eq!(read(price, Storage::BigInt, "1290").as_deref(), Some("12.90"));
        assert_eq!(read(price, Storage::Numeric, "12.9::numeric").as_deref(), Some("12.90"));
        let date = |sql| read(ColumnType::Date, Storage::Date, sql);
        assert_eq!(date("'2024-12-31'::date").as_deref(), Some("2024-12-31"));
    }

    #[test]
    fn what_the_database_works_out_is_no_value() {
        for sql in ["CURRENT_USER", "lower('A')", "'a' || 'b'", "NULL", "NULL::character varying"] {
            assert_eq!(read(ColumnType::Text, Storage::Text, sql), None, "{sql}");
        }
        for sql in ["CURRENT_TIMESTAMP", "now()", "NULL"] {
            assert_eq!(read(ColumnType::Timestamp, Storage::Timestamp, sql), None, "{sql}");
        }
        assert_eq!(read(ColumnType::Integer { bits: 64 }, Storage::BigInt, "1 + 1"), None);
    }
}
