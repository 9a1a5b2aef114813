//! The rows that have been read: chunks of a table, found by key from their neighbours.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use persistence::Record;

use crate::worker::{Labels, Rows, Start};

/// Rows of a chunk.
pub const CHUNK: u64 = 128;

/// Chunks kept in memory at most.
const KEPT: usize = 48;

/// Rows read of one query, by their number, as far as they are near what is looked at.
#[derive(Debug, Default)]
pub struct RowCache {
    chunks: BTreeMap<u64, Rows>,
    /// Chunks whose place was counted from the end of the table.
    from_end: BTreeSet<u64>,
    total: Option<u64>,
    /// A chunk was longer or shorter than the number of rows allows.
    is_outdated: bool,
}

/// What to read to fill a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The chunk's number.
    pub chunk: u64,
    /// Where its rows start.
    pub start: Start,
    /// How many rows it has at most.
    pub size: u64,
}

impl RowCache {
    /// A row and what it refers to, if it has been read.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<(&Record, &Labels)> {
        let rows = self.chunks.get(&(row / CHUNK))?;
        let record = rows.records.get(usize::try_from(row % CHUNK).ok()?)?;
        Some((record, &rows.labels))
    }

    /// The number of a row that has been read.
    pub fn position(&self, is_it: impl Fn(&Record) -> bool) -> Option<u64> {
        self.chunks.iter().find_map(|(&chunk, rows)| {
            let within = rows.records.iter().position(&is_it)?;
            Some(chunk * CHUNK + u64::try_from(within).ok()?)
        })
    }

    /// Puts another state of a row in its place.
    pub fn replace(&mut self, row: u64, record: Record, labels: &Labels) {
        if let Some(rows) = self.chunks.get_mut(&(row / CHUNK))
            && let Some(old) =
                usize::try_from(row % CHUNK).ok().and_then(|row| rows.records.get_mut(row))
        {
            *old = record;
            rows.labels.extend(labels);
        }
    }

    /// How many rows there are, where that is known.
    #[must_use]
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// How many rows there are, or, while that is not known, up to where they may be scrolled.
    #[must_use]
    pub fn known_length(&self) -> u64 {
        self.total.unwrap_or_else(|| {
            self.chunks.last_key_value().map_or(0, |(chunk, rows)| {
                let end = chunk * CHUNK + length(rows);
                if rows.has_next { end + CHUNK } else { end }
            })
        })
    }

    /// Whether nothing has been read yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether the number of rows turned out to be another one: it should be counted again.
    #[must_use]
    pub const fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    /// Says how many rows there are. If it was thought to be another number, chunks that were
    /// counted from the end are somewhere else now, and are read again.
    pub fn set_total(&mut self, total: u64) {
        if self.total.is_some_and(|before| before != total) {
            let from_end = std::mem::take(&mut self.from_end);
            self.chunks.retain(|chunk, _| !from_end.contains(chunk));
        }
        self.total = Some(total);
        self.is_outdated = false;
    }

    /// What should be read next: first what can be seen, then what is near it.
    #[must_use]
    pub fn gap(&self, visible: &Range<u64>) -> Option<Gap> {
        let length = self.known_length();
        if self.is_empty() {
            let last = self.total.map_or(u64::MAX, |total| total.saturating_sub(1));
            return Some(self.seek(visible.start.min(last) / CHUNK));
        }
        let near = visible.start.saturating_sub(CHUNK / 4)..visible.end.saturating_add(CHUNK / 4);
        [visible, &near].into_iter().find_map(|rows| {
            let last = rows.end.min(length).checked_sub(1)?;
            (rows.start / CHUNK..=last / CHUNK)
                .find(|chunk| !self.chunks.contains_key(chunk))
                .map(|chunk| self.seek(chunk))
        })
    }

    /// How to find a chunk. By key from the nearer end or from a neighbour; only a jump into the
    /// middle has to count rows.
    fn seek(&self, chunk: u64) -> Gap {
        let first_row = chunk * CHUNK;
        let neighbour = |chunk: u64| self.chunks.get(&chunk);
        let before = chunk.checked_sub(1).and_then(neighbour).and_then(|rows| rows.records.last());
        let after = neighbour(chunk + 1).and_then(|rows| rows.records.first());
        let tail = self
            .total
            .filter(|_| self.is_last(chunk))
            .and_then(|total| total.checked_sub(first_row));
        let (start, size) = match (before, after, tail) {
            _ if chunk == 0 => (Start::First, CHUNK),
            (Some(row), _, _) => (Start::After(row.clone()), CHUNK),
            (None, _, Some(tail)) => (Start::Last, tail),
            (None, Some(row), None) => (Start::Before(row.clone()), CHUNK),
            // Right before the last chunk: read that first, and this one from there.
            (None, None, None) if self.is_last(chunk + 1) => return self.seek(chunk + 1),
            (None, None, None) => (Start::Offset(first_row), CHUNK),
        };
        Gap { chunk, start, size }
    }

    fn is_last(&self, chunk: u64) -> bool {
        self.total.and_then(|total| total.checked_sub(1)).is_some_and(|row| row / CHUNK == chunk)
    }

    /// Takes the rows of a gap, and lets go of those farthest away.
    pub fn fill(&mut self, gap: &Gap, rows: Rows) {
        let end = gap.chunk * CHUNK + length(&rows);
        let is_last = match gap.start {
            Start::Last => true,
            Start::Before(_) => false,
            Start::First | Start::After(_) | Start::Offset(_) => !rows.has_next,
        };
        let is_full = length(&rows) == gap.size;
        if is_last && !matches!(gap.start, Start::Last) && (end > 0 || gap.chunk == 0) {
            // A short chunk far behind the end says nothing about where the end is.
            if length(&rows) > 0 || gap.chunk == 0 {
                self.total = Some(end);
            } else {
                self.is_outdated = true;
            }
        } else if !is_full || self.total.is_some_and(|total| end > total) {
            self.is_outdated = true;
        }
        let is_from_end = match gap.start {
            Start::Last => true,
            Start::Before(_) => self.from_end.contains(&(gap.chunk + 1)),
            Start::After(_) => {
                gap.chunk.checked_sub(1).is_some_and(|before| self.from_end.contains(&before))
            }
            Start::First | Start::Offset(_) => false,
        };
        if is_from_end {
            self.from_end.insert(gap.chunk);
        } else {
            self.from_end.remove(&gap.chunk);
        }
        self.chunks.insert(gap.chunk, rows);
        while self.chunks.len() > KEPT {
            let farthest = self.chunks.keys().copied().max_by_key(|key| key.abs_diff(gap.chunk));
            farthest.and_then(|chunk| self.chunks.remove(&chunk));
        }
    }
}

