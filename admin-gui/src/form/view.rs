//! How the form looks: heading, what is wrong, the fields, the buttons.

use egui::{Align, Button, Label, Layout, RichText, ScrollArea, Ui, vec2};
use persistence::Value;

use super::conflict_view;
use super::event::FormEvent;
use super::field_view::show_field;
use super::model::{Access, RecordForm};
use super::parts::{banner, icon_button};
use crate::i18n::Texts;
use crate::row_name::row_name;
use crate::theme::{Theme, icon};
use crate::tr;

/// How many problems are in sight at once, the others by scrolling.
const SUMMARY_LINES: usize = 3;

impl RecordForm {
    /// Shows the form over all the space there is; returns what it asks for.
    pub fn show(&mut self, ui: &mut Ui, texts: &Texts) -> Vec<FormEvent> {
        self.show_with(ui, texts, |_| {}, |_| {}, |_| {})
    }

    /// Shows the form, and something else among the buttons at its head, below its fields, and among the buttons at
    /// its foot; returns what the form asks for.
    pub fn show_with(
        &mut self,
        ui: &mut Ui,
        texts: &Texts,
        head: impl FnOnce(&mut Ui),
        below: impl FnOnce(&mut Ui),
        foot: impl FnOnce(&mut Ui),
    ) -> Vec<FormEvent> {
        let theme = Theme::of(ui.ctx());
        let mut events = Vec::new();
        self.speak(texts.language());
        self.header(ui, texts, theme, head, &mut events);
        let mut footer = theme.spacing.control + 2.0 * theme.spacing.group;
        let summary = self.summary_height(theme);
        footer += summary;
        let id = ("record_form", self.meta().table, self.key().map(|key| key.to_string()));
        ScrollArea::vertical()
            .id_salt(id)
            .auto_shrink(false)
            .max_height((ui.available_height() - footer).max(0.0))
            .show(ui, |ui| {
                // Room for the scroll bar, which is drawn over the fields.
                ui.set_max_width(ui.available_width() - theme.spacing.item);
                self.banners(ui, texts, theme);
                for column in 0..self.fields.len() {
                    show_field(self, ui, texts, column, &mut events);
                }
                below(ui);
                ui.add_space(theme.spacing.group);
            });
        if summary > 0.0 {
            self.show_summary(ui, texts, theme, summary);
        }
        self.footer(ui, texts, theme, foot, &mut events);
        events
    }

    fn header(
        &mut self,
        ui: &mut Ui,
        texts: &Texts,
        theme: &Theme,
        head: impl FnOnce(&mut Ui),
        events: &mut Vec<FormEvent>,
    ) {
        let meta = self.meta();
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if icon_button(ui, icon::ICON_CLOSE, &tr!(texts, "form-close")).clicked() {
                    events.extend(self.close());
                }
                head(ui);
                if self.key().is_some() && matches!(self.access(), Access::ReadWrite) {
                    let delete = icon_button(ui, icon::ICON_DELETE, &tr!(texts, "form-delete"));
                    if delete.clicked() {
                        events.push(FormEvent::DeleteRequested);
                    }
                    let copy = icon_button(ui, icon::ICON_CONTENT_COPY, &tr!(texts, "form-copy"));
                    if copy.clicked() {
                        events.push(FormEvent::CopyRequested);
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let place = match self.key() {
                        Some(key) => format!("{} / {key}", texts.entity(meta)),
                        None => texts.entity(meta),
                    };
                    let place = RichText::new(place).color(theme.colors.text_weak);
                    ui.add(Label::new(place).truncate());
                });
            });
        });
        let title = if self.is_new() {
            tr!(texts, "form-new", entity = texts.entity_one(meta))
        } else {
            texts.brief(&Value::Text(row_name(meta, self.base())))
        };
        ui.add(Label::new(RichText::new(title).heading()).truncate());
        ui.add_space(theme.spacing.tight);
    }

    fn banners(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        if let Access::ReadOnly(reason) = self.access() {
            let reason = tr!(texts, "form-read-only", reason = reason.as_str());
            banner(ui, theme.colors.surface_raised, theme.colors.border, |ui| {
                ui.horizontal_top(|ui| {
                    ui.label(icon::ICON_LOCK.rich_text().color(theme.colors.text_weak));
                    ui.add(Label::new(reason).wrap());
                });
            });
        }
        conflict_view::show(self, ui, texts, theme);
    }

    /// Returns the height for what is wrong beneath the fields, where these do not move when it
    /// comes or goes.
    fn summary_height(&self, theme: &Theme) -> f32 {
        let is_shown = self.is_attempted || !self.summary.is_empty();
        let lines = if is_shown { self.wrong().len() + self.summary.len() } else { 0 };
        if lines == 0 {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let lines = lines.min(SUMMARY_LINES) as f32;
        // The record's own problems are whole sentences.
        let sentences = if self.summary.is_empty() { 0.0 } else { 2.0 };
        (lines + sentences + 1.0) * (theme.text.small + 7.0) + 2.0 * theme.spacing.group
    }

    /// Draws everything that is wrong, each a link to its field.
    fn show_summary(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme, height: f32) {
        let scroll =
            ScrollArea::vertical().id_salt("summary").max_height(height - theme.spacing.item);
        scroll.show(ui, |ui| self.problems(ui, texts, theme));
    }

    fn problems(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        let wrong = self.wrong();
        banner(ui, theme.colors.wrong_row, theme.colors.wrong, |ui| {
            let title = if wrong.is_empty() {
                tr!(texts, "form-summary-record")
            } else {
                tr!(texts, "form-summary", count = wrong.len())
            };
            ui.label(RichText::new(title).color(theme.colors.wrong));
            ui.spacing_mut().interact_size.y = theme.text.small + 4.0;
            ui.spacing_mut().button_padding = vec2(0.0, 1.0);
            for problem in &self.summary {
                ui.add(Label::new(problem.text(texts)).wrap());
            }
            for (column, problem) in wrong {
                let Some(column_meta) = self.column(column) else { continue };
                let text = tr!(
                    texts,
                    "form-jump",
                    field = texts.column(self.meta(), column_meta),
                    problem = problem.text(texts),
                );
                let link = ui.add(Button::new(RichText::new(text).small()).frame(false).wrap());
                if link.clicked() {
                    self.jump_to = Some(column);
                }
            }
        });
    }

    fn footer(
        &mut self,
        ui: &mut Ui,
        texts: &Texts,
        theme: &Theme,
        foot: impl FnOnce(&mut Ui),
        events: &mut Vec<FormEvent>,
    ) {
        if matches!(self.access(), Access::ReadOnly(_)) {
            return;
        }
        ui.separator();
        ui.horizontal(|ui| {
            let label =
                if self.is_saving { tr!(texts, "form-saving") } else { tr!(texts, "form-save") };
            let can_save = self.can_save();
            let shown = RichText::new(&label);
            let save = if can_save {
                Button::new(shown.color(theme.colors.on_accent)).fill(theme.colors.accent)
            } else {
                Button::new(shown)
            };
            let save = save.shortcut_text(RichText::new("Ctrl+S").small().color(if can_save {
                theme.colors.on_accent
            } else {
                theme.colors.text_faint
            }));
            if ui.add_enabled(can_save, save).accessible_name(label).clicked() {
                events.extend(self.save());
            }
            foot(ui);
            let can_revert = self.is_dirty() && !self.is_saving;
            if ui.add_enabled(can_revert, Button::new(tr!(texts, "form-revert"))).clicked() {
                self.revert_all();
            }
        });
    }
}
