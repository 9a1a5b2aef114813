//! What was done to a staging area, to be kept and done again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::row::{Meant, RowId, RowKey, StagedRow, StoredRow};
use super::{Became, Done, Staging};
use crate::error::{Error, Result};
use crate::value::Record;

/// What was done to a [`Staging`]. One that [takes](Staging::take) the steps of another, in their order, is
/// what that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Something was staged by one act.
    Staged {
        /// Rows of the database that it was about, as they were seen.
        seen: Vec<(RowId, Record)>,
        /// What is staged of rows now; `None` where that is nothing.
        rows: Vec<(RowId, Option<StagedRow>)>,
    },
    /// The last act was taken back.
    Undone,
    /// What was taken back last was done again.
    Redone,
    /// A row was read again.
    Reread {
        /// The row.
        row: RowId,
        /// What it is; `None` where it is gone.
        now: Option<Record>,
    },
    /// All was written, or given up.
    Finished,
}

impl Staging {
    /// Does again what was done to another one.
    ///
    /// # Errors
    /// [`Error::Schema`] when it is about a table that there is not, is none that another one can have made,
    /// or there is nothing to be undone or done again; [`Error::Filter`] for a column that there is not;
    /// [`Error::Invalid`] for a key of another type. Then nothing has changed.
    pub fn take(&mut self, step: Step) -> Result<()> {
        let nothing = |what: &str| wrong(format!("there is nothing to {what}"));
        match step {
            Step::Staged { seen, rows } => {
                for (row, record) in &seen {
                    self.check_row(row, record)?;
                }
                let now_seen: BTreeSet<&RowId> = seen.iter().map(|(row, _)| row).collect();
                for (row, staged) in &rows {
                    self.check_staged(row, staged.as_ref(), &now_seen)?;
                }
                self.stage(seen, rows);
            }
            Step::Undone => drop(self.undo().ok_or_else(|| nothing("undo"))?),
            Step::Redone => drop(self.redo().ok_or_else(|| nothing("do again"))?),
            Step::Reread { row, now } => {
                if let Some(now) = &now {
                    self.check_row(&row, now)?;
                }
                self.reread(&row, now);
            }
            Step::Finished => drop(self.finish()),
        }
        Ok(())
    }

