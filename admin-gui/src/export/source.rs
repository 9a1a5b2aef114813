//! Which rows are taken.

use std::ops::Range;

use persistence::{Cursor, EntityMeta, Query, RecordKey};

/// Which rows are taken, in which order.
#[derive(Clone, Debug)]
pub struct Source {
    /// The entity.
    pub meta: &'static EntityMeta,
    /// The rows to choose from and their order; no more than its limit.
    pub query: Query,
    /// Which of the query's rows.
    pub rows: Rows,
}

/// Which of a query's rows.
#[derive(Clone, Debug, Default)]
pub enum Rows {
    /// All of them.
    #[default]
    All,
    /// Those in these ranges, which are in order and apart.
    Ranges(Vec<RowRange>),
}

/// Neighbouring rows of a query.
#[derive(Clone, Debug)]
pub struct RowRange {
    /// Their numbers, counted from 0.
    pub rows: Range<u64>,
    /// The first of them and where it was when it was chosen: the range then begins there, whatever
    /// has come or gone before it.
    pub first: Option<(RecordKey, Cursor)>,
    /// A place before them, and how many rows there are up to it: a short way to the first where
    /// that is not known.
    pub after: Option<(u64, Cursor)>,
}

impl RowRange {
    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.rows.end.saturating_sub(self.rows.start)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Source {
    /// How many rows are taken, where that need not be counted.
    #[must_use]
    pub fn known_count(&self) -> Option<u64> {
        match &self.rows {
            Rows::All => None,
            Rows::Ranges(ranges) => Some(ranges.iter().map(RowRange::len).sum()),
        }
    }
}
