//! The part of the bar at the bottom that says what is staged, and what can be done with it.

use egui::{Button, Frame, Margin, RichText, Ui};
use persistence::staging::StagedCounts;

use super::Effects;
use super::context::Shown;
use super::staged::MOST_LOOKED_AT;
use super::widgets;
use super::workspace::Workspace;
use crate::command::Command;
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// The height of what is drawn, in points: a little less than the bar's.
const HEIGHT: f32 = 18.0;

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
    let mut asked = None;
    if count == 0 {
        history(ui, shown, &mut asked);
    } else {
        let frame = Frame::new()
            .fill(colors.staged_surface)
            .stroke((1.0, colors.staged_border))
            .corner_radius(theme.spacing.radius)
            .inner_margin(Margin::symmetric(8, 1))
            // As high as there is room, but for the edges of the bar.
            .outer_margin(Margin::symmetric(0, 3));
        frame.show(ui, |ui| {
            ui.spacing_mut().interact_size.y = HEIGHT;
            let text = if staged.is_committing {
                tr!(shown.texts, "staged-is-committing")
            } else {
                said(&staged.counts(), shown.texts)
            };
            ui.label(RichText::new(text).color(colors.staged));
            // What matters most stands where it is not cut off.
            let name = shown.texts.text(Command::Commit.name());
            let name = RichText::new(name).color(colors.on_staged);
            let commit = Button::new(name).small().fill(colors.staged);
            let is_enabled = Command::Commit.is_enabled(&shown.situation);
            let response = ui.add_enabled(is_enabled, commit);
            if widgets::named(response, Command::Commit, shown.texts).clicked() {
                asked = Some(Command::Commit);
            }
            for command in [Command::Review, Command::Discard] {
                let name = shown.texts.text(command.name());
                let is_enabled = command.is_enabled(&shown.situation);
                let response = ui.add_enabled(is_enabled, Button::new(name).small());
                if widgets::named(response, command, shown.texts).clicked() {
                    asked = Some(command);
                }
            }
            history(ui, shown, &mut asked);
            let outside = workspace
                .view()
                .and_then(|view| staged.outside(view.meta(), view.grid.filter()))
                .filter(|outside| *outside > 0);
            let outside = outside.map(|count| tr!(shown.texts, "staged-outside", count = count));
            let gone = if count > MOST_LOOKED_AT { 0 } else { staged.gone().count() };
            let gone = (gone > 0).then(|| tr!(shown.texts, "staged-are-gone", count = gone));
            for (text, command) in [(outside, Command::ShowStaged), (gone, Command::GiveUpGone)] {
                let Some(text) = text else { continue };
                if ui.link(RichText::new(text).color(colors.staged)).clicked() {
                    asked = Some(command);
                }
            }
        });
    }
    if let Some(command) = asked {
        effects.run(command);
    }
}

/// Returns how many rows are changed, new and to be deleted, in words.
pub(super) fn said(counts: &StagedCounts, texts: &Texts) -> String {
    let StagedCounts { changed, new, deleted } = *counts;
    let parts = [
        (changed > 0).then(|| tr!(texts, "staged-rows", count = changed)),
        (new > 0).then(|| tr!(texts, "staged-new", count = new)),
        (deleted > 0).then(|| tr!(texts, "staged-deleted", count = deleted)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Draws the buttons that take back and do again.
fn history(ui: &mut Ui, shown: &Shown<'_>, asked: &mut Option<Command>) {
    let theme = Theme::of(ui.ctx());
    for (command, mark) in [(Command::Undo, icon::ICON_UNDO), (Command::Redo, icon::ICON_REDO)] {
        let mark = widgets::icon(mark, theme, theme.colors.text_weak);
        let button = Button::new(mark).small().frame_when_inactive(false);
        let response = ui.add_enabled(command.is_enabled(&shown.situation), button);
        if widgets::named(response, command, shown.texts).clicked() {
            *asked = Some(command);
        }
    }
}
