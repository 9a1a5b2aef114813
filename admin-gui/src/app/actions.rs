//! Actions of the program's own on the selected rows.

use egui::{Button, Ui, Vec2};

use super::deleting::MOST;
use super::{AdminApp, Notice};
use crate::command::Situation;
use crate::extensions::Action;
use crate::jobs::{Queue, Topic};
use crate::tasks::RunAction;
use crate::theme::Theme;
use crate::tr;

const ACTION: Topic = Topic::new("action", Queue::Actions);

impl AdminApp {
    /// The actions on rows of the entity that is browsed.
    pub(super) fn actions(&self) -> Vec<Action> {
        let table = self.view().map(|view| view.meta().table);
        table.map_or_else(Vec::new, |table| self.extensions.actions_of(table).cloned().collect())
    }

    /// Whether something can be done to rows.
    pub(super) fn can_act(&self, situation: &Situation) -> bool {
        !situation.is_read_only
            && (situation.has_selection || situation.has_cell)
            && !self.jobs.is_waiting(ACTION.only())
    }

    /// Draws the buttons of the actions.
    pub(super) fn action_buttons(&mut self, ui: &mut Ui, situation: &Situation) {
        let height = Theme::of(ui.ctx()).spacing.control;
        let is_enabled = self.can_act(situation);
        for action in self.actions() {
            let button = Button::new(self.texts.action(&action)).min_size(Vec2::new(0.0, height));
            if ui.add_enabled(is_enabled, button).clicked() {
                self.act(action);
            }
        }
    }

    /// Does an action to the selected rows, or to the focused one.
    pub(super) fn act(&mut self, action: Action) {
        if self.is_still_selecting() {
            return;
        }
        let view = self.view().filter(|view| view.meta().table == action.meta().table);
        let Some(source) = view.and_then(|view| view.grid.selected_rows()) else { return };
        let name = self.texts.action(&action);
        self.notice = None;
        let task = RunAction { action, source, limit: MOST };
        self.jobs.ask(ACTION.only(), task, move |app, outcome, _| {
            // It may have written anything, also where nobody knows whether it did.
            app.something_written();
            app.changed();
            app.reread_panel();
            match outcome {
                Ok(Some(count)) => {
                    let name = name.as_str();
                    let said = tr!(app.texts, "shell-action-done", name = name, count = count);
                    app.notice = Some(Notice::success(said));
                }
                Ok(None) => {
                    let said = tr!(app.texts, "shell-action-too-many", limit = MOST);
                    app.notice = Some(Notice::failure(said));
                }
                Err(failure) => app.not_found(&failure),
            }
        });
    }
}
