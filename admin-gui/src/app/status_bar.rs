//! The bar at the bottom: what has just happened, and where the grid stands.

use egui::{Align, Layout, RichText, Ui};

use super::context::Shown;
use super::notice::{Notice, NoticeKind};
use super::transfers::Transfers;
use super::workspace::Workspace;
use super::{Effects, Jobs};
use super::{action_buttons, staging_bar, widgets};
use crate::grid::{Grid, Total};
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// Draws the bar.
pub(super) fn show(
    ui: &mut Ui,
    shown: &Shown<'_>,
    workspace: &Workspace,
    jobs: &Jobs,
    transfers: &mut Transfers,
    last: Option<&Notice>,
    effects: &mut Effects,
) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_centered(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(text) = workspace.view().and_then(|view| range(&view.grid, shown.texts)) {
                let text = RichText::new(text).size(theme.text.small);
                ui.label(text.color(theme.colors.text_weak));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                staging_bar::show(ui, workspace, shown, effects);
                transfers.show_bar(ui, workspace.view(), shown, jobs, last.is_some(), effects);
                action_buttons::bar(ui, shown.texts, workspace.acting.as_deref());
                if let Some(last) = last {
                    notice(ui, last);
                }
            });
        });
    });
}

fn notice(ui: &mut Ui, notice: &Notice) {
    let theme = Theme::of(ui.ctx());
    if let Some(rest) = notice.rest() {
        ui.ctx().request_repaint_after(rest);
    }
    let (mark, color) = match notice.kind {
        NoticeKind::Success => (icon::ICON_CHECK_CIRCLE, theme.colors.new),
        NoticeKind::Failure => (icon::ICON_ERROR, theme.colors.wrong),
    };
    ui.label(widgets::icon(mark, theme, color));
    let text = RichText::new(&notice.text).color(color);
    ui.add(egui::Label::new(text).truncate()).on_hover_text(&notice.text);
}

/// Returns a number of rows in words: "10 000", or "~10 000" where that is a guess.
pub(super) fn total_in_words(total: Total, texts: &Texts) -> String {
    let number = texts.number(total.rows);
    if total.is_exact { number } else { format!("~{number}") }
}

/// Returns which rows are shown, and how long reading them took: "rows 1–24 of 10 000 · 3.1 ms".
fn range(grid: &Grid, texts: &Texts) -> Option<String> {
    let rows = grid.scroll().rows(grid.extent());
    if grid.is_blank() || grid.load_error().is_some() {
        return None;
    }
    let mut text = match grid.total() {
        Some(Total { rows: 0, .. }) => tr!(texts, "shell-no-rows"),
        Some(total) => tr!(
            texts,
            "shell-rows-of",
            first = rows.start + 1,
            last = rows.end,
            total = total_in_words(total, texts)
        ),
        None => tr!(texts, "shell-rows", first = rows.start + 1, last = rows.end),
    };
    if let Some(waited) = grid.waited() {
        let milliseconds = waited.as_secs_f64() * 1000.0;
        text.push_str(" · ");
        text.push_str(&tr!(texts, "shell-milliseconds", time = format!("{milliseconds:.1}")));
    }
    Some(text)
}
