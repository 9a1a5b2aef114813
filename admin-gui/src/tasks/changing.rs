//! What is staged is changed, and looked at, where that takes longer than a picture may.

use std::collections::HashMap;
use std::sync::Arc;

use persistence::edit::Edit;
use persistence::staging::{Conflict, RowId, RowKey, StagedRow, Staging, Step};
use persistence::{Error, Filter, Query, Record, RecordKey, Result};
use transfer::export::{SqlDialect, statement};
use transfer::keys;

use super::selected::SeenDeletion;
use crate::jobs::{Large, Task, Work};

/// What is done to all that is staged, or to many rows of it.
#[derive(Clone, Debug)]
pub enum StagedChange {
    /// What was done last is taken back.
    Undo,
    /// What was taken back last is done again.
    Redo,
    /// All of it is given up.
    Discard,
    /// What is staged of rows is given up that others have deleted.
    GiveUpGone,
    /// Rows are to be deleted.
    Delete {
        /// Which, and what a person has seen of what goes along.
        seen: SeenDeletion,
        /// The same rows, whole.
        rows: Vec<Record>,
        /// New rows that are given up with them.
        given_up: Vec<RowId>,
    },
    /// The rows of which something is staged are read again.
    Reread,
}

impl Large for Arc<StagedChange> {
    fn rows(&self) -> usize {
        match &**self {
            StagedChange::Delete { rows, .. } => rows.len(),
            _ => 0,
        }
    }
}

/// Changes what is staged by one act; the window has it as it was meanwhile.
#[derive(Clone, Debug)]
pub struct ChangeStaged {
    /// What is staged.
    pub staging: Staging,
    /// What is done to it.
    pub change: Arc<StagedChange>,
}

/// What is staged after a change.
#[derive(Clone, Debug)]
pub struct ChangedStaged {
    /// All of it.
    pub staging: Staging,
    /// What was done.
    pub steps: Vec<Step>,
    /// The first row that something was done to.
    pub first: Option<RowId>,
}

impl Task for ChangeStaged {
    type Output = ChangedStaged;

    fn run(self, work: &mut Work<'_>) -> Result<ChangedStaged> {
        let Self { mut staging, change } = self;
        let (first, steps) = match &*change {
            StagedChange::Reread => (None, reread(&mut staging, work)?),
            change => change_staged(&mut staging, change)?,
        };
        Ok(ChangedStaged { staging, steps, first })
    }
}

/// Does to what is staged what needs no database; returns the first row that something was done to, and the steps.
pub(crate) fn change_staged(
    staging: &mut Staging,
    change: &StagedChange,
) -> Result<(Option<RowId>, Vec<Step>)> {
    let (first, step) = match change {
        StagedChange::Undo => {
            let first = staging.undoes().next().cloned();
            (first, staging.undo())
        }
        StagedChange::Redo => {
            let first = staging.redoes().next().cloned();
            (first, staging.redo())
        }
        StagedChange::Discard => {
            let mut act = staging.act();
            act.revert_all();
            (None, act.finish())
        }
        StagedChange::GiveUpGone => {
            let gone: Vec<RowId> = gone(staging).cloned().collect();
            let mut act = staging.act();
            act.revert_rows(&gone);
            (None, act.finish())
        }
        StagedChange::Delete { seen, rows, given_up } => {
            let mut act = staging.act();
            act.revert_rows(given_up);
            for row in rows {
                act.delete(seen.entity, row)?;
            }
            (None, act.finish())
        }
        StagedChange::Reread => (None, None),
    };
    Ok((first, Vec::from_iter(step)))
}

/// Returns the rows that others have deleted of which something is staged.
pub(crate) fn gone(staging: &Staging) -> impl Iterator<Item = &RowId> {
    let rows = staging.rows().map(|(row, _)| row);
    rows.filter(|row| staging.conflict(row) == Some(Conflict::Gone))
}

