//! Statements that delete.

use std::marker::PhantomData;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::{Condition, cached_by_text, declared, key_equals, row_identity};
use crate::backend::Dialect;
use crate::entity::{Entity, EntityMeta, MappedTo};
use crate::value::RecordKey;

/// `DELETE FROM … WHERE filter`
#[derive(Debug)]
pub(crate) struct Delete<'q> {
    pub meta: &'static EntityMeta,
    pub condition: &'q Condition,
}

/// `DELETE FROM … WHERE key = ?`, cached by the entity's type: its text is built once.
#[derive(Debug)]
pub(crate) struct DeleteKey<'q, E> {
    pub key: &'q RecordKey,
    pub entity: PhantomData<fn() -> E>,
}

/// `DELETE FROM … WHERE key AND version`, cached by the entity's type: its text is built once.
#[derive(Debug)]
pub(crate) struct DeleteRow<'e, E> {
    pub row: &'e E,
}

/// `DELETE FROM … WHERE (key AND version) OR (key AND version) …`
#[derive(Debug)]
pub(crate) struct DeleteRows<'e, E> {
    pub rows: &'e [E],
}

cached_by_text!(Delete<'q>, DeleteRows<'e, E>);

impl<E: Entity> QueryId for DeleteRow<'_, E> {
    type QueryId = DeleteRow<'static, E>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<E: Entity> QueryId for DeleteKey<'_, E> {
    type QueryId = DeleteKey<'static, E>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<DB: Dialect> QueryFragment<DB> for Delete<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        declared(&mut out, self.meta.table);
        self.condition.walk_where_of_write(self.meta, out)
    }
}

impl<DB: Dialect, E: Entity> QueryFragment<DB> for DeleteKey<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        declared(&mut out, E::meta().table);
        key_equals(E::meta(), self.key, out)
    }
}

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for DeleteRow<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        declared(&mut out, E::meta().table);
        out.push_sql(" WHERE ");
        row_identity(self.row, out)
    }
}

impl<DB: Dialect, E: MappedTo<DB>> QueryFragment<DB> for DeleteRows<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        declared(&mut out, E::meta().table);
        for (position, row) in self.rows.iter().enumerate() {
            out.push_sql(if position == 0 { " WHERE (" } else { ") OR (" });
            row_identity(row, out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}
