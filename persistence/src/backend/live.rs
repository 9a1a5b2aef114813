//! A table as the database has it, read from the engine's own catalogue.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::entity::OnDelete;

/// A table as the database has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveTable {
    /// Its columns.
    pub columns: Vec<LiveColumn>,
    /// The columns of its primary key; none where it has none.
    pub primary_key: Vec<String>,
    /// Sets of columns whose values no two rows share.
    pub unique: Vec<Vec<String>>,
    /// The columns of each index that holds all rows, those of keys included.
    pub indexes: Vec<Vec<String>>,
    /// Its foreign keys.
    pub foreign_keys: Vec<LiveForeignKey>,
}

/// A column as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveColumn {
    /// The name.
    pub name: String,
    /// The type, in the engine's words and lower case.
    pub sql_type: String,
    /// Whether it takes NULL.
    pub is_nullable: bool,
    /// Whether the database gives it a value where an insert does not.
    pub has_default: bool,
}

/// A foreign key as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveForeignKey {
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that is referred to.
    pub references: String,
    /// What becomes of the rows that refer; `None` for what no entity can say.
    pub on_delete: Option<OnDelete>,
}

#[derive(QueryableByName)]
pub(super) struct ColumnRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql_type: String,
    #[diesel(sql_type = BigInt)]
    is_nullable: i64,
    #[diesel(sql_type = BigInt)]
    has_default: i64,
}

/// A column of an index; none for an expression.
#[derive(QueryableByName)]
pub(super) struct IndexRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    is_unique: i64,
    #[diesel(sql_type = BigInt)]
    is_primary: i64,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
}

#[derive(QueryableByName)]
pub(super) struct ForeignKeyRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

/// What to ask an engine; each binds the table's name once and gives the rows in their order.
pub(super) struct LiveQueries {
    pub(super) columns: &'static str,
    pub(super) indexes: &'static str,
    pub(super) foreign_keys: &'static str,
}

/// Reads a table; a macro, since the bounds of a function over all connections would be longer.
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
macro_rules! read_live_table {
    ($connection:expr, $queries:expr, $table:expr) => {{
        use diesel::RunQueryDsl as _;
        let (connection, queries, table): (_, &$crate::backend::live::LiveQueries, &str) =
            ($connection, $queries, $table);
        let ask = |sql| diesel::sql_query(sql).bind::<diesel::sql_types::Text, _>(table);
        let columns = ask(queries.columns).load(connection)?;
        let indexes = ask(queries.indexes).load(connection)?;
        let foreign_keys = ask(queries.foreign_keys).load(connection)?;
        Ok($crate::backend::live::assemble(columns, indexes, foreign_keys))
    }};
}
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub(super) use read_live_table;

/// The table; none where it has no columns.
pub(super) fn assemble(
    columns: Vec<ColumnRow>,
    indexes: Vec<IndexRow>,
    foreign_keys: Vec<ForeignKeyRow>,
) -> Option<LiveTable> {
    if columns.is_empty() {
        return None;
    }
    let columns = columns
        .into_iter()
        .map(|column| LiveColumn {
            name: column.name,
            sql_type: column.sql_type.to_ascii_lowercase(),
            is_nullable: column.is_nullable != 0,
            has_default: column.has_default != 0,
        })
        .collect();
    let mut live = LiveTable { columns, ..LiveTable::default() };

    let mut by_name: BTreeMap<String, Vec<IndexRow>> = BTreeMap::new();
    for row in indexes {
        by_name.entry(row.name.clone()).or_default().push(row);
    }
    for rows in by_name.into_values() {
        let (is_unique, is_primary) =
            rows.first().map_or((false, false), |row| (row.is_unique != 0, row.is_primary != 0));
        let columns: Vec<_> = rows.into_iter().map_while(|row| row.column_name).collect();
        if is_primary {
            live.primary_key.clone_from(&columns);
        }
        if is_unique {
            live.unique.push(columns.clone());
        }
        live.indexes.push(columns);
    }

    let mut by_name: BTreeMap<String, LiveForeignKey> = BTreeMap::new();
    for row in foreign_keys {
        let key = by_name.entry(row.name).or_insert_with(|| LiveForeignKey {
            columns: Vec::new(),
            references: row.parent,
            on_delete: match row.on_delete.as_str() {
                "RESTRICT" | "NO ACTION" => Some(OnDelete::Restrict),
                "CASCADE" => Some(OnDelete::Cascade),
                "SET NULL" => Some(OnDelete::SetNull),
                _ => None,
            },
        });
        key.columns.push(row.column_name);
    }
    live.foreign_keys = by_name.into_values().collect();
    Some(live)
}
