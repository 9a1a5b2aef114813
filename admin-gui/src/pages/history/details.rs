//! The changes of a transaction: which rows, and which columns became what.

use egui::{Button, Color32, Label, Rect, RichText, Sense, Ui, pos2, vec2};
use persistence::audit::{RecordedChange, RecordedColumn, RecordedKind};
use persistence::entity::Fill;
use persistence::{EntityMeta, Value};

use super::model::Changes;
use super::view::take_back;
use crate::i18n::Texts;
use crate::row_name::by_key;
use crate::theme::{EMPTY_TEXT, Theme, icon};
use crate::tr;

/// How far changes stand in from the left, in points.
const INDENT: f32 = 34.0;

/// The width of the columns' names, in points.
const NAME: f32 = 150.0;

/// The most of a value that is shown before and after, in points.
const VALUE: f32 = 260.0;

/// What drawing reads.
pub(super) struct Context<'c> {
    pub entities: &'c [&'static EntityMeta],
    pub texts: &'c Texts,
    pub is_read_only: bool,
}

/// What a person wants of the changes.
pub(super) enum Wanted {
    TakeBack(Box<RecordedChange>),
    More,
}

/// Draws the changes; returns what is wanted of them.
pub(super) fn show(ui: &mut Ui, changes: &Changes, context: &Context<'_>) -> Option<Wanted> {
    let theme = Theme::of(ui.ctx());
    let texts = context.texts;
    let mut wanted = None;
    ui.add_space(theme.spacing.tight);
    for change in &changes.read {
        if let Some(taken_back) = show_change(ui, change, context) {
            wanted = Some(Wanted::TakeBack(Box::new(taken_back)));
        }
    }
    if let Some(error) = &changes.error {
        indented(ui, |ui| {
            ui.add(Label::new(RichText::new(error).color(theme.colors.wrong)).wrap());
        });
    } else if changes.is_waiting {
        indented(ui, |ui| {
            let reading = RichText::new(tr!(texts, "history-reading"));
            ui.label(reading.color(theme.colors.text_faint));
        });
    } else if changes.has_more {
        indented(ui, |ui| {
            if ui.add(Button::new(tr!(texts, "history-more-changes"))).clicked() {
                wanted = Some(Wanted::More);
            }
        });
    }
    ui.add_space(theme.spacing.group);
    wanted
}

fn indented(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.add_space(INDENT);
        content(ui);
    });
}

/// Draws one line; returns where it stands.
fn line(ui: &mut Ui, indent: f32, content: impl FnOnce(&mut Ui)) -> Rect {
    let theme = Theme::of(ui.ctx());
    let size = vec2(ui.available_width(), theme.spacing.control);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    if ui.is_rect_visible(rect) {
        let right = rect.right() - theme.spacing.control - theme.spacing.group;
        let area =
            Rect::from_min_max(pos2(rect.left() + indent, rect.top()), pos2(right, rect.bottom()));
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(area).layout(layout));
        content(&mut ui);
    }
    rect
}

/// Draws a change; returns what of it is to be taken back.
fn show_change(
    ui: &mut Ui,
    change: &RecordedChange,
    context: &Context<'_>,
) -> Option<RecordedChange> {
    let texts = context.texts;
    let theme = Theme::of(ui.ctx());
    let meta = context.entities.iter().copied().find(|meta| meta.table == change.table);
    let entity = meta.map_or_else(|| change.table.clone(), |meta| texts.entity_one(meta));
    let (verb, color) = verb(&change.kind, theme, texts);
    let name = row_title(change, meta);
    let rect = line(ui, INDENT, |ui| {
        ui.label(RichText::new(&verb).color(color));
        ui.label(RichText::new(&entity).color(theme.colors.text_weak));
        ui.add(Label::new(RichText::new(&name).color(theme.colors.text)).truncate());
    });
    let can_be_taken_back = !context.is_read_only && meta.is_some() && !is_bulk(&change.kind);
    let mut taken_back = None;
    let spoken = format!("{verb} {entity} {name}");
    if can_be_taken_back && ui.is_rect_visible(rect) && take_back(ui, rect, &spoken, texts) {
        taken_back = Some(change.clone());
    }
    let shown: Vec<&RecordedColumn> =
        change.columns.iter().filter(|column| is_shown(column, change, meta)).collect();
    let is_update = change.kind == RecordedKind::Update;
    for column in &shown {
        let known = meta.and_then(|meta| Some((meta, meta.column(&column.name)?)));
        let title =
            known.map_or_else(|| column.name.clone(), |(meta, known)| texts.column(meta, known));
        let rect = line(ui, INDENT + theme.spacing.section, |ui| {
            show_column(ui, column, &title, texts);
        });
        let is_part = can_be_taken_back && is_update && shown.len() > 1;
        let spoken = format!("{entity} {name}: {title}");
        if is_part && ui.is_rect_visible(rect) && take_back(ui, rect, &spoken, texts) {
            taken_back = Some(change.clone().only(&[&column.name]));
        }
    }
    taken_back
}

