//! SQLite's catalogue, and what its types can hold.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{quoted, table};
use crate::backend::live::{LiveColumn, LiveQueries};
use crate::entity::{EntityMeta, Storage};

pub(super) const QUERIES: LiveQueries = LiveQueries {
    // Columns of the primary key take NULL by a mistake of old that no new row should rely on.
    columns: "SELECT name, type AS sql_type, NOT (\"notnull\" OR pk) AS is_nullable, \
              (dflt_value IS NOT NULL OR (pk AND upper(type) = 'INTEGER') OR hidden > 1) AS has_default, \
              CAST(dflt_value AS TEXT) AS default_sql, \
              NULL AS collation \
              FROM pragma_table_xinfo(?2, ?1) WHERE hidden <> 1 ORDER BY cid",
    // An integer primary key is the table itself and has no index; its columns come from there. Only
    // then, and WITHOUT ROWID, the other indexes end in the key.
    indexes: "WITH place(s, t) AS (SELECT ?, ?), \
              kept(by_key) AS (SELECT EXISTS (SELECT 1 FROM place, pragma_table_info(t, s) WHERE pk > 0) \
                AND (NOT EXISTS (SELECT 1 FROM place, pragma_index_list(t, s) WHERE origin = 'pk') \
                     OR (SELECT wr FROM place, pragma_table_list(t) AS l WHERE s IS NULL OR l.schema = s))) \
              SELECT l.name, l.\"unique\" AS is_unique, 0 AS is_primary, \
                     i.name AS column_name, i.seqno AS position, i.\"desc\" AS is_descending, \
                     i.coll = 'BINARY' AS is_in_order, kept.by_key AS ends_in_key \
              FROM place, kept, pragma_index_list(t, s) l, pragma_index_xinfo(l.name, s) i \
              WHERE NOT l.partial AND l.origin <> 'pk' AND i.key \
              UNION ALL \
              SELECT 'PRIMARY KEY', 1, 1, c.name, c.pk, 0, 1, kept.by_key \
              FROM place, kept, pragma_table_info(t, s) c WHERE c.pk > 0 \
              ORDER BY 1, 5",
    foreign_keys: "SELECT CAST(id AS TEXT) AS name, \"from\" AS column_name, \
                   \"table\" AS parent, on_delete \
                   FROM pragma_foreign_key_list(?2, ?1) ORDER BY id, seq",
};

/// Reads by which rules each column compares texts, where that is not by code point: it tries this
/// with examples, since SQLite has no way to ask. A query that only begins with the table's column
/// compares as that does.
pub(super) fn read_collations(
    connection: &mut SqliteConnection,
    meta: &EntityMeta,
    columns: &mut [LiveColumn],
) {
    for column in columns {
        let sql = format!(
            "SELECT a = 'A' AS folds_case, a = 'a ' AS ignores_blanks, a > 'B' AS is_by_code_point \
             FROM (SELECT {} AS a FROM {} WHERE 0 UNION ALL SELECT 'a')",
            quoted(&column.name),
            table(meta)
        );
        let found = match diesel::sql_query(sql).get_result(connection) {
            Ok(Collation { folds_case: true, .. }) => Some("NOCASE"),
            Ok(Collation { ignores_blanks: true, .. }) => Some("RTRIM"),
            Ok(Collation { is_by_code_point: true, .. }) => None,
            // Also what other programs have registered, and nobody here knows.
            Ok(_) | Err(_) => Some("a collation of its own"),
        };
        column.collation = found.map(str::to_owned);
    }
}

#[derive(QueryableByName)]
struct Collation {
    #[diesel(sql_type = Bool)]
    folds_case: bool,
    #[diesel(sql_type = Bool)]
    ignores_blanks: bool,
    #[diesel(sql_type = Bool)]
    is_by_code_point: bool,
}

/// Returns whether a column can hold all values that are stored that way. Types are words that
/// SQLite hardly looks at: the accepted ones are those that Diesel's CLI reads the same way, and
/// whose affinity changes no value.
pub(super) fn fits(column: &LiveColumn, storage: Storage) -> bool {
    let has = |parts: &[&str]| parts.iter().any(|part| column.sql_type.contains(part));
    let is_whole = has(&["int"]);
    let is_text = has(&["char", "clob", "text"]);
    match storage {
        Storage::Bool => has(&["bool"]) || is_whole,
        Storage::SmallInt | Storage::Integer | Storage::BigInt => is_whole,
        Storage::Float | Storage::Double | Storage::Numeric => {
            has(&["float", "double", "real", "num", "dec"])
        }
        Storage::Text | Storage::Uuid => is_text,
        Storage::Date => column.sql_type == "date" || is_text,
        Storage::Time => column.sql_type == "time" || is_text,
        Storage::Timestamp | Storage::Timestamptz => has(&["timestamp", "datetime"]) || is_text,
        Storage::Binary => has(&["blob", "binary"]) || column.sql_type.is_empty(),
        Storage::Json => has(&["json"]) || is_text,
        Storage::Jsonb => has(&["json", "blob"]),
    }
}
