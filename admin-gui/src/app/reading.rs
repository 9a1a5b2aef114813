//! Reads the rows that the grids on the screen lack.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use egui::Context;
use persistence::RecordKey;

use super::answers::Jobs;
use super::page::Pages;
use super::{AdminApp, Notice, Target};
use crate::grid::{Grid, NotSelected};
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

/// What reading came to before a picture.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Whether rows have come.
    has_rows: bool,
    /// Why there are none, and of which entity.
    failed: Option<(&'static str, Failure)>,
}

/// Asks for what a grid lacks. Waits for rows that are to be drawn, others are asked for only.
pub(super) fn read(jobs: &mut Jobs, pages: &mut Pages, grid: &mut Grid, limit: Duration) -> Read {
    let table = grid.meta().table;
    let until = Instant::now() + limit;
    let mut read = Read::default();
    while let Some(task) = grid.request() {
        let ticket = jobs.ask(ROWS.of(table), task, move |app, outcome, took| {
            app.take_rows(table, outcome, took);
        });
        if grid.waiting_since().is_none() {
            break;
        }
        let Some((outcome, report)) = jobs.wait(&ticket, until) else { break };
        pages.log(&report);
        match outcome {
            Ok(rows) => {
                grid.take(rows, report.took);
                read.has_rows = true;
            }
            Err(failure) => {
                read.failed = Some((table, failure));
                break;
            }
        }
    }
    read
}

impl AdminApp {
    /// Asks for what has come to be lacking while the picture was drawn: a sort, a filter. Rows that
    /// come in a moment are drawn at once, instead of a picture without them.
    pub(super) fn ask_for_rows(&mut self, context: &Context) {
        let is_first_pass = context.current_pass_index() == 0;
        let limit = if is_first_pass { MOMENT } else { Duration::ZERO };
        let mut has_rows = false;
        for place in self.visible_entities() {
            let Some(view) = self.views.get_mut(place) else { continue };
            if let Some(rest) = view.grid.try_again() {
                context.request_repaint_after(rest);
            }
            let (table, grid) = (view.meta().table, &mut view.grid);
            if let Some(task) = grid.between_request() {
                self.jobs.ask(BETWEEN.of(table), task, move |app, outcome, _| {
                    app.take_between(table, outcome);
                });
            }
            if let Some(task) = grid.remaining_request() {
                self.jobs.ask(REMAINING.of(table), task, move |app, outcome, _| {
                    app.take_gone(table, outcome);
                });
            }
            match grid.take_not_selected() {
                None => {}
                Some(NotSelected::TooMany(limit)) => {
                    let said = tr!(self.texts, "grid-too-many-selected", limit = limit);
                    self.notice = Some(Notice::failure(said));
                }
                Some(NotSelected::Moved) => {
                    let said = tr!(self.texts, "grid-selected-moved");
                    self.notice = Some(Notice::failure(said));
                }
            }
            let read = read(&mut self.jobs, &mut self.pages, &mut view.grid, limit);
            has_rows |= read.has_rows;
            self.take_read(read);
        }
        if has_rows && is_first_pass {
            context.request_discard("rows have come in a moment");
        } else if has_rows {
            context.request_repaint();
        }
    }

    /// Does what follows from what has been read.
    pub(super) fn take_read(&mut self, read: Read) {
        if let Some((table, failure)) = read.failed {
            self.not_read(table, &failure);
        }
        if read.has_rows && self.follows_focus {
            self.open(Target::FocusedRow);
        }
    }

    /// Takes rows that have come after their picture.
    fn take_rows(&mut self, table: &str, outcome: Result<Rows, Failure>, took: Duration) {
        match outcome {
            Ok(rows) => {
                if let Some(view) = self.view_of(table) {
                    view.grid.take(rows, took);
                }
                if self.follows_focus {
                    self.open(Target::FocusedRow);
                }
            }
            Err(failure) => self.not_read(table, &failure),
        }
    }

    fn not_read(&mut self, table: &str, failure: &Failure) {
        let message = self.words(failure);
        if let Some(view) = self.view_of(table) {
            view.grid.fail(message);
        }
    }

    fn take_between(&mut self, table: &str, outcome: Result<Option<Vec<RecordKey>>, Failure>) {
        if let Err(failure) = &outcome {
            self.not_found(failure);
        }
        let Some(view) = self.view_of(table) else { return };
        match outcome {
            Ok(keys) => view.grid.take_between(keys),
            Err(_) => view.grid.selection.give_up(),
        }
    }

    fn take_gone(&mut self, table: &str, outcome: Result<HashSet<RecordKey>, Failure>) {
        match outcome {
            Ok(gone) => {
                if let Some(view) = self.view_of(table) {
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
