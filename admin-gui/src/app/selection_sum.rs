//! What the selected numbers of a column come to.

use std::time::{Duration, Instant};

use egui::Context;
use persistence::Catalog;

use super::entity_view::EntityView;
use super::progress::{LONG, percent, waking};
use crate::grid::{Grid, GridColumn};
use crate::i18n::Texts;
use crate::tr;
use transfer::export::{Job, Summary, summarize};

/// How long a selection has to last before it is added up.
const PATIENCE: Duration = Duration::from_millis(150);

/// What the selected numbers come to.
#[derive(Default)]
pub(super) struct SelectionSum {
    /// What is to be added up.
    wanted: Option<Wanted>,
    since: Option<Instant>,
    /// What is being added up.
    job: Option<(Wanted, Job<Summary>)>,
    known: Option<Summary>,
    has_failed: bool,
}

/// The column of some rows.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    table: &'static str,
    /// Of the selection.
    revision: u64,
    position: usize,
}

impl SelectionSum {
    /// Returns whether something is being added up.
    pub const fn is_under_way(&self) -> bool {
        self.job.is_some()
    }

    /// Adds up the selected numbers of the focused column, once the selection has lasted.
    pub fn follow(&mut self, context: &Context, view: Option<&EntityView>, catalog: &Catalog) {
        let wanted = view.and_then(|view| wanted(&view.grid));
        if self.wanted != wanted {
            self.since = wanted.as_ref().map(|_| Instant::now());
            *self = Self { wanted, since: self.since, job: self.job.take(), ..Self::default() };
            if let Some((_, job)) = &self.job {
                job.cancel();
            }
        }
        if let Some((of, job)) = &mut self.job
            && let Some(outcome) = job.outcome()
        {
            if self.wanted.as_ref() == Some(of) {
                match outcome {
                    Ok(summary) => self.known = Some(summary),
                    Err(error) => {
                        tracing::warn!(%error, "a selection was not added up");
                        self.has_failed = true;
                    }
                }
            }
            self.job = None;
        }
        let is_due = self.job.is_none() && self.known.is_none() && !self.has_failed;
        let (Some(wanted), Some(since), true) = (&self.wanted, self.since, is_due) else { return };
        if let Some(rest) = PATIENCE.checked_sub(since.elapsed()).filter(|rest| !rest.is_zero()) {
            context.request_repaint_after(rest);
            return;
        }
        let wanted = wanted.clone();
        let source = view.and_then(|view| view.grid.selected_rows());
        let Some(source) = source else { return };
        let (catalog, position) = (catalog.clone(), wanted.position);
        let started = Job::start("sum of a selection", waking(context), move |progress| {
            summarize(&catalog, &source, position, progress)
        });
        match started {
            Ok(job) => self.job = Some((wanted, job)),
            Err(error) => {
                tracing::warn!(%error, "a selection was not added up");
                self.has_failed = true;
            }
        }
    }

    /// Returns the sum in words, "sum 35.20 · average 11.73", or how far the adding up is.
    pub fn in_words(&self, view: &EntityView, texts: &Texts) -> Option<String> {
        let position = self.wanted.as_ref()?.position;
        let meta = view.meta();
        let column = texts.column(meta, meta.columns.get(position)?);
        if let Some(summary) = &self.known {
            let (Some(total), Some(average)) = (summary.sum(), summary.average()) else {
                return Some(tr!(texts, "export-no-numbers"));
            };
            return Some(tr!(
                texts,
                "export-sum",
                column = column,
                sum = texts.decimal(&total),
                average = texts.decimal(&average)
            ));
        }
        let (_, job) = self.job.as_ref()?;
        if job.elapsed() < LONG {
            return None;
        }
        let percent = percent(job.progress().rows_done(), view.grid.selected());
        Some(tr!(texts, "export-adding-up", percent = percent))
    }
}

/// Returns the column of the selected rows that is added up, if there are several rows: the focused
/// one if it holds amounts, else the only one that does.
fn wanted(grid: &Grid) -> Option<Wanted> {
    if grid.selected() < 2 {
        return None;
    }
    let amount = |place: usize| {
        let is_selected = grid.selection.columns().is_none_or(|columns| columns.contains(&place));
        grid.columns.get(place).filter(|column| is_selected && is_amount(column))
    };
    let column = grid.focus().and_then(|focus| amount(focus.column)).or_else(|| {
        let mut amounts = (0..grid.columns.len()).filter_map(amount);
        amounts.next().filter(|_| amounts.next().is_none())
    })?;
    let (table, revision) = (grid.meta().table, grid.selection.revision());
    Some(Wanted { table, revision, position: column.position })
}

/// Returns whether the numbers in a column are worth adding up: not keys, nor what refers to them.
const fn is_amount(column: &GridColumn) -> bool {
    column.meta.is_right_aligned() && !column.meta.is_key
}
