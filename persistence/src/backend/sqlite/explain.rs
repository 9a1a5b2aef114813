//! Which foreign key failed: SQLite says only that one did. Looks where the row's references lead
//! to nothing, or else which rows refer to it.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};

use crate::backend::Dialect;
use crate::backend::violation::columns_in_words;
use crate::entity::{EntityMeta, Storage};
use crate::error::{ConstraintKind, ConstraintViolation};
use crate::value::{Record, Value};

/// Cascades that are followed to the row that blocks a deletion.
const MAX_DEPTH: usize = 8;

pub(super) fn explain(
    connection: &mut SqliteConnection,
    violation: &mut ConstraintViolation,
    meta: &'static EntityMeta,
    row: Option<&Record>,
) -> QueryResult<()> {
    if meta.schema().is_some() {
        // Another file's tables are not searched.
        return Ok(());
    }
    match violation.kind {
        ConstraintKind::Check if violation.columns.is_empty() => {
            explain_check(connection, violation, meta)
        }
        ConstraintKind::ForeignKey => explain_foreign_key(connection, violation, meta, row),
        _ => Ok(()),
    }
}

/// Explains a check whose name does not tell its columns: its expression does.
fn explain_check(
    connection: &mut SqliteConnection,
    violation: &mut ConstraintViolation,
    meta: &EntityMeta,
) -> QueryResult<()> {
    let Some(constraint) = &violation.constraint else { return Ok(()) };
    let definition = diesel::sql_query("SELECT sql AS name FROM sqlite_master WHERE name = ?")
        .bind::<Text, _>(meta.table_in_schema())
        .get_result::<Name>(connection)?
        .name;
    if let Some((_, rest)) = definition.split_once(constraint.as_str()) {
        violation.columns = columns_in_words(meta, parenthesised(rest));
    }
    Ok(())
}

/// Returns the first expression in parentheses.
fn parenthesised(text: &str) -> &str {
    let Some(start) = text.find('(') else { return "" };
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < start) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return text.get(start..at).unwrap_or_default();
        }
    }
    ""
}

fn explain_foreign_key(
    connection: &mut SqliteConnection,
    violation: &mut ConstraintViolation,
    meta: &'static EntityMeta,
    row: Option<&Record>,
) -> QueryResult<()> {
    if let Some(row) = row {
        for key in foreign_keys(connection, meta.table_in_schema())? {
            if key.leads_to_nothing(connection, meta, row)? {
                violation.table = Some(meta.table.to_owned());
                violation.columns.extend(key.columns.into_iter().map(|(from, _)| from));
            }
        }
        if !violation.columns.is_empty() {
            return Ok(());
        }
    }
    let rows = Rows::of(meta, row);
    let mut search = Search { connection, blocking: Vec::new() };
    search.follow(meta.table_in_schema(), &rows, 0)?;
    if search.blocking.is_empty()
        && foreign_keys(search.connection, meta.table_in_schema())?.is_empty()
    {
        // Nothing is in a deletion's way, and nothing can lead nowhere: it was a key that was to be
        // changed.
        search.keep_key(meta.table_in_schema(), &rows)?;
    }
    violation.table = search.blocking.first().cloned();
    violation.referenced_by = search.blocking;
    Ok(())
}

/// A foreign key of a table.
struct ForeignKey {
    /// The table it belongs to.
    child: String,
    /// The table it refers to.
    parent: String,
    /// Its columns, each with the one it refers to.
    columns: Vec<(String, String)>,
    on_delete: String,
    on_update: String,
}

impl ForeignKey {
    /// Returns whether the row refers to a row that is not there.
    fn leads_to_nothing(
        &self,
        connection: &mut SqliteConnection,
        meta: &'static EntityMeta,
        row: &Record,
    ) -> QueryResult<bool> {
        let mut condition = Vec::new();
        for (from, to) in &self.columns {
            let Some(position) = meta.position(from) else { return Ok(false) };
            let Some(column) = meta.columns.get(position) else { return Ok(false) };
            let value = row.value(position);
            if value.is_null() {
                return Ok(false);
            }
            condition.push(Part::Sql(if condition.is_empty() { "" } else { " AND " }));
            condition.extend([Part::Name(to.clone()), Part::Sql(" = ")]);
            condition.push(Part::Value(value.clone(), column.storage));
        }
        Ok(!exists(connection, &self.parent, condition)?)
    }
}

/// A condition on the rows of a table.
#[derive(Clone)]
struct Rows(Vec<Part>);

impl Rows {
    /// Makes the condition for the one row, or for every row where none is given.
    fn of(meta: &'static EntityMeta, row: Option<&Record>) -> Self {
        let Some(row) = row else { return Self(vec![Part::Sql("1")]) };
        let mut parts = Vec::new();
        for (column, value) in meta.key_columns().zip(meta.key_of(row).0) {
            parts.push(Part::Sql(if parts.is_empty() { "" } else { " AND " }));
            parts.extend([Part::Name(column.name.to_owned()), Part::Sql(" = ")]);
            parts.push(Part::Value(value, column.storage));
        }
        Self(parts)
    }

    /// Makes the condition for the rows that refer to these by a foreign key.
    fn referring(&self, key: &ForeignKey) -> Self {
        let list = |names: Vec<&String>| {
            let mut parts = Vec::new();
            for name in names {
                parts.push(Part::Sql(if parts.is_empty() { "" } else { ", " }));
                parts.push(Part::Name(name.clone()));
            }
            parts
        };
        let mut parts = vec![Part::Sql("(")];
        parts.extend(list(key.columns.iter().map(|(from, _)| from).collect()));
        parts.push(Part::Sql(") IN (SELECT "));
        parts.extend(list(key.columns.iter().map(|(_, to)| to).collect()));
        parts.extend([Part::Sql(" FROM "), Part::Name(key.parent.clone()), Part::Sql(" WHERE ")]);
        parts.extend(self.0.iter().cloned());
        parts.push(Part::Sql(")"));
        Self(parts)
    }
}

