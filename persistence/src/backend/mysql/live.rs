//! The catalogue of MySQL and MariaDB, and what their types can hold.

use crate::backend::live::{LiveColumn, LiveQueries};
use crate::entity::Storage;

pub(super) const QUERIES: LiveQueries = LiveQueries {
    // MariaDB tells defaults in SQL, MySQL constants without their quotes.
    columns: "SELECT column_name AS name, CAST(column_type AS CHAR) AS sql_type, \
              CAST(is_nullable = 'YES' AS SIGNED) AS is_nullable, \
              CAST(column_default IS NOT NULL OR extra LIKE '%auto_increment%' \
                   OR extra LIKE '%GENERATED%' AS SIGNED) AS has_default, \
              CAST(CASE WHEN VERSION() LIKE '%MariaDB%' THEN column_default \
                        WHEN extra NOT LIKE '%GENERATED%' THEN QUOTE(column_default) \
                   END AS CHAR) AS default_sql, \
              CASE WHEN data_type IN ('enum', 'set') THEN CONCAT('the order of the ', data_type) \
                   WHEN collation_name NOT REGEXP '^(utf8.*|ascii)_bin$' THEN collation_name \
              END AS collation \
              FROM information_schema.columns \
              WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY ordinal_position",
    indexes: "SELECT index_name AS name, CAST(non_unique = 0 AS SIGNED) AS is_unique, \
              CAST(index_name = 'PRIMARY' AS SIGNED) AS is_primary, column_name AS column_name, \
              CAST(COALESCE(collation, 'A') = 'D' AS SIGNED) AS is_descending, \
              CAST(index_type = 'BTREE' AND sub_part IS NULL AS SIGNED) AS is_in_order, \
              1 AS ends_in_key \
              FROM information_schema.statistics \
              WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY index_name, seq_in_index",
    foreign_keys: "SELECT k.constraint_name AS name, k.column_name AS column_name, \
                   IF(k.referenced_table_schema = DATABASE(), k.referenced_table_name, \
                      CONCAT(k.referenced_table_schema, '.', k.referenced_table_name)) AS parent, r.delete_rule AS on_delete \
                   FROM information_schema.key_column_usage k \
                   JOIN information_schema.referential_constraints r \
                     ON r.constraint_schema = k.constraint_schema \
                     AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name \
                   WHERE k.table_schema = COALESCE(?, DATABASE()) AND k.table_name = ? \
                     AND k.referenced_table_name IS NOT NULL \
                   ORDER BY k.constraint_name, k.ordinal_position",
};

/// Returns whether a column can hold all values that are stored that way: the server turns whole
/// numbers into one another; what is cut or changed on the way does not fit.
pub(super) fn fits(column: &LiveColumn, storage: Storage) -> bool {
    let name = column.sql_type.split(['(', ' ']).next().unwrap_or_default();
    let is_signed = !column.sql_type.contains("unsigned");
    let expected: &[&str] = match storage {
        Storage::Bool => &["tinyint", "bit"],
        Storage::SmallInt => &["smallint"],
        Storage::Integer => &["int", "mediumint"],
        Storage::BigInt => &["bigint"],
        Storage::Float => &["float"],
        Storage::Double => &["double"],
        Storage::Numeric => &["decimal"],
        Storage::Text => &["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum"],
        Storage::Date => &["date"],
        Storage::Time => &["time"],
        Storage::Timestamp | Storage::Timestamptz => &["datetime", "timestamp"],
        Storage::Binary => &["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"],
        Storage::Uuid => &["uuid"],
        // MariaDB's JSON is a text with a check.
        Storage::Json | Storage::Jsonb => &["json", "longtext"],
    };
    expected.contains(&name) && is_signed
}
