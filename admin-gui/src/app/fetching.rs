//! Reads the rows that the grids on the screen lack.

use std::time::Duration;

use egui::Context;

use super::Effects;
use super::context::{Known, words};
use super::effects::Effect;
use super::entity_view::EntityView;
use super::workspace::Workspace;
use super::{Jobs, Notice};
use crate::grid::{Grid, NotSelected};
use crate::i18n::Texts;
use crate::jobs::{Failure, Queue, Topic};
use crate::tasks::Rows;
use crate::tr;

/// How long a picture waits for what belongs into it, all in all: less than a person can see.
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
    waits: bool,
    texts: &Texts,
    jobs: &mut Jobs,
    effects: &mut Effects,
) -> bool {
    let table = grid.meta().table;
    let mut has_rows = false;
    while let Some(task) = grid.request() {
        let ticket = jobs.ask(ROWS.of(table), task, move |app, outcome, took| {
            app.with(|workspace, known, effects| {
                let view = workspace.views.of_mut(table);
                if view.is_some_and(|view| view.take_rows(outcome, took, known)) {
                    workspace.follow_staged();
                    workspace.follow_focus(known, effects);
                }
            });
        });
        if !waits || grid.waiting_since().is_none() {
            break;
        }
        let Some((outcome, report)) = jobs.wait_in_frame(&ticket) else { break };
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

impl EntityView {
    /// Asks for what has come to be lacking while the picture was drawn: a sort, a filter. Returns
    /// whether rows have come.
    pub(super) fn ask_for_rows(
        &mut self,
        waits: bool,
        texts: &Texts,
        jobs: &mut Jobs,
        effects: &mut Effects,
    ) -> bool {
        let table = self.meta().table;
        // Since they were counted for the navigation others may have written.
        if !std::mem::replace(&mut self.is_looked_at, true) && self.total.is_some() {
            self.count_again(jobs);
        }
        if let Some(task) = self.grid.between_request() {
            jobs.ask(BETWEEN.of(table), task, move |app, outcome, _| {
                if let Err(failure) = &outcome {
                    app.effects.tell(app.known().not_found(failure));
                }
                let Some(view) = app.workspace.views.of_mut(table) else { return };
                match outcome {
                    Ok(keys) => view.grid.take_between(keys),
                    Err(_) => view.grid.selection.give_up(),
                }
            });
        }
        if let Some(task) = self.grid.remaining_request() {
            jobs.ask(REMAINING.of(table), task, move |app, outcome, _| {
                match (outcome, app.workspace.views.of_mut(table)) {
                    (Ok(gone), Some(view)) => view.grid.take_gone(gone),
                    (Ok(_), None) => {}
                    // Whoever takes the rows away asks again.
                    (Err(failure), _) => {
                        tracing::warn!(%failure, "it is not known which selected rows are gone");
                    }
                }
            });
        }
        match self.grid.take_not_selected() {
            None => {}
            Some(NotSelected::TooMany(limit)) => {
                let said = tr!(texts, "grid-too-many-selected", limit = limit);
                effects.tell(Notice::failure(said));
            }
            Some(NotSelected::Moved) => {
                effects.tell(Notice::failure(tr!(texts, "grid-selected-moved")));
            }
        }
        read(&mut self.grid, waits, texts, jobs, effects)
    }

    /// Takes rows that have come after their picture; returns whether there are any.
    fn take_rows(
        &mut self,
        outcome: Result<Rows, Failure>,
        took: Duration,
        known: &Known<'_>,
    ) -> bool {
        match outcome {
            Ok(rows) => {
                self.grid.take(rows, took);
                true
            }
            Err(failure) => {
                self.grid.fail(known.words(&failure));
                false
            }
        }
    }
}

impl Workspace {
    /// Asks for the rows that can be seen and are lacking, and what rows are called that pills name.
    /// Rows that come in a moment are drawn at once, instead of a picture without them.
    pub(super) fn ask_for_rows(
        &mut self,
        context: &Context,
        texts: &Texts,
        jobs: &mut Jobs,
        effects: &mut Effects,
    ) {
        let is_first_pass = context.current_pass_index() == 0;
        let mut has_rows = false;
        for place in self.visible_entities() {
            let Some(view) = self.views.get_mut(place) else { continue };
            if let Some(rest) = view.grid.try_again() {
                context.request_repaint_after(rest);
            }
            view.ask_for_labels(&self.staged, jobs);
            has_rows |= view.ask_for_rows(is_first_pass, texts, jobs, effects);
        }
        if has_rows && is_first_pass {
            context.request_discard("rows have come in a moment");
        } else if has_rows {
            context.request_repaint();
        }
    }
}
