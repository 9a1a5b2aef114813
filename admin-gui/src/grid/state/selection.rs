//! Which rows of a grid are selected: rows by their keys, wherever they stand.

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;

/// Rows that can be selected one by one, or as far as from one to another: more are selected all at
/// once, or by a filter.
pub const MOST: u64 = 100_000;

/// The selected rows, and of them all columns or some neighbouring ones.
///
/// Rows are known by their keys: whatever comes, goes or is sorted, no other row takes the place of
/// a selected one. It is apart from the focused cell: moving that changes nothing here, unless it
/// extends.
#[derive(Clone, Debug)]
pub struct Selection<K, C> {
    rows: Chosen<K>,
    /// The places of the columns; all where `None`.
    columns: Option<Range<usize>>,
    /// What is being extended.
    extension: Option<Extension<K, C>>,
    /// The row that was taken in or out last, and which of the two.
    last: Option<(End<K, C>, Taken)>,
    /// How far it is to go, while the rows on the way are not known.
    reach: Option<Reach<K, C>>,
    /// Tells what is selected now from what was before.
    revision: u64,
}

/// Rows by their keys.
#[derive(Clone, Debug)]
pub enum Chosen<K> {
    /// These.
    These(Arc<HashSet<K>>),
    /// All that there are, but not these.
    AllBut(Arc<HashSet<K>>),
}

impl<K> Default for Chosen<K> {
    fn default() -> Self {
        Self::These(Arc::default())
    }
}

impl<K: Clone + Eq + Hash> Chosen<K> {
    fn contains(&self, key: &K) -> bool {
        match self {
            Self::These(keys) => keys.contains(key),
            Self::AllBut(keys) => !keys.contains(key),
        }
    }

    fn take(&mut self, rows: impl IntoIterator<Item = K>, taken: Taken) {
        let (keys, adds) = match self {
            Self::These(keys) => (keys, taken == Taken::In),
            Self::AllBut(keys) => (keys, taken == Taken::Out),
        };
        let keys = Arc::make_mut(keys);
        for key in rows {
            if adds {
                keys.insert(key);
            } else {
                keys.remove(&key);
            }
        }
    }
}

/// A row at which a selection begins or ends.
#[derive(Clone, Debug)]
pub struct End<K, C> {
    /// What identifies it.
    pub key: K,
    /// Its number when it was last seen.
    pub row: u64,
    /// What its source remembers of it.
    pub cursor: C,
}

/// Cells that are selected by moving the focused cell away from a first one.
#[derive(Clone, Debug)]
struct Extension<K, C> {
    from: End<K, C>,
    column: usize,
    /// What was selected before.
    before: Chosen<K>,
}

/// All rows from one to another, which are to be taken in or out.
#[derive(Clone, Debug)]
pub struct Reach<K, C> {
    /// Where it begins.
    pub from: End<K, C>,
    /// The number of the row where it ends.
    pub to: u64,
    /// Whether the database has been asked for the rows between.
    pub is_asked: bool,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Take(Taken),
    Extend,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    In,
    Out,
}

/// How many of the rows are selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selected {
    /// None.
    None,
    /// Some, not all.
    Some,
    /// All.
    All,
}

/// Why rows were not selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSelected {
    /// They are more than so many.
    TooMany(u64),
    /// Where they begin or end was not found any more.
    Moved,
}

/// What a person does to the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectStep {
    /// Takes a row in, or out where it is in.
    Toggle(u64),
    /// Takes the rows up to this one in, or out, as the last one was.
    ToggleTo(u64),
    /// Selects from the focused cell to this one.
    ExtendTo {
        /// The row's number.
        row: u64,
        /// The column's place.
        column: usize,
        /// Whether only the columns between are meant.
        columns: ExtendColumns,
    },
    /// Takes all rows in, or out where all are in.
    ToggleAll,
    /// Turns to a row: what is selected elsewhere is not meant any more.
    TurnTo(u64),
}

