//! The page: transactions, the newest first, with the changes of those that were clicked.

use chrono::Local;
use egui::accesskit::Role;
use egui::text::TextFormat;
use egui::{
    Align, Align2, Button, ComboBox, FontFamily, FontId, Layout, Rect, RichText, ScrollArea, Sense,
    TextEdit, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use persistence::audit::{HistoryFilter, Transaction};
use persistence::{Catalog, EntityMeta};

use super::details;
use super::model::{History, MeantRow, Period};
use crate::i18n::Texts;
use crate::pages::{icon_button, page_bar};
use crate::tasks::TakenBack;
use crate::theme::{Theme, icon};
use crate::tr;

/// The width of the field for who is looked for, in points.
const ACTOR: f32 = 130.0;

/// The width of the lists of entities and of periods, in points.
const LIST: f32 = 120.0;

/// The left edges of the columns, in points from the left.
const WHEN_FROM: f32 = 34.0;
const WHO_FROM: f32 = 204.0;
const WHAT_FROM: f32 = 344.0;

/// What the page asks for.
#[derive(Clone, Debug)]
pub enum HistoryEvent {
    /// The transactions that changed something of what is meant.
    Read {
        /// What is meant.
        filter: HistoryFilter,
        /// After which place; from the newest on without.
        after: Option<i64>,
    },
    /// The changes of a transaction.
    ReadChanges {
        /// By which number the answer is taken.
        number: u64,
        /// The transaction.
        transaction: String,
        /// Which of its changes.
        filter: HistoryFilter,
        /// After which of them.
        after: Option<i64>,
    },
    /// Something is to be taken back.
    TakeBack(TakenBack),
}

/// The page.
#[derive(Debug, Default)]
pub struct HistoryPage {
    /// What is known.
    pub history: History,
    entities: Vec<&'static EntityMeta>,
}

impl HistoryPage {
    /// Makes the page of a catalog.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        let entities = catalog.entries().iter().map(|entry| entry.meta).collect();
        Self { entities, history: History::default() }
    }

    /// Shows the history of a row only.
    pub fn show_row(&mut self, row: MeantRow) {
        let history = &mut self.history;
        (history.actor, history.table, history.period) = (String::new(), None, Period::Always);
        history.row = Some(row);
        history.reread();
    }

    /// Draws the page over all the space there is; returns what it asks for.
    pub fn show(&mut self, ui: &mut Ui, texts: &Texts, is_read_only: bool) -> Vec<HistoryEvent> {
        let mut events = Vec::new();
        self.bar(ui, texts);
        if let Some(filter) = self.history.ask() {
            events.push(HistoryEvent::Read { filter, after: None });
        }
        self.list(ui, texts, is_read_only, &mut events);
        events
    }

    fn bar(&mut self, ui: &mut Ui, texts: &Texts) {
        let theme = Theme::of(ui.ctx());
        let history = &mut self.history;
        let note = match &history.row {
            Some(row) => row_title(row, texts),
            None => String::new(),
        };
        let mut is_changed = false;
        page_bar(ui, &tr!(texts, "page-history"), &note, |ui| {
            if icon_button(ui, icon::ICON_REFRESH, &tr!(texts, "history-refresh")).clicked() {
                is_changed = true;
            }
            is_changed |= periods(ui, &mut history.period, texts);
            if history.row.is_none() {
                is_changed |= entities(ui, &mut history.table, &self.entities, texts);
            } else if icon_button(ui, icon::ICON_CLOSE, &tr!(texts, "history-all")).clicked() {
                history.row = None;
                is_changed = true;
            }
            let name = tr!(texts, "history-actor");
            let hint = RichText::new(&name).color(theme.colors.text_faint);
            let field = TextEdit::singleline(&mut history.actor)
                .desired_width(ACTOR)
                .min_size(vec2(0.0, theme.spacing.control))
                .align(Align2::LEFT_CENTER)
                .hint_text(hint);
            is_changed |= ui.add(field).accessible_name(name).changed();
        });
        if is_changed {
            self.history.reread();
        }
    }

    fn list(
        &mut self,
        ui: &mut Ui,
        texts: &Texts,
        is_read_only: bool,
        events: &mut Vec<HistoryEvent>,
    ) {
        let theme = Theme::of(ui.ctx());
        let area = ui.available_rect_before_wrap();
        ui.painter().rect_filled(area, 0.0, theme.colors.canvas);
        if let Some(error) = self.history.error() {
            ui.add_space(theme.spacing.item);
            ui.horizontal(|ui| {
                ui.add_space(theme.spacing.group);
                ui.label(RichText::new(error).color(theme.colors.wrong));
            });
        }
        if self.history.transactions().is_empty() {
            let text = match (self.history.is_waiting(), self.history.error()) {
                (true, _) => tr!(texts, "history-reading"),
                (false, None) => tr!(texts, "history-empty"),
                (false, Some(_)) => return,
            };
            ui.centered_and_justified(|ui| {
                ui.label(RichText::new(text).color(theme.colors.text_faint));
            });
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut toggled = None;
        let (mut more_of, mut wants_more) = (None, false);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for (place, transaction) in self.history.transactions().iter().enumerate() {
                let changes = self.history.changes(&transaction.id);
                let row = TransactionRow { transaction, place, is_open: changes.is_some() };
                let clicked = row.show(ui, &self.entities, texts, is_read_only);
                match clicked {
                    Some(Clicked::Row) => toggled = Some(transaction.id.clone()),
                    Some(Clicked::TakeBack) => {
                        let what = TakenBack::Transaction(transaction.id.clone());
                        events.push(HistoryEvent::TakeBack(what));
                    }
                    None => {}
                }
                let Some(changes) = changes else { continue };
                let context = details::Context { entities: &self.entities, texts, is_read_only };
                match details::show(ui, changes, &context) {
                    Some(details::Wanted::TakeBack(change)) => {
                        events.push(HistoryEvent::TakeBack(TakenBack::Change(*change)));
                    }
                    Some(details::Wanted::More) => more_of = Some(transaction.id.clone()),
                    None => {}
                }
            }
            if self.history.has_more() {
                ui.add_space(theme.spacing.item);
                ui.horizontal(|ui| {
                    ui.add_space(WHEN_FROM);
                    let button = Button::new(tr!(texts, "history-older"));
                    wants_more = ui.add_enabled(!self.history.is_waiting(), button).clicked();
                });
            }
            ui.add_space(theme.spacing.section);
        });
        let asked = toggled.map(|id| (self.history.toggle(&id), id));
        let asked = asked.or_else(|| more_of.map(|id| (self.history.more_of(&id), id)));
        if let Some((Some((number, filter, after)), transaction)) = asked {
            events.push(HistoryEvent::ReadChanges { number, transaction, filter, after });
        }
        if let Some((filter, after)) = wants_more.then(|| self.history.ask_for_more()).flatten() {
            events.push(HistoryEvent::Read { filter, after: Some(after) });
        }
    }
}

