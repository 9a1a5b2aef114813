//! The statements, as Diesel query fragments that any dialect can run.

mod aggregate;
mod condition;
mod delete;
mod explain;
mod expression;
mod given;
mod guard;
mod insert;
mod lengths;
mod long_list;
mod mapper;
mod related;
mod select;
mod update;
mod upsert;

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

pub(crate) use aggregate::{Frequencies, Histogram, Summary, Sums};
pub(crate) use condition::Condition;
pub(crate) use delete::{Delete, DeleteRow, DeleteRows};
pub(crate) use explain::Explain;
pub(crate) use given::{CountOn, InsertWithKeys, given_columns};
pub(crate) use guard::{LockKey, can_be_sent, guard_of_deletion, guard_of_update, length_sent};
pub(crate) use insert::{Insert, InsertOne, InsertSilently, generated_column, inserted_columns};
pub(crate) use lengths::SelectLengths;
pub(crate) use mapper::{Mapper, MapperFor, Typed, Untyped};
pub(crate) use select::{Columns, Count, CountUpTo, Extremes, LastInsertId, Select, SelectKey};
pub use update::Versions;
pub(crate) use update::{Update, UpdateWhere};
pub(crate) use upsert::InsertOrUpdate;

use crate::backend::Dialect;
use crate::entity::{ColumnMeta, EntityMeta, Identifier, Storage};

fn column<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, table: &str, name: &str) -> QueryResult<()> {
    identifier(out, table)?;
    out.push_sql(".");
    identifier(out, name)
}

/// Writes a name of which it is not known where it comes from. Diesel's own way allocates each
/// time, to double quotes inside.
fn identifier<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, name: &str) -> QueryResult<()> {
    if name.contains(DB::QUOTE) {
        return out.push_identifier(name);
    }
    quoted(out, name);
    Ok(())
}

fn quoted<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, name: &str) {
    out.push_sql(DB::QUOTE);
    out.push_sql(name);
    out.push_sql(DB::QUOTE);
}

/// Writes the name of an entity's table or column.
fn declared<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, name: Identifier) -> QueryResult<()> {
    if !name.is_plain() {
        return out.push_identifier(name.name());
    }
    quoted(out, name.name());
    Ok(())
}

/// Writes the name of an entity's table with its schema.
fn table<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, meta: &EntityMeta) -> QueryResult<()> {
    if let Some(schema) = meta.place.schema {
        declared(out, schema)?;
        out.push_sql(".");
    }
    declared(out, meta.place.name)
}

fn columns<DB: Dialect>(out: &mut AstPass<'_, '_, DB>, meta: &EntityMeta) -> QueryResult<()> {
    for (position, candidate) in meta.columns.iter().enumerate() {
        if position > 0 {
            out.push_sql(", ");
        }
        own_column(out, meta, candidate)?;
    }
    Ok(())
}

/// Writes a column of an entity with its table.
fn own_column<DB: Dialect>(
    out: &mut AstPass<'_, '_, DB>,
    meta: &EntityMeta,
    column: &ColumnMeta,
) -> QueryResult<()> {
    declared(out, meta.place.name)?;
    out.push_sql(".");
    declared(out, column.identifier)
}

/// Writes `key = ? [AND version = ?]` from a row.
fn row_identity<'b, M: MapperFor<DB>, DB: Dialect>(
    mapper: M,
    row: &'b M::Row,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let meta = mapper.meta();
    for (count, &position) in meta.key.iter().chain(meta.version.as_ref()).enumerate() {
        if count > 0 {
            out.push_sql(" AND ");
        }
        declared(&mut out, name(meta, position))?;
        out.push_sql(" = ");
        mapper.bind(row, position, out.reborrow())?;
    }
    Ok(())
}

/// Writes a value of a row that goes into a column.
fn written<'b, M: MapperFor<DB>, DB: Dialect>(
    mapper: M,
    row: &'b M::Row,
    position: usize,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let storage = mapper.meta().columns.get(position).map(|column| column.storage);
    let [begin, end] = if storage == Some(Storage::Text) { DB::WRITTEN_TEXT } else { ["", ""] };
    out.push_sql(begin);
    mapper.bind(row, position, out.reborrow())?;
    out.push_sql(end);
    Ok(())
}

fn name(meta: &EntityMeta, position: usize) -> Identifier {
    meta.columns.get(position).map_or(Identifier::new(""), |column| column.identifier)
}

/// Implements what Diesel wants of every statement: no static id, so it is cached by its text.
macro_rules! cached_by_text {
    ($($statement:ident<$lifetime:lifetime $(, $mapper:ident)?>),*) => {$(
        impl<$lifetime $(, $mapper: $crate::sql::Mapper)?> diesel::query_builder::QueryId
            for $statement<$lifetime $(, $mapper)?>
        {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    )*};
}
pub(crate) use cached_by_text;

/// Lets a statement be cached by its mapper's type, where that says which entity it is: its text is built
/// once.
macro_rules! cached_by_type {
    ($($statement:ident),*) => {$(
        impl<M: $crate::sql::Mapper> diesel::query_builder::QueryId for $statement<'_, M> {
            type QueryId = $statement<'static, M>;
            const HAS_STATIC_QUERY_ID: bool = M::IS_TYPED;
        }
    )*};
}
pub(crate) use cached_by_type;

/// Lets a statement return rows.
macro_rules! returns_rows {
    ($($statement:ident<$lifetime:lifetime $(, $mapper:ident)?>),*) => {$(
        impl<$lifetime $(, $mapper: $crate::sql::Mapper)?> diesel::query_builder::Query
            for $statement<$lifetime $(, $mapper)?>
        where
            Self: diesel::query_builder::QueryId,
        {
            type SqlType = diesel::sql_types::Untyped;
        }
    )*};
}
pub(crate) use returns_rows;

/// Writes ` WHERE key = ?` from a key.
fn key_equals<'b, DB: Dialect>(
    meta: &EntityMeta,
    key: &'b crate::value::RecordKey,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    for (position, (column, value)) in meta.key_columns().zip(&key.0).enumerate() {
        out.push_sql(if position == 0 { " WHERE " } else { " AND " });
        declared(&mut out, column.identifier)?;
        out.push_sql(" = ");
        DB::bind_value(out.reborrow(), value, column.storage)?;
    }
    Ok(())
}
