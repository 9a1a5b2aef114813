//! The filter as pills, above the grid.

use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, Button, FontFamily, FontId, Layout, Rect, RichText, Ui, UiBuilder, Vec2, pos2, vec2,
};
use persistence::{EntityMeta, Record, Value};

use super::Effects;
use super::context::Shown;
use super::entity_view::EntityView;
use super::pill_editor::{EditorEvent, PillEditor, Surroundings};
use super::staged::Staged;
use super::{Focused, Jobs, widgets};
use crate::command::Command;
use crate::filter_line::Face;
use crate::i18n::Texts;
use crate::jobs::{Queue, Topic};
use crate::pills::{Condition, Kind, Pill, Words};
use crate::tasks::{FindChoices, Labels, ReadLabels};
use crate::theme::{Theme, icon};
use crate::tr;

/// The height of a pill, in points.
const PILL: f32 = 26.0;

/// The height of a line of pills beneath the bar, in points.
const LINE: f32 = PILL + 6.0;

/// How much wider a pill is than what it says: its margins and the button that removes it.
const BESIDE: f32 = 38.0;

/// Rows that a list offers at once.
const CHOICES: u64 = 20;

/// What a person did with the pills.
#[derive(Clone, Copy)]
enum PillAction {
    Edit(usize),
    Remove(usize),
    Add,
}

/// How the pills are spread over lines beneath the bar; none where they fit into it.
#[derive(Debug, Default)]
pub(super) struct PillLines(Vec<Range<usize>>);

impl PillLines {
    /// Returns how high the lines of pills are together, in points.
    pub fn height(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let lines = self.0.len() as f32;
        lines * LINE
    }
}

/// What the editor of an entity's pill offers.
const OFFERED: Topic = Topic::new("pill choices", Queue::Rows);
/// What rows are called that an entity's pills name.
const LABELS: Topic = Topic::new("pill labels", Queue::Rows);

impl EntityView {
    /// Returns how the pills are spread over lines of a certain width, where the bar has no room
    /// for them.
    pub(super) fn pill_lines(&self, ui: &Ui, shown: &Shown<'_>, width: f32) -> PillLines {
        let theme = Theme::of(ui.ctx());
        if self.line.face != Face::Pills {
            return PillLines::default();
        }
        let spacing = ui.spacing().item_spacing.x;
        let widths: Vec<f32> = self
            .line
            .pills()
            .iter()
            .map(|pill| {
                let (job, _) = said(shown.texts, self.entry.meta, &self.labels, pill, theme);
                ui.painter().layout_job(job).size().x + BESIDE + spacing
            })
            .collect();
        if self.pill_room.is_none_or(|room| widths.iter().sum::<f32>() <= room) {
            return PillLines::default();
        }
        PillLines(spread(&widths, width))
    }

    /// Draws the pills, as far as they stand in the bar, and what adds another one.
    pub(super) fn pills(
        &mut self,
        ui: &mut Ui,
        shown: &Shown<'_>,
        effects: &mut Effects,
        lines: &PillLines,
    ) {
        let theme = Theme::of(ui.ctx());
        let add = RichText::new(tr!(shown.texts, "pill-add")).color(theme.colors.accent);
        let add = Button::new(add).frame_when_inactive(false);
        let reserved = theme.spacing.control + 110.0;
        self.pill_room = Some((ui.available_width() - reserved).max(0.0));
        self.pill_anchor = None;
        let all = 0..self.line.pills().iter().count();
        if lines.0.is_empty() {
            self.some_pills(ui, shown, effects, all);
        }
        let add = ui.add(add.min_size(Vec2::new(0.0, theme.spacing.control)));
        let add = widgets::named(add, Command::AddFilter, shown.texts);
        if self.pill_editor.as_ref().is_some_and(|editor| editor.place.is_none()) {
            self.pill_anchor = Some(add.rect);
        }
        if add.clicked() {
            self.pill_action(effects, PillAction::Add);
        }
    }