/// Returns what the row is whose history is looked at.
fn row_title(row: &MeantRow, texts: &Texts) -> String {
    tr!(texts, "history-of-row", entity = texts.entity_one(row.meta), name = row.name.as_str())
}

/// Draws the list of periods; returns whether another one was chosen.
fn periods(ui: &mut Ui, period: &mut Period, texts: &Texts) -> bool {
    let name = |period: Period| match period {
        Period::Always => tr!(texts, "history-always"),
        Period::Day => tr!(texts, "history-day"),
        Period::Week => tr!(texts, "history-week"),
        Period::Month => tr!(texts, "history-month"),
    };
    let lines = Period::ALL.map(|period| (period, name(period)));
    list(ui, &tr!(texts, "history-when"), period, &lines)
}

/// Draws the list of entities; returns whether another one was chosen.
fn entities(
    ui: &mut Ui,
    chosen: &mut Option<&'static EntityMeta>,
    entities: &[&'static EntityMeta],
    texts: &Texts,
) -> bool {
    let mut table = chosen.map(|meta| meta.table);
    let mut lines = vec![(None, tr!(texts, "history-every-entity"))];
    lines.extend(entities.iter().map(|meta| (Some(meta.table), texts.entity(meta))));
    let is_changed = list(ui, &tr!(texts, "history-entity"), &mut table, &lines);
    *chosen = entities.iter().copied().find(|meta| Some(meta.table) == table);
    is_changed
}

fn list<T: PartialEq + Copy>(
    ui: &mut Ui,
    name: &str,
    chosen: &mut T,
    lines: &[(T, String)],
) -> bool {
    let before = *chosen;
    let shown = lines.iter().find(|(line, _)| line == chosen);
    let shown = shown.map(|(_, text)| text.as_str()).unwrap_or_default();
    let response = ComboBox::from_id_salt(name)
        .width(LIST)
        .truncate()
        .icon(|ui, rect, _, _| {
            let theme = Theme::of(ui.ctx());
            let font = FontId::new(theme.text.icon, FontFamily::Proportional);
            let mark = icon::ICON_ARROW_DROP_DOWN.codepoint;
            let color = theme.colors.text_weak;
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, mark, font, color);
        })
        .selected_text(shown)
        .show_ui(ui, |ui| {
            for (line, text) in lines {
                ui.selectable_value(chosen, *line, text);
            }
        });
    response.response.accessible_name(name);
    before != *chosen
}

