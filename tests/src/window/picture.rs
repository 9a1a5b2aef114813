//! What is to be seen in a window.

use std::fmt;

/// What is to be seen in a window, or in a part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    /// [`PIXEL`] bytes a pixel, row by row.
    pixels: Vec<u8>,
}

/// The bytes of a pixel, as X sends them.
const PIXEL: usize = 4;

/// A part of the window, apart from bars, frames and scroll bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The line a filter is typed into.
    FilterLine,
    /// The rows, as far as an open record leaves them in sight.
    Rows,
    /// The open record, or what is seen in its place.
    Record,
    /// The list of entities and saved views at the left.
    Navigation,
    /// What the bar at the bottom says has happened.
    Status,
}

/// The heights of the top bar, the filter bar with the grid's header, and the status bar; the
/// widths of the navigation and the record, with their frames: the design's own.
const TOP_BAR: usize = 48;
const ABOVE_ROWS: usize = 118;
const STATUS_BAR: usize = 50;
const NAVIGATION: usize = 196;
const RECORD: usize = 320;

impl Picture {
    pub(super) const fn new(width: usize, pixels: Vec<u8>) -> Self {
        Self { width, pixels }
    }

    /// How wide it is.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// A part of a whole window.
    #[must_use]
    pub fn part(&self, part: Part) -> Self {
        let height = self.pixels.len() / (PIXEL * self.width);
        let record = self.width.saturating_sub(RECORD);
        let bottom = height.saturating_sub(STATUS_BAR);
        let (columns, rows) = match part {
            Part::FilterLine => (NAVIGATION..self.width / 2, TOP_BAR..ABOVE_ROWS - 34),
            // The record's left frame and the scroll bar beside it are not rows.
            Part::Rows => (NAVIGATION..record.saturating_sub(24), ABOVE_ROWS..bottom),
            Part::Record => (record..self.width, TOP_BAR..bottom),
            Part::Navigation => (0..NAVIGATION * 2, TOP_BAR..bottom),
            // Where rows and times stand, at the right, something changes with every reading.
            Part::Status => (0..self.width / 2, height.saturating_sub(24)..height),
        };
        let pixels = self
            .pixels
            .chunks_exact(PIXEL * self.width)
            .take(rows.end)
            .skip(rows.start)
            .flat_map(|row| row.get(PIXEL * columns.start..PIXEL * columns.end).unwrap_or_default())
            .copied()
            .collect();
        Self { width: columns.len(), pixels }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a picture {} pixels wide of {} bytes", self.width, self.pixels.len())
    }
}
