//! Draws one value in a field as large as the window allows.

use egui::{
    Align, Align2, Button, Context, Frame, Id, Key, KeyboardShortcut, Layout, Margin, Modal,
    Modifiers, RichText, ScrollArea, TextEdit, TextStyle, Ui, Vec2, vec2,
};
use persistence::{ColumnType, Value};

use super::{Content, FILE, FileUse, LargeEditor, PICTURE, Part, Picture, Said, Seen, hex};
use crate::app::dialogs::Dialogs;
use crate::app::effects::Effect;
use crate::app::record_event::RecordEvent;
use crate::app::{Effects, Focused};
use crate::blob::BlobKind;
use crate::command::take_key;
use crate::i18n::{Language, Texts};
use crate::theme::Theme;
use crate::tr;

/// The largest size of the dialog, in points.
const SIZE: Vec2 = vec2(980.0, 640.0);

/// What the dialog needs beside the field, in points.
const AROUND: Vec2 = vec2(80.0, 200.0);

/// The keys that take what is typed.
const TAKES: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);

/// Bytes that are shown.
const BYTES_SHOWN: usize = 1 << 20;

/// What a person wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Take,
    GiveUp,
}

impl Dialogs {
    /// Draws the value that is in a large field.
    pub(in super::super) fn show_large(
        &mut self,
        context: &Context,
        texts: &Texts,
        effects: &mut Effects,
    ) {
        let Some(editor) = &mut self.large else { return };
        let Some(choice) = editor.show(context, texts, effects) else { return };
        if choice == Choice::Take {
            self.take_large(texts.language(), effects);
        } else {
            self.let_go_of_large(effects);
        }
    }

    /// Closes the large field, and stages what is typed there.
    pub(in super::super) fn take_large(&mut self, language: Language, effects: &mut Effects) {
        if let Some(editor) = self.let_go_of_large(effects) {
            editor.take(language, effects);
        }
    }

    /// Closes the large field; what comes for it from now on is not for the next one.
    fn let_go_of_large(&mut self, effects: &mut Effects) -> Option<LargeEditor> {
        effects.forget(FILE);
        effects.forget(PICTURE);
        let editor = self.large.take()?;
        match editor.record {
            Some(record) => {
                effects.push(Effect::Record(record, RecordEvent::GoTo(editor.position)));
            }
            None => effects.focus(Focused::Grid),
        }
        Some(editor)
    }

    /// Closes the line for a file, else the large field, unless something is typed in it that the person has not been
    /// told of; returns whether it was open.
    pub(in super::super) fn close_large(&mut self, effects: &mut Effects) -> bool {
        let Some(editor) = &mut self.large else { return false };
        if editor.file.take().is_some() {
            editor.focus = Some(Part::Field);
        } else if editor.is_left() {
            self.let_go_of_large(effects);
        }
        true
    }
}

impl LargeEditor {
    /// Returns whether it can be left; asks first where something is typed.
    fn is_left(&mut self) -> bool {
        // What is typed after the question goes there.
        self.focus = Some(Part::Field);
        !self.is_changed() || std::mem::replace(&mut self.asks_to_give_up, true)
    }

    /// Draws it over everything else; returns what was decided.
    fn show(&mut self, context: &Context, texts: &Texts, effects: &mut Effects) -> Option<Choice> {
        let takes = context.input_mut(|input| take_key(input, TAKES));
        self.ask_for_picture(effects);
        let theme = Theme::of(context);
        let frame = Frame::popup(&context.style_of(context.theme()));
        let modal =
            Modal::new(Id::unique("large editor")).frame(frame.inner_margin(Margin::same(16)));
        let room = (context.content_rect().size() - AROUND).min(SIZE);
        let modal = modal.show(context, |ui| {
            ui.set_width(room.x);
            ui.add(egui::Label::new(RichText::new(&self.title).heading()).truncate());
            if let Some(fixed) = &self.fixed {
                ui.label(RichText::new(fixed).color(theme.colors.text_weak));
            }
            ui.add_space(theme.spacing.item);
            // The line for a file takes its room from the field: nothing moves.
            let line = theme.spacing.control + theme.spacing.tight + ui.spacing().item_spacing.y;
            let height = if self.file.is_some() { room.y - line } else { room.y };
            self.content(ui, texts, theme, height);
            self.told(ui, texts, theme);
            self.file_line(ui, texts, theme, effects);
            ui.add_space(theme.spacing.item);
            self.buttons(ui, texts, theme)
        });
        if takes && self.fixed.is_none() && !self.is_busy {
            return Some(Choice::Take);
        }
        if modal.inner.is_none() && modal.should_close() {
            // A click beside it is soon done: that is never enough to give up what is typed.
            self.asks_to_give_up = false;
            return self.is_left().then_some(Choice::GiveUp);
        }
        modal.inner
    }

