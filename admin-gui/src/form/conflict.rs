//! A record that somebody else has changed since it was read.

use persistence::{EntityMeta, Record, Value};

/// What somebody else did to the record meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub enum ConflictState {
    /// Its row was changed. What only they changed has been taken over.
    Changed {
        /// Columns that both changed, each in its own way, and that wait for a decision.
        contested: Vec<usize>,
        /// Columns whose values were taken over from them.
        taken_over: Vec<usize>,
        /// What the contested columns held before either change: their values, and what names the
        /// rows that they referred to.
        was: Vec<(usize, Value, Option<String>)>,
    },
    /// Its row was deleted.
    Deleted,
}

impl ConflictState {
    /// Returns whether something has to be decided before the record can be written.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        match self {
            Self::Changed { contested, .. } => !contested.is_empty(),
            Self::Deleted => true,
        }
    }

    /// Compares three states of a row, column by column. The version is nobody's decision.
    pub(super) fn of_changed(
        meta: &EntityMeta,
        base: &Record,
        theirs: &Record,
        is_mine_changed: impl Fn(usize) -> bool,
    ) -> Self {
        let changed = |column: &usize| base.value(*column) != theirs.value(*column);
        let (contested, taken_over) = (0..meta.columns.len())
            .filter(|column| meta.version != Some(*column))
            .filter(changed)
            .partition(|column| is_mine_changed(*column));
        Self::Changed { contested, taken_over, was: Vec::new() }
    }
}
