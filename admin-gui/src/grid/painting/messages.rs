//! What stands where rows would be, or above them: why there are none, and what is waited for.

use std::time::Duration;

use egui::{Rect, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

use super::event::GridEvent;
use crate::grid::source::{Progress, RowSource};
use crate::grid::state::RowGrid;
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// How long rows may be waited for before it is said how far they are.
pub const LONG: Duration = Duration::from_millis(600);

/// Draws what is wrong or being waited for, above rows that stay to be seen.
pub(super) fn banner<S: RowSource>(
    ui: &mut Ui,
    grid: &RowGrid<S>,
    texts: &Texts,
    body: Rect,
    theme: &Theme,
    events: &mut Vec<GridEvent>,
) {
    if let Some(load_error) = grid.load_error() {
        if !grid.is_blank() {
            let (color, action) = if load_error.is_stopped() {
                (theme.colors.border, tr!(texts, "grid-go-on"))
            } else {
                (theme.colors.wrong, tr!(texts, "grid-retry"))
            };
            let banner = Banner { text: &load_error.message, color, share: None, action };
            if banner.show(ui, body, theme) {
                events.push(GridEvent::Retry);
            }
        }
        return;
    }
    let Some(waited) = grid.waiting_since().map(|since| since.elapsed()) else { return };
    if let Some(rest) = LONG.checked_sub(waited).filter(|rest| !rest.is_zero()) {
        ui.ctx().request_repaint_after(rest);
        return;
    }
    let text = match grid.progress() {
        Some(Progress { found, share }) => {
            let percent = (share * 100.0).floor();
            tr!(texts, "grid-searching", percent = percent, found = found)
        }
        None => tr!(texts, "grid-reading"),
    };
    let share = grid.progress().map(|progress| progress.share);
    let (color, action) = (theme.colors.border, tr!(texts, "grid-stop"));
    if (Banner { text: &text, color, share, action }).show(ui, body, theme) {
        events.push(GridEvent::Stop);
    }
}

/// Draws what stands where rows would be: why there are none, and what to do about it.
pub(super) fn message<S: RowSource>(
    ui: &mut Ui,
    grid: &RowGrid<S>,
    texts: &Texts,
    is_filtered: bool,
    body: Rect,
    theme: &Theme,
    events: &mut Vec<GridEvent>,
) {
    let (mark, color, title, detail, action) = if let Some(load_error) = grid.load_error() {
        if !grid.is_blank() {
            return;
        }
        let title = tr!(texts, "grid-failed");
        let action = (tr!(texts, "grid-retry"), GridEvent::Retry);
        (icon::ICON_ERROR, theme.colors.wrong, title, load_error.message.clone(), Some(action))
    } else if grid.total().is_some_and(|total| total.rows == 0) && !grid.is_blank() {
        if is_filtered {
            let action = (tr!(texts, "command-clear-filter"), GridEvent::ClearFilter);
            let title = tr!(texts, "grid-no-match");
            (icon::ICON_FILTER_ALT_OFF, theme.colors.text_weak, title, String::new(), Some(action))
        } else {
            let title = tr!(texts, "grid-empty");
            (icon::ICON_TABLE_ROWS, theme.colors.text_weak, title, String::new(), None)
        }
    } else {
        return;
    };
    let width = (body.width() - 40.0).clamp(120.0, 560.0);
    let area = Rect::from_center_size(body.center(), vec2(width, 170.0));
    let mut ui = ui.new_child(
        UiBuilder::new()
            .id_salt("message")
            .max_rect(area)
            .layout(egui::Layout::top_down(egui::Align::Center)),
    );
    ui.label(egui::RichText::new(mark.codepoint).size(30.0).color(color));
    ui.add_space(theme.spacing.item);
    ui.label(egui::RichText::new(title).color(theme.colors.text));
    if !detail.is_empty() {
        ui.label(egui::RichText::new(detail).color(theme.colors.text_weak));
    }
    if let Some((name, event)) = action {
        ui.add_space(theme.spacing.group);
        if ui.button(name).clicked() {
            events.push(event);
        }
    }
}

/// A line above the rows with one thing to do about what it says.
struct Banner<'a> {
    text: &'a str,
    color: egui::Color32,
    /// How much of something is done, from 0 to 1.
    share: Option<f32>,
    action: String,
}

impl Banner<'_> {
    /// Draws it; returns whether the action is wanted.
    fn show(self, ui: &mut Ui, body: Rect, theme: &Theme) -> bool {
        let width = (body.width() - 2.0 * theme.spacing.section).clamp(0.0, 620.0);
        let size = vec2(width, theme.spacing.control + 2.0 * theme.spacing.item);
        let top = pos2(body.center().x - size.x / 2.0, body.top() + theme.spacing.group);
        let area = Rect::from_min_size(top, size);
        let radius = f32::from(theme.spacing.radius);
        ui.painter().rect_filled(area, radius, theme.colors.surface_raised);
        let stroke = Stroke::new(1.0, self.color);
        ui.painter().rect_stroke(area, radius, stroke, StrokeKind::Inside);
        if let Some(share) = self.share {
            let bar = vec2(area.width() * share.clamp(0.0, 1.0), 2.0);
            let bar = Rect::from_min_size(pos2(area.left(), area.bottom() - 2.0), bar);
            ui.painter().rect_filled(bar, 0.0, theme.colors.accent);
        }
        let inner = area.shrink2(vec2(theme.spacing.group, theme.spacing.item));
        let layout = egui::Layout::right_to_left(egui::Align::Center);
        let mut ui =
            ui.new_child(UiBuilder::new().id_salt("banner").max_rect(inner).layout(layout));
        let is_wanted = ui.button(self.action).clicked();
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add(egui::Label::new(self.text).truncate()).on_hover_text(self.text);
        });
        is_wanted
    }
}
