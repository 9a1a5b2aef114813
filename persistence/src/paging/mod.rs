//! Keyset paging: the rows right after a place in an order, found by the place's own values.

mod place;
mod stride;
#[cfg(test)]
mod tests;

use crate::entity::EntityMeta;
use crate::error::{Error, Result};
use crate::filter::{Filter, FilterError};
use crate::order::Order;
use crate::query::{Cursor, Page, PageStart, Query};
use crate::value::Record;

use place::{after, blocks};
pub(crate) use place::{settles_null, settles_value};
pub(crate) use stride::stride;

/// Where pages and strides come from: single statements about the rows of one entity. Queries are
/// resolved.
pub(crate) trait Source<E> {
    /// What a row is.
    type Row;

    /// Whether NULL sorts before every value by itself, so that an index gives all rows in order.
    const NULL_SORTS_FIRST: bool;

    /// Reads the query's rows.
    fn rows(&mut self, query: &Query<E>) -> Result<Vec<Self::Row>>;

    /// Reads the place of the query's first row.
    fn place(&mut self, query: &Query<E>) -> Result<Option<Cursor>>;

    /// Counts the rows of the query, which has a limit.
    fn count(&mut self, query: &Query<E>) -> Result<u64>;

    /// Turns the row into one whose types are known only at run time.
    fn to_record(row: &Self::Row) -> Record;
}

/// Reads at most `size` rows of the query after (before) a place, `query.offset` rows of which are
/// passed over.
///
/// A page that was asked for by a place always has a page before (after) it: whether the row at
/// that place and those on its other side are still there is not asked. At worst that page is
/// empty; no row is ever passed over.
///
/// # Errors
/// [`Error::Filter`](crate::Error::Filter) when the query or the place does not fit the entity,
/// and the errors of the source.
pub(crate) fn page<E, S: Source<E>>(
    meta: &EntityMeta,
    query: &Query<E>,
    start: &PageStart,
    size: u64,
    source: &mut S,
) -> Result<Page<S::Row>> {
    let Read { query, parts } = read(meta, query, start, size, S::NULL_SORTS_FIRST)?;
    let mut rows = gather(&query, parts, source)?;
    let has_more = rows.len() as u64 > size;
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let mut order = query.order;
    if is_backwards(start) {
        rows.reverse();
        order = order.reversed();
    }

    let place = |row: Option<&S::Row>| {
        row.map(|row| Cursor::of(meta, &order, &S::to_record(row))).transpose()
    };
    let (first, last) = (place(rows.first())?, place(rows.last())?);
    if let PageStart::After(from) | PageStart::Before(from) = start
        && [&first, &last].into_iter().flatten().any(|place| place == from)
    {
        return Err(stands_still(meta, &order));
    }
    let before = first.map_or(PageStart::Last, PageStart::Before);
    let after = last.map_or(PageStart::First, PageStart::After);
    let has_passed_over = query.offset > 0;
    let (previous, next) = match start {
        PageStart::First => (has_passed_over.then_some(before), has_more.then_some(after)),
        PageStart::Last => (has_more.then_some(before), has_passed_over.then_some(after)),
        PageStart::After(_) => (Some(before), has_more.then_some(after)),
        PageStart::Before(_) => (has_more.then_some(before), Some(after)),
    };
    Ok(Page { rows, previous, next })
}

/// Makes the error for rows after a place that lead back to it, as they do where a column compares
/// otherwise than it sorts, or holds values in several forms.
pub(crate) fn stands_still(meta: &EntityMeta, order: &Order) -> Error {
    let message = format!(
        "{}: the rows in the order {order} lead back to where they began; a column of it compares \
         otherwise than it sorts, or has values in another form than its own",
        meta.table
    );
    Error::Schema { message }
}

/// Reads the query's rows, in as many statements as its order needs.
///
/// # Errors
/// Those of the source.
pub(crate) fn list<E, S: Source<E>>(
    meta: &EntityMeta,
    query: &Query<E>,
    source: &mut S,
) -> Result<Vec<S::Row>> {
    if query.limit.is_none() || S::NULL_SORTS_FIRST {
        return source.rows(query);
    }
    // Each block on its own can be read by an ordinary index.
    gather(query, blocks(meta, &query.order, &query.filter), source)
}

/// What is read for a page: a query with its limit and offset, and the parts its rows come in.
pub(crate) struct Read<E> {
    pub(crate) query: Query<E>,
    pub(crate) parts: Vec<Filter>,
}

/// Returns what is read for a page, without reading it.
///
/// # Errors
/// [`Error::Filter`](crate::Error::Filter) when the query or the place does not fit the entity.
pub(crate) fn read<E>(
    meta: &EntityMeta,
    query: &Query<E>,
    start: &PageStart,
    size: u64,
    null_sorts_first: bool,
) -> Result<Read<E>> {
    if size == 0 {
        return Err(FilterError::new("a page holds at least 1 row, 0 were asked for").into());
    }
    let mut query = query.resolve(meta)?;
    if is_backwards(start) {
        query.order = query.order.reversed();
    }
    let parts = match start {
        PageStart::First | PageStart::Last => parts(meta, &query, None, null_sorts_first)?,
        PageStart::After(place) | PageStart::Before(place) => {
            parts(meta, &query, Some(place), null_sorts_first)?
        }
    };
    // One row more says whether there is another page.
    query.limit = Some(size.saturating_add(1));
    Ok(Read { query, parts })
}

const fn is_backwards(start: &PageStart) -> bool {
    matches!(start, PageStart::Last | PageStart::Before(_))
}

/// Makes the filters of a query's rows after a place, or of all, in parts that follow one another.
fn parts<E>(
    meta: &EntityMeta,
    query: &Query<E>,
    place: Option<&Cursor>,
    null_sorts_first: bool,
) -> Result<Vec<Filter>, FilterError> {
    let Some(place) = place else {
        return Ok(if null_sorts_first {
            vec![query.filter.clone()]
        } else {
            blocks(meta, &query.order, &query.filter)
        });
    };
    let conditions = after(meta, &query.order, place)?;
    Ok(conditions.into_iter().map(|condition| query.filter.clone().and(condition)).collect())
}

/// Gathers a query's rows where they come in parts that follow one another: its offset and limit
/// count for all of them together.
fn gather<E, S: Source<E>>(
    query: &Query<E>,
    parts: Vec<Filter>,
    source: &mut S,
) -> Result<Vec<S::Row>> {
    let limit = query.limit.unwrap_or(u64::MAX);
    let mut passing = query.offset;
    let mut rows = Vec::new();
    let mut parts = parts.into_iter().peekable();
    while let Some(filter) = parts.next() {
        let missing = limit.saturating_sub(rows.len() as u64);
        if missing == 0 {
            break;
        }
        let mut part = query.clone().limit(missing).offset(passing);
        part.filter = filter;
        let found = source.rows(&part)?;
        if !found.is_empty() {
            passing = 0;
        } else if passing > 0 && parts.peek().is_some() {
            // All of this part was passed over.
            passing -= source.count(&part.limit(passing).offset(0))?.min(passing);
        }
        rows.extend(found);
    }
    Ok(rows)
}
