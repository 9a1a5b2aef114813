//! How the question looks what is to become of a column in many rows.

use egui::{
    Align, Button, Context, Frame, Grid, Id, Key, Label, Layout, Margin, Modal, ProgressBar,
    RichText, ScrollArea, Ui, UiBuilder, Vec2,
};

use super::words::summary_in_words;
use super::{ALL, BulkDialog, Running, Scope};
use crate::app::Jobs;
use crate::app::context::Known;
use crate::app::dialog_line::{line, outline, weak};
use crate::app::progress::percent;
use crate::i18n::Texts;
use crate::tasks::{BulkExample, BulkSummary, RefusedRows};
use crate::theme::{Theme, icon};
use crate::tr;

/// The width of the dialog, in points.
const WIDTH: f32 = 580.0;

/// The height of the rows that are shown, in points; always the same, so that nothing moves.
const EXAMPLES: f32 = 168.0;

/// The width of a column of the rows that are shown, in points.
const CELL: f32 = 168.0;

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BulkChoice {
    /// To stage the change.
    Stage,
    /// To write it at once.
    Write,
    /// Nothing.
    Cancel,
}

impl BulkDialog {
    /// Shows the dialog over everything else; returns what was decided.
    pub(super) fn show(
        &mut self,
        context: &Context,
        known: &Known<'_>,
        jobs: &Jobs,
    ) -> Option<BulkChoice> {
        let theme = Theme::of(context);
        let texts = known.texts;
        let modal = Modal::new(Id::unique("bulk_dialog"))
            .frame(Frame::popup(&context.style_of(context.theme())).inner_margin(Margin::same(16)));
        let modal = modal.show(context, |ui| {
            ui.set_width(WIDTH);
            let title = tr!(texts, "bulk-title", entity = texts.entity(self.draft.meta()));
            ui.label(RichText::new(title).heading());
            ui.add_space(theme.spacing.item);
            ui.add_enabled_ui(self.running.is_none(), |ui| {
                self.scope(ui, texts, theme);
                self.fields(ui, texts, theme);
            });
            self.check(known);
            ui.add_space(theme.spacing.group);
            self.outcome(ui, known, theme);
            ui.add_space(theme.spacing.item);
            self.counts(ui, known, theme, jobs);
            ui.add_space(theme.spacing.group);
            // What stands above changes while it is looked at; the buttons keep identity and focus.
            let scope = UiBuilder::new().scope_id(Id::unique("bulk_buttons"));
            ui.scope_builder(scope, |ui| self.buttons(ui, known, theme)).inner
        });
        if modal.inner.is_none() && modal.should_close() {
            return Some(BulkChoice::Cancel);
        }
        modal.inner
    }

