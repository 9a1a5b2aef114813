//! How many rows a table has, by what `ANALYZE` has noted and the size of the file.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::SqliteConnection;

use crate::backend::Estimate;
use crate::entity::EntityMeta;

/// A row of a table takes at least a pointer, its length, its number, the length of its header, and
/// in that one byte a column.
const SMALLEST_ROW: usize = 5;

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    #[diesel(sql_type = BigInt)]
    has_statistics: i64,
}

/// An index of the table: `10000000 3 1` are its rows, and rows with the same first columns.
#[derive(QueryableByName)]
struct Statistics {
    #[diesel(sql_type = Nullable<Text>)]
    stat: Option<String>,
}

pub(super) fn estimate(
    connection: &mut SqliteConnection,
    meta: &EntityMeta,
) -> QueryResult<Estimate> {
    if meta.schema().is_some() {
        // Of another file nothing is known.
        return Ok(Estimate::default());
    }
    let size = diesel::sql_query(
        "SELECT page_count * page_size AS bytes, \
                (SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_stat1') AS has_statistics \
         FROM pragma_page_count(), pragma_page_size()",
    )
    .get_result::<Size>(connection)?;
    let mut rows = None;
    if size.has_statistics > 0 {
        let statistics = diesel::sql_query("SELECT stat FROM sqlite_stat1 WHERE tbl = ?")
            .bind::<Text, _>(meta.table_in_schema())
            .load::<Statistics>(connection)?;
        // An index of some rows has fewer.
        rows = statistics.iter().filter_map(Statistics::rows).max();
    }
    let bytes = u64::try_from(size.bytes).unwrap_or_default();
    let smallest = (SMALLEST_ROW + meta.columns.len()) as u64;
    Ok(Estimate { rows, most: Some(bytes / smallest) })
}

impl Statistics {
    fn rows(&self) -> Option<u64> {
        self.stat.as_ref()?.split(' ').next()?.parse().ok()
    }
}
