//! Draws what stands in the middle of the window: panes in tabs, side by side where a person drags
//! them.

use egui::text::TextFormat;
use egui::{Align2, Color32, FontFamily, FontId, Id, Rect, Response, Sense, Stroke, Ui};
use egui::{Visuals, WidgetInfo, WidgetText, pos2, vec2};
use egui_material_icons::MaterialIcon;
use egui_tiles::{Behavior, SimplificationOptions, TabState, Tabs, TileId, Tiles, UiResponse};

use super::Effects;
use super::Jobs;
use super::context::Shown;
use super::effects::Effect;
use super::entity_pane::EntityPane;
use super::entity_views::EntityViews;
use super::open_records::{OpenRecord, OpenRecords, RecordTab};
use super::page::{Pages, page_icon, page_title};
use super::staged::Staged;
use super::workspace::Workspace;
use crate::panes::{OPTIONS, Pane};
use crate::theme::{self, Theme, icon};
use crate::tr;

/// The height of the tabs, in points.
const TAB_BAR: f32 = 30.0;

/// The width up to which the title of a tab is shown, in points.
const TITLE: f32 = 200.0;

/// The size of the button that closes a tab, in points.
const CLOSE: f32 = 18.0;

/// The radius of the mark of a tab with something that is not saved, in points.
const UNSAVED: f32 = 2.5;

impl Workspace {
    /// Draws the middle of the window.
    pub fn show(&mut self, ui: &mut Ui, shown: &Shown<'_>, jobs: &mut Jobs, effects: &mut Effects) {
        let panes = &mut self.panes;
        let mut drawing = Drawing {
            // A record's tab is closed by its bar.
            has_bar: panes.count() > 1 || panes.all().any(Pane::is_record),
            active: panes.active_tile(),
            touched: None,
            views: &mut self.views,
            staged: &self.staged,
            records: &mut self.records,
            pages: &mut self.pages,
            shown,
            jobs,
            effects,
        };
        panes.draw(ui, &mut drawing);
        let touched = drawing.touched;
        panes.touch(touched);
    }
}

/// Draws the panes of a tree.
struct Drawing<'a> {
    views: &'a mut EntityViews,
    staged: &'a Staged,
    records: &'a mut OpenRecords,
    pages: &'a mut Pages,
    shown: &'a Shown<'a>,
    /// For rows that are to be drawn at once.
    jobs: &'a mut Jobs,
    effects: &'a mut Effects,
    has_bar: bool,
    active: Option<TileId>,
    /// The pane in which the pointer has just been pressed.
    touched: Option<TileId>,
}

impl Behavior<Pane> for Drawing<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, tile: TileId, pane: &mut Pane) -> UiResponse {
        let area = ui.max_rect();
        let pressed = ui.input(|input| {
            input.pointer.any_pressed().then(|| input.pointer.interact_pos()).flatten()
        });
        if let Some(at) = pressed.filter(|at| area.contains(*at))
            && ui.ctx().layer_id_at(at) == Some(ui.layer_id())
        {
            self.touched = Some(tile);
        }
        let is_active = self.touched.or(self.active) == Some(tile);
        self.pane(ui, pane, is_active);
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        self.title(pane).into()
    }

    fn is_tab_closable(&self, _tiles: &Tiles<Pane>, _tile: TileId) -> bool {
        self.has_bar
    }

    fn is_tab_bar_visible(&self, _tile: TileId, _tabs: &Tabs) -> bool {
        self.has_bar
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        TAB_BAR
    }

    fn simplification_options(&self) -> SimplificationOptions {
        OPTIONS
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        visuals.panel_fill
    }

    fn tab_bar_hline_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::NONE
    }

    fn on_tab_button(
        &mut self,
        _tiles: &mut Tiles<Pane>,
        tile: TileId,
        response: Response,
    ) -> Response {
        if response.clicked() {
            self.touched = Some(tile);
        }
        response
    }

    fn tab_ui(
        &mut self,
        tiles: &mut Tiles<Pane>,
        ui: &mut Ui,
        id: Id,
        tile: TileId,
        state: &TabState,
    ) -> Response {
        let theme = Theme::of(ui.ctx());
        let title = self.tab_title_for_tile(tiles, tile).text().to_owned();
        let is_active = self.active == Some(tile);
        let color = if state.active { theme.colors.text } else { theme.colors.text_weak };
        let font = FontId::new(theme.text.body, FontFamily::Proportional);
        let galley = crate::grid::one_line(ui, &title, TextFormat::simple(font, color), TITLE);
        let margin = theme.spacing.group;
        let width = galley.size().x + margin + CLOSE + 2.0 * theme.spacing.item;
        let (_, area) = ui.allocate_space(vec2(width, ui.available_height()));
        let response = ui.interact(area, id, Sense::click_and_drag());
        response.widget_info(|| {
            WidgetInfo::selected(egui::Role::Tab, ui.is_enabled(), state.active, &title)
        });
        let is_dirty = tiles.get_pane(&tile).is_some_and(|pane| self.is_dirty(pane));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_selected(state.active);
            if is_dirty {
                node.set_description(tr!(self.shown.texts, "pane-unsaved"));
            }
        });
        if state.is_being_dragged {
            return response;
        }
        let fill = match (state.active, response.hovered()) {
            (true, _) => theme.colors.canvas,
            (false, true) => theme.colors.control,
            (false, false) => theme.colors.surface,
        };
        ui.painter().rect_filled(area, 0.0, fill);
        if is_active {
            let line = Rect::from_min_size(area.min, vec2(area.width(), 2.0));
            ui.painter().rect_filled(line, 0.0, theme.colors.accent);
        }
        let top = area.center().y - galley.size().y / 2.0;
        ui.painter().galley(pos2(area.left() + margin, top), galley, color);
        if is_dirty {
            let center = pos2(area.left() + 2.0 * UNSAVED, area.center().y);
            ui.painter().circle_filled(center, UNSAVED, theme.colors.staged);
        }
        let is_closed = state.closable && self.close_button(ui, area, id, &title)
            || response.clicked_by(egui::PointerButton::Middle);
        if let Some(pane) = tiles.get_pane(&tile).filter(|_| is_closed) {
            self.effects.push(Effect::Close(pane.clone()));
        }
        self.on_tab_button(tiles, tile, response)
    }
}

