//! A predicate as a Diesel expression: it drops into hand-written queries as it is.

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::{AppearsInFromClause, Once};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Nullable};

use super::condition::walk_prepared;
use crate::backend::Dialect;
use crate::entity::Entity;
use crate::filter::Predicate;

impl<E: Entity> Expression for Predicate<E> {
    type SqlType = Nullable<Bool>;
}

impl<E: Entity, DB: Dialect> QueryFragment<DB> for Predicate<E> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        walk_prepared(self.prepared(), E::meta(), out)
    }
}

impl<E: Entity> QueryId for Predicate<E> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<E: Entity, Source> AppearsOnTable<Source> for Predicate<E> where
    Source: AppearsInFromClause<E::Table, Count = Once>
{
}

impl<E: Entity, Source> SelectableExpression<Source> for Predicate<E> where
    Source: AppearsInFromClause<E::Table, Count = Once>
{
}

impl<E: Entity> ValidGrouping<()> for Predicate<E> {
    type IsAggregate = is_aggregate::No;
}
