//! A column is changed in many rows: looked at first, and then staged as one.

use std::ops::ControlFlow;
use std::sync::Arc;

use persistence::staging::bulk::{Bulk, BulkOutcome, BulkRefusal};
use persistence::staging::{RowId, Staging, Step};
use persistence::{Canceller, Catalog, Error, Record, Result, Value};
use transfer::export::{ExportError, Rows, Source, Watch, read_rows};

use super::labels::{Labels, labels_of};
use crate::jobs::{Kind, Progress, Task, Work};
use crate::row_name::row_name;

/// Rows that are shown, of those that change and of those that cannot.
const SHOWN: usize = 6;

/// Rows that are looked at to find those.
const MOST_LOOKED_AT: u64 = 2_000;

/// Rows of which a column is to be changed.
#[derive(Clone, Debug)]
pub struct BulkRows {
    /// Those of the database.
    pub source: Source,
    /// New ones that are staged.
    pub new: Vec<RowId>,
}

/// A row that is shown as an example.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkExample {
    /// What it is called; nothing of a new one.
    pub name: Option<String>,
    /// What is in the column.
    pub before: Value,
    /// What it becomes, as far as that can be said.
    pub after: Option<Value>,
    /// Why it cannot become that.
    pub refusal: Option<BulkRefusal>,
}

/// What a change comes to.
#[derive(Clone, Debug, Default)]
pub struct BulkSummary {
    /// Rows that become something else.
    pub changed: u64,
    /// Rows that are that already.
    pub same: u64,
    /// Rows that are to be deleted, and are left alone.
    pub deleted: u64,
    /// Rows that cannot become that.
    pub refused: u64,
    /// The first of those that become something else.
    pub examples: Vec<BulkExample>,
    /// The first of those that cannot.
    pub refusals: Vec<BulkExample>,
    /// What rows are called to which these refer.
    pub labels: Labels,
}

/// Finds out what a change comes to in some rows.
#[derive(Clone, Debug)]
pub struct LookAtBulk {
    /// The change.
    pub bulk: Bulk,
    /// In which rows.
    pub rows: BulkRows,
    /// What is staged already.
    pub staging: Arc<Staging>,
    /// Whether it is enough to see the first of them.
    pub extent: BulkExtent,
}

/// How many rows are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkExtent {
    /// The first few.
    First,
    /// All.
    All,
}

impl Task for LookAtBulk {
    type Output = BulkSummary;

    fn run(self, work: &mut Work<'_>) -> Result<BulkSummary> {
        let Self { bulk, rows, staging, extent } = self;
        let mut summary = BulkSummary::default();
        let is_enough = |summary: &BulkSummary| {
            let is_shown = summary.examples.len() == SHOWN || summary.rows() == MOST_LOOKED_AT;
            extent == BulkExtent::First && is_shown
        };
        for row in &rows.new {
            if let Some(outcome) = bulk.outcome_of_new(&staging, row) {
                summary.add(None, &outcome);
            }
        }
        let watch: &dyn Watch = match extent {
            BulkExtent::First => &Uncounted(work.progress),
            BulkExtent::All => work.progress,
        };
        read(work.catalog, watch, &rows.source, |page| {
            for row in page {
                if is_enough(&summary) {
                    return ControlFlow::Break(());
                }
                let name = || row_name(bulk.meta(), row);
                summary.add(Some(&name), &bulk.outcome(&staging, row));
            }
            ControlFlow::Continue(())
        })?;
        summary.find_labels(work, &bulk)?;
        Ok(summary)
    }
}

/// Stages a change of some rows as one, all or nothing; cancelled, nothing is staged.
#[derive(Clone, Debug)]
pub struct StageBulk {
    /// The change.
    pub bulk: Bulk,
    /// In which rows.
    pub rows: BulkRows,
    /// What is staged already.
    pub staging: Arc<Staging>,
    /// What is done with rows that cannot become that.
    pub refused: RefusedRows,
    /// How many rows at most.
    pub limit: u64,
}

/// What is done with rows that cannot become what they are to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefusedRows {
    /// Then nothing is staged.
    #[default]
    Refuse,
    /// They stay as they are.
    LeaveOut,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum BulkStaged {
    /// What is staged now, and the step to it; none where nothing changed.
    Staged {
        /// What is staged now.
        staging: Box<Staging>,
        /// What was done.
        step: Option<Step>,
        /// What it came to.
        summary: BulkSummary,
    },
    /// Nothing is staged: some rows cannot become that.
    Refused(BulkSummary),
    /// Nothing is staged: more rows would change than can be staged at once.
    TooMany,
}

impl Task for StageBulk {
    type Output = BulkStaged;

