//! Where a grid's rows come from: what painting, focus, selection and scrolling know of it.

mod column;
mod load_error;
mod restore;
mod scroll;
#[cfg(test)]
mod scroll_properties;
mod viewport;

use std::fmt::Debug;
use std::hash::Hash;
use std::time::Instant;

use persistence::Order;

use crate::tasks::{ImagePlace, Labels, ListedRow};

pub use column::{EntityColumn, Offers, SourceColumn};
pub use load_error::LoadError;
pub use restore::Restore;
pub use scroll::{Extent, Scroll};
pub use viewport::{ScrollDirection, Viewport};

/// The number of the first of the [added](RowSource::added) rows, however many others there are.
pub const FIRST_ADDED: u64 = 1 << 63;

/// Rows in an order, numbered from 0, of which some or all are at hand.
///
/// A grid paints rows, moves a focused cell over them, selects and scrolls them. For this it need not
/// know whether they are read page by page or lie in memory, how they are found and counted, or
/// whether they are rows of an entity at all. What it asks is here, and each answer is given at once:
/// a source that has to read says what it lacks ([`request`](Self::request)), and whoever owns the
/// grid asks for it.
pub trait RowSource: Debug {
    /// What identifies a row, wherever it stands: its primary key, or a number where it has none.
    type Key: Clone + Debug + Eq + Hash;
    /// What is remembered of a row so that the rows from there on are found when it is no longer at
    /// hand.
    type Cursor: Clone + Debug;
    /// What it lacks; [`Infallible`](std::convert::Infallible) where that is never anything.
    type Request;

    /// Returns what tells it from the sources of other grids on the screen.
    fn id(&self) -> &str;

    /// Returns the columns as they usually stand, with their positions among the values of a row. No
    /// two have one name.
    fn columns(&self) -> Vec<(usize, SourceColumn)>;

    /// Returns a row and what its references are called; `None` while it is not at hand: why, say
    /// [`load_error`](Self::load_error) and [`progress`](Self::progress).
    fn row(&self, row: u64) -> Option<(&ListedRow, &Labels)>;

    /// Returns what identifies a row, where it is at hand.
    fn key(&self, row: u64) -> Option<Self::Key>;

    /// Returns the number of a row, where it is at hand.
    fn find(&self, key: &Self::Key) -> Option<u64>;

    /// Returns what is to be remembered of a row, where it is at hand.
    fn cursor(&self, row: u64) -> Option<Self::Cursor>;

    /// Returns how many rows there are, where that is known or guessed.
    fn total(&self) -> Option<Total>;

    /// Returns how many rows there are, or, while that is not known, up to where they may be scrolled.
    fn length(&self) -> u64;

    /// Returns how many rows stand below the others and do not scroll with them; they are numbered from
    /// [`FIRST_ADDED`].
    fn added(&self) -> u64 {
        0
    }

    /// Returns the order of the rows.
    fn order(&self) -> &Order;

    /// Puts the rows in another order, of columns that can be sorted by. Returns where to stand, where
    /// they stand in it at once; `focused` is the row to be found again.
    fn set_order(&mut self, order: Order, focused: Option<Self::Key>)
    -> Option<Restore<Self::Key>>;

    /// Returns what should be read now for what can be seen, if that is anything new.
    fn request(&mut self, viewport: Viewport) -> Option<Self::Request>;

    /// Returns whether nothing has been read so far, not even that there are no rows.
    fn is_blank(&self) -> bool {
        false
    }

    /// Returns why rows could not be read.
    fn load_error(&self) -> Option<&LoadError> {
        None
    }

    /// Returns whether the rows on the screen will be replaced by others.
    fn is_outdated(&self) -> bool {
        false
    }

    /// Returns since when what is on the screen has been out of date, and other rows waited for.
    fn outdated_since(&self) -> Option<Instant> {
        None
    }

    /// Returns since when rows have been waited for, on the screen or not.
    fn waiting_since(&self) -> Option<Instant> {
        None
    }

    /// Returns how far the finding of the rows is, while it goes on and that can be told.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Returns where the image in a row's cell is to be had, if it is one that can be shown.
    fn image(&self, _row: &ListedRow, _position: usize) -> Option<ImagePlace> {
        None
    }
}

/// How many rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// So many.
    pub rows: u64,
    /// Whether they have been counted.
    pub is_exact: bool,
}

/// How far the finding of rows is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Rows found so far.
    pub found: u64,
    /// The part of the work that is done, from 0 to 1.
    pub share: f32,
}
