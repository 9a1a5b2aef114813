//! The one focused cell, and how keys move it.

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Focus {
    /// The row's number.
    pub row: u64,
    /// The column's place in the grid.
    pub column: usize,
}

/// A step of the focused cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One column to the left.
    Left,
    /// One column to the right.
    Right,
    /// As many rows up as fit on the screen.
    PageUp,
    /// As many rows down as fit on the screen.
    PageDown,
    /// The row's first column.
    FirstColumn,
    /// The row's last column.
    LastColumn,
    /// The first column of the first row.
    FirstCell,
    /// The last column of the last row.
    LastCell,
    /// The next cell as one reads.
    Next,
    /// The cell before, as one reads.
    Previous,
}

/// How far the focused cell can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Rows of the table.
    pub rows: u64,
    /// Columns of the grid.
    pub columns: usize,
    /// Rows of a page.
    pub page: u64,
}

impl Focus {
    /// Returns the cell after a step; the same one at the table's edge.
    #[must_use]
    pub fn moved(self, movement: Movement, bounds: Bounds) -> Self {
        let last_row = bounds.rows.saturating_sub(1);
        let last_column = bounds.columns.saturating_sub(1);
        let page = bounds.page.max(1);
        let Self { row, column } = self;
        let (row, column) = match movement {
            Movement::Up => (row.saturating_sub(1), column),
            Movement::Down => (row.saturating_add(1), column),
            Movement::Left => (row, column.saturating_sub(1)),
            Movement::Right => (row, column.saturating_add(1)),
            Movement::PageUp => (row.saturating_sub(page), column),
            Movement::PageDown => (row.saturating_add(page), column),
            Movement::FirstColumn => (row, 0),
            Movement::LastColumn => (row, last_column),
            Movement::FirstCell => (0, 0),
            Movement::LastCell => (last_row, last_column),
            Movement::Next if column < last_column => (row, column + 1),
            Movement::Next if row < last_row => (row + 1, 0),
            Movement::Previous if column > 0 => (row, column - 1),
            Movement::Previous if row > 0 => (row - 1, last_column),
            Movement::Next | Movement::Previous => (row, column),
        };
        Self { row: row.min(last_row), column: column.min(last_column) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { rows: 100, columns: 5, page: 24 };

    #[test]
    fn no_step_leaves_the_table() {
        for start in [Focus { row: 0, column: 0 }, Focus { row: 99, column: 4 }] {
            for movement in [
                Movement::Up,
                Movement::Down,
                Movement::Left,
                Movement::Right,
                Movement::PageUp,
                Movement::PageDown,
                Movement::FirstCell,
                Movement::LastCell,
                Movement::Next,
                Movement::Previous,
            ] {
                let cell = start.moved(movement, BOUNDS);
                assert!(cell.row < 100 && cell.column < 5, "{start:?} {movement:?}: {cell:?}");
            }
        }
    }

    #[test]
    fn tab_goes_on_in_the_next_row() {
        let end = Focus { row: 10, column: 4 };
        let start = Focus { row: 11, column: 0 };
        assert_eq!(end.moved(Movement::Next, BOUNDS), start);
        assert_eq!(start.moved(Movement::Previous, BOUNDS), end);
    }

    #[test]
    fn a_page_is_what_fits_on_the_screen() {
        let cell = Focus { row: 10, column: 2 };
        assert_eq!(cell.moved(Movement::PageDown, BOUNDS), Focus { row: 34, column: 2 });
        assert_eq!(cell.moved(Movement::PageUp, BOUNDS), Focus { row: 0, column: 2 });
    }
}
