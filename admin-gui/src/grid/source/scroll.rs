//! Where a long table stands: a 64-bit row and a fraction of a row, exact at any length.

use std::ops::Range;

/// How long the table is and how much of it fits on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Rows of the table.
    pub total: u64,
    /// Rows that fit on the screen, the last one perhaps in part.
    pub visible: f64,
}

/// The place of the screen's upper edge.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    /// The topmost row that can be seen.
    pub top: u64,
    /// How much of that row is already above the edge, from 0 to less than 1.
    pub fraction: f64,
}

/// A scroll bar's handle, both from 0 to 1 of the bar's length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Handle {
    /// Where the handle starts.
    pub start: f64,
    /// How long it is.
    pub length: f64,
}

impl Extent {
    /// Returns the place where the last row touches the lower edge.
    #[must_use]
    pub fn end(self) -> Scroll {
        let whole = floor(self.visible);
        let part = self.visible - self.visible.floor();
        if self.total <= whole {
            Scroll::default()
        } else if part == 0.0 {
            Scroll { top: self.total - whole, fraction: 0.0 }
        } else {
            Scroll { top: self.total - whole - 1, fraction: 1.0 - part }
        }
    }
}

impl Scroll {
    /// Returns the place at the start of a row, or as near to it as the table's end allows.
    #[must_use]
    pub fn at_row(row: u64, extent: Extent) -> Self {
        Self { top: row, fraction: 0.0 }.clamped(extent)
    }

    /// Returns the place so many rows away: down where positive.
    #[must_use]
    pub fn moved(self, rows: f64, extent: Extent) -> Self {
        let target = self.fraction + rows;
        let whole = target.floor();
        let top = if whole < 0.0 {
            let up = floor(-whole);
            if up > self.top {
                return Self::default();
            }
            self.top - up
        } else {
            self.top.saturating_add(floor(whole))
        };
        Self { top, fraction: target - whole }.clamped(extent)
    }

    /// Returns the place moved as little as possible so that a row can be seen whole.
    #[must_use]
    pub fn revealing(self, row: u64, extent: Extent) -> Self {
        let row = row.min(extent.total.saturating_sub(1));
        if row < self.top || (row == self.top && self.fraction > 0.0) {
            return Self::at_row(row, extent);
        }
        let lowest = Extent { total: row + 1, ..extent }.end();
        if lowest.is_below(self) { lowest } else { self }
    }

    /// Returns the rows that can be seen, in part or whole.
    #[must_use]
    pub fn rows(self, extent: Extent) -> Range<u64> {
        let below = floor((self.fraction + extent.visible).ceil());
        self.top..self.top.saturating_add(below).min(extent.total)
    }

    /// Returns the rows that can be seen whole.
    #[must_use]
    pub fn whole_rows(self, extent: Extent) -> Range<u64> {
        let first = if self.fraction > 0.0 { self.top + 1 } else { self.top };
        let below = floor((self.fraction + extent.visible).floor());
        first.min(extent.total)..self.top.saturating_add(below).min(extent.total)
    }

    /// Returns the scroll bar's handle, no shorter than the given share of the bar.
    #[must_use]
    pub fn handle(self, extent: Extent, shortest: f64) -> Handle {
        let range = range(extent);
        if range <= 0.0 {
            return Handle { start: 0.0, length: 1.0 };
        }
        let length = (extent.visible / as_float(extent.total)).clamp(shortest.min(1.0), 1.0);
        let done = ((as_float(self.top) + self.fraction) / range).clamp(0.0, 1.0);
        Handle { start: done * (1.0 - length), length }
    }

    /// Returns the place for a handle that starts at a share of the bar.
    #[must_use]
    pub fn of_handle(start: f64, length: f64, extent: Extent) -> Self {
        let free = 1.0 - length;
        let done = if free > 0.0 { (start / free).clamp(0.0, 1.0) } else { 0.0 };
        if done >= 1.0 {
            return extent.end();
        }
        let target = done * range(extent);
        Self { top: floor(target), fraction: target - target.floor() }.clamped(extent)
    }

