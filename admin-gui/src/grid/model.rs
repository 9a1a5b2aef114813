//! The state of a grid: what it shows of which query, and where it stands.

use std::time::{Duration, Instant};

use persistence::{Direction, EntityMeta, Filter, Order, OrderTerm, Record, RecordKey};

use super::cache::{Heading, Total};
use super::columns::{Columns, GridColumn};
use super::fling::Fling;
use super::focus::{Bounds, Focus, Movement};
use super::reading::{Arrival, Reading, Reread, Sight};
use super::scroll::{Extent, Scroll};
use super::selecting::NotSelected;
use super::selection::Selection;
use super::survey::Progress;
use super::trouble::Trouble;
use crate::tasks::{Change, Labels, ListedRow, ReadRows, Rows, SeenRow, SurveyStep, Surveyed};

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
    scroll: Scroll,
    heading: Heading,
    visible: f64,
    focus: Option<Focus>,
    /// The selected rows.
    pub selection: Selection,
    /// Why rows were not selected, until that has been said.
    pub(super) not_selected: Option<NotSelected>,
    /// Whether selected rows may be gone.
    pub(super) may_lack_selected: bool,
    /// The column whose header was clicked last, by its position, until a cell is focused.
    header: Option<usize>,
    /// The rows.
    reading: Reading,
    /// How long a person waited for the rows on the screen.
    waited: Option<Duration>,
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
            scroll: Scroll::default(),
            heading: Heading::default(),
            visible: 1.0,
            focus: None,
            selection: Selection::default(),
            not_selected: None,
            may_lack_selected: false,
            header: None,
            reading: Reading::new(meta),
            waited: None,
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
        self.reading.filter()
    }

    /// In which order.
    #[must_use]
    pub const fn order(&self) -> &Order {
        self.reading.order()
    }

    /// The place of a column among those it is sorted by, counted from 1, and its direction.
    #[must_use]
    pub fn sorted(&self, column: &str) -> Option<(usize, Direction)> {
        let terms = &self.order().0;
        let place = terms.iter().position(|term| term.column == column)?;
        Some((place + 1, terms.get(place)?.direction))
    }

    /// Shows other rows, from the first.
    pub fn set_filter(&mut self, filter: Filter) {
        if *self.filter() != filter {
            self.selection.clear();
            self.reading.set_filter(filter);
        }
    }

    /// What a click on a column's header does: ascending, descending, not at all.
    pub fn sort(&mut self, column: &'static str, how: SortBy) {
        let mut order = self.order().clone();
        let place = order.0.iter().position(|term| term.column == column);
        let direction = place.and_then(|place| order.0.get(place)).map(|term| term.direction);
        let next = match direction {
            None => Some(Direction::Ascending),
            Some(Direction::Ascending) => Some(Direction::Descending),
            Some(Direction::Descending) => None,
        };
        let term = next.map(|direction| OrderTerm { column: column.into(), direction });
        match (how, place) {
            (SortBy::Alone, _) => order = Order(term.into_iter().collect()),
            (SortBy::AsWell, Some(place)) => {
                order.0.splice(place..=place, term);
            }
            (SortBy::AsWell, None) => order.0.extend(term),
        }
        self.set_order(order);
    }

    /// Shows the rows in another order, from the first.
    pub fn set_order(&mut self, order: Order) {
        if *self.order() != order {
            self.selection.forget_ways();
            let focused = self.focused_key();
            self.reading.set_order(order, focused);
        }
    }

    /// Arranges the columns; the same column stays focused while it is shown.
    pub fn arrange(&mut self, change: impl FnOnce(&mut Columns)) {
        let focused = self.focus.and_then(|focus| self.columns.get(focus.column));
        let focused = focused.map(|column| column.position);
        let position = |place| Some(self.columns.get(place)?.position);
        let selected = self.selection.columns().cloned();
        let selected = selected.map(|places| places.filter_map(position).collect::<Vec<_>>());
        change(&mut self.columns);
        if let Some(selected) = selected {
            self.follow_columns(&selected);
        }
        if let Some(focus) = &mut self.focus {
            let last = self.columns.len().saturating_sub(1);
            let place = focused.and_then(|position| self.columns.place_of(position));
            focus.column = place.unwrap_or(focus.column).min(last);
        }
    }

    /// Columns of selected cells may stand elsewhere, or not be shown any more.
    fn follow_columns(&mut self, positions: &[usize]) {
        let places = positions.iter().map(|position| self.columns.place_of(*position));
        let places: Option<Vec<usize>> = places.collect();
        let block = places.and_then(|places| {
            let (first, last) = (*places.iter().min()?, *places.iter().max()?);
            (last - first + 1 == places.len()).then_some(first..last + 1)
        });
        if block.as_ref() != self.selection.columns() {
            self.selection.move_columns(block);
        }
    }

    /// The column that a person has in hand: that of the header that was clicked last, else that of
    /// the focused cell, else the first.
    #[must_use]
    pub fn column_in_hand(&self) -> Option<&GridColumn> {
        let header = self.header.and_then(|position| self.columns.place_of(position));
        self.columns.get(header.or(self.focus.map(|focus| focus.column)).unwrap_or_default())
    }

    /// Takes a column in hand by its header.
    pub fn turn_to_column(&mut self, name: &str) {
        self.header = self.meta.position(name);
    }

    /// Shows the rows in the order of their primary key again.
    pub fn clear_order(&mut self) {
        self.set_order(Order::default());
    }

    /// Reads the rows again. What is on the screen stays until they come.
    pub fn reread(&mut self, place: Reread) {
        let scroll = match place {
            Reread::FromTop => Scroll::default(),
            Reread::Here | Reread::AsMany => self.scroll,
        };
        let arrival = Arrival { scroll, focused: self.focused_key(), ..Arrival::default() };
        self.reading.reread(place, arrival);
    }

    /// Takes in rows that were written by our own hand, and reads them again.
    pub fn write(&mut self, changes: &[Change]) {
        let arrival =
            Arrival { scroll: self.scroll, focused: self.focused_key(), ..Arrival::default() };
        self.forget_deleted(changes);
        self.selection.touch();
        self.reading.write(changes, arrival);
    }

    /// Rows of other entities were written, on which it may depend which rows are found.
    pub fn write_elsewhere(&mut self) {
        self.reading.survey_query_again();
        if !self.is_blank() {
            let is_filtered = *self.filter() != Filter::All;
            self.reread(if is_filtered { Reread::Here } else { Reread::AsMany });
        }
    }

    fn focused_key(&self) -> Option<RecordKey> {
        self.focused_row().map(|(row, _)| row.key(self.meta))
    }

    /// Why the rows could not be read.
    #[must_use]
    pub const fn trouble(&self) -> Option<&Trouble> {
        self.reading.trouble()
    }

    /// Since when what is on the screen has been out of date.
    #[must_use]
    pub fn outdated_since(&self) -> Option<Instant> {
        self.reading.outdated_since()
    }

    /// Since when rows that can be seen have been waited for.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Instant> {
        self.reading.waiting_since().filter(|_| self.lacks_rows())
    }

    /// Whether rows that should be on the screen are not there, or out of date.
    fn lacks_rows(&self) -> bool {
        let mut rows = self.scroll.rows(self.extent());
        self.reading.is_outdated() || self.is_blank() || rows.any(|row| self.row(row).is_none())
    }

    /// Whether nothing has been read so far.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.reading.shown().is_empty()
    }

    /// How long a person waited for the rows on the screen: from asking for them, by a sort or a
    /// jump, until they were there.
    #[must_use]
    pub const fn waited(&self) -> Option<Duration> {
        self.waited
    }

    /// How many rows there are, where that is known.
    #[must_use]
    pub fn total(&self) -> Option<Total> {
        self.reading.shown().total()
    }

    /// How many rows can be scrolled over and how many can be seen.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent { total: self.reading.shown().known_length(), visible: self.visible }
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

    /// Focuses a cell and scrolls to it if it is out of sight.
    pub fn set_focus(&mut self, focus: Focus) {
        self.focus = Some(focus);
        self.header = None;
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
        if !self.reading.return_to_row(row) {
            self.go_to_row(row);
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
        self.reading.shown().row(row)
    }

    /// The number of a row that has been read, by its key.
    pub(super) fn find(&self, key: &RecordKey) -> Option<u64> {
        self.reading.shown().position(|row| row.key(self.meta) == *key)
    }

    /// The rows that have been read, as they are shown.
    #[must_use]
    pub fn seen(&self) -> Vec<SeenRow> {
        self.reading.shown().rows().map(|row| row.seen(self.meta)).collect()
    }

    /// The focused row.
    #[must_use]
    pub fn focused_row(&self) -> Option<(&ListedRow, &Labels)> {
        self.row(self.focus?.row)
    }

    /// Puts a row as it is now in the place of its old state, until the rows are read again.
    pub fn update_row(&mut self, record: &Record, labels: &Labels) {
        self.reading.update_row(record, labels);
    }

    /// What to ask the worker now, if anything new.
    pub fn request(&mut self) -> Option<ReadRows> {
        let Self { scroll, visible, heading, .. } = *self;
        self.reading.request(Sight { scroll, visible, heading })
    }

    /// The next step of finding out how many rows there are, and where.
    pub fn survey_request(&mut self) -> Option<SurveyStep> {
        self.reading.survey_request()
    }

    /// Takes what a step of the survey has found out.
    pub fn take_survey(&mut self, surveyed: Surveyed) {
        let is_other = self.reading.take_survey(surveyed);
        let Some(rows) = self.reading.counted() else { return };
        if is_other && !self.reading.is_outdated() {
            self.reread(Reread::Here);
        }
        self.take_total(Total { rows, is_exact: true });
    }

    /// A step of the survey could not be taken: it is left at what is known.
    pub const fn survey_failed(&mut self) {
        self.reading.survey_failed();
    }

    /// A step of the survey was taken in vain: it is to be taken again.
    pub const fn survey_interrupted(&mut self) {
        self.reading.survey_interrupted();
    }

    /// Waits no longer for rows that take too long; says so where they would be.
    pub fn stop(&mut self, message: String) {
        self.reading.stop(message);
    }

    /// Rows may have come or gone: they are counted anew.
    pub fn survey_again(&mut self) {
        self.reading.survey_again();
    }

    /// About how many rows the entity has.
    pub fn take_estimate(&mut self, rows: u64) {
        self.reading.set_estimate(rows);
        if *self.filter() == Filter::All {
            self.take_total(Total { rows, is_exact: false });
        }
    }

    /// How many rows the entity has, filtered or not, once they have been counted.
    #[must_use]
    pub fn all_rows(&self) -> Option<u64> {
        self.reading.all_rows()
    }

    /// How far the counting of the filter's rows is, while it goes on.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.reading.progress()
    }

    /// Takes the rows that were asked for last.
    pub fn take(&mut self, rows: Rows, took: Duration) {
        if !self.reading.is_waiting() {
            return;
        }
        // Rows that are only going to be looked at were not waited for.
        let since = self.reading.outdated_since().or_else(|| self.waiting_since());
        if let Some(since) = since {
            self.waited = Some(since.elapsed().max(took));
        }
        self.make_room(&rows);
        let arrival = self.reading.take(rows);
        if let Some(arrival) = arrival {
            self.arrive(arrival);
            // Others may have changed or deleted what is selected.
            self.may_lack_selected = true;
            self.selection.touch();
        } else {
            self.scroll = self.scroll.clamped(self.extent());
        }
        self.follow_reach();
    }

    /// Stands where it should as other rows have taken the place of those on the screen.
    fn arrive(&mut self, arrival: Arrival) {
        self.scroll = arrival.scroll.clamped(self.extent());
        if arrival.focuses_first {
            let column = self.focus.map_or(0, |focus| focus.column);
            self.focus = self.row(0).map(|_| Focus { row: 0, column });
        } else if let Some(focus) = &mut self.focus {
            let meta = self.meta;
            let found = arrival
                .focused
                .and_then(|key| self.reading.shown().position(|row| row.key(meta) == key));
            match found {
                Some(row) => focus.row = row,
                None => self.focus = None,
            }
        }
        if let Some(row) = arrival.returns_to {
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
        self.reading.take_total(total);
        self.scroll = self.scroll.clamped(self.extent());
    }

    /// Whether the rows should be counted again, because what was read does not fit their number.
    #[must_use]
    pub fn is_miscounted(&self) -> bool {
        // What is read again is not held against it.
        !self.reading.is_outdated() && self.reading.shown().is_miscounted()
    }

    /// The rows that were asked for could not be read. What is on the screen stays.
    pub fn fail(&mut self, message: String) {
        self.reading.fail(message);
    }

    /// Tries again what could not be read, if it is time; else how long that still is.
    pub fn try_again(&mut self) -> Option<Duration> {
        self.reading.try_again()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::samples::{THINGS, things};

    fn loaded() -> Grid {
        let mut grid = Grid::new(&THINGS);
        grid.set_visible(10.0);
        assert!(grid.request().is_some());
        grid.take(things(0..100, false), Duration::ZERO);
        grid
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
        // Nobody waits for what nobody has asked for: a grid that is not on the screen asks later.
        assert!(grid.row(5).is_some() && grid.outdated_since().is_none());
        assert!(grid.request().is_some());
        assert!(grid.row(5).is_some() && grid.outdated_since().is_some());
        grid.take(things(0..3, false), Duration::ZERO);
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
        grid.take(things(30..60, false), Duration::ZERO);
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
        grid.take(things(1..100, false), Duration::ZERO);
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
        grid.take(things(1..50, true), Duration::ZERO);
        assert_eq!(grid.total(), Some(Total { rows: 99, is_exact: true }));
    }

    #[test]
    fn a_number_is_never_cut_unless_a_person_wants_it() {
        let mut grid = loaded();
        let width = |grid: &Grid| grid.columns.get(1).unwrap().width;
        let before = width(&grid);
        grid.reread(Reread::FromTop);
        assert!(grid.request().is_some());
        grid.take(things(1_000_000_000..1_000_000_001, false), Duration::ZERO);
        assert!(width(&grid) > before + 20.0);
        grid.columns.resize(1, 40.0);
        grid.reread(Reread::FromTop);
        assert!(grid.request().is_some());
        grid.take(things(1_000_000_000..1_000_000_001, false), Duration::ZERO);
        assert!((width(&grid) - 40.0).abs() < f32::EPSILON);
    }
}