    fn run(self, work: &mut Work<'_>) -> Result<BulkStaged> {
        let Self { bulk, rows, staging: before, refused, limit } = self;
        let (meta, column) = (bulk.meta(), bulk.column().name);
        let mut staging = Staging::clone(&before);
        let mut act = staging.act();
        let mut summary = BulkSummary::default();
        for row in &rows.new {
            let Some(outcome) = bulk.outcome_of_new(&before, row) else { continue };
            summary.add(None, &outcome);
            if let BulkOutcome::Changed { after, .. } = outcome {
                act.set_new(row, column, after.into())?;
            }
        }
        let mut failed = Ok(());
        read(work.catalog, work.progress, &rows.source, |page| {
            for row in page {
                let outcome = bulk.outcome(&before, row);
                let name = || row_name(meta, row);
                summary.add(Some(&name), &outcome);
                if let BulkOutcome::Changed { after, .. } = outcome {
                    failed = act.set_unseen(meta, row, column, after.into());
                }
                let is_over = summary.refused > 0 && refused == RefusedRows::Refuse;
                if failed.is_err() || is_over || summary.changed > limit {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        failed?;
        if summary.changed > limit {
            return Ok(BulkStaged::TooMany);
        }
        if summary.refused > 0 && refused == RefusedRows::Refuse {
            summary.find_labels(work, &bulk)?;
            return Ok(BulkStaged::Refused(summary));
        }
        let step = act.finish();
        Ok(BulkStaged::Staged { staging: Box::new(staging), step, summary })
    }
}

/// Changes some rows at once, and not by staging them, in one transaction; cancelled, nothing is written.
#[derive(Clone, Debug)]
pub struct WriteBulk {
    /// The change.
    pub bulk: Bulk,
    /// In which rows.
    pub source: Source,
    /// What is done with rows that cannot become that.
    pub refused: RefusedRows,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum BulkWritten {
    /// It is committed.
    Written(BulkSummary),
    /// Nothing is written: some rows cannot become that.
    Refused(BulkSummary),
}

impl Task for WriteBulk {
    type Output = BulkWritten;
    // It can be stopped, and commits by itself: as a file, it is complete or not there.
    const KIND: Kind = Kind::Makes;

    fn run(self, work: &mut Work<'_>) -> Result<BulkWritten> {
        let Self { bulk, source, refused } = self;
        let meta = bulk.meta();
        let progress = work.progress;
        let mut session = work.catalog.writing_session()?;
        progress.stopped_by(session.canceller()?);
        let filter = &source.query.filter;
        progress.total(session.repository(meta.table)?.count(filter)?);
        let is_meant = |row: &Record| match &source.rows {
            Rows::All => true,
            Rows::These(keys) => keys.contains(&meta.key_of(row)),
            Rows::AllBut(keys) => !keys.contains(&meta.key_of(row)),
        };
        let mut summary = BulkSummary::default();
        let mut done = 0;
        let end = bulk.write(&mut *session, filter, |page| {
            done += page.len() as u64;
            page.retain(|(row, outcome)| {
                let is_meant = is_meant(row);
                if is_meant {
                    summary.add(Some(&|| row_name(meta, row)), outcome);
                }
                is_meant && matches!(outcome, BulkOutcome::Changed { .. })
            });
            progress.done(done);
            let is_over = summary.refused > 0 && refused == RefusedRows::Refuse;
            if is_over || progress.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        if progress.is_cancelled() {
            session.rollback()?;
            return Err(Error::Cancelled);
        }
        if end.is_break() {
            session.rollback()?;
            drop(session);
            summary.find_labels(work, &bulk)?;
            return Ok(BulkWritten::Refused(summary));
        }
        session.commit()?;
        Ok(BulkWritten::Written(summary))
    }
}

/// Reads the rows, as long as nobody wants it to end.
fn read(
    catalog: &Catalog,
    watch: &dyn Watch,
    source: &Source,
    each: impl FnMut(&[Record]) -> ControlFlow<()>,
) -> Result<()> {
    read_rows(catalog, source, watch, each).map_err(|error| match error {
        ExportError::Database(error) => error,
        // Nothing is written: there is nothing else that can fail.
        _ => Error::Cancelled,
    })
}

/// Who waits for the first rows: how many there are in all would take longer to count.
struct Uncounted<'p>(&'p Progress);

impl Watch for Uncounted<'_> {
    fn wants_total(&self) -> bool {
        false
    }

    fn stopped_by(&self, canceller: Canceller) {
        Watch::stopped_by(self.0, canceller);
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl BulkSummary {
    /// Returns how many rows were looked at.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.changed + self.same + self.deleted + self.refused
    }

    fn add(&mut self, name: Option<&dyn Fn() -> String>, outcome: &BulkOutcome) {
        let (count, examples) = match outcome {
            BulkOutcome::Same => return self.same += 1,
            BulkOutcome::Deleted => return self.deleted += 1,
            BulkOutcome::Changed { .. } => (&mut self.changed, &mut self.examples),
            BulkOutcome::Refused { .. } => (&mut self.refused, &mut self.refusals),
        };
        *count += 1;
        if examples.len() == SHOWN {
            return;
        }
        let (before, after, refusal) = match outcome.clone() {
            BulkOutcome::Changed { before, after } => (before, Some(after), None),
            BulkOutcome::Refused { before, after, reason } => (before, after, Some(reason)),
            BulkOutcome::Same | BulkOutcome::Deleted => return,
        };
        let name = name.map(|name| name());
        examples.push(BulkExample { name, before, after, refusal });
    }

    fn find_labels(&mut self, work: &mut Work<'_>, bulk: &Bulk) -> Result<()> {
        if bulk.column().references.is_some() {
            let examples = self.examples.iter().chain(&self.refusals);
            let values = examples
                .flat_map(|example| Some(&example.before).into_iter().chain(&example.after));
            let values: Vec<Value> = values.cloned().collect();
            self.labels = labels_of(work, bulk.meta(), bulk.position(), values.iter())?;
        }
        Ok(())
    }
}
