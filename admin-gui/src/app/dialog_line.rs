//! Lines of dialogs: a name at the left, what it is about at the right.

use egui::{Align, Layout, RichText, Stroke, Ui, Vec2};

use crate::theme::Theme;

/// The width of the names at the left, in points.
const NAMES: f32 = 92.0;

/// Draws a line of a dialog: its name at the left, the rest at the right.
pub(super) fn line<R>(
    ui: &mut Ui,
    theme: &Theme,
    name: &str,
    rest: impl FnOnce(&mut Ui) -> R,
) -> R {
    ui.add_space(theme.spacing.item);
    ui.horizontal_top(|ui| {
        let size = Vec2::new(NAMES, theme.spacing.control);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.label(weak(name, theme));
        });
        ui.vertical(rest).inner
    })
    .inner
}

/// Draws a line around the check boxes, which have the same ground as the dialog and would not be
/// seen.
pub(super) fn outline(ui: &mut Ui, theme: &Theme) {
    ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::new(1.0, theme.colors.check_box);
}

/// Returns a text that is not what matters most.
pub(super) fn weak(text: &str, theme: &Theme) -> RichText {
    RichText::new(text).size(theme.text.small).color(theme.colors.text_weak)
}
