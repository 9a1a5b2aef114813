//! The state of a grid: what it shows of which query, where it stands, what it still has to read.

use std::time::{Duration, Instant};

use persistence::{
    Cursor, Direction, EntityMeta, Filter, FilterError, Order, OrderTerm, PageStart, Query, Record,
    RecordKey,
};

use super::cache::{Gap, Heading, RowCache, Start, Total};
use super::columns::Columns;
use super::fling::Fling;
use super::focus::{Bounds, Focus, Movement};
use super::scroll::{Extent, Scroll};
use super::selection::Selection;
use super::survey::{Progress, Survey};
use super::trouble::Trouble;
use crate::worker::{Labels, ListedRow, Request, Rows, Surveyed};

/// A grid over the rows of one entity.
#[derive(Debug)]
pub struct Grid {
    meta: &'static EntityMeta,
    /// The columns.
    pub columns: Columns,
    /// How far it is scrolled to the right, in points.
    pub horizontal: f32,
    /// How it goes on scrolling after a finger has let go.
    pub fling: Fling,
    filter: Filter,
    order: Order,
    scroll: Scroll,
    heading: Heading,
    visible: f64,
    focus: Option<Focus>,
    /// The selected rows.
    pub selection: Selection,
    /// How many rows there are, and where every so many of them are.
    survey: Survey,
    /// Whether the survey waits for an answer.
    is_surveying: bool,
    /// The rows on the screen.
    shown: RowCache,
    /// The rows that will take their place once the first of them have come.
    coming: Option<Coming>,
    /// What has been asked for and not been answered.
    asked: Option<Gap>,
    asked_since: Option<Instant>,
    trouble: Option<Trouble>,
    took: Option<Duration>,
}

/// Another query, or the same read again.
#[derive(Debug)]
struct Coming {
    rows: RowCache,
    scroll: Scroll,
    since: Instant,
    /// The row to find and focus again.
    focused: Option<RecordKey>,
    /// The number of the row to go to.
    returns_to: Option<u64>,
    /// Whether the first row is focused, because they are the rows of another filter.
    focuses_first: bool,
}

/// Where to stand when rows are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reread {
    /// At the first row: they are other rows.
    FromTop,
    /// Where it stands now: they are the same rows.
    Here,
}

/// How a click on a header changes the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// By this column alone.
    Alone,
    /// By the columns so far, then by this one.
    AsWell,
}

impl Grid {
    /// A grid of all rows, in the order of their primary key.
    #[must_use]
    pub fn new(meta: &'static EntityMeta) -> Self {
        Self {
            meta,
            columns: Columns::of(meta),
            horizontal: 0.0,
            fling: Fling::default(),
            filter: Filter::All,
            order: Order::default(),
            scroll: Scroll::default(),
            heading: Heading::default(),
            visible: 1.0,
            focus: None,
            selection: Selection::default(),
            survey: Survey::new(meta),
            is_surveying: false,
            shown: RowCache::default(),
            coming: None,
            asked: None,
            asked_since: None,
            trouble: None,
            took: None,
        }
    }

