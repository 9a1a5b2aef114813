//! The page: a list of statements, and the one that was clicked below it.

use std::collections::HashMap;

use chrono::{DateTime, Local};
use egui::accesskit::Role;
use egui::text::TextFormat;
use egui::{
    Align2, FontFamily, FontId, Frame, Margin, Panel, Rect, RichText, ScrollArea, Sense, TextEdit,
    Ui, WidgetInfo, pos2, vec2,
};
use egui_material_icons::MaterialIcon;
use persistence::observe::{Binds, Statement};
use persistence::{Catalog, EntityMeta};

use super::details::{self, Plan};
use super::model::{Entry, QueryLog, Which};
use crate::i18n::Texts;
use crate::jobs::Origin;
use crate::pages::{icon_button, page_bar};
use crate::tasks::Explanation;
use crate::theme::{Theme, icon};
use crate::tr;

/// The width of the filter, in points.
const FILTER: f32 = 220.0;

/// The height of the column heads, in points.
const HEAD: f32 = 26.0;

/// The right edges of the narrow columns, in points from the left.
const TIME_TO: f32 = 92.0;
const DURATION_TO: f32 = 178.0;
const ROWS_TO: f32 = 246.0;

/// The left edge of the statements, in points from the left.
const SQL_FROM: f32 = 266.0;

/// What the page asks for.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum QueryLogEvent {
    /// How the database finds the rows of a statement's query.
    Explain {
        /// The statement's number.
        number: u64,
        /// The query.
        origin: Origin,
    },
    /// The values that statements bind are to be noted from now on, or not any more.
    Values(Binds),
}

/// The query log.
#[derive(Debug, Default)]
pub struct QueryLogPage {
    log: QueryLog,
    /// Whose SQL it is: the engine's name.
    engine: &'static str,
    entities: Vec<&'static EntityMeta>,
    /// Whether the values that statements bind are noted.
    binds: Binds,
    filter: String,
    which: Which,
    selected: Option<u64>,
    plans: HashMap<u64, Plan>,
}

