//! Reads the rows of a source, however many, with bounded memory.

use persistence::{
    DynSession, EntityMeta, Filter, Page, PageStart, Query, RawValue, Record, RecordKey, Value,
};

use super::error::ExportError;
use super::labels::Labels;
use super::source::{RowRange, Rows, Source};

/// Rows of the first page, which shows how large rows are.
const FIRST_PAGE: u64 = 64;

/// Rows of a page at most.
const LARGEST_PAGE: u64 = 2_000;

/// Bytes that a page is to have: rows of some megabytes are read one by one.
const BYTES_A_PAGE: u64 = 4 << 20;

/// Rows that are passed over by reading them, rather than by looking for the next place anew.
const NEAR: u64 = 2_000;

/// What is done with a page of rows.
pub(super) type EachPage<'e> = dyn FnMut(&[Record], &Labels) -> Result<(), ExportError> + 'e;

/// Reads the rows of a source and hands them on, page by page. `labelled` are the foreign keys
/// whose labels are wanted, by their positions.
///
/// # Errors
/// When the rows cannot be read, and those of `each`.
pub(super) fn read(
    session: &mut dyn DynSession,
    source: &Source,
    labelled: &[usize],
    each: &mut EachPage<'_>,
) -> Result<(), ExportError> {
    let mut reader = Reader {
        session,
        meta: source.meta,
        query: &source.query,
        labelled,
        labels: Labels::default(),
        size: FIRST_PAGE,
        each,
    };
    match &source.rows {
        Rows::All => {
            let limit = source.query.limit.unwrap_or(u64::MAX);
            reader.pages(PageStart::First, limit)?;
        }
        Rows::Ranges(ranges) => reader.ranges(ranges)?,
    }
    Ok(())
}

struct Reader<'r, 'e> {
    session: &'r mut dyn DynSession,
    meta: &'static EntityMeta,
    query: &'r Query,
    labelled: &'r [usize],
    labels: Labels,
    /// Rows of the next page.
    size: u64,
    each: &'r mut EachPage<'e>,
}

impl Reader<'_, '_> {
    /// Hands on so many rows from a place on; returns where it ended, `None` at the last row.
    fn pages(
        &mut self,
        mut start: PageStart,
        mut left: u64,
    ) -> Result<Option<PageStart>, ExportError> {
        while left > 0 {
            let Page { rows, next, .. } = self.page(&start, left)?;
            left = left.saturating_sub(rows.len() as u64);
            self.hand_on(&rows)?;
            match next {
                Some(next) => start = next,
                None => return Ok(None),
            }
        }
        Ok(Some(start))
    }

    fn ranges(&mut self, ranges: &[RowRange]) -> Result<(), ExportError> {
        // The row after the last one that was read, and its place.
        let mut reached: Option<(u64, PageStart)> = Some((0, PageStart::First));
        for range in ranges.iter().filter(|range| !range.is_empty()) {
            let length = range.len();
            let near = reached.take().filter(|(row, _)| {
                range.rows.start.checked_sub(*row).is_some_and(|between| between <= NEAR)
            });
            let mark = || range.after.clone().filter(|(rows, _)| *rows <= range.rows.start);
            let after = match (near, &range.first) {
                (None, Some((key, place))) => {
                    self.first(key)?;
                    self.pages(PageStart::After(place.clone()), length - 1)?
                }
                (near, _) => {
                    let mark = || mark().map(|(rows, place)| (rows, PageStart::After(place)));
                    let (row, place) = near.or_else(mark).unwrap_or((0, PageStart::First));
                    match self.pass(place, range.rows.start - row)? {
                        Some(place) => self.pages(place, length)?,
                        None => return Ok(()),
                    }
                }
            };
            reached = after.map(|place| (range.rows.end, place));
        }
        Ok(())
    }

    /// Passes over so many rows; `None` where there are no more.
    fn pass(&mut self, start: PageStart, rows: u64) -> Result<Option<PageStart>, ExportError> {
        if rows == 0 {
            return Ok(Some(start));
        }
        let after = match &start {
            PageStart::After(place) => Some(place),
            _ => None,
        };
        let passed = self.session.repository(self.meta.table)?.stride(self.query, after, rows)?;
        Ok(passed.end.map(PageStart::After))
    }

    /// Hands on a row as it is now, if the query still finds it.
    fn first(&mut self, key: &RecordKey) -> Result<(), ExportError> {
        let filter = self.query.filter.clone().and(Filter::key(self.meta, key));
        let query = <Query>::new().filter(filter).limit(1);
        let rows = self.session.repository(self.meta.table)?.list(&query)?;
        self.hand_on(&rows)
    }

    fn page(&mut self, start: &PageStart, left: u64) -> Result<Page<Record>, ExportError> {
        let size = left.min(self.size);
        let page = self.session.repository(self.meta.table)?.page(self.query, start, size)?;
        Ok(page)
    }

    fn hand_on(&mut self, rows: &[Record]) -> Result<(), ExportError> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes: u64 = rows.iter().map(weight).sum();
        let a_row = (bytes / rows.len() as u64).max(1);
        self.size = (BYTES_A_PAGE / a_row).clamp(1, LARGEST_PAGE.min(self.size * 8));
        self.labels.ask(&mut *self.session, self.meta, self.labelled, rows)?;
        (self.each)(rows, &self.labels)
    }
}

/// About how many bytes a row takes.
fn weight(row: &Record) -> u64 {
    let weight = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Raw(RawValue::Text(text) | RawValue::Number(text)) => text.len(),
        Value::Bytes(bytes) | Value::Raw(RawValue::Bytes(bytes) | RawValue::NonUtf8(bytes)) => {
            bytes.len()
        }
        // Documents are rarely long; measuring one takes as long as writing it.
        Value::Json(_) => 1_024,
        _ => 0,
    };
    row.0.iter().map(|value| weight(value) as u64 + 16).sum()
}
