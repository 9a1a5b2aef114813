//! Statements that delete.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::guard::{as_read, guard_of_deletion};
use super::{Condition, cached_by_text, row_identity, table};
use crate::backend::Dialect;
use crate::entity::{ColumnSet, Entity, EntityMeta, MappedTo};

/// `DELETE FROM … WHERE filter`
#[derive(Debug)]
pub(crate) struct Delete<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
}

/// `DELETE FROM … WHERE` the row is as it was read, cached by the entity's type: its text is built once.
#[derive(Debug)]
pub(crate) struct DeleteRow<'e, E> {
    pub row: &'e E,
}

/// `DELETE FROM … WHERE (key AND version AND columns as they were read) OR (…) …`
#[derive(Debug)]
pub(crate) struct DeleteRows<'e, E> {
    pub rows: &'e [E],
    /// The columns that have to be as they were read.
    pub guard: ColumnSet,
}

cached_by_text!(Delete<'q>, DeleteRows<'e, E>);

impl<E: Entity> QueryId for DeleteRow<'_, E> {
    type QueryId = DeleteRow<'static, E>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<DB: Dialect> QueryFragment<DB> for Delete<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        table(&mut out, self.meta)?;
        self.condition.walk_where_of_write(self.meta, out)
    }
}

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for DeleteRow<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        table(&mut out, E::meta())?;
        out.push_sql(" WHERE ");
        row_identity(self.row, out.reborrow())?;
        as_read(self.row, guard_of_deletion(E::meta()), &mut out)
    }
}

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for DeleteRows<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        table(&mut out, E::meta())?;
        for (position, row) in self.rows.iter().enumerate() {
            out.push_sql(if position == 0 { " WHERE (" } else { ") OR (" });
            row_identity(row, out.reborrow())?;
            as_read(row, self.guard, &mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
