//! The part of the bar at the bottom that says what is staged, and what can be done with it.

use egui::{Button, Frame, Margin, RichText, Ui};

use super::Effects;
use super::context::Shown;
use super::widgets;
use super::workspace::Workspace;
use crate::command::Command;
use crate::theme::{Theme, icon};
use crate::tr;

/// The height of what is drawn, in points: a little less than the bar's.
const HEIGHT: f32 = 20.0;

/// Draws how many rows are staged, with buttons to take back, do again, discard, look at and write that.
pub(super) fn show(ui: &mut Ui, workspace: &Workspace, shown: &Shown<'_>, effects: &mut Effects) {
    let staged = &workspace.staged;
    let count = staged.staging().len();
    let has_history = shown.situation.can_undo || shown.situation.can_redo;
    if count == 0 && !has_history {
        return;
    }
    let theme = Theme::of(ui.ctx());
    let colors = &theme.colors;
    let button = |ui: &mut Ui, command: Command, mark| {
        widgets::icon_button(ui, command, mark, shown.texts, &shown.situation)
    };
    let mut asked = None;
    if count == 0 {
        if button(ui, Command::Undo, icon::ICON_UNDO) {
            asked = Some(Command::Undo);
        }
        if button(ui, Command::Redo, icon::ICON_REDO) {
            asked = Some(Command::Redo);
        }
    } else {
        let frame = Frame::new()
            .fill(colors.staged_surface)
            .stroke((1.0, colors.staged_border))
            .corner_radius(theme.spacing.radius)
            .inner_margin(Margin::symmetric(8, 0));
        frame.show(ui, |ui| {
            ui.set_max_height(HEIGHT);
            ui.spacing_mut().interact_size.y = HEIGHT;
            let text = if staged.is_committing {
                tr!(shown.texts, "staged-is-committing")
            } else {
                tr!(shown.texts, "staged-rows", count = count)
            };
            ui.label(RichText::new(text).color(colors.staged));
            let outside =
                workspace.view().and_then(|view| staged.outside(view.meta(), view.grid.filter()));
            if let Some(outside) = outside.filter(|outside| *outside > 0) {
                let text = tr!(shown.texts, "staged-outside", count = outside);
                if ui.link(RichText::new(text).color(colors.staged)).clicked() {
                    asked = Some(Command::ShowStaged);
                }
            }
            for (command, mark) in
                [(Command::Undo, icon::ICON_UNDO), (Command::Redo, icon::ICON_REDO)]
            {
                if button(ui, command, mark) {
                    asked = Some(command);
                }
            }
            for command in [Command::Discard, Command::Review] {
                let name = shown.texts.text(command.name());
                let is_enabled = command.is_enabled(&shown.situation);
                let response = ui.add_enabled(is_enabled, Button::new(name).small());
                if widgets::named(response, command, shown.texts).clicked() {
                    asked = Some(command);
                }
            }
            let name = shown.texts.text(Command::Commit.name());
            let name = RichText::new(name).color(colors.on_staged);
            let commit = Button::new(name).small().fill(colors.staged);
            let is_enabled = Command::Commit.is_enabled(&shown.situation);
            let response = ui.add_enabled(is_enabled, commit);
            if widgets::named(response, Command::Commit, shown.texts).clicked() {
                asked = Some(Command::Commit);
            }
        });
    }
    if let Some(command) = asked {
        effects.run(command);
    }
}
