//! Which rows of a grid are selected: ranges, however many rows that is.

use std::ops::Range;

/// The selected rows, and of them all columns or some neighbouring ones.
///
/// It is apart from the focused cell: moving that changes nothing here, unless it extends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// In order, and apart from each other.
    ranges: Vec<Range<u64>>,
    /// The places of the columns; all where `None`.
    columns: Option<Range<usize>>,
    /// What is being extended.
    extension: Option<Extension>,
    /// The row that was taken in or out last, and which of the two.
    last: Option<(u64, Taken)>,
}

/// Cells that are selected by moving the focused cell away from a first one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Extension {
    row: u64,
    column: usize,
    /// What was selected before.
    before: Vec<Range<u64>>,
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

/// The end of "all rows", however many come.
const END: u64 = u64::MAX;

impl Selection {
    /// Whether no row is selected.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether a row is selected, at least in part.
    #[must_use]
    pub fn contains(&self, row: u64) -> bool {
        let after = self.ranges.partition_point(|range| range.start <= row);
        let range = after.checked_sub(1).and_then(|place| self.ranges.get(place));
        range.is_some_and(|range| row < range.end)
    }

    /// Whether a cell is selected.
    #[must_use]
    pub fn contains_cell(&self, row: u64, column: usize) -> bool {
        self.contains(row) && self.columns.as_ref().is_none_or(|columns| columns.contains(&column))
    }

    /// The columns that are selected; `None` for all of them.
    #[must_use]
    pub const fn columns(&self) -> Option<&Range<usize>> {
        self.columns.as_ref()
    }

    /// The selected rows of a table of that length, in order and apart from each other.
    pub fn ranges(&self, total: u64) -> impl Iterator<Item = Range<u64>> + '_ {
        let within = self.ranges.iter().map(move |range| range.start..range.end.min(total));
        within.filter(|range| !range.is_empty())
    }

    /// How many rows of a table of that length are selected.
    #[must_use]
    pub fn count(&self, total: u64) -> u64 {
        self.ranges(total).map(|range| range.end - range.start).sum()
    }

    /// How many rows of a table of that length are selected, roughly.
    #[must_use]
    pub fn state(&self, total: u64) -> Selected {
        match self.count(total) {
            0 => Selected::None,
            count if count == total => Selected::All,
            _ => Selected::Some,
        }
    }

    /// Whether all rows are selected, those that are still to come as well.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.ranges.first().is_some_and(|range| *range == (0..END))
    }

    /// Selects nothing.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Selects all rows, whole.
    pub fn select_all(&mut self) {
        self.clear();
        self.ranges.push(0..END);
    }

    /// Takes a row in, or out where it is in. Rows are whole again then.
    pub fn toggle(&mut self, row: u64) {
        let taken = if self.contains(row) { Taken::Out } else { Taken::In };
        self.take(row..row.saturating_add(1), taken);
        self.last = Some((row, taken));
    }

    /// Takes the rows from the one that was [toggled](Self::toggle) last to this one in or out, as
    /// that one was.
    pub fn toggle_to(&mut self, row: u64) {
        let Some((last, taken)) = self.last else {
            self.toggle(row);
            return;
        };
        self.take(between(last, row), taken);
    }

    /// Selects from a cell to another one, besides what was selected before. Further extensions go
    /// out from the same first cell, until [`settle`](Self::settle).
    pub fn extend(
        &mut self,
        from: (u64, usize),
        (row, column): (u64, usize),
        columns: ExtendColumns,
    ) {
        let extension = self.extension.take().unwrap_or_else(|| Extension {
            row: from.0,
            column: from.1,
            // Cells of some columns and whole rows do not go together.
            before: if self.columns.take().is_none() { self.ranges.clone() } else { Vec::new() },
        });
        self.ranges.clone_from(&extension.before);
        if columns == ExtendColumns::Between || self.columns.is_some() {
            let (first, last) = (extension.column.min(column), extension.column.max(column));
            self.columns = Some(first..last + 1);
            self.ranges.clear();
        }
        insert(&mut self.ranges, between(extension.row, row));
        self.extension = Some(extension);
        self.last = Some((row, Taken::In));
    }

    /// What is extended next begins anew.
    pub fn settle(&mut self) {
        self.extension = None;
    }

    fn take(&mut self, rows: Range<u64>, taken: Taken) {
        self.settle();
        if self.columns.take().is_some() {
            self.ranges.clear();
        }
        match taken {
            Taken::In => insert(&mut self.ranges, rows),
            Taken::Out => remove(&mut self.ranges, &rows),
        }
    }
}

fn between(one: u64, other: u64) -> Range<u64> {
    one.min(other)..one.max(other).saturating_add(1)
}

