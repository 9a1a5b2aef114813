//! What can be opened at the right, and what can have the keyboard.

use persistence::RecordKey;

/// What is to be shown in the panel at the right.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// The focused row of an entity, by its table.
    FocusedRow(&'static str),
    /// A row of an entity, by its key.
    Row { table: &'static str, key: RecordKey },
}

/// What is to have the keyboard next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focused {
    Grid,
    /// The cell that is being edited.
    Cell,
    Filter,
    Search,
    Record,
}

impl Focused {
    /// What the keyboard goes through from one area to the next.
    pub const AREAS: [Self; 3] = [Self::Grid, Self::Record, Self::Search];
}
