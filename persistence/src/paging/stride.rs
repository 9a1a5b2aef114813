//! Passing over many rows without reading them.

use super::{Source, parts, stands_still};
use crate::entity::EntityMeta;
use crate::error::Result;
use crate::filter::FilterError;
use crate::query::{Cursor, Query, Stride};

/// Passes over the next `rows` rows of the query after a place.
///
/// # Errors
/// [`Error::Filter`](crate::Error::Filter) when the query or the place does not fit the entity,
/// and the errors of the source.
pub(crate) fn stride<E, S: Source<E>>(
    meta: &EntityMeta,
    query: &Query<E>,
    place: Option<&Cursor>,
    rows: u64,
    source: &mut S,
) -> Result<Stride> {
    if rows == 0 {
        return Err(
            FilterError::new("a stride passes over at least 1 row, 0 were asked for").into()
        );
    }
    let query = query.resolve(meta)?;
    let mut passed = 0;
    for filter in parts(meta, &query, place, S::NULL_SORTS_FIRST)? {
        // All rows but the last are passed over by the database.
        let before_last = rows.saturating_sub(passed).saturating_sub(1);
        let mut part = query.clone().limit(1).offset(before_last);
        part.filter = filter;
        if let Some(end) = source.place(&part)? {
            if place == Some(&end) {
                return Err(stands_still(meta, &query.order));
            }
            return Ok(Stride { rows, end: Some(end) });
        }
        if before_last > 0 {
            passed += source.count(&part.limit(before_last).offset(0))?.min(before_last);
        }
    }
    Ok(Stride { rows: passed, end: None })
}
