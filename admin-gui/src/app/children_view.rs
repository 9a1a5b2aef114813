//! How rows look that are edited within the record to which they belong.

use egui::{Align, Label, Layout, RichText, ScrollArea, Sense, TextStyle, Ui, vec2};
use persistence::EntityMeta;

use super::children::Child;
use super::context::Shown;
use super::record_event::{ChildEvent, RecordEvent};
use crate::form::{CellColumn, ConflictState, icon_button};
use crate::i18n::Texts;
use crate::open_in::OpenIn;
use crate::row_name::row_name;
use crate::theme::{Theme, icon};
use crate::tr;

/// The room for what can be done with a row, before its cells, in points.
const ACTIONS: f32 = 66.0;

/// Draws rows of an entity; `column` is the position of the one that makes them belong to the record. `is_empty` says
/// whether that has no stored ones.
pub(super) fn show<'c>(
    ui: &mut Ui,
    rows: impl Iterator<Item = &'c mut Child>,
    shown: &Shown<'_>,
    (meta, column): (&'static EntityMeta, usize),
    is_empty: bool,
) -> Vec<RecordEvent> {
    let theme = Theme::of(ui.ctx());
    let texts = shown.texts;
    let mut rows = rows.peekable();
    let mut events = Vec::new();
    if rows.peek().is_none() {
        if !is_empty {
            return events;
        }
        let text = RichText::new(tr!(texts, "related-no-rows")).size(theme.text.small);
        ui.label(text.color(theme.colors.text_faint));
        return events;
    }
    let columns = widened(CellColumn::all(meta, column), ui.available_width(), theme);
    let scroll = ScrollArea::horizontal().id_salt(("children", meta.table, column));
    scroll.auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme.spacing.tight;
        heads(ui, meta, &columns, texts);
        for child in rows {
            ui.push_id(child.record.number, |ui| {
                ui.horizontal(|ui| row(ui, child, &columns, texts, &mut events));
            });
        }
        // Room for the scroll bar.
        ui.add_space(theme.spacing.item);
    });
    events
}

/// Gives the label the room that is left.
fn widened(mut columns: Vec<CellColumn>, room: f32, theme: &Theme) -> Vec<CellColumn> {
    let taken: f32 = columns.iter().map(|column| column.width + theme.spacing.tight).sum();
    if let Some(first) = columns.first_mut() {
        first.width += (room - taken - ACTIONS - theme.spacing.item).max(0.0);
    }
    columns
}

/// Draws the names of the columns.
fn heads(ui: &mut Ui, meta: &EntityMeta, columns: &[CellColumn], texts: &Texts) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme.spacing.tight;
        let height = TextStyle::Small.resolve(ui.style()).size + 4.0;
        ui.allocate_exact_size(vec2(ACTIONS, height), Sense::hover());
        for CellColumn { position, width } in columns {
            let Some(column) = meta.columns.get(*position) else { continue };
            let name = RichText::new(texts.column(meta, column)).size(theme.text.small);
            let size = vec2(*width, height);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_size(size);
                ui.set_max_width(*width);
                ui.add(Label::new(name.color(theme.colors.text_faint)).truncate());
            });
        }
    });
}

fn row(
    ui: &mut Ui,
    child: &mut Child,
    columns: &[CellColumn],
    texts: &Texts,
    events: &mut Vec<RecordEvent>,
) {
    let theme = Theme::of(ui.ctx());
    ui.spacing_mut().item_spacing.x = theme.spacing.tight;
    let number = child.record.number;
    let form = &mut child.record.form;
    let name =
        if form.is_new() { tr!(texts, "form-new-row") } else { row_name(form.meta(), form.base()) };
    let mut push = |event| events.push(RecordEvent::Child(number, event));
    let size = vec2(ACTIONS, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.spacing_mut().item_spacing.x = 0.0;
        let open = tr!(texts, "related-open", row = name.as_str());
        let open = icon_button(ui, icon::ICON_OPEN_IN_NEW, &open);
        // What is to be decided is decided in its own record.
        let open = match form.conflict().filter(|_| form.is_in_conflict()) {
            None => open,
            Some(conflict) => {
                ui.painter().rect_stroke(
                    open.rect,
                    f32::from(theme.spacing.radius),
                    egui::Stroke::new(1.0, theme.colors.wrong),
                    egui::StrokeKind::Inside,
                );
                open.on_hover_text(match conflict {
                    ConflictState::Deleted => tr!(texts, "conflict-deleted"),
                    ConflictState::Changed { .. } => tr!(texts, "conflict-changed"),
                })
            }
        };
        if let Some(open_in) = OpenIn::of_click(&open) {
            push(ChildEvent::Open(open_in));
        }
        let (mark, delete) = if child.is_deleted {
            (icon::ICON_UNDO, tr!(texts, "related-keep", row = name.as_str()))
        } else {
            (icon::ICON_DELETE, tr!(texts, "related-delete", row = name.as_str()))
        };
        if icon_button(ui, mark, &delete).clicked() {
            push(ChildEvent::Delete);
        }
    });
    if child.is_deleted {
        let text = RichText::new(name).strikethrough().color(theme.colors.wrong);
        ui.add(Label::new(text));
        return;
    }
    for event in form.show_cells(ui, texts, columns, &name) {
        push(ChildEvent::Form(event));
    }
}
