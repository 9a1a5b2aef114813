//! How many rows there are: guessed at once, counted beside everything a person waits for.

use persistence::Filter;
use persistence::edit::Written;

use super::Effects;
use super::Jobs;
use super::entity_view::EntityView;
use super::entity_views::EntityViews;
use super::fetching::ROWS;
use super::workspace::Workspace;
use crate::grid::Total;
use crate::i18n::Texts;
use crate::jobs::{Failure, Queue, Topic};
use crate::tasks::{Count, Estimate, Scanned};
use crate::tr;

/// Entities of at most about so many rows are counted in one go.
const FEW: u64 = 200_000;

/// About how many rows an entity has.
const ESTIMATE: Topic = Topic::new("estimate", Queue::Counts);
/// How many rows an entity has.
const TOTAL: Topic = Topic::new("total", Queue::Counts);
/// Where an entity's rows are; its many small steps would push everything else out of the log.
pub(super) const SCAN: Topic = Topic::new("scan", Queue::Counts).unlogged();

impl Workspace {
    /// Goes on with the counting of what is on the screen.
    pub(super) fn scan(&mut self, jobs: &mut Jobs) {
        // What is counted now may or may not have what is being written in it.
        if jobs.is_writing() {
            return;
        }
        for place in self.visible_entities() {
            if let Some(view) = self.views.get_mut(place) {
                view.scan(jobs);
            }
        }
    }
}

impl EntityViews {
    /// Finds out anew how many rows all entities have.
    pub(super) fn count_all(&mut self, jobs: &mut Jobs) {
        self.iter_mut().for_each(|view| view.count_again(jobs));
    }
}

/// Logs that rows could not be counted; the rows' own message tells the person about it, in their
/// place.
fn not_counted(failure: &Failure) {
    tracing::warn!(%failure, "rows were not counted");
}

/// Counts all rows of an entity in one go.
fn count_whole(table: &'static str, jobs: &mut Jobs) {
    let task = Count { table, filter: Filter::All };
    jobs.ask(TOTAL.of(table), task, move |app, outcome, _| {
        if let Some(view) = app.workspace.views.of_mut(table) {
            view.take_total(outcome, &mut app.jobs);
        }
    });
}

impl EntityView {
    /// Waits no longer for rows.
    pub(super) fn stop_reading(&mut self, texts: &Texts, effects: &mut Effects) {
        let table = self.meta().table;
        self.grid.stop(tr!(texts, "grid-stopped"));
        effects.forget(ROWS.of(table));
        effects.forget(SCAN.of(table));
    }

    /// Goes on with the counting of its rows.
    fn scan(&mut self, jobs: &mut Jobs) {
        let table = self.meta().table;
        if self.grid.is_miscounted() && !jobs.is_waiting(SCAN.of(table)) {
            self.grid.scan_again();
        }
        if let Some(task) = self.grid.scan_request() {
            jobs.ask(SCAN.of(table), task, move |app, outcome, _| {
                let is_writing = app.jobs.is_writing();
                if let Some(view) = app.workspace.views.of_mut(table) {
                    view.take_scan(outcome, is_writing);
                }
            });
        }
    }

    /// Finds out anew how many rows there are: others may have written.
    pub(super) fn count_again(&mut self, jobs: &mut Jobs) {
        let table = self.meta().table;
        self.grid.scan_again();
        jobs.forget(SCAN.of(table));
        jobs.ask(ESTIMATE.of(table), Estimate { table }, move |app, outcome, _| {
            if let Some(view) = app.workspace.views.of_mut(table) {
                view.take_estimate(outcome, &mut app.jobs);
            }
        });
    }

    /// Takes about how many rows there are.
    fn take_estimate(&mut self, outcome: Result<Option<u64>, Failure>, jobs: &mut Jobs) {
        let estimate = match outcome {
            Ok(estimate) => estimate,
            Err(failure) => return not_counted(&failure),
        };
        if let Some(rows) = estimate {
            self.guessed(rows);
        }
        if estimate.is_none_or(|rows| rows <= FEW) {
            count_whole(self.meta().table, jobs);
        }
    }

    /// Takes how many rows there are.
    fn take_total(&mut self, outcome: Result<u64, Failure>, jobs: &mut Jobs) {
        if jobs.is_writing() {
            count_whole(self.meta().table, jobs);
            return;
        }
        match outcome {
            Ok(rows) => self.counted(rows),
            Err(failure) => not_counted(&failure),
        }
    }

    /// Takes what a step of a scan has found.
    fn take_scan(&mut self, outcome: Result<Scanned, Failure>, is_writing: bool) {
        match outcome {
            _ if is_writing => self.grid.scan_interrupted(),
            Ok(scanned) => {
                self.grid.take_scan(scanned);
                if let Some(rows) = self.grid.all_rows() {
                    self.total = Some(Total { rows, is_exact: true });
                }
            }
            Err(failure) => {
                not_counted(&failure);
                self.grid.scan_failed();
            }
        }
    }

    /// Takes in rows that were written by our own hand.
    pub(super) fn write(&mut self, rows: &[Written], jobs: &mut Jobs) {
        let table = self.meta().table;
        // What is being counted may or may not have them in it.
        jobs.forget(SCAN.of(table));
        if jobs.is_waiting(TOTAL.of(table)) {
            count_whole(table, jobs);
        }
        self.grid.write(rows);
        let growth = rows.iter().map(Written::growth).sum();
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
