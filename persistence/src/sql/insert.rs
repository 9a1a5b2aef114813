//! Statements that insert.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::{cached_by_text, declared, name, returns_rows, table, written};
use crate::backend::{Dialect, InsertStyle};
use crate::entity::{ColumnMeta, Entity, EntityMeta, Fill, MappedTo};

/// `INSERT INTO … VALUES (…), (…) [RETURNING key]`
#[derive(Debug)]
pub(crate) struct Insert<'e, E> {
    pub rows: &'e [E],
}

/// An insert of one row that returns its key, where the engine makes one. Cached by the entity's
/// type: its text is built once.
#[derive(Debug)]
pub(crate) struct InsertOne<'e, E> {
    pub row: &'e E,
}

/// An insert of one row that returns nothing, cached likewise.
#[derive(Debug)]
pub(crate) struct InsertSilently<'e, E> {
    pub row: &'e E,
}

cached_by_text!(Insert<'e, E>);
returns_rows!(Insert<'e, E>, InsertOne<'e, E>);

impl<E: Entity> QueryId for InsertOne<'_, E> {
    type QueryId = InsertOne<'static, E>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<E: Entity> QueryId for InsertSilently<'_, E> {
    type QueryId = InsertSilently<'static, E>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

/// Returns the key's column that the database counts up, with its position.
pub(crate) fn generated_column(meta: &'static EntityMeta) -> Option<(usize, &'static ColumnMeta)> {
    let key = meta.key.iter().filter_map(|&position| Some((position, meta.columns.get(position)?)));
    key.into_iter().find(|(_, column)| column.fill == Fill::Generated)
}

/// Returns the columns an insert names: all but those the database generates.
pub(crate) fn inserted_columns<E: Entity>() -> impl Iterator<Item = usize> + Clone {
    let columns = E::meta().columns.iter().enumerate();
    columns.filter(|(_, column)| !column.fill.is_by_database()).map(|(position, _)| position)
}

pub(super) fn walk<'b, E: MappedTo<DB>, DB: Dialect>(
    rows: &'b [E],
    out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    walk_columns(rows, &inserted_columns::<E>(), "", out)
}

/// Writes an insert of some columns, with what stands before its values.
pub(super) fn walk_columns<'b, E: MappedTo<DB>, DB: Dialect>(
    rows: &'b [E],
    columns: &(impl Iterator<Item = usize> + Clone),
    overriding: &str,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let meta = E::meta();
    out.push_sql("INSERT INTO ");
    table(&mut out, meta)?;
    for (count, position) in columns.clone().enumerate() {
        out.push_sql(if count == 0 { " (" } else { ", " });
        declared(&mut out, name::<E>(position))?;
    }
    out.push_sql(")");
    out.push_sql(overriding);
    out.push_sql(" VALUES ");
    for (row_number, row) in rows.iter().enumerate() {
        out.push_sql(if row_number == 0 { "(" } else { ", (" });
        for (count, position) in columns.clone().enumerate() {
            if count > 0 {
                out.push_sql(", ");
            }
            written(row, position, out.reborrow())?;
        }
        out.push_sql(")");
    }
    Ok(())
}

fn walk_returning<E: Entity, DB: Dialect>(mut out: AstPass<'_, '_, DB>) -> QueryResult<()> {
    if let Some(generated) = generated_column(E::meta())
        && DB::INSERT != InsertStyle::ManyCounting
    {
        out.push_sql(" RETURNING CAST(");
        declared(&mut out, generated.1.identifier)?;
        out.push_sql(" AS BIGINT)");
    }
    Ok(())
}

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for Insert<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk(self.rows, out.reborrow())?;
        walk_returning::<E, DB>(out)
    }
}

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for InsertOne<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk(std::slice::from_ref(self.row), out.reborrow())?;
        walk_returning::<E, DB>(out)
    }
}

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for InsertSilently<'_, E> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk(std::slice::from_ref(self.row), out)
    }
}