struct Search<'c> {
    connection: &'c mut SqliteConnection,
    blocking: Vec<String>,
}

impl Search<'_> {
    /// Finds the tables whose rows keep these rows from being deleted, through cascades.
    fn follow(&mut self, table: &str, rows: &Rows, depth: usize) -> QueryResult<()> {
        if depth == MAX_DEPTH {
            return Ok(());
        }
        for key in foreign_keys_to(self.connection, table)? {
            let referring = rows.referring(&key);
            if matches!(key.on_delete.as_str(), "SET NULL" | "SET DEFAULT")
                || !exists(self.connection, &key.child, referring.0.clone())?
            {
                continue;
            }
            if key.on_delete == "CASCADE" {
                // A table that refers to itself is followed through its other keys only.
                if key.child != key.parent {
                    self.follow(&key.child, &referring, depth + 1)?;
                }
            } else if !self.blocking.contains(&key.child) {
                self.blocking.push(key.child);
            }
        }
        Ok(())
    }

    /// Finds the tables whose rows keep these rows' keys from being changed.
    fn keep_key(&mut self, table: &str, rows: &Rows) -> QueryResult<()> {
        for key in foreign_keys_to(self.connection, table)? {
            let follows = matches!(key.on_update.as_str(), "CASCADE" | "SET NULL" | "SET DEFAULT");
            if !follows
                && !self.blocking.contains(&key.child)
                && exists(self.connection, &key.child, rows.referring(&key).0)?
            {
                self.blocking.push(key.child);
            }
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct ForeignKeyColumn {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    from_column: String,
    #[diesel(sql_type = Nullable<Text>)]
    to_column: Option<String>,
    #[diesel(sql_type = Text)]
    on_delete: String,
    #[diesel(sql_type = Text)]
    on_update: String,
}

const FOREIGN_KEYS: &str = "SELECT m.name AS child, f.id, f.seq, f.\"table\" AS parent, \
     f.\"from\" AS from_column, f.\"to\" AS to_column, f.on_delete, f.on_update \
     FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";

fn foreign_keys(connection: &mut SqliteConnection, table: &str) -> QueryResult<Vec<ForeignKey>> {
    let columns = diesel::sql_query(format!(
        "{FOREIGN_KEYS} AND m.name = ? COLLATE NOCASE ORDER BY m.name, f.id, f.seq"
    ))
    .bind::<Text, _>(table)
    .load(connection)?;
    grouped(connection, columns)
}

fn foreign_keys_to(connection: &mut SqliteConnection, table: &str) -> QueryResult<Vec<ForeignKey>> {
    let columns = diesel::sql_query(format!(
        "{FOREIGN_KEYS} AND f.\"table\" = ? COLLATE NOCASE ORDER BY m.name, f.id, f.seq"
    ))
    .bind::<Text, _>(table)
    .load(connection)?;
    grouped(connection, columns)
}

fn grouped(
    connection: &mut SqliteConnection,
    columns: Vec<ForeignKeyColumn>,
) -> QueryResult<Vec<ForeignKey>> {
    let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
    for column in columns {
        let to = match column.to_column {
            Some(to) => to,
            None => primary_key(connection, &column.parent, column.seq)?,
        };
        let pair = (column.from_column, to);
        match keys.last_mut() {
            Some((id, key)) if *id == column.id && key.child == column.child => {
                key.columns.push(pair);
            }
            _ => {
                let key = ForeignKey {
                    child: column.child,
                    parent: column.parent,
                    columns: vec![pair],
                    on_delete: column.on_delete,
                    on_update: column.on_update,
                };
                keys.push((column.id, key));
            }
        }
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// Finds a column of a table's primary key, which a foreign key without column names refers to.
fn primary_key(
    connection: &mut SqliteConnection,
    table: &str,
    position: i64,
) -> QueryResult<String> {
    diesel::sql_query("SELECT name FROM pragma_table_info(?) WHERE pk = ?")
        .bind::<Text, _>(table)
        .bind::<BigInt, _>(position + 1)
        .get_result::<Name>(connection)
        .map(|column| column.name)
}

/// A piece of a statement.
#[derive(Clone)]
enum Part {
    Sql(&'static str),
    Name(String),
    Value(Value, Storage),
}

/// `SELECT EXISTS (SELECT 1 FROM table WHERE condition)`.
struct Exists<'t> {
    table: &'t str,
    condition: Vec<Part>,
}

fn exists(
    connection: &mut SqliteConnection,
    table: &str,
    condition: Vec<Part>,
) -> QueryResult<bool> {
    Exists { table, condition }.get_result(connection)
}

impl QueryFragment<Sqlite> for Exists<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("SELECT EXISTS (SELECT 1 FROM ");
        out.push_identifier(self.table)?;
        out.push_sql(" WHERE ");
        for part in &self.condition {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Name(name) => out.push_identifier(name)?,
                Part::Value(value, storage) => {
                    Sqlite::bind_value(out.reborrow(), value, *storage)?;
                }
            }
        }
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for Exists<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Exists<'_> {
    type SqlType = Bool;
}

impl RunQueryDsl<SqliteConnection> for Exists<'_> {}
