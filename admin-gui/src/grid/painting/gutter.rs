//! The boxes at the left of a grid by which rows are selected.

use egui::{Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use crate::grid::state::{SelectStep, Selected};
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// How wide it is, in points.
pub(super) const WIDTH: f32 = 34.0;

/// How large a box is, in points.
const BOX: f32 = 13.0;

/// Draws a row's box, which is called by its place among all rows; returns what a click on it does.
pub(super) fn row_box(
    ui: &Ui,
    rect: Rect,
    (row, index): (u64, u64),
    is_selected: bool,
    is_shown: bool,
    texts: &Texts,
) -> Option<SelectStep> {
    let state = if is_selected { Selected::All } else { Selected::None };
    let name = || tr!(texts, "grid-select-row", row = index + 1);
    let response = check_box(ui, rect, ("row box", row), state, is_shown, name);
    if !response.clicked() {
        return None;
    }
    let is_range = ui.input(|input| input.modifiers.shift);
    Some(if is_range { SelectStep::ToggleTo(row) } else { SelectStep::Toggle(row) })
}

/// Draws the box in the header, which stands for all rows.
pub(super) fn header_box(
    ui: &Ui,
    rect: Rect,
    state: Selected,
    texts: &Texts,
) -> Option<SelectStep> {
    let theme = Theme::of(ui.ctx());
    ui.painter().rect_filled(rect, 0.0, theme.colors.surface_raised);
    let line = Stroke::new(1.0, theme.colors.border);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let name = || tr!(texts, "grid-select-all");
    let response = check_box(ui, rect, "header box", state, true, name);
    response.clicked().then_some(SelectStep::ToggleAll)
}

fn check_box(
    ui: &Ui,
    rect: Rect,
    salt: impl std::hash::Hash + std::fmt::Debug,
    state: Selected,
    is_shown: bool,
    name: impl Fn() -> String,
) -> Response {
    let theme = Theme::of(ui.ctx());
    // Not focusable: a thousand tab stops help nobody, and Space is the grid's own key for it.
    let response = ui.interact(rect, ui.unique_id().with(salt), Sense::CLICK);
    response.widget_info(|| {
        let is_on = state == Selected::All;
        WidgetInfo::selected(egui::Role::CheckBox, ui.is_enabled(), is_on, name())
    });
    let outline = Rect::from_center_size(rect.center(), Vec2::splat(BOX));
    let radius = 3.0;
    if state == Selected::None {
        let color = if response.hovered() || is_shown {
            theme.colors.text_weak
        } else {
            theme.colors.check_box
        };
        let stroke = Stroke::new(1.0, color);
        ui.painter().rect_stroke(outline, radius, stroke, StrokeKind::Inside);
        return response;
    }
    ui.painter().rect_filled(outline, radius, theme.colors.accent);
    let mark = if state == Selected::All { icon::ICON_CHECK } else { icon::ICON_REMOVE };
    let font = egui::FontId::new(BOX - 1.0, egui::FontFamily::Proportional);
    let galley =
        ui.painter().layout_no_wrap(mark.codepoint.to_owned(), font, theme.colors.on_accent);
    let place = outline.center() - vec2(galley.size().x, galley.size().y) / 2.0;
    ui.painter().galley(place, galley, theme.colors.on_accent);
    response
}
