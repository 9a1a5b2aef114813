//! A line of the navigation.

use egui::accesskit::Role;
use egui::text::TextFormat;
use egui::{Align2, FontFamily, FontId, Response, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::theme::Theme;

/// The height of an entity's line, in points.
const LINE: f32 = 32.0;

/// Draws a line of the navigation.
pub(super) fn line(
    ui: &mut Ui,
    mark: egui_material_icons::MaterialIcon,
    name: &str,
    count: Option<&str>,
    is_current: bool,
) -> Response {
    let theme = Theme::of(ui.ctx());
    let colors = &theme.colors;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_current, name));
    let fill = match (is_current, response.hovered() || response.has_focus()) {
        (true, _) => Some(colors.selected),
        (false, true) => Some(colors.control),
        (false, false) => None,
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, f32::from(theme.spacing.radius), fill);
    }
    let inner = rect.shrink2(vec2(8.0, 0.0));
    let icon_color = if is_current { colors.accent } else { colors.text_weak };
    let icon_font = FontId::new(theme.text.icon, FontFamily::Proportional);
    ui.painter().text(
        inner.left_center(),
        Align2::LEFT_CENTER,
        mark.codepoint,
        icon_font,
        icon_color,
    );
    let count_color = colors.text_weak;
    let count_font = FontId::new(theme.text.monospace, FontFamily::Monospace);
    let count =
        count.map(|count| ui.painter().layout_no_wrap(count.to_owned(), count_font, count_color));
    let count_width = count.as_ref().map_or(0.0, |count| count.size().x);
    let font = FontId::new(theme.text.body, FontFamily::Proportional);
    let left = inner.left() + 24.0;
    let galley = crate::grid::one_line(
        ui,
        name,
        TextFormat::simple(font, colors.text),
        (inner.right() - count_width - 8.0 - left).max(0.0),
    );
    ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, colors.text);
    if let Some(count) = count {
        let place = pos2(inner.right() - count_width, rect.center().y - count.size().y / 2.0);
        ui.painter().galley(place, count, count_color);
    }
    response
}
