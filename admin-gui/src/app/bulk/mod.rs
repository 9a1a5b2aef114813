//! Changing a column in many rows: what is asked, looked at and staged.

mod dialog;
mod draft;
mod fields;
mod straight;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;
use persistence::staging::bulk::Bulk;
use persistence::staging::{RowId, RowKey, Staging};
use persistence::{CatalogEntry, Filter, Order, Query};
use transfer::export::{Rows, Source};

use super::context::Known;
use super::dialogs::Dialogs;
use super::entity_view::EntityView;
use super::production::name_of;
use super::staged::{Staged, row_id};
use super::{AdminApp, Effects, Focused, Jobs, Notice};
use crate::jobs::{Failure, Lane, Queue, Topic};
use crate::tasks::{
    BulkExtent, BulkRows, BulkStaged, BulkSummary, Choice, FindChoices, LookAtBulk, ReadDefaults,
    RefusedRows, StageBulk,
};
use crate::tr;
use dialog::BulkChoice;
use draft::{Draft, Missing};
use straight::{Guard, WRITE};
use words::staged_in_words;

/// What the first rows would become.
const FIRST: Lane = Topic::new("first changed rows", Queue::Rows).only();
/// What all rows would become.
const ALL: Lane = Topic::new("changed rows", Queue::Changes).only();
/// Staging it.
const STAGE: Lane = Topic::new("staging changed rows", Queue::Changes).only();
/// Rows to refer to.
const CHOICES: Lane = Topic::new("rows to refer to", Queue::Searches).only();
/// What the database gives to columns.
const DEFAULTS: Lane = Topic::new("defaults of columns", Queue::Rows).only();

/// Rows that are offered to refer to.
const MOST_CHOICES: u64 = 8;

/// How long nothing has to be typed before all rows are looked at.
const PATIENCE: Duration = Duration::from_millis(250);

/// Which rows are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Selected,
    Filtered,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Running {
    Staging,
    Writing,
}

impl Running {
    /// Returns where it is asked.
    const fn lane(self) -> Lane {
        match self {
            Self::Staging => STAGE,
            Self::Writing => WRITE,
        }
    }
}

/// The question what is to become of a column in many rows.
#[derive(Debug)]
pub(super) struct BulkDialog {
    entry: CatalogEntry,
    /// Which rows can be meant, and how many these are, where that is known.
    scopes: Vec<(Scope, BulkRows, Option<u64>)>,
    scope: Scope,
    draft: Draft,
    refused: RefusedRows,
    /// What is wrong with what is said, and of what that was found out.
    wrong: Option<(Draft, Option<Wrong>)>,
    /// What was said when it was looked at last.
    looked_at: Option<(Scope, Draft)>,
    /// Since when that is so, until all rows are looked at.
    since: Option<Instant>,
    /// What the first rows become.
    first: Option<BulkSummary>,
    /// What all rows become, or why that is not known.
    all: Option<Result<BulkSummary, String>>,
    running: Option<Running>,
    guard: Guard,
    /// Rows to refer to, and for which text they were found.
    choices: Vec<Choice>,
    searched: Option<(usize, String)>,
    is_focused: bool,
}

impl BulkDialog {
    /// Makes the dialog for the rows of a view, and the new ones that are staged below them; `None` where
    /// nothing of them may be changed.
    fn new(known: &Known<'_>, view: &EntityView, staging: &Staging, guard: Guard) -> Option<Self> {
        let (meta, grid) = (view.meta(), &view.grid);
        let focused = grid.focus().and_then(|focus| grid.columns.get(focus.column));
        let selected = grid.selection.columns().and_then(|all| grid.columns.get(all.start));
        let wanted = selected.or(focused).map(|column| column.position);
        let draft = Draft::new(meta, wanted, |column| {
            known.why_not_permitted(meta, column, false).is_none()
        })?;
        let mut scopes = Vec::new();
        let new = grid.selection.these().into_iter().flatten();
        let new = new.filter(|key| matches!(key, RowKey::New(_)));
        let new: Vec<RowId> = new.map(|key| row_id(meta, key)).collect();
        let count = grid.selected();
        if count > 0 {
            let none = Source { meta, query: Query::new(), rows: Rows::These(Arc::default()) };
            let source = grid.selected_rows().unwrap_or(none);
            scopes.push((Scope::Selected, BulkRows { source, new }, Some(count)));
        }
        // New rows are shown whatever the filter is.
        let new = staging.new_rows_of(meta.table);
        let new: Vec<RowId> = new.map(|number| row_id(meta, &RowKey::New(number))).collect();
        let total = grid.total().filter(|total| total.is_exact);
        let total = total.map(|total| total.rows + new.len() as u64);
        let source = Source { meta, query: grid.query(), rows: Rows::All };
        scopes.push((Scope::Filtered, BulkRows { source, new }, total));
        Some(Self {
            entry: view.entry.clone(),
            scope: if count > 0 { Scope::Selected } else { Scope::Filtered },
            scopes,
            draft,
            refused: RefusedRows::default(),
            wrong: None,
            looked_at: None,
            since: None,
            first: None,
            all: None,
            running: None,
            guard,
            choices: Vec::new(),
            searched: None,
            is_focused: false,
        })
    }