    /// Draws the pills that stand beneath the bar.
    pub(super) fn pills_beneath(
        &mut self,
        ui: &mut Ui,
        shown: &Shown<'_>,
        effects: &mut Effects,
        lines: &PillLines,
    ) {
        let area = ui.max_rect();
        let mut top = area.top() + widgets::FILTER_BAR;
        for (number, line) in lines.0.iter().enumerate() {
            let place = Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), PILL));
            let builder = UiBuilder::new().id_salt(("pills", number)).max_rect(place);
            let layout = Layout::left_to_right(Align::Center);
            ui.scope_builder(builder.layout(layout), |ui| {
                self.some_pills(ui, shown, effects, line.clone());
            });
            top += LINE;
        }
    }

    /// Returns what the pills of an entity say.
    pub(super) fn said_pills(&self, texts: &Texts) -> Vec<String> {
        let theme = Theme::dark();
        let said = |pill| said(texts, self.entry.meta, &self.labels, pill, theme).1;
        self.line.pills().iter().map(said).collect()
    }

    fn some_pills(
        &mut self,
        ui: &mut Ui,
        shown: &Shown<'_>,
        effects: &mut Effects,
        places: Range<usize>,
    ) {
        let meta = self.entry.meta;
        let editing = self.pill_editor.as_ref().and_then(|editor| editor.place);
        let mut action = None;
        for (place, pill) in self.line.pills().iter().enumerate() {
            if !places.contains(&place) {
                continue;
            }
            let is_open = editing == Some(place);
            let (area, clicked) = show(ui, shown.texts, meta, &self.labels, pill, is_open);
            if is_open {
                self.pill_anchor = Some(area);
            }
            match clicked {
                Some(Clicked::Body) => action = Some(PillAction::Edit(place)),
                Some(Clicked::Close) => action = Some(PillAction::Remove(place)),
                None => {}
            }
        }
        if let Some(action) = action {
            self.pill_action(effects, action);
        }
    }

    fn pill_action(&mut self, effects: &mut Effects, action: PillAction) {
        let meta = self.meta();
        match action {
            PillAction::Remove(place) => {
                self.pill_editor = None;
                self.line.change(meta, |pills| pills.remove(place));
                self.apply_filter();
                effects.focus(Focused::Grid);
            }
            PillAction::Add => {
                let is_open = self.pill_editor.as_ref().is_some_and(|open| open.place.is_none());
                self.pill_editor = (!is_open).then(|| PillEditor::new(None));
            }
            PillAction::Edit(place) => match self.line.pills().get(place) {
                Some(Pill::Conditions(conditions)) => {
                    let is_open =
                        self.pill_editor.as_ref().is_some_and(|open| open.place == Some(place));
                    self.pill_editor = (!is_open).then(|| PillEditor::of(place, conditions));
                }
                Some(Pill::Text(_)) => {
                    self.line.face = Face::Line;
                    effects.focus(Focused::Filter);
                }
                None => {}
            },
        }
    }

    /// Draws the open editor, and does what it says.
    pub(super) fn show_pill_editor(
        &mut self,
        context: &egui::Context,
        shown: &Shown<'_>,
        effects: &mut Effects,
    ) {
        let meta = self.entry.meta;
        let (Some(editor), Some(anchor)) = (&mut self.pill_editor, self.pill_anchor) else {
            return;
        };
        let with = Surroundings { meta, texts: shown.texts, labels: &self.labels };
        for event in editor.show(context, anchor, &with) {
            match event {
                EditorEvent::Search { table, text } => {
                    let task = FindChoices { table, text, size: CHOICES };
                    effects.ask(
                        OFFERED.of(meta.table),
                        task,
                        move |workspace, outcome, known, effects| match outcome {
                            Ok(choices) => {
                                let view = workspace.views.of_mut(meta.table);
                                if let Some(editor) =
                                    view.and_then(|view| view.pill_editor.as_mut())
                                {
                                    editor.offer(choices);
                                }
                            }
                            Err(failure) => effects.tell(known.not_found(&failure)),
                        },
                    );
                }
                EditorEvent::Chosen { position, value, label } => {
                    self.labels.insert(position, [(value, label)].into());
                }
                EditorEvent::Apply(conditions) => {
                    let place = self.pill_editor.take().and_then(|editor| editor.place);
                    self.line.change(meta, |pills| pills.put(place, conditions));
                    self.apply_filter();
                    effects.focus(Focused::Grid);
                }
                EditorEvent::Close => self.pill_editor = None,
            }
        }
    }

    /// Asks what the rows are called that pills and their editor name, and those to which staged rows refer.
    pub(super) fn ask_for_labels(&mut self, staged: &Staged, jobs: &mut Jobs) {
        let table = self.entry.meta.table;
        if jobs.is_waiting(LABELS.of(table)) {
            return;
        }
        let mut named = self.staged_references(staged);
        if self.line.face == Face::Pills {
            named.extend(references(self.entry.meta, self.line.pills().iter()));
        }
        let unknown: Vec<(usize, Value)> = named
            .into_iter()
            .filter(|(position, value)| self.labels.get(*position, value).is_none())
            .filter(|wanted| !self.without_label.contains(wanted))
            .collect();
        if unknown.is_empty() {
            return;
        }
        let width = self.entry.meta.columns.len();
        let record = |(position, value): &(usize, Value)| {
            let mut record = Record(vec![Value::Null; width]);
            record.set(*position, value.clone());
            record
        };
        let records = unknown.iter().map(record).collect();
        // What is not found is not asked for again.
        self.without_label.extend(unknown);
        let task = ReadLabels { table, records };
        jobs.ask(LABELS.of(table), task, move |app, outcome, _| match outcome {
            Ok(labels) => {
                if let Some(view) = app.workspace.views.of_mut(table) {
                    view.labels.extend(&labels);
                }
            }
            Err(failure) => {
                tracing::warn!(%failure, "rows that pills name keep their keys for names");
            }
        });
    }
}

/// Spreads things of these widths over lines, in their order.
fn spread(widths: &[f32], line: f32) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut room = 0.0;
    for (place, width) in widths.iter().enumerate() {
        match lines.last_mut() {
            Some(last) if *width <= room => last.end = place + 1,
            _ => {
                lines.push(place..place + 1);
                room = line;
            }
        }
        room -= width;
    }
    lines
}

