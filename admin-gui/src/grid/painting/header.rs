//! Draws a grid's header: titles that sort and are dragged, edges that resize, menus.

use egui::accesskit::{Role, SortDirection};
use egui::text::TextFormat;
use egui::{
    Align2, CursorIcon, FontFamily, FontId, Id, Rect, Response, Sense, SetOpenCommand, Stroke, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};
use persistence::Direction;

use super::cell_view::{MARGIN, natural_width, one_line};
use super::column_menu::{self, ColumnAction};
use super::event::GridEvent;
use super::frozen::beside_frozen;
use super::memory::grid_id;
use super::type_icon::type_icon;
use crate::grid::source::RowSource;
use crate::grid::state::{GridColumn, Placed, RowGrid, SortBy};
use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// How wide the edge is that resizes.
const EDGE: f32 = 7.0;

/// How wide the button is that opens a column's menu.
const MENU: f32 = 18.0;

/// Between the mark of a type and the title, in points.
const AFTER_KIND: f32 = 5.0;

/// Between the title and the marks behind it, in points.
const BESIDE_MARK: f32 = 4.0;

/// The mark of a column that has to be filled in.
const REQUIRED: &str = "*";

/// What a person did in the header.
enum Done {
    Resize(f32),
    Move(f32),
    Menu(ColumnAction),
}

/// Draws the header.
pub(super) fn show<S: RowSource>(
    ui: &mut Ui,
    grid: &mut RowGrid<S>,
    texts: &Texts,
    area: Rect,
    events: &mut Vec<GridEvent>,
) {
    let theme = Theme::of(ui.ctx());
    let mut ui = ui
        .new_child(UiBuilder::new().id_salt("header").max_rect(area).accessibility_role(Role::Row));
    let clip = area.intersect(ui.clip_rect());
    ui.set_clip_rect(clip);
    ui.painter().rect_filled(area, 0.0, theme.colors.surface_raised);
    let line = Stroke::new(1.0, theme.colors.border);
    ui.painter().hline(area.x_range(), area.bottom() - 0.5, line);
    let mut done = None;
    for Placed { place, left, covered, column } in grid.columns.placed(grid.horizontal) {
        let rect = Rect::from_min_size(
            pos2(area.left() + left, area.top()),
            vec2(column.width, area.height()),
        );
        ui.set_clip_rect(beside_frozen(clip, area, covered));
        if !rect.intersects(ui.clip_rect()) {
            continue;
        }
        let response = title(&mut ui, grid, column, texts, rect, events);
        if response.drag_stopped()
            && let Some(pointer) = response.interact_pointer_pos()
        {
            done = Some((place, Done::Move(pointer.x - area.left())));
        }
        if response.dragged() {
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        }
        if let Some(action) = menu(&ui, grid, column, texts, rect, &response) {
            done = Some((place, Done::Menu(action)));
        }
    }
    // Above the titles, half of each of which it is.
    for Placed { place, left, covered, column } in grid.columns.placed(grid.horizontal) {
        let rect = Rect::from_min_size(
            pos2(area.left() + left, area.top()),
            vec2(column.width, area.height()),
        );
        ui.set_clip_rect(beside_frozen(clip, area, covered));
        if rect.right() + EDGE > ui.clip_rect().left() && rect.left() < ui.clip_rect().right() {
            done = edge(&mut ui, place, column, rect).or(done);
        }
    }
    ui.set_clip_rect(clip);
    dragged(&ui, grid, texts, area);
    if let Some((place, done)) = done {
        act(&ui, grid, texts, area, place, done, events);
    }
}

