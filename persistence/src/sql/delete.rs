//! Statements that delete.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::guard::{as_read, guard_of_deletion};
use super::{Condition, Mapper, MapperFor, cached_by_text, cached_by_type, row_identity, table};
use crate::backend::Dialect;
use crate::entity::{ColumnSet, EntityMeta};

/// `DELETE FROM … WHERE filter`
#[derive(Debug)]
pub(crate) struct Delete<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
}

/// `DELETE FROM … WHERE` the row is as it was read
#[derive(Debug)]
pub(crate) struct DeleteRow<'e, M: Mapper> {
    pub mapper: M,
    pub row: &'e M::Row,
}

/// `DELETE FROM … WHERE (key AND version AND columns as they were read) OR (…) …`
#[derive(Debug)]
pub(crate) struct DeleteRows<'e, M: Mapper> {
    pub mapper: M,
    pub rows: &'e [M::Row],
    /// The columns that have to be as they were read.
    pub guard: ColumnSet,
}

cached_by_text!(Delete<'q>, DeleteRows<'e, M>);
cached_by_type!(DeleteRow);

impl<DB: Dialect> QueryFragment<DB> for Delete<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        table(&mut out, self.meta)?;
        self.condition.walk_where_of_write(self.meta, out)
    }
}

impl<DB: Dialect, M: MapperFor<DB>> QueryFragment<DB> for DeleteRow<'_, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let meta = self.mapper.meta();
        out.push_sql("DELETE FROM ");
        table(&mut out, meta)?;
        out.push_sql(" WHERE ");
        row_identity(self.mapper, self.row, out.reborrow())?;
        as_read(self.mapper, self.row, guard_of_deletion(meta), &mut out)
    }
}

impl<DB: Dialect, M: MapperFor<DB>> QueryFragment<DB> for DeleteRows<'_, M> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        table(&mut out, self.mapper.meta())?;
        for (position, row) in self.rows.iter().enumerate() {
            out.push_sql(if position == 0 { " WHERE (" } else { ") OR (" });
            row_identity(self.mapper, row, out.reborrow())?;
            as_read(self.mapper, row, self.guard, &mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
