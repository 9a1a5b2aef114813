//! The line in which a filter is typed, with what can be typed next.

use std::ops::Range;

use egui::text::{CCursor, CCursorRange, LayoutJob, TextFormat};
use egui::{
    Align2, EventFilter, FontFamily, FontId, Frame, Key, Margin, RichText, Stroke, TextEdit, Ui,
    Vec2,
};

use super::completion_list::TakenKey;
use super::context::Shown;
use super::entity_view::EntityView;
use super::filter_fields::filter_id;
use super::value_list::{said, searched};
use super::{Effects, Focused};
use crate::completion::{Question, StoredValue, offers, places, question, taken};
use crate::filter_line::Face;
use crate::grid::entity_column;
use crate::jobs::{Queue, Topic};
use crate::shown_names::ShownNames;
use crate::tasks::FindValues;
use crate::theme::Theme;
use crate::tr;

/// Values of a column that can be typed next.
const NEXT: Topic = Topic::new("values to type", Queue::Searches).unlogged();

/// How many of them are asked for.
const VALUES: u64 = 20;

impl EntityView {
    /// Draws the line in which the filter is typed.
    pub(super) fn filter_line(&mut self, ui: &mut Ui, shown: &Shown<'_>, effects: &mut Effects) {
        let theme = Theme::of(ui.ctx());
        let id = filter_id(self.entry.meta.table);
        // Kept free for the button that clears, so that nothing moves when it comes.
        let reserved = theme.spacing.control + theme.spacing.item;
        let width = (ui.available_width() - reserved).max(80.0);
        let mistake = self.line.mistake();
        let font = FontId::new(theme.text.monospace, FontFamily::Monospace);
        let text_color = theme.colors.text;
        let wrong = theme.colors.wrong;
        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _width: f32| {
            let plain = TextFormat::simple(font.clone(), text_color);
            ui.painter().layout_job(marked(text.as_str(), mistake.as_ref(), &plain, wrong))
        };
        let name = tr!(shown.texts, "command-filter");
        let hint = tr!(shown.texts, "shell-filter-hint");
        // Before the field, which would take them.
        let has_focus = ui.memory(|memory| memory.has_focus(id));
        let key = if has_focus { self.completion.take_key(ui) } else { None };
        let field = TextEdit::singleline(&mut self.line.text)
            .id(id)
            .desired_width(width)
            .min_size(Vec2::new(0.0, theme.spacing.control))
            .align(Align2::LEFT_CENTER)
            .font(font.clone())
            .hint_text(RichText::new(hint).color(theme.colors.text_faint))
            .event_filter(EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                tab: self.completion.takes_tab(),
                escape: self.completion.is_shown(),
            })
            .layouter(&mut layouter);
        let output = self.completion.keeping_focus(ui, |ui| field.show(ui));
        let response = output.response.response.clone();
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
        if response.changed() {
            self.line.edited();
            self.completion.open();
        }
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
            let names = ShownNames::of(self.entry.meta, shown.texts);
            self.line.apply(self.entry.meta, &names, shown.texts.language());
            if self.line.error().is_some() {
                effects.focus(Focused::Filter);
            } else {
                self.line.face = Face::Pills;
                effects.focus(Focused::Grid);
            }
        }
        if !response.has_focus() {
            self.completion.close();
        }
        if let Some(cursor) = output.cursor_range.filter(|_| response.has_focus()) {
            let cursor = byte(&self.line.text, cursor.primary.index.0);
            self.complete(ui, &output, cursor, key, shown, effects);
        }
        if let Some(error) = self.line.error() {
            let stroke = Stroke::new(1.0, wrong);
            let radius = f32::from(theme.spacing.radius);
            ui.painter().rect_stroke(response.rect, radius, stroke, egui::StrokeKind::Inside);
            beneath(ui, &response, &shown.texts.filter_error(error));
        }
    }

    /// Offers what can be typed next, and takes what is chosen.
    fn complete(
        &mut self,
        ui: &Ui,
        field: &egui::text_edit::TextEditOutput,
        cursor: usize,
        key: Option<TakenKey>,
        shown: &Shown<'_>,
        effects: &mut Effects,
    ) {
        if !self.completion.is_open() {
            return;
        }
        let names = ShownNames::of(self.entry.meta, shown.texts);
        let places = places(self.entry.meta, &names, &self.line.text, cursor);
        let table = self.entry.meta.table;
        if let Some(question) = self.completion.wants_values(question(&places)) {
            ask_for_values(table, question, effects);
        }
        let offers = offers(&self.line.text, &places, shown.texts, self.completion.values());
        let is_typed = places.iter().any(|place| !place.typed.is_empty());
        let begin = offers.first().map_or(cursor, |offer| offer.replaced.start);
        let begin = self.line.text.get(..begin).map_or(0, |before| before.chars().count());
        let begin = field.galley.pos_from_cursor(CCursor::new(begin)).left();
        let area = field.response.response.rect;
        let left = (field.galley_pos.x + begin).clamp(area.left(), area.right());
        let at = egui::pos2(left, area.bottom() + 3.0);
        let Some(offer) = self.completion.show(ui.ctx(), at, &offers, is_typed, key) else {
            return;
        };
        let (text, cursor) = taken(&self.line.text, &offer);
        let cursor = CCursor::new(text.get(..cursor).map_or(0, |before| before.chars().count()));
        self.line.text = text;
        self.line.edited();
        let mut state = field.state.clone();
        state.cursor.set_char_range(Some(CCursorRange::one(cursor)));
        state.store(ui.ctx(), field.response.response.id);
        if offer.goes_on {
            self.completion.open();
        } else {
            self.completion.close();
        }
        ui.ctx().request_repaint();
    }
}

