//! New rows in a grid: what they start from, and where they stand.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use persistence::entity::Fill;
use persistence::staging::{StagedRow, StagedValue};
use persistence::{ColumnType, EntityMeta, Record, RecordKey, Value};

use super::Effects;
use super::context::Known;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::staged::{Changes, Shows, Staged};
use super::target::{Focused, Target};
use super::workspace::Workspace;
use crate::grid::{FIRST_ADDED, Focus, RowSource as _};
use crate::jobs::{Failure, Queue, Topic};
use crate::tasks::{Labels, ReadDefaults, ReadWhole, WholeRows};

/// How long what is typed waits for a new row.
const PATIENCE: Duration = Duration::from_secs(2);

/// Rows that are copied.
const COPIED: Topic = Topic::new("rows to be copied", Queue::Rows);
/// What new rows of an entity start from.
const STARTS: Topic = Topic::new("what new rows start from", Queue::Rows);

/// What new rows of an entity start from.
#[derive(Debug)]
pub(super) enum Start {
    /// It is being read.
    Asked {
        /// Since when: what is typed waits a while for the row.
        since: Instant,
        /// What is staged as soon as it is known.
        waiting: Changes,
    },
    /// These values, by their columns' positions.
    Known(Vec<(usize, Value)>),
}

impl EntityView {
    /// Shows the new rows that are staged.
    pub(super) fn show_new_rows(&mut self, staged: &Staged) {
        if staged.staging().is_empty() && self.grid.source().added() == 0 {
            return;
        }
        if std::mem::replace(&mut self.added_at, staged.revision()) == staged.revision() {
            return;
        }
        let table = self.meta().table;
        let added: Vec<u32> = staged.staging().new_rows_of(table).collect();
        self.grid.set_added(added);
    }

    /// Returns whether a new row is on its way, for which what is typed is meant.
    pub(super) fn awaits_row(&self) -> bool {
        matches!(&self.start, Some(Start::Asked { since, .. }) if since.elapsed() < PATIENCE)
    }
}

impl Workspace {
    /// Adds an empty row below the others.
    pub(super) fn add_row(&self, place: Option<usize>, effects: &mut Effects) {
        let Some(view) = self.entity(place) else { return };
        let changes = Changes { added: vec![Vec::new()], ..Changes::default() };
        effects.push(Effect::Stage { table: view.meta().table, changes });
    }

    /// Adds rows with the values of those that are selected, or of the focused one: as they are seen, but without
    /// their keys.
    pub(super) fn duplicate(&self, place: Option<usize>, known: &Known<'_>, effects: &mut Effects) {
        let Some(view) = self.entity(place) else { return };
        let table = view.meta().table;
        let Some(keys) = view.meant(known.texts, effects).map(|meant| meant.keys) else { return };
        let stored: Vec<RecordKey> = keys.iter().filter_map(|key| key.stored().cloned()).collect();
        let receive = move |workspace: &mut Self,
                            outcome: Result<WholeRows, Failure>,
                            known: &Known<'_>,
                            effects: &mut Effects| {
            let rows = match outcome {
                Ok(rows) => rows.into_iter().flat_map(|(_, rows)| rows),
                Err(failure) => return effects.tell(known.not_found(&failure)),
            };
            let Some(meta) = workspace.views.of(table).map(EntityView::meta) else { return };
            let rows: HashMap<RecordKey, Record> =
                rows.map(|row| (meta.key_of(&row), row)).collect();
            let copies = keys.iter().map(|key| {
                let row = key.stored().and_then(|key| rows.get(key));
                copy_of(meta, row, workspace.staged.row(meta, key).map(|(_, staged)| staged))
            });
            let changes = Changes { added: copies.collect(), ..Changes::default() };
            effects.push(Effect::Stage { table, changes });
        };
        let rows = vec![(table, stored)];
        effects.ask(COPIED.of(table), ReadWhole { rows }, receive);
    }

