//! The rows of a query as a source of a grid: what has been read, what is still to be read, and how far
//! that is.

use std::time::{Duration, Instant};

use persistence::edit::Written;
use persistence::staging::RowKey;
use persistence::{
    Cursor, EntityMeta, Filter, FilterError, Order, PageStart, Query, Record, Value,
};

use super::cache::{Gap, RowCache, Start};
use super::columns::entity_columns;
use super::scan::Scan;
use crate::blob::BlobKind;
use crate::grid::source::{
    Extent, FIRST_ADDED, LoadError, Progress, Restore, RowSource, Scroll, SourceColumn, Total,
    Viewport,
};
use crate::tasks::{
    Cell, ImagePlace, ImageScale, LONGEST_IMAGE, Labels, ListedRow, ReadRows, Rows, ScanStep,
    Scanned, SeenRow,
};

/// The rows of a query, as far as they have been read: those on the screen, those that will take
/// their place, and how many there are.
#[derive(Debug)]
pub struct KeysetRows {
    meta: &'static EntityMeta,
    filter: Filter,
    order: Order,
    /// How many rows there are, and where every so many of them are.
    scan: Scan,
    /// Whether the scan waits for an answer.
    is_scanning: bool,
    /// The rows on the screen.
    shown: RowCache,
    /// The rows that will take their place once the first of them have come.
    coming: Option<Coming>,
    /// What has been asked for and not been answered.
    asked: Option<Gap>,
    asked_since: Option<Instant>,
    load_error: Option<LoadError>,
    /// The new rows that stand below the others, by their numbers.
    added: Vec<u32>,
    /// A new row before anything is said of it, without names.
    blank: (ListedRow, Labels),
}

/// Another query, or the same read again.
#[derive(Debug)]
struct Coming {
    rows: RowCache,
    /// Since when they have been asked for: those of a grid that nobody looks at are asked for when
    /// somebody does.
    since: Option<Instant>,
    restore: Restore<RowKey>,
}

/// Where to stand when rows are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reread {
    /// At the first row: they are other rows.
    FromTop,
    /// Where it stands now: they are the same rows, of which some may have come or gone.
    Here,
    /// Where it stands now: they are as many as before.
    AsMany,
}

impl KeysetRows {
    /// Makes the source of all rows, in the order of their primary key.
    #[must_use]
    pub fn new(meta: &'static EntityMeta) -> Self {
        Self {
            meta,
            filter: Filter::All,
            order: Order::default(),
            scan: Scan::new(meta),
            is_scanning: false,
            shown: RowCache::default(),
            coming: None,
            asked: None,
            asked_since: None,
            load_error: None,
            added: Vec::new(),
            blank: (Record(vec![Value::Null; meta.columns.len()]).into(), Labels::default()),
        }
    }

    /// Returns the entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    /// Returns the filter of the rows that are read.
    #[must_use]
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns the query of what is read, from the first row to the last.
    #[must_use]
    pub fn query(&self) -> Query {
        <Query>::new().filter(self.filter.clone()).order(self.order.clone())
    }

