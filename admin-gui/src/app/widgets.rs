//! Sizes of the window's parts, and pieces of drawing that several of them share.

use egui::{Button, Color32, Response, RichText, Ui, Vec2};

use crate::command::{Command, Situation};
use crate::i18n::Texts;
use crate::theme::Theme;

/// The height of the top bar, in points.
pub(super) const TOP_BAR: f32 = 44.0;

/// The height of the bar above the grid, in points.
pub(super) const FILTER_BAR: f32 = 44.0;

/// The height of the status bar, in points.
pub(super) const STATUS_BAR: f32 = 30.0;

/// The usual width of the navigation, in points.
pub(super) const NAVIGATION: f32 = 208.0;

/// The usual width of the record's panel, in points.
pub(super) const RECORD: f32 = 326.0;

/// Returns an icon, to stand among text.
pub(super) fn icon(
    icon: egui_material_icons::MaterialIcon,
    theme: &Theme,
    color: Color32,
) -> RichText {
    RichText::new(icon.codepoint).size(theme.text.icon).color(color)
}

/// Gives the boxes that follow a frame that can be seen.
pub(super) fn outline_boxes(ui: &mut Ui) {
    let theme = Theme::of(ui.ctx());
    let at_rest = &mut ui.visuals_mut().widgets.inactive;
    at_rest.bg_fill = theme.colors.canvas;
    at_rest.bg_stroke.color = theme.colors.check_box;
}

/// Draws the arrow of a list that opens.
pub(super) fn arrow(
    ui: &Ui,
    rect: egui::Rect,
    _visuals: &egui::style::WidgetVisuals,
    _is_open: bool,
) {
    let theme = Theme::of(ui.ctx());
    let font = egui::FontId::new(theme.text.icon, egui::FontFamily::Proportional);
    let mark = crate::theme::icon::ICON_ARROW_DROP_DOWN.codepoint;
    let center = egui::Align2::CENTER_CENTER;
    ui.painter().text(rect.center(), center, mark, font, theme.colors.text_weak);
}

/// Draws a button of a command that shows only its icon; its name and key stand in the tooltip.
pub(super) fn icon_button(
    ui: &mut Ui,
    command: Command,
    mark: egui_material_icons::MaterialIcon,
    texts: &Texts,
    situation: &Situation,
) -> bool {
    let theme = Theme::of(ui.ctx());
    let text = icon(mark, theme, ui.visuals().weak_text_color());
    let button =
        Button::new(text).frame_when_inactive(false).min_size(Vec2::splat(theme.spacing.control));
    let response = ui.add_enabled(command.is_enabled(situation), button);
    named(response, command, texts).clicked()
}

/// Gives a command's button its name, for screen readers, and its name and key as a tooltip.
pub(super) fn named(response: Response, command: Command, texts: &Texts) -> Response {
    let name = texts.text(command.name());
    let is_enabled = response.enabled();
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::Button, is_enabled, &name)
    });
    let hint = match command.shortcuts().first() {
        Some(shortcut) => format!("{name}  {}", response.ctx.format_shortcut(shortcut)),
        None => name,
    };
    response.on_hover_text(hint)
}

/// Draws a heading above a group.
pub(super) fn section(ui: &mut Ui, name: &str) {
    let theme = Theme::of(ui.ctx());
    ui.label(
        RichText::new(name.to_uppercase()).size(theme.text.small).color(theme.colors.text_weak),
    );
}