    /// Has new rows start from what the database gives them; where that is not known, asks for it and returns
    /// nothing.
    pub(super) fn started(
        &mut self,
        table: &'static str,
        mut changes: Changes,
        effects: &mut Effects,
    ) -> Option<Changes> {
        if changes.added.is_empty() {
            return Some(changes);
        }
        let view = self.views.of_mut(table)?;
        if let Some(Start::Known(start)) = &view.start {
            for given in &mut changes.added {
                let is_given = |position: usize| given.iter().any(|(it, _)| *it == position);
                let start = start.iter().filter(|(position, _)| !is_given(*position));
                let start: Vec<_> =
                    start.map(|(position, value)| (*position, value.clone().into())).collect();
                given.extend(start);
            }
            return Some(changes);
        }
        if let Some(Start::Asked { waiting, .. }) = &mut view.start {
            waiting.cells.extend(changes.cells);
            waiting.added.extend(changes.added);
            waiting.rows.extend(changes.rows);
            waiting.shows = changes.shows;
            return None;
        }
        view.start = Some(Start::Asked { since: Instant::now(), waiting: changes });
        self.staged.unread += 1;
        let receive = move |workspace: &mut Self,
                            outcome: Result<(Record, Labels), Failure>,
                            _: &Known<'_>,
                            effects: &mut Effects| {
            workspace.staged.unread -= 1;
            let Some(view) = workspace.views.of_mut(table) else { return };
            let defaults = outcome.inspect_err(|failure| {
                tracing::warn!(%failure, "a new row starts without the database's defaults");
            });
            let defaults = defaults.ok().map(|(defaults, _)| defaults);
            let start = Start::Known(start_of(view.meta(), defaults.as_ref()));
            if let Some(Start::Asked { waiting, .. }) = view.start.replace(start) {
                effects.push(Effect::Stage { table, changes: waiting });
            }
            workspace.commit_awaited(effects);
        };
        effects.ask(STARTS.of(table), ReadDefaults { table }, receive);
        None
    }

    /// Goes to the first of the rows that have been added last, where a person can type.
    pub(super) fn go_to_new_row(
        &mut self,
        table: &'static str,
        (count, shows): (usize, Shows),
        effects: &mut Effects,
    ) {
        if shows == Shows::Parent {
            return self.go_to_new_child();
        }
        let Some(view) = self.views.of_mut(table) else { return };
        view.show_new_rows(&self.staged);
        let rows = view.grid.source().added();
        let row = FIRST_ADDED + rows.saturating_sub(count as u64);
        let meta = view.meta();
        let is_open = |place: &usize| {
            let column = view.grid.columns.get(*place).map(|column| column.position);
            column
                .and_then(|position| meta.columns.get(position))
                .is_some_and(|column| column.fill == Fill::Draft)
        };
        let column = (0..view.grid.columns.len()).find(is_open).unwrap_or_default();
        view.grid.set_focus(Focus { row, column });
        view.grid.reveal_column();
        effects.hush();
        effects.focus(Focused::Grid);
        let is_open = self.records.panel_table() == Some(table);
        if shows == Shows::Record || is_open {
            effects.push(Effect::Open(Target::FocusedRow(table)));
        }
    }
}

/// Returns what is given in a copy of a row: what is staged of it, else what is stored; not its key.
fn copy_of(
    meta: &EntityMeta,
    row: Option<&Record>,
    staged: Option<&StagedRow>,
) -> Vec<(usize, StagedValue)> {
    let columns =
        meta.columns.iter().enumerate().filter(|(position, column)| {
            column.fill == Fill::Draft && !meta.key.contains(position)
        });
    let copied = columns.filter_map(|(position, column)| {
        let staged = staged.and_then(|staged| staged.value(column.name)).cloned();
        // What is not seen is not copied.
        let stored = || Some(row?.value(position)).filter(|it| **it != Value::Masked);
        let stored = || stored().map(|value| value.clone().into());
        Some((position, staged.or_else(stored)?))
    });
    copied.collect()
}

/// Returns what new rows start from: what the database gives them, and no where there is only yes and no.
fn start_of(meta: &EntityMeta, defaults: Option<&Record>) -> Vec<(usize, Value)> {
    let columns = meta.columns.iter().enumerate().filter(|(_, column)| column.fill == Fill::Draft);
    let start = columns.filter_map(|(position, column)| {
        let default = defaults.map(|defaults| defaults.value(position)).filter(|it| !it.is_null());
        let is_bool = column.column_type == ColumnType::Bool && !column.is_nullable;
        let value = default.cloned().or(is_bool.then_some(Value::Bool(false)))?;
        Some((position, value))
    });
    start.collect()
}
