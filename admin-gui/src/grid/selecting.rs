//! What selecting does to a grid, and what is taken of it then.

use persistence::Query;

use super::selection::{ExtendColumns, SelectStep, Selected};
use super::{Focus, Grid, Movement};
use crate::export::{RowRange, Rows, Source};

impl Grid {
    /// Selects, or does the opposite.
    pub fn select(&mut self, step: SelectStep) {
        let total = self.extent().total;
        match step {
            SelectStep::Toggle(row) => self.selection.toggle(row),
            SelectStep::ToggleTo(row) => self.selection.toggle_to(row),
            SelectStep::ExtendTo { row, column, columns } => {
                let from = self.focus().map_or((row, column), |focus| (focus.row, focus.column));
                self.selection.extend(from, (row, column), columns);
                // Further extensions move this end.
                self.set_focus(Focus { row, column });
            }
            SelectStep::TurnTo(row) => {
                if !self.selection.contains(row) {
                    self.selection.clear();
                }
            }
            SelectStep::ToggleAll => match self.selection.state(total) {
                Selected::All => self.selection.clear(),
                Selected::None | Selected::Some => self.selection.select_all(),
            },
        }
    }

    /// Takes the focused row in, or out where it is in.
    pub fn toggle_focused(&mut self) {
        if let Some(focus) = self.focus() {
            self.selection.toggle(focus.row);
        }
    }

    /// Moves the focused cell, and selects what lies between it and where that began.
    pub fn extend_by(&mut self, movement: Movement) {
        let before = self.focus();
        self.move_focus(movement);
        let Some((from, to)) = before.zip(self.focus()) else { return };
        let columns = match movement {
            Movement::Left | Movement::Right | Movement::FirstColumn | Movement::LastColumn => {
                ExtendColumns::Between
            }
            _ => ExtendColumns::AsBefore,
        };
        self.selection.extend((from.row, from.column), (to.row, to.column), columns);
    }

    /// How many rows are selected.
    #[must_use]
    pub fn selected(&self) -> u64 {
        self.selection.count(self.extent().total)
    }

    /// What it shows, from the first row to the last.
    #[must_use]
    pub fn query(&self) -> Query {
        <Query>::new().filter(self.filter().clone()).order(self.order().clone())
    }

    /// The selected rows; the focused one where none is selected, `None` where there is none
    /// either.
    #[must_use]
    pub fn selected_rows(&self) -> Option<Source> {
        let rows = if self.selection.is_everything() {
            Rows::All
        } else if self.selection.is_empty() {
            let row = self.focus()?.row;
            Rows::Ranges(vec![self.range(row..row + 1)])
        } else {
            let ranges = self.selection.ranges(self.extent().total);
            Rows::Ranges(ranges.map(|rows| self.range(rows)).collect())
        };
        Some(Source { meta: self.meta(), query: self.query(), rows })
    }

    /// Rows by their numbers, and the shortest way to the first of them.
    fn range(&self, rows: std::ops::Range<u64>) -> RowRange {
        let first = self.row(rows.start).and_then(|(row, _)| {
            // Rows that have been read have a place in the order that they were read in.
            let place = row.place(self.meta(), self.order()).ok()?;
            Some((row.key(self.meta()), place))
        });
        RowRange { first, after: self.place_before(rows.start), rows }
    }
}
