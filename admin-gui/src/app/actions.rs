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

/// Characters of a name that stands on a button of its own.
const SHORT: usize = 24;

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

    /// Draws what offers the actions: a button of the only one, else a list of them.
    pub(super) fn action_buttons(&mut self, ui: &mut Ui, situation: &Situation) {
        let height = Theme::of(ui.ctx()).spacing.control;
        let actions = self.actions();
        let mut chosen = None;
        ui.add_enabled_ui(self.can_act(situation), |ui| match actions.as_slice() {
            [] => {}
            [action] => {
                let name = self.texts.action(action);
                let is_short = name.chars().count() <= SHORT;
                let text = if is_short { name.clone() } else { tr!(self.texts, "shell-actions") };
                let button = ui.add(Button::new(text).min_size(Vec2::new(0.0, height)));
                if button.on_hover_text(name).clicked() {
                    chosen = Some(action.clone());
                }
            }
            actions => {
                ui.menu_button(tr!(self.texts, "shell-actions"), |ui| {
                    for action in actions {
                        if ui.button(self.texts.action(action)).clicked() {
                            chosen = Some(action.clone());
                        }
                    }
                });
            }
        });
        if let Some(action) = chosen {
            self.act(action);
        }
    }

    /// Says which action is being done, as long as it is.
    pub(super) fn action_bar(&self, ui: &mut Ui) {
        if let Some(name) = &self.acting {
            ui.spinner();
            ui.label(tr!(self.texts, "shell-action-running", name = name.as_str()));
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
        self.acting = Some(name.clone());
        let task = RunAction { action, source, limit: MOST };
        self.jobs.ask(ACTION.only(), task, move |app, outcome, _| {
            app.acting = None;
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
                Err(failure) => {
                    let words = app.words(&failure);
                    app.notice = Some(Notice::failure(format!("{name}: {words}")));
                }
            }
        });
    }
}
