//! Actions of the program's own on the selected rows.

use super::deleting::MOST;
use super::{AdminApp, Notice};
use crate::extensions::Action;
use crate::jobs::{Queue, Topic};
use crate::tasks::RunAction;
use crate::tr;

const ACTION: Topic = Topic::new("action", Queue::Actions);

impl AdminApp {
    /// Does an action to the selected rows, or to the focused one.
    pub(super) fn act(&mut self, action: Action) {
        let Some(view) = self.workspace.views.of(action.meta().table) else { return };
        if view.refuses_while_selecting(&self.preferences.texts, &mut self.effects) {
            return;
        }
        let Some(source) = view.grid.selected_rows() else { return };
        let name = self.preferences.texts.action(&action);
        self.notice = None;
        self.workspace.acting = Some(name.clone());
        let task = RunAction { action, source, limit: MOST };
        self.jobs.ask(ACTION.only(), task, move |app, outcome, _| {
            app.workspace.acting = None;
            // It may have written anything, also where nobody knows whether it did.
            app.workspace.views.something_written(&mut app.jobs);
            app.workspace.changed(&mut app.effects);
            app.workspace.records.reread_panel(&mut app.effects);
            match outcome {
                Ok(Some(count)) => {
                    let name = name.as_str();
                    let said =
                        tr!(app.preferences.texts, "shell-action-done", name = name, count = count);
                    app.notice = Some(Notice::success(said));
                }
                Ok(None) => {
                    let said = tr!(app.preferences.texts, "shell-action-too-many", limit = MOST);
                    app.notice = Some(Notice::failure(said));
                }
                Err(failure) => {
                    let words = app.words(&failure);
                    app.notice = Some(Notice::failure(format!("{name}: {words}")));
                }
            }
        });
    }
}
