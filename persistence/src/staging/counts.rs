//! How many rows are staged.

use std::collections::BTreeMap;

use super::row::StagedRow;
use crate::edit::Name;

/// Of how many rows something is staged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StagedCounts {
    /// Rows of which columns are to be changed.
    pub changed: usize,
    /// New rows.
    pub new: usize,
    /// Rows that are to be deleted.
    pub deleted: usize,
}

impl StagedCounts {
    /// Returns of how many rows something is staged at all.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.changed + self.new + self.deleted
    }

    const fn of(&mut self, kind: StagedKind) -> &mut usize {
        match kind {
            StagedKind::Changed => &mut self.changed,
            StagedKind::New => &mut self.new,
            StagedKind::Deleted => &mut self.deleted,
        }
    }
}

/// What is staged of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StagedKind {
    Changed,
    New,
    Deleted,
}

impl StagedKind {
    pub const fn of(row: &StagedRow) -> Self {
        match row {
            StagedRow::Changed(_) => Self::Changed,
            StagedRow::New(_) => Self::New,
            StagedRow::Deleted => Self::Deleted,
        }
    }
}

/// How many rows are staged of each table, kept as they come and go: nobody goes through all of them to
/// count them.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(BTreeMap<Name, StagedCounts>);

impl Counts {
    pub fn all(&self) -> StagedCounts {
        self.0.values().fold(StagedCounts::default(), |all, one| StagedCounts {
            changed: all.changed + one.changed,
            new: all.new + one.new,
            deleted: all.deleted + one.deleted,
        })
    }

    pub fn of(&self, table: &str) -> StagedCounts {
        self.0.get(table).copied().unwrap_or_default()
    }

    /// Takes in that one row is something else than it was.
    pub fn change(&mut self, table: &Name, was: Option<StagedKind>, is: Option<StagedKind>) {
        if was == is {
            return;
        }
        if !self.0.contains_key(table) {
            self.0.insert(table.clone(), StagedCounts::default());
        }
        let Some(counts) = self.0.get_mut(table) else { return };
        if let Some(was) = was {
            *counts.of(was) -= 1;
        }
        if let Some(is) = is {
            *counts.of(is) += 1;
        }
    }
}
