//! A table as the database has it, read from the engine's own catalogue.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::entity::OnDelete;
use crate::order::Direction;

/// A table as the database has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveTable {
    /// Its columns.
    pub columns: Vec<LiveColumn>,
    /// The columns of its primary key; none where it has none.
    pub primary_key: Vec<String>,
    /// Sets of columns whose values no two rows share.
    pub unique: Vec<Vec<String>>,
    /// Its indexes that hold all rows, those of keys included.
    pub indexes: Vec<Index>,
    /// Its foreign keys.
    pub foreign_keys: Vec<LiveForeignKey>,
}

/// A column as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveColumn {
    /// The name.
    pub name: String,
    /// The type, in the engine's words and lower case.
    pub sql_type: String,
    /// Whether it takes NULL.
    pub is_nullable: bool,
    /// Whether the database gives it a value where an insert does not.
    pub has_default: bool,
    /// What it gives it, as SQL; nothing where that is counted up or generated.
    pub default: Option<String>,
    /// By which rules its texts are compared and sorted, in the engine's words, where that is not by
    /// code point.
    pub collation: Option<String>,
}

/// An index as the database has it; one that holds all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Index {
    /// The name; `PRIMARY KEY` where a table is kept by its key and has no index of that.
    pub name: String,
    /// Its columns in their order, up to the first thing that is no column, or sorts another way
    /// than the column does: an expression, the begin of a text, another collation.
    pub columns: Vec<String>,
    /// Which way each of these columns sorts.
    pub directions: Vec<Direction>,
    /// Whether no two rows have the same values in it.
    pub is_unique: bool,
    /// Whether it is the primary key's.
    pub is_primary: bool,
    /// Whether rows that are equal in all its columns come by primary key, as they do on MySQL and
    /// wherever SQLite knows rows by their key.
    pub ends_in_key: bool,
}

/// A foreign key as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    #[diesel(sql_type = Nullable<Text>)]
    default_sql: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    collation: Option<String>,
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
    #[diesel(sql_type = BigInt)]
    is_descending: i64,
    /// Whether values come in the order in which the column sorts.
    #[diesel(sql_type = BigInt)]
    is_in_order: i64,
    #[diesel(sql_type = BigInt)]
    ends_in_key: i64,
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

impl IndexRow {
    const fn direction(&self) -> Direction {
        if self.is_descending == 0 { Direction::Ascending } else { Direction::Descending }
    }
}

/// What to ask an engine; each binds the schema, or NULL, and the table's name, and gives the rows in their order.
pub(super) struct LiveQueries {
    pub(super) columns: &'static str,
    pub(super) indexes: &'static str,
    pub(super) foreign_keys: &'static str,
}

/// Reads a table; a macro, since the bounds of a function over all connections would be longer.
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
macro_rules! read_live_table {
    ($connection:expr, $queries:expr, $meta:expr) => {{
        use diesel::RunQueryDsl as _;
        use diesel::sql_types::{Nullable, Text};
        let (connection, queries, meta): (
            _,
            &$crate::backend::live::LiveQueries,
            &$crate::entity::EntityMeta,
        ) = ($connection, $queries, $meta);
        let ask = |sql| {
            diesel::sql_query(sql)
                .bind::<Nullable<Text>, _>(meta.schema())
                .bind::<Text, _>(meta.table_in_schema())
        };
        let columns = ask(queries.columns).load(connection)?;
        let indexes = ask(queries.indexes).load(connection)?;
        let foreign_keys = ask(queries.foreign_keys).load(connection)?;
        Ok($crate::backend::live::assemble(columns, indexes, foreign_keys))
    }};
}
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub(super) use read_live_table;

/// Reads the names of tables; a macro for the same reason.
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
macro_rules! read_table_names {
    ($connection:expr, $query:expr) => {{
        use diesel::RunQueryDsl as _;
        let tables =
            diesel::sql_query($query).load::<$crate::backend::live::TableRow>($connection)?;
        Ok(tables.into_iter().map(|table| table.name).collect())
    }};
}
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub(super) use read_table_names;

/// The name of a table.
#[derive(diesel::QueryableByName)]
pub(super) struct TableRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(super) name: String,
}

/// Assembles the table from what was read of it; `None` where it has no columns.
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
            default: column.default_sql,
            collation: column.collation,
        })
        .collect();
    let mut live = LiveTable { columns, ..LiveTable::default() };

    let mut by_name: BTreeMap<String, Vec<IndexRow>> = BTreeMap::new();
    for row in indexes {
        by_name.entry(row.name.clone()).or_default().push(row);
    }
    for (name, rows) in by_name {
        let Some(first) = rows.first() else { continue };
        let (is_unique, is_primary) = (first.is_unique != 0, first.is_primary != 0);
        let in_order = rows.iter().take_while(|row| row.is_in_order != 0);
        let (columns, directions): (Vec<_>, Vec<_>) =
            in_order.map_while(|row| Some((row.column_name.clone()?, row.direction()))).unzip();
        let ends_in_key = first.ends_in_key != 0 && columns.len() == rows.len();
        live.indexes.push(Index { name, columns, directions, is_unique, is_primary, ends_in_key });

        let columns: Vec<_> = rows.into_iter().map_while(|row| row.column_name).collect();
        if is_primary {
            live.primary_key.clone_from(&columns);
        }
        if is_unique {
            live.unique.push(columns);
        }
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