    /// Returns the rows that are meant.
    fn rows(&self) -> Option<&BulkRows> {
        self.scopes.iter().find(|(scope, _, _)| *scope == self.scope).map(|(_, rows, _)| rows)
    }

    /// Returns whether the filter finds all rows.
    fn is_unfiltered(&self) -> bool {
        self.scopes.iter().all(|(_, rows, _)| rows.source.query.filter == Filter::All)
    }

    /// Returns the change, once all of it is said.
    fn bulk(&self, known: &Known<'_>) -> Result<Bulk, Wrong> {
        let change = self.draft.change(known.texts.language()).map_err(Wrong::Missing)?;
        let column = self.draft.column_meta().ok_or(Wrong::Missing(Missing::Incomplete))?;
        Bulk::new(&self.entry, column.name, change).map_err(Wrong::Refused)
    }

    /// Finds out what is wrong, once something else is said: to make a change each time it is drawn takes long.
    fn check(&mut self, known: &Known<'_>) {
        if self.wrong.as_ref().is_none_or(|(draft, _)| *draft != self.draft) {
            self.wrong = Some((self.draft.clone(), self.bulk(known).err()));
        }
    }

    /// Looks at what the change comes to, once something else is said.
    fn follow(
        &mut self,
        context: &Context,
        staged: &Staged,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        self.search(effects);
        let now = (self.scope, self.draft.clone());
        if self.looked_at.as_ref() != Some(&now) {
            self.looked_at = Some(now);
            (self.first, self.all, self.since) = (None, None, None);
            self.refused = RefusedRows::default();
            effects.forget(FIRST);
            effects.forget(ALL);
            if self.bulk(known).is_ok() {
                self.look(FIRST, BulkExtent::First, staged, known, effects);
                self.since = Some(Instant::now());
            }
        }
        let Some(since) = self.since else { return };
        let rest = PATIENCE.saturating_sub(since.elapsed());
        if rest.is_zero() {
            self.since = None;
            self.look(ALL, BulkExtent::All, staged, known, effects);
        } else {
            context.request_repaint_after(rest);
        }
    }

    fn look(
        &self,
        lane: Lane,
        extent: BulkExtent,
        staged: &Staged,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let (Ok(bulk), Some(rows)) = (self.bulk(known), self.rows().cloned()) else { return };
        let rows = match extent {
            BulkExtent::First => rows,
            BulkExtent::All => by_key(rows),
        };
        let task = LookAtBulk { bulk, rows, staging: staged.shared(), extent };
        effects.ask_window(lane, task, move |app, outcome| {
            let outcome = app.known().in_words(outcome);
            let Some(dialog) = &mut app.dialogs.bulk else { return };
            match (extent, outcome) {
                (BulkExtent::First, outcome) => dialog.first = outcome.ok(),
                (BulkExtent::All, outcome) => dialog.all = Some(outcome),
            }
        });
    }

    /// Looks for rows to refer to, where what is typed is another text.
    fn search(&mut self, effects: &mut Effects) {
        let column = self.draft.column_meta();
        let Some(reference) = column.and_then(|column| column.references.as_ref()) else { return };
        let wanted = (self.draft.column, self.draft.value.clone());
        if self.searched.as_ref() == Some(&wanted) {
            return;
        }
        if self.searched.as_ref().is_none_or(|(column, _)| *column != wanted.0) {
            // Rows of another table.
            self.choices.clear();
        }
        self.searched = Some(wanted);
        let table = reference.entity.meta().table;
        let task = FindChoices { table, text: self.draft.value.clone(), size: MOST_CHOICES };
        effects.ask_window(CHOICES, task, |app, outcome| {
            if let (Some(dialog), Ok(choices)) = (&mut app.dialogs.bulk, outcome) {
                dialog.choices = choices;
            }
        });
    }

    /// Looks at what the change comes to no more, because it is being made.
    fn begin(&mut self, running: Running, effects: &mut Effects) {
        self.running = Some(running);
        effects.forget(FIRST);
        effects.forget(ALL);
    }

    /// Begins to stage the change.
    fn stage(&mut self, staged: &Staged, known: &Known<'_>, effects: &mut Effects) {
        let (Ok(bulk), Some(rows)) = (self.bulk(known), self.rows().cloned()) else { return };
        self.begin(Running::Staging, effects);
        let (revision, refused) = (staged.revision(), self.refused);
        let rows = by_key(rows);
        let task = StageBulk {
            bulk,
            rows,
            staging: staged.shared(),
            refused,
            limit: self.guard.most_staged,
        };
        effects.ask_window(STAGE, task, move |app, outcome| app.bulk_staged(revision, outcome));
    }
}