    fn content(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme, height: f32) {
        let width = ui.available_width();
        let is_code = self.column_type() != ColumnType::Text;
        let can_type = self.fixed.is_none() && !self.is_busy;
        let picture = match &self.picture {
            Picture::Known(Some(picture)) => Some(picture.clone()),
            _ => None,
        };
        let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
        let mut is_other = false;
        match &mut self.content {
            Content::Typed { text, is_null } => {
                area.auto_shrink([false, false]).show(ui, |ui| {
                    let hint = if *is_null { tr!(texts, "form-null") } else { String::new() };
                    let hint = RichText::new(hint).italics().color(theme.colors.text_faint);
                    let style = if is_code { TextStyle::Monospace } else { TextStyle::Body };
                    let field = TextEdit::multiline(text)
                        .id(Id::unique("large field"))
                        .hint_text(hint)
                        .font(style)
                        .interactive(can_type)
                        .margin(Margin::same(8))
                        .desired_width(width)
                        .min_size(vec2(width, height));
                    let response = ui.add(field);
                    ui.ctx().accesskit_node_builder(response.id, |node| {
                        node.set_label(self.title.as_str());
                    });
                    if self.focus.take_if(|part| *part == Part::Field).is_some() {
                        response.request_focus();
                    }
                    // Who goes on there does not give it up.
                    self.asks_to_give_up &= !response.clicked() && !response.changed();
                    if response.changed() {
                        *is_null = false;
                        self.said = None;
                        is_other = true;
                    }
                });
            }
            Content::Held(_) if let Some(picture) = picture => {
                let (room, response) =
                    ui.allocate_exact_size(vec2(width, height), egui::Sense::hover());
                let natural = picture.size_vec2() / ui.pixels_per_point();
                let scale = (room.size() / natural).min_elem().min(1.0);
                let place = Align2::CENTER_CENTER.align_size_within_rect(natural * scale, room);
                egui::Image::from_texture(&picture).paint_at(ui, place);
                let name = tr!(texts, "large-picture");
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
            }
            Content::Held(value) if let Value::Bytes(bytes) = &**value => {
                let bytes = bytes.get(..BYTES_SHOWN).unwrap_or(bytes);
                let line = ui.text_style_height(&TextStyle::Monospace);
                let lines = bytes.len().div_ceil(hex::WIDTH);
                area.auto_shrink([false, false]).show_rows(ui, line, lines, |ui, rows| {
                    for row in rows {
                        let text = RichText::new(hex::line(bytes, row)).monospace();
                        ui.add(egui::Label::new(text).selectable(true).extend());
                    }
                });
            }
            Content::Held(_) => {
                let Seen::Held { start, .. } = &self.seen else { return };
                area.auto_shrink([false, false]).show(ui, |ui| {
                    ui.add(egui::Label::new(start.as_str()).selectable(true).wrap());
                });
            }
        }
        if is_other {
            self.check();
        }
    }

    /// Draws how long it is, and what is to be said of it.
    fn told(&self, ui: &mut Ui, texts: &Texts, theme: &Theme) {
        ui.add_space(theme.spacing.tight);
        let (said, color) = match &self.said {
            _ if self.asks_to_give_up => (tr!(texts, "large-asks-to-give-up"), theme.colors.staged),
            Some(Said::Wrong(said)) => (said.clone(), theme.colors.wrong),
            Some(Said::Done(said)) => (said.clone(), theme.colors.text_weak),
            None => match &self.seen {
                Seen::Typed { wrong: Some(wrong), .. } => (wrong.text(texts), theme.colors.wrong),
                _ => (self.size(texts), theme.colors.text_weak),
            },
        };
        let said = RichText::new(said).small().color(color);
        let label = ui.add(egui::Label::new(said).truncate());
        ui.ctx().accesskit_node_builder(label.id, |node| {
            node.set_live(egui::accesskit::Live::Polite);
        });
    }

