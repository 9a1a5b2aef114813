//! What selecting does to a grid, and what is taken of it then.

use std::collections::HashSet;

use persistence::{Query, RecordKey};

use super::selection::{Chosen, End, ExtendColumns, MOST, SelectStep, Selected};
use super::{Focus, Grid, Movement};
use crate::tasks::{Change, FindBetween, FindGone};
use transfer::export::{Rows, Source};

/// Why rows were not selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSelected {
    /// They are more than so many.
    TooMany(u64),
    /// Where they begin or end was not found any more.
    Moved,
}

impl Grid {
    /// Selects, or does the opposite.
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
                self.extend(from, Focus { row, column }, columns);
                // Further extensions move this end.
                self.set_focus(Focus { row, column });
            }
            SelectStep::TurnTo(row) => {
                let is_selected = self
                    .row(row)
                    .is_some_and(|(row, _)| self.selection.contains(&row.key(self.meta())));
                if !is_selected {
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
        if let Some(end) = self.end(row) {
            self.selection.toggle(end);
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

    /// A row that has been read, as one where a selection begins or ends.
    fn end(&self, row: u64) -> Option<End> {
        let (listed, _) = self.row(row)?;
        // Rows that have been read have a place in the order that they were read in.
        let place = listed.place(self.meta(), self.order()).ok()?;
        Some(End { key: listed.key(self.meta()), row, place })
    }

    /// Selects the rows up to where the selection is to reach, if they have been read.
    pub(super) fn follow_reach(&mut self) {
        let Some(reach) = self.selection.reach().filter(|reach| !reach.is_asked) else { return };
        let to = reach.to;
        let Some(from) = self.position_of(&reach.from) else { return };
        if from.abs_diff(to) >= MOST {
            self.refuse(NotSelected::TooMany(MOST));
            return;
        }
        let key = |row| Some(self.row(row)?.0.key(self.meta()));
        let keys: Option<Vec<RecordKey>> = (from.min(to)..=from.max(to)).map(key).collect();
        if let Some(keys) = keys {
            let end = self.end(to);
            self.selection.reached(keys, end);
        }
    }

    /// The number of a row, where it has been read.
    fn position_of(&self, end: &End) -> Option<u64> {
        let is_it =
            |row: u64| self.row(row).is_some_and(|(row, _)| row.key(self.meta()) == end.key);
        if is_it(end.row) { Some(end.row) } else { self.find(&end.key) }
    }

    fn refuse(&mut self, why: NotSelected) {
        self.selection.give_up();
        self.not_selected = Some(why);
    }

    /// Why rows were not selected, once.
    pub const fn take_not_selected(&mut self) -> Option<NotSelected> {
        self.not_selected.take()
    }

    /// Asks the database for the rows between two that have been read, where those between have not.
    pub fn between_request(&mut self) -> Option<FindBetween> {
        self.follow_reach();
        let reach = self.selection.reach().filter(|reach| !reach.is_asked)?;
        let (from, to) = (reach.from.clone(), self.end(reach.to)?);
        // Where it stood when it was last seen says only which of the two comes first.
        let position = self.position_of(&from).unwrap_or(from.row);
        if position.abs_diff(to.row) >= MOST {
            self.refuse(NotSelected::TooMany(MOST));
            return None;
        }
        let (first, last) = if position <= to.row { (from, to) } else { (to, from) };
        self.selection.reach_asked();
        Some(FindBetween {
            table: self.meta().table,
            query: self.query(),
            first: first.key,
            place: first.place,
            last: last.key,
            limit: MOST,
        })
    }

    /// Takes the rows between two; `None` where they were not found.
    pub fn take_between(&mut self, keys: Option<Vec<RecordKey>>) {
        let Some(to) = self.selection.reach().filter(|reach| reach.is_asked).map(|it| it.to) else {
            return;
        };
        match keys {
            Some(keys) => {
                let end = self.end(to);
                self.selection.reached(keys, end);
            }
            None => self.refuse(NotSelected::Moved),
        }
    }

    /// Asks which of the selected rows are still to be found, after the rows were read again.
    pub fn remaining_request(&mut self) -> Option<FindGone> {
        let is_due = std::mem::take(&mut self.may_lack_selected);
        let (Chosen::These(keys) | Chosen::AllBut(keys)) = self.selection.rows();
        (is_due && !keys.is_empty()).then(|| FindGone {
            table: self.meta().table,
            filter: self.filter().clone(),
            keys: keys.clone(),
        })
    }

    /// Rows are gone: nothing is selected of them any more.
    pub fn take_gone(&mut self, gone: &HashSet<RecordKey>) {
        self.selection.forget(gone);
    }

    /// Takes rows out of the selection that our own hand has deleted.
    pub(super) fn forget_deleted(&mut self, changes: &[Change]) {
        let meta = self.meta();
        let gone = |change: &Change| match (change.before(meta), change.after(meta)) {
            (Some(before), None) => Some(meta.key_of(before)),
            _ => None,
        };
        let gone: HashSet<RecordKey> = changes.iter().filter_map(gone).collect();
        self.selection.forget(&gone);
    }

    /// How many rows are selected.
    #[must_use]
    pub fn selected(&self) -> u64 {
        self.selection.count(self.extent().total)
    }

    /// Whether it is not known yet which rows are selected: they are still being found.
    #[must_use]
    pub const fn is_selecting(&self) -> bool {
        self.selection.reach().is_some()
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
        let rows = match self.selection.rows() {
            Chosen::These(keys) if keys.is_empty() => {
                let (row, _) = self.focused_row()?;
                Rows::These(HashSet::from([row.key(self.meta())]).into())
            }
            Chosen::These(keys) => Rows::These(keys.clone()),
            Chosen::AllBut(keys) if keys.is_empty() => Rows::All,
            Chosen::AllBut(keys) => Rows::AllBut(keys.clone()),
        };
        Some(Source { meta: self.meta(), query: self.query(), rows })
    }
}