    /// Reads other rows, from the first, and focuses it.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.other_query(Restore { focuses_first: true, ..Restore::default() });
    }

    fn other_query(&mut self, restore: Restore<RowKey>) {
        self.scan.set_query(&self.filter, &self.order);
        self.is_scanning = false;
        self.reread(Reread::FromTop, restore);
        let counted = self.scan.rows().map(|rows| Total { rows, is_exact: true });
        let guessed = self.scan.guess().map(|rows| Total { rows, is_exact: false });
        if let (Some(coming), Some(total)) = (&mut self.coming, counted.or(guessed)) {
            coming.rows.set_total(total);
        }
    }

    /// Reads the rows again. What is on the screen stays until they come.
    pub fn reread(&mut self, place: Reread, mut restore: Restore<RowKey>) {
        let mut rows = RowCache::default();
        let mut since = None;
        let before = self.awaited().total();
        if let (Reread::AsMany, Some(total)) = (place, before) {
            rows.set_total(total);
        }
        match self.coming.take() {
            // What has been asked for already is another query's rows: they stand elsewhere.
            Some(pending) => {
                since = pending.since;
                if place != Reread::FromTop {
                    restore.scroll = pending.restore.scroll;
                }
                restore.focuses_first |= pending.restore.focuses_first;
            }
            None => {
                if let (Reread::Here, Some(Total { rows: total, .. })) = (place, before) {
                    // About as many as before.
                    rows.set_total(Total { rows: total, is_exact: false });
                }
            }
        }
        if restore.focuses_first {
            restore.focused = None;
        }
        self.coming = Some(Coming { rows, since, restore });
        self.ask_anew();
        self.load_error = None;
    }

    /// Returns the rows that are coming, or else those on the screen.
    const fn awaited(&self) -> &RowCache {
        match &self.coming {
            Some(coming) => &coming.rows,
            None => &self.shown,
        }
    }

    /// Takes in rows that were written by our own hand, and reads them again.
    pub fn write(&mut self, rows: &[Written], restore: Restore<RowKey>) {
        self.is_scanning = false;
        let growth = self.scan.write(rows);
        if self.shown.is_empty() && !self.is_waiting() {
            return;
        }
        self.reread(growth.map_or(Reread::Here, |_| Reread::AsMany), restore);
        let (Some(growth), Some(coming)) = (growth, &mut self.coming) else { return };
        match self.scan.rows().filter(|_| self.scan.is_done()) {
            Some(rows) => coming.rows.set_total(Total { rows, is_exact: true }),
            None => coming.rows.grow(growth),
        }
    }

    /// Starts the query's scan anew, because which rows it has, or in which order, may have
    /// changed, but not how many there are of the entity.
    pub fn scan_query_again(&mut self) {
        self.is_scanning = false;
        self.scan.restart_query();
    }

    /// Notes that a step of the scan was taken in vain, and is to be taken again.
    pub const fn scan_interrupted(&mut self) {
        self.is_scanning = false;
    }

    /// Goes to a row as soon as the rows that are coming are there; returns whether there are any.
    pub const fn return_to_row(&mut self, row: u64) -> bool {
        match &mut self.coming {
            Some(coming) => {
                coming.restore.returns_to = Some(row);
                true
            }
            None => false,
        }
    }

    /// Forgets what has been asked for, so that it is not waited for any more.
    fn ask_anew(&mut self) {
        self.asked = None;
        self.asked_since = None;
    }

    /// Returns whether rows have been asked for that have not come.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    /// Returns the rows that have been read, as they are shown.
    #[must_use]
    pub fn seen(&self) -> Vec<SeenRow> {
        self.shown.rows().map(|row| row.seen(self.meta)).collect()
    }

    /// Returns the rows that have been read, with their numbers.
    pub fn at_hand(&self) -> impl Iterator<Item = (u64, &ListedRow)> {
        self.shown.numbered()
    }

    /// Returns whether the rows should be counted again, because what was read does not fit their
    /// number.
    #[must_use]
    pub const fn is_miscounted(&self) -> bool {
        // What is read again is not held against it.
        self.coming.is_none() && self.shown.is_miscounted()
    }

    /// Puts a row as it is now in the place of its old state, until the rows are read again.
    pub fn update_row(&mut self, record: &Record, labels: &Labels) {
        let key = self.meta.key_of(record);
        if let Some(row) = self.shown.position(|old| old.key(self.meta) == key) {
            self.shown.replace(row, record.clone().into(), labels);
        }
    }

    /// Sets which new rows stand below the others.
    pub fn set_added(&mut self, added: Vec<u32>) {
        self.added = added;
    }

    /// Returns the new rows that stand below the others.
    #[must_use]
    pub fn new_rows(&self) -> &[u32] {
        &self.added
    }

    fn new_row(&self, row: u64) -> Option<u32> {
        let place = usize::try_from(row.checked_sub(FIRST_ADDED)?).ok()?;
        self.added.get(place).copied()
    }

    fn page_start(&self, start: &Start) -> Result<PageStart, FilterError> {
        let place = |row: &ListedRow| row.place(self.meta, &self.order);
        Ok(match start {
            Start::First => PageStart::First,
            Start::Last => PageStart::Last,
            Start::After(row) => PageStart::After(place(row)?),
            Start::Before(row) => PageStart::Before(place(row)?),
            Start::AfterPosition(position) => PageStart::After(position.clone()),
        })
    }

    /// Takes the rows that were asked for last. Where to stand, if they take the place of others.
    pub fn take(&mut self, rows: Rows) -> Option<Restore<RowKey>> {
        let gap = self.asked.take()?;
        self.asked_since = None;
        if self.load_error.take().is_some() {
            self.scan_again();
        }
        let Some(mut coming) = self.coming.take() else {
            self.shown.fill(&gap, rows);
            return None;
        };
        if rows.rows.is_empty() && gap.chunk > 0 {
            // There are fewer rows than before: start over from the top.
            coming.restore.scroll = Scroll::default();
            coming.rows = RowCache::default();
            if let Some(rows) = self.scan.rows() {
                coming.rows.set_total(Total { rows, is_exact: true });
            }
            self.coming = Some(coming);
            return None;
        }
        coming.rows.fill(&gap, rows);
        self.shown = coming.rows;
        Some(coming.restore)
    }

    /// Takes why the rows that were asked for could not be read. What is on the screen stays.
    pub fn fail(&mut self, message: String) {
        self.ask_anew();
        self.load_error =
            Some(LoadError::failed(message, self.load_error.as_ref(), Instant::now()));
    }

    /// Tries again what could not be read, if it is time; else returns how long that still is.
    pub fn try_again(&mut self) -> Option<Duration> {
        self.load_error.as_mut()?.try_again(Instant::now())
    }

    /// Waits no longer for rows that take too long; says so where they would be.
    pub fn stop(&mut self, message: String) {
        self.scan_failed();
        self.asked = None;
        self.load_error = Some(LoadError::stopped(message));
    }

    /// Returns the next step of finding out how many rows there are, and where.
    pub fn scan_request(&mut self) -> Option<ScanStep> {
        // The rows on the screen come first.
        if self.is_scanning || self.load_error.is_some() || self.shown.is_empty() {
            return None;
        }
        let request = self.scan.request()?;
        self.is_scanning = true;
        Some(request)
    }

    /// Takes what a step of the scan has found out; returns whether rows have been read by marks
    /// that turned out to be no longer true.
    pub fn take_scan(&mut self, scanned: Scanned) -> bool {
        self.is_scanning = false;
        self.scan.take(scanned)
    }

    /// Ends a scan of which a step could not be taken: it is left at what is known.
    pub const fn scan_failed(&mut self) {
        self.is_scanning = false;
        self.scan.stop();
    }

    /// Starts the count anew, because rows may have come or gone.
    pub fn scan_again(&mut self) {
        self.is_scanning = false;
        self.scan.restart();
    }

    /// Returns how many rows the query has, once they have been counted.
    #[must_use]
    pub fn counted(&self) -> Option<u64> {
        self.scan.rows()
    }

    /// Returns how many rows the entity has, filtered or not, once they have been counted.
    #[must_use]
    pub fn all_rows(&self) -> Option<u64> {
        self.scan.all_rows()
    }

    /// Sets about how many rows the entity has.
    pub const fn set_estimate(&mut self, rows: u64) {
        self.scan.set_estimate(rows);
    }

    /// Takes the number of rows of the query: of those that are coming, if there are any.
    pub fn take_total(&mut self, total: Total) {
        let rows = match &mut self.coming {
            Some(coming) => &mut coming.rows,
            None => &mut self.shown,
        };
        let before = rows.total().map(|total| total.rows);
        rows.set_total(total);
        let is_moved = rows.total().map(|total| total.rows) != before;
        if is_moved && self.asked.as_ref().is_some_and(|gap| gap.is_from_end) {
            // What is on its way was counted from where the end was thought to be.
            self.ask_anew();
        }
    }
}

