//! What is staged: kept, written, and looked for where nobody knows whether it was.

use std::collections::{BTreeSet, HashMap, HashSet};

use persistence::deletion::Consequence;
use persistence::edit::{Applied, Edit, EditKind, Written};
use persistence::staging::journal::JournalError;
use persistence::staging::{Obstacle, Outcome, RowId, Staging, interrupted};
use persistence::{Record, RecordKey, Result};

use super::changing::deletions_of;
use super::selected::{self, PlannedDeletion, SeenDeletion};
use crate::jobs::{Kind, Large, Task, Work, let_go};
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
    pub what: ToWrite,
    /// Rows that are deleted by that, and what a person has seen of what goes along.
    pub deletions: Vec<SeenDeletion>,
    /// Where it is noted, before it is committed, what it comes to.
    pub kept: KeptStaging,
}

/// What is to be written.
#[derive(Clone, Debug)]
pub enum ToWrite {
    /// These edits.
    Edits(Vec<Edit>),
    /// All that is staged, where it takes long to make edits of it; the deletions are what a person has seen by then.
    Staged(Box<Staging>),
}

/// What became of what was to be written.
#[derive(Clone, Debug)]
pub enum Committed {
    /// It is written, and this went along with the rows that were deleted.
    Written {
        /// The rows as they were and as they are now.
        rows: WrittenRows,
        /// What went along.
        along: Vec<Consequence>,
        /// The keys that new rows have got, by their tables and numbers.
        inserted: HashMap<(&'static str, u32), RecordKey>,
    },
    /// Nothing is written: so many rows that are new or changed would go along with those that are to be deleted.
    GoesAlong(usize),
    /// Nothing is written: more goes along with the rows that are to be deleted than a person has seen.
    Unseen(PlannedDeletion),
    /// Nothing is written: these rows cannot be as they are staged.
    Refused(Vec<Obstacle>),
}

/// Rows as they were and as they are once written, to be found by their keys.
#[derive(Clone, Debug, Default)]
pub struct WrittenRows {
    rows: Vec<Written>,
    before: HashMap<RowId, usize>,
    after: HashMap<RowId, usize>,
}

impl WrittenRows {
    fn new(rows: Vec<Written>) -> Self {
        let by = |record: fn(&Written) -> Option<&Record>| {
            let rows = rows.iter().enumerate();
            rows.filter_map(|(place, row)| Some((RowId::stored(row.entity, record(row)?), place)))
                .collect()
        };
        let (before, after) = (by(|row| row.before.as_ref()), by(|row| row.after.as_ref()));
        Self { rows, before, after }
    }

    /// Returns all of them.
    #[must_use]
    pub fn all(&self) -> &[Written] {
        &self.rows
    }

    /// Returns all of them, to be kept.
    #[must_use]
    pub fn into_rows(mut self) -> Vec<Written> {
        let rows = std::mem::take(&mut self.rows);
        let_go(self);
        rows
    }

    /// Returns the row that had a key.
    #[must_use]
    pub fn was(&self, row: &RowId) -> Option<&Written> {
        self.rows.get(*self.before.get(row)?)
    }

    /// Returns the row that has a key by now.
    #[must_use]
    pub fn is(&self, row: &RowId) -> Option<&Written> {
        self.rows.get(*self.after.get(row)?)
    }
}

impl Large for WrittenRows {
    fn rows(&self) -> usize {
        self.before.len().max(self.after.len())
    }
}

impl Commit {
    /// Makes one that is noted nowhere.
    #[must_use]
    pub fn new(edits: Vec<Edit>, deletions: Vec<SeenDeletion>) -> Self {
        Self {
            what: ToWrite::Edits(edits),
            deletions,
            kept: KeptStaging::new(None, String::new(), &[]),
        }
    }
}

impl Task for Commit {
    type Output = Committed;
    const KIND: Kind = Kind::Writes;

    fn run(self, work: &mut Work<'_>) -> Result<Committed> {
        // How an earlier one ended is known.
        self.kept.forget_commit();
        let (edits, deletions) = match self.what {
            ToWrite::Edits(edits) => (edits, self.deletions),
            ToWrite::Staged(staging) => match staging.edits() {
                Ok(edits) => (edits, deletions_of(&staging, &self.deletions)),
                Err(obstacles) => return Ok(Committed::Refused(obstacles)),
            },
        };
        let mut along = Vec::new();
        for deletion in &deletions {
            match selected::along(work.catalog, work.session()?, deletion)? {
                Ok(found) => along.extend(found),
                Err(planned) => return Ok(Committed::Unseen(planned)),
            }
        }
        let applied = work.session()?.apply(&edits)?;
        let lost = if deletions.is_empty() { 0 } else { lost(work, &edits, &applied)? };
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
        Ok(Committed::Written { rows: WrittenRows::new(rows), along, inserted })
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
