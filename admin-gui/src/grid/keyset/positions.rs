//! Where rows that were written stand in an order, as far as their own values say so.

use std::cmp::Ordering;

use persistence::edit::Written;
use persistence::entity::Storage;
use persistence::{ColumnType, Cursor, Direction, EntityMeta, Filter, Order};

/// What a write has done to the positions of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Each row stands where it stood.
    Nothing,
    /// Rows have come and gone at these positions.
    At(Positions),
    /// There are so many rows more; where they stand only the database can say.
    Somewhere(i64),
}

/// Positions of an order at which rows have come and gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Positions {
    /// From the first to the last, with how many rows there are more.
    moved: Vec<(Cursor, i64)>,
    directions: Vec<Direction>,
}

impl Shift {
    /// Finds what writes have done to the positions of an order.
    #[must_use]
    pub fn of(meta: &EntityMeta, order: &Order, rows: &[Written]) -> Self {
        let position = |row| Cursor::of(meta, order, row).ok();
        let mut moved = Vec::new();
        for row in rows {
            let before = row.seen_before().and_then(position);
            let after = row.seen_after().and_then(position);
            if before != after {
                moved.extend(before.map(|position| (position, -1)));
                moved.extend(after.map(|position| (position, 1)));
            }
        }
        if moved.is_empty() {
            return Self::Nothing;
        }
        match directions(meta, order) {
            Some(directions) => {
                moved.sort_by(|(a, _), (b, _)| compare(&directions, a, b));
                Self::At(Positions { moved, directions })
            }
            None => Self::Somewhere(rows.iter().map(Written::growth).sum()),
        }
    }
}

impl Positions {
    /// Returns how many rows there are more, up to each of some positions that are in order, and in
    /// all.
    pub fn growth_up_to<'c>(&self, positions: impl Iterator<Item = &'c Cursor>) -> (Vec<i64>, i64) {
        let mut rest = self.moved.iter().peekable();
        let mut growth = 0;
        let up_to = positions.map(|position| {
            while let Some((_, by)) =
                rest.next_if(|(moved, _)| compare(&self.directions, moved, position).is_le())
            {
                growth += by;
            }
            growth
        });
        (up_to.collect(), self.moved.iter().map(|(_, by)| by).sum())
    }
}

/// Returns the directions of an order's columns, if every engine keeps their values in the order
/// they have here. What is kept as text may be sorted by rules of its own.
fn directions(meta: &EntityMeta, order: &Order) -> Option<Vec<Direction>> {
    let order = order.clone().resolve(meta).ok()?;
    let direction = |term: &persistence::OrderTerm| {
        let column = meta.column(&term.column)?;
        let is_plain = matches!(
            column.column_type,
            ColumnType::Bool
                | ColumnType::Integer { .. }
                | ColumnType::Decimal { .. }
                | ColumnType::Date
                | ColumnType::Time
                | ColumnType::Timestamp
                | ColumnType::Uuid
        );
        let is_plainly_kept =
            !matches!(column.storage, Storage::Text | Storage::Float | Storage::Double);
        (is_plain && is_plainly_kept).then_some(term.direction)
    };
    order.0.iter().map(direction).collect()
}

fn compare(directions: &[Direction], a: &Cursor, b: &Cursor) -> Ordering {
    let values = a.0.iter().zip(&b.0).zip(directions);
    let orderings = values.map(|((a, b), direction)| match direction {
        Direction::Ascending => a.cmp(b),
        Direction::Descending => b.cmp(a),
    });
    orderings.fold(Ordering::Equal, Ordering::then)
}

/// Returns whether a filter surely finds the same rows as before: only values that it does not ask
/// for have changed.
#[must_use]
pub fn finds_the_same(meta: &EntityMeta, filter: &Filter, rows: &[Written]) -> bool {
    let is_same = |row: &Written| {
        let (Some(before), Some(after)) = (row.seen_before(), row.seen_after()) else {
            return row.growth() == 0;
        };
        meta.columns.iter().enumerate().all(|(position, column)| {
            before.value(position) == after.value(position) || !filter.mentions(column.name)
        })
    };
    !filter.needs_relations() && rows.iter().all(is_same)
}

#[cfg(test)]
mod tests {
    use persistence::{Record, Value};

    use super::*;
    use crate::grid::keyset::samples::{THINGS, WORDS, thing, written};

    #[test]
    fn what_is_sorted_by_rules_of_its_own_is_left_to_the_database() {
        let word = |word: &str| written(&WORDS, None, Some(Record(vec![Value::from(word)])));
        let shift = Shift::of(&WORDS, &Order::default(), &[word("b"), word("A")]);
        assert_eq!(shift, Shift::Somewhere(2));
    }

    #[test]
    fn a_value_that_nothing_is_sorted_by_moves_no_row() {
        let after = Record(vec![Value::Integer(3), Value::Null]);
        let changes = [written(&THINGS, Some(thing(3)), Some(after))];
        assert_eq!(Shift::of(&THINGS, &Order::default(), &changes), Shift::Nothing);
        let by_size = Order::parse(&THINGS, "size").unwrap();
        let Shift::At(positions) = Shift::of(&THINGS, &by_size, &changes) else {
            panic!("it stands elsewhere")
        };
        // NULL is smaller than all: the row has gone up to the first.
        let position = |size: Value, id| Cursor(vec![size, Value::Integer(id)]);
        let marks =
            [position(Value::Null, 2), position(Value::Null, 3), position(Value::Integer(-3), 3)];
        assert_eq!(positions.growth_up_to(marks.iter()), (vec![0, 1, 0], 0));
    }
}