impl QueryLogPage {
    /// Makes the log of a catalog's statements.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        let entities = catalog.entries().iter().map(|entry| entry.meta).collect();
        Self { engine: catalog.engine(), entities, ..Self::default() }
    }

    /// Notes a statement that ended at that time, and the query that it answers.
    pub fn record(&mut self, statement: Statement, origin: Option<Origin>, at: DateTime<Local>) {
        let client = |statement: &Statement| statement.for_client(self.engine, &self.entities);
        self.log.record(statement, client, origin, at);
    }

    /// Takes the plan of a statement's query, or why there is none.
    pub fn explained(&mut self, number: u64, outcome: Result<Explanation, String>) {
        let plan = match outcome {
            Ok(explanation) => Plan::Known(explanation),
            Err(message) => Plan::Failed(message),
        };
        self.plans.insert(number, plan);
    }

    /// Draws the page over all the space there is; returns what it asks for.
    pub fn show(&mut self, ui: &mut Ui, texts: &Texts) -> Vec<QueryLogEvent> {
        let mut events = Vec::new();
        events.extend(self.bar(ui, texts));
        self.plans.retain(|number, _| self.log.entry(*number).is_some());
        self.details(ui, texts);
        let clicked = self.list(ui, texts);
        if let Some(number) = clicked {
            self.selected = if self.selected == Some(number) { None } else { Some(number) };
        }
        if let Some(entry) = self.selected.and_then(|number| self.log.entry(number))
            && let Some(origin) = &entry.origin
            && !self.plans.contains_key(&entry.number)
        {
            let origin = origin.clone();
            self.plans.insert(entry.number, Plan::Waiting);
            events.push(QueryLogEvent::Explain { number: entry.number, origin });
        }
        events
    }

    fn bar(&mut self, ui: &mut Ui, texts: &Texts) -> Option<QueryLogEvent> {
        let mut event = None;
        let note = tr!(texts, "query-log-count", count = self.log.len());
        page_bar(ui, &tr!(texts, "page-query-log"), &note, |ui| {
            let theme = Theme::of(ui.ctx());
            if icon_button(ui, icon::ICON_DELETE_SWEEP, &tr!(texts, "query-log-clear")).clicked() {
                self.log.clear();
                self.selected = None;
            }
            let toggle = |ui: &mut Ui, is_on, mark: MaterialIcon, name: String| {
                let color = if is_on { theme.colors.staged } else { theme.colors.text_weak };
                let mark = mark.rich_text().size(theme.text.icon).color(color);
                let button = egui::Button::new((mark, RichText::new(name).color(color)))
                    .frame_when_inactive(is_on)
                    .min_size(vec2(0.0, theme.spacing.control));
                ui.add(button)
            };
            let shows_values = self.binds == Binds::Shown;
            let name = tr!(texts, "query-log-values");
            let values = toggle(ui, shows_values, icon::ICON_VISIBILITY, name);
            if values.on_hover_text(tr!(texts, "query-log-values-hint")).clicked() {
                self.binds = if shows_values { Binds::Hidden } else { Binds::Shown };
                event = Some(QueryLogEvent::Values(self.binds));
            }
            let is_slow = self.which == Which::Slow;
            let name = tr!(texts, "query-log-slow-only");
            if toggle(ui, is_slow, icon::ICON_SPEED, name).clicked() {
                self.which = if is_slow { Which::All } else { Which::Slow };
            }
            let name = tr!(texts, "query-log-filter");
            let hint = RichText::new(&name).color(theme.colors.text_faint);
            let width = FILTER.min(ui.available_width() - 120.0).max(60.0);
            let field = TextEdit::singleline(&mut self.filter)
                .desired_width(width)
                .min_size(vec2(0.0, theme.spacing.control))
                .align(Align2::LEFT_CENTER)
                .hint_text(hint);
            ui.add(field).accessible_name(name);
        });
        event
    }

    fn details(&mut self, ui: &mut Ui, texts: &Texts) {
        let Some(entry) = self.selected.and_then(|number| self.log.entry(number)) else {
            self.selected = None;
            return;
        };
        let theme = Theme::of(ui.ctx());
        let frame = Frame::new().fill(theme.colors.surface).inner_margin(Margin::symmetric(12, 8));
        let most = (ui.available_height() - 120.0).max(100.0);
        let mut is_closed = false;
        Panel::bottom(ui.unique_id().with("statement"))
            .frame(frame)
            .default_size(260.0)
            .size_range(100.0..=most)
            .show(ui, |ui| {
                is_closed = details::show(ui, entry, self.plans.get(&entry.number), texts);
            });
        if is_closed {
            self.selected = None;
        }
    }

    /// Draws the list; returns the number of a statement that was clicked.
    fn list(&self, ui: &mut Ui, texts: &Texts) -> Option<u64> {
        let theme = Theme::of(ui.ctx());
        let area = ui.available_rect_before_wrap();
        ui.painter().rect_filled(area, 0.0, theme.colors.canvas);
        heads(ui, texts);
        let found = self.log.found(&self.filter, self.which);
        if found.is_empty() {
            let text = if self.log.is_empty() {
                tr!(texts, "query-log-empty")
            } else {
                tr!(texts, "query-log-no-match")
            };
            ui.centered_and_justified(|ui| {
                ui.label(RichText::new(text).color(theme.colors.text_faint));
            });
            return None;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut clicked = None;
        ScrollArea::vertical().auto_shrink(false).show_rows(
            ui,
            theme.spacing.row,
            found.len(),
            |ui, range| {
                for place in range {
                    let Some(entry) = found.get(place) else { continue };
                    if row(ui, entry, place, self.selected == Some(entry.number), texts) {
                        clicked = Some(entry.number);
                    }
                }
            },
        );
        clicked
    }
}