    fn scope(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let is_unfiltered = self.is_unfiltered();
        line(ui, theme, &tr!(texts, "bulk-rows"), |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = theme.spacing.section;
                outline(ui, theme);
                for (scope, _, count) in &self.scopes {
                    let mut name = match scope {
                        Scope::Selected => tr!(texts, "bulk-selected"),
                        Scope::Filtered if is_unfiltered => tr!(texts, "bulk-all"),
                        Scope::Filtered => tr!(texts, "bulk-filtered"),
                    };
                    if let Some(count) = count {
                        name = format!("{name} · {}", texts.number(*count));
                    }
                    ui.radio_value(&mut self.scope, *scope, name);
                }
            });
        });
    }

    /// Draws what the first rows become, and those that cannot.
    fn outcome(&self, ui: &mut Ui, known: &Known<'_>, theme: &Theme) {
        let texts = known.texts;
        let area = ScrollArea::vertical().max_height(EXAMPLES).min_scrolled_height(EXAMPLES);
        area.auto_shrink([false, false]).show(ui, |ui| {
            ui.set_min_height(EXAMPLES);
            if let Some(problem) = self.problem(texts) {
                ui.add(Label::new(RichText::new(problem).color(theme.colors.wrong)).wrap());
                return;
            }
            let found = match (&self.all, &self.first) {
                (Some(Ok(all)), _) | (None, Some(all)) => all,
                (Some(Err(reason)), _) => {
                    let reason = RichText::new(reason).color(theme.colors.wrong);
                    ui.add(Label::new(reason).wrap());
                    return;
                }
                (None, None) => {
                    let said = RichText::new(tr!(texts, "bulk-preview"));
                    ui.label(said.color(theme.colors.text_faint));
                    return;
                }
            };
            self.examples(ui, texts, theme, found, &found.refusals, "refusals");
            self.examples(ui, texts, theme, found, &found.examples, "examples");
        });
    }

    fn examples(
        &self,
        ui: &mut Ui,
        texts: &Texts,
        theme: &Theme,
        summary: &BulkSummary,
        examples: &[BulkExample],
        salt: &str,
    ) {
        Grid::new(salt).num_columns(3).min_col_width(CELL).max_col_width(CELL).show(ui, |ui| {
            for example in examples {
                let name = example.name.clone().unwrap_or_else(|| tr!(texts, "bulk-new-row"));
                ui.add(Label::new(RichText::new(name).color(theme.colors.text_weak)).truncate());
                let before = self.shown(&example.before, summary, texts);
                ui.add(Label::new(before).truncate());
                match &example.refusal {
                    None => {
                        let after = example.after.as_ref();
                        let after = after.map(|after| self.shown(after, summary, texts));
                        let after = RichText::new(after.unwrap_or_default());
                        ui.horizontal(|ui| {
                            let arrow = icon::ICON_ARROW_FORWARD.rich_text();
                            ui.label(arrow.color(theme.colors.text_faint));
                            ui.add(Label::new(after.color(theme.colors.staged)).truncate());
                        });
                    }
                    Some(refusal) => {
                        let after = example.after.as_ref();
                        let after = after.map(|after| self.shown(after, summary, texts));
                        let reason = self.refusal_in_words(refusal, texts);
                        let said = after
                            .map_or_else(|| reason.clone(), |after| format!("{after} · {reason}"));
                        let text = RichText::new(&said).color(theme.colors.wrong);
                        ui.add(Label::new(text).truncate()).on_hover_text(said);
                    }
                }
                ui.end_row();
            }
        });
    }

    /// Draws how many rows change, stay as they are and cannot change, or how far the counting is.
    fn counts(&mut self, ui: &mut Ui, known: &Known<'_>, theme: &Theme, jobs: &Jobs) {
        let texts = known.texts;
        let height = 2.0 * theme.spacing.control;
        let size = Vec2::new(ui.available_width(), height);
        ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
            ui.set_min_size(size);
            let lane = self.running.map_or(ALL, Running::lane);
            if let Some(progress) = jobs.progress(lane) {
                let (done, all) = (progress.rows_done(), progress.rows_in_all());
                let share = all.map_or(0.0, |all| done as f32 / all.max(1) as f32);
                let bar = ProgressBar::new(share).desired_height(6.0).fill(theme.colors.accent);
                let response = ui.add(bar);
                let percent = percent(done, all.unwrap_or(0));
                let said = match self.running {
                    Some(Running::Staging) => tr!(texts, "bulk-staging", percent = percent),
                    Some(Running::Writing) => tr!(texts, "bulk-writing", percent = percent),
                    None => tr!(texts, "bulk-looking", percent = percent),
                };
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(said.clone()));
                ui.label(RichText::new(said).color(theme.colors.text_weak));
                ui.ctx().request_repaint_after(super::PATIENCE / 4);
                return;
            }
            let Some(Ok(all)) = &self.all else { return };
            let response = ui.label(summary_in_words(all, texts));
            // Read out when it changes.
            ui.ctx().accesskit_node_builder(response.id, |node| {
                node.set_live(egui::accesskit::Live::Polite);
            });
            if all.refused > 0 {
                outline(ui, theme);
                let mut leaves_out = self.refused == RefusedRows::LeaveOut;
                let said = tr!(texts, "bulk-leave-out", count = all.refused);
                if ui.checkbox(&mut leaves_out, said).changed() {
                    self.refused =
                        if leaves_out { RefusedRows::LeaveOut } else { RefusedRows::Refuse };
                }
            }
            if self.is_straight() {
                self.straight_notes(ui, known, theme);
            }
        });
    }

    /// Returns whether the change can be made as far as its rows are concerned.
    pub(super) fn is_right(&self) -> bool {
        let Some(Ok(all)) = &self.all else { return false };
        let is_right = all.refused == 0 || self.refused == RefusedRows::LeaveOut;
        self.running.is_none() && is_right && all.changed > 0
    }

    fn buttons(&mut self, ui: &mut Ui, known: &Known<'_>, theme: &Theme) -> Option<BulkChoice> {
        let texts = known.texts;
        let mut choice = None;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let count = match &self.all {
                Some(Ok(all)) => all.changed,
                _ => 0,
            };
            let is_straight = self.is_straight() || self.running == Some(Running::Writing);
            let (can_begin, said, fill, over) = if is_straight {
                let said = tr!(texts, "bulk-write", count = count);
                (self.can_write(), said, theme.colors.accent, theme.colors.on_accent)
            } else {
                let said = tr!(texts, "bulk-stage", count = count);
                (self.is_right(), said, theme.colors.staged, theme.colors.on_staged)
            };
            let begin = if can_begin {
                Button::new(RichText::new(said).color(over)).fill(fill)
            } else {
                Button::new(RichText::new(said))
            };
            let begin = begin.min_size(Vec2::new(0.0, theme.spacing.control));
            let is_clicked = ui.add_enabled(can_begin, begin).clicked();
            let is_entered =
                ui.input(|input| input.modifiers.command && input.key_pressed(Key::Enter));
            choice = match (is_straight, can_begin) {
                // What cannot be undone is not begun by a key that usually stages.
                (true, true) if is_clicked => Some(BulkChoice::Write),
                (false, true) if is_clicked || is_entered => Some(BulkChoice::Stage),
                _ => None,
            };
            let cancel = match self.running {
                Some(Running::Writing) => tr!(texts, "bulk-stop"),
                _ => tr!(texts, "bulk-cancel"),
            };
            let cancel = Button::new(cancel).min_size(Vec2::new(0.0, theme.spacing.control));
            if ui.add(cancel).clicked() {
                choice = Some(BulkChoice::Cancel);
            }
            if !is_straight {
                ui.add(Label::new(weak(&tr!(texts, "bulk-not-written"), theme)).truncate());
            }
        });
        choice
    }
}