impl Drawing<'_> {
    /// Draws a pane: a function of what is open in it.
    fn pane(&mut self, ui: &mut Ui, pane: &Pane, is_active: bool) {
        let shown = *self.shown;
        match pane {
            Pane::Entity(table) => {
                let place = self.views.place_of(table);
                let opened = self.records.panel.as_ref();
                let opened = opened.filter(|record| Some(record.view) == place);
                let opened = opened.and_then(OpenRecord::row).map(|row| row.key);
                let pending = self.pages.migrations.migrations.pending();
                let pane = EntityPane {
                    shown,
                    pending: &pending,
                    staged: self.staged,
                    opened: opened.as_ref(),
                    is_active,
                };
                if let Some(view) = self.views.of_mut(table) {
                    view.show(ui, pane, self.jobs, self.effects);
                }
            }
            Pane::Page(page) => self.pages.show(ui, *page, &shown, self.effects),
            Pane::Record { .. } => {
                let OpenRecords { tabs, children, .. } = &mut *self.records;
                if let Some(tab) = tabs.iter_mut().find(|tab| tab.is_of(pane)) {
                    tab.show(ui, &shown, children, self.effects);
                }
            }
        }
    }

    fn title(&self, pane: &Pane) -> String {
        let texts = self.shown.texts;
        let entity = |table: &String| {
            let view = self.views.of(table);
            view.map_or_else(|| table.clone(), |view| texts.entity(view.meta()))
        };
        match pane {
            Pane::Entity(table) => entity(table),
            Pane::Page(page) => page_title(*page, texts),
            Pane::Record { table, key } => {
                let name = self.records.tab(pane).and_then(RecordTab::name);
                name.unwrap_or_else(|| format!("{} / {key}", entity(table)))
            }
        }
    }

    /// Returns whether something was typed in a pane that is not saved.
    fn is_dirty(&self, pane: &Pane) -> bool {
        self.records.tab(pane).is_some_and(RecordTab::is_dirty)
    }

    fn close_button(&self, ui: &Ui, tab: Rect, id: Id, title: &str) -> bool {
        let theme = Theme::of(ui.ctx());
        let center = pos2(tab.right() - theme.spacing.item - CLOSE / 2.0, tab.center().y);
        let area = Rect::from_center_size(center, vec2(CLOSE, CLOSE));
        let response = ui.interact(area, id.with("close"), Sense::click());
        let name = tr!(self.shown.texts, "pane-close", title = title);
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), &name));
        let color = if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(area, 3.0, theme.colors.control_hovered);
            theme.colors.text
        } else {
            theme.colors.text_weak
        };
        let font = FontId::new(theme.text.icon - 2.0, FontFamily::Proportional);
        let mark = icon::ICON_CLOSE.codepoint;
        ui.painter().text(center, Align2::CENTER_CENTER, mark, font, color);
        response.clicked()
    }
}

/// Returns the mark of a pane.
pub(super) fn pane_icon(pane: &Pane, views: &EntityViews) -> MaterialIcon {
    match pane {
        Pane::Entity(table) => {
            theme::entity_icon(views.of(table).and_then(|view| view.meta().icon))
        }
        Pane::Page(page) => page_icon(*page),
        Pane::Record { .. } => icon::ICON_ARTICLE,
    }
}