fn act<S: RowSource>(
    ui: &Ui,
    grid: &mut RowGrid<S>,
    texts: &Texts,
    area: Rect,
    place: usize,
    done: Done,
    events: &mut Vec<GridEvent>,
) {
    let Some(column) = grid.columns.get(place).cloned() else { return };
    let position = column.position;
    if matches!(done, Done::Menu(_)) {
        let id = grid_id(grid.source().id());
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    match done {
        Done::Resize(width) => grid.columns.resize(place, width),
        Done::Move(x) => {
            if let Some(to) = grid.columns.place_at(x, grid.horizontal) {
                grid.arrange(|columns| columns.move_to(place, to));
            }
        }
        Done::Menu(ColumnAction::Sort(direction, how)) => {
            events.push(GridEvent::Order(grid.order_by(position, direction, how)));
        }
        Done::Menu(ColumnAction::Hide) => {
            grid.arrange(|columns| columns.set_hidden(position, true));
        }
        Done::Menu(ColumnAction::Freeze(is_frozen)) => {
            grid.arrange(|columns| columns.set_frozen(position, is_frozen));
        }
        Done::Menu(ColumnAction::Step(by)) => {
            let to = place.saturating_add_signed(by);
            grid.arrange(|columns| columns.move_to(place, to));
        }
        Done::Menu(ColumnAction::Fit) => {
            let width = fitting(ui, grid, &column, texts);
            grid.columns.resize(place, width);
        }
        Done::Menu(action) => {
            let left = grid.columns.placed(grid.horizontal).nth(place).map(|placed| placed.left);
            let corner = pos2(area.left() + left.unwrap_or_default(), area.top());
            let anchor = Rect::from_min_size(corner, vec2(column.width, area.height()));
            events.push(GridEvent::Column { position, action, anchor });
        }
    }
}

/// Makes columns wide enough for their titles in the language of the window.
pub(super) fn make_room_for_titles<S: RowSource>(ui: &Ui, grid: &mut RowGrid<S>, texts: &Texts) {
    let needed = |column: &GridColumn| title_width(ui, column, texts);
    grid.columns.make_room_for_titles(texts.language(), needed);
}

/// Returns how wide a column has to be for its title, the mark of its type, that of a column that
/// has to be filled in, and the arrow of one that is sorted by: nothing is cut once it is.
fn title_width(ui: &Ui, column: &GridColumn, texts: &Texts) -> f32 {
    let theme = Theme::of(ui.ctx());
    let width = |text: String, font: FontId| {
        ui.painter().layout_no_wrap(text, font, theme.colors.text).size().x
    };
    let mark = |text: &str| width(text.to_owned(), mark_font(theme));
    let title = width(column.meta.title(texts), title_font(theme));
    let kind = mark(type_icon(&column.meta).codepoint) + AFTER_KIND;
    let required = if column.meta.is_required { mark(REQUIRED) + BESIDE_MARK } else { 0.0 };
    let arrow = mark(icon::ICON_ARROW_UPWARD.codepoint) + BESIDE_MARK;
    // The line between columns is part of their width.
    (kind + title + required + arrow + 2.0 * MARGIN + 1.0).ceil()
}

/// Returns how wide a column has to be for its title and for the rows that can be seen.
fn fitting<S: RowSource>(ui: &Ui, grid: &RowGrid<S>, column: &GridColumn, texts: &Texts) -> f32 {
    let rows = grid.scroll().rows(grid.extent());
    let content = rows.filter_map(|row| {
        let (row, labels) = grid.row(row)?;
        let cell = row.cell(column.position);
        let width = natural_width(ui, column, cell, labels, texts);
        Some(width + 2.0 * MARGIN + 2.0)
    });
    content.fold(title_width(ui, column, texts), f32::max)
}

/// Shows a column's menu when it is asked for: by its button, by the other mouse button, by a key.
fn menu<S: RowSource>(
    ui: &Ui,
    grid: &RowGrid<S>,
    column: &GridColumn,
    texts: &Texts,
    rect: Rect,
    title: &Response,
) -> Option<ColumnAction> {
    let theme = Theme::of(ui.ctx());
    let id = column_menu::menu_id(grid.source().id(), &column.meta.name);
    let is_open = egui::Popup::is_id_open(ui.ctx(), id);
    let area = Rect::from_center_size(
        pos2(rect.right() - MENU / 2.0 - 4.0, rect.center().y),
        vec2(MENU, MENU),
    );
    let button = ui.interact(area, ui.unique_id().with(("menu", &*column.meta.name)), Sense::CLICK);
    let name = tr!(texts, "column-menu", column = column.meta.title(texts));
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if (ui.rect_contains_pointer(rect) && !title.dragged()) || is_open {
        let is_pointed_at = button.hovered() || is_open;
        let fill =
            if is_pointed_at { theme.colors.control_hovered } else { theme.colors.surface_raised };
        ui.painter().rect_filled(area, f32::from(theme.spacing.radius), fill);
        let color = if is_pointed_at { theme.colors.text } else { theme.colors.text_weak };
        let font = FontId::new(theme.text.icon, FontFamily::Proportional);
        let mark = icon::ICON_ARROW_DROP_DOWN.codepoint;
        ui.painter().text(area.center(), Align2::CENTER_CENTER, mark, font, color);
    }
    let opens = if button.clicked() {
        Some(SetOpenCommand::Toggle)
    } else if title.secondary_clicked() {
        Some(SetOpenCommand::Bool(true))
    } else {
        None
    };
    column_menu::show(ui, grid, column, texts, rect, opens)
}

/// Draws where a column goes that is being dragged.
fn dragged<S: RowSource>(ui: &Ui, grid: &RowGrid<S>, texts: &Texts, area: Rect) {
    let theme = Theme::of(ui.ctx());
    let is_dragged = |column: &&GridColumn| {
        let id = title_id(ui, column);
        ui.ctx().is_being_dragged(id)
    };
    let Some(column) = grid.columns.shown().find(is_dragged) else { return };
    let Some(pointer) = ui.input(|input| input.pointer.interact_pos()) else { return };
    let from = grid.columns.place_of(column.position);
    let target = grid.columns.place_at(pointer.x - area.left(), grid.horizontal);
    if let (Some(from), Some(to)) = (from, target)
        && from != to
        && let Some(placed) = grid.columns.placed(grid.horizontal).nth(to)
    {
        let edge = if to > from { placed.left + placed.column.width } else { placed.left };
        let stroke = Stroke::new(3.0, theme.colors.accent);
        ui.painter().vline(area.left() + edge, area.y_range(), stroke);
    }
    let title = column.meta.title(texts);
    let galley = ui.painter().layout_no_wrap(title, title_font(theme), theme.colors.text);
    let size = galley.size() + vec2(2.0 * MARGIN, 8.0);
    let ghost = Rect::from_center_size(pos2(pointer.x, area.center().y), size);
    ui.painter().rect_filled(ghost, f32::from(theme.spacing.radius), theme.colors.selected);
    ui.painter().galley(ghost.min + vec2(MARGIN, 4.0), galley, theme.colors.text);
}

fn title_font(theme: &Theme) -> FontId {
    FontId::new(theme.text.body, FontFamily::Proportional)
}

fn mark_font(theme: &Theme) -> FontId {
    FontId::new(theme.text.body - 1.0, FontFamily::Proportional)
}

fn title_id(ui: &Ui, column: &GridColumn) -> Id {
    ui.unique_id().with(&*column.meta.name)
}

fn title<S: RowSource>(
    ui: &mut Ui,
    grid: &RowGrid<S>,
    column: &GridColumn,
    texts: &Texts,
    rect: Rect,
    events: &mut Vec<GridEvent>,
) -> Response {
    let theme = Theme::of(ui.ctx());
    let title = column.meta.title(texts);
    let sorted = grid.sorted(&column.meta.name);
    // Not focusable: the grid has one focused cell of its own, and a command opens its menu.
    let response = ui.interact(rect, title_id(ui, column), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, &title));
    ui.ctx().accesskit_node_builder(response.id, |node| match sorted {
        Some((_, Direction::Ascending)) => node.set_sort_direction(SortDirection::Ascending),
        Some((_, Direction::Descending)) => node.set_sort_direction(SortDirection::Descending),
        None => {}
    });
    let is_pointed_at = ui.rect_contains_pointer(rect);
    let color = match (sorted, is_pointed_at) {
        (None, false) => theme.colors.text_weak,
        _ => theme.colors.text,
    };
    let inner = rect.shrink2(vec2(MARGIN.min(rect.width() / 4.0), 0.0));
    let layout = |text: String, color| ui.painter().layout_no_wrap(text, mark_font(theme), color);
    let mark = sorted.map(|(number, direction)| {
        let arrow = match direction {
            Direction::Ascending => icon::ICON_ARROW_UPWARD,
            Direction::Descending => icon::ICON_ARROW_DOWNWARD,
        };
        let is_one_of_several = grid.order().0.len() > 1;
        let number = if is_one_of_several { format!(" {number}") } else { String::new() };
        layout(format!("{}{number}", arrow.codepoint), theme.colors.accent)
    });
    let required =
        column.meta.is_required.then(|| layout(REQUIRED.to_owned(), theme.colors.text_faint));
    let reserved: f32 =
        [&mark, &required].into_iter().flatten().map(|galley| galley.size().x + BESIDE_MARK).sum();
    // The button of the menu covers the end of a title, but not what the rows are sorted by.
    let reserved = if mark.is_some() { reserved + MENU } else { reserved };
    let kind = layout(type_icon(&column.meta).codepoint.to_owned(), theme.colors.text_faint);
    let before = kind.size().x + AFTER_KIND;
    let format = TextFormat::simple(title_font(theme), color);
    let width = (inner.width() - reserved).max(0.0);
    let galley = one_line(ui, &title, format, width);
    // The mark of the type gives way to the title.
    let has_room = galley.size().x + before <= width;
    let before = if has_room { before } else { 0.0 };
    let is_right = column.meta.is_right_aligned();
    let used = before + galley.size().x + reserved;
    let mut left = if is_right { inner.right() - used } else { inner.left() };
    let mut draw = |galley: std::sync::Arc<egui::Galley>, color, after: f32| {
        let width = galley.size().x;
        let top = rect.center().y - galley.size().y / 2.0;
        ui.painter().galley(pos2(left, top), galley, color);
        left += width + after;
    };
    if has_room {
        draw(kind, theme.colors.text_faint, AFTER_KIND);
    }
    draw(galley, color, BESIDE_MARK);
    if let Some(required) = required {
        draw(required, theme.colors.text_faint, BESIDE_MARK);
    }
    if let Some(mark) = mark {
        draw(mark, theme.colors.accent, 0.0);
    }
    if response.clicked() && column.meta.can_sort {
        let is_shift = ui.input(|input| input.modifiers.shift);
        let how = if is_shift { SortBy::AsWell } else { SortBy::Alone };
        events.push(GridEvent::Sort(column.position, how));
    }
    response.on_hover_text(hint(texts, column))
}