fn length(rows: &Rows) -> u64 {
    rows.records.len() as u64
}

#[cfg(test)]
mod tests {
    use persistence::Value;

    use super::*;

    /// Rows numbered from 0, as a database that has so many would answer.
    fn answer(gap: &Gap, total: u64) -> Rows {
        let id = |row: &Record| {
            row.value(0).as_integer().and_then(|id| u64::try_from(id).ok()).unwrap_or_default()
        };
        let (start, end) = match &gap.start {
            Start::First => (0, gap.size),
            Start::Last => (total.saturating_sub(gap.size), total),
            Start::After(row) => (id(row) + 1, id(row) + 1 + gap.size),
            Start::Before(row) => (id(row).saturating_sub(gap.size), id(row)),
            Start::Offset(offset) => (*offset, offset + gap.size),
        };
        let records = (start.min(total)..end.min(total))
            .map(|id| Record(vec![Value::Integer(i64::try_from(id).unwrap())]))
            .collect();
        Rows { records, has_next: end < total, ..Rows::default() }
    }

    fn fill(cache: &mut RowCache, visible: &Range<u64>, total: u64) -> Vec<Start> {
        let mut starts = Vec::new();
        while let Some(gap) = cache.gap(visible) {
            cache.fill(&gap, answer(&gap, total));
            starts.push(gap.start);
        }
        for row in visible.start..visible.end.min(total) {
            let (record, _) = cache.row(row).unwrap_or_else(|| panic!("row {row} is missing"));
            assert_eq!(record.value(0).as_integer(), i64::try_from(row).ok());
        }
        starts
    }

    #[test]
    fn the_first_rows_are_read_without_knowing_how_many_there_are() {
        let mut cache = RowCache::default();
        assert_eq!(fill(&mut cache, &(0..24), 1000), [Start::First]);
        assert_eq!((cache.total(), cache.known_length()), (None, 256));
    }

    #[test]
    fn scrolling_down_and_up_reads_by_key() {
        let mut cache = RowCache::default();
        fill(&mut cache, &(0..24), 10_000);
        cache.set_total(10_000);
        for top in (0..9_976).step_by(20) {
            for start in fill(&mut cache, &(top..top + 24), 10_000) {
                assert!(matches!(start, Start::After(_)), "{top}: {start:?}");
            }
        }
        assert!(cache.chunks.len() <= KEPT);
        for top in (0..9_976).rev().step_by(20) {
            for start in fill(&mut cache, &(top..top + 24), 10_000) {
                assert!(matches!(start, Start::Before(_) | Start::First), "{top}: {start:?}");
            }
        }
        assert!(!cache.is_outdated());
    }

    #[test]
    fn a_jump_to_the_end_reads_from_the_end() {
        let mut cache = RowCache::default();
        fill(&mut cache, &(0..24), 10_000_003);
        cache.set_total(10_000_003);
        let starts = fill(&mut cache, &(9_999_979..10_000_003), 10_000_003);
        assert!(!starts.iter().any(|start| matches!(start, Start::Offset(_))), "{starts:?}");
        assert!(!cache.is_outdated());
    }

    #[test]
    fn what_was_counted_from_the_end_is_read_again_when_the_end_is_elsewhere() {
        let mut cache = RowCache::default();
        fill(&mut cache, &(0..24), 999);
        cache.set_total(1000);
        // The last rows are taken for those from 896 to 999, and are those from 895 to 998.
        let gap = cache.gap(&(976..1000)).unwrap();
        cache.fill(&gap, answer(&gap, 999));
        cache.set_total(999);
        fill(&mut cache, &(975..999), 999);
        assert!(!cache.is_outdated());
    }

    #[test]
    fn an_empty_table_is_read_once() {
        let mut cache = RowCache::default();
        assert_eq!(fill(&mut cache, &(0..0), 0), [Start::First]);
        assert_eq!(cache.total(), Some(0));
    }

    #[test]
    fn rows_that_came_or_went_meanwhile_are_noticed() {
        let mut cache = RowCache::default();
        fill(&mut cache, &(0..24), 300);
        cache.set_total(290);
        fill(&mut cache, &(250..290), 300);
        assert!(cache.is_outdated() || cache.total() == Some(300), "{:?}", cache.total());
    }
}