/// Which columns an extension means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendColumns {
    /// Those between the first cell and the last.
    Between,
    /// Those that it meant before: all of them, at first.
    AsBefore,
}

impl<K, C> Default for Selection<K, C> {
    fn default() -> Self {
        Self {
            rows: Chosen::default(),
            columns: None,
            extension: None,
            last: None,
            reach: None,
            revision: 0,
        }
    }
}

impl<K: Clone + Eq + Hash, C: Clone> Selection<K, C> {
    /// Returns whether no row is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.rows, Chosen::These(keys) if keys.is_empty())
    }

    /// Returns the keys of the selected rows; `None` where these are all but some.
    #[must_use]
    pub fn these(&self) -> Option<&HashSet<K>> {
        match self.rows() {
            Chosen::These(keys) => Some(keys),
            Chosen::AllBut(_) => None,
        }
    }

    /// Returns the selected rows.
    #[must_use]
    pub const fn rows(&self) -> &Chosen<K> {
        &self.rows
    }

    /// Returns whether a row is selected, at least in part.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.rows.contains(key)
    }

    /// Returns whether a cell is selected.
    #[must_use]
    pub fn contains_cell(&self, key: &K, column: usize) -> bool {
        self.contains(key) && self.columns.as_ref().is_none_or(|columns| columns.contains(&column))
    }

    /// Returns the columns that are selected; `None` for all of them.
    #[must_use]
    pub const fn columns(&self) -> Option<&Range<usize>> {
        self.columns.as_ref()
    }

    /// Returns how many of so many rows are selected.
    #[must_use]
    pub fn count(&self, total: u64) -> u64 {
        match &self.rows {
            Chosen::These(keys) => keys.len() as u64,
            Chosen::AllBut(keys) => total.saturating_sub(keys.len() as u64),
        }
    }

    /// Returns how many of so many rows are selected, roughly.
    #[must_use]
    pub fn state(&self, total: u64) -> Selected {
        match self.count(total) {
            0 => Selected::None,
            count if count >= total => Selected::All,
            _ => Selected::Some,
        }
    }

    /// Returns whether all rows are selected that are not taken out by name: how many that is
    /// depends on how many there are.
    #[must_use]
    pub const fn depends_on_total(&self) -> bool {
        matches!(self.rows, Chosen::AllBut(_))
    }

    /// Returns another number for each state of the selection.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Notes that rows are other ones than before, though the same are selected.
    pub const fn touch(&mut self) {
        self.revision += 1;
    }

    /// Selects nothing.
    pub fn clear(&mut self) {
        *self = Self { revision: self.revision + 1, ..Self::default() };
    }

    /// Selects all rows, whole.
    pub fn select_all(&mut self) {
        self.clear();
        self.rows = Chosen::AllBut(Arc::default());
    }

    /// Takes a row in, or out where it is in. Rows are whole again then.
    pub fn toggle(&mut self, row: End<K, C>) {
        let taken = if self.contains(&row.key) { Taken::Out } else { Taken::In };
        self.take([row.key.clone()], taken);
        self.last = Some((row, taken));
    }

    /// Takes the rows from the one that was [toggled](Self::toggle) last to this one in or out, as
    /// that one was, once they are known; returns whether there is such a row.
    pub fn toggle_to(&mut self, to: u64) -> bool {
        let Some((from, taken)) = self.last.clone() else { return false };
        self.settle();
        self.reach = Some(Reach { from, to, is_asked: false, how: How::Take(taken) });
        true
    }

    /// Selects from a cell to another one, besides what was selected before, once the rows between
    /// are known. Further extensions go out from the same first cell, until
    /// [`settle`](Self::settle).
    pub fn extend(
        &mut self,
        (from, at): (End<K, C>, usize),
        (to, column): (u64, usize),
        columns: ExtendColumns,
    ) {
        let extension = self.extension.take().unwrap_or_else(|| Extension {
            from,
            column: at,
            // Cells of some columns and whole rows do not go together.
            before: if self.columns.take().is_none() {
                self.rows.clone()
            } else {
                Chosen::default()
            },
        });
        if columns == ExtendColumns::Between || self.columns.is_some() {
            let (first, last) = (extension.column.min(column), extension.column.max(column));
            self.columns = Some(first..last + 1);
        }
        let from = extension.from.clone();
        self.reach = Some(Reach { from, to, is_asked: false, how: How::Extend });
        self.extension = Some(extension);
    }

    /// Ends the extending: what is extended next begins anew.
    pub fn settle(&mut self) {
        self.extension = None;
    }

    /// Returns how far it is to go, while the rows on the way are not known.
    #[must_use]
    pub const fn reach(&self) -> Option<&Reach<K, C>> {
        self.reach.as_ref()
    }

    /// Notes that the database has been asked for the rows on the way.
    pub const fn reach_asked(&mut self) {
        if let Some(reach) = &mut self.reach {
            reach.is_asked = true;
        }
    }

    /// Takes the rows on the way, and the last of them.
    pub fn reached(&mut self, keys: Vec<K>, end: Option<End<K, C>>) {
        let Some(reach) = self.reach.take() else { return };
        match reach.how {
            How::Take(taken) => {
                self.take(keys, taken);
                self.last = Some((reach.from, taken));
            }
            How::Extend => {
                let before = self.extension.as_ref().map(|extension| &extension.before);
                let before = before.filter(|_| self.columns.is_none()).cloned();
                self.rows = before.unwrap_or_default();
                self.rows.take(keys, Taken::In);
                self.last = end.map(|end| (end, Taken::In));
            }
        }
        self.revision += 1;
    }

    /// Gives up the rows on the way, which are not to be had.
    pub fn give_up(&mut self) {
        self.reach = None;
        self.extension = None;
    }

    /// Forgets the ways from one row to another, which are gone because the rows stand in another
    /// order.
    pub fn forget_ways(&mut self) {
        self.give_up();
        self.last = None;
    }

    /// Forgets rows that are gone, and that they were selected or left out.
    pub fn forget(&mut self, gone: &HashSet<K>) {
        let (Chosen::These(keys) | Chosen::AllBut(keys)) = &mut self.rows;
        let before = keys.len();
        if keys.iter().any(|key| gone.contains(key)) {
            Arc::make_mut(keys).retain(|key| !gone.contains(key));
        }
        let is_other = keys.len() != before;
        if self.last.as_ref().is_some_and(|(end, _)| gone.contains(&end.key)) {
            self.last = None;
        }
        if let Some(extension) = &mut self.extension {
            // It would bring them back.
            let (Chosen::These(keys) | Chosen::AllBut(keys)) = &mut extension.before;
            Arc::make_mut(keys).retain(|key| !gone.contains(key));
        }
        if is_other {
            self.revision += 1;
        }
        if self.is_empty() {
            self.columns = None;
        }
    }

    /// Moves the selected columns to where they stand now; `None` where they are no neighbours any
    /// more: then nothing is selected.
    pub fn move_columns(&mut self, to: Option<Range<usize>>) {
        self.settle();
        match to {
            Some(columns) => {
                self.columns = Some(columns);
                self.revision += 1;
            }
            None => self.clear(),
        }
    }

    fn take(&mut self, rows: impl IntoIterator<Item = K>, taken: Taken) {
        self.settle();
        self.reach = None;
        if self.columns.take().is_some() {
            self.rows = Chosen::default();
        }
        self.rows.take(rows, taken);
        self.revision += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that are known by their numbers.
    type Selection = super::Selection<u64, ()>;

    const TOTAL: u64 = 40;

    const fn end(row: u64) -> End<u64, ()> {
        End { key: row, row, cursor: () }
    }

    fn rows(selection: &Selection) -> Vec<u64> {
        (0..TOTAL).filter(|row| selection.contains(row)).collect()
    }

    /// Takes the rows on the way, as a grid does that has read all rows.
    fn arrive(selection: &mut Selection) {
        let Some(reach) = selection.reach() else { return };
        let (from, to) = (reach.from.row, reach.to);
        selection.reached((from.min(to)..=from.max(to)).collect(), Some(end(to)));
    }

    fn extend(selection: &mut Selection, from: u64, to: u64) {
        selection.extend((end(from), 0), (to, 0), ExtendColumns::AsBefore);
        arrive(selection);
    }

    #[test]
    fn ten_million_rows_are_named_by_nobody() {
        let mut selection = Selection::default();
        selection.select_all();
        assert_eq!(selection.count(10_000_000), 10_000_000);
        assert_eq!(selection.state(10_000_000), Selected::All);
        selection.toggle(end(5_000_000));
        assert_eq!(selection.count(10_000_000), 9_999_999);
        assert_eq!(selection.state(10_000_000), Selected::Some);
        assert!(!selection.contains(&5_000_000) && selection.contains(&5_000_001));
    }

    #[test]
    fn an_extension_goes_out_from_where_it_began() {
        let mut selection = Selection::default();
        extend(&mut selection, 10, 12);
        extend(&mut selection, 12, 14);
        assert_eq!(rows(&selection), [10, 11, 12, 13, 14]);
        // Back over the first row.
        extend(&mut selection, 14, 8);
        assert_eq!(rows(&selection), [8, 9, 10]);
    }

    #[test]
    fn an_extension_leaves_what_was_selected_before() {
        let mut selection = Selection::default();
        selection.toggle(end(3));
        extend(&mut selection, 10, 11);
        selection.settle();
        extend(&mut selection, 20, 21);
        assert_eq!(rows(&selection), [3, 10, 11, 20, 21]);
    }

    #[test]
    fn an_extension_does_not_bring_back_what_is_gone() {
        let mut selection = Selection::default();
        selection.toggle(end(3));
        extend(&mut selection, 10, 11);
        selection.forget(&[3, 11].into());
        assert_eq!(rows(&selection), [10]);
        extend(&mut selection, 11, 12);
        assert_eq!(rows(&selection), [10, 11, 12]);
    }

    #[test]
    fn a_shift_click_on_a_box_does_as_the_last_one() {
        let mut selection = Selection::default();
        let toggle_to = |selection: &mut Selection, row| {
            assert!(selection.toggle_to(row));
            arrive(selection);
        };
        selection.toggle(end(5));
        toggle_to(&mut selection, 8);
        assert_eq!(rows(&selection), [5, 6, 7, 8]);
        selection.toggle(end(6));
        toggle_to(&mut selection, 7);
        assert_eq!(rows(&selection), [5, 8]);
    }

    #[test]
    fn cells_of_some_columns_are_one_block() {
        let mut selection = Selection::default();
        selection.toggle(end(30));
        selection.extend((end(5), 2), (5, 3), ExtendColumns::Between);
        arrive(&mut selection);
        selection.extend((end(5), 3), (7, 3), ExtendColumns::AsBefore);
        arrive(&mut selection);
        assert_eq!(rows(&selection), [5, 6, 7]);
        assert!(selection.contains_cell(&6, 2) && !selection.contains_cell(&6, 4));
        // Rows are whole again.
        selection.toggle(end(9));
        assert_eq!(rows(&selection), [9]);
        assert!(selection.contains_cell(&9, 4));
    }

    #[test]
    fn every_change_is_another_revision() {
        let mut selection = Selection::default();
        let mut seen = vec![selection.revision()];
        selection.toggle(end(1));
        seen.push(selection.revision());
        selection.forget(&[1].into());
        seen.push(selection.revision());
        selection.select_all();
        seen.push(selection.revision());
        selection.clear();
        seen.push(selection.revision());
        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    }
}
