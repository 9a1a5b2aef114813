//! What is staged: changes that a person has made in the grid, until they are written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use persistence::audit::{self, TakingBack};
use persistence::deletion::{Consequence, Count};
use persistence::edit::Written;
use persistence::staging::{
    Act, RowId, RowKey, StagedCounts, StagedRow, StagedValue, Staging, Step,
};
use persistence::{Catalog, EntityMeta, Error, Filter, OnDelete, Record, RecordKey, Value};

use super::lock_wait::LockWait;
use super::{AdminApp, Jobs, Notice};
use crate::jobs::{Queue, Topic, let_go};
use crate::kept_staging::KeptStaging;
use crate::tasks::{
    KeepStaging, PlannedDeletion, SeenDeletion, StagedChange, WholeRows, change_staged,
    deletions_of, gone_of, stored_of,
};
use crate::tr;

/// What is staged, kept in a file.
const JOURNAL: Topic = Topic::new("journal", Queue::Settings).unlogged();

/// The most rows that are looked at for each picture.
pub(super) const MOST_LOOKED_AT: usize = 500;

/// The most rows that are changed between two pictures; more are by another thread.
pub(super) const MOST_AT_ONCE: usize = 500;

/// What is staged, and what the database had against it.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Staged {
    staging: Staging,
    /// Whether it is being written: until that is known nothing else is staged.
    pub is_committing: bool,
    /// Whether another thread changes it: until that is done nothing else is staged.
    pub is_changing: bool,
    /// What the database had against a row, until something else is staged.
    refusal: Option<Refusal>,
    /// Where it is kept.
    pub kept: KeptStaging,
    /// What has been done and is not kept yet.
    steps: Vec<Step>,
    /// How many other windows have something staged of the same database.
    others: usize,
    /// What was done while it was being written: it is staged after that.
    pub held: Vec<(&'static str, Changes)>,
    /// How many acts wait for rows to be read.
    pub unread: usize,
    /// Whether it is to be written once these are staged.
    pub is_awaited: bool,
    /// Whether the record of the row after is opened once it is written.
    pub goes_on: bool,
    /// The state in which a person has agreed that it is written to a database in production.
    pub confirmed_at: Option<u64>,
    /// Whether it is not known if a commit was written: that is found out before there is another.
    pub is_open: bool,
    /// Whether a person has tried to write it: from then on all that new rows lack is shown.
    pub is_attempted: bool,
    /// Whether it is tried again by itself to write it.
    pub lock: LockWait,
    /// New rows that are given up with rows about which it is asked whether to delete them.
    pub given_up: Vec<RowId>,
    /// Another number for each state.
    revision: u64,
    /// What goes along with rows that are to be deleted, as a person has seen it.
    seen_deletions: Vec<SeenDeletion>,
}

/// What the database had against a row.
#[derive(Clone, Debug)]
struct Refusal {
    row: RowId,
    columns: Vec<String>,
    message: String,
}

/// What a person has done to rows, in one go.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Changes {
    pub cells: Vec<CellChange>,
    /// New rows: what is given of each, by the columns' positions.
    pub added: Vec<Vec<(usize, StagedValue)>>,
    /// Where the new rows are to be seen.
    pub shows: Shows,
    /// Rows of the database that are changed, as they were read.
    pub rows: Vec<Record>,
}

/// Where new rows are to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shows {
    /// In the grid, and in the record where one is open.
    #[default]
    Grid,
    /// In the grid, and opened.
    Record,
    /// Within the record to which they belong.
    Parent,
}

impl From<Vec<CellChange>> for Changes {
    fn from(cells: Vec<CellChange>) -> Self {
        Self { cells, ..Self::default() }
    }
}

/// Another value for a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CellChange {
    /// Which row.
    pub key: RowKey,
    /// The column's position.
    pub position: usize,
    pub value: StagedValue,
    /// What was stored there when the person began, as far as it was to be seen.
    pub seen: Option<Value>,
}

