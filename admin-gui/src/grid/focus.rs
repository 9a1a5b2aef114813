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
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    FirstColumn,
    LastColumn,
    FirstCell,
    LastCell,
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

impl Movement {
    /// The movement that a key means in a grid; shift makes it extend the selection.
    #[must_use]
    pub const fn of_key(key: egui::Key, modifiers: egui::Modifiers) -> Option<Self> {
        use egui::Key;
        if modifiers.alt {
            return None;
        }
        Some(match (modifiers.command, key) {
            (false, Key::ArrowUp) => Self::Up,
            (false, Key::ArrowDown) => Self::Down,
            (false, Key::ArrowLeft) => Self::Left,
            (false, Key::ArrowRight) => Self::Right,
            (false, Key::PageUp) => Self::PageUp,
            (false, Key::PageDown) => Self::PageDown,
            (false, Key::Home) => Self::FirstColumn,
            (false, Key::End) => Self::LastColumn,
            (true, Key::Home | Key::ArrowUp) => Self::FirstCell,
            (true, Key::End | Key::ArrowDown) => Self::LastCell,
            _ => return None,
        })
    }
}

impl Focus {
    /// The cell after a step; the same one at the table's edge.
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
            ] {
                let cell = start.moved(movement, BOUNDS);
                assert!(cell.row < 100 && cell.column < 5, "{start:?} {movement:?}: {cell:?}");
            }
        }
    }

    #[test]
    fn a_page_is_what_fits_on_the_screen() {
        let cell = Focus { row: 10, column: 2 };
        assert_eq!(cell.moved(Movement::PageDown, BOUNDS), Focus { row: 34, column: 2 });
        assert_eq!(cell.moved(Movement::PageUp, BOUNDS), Focus { row: 0, column: 2 });
    }
}
