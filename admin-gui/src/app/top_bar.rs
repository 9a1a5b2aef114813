//! The bar at the top: what is connected, and how the window looks.

use std::path::Path;

use egui::{Align, Button, Layout, RichText, Ui, Vec2};

use super::{AdminApp, look};
use crate::command::{Command, Situation};
use crate::theme::{Theme, icon};
use crate::tr;

impl AdminApp {
    pub(super) fn top_bar(&mut self, ui: &mut Ui, situation: &Situation) {
        let theme = Theme::of(ui.ctx());
        let mut command = None;
        ui.horizontal_centered(|ui| {
            ui.label(look::icon(icon::ICON_WIDGETS, theme, theme.colors.accent));
            ui.label(RichText::new(short_target(&self.target)).size(theme.text.body + 1.0))
                .on_hover_text(&self.target);
            let small = |text: String| {
                RichText::new(text).size(theme.text.small).color(theme.colors.text_weak)
            };
            let access = if self.catalog.is_read_only() {
                tr!(self.texts, "shell-read-only")
            } else {
                tr!(self.texts, "shell-read-write")
            };
            let engine = self.catalog.engine();
            ui.label(small(if is_file(&self.target) {
                format!("{engine} · {} · {access}", tr!(self.texts, "shell-local"))
            } else {
                format!("{engine} · {access}")
            }));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let mark =
                    if theme.is_dark() { icon::ICON_DARK_MODE } else { icon::ICON_LIGHT_MODE };
                if look::icon_button(ui, Command::SwitchTheme, mark, &self.texts, situation) {
                    command = Some(Command::SwitchTheme);
                }
                let language =
                    RichText::new(self.texts.language().name()).color(theme.colors.text_weak);
                let button = Button::new((
                    look::icon(icon::ICON_LANGUAGE, theme, theme.colors.text_weak),
                    language,
                ))
                .frame_when_inactive(false)
                .min_size(Vec2::splat(theme.spacing.control));
                let response = ui.add(button);
                if look::named(response, Command::SwitchLanguage, &self.texts).clicked() {
                    command = Some(Command::SwitchLanguage);
                }
                if look::icon_button(
                    ui,
                    Command::Refresh,
                    icon::ICON_REFRESH,
                    &self.texts,
                    situation,
                ) {
                    command = Some(Command::Refresh);
                }
            });
        });
        if let Some(command) = command {
            self.run(ui.ctx(), command);
        }
    }
}

/// A file's name without its folder; everything else as it is.
pub(crate) fn short_target(target: &str) -> &str {
    if !is_file(target) {
        return target;
    }
    Path::new(target).file_name().and_then(|name| name.to_str()).unwrap_or(target)
}

fn is_file(target: &str) -> bool {
    !target.contains("://") && !target.contains('@')
}