enum Clicked {
    Row,
    TakeBack,
}

/// A transaction as a line of the list.
struct TransactionRow<'h> {
    transaction: &'h Transaction,
    place: usize,
    is_open: bool,
}

impl TransactionRow<'_> {
    fn show(
        &self,
        ui: &mut Ui,
        entities: &[&'static EntityMeta],
        texts: &Texts,
        is_read_only: bool,
    ) -> Option<Clicked> {
        let theme = Theme::of(ui.ctx());
        let colors = &theme.colors;
        let size = vec2(ui.available_width(), theme.spacing.row.max(theme.spacing.control));
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        if !ui.is_rect_visible(rect) {
            return None;
        }
        let id = ui.unique_id().with(("transaction", &self.transaction.id));
        let response = ui.interact(rect, id, Sense::click());
        let when = self.transaction.written_at.and_utc().with_timezone(&Local);
        let when = when.format("%Y-%m-%d %H:%M:%S").to_string();
        let who = self.transaction.actor.clone();
        let who = who.unwrap_or_else(|| tr!(texts, "history-nobody"));
        let what = tables(self.transaction, entities, texts);
        let spoken = tr!(
            texts,
            "history-row",
            when = when.as_str(),
            who = who.as_str(),
            what = what.as_str()
        );
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, self.is_open, &spoken));
        let fill = match (self.is_open, response.hovered() || response.has_focus()) {
            (true, _) => colors.selected_row,
            (false, true) => colors.control,
            (false, false) if self.place % 2 == 1 => colors.canvas_alternate,
            (false, false) => colors.canvas,
        };
        ui.painter().rect_filled(rect, 0.0, fill);
        let mark =
            if self.is_open { icon::ICON_EXPAND_MORE } else { icon::ICON_CHEVRON_RIGHT }.codepoint;
        let font = FontId::new(theme.text.icon, FontFamily::Proportional);
        let at = pos2(rect.left() + WHEN_FROM / 2.0, rect.center().y);
        ui.painter().text(at, Align2::CENTER_CENTER, mark, font, colors.text_weak);
        let is_taken_back = !is_read_only && take_back(ui, rect, &spoken, texts);
        let code = FontId::new(theme.text.monospace - 0.5, FontFamily::Monospace);
        let words = FontId::new(theme.text.body, FontFamily::Proportional);
        let right = rect.right() - theme.spacing.control - theme.spacing.group;
        for (from, to, text, font, color) in [
            (WHEN_FROM, WHO_FROM, when, code, colors.text_weak),
            (WHO_FROM, WHAT_FROM, who, words.clone(), colors.text),
            (WHAT_FROM, right - rect.left(), what, words, colors.text),
        ] {
            let room = (to - from - theme.spacing.item).max(0.0);
            let galley = crate::grid::one_line(ui, &text, TextFormat::simple(font, color), room);
            let top = rect.center().y - galley.size().y / 2.0;
            ui.painter().galley(pos2(rect.left() + from, top), galley, color);
        }
        match (is_taken_back, response.clicked()) {
            (true, _) => Some(Clicked::TakeBack),
            (false, is_clicked) => is_clicked.then_some(Clicked::Row),
        }
    }
}

/// Draws the button that takes a line back, at its right end; returns whether it was clicked.
pub(super) fn take_back(ui: &mut Ui, line: Rect, spoken: &str, texts: &Texts) -> bool {
    let theme = Theme::of(ui.ctx());
    let area = line.shrink2(vec2(theme.spacing.item, 0.0));
    let layout = Layout::right_to_left(Align::Center);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(area).layout(layout));
    let name = tr!(texts, "history-take-back", what = spoken);
    icon_button(&mut ui, icon::ICON_UNDO, &name).clicked()
}

/// Returns how many changes a transaction made of which entities.
fn tables(transaction: &Transaction, entities: &[&'static EntityMeta], texts: &Texts) -> String {
    let name = |table: &String| {
        let meta = entities.iter().find(|meta| meta.table == *table);
        meta.map_or_else(|| table.clone(), |meta| texts.entity(meta))
    };
    let tables = transaction.tables.iter();
    let tables = tables.map(|(table, count)| format!("{} {}", name(table), texts.number(*count)));
    tables.collect::<Vec<_>>().join(", ")
}
