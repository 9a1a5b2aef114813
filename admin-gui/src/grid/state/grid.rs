//! The state of a grid: where it stands among the rows of its source.

use std::ops::Range;
use std::time::{Duration, Instant};

use persistence::{Direction, Order, OrderTerm};

use super::columns::{Columns, GridColumn};
use super::fling::Fling;
use super::focus::{Bounds, Focus, Movement};
use super::selection::{NotSelected, Selection};
use crate::grid::source::{
    Extent, FIRST_ADDED, LoadError, Progress, Restore, RowSource, Scroll, ScrollDirection, Total,
    Viewport,
};
use crate::tasks::{Labels, ListedRow};

/// A grid over the rows of a source.
#[derive(Debug)]
pub struct RowGrid<S: RowSource> {
    /// The columns.
    pub columns: Columns,
    /// How far it is scrolled to the right, in points.
    pub horizontal: f32,
    /// How it goes on scrolling after a finger has let go.
    pub fling: Fling,
    scroll: Scroll,
    direction: ScrollDirection,
    visible: f64,
    /// The first of the added rows that can be seen, counted from 0, and how many can.
    added: (u64, u64),
    focus: Option<Focus>,
    /// Whether the focused column is to be scrolled to.
    reveals_column: bool,
    /// The selected rows.
    pub selection: Selection<S::Key, S::Cursor>,
    /// Why rows were not selected, until that has been said.
    pub(in crate::grid) not_selected: Option<NotSelected>,
    /// Whether selected rows may be gone.
    pub(in crate::grid) may_lack_selected: bool,
    /// The column whose header was clicked last, by its position, until a cell is focused.
    header: Option<usize>,
    /// The rows.
    pub(in crate::grid) source: S,
    /// How long a person waited for the rows on the screen.
    pub(in crate::grid) waited: Option<Duration>,
}

/// How a click on a header changes the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// By this column alone.
    Alone,
    /// By the columns so far, then by this one.
    AsWell,
}

impl<S: RowSource> RowGrid<S> {
    /// Makes a grid that stands at the first row.
    #[must_use]
    pub fn from_source(source: S) -> Self {
        let mut columns = Columns::new(source.columns());
        let rows = (0..source.length()).map_while(|row| source.row(row));
        columns.make_room_for_values(rows.map(|(row, _)| row));
        Self {
            columns,
            horizontal: 0.0,
            fling: Fling::default(),
            scroll: Scroll::default(),
            direction: ScrollDirection::default(),
            visible: 1.0,
            added: (0, 0),
            focus: None,
            reveals_column: false,
            selection: Selection::default(),
            not_selected: None,
            may_lack_selected: false,
            header: None,
            source,
            waited: None,
        }
    }

    /// Returns the source of the rows.
    #[must_use]
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// Returns the order of the rows.
    #[must_use]
    pub fn order(&self) -> &Order {
        self.source.order()
    }

    /// Returns the place of a column among those it is sorted by, counted from 1, and its
    /// direction.
    #[must_use]
    pub fn sorted(&self, column: &str) -> Option<(usize, Direction)> {
        let terms = &self.order().0;
        let place = terms.iter().position(|term| term.column == column)?;
        Some((place + 1, terms.get(place)?.direction))
    }

