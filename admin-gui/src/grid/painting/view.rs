//! Draws a grid: the header, the rows that can be seen, and what stands there when there are none.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{
    Context, Event, EventFilter, Id, Key, Modifiers, Rect, Sense, Stroke, Ui, UiBuilder, Vec2,
    pos2, vec2,
};
use persistence::RecordKey;

use super::cell_editing;
use super::cell_view::{CellImage, CellView};
use super::event::GridEvent;
use super::frozen::{beside_frozen, frozen_line};
use super::memory::{clicked, grid_id, take_click};
use super::overlay::Overlay;
use super::placeholder::{placeholder, skeleton};
use super::{gutter, header, keys, messages, scroll_bar};
use crate::command::{Command, take_key};
use crate::extensions::Extensions;
use crate::grid::source::{FIRST_ADDED, RowSource};
use crate::grid::state::{CellEditor, ExtendColumns, Focus, Movement, Placed, RowGrid, SelectStep};
use crate::i18n::Texts;
use crate::related::Previews;
use crate::tasks::Cell;
use crate::theme::{Theme, icon};
use crate::thumbnails::Thumbnails;

/// How long rows may be out of date before they are dimmed.
const PATIENCE: Duration = Duration::from_millis(150);

/// How opaque rows are that are out of date.
const DIMMED: f32 = 0.45;

/// How wide the scroll bars are.
const BAR: f32 = 11.0;

/// The part of the height that rows may take that do not scroll with the others.
const MOST_ADDED: f32 = 0.4;

/// The height of the line above them.
const ADDED_LINE: f32 = 2.0;

/// A grid on the screen.
pub struct GridView<'a, S: RowSource> {
    /// The grid.
    pub grid: &'a mut RowGrid<S>,
    /// The language.
    pub texts: &'a Texts,
    /// What the grid is called.
    pub title: &'a str,
    /// The row whose record is open.
    pub opened: Option<&'a S::Key>,
    /// The rows under the pointer that have been read.
    pub previews: &'a Previews,
    /// The images in cells that have come.
    pub thumbnails: &'a Thumbnails,
    /// What the program adds.
    pub extensions: &'a Extensions,
    /// What lies over the rows.
    pub overlay: &'a dyn Overlay<S::Key>,
    /// The cell that is being edited.
    pub editor: Option<&'a mut CellEditor<S::Key>>,
    /// What the menu of a cell offers.
    pub cell_commands: &'a [Command],
    /// Whether a filter may be why there are no rows.
    pub is_filtered: bool,
    /// Whether it takes keys that nothing else takes.
    pub is_active: bool,
    /// Reads rows that are to be drawn, as far as they come in a moment.
    pub read: &'a mut dyn FnMut(&mut RowGrid<S>),
}