    fn size(&self, texts: &Texts) -> String {
        match (&self.content, &self.seen) {
            (_, Seen::Typed { characters, lines, .. }) => {
                tr!(texts, "large-size", count = *characters, lines = *lines)
            }
            (Content::Held(value), Seen::Held { length, .. }) => match (&**value, length) {
                (Value::Bytes(bytes), _) => {
                    let said = texts.blob(BlobKind::of(bytes), bytes.len() as u64);
                    let is_part = bytes.len() > BYTES_SHOWN;
                    if is_part { format!("{said} · {}", tr!(texts, "large-part")) } else { said }
                }
                (Value::Raw(_), _) => tr!(texts, "large-odd"),
                (Value::Masked, _) => tr!(texts, "column-masked"),
                (_, Some(length)) => {
                    format!("{} · {}", texts.length(*length), tr!(texts, "large-too-long"))
                }
                (_, None) => tr!(texts, "large-too-long"),
            },
            (Content::Typed { .. }, Seen::Held { .. }) => String::new(),
        }
    }

    /// Draws the path of the file that is to be read or written.
    fn file_line(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme, effects: &mut Effects) {
        let Some(file) = self.file else { return };
        ui.add_space(theme.spacing.tight);
        let name = match file {
            FileUse::Load => tr!(texts, "large-load-now"),
            FileUse::Save => tr!(texts, "large-save-now"),
        };
        let is_asked = ui.add_enabled_ui(!self.is_busy, |ui| {
            let row = Layout::right_to_left(Align::Center);
            let size = vec2(ui.available_width(), theme.spacing.control);
            ui.allocate_ui_with_layout(size, row, |ui| {
                let is_clicked = ui.button(name).clicked();
                let field = TextEdit::singleline(&mut self.path)
                    .id(Id::unique("large path"))
                    .desired_width(f32::INFINITY)
                    .min_size(Vec2::new(0.0, theme.spacing.control))
                    .align(Align2::LEFT_CENTER)
                    .font(TextStyle::Monospace);
                let field = ui.add(field);
                if self.focus.take_if(|part| *part == Part::Path).is_some() {
                    field.request_focus();
                }
                ui.ctx().accesskit_node_builder(field.id, |node| {
                    node.set_label(tr!(texts, "large-path"));
                });
                let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                is_clicked || is_entered
            })
            .inner
        });
        if is_asked.inner {
            self.use_file(texts.language(), effects);
        }
    }

    fn buttons(&mut self, ui: &mut Ui, texts: &Texts, theme: &Theme) -> Option<Choice> {
        let mut choice = None;
        let can_change = self.fixed.is_none() && !self.is_busy;
        ui.horizontal(|ui| {
            let file = self.file;
            for (name, wanted, can) in [
                (tr!(texts, "large-load"), FileUse::Load, can_change),
                (tr!(texts, "large-save"), FileUse::Save, !self.is_busy),
            ] {
                let button = Button::selectable(file == Some(wanted), name);
                if ui.add_enabled(can, button).clicked() {
                    self.file = (file != Some(wanted)).then_some(wanted);
                    self.said = None;
                    self.asks_to_give_up = false;
                    self.focus = Some(if self.file.is_some() { Part::Path } else { Part::Field });
                }
            }
            let is_json = self.column_type() == ColumnType::Json;
            if is_json && matches!(self.content, Content::Typed { .. }) {
                for (name, is_pretty) in
                    [(tr!(texts, "large-format"), true), (tr!(texts, "large-compact"), false)]
                {
                    if ui.add_enabled(can_change, Button::new(name)).clicked() {
                        self.format(is_pretty);
                    }
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let take = RichText::new(tr!(texts, "large-take")).color(theme.colors.on_staged);
                let keys = RichText::new(ui.ctx().format_shortcut(&TAKES)).small();
                // Not as a shortcut's text, which would be too faint on this ground.
                let take = Button::new(take).right_text(keys.color(theme.colors.on_staged));
                let take = take.fill(theme.colors.staged);
                if ui.add_enabled(can_change, take).clicked() {
                    choice = Some(Choice::Take);
                }
                let leave = if self.asks_to_give_up {
                    tr!(texts, "large-give-up")
                } else {
                    tr!(texts, "large-cancel")
                };
                if ui.button(leave).clicked() && self.is_left() {
                    choice = Some(Choice::GiveUp);
                }
            });
        });
        choice
    }
}
