//! What can be seen of rows, by which a source knows what to read.

use super::Scroll;

/// What can be seen of the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Which rows are on the screen.
    pub scroll: Scroll,
    /// How many rows fit on it.
    pub visible: f64,
    /// Which way a person is going.
    pub direction: ScrollDirection,
}

/// Which way a person is going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScrollDirection {
    /// Towards the first row.
    Up,
    /// Towards the last row.
    #[default]
    Down,
}
