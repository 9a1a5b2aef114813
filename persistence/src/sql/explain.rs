//! Asking how the engine would go about a statement.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;

use crate::backend::Dialect;

/// `EXPLAIN …`
#[derive(Debug)]
pub(crate) struct Explain<'s, S> {
    pub statement: &'s S,
}

impl<S> QueryId for Explain<'_, S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S> Query for Explain<'_, S> {
    type SqlType = Untyped;
}

impl<DB: Dialect, S: QueryFragment<DB>> QueryFragment<DB> for Explain<'_, S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // The plan of today is not that of tomorrow, and nobody asks all the time.
        out.unsafe_to_cache_prepared();
        out.push_sql(DB::EXPLAIN);
        self.statement.walk_ast(out)
    }
}
