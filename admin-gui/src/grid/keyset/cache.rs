//! The rows that have been read: chunks of a table, found by key from the nearest known place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use persistence::Cursor;

use super::row_index::Mark;
use crate::grid::source::{ScrollDirection, Total};
use crate::tasks::{Labels, ListedRow, Rows};

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
    total: Option<Total>,
    /// A chunk was longer or shorter than the number of rows allows.
    is_miscounted: bool,
}

/// What to read to fill a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The chunk's number.
    pub chunk: u64,
    /// A known place near its rows.
    pub start: Start,
    /// How many rows lie between that place and them.
    pub skip: u64,
    /// How many rows it has at most.
    pub size: u64,
    /// Whether the place was counted from the end of the table.
    pub is_from_end: bool,
}

/// A known place among the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Before the first row.
    First,
    /// After the last row.
    Last,
    /// Right after this row.
    After(ListedRow),
    /// Right before this row.
    Before(ListedRow),
    /// Right after the row of this key.
    AfterPosition(Cursor),
}

impl RowCache {
    /// Returns a row and what it refers to, if it has been read.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<(&ListedRow, &Labels)> {
        let rows = self.chunks.get(&(row / CHUNK))?;
        let listed = rows.rows.get(usize::try_from(row % CHUNK).ok()?)?;
        Some((listed, &rows.labels))
    }

    /// Returns the number of a row that has been read.
    pub fn position(&self, is_it: impl Fn(&ListedRow) -> bool) -> Option<u64> {
        self.chunks.iter().find_map(|(&chunk, rows)| {
            let within = rows.rows.iter().position(&is_it)?;
            Some(chunk * CHUNK + u64::try_from(within).ok()?)
        })
    }

    /// Returns the rows that have been read, with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (u64, &ListedRow)> {
        let chunks = self.chunks.iter();
        chunks.flat_map(|(chunk, rows)| (chunk * CHUNK..).zip(&rows.rows))
    }

    /// Returns the rows that have been read.
    pub fn rows(&self) -> impl Iterator<Item = &ListedRow> {
        self.chunks.values().flat_map(|rows| &rows.rows)
    }

    /// Puts another state of a row in its place.
    pub fn replace(&mut self, row: u64, listed: ListedRow, labels: &Labels) {
        if let Some(rows) = self.chunks.get_mut(&(row / CHUNK))
            && let Some(old) =
                usize::try_from(row % CHUNK).ok().and_then(|row| rows.rows.get_mut(row))
        {
            *old = listed;
            rows.labels.extend(labels);
        }
    }

    /// Returns how many rows there are, where that is known or can be guessed.
    #[must_use]
    pub const fn total(&self) -> Option<Total> {
        self.total
    }

    /// Returns how many rows there are, or, while that is not known, up to where they may be
    /// scrolled.
    #[must_use]
    pub fn known_length(&self) -> u64 {
        let read = self.chunks.last_key_value().map_or(0, |(chunk, rows)| {
            let end = chunk * CHUNK + length(rows);
            if rows.has_next { end + CHUNK } else { end }
        });
        match self.total {
            Some(Total { rows, is_exact: true }) => rows,
            Some(Total { rows, is_exact: false }) => rows.max(read),
            None => read,
        }
    }

    /// Returns whether nothing has been read yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Returns whether the number of rows turned out to be another one: it should be counted again.
    #[must_use]
    pub const fn is_miscounted(&self) -> bool {
        self.is_miscounted
    }

    /// Sets how many rows there are. If it was thought to be another number, chunks that were
    /// counted from the end are somewhere else now, and are read again.
    pub fn set_total(&mut self, total: Total) {
        if self.total.is_some_and(|before| before.is_exact && !total.is_exact) {
            return;
        }
        if self.total.is_some_and(|before| before.rows != total.rows) {
            let from_end = std::mem::take(&mut self.from_end);
            self.chunks.retain(|chunk, _| !from_end.contains(chunk));
        }
        self.total = Some(total);
        self.is_miscounted &= !total.is_exact;
    }

    /// Adds to the number of rows, of which there are more than thought, or fewer.
    pub fn grow(&mut self, by: i64) {
        if let Some(total) = &mut self.total {
            total.rows = total.rows.saturating_add_signed(by);
        }
    }

    /// Returns what should be read next: first what can be seen, then what comes next the way a
    /// person goes, then what lies behind. `position_before` knows places by key.
    #[must_use]
    pub fn gap<'m>(
        &self,
        visible: &Range<u64>,
        direction: ScrollDirection,
        position_before: impl Fn(u64) -> Option<&'m Mark>,
    ) -> Option<Gap> {
        let length = self.known_length();
        if self.is_empty() {
            let last = self.total.map_or(u64::MAX, |total| total.rows.saturating_sub(1));
            return Some(self.seek(visible.start.min(last) / CHUNK, position_before));
        }
        let above = visible.start.saturating_sub(CHUNK)..visible.start;
        let below = visible.end..visible.end.saturating_add(CHUNK);
        let near = visible.start.saturating_sub(CHUNK / 4)..visible.end.saturating_add(CHUNK / 4);
        let ahead = match direction {
            ScrollDirection::Up => above,
            ScrollDirection::Down => below,
        };
        [visible, &ahead, &near].into_iter().find_map(|rows| {
            let last = rows.end.min(length).checked_sub(1)?;
            (rows.start / CHUNK..=last / CHUNK)
                .find(|chunk| !self.chunks.contains_key(chunk))
                .map(|chunk| self.seek(chunk, &position_before))
        })
    }

    /// Returns how to find a chunk: from the nearest known place before it or after it.
    fn seek<'m>(&self, chunk: u64, position_before: impl Fn(u64) -> Option<&'m Mark>) -> Gap {
        let first = chunk * CHUNK;
        let is_last = self.is_last(chunk);
        let size = match self.total.filter(|_| is_last) {
            Some(total) => total.rows - first,
            None => CHUNK,
        };
        let end = first + size;
        let gap = |start, skip, is_from_end| Gap { chunk, start, skip, size, is_from_end };

        let before = self.chunks.range(..chunk).next_back().and_then(|(&number, rows)| {
            let row = rows.rows.last()?;
            let known = number * CHUNK + length(rows);
            let skip = first.checked_sub(known)?;
            // What is read on from a row is not cut short by a wrong idea of where the end is.
            let gap = gap(Start::After(row.clone()), skip, self.from_end.contains(&number));
            Some(Gap { size: CHUNK, ..gap })
        });
        let after = self.chunks.range(chunk + 1..).next().and_then(|(&number, rows)| {
            let row = rows.rows.first()?;
            let skip = number * CHUNK - end;
            Some(gap(Start::Before(row.clone()), skip, self.from_end.contains(&number)))
        });
        let mark = position_before(first).map(|mark| {
            let gap = gap(Start::AfterPosition(mark.position.clone()), first - mark.rows, false);
            Gap { size: CHUNK, ..gap }
        });
        let last = self.total.and_then(|total| {
            let skip = total.rows.checked_sub(end)?;
            Some(gap(Start::Last, skip, true))
        });
        let start = Gap { size: CHUNK, ..gap(Start::First, first, false) };
        if chunk == 0 {
            return start;
        }
        // Of equally near places the one that shares an edge with rows on the screen comes first.
        let known = [before, after, mark, last, Some(start)];
        let nearest = known.into_iter().flatten().min_by_key(|gap| gap.skip);
        nearest.unwrap_or_else(|| gap(Start::First, first, false))
    }

    fn is_last(&self, chunk: u64) -> bool {
        let last = self.total.and_then(|total| total.rows.checked_sub(1));
        last.is_some_and(|row| row / CHUNK == chunk)
    }

    /// Takes the rows of a gap, and lets go of those farthest away.
    pub fn fill(&mut self, gap: &Gap, rows: Rows) {
        let end = gap.chunk * CHUNK + length(&rows);
        let is_forward = !matches!(gap.start, Start::Last | Start::Before(_));
        let is_known = self.total.filter(|total| total.is_exact);
        if is_forward && !rows.has_next {
            // A short chunk far behind the end says nothing about where the end is.
            if length(&rows) == 0 && gap.chunk > 0 {
                self.is_miscounted = true;
                if self.total.is_some_and(|total| !total.is_exact) {
                    // There are fewer rows than was guessed: nobody shall wait for these.
                    self.total = Some(Total { rows: gap.chunk * CHUNK, is_exact: false });
                    return;
                }
            } else if gap.is_from_end {
                self.is_miscounted |= is_known.is_none_or(|total| total.rows != end);
            } else {
                self.total = Some(Total { rows: end, is_exact: true });
            }
        } else if length(&rows) < gap.size || is_known.is_some_and(|total| end > total.rows) {
            self.is_miscounted = true;
        } else if let Some(total) = &mut self.total
            && end > total.rows
        {
            total.rows = end;
        }
        if gap.is_from_end {
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
    rows.rows.len() as u64
}

#[cfg(test)]
mod tests {
    use persistence::{Record, Value};

    use super::*;

    /// Returns rows numbered from 0, as a database that has so many would answer.
    fn answer(gap: &Gap, total: u64) -> Rows {
        let id = |row: &ListedRow| {
            row.value(0)
                .and_then(Value::as_integer)
                .and_then(|id| u64::try_from(id).ok())
                .unwrap_or_default()
        };
        let forward = |from: u64| (from + gap.skip, from + gap.skip + gap.size);
        let backward = |to: u64| {
            let end = to.saturating_sub(gap.skip);
            (end.saturating_sub(gap.size), end)
        };
        let (start, end) = match &gap.start {
            Start::First => forward(0),
            Start::Last => backward(total),
            Start::After(row) => forward(id(row) + 1),
            Start::Before(row) => backward(id(row)),
            Start::AfterPosition(position) => {
                let id = position.0.first().and_then(persistence::Value::as_integer);
                forward(id.and_then(|id| u64::try_from(id).ok()).map_or(0, |id| id + 1))
            }
        };
        let rows = (start.min(total)..end.min(total))
            .map(|id| Record(vec![Value::Integer(i64::try_from(id).unwrap())]).into())
            .collect();
        Rows { rows, has_next: end < total, ..Rows::default() }
    }

    fn counted(rows: u64) -> Total {
        Total { rows, is_exact: true }
    }

    fn fill(cache: &mut RowCache, visible: &Range<u64>, total: u64) -> Vec<Start> {
        let mut starts = Vec::new();
        while let Some(gap) = cache.gap(visible, ScrollDirection::Down, |_| None) {
            cache.fill(&gap, answer(&gap, total));
            starts.push(gap.start);
        }
        for row in visible.start..visible.end.min(total) {
            let (record, _) = cache.row(row).unwrap_or_else(|| panic!("row {row} is missing"));
            assert_eq!(record.value(0).and_then(Value::as_integer), i64::try_from(row).ok());
        }
        starts
    }

    #[test]
    fn the_first_rows_are_read_without_knowing_how_many_there_are() {
        let mut cache = RowCache::default();
        let starts = fill(&mut cache, &(0..24), 1000);
        assert!(matches!(starts[..], [Start::First, Start::After(_)]), "{starts:?}");
        assert_eq!((cache.total(), cache.known_length()), (None, 384));
    }

    #[test]
    fn scrolling_down_and_up_reads_by_key() {
        let mut cache = RowCache::default();
        fill(&mut cache, &(0..24), 10_000);
        cache.set_total(counted(10_000));
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
        assert!(!cache.is_miscounted());
    }

    #[test]
    fn a_jump_to_the_end_reads_from_the_end() {
        let mut cache = RowCache::default();
        fill(&mut cache, &(0..24), 10_000_003);
        cache.set_total(counted(10_000_003));
        let starts = fill(&mut cache, &(9_999_979..10_000_003), 10_000_003);
        assert!(matches!(starts[..], [Start::Last, Start::After(_)]), "{starts:?}");
        assert!(!cache.is_miscounted());
    }

    #[test]
    fn what_was_counted_from_the_end_is_read_again_when_the_end_is_elsewhere() {
        let mut cache = RowCache::default();
        fill(&mut cache, &(0..24), 999);
        cache.set_total(counted(1000));
        // The last rows are taken for those from 896 to 999, and are those from 895 to 998.
        let gap = cache.gap(&(976..1000), ScrollDirection::Down, |_| None).unwrap();
        cache.fill(&gap, answer(&gap, 999));
        cache.set_total(counted(999));
        fill(&mut cache, &(975..999), 999);
        assert!(!cache.is_miscounted());
    }

    #[test]
    fn a_last_row_that_begins_a_chunk_is_read() {
        for rows in [CHUNK + 1, 2 * CHUNK + 1, 2 * CHUNK] {
            let mut cache = RowCache::default();
            cache.set_total(counted(rows));
            // From farther down than there are rows.
            let gap = cache.gap(&(5_000..5_024), ScrollDirection::Down, |_| None).unwrap();
            assert_eq!(gap.chunk, (rows - 1) / CHUNK, "{rows}");
            cache = RowCache::default();
            fill(&mut cache, &(0..24), rows);
            cache.set_total(counted(rows));
            fill(&mut cache, &(rows - 24..rows), rows);
            assert_eq!((cache.known_length(), cache.is_miscounted()), (rows, false));
        }
    }

    #[test]
    fn rows_just_behind_are_read_after_those_ahead() {
        let read = |visible: Range<u64>, direction| {
            let mut cache = RowCache::default();
            cache.set_total(counted(1_000));
            let mut chunks = Vec::new();
            while let Some(gap) = cache.gap(&visible, direction, |_| None) {
                cache.fill(&gap, answer(&gap, 1_000));
                chunks.push(gap.chunk);
            }
            chunks
        };
        assert_eq!(read(300..324, ScrollDirection::Up), [2, 1]);
        assert_eq!(read(350..374, ScrollDirection::Up), [2, 1, 3]);
        assert_eq!(read(320..344, ScrollDirection::Down), [2, 3]);
        assert_eq!(read(270..294, ScrollDirection::Down), [2, 3, 1]);
    }

    #[test]
    fn a_guess_takes_the_place_of_a_guess_and_never_of_a_count() {
        let guessed = |rows| Total { rows, is_exact: false };
        let mut cache = RowCache::default();
        cache.set_total(guessed(100));
        cache.set_total(guessed(200));
        assert_eq!(cache.total(), Some(guessed(200)));
        cache.set_total(counted(150));
        cache.set_total(guessed(200));
        assert_eq!(cache.total(), Some(counted(150)));
    }

    #[test]
    fn an_empty_table_is_read_once() {
        let mut cache = RowCache::default();
        assert_eq!(fill(&mut cache, &(0..0), 0), [Start::First]);
        assert_eq!(cache.total(), Some(counted(0)));
    }

    #[test]
    fn rows_that_came_or_went_meanwhile_are_noticed() {
        let mut cache = RowCache::default();
        fill(&mut cache, &(0..24), 300);
        cache.set_total(counted(290));
        fill(&mut cache, &(250..290), 300);
        assert!(
            cache.is_miscounted() || cache.total() == Some(counted(300)),
            "{:?}",
            cache.total()
        );
    }
}