    /// The entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.meta
    }

    /// Which rows it shows.
    #[must_use]
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// In which order.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// The place of a column among those it is sorted by, counted from 1, and its direction.
    #[must_use]
    pub fn sorted(&self, column: &str) -> Option<(usize, Direction)> {
        let place = self.order.0.iter().position(|term| term.column == column)?;
        Some((place + 1, self.order.0.get(place)?.direction))
    }

    /// Shows other rows, from the first.
    pub fn set_filter(&mut self, filter: Filter) {
        if self.filter != filter {
            self.filter = filter;
            self.other_query();
            if let Some(coming) = &mut self.coming {
                coming.focused = None;
                coming.focuses_first = true;
            }
        }
    }

    /// What a click on a column's header does: ascending, descending, not at all.
    pub fn sort(&mut self, column: &'static str, how: SortBy) {
        let place = self.order.0.iter().position(|term| term.column == column);
        let direction = place.and_then(|place| self.order.0.get(place)).map(|term| term.direction);
        let next = match direction {
            None => Some(Direction::Ascending),
            Some(Direction::Ascending) => Some(Direction::Descending),
            Some(Direction::Descending) => None,
        };
        let term = next.map(|direction| OrderTerm { column: column.into(), direction });
        match (how, place) {
            (SortBy::Alone, _) => self.order = Order(term.into_iter().collect()),
            (SortBy::AsWell, Some(place)) => {
                self.order.0.splice(place..=place, term);
            }
            (SortBy::AsWell, None) => self.order.0.extend(term),
        }
        self.other_query();
    }

    /// Shows the rows in another order, from the first.
    pub fn set_order(&mut self, order: Order) {
        if self.order != order {
            self.order = order;
            self.other_query();
        }
    }

    /// Arranges the columns; the same column stays focused while it is shown.
    pub fn arrange(&mut self, change: impl FnOnce(&mut Columns)) {
        let focused = self.focus.and_then(|focus| self.columns.get(focus.column));
        let focused = focused.map(|column| column.position);
        change(&mut self.columns);
        if let Some(focus) = &mut self.focus {
            let last = self.columns.len().saturating_sub(1);
            let place = focused.and_then(|position| self.columns.place_of(position));
            focus.column = place.unwrap_or(focus.column).min(last);
        }
    }

    /// Shows the rows in the order of their primary key again.
    pub fn clear_order(&mut self) {
        if !self.order.0.is_empty() {
            self.order = Order::default();
            self.other_query();
        }
    }

    fn other_query(&mut self) {
        self.selection.clear();
        self.survey.set_query(&self.filter, &self.order);
        self.is_surveying = false;
        self.reread(Reread::FromTop);
        let counted = self.survey.rows().map(|rows| Total { rows, is_exact: true });
        let guessed = self.survey.guess().map(|rows| Total { rows, is_exact: false });
        if let (Some(coming), Some(total)) = (&mut self.coming, counted.or(guessed)) {
            coming.rows.set_total(total);
        }
    }

    /// Reads the rows again. What is on the screen stays until they come.
    pub fn reread(&mut self, place: Reread) {
        let focused = self.focus.and_then(|focus| self.shown.row(focus.row));
        let focused = focused.map(|(row, _)| row.key(self.meta));
        // What has been asked for already is another query's rows: they stand elsewhere.
        let pending = self.coming.as_ref();
        let focuses_first = pending.is_some_and(|coming| coming.focuses_first);
        let scroll = match place {
            Reread::FromTop => Scroll::default(),
            Reread::Here => pending.map_or(self.scroll, |coming| coming.scroll),
        };
        let since = pending.map_or_else(Instant::now, |coming| coming.since);
        let mut rows = RowCache::default();
        if let (Reread::Here, None, Some(Total { rows: total, .. })) =
            (place, pending, self.shown.total())
        {
            // About as many as before.
            rows.set_total(Total { rows: total, is_exact: false });
        }
        let focused = focused.filter(|_| !focuses_first);
        let returns_to = None;
        self.coming = Some(Coming { rows, scroll, since, focused, returns_to, focuses_first });
        self.asked = None;
        self.asked_since = None;
        self.trouble = None;
    }

    /// Why the rows could not be read.
    #[must_use]
    pub const fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// Since when what is on the screen has been out of date.
    #[must_use]
    pub fn outdated_since(&self) -> Option<Instant> {
        self.coming.as_ref().filter(|_| self.trouble.is_none()).map(|coming| coming.since)
    }

    /// Since when rows that can be seen have been waited for.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Instant> {
        self.asked_since.filter(|_| self.trouble.is_none() && self.lacks_rows())
    }

    /// Whether rows that should be on the screen are not there, or out of date.
    fn lacks_rows(&self) -> bool {
        let rows = self.scroll.rows(self.extent());
        self.coming.is_some() || self.is_blank() || rows.clone().any(|row| self.row(row).is_none())
    }

    /// Whether nothing has been read so far.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.shown.is_empty()
    }

    /// How long the last rows took to read.
    #[must_use]
    pub const fn took(&self) -> Option<Duration> {
        self.took
    }

    /// How many rows there are, where that is known.
    #[must_use]
    pub fn total(&self) -> Option<Total> {
        self.shown.total()
    }

    /// How many rows can be scrolled over and how many can be seen.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent { total: self.shown.known_length(), visible: self.visible }
    }

    /// Where it stands.
    #[must_use]
    pub const fn scroll(&self) -> Scroll {
        self.scroll
    }

    /// Goes to another place.
    pub fn scroll_to(&mut self, scroll: Scroll) {
        let before = self.scroll.top;
        self.scroll = scroll.clamped(self.extent());
        self.head(before);
    }

    fn head(&mut self, before: u64) {
        match self.scroll.top.cmp(&before) {
            std::cmp::Ordering::Less => self.heading = Heading::Up,
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => self.heading = Heading::Down,
        }
    }

    /// Says how many rows fit on the screen.
    pub fn set_visible(&mut self, rows: f64) {
        self.visible = rows.max(1.0);
        self.scroll = self.scroll.clamped(self.extent());
    }

    /// The focused cell.
    #[must_use]
    pub const fn focus(&self) -> Option<Focus> {
        self.focus
    }

    /// The last place before a row that is known by its key, and how many rows there are up to it.
    #[must_use]
    pub fn place_before(&self, row: u64) -> Option<(u64, Cursor)> {
        self.survey.before(row).map(|mark| (mark.rows, mark.place.clone()))
    }

    /// Focuses a cell and scrolls to it if it is out of sight.
    pub fn set_focus(&mut self, focus: Focus) {
        self.focus = Some(focus);
        let before = self.scroll.top;
        self.scroll = self.scroll.revealing(focus.row, self.extent());
        self.head(before);
    }

    /// Focuses a row, and shows it in the middle unless it can be seen.
    pub fn go_to_row(&mut self, row: u64) {
        let extent = self.extent();
        let row = row.min(extent.total.saturating_sub(1));
        if !self.scroll.whole_rows(extent).contains(&row) {
            let middle = Scroll { top: row, fraction: 0.0 }.moved(-extent.visible / 2.0, extent);
            self.scroll_to(middle);
        }
        let column = self.focus.map_or(0, |focus| focus.column);
        self.set_focus(Focus { row, column });
    }

    /// Focuses a row where it was once seen, as soon as there are rows.
    pub fn return_to_row(&mut self, row: u64) {
        match &mut self.coming {
            Some(coming) => coming.returns_to = Some(row),
            None => self.go_to_row(row),
        }
    }

    /// Moves the focused cell; the first step focuses the topmost one.
    pub fn move_focus(&mut self, movement: Movement) {
        let extent = self.extent();
        let bounds = Bounds {
            rows: extent.total,
            columns: self.columns.len(),
            page: self.scroll.whole_rows(extent).count() as u64,
        };
        if bounds.rows == 0 || bounds.columns == 0 {
            return;
        }
        let topmost = Focus { row: self.scroll.whole_rows(extent).start, column: 0 };
        self.set_focus(match (self.focus, movement) {
            (Some(focus), _) => focus.moved(movement, bounds),
            (None, Movement::FirstCell | Movement::LastCell) => topmost.moved(movement, bounds),
            (None, _) => topmost,
        });
    }

    /// A row on the screen, by its number.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<(&ListedRow, &Labels)> {
        self.shown.row(row)
    }

    /// The focused row.
    #[must_use]
    pub fn focused_row(&self) -> Option<(&ListedRow, &Labels)> {
        self.row(self.focus?.row)
    }

    /// Puts a row as it is now in the place of its old state, until the rows are read again.
    pub fn update_row(&mut self, record: &Record, labels: &Labels) {
        let key = self.meta.key_of(record);
        if let Some(row) = self.shown.position(|old| old.key(self.meta) == key) {
            self.shown.replace(row, record.clone().into(), labels);
        }
    }

    /// What to ask the worker now, if anything new.
    pub fn request(&mut self) -> Option<Request> {
        if self.trouble.as_ref().is_some_and(|trouble| !trouble.is_trying()) {
            return None;
        }
        let (rows, scroll) = match &self.coming {
            Some(coming) => (&coming.rows, coming.scroll),
            None => (&self.shown, self.scroll),
        };
        // How long the coming rows are is not known yet: only their first chunk is asked for.
        let extent = Extent { total: u64::MAX, visible: self.visible };
        let gap = rows.gap(&scroll.rows(extent), self.heading, |row| self.survey.before(row))?;
        if self.asked.as_ref() == Some(&gap) {
            return None;
        }
        self.asked = Some(gap.clone());
        self.asked_since.get_or_insert_with(Instant::now);
        let start = match self.page_start(&gap.start) {
            Ok(start) => start,
            Err(error) => {
                self.trouble = Some(Trouble::refused(error.to_string()));
                return None;
            }
        };
        let query = <Query>::new().filter(self.filter.clone()).order(self.order.clone());
        let query = query.offset(gap.skip);
        Some(Request::Rows { table: self.meta.table, query, start, size: gap.size })
    }

    fn page_start(&self, start: &Start) -> Result<PageStart, FilterError> {
        let place = |row: &ListedRow| row.place(self.meta, &self.order);
        Ok(match start {
            Start::First => PageStart::First,
            Start::Last => PageStart::Last,
            Start::After(row) => PageStart::After(place(row)?),
            Start::Before(row) => PageStart::Before(place(row)?),
            Start::AfterPlace(place) => PageStart::After(place.clone()),
        })
    }

    /// The next step of finding out how many rows there are, and where.
    pub fn survey_request(&mut self) -> Option<Request> {
        // The rows on the screen come first.
        if self.is_surveying || self.trouble.is_some() || self.is_blank() {
            return None;
        }
        let request = self.survey.request()?;
        self.is_surveying = true;
        Some(request)
    }

    /// Takes what a step of the survey has found out.
    pub fn take_survey(&mut self, surveyed: Surveyed) {
        self.is_surveying = false;
        let is_other = self.survey.take(surveyed);
        let Some(rows) = self.survey.rows() else { return };
        if is_other && self.coming.is_none() {
            // Rows have been read by marks that are no longer true.
            self.reread(Reread::Here);
        }
        // Of the rows that are coming, if there are any.
        self.take_total(Total { rows, is_exact: true });
    }

    /// A step of the survey could not be taken: it is left at what is known.
    pub fn survey_failed(&mut self) {
        self.is_surveying = false;
        self.survey.stop();
    }

    /// Waits no longer for rows that take too long; says so where they would be.
    pub fn stop(&mut self, message: String) {
        self.survey_failed();
        self.asked = None;
        self.trouble = Some(Trouble::stopped(message));
    }

    /// Rows may have come or gone: they are counted anew.
    pub fn survey_again(&mut self) {
        self.is_surveying = false;
        self.survey.restart();
    }

    /// About how many rows the entity has.
    pub fn take_estimate(&mut self, rows: u64) {
        self.survey.set_estimate(rows);
        if self.filter == Filter::All {
            self.take_total(Total { rows, is_exact: false });
        }
    }

    /// How many rows the entity has, filtered or not, once they have been counted.
    #[must_use]
    pub fn all_rows(&self) -> Option<u64> {
        self.survey.all_rows()
    }

    /// How far the counting of the filter's rows is, while it goes on.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.survey.progress()
    }

    /// Takes the rows that were asked for last.
    pub fn take(&mut self, rows: Rows, took: Duration) {
        let Some(gap) = self.asked.take() else { return };
        self.asked_since = None;
        if self.trouble.take().is_some() {
            self.survey_again();
        }
        self.took = Some(took);
        self.make_room(&rows);
        let Some(mut coming) = self.coming.take() else {
            self.shown.fill(&gap, rows);
            self.scroll = self.scroll.clamped(self.extent());
            return;
        };
        if rows.rows.is_empty() && gap.chunk > 0 {
            // There are fewer rows than before: start over from the top.
            coming.scroll = Scroll::default();
            coming.rows = RowCache::default();
            if let Some(rows) = self.survey.rows() {
                coming.rows.set_total(Total { rows, is_exact: true });
            }
            self.coming = Some(coming);
            return;
        }
        coming.rows.fill(&gap, rows);
        self.shown = coming.rows;
        self.scroll = coming.scroll.clamped(self.extent());
        if coming.focuses_first {
            let column = self.focus.map_or(0, |focus| focus.column);
            self.focus = self.shown.row(0).map(|_| Focus { row: 0, column });
        } else if let Some(focus) = &mut self.focus {
            let meta = self.meta;
            let found =
                coming.focused.and_then(|key| self.shown.position(|row| row.key(meta) == key));
            match found {
                Some(row) => focus.row = row,
                None => self.focus = None,
            }
        }
        if let Some(row) = coming.returns_to {
            self.go_to_row(row);
        }
    }

    /// Widens the columns of numbers that are too narrow for these rows.
    fn make_room(&mut self, rows: &Rows) {
        for (position, column) in self.meta.columns.iter().enumerate() {
            if column.column_type.is_number() && column.references.is_none() {
                let values = rows.rows.iter().map(|row| row.cell(position).start());
                let longest = values.map(|value| value.to_string().len()).max();
                self.columns.make_room(position, longest.unwrap_or_default());
            }
        }
    }

    /// Takes the number of rows of the filter.
    pub fn take_total(&mut self, total: Total) {
        // A key that is counted up has about as many digits: no need to widen it on the way.
        if let (true, [key]) = (self.meta.has_generated_key(), self.meta.key) {
            self.columns.make_room(*key, total.rows.to_string().len());
        }
        let rows = match &mut self.coming {
            Some(coming) => &mut coming.rows,
            None => &mut self.shown,
        };
        let before = rows.total().map(|total| total.rows);
        rows.set_total(total);
        let is_moved = rows.total().map(|total| total.rows) != before;
        if is_moved && self.asked.as_ref().is_some_and(|gap| gap.is_from_end) {
            // What is on its way was counted from where the end was thought to be.
            self.asked = None;
            self.asked_since = None;
        }
        if self.coming.is_none() {
            self.scroll = self.scroll.clamped(self.extent());
        }
    }

    /// Whether the rows should be counted again, because what was read does not fit their number.
    #[must_use]
    pub fn is_miscounted(&self) -> bool {
        self.shown.is_outdated()
    }

    /// The rows that were asked for could not be read. What is on the screen stays.
    pub fn fail(&mut self, message: String) {
        self.asked = None;
        self.asked_since = None;
        self.trouble = Some(Trouble::failed(message, self.trouble.as_ref(), Instant::now()));
    }

    /// Tries again what could not be read, if it is time; else how long that still is.
    pub fn try_again(&mut self) -> Option<Duration> {
        self.trouble.as_mut()?.try_again(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use persistence::Value;

    use super::*;
    use crate::grid::samples::THINGS;

    fn rows(ids: std::ops::Range<i64>, has_next: bool) -> Rows {
        let row = |id| Record(vec![Value::Integer(id), Value::Integer(-id)]).into();
        let rows = ids.map(row).collect();
        Rows { rows, has_next, ..Rows::default() }
    }

    fn loaded() -> Grid {
        let mut grid = Grid::new(&THINGS);
        grid.set_visible(10.0);
        assert!(grid.request().is_some());
        grid.take(rows(0..100, false), Duration::ZERO);
        grid
    }

    #[test]
    fn what_is_asked_for_is_asked_once() {
        let mut grid = Grid::new(&THINGS);
        assert!(matches!(grid.request(), Some(Request::Rows { start: PageStart::First, .. })));
        assert!(grid.request().is_none());
    }

    #[test]
    fn a_header_sorts_ascending_then_descending_then_not_at_all() {
        let mut grid = Grid::new(&THINGS);
        for expected in ["size", "-size", ""] {
            grid.sort("size", SortBy::Alone);
            assert_eq!(grid.order().to_string(), expected);
        }
    }

    #[test]
    fn shift_adds_columns_and_turns_each_on_its_own() {
        let mut grid = Grid::new(&THINGS);
        grid.sort("size", SortBy::AsWell);
        grid.sort("id", SortBy::AsWell);
        grid.sort("size", SortBy::AsWell);
        assert_eq!(grid.order().to_string(), "-size,id");
        assert_eq!(grid.sorted("id"), Some((2, Direction::Ascending)));
        grid.sort("size", SortBy::AsWell);
        assert_eq!(grid.order().to_string(), "id");
    }

    #[test]
    fn old_rows_stay_until_new_ones_come() {
        let mut grid = loaded();
        grid.set_filter(Filter::IsNull { column: "size".into() });
        assert!(grid.row(5).is_some() && grid.outdated_since().is_some());
        assert!(grid.request().is_some());
        grid.take(rows(0..3, false), Duration::ZERO);
        assert!(grid.row(5).is_none() && grid.outdated_since().is_none());
        assert_eq!(grid.total(), Some(Total { rows: 3, is_exact: true }));
    }

    #[test]
    fn another_filter_focuses_its_first_row_even_if_it_is_read_again_meanwhile() {
        let mut grid = loaded();
        grid.set_focus(Focus { row: 40, column: 1 });
        grid.set_filter(Filter::IsNull { column: "size".into() });
        grid.reread(Reread::Here);
        assert!(grid.request().is_some());
        grid.take(rows(30..60, false), Duration::ZERO);
        assert_eq!(grid.focus(), Some(Focus { row: 0, column: 1 }));
        assert_eq!(grid.scroll(), Scroll::default());
    }

    #[test]
    fn a_refresh_keeps_the_place_and_the_focused_row() {
        let mut grid = loaded();
        grid.set_focus(Focus { row: 40, column: 1 });
        let place = grid.scroll();
        grid.reread(Reread::Here);
        assert!(grid.request().is_some());
        // Somebody deleted the first row meanwhile.
        grid.take(rows(1..100, false), Duration::ZERO);
        assert_eq!(grid.scroll(), place);
        assert_eq!(grid.focus(), Some(Focus { row: 39, column: 1 }));
    }

    #[test]
    fn rows_that_are_found_to_be_others_are_read_again_and_their_number_is_known() {
        let mut grid = loaded();
        for rest in [100, 99] {
            grid.survey_again();
            assert!(grid.survey_request().is_some());
            grid.take_survey(Surveyed::Strides { ends: Vec::new(), step: 1_024, rest: Some(rest) });
        }
        assert!(grid.request().is_some(), "they are read again");
        grid.take(rows(1..50, true), Duration::ZERO);
        assert_eq!(grid.total(), Some(Total { rows: 99, is_exact: true }));
    }

    #[test]
    fn rows_counted_from_an_end_that_turns_out_to_be_elsewhere_are_asked_for_again() {
        let mut grid = Grid::new(&THINGS);
        grid.set_visible(10.0);
        assert!(grid.request().is_some());
        grid.take(rows(0..128, true), Duration::ZERO);
        grid.take_total(Total { rows: 1_000, is_exact: true });
        grid.scroll_to(Scroll { top: 990, fraction: 0.0 });
        assert!(matches!(grid.request(), Some(Request::Rows { start: PageStart::Last, .. })));
        // Somebody adds a row before the answer comes: these are the rows from 897 on.
        grid.take_total(Total { rows: 1_001, is_exact: true });
        grid.take(rows(897..1_001, false), Duration::ZERO);
        assert!(grid.row(996).is_none(), "it would be the row after");
        assert!(grid.request().is_some());
        grid.take(rows(896..1_001, false), Duration::ZERO);
        let id = grid.row(996).and_then(|(row, _)| row.value(0)?.as_integer());
        assert_eq!(id, Some(996));
    }

    #[test]
    fn a_number_is_never_cut_unless_a_person_wants_it() {
        let mut grid = loaded();
        let width = |grid: &Grid| grid.columns.get(1).unwrap().width;
        let before = width(&grid);
        grid.reread(Reread::FromTop);
        assert!(grid.request().is_some());
        grid.take(rows(1_000_000_000..1_000_000_001, false), Duration::ZERO);
        assert!(width(&grid) > before + 20.0);
        grid.columns.resize(1, 40.0);
        grid.reread(Reread::FromTop);
        assert!(grid.request().is_some());
        grid.take(rows(1_000_000_000..1_000_000_001, false), Duration::ZERO);
        assert!((width(&grid) - 40.0).abs() < f32::EPSILON);
    }

    #[test]
    fn after_a_failure_nothing_is_asked_at_once() {
        let mut grid = Grid::new(&THINGS);
        assert!(grid.request().is_some());
        grid.fail("no connection".to_owned());
        assert!(grid.request().is_none());
        grid.reread(Reread::Here);
        assert!(grid.request().is_some());
    }
}