impl<S: RowSource> GridView<'_, S> {
    /// Draws it into all the space there is.
    pub fn show(mut self, ui: &mut Ui) -> Vec<GridEvent> {
        let theme = Theme::of(ui.ctx());
        let outer = ui.available_rect_before_wrap();
        let mut ui = ui.new_child(
            UiBuilder::new()
                .id_salt(("grid", self.grid.source().id()))
                .max_rect(outer)
                .accessibility_role(Role::Table)
                .accessibility_label(self.title),
        );
        ui.set_clip_rect(outer.intersect(ui.clip_rect()));
        // Also where bars and boxes leave corners.
        ui.painter().rect_filled(outer, 0.0, theme.colors.canvas);
        let id = grid_id(self.grid.source().id());
        header::make_room_for_titles(&ui, self.grid, self.texts);
        self.grid.columns.fill(outer.width() - BAR - gutter::WIDTH);
        let added = self.grid.source().added();
        let areas = Areas::of(outer, theme.spacing.row, self.grid.columns.width(), added);
        self.grid.horizontal = self
            .grid
            .horizontal
            .clamp(0.0, (self.grid.columns.width() - areas.body.width()).max(0.0));
        if let Some(column) = self.grid.take_revealed() {
            let horizontal = self.grid.horizontal;
            let width = areas.body.width();
            self.grid.horizontal = self.grid.columns.revealing(column, horizontal, width);
        }
        self.grid.set_visible(f64::from(areas.body.height() / theme.spacing.row));
        self.grid.set_shown_added(areas.shown_added);

        // A finger drags the rows; a mouse does not.
        let is_touched = ui.input(egui::InputState::any_touches);
        let sense = if is_touched { Sense::click_and_drag() } else { Sense::click() };
        let body = ui.interact(areas.body, id, sense);
        if body.clicked() {
            body.request_focus();
        }
        let mut events = Vec::new();
        self.keys(&ui, id, areas.body, &mut events);
        if let Some(area) = areas.added {
            self.wheel_over_added(&ui, area, theme.spacing.row);
        }
        self.wheel(&ui, &body, theme.spacing.row);
        self.finger(&ui, &body, theme.spacing.row);
        scroll_bar::vertical(&mut ui, self.grid, areas.vertical);
        if let Some(area) = areas.horizontal {
            scroll_bar::horizontal(&mut ui, self.grid, area, areas.body.width());
        }
        // It stands now where it will be drawn.
        (self.read)(self.grid);
        header::show(&mut ui, self.grid, self.texts, areas.header, &mut events);
        let state = self.grid.selection.state(self.grid.extent().total);
        let steps = gutter::header_box(&ui, areas.header_gutter(), state, self.texts);
        let mut drawn = Drawn { events, steps: steps.into_iter().collect(), edited: None };
        self.rows(&mut ui, &areas, theme, &mut drawn);
        self.added_rows(&mut ui, &areas, theme, &mut drawn);
        let Drawn { mut events, steps, edited } = drawn;
        self.edit(&mut ui, edited, areas.cells(), &mut events);
        for step in steps {
            self.grid.select(step);
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        frozen_line(&ui, self.grid, areas.header.union(areas.cells()));
        self.take_click(&ui, id);
        let (grid, texts) = (&*self.grid, self.texts);
        messages::message(&mut ui, grid, texts, self.is_filtered, areas.body, theme, &mut events);
        messages::banner(&mut ui, grid, texts, areas.body, theme, &mut events);
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_bounds(bounds(outer));
            node.set_column_count(self.grid.columns.len());
            let added = self.grid.source().added();
            let rows = self.grid.total().map(|total| total.rows + added);
            if let Some(rows) = rows.and_then(|rows| usize::try_from(rows).ok()) {
                node.set_row_count(rows);
            }
        });
        events
    }

    /// Focuses the cell that was clicked.
    fn take_click(&mut self, ui: &Ui, id: Id) {
        if let Some(focus) = take_click(ui.ctx(), self.grid.source().id()) {
            self.grid.set_focus(focus);
            self.grid.selection.settle();
            ui.memory_mut(|memory| memory.request_focus(id));
        }
    }

    /// Moves the focused cell, while keys go to the grid or to nothing else.
    fn keys(&mut self, ui: &Ui, id: Id, body: Rect, events: &mut Vec<GridEvent>) {
        let focused = ui.memory(egui::Memory::focused);
        let is_mine = focused.map_or(self.is_active, |focused| focused == id);
        if !is_mine || egui::Popup::is_any_open(ui.ctx()) {
            return;
        }
        if focused == Some(id) {
            let arrows = EventFilter {
                tab: true,
                horizontal_arrows: true,
                vertical_arrows: true,
                escape: true,
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
        }
        if self.editor.is_some() {
            return;
        }
        if focused == Some(id) && self.grid.focus().is_some() {
            let before = events.len();
            Self::begin_editing(ui, events);
            if events.len() > before {
                // What else was pressed belongs to the text.
                return;
            }
        }
        let space = egui::KeyboardShortcut::new(Modifiers::NONE, Key::Space);
        if ui.input_mut(|input| take_key(input, space)) {
            self.grid.toggle_focused();
        }
        for (movement, is_extending) in movements(ui.ctx()) {
            let before = self.grid.focus();
            if is_extending {
                self.grid.extend_by(movement);
                // The record that is open is not what is being selected.
                continue;
            }
            self.grid.move_focus(movement);
            self.grid.selection.settle();
            if self.opened.is_some() && self.grid.focus() != before {
                events.push(GridEvent::Open);
            }
            if let Some(focus) = self.grid.focus() {
                let horizontal = self.grid.horizontal;
                let columns = &self.grid.columns;
                self.grid.horizontal = columns.revealing(focus.column, horizontal, body.width());
            }
        }
    }

    /// Takes what begins to edit the focused cell: letters, and what is pasted.
    fn begin_editing(ui: &Ui, events: &mut Vec<GridEvent>) {
        let mut typed = String::new();
        ui.input_mut(|input| {
            input.events.retain(|event| match event {
                // The blank selects the row.
                Event::Text(text) if typed.is_empty() && text.trim().is_empty() => true,
                Event::Text(text) => {
                    typed.push_str(text);
                    false
                }
                Event::Paste(text) => {
                    events.push(GridEvent::Paste(text.clone()));
                    false
                }
                _ => true,
            });
        });
        if !typed.is_empty() {
            events.push(GridEvent::Edit(Some(typed)));
        }
    }

    /// Draws the cell that is being edited; the focused cell is where that is.
    fn edit(&mut self, ui: &mut Ui, rect: Option<Rect>, cells: Rect, events: &mut Vec<GridEvent>) {
        let Some(editor) = &mut self.editor else { return };
        let column = self.grid.columns.place_of(editor.position);
        let column = column.and_then(|place| self.grid.columns.get(place));
        let at_right = column.is_some_and(|column| column.meta.is_right_aligned());
        let title = column.map_or_else(String::new, |column| column.meta.title(self.texts));
        let mut cell = ui.new_child(UiBuilder::new().max_rect(cells));
        cell.set_clip_rect(cells.intersect(ui.clip_rect()));
        let name = self.grid.source().id();
        cell_editing::show(&mut cell, editor, name, (rect, at_right), &title, events);
    }

    fn wheel(&mut self, ui: &Ui, body: &egui::Response, row: f32) {
        if !ui.rect_contains_pointer(body.rect) {
            return;
        }
        let delta = ui.input(egui::InputState::smooth_scroll_delta);
        if delta.y != 0.0 {
            let place = self.grid.scroll().moved(f64::from(-delta.y / row), self.grid.extent());
            self.grid.scroll_to(place);
        }
        self.grid.horizontal -= delta.x;
    }

    /// Scrolls the rows that stand below the others by whole rows.
    fn wheel_over_added(&mut self, ui: &Ui, area: Rect, row: f32) {
        if !ui.rect_contains_pointer(area) {
            return;
        }
        let delta = ui.input(|input| input.smooth_scroll_delta().y);
        let top = self.grid.shown_added().start - FIRST_ADDED;
        let rows = (delta.abs() / row).ceil();
        let rows = if delta == 0.0 { 0 } else { rows_of(rows) };
        self.grid.scroll_added_to(if delta > 0.0 {
            top.saturating_sub(rows)
        } else {
            top.saturating_add(rows)
        });
    }

    /// Follows a finger, and goes on when it has let go.
    fn finger(&mut self, ui: &Ui, body: &egui::Response, row: f32) {
        let (velocity, passed, is_pressed) = ui.input(|input| {
            let passed = Duration::try_from_secs_f32(input.stable_dt).unwrap_or_default();
            (input.pointer.velocity(), passed, input.pointer.any_pressed())
        });
        let moved = if body.dragged() {
            self.grid.fling.hold(f64::from(-velocity.y / row));
            self.grid.horizontal -= body.drag_delta().x;
            f64::from(-body.drag_delta().y / row)
        } else if is_pressed {
            self.grid.fling.stop();
            0.0
        } else {
            self.grid.fling.let_go();
            self.grid.fling.advance(passed)
        };
        if moved != 0.0 {
            let place = self.grid.scroll().moved(moved, self.grid.extent());
            self.grid.scroll_to(place);
        }
        if self.grid.fling.is_moving() {
            ui.ctx().request_repaint();
        }
    }

    fn rows(&self, ui: &mut Ui, areas: &Areas, theme: &Theme, drawn: &mut Drawn) {
        let (body, whole) = (areas.body, areas.whole());
        let mut ui = ui.new_child(UiBuilder::new().id_salt("rows").max_rect(whole));
        ui.set_clip_rect(whole.intersect(ui.clip_rect()));
        if self.grid.is_blank() && self.grid.load_error().is_none() {
            skeleton(&ui, body, theme, self.grid);
        }
        if self.grid.load_error().is_some() {
            ui.multiply_opacity(DIMMED);
        } else if let Some(since) = self.grid.outdated_since() {
            match PATIENCE.checked_sub(since.elapsed()) {
                Some(rest) if !rest.is_zero() => ui.ctx().request_repaint_after(rest),
                _ => ui.multiply_opacity(DIMMED),
            }
        }
        let scroll = self.grid.scroll();
        let extent = self.grid.extent();
        let mut top = body.top() - offset(scroll.fraction, theme.spacing.row);
        for row in scroll.rows(extent) {
            let rect =
                Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), theme.spacing.row));
            let gutter = rect.with_min_x(whole.left()).with_max_x(body.left());
            self.row(&mut ui, row, (gutter, rect), theme, drawn);
            top += theme.spacing.row;
        }
    }

    /// Draws the rows that stand below the others.
    fn added_rows(&self, ui: &mut Ui, areas: &Areas, theme: &Theme, drawn: &mut Drawn) {
        let Some(area) = areas.added else { return };
        let whole = area.with_min_x(areas.left);
        let mut ui = ui.new_child(UiBuilder::new().id_salt("added rows").max_rect(whole));
        ui.set_clip_rect(whole.intersect(ui.clip_rect()));
        ui.painter().rect_filled(whole, 0.0, theme.colors.canvas);
        let line = Stroke::new(1.0, theme.colors.new);
        ui.painter().hline(whole.x_range(), whole.top() + 0.5, line);
        let mut top = area.top() + ADDED_LINE;
        for row in self.grid.shown_added() {
            let rect =
                Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), theme.spacing.row));
            let gutter = rect.with_min_x(whole.left()).with_max_x(area.left());
            self.row(&mut ui, row, (gutter, rect), theme, drawn);
            top += theme.spacing.row;
        }
    }

    /// Returns the place of a row among all, counted from 0.
    fn index(&self, row: u64) -> u64 {
        match row.checked_sub(FIRST_ADDED) {
            Some(place) => self.grid.extent().total + place,
            None => row,
        }
    }

    fn row(
        &self,
        ui: &mut Ui,
        row: u64,
        (gutter, rect): (Rect, Rect),
        theme: &Theme,
        drawn: &mut Drawn,
    ) {
        let Drawn { events, steps, edited } = drawn;
        let whole = rect.union(gutter);
        let mut ui = ui
            .new_child(UiBuilder::new().id_salt(row).max_rect(whole).accessibility_role(Role::Row));
        let cells_clip = ui.clip_rect().with_min_x(rect.left());
        let Some((listed, labels)) = self.grid.row(row) else {
            ui.set_clip_rect(cells_clip);
            placeholder(&ui, rect, theme, self.grid);
            return;
        };
        let Some(key) = self.grid.source().key(row) else { return };
        let is_open = self.opened == Some(&key);
        let is_pointed_at = ui.rect_contains_pointer(whole);
        let selection = &self.grid.selection;
        let is_in_selection = self.grid.is_selected(row, &key);
        let is_selected = is_in_selection && selection.columns().is_none();
        let fill = match (is_open || is_selected, is_pointed_at) {
            (true, _) => Some(theme.colors.selected_row),
            (false, true) => Some(theme.colors.surface_raised),
            (false, false) => (row % 2 == 1).then_some(theme.colors.canvas_alternate),
        };
        if let Some(fill) = fill {
            ui.painter().rect_filled(whole, 0.0, fill);
        }
        let overlaid = self.overlay.row(&key);
        if let Some(overlaid) = &overlaid {
            overlaid.draw_ground(&ui, whole, theme);
        }
        if is_open {
            let bar = Rect::from_min_size(whole.min, vec2(3.0, whole.height()));
            ui.painter().rect_filled(bar, 0.0, theme.colors.accent);
        }
        let shows_box = is_pointed_at || !selection.is_empty();
        let index = self.index(row);
        let step = gutter::row_box(&ui, gutter, (row, index), is_selected, shows_box, self.texts);
        steps.extend(step);
        ui.set_clip_rect(cells_clip);
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_bounds(bounds(rect));
            if let Ok(index) = usize::try_from(index) {
                node.set_row_index(index);
            }
            if is_open || is_selected {
                node.set_selected(true);
            }
        });
        let clip = ui.clip_rect();
        for Placed { place, left, covered, column } in
            self.grid.columns.placed(self.grid.horizontal)
        {
            let left = rect.left() + left;
            let cell =
                Rect::from_min_size(pos2(left, rect.top()), vec2(column.width, rect.height()));
            ui.set_clip_rect(beside_frozen(clip, rect, covered));
            if !cell.intersects(ui.clip_rect()) {
                continue;
            }
            if is_in_selection
                && selection.columns().is_some_and(|columns| columns.contains(&place))
            {
                ui.painter().rect_filled(cell, 0.0, theme.colors.selected_row);
            }
            let staged = overlaid.as_ref().and_then(|row| row.cell(column.position));
            if let Some(staged) = staged {
                staged.draw_ground(&ui, cell, theme);
            }
            let editor = self.editor.as_ref().filter(|editor| editor.key == key);
            if editor.is_some_and(|editor| editor.position == column.position) {
                *edited = Some(cell);
            }
            let stored = listed.cell(column.position);
            let shown = staged.map_or(stored, |staged| Cell::Whole(&staged.value));
            // References are never cut.
            let value = shown.start();
            let pointed_to = column.meta.references.and_then(|reference| {
                let is_pointed_at = is_pointed_at && ui.rect_contains_pointer(cell);
                let target = || RecordKey(vec![value.clone()]);
                (is_pointed_at && !value.is_null()).then(|| (reference.table, target()))
            });
            let image = self.grid.source().image(listed, column.position);
            let image = image.filter(|_| staged.is_none());
            if let Some(place) = image.as_ref().filter(|place| self.thumbnails.lacks(place)) {
                events.push(GridEvent::Image(place.clone()));
            }
            let own = column
                .meta
                .entity_column
                .and_then(|own| self.extensions.cell_of(own.entity.table, own.position));
            let view = CellView {
                column,
                place,
                cell: shown,
                remark: staged.and_then(|staged| staged.remark.as_deref()),
                hint: staged.and_then(|staged| staged.hint.as_deref()),
                label: staged.and_then(|staged| staged.label.as_deref()),
                labels,
                is_focused: self.grid.focus() == Some(Focus { row, column: place }),
                image: image.map_or(CellImage::None, |place| {
                    self.thumbnails.get(&place).map_or(CellImage::Room, CellImage::Shown)
                }),
                preview: pointed_to.as_ref().and_then(|(table, key)| self.previews.get(table, key)),
                own,
                texts: self.texts,
                theme,
            };
            let response = view.show(&mut ui, cell);
            if column.meta.names_rows
                && row < FIRST_ADDED
                && !is_open
                && (is_pointed_at || self.grid.focus().is_some_and(|focus| focus.row == row))
                && self.open_button(&ui, cell, row)
            {
                events.push(GridEvent::Open);
                clicked(ui.ctx(), self.grid.source().id(), Focus { row, column: place });
            }
            if let Some((table, key)) = pointed_to
                && self.previews.lacks(table, &key)
            {
                events.push(GridEvent::Preview { table, key });
            }
            if response.secondary_clicked() {
                steps.push(SelectStep::TurnTo(row));
            }
            self.cell_menu(&response, (row, place), events);
            if response.clicked() {
                let reference = column.meta.references;
                let modifiers = ui.input(|input| input.modifiers);
                let is_command = modifiers.command;
                if modifiers.shift {
                    let columns = ExtendColumns::AsBefore;
                    steps.push(SelectStep::ExtendTo { row, column: place, columns });
                    continue;
                }
                if is_command && (reference.is_none() || value.is_null()) {
                    steps.push(SelectStep::Toggle(row));
                    continue;
                }
                match reference.filter(|_| is_command) {
                    Some(reference) if !value.is_null() => {
                        events.push(GridEvent::OpenReference {
                            table: reference.table,
                            key: value.clone(),
                        });
                    }
                    // A click alone hides no part of the grid: where a record is open, it is
                    // another one's turn.
                    _ if response.double_clicked() => events.push(GridEvent::Edit(None)),
                    _ if self.opened.is_some() => events.push(GridEvent::Open),
                    _ => {}
                }
                clicked(ui.ctx(), self.grid.source().id(), Focus { row, column: place });
            }
        }
        if let Some(overlaid) = &overlaid {
            overlaid.strike_out(&ui, rect, theme);
        }
    }

    /// Draws the button that opens a row's record, at the end of its name; returns whether that is
    /// wanted.
    fn open_button(&self, ui: &Ui, cell: Rect, row: u64) -> bool {
        let size = Vec2::splat(cell.height() - 4.0);
        let place = pos2(cell.right() - size.x / 2.0 - 3.0, cell.center().y);
        let area = Rect::from_center_size(place, size);
        // Not focusable: Enter does the same.
        let response = ui.interact(area, ui.unique_id().with(("open", row)), Sense::CLICK);
        let name = self.texts.text(Command::Open.name());
        let role = egui::Role::Button;
        response
            .widget_info(|| egui::WidgetInfo::labeled(role, true, format!("{name} {}", row + 1)));
        let theme = Theme::of(ui.ctx());
        let (fill, color) = if response.hovered() {
            (theme.colors.control_hovered, theme.colors.text)
        } else {
            (theme.colors.control, theme.colors.text_weak)
        };
        ui.painter().rect_filled(area, f32::from(theme.spacing.radius), fill);
        let font = egui::FontId::new(theme.text.icon, egui::FontFamily::Proportional);
        let mark = icon::ICON_CHEVRON_RIGHT.codepoint;
        ui.painter().text(area.center(), egui::Align2::CENTER_CENTER, mark, font, color);
        let hint = || match Command::Open.shortcuts().first() {
            Some(keys) => format!("{name} ({})", ui.ctx().format_shortcut(keys)),
            None => name.clone(),
        };
        response
            .on_hover_ui(|ui| {
                ui.label(hint());
            })
            .clicked()
    }

    /// Opens the menu of what can be done with a cell and its row.
    fn cell_menu(
        &self,
        response: &egui::Response,
        (row, column): (u64, usize),
        events: &mut Vec<GridEvent>,
    ) {
        if response.secondary_clicked() && self.grid.focus() != Some(Focus { row, column }) {
            clicked(&response.ctx, self.grid.source().id(), Focus { row, column });
        }
        response.context_menu(|ui| {
            for command in self.cell_commands.iter().copied() {
                let name = self.texts.text(command.name());
                let keys = command.shortcuts().first().map(|keys| ui.ctx().format_shortcut(keys));
                let button = egui::Button::new(name.as_str());
                let button = button.shortcut_text(keys.unwrap_or_default());
                if ui.add(button).accessible_name(name).clicked() {
                    events.push(GridEvent::Command(command));
                    ui.close();
                }
            }
        });
    }
}

