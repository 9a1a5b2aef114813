//! Where a grid stands as soon as other rows have come.

use super::Scroll;

/// Where to stand as soon as rows that are read again have come.
#[derive(Clone, Debug, PartialEq)]
pub struct Restore<K> {
    /// Which rows are on the screen.
    pub scroll: Scroll,
    /// The row to find and focus again.
    pub focused: Option<K>,
    /// The number of the row to go to.
    pub returns_to: Option<u64>,
    /// Whether the first row is focused, because they are the rows of another filter.
    pub focuses_first: bool,
}

impl<K> Default for Restore<K> {
    fn default() -> Self {
        Self { scroll: Scroll::default(), focused: None, returns_to: None, focuses_first: false }
    }
}
