//! What people do, at random.

use proptest::prelude::*;

/// What one of several people does; rows, columns and values are numbers that stand for what there is.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Looks at all rows as they are.
    Look,
    /// Does some things as one act, on rows as they were so many looks ago.
    Act(usize, Vec<Doing>),
    Undo,
    Redo,
    /// Somebody else writes something at once.
    Others(Writing),
    /// Reads one of the rows again of which something is staged, or all of them.
    Reread(Option<usize>),
    /// Writes what is staged, with or without reading it again before.
    Save {
        rereads: bool,
    },
    /// Goes on with what was made of the kept steps.
    Rebuild,
}

#[derive(Clone, Debug)]
pub enum Doing {
    Set(usize, usize, usize),
    Insert(usize, [usize; 4]),
    SetNew(usize, usize, usize),
    Delete(usize),
    Revert(usize, usize),
    RevertRow(usize),
    RevertAll,
    KeepMine(usize, usize),
    InsertAgain(usize),
}

#[derive(Clone, Debug)]
pub enum Writing {
    Set(usize, usize, usize),
    Delete(usize),
    Insert(usize, [usize; 4]),
    /// What this person has staged for one row.
    Same(usize),
    /// Deletes a row, and inserts it again.
    Replace(usize),
}

fn number() -> impl Strategy<Value = usize> {
    0..24_usize
}

fn numbers() -> impl Strategy<Value = [usize; 4]> {
    [number(), number(), number(), number()]
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        10 => (number(), number(), number()).prop_map(|(row, column, value)| Doing::Set(row, column, value)),
        3 => (0..3_usize, numbers()).prop_map(|(table, values)| Doing::Insert(table, values)),
        2 => (number(), number(), number()).prop_map(|(row, column, value)| Doing::SetNew(row, column, value)),
        3 => number().prop_map(Doing::Delete),
        2 => (number(), number()).prop_map(|(row, column)| Doing::Revert(row, column)),
        2 => number().prop_map(Doing::RevertRow),
        1 => Just(Doing::RevertAll),
        4 => (number(), number()).prop_map(|(row, column)| Doing::KeepMine(row, column)),
        3 => number().prop_map(Doing::InsertAgain),
    ]
}

fn writing() -> impl Strategy<Value = Writing> {
    prop_oneof![
        6 => (number(), number(), number()).prop_map(|(row, column, value)| Writing::Set(row, column, value)),
        2 => number().prop_map(Writing::Delete),
        1 => (0..3_usize, numbers()).prop_map(|(table, values)| Writing::Insert(table, values)),
        2 => number().prop_map(Writing::Same),
        1 => number().prop_map(Writing::Replace),
    ]
}

/// What so many people do, by their numbers.
pub fn operations(people: usize) -> impl Strategy<Value = Vec<(usize, Operation)>> {
    let operation = prop_oneof![
        4 => Just(Operation::Look),
        12 => (0..4_usize, prop::collection::vec(doing(), 1..4))
            .prop_map(|(age, doings)| Operation::Act(age.saturating_sub(1), doings)),
        3 => Just(Operation::Undo),
        3 => Just(Operation::Redo),
        6 => writing().prop_map(Operation::Others),
        4 => prop::option::of(number()).prop_map(Operation::Reread),
        5 => prop::bool::weighted(0.6).prop_map(|rereads| Operation::Save { rereads }),
        1 => Just(Operation::Rebuild),
    ];
    prop::collection::vec((0..people, operation), 1..40)
}
