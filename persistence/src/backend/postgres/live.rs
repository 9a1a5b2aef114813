//! PostgreSQL's catalogue, and what its types can hold.

use crate::backend::live::{LiveColumn, LiveQueries};
use crate::entity::Storage;

pub(super) const QUERIES: LiveQueries = LiveQueries {
    // A domain is what it is made of.
    columns: "SELECT a.attname::text AS name, \
              CASE t.typtype WHEN 'd' THEN t.typbasetype::regtype::text \
                   ELSE t.oid::regtype::text END AS sql_type, \
              (NOT (a.attnotnull OR t.typnotnull))::int::bigint AS is_nullable, \
              (a.atthasdef OR a.attidentity <> '')::int::bigint AS has_default, \
              CASE a.attgenerated WHEN '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default_sql, \
              CASE WHEN b.typname IN ('citext', 'bpchar') \
                     THEN CASE b.typname WHEN 'bpchar' THEN 'character' ELSE b.typname::text END \
                   WHEN o.collname IN ('C', 'POSIX', 'ucs_basic', 'pg_c_utf8', 'C.utf8', 'C.UTF-8') \
                     THEN NULL \
                   WHEN o.collname <> 'default' THEN o.collname::text \
                   WHEN coalesce(to_jsonb(db) ->> 'datlocprovider', 'c') = 'i' THEN 'ICU ' || \
                     coalesce(to_jsonb(db) ->> 'datlocale', to_jsonb(db) ->> 'daticulocale') \
                   WHEN to_jsonb(db) ->> 'datlocprovider' = 'b' \
                        OR db.datcollate IN ('C', 'POSIX', 'C.utf8', 'C.UTF-8') THEN NULL \
                   ELSE db.datcollate::text END AS collation \
              FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
              JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END \
              JOIN pg_database db ON db.datname = current_database() \
              LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
              LEFT JOIN pg_collation o ON o.oid = a.attcollation \
              WHERE a.attrelid = to_regclass(coalesce(quote_ident($1) || '.', '') || quote_ident($2)) \
                AND a.attnum > 0 \
                AND NOT a.attisdropped ORDER BY a.attnum",
    indexes: "SELECT c.relname::text AS name, i.indisunique::int::bigint AS is_unique, \
              i.indisprimary::int::bigint AS is_primary, a.attname::text AS column_name, \
              (i.indoption[k.position - 1] & 1)::bigint AS is_descending, \
              (m.amname = 'btree' AND i.indcollation[k.position - 1] \
                  = coalesce(a.attcollation, 0))::int::bigint AS is_in_order, \
              0::bigint AS ends_in_key \
              FROM pg_index i \
              JOIN pg_class c ON c.oid = i.indexrelid \
              JOIN pg_am m ON m.oid = c.relam \
              CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, position) \
              LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
              WHERE i.indrelid = to_regclass(coalesce(quote_ident($1) || '.', '') || quote_ident($2)) AND i.indpred IS NULL \
                AND i.indisvalid AND k.position <= i.indnkeyatts \
              ORDER BY i.indexrelid, k.position",
    foreign_keys: "SELECT c.conname::text AS name, a.attname::text AS column_name, \
                   CASE WHEN pg_table_is_visible(p.oid) THEN '' \
                        ELSE p.relnamespace::regnamespace::text || '.' END \
                     || p.relname::text AS parent, \
                   CASE c.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' \
                        WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' \
                        ELSE 'SET DEFAULT' END AS on_delete \
                   FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid \
                   CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(number, position) \
                   JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number \
                   WHERE c.contype = 'f' AND c.conrelid = to_regclass(coalesce(quote_ident($1) || '.', '') || quote_ident($2)) \
                   ORDER BY c.conname, k.position",
};

/// Returns whether a column can hold all values that are stored that way: values travel in a type's
/// own binary form, which any other type misreads.
pub(super) fn fits(column: &LiveColumn, storage: Storage) -> bool {
    let expected: &[&str] = match storage {
        Storage::Bool => &["boolean"],
        Storage::SmallInt => &["smallint"],
        Storage::Integer => &["integer"],
        Storage::BigInt => &["bigint"],
        Storage::Float => &["real"],
        Storage::Double => &["double precision"],
        Storage::Numeric => &["numeric"],
        Storage::Text => &["text", "character varying", "character", "citext", "name"],
        Storage::Date => &["date"],
        Storage::Time => &["time without time zone"],
        Storage::Timestamp => &["timestamp without time zone"],
        Storage::Timestamptz => &["timestamp with time zone"],
        Storage::Binary => &["bytea"],
        Storage::Uuid => &["uuid"],
        Storage::Json => &["json"],
        Storage::Jsonb => &["jsonb"],
    };
    expected.contains(&column.sql_type.as_str())
}