impl RowSource for KeysetRows {
    type Key = RowKey;
    /// `None` of a row that is new.
    type Cursor = Option<Cursor>;
    type Request = ReadRows;

    fn id(&self) -> &str {
        self.meta.table
    }

    fn columns(&self) -> Vec<(usize, SourceColumn)> {
        entity_columns(self.meta)
    }

    fn row(&self, row: u64) -> Option<(&ListedRow, &Labels)> {
        match self.new_row(row) {
            Some(_) => Some((&self.blank.0, &self.blank.1)),
            None => self.shown.row(row),
        }
    }

    fn key(&self, row: u64) -> Option<RowKey> {
        match self.new_row(row) {
            Some(number) => Some(RowKey::New(number)),
            None => Some(RowKey::Stored(self.shown.row(row)?.0.key(self.meta))),
        }
    }

    fn find(&self, key: &RowKey) -> Option<u64> {
        match key {
            RowKey::Stored(key) => self.shown.position(|row| row.key(self.meta) == *key),
            RowKey::New(number) => {
                let place = self.added.iter().position(|added| added == number)?;
                Some(FIRST_ADDED + place as u64)
            }
        }
    }

    fn cursor(&self, row: u64) -> Option<Option<Cursor>> {
        if self.new_row(row).is_some() {
            return Some(None);
        }
        // Rows that have been read have a place in the order that they were read in.
        Some(Some(self.shown.row(row)?.0.place(self.meta, &self.order).ok()?))
    }

