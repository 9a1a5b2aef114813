//! How many rows a table has, by InnoDB's own statistics.

use diesel::mysql::MysqlConnection;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::backend::Estimate;
use crate::entity::EntityMeta;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<BigInt>)]
    estimated: Option<i64>,
}

pub(super) fn estimate(
    connection: &mut MysqlConnection,
    meta: &EntityMeta,
) -> QueryResult<Estimate> {
    // None may be what is known of a table that has just been filled; MySQL looks only now and then.
    let row = diesel::sql_query(
        "SELECT CAST(NULLIF(table_rows, 0) AS SIGNED) AS estimated \
         FROM information_schema.tables WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?",
    )
    .bind::<Nullable<Text>, _>(meta.schema())
    .bind::<Text, _>(meta.table_in_schema())
    .get_result::<Row>(connection)
    .optional()?;
    let rows = row.and_then(|row| row.estimated).and_then(|rows| u64::try_from(rows).ok());
    Ok(Estimate { rows, most: None })
}
