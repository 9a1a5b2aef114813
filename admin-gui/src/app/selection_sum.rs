//! What the selected numbers of a column come to.

use std::time::{Duration, Instant};

use egui::Context;

use super::entity_view::EntityView;
use super::progress::{LONG, percent};
use super::{Effects, Jobs};
use crate::grid::{Grid, GridColumn};
use crate::i18n::Texts;
use crate::jobs::{Failure, Lane, Queue, Topic};
use crate::tasks::AddUp;
use crate::tr;
use transfer::export::{ExportError, Summary};

const SUM: Lane = Topic::new("sum", Queue::Sums).unlogged().only();

/// How long a selection has to last before it is added up.
const PATIENCE: Duration = Duration::from_millis(150);

/// What the selected numbers come to.
#[derive(Default)]
pub(super) struct SelectionSum {
    /// What is to be added up.
    wanted: Option<Wanted>,
    since: Option<Instant>,
    sum: Sum,
}

/// How far the adding up is.
#[derive(Default)]
enum Sum {
    /// It has not begun.
    #[default]
    Due,
    UnderWay,
    Known(Summary),
    Failed,
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
        matches!(self.sum, Sum::UnderWay)
    }

    /// Adds up the selected numbers of the focused column, once the selection has lasted.
    pub fn follow(&mut self, context: &Context, view: Option<&EntityView>, effects: &mut Effects) {
        let wanted = view.and_then(|view| wanted(&view.grid));
        if self.wanted != wanted {
            if self.is_under_way() {
                effects.forget(SUM);
            }
            let since = wanted.as_ref().map(|_| Instant::now());
            *self = Self { wanted, since, sum: Sum::Due };
        }
        let is_due = matches!(self.sum, Sum::Due);
        let (Some(wanted), Some(since), true) = (&self.wanted, self.since, is_due) else { return };
        if let Some(rest) = PATIENCE.checked_sub(since.elapsed()).filter(|rest| !rest.is_zero()) {
            context.request_repaint_after(rest);
            return;
        }
        let source = view.and_then(|view| view.grid.selected_rows());
        let Some(source) = source else { return };
        let task = AddUp { source, position: wanted.position };
        self.sum = Sum::UnderWay;
        effects.ask_window(SUM, task, |app, outcome| app.transfers.sum.take(outcome));
    }

    /// Takes what the numbers come to: it is of those that are wanted, the others were forgotten.
    fn take(&mut self, outcome: Result<Result<Summary, ExportError>, Failure>) {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::warn!(%error, "a selection was not added up");
            Sum::Failed
        };
        self.sum = match outcome {
            Ok(Ok(summary)) => Sum::Known(summary),
            Ok(Err(error)) => failed(&error),
            Err(failure) => failed(&failure),
        };
    }

    /// Returns the sum in words, "sum 35.20 · average 11.73", or how far the adding up is.
    pub fn in_words(&self, view: &EntityView, texts: &Texts, jobs: &Jobs) -> Option<String> {
        let position = self.wanted.as_ref()?.position;
        let meta = view.meta();
        let column = texts.column(meta, meta.columns.get(position)?);
        if let Sum::Known(summary) = &self.sum {
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
        let progress = jobs.progress(SUM).filter(|progress| progress.elapsed() >= LONG)?;
        let percent = percent(progress.rows_done(), view.grid.selected());
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