/// Returns the rows that pills name, as the positions of the columns and the values in them.
fn references<'p>(
    meta: &'static EntityMeta,
    pills: impl Iterator<Item = &'p Pill>,
) -> impl Iterator<Item = (usize, Value)> {
    let conditions = pills.filter_map(|pill| match pill {
        Pill::Conditions(conditions) => Some(conditions),
        Pill::Text(_) => None,
    });
    conditions
        .flatten()
        .filter(|condition| Kind::of(condition.column) == Kind::Reference)
        .filter_map(|condition| Some((meta.position(condition.column.name)?, condition)))
        .flat_map(|(position, condition)| {
            condition.operands.iter().map(move |value| (position, value.clone()))
        })
}

/// Which part of a pill was clicked.
enum Clicked {
    Body,
    Close,
}

/// Draws a pill, and says where.
fn show(
    ui: &mut Ui,
    texts: &Texts,
    meta: &'static EntityMeta,
    labels: &Labels,
    pill: &Pill,
    is_open: bool,
) -> (Rect, Option<Clicked>) {
    let theme = Theme::of(ui.ctx());
    let (job, spoken) = said(texts, meta, labels, pill, theme);
    let fill = if is_open { theme.colors.control_hovered } else { theme.colors.selected };
    // Drawn before the buttons on it, once it is known how wide these are.
    let background = ui.painter().add(egui::Shape::Noop);
    let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.x);
    let padding = ui.spacing().button_padding;
    ui.spacing_mut().button_padding = egui::vec2(8.0, 2.0);
    let body = Button::new(job).frame_when_inactive(false).min_size(Vec2::new(0.0, PILL));
    let body = ui.add(body).accessible_name(&spoken);
    let close = widgets::icon(icon::ICON_CLOSE, theme, theme.colors.text_weak);
    let close = Button::new(close.size(theme.text.body)).frame_when_inactive(false);
    ui.spacing_mut().button_padding.x = 4.0;
    ui.spacing_mut().item_spacing.x = spacing;
    let close = ui.add(close.min_size(Vec2::new(0.0, PILL)));
    ui.spacing_mut().button_padding = padding;
    let name = tr!(texts, "pill-remove", condition = spoken.as_str());
    let close = close.accessible_name(&name).on_hover_text(name);
    let area = body.rect.union(close.rect);
    let radius = f32::from(theme.spacing.radius);
    ui.painter().set(background, egui::Shape::rect_filled(area, radius, fill));
    let clicked = match (body.clicked(), close.clicked()) {
        (_, true) => Some(Clicked::Close),
        (true, false) => Some(Clicked::Body),
        (false, false) => None,
    };
    (area, clicked)
}

/// Returns what a pill says, to the eye and to a screen reader.
fn said(
    texts: &Texts,
    meta: &'static EntityMeta,
    labels: &Labels,
    pill: &Pill,
    theme: &Theme,
) -> (LayoutJob, String) {
    let body = FontId::new(theme.text.body, FontFamily::Proportional);
    let code = FontId::new(theme.text.monospace, FontFamily::Monospace);
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    job.wrap = egui::text::TextWrapping::truncate_at_width(420.0);
    let conditions = match pill {
        Pill::Conditions(conditions) => conditions,
        Pill::Text(filter) => {
            let text = filter.to_string();
            job.append(&text, 0.0, TextFormat::simple(code, theme.colors.text));
            return (job, text);
        }
    };
    let mut spoken = String::new();
    for condition in conditions {
        let words = words(texts, meta, labels, condition);
        if !spoken.is_empty() {
            let or = tr!(texts, "pill-or");
            spoken.push_str(&format!(" {or} "));
            job.append(&or, 6.0, TextFormat::simple(body.clone(), theme.colors.text_weak));
        }
        let leading = if spoken.is_empty() { 0.0 } else { 6.0 };
        spoken.push_str(&words.spoken());
        job.append(&words.column, leading, TextFormat::simple(body.clone(), theme.colors.text));
        job.append(&words.operator, 5.0, TextFormat::simple(body.clone(), theme.colors.accent));
        if !words.operand.is_empty() {
            let is_code =
                !matches!(Kind::of(condition.column), Kind::Text | Kind::Enum | Kind::Reference);
            let font = if is_code { code.clone() } else { body.clone() };
            job.append(&words.operand, 5.0, TextFormat::simple(font, theme.colors.text));
        }
    }
    (job, spoken)
}

fn words(
    texts: &Texts,
    meta: &'static EntityMeta,
    labels: &Labels,
    condition: &Condition,
) -> Words {
    let position = meta.position(condition.column.name);
    Words::of(texts, meta, condition, |value| labels.get(position?, value).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pills_are_spread_over_lines_in_their_order() {
        assert_eq!(spread(&[40.0, 50.0, 30.0, 200.0, 10.0], 100.0), [0..2, 2..3, 3..4, 4..5]);
        assert!(spread(&[], 100.0).is_empty());
    }
}