/// Returns where the character of that number begins, in bytes.
fn byte(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(place, _)| place)
}

/// Asks for the values that can be typed next.
fn ask_for_values(table: &'static str, question: Question, effects: &mut Effects) {
    let of = question.of;
    let filter = searched(of.meta, of.column, question.text.trim());
    let task = FindValues { table: of.meta.table, column: of.column.name, filter, size: VALUES };
    effects.ask(NEXT.of(table), task, move |workspace, outcome, known, _| {
        let (found, labels) = match outcome {
            Ok(found) => found,
            Err(failure) => {
                tracing::warn!(%failure, "values to type were not looked for");
                return;
            }
        };
        let Some(view) = workspace.views.of_mut(table) else { return };
        let source = entity_column(of.meta, of.column);
        let position = of.meta.position(of.column.name).unwrap_or_default();
        let values = found.into_iter().map(|(value, _)| StoredValue {
            label: said(&value, &source, position, &labels, known.texts),
            value,
        });
        view.completion.offer(&question, values.collect());
    });
}

/// Returns the text with the mistake in it underlined.
fn marked(
    text: &str,
    mistake: Option<&Range<usize>>,
    plain: &TextFormat,
    wrong: egui::Color32,
) -> LayoutJob {
    let marked = TextFormat { underline: Stroke::new(2.0, wrong), color: wrong, ..plain.clone() };
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    let parts = mistake.and_then(|span| {
        let end = span.end.min(text.len());
        let start = span.start.min(end);
        Some((text.get(..start)?, text.get(start..end)?, text.get(end..)?))
    });
    match parts {
        Some((before, mistake, after)) => {
            job.append(before, 0.0, plain.clone());
            job.append(mistake, 0.0, marked);
            job.append(after, 0.0, plain.clone());
        }
        None => job.append(text, 0.0, plain.clone()),
    }
    job
}

/// Draws what is wrong beneath the field, over whatever is there, so that nothing moves.
fn beneath(ui: &Ui, field: &egui::Response, message: &str) {
    let theme = Theme::of(ui.ctx());
    egui::Area::new(field.id.with("mistake"))
        .order(egui::Order::Foreground)
        .fixed_pos(field.rect.left_bottom() + egui::vec2(0.0, 3.0))
        .constrain_to(ui.ctx().content_rect())
        .show(ui.ctx(), |ui| {
            Frame::new()
                .fill(theme.colors.surface_raised)
                .stroke(Stroke::new(1.0, theme.colors.wrong))
                .corner_radius(theme.spacing.radius)
                .inner_margin(Margin::symmetric(8, 4))
                .show(ui, |ui| {
                    ui.set_max_width(field.rect.width().max(320.0));
                    ui.label(RichText::new(message).color(theme.colors.wrong));
                });
        });
}
