//! What is staged is changed by another thread, where that takes longer than a picture may: meanwhile the window
//! shows it as it was, and what is done to rows is staged after it.

use std::sync::Arc;

use persistence::staging::RowId;

use super::effects::Effect;
use super::review::Review;
use super::staged::StagedCell;
use super::{AdminApp, Focused, Notice};
use crate::jobs::{Failure, Queue, Topic, let_go};
use crate::tasks::{ChangeStaged, ChangedStaged, ReviewStaged, StagedChange};

/// What is done to many rows that are staged.
const CHANGE: Topic = Topic::new("staged changes", Queue::Changes);
/// The statements of what is staged.
const REVIEW: Topic = Topic::new("statements of staged rows", Queue::Changes);

/// What follows from a change: told the first row that something was done to.
type Then = Box<dyn FnOnce(&mut AdminApp, Result<Option<RowId>, Failure>)>;

impl AdminApp {
    /// Changes what is staged: few rows at once; `then` is told once that is done, or why it is not.
    pub(super) fn change_staged(
        &mut self,
        change: StagedChange,
        then: impl FnOnce(&mut Self, Result<Option<RowId>, Failure>) + 'static,
    ) {
        if self.workspace.staged.is_little(&change) {
            let first = self.workspace.staged.change(&change);
            return then(self, first.map_err(Failure::from));
        }
        self.begin_to_change(Arc::new(change), Box::new(then));
    }

    /// Reads again the many rows of which something is staged.
    pub(super) fn reread_many_staged(&mut self) {
        let then = |app: &mut Self, outcome: Result<Option<RowId>, Failure>| match outcome {
            Ok(_) => {
                app.workspace.show_conflicts();
                // Others have written them.
                let staging = app.workspace.staged.staging();
                let tables: Vec<&'static str> = app
                    .program
                    .catalog
                    .entries()
                    .iter()
                    .map(|entry| entry.meta.table)
                    .filter(|table| staging.counts_of(table).rows() > 0)
                    .collect();
                for table in tables {
                    app.effects.push(Effect::WrittenByOthers(table));
                }
            }
            Err(failure) => app.notice = Some(app.known().not_found(&failure)),
        };
        self.begin_to_change(Arc::new(StagedChange::Reread), Box::new(then));
    }

    fn begin_to_change(&mut self, change: Arc<StagedChange>, then: Then) {
        let staged = &mut self.workspace.staged;
        staged.is_changing = true;
        let revision = staged.revision();
        let task = ChangeStaged { staging: staged.staging().clone(), change: Arc::clone(&change) };
        self.effects.ask_window(CHANGE.only(), task, move |app, outcome| {
            let staged = &mut app.workspace.staged;
            let first = match outcome {
                // Rows were read meanwhile: it is what is known of them now that this is to start from.
                Ok(changed) if staged.revision() != revision => {
                    let_go(changed.staging);
                    return app.begin_to_change(change, then);
                }
                Ok(ChangedStaged { staging, steps, first }) => {
                    staged.replace(staging, steps);
                    Ok(first)
                }
                Err(failure) => Err(failure),
            };
            staged.is_changing = false;
            let_go(change);
            then(app, first);
            app.with(|workspace, _, effects| {
                workspace.stage_held(effects);
                workspace.commit_awaited(effects);
            });
        });
    }

    /// Takes back what was staged last, does it again, or gives all of it up.
    pub(super) fn go_over_staged(&mut self, change: StagedChange) {
        if self.workspace.staged.is_busy() {
            return;
        }
        let then = |app: &mut Self, outcome: Result<Option<RowId>, Failure>| match outcome {
            Ok(Some(row)) => app.with(|workspace, _, effects| {
                workspace.show_changed(&StagedCell { row, position: None }, effects);
            }),
            Ok(None) => {}
            Err(failure) => app.notice = Some(Notice::failure(app.words(&failure))),
        };
        self.change_staged(change, then);
    }

    /// Gives up all that is staged, until that is undone; for good where the window closes.
    pub(super) fn discard_staged(&mut self) {
        if self.dialogs.may_close {
            return self.workspace.staged.finish();
        }
        self.go_over_staged(StagedChange::Discard);
        self.effects.focus(Focused::Grid);
    }

    /// Shows the statements that write what is staged.
    pub(super) fn review_staged(&mut self) {
        let staging = self.workspace.staged.staging().clone();
        let engine = self.program.catalog.engine();
        let task = ReviewStaged { staging, engine, limit: Review::MOST_SHOWN };
        self.effects.ask_window(REVIEW.only(), task, |app, outcome| match outcome {
            Ok(reviewed) => app.dialogs.review = Some(Review::new(reviewed)),
            Err(failure) => app.notice = Some(Notice::failure(app.words(&failure))),
        });
    }
}