fn show_column(ui: &mut Ui, column: &RecordedColumn, title: &str, texts: &Texts) {
    let theme = Theme::of(ui.ctx());
    let name = RichText::new(title).color(theme.colors.text_weak);
    let height = ui.available_height();
    ui.allocate_ui(vec2(NAME, height), |ui| {
        ui.set_width(NAME);
        ui.add(Label::new(name).truncate());
    });
    let value = |ui: &mut Ui, value: &Value, color: Color32| {
        let text = shown_value(value, theme, texts, color);
        let width = VALUE.min(ui.available_width());
        ui.scope(|ui| {
            ui.set_max_width(width);
            ui.add(Label::new(text).truncate());
        });
    };
    if let Some(before) = &column.before {
        value(ui, before, theme.colors.text_weak);
    }
    if column.before.is_some() && column.after.is_some() {
        let arrow = icon::ICON_ARROW_FORWARD.rich_text().size(theme.text.small);
        ui.label(arrow.color(theme.colors.text_faint));
    }
    if let Some(after) = &column.after {
        value(ui, after, theme.colors.text);
    }
}

fn shown_value(value: &Value, theme: &Theme, texts: &Texts, color: Color32) -> RichText {
    match value {
        Value::Null => {
            RichText::new(tr!(texts, "form-null")).italics().color(theme.colors.text_faint)
        }
        Value::Text(text) if text.is_empty() => EMPTY_TEXT.rich_text().color(color),
        Value::Bool(true) => RichText::new(tr!(texts, "form-yes")).color(color),
        Value::Bool(false) => RichText::new(tr!(texts, "form-no")).color(color),
        value => RichText::new(texts.brief(value)).color(color),
    }
}

/// Returns whether a column says something: not what is counted or filled in, nor what is not there.
fn is_shown(column: &RecordedColumn, change: &RecordedChange, meta: Option<&EntityMeta>) -> bool {
    let known = meta.and_then(|meta| meta.column(&column.name));
    if known.is_some_and(|known| !matches!(known.fill, Fill::Draft | Fill::Deleted)) {
        return false;
    }
    let is_whole = matches!(change.kind, RecordedKind::Insert | RecordedKind::Delete);
    let is_null = |value: &Option<Value>| value.as_ref().is_none_or(Value::is_null);
    !(is_whole && is_null(&column.before) && is_null(&column.after))
}

const fn is_bulk(kind: &RecordedKind) -> bool {
    matches!(kind, RecordedKind::UpdateWhere { .. } | RecordedKind::DeleteWhere { .. })
}

/// Returns what happened in a word, and its colour.
fn verb(kind: &RecordedKind, theme: &Theme, texts: &Texts) -> (String, Color32) {
    match kind {
        RecordedKind::Insert => (tr!(texts, "history-inserted"), theme.colors.new),
        RecordedKind::Update => (tr!(texts, "history-updated"), theme.colors.staged),
        RecordedKind::Delete => (tr!(texts, "history-deleted"), theme.colors.wrong),
        RecordedKind::UpdateWhere { .. } => {
            (tr!(texts, "history-updated-where"), theme.colors.staged)
        }
        RecordedKind::DeleteWhere { .. } => {
            (tr!(texts, "history-deleted-where"), theme.colors.wrong)
        }
    }
}

/// Returns what the row of a change is called: its label where that was recorded, else its key; the filter
/// of a statement.
fn row_title(change: &RecordedChange, meta: Option<&EntityMeta>) -> String {
    if let RecordedKind::UpdateWhere { filter } | RecordedKind::DeleteWhere { filter } =
        &change.kind
    {
        return filter.clone();
    }
    let label = meta.and_then(|meta| {
        let label = meta.columns.get(meta.label)?;
        let column = change.columns.iter().find(|column| column.name == label.name)?;
        let value = column.after.as_ref().or(column.before.as_ref())?;
        Some(value.to_string()).filter(|label| !value.is_null() && !label.trim().is_empty())
    });
    label.unwrap_or_else(|| by_key(&change.key))
}