/// A cell, by its row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StagedCell {
    pub row: RowId,
    /// The column's position, where one is meant.
    pub position: Option<usize>,
}

impl Staged {
    /// Makes one in which nothing is staged.
    pub fn new(catalog: &Catalog, kept: KeptStaging) -> Self {
        let staging = Staging::new(catalog.entries());
        Self {
            staging,
            is_committing: false,
            is_changing: false,
            refusal: None,
            kept,
            steps: Vec::new(),
            others: 0,
            held: Vec::new(),
            unread: 0,
            is_awaited: false,
            goes_on: false,
            confirmed_at: None,
            is_open: false,
            is_attempted: false,
            lock: LockWait::default(),
            given_up: Vec::new(),
            revision: 0,
            seen_deletions: Vec::new(),
        }
    }

    /// Goes on with what an earlier window has left behind.
    pub fn recover(&mut self, staging: Staging) {
        self.staging = staging;
        self.count();
    }

    /// Returns another number for each state of what is staged.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns whether what is staged is all that was done to rows.
    pub fn is_settled(&self) -> bool {
        !self.is_busy() && self.unread == 0 && self.held.is_empty()
    }

    /// Returns whether it is being written or changed by another thread.
    pub const fn is_busy(&self) -> bool {
        self.is_committing || self.is_changing
    }

    /// Returns whether it is so much that it takes long to go through.
    pub fn is_much(&self) -> bool {
        self.staging.len() > MOST_AT_ONCE
    }

    /// Returns whether that could be taken back, or done again, between two pictures.
    pub fn is_little(&self, change: &StagedChange) -> bool {
        let staging = &self.staging;
        let count = match change {
            StagedChange::Undo => staging.undoes().take(MOST_AT_ONCE + 1).count(),
            StagedChange::Redo => staging.redoes().take(MOST_AT_ONCE + 1).count(),
            StagedChange::Delete { rows, .. } => rows.len(),
            StagedChange::Discard | StagedChange::GiveUpGone | StagedChange::Reread => {
                staging.len().max(staging.undoes().take(MOST_AT_ONCE + 1).count())
            }
        };
        count <= MOST_AT_ONCE
    }

    /// Returns whether something is staged of a table's rows.
    pub fn has_rows_of(&self, table: &str) -> bool {
        self.staging.counts_of(table).rows() > 0
    }

    /// Notes that something else is staged.
    fn count(&mut self) {
        self.revision += 1;
        self.is_attempted &= self.staging.counts().new > 0;
    }

    /// Asks for what has been done to be kept.
    pub fn ask_to_keep(&mut self, jobs: &mut Jobs) {
        if self.steps.is_empty() {
            return;
        }
        self.hand_over();
        jobs.ask(JOURNAL.only(), KeepStaging(self.kept.clone()), |app, outcome, _| {
            let reason = match outcome {
                Ok(Ok(others)) => return app.tell_of_others(others),
                Ok(Err(error)) => with_reason(&error),
                Err(failure) => app.words(&failure),
            };
            let said = tr!(app.preferences.texts, "staged-not-kept", reason = reason);
            app.notice = Some(Notice::failure(said));
        });
    }

    /// Hands over what has been done, to be kept before anything that is asked for from now on.
    pub fn hand_over(&mut self) {
        if !self.steps.is_empty() {
            self.kept.push(std::mem::take(&mut self.steps), &self.staging);
        }
    }

    /// Returns what is staged.
    pub fn staging(&self) -> &Staging {
        &self.staging
    }

    /// Returns what is staged, to be looked at by another thread.
    pub fn shared(&self) -> Arc<Staging> {
        Arc::new(self.staging.clone())
    }

    /// Returns what is staged, to be changed.
    const fn staging_mut(&mut self) -> &mut Staging {
        &mut self.staging
    }

