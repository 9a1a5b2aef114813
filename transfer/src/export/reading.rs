//! Reads the rows of a source, however many, with bounded memory.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use persistence::{
    Catalog, DynSession, EntityMeta, Filter, Page, PageStart, Query, RawValue, Record, RecordKey,
    Value,
};

use super::error::ExportError;
use super::labels::Labels;
use super::source::{Rows, Source};
use super::work::{Watch, watched_snapshot};
use crate::keys;

/// Rows of the first page, which shows how large rows are.
const FIRST_PAGE: u64 = 64;

/// Rows of a page at most.
const LARGEST_PAGE: u64 = 2_000;

/// Bytes that a page is to have: rows of some megabytes are read one by one.
const BYTES_PER_PAGE: u64 = 4 << 20;

/// What is done with a page of rows.
pub(super) type EachPage<'e> = dyn FnMut(&[Record], &Labels) -> Result<(), ExportError> + 'e;

/// Reads the rows of a source, all of one snapshot, and hands them on, page by page, as long as they are
/// wanted. Says how many there are in all, where somebody wants to know that, and how many are done.
///
/// # Errors
/// [`ExportError::Database`] when the rows cannot be read, and [`ExportError::Cancelled`].
pub fn read_rows(
    catalog: &Catalog,
    source: &Source,
    watch: &dyn Watch,
    mut each: impl FnMut(&[Record]) -> ControlFlow<()>,
) -> Result<(), ExportError> {
    let mut session = watched_snapshot(catalog, watch)?;
    if watch.wants_total() {
        watch.total(source.count(session.as_mut())?);
    }
    let (mut rows, mut is_enough) = (0_u64, false);
    let read = read(session.as_mut(), source, &[], &mut |page, _| {
        is_enough = each(page).is_break();
        rows += page.len() as u64;
        watch.done(rows);
        if is_enough || watch.is_cancelled() { Err(ExportError::Cancelled) } else { Ok(()) }
    });
    match read {
        _ if watch.is_cancelled() => Err(ExportError::Cancelled),
        Err(ExportError::Cancelled) if is_enough => Ok(()),
        read => read,
    }
}

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
            reader.pages(limit, |_| true)
        }
        Rows::AllBut(keys) => {
            let limit = source.query.limit.unwrap_or(u64::MAX).saturating_add(keys.len() as u64);
            reader.pages(limit, |row| !keys.contains(&source.meta.key_of(row)))
        }
        Rows::These(keys) => reader.these(keys),
    }
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
    /// Hands on those of so many rows that are wanted.
    fn pages(
        &mut self,
        mut left: u64,
        is_wanted: impl Fn(&Record) -> bool,
    ) -> Result<(), ExportError> {
        let mut start = PageStart::First;
        while left > 0 {
            let Page { mut rows, next, .. } = self.page(&start, left)?;
            left = left.saturating_sub(rows.len() as u64);
            rows.retain(&is_wanted);
            self.hand_on(&rows)?;
            match next {
                Some(next) => start = next,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Hands on rows by their keys, in the query's order.
    fn these(&mut self, keys: &HashSet<RecordKey>) -> Result<(), ExportError> {
        let at_once = keys::at_once(self.meta);
        let all: Vec<&RecordKey> = keys.iter().collect();
        let mut in_order = Vec::with_capacity(keys.len());
        for some in all.chunks(at_once) {
            // Keys and what the rows are sorted by are never cut.
            let query = self.query_of(some.iter().copied()).preview(1);
            in_order.extend(self.session.repository(self.meta.table)?.list(&query)?);
        }
        if keys.len() > at_once {
            // Of a few the database has said the order.
            let order =
                self.query.order.clone().resolve(self.meta).map_err(persistence::Error::from)?;
            in_order.sort_by(|a, b| order.compare(self.meta, a, b));
        }
        let in_order: Vec<RecordKey> = in_order.iter().map(|row| self.meta.key_of(row)).collect();
        let mut rest = in_order.as_slice();
        while !rest.is_empty() {
            let size = usize::try_from(self.size).unwrap_or(at_once).min(at_once).min(rest.len());
            let (some, others) = rest.split_at(size);
            rest = others;
            let query = self.query_of(some);
            let rows = self.session.repository(self.meta.table)?.list(&query)?;
            let mut rows: HashMap<RecordKey, Record> =
                rows.into_iter().map(|row| (self.meta.key_of(&row), row)).collect();
            let rows: Vec<Record> = some.iter().filter_map(|key| rows.remove(key)).collect();
            self.hand_on(&rows)?;
        }
        Ok(())
    }

    /// Returns the query of those of the query's rows that have one of these keys.
    fn query_of<'k>(&self, keys: impl IntoIterator<Item = &'k RecordKey>) -> Query {
        let filter = self.query.filter.clone().and(Filter::keys(self.meta, keys));
        <Query>::new().filter(filter).order(self.query.order.clone())
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
        self.size = (BYTES_PER_PAGE / a_row).clamp(1, LARGEST_PAGE.min(self.size * 8));
        self.labels.ask(&mut *self.session, self.meta, self.labelled, rows)?;
        (self.each)(rows, &self.labels)
    }
}

/// Returns about how many bytes a row takes.
fn weight(row: &Record) -> u64 {
    let weight = |value: &Value| match value {
        Value::Text(text) | Value::Raw(RawValue::Text(text) | RawValue::Number(text)) => text.len(),
        Value::Bytes(bytes) | Value::Raw(RawValue::Bytes(bytes) | RawValue::NonUtf8(bytes)) => {
            bytes.len()
        }
        // Documents are rarely long; measuring one takes as long as writing it.
        Value::Json(_) => 1_024,
        _ => 0,
    };
    row.0.iter().map(|value| weight(value) as u64 + 16).sum()
}