    fn added(&self) -> u64 {
        self.added.len() as u64
    }

    fn total(&self) -> Option<Total> {
        self.shown.total()
    }

    fn length(&self) -> u64 {
        self.shown.known_length()
    }

    fn order(&self) -> &Order {
        &self.order
    }

    fn set_order(&mut self, order: Order, focused: Option<RowKey>) -> Option<Restore<RowKey>> {
        self.order = order;
        self.other_query(Restore { focused, ..Restore::default() });
        None
    }

    fn request(&mut self, viewport: Viewport) -> Option<ReadRows> {
        if self.load_error.as_ref().is_some_and(|load_error| !load_error.is_trying()) {
            return None;
        }
        let (rows, scroll) = match &self.coming {
            Some(coming) => (&coming.rows, coming.restore.scroll),
            None => (&self.shown, viewport.scroll),
        };
        // How long the coming rows are is not known yet: only their first chunk is asked for.
        let extent = Extent { total: u64::MAX, visible: viewport.visible };
        let gap =
            rows.gap(&scroll.rows(extent), viewport.direction, |row| self.scan.before(row))?;
        if self.asked.as_ref() == Some(&gap) {
            return None;
        }
        self.asked = Some(gap.clone());
        let now = Instant::now();
        self.asked_since.get_or_insert(now);
        if let Some(coming) = &mut self.coming {
            coming.since.get_or_insert(now);
        }
        let start = match self.page_start(&gap.start) {
            Ok(start) => start,
            Err(error) => {
                self.load_error = Some(LoadError::refused(error.to_string()));
                return None;
            }
        };
        let query = self.query().offset(gap.skip);
        Some(ReadRows { table: self.meta.table, query, start, size: gap.size })
    }
    fn is_blank(&self) -> bool {
        self.shown.is_empty()
    }

    fn load_error(&self) -> Option<&LoadError> {
        self.load_error.as_ref()
    }

    fn is_outdated(&self) -> bool {
        self.coming.is_some()
    }

    fn outdated_since(&self) -> Option<Instant> {
        self.coming.as_ref().filter(|_| self.load_error.is_none())?.since
    }

    fn waiting_since(&self) -> Option<Instant> {
        self.asked_since.filter(|_| self.load_error.is_none())
    }

    fn progress(&self) -> Option<Progress> {
        self.scan.progress()
    }