    /// Takes what another thread has made of what is staged, by some steps.
    pub fn replace(&mut self, staging: Staging, steps: impl IntoIterator<Item = Step>) {
        let_go(std::mem::replace(&mut self.staging, staging));
        self.done(steps);
    }

    /// Returns of how many rows something is staged.
    pub fn counts(&self) -> StagedCounts {
        self.staging.counts()
    }

    /// Returns what is staged of a row.
    pub fn row(&self, meta: &EntityMeta, key: &RowKey) -> Option<(RowId, &StagedRow)> {
        if self.staging.is_empty() {
            return None;
        }
        let row = row_id(meta, key);
        let staged = self.staging.row(&row)?;
        Some((row, staged))
    }

    /// Returns what the database had against a cell.
    pub fn refusal(&self, row: &RowId, column: &str) -> Option<&str> {
        let refusal = self.refusal.as_ref().filter(|refusal| refusal.row == *row)?;
        let is_meant = refusal.columns.iter().any(|refused| refused == column);
        is_meant.then_some(refusal.message.as_str())
    }

    /// Stages changes of rows as they are seen, all or none.
    ///
    /// # Errors
    /// What keeps one of them from being staged.
    pub fn stage(
        &mut self,
        meta: &'static EntityMeta,
        seen: &HashMap<RecordKey, Record>,
        changes: Changes,
    ) -> Result<(), Error> {
        let mut act = self.staging_mut().act();
        for CellChange { key, position, value, .. } in changes.cells {
            let Some(column) = meta.columns.get(position) else { continue };
            match key {
                RowKey::Stored(key) => {
                    let Some(row) = seen.get(&key) else { continue };
                    act.set(meta, row, column.name, value)?;
                }
                key @ RowKey::New(_) => act.set_new(&row_id(meta, &key), column.name, value)?,
            }
        }
        for given in changes.added {
            let row = act.insert(meta)?;
            for (position, value) in given {
                let Some(column) = meta.columns.get(position) else { continue };
                act.set_new(&row, column.name, value)?;
            }
        }
        let step = act.finish();
        self.done(step);
        Ok(())
    }

    /// Notes what a person has seen of what goes along with rows that are to be deleted.
    pub fn saw_deletion(&mut self, seen: SeenDeletion) {
        // What is seen now is what counts.
        let is_other = |before: &SeenDeletion| {
            before.entity.table != seen.entity.table || before.keys.is_disjoint(&seen.keys)
        };
        let (kept, old): (_, Vec<SeenDeletion>) =
            std::mem::take(&mut self.seen_deletions).into_iter().partition(is_other);
        self.seen_deletions = kept;
        self.seen_deletions.push(seen);
        old.into_iter().for_each(let_go);
    }

    /// Returns what a person has seen of what goes along with rows that are, or were, to be deleted.
    pub fn seen_deletions(&self) -> &[SeenDeletion] {
        &self.seen_deletions
    }

    /// Returns how many rows go along with those that are to be deleted, or let go of them, as far as a person has seen
    /// it.
    pub fn goes_along(&self) -> usize {
        let found;
        let deletions = if self.is_much() {
            // Not more than this, at least.
            &self.seen_deletions
        } else {
            found = deletions_of(&self.staging, &self.seen_deletions);
            &found
        };
        let along = deletions.iter().flat_map(|deletion| &deletion.along);
        let counts = along.filter(|it| it.rule != OnDelete::Restrict).map(|it| match it.count {
            Count::Exactly(count) | Count::AtLeast(count) => count,
        });
        usize::try_from(counts.sum::<u64>()).unwrap_or(usize::MAX)
    }

    /// Returns whether a row is to be deleted.
    pub fn is_deleted(&self, meta: &EntityMeta, key: &RecordKey) -> bool {
        let row = self.row(meta, &RowKey::Stored(key.clone()));
        matches!(row, Some((_, StagedRow::Deleted)))
    }

