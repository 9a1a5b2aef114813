//! Statements that insert.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::{
    Mapper, MapperFor, cached_by_text, cached_by_type, declared, name, returns_rows, table, written,
};
use crate::backend::{Dialect, InsertStyle};
use crate::entity::{ColumnMeta, EntityMeta, Fill};

/// `INSERT INTO … VALUES (…), (…) [RETURNING key]`
#[derive(Debug)]
pub(crate) struct Insert<'e, M: Mapper> {
    pub mapper: M,
    pub rows: &'e [M::Row],
}

/// An insert of one row that returns its key, where the engine makes one.
#[derive(Debug)]
pub(crate) struct InsertOne<'e, M: Mapper> {
    pub mapper: M,
    pub row: &'e M::Row,
}

/// An insert of one row that returns nothing.
#[derive(Debug)]
pub(crate) struct InsertSilently<'e, M: Mapper> {
    pub mapper: M,
    pub row: &'e M::Row,
}

cached_by_text!(Insert<'e, M>);
cached_by_type!(InsertOne, InsertSilently);
returns_rows!(Insert<'e, M>, InsertOne<'e, M>);

/// Returns the key's column that the database counts up, with its position.
pub(crate) fn generated_column(meta: &'static EntityMeta) -> Option<(usize, &'static ColumnMeta)> {
    let key = meta.key.iter().filter_map(|&position| Some((position, meta.columns.get(position)?)));
    key.into_iter().find(|(_, column)| column.fill == Fill::Generated)
}

/// Returns the columns an insert names: all but those the database generates.
pub(crate) fn inserted_columns(
    meta: &'static EntityMeta,
) -> impl Iterator<Item = usize> + Clone + use<> {
    let columns = meta.columns.iter().enumerate();
    columns.filter(|(_, column)| !column.fill.is_by_database()).map(|(position, _)| position)
}

pub(super) fn walk<'b, M: MapperFor<DB>, DB: Dialect>(
    mapper: M,
    rows: &'b [M::Row],
    out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    walk_columns(mapper, rows, &inserted_columns(mapper.meta()), "", out)
}

/// Writes an insert of some columns, with what stands before its values.
pub(super) fn walk_columns<'b, M: MapperFor<DB>, DB: Dialect>(
    mapper: M,
    rows: &'b [M::Row],
    columns: &(impl Iterator<Item = usize> + Clone),
    overriding: &str,
    mut out: AstPass<'_, 'b, DB>,
) -> QueryResult<()> {
    let meta = mapper.meta();
    out.push_sql("INSERT INTO ");
    table(&mut out, meta)?;
    for (count, position) in columns.clone().enumerate() {
        out.push_sql(if count == 0 { " (" } else { ", " });
        declared(&mut out, name(meta, position))?;
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
            written(mapper, row, position, out.reborrow())?;
        }
        out.push_sql(")");
    }
    Ok(())
}

fn walk_returning<DB: Dialect>(
    meta: &'static EntityMeta,
    mut out: AstPass<'_, '_, DB>,
) -> QueryResult<()> {
    if let Some((_, generated)) = generated_column(meta)
        && DB::INSERT != InsertStyle::ManyCounting
    {
        out.push_sql(" RETURNING CAST(");
        declared(&mut out, generated.identifier)?;
        out.push_sql(" AS BIGINT)");
    }
    Ok(())
}

impl<DB: Dialect, M: MapperFor<DB>> QueryFragment<DB> for Insert<'_, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk(self.mapper, self.rows, out.reborrow())?;
        walk_returning(self.mapper.meta(), out)
    }
}

impl<DB: Dialect, M: MapperFor<DB>> QueryFragment<DB> for InsertOne<'_, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk(self.mapper, std::slice::from_ref(self.row), out.reborrow())?;
        walk_returning(self.mapper.meta(), out)
    }
}

impl<DB: Dialect, M: MapperFor<DB>> QueryFragment<DB> for InsertSilently<'_, M> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk(self.mapper, std::slice::from_ref(self.row), out)
    }
}