/// Returns where something is, as a screen reader is told.
fn bounds(rect: Rect) -> egui::accesskit::Rect {
    egui::accesskit::Rect {
        x0: rect.left().into(),
        y0: rect.top().into(),
        x1: rect.right().into(),
        y1: rect.bottom().into(),
    }
}

/// What comes of drawing the rows.
struct Drawn {
    events: Vec<GridEvent>,
    steps: Vec<SelectStep>,
    /// Where the cell stands that is being edited.
    edited: Option<Rect>,
}

/// The grid's parts.
struct Areas {
    /// Where the boxes begin that select rows.
    left: f32,
    header: Rect,
    body: Rect,
    /// Where the rows stand that do not scroll with the others, and how many there is room for.
    added: Option<Rect>,
    shown_added: u64,
    vertical: Rect,
    horizontal: Option<Rect>,
}

impl Areas {
    /// Returns the area of the cells and the boxes beside them.
    fn whole(&self) -> Rect {
        self.body.with_min_x(self.left)
    }

    /// Returns the area of the box in the header.
    fn header_gutter(&self) -> Rect {
        self.header.with_min_x(self.left).with_max_x(self.header.left())
    }

    /// Returns the area of all cells.
    fn cells(&self) -> Rect {
        self.added.map_or(self.body, |added| self.body.union(added))
    }