fn heads(ui: &mut Ui, texts: &Texts) {
    let theme = Theme::of(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    ui.painter().rect_filled(rect, 0.0, theme.colors.surface_raised);
    let font = FontId::new(theme.text.body, FontFamily::Proportional);
    let heads = [
        (TIME_TO, Align2::RIGHT_CENTER, tr!(texts, "query-log-time")),
        (DURATION_TO, Align2::RIGHT_CENTER, tr!(texts, "query-log-duration")),
        (ROWS_TO, Align2::RIGHT_CENTER, tr!(texts, "query-log-rows")),
        (SQL_FROM, Align2::LEFT_CENTER, tr!(texts, "query-log-statement")),
    ];
    for (at, align, text) in heads {
        let place = pos2(rect.left() + at, rect.center().y);
        ui.painter().text(place, align, text, font.clone(), theme.colors.text_weak);
    }
}

/// Draws a statement; returns whether it was clicked.
fn row(ui: &mut Ui, entry: &Entry, place: usize, is_selected: bool, texts: &Texts) -> bool {
    let theme = Theme::of(ui.ctx());
    let colors = &theme.colors;
    let size = vec2(ui.available_width(), theme.spacing.row);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let id = ui.unique_id().with(("statement", entry.number));
    let response = ui.interact(rect, id, Sense::click());
    let line = entry.line();
    let took = duration(entry, texts);
    let spoken = tr!(texts, "query-log-row", took = took.as_str(), statement = line.as_str());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, &spoken));

    let fill = match (is_selected, response.hovered() || response.has_focus()) {
        (true, _) => colors.selected_row,
        (false, true) => colors.control,
        (false, false) if place % 2 == 1 => colors.canvas_alternate,
        (false, false) => colors.canvas,
    };
    ui.painter().rect_filled(rect, 0.0, fill);
    let mark = if entry.statement.error.is_some() {
        Some(colors.wrong)
    } else {
        entry.is_slow().then_some(colors.staged)
    };
    if let Some(mark) = mark {
        let edge = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
        ui.painter().rect_filled(edge, 0.0, mark);
    }
    let code = FontId::new(theme.text.monospace - 0.5, FontFamily::Monospace);
    let took_color = if entry.is_slow() { colors.staged } else { colors.text };
    let rows = entry.statement.rows.map(|rows| texts.number(rows)).unwrap_or_default();
    for (right, text, color) in [
        (TIME_TO, entry.at.format("%H:%M:%S").to_string(), colors.text_weak),
        (DURATION_TO, took, took_color),
        (ROWS_TO, rows, colors.text_weak),
    ] {
        let place = pos2(rect.left() + right, rect.center().y);
        ui.painter().text(place, Align2::RIGHT_CENTER, text, code.clone(), color);
    }
    let left = rect.left() + SQL_FROM;
    let room = rect.right() - theme.spacing.group - left;
    let color = if entry.statement.error.is_some() { colors.wrong } else { colors.text };
    // A longer piece than fits on any screen need not be laid out.
    let end = line.char_indices().nth(400).map_or(line.len(), |(end, _)| end);
    let start = line.get(..end).unwrap_or(&line);
    let format = TextFormat::simple(code, color);
    let galley = crate::grid::one_line(ui, start, format, room.max(0.0));
    let top = rect.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(left, top), galley, color);
    response.clicked()
}

/// Returns how long a statement took: to a tenth of a millisecond where that says something.
fn duration(entry: &Entry, texts: &Texts) -> String {
    let milliseconds = entry.statement.duration.as_secs_f64() * 1000.0;
    let time = if milliseconds < 9.95 {
        format!("{milliseconds:.1}")
    } else {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded")]
        texts.number(milliseconds.round() as u64)
    };
    tr!(texts, "shell-milliseconds", time = time)
}
