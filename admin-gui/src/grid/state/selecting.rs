//! What selecting does to a grid.

use super::focus::{Focus, Movement};
use super::grid::RowGrid;
use super::selection::{End, ExtendColumns, MOST, NotSelected, SelectStep, Selected};
use crate::grid::source::{FIRST_ADDED, RowSource};

impl<S: RowSource> RowGrid<S> {
    /// Selects rows or cells, or takes them out of the selection.
    pub fn select(&mut self, step: SelectStep) {
        let total = self.extent().total;
        match step {
            SelectStep::Toggle(row) => self.toggle(row),
            SelectStep::ToggleTo(row) => {
                if !self.selection.toggle_to(row) {
                    self.toggle(row);
                }
            }
            SelectStep::ExtendTo { row, column, columns } => {
                let from = self.focus().unwrap_or(Focus { row, column });
                if !are_together(from.row, row) {
                    return;
                }
                self.extend(from, Focus { row, column }, columns);
                // Further extensions move this end.
                self.set_focus(Focus { row, column });
            }
            SelectStep::TurnTo(row) => {
                let key = self.source.key(row);
                if !key.is_some_and(|key| self.selection.contains(&key)) {
                    self.selection.clear();
                }
            }
            SelectStep::ToggleAll => match self.selection.state(total) {
                Selected::All => self.selection.clear(),
                Selected::None | Selected::Some => self.selection.select_all(),
            },
        }
        self.follow_reach();
    }

    /// Takes the focused row in, or out where it is in.
    pub fn toggle_focused(&mut self) {
        if let Some(focus) = self.focus() {
            self.toggle(focus.row);
        }
    }

    fn toggle(&mut self, row: u64) {
        // All rows are not those that are added.
        if row >= FIRST_ADDED && self.selection.depends_on_total() {
            return;
        }
        if let Some(end) = self.end(row) {
            self.selection.toggle(end);
        }
    }

    /// Moves the focused cell, and selects what lies between it and where that began.
    pub fn extend_by(&mut self, movement: Movement) {
        let before = self.focus();
        self.move_focus(movement);
        let Some((from, to)) = before.zip(self.focus()) else { return };
        if !are_together(from.row, to.row) {
            return self.set_focus(from);
        }
        let columns = match movement {
            Movement::Left | Movement::Right | Movement::FirstColumn | Movement::LastColumn => {
                ExtendColumns::Between
            }
            _ => ExtendColumns::AsBefore,
        };
        self.extend(from, to, columns);
        self.follow_reach();
    }

    fn extend(&mut self, from: Focus, to: Focus, columns: ExtendColumns) {
        // What is being extended goes on from where it began, whether or not that is to be seen.
        let reached = self.selection.reach().map(|reach| reach.from.clone());
        if let Some(end) = self.end(from.row).or(reached) {
            self.selection.extend((end, from.column), (to.row, to.column), columns);
        }
    }

    /// Returns a row that has been read, as one where a selection begins or ends.
    pub(in crate::grid) fn end(&self, row: u64) -> Option<End<S::Key, S::Cursor>> {
        let (key, cursor) = (self.source.key(row)?, self.source.cursor(row)?);
        Some(End { key, row, cursor })
    }

    /// Selects the rows up to where the selection is to reach, if they have been read.
    pub(in crate::grid) fn follow_reach(&mut self) {
        let Some(reach) = self.selection.reach().filter(|reach| !reach.is_asked) else { return };
        let to = reach.to;
        let Some(from) = self.position_of(&reach.from) else { return };
        if from.abs_diff(to) >= MOST {
            self.refuse(NotSelected::TooMany(MOST));
            return;
        }
        let key = |row| self.source.key(row);
        let keys: Option<Vec<S::Key>> = (from.min(to)..=from.max(to)).map(key).collect();
        if let Some(keys) = keys {
            let end = self.end(to);
            self.selection.reached(keys, end);
        }
    }

    /// Returns the number of a row, where it has been read.
    pub(in crate::grid) fn position_of(&self, end: &End<S::Key, S::Cursor>) -> Option<u64> {
        let is_there = self.source.key(end.row).is_some_and(|key| key == end.key);
        if is_there { Some(end.row) } else { self.source.find(&end.key) }
    }

    /// Gives up the selecting under way, and keeps why, which is to be said.
    pub(in crate::grid) fn refuse(&mut self, why: NotSelected) {
        self.selection.give_up();
        self.not_selected = Some(why);
    }

    /// Returns why rows were not selected, once.
    pub const fn take_not_selected(&mut self) -> Option<NotSelected> {
        self.not_selected.take()
    }

    /// Returns whether a row is selected, at least in part; all rows are not those that are added.
    #[must_use]
    pub fn is_selected(&self, row: u64, key: &S::Key) -> bool {
        let is_all = self.selection.depends_on_total();
        self.selection.contains(key) && !(is_all && row >= FIRST_ADDED)
    }

    /// Returns how many rows are selected.
    #[must_use]
    pub fn selected(&self) -> u64 {
        self.selection.count(self.extent().total)
    }

    /// Returns whether it is not known yet which rows are selected: they are still being found.
    #[must_use]
    pub const fn is_selecting(&self) -> bool {
        self.selection.reach().is_some()
    }
}

/// Returns whether two rows can be selected by going from one to the other: added rows stand apart.
const fn are_together(one: u64, other: u64) -> bool {
    (one >= FIRST_ADDED) == (other >= FIRST_ADDED)
}