    /// Takes out of a plan what keeps rows from being deleted and is to be deleted itself.
    pub fn leave_out_deleted(&self, planned: &mut PlannedDeletion) {
        if !planned.plan.is_blocked() {
            return;
        }
        let keys: HashSet<&RecordKey> = planned.rows.iter().map(|row| &row.key).collect();
        planned.plan.consequences.retain(|it| {
            let is_gone = it.rule == OnDelete::Restrict
                && it.count == Count::Exactly(self.deleted_referring(it, &keys));
            !is_gone
        });
    }

    /// Returns how many rows are to be deleted that refer to some others in a column.
    fn deleted_referring(&self, it: &Consequence, to: &HashSet<&RecordKey>) -> u64 {
        let Some(position) = it.entity.position(it.column.name) else { return 0 };
        let rows = self.staging.rows_of(it.entity.table);
        let rows = rows.filter(|(row, staged)| {
            let is_deleted = matches!(staged, StagedRow::Deleted);
            let refers = |row: &Record| to.contains(&RecordKey(vec![row.value(position).clone()]));
            is_deleted && self.staging.stored(row).is_some_and(refers)
        });
        rows.count() as u64
    }

    /// Stages what takes recorded changes back; returns the rows.
    ///
    /// # Errors
    /// What keeps one of them from being staged.
    pub fn take_back(&mut self, taking_back: &TakingBack) -> Result<Vec<RowId>, Error> {
        let audit::Staged { steps, rows } = taking_back.stage(self.staging_mut())?;
        self.done(steps);
        Ok(rows)
    }

