//! How many rows there are: guessed at once, counted beside everything a person waits for.

use persistence::Filter;

use super::AdminApp;
use super::entity_view::EntityView;
use crate::grid::Total;
use crate::tr;
use crate::worker::{Answer, Failure, Lane, Request};

/// Entities of at most about so many rows are counted in one go.
const FEW: u64 = 200_000;

impl AdminApp {
    /// Finds out anew how many rows all entities have.
    pub(super) fn count_all(&mut self) {
        for view in &mut self.views {
            let table = view.meta().table;
            view.grid.survey_again();
            self.counts.forget(Lane::Survey(table));
            self.counts.ask(Lane::Estimate(table), Request::Estimate { table });
        }
    }

    /// Goes on with the counting of what is on the screen.
    pub(super) fn survey(&mut self) {
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
        match outcome {
            Ok(Answer::Estimate(estimate)) => {
                if let Some(rows) = estimate {
                    view.guessed(rows);
                }
                if estimate.is_none_or(|rows| rows <= FEW) {
                    let request = Request::Count { table, filter: Filter::All };
                    self.counts.ask(Lane::Total(table), request);
                }
            }
            Ok(Answer::Count(rows)) => view.counted(rows),
            Ok(Answer::Surveyed(surveyed)) => {
                view.grid.take_survey(surveyed);
                if let Some(rows) = view.grid.all_rows() {
                    view.total = Some(Total { rows, is_exact: true });
                }
            }
            Ok(_) => {}
            // The rows' own message says it where they would be.
            Err(failure) => {
                tracing::warn!(%failure, "rows were not counted");
                if matches!(lane, Lane::Survey(_)) {
                    view.grid.survey_failed();
                }
            }
        }
    }
}

impl EntityView {
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
