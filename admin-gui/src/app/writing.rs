//! What follows from a write for the rows that are shown and counted.

use persistence::deletion::{Consequence, Count};
use persistence::{OnDelete, Record};

use super::AdminApp;
use super::Jobs;
use super::counting::SURVEY;
use super::entity_view::EntityView;
use crate::grid::Reread;
use crate::tasks::Change;

impl AdminApp {
    /// Rows of an entity were written by our own hand, with consequences for others. What is known
    /// of them is right at once; only what cannot be known is counted anew.
    pub(super) fn written(&mut self, table: &str, changes: &[Change], along: &[Consequence]) {
        // What so many rows take along has not been looked for to the end.
        let is_known = along.iter().all(|found| matches!(found.count, Count::Exactly(_)));
        for view in &mut self.workspace.views {
            let own = view.meta().table;
            let is_met = |rule| along.iter().any(|it| it.entity.table == own && it.rule == rule);
            if is_met(OnDelete::Cascade) || !is_known {
                view.count_again(&mut self.jobs);
                view.reread(Reread::Here);
                continue;
            }
            if own == table {
                view.write(changes, &mut self.jobs);
            }
            if is_met(OnDelete::SetNull) {
                view.write_elsewhere(&mut self.jobs);
            } else if own != table {
                view.refresh(&mut self.jobs);
            }
        }
    }

    /// Rows were deleted by our own hand: so many were to be, and these were there. What went along
    /// is not known if the question was closed before.
    pub(super) fn rows_deleted(
        &mut self,
        table: &str,
        count: usize,
        rows: Vec<Record>,
        along: Option<Vec<Consequence>>,
    ) {
        let Some(along) = along else {
            self.something_written();
            return;
        };
        let is_ours = rows.len() == count;
        let changes: Vec<_> = rows.into_iter().map(Change::Deleted).collect();
        self.written(table, &changes, &along);
        if !is_ours {
            self.written_by_others(table);
        }
    }

    /// Something was written, and it is not known what: all that is shown is counted and read again.
    pub(super) fn something_written(&mut self) {
        self.count_all();
        self.workspace.views.iter_mut().for_each(|view| view.reread(Reread::Here));
    }

    /// Others turned out to have written rows of an entity.
    pub(super) fn written_by_others(&mut self, table: &str) {
        for view in &mut self.workspace.views {
            if view.meta().table == table {
                view.count_again(&mut self.jobs);
                view.reread(Reread::Here);
            } else {
                view.refresh(&mut self.jobs);
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
        jobs.forget(SURVEY.of(self.meta().table));
        self.grid.write_elsewhere();
    }

    /// Reads the rows again, if they have been read.
    fn reread(&mut self, place: Reread) {
        if !self.grid.is_blank() {
            self.grid.reread(place);
        }
    }
}