    /// Sorts as a click on a column's header does: ascending, descending, not at all.
    pub fn sort(&mut self, position: usize, how: SortBy) {
        let Some(column) = self.columns.named(position) else { return };
        let mut order = self.order().clone();
        let place = order.0.iter().position(|term| term.column == column);
        let direction = place.and_then(|place| order.0.get(place)).map(|term| term.direction);
        let next = match direction {
            None => Some(Direction::Ascending),
            Some(Direction::Ascending) => Some(Direction::Descending),
            Some(Direction::Descending) => None,
        };
        let term = next.map(|direction| OrderTerm { column, direction });
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
            if let Some(restore) = self.source.set_order(order, focused) {
                self.restore(restore);
            }
        }
    }

    /// Returns the order after a column has been chosen in its menu: by it alone, or by what it is
    /// sorted by and then by it.
    #[must_use]
    pub fn order_by(&self, position: usize, direction: Direction, how: SortBy) -> Order {
        let mut order = match how {
            SortBy::Alone => Order::default(),
            SortBy::AsWell => self.order().clone(),
        };
        let Some(column) = self.columns.named(position) else { return order };
        match order.0.iter_mut().find(|other| other.column == column) {
            Some(other) => other.direction = direction,
            None => order.0.push(OrderTerm { column, direction }),
        }
        order
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

    /// Moves the selection with the columns of its cells, which may stand elsewhere or not be shown
    /// any more.
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

    /// Returns the column that a person has in hand: that of the header that was clicked last, else
    /// that of the focused cell, else the first.
    #[must_use]
    pub fn column_in_hand(&self) -> Option<&GridColumn> {
        let header = self.header.and_then(|position| self.columns.place_of(position));
        self.columns.get(header.or(self.focus.map(|focus| focus.column)).unwrap_or_default())
    }

    /// Takes a column in hand by its header.
    pub const fn turn_to_column(&mut self, position: usize) {
        self.header = Some(position);
    }

    /// Shows the rows in the order that they have by themselves again.
    pub fn clear_order(&mut self) {
        self.set_order(Order::default());
    }

    /// Returns what identifies the focused row.
    #[must_use]
    pub fn focused_key(&self) -> Option<S::Key> {
        self.source.key(self.focus?.row)
    }

    /// Returns why the rows could not be read.
    #[must_use]
    pub fn load_error(&self) -> Option<&LoadError> {
        self.source.load_error()
    }

    /// Returns since when what is on the screen has been out of date.
    #[must_use]
    pub fn outdated_since(&self) -> Option<Instant> {
        self.source.outdated_since()
    }

    /// Returns since when rows that can be seen have been waited for.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Instant> {
        self.source.waiting_since().filter(|_| self.lacks_rows())
    }

    /// Returns whether rows that should be on the screen are not there, or out of date.
    fn lacks_rows(&self) -> bool {
        let mut rows = self.scroll.rows(self.extent());
        self.source.is_outdated() || self.is_blank() || rows.any(|row| self.row(row).is_none())
    }

    /// Returns whether nothing has been read so far.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.source.is_blank()
    }

    /// Returns how long a person waited for the rows on the screen: from asking for them, by a sort
    /// or a jump, until they were there.
    #[must_use]
    pub const fn waited(&self) -> Option<Duration> {
        self.waited
    }

    /// Returns how many rows there are, where that is known.
    #[must_use]
    pub fn total(&self) -> Option<Total> {
        self.source.total()
    }

    /// Returns how many rows can be scrolled over and how many can be seen.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent { total: self.source.length(), visible: self.visible }
    }

    /// Returns where it stands.
    #[must_use]
    pub const fn scroll(&self) -> Scroll {
        self.scroll
    }

    /// Goes to another place.
    pub fn scroll_to(&mut self, scroll: Scroll) {
        let before = self.scroll.top;
        self.scroll = scroll.clamped(self.extent());
        self.note_direction(before);
    }

    fn note_direction(&mut self, before: u64) {
        match self.scroll.top.cmp(&before) {
            std::cmp::Ordering::Less => self.direction = ScrollDirection::Up,
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => self.direction = ScrollDirection::Down,
        }
    }

    /// Sets how many rows fit on the screen.
    pub fn set_visible(&mut self, rows: f64) {
        self.visible = rows.max(1.0);
        self.clamp();
    }

    /// Returns the focused cell.
    #[must_use]
    pub const fn focus(&self) -> Option<Focus> {
        self.focus
    }

    /// Focuses a cell and scrolls to it if it is out of sight.
    pub fn set_focus(&mut self, focus: Focus) {
        self.focus = Some(focus);
        self.header = None;
        if let Some(place) = focus.row.checked_sub(FIRST_ADDED) {
            let (top, shown) = self.added;
            let lowest = (place + 1).saturating_sub(shown.max(1));
            return self.scroll_added_to(top.clamp(lowest, place));
        }
        let before = self.scroll.top;
        self.scroll = self.scroll.revealing(focus.row, self.extent());
        self.note_direction(before);
    }

    /// Scrolls to the focused column as soon as it is known how much room there is.
    pub const fn reveal_column(&mut self) {
        self.reveals_column = true;
    }

    /// Returns the column that is to be scrolled to, once.
    pub(in crate::grid) fn take_revealed(&mut self) -> Option<usize> {
        let reveals = std::mem::take(&mut self.reveals_column);
        self.focus.filter(|_| reveals).map(|focus| focus.column)
    }

    /// Returns the added rows that can be seen, by their numbers.
    #[must_use]
    pub fn shown_added(&self) -> Range<u64> {
        let (top, shown) = self.added;
        FIRST_ADDED + top..FIRST_ADDED + (top + shown).min(self.source.added())
    }

    /// Sets how many added rows can be seen.
    pub fn set_shown_added(&mut self, rows: u64) {
        self.added.1 = rows;
        self.scroll_added_to(self.added.0);
    }

    /// Shows the added rows from one on, counted from 0, as far as the end allows.
    pub fn scroll_added_to(&mut self, top: u64) {
        let (_, shown) = self.added;
        self.added.0 = top.min(self.source.added().saturating_sub(shown));
    }

    /// Focuses a row, and shows it in the middle unless it can be seen.
    pub fn go_to_row(&mut self, row: u64) {
        let extent = self.extent();
        let is_added = row >= FIRST_ADDED;
        let row = match row.checked_sub(FIRST_ADDED) {
            Some(_) if self.source.added() == 0 => self.scroll.top,
            Some(place) => FIRST_ADDED + place.min(self.source.added() - 1),
            None => row.min(extent.total.saturating_sub(1)),
        };
        let is_added = is_added && self.source.added() > 0;
        if !is_added && !self.scroll.whole_rows(extent).contains(&row) {
            let middle = Scroll { top: row, fraction: 0.0 }.moved(-extent.visible / 2.0, extent);
            self.scroll_to(middle);
        }
        let column = self.focus.map_or(0, |focus| focus.column);
        self.set_focus(Focus { row, column });
    }

    /// Moves the focused cell; the first step focuses the topmost one.
    pub fn move_focus(&mut self, movement: Movement) {
        let extent = self.extent();
        let added = self.source.added();
        let bounds = Bounds {
            rows: extent.total + added,
            columns: self.columns.len(),
            page: self.scroll.whole_rows(extent).count() as u64,
        };
        if bounds.rows == 0 || bounds.columns == 0 {
            return;
        }
        // The added rows follow the others.
        let place = |focus: Focus| match focus.row.checked_sub(FIRST_ADDED) {
            Some(place) => Focus { row: extent.total + place, ..focus },
            None => focus,
        };
        let topmost = Focus { row: self.scroll.whole_rows(extent).start, column: 0 };
        let moved = match (self.focus, movement) {
            (Some(focus), _) => place(focus).moved(movement, bounds),
            (None, Movement::FirstCell | Movement::LastCell) => topmost.moved(movement, bounds),
            (None, _) => topmost,
        };
        self.set_focus(match moved.row.checked_sub(extent.total) {
            Some(place) => Focus { row: FIRST_ADDED + place, ..moved },
            None => moved,
        });
    }

    /// Returns a row on the screen, by its number.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<(&ListedRow, &Labels)> {
        self.source.row(row)
    }

    /// Returns the focused row, unless it is one of those that are added.
    #[must_use]
    pub fn focused_row(&self) -> Option<(&ListedRow, &Labels)> {
        self.row(self.focus.filter(|focus| focus.row < FIRST_ADDED)?.row)
    }

    /// Returns what should be read now, if anything new.
    pub fn request(&mut self) -> Option<S::Request> {
        let Self { scroll, visible, direction, .. } = *self;
        self.source.request(Viewport { scroll, visible, direction })
    }

    /// Returns how far the finding of the rows is, while it goes on.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.source.progress()
    }

    /// Restores the place and the focus, as other rows have taken the place of those on the screen.
    pub(in crate::grid) fn restore(&mut self, restore: Restore<S::Key>) {
        self.scroll = restore.scroll.clamped(self.extent());
        if restore.focuses_first {
            let column = self.focus.map_or(0, |focus| focus.column);
            self.focus = self.row(0).map(|_| Focus { row: 0, column });
        } else if let Some(focus) = &mut self.focus {
            match restore.focused.and_then(|key| self.source.find(&key)) {
                Some(row) => focus.row = row,
                None => self.focus = None,
            }
        }
        if let Some(row) = restore.returns_to {
            self.go_to_row(row);
        }
    }

    /// Keeps the place among the rows there are, now that these may be others.
    pub(in crate::grid) fn clamp(&mut self) {
        self.scroll = self.scroll.clamped(self.extent());
    }
}
