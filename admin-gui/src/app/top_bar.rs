//! The bar at the top: what is connected, and how the window looks.

use std::path::Path;

use egui::containers::menu::MenuButton;
use egui::{
    Align, Button, Frame, Label, Layout, Margin, Rect, Response, RichText, Sense, Shape, Stroke,
    StrokeKind, Ui, UiBuilder, Vec2,
};

use super::Effects;
use super::context::Shown;
use super::widgets;
use crate::command::Command;
use crate::theme::{self, Theme, icon};
use crate::tr;

/// The usual width of the box that goes anywhere, in points.
const GO_TO: f32 = 450.0;

/// The least width at which it is shown, in points.
const GO_TO_LEAST: f32 = 120.0;

/// Where it starts, where what stands before it leaves room, in points.
const GO_TO_LEFT: f32 = 252.0;

/// The width of what stands behind it, in points.
const KEPT_FREE: f32 = 190.0;

/// What the bar shows.
pub(super) struct TopBar<'a> {
    pub shown: Shown<'a>,
    /// What is connected.
    pub target: &'a str,
    /// Whether a person has marked that as one in production.
    pub is_production: bool,
}

impl TopBar<'_> {
    /// Returns the frame of the bar, with its background.
    pub fn frame(&self, theme: &Theme) -> Frame {
        let colors = &theme.colors;
        let fill = if self.is_production { colors.production } else { colors.surface };
        Frame::new().fill(fill).inner_margin(Margin::symmetric(14, 0))
    }

    /// Draws it; returns where that stands which opens the box that goes anywhere.
    pub fn show(&self, ui: &mut Ui, effects: &mut Effects) -> Option<Rect> {
        let theme = Theme::of(ui.ctx());
        let is_production = self.is_production;
        if is_production {
            theme::wear_production(ui);
        }
        let weak = ui.visuals().weak_text_color();
        let mut command = None;
        let mut go_to = None;
        ui.horizontal_centered(|ui| {
            let mut room = ui.available_rect_before_wrap();
            room.max.x -= KEPT_FREE;
            let layout = Layout::left_to_right(Align::Center);
            ui.scope_builder(UiBuilder::new().max_rect(room).layout(layout), |ui| {
                ui.label(widgets::icon(icon::ICON_WIDGETS, theme, ui.visuals().hyperlink_color));
                command = self.connection(ui);
                if is_production {
                    production_mark(ui, tr!(self.shown.texts, "shell-production"));
                }
                let engine = RichText::new(self.engine()).size(theme.text.small).color(weak);
                ui.add(Label::new(engine).truncate());
                if let Some(button) = self.go_to_button(ui) {
                    go_to = Some(button.rect);
                    if button.clicked() {
                        command = Some(Command::GoTo);
                    }
                }
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let mark =
                    if theme.is_dark() { icon::ICON_DARK_MODE } else { icon::ICON_LIGHT_MODE };
                if widgets::icon_button(
                    ui,
                    Command::SwitchTheme,
                    mark,
                    self.shown.texts,
                    &self.shown.situation,
                ) {
                    command = Some(Command::SwitchTheme);
                }
                let language = RichText::new(self.shown.texts.language().name()).color(weak);
                let button =
                    Button::new((widgets::icon(icon::ICON_LANGUAGE, theme, weak), language))
                        .frame_when_inactive(false)
                        .min_size(Vec2::splat(theme.spacing.control));
                let response = ui.add(button);
                if widgets::named(response, Command::SwitchLanguage, self.shown.texts).clicked() {
                    command = Some(Command::SwitchLanguage);
                }
                if widgets::icon_button(
                    ui,
                    Command::Refresh,
                    icon::ICON_REFRESH,
                    self.shown.texts,
                    &self.shown.situation,
                ) {
                    command = Some(Command::Refresh);
                }
            });
        });
        if let Some(command) = command {
            effects.run(command);
        }
        go_to
    }

    /// Returns what the connection is, in words: "SQLite · local · read-write".
    fn engine(&self) -> String {
        let access = if self.shown.catalog.is_read_only() {
            tr!(self.shown.texts, "shell-read-only")
        } else {
            tr!(self.shown.texts, "shell-read-write")
        };
        let engine = self.shown.catalog.engine();
        if is_file(self.target) {
            format!("{engine} · {} · {access}", tr!(self.shown.texts, "shell-local"))
        } else {
            format!("{engine} · {access}")
        }
    }

    /// Draws what is connected, with a menu of what can be done about it.
    fn connection(&self, ui: &mut Ui) -> Option<Command> {
        let theme = Theme::of(ui.ctx());
        let name = RichText::new(short_target(self.target)).size(theme.text.body + 1.0);
        let button = Button::new(name).frame_when_inactive(false).truncate();
        let mut command = None;
        let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
            let offered = Command::SwitchProduction;
            if ui.button(self.shown.texts.text(offered.name())).clicked() {
                command = Some(offered);
                ui.close();
            }
        });
        response.on_hover_text(self.target);
        command
    }

    /// Draws a button that looks like a field, and opens the box that goes anywhere.
    fn go_to_button(&self, ui: &mut Ui) -> Option<Response> {
        let theme = Theme::of(ui.ctx());
        let left = (GO_TO_LEFT - ui.cursor().left()).max(theme.spacing.group);
        ui.add_space(left);
        let width = GO_TO.min(ui.available_width());
        if width < GO_TO_LEAST {
            return None;
        }
        let size = Vec2::new(width, theme.spacing.control + 2.0);
        let (area, response) = ui.allocate_exact_size(size, Sense::click());
        let response = widgets::named(response, Command::GoTo, self.shown.texts);
        let radius = f32::from(theme.spacing.radius);
        ui.painter().rect_filled(area, radius, theme.colors.canvas);
        let line = if response.hovered() || response.has_focus() {
            theme.colors.accent
        } else {
            theme.colors.border
        };
        ui.painter().rect_stroke(area, radius, Stroke::new(1.0, line), StrokeKind::Inside);
        let inner = area.shrink2(Vec2::new(theme.spacing.group, 0.0));
        let layout = Layout::left_to_right(Align::Center);
        ui.scope_builder(UiBuilder::new().max_rect(inner).layout(layout), |ui| {
            ui.style_mut().interaction.selectable_labels = false;
            ui.label(widgets::icon(icon::ICON_SEARCH, theme, theme.colors.text_weak));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(shortcut) = Command::GoTo.shortcuts().first() {
                    let keys = RichText::new(ui.ctx().format_shortcut(shortcut));
                    ui.label(keys.size(theme.text.small).color(theme.colors.text_weak));
                }
                ui.with_layout(layout, |ui| {
                    let hint = RichText::new(tr!(self.shown.texts, "palette-hint"));
                    ui.add(Label::new(hint.color(theme.colors.text_weak)).truncate());
                });
            });
        });
        Some(response)
    }
}

/// Draws a word that says what the colour of the bar says.
fn production_mark(ui: &mut Ui, word: String) {
    let theme = Theme::of(ui.ctx());
    let word = RichText::new(word).size(theme.text.small).color(theme.colors.production);
    let margin = Vec2::new(theme.spacing.item, theme.spacing.tight);
    let behind = ui.painter().add(Shape::Noop);
    ui.add_space(margin.x);
    let area = ui.label(word).rect.expand2(margin);
    ui.add_space(margin.x);
    let radius = f32::from(theme.spacing.radius);
    ui.painter().set(behind, Shape::rect_filled(area, radius, theme.colors.on_production));
}

/// Returns a file's name without its folder; everything else as it is.
pub(crate) fn short_target(target: &str) -> &str {
    if !is_file(target) {
        return target;
    }
    Path::new(target).file_name().and_then(|name| name.to_str()).unwrap_or(target)
}

fn is_file(target: &str) -> bool {
    !target.contains("://") && !target.contains('@')
}