/// What keeps a change from being looked at.
#[derive(Debug)]
enum Wrong {
    Missing(Missing),
    Refused(persistence::staging::bulk::BulkError),
}

/// Returns the same rows in the order of their keys: pages of another order may have to be sorted, each of
/// them.
fn by_key(mut rows: BulkRows) -> BulkRows {
    rows.source.query.order = Order::default();
    rows
}

impl Dialogs {
    /// Draws the question what is to become of many rows.
    pub(super) fn show_bulk(
        &mut self,
        context: &Context,
        (known, staged): (&Known<'_>, &Staged),
        jobs: &Jobs,
        effects: &mut Effects,
    ) {
        let Some(dialog) = &mut self.bulk else { return };
        dialog.guard.is_free = staged.staging().is_empty() && !staged.is_busy() && !staged.is_open;
        match dialog.show(context, known, jobs) {
            None if dialog.running.is_some() => {}
            None => dialog.follow(context, staged, known, effects),
            Some(BulkChoice::Stage) => dialog.stage(staged, known, effects),
            Some(BulkChoice::Write) => dialog.write(known, effects),
            Some(BulkChoice::Cancel) => {
                self.cancel_bulk(effects);
            }
        }
    }

    /// Closes the question, and stops what is done for it: then nothing is staged. What is being written is
    /// stopped, and the question stays until that has ended. Returns whether there was one.
    pub(super) fn cancel_bulk(&mut self, effects: &mut Effects) -> bool {
        let Some(dialog) = &self.bulk else { return false };
        if dialog.running == Some(Running::Writing) {
            effects.stop(WRITE);
            return true;
        }
        self.bulk = None;
        for lane in [FIRST, ALL, STAGE, CHOICES, DEFAULTS] {
            effects.forget(lane);
        }
        effects.focus(Focused::Grid);
        true
    }
}

impl AdminApp {
    /// Asks what is to become of a column in many rows.
    pub(super) fn ask_to_change_rows(&mut self, place: Option<usize>) {
        let Some(view) = self.workspace.entity(place) else { return };
        if view.refuses_while_selecting(&self.preferences.texts, &mut self.effects) {
            return;
        }
        let name = self.preferences.is_production().then(|| name_of(&self.program.target));
        let staging = self.workspace.staged.staging();
        let known = Known::new(&self.preferences, &self.program);
        let guard = Guard::new(name, self.program.most_staged);
        let Some(dialog) = BulkDialog::new(&known, view, staging, guard) else {
            let entity = self.preferences.texts.entity(view.meta());
            let said = tr!(self.preferences.texts, "bulk-nothing-open", entity = entity);
            return self.effects.tell(Notice::failure(said));
        };
        let table = view.meta().table;
        self.effects.hush();
        self.dialogs.bulk = Some(dialog);
        self.effects.ask_window(DEFAULTS, ReadDefaults { table }, |app, outcome| {
            if let (Some(dialog), Ok((defaults, _))) = (&mut app.dialogs.bulk, outcome) {
                let defaults = defaults.0.into_iter().enumerate();
                dialog.draft.defaults = defaults.filter(|(_, value)| !value.is_null()).collect();
            }
        });
    }

    /// Takes what became of staging a change of many rows.
    fn bulk_staged(&mut self, revision: u64, outcome: Result<BulkStaged, Failure>) {
        let outcome = self.known().in_words(outcome);
        let Some(dialog) = &mut self.dialogs.bulk else { return };
        dialog.running = None;
        let staged = &mut self.workspace.staged;
        match outcome {
            Err(reason) => dialog.all = Some(Err(reason)),
            Ok(_) if staged.is_busy() || staged.is_open => {
                let said = tr!(self.preferences.texts, "staged-committing");
                dialog.all = Some(Err(said));
            }
            Ok(BulkStaged::TooMany) => {
                // More than were seen before: they cannot be staged.
                dialog.all = None;
                let known = Known::new(&self.preferences, &self.program);
                dialog.look(ALL, BulkExtent::All, staged, &known, &mut self.effects);
            }
            Ok(BulkStaged::Refused(summary)) => {
                // More than was seen before: others have written meanwhile.
                dialog.all = Some(Ok(summary));
            }
            Ok(BulkStaged::Staged { .. }) if staged.revision() != revision => {
                // Something was staged or read meanwhile: it is what this is to start from.
                let known = Known::new(&self.preferences, &self.program);
                dialog.stage(staged, &known, &mut self.effects);
            }
            Ok(BulkStaged::Staged { staging, step, summary }) => {
                staged.replace(*staging, step);
                let said = staged_in_words(&summary, &self.preferences.texts);
                self.dialogs.bulk = None;
                self.effects.focus(Focused::Grid);
                self.notice = Some(Notice::success(said));
            }
        }
    }
}
