//! How many rows there are: guessed at once, counted beside everything a person waits for.

use persistence::Filter;

use super::AdminApp;
use super::entity_view::EntityView;
use crate::grid::Total;
use crate::tr;
use crate::worker::{Answer, Change, Failure, Lane, Request, Worker};

/// Entities of at most about so many rows are counted in one go.
const FEW: u64 = 200_000;

impl AdminApp {
    /// Finds out anew how many rows all entities have.
    pub(super) fn count_all(&mut self) {
        for view in &mut self.views {
            view.count_again(&mut self.counts);
        }
    }

    /// Goes on with the counting of what is on the screen.
    pub(super) fn survey(&mut self) {
        // What is counted now may or may not have what is being written in it.
        if self.rows.is_writing() {
            return;
        }
        for place in self.visible_entities() {
            let Some(view) = self.views.get_mut(place) else { continue };
            let table = view.meta().table;
            if view.grid.is_miscounted() && !self.counts.is_waiting(Lane::Survey(table)) {
                view.grid.survey_again();
            }
            if let Some(request) = view.grid.survey_request() {
                self.counts.ask(Lane::Survey(table), request);
            }
        }
    }

    /// Waits no longer for the current entity's rows.
    pub(super) fn stop_reading(&mut self) {
        let message = tr!(self.texts, "grid-stopped");
        let Some(view) = self.view_mut() else { return };
        let table = view.meta().table;
        view.grid.stop(message);
        self.rows.forget(Lane::Rows(table));
        self.counts.forget(Lane::Survey(table));
    }

    /// Takes what has been found out about the number of rows.
    pub(super) fn take_count(&mut self, lane: Lane, outcome: Result<Answer, Failure>) {
        let (Lane::Estimate(table) | Lane::Total(table) | Lane::Survey(table)) = lane else {
            return;
        };
        let Some(view) = self.views.iter_mut().find(|view| view.meta().table == table) else {
            return;
        };
        match (lane, outcome) {
            (Lane::Survey(_), _) if self.rows.is_writing() => view.grid.survey_interrupted(),
            (Lane::Total(_), _) if self.rows.is_writing() => {
                self.counts.ask(lane, Request::Count { table, filter: Filter::All });
            }
            (_, Ok(Answer::Estimate(estimate))) => {
                if let Some(rows) = estimate {
                    view.guessed(rows);
                }
                if estimate.is_none_or(|rows| rows <= FEW) {
                    let request = Request::Count { table, filter: Filter::All };
                    self.counts.ask(Lane::Total(table), request);
                }
            }
            (_, Ok(Answer::Count(rows))) => view.counted(rows),
            (_, Ok(Answer::Surveyed(surveyed))) => {
                view.grid.take_survey(surveyed);
                if let Some(rows) = view.grid.all_rows() {
                    view.total = Some(Total { rows, is_exact: true });
                }
            }
            (_, Ok(_)) => {}
            // The rows' own message says it where they would be.
            (lane, Err(failure)) => {
                tracing::warn!(%failure, "rows were not counted");
                if matches!(lane, Lane::Survey(_)) {
                    view.grid.survey_failed();
                }
            }
        }
    }
}

impl EntityView {
    /// Finds out anew how many rows there are: others may have written.
    pub(super) fn count_again(&mut self, counts: &mut Worker) {
        let table = self.meta().table;
        self.grid.survey_again();
        counts.forget(Lane::Survey(table));
        counts.ask(Lane::Estimate(table), Request::Estimate { table });
    }

    /// Takes in rows that were written by our own hand.
    pub(super) fn write(&mut self, changes: &[Change], counts: &mut Worker) {
        let meta = self.meta();
        let table = meta.table;
        // What is being counted may or may not have them in it.
        counts.forget(Lane::Survey(table));
        if counts.is_waiting(Lane::Total(table)) {
            counts.ask(Lane::Total(table), Request::Count { table, filter: Filter::All });
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
