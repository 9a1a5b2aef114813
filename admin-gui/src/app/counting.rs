//! How many rows there are: guessed at once, counted beside everything a person waits for.

use persistence::Filter;

use super::effects::Effects;
use super::entity_view::EntityView;
use super::reading::ROWS;
use super::{AdminApp, Jobs};
use crate::grid::Total;
use crate::i18n::Texts;
use crate::jobs::{Failure, Queue, Topic};
use crate::tasks::{Change, Count, Estimate, Surveyed};
use crate::tr;

/// Entities of at most about so many rows are counted in one go.
const FEW: u64 = 200_000;

/// About how many rows an entity has.
const ESTIMATE: Topic = Topic::new("estimate", Queue::Counts);
/// How many rows an entity has.
const TOTAL: Topic = Topic::new("total", Queue::Counts);
/// Where an entity's rows are; its many small steps would push everything else out of the log.
pub(super) const SURVEY: Topic = Topic::new("survey", Queue::Counts).unlogged();

impl AdminApp {
    /// Finds out anew how many rows all entities have.
    pub(super) fn count_all(&mut self) {
        for view in &mut self.workspace.views {
            view.count_again(&mut self.jobs);
        }
    }

    /// Goes on with the counting of what is on the screen.
    pub(super) fn survey(&mut self) {
        // What is counted now may or may not have what is being written in it.
        if self.jobs.is_writing() {
            return;
        }
        for place in self.workspace.visible_entities() {
            let Some(view) = self.workspace.views.get_mut(place) else { continue };
            let table = view.meta().table;
            if view.grid.is_miscounted() && !self.jobs.is_waiting(SURVEY.of(table)) {
                view.grid.survey_again();
            }
            if let Some(task) = view.grid.survey_request() {
                self.jobs.ask(SURVEY.of(table), task, move |app, outcome, _| {
                    app.take_survey(table, outcome);
                });
            }
        }
    }

    /// Takes about how many rows an entity has.
    fn take_estimate(&mut self, table: &'static str, outcome: Result<Option<u64>, Failure>) {
        let estimate = match outcome {
            Ok(estimate) => estimate,
            Err(failure) => return not_counted(&failure),
        };
        let Some(view) = self.workspace.views.iter_mut().find(|view| view.meta().table == table)
        else {
            return;
        };
        if let Some(rows) = estimate {
            view.guessed(rows);
        }
        if estimate.is_none_or(|rows| rows <= FEW) {
            count_whole(table, &mut self.jobs);
        }
    }

    /// Takes how many rows an entity has.
    fn take_total(&mut self, table: &'static str, outcome: Result<u64, Failure>) {
        if self.jobs.is_writing() {
            count_whole(table, &mut self.jobs);
            return;
        }
        match outcome {
            Ok(rows) => {
                if let Some(view) = self.workspace.view_of_mut(table) {
                    view.counted(rows);
                }
            }
            Err(failure) => not_counted(&failure),
        }
    }

    /// Takes what a step of a survey has found.
    fn take_survey(&mut self, table: &str, outcome: Result<Surveyed, Failure>) {
        let is_writing = self.jobs.is_writing();
        let Some(view) = self.workspace.view_of_mut(table) else { return };
        match outcome {
            _ if is_writing => view.grid.survey_interrupted(),
            Ok(surveyed) => {
                view.grid.take_survey(surveyed);
                if let Some(rows) = view.grid.all_rows() {
                    view.total = Some(Total { rows, is_exact: true });
                }
            }
            Err(failure) => {
                not_counted(&failure);
                view.grid.survey_failed();
            }
        }
    }
}

/// The rows' own message says it where they would be.
fn not_counted(failure: &Failure) {
    tracing::warn!(%failure, "rows were not counted");
}

/// Counts all rows of an entity in one go.
fn count_whole(table: &'static str, jobs: &mut Jobs) {
    let task = Count { table, filter: Filter::All };
    jobs.ask(TOTAL.of(table), task, move |app, outcome, _| app.take_total(table, outcome));
}

impl EntityView {
    /// Waits no longer for rows.
    pub(super) fn stop_reading(&mut self, texts: &Texts, effects: &mut Effects) {
        let table = self.meta().table;
        self.grid.stop(tr!(texts, "grid-stopped"));
        effects.forget(ROWS.of(table));
        effects.forget(SURVEY.of(table));
    }

    /// Finds out anew how many rows there are: others may have written.
    pub(super) fn count_again(&mut self, jobs: &mut Jobs) {
        let table = self.meta().table;
        self.grid.survey_again();
        jobs.forget(SURVEY.of(table));
        jobs.ask(ESTIMATE.of(table), Estimate { table }, move |app, outcome, _| {
            app.take_estimate(table, outcome);
        });
    }

    /// Takes in rows that were written by our own hand.
    pub(super) fn write(&mut self, changes: &[Change], jobs: &mut Jobs) {
        let meta = self.meta();
        let table = meta.table;
        // What is being counted may or may not have them in it.
        jobs.forget(SURVEY.of(table));
        if jobs.is_waiting(TOTAL.of(table)) {
            count_whole(table, jobs);
        }
        self.grid.write(changes);
        let growth = changes.iter().map(|change| change.growth(meta)).sum();
        if let Some(total) = &mut self.total {
            total.rows = total.rows.saturating_add_signed(growth);
        }
    }

    fn guessed(&mut self, rows: u64) {
        self.grid.take_estimate(rows);
        if self.total.is_none_or(|total| !total.is_exact) {
            self.total = Some(Total { rows, is_exact: false });
        }
    }

    fn counted(&mut self, rows: u64) {
        let total = Total { rows, is_exact: true };
        self.total = Some(total);
        self.grid.take_estimate(rows);
        if *self.grid.filter() == Filter::All {
            self.grid.take_total(total);
        }
    }
}
