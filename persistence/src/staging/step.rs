//! What was done to a staging area, to be kept and done again.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::row::{RowId, RowKey, StagedRow, StoredRow};
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
    /// [`Error::Schema`] when it is about a table or a column that there is not, no act could have staged
    /// it, or there is nothing to be undone or done again. Then nothing has changed.
    pub fn take(&mut self, step: Step) -> Result<()> {
        let nothing = |what: &str| Error::Schema { message: format!("there is nothing to {what}") };
        match step {
            Step::Staged { seen, rows } => {
                for (row, record) in &seen {
                    self.check_row(row, record)?;
                }
                let now_seen: BTreeSet<&RowId> = seen.iter().map(|(row, _)| row).collect();
                for (row, staged) in &rows {
                    self.check_columns(row, staged.as_ref())?;
                    let is_known = now_seen.contains(row) || self.stored.contains_key(row);
                    let is_possible = match (&row.key, staged) {
                        (_, None) => true,
                        (RowKey::New(_), Some(staged)) => matches!(staged, StagedRow::New(_)),
                        (RowKey::Stored(_), Some(StagedRow::New(_))) => false,
                        (RowKey::Stored(_), Some(_)) => is_known,
                    };
                    if !is_possible {
                        let message = format!("nobody could stage that of {}", row.table);
                        return Err(Error::Schema { message });
                    }
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
        let mut steps = Vec::new();
        let seen = self.stored.iter().map(|(row, stored)| (row.clone(), (*stored.seen).clone()));
        let seen: Vec<_> = seen.collect();
        if !seen.is_empty() {
            steps.push(Step::Staged { seen, rows: Vec::new() });
        }
        for (row, stored) in &self.stored {
            if stored.now.as_ref() != Some(&stored.seen) {
                let now = stored.now.as_deref().cloned();
                steps.push(Step::Reread { row: row.clone(), now });
            }
        }
        for Done(became) in self.undo.iter().chain(self.redo.iter().rev()) {
            let after = |it: &Became| (it.row.clone(), it.after.as_deref().cloned());
            let rows = became.iter().map(after).collect();
            steps.push(Step::Staged { seen: Vec::new(), rows });
        }
        steps.extend(self.redo.iter().map(|_| Step::Undone));
        steps
    }

    /// Stages what an act came to.
    pub(super) fn stage(
        &mut self,
        seen: Vec<(RowId, Record)>,
        rows: Vec<(RowId, Option<StagedRow>)>,
    ) {
        for (row, record) in seen {
            match self.stored.get_mut(&row) {
                Some(stored) => stored.seen = Arc::new(record),
                None => drop(self.stored.insert(row, StoredRow::new(&record))),
            }
        }
        if rows.is_empty() {
            return;
        }
        let became = |(row, after): (RowId, Option<StagedRow>)| {
            if let RowKey::New(number) = row.key {
                self.last_new = self.last_new.max(number);
            }
            let before = self.wanted.get(&row).map(Arc::clone);
            let after = after.map(Arc::new);
            self.put(&row, after.clone());
            Became { row, before, after }
        };
        let done = Done(rows.into_iter().map(became).collect());
        self.undo.push(done);
        self.redo.clear();
    }

    fn check_row(&self, row: &RowId, record: &Record) -> Result<()> {
        let meta = self.entry(&row.table)?.meta;
        let (columns, values) = (meta.columns.len(), record.0.len());
        if columns == values {
            return Ok(());
        }
        let message = format!("{} has {columns} columns, not {values}", meta.table);
        Err(Error::Schema { message })
    }

    fn check_columns(&self, row: &RowId, staged: Option<&StagedRow>) -> Result<()> {
        let meta = self.entry(&row.table)?.meta;
        let columns = staged.and_then(StagedRow::columns).into_iter().flatten();
        for (column, _) in columns {
            crate::filter::known(meta, column)?;
        }
        Ok(())
    }
}
