//! A button without words.

use egui::{Button, Response, Ui, Vec2};
use egui_material_icons::MaterialIcon;

use crate::theme::Theme;

/// Draws a button that is only an icon; its name is read out, and shown under the pointer.
pub(crate) fn icon_button(ui: &mut Ui, icon: MaterialIcon, name: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let glyph = icon.rich_text().size(theme.text.icon).color(theme.colors.text_weak);
    let button =
        Button::new(glyph).frame_when_inactive(false).min_size(Vec2::splat(theme.spacing.control));
    ui.add(button).on_hover_text(name).accessible_name(name)
}
