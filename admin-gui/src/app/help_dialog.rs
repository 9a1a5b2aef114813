//! The keys, and what a typed filter may say, in a dialog that is searched.

use egui::{Context, Frame, Id, Label, Margin, Modal, RichText, ScrollArea, TextEdit, Ui, vec2};
use persistence::EntityMeta;

use super::widgets;
use crate::help::{HelpSection, examples, keys, searched};
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// The largest size of the dialog, in points.
const SIZE: egui::Vec2 = vec2(760.0, 520.0);

/// Which part of a line is what is typed.
const TYPED: f32 = 0.56;

/// What stands in the dialog.
#[derive(Debug)]
pub(super) struct HelpDialog {
    search: String,
    keys: Vec<HelpSection>,
    /// What a filter may say, and of whose rows.
    examples: Option<(String, Vec<HelpSection>)>,
    is_focused: bool,
}

impl HelpDialog {
    /// Makes the dialog, with examples for an entity.
    pub fn new(context: &Context, meta: Option<&'static EntityMeta>, texts: &Texts) -> Self {
        Self {
            search: String::new(),
            keys: keys(texts, |keys| context.format_shortcut(keys)),
            examples: meta.map(|meta| (texts.entity(meta), examples(meta, texts))),
            is_focused: false,
        }
    }

    /// Draws it; returns whether it stays open.
    pub fn show(&mut self, context: &Context, texts: &Texts) -> bool {
        let frame = Frame::popup(&context.style_of(context.theme()));
        let modal =
            Modal::new(Id::unique("help dialog")).frame(frame.inner_margin(Margin::same(16)));
        let room = context.content_rect().size() - vec2(80.0, 140.0);
        let modal = modal.show(context, |ui| {
            ui.set_width(SIZE.x.min(room.x));
            self.search_field(ui, texts);
            ui.add_space(Theme::of(ui.ctx()).spacing.item);
            let height = SIZE.y.min(room.y);
            let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
            area.auto_shrink(false).show(ui, |ui| self.found(ui, texts));
        });
        !modal.should_close()
    }

    fn search_field(&mut self, ui: &mut Ui, texts: &Texts) {
        let theme = Theme::of(ui.ctx());
        let name = tr!(texts, "help-search");
        let field = TextEdit::singleline(&mut self.search)
            .id(Id::unique("help search"))
            .desired_width(f32::INFINITY)
            .min_size(vec2(0.0, theme.spacing.control + 4.0))
            .align(egui::Align2::LEFT_CENTER)
            .prefix(widgets::icon(icon::ICON_SEARCH, theme, theme.colors.text_weak))
            .hint_text(RichText::new(&name).color(theme.colors.text_faint));
        let response = ui.add(field);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
        if !std::mem::replace(&mut self.is_focused, true) {
            response.request_focus();
        }
    }

    /// Draws what has in it what is searched.
    fn found(&self, ui: &mut Ui, texts: &Texts) {
        let theme = Theme::of(ui.ctx());
        // Room for the scroll bar.
        ui.set_width(ui.available_width() - theme.spacing.group);
        let keys = searched(&self.keys, &self.search);
        let examples = self.examples.as_ref();
        let examples = examples.map(|(name, all)| (name, searched(all, &self.search)));
        let has_examples = examples.as_ref().is_some_and(|(_, found)| !found.is_empty());
        if keys.is_empty() && !has_examples {
            let nothing = RichText::new(tr!(texts, "help-nothing"));
            ui.label(nothing.color(theme.colors.text_weak));
        }
        if !keys.is_empty() {
            ui.label(RichText::new(tr!(texts, "help-keys")).heading());
            sections(ui, &keys);
        }
        if let Some((name, found)) = examples.filter(|_| has_examples) {
            ui.label(RichText::new(tr!(texts, "help-filter", entity = name.as_str())).heading());
            if self.search.trim().is_empty() {
                let about = RichText::new(tr!(texts, "help-filter-about"));
                ui.add(Label::new(about.color(theme.colors.text_weak)).wrap());
            }
            sections(ui, &found);
        }
    }
}

fn sections(ui: &mut Ui, sections: &[HelpSection]) {
    let theme = Theme::of(ui.ctx());
    for section in sections {
        ui.add_space(theme.spacing.item);
        widgets::section(ui, &section.title);
        for line in &section.lines {
            ui.horizontal_top(|ui| {
                let width = ui.available_width();
                let typed = RichText::new(&line.typed).monospace().color(theme.colors.accent);
                let meaning = RichText::new(&line.meaning);
                part(ui, width * TYPED, Label::new(typed).selectable(true).wrap());
                part(ui, ui.available_width(), Label::new(meaning).wrap());
            });
        }
    }
    ui.add_space(theme.spacing.group);
}

/// Draws a part of a line in a width of its own.
fn part(ui: &mut Ui, width: f32, label: Label) {
    ui.allocate_ui(vec2(width, 0.0), |ui| {
        ui.set_width(width);
        ui.add(label);
    });
}