    /// Returns the shortest steps that make of an empty staging area what this one is: with all that can be
    /// undone and done again.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut made = Self::new(&self.entries);
        let mut steps = Vec::new();
        let dones = self.undo.iter().chain(self.redo.iter().rev());
        for step in dones.map(Done::step).chain(self.redo.iter().map(|_| Step::Undone)) {
            made.take(step.clone()).expect("what was done can be done again");
            steps.push(step);
        }
        for (row, stored) in &self.stored {
            let Some(known) = made.stored.get(row) else { continue };
            let reread = |now| Step::Reread { row: row.clone(), now };
            if known.last != stored.last {
                steps.push(reread(Some((*stored.last).clone())));
            }
            if stored.is_gone {
                steps.push(reread(None));
            }
        }
        if let (true, Some(entry)) = (made.last_new < self.last_new, self.entries.first()) {
            let row = RowId::new(entry.meta, self.last_new);
            steps.push(Step::Staged { seen: Vec::new(), rows: vec![(row, None)] });
        }
        steps
    }

    /// Returns whether an act makes something else of what is staged.
    pub(super) fn changes(
        &self,
        row: &RowId,
        after: Option<&StagedRow>,
        seen: Option<&Record>,
    ) -> bool {
        let before = self.meant.get(row);
        let (Some(after), Some(before)) = (after, before) else {
            return after.is_some() != before.is_some();
        };
        let meant = self.meant_after(row, Some(after.clone()), seen.cloned());
        let Some(meant) = meant else { return true };
        let left = self.row(row);
        let stored = self.stored_after(row, &meant);
        let now = stored.as_ref().and_then(StoredRow::now);
        if meant.staged.left(self.meta(row), now.map(|now| &**now)).as_deref() != left {
            return true;
        }
        let (Some(left), Some(one), Some(other)) = (left, &before.seen, &meant.seen) else {
            return false;
        };
        let columns = self.meta(row).columns.iter().enumerate();
        let is_seen_otherwise = |position| one.value(position) != other.value(position);
        columns
            .into_iter()
            .any(|(position, column)| left.is_about(column.name) && is_seen_otherwise(position))
    }

    fn meant_after(
        &self,
        row: &RowId,
        staged: Option<StagedRow>,
        seen: Option<Record>,
    ) -> Option<Meant> {
        let before = || self.meant.get(row).and_then(|meant| meant.seen.clone());
        let seen = seen.map(Arc::new).or_else(before);
        staged.map(|staged| Meant { staged: Arc::new(staged), seen })
    }

    fn stored_after(&self, row: &RowId, meant: &Meant) -> Option<StoredRow> {
        if matches!(row.key, RowKey::New(_)) {
            return None;
        }
        let before = (self.row(row), self.seen(row));
        StoredRow::once_seen(self.stored.get(row), self.meta(row), before, meant)
    }

    /// Stages what an act came to.
    pub(super) fn stage(
        &mut self,
        seen: Vec<(RowId, Record)>,
        rows: Vec<(RowId, Option<StagedRow>)>,
    ) {
        let mut seen: BTreeMap<RowId, Record> = seen.into_iter().collect();
        let mut done = Vec::with_capacity(rows.len());
        for (row, staged) in rows {
            if let RowKey::New(number) = row.key {
                self.last_new = self.last_new.max(number);
            }
            let before = self.meant.get(&row).cloned();
            let after = self.meant_after(&row, staged, seen.remove(&row));
            if before.is_none() && after.is_none() {
                continue;
            }
            let stored = after.as_ref().and_then(|after| self.stored_after(&row, after));
            if let Some(stored) = stored {
                self.stored.insert(row.clone(), stored);
            }
            self.put(&row, after.clone());
            done.push(Became { row, before, after });
        }
        if !done.is_empty() {
            self.undo.push_back(Done(done.into()));
            self.redo.clear();
        }
    }

    /// Checks that a row can be one of that name.
    fn check_row(&self, row: &RowId, record: &Record) -> Result<()> {
        let meta = self.entry(&row.table)?.meta;
        let (columns, values) = (meta.columns.len(), record.0.len());
        if columns != values {
            return Err(wrong(format!("{} has {columns} columns, not {values}", meta.table)));
        }
        let key = RowKey::Stored(meta.coerce_key(&meta.key_of(record))?);
        if row.key == key || matches!(row.key, RowKey::New(_)) {
            return Ok(());
        }
        Err(wrong(format!("this row of {} has another key", meta.table)))
    }

    /// Checks that something of the kind can be staged of a row.
    fn check_staged(
        &self,
        row: &RowId,
        staged: Option<&StagedRow>,
        seen: &BTreeSet<&RowId>,
    ) -> Result<()> {
        let meta = self.entry(&row.table)?.meta;
        let is_seen = || self.meant.contains_key(row) || seen.contains(row);
        let fits = match (&row.key, staged) {
            (_, None) | (RowKey::New(_), Some(StagedRow::New(_))) => true,
            (RowKey::Stored(_), Some(StagedRow::Changed(_) | StagedRow::Deleted)) => is_seen(),
            _ => false,
        };
        if !fits {
            return Err(wrong(format!("this cannot be staged of a row of {}", meta.table)));
        }
        let mut columns = staged.and_then(StagedRow::columns).into_iter().flatten();
        match columns.find(|(column, _)| meta.position(column).is_none()) {
            Some((column, _)) => Err(crate::FilterError::unknown_column(meta, column).into()),
            None => Ok(()),
        }
    }
}

impl Done {
    fn step(&self) -> Step {
        let is_seen = |became: &&Became| {
            let seen = |meant: &Option<Meant>| Some(meant.as_ref()?.seen.clone());
            became.after.is_some() && seen(&became.before) != seen(&became.after)
        };
        let seen = self.0.iter().filter(is_seen).filter_map(|became| {
            let seen = became.after.as_ref()?.seen.as_deref()?;
            Some((became.row.clone(), seen.clone()))
        });
        let staged = |meant: &Meant| (*meant.staged).clone();
        let rows =
            self.0.iter().map(|became| (became.row.clone(), became.after.as_ref().map(staged)));
        Step::Staged { seen: seen.collect(), rows: rows.collect() }
    }
}

fn wrong(message: String) -> Error {
    Error::Schema { message }
}
