//! How many rows a table has, by what `ANALYZE` has noted and the table's size.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::backend::Estimate;
use crate::entity::EntityMeta;

/// As the planner does it: as many rows in a page as there were when they were last counted. What
/// is partitioned has no pages of its own. More than 291 rows never fit a page of 8 KiB.
const ESTIMATE: &str = "\
    SELECT CASE WHEN c.relkind = 'p' THEN NULLIF(GREATEST(c.reltuples, 0), 0)::bigint \
                WHEN s.pages = 0 THEN 0 \
                WHEN c.reltuples > 0 AND c.relpages > 0 \
                THEN (c.reltuples::float8 / c.relpages * s.pages)::bigint END AS estimated, \
           CASE WHEN c.relkind <> 'p' THEN s.pages * (s.page_bytes / 28) END AS most \
    FROM pg_class c, \
         LATERAL (SELECT current_setting('block_size')::bigint AS page_bytes, \
                  pg_relation_size(c.oid) / current_setting('block_size')::bigint AS pages) s \
    WHERE c.oid = to_regclass(coalesce(quote_ident($1) || '.', '') || quote_ident($2)) AND c.relkind IN ('r', 'p', 'm')";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<BigInt>)]
    estimated: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    most: Option<i64>,
}

pub(super) fn estimate(connection: &mut PgConnection, meta: &EntityMeta) -> QueryResult<Estimate> {
    let row = diesel::sql_query(ESTIMATE)
        .bind::<Nullable<Text>, _>(meta.schema())
        .bind::<Text, _>(meta.table_in_schema())
        .get_result::<Row>(connection)
        .optional()?;
    let known = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
    Ok(row.map_or_else(Estimate::default, |row| Estimate {
        rows: known(row.estimated),
        most: known(row.most),
    }))
}
