//! The bar above the rows of an entity whose table is not as the entity says.

use egui::{Frame, Label, Margin, Panel, RichText, Ui};
use persistence::drift::TableDrift;

use super::Effects;
use super::context::Shown;
use crate::command::Command;
use crate::theme::{Theme, icon};
use crate::tr;

/// Draws why an entity is read-only, what may help, and a link to the page of migrations.
pub(super) fn show(
    ui: &mut Ui,
    drift: &TableDrift,
    pending: &[&str],
    shown: &Shown<'_>,
    effects: &mut Effects,
) {
    let (theme, texts) = (Theme::of(ui.ctx()), shown.texts);
    let frame = Frame::new().fill(theme.colors.wrong_row).inner_margin(Margin::symmetric(12, 6));
    let id = ui.unique_id().with("drift bar");
    Panel::top(id).frame(frame).resizable(false).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.label(icon::ICON_LOCK.rich_text().size(theme.text.icon).color(theme.colors.wrong));
            let mut text = texts.table_drift(drift);
            if !pending.is_empty() {
                text.push(' ');
                text += &tr!(
                    texts,
                    "drift-may-mend",
                    count = pending.len(),
                    names = pending.join(", ")
                );
            }
            ui.vertical(|ui| {
                ui.add(Label::new(RichText::new(text)).wrap());
                let link = ui.link(tr!(texts, "drift-show-migrations"));
                if link.on_hover_text(texts.text(Command::Migrations.name())).clicked() {
                    effects.run(Command::Migrations);
                }
            });
        });
    });
}