fn reread(staging: &mut Staging, work: &mut Work<'_>) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let tables = stored(staging);
    work.progress.total(tables.iter().map(|(_, keys)| keys.len() as u64).sum());
    let mut done = 0;
    for (table, all) in tables {
        let meta = work.catalog.entry(table)?.meta;
        for some in all.chunks(keys::at_once(meta)) {
            let mut repository = work.session()?.repository(table)?;
            let filter = Filter::keys(meta, some.iter());
            let found = repository.list(&<Query>::new().filter(filter))?;
            drop(repository);
            let mut found: HashMap<RecordKey, Record> =
                found.into_iter().map(|row| (meta.key_of(&row), row)).collect();
            for key in some {
                let row = RowId { table: meta.table.into(), key: RowKey::Stored(key.clone()) };
                steps.extend(staging.reread(&row, found.remove(key)));
            }
            done += some.len() as u64;
            work.progress.done(done);
        }
    }
    Ok(steps)
}

/// Returns the rows of the database of which something is staged, by table.
pub(crate) fn stored(staging: &Staging) -> Vec<(&'static str, Vec<RecordKey>)> {
    let mut tables: Vec<(&'static str, Vec<RecordKey>)> = Vec::new();
    for (row, _) in staging.rows() {
        let RowKey::Stored(key) = &row.key else { continue };
        let Some(meta) = staging.entity(&row.table) else { continue };
        let table = meta.table;
        match tables.last_mut().filter(|(last, _)| *last == table) {
            Some((_, keys)) => keys.push(key.clone()),
            None => tables.push((table, vec![key.clone()])),
        }
    }
    tables
}

/// Returns the rows that are to be deleted, table by table, and what a person has seen of what goes along with
/// them.
#[must_use]
pub fn deletions_of(staging: &Staging, all_seen: &[SeenDeletion]) -> Vec<SeenDeletion> {
    let mut found: Vec<SeenDeletion> = Vec::new();
    for (row, staged) in staging.rows() {
        let (StagedRow::Deleted, RowKey::Stored(key)) = (staged, &row.key) else { continue };
        let Some(entity) = staging.entity(&row.table) else { continue };
        match found.last_mut().filter(|last| last.entity.table == entity.table) {
            Some(last) => drop(Arc::make_mut(&mut last.keys).insert(key.clone())),
            None => found.push(SeenDeletion::new(entity, key.clone())),
        }
    }
    for deletion in &mut found {
        let seen = all_seen.iter().filter(|seen| {
            seen.entity.table == deletion.entity.table && seen.keys.is_subset(&deletion.keys)
        });
        deletion.along.extend(seen.flat_map(|seen| seen.along.iter().cloned()));
    }
    found
}

/// Finds the statements that write what is staged, as far as it can be written.
#[derive(Clone, Debug)]
pub struct ReviewStaged {
    /// What is staged.
    pub staging: Staging,
    /// The engine that is to understand them.
    pub engine: &'static str,
    /// How many are shown.
    pub limit: usize,
}

/// The statements that write what is staged.
#[derive(Clone, Debug)]
pub struct Reviewed {
    /// The first of them.
    pub first: Vec<String>,
    /// How many there are.
    pub count: usize,
    /// All of them as a text that can be run elsewhere.
    pub text: String,
    /// How many rows cannot be written as they are.
    pub obstacles: usize,
}

impl Task for ReviewStaged {
    type Output = Reviewed;

    fn run(self, work: &mut Work<'_>) -> Result<Reviewed> {
        let Self { staging, engine, limit } = self;
        let dialect = SqlDialect::of_engine(engine);
        let obstacles = staging.edits().err().map_or(0, |wrong| wrong.len());
        let sql = |edit: &Edit| Some(statement(edit, staging.entity(&edit.table)?, dialect));
        let mut reviewed = Reviewed { first: Vec::new(), count: 0, text: String::new(), obstacles };
        for statement in staging.preview().iter().filter_map(sql) {
            if work.progress.is_cancelled() {
                return Err(Error::Cancelled);
            }
            reviewed.count += 1;
            reviewed.text.push_str(&statement);
            reviewed.text.push_str(";\n");
            if reviewed.first.len() < limit {
                reviewed.first.push(statement);
            }
        }
        Ok(reviewed)
    }
}
