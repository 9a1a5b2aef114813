//! Reads the rows that the grids on the screen lack.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use egui::Context;
use persistence::RecordKey;

use super::context::{Known, words};
use super::effects::{Effect, Effects};
use super::workspace::Workspace;
use super::{AdminApp, Jobs, Notice};
use crate::grid::{Grid, NotSelected};
use crate::i18n::Texts;
use crate::jobs::{Failure, Queue, Topic};
use crate::tasks::Rows;
use crate::tr;

/// How long a picture waits for the rows that belong into it: less than a person can see.
pub(super) const MOMENT: Duration = Duration::from_millis(8);

/// Rows of an entity's grid.
pub(super) const ROWS: Topic = Topic::new("rows", Queue::Rows);
/// Rows that are being selected.
const BETWEEN: Topic = Topic::new("between", Queue::Rows);
/// Rows that are selected and may be gone.
const REMAINING: Topic = Topic::new("remaining", Queue::Counts);

/// Asks for what a grid lacks. Waits for rows that are to be drawn, others are asked for only.
/// Returns whether rows have come.
pub(super) fn read(
    grid: &mut Grid,
    limit: Duration,
    texts: &Texts,
    jobs: &mut Jobs,
    effects: &mut Effects,
) -> bool {
    let table = grid.meta().table;
    let until = Instant::now() + limit;
    let mut has_rows = false;
    while let Some(task) = grid.request() {
        let ticket = jobs.ask(ROWS.of(table), task, move |app, outcome, took| {
            app.with(|workspace, known, effects| {
                workspace.take_rows(table, outcome, took, known, effects);
            });
        });
        if grid.waiting_since().is_none() {
            break;
        }
        let Some((outcome, report)) = jobs.wait(&ticket, until) else { break };
        let took = report.took;
        effects.push(Effect::Log(report));
        match outcome {
            Ok(rows) => {
                grid.take(rows, took);
                has_rows = true;
            }
            Err(failure) => {
                grid.fail(words(texts, &failure));
                break;
            }
        }
    }
    if has_rows {
        effects.push(Effect::Follow);
    }
    has_rows
}

impl Workspace {
    /// Takes rows that have come after their picture.
    fn take_rows(
        &mut self,
        table: &str,
        outcome: Result<Rows, Failure>,
        took: Duration,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        match outcome {
            Ok(rows) => {
                if let Some(view) = self.view_of_mut(table) {
                    view.grid.take(rows, took);
                }
                self.follow_focus(known, effects);
            }
            Err(failure) => self.not_read(table, &failure, known),
        }
    }

    fn not_read(&mut self, table: &str, failure: &Failure, known: &Known<'_>) {
        let message = known.words(failure);
        if let Some(view) = self.view_of_mut(table) {
            view.grid.fail(message);
        }
    }

    fn take_between(
        &mut self,
        table: &str,
        outcome: Result<Option<Vec<RecordKey>>, Failure>,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if let Err(failure) = &outcome {
            effects.tell(known.not_found(failure));
        }
        let Some(view) = self.view_of_mut(table) else { return };
        match outcome {
            Ok(keys) => view.grid.take_between(keys),
            Err(_) => view.grid.selection.give_up(),
        }
    }

    fn take_gone(&mut self, table: &str, outcome: Result<HashSet<RecordKey>, Failure>) {
        match outcome {
            Ok(gone) => {
                if let Some(view) = self.view_of_mut(table) {
                    view.grid.take_gone(&gone);
                }
            }
            // Whoever takes the rows away asks again.
            Err(failure) => {
                tracing::warn!(%failure, "it is not known which selected rows are gone");
            }
        }
    }
}

impl AdminApp {
    /// Asks for what has come to be lacking while the picture was drawn: a sort, a filter. Rows that
    /// come in a moment are drawn at once, instead of a picture without them.
    pub(super) fn ask_for_rows(&mut self, context: &Context) {
        let is_first_pass = context.current_pass_index() == 0;
        let limit = if is_first_pass { MOMENT } else { Duration::ZERO };
        let mut has_rows = false;
        for place in self.workspace.visible_entities() {
            let Some(view) = self.workspace.views.get_mut(place) else { continue };
            if let Some(rest) = view.grid.try_again() {
                context.request_repaint_after(rest);
            }
            let (table, grid) = (view.meta().table, &mut view.grid);
            if let Some(task) = grid.between_request() {
                self.jobs.ask(BETWEEN.of(table), task, move |app, outcome, _| {
                    app.with(|workspace, known, effects| {
                        workspace.take_between(table, outcome, known, effects);
                    });
                });
            }
            if let Some(task) = grid.remaining_request() {
                self.jobs.ask(REMAINING.of(table), task, move |app, outcome, _| {
                    app.workspace.take_gone(table, outcome);
                });
            }
            match grid.take_not_selected() {
                None => {}
                Some(NotSelected::TooMany(limit)) => {
                    let said = tr!(self.preferences.texts, "grid-too-many-selected", limit = limit);
                    self.notice = Some(Notice::failure(said));
                }
                Some(NotSelected::Moved) => {
                    let said = tr!(self.preferences.texts, "grid-selected-moved");
                    self.notice = Some(Notice::failure(said));
                }
            }
            has_rows |=
                read(grid, limit, &self.preferences.texts, &mut self.jobs, &mut self.effects);
        }
        if has_rows && is_first_pass {
            context.request_discard("rows have come in a moment");
        } else if has_rows {
            context.request_repaint();
        }
    }
}
