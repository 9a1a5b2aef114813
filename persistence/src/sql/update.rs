//! Statements that change rows.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::guard::as_read;
use super::mapper::check_stored;
use super::{
    Condition, Mapper, MapperFor, cached_by_text, declared, name, row_identity, table, written,
};
use crate::backend::Dialect;
use crate::entity::{ColumnMeta, ColumnSet, EntityMeta, Identifier, Storage};
use crate::value::Value;

/// `UPDATE … SET changed columns WHERE key AND version AND columns as they were read`
#[derive(Debug)]
pub(crate) struct Update<'e, M: Mapper> {
    pub mapper: M,
    pub base: &'e M::Row,
    pub mine: &'e M::Row,
    pub changed: ColumnSet,
    /// The columns that have to be as they were read.
    pub guard: ColumnSet,
}

/// `UPDATE … SET … WHERE filter`
#[derive(Debug)]
pub(crate) struct UpdateWhere<'q> {
    pub meta: &'static EntityMeta,
    pub assignments: &'q [(&'static ColumnMeta, Value)],
    pub condition: &'q Condition,
    pub versions: Versions,
}

/// What becomes of the versions of rows that a statement updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// They count up.
    CountUp,
    /// They stay, as they do where a foreign key's own action updates rows.
    Stay,
}

cached_by_text!(Update<'e, M>, UpdateWhere<'q>);

fn set<DB: Dialect>(
    out: &mut AstPass<'_, '_, DB>,
    count: usize,
    column: Identifier,
) -> QueryResult<()> {
    out.push_sql(if count == 0 { " SET " } else { ", " });
    declared(out, column)?;
    out.push_sql(" = ");
    Ok(())
}

fn count_version_up<DB: Dialect>(
    out: &mut AstPass<'_, '_, DB>,
    meta: &EntityMeta,
) -> QueryResult<()> {
    if let Some(column) = meta.version.and_then(|version| meta.columns.get(version)) {
        out.push_sql(", ");
        declared(out, column.identifier)?;
        out.push_sql(" = ");
        declared(out, column.identifier)?;
        out.push_sql(" + 1");
    }
    Ok(())
}

impl<DB: Dialect, M: MapperFor<DB>> QueryFragment<DB> for Update<'_, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let meta = self.mapper.meta();
        out.push_sql("UPDATE ");
        table(&mut out, meta)?;
        for (count, position) in self.changed.iter().enumerate() {
            set(&mut out, count, name(meta, position))?;
            written(self.mapper, self.mine, position, out.reborrow())?;
        }
        count_version_up(&mut out, meta)?;
        out.push_sql(" WHERE ");
        row_identity(self.mapper, self.base, out.reborrow())?;
        as_read(self.mapper, self.base, self.guard, &mut out)
    }
}

impl<DB: Dialect> QueryFragment<DB> for UpdateWhere<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        table(&mut out, self.meta)?;
        for (count, (column, value)) in self.assignments.iter().enumerate() {
            set(&mut out, count, column.identifier)?;
            if value.is_null() {
                out.push_sql("NULL");
            } else {
                let is_text = column.storage == Storage::Text;
                let [begin, end] = if is_text { DB::WRITTEN_TEXT } else { ["", ""] };
                out.push_sql(begin);
                check_stored::<DB>(value, column)?;
                DB::bind_value(out.reborrow(), value, column.storage)?;
                out.push_sql(end);
            }
        }
        if self.versions == Versions::CountUp {
            count_version_up(&mut out, self.meta)?;
        }
        self.condition.walk_where_of_write(self.meta, out)
    }
}