/// Returns what else there is to say of a column.
fn hint(texts: &Texts, column: &GridColumn) -> String {
    let mut parts = vec![column.meta.name.clone().into_owned()];
    if column.meta.is_key {
        parts.push(tr!(texts, "column-is-key"));
    }
    match column.meta.references {
        Some(referred) => {
            let entity = texts.entity(referred);
            parts.push(tr!(texts, "column-refers-to", entity = entity));
        }
        None => parts.extend(texts.type_hint(column.meta.column_type)),
    }
    if column.meta.is_required {
        parts.push(tr!(texts, "column-is-required"));
    }
    format!("{}\n{}", parts.join(" · "), tr!(texts, "grid-header-hint"))
}

fn edge(ui: &mut Ui, place: usize, column: &GridColumn, rect: Rect) -> Option<(usize, Done)> {
    let theme = Theme::of(ui.ctx());
    let area =
        Rect::from_center_size(pos2(rect.right(), rect.center().y), vec2(EDGE, rect.height()));
    let id = ui.unique_id().with(("edge", &*column.meta.name));
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
        Some((place, Done::Menu(ColumnAction::Fit)))
    } else if response.dragged() {
        let pointer = response.interact_pointer_pos()?;
        Some((place, Done::Resize(pointer.x - rect.left())))
    } else {
        None
    }
}
