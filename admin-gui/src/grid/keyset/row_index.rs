//! A sparse index of a query's rows: where every so many rows are, found by key.

use persistence::Cursor;

use super::positions::Positions;

/// Marks kept of one query at most; a longer table gets them farther apart.
const MARKS: u64 = 16_384;

/// Rows from one mark to the next, at least.
const CLOSEST: u64 = 1_024;

/// A position that is known by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How many rows there are up to this position.
    pub rows: u64,
    /// The key of the last of them.
    pub position: Cursor,
}

/// Positions of a query, from the first row on, as far as they have been found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowIndex {
    marks: Vec<Mark>,
    total: Option<u64>,
}

impl RowIndex {
    /// Returns how many rows should lie between two marks of a table of about so many rows.
    #[must_use]
    pub fn step(rows: u64) -> u64 {
        rows.div_ceil(MARKS).next_multiple_of(CLOSEST).max(CLOSEST)
    }

    /// Returns the marks, first to last.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Returns the last position before a row.
    #[must_use]
    pub fn before(&self, row: u64) -> Option<&Mark> {
        let after = self.marks.partition_point(|mark| mark.rows <= row);
        after.checked_sub(1).and_then(|position| self.marks.get(position))
    }

    /// Returns how many rows lie before the part that is still to be looked at.
    #[must_use]
    pub fn rows_so_far(&self) -> u64 {
        self.marks.last().map_or(0, |mark| mark.rows)
    }

    /// Returns how many rows there are, once all have been passed.
    #[must_use]
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// Takes in that rows have come and gone. A position of a row that is gone is still a position.
    pub fn shift(&mut self, positions: &Positions) {
        let (up_to, growth) = positions.growth_up_to(self.marks.iter().map(|mark| &mark.position));
        for (mark, by) in self.marks.iter_mut().zip(up_to) {
            mark.rows = mark.rows.saturating_add_signed(by);
        }
        self.grow(growth);
    }

    /// Adds to the number of rows, of which there are more than thought, or fewer.
    pub fn grow(&mut self, by: i64) {
        self.total = self.total.map(|total| total.saturating_add_signed(by));
    }

    /// Adds a mark: a position that comes so many rows after the last one.
    pub fn push(&mut self, rows: u64, position: Cursor) {
        self.marks.push(Mark { rows: self.rows_so_far() + rows, position });
    }

    /// Ends the index: so many rows come after the last position, and no more.
    pub fn finish(&mut self, rows: u64) {
        self.total = Some(self.rows_so_far() + rows);
    }
}

#[cfg(test)]
mod tests {
    use persistence::edit::Written;
    use persistence::{Order, Record, Value};
    use proptest::prelude::*;

    use super::*;
    use crate::grid::keyset::positions::Shift;
    use crate::grid::keyset::samples::{THINGS, written};

    fn position(row: u64) -> Cursor {
        Cursor(vec![Value::Integer(i64::try_from(row).unwrap())])
    }

    #[test]
    fn a_billion_rows_need_no_more_marks_than_memory_has_room_for() {
        for rows in [0, 10, 10_000, 10_000_000, 1_000_000_000, u64::from(u32::MAX) * 100] {
            let step = RowIndex::step(rows);
            assert!(rows / step <= MARKS && step.is_multiple_of(CLOSEST), "{rows}: {step}");
        }
    }

    /// Something that is done to the rows of a table.
    #[derive(Clone, Debug)]
    enum Write {
        Insert(i64),
        Delete(prop::sample::Index),
        Update(prop::sample::Index, i64),
    }

    fn write() -> impl Strategy<Value = Write> {
        prop_oneof![
            (-50_i64..600).prop_map(Write::Insert),
            any::<prop::sample::Index>().prop_map(Write::Delete),
            (any::<prop::sample::Index>(), -50_i64..50)
                .prop_map(|(row, size)| Write::Update(row, size)),
        ]
    }

