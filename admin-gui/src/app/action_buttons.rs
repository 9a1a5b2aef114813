//! What offers the actions of the program's own on rows.

use egui::{Button, Ui, Vec2};
use persistence::EntityMeta;

use super::Effects;
use super::context::Shown;
use super::effects::Effect;
use crate::command::Situation;
use crate::extensions::Action;
use crate::i18n::Texts;
use crate::theme::Theme;
use crate::tr;

/// Characters of a name that stands on a button of its own.
const SHORT: usize = 24;

/// Returns whether something can be done to rows.
pub(super) const fn can_act(situation: &Situation) -> bool {
    let has_rows = situation.has_selection || situation.has_cell;
    has_rows && !situation.is_read_only && !situation.is_drifted && !situation.is_acting
}

/// Draws what offers the actions on rows of an entity: a button of the only one, else a list of them.
pub(super) fn buttons(ui: &mut Ui, meta: &EntityMeta, shown: &Shown<'_>, effects: &mut Effects) {
    let height = Theme::of(ui.ctx()).spacing.control;
    let texts = shown.texts;
    let actions: Vec<&Action> = shown.extensions.actions_of(meta.table).collect();
    if actions.is_empty() {
        // Not even the room between two buttons.
        return;
    }
    let mut chosen = None;
    let can_act = can_act(&shown.situation);
    ui.add_enabled_ui(can_act, |ui| match actions.as_slice() {
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

/// Draws which action is being done, as long as it is.
pub(super) fn bar(ui: &mut Ui, texts: &Texts, acting: Option<&str>) {
    if let Some(name) = acting {
        ui.spinner();
        ui.label(tr!(texts, "shell-action-running", name = name));
    }
}
