//! Statements that delete.

use std::marker::PhantomData;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::{Condition, cached_by_text, key_equals};
use crate::backend::Dialect;
use crate::entity::{Entity, EntityMeta};
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

cached_by_text!(Delete<'q>);

impl<E: Entity> QueryId for DeleteKey<'_, E> {
    type QueryId = DeleteKey<'static, E>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<DB: Dialect> QueryFragment<DB> for Delete<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        out.push_identifier(self.meta.table)?;
        self.condition.walk_where_of_write(self.meta, out)
    }
}

impl<DB: Dialect, E: Entity> QueryFragment<DB> for DeleteKey<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        out.push_identifier(E::meta().table)?;
        key_equals(E::meta(), self.key, out)
    }
}
