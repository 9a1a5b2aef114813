//! The bar above a page: what it is, and what can be done with it.

use egui::{Align, Frame, Label, Layout, Margin, Panel, RichText, Ui};

use crate::theme::Theme;

/// The height of the bar, in points; that of the bar above a grid.
const HEIGHT: f32 = 44.0;

/// Shows a page's name, a weak note beside it, and `buttons` from right to left.
pub(crate) fn page_bar(ui: &mut Ui, name: &str, note: &str, buttons: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui.ctx());
    let frame = Frame::new().fill(theme.colors.canvas).inner_margin(Margin::symmetric(12, 0));
    Panel::top(ui.unique_id().with("page bar")).frame(frame).exact_size(HEIGHT).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                buttons(ui);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(RichText::new(name).size(theme.text.body + 1.0)));
                    let note = RichText::new(note).size(theme.text.small);
                    ui.add(Label::new(note.color(theme.colors.text_weak)).truncate());
                });
            });
        });
    });
}
