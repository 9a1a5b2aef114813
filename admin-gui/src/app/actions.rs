//! Actions of the program's own on the selected rows.

use egui::{Button, Ui, Vec2};
use persistence::EntityMeta;

use super::context::Shown;
use super::deleting::MOST;
use super::effects::{Effect, Effects};
use super::{AdminApp, Notice};
use crate::command::Situation;
use crate::extensions::Action;
use crate::i18n::Texts;
use crate::jobs::{Queue, Topic};
use crate::tasks::RunAction;
use crate::theme::Theme;
use crate::tr;

/// Characters of a name that stands on a button of its own.
const SHORT: usize = 24;

const ACTION: Topic = Topic::new("action", Queue::Actions);

/// Whether something can be done to rows.
pub(super) fn can_act(situation: &Situation, is_acting: bool) -> bool {
    !situation.is_read_only && (situation.has_selection || situation.has_cell) && !is_acting
}

/// Draws what offers the actions on rows of an entity: a button of the only one, else a list of them.
pub(super) fn buttons(ui: &mut Ui, meta: &EntityMeta, shown: &Shown<'_>, effects: &mut Effects) {
    let height = Theme::of(ui.ctx()).spacing.control;
    let texts = shown.texts;
    let actions: Vec<&Action> = shown.extensions.actions_of(meta.table).collect();
    let mut chosen = None;
    let can_act = can_act(&shown.situation, shown.is_acting);
    ui.add_enabled_ui(can_act, |ui| match actions.as_slice() {
        [] => {}
        [action] => {
            let name = texts.action(action);
            let is_short = name.chars().count() <= SHORT;
            let text = if is_short { name.clone() } else { tr!(texts, "shell-actions") };
            let button = ui.add(Button::new(text).min_size(Vec2::new(0.0, height)));
            if button.on_hover_text(name).clicked() {
                chosen = Some((*action).clone());
            }
        }
        actions => {
            ui.menu_button(tr!(texts, "shell-actions"), |ui| {
                for action in actions {
                    if ui.button(texts.action(action)).clicked() {
                        chosen = Some((*action).clone());
                    }
                }
            });
        }
    });
    if let Some(action) = chosen {
        effects.push(Effect::Act(action));
    }
}

/// Says which action is being done, as long as it is.
pub(super) fn bar(ui: &mut Ui, texts: &Texts, acting: Option<&str>) {
    if let Some(name) = acting {
        ui.spinner();
        ui.label(tr!(texts, "shell-action-running", name = name));
    }
}

impl AdminApp {
    /// Does an action to the selected rows, or to the focused one.
    pub(super) fn act(&mut self, action: Action) {
        let Some(view) = self.workspace.views.of(action.meta().table) else { return };
        if view.is_still_selecting(&self.preferences.texts, &mut self.effects) {
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
            app.workspace.reread_panel(&mut app.effects);
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
