//! Reads the rows that the grids on the screen lack.

use std::time::{Duration, Instant};

use egui::Context;

use super::page::Pages;
use super::{AdminApp, Notice, Target};
use crate::grid::{Grid, NotSelected};
use crate::tr;
use crate::worker::{Answer, Answered, Lane, Worker};

/// How long a picture waits for the rows that belong into it: less than a person can see.
pub(super) const MOMENT: Duration = Duration::from_millis(8);

/// What reading came to before a picture.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Whether rows have come.
    has_rows: bool,
    /// An answer that is no rows: why there are none.
    failed: Option<Answered>,
}

/// Asks for what a grid lacks. Waits for rows that are to be drawn, others are asked for only.
pub(super) fn read(
    worker: &mut Worker,
    pages: &mut Pages,
    grid: &mut Grid,
    limit: Duration,
) -> Read {
    let lane = Lane::Rows(grid.meta().table);
    let until = Instant::now() + limit;
    let mut read = Read::default();
    while let Some(request) = grid.request() {
        worker.ask(lane, request);
        if grid.waiting_since().is_none() {
            break;
        }
        let Some(answered) = worker.answer_until(lane, until) else { break };
        let Ok(Answer::Rows(_)) = &answered.outcome else {
            read.failed = Some(answered);
            break;
        };
        pages.log(&answered);
        if let Answered { outcome: Ok(Answer::Rows(rows)), took, .. } = answered {
            grid.take(rows, took);
            read.has_rows = true;
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
            if let Some(request) = grid.between_request() {
                self.rows.ask(Lane::Between(table), request);
            }
            if let Some(request) = grid.remaining_request() {
                self.counts.ask(Lane::Remaining(table), request);
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
            let read = read(&mut self.rows, &mut self.pages, &mut view.grid, limit);
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
        if let Some(failed) = read.failed {
            self.take_answer(failed);
        }
        if read.has_rows && self.follows_focus {
            self.open(Target::FocusedRow);
        }
    }
}