    fn image(&self, row: &ListedRow, position: usize) -> Option<ImagePlace> {
        let cell = row.cell(position);
        let Value::Bytes(start) = cell.start() else { return None };
        let bytes = match cell {
            Cell::Whole(_) => start.len() as u64,
            Cell::Cut { length, .. } => length.bytes,
        };
        let is_shown =
            bytes <= LONGEST_IMAGE && BlobKind::of(start).is_some_and(BlobKind::is_image);
        let (table, scale) = (self.meta.table, ImageScale::Line);
        is_shown.then(|| ImagePlace {
            table,
            key: row.key(self.meta),
            column: position,
            bytes,
            scale,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::keyset::samples::{THINGS, cursor, thing, things, written};
    use crate::grid::source::ScrollDirection;

    fn at(top: u64) -> Viewport {
        Viewport {
            scroll: Scroll { top, fraction: 0.0 },
            visible: 10.0,
            direction: ScrollDirection::Down,
        }
    }

    fn counted(rows: u64) -> Total {
        Total { rows, is_exact: true }
    }

    /// Makes a source of which the first hundred or so rows have come; there are more.
    fn begun() -> KeysetRows {
        let mut source = KeysetRows::new(&THINGS);
        assert!(source.request(at(0)).is_some());
        assert_eq!(source.take(things(0..128, true)), None);
        source
    }

    #[test]
    fn what_is_asked_for_is_asked_once() {
        let mut source = KeysetRows::new(&THINGS);
        let request = source.request(at(0));
        assert!(matches!(request, Some(ReadRows { start: PageStart::First, .. })));
        assert!(source.request(at(0)).is_none());
    }

    #[test]
    fn rows_that_come_unasked_are_those_of_another_query() {
        let mut source = begun();
        assert!(source.request(at(100)).is_some());
        source.set_filter(Filter::IsNull { column: "size".into() });
        assert_eq!(source.take(things(128..256, true)), None);
        assert!(source.row(128).is_none() && source.is_outdated());
    }

    #[test]
    fn what_is_read_again_twice_stands_where_it_was_first_to_stand() {
        let mut source = begun();
        let there = Restore { scroll: at(20).scroll, ..Restore::default() };
        source.reread(Reread::Here, there.clone());
        source.reread(Reread::Here, Restore { scroll: at(50).scroll, ..Restore::default() });
        assert!(source.request(at(0)).is_some());
        assert_eq!(source.take(things(0..128, true)), Some(there));
    }

    #[test]
    fn rows_counted_from_an_end_that_turns_out_to_be_elsewhere_are_asked_for_again() {
        let mut source = begun();
        source.take_total(counted(1_000));
        let request = source.request(at(990));
        assert!(matches!(request, Some(ReadRows { start: PageStart::Last, .. })));
        // Somebody adds a row before the answer comes: these are the rows from 897 on.
        source.take_total(counted(1_001));
        source.take(things(897..1_001, false));
        assert!(source.row(996).is_none(), "it would be the row after");
        assert!(source.request(at(990)).is_some());
        source.take(things(896..1_001, false));
        let id = source.row(996).and_then(|(row, _)| row.value(0)?.as_integer());
        assert_eq!(id, Some(996));
    }

    /// Makes a source as begun, of which everything has been counted.
    fn scanned(rows: u64) -> KeysetRows {
        let mut source = begun();
        assert!(source.scan_request().is_some());
        let ends = (1..=rows / 1_024).map(|mark| cursor(i64::try_from(mark).unwrap() * 1_024 - 1));
        let found = Scanned::Skips { ends: ends.collect(), step: 1_024, rest: Some(rows % 1_024) };
        assert!(!source.take_scan(found));
        source.take_total(counted(rows));
        source
    }

    #[test]
    fn how_many_rows_there_are_is_known_as_soon_as_one_of_our_own_has_come() {
        let mut source = scanned(5_000);
        source.write(&[written(&THINGS, None, Some(thing(5_000)))], Restore::default());
        assert_eq!(source.total(), Some(counted(5_000)), "what is seen stays as it is");
        assert!(source.request(at(0)).is_some());
        source.take(things(0..128, true));
        assert_eq!(source.total(), Some(counted(5_001)));
        assert!(source.scan_request().is_none());
    }

    #[test]
    fn a_jump_after_a_row_of_our_own_has_gone_leads_to_the_right_row() {
        let mut source = scanned(5_000);
        source.write(&[written(&THINGS, Some(thing(7)), None)], Restore::default());
        assert!(source.request(at(0)).is_some());
        source.take(things(0..128, true));
        let Some(ReadRows { query, start, .. }) = source.request(at(2_304)) else {
            panic!("nothing is asked")
        };
        // Row 2304 is behind the mark at 2047, up to which there are 2047 rows now.
        assert_eq!((start, query.offset), (PageStart::After(cursor(2_047)), 257));
    }

    #[test]
    fn after_a_failure_nothing_is_asked_at_once() {
        let mut source = KeysetRows::new(&THINGS);
        assert!(source.request(at(0)).is_some());
        source.fail("no connection".to_owned());
        assert!(source.request(at(0)).is_none());
        source.reread(Reread::Here, Restore::default());
        assert!(source.request(at(0)).is_some());
    }
}
