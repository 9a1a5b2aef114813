//! One statement: its whole text, its plan, and the index that would help.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Stroke, Ui};

use super::highlight::highlighted;
use super::model::{Entry, caveat_text};
use crate::i18n::Texts;
use crate::pages::icon_button;
use crate::tasks::Explanation;
use crate::theme::{Theme, icon};
use crate::tr;

/// What is known of a statement's plan.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// It has been asked for.
    Waiting,
    /// This is it.
    Known(Explanation),
    /// It could not be had, and why.
    Failed(String),
}

/// Draws a statement; returns whether it is to be closed.
pub(super) fn show(ui: &mut Ui, entry: &Entry, plan: Option<&Plan>, texts: &Texts) -> bool {
    let theme = Theme::of(ui.ctx());
    let mut is_closed = false;
    ui.horizontal(|ui| {
        let when = entry.at.format("%Y-%m-%d %H:%M:%S%.3f").to_string();
        ui.label(RichText::new(when).color(theme.colors.text_weak).size(theme.text.small));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            is_closed = icon_button(ui, icon::ICON_CLOSE, &tr!(texts, "query-log-close")).clicked();
            let name = tr!(texts, "query-log-copy");
            if icon_button(ui, icon::ICON_CONTENT_COPY, &name).clicked() {
                ui.ctx().copy_text(entry.script(texts));
            }
        });
    });
    ScrollArea::vertical().id_salt("statement details").auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - theme.spacing.item);
        ui.add(Label::new(highlighted(&entry.client.sql, theme)).wrap().selectable(true));
        for caveat in &entry.client.caveats {
            let caveat = RichText::new(caveat_text(*caveat, texts)).size(theme.text.small);
            ui.add(Label::new(caveat.color(theme.colors.text_weak)).wrap());
        }
        if let Some(error) = &entry.statement.error {
            ui.add_space(theme.spacing.item);
            ui.add(Label::new(RichText::new(error).color(theme.colors.wrong)).wrap());
        }
        ui.add_space(theme.spacing.group);
        match plan {
            None => {
                let text = RichText::new(tr!(texts, "query-log-no-plan"));
                ui.label(text.color(theme.colors.text_faint));
            }
            Some(Plan::Waiting) => {
                let text = RichText::new(tr!(texts, "query-log-plan-waiting"));
                ui.label(text.color(theme.colors.text_faint));
            }
            Some(Plan::Failed(message)) => {
                ui.add(Label::new(RichText::new(message).color(theme.colors.wrong)).wrap());
            }
            Some(Plan::Known(explanation)) => explained(ui, explanation, texts),
        }
    });
    is_closed
}

fn explained(ui: &mut Ui, explanation: &Explanation, texts: &Texts) {
    let theme = Theme::of(ui.ctx());
    if explanation.sorts || explanation.scans {
        warning(ui, explanation, texts);
        ui.add_space(theme.spacing.item);
    }
    let heading = RichText::new(tr!(texts, "query-log-plan").to_uppercase());
    ui.label(heading.size(theme.text.small).color(theme.colors.text_weak));
    for line in &explanation.lines {
        let line = RichText::new(line).monospace().size(theme.text.monospace - 0.5);
        ui.add(Label::new(line.color(theme.colors.text)).wrap().selectable(true));
    }
}

fn warning(ui: &mut Ui, explanation: &Explanation, texts: &Texts) {
    let theme = Theme::of(ui.ctx());
    Frame::new()
        .fill(theme.colors.staged_surface)
        .stroke(Stroke::new(1.0, theme.colors.staged_border))
        .corner_radius(theme.spacing.radius)
        .inner_margin(Margin::symmetric(10, 8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let text = match (explanation.sorts, explanation.scans) {
                (true, true) => tr!(texts, "query-log-sorts-and-scans"),
                (true, false) => tr!(texts, "query-log-sorts"),
                (false, _) => tr!(texts, "query-log-scans"),
            };
            ui.horizontal(|ui| {
                let mark = icon::ICON_WARNING.rich_text().size(theme.text.icon);
                ui.label(mark.color(theme.colors.staged));
                ui.add(Label::new(RichText::new(text).color(theme.colors.staged)).wrap());
            });
            let Some(advice) = &explanation.advice else { return };
            ui.horizontal(|ui| {
                let name = tr!(texts, "query-log-copy-index");
                if icon_button(ui, icon::ICON_CONTENT_COPY, &name).clicked() {
                    ui.ctx().copy_text(advice.create.clone());
                }
                ui.add(Label::new(highlighted(&advice.create, theme)).wrap().selectable(true));
            });
        });
}