    /// Does a write to rows that are sorted by their keys, if it can be done; returns what it was.
    fn done(rows: &mut Vec<Record>, write: &Write) -> Option<Written> {
        let new = |id, size| Record(vec![Value::Integer(id), Value::Integer(size)]);
        match write {
            Write::Insert(id) => {
                let row = new(*id, id % 7);
                let position = rows.binary_search_by(|old| old.value(0).cmp(row.value(0))).err()?;
                rows.insert(position, row.clone());
                Some(written(&THINGS, None, Some(row)))
            }
            Write::Delete(row) if !rows.is_empty() => {
                Some(written(&THINGS, Some(rows.remove(row.index(rows.len()))), None))
            }
            Write::Update(row, size) if !rows.is_empty() => {
                let row = row.get_mut(rows);
                let before = row.clone();
                row.set(1, Value::Integer(*size));
                Some(written(&THINGS, Some(before), Some(row.clone())))
            }
            Write::Delete(_) | Write::Update(..) => None,
        }
    }

    proptest! {
        #[test]
        fn after_writes_of_our_own_every_mark_still_says_how_many_rows_there_are_up_to_it(
            keys in prop::collection::btree_set(-50_i64..600, 0..200),
            order in prop::sample::select(vec!["", "-id", "size", "-size,id", "size,-id"]),
            step in 1_u64..40,
            writes in prop::collection::vec(prop::collection::vec(write(), 0..4), 0..30),
        ) {
            let order = Order::parse(&THINGS, order).unwrap().resolve(&THINGS).unwrap();
            let sorted = |rows: &[Record]| {
                let mut rows = rows.to_vec();
                rows.sort_by(|a, b| order.compare(&THINGS, a, b));
                rows
            };
            let position = |row: &Record| Cursor::of(&THINGS, &order, row).unwrap();
            let value = |id: i64| Record(vec![Value::Integer(id), Value::Integer(id % 7)]);
            let mut rows: Vec<Record> = keys.into_iter().map(value).collect();
            let mut index = RowIndex::default();
            let skip = usize::try_from(step).unwrap();
            for end in sorted(&rows).iter().skip(skip - 1).step_by(skip) {
                index.push(step, position(end));
            }
            index.finish(rows.len() as u64 % step);

            for writes in writes {
                let changes: Vec<_> =
                    writes.iter().filter_map(|write| done(&mut rows, write)).collect();
                match Shift::of(&THINGS, &order, &changes) {
                    Shift::Nothing => {}
                    Shift::At(positions) => index.shift(&positions),
                    Shift::Somewhere(_) => prop_assert!(false, "integers have one order"),
                }
                prop_assert_eq!(index.total(), Some(rows.len() as u64));
                for mark in index.marks() {
                    let keys = mark.position.0.iter().zip(&order.0);
                    let mut last = Record(vec![Value::Null, Value::Null]);
                    for (value, term) in keys {
                        last.set(THINGS.position(&term.column).unwrap(), value.clone());
                    }
                    let up_to = rows.iter().filter(|row| order.compare(&THINGS, row, &last).is_le());
                    prop_assert_eq!(mark.rows, up_to.count() as u64, "{:?}", mark);
                }
            }
        }

        #[test]
        fn the_position_before_a_row_is_the_nearest_one(
            steps in prop::collection::vec(0_u64..50, 0..40),
            rest in 0_u64..50,
            row in 0_u64..2_000,
        ) {
            let mut index = RowIndex::default();
            let mut ends = Vec::new();
            for step in steps {
                let end = index.rows_so_far() + step;
                index.push(step, position(end));
                ends.push(end);
            }
            index.finish(rest);
            prop_assert_eq!(index.total(), Some(ends.last().unwrap_or(&0) + rest));
            let expected = ends.into_iter().filter(|end| *end <= row).max();
            prop_assert_eq!(index.before(row).map(|mark| mark.rows), expected);
        }
    }
}