fn insert(ranges: &mut Vec<Range<u64>>, mut new: Range<u64>) {
    // Those that touch the new one become part of it.
    let first = ranges.partition_point(|range| range.end < new.start);
    let last = ranges.partition_point(|range| range.start <= new.end);
    if let Some(touched) = ranges.get(first..last)
        && let (Some(start), Some(end)) = (touched.first(), touched.last())
    {
        new = new.start.min(start.start)..new.end.max(end.end);
    }
    ranges.splice(first..last, [new]);
}

fn remove(ranges: &mut Vec<Range<u64>>, gone: &Range<u64>) {
    let parts = ranges.iter().flat_map(|range| {
        let before = range.start..range.end.min(gone.start);
        let after = range.start.max(gone.end)..range.end;
        [before, after]
    });
    *ranges = parts.filter(|range| !range.is_empty()).collect();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const TOTAL: u64 = 40;

    fn rows(selection: &Selection) -> Vec<u64> {
        selection.ranges(TOTAL).flatten().collect()
    }

    fn extend(selection: &mut Selection, from: u64, to: u64) {
        selection.extend((from, 0), (to, 0), ExtendColumns::AsBefore);
    }

    #[test]
    fn ten_million_rows_are_one_range() {
        let mut selection = Selection::default();
        selection.select_all();
        assert_eq!(selection.count(10_000_000), 10_000_000);
        assert!(selection.is_everything());
        selection.toggle(5_000_000);
        assert_eq!(selection.count(10_000_000), 9_999_999);
        assert_eq!(selection.ranges.len(), 2);
        assert_eq!(selection.state(10_000_000), Selected::Some);
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
        selection.toggle(3);
        extend(&mut selection, 10, 11);
        selection.settle();
        extend(&mut selection, 20, 21);
        assert_eq!(rows(&selection), [3, 10, 11, 20, 21]);
    }

    #[test]
    fn a_shift_click_on_a_box_does_as_the_last_one() {
        let mut selection = Selection::default();
        selection.toggle(5);
        selection.toggle_to(8);
        assert_eq!(rows(&selection), [5, 6, 7, 8]);
        selection.toggle(6);
        selection.toggle_to(7);
        assert_eq!(rows(&selection), [5, 8]);
    }

    #[test]
    fn cells_of_some_columns_are_one_block() {
        let mut selection = Selection::default();
        selection.toggle(30);
        selection.extend((5, 2), (5, 3), ExtendColumns::Between);
        selection.extend((5, 3), (7, 3), ExtendColumns::AsBefore);
        assert_eq!(rows(&selection), [5, 6, 7]);
        assert!(selection.contains_cell(6, 2) && !selection.contains_cell(6, 4));
        // Rows are whole again.
        selection.toggle(9);
        assert_eq!(rows(&selection), [9]);
        assert!(selection.contains_cell(9, 4));
    }

    #[test]
    fn rows_past_the_end_do_not_count() {
        let mut selection = Selection::default();
        extend(&mut selection, 35, 60);
        assert_eq!(selection.count(TOTAL), 5);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Toggle(u64),
        ToggleTo(u64),
        All,
        Clear,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0..TOTAL).prop_map(Step::Toggle),
            4 => (0..TOTAL).prop_map(Step::ToggleTo),
            1 => Just(Step::All),
            1 => Just(Step::Clear),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn ranges_are_what_a_set_of_rows_would_be(steps in prop::collection::vec(step(), 0..30)) {
            let mut selection = Selection::default();
            let mut set = BTreeSet::new();
            let mut last: Option<(u64, bool)> = None;
            for step in steps {
                match step {
                    Step::Toggle(row) => {
                        selection.toggle(row);
                        let taken = set.insert(row);
                        if !taken {
                            set.remove(&row);
                        }
                        last = Some((row, taken));
                    }
                    Step::ToggleTo(row) => {
                        selection.toggle_to(row);
                        let (from, taken) = last.unwrap_or((row, !set.contains(&row)));
                        for row in from.min(row)..=from.max(row) {
                            if taken { set.insert(row); } else { set.remove(&row); }
                        }
                        last = Some((from, taken));
                    }
                    Step::All => {
                        selection.select_all();
                        set = (0..TOTAL).collect();
                        last = None;
                    }
                    Step::Clear => {
                        selection.clear();
                        set.clear();
                        last = None;
                    }
                }
                prop_assert_eq!(rows(&selection), set.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(selection.count(TOTAL), set.len() as u64);
                for row in 0..TOTAL {
                    prop_assert_eq!(selection.contains(row), set.contains(&row));
                }
                // Ranges that touch are one.
                let touch = selection.ranges.windows(2).any(|pair| pair[0].end >= pair[1].start);
                prop_assert!(!touch, "{:?}", selection.ranges);
            }
        }
    }
}