    fn of(outer: Rect, row: f32, columns: f32, added: u64) -> Self {
        let right = (outer.right() - BAR).max(outer.left());
        let top = (outer.top() + row + 2.0).min(outer.bottom());
        let left = (outer.left() + gutter::WIDTH).min(right);
        let needs_bar = columns > right - left;
        let bottom = if needs_bar { (outer.bottom() - BAR).max(top) } else { outer.bottom() };
        let room = rows_of((bottom - top) * MOST_ADDED / row).max(1);
        let shown_added = added.min(room);
        let height = if added == 0 { 0.0 } else { height_of(shown_added, row) + ADDED_LINE };
        let end = (bottom - height).max(top);
        Self {
            left: outer.left(),
            header: Rect::from_min_max(pos2(left, outer.top()), pos2(outer.right(), top)),
            body: Rect::from_min_max(pos2(left, top), pos2(right, end)),
            added: (added > 0)
                .then(|| Rect::from_min_max(pos2(left, end), pos2(outer.right(), bottom))),
            shown_added,
            vertical: Rect::from_min_max(pos2(right, top), pos2(outer.right(), end)),
            horizontal: needs_bar
                .then(|| Rect::from_min_max(pos2(left, bottom), pos2(right, outer.bottom()))),
        }
    }
}

/// Takes the keys that move the focused cell out of the input.
fn movements(ctx: &Context) -> Vec<(Movement, bool)> {
    ctx.input_mut(|input| {
        let mut movements = Vec::new();
        input.events.retain(|event| {
            let egui::Event::Key { key, pressed: true, modifiers, .. } = event else {
                return true;
            };
            let movement = keys::movement(*key, *modifiers);
            movements.extend(movement);
            movement.is_none()
        });
        movements
    })
}

/// Returns how many whole rows there are.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as many as fit on a screen; the cast saturates"
)]
const fn rows_of(rows: f32) -> u64 {
    rows as u64
}

/// Returns how high rows are.
#[expect(clippy::cast_precision_loss, reason = "as many as fit on a screen")]
fn height_of(rows: u64, row: f32) -> f32 {
    rows as f32 * row
}

#[expect(clippy::cast_possible_truncation, reason = "less than one row")]
fn offset(fraction: f64, row: f32) -> f32 {
    fraction as f32 * row
}