    /// Changes what is staged by one act.
    pub fn act(&mut self, change: impl FnOnce(&mut Act<'_>)) {
        let mut act = self.staging_mut().act();
        change(&mut act);
        let step = act.finish();
        self.done(step);
    }

    /// Changes what is staged at once, where that is of few rows; returns the first row that something was done to.
    ///
    /// # Errors
    /// What keeps a row from being staged.
    pub fn change(&mut self, change: &StagedChange) -> Result<Option<RowId>, Error> {
        let (first, steps) = change_staged(&mut self.staging, change)?;
        self.done(steps);
        Ok(first)
    }

    /// Returns the rows that others have deleted of which something is staged.
    pub fn gone(&self) -> impl Iterator<Item = &RowId> {
        gone_of(&self.staging)
    }

    /// Forgets what is staged, because it is written, or given up for good.
    pub fn finish(&mut self) {
        let before = self.staging.clone();
        let step = self.staging.finish();
        let_go(before);
        self.is_attempted = false;
        self.lock = LockWait::default();
        std::mem::take(&mut self.seen_deletions).into_iter().for_each(let_go);
        self.done(Some(step));
    }

    /// Notes what has been done.
    fn done(&mut self, step: impl IntoIterator<Item = Step>) {
        self.refusal = None;
        self.lock.stop();
        self.steps.extend(step);
        self.count();
    }

    /// Notes what the database had against what was to be written; returns the cell where that is to be
    /// mended, as far as that can be told.
    pub fn refused(&mut self, error: &Error, message: String) -> Option<StagedCell> {
        let (entity, columns) = match error {
            Error::Constraint(violation) => (violation.entity, violation.columns.clone()),
            Error::Invalid(invalid) => {
                let fields = invalid.errors.iter().map(|error| error.field.clone());
                (invalid.entity, fields.collect())
            }
            Error::Conflict(conflict) => {
                let key = RowKey::Stored(conflict.key.clone());
                let meant = |row: &RowId| row.key == key && self.is_of(row, conflict.entity);
                let row = self.staging.rows().find(|(row, _)| meant(row))?.0.clone();
                return Some(StagedCell { row, position: None });
            }
            _ => return None,
        };
        // Which of several rows it was the database does not say.
        let mut meant = self.staging.rows().filter(|(row, staged)| {
            self.is_of(row, entity) && columns.iter().any(|column| staged.value(column).is_some())
        });
        let (row, _) = meant.next()?;
        let meta = self.staging.entity(&row.table)?;
        let position = columns.iter().find_map(|column| meta.position(column));
        let cell = StagedCell { row: row.clone(), position };
        if meant.next().is_some() {
            // Nobody knows which.
            return None;
        }
        self.refusal = Some(Refusal { row: cell.row.clone(), columns, message });
        Some(cell)
    }

    fn is_of(&self, row: &RowId, entity: &str) -> bool {
        self.staging.entity(&row.table).is_some_and(|meta| meta.name == entity)
    }

    /// Returns the rows of the database of which something is staged, by table.
    pub fn stored(&self) -> Vec<(&'static str, Vec<RecordKey>)> {
        stored_of(&self.staging)
    }

    /// Returns how many rows of an entity something is staged of although a filter does not find them; `None`
    /// where that cannot be told at once.
    pub fn outside(&self, meta: &'static EntityMeta, filter: &Filter) -> Option<usize> {
        if *filter == Filter::All {
            return Some(0);
        }
        let rows = self.staging.rows_of(meta.table);
        let rows: Vec<_> = rows.take(MOST_LOOKED_AT + 1).map(|(row, _)| row).collect();
        if rows.len() > MOST_LOOKED_AT || filter.needs_relations() {
            return None;
        }
        let stored = rows.into_iter().filter_map(|row| self.staging.stored(row));
        Some(stored.filter(|row| !filter.matches(meta, row)).count())
    }

    /// Takes in what rows are that were asked for; those that were not found are gone.
    pub fn reread(&mut self, asked: &[(&'static str, Vec<RecordKey>)], now: WholeRows) {
        let mut found: HashMap<RowId, Record> = HashMap::new();
        for (table, rows) in now {
            let Some(meta) = self.staging.entity(table) else { continue };
            found.extend(rows.into_iter().map(|row| (RowId::stored(meta, &row), row)));
        }
        for (table, keys) in asked {
            let Some(meta) = self.staging.entity(table) else { continue };
            for row in keys.iter().map(|key| row_id(meta, &RowKey::Stored(key.clone()))) {
                let now = found.remove(&row);
                self.steps.extend(self.staging.reread(&row, now));
            }
        }
        self.count();
    }

    /// Takes in a row as it has been read for the grid.
    pub fn seen(&mut self, meta: &'static EntityMeta, row: &Record) {
        let id = RowId::stored(meta, row);
        if self.staging.row(&id).is_some()
            && self.staging.stored(&id) != Some(row)
            && let Some(step) = self.staging_mut().reread(&id, Some(row.clone()))
        {
            self.steps.push(step);
            self.count();
        }
    }

    /// Takes in what the program itself has written.
    pub fn written(&mut self, rows: &[Written]) {
        if self.staging.is_empty()
            && self.staging.undoes().chain(self.staging.redoes()).next().is_none()
        {
            return;
        }
        for row in rows {
            let Some(before) = &row.before else { continue };
            let id = RowId::stored(row.entity, before);
            match row.seen_after() {
                Some(after) => {
                    self.steps.extend(self.staging.reread(&id, Some(after.clone())));
                }
                None if self.staging.row(&id).is_some() => self.act(|act| act.revert_row(&id)),
                None => {}
            }
        }
        self.count();
    }
}

/// Returns the name of a row.
pub(super) fn row_id(meta: &EntityMeta, key: &RowKey) -> RowId {
    RowId { table: meta.table.into(), key: key.clone() }
}

impl AdminApp {
    /// Tells the person once that somebody else is changing the same database.
    fn tell_of_others(&mut self, others: usize) {
        let before = std::mem::replace(&mut self.workspace.staged.others, others);
        if others > before {
            let said = tr!(self.preferences.texts, "staged-others", count = others);
            self.notice = Some(Notice::failure(said));
        }
    }
}

/// Returns an error and what it comes from, in one line.
pub(super) fn with_reason(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(reason) => format!("{error}: {}", with_reason(reason)),
        None => error.to_string(),
    }
}
