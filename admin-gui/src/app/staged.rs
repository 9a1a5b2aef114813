//! What is staged: changes that a person has made in the grid, until they are written.

use std::collections::HashMap;

use persistence::edit::{Edit, Written};
use persistence::staging::{Act, Conflict, RowId, RowKey, StagedRow, StagedValue, Staging, Step};
use persistence::{Catalog, EntityMeta, Error, Filter, Record, RecordKey, Value};
use transfer::export::{SqlDialect, statement};

use super::{AdminApp, Jobs, Notice};
use crate::jobs::{Queue, Topic};
use crate::kept_staging::KeptStaging;
use crate::tasks::{KeepStaging, WholeRows};
use crate::tr;

/// What is staged, kept in a file.
const JOURNAL: Topic = Topic::new("journal", Queue::Settings).unlogged();

/// The most rows that are looked at for each picture.
pub(super) const MOST_LOOKED_AT: usize = 500;

/// What is staged, and what the database had against it.
#[derive(Debug)]
pub(super) struct Staged {
    staging: Staging,
    /// Whether it is being written: until that is known nothing else is staged.
    pub is_committing: bool,
    /// What the database had against a row, until something else is staged.
    refusal: Option<Refusal>,
    /// Where it is kept.
    pub kept: KeptStaging,
    /// What has been done and is not kept yet.
    steps: Vec<Step>,
    /// How many other windows have something staged of the same database.
    others: usize,
    /// What was done while it was being written: it is staged after that.
    pub held: Vec<(&'static str, Vec<CellChange>)>,
    /// How many acts wait for rows to be read.
    pub unread: usize,
    /// Whether it is to be written once these are staged.
    pub is_awaited: bool,
    /// Whether it is not known if a commit was written: that is found out before there is another.
    pub is_open: bool,
}

/// What the database had against a row.
#[derive(Clone, Debug)]
struct Refusal {
    row: RowId,
    columns: Vec<String>,
    message: String,
}

/// Another value for a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CellChange {
    /// The row's primary key.
    pub key: RecordKey,
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
            refusal: None,
            kept,
            steps: Vec::new(),
            others: 0,
            held: Vec::new(),
            unread: 0,
            is_awaited: false,
            is_open: false,
        }
    }

    /// Goes on with what an earlier window has left behind.
    pub fn recover(&mut self, staging: Staging) {
        self.staging = staging;
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
        self.kept.push(std::mem::take(&mut self.steps));
    }

    /// Returns what is staged.
    pub const fn staging(&self) -> &Staging {
        &self.staging
    }

    /// Returns what is staged of a row of the database.
    pub fn row(&self, meta: &EntityMeta, key: &RecordKey) -> Option<(RowId, &StagedRow)> {
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
        changes: Vec<CellChange>,
    ) -> Result<(), Error> {
        let mut act = self.staging.act();
        for CellChange { key, position, value, .. } in changes {
            let (Some(row), Some(column)) = (seen.get(&key), meta.columns.get(position)) else {
                continue;
            };
            act.set(meta, row, column.name, value)?;
        }
        let step = act.finish();
        self.done(step);
        Ok(())
    }

    /// Changes what is staged by one act.
    pub fn act(&mut self, change: impl FnOnce(&mut Act<'_>)) {
        let mut act = self.staging.act();
        change(&mut act);
        let step = act.finish();
        self.done(step);
    }

    /// Gives up all that is staged, until that is undone.
    pub fn discard(&mut self) {
        let mut act = self.staging.act();
        act.revert_all();
        let step = act.finish();
        self.done(step);
    }

    /// Gives up what is staged of rows that others have deleted.
    pub fn give_up_gone(&mut self) {
        let gone: Vec<RowId> = self.gone().cloned().collect();
        self.act(|act| gone.iter().for_each(|row| act.revert_row(row)));
    }

    /// Returns the rows that others have deleted of which something is staged.
    pub fn gone(&self) -> impl Iterator<Item = &RowId> {
        let rows = self.staging.rows().map(|(row, _)| row);
        rows.filter(|row| self.staging.conflict(row) == Some(Conflict::Gone))
    }

    /// Takes back what was done last; returns where that was.
    pub fn undo(&mut self) -> Option<StagedCell> {
        let cell = self.staging.undoes().next().cloned();
        let step = self.staging.undo();
        self.done(step);
        cell.map(|row| StagedCell { row, position: None })
    }

    /// Does again what was taken back last; returns where that was.
    pub fn redo(&mut self) -> Option<StagedCell> {
        let cell = self.staging.redoes().next().cloned();
        let step = self.staging.redo();
        self.done(step);
        cell.map(|row| StagedCell { row, position: None })
    }

    /// Forgets what is staged, because it is written.
    pub fn finish(&mut self) {
        let step = self.staging.finish();
        self.done(Some(step));
    }

    /// Notes what has been done.
    fn done(&mut self, step: Option<Step>) {
        self.refusal = None;
        self.steps.extend(step);
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
                let meant = |row: &RowId| {
                    row.key == RowKey::Stored(conflict.key.clone())
                        && self.is_of(row, conflict.entity)
                };
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
        if meant.next().is_none() {
            self.refusal = Some(Refusal { row: cell.row.clone(), columns, message });
        }
        Some(cell)
    }

    fn is_of(&self, row: &RowId, entity: &str) -> bool {
        self.staging.entity(&row.table).is_some_and(|meta| meta.name == entity)
    }

    /// Returns the statements that write what is staged, as far as it can be written.
    pub fn statements(&self, engine: &str) -> Vec<String> {
        let dialect = SqlDialect::of_engine(engine);
        let edits = self.staging.preview();
        let sql = |edit: &Edit| Some(statement(edit, self.staging.entity(&edit.table)?, dialect));
        edits.iter().filter_map(sql).collect()
    }

    /// Returns the rows of the database of which something is staged, by table.
    pub fn stored(&self) -> Vec<(&'static str, Vec<RecordKey>)> {
        let mut tables: Vec<(&'static str, Vec<RecordKey>)> = Vec::new();
        for (row, _) in self.staging.rows() {
            let RowKey::Stored(key) = &row.key else { continue };
            let Some(meta) = self.staging.entity(&row.table) else { continue };
            let table = meta.table;
            match tables.last_mut().filter(|(last, _)| *last == table) {
                Some((_, keys)) => keys.push(key.clone()),
                None => tables.push((table, vec![key.clone()])),
            }
        }
        tables
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
            for row in keys.iter().map(|key| row_id(meta, key)) {
                let now = found.remove(&row);
                self.steps.extend(self.staging.reread(&row, now));
            }
        }
    }

    /// Takes in a row as it has been read for the grid.
    pub fn seen(&mut self, meta: &'static EntityMeta, row: &Record) {
        let id = RowId::stored(meta, row);
        if self.staging.row(&id).is_some() {
            self.steps.extend(self.staging.reread(&id, Some(row.clone())));
        }
    }

    /// Takes in what the program itself has written.
    pub fn written(&mut self, rows: &[Written]) {
        for row in rows {
            let Some(before) = &row.before else { continue };
            let id = RowId::stored(row.entity, before);
            match row.seen_after() {
                Some(after) => self.steps.extend(self.staging.reread(&id, Some(after.clone()))),
                None if self.staging.row(&id).is_some() => self.act(|act| act.revert_row(&id)),
                None => {}
            }
        }
    }
}

/// Returns the name of a row of the database.
pub(super) fn row_id(meta: &EntityMeta, key: &RecordKey) -> RowId {
    RowId { table: meta.table.into(), key: RowKey::Stored(key.clone()) }
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
