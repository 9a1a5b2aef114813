//! The grid of an entity's rows, and what only it does: filtering, reading, scanning, taking in what was
//! written.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use persistence::edit::Written;
use persistence::staging::RowKey;
use persistence::{EntityMeta, Filter, Query, Record, RecordKey};

use super::keyset::{KeysetRows, Reread};
use super::source::{FIRST_ADDED, Restore, RowSource as _, Scroll, Total};
use super::state::{Chosen, Focus, MOST, NotSelected, RowGrid};
use crate::tasks::{FindBetween, FindGone, Labels, ListedRow, Rows, ScanStep, Scanned, SeenRow};
use transfer::export::{self, Source};

/// The grid of an entity's rows, as the window has it.
pub type Grid = RowGrid<KeysetRows>;

impl Grid {
    /// Makes a grid of all rows, in the order of their primary key.
    #[must_use]
    pub fn new(meta: &'static EntityMeta) -> Self {
        Self::from_source(KeysetRows::new(meta))
    }

    /// Returns the entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.source.meta()
    }

    /// Returns the filter of the rows it shows.
    #[must_use]
    pub const fn filter(&self) -> &Filter {
        self.source.filter()
    }

    /// Shows other rows, from the first.
    pub fn set_filter(&mut self, filter: Filter) {
        if *self.filter() != filter {
            self.selection.clear();
            self.source.set_filter(filter);
        }
    }

    /// Reads the rows again. What is on the screen stays until they come.
    pub fn reread(&mut self, place: Reread) {
        let scroll = match place {
            Reread::FromTop => Scroll::default(),
            Reread::Here | Reread::AsMany => self.scroll(),
        };
        let restore = Restore { scroll, ..self.here() };
        self.source.reread(place, restore);
    }

    /// Takes in rows that were written by our own hand, and reads them again.
    pub fn write(&mut self, rows: &[Written]) {
        let restore = self.here();
        self.forget_deleted(rows);
        self.selection.touch();
        self.source.write(rows, restore);
    }

    /// Returns where it stands now.
    fn here(&self) -> Restore<RowKey> {
        Restore { scroll: self.scroll(), focused: self.focused_key(), ..Restore::default() }
    }

    /// Reads the rows again after rows of other entities were written, on which it may depend which
    /// rows are found.
    pub fn write_elsewhere(&mut self) {
        self.source.scan_query_again();
        if !self.is_blank() {
            let is_filtered = *self.filter() != Filter::All;
            self.reread(if is_filtered { Reread::Here } else { Reread::AsMany });
        }
    }

    /// Focuses a row where it was once seen, as soon as there are rows.
    pub fn return_to_row(&mut self, row: u64) {
        if !self.source.return_to_row(row) {
            self.go_to_row(row);
        }
    }

    /// Returns the rows that have been read, as they are shown.
    #[must_use]
    pub fn seen(&self) -> Vec<SeenRow> {
        self.source.seen()
    }

    /// Returns the rows that have been read, with their numbers, by their keys.
    #[must_use]
    pub fn at_hand(&self) -> HashMap<RowKey, (u64, &ListedRow)> {
        let meta = self.meta();
        let rows = self.source.at_hand();
        rows.map(|(number, row)| (RowKey::Stored(row.key(meta)), (number, row))).collect()
    }

    /// Shows these new rows below the others.
    pub fn set_added(&mut self, added: Vec<u32>) {
        if added == self.source.new_rows() {
            return;
        }
        let focused = self.focus().zip(self.focused_key());
        let left: HashSet<u32> = added.iter().copied().collect();
        let before = self.source.new_rows().iter();
        let gone = before.filter(|number| !left.contains(number));
        let gone: HashSet<RowKey> = gone.map(|number| RowKey::New(*number)).collect();
        self.selection.forget(&gone);
        self.source.set_added(added);
        let Some((focus, RowKey::New(number))) = focused else { return };
        let left = self.source.added();
        let row = match self.source.find(&RowKey::New(number)) {
            Some(row) => row,
            // The one that stands there now, else the last there is.
            None if left > 0 => focus.row.min(FIRST_ADDED + left - 1),
            None => self.scroll().top,
        };
        self.set_focus(Focus { row, ..focus });
    }

    /// Puts a row as it is now in the place of its old state, until the rows are read again.
    pub fn update_row(&mut self, record: &Record, labels: &Labels) {
        self.source.update_row(record, labels);
    }

    /// Returns the next step of finding out how many rows there are, and where.
    pub fn scan_request(&mut self) -> Option<ScanStep> {
        self.source.scan_request()
    }

    /// Takes what a step of the scan has found out.
    pub fn take_scan(&mut self, scanned: Scanned) {
        let is_other = self.source.take_scan(scanned);
        let Some(rows) = self.source.counted() else { return };
        if is_other && !self.source.is_outdated() {
            self.reread(Reread::Here);
        }
        self.take_total(Total { rows, is_exact: true });
    }

    /// Ends a scan of which a step could not be taken: it is left at what is known.
    pub const fn scan_failed(&mut self) {
        self.source.scan_failed();
    }

    /// Notes that a step of the scan was taken in vain, and is to be taken again.
    pub const fn scan_interrupted(&mut self) {
        self.source.scan_interrupted();
    }

    /// Waits no longer for rows that take too long; says so where they would be.
    pub fn stop(&mut self, message: String) {
        self.source.stop(message);
    }

    /// Starts the count anew, because rows may have come or gone.
    pub fn scan_again(&mut self) {
        self.source.scan_again();
    }

    /// Takes an estimate of how many rows the entity has.
    pub fn take_estimate(&mut self, rows: u64) {
        self.source.set_estimate(rows);
        if *self.filter() == Filter::All {
            self.take_total(Total { rows, is_exact: false });
        }
    }

    /// Returns how many rows the entity has, filtered or not, once they have been counted.
    #[must_use]
    pub fn all_rows(&self) -> Option<u64> {
        self.source.all_rows()
    }

    /// Takes the rows that were asked for last.
    pub fn take(&mut self, rows: Rows, took: Duration) {
        if !self.source.is_waiting() {
            return;
        }
        // Rows that are only going to be looked at were not waited for.
        let since = self.source.outdated_since().or_else(|| self.waiting_since());
        if let Some(since) = since {
            self.waited = Some(since.elapsed().max(took));
        }
        self.columns.make_room_for_values(rows.rows.iter());
        let restore = self.source.take(rows);
        if let Some(restore) = restore {
            self.restore(restore);
            // Others may have changed or deleted what is selected.
            self.may_lack_selected = true;
            self.selection.touch();
        } else {
            self.clamp();
        }
        self.follow_reach();
    }

    /// Takes the number of rows of the filter.
    pub fn take_total(&mut self, total: Total) {
        // A key that is counted up has about as many digits: no need to widen it on the way.
        let meta = self.meta();
        if let (true, [key]) = (meta.has_generated_key(), meta.key) {
            self.columns.make_room(*key, total.rows.to_string().len());
        }
        self.source.take_total(total);
        self.clamp();
    }

    /// Returns whether the rows should be counted again, because what was read does not fit their
    /// number.
    #[must_use]
    pub const fn is_miscounted(&self) -> bool {
        self.source.is_miscounted()
    }

    /// Takes why the rows that were asked for could not be read. What is on the screen stays.
    pub fn fail(&mut self, message: String) {
        self.source.fail(message);
    }

    /// Tries again what could not be read, if it is time; else returns how long that still is.
    pub fn try_again(&mut self) -> Option<Duration> {
        self.source.try_again()
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
        let (RowKey::Stored(first), Some(place), RowKey::Stored(last)) =
            (first.key, first.cursor, last.key)
        else {
            // New rows are all at hand.
            self.refuse(NotSelected::Moved);
            return None;
        };
        let (table, query) = (self.meta().table, self.query());
        Some(FindBetween { table, query, first, place, last, limit: MOST })
    }

    /// Takes the rows between two; `None` where they were not found.
    pub fn take_between(&mut self, keys: Option<Vec<RecordKey>>) {
        let Some(to) = self.selection.reach().filter(|reach| reach.is_asked).map(|it| it.to) else {
            return;
        };
        match keys {
            Some(keys) => {
                let keys = keys.into_iter().map(RowKey::Stored).collect();
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
        let keys = is_due.then(|| stored(keys)).filter(|keys| !keys.is_empty())?;
        let (table, filter) = (self.meta().table, self.filter().clone());
        Some(FindGone { table, filter, keys: keys.into() })
    }

    /// Removes rows that are gone from what is selected.
    pub fn take_gone(&mut self, gone: HashSet<RecordKey>) {
        self.selection.forget(&gone.into_iter().map(RowKey::Stored).collect());
    }

    /// Takes rows out of the selection that our own hand has deleted.
    fn forget_deleted(&mut self, rows: &[Written]) {
        let meta = self.meta();
        let gone = |row: &Written| match (row.seen_before(), row.seen_after()) {
            (Some(before), None) => Some(RowKey::Stored(meta.key_of(before))),
            _ => None,
        };
        let gone: HashSet<RowKey> = rows.iter().filter_map(gone).collect();
        self.selection.forget(&gone);
    }

    /// Returns the query of what it shows, from the first row to the last.
    #[must_use]
    pub fn query(&self) -> Query {
        self.source.query()
    }

    /// Returns the selected rows that the database has; the focused one where none is selected, `None`
    /// where there is none either.
    #[must_use]
    pub fn selected_rows(&self) -> Option<Source> {
        let rows = match self.selection.rows() {
            Chosen::These(keys) if keys.is_empty() => {
                let focused = self.focused_key()?.stored()?.clone();
                export::Rows::These(HashSet::from([focused]).into())
            }
            Chosen::These(keys) => {
                let keys = stored(keys);
                export::Rows::These((!keys.is_empty()).then_some(keys)?.into())
            }
            Chosen::AllBut(keys) if keys.is_empty() => export::Rows::All,
            Chosen::AllBut(keys) => export::Rows::AllBut(stored(keys).into()),
        };
        Some(Source { meta: self.meta(), query: self.query(), rows })
    }
}

/// Returns the keys of the rows that the database has.
fn stored(keys: &HashSet<RowKey>) -> HashSet<RecordKey> {
    keys.iter().filter_map(|key| key.stored().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use persistence::Direction;

    use super::*;
    use crate::grid::keyset::samples::{THINGS, things};
    use crate::grid::state::{Focus, SortBy};

    fn loaded() -> Grid {
        let mut grid = Grid::new(&THINGS);
        grid.set_visible(10.0);
        assert!(grid.request().is_some());
        grid.take(things(0..100, false), Duration::ZERO);
        grid
    }

    #[test]
    fn a_header_sorts_ascending_then_descending_then_not_at_all() {
        let mut grid = Grid::new(&THINGS);
        for expected in ["size", "-size", ""] {
            grid.sort(1, SortBy::Alone);
            assert_eq!(grid.order().to_string(), expected);
        }
    }

    #[test]
    fn shift_adds_columns_and_turns_each_on_its_own() {
        let mut grid = Grid::new(&THINGS);
        grid.sort(1, SortBy::AsWell);
        grid.sort(0, SortBy::AsWell);
        grid.sort(1, SortBy::AsWell);
        assert_eq!(grid.order().to_string(), "-size,id");
        assert_eq!(grid.sorted("id"), Some((2, Direction::Ascending)));
        grid.sort(1, SortBy::AsWell);
        assert_eq!(grid.order().to_string(), "id");
    }

    #[test]
    fn old_rows_stay_until_new_ones_come() {
        let mut grid = loaded();
        grid.set_filter(Filter::IsNull { column: "size".into() });
        // Nobody waits for what nobody has asked for: a grid that is not on the screen asks later.
        assert!(grid.row(5).is_some() && grid.outdated_since().is_none());
        assert!(grid.request().is_some());
        assert!(grid.row(5).is_some() && grid.outdated_since().is_some());
        grid.take(things(0..3, false), Duration::ZERO);
        assert!(grid.row(5).is_none() && grid.outdated_since().is_none());
        assert_eq!(grid.total(), Some(Total { rows: 3, is_exact: true }));
    }

    #[test]
    fn another_filter_focuses_its_first_row_even_if_it_is_read_again_meanwhile() {
        let mut grid = loaded();
        grid.set_focus(Focus { row: 40, column: 1 });
        grid.set_filter(Filter::IsNull { column: "size".into() });
        grid.reread(Reread::Here);
        assert!(grid.request().is_some());
        grid.take(things(30..60, false), Duration::ZERO);
        assert_eq!(grid.focus(), Some(Focus { row: 0, column: 1 }));
        assert_eq!(grid.scroll(), Scroll::default());
    }

    #[test]
    fn a_refresh_keeps_the_place_and_the_focused_row() {
        let mut grid = loaded();
        grid.set_focus(Focus { row: 40, column: 1 });
        let place = grid.scroll();
        grid.reread(Reread::Here);
        assert!(grid.request().is_some());
        // Somebody deleted the first row meanwhile.
        grid.take(things(1..100, false), Duration::ZERO);
        assert_eq!(grid.scroll(), place);
        assert_eq!(grid.focus(), Some(Focus { row: 39, column: 1 }));
    }

    #[test]
    fn rows_that_are_found_to_be_others_are_read_again_and_their_number_is_known() {
        let mut grid = loaded();
        for rest in [100, 99] {
            grid.scan_again();
            assert!(grid.scan_request().is_some());
            grid.take_scan(Scanned::Skips { ends: Vec::new(), step: 1_024, rest: Some(rest) });
        }
        assert!(grid.request().is_some(), "they are read again");
        grid.take(things(1..50, true), Duration::ZERO);
        assert_eq!(grid.total(), Some(Total { rows: 99, is_exact: true }));
    }

    #[test]
    fn a_number_is_never_cut_unless_a_person_wants_it() {
        let mut grid = loaded();
        let width = |grid: &Grid| grid.columns.get(1).unwrap().width;
        let before = width(&grid);
        grid.reread(Reread::FromTop);
        assert!(grid.request().is_some());
        grid.take(things(1_000_000_000..1_000_000_001, false), Duration::ZERO);
        assert!(width(&grid) > before + 20.0);
        grid.columns.resize(1, 40.0);
        grid.reread(Reread::FromTop);
        assert!(grid.request().is_some());
        grid.take(things(1_000_000_000..1_000_000_001, false), Duration::ZERO);
        assert!((width(&grid) - 40.0).abs() < f32::EPSILON);
    }
}
