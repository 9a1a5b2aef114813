//! What follows from a write for the rows that are shown and counted.

use persistence::OnDelete;
use persistence::deletion::{Consequence, Count};
use persistence::edit::Written;

use super::Jobs;
use super::entity_view::EntityView;
use super::entity_views::EntityViews;
use super::row_counts::SCAN;
use crate::grid::Reread;

impl EntityViews {
    /// Takes what was written to rows of an entity by the program itself, with consequences for
    /// others. What is known of them is right at once; only what cannot be known is counted anew.
    pub(super) fn written(
        &mut self,
        table: &str,
        rows: &[Written],
        along: &[Consequence],
        jobs: &mut Jobs,
    ) {
        // What so many rows take along has not been looked for to the end.
        let is_known = along.iter().all(|found| matches!(found.count, Count::Exactly(_)));
        for view in self.iter_mut() {
            let own = view.meta().table;
            let is_met = |rule| along.iter().any(|it| it.entity.table == own && it.rule == rule);
            if is_met(OnDelete::Cascade) || !is_known {
                view.count_again(jobs);
                view.reread(Reread::Here);
                continue;
            }
            if own == table {
                view.write(rows, jobs);
            }
            if is_met(OnDelete::SetNull) {
                view.write_elsewhere(jobs);
            } else if own != table {
                view.refresh(jobs);
            }
        }
    }

    /// Takes which rows of an entity the program itself has deleted: how many were to be, and which
    /// were there. What went along is not known if the question was closed before.
    pub(super) fn rows_deleted(
        &mut self,
        table: &str,
        count: usize,
        rows: &[Written],
        along: Option<Vec<Consequence>>,
        jobs: &mut Jobs,
    ) {
        let Some(along) = along else {
            self.something_written(jobs);
            return;
        };
        let is_ours = rows.len() == count;
        self.written(table, rows, &along, jobs);
        if !is_ours {
            self.written_by_others(table, jobs);
        }
    }

    /// Counts and reads again all that is shown, because something was written and it is not known
    /// what.
    pub(super) fn something_written(&mut self, jobs: &mut Jobs) {
        self.count_all(jobs);
        self.iter_mut().for_each(|view| view.reread(Reread::Here));
    }

    /// Counts and reads again the rows of an entity, because others turned out to have written some
    /// of them.
    pub(super) fn written_by_others(&mut self, table: &str, jobs: &mut Jobs) {
        for view in self.iter_mut() {
            if view.meta().table == table {
                view.count_again(jobs);
                view.reread(Reread::Here);
            } else {
                view.refresh(jobs);
            }
        }
    }
}

impl EntityView {
    /// Takes in that rows of other entities were written.
    fn refresh(&mut self, jobs: &mut Jobs) {
        if self.grid.filter().needs_relations() {
            self.write_elsewhere(jobs);
        } else {
            // What its rows refer to may be called otherwise now.
            self.reread(Reread::AsMany);
        }
    }

    fn write_elsewhere(&mut self, jobs: &mut Jobs) {
        jobs.forget(SCAN.of(self.meta().table));
        self.grid.write_elsewhere();
    }

    /// Reads the rows again, if they have been read.
    fn reread(&mut self, place: Reread) {
        if !self.grid.is_blank() {
            self.grid.reread(place);
        }
    }
}
