//! Questions to the database whose answers change what is open.

use super::context::Known;
use super::workspace::Workspace;
use super::{AdminApp, effects};
use crate::jobs::{Failure, Lane, Task};

/// What is to be done, in the order in which it was asked for.
pub(super) type Effects = effects::Effects<AdminApp>;

impl Effects {
    /// Asks the database; `receive` changes what is open by what it answers.
    #[track_caller]
    pub(super) fn ask<T: Task>(
        &mut self,
        lane: Lane,
        task: T,
        receive: impl FnOnce(&mut Workspace, Result<T::Output, Failure>, &Known<'_>, &mut Self)
        + 'static,
    ) {
        self.ask_window(lane, task, |app, outcome| {
            app.with(|workspace, known, effects| receive(workspace, outcome, known, effects));
        });
    }
}
