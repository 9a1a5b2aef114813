//! A sparse index of a query's rows: where every so many rows are, found by key.

use persistence::Cursor;

/// Marks kept of one query at most; a longer table gets them farther apart.
const MARKS: u64 = 16_384;

/// Rows from one mark to the next, at least.
const CLOSEST: u64 = 1_024;

/// A place that is known by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How many rows there are up to this place.
    pub rows: u64,
    /// The key of the last of them.
    pub place: Cursor,
}

/// Places of a query, from the first row on, as far as they have been found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Milestones {
    marks: Vec<Mark>,
    total: Option<u64>,
}

impl Milestones {
    /// How many rows should lie between two marks of a table of about so many rows.
    #[must_use]
    pub fn step(rows: u64) -> u64 {
        rows.div_ceil(MARKS).next_multiple_of(CLOSEST).max(CLOSEST)
    }

    /// The marks, first to last.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The last place before a row.
    #[must_use]
    pub fn before(&self, row: u64) -> Option<&Mark> {
        let after = self.marks.partition_point(|mark| mark.rows <= row);
        after.checked_sub(1).and_then(|place| self.marks.get(place))
    }

    /// How many rows lie before the part that is still to be looked at.
    #[must_use]
    pub fn rows_so_far(&self) -> u64 {
        self.marks.last().map_or(0, |mark| mark.rows)
    }

    /// How many rows there are, once all have been passed.
    #[must_use]
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// So many rows on, there is this place.
    pub fn push(&mut self, rows: u64, place: Cursor) {
        self.marks.push(Mark { rows: self.rows_so_far() + rows, place });
    }

    /// There are so many rows after the last place, and no more.
    pub fn finish(&mut self, rows: u64) {
        self.total = Some(self.rows_so_far() + rows);
    }
}

#[cfg(test)]
mod tests {
    use persistence::Value;
    use proptest::prelude::*;

    use super::*;

    fn place(row: u64) -> Cursor {
        Cursor(vec![Value::Integer(i64::try_from(row).unwrap())])
    }

    #[test]
    fn a_billion_rows_need_no_more_marks_than_memory_has_room_for() {
        for rows in [0, 10, 10_000, 10_000_000, 1_000_000_000, u64::from(u32::MAX) * 100] {
            let step = Milestones::step(rows);
            assert!(rows / step <= MARKS && step.is_multiple_of(CLOSEST), "{rows}: {step}");
        }
    }

    proptest! {
        #[test]
        fn the_place_before_a_row_is_the_nearest_one(
            steps in prop::collection::vec(0_u64..50, 0..40),
            rest in 0_u64..50,
            row in 0_u64..2_000,
        ) {
            let mut milestones = Milestones::default();
            let mut ends = Vec::new();
            for step in steps {
                let end = milestones.rows_so_far() + step;
                milestones.push(step, place(end));
                ends.push(end);
            }
            milestones.finish(rest);
            prop_assert_eq!(milestones.total(), Some(ends.last().unwrap_or(&0) + rest));
            let expected = ends.into_iter().filter(|end| *end <= row).max();
            prop_assert_eq!(milestones.before(row).map(|mark| mark.rows), expected);
        }
    }
}