    /// Returns the nearest place the table has.
    #[must_use]
    pub fn clamped(self, extent: Extent) -> Self {
        let end = extent.end();
        if self.is_below(end) { end } else { self }
    }

    fn is_below(self, other: Self) -> bool {
        (self.top, self.fraction) > (other.top, other.fraction)
    }
}

/// Returns how many rows lie between the first place and the last.
fn range(extent: Extent) -> f64 {
    as_float(extent.total) - extent.visible
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 rows, and then only a share")]
const fn as_float(rows: u64) -> f64 {
    rows as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates: negative and not-a-number become 0"
)]
const fn floor(rows: f64) -> u64 {
    rows as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Extent = Extent { total: 10_000_000, visible: 24.5 };

    #[test]
    fn a_step_of_a_fifth_of_a_row_moves_exactly_that_at_the_far_end_of_ten_million_rows() {
        let mut place = Scroll::at_row(9_999_000, LONG);
        for step in 1..=5 {
            place = place.moved(0.2, LONG);
            let moved = as_float(place.top - 9_999_000) + place.fraction;
            assert!((moved - f64::from(step) * 0.2).abs() < 1e-9, "{place:?}");
        }
        assert_eq!(place.top, 9_999_001);
    }

    #[test]
    fn the_last_row_stops_at_the_lower_edge() {
        let end = Scroll::default().moved(1e12, LONG);
        assert_eq!(end, Scroll { top: 9_999_975, fraction: 0.5 });
        assert_eq!(end.rows(LONG), 9_999_975..10_000_000);
    }

    #[test]
    fn nothing_scrolls_past_the_first_row() {
        assert_eq!(Scroll { top: 3, fraction: 0.25 }.moved(-3.5, LONG), Scroll::default());
        assert_eq!(
            Scroll { top: 3, fraction: 0.25 }.moved(-3.25, LONG),
            Scroll { top: 0, fraction: 0.0 }
        );
    }

    #[test]
    fn a_short_table_does_not_scroll() {
        let short = Extent { total: 3, visible: 24.5 };
        assert_eq!(Scroll::default().moved(5.0, short), Scroll::default());
        assert_eq!(Scroll::default().handle(short, 0.02), Handle { start: 0.0, length: 1.0 });
        assert_eq!(Scroll::default().rows(short), 0..3);
    }

    #[test]
    fn revealing_a_row_moves_no_more_than_needed() {
        let place = Scroll { top: 100, fraction: 0.0 };
        assert_eq!(place.revealing(110, LONG), place);
        assert_eq!(place.revealing(99, LONG), Scroll { top: 99, fraction: 0.0 });
        assert_eq!(place.revealing(124, LONG), Scroll { top: 100, fraction: 0.5 });
        let inside = Scroll { top: 100, fraction: 0.5 };
        assert_eq!(inside.revealing(100, LONG), Scroll { top: 100, fraction: 0.0 });
    }

    #[test]
    fn the_handle_goes_from_one_end_of_the_bar_to_the_other_and_back() {
        let first = Scroll::default().handle(LONG, 0.05);
        assert_eq!(first, Handle { start: 0.0, length: 0.05 });
        let last = LONG.end().handle(LONG, 0.05);
        assert!((last.start - 0.95).abs() < 1e-12);
        for row in [0, 1, 5_000_000, 9_999_000] {
            let place = Scroll::at_row(row, LONG);
            let handle = place.handle(LONG, 0.05);
            let back = Scroll::of_handle(handle.start, handle.length, LONG);
            assert!(back.top.abs_diff(row) <= 1, "{row} became {back:?}");
        }
        assert_eq!(Scroll::of_handle(0.95, 0.05, LONG), LONG.end());
    }

    #[test]
    fn whole_rows_leave_out_the_cut_ones() {
        let place = Scroll { top: 10, fraction: 0.5 };
        assert_eq!(place.rows(LONG), 10..35);
        assert_eq!(place.whole_rows(LONG), 11..35);
        let place = Scroll { top: 10, fraction: 0.25 };
        assert_eq!(place.whole_rows(LONG), 11..34);
    }
}
