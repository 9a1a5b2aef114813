//! The bar at the bottom: what has just happened, and where the grid stands.

use std::time::Duration;

use egui::{Align, Layout, RichText, Ui};

use super::notice::NoticeKind;
use super::{AdminApp, actions, look};
use crate::grid::Total;
use crate::theme::{Theme, icon};
use crate::tr;

impl AdminApp {
    pub(super) fn status_bar(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        ui.horizontal_centered(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(text) = self.range() {
                    let text = RichText::new(text).size(theme.text.small);
                    ui.label(text.color(theme.colors.text_weak));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    self.taking_bar(ui);
                    actions::bar(ui, &self.preferences.texts, self.workspace.acting.as_deref());
                    self.notice(ui);
                });
            });
        });
    }

    fn notice(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        let Some(notice) = &self.notice else { return };
        match notice.rest() {
            Some(Duration::ZERO) => {
                self.notice = None;
                return;
            }
            Some(rest) => ui.ctx().request_repaint_after(rest),
            None => {}
        }
        let (mark, color) = match notice.kind {
            NoticeKind::Success => (icon::ICON_CHECK_CIRCLE, theme.colors.new),
            NoticeKind::Failure => (icon::ICON_ERROR, theme.colors.wrong),
        };
        ui.label(look::icon(mark, theme, color));
        let text = RichText::new(&notice.text).color(color);
        ui.add(egui::Label::new(text).truncate()).on_hover_text(&notice.text);
    }

    /// "10 000", or "~10 000" where that is a guess.
    pub(super) fn total(&self, total: Total) -> String {
        let number = self.preferences.texts.number(total.rows);
        if total.is_exact { number } else { format!("~{number}") }
    }

    /// "rows 1–24 of 10 000 · 3.1 ms"
    fn range(&self) -> Option<String> {
        let view = self.workspace.view()?;
        let grid = &view.grid;
        let rows = grid.scroll().rows(grid.extent());
        if grid.is_blank() || grid.trouble().is_some() {
            return None;
        }
        let mut text = match grid.total() {
            Some(Total { rows: 0, .. }) => tr!(self.preferences.texts, "shell-no-rows"),
            Some(total) => tr!(
                self.preferences.texts,
                "shell-rows-of",
                first = rows.start + 1,
                last = rows.end,
                total = self.total(total)
            ),
            None => {
                tr!(self.preferences.texts, "shell-rows", first = rows.start + 1, last = rows.end)
            }
        };
        if let Some(waited) = grid.waited() {
            let milliseconds = waited.as_secs_f64() * 1000.0;
            text.push_str(" · ");
            text.push_str(&tr!(
                self.preferences.texts,
                "shell-milliseconds",
                time = format!("{milliseconds:.1}")
            ));
        }
        Some(text)
    }
}
