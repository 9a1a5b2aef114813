//! Draws a grid's header: titles that sort, and edges that resize.

use egui::accesskit::{Role, SortDirection};
use egui::text::TextFormat;
use egui::{
    Align2, CursorIcon, FontFamily, FontId, Rect, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};
use persistence::Direction;

use super::cell_view::{MARGIN, one_line};
use super::columns::GridColumn;
use super::view::GridEvent;
use super::{Grid, SortBy};
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// How wide the edge is that resizes.
const EDGE: f32 = 7.0;

/// Draws the header.
pub(super) fn show(
    ui: &mut Ui,
    grid: &mut Grid,
    texts: &Texts,
    area: Rect,
    events: &mut Vec<GridEvent>,
) {
    let theme = Theme::of(ui.ctx());
    let mut ui = ui
        .new_child(UiBuilder::new().id_salt("header").max_rect(area).accessibility_role(Role::Row));
    ui.set_clip_rect(area.intersect(ui.clip_rect()));
    ui.painter().rect_filled(area, 0.0, theme.colors.surface_raised);
    let line = Stroke::new(1.0, theme.colors.border);
    ui.painter().hline(area.x_range(), area.bottom() - 0.5, line);
    let mut resized = None;
    for (place, span, column) in grid.columns.spans() {
        let left = area.left() - grid.horizontal + span.start;
        let rect = Rect::from_min_size(pos2(left, area.top()), vec2(column.width, area.height()));
        if !rect.intersects(ui.clip_rect()) {
            continue;
        }
        if let Some(event) = title(&mut ui, grid, column, texts, rect) {
            events.push(event);
        }
        resized = edge(&mut ui, place, column, rect).or(resized);
    }
    match resized {
        Some((place, Resize::To(width))) => grid.columns.resize(place, width),
        Some((place, Resize::Back)) => grid.columns.reset(grid.meta(), place),
        None => {}
    }
}

fn title(
    ui: &mut Ui,
    grid: &Grid,
    column: &GridColumn,
    texts: &Texts,
    rect: Rect,
) -> Option<GridEvent> {
    let theme = Theme::of(ui.ctx());
    let title = texts.column(grid.meta(), column.meta);
    let sorted = grid.sorted(column.meta.name);
    let response = ui.interact(rect, ui.unique_id().with(column.meta.name), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, &title));
    ui.ctx().accesskit_node_builder(response.id, |node| match sorted {
        Some((_, Direction::Ascending)) => node.set_sort_direction(SortDirection::Ascending),
        Some((_, Direction::Descending)) => node.set_sort_direction(SortDirection::Descending),
        None => {}
    });
    let color = match (sorted, response.hovered()) {
        (None, false) => theme.colors.text_weak,
        _ => theme.colors.text,
    };
    let inner = rect.shrink2(vec2(MARGIN.min(rect.width() / 4.0), 0.0));
    let mark = sorted.map(|(number, direction)| {
        let arrow = match direction {
            Direction::Ascending => icon::ICON_ARROW_UPWARD,
            Direction::Descending => icon::ICON_ARROW_DOWNWARD,
        };
        if grid.order().0.len() > 1 {
            format!("{} {number}", arrow.codepoint)
        } else {
            arrow.codepoint.to_owned()
        }
    });
    let small = FontId::new(theme.text.body - 1.0, FontFamily::Proportional);
    let mark = mark.map(|mark| ui.painter().layout_no_wrap(mark, small, theme.colors.accent));
    let reserved = mark.as_ref().map_or(0.0, |mark| mark.size().x + 4.0);
    let format = TextFormat::simple(FontId::new(theme.text.body, FontFamily::Proportional), color);
    let galley = one_line(ui, &title, format, (inner.width() - reserved).max(0.0));
    let is_right = column.meta.column_type.is_number() && column.meta.references.is_none();
    let left = if is_right { inner.right() - galley.size().x - reserved } else { inner.left() };
    let after = left + galley.size().x + 4.0;
    ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, color);
    if let Some(mark) = mark {
        let place = Align2::LEFT_CENTER.anchor_size(pos2(after, rect.center().y), mark.size());
        ui.painter().galley(place.min, mark, theme.colors.accent);
    }
    let clicked = response.clicked();
    response.on_hover_text(tr!(texts, "grid-header-hint", column = column.meta.name));
    clicked.then(|| {
        let is_shift = ui.input(|input| input.modifiers.shift);
        GridEvent::Sort(column.meta.name, if is_shift { SortBy::AsWell } else { SortBy::Alone })
    })
}

enum Resize {
    To(f32),
    Back,
}

fn edge(ui: &mut Ui, place: usize, column: &GridColumn, rect: Rect) -> Option<(usize, Resize)> {
    let theme = Theme::of(ui.ctx());
    let area =
        Rect::from_center_size(pos2(rect.right(), rect.center().y), vec2(EDGE, rect.height()));
    let id = ui.unique_id().with(("edge", column.meta.name));
    let response = ui.interact(area, id, Sense::CLICK | Sense::DRAG);
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        let line = Stroke::new(1.0, theme.colors.accent);
        ui.painter().vline(rect.right() - 0.5, rect.y_range(), line);
    } else {
        let line = Stroke::new(1.0, theme.colors.border);
        ui.painter().vline(rect.right() - 0.5, rect.y_range().shrink(7.0), line);
    }
    if response.double_clicked() {
        Some((place, Resize::Back))
    } else if response.dragged() {
        let pointer = response.interact_pointer_pos()?;
        Some((place, Resize::To(pointer.x - rect.left())))
    } else {
        None
    }
}
