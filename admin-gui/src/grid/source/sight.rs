//! What can be seen of rows, by which a source knows what to read.

use super::Scroll;

/// What can be seen of the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// Which rows are on the screen.
    pub scroll: Scroll,
    /// How many rows fit on it.
    pub visible: f64,
    /// Which way a person is going.
    pub heading: Heading,
}

/// Which way a person is going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heading {
    /// Towards the first row.
    Up,
    /// Towards the last row.
    #[default]
    Down,
}
