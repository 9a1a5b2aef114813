//! What is staged: kept, written, and looked for where nobody knows whether it was.

use std::collections::{BTreeSet, HashMap, HashSet};

use persistence::deletion::Consequence;
use persistence::edit::{Applied, Edit, EditKind, Written};
use persistence::staging::journal::JournalError;
use persistence::staging::{Outcome, interrupted};
use persistence::{Record, RecordKey, Result};

use super::selected::{self, PlannedDeletion, SeenDeletion};
use crate::jobs::{Kind, Task, Work};
use crate::kept_staging::KeptStaging;

/// Writes into the journal what has been done, and counts the other windows that have something staged of the
/// same database; that is not asked.
#[derive(Clone, Debug)]
pub struct KeepStaging(pub KeptStaging);

impl Task for KeepStaging {
    type Output = std::result::Result<usize, JournalError>;
    const KIND: Kind = Kind::Keeps;

    fn run(self, _work: &mut Work<'_>) -> Result<Self::Output> {
        // The window may be gone before it can tell.
        let written = self.0.write();
        let written = written.inspect_err(|error| tracing::warn!(%error, "not kept"));
        Ok(written.and_then(|()| self.0.others()))
    }
}

/// Writes what is staged, all or nothing.
#[derive(Clone, Debug)]
pub struct Commit {
    /// What is to be written.
    pub edits: Vec<Edit>,
    /// The rows that are deleted by that, and what a person has seen of what goes along.
    pub deletions: Vec<SeenDeletion>,
    /// Where it is noted, before it is committed, what it comes to.
    pub kept: KeptStaging,
}

/// What became of what was to be written.
#[derive(Clone, Debug)]
pub enum Committed {
    /// It is written, and this went along with the rows that were deleted.
    Written {
        /// The rows as they were and as they are now.
        rows: Vec<Written>,
        /// What went along.
        along: Vec<Consequence>,
        /// The keys that new rows have got, by their tables and numbers.
        inserted: HashMap<(&'static str, u32), RecordKey>,
    },
    /// Nothing is written: so many rows that are new or changed would go along with those that are to be deleted.
    GoesAlong(usize),
    /// Nothing is written: more goes along with the rows that are to be deleted than a person has seen.
    Unseen(PlannedDeletion),
}

impl Commit {
    /// Makes one that is noted nowhere.
    #[must_use]
    pub fn new(edits: Vec<Edit>, deletions: Vec<SeenDeletion>) -> Self {
        Self { edits, deletions, kept: KeptStaging::new(None, String::new(), &[]) }
    }
}

impl Task for Commit {
    type Output = Committed;
    const KIND: Kind = Kind::Writes;

    fn run(self, work: &mut Work<'_>) -> Result<Committed> {
        // How an earlier one ended is known.
        self.kept.forget_commit();
        let mut along = Vec::new();
        for deletion in &self.deletions {
            match selected::along(work.catalog, work.session()?, deletion)? {
                Ok(found) => along.extend(found),
                Err(planned) => return Ok(Committed::Unseen(planned)),
            }
        }
        let applied = work.session()?.apply(&self.edits)?;
        let lost = if self.deletions.is_empty() { 0 } else { lost(work, &self.edits, &applied)? };
        if lost > 0 {
            work.session()?.rollback()?;
            return Ok(Committed::GoesAlong(lost));
        }
        if let Err(error) = self.kept.committing(&applied.rows) {
            // It can be written all the same: only a crash in the next moment could not be told from
            // one before.
            tracing::warn!(%error, "a commit is not noted in the journal");
        }
        let Applied { rows, inserted } = applied;
        Ok(Committed::Written { rows, along, inserted })
    }
}

/// Returns how many rows that were inserted or changed are not there any more: they went along with some that were
/// deleted.
fn lost(work: &Work<'_>, edits: &[Edit], applied: &Applied) -> Result<usize> {
    let key = |row: &Written, record: &Record| (row.entity.table, row.entity.key_of(record));
    let rows = applied.rows.iter();
    let there: HashSet<(&str, RecordKey)> =
        rows.clone().filter_map(|row| Some(key(row, row.after.as_ref()?))).collect();
    let gone: HashSet<(&str, RecordKey)> = rows
        .filter(|row| row.after.is_none())
        .filter_map(|row| Some(key(row, row.before.as_ref()?)))
        .collect();
    let mut lost = 0;
    for edit in edits {
        let meta = work.catalog.entry(&edit.table)?.meta;
        let is_lost = match &edit.kind {
            EditKind::Insert { row, .. } => {
                let key = applied.inserted.get(&(meta.table, *row));
                key.is_none_or(|key| !there.contains(&(meta.table, key.clone())))
            }
            EditKind::Update { key, .. } => gone.contains(&(meta.table, key.clone())),
            EditKind::Delete { .. } => false,
        };
        lost += usize::from(is_lost);
    }
    Ok(lost)
}

/// Finds out how a commit ended of which nobody knows that.
#[derive(Clone, Debug)]
pub struct FindOutcome(pub KeptStaging);

/// How a commit ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How; `None` where it had not begun.
    pub outcome: Option<Outcome>,
    /// The tables of its rows.
    pub tables: BTreeSet<&'static str>,
}

impl Task for FindOutcome {
    type Output = Ended;
    // The rows are locked while it looks at them.
    const KIND: Kind = Kind::Writes;

    fn run(self, work: &mut Work<'_>) -> Result<Ended> {
        let Some(rows) = self.0.interrupted() else {
            return Ok(Ended { outcome: None, tables: BTreeSet::new() });
        };
        let outcome = interrupted(&rows, work.session()?)?;
        if outcome != Outcome::Committed {
            self.0.forget_commit();
        }
        let tables = rows.iter().map(|row| row.entity.table).collect();
        Ok(Ended { outcome: Some(outcome), tables })
    }
}
