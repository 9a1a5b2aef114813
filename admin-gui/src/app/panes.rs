//! What stands in the middle of the window: entities and pages in tabs, side by side where a
//! person drags them.

use egui::text::TextFormat;
use egui::{Align2, Color32, FontFamily, FontId, Id, Rect, Response, Sense, Stroke, Ui};
use egui::{Visuals, WidgetInfo, WidgetText, pos2, vec2};
use egui_tiles::{
    Behavior, Container, Linear, LinearDir, SimplificationOptions, TabState, Tabs, Tile, TileId,
    Tiles, Tree, UiResponse,
};
use persistence::RecordKey;
use serde::{Deserialize, Serialize};

use super::AdminApp;
use super::open_records::RecordTab;
use super::record_tabs::TabEvent;
pub(super) use crate::Place;
use crate::theme::{Theme, icon};
use crate::tr;

/// The height of the tabs, in points.
const TAB_BAR: f32 = 30.0;

/// The width up to which the title of a tab is shown, in points.
const TITLE: f32 = 200.0;

/// The size of the button that closes a tab, in points.
const CLOSE: f32 = 18.0;

/// The radius of the mark of a tab with something that is not saved, in points.
const UNSAVED: f32 = 2.5;

/// What can stand in the middle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pane {
    /// The rows of an entity, by its table.
    Entity(String),
    /// Something about the whole database.
    Page(Page),
    /// A record.
    Record {
        /// Its entity's table.
        table: String,
        /// Its primary key.
        key: RecordKey,
    },
}

impl Pane {
    /// Whether this is a record.
    pub(super) const fn is_record(&self) -> bool {
        matches!(self, Self::Record { .. })
    }
}

/// Something about the whole database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// The entities and how they refer to each other.
    Diagram,
    /// How many rows there are of what.
    Overview,
    /// The statements that have been run.
    QueryLog,
}

impl Page {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 3] = [Self::Diagram, Self::Overview, Self::QueryLog];
}

/// The panes and which of them the keys and the commands mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panes {
    tree: Tree<Pane>,
    active: Option<TileId>,
}

impl Panes {
    /// One pane, or nothing.
    pub fn new(pane: Option<Pane>) -> Self {
        let tree = Tree::new_tabs(Id::unique("panes"), pane.into_iter().collect());
        let mut panes = Self { tree, active: None };
        panes.settle();
        panes
    }

    /// The pane that keys and commands mean.
    pub fn active(&self) -> Option<&Pane> {
        self.tree.tiles.get_pane(&self.active?)
    }

    /// The panes that can be seen.
    pub fn visible(&self) -> impl Iterator<Item = &Pane> {
        let tiles = self.tree.active_tiles();
        tiles.into_iter().filter_map(|tile| self.tree.tiles.get_pane(&tile))
    }

    /// Shows a pane: where it is, if it is open already, else where it is wanted.
    pub(super) fn open(&mut self, pane: Pane, place: Place) {
        if let Some(tile) = self.tree.tiles.find_pane(&pane) {
            self.activate(tile);
            return;
        }
        let active = self.active.and_then(|tile| self.tree.tiles.get_mut(tile));
        match (place, active) {
            (Place::Here, Some(Tile::Pane(shown))) => *shown = pane,
            _ => self.open_beside_active(pane),
        }
    }

    fn open_beside_active(&mut self, pane: Pane) {
        let tile = self.tree.tiles.insert_pane(pane);
        let tabs = self.active.and_then(|active| self.tree.tiles.parent_of(active));
        match tabs.or(self.tree.root()) {
            Some(tabs) => {
                let place = self.place_after_active(tabs);
                self.tree.move_tile_to_container(tile, tabs, place, false);
            }
            None => self.tree.root = Some(self.tree.tiles.insert_tab_tile(vec![tile])),
        }
        self.activate(tile);
    }

    fn place_after_active(&self, tabs: TileId) -> usize {
        let container = self.tree.tiles.get_container(tabs);
        let children = container.map(|container| container.children().copied().collect());
        let children: Vec<TileId> = children.unwrap_or_default();
        let active = children.iter().position(|child| Some(*child) == self.active);
        active.map_or(children.len(), |place| place + 1)
    }

    /// Shows a pane where another one stood.
    pub(super) fn replace(&mut self, old: &Pane, new: Pane) {
        let tile = self.tree.tiles.find_pane(old);
        if let Some(Tile::Pane(shown)) = tile.and_then(|tile| self.tree.tiles.get_mut(tile)) {
            *shown = new;
        }
    }

    /// Closes a pane, unless it is the only one.
    pub(super) fn close(&mut self, pane: &Pane) {
        let Some(tile) = self.tree.tiles.find_pane(pane).filter(|_| self.count() > 1) else {
            return;
        };
        let next = self.neighbour(tile, -1).filter(|_| self.active == Some(tile));
        self.tree.remove_recursively(tile);
        if let Some(next) = next {
            self.activate(next);
        }
        self.settle();
    }

    /// Whether a pane is open.
    pub(super) fn contains(&self, pane: &Pane) -> bool {
        self.tree.tiles.find_pane(pane).is_some()
    }

    /// All panes that are open.
    pub(super) fn all(&self) -> impl Iterator<Item = &Pane> {
        self.tiles().map(|(_, pane)| pane)
    }

    /// Goes to the tab after the active one, or before it.
    pub(super) fn step(&mut self, by: isize) {
        if let Some(next) = self.active.and_then(|tile| self.neighbour(tile, by)) {
            self.activate(next);
        }
    }

    /// Puts the active tab at the right of the others.
    pub(super) fn split(&mut self) {
        let Some(tile) = self.active.filter(|_| self.count() > 1) else {
            return;
        };
        let Some(root) = self.tree.root() else { return };
        self.tree.tiles.iter_mut().for_each(|(_, other)| {
            if let Tile::Container(container) = other {
                container.retain(|child| child != tile);
            }
        });
        let tabs = self.tree.tiles.insert_tab_tile(vec![tile]);
        let mut row = Linear { dir: LinearDir::Horizontal, ..Linear::default() };
        row.add_child(root);
        row.add_child(tabs);
        self.tree.root = Some(self.tree.tiles.insert_container(Container::Linear(row)));
        self.tree.simplify(&OPTIONS);
    }

    /// Lets go of panes that are not there any more.
    pub(super) fn retain(&mut self, keep: impl Fn(&Pane) -> bool) {
        let gone = self.tiles().filter(|(_, pane)| !keep(pane)).map(|(tile, _)| tile);
        for tile in gone.collect::<Vec<_>>() {
            self.tree.remove_recursively(tile);
        }
        self.settle();
    }

    /// How many panes are open.
    pub(super) fn count(&self) -> usize {
        self.tiles().count()
    }

    fn tiles(&self) -> impl Iterator<Item = (TileId, &Pane)> {
        self.tree.tiles.iter().filter_map(|(tile, content)| match content {
            Tile::Pane(pane) => Some((*tile, pane)),
            Tile::Container(_) => None,
        })
    }

    fn activate(&mut self, tile: TileId) {
        self.tree.make_active(|id, _| id == tile);
        self.active = Some(tile);
    }

    /// The tab so many places after a tab of the same bar, round the ends; another pane where the
    /// bar has no other.
    fn neighbour(&self, tile: TileId, by: isize) -> Option<TileId> {
        let tabs = self.tree.tiles.get_container(self.tree.tiles.parent_of(tile)?)?;
        let children: Vec<TileId> = tabs.children().copied().collect();
        let here = children.iter().position(|child| *child == tile)?;
        let step = by.rem_euclid(isize::try_from(children.len()).ok()?);
        let next = (here + usize::try_from(step).ok()?) % children.len();
        let next = children.get(next).copied().filter(|next| *next != tile);
        next.or_else(|| {
            self.tiles()
                .map(|(other, _)| other)
                .filter(|other| *other != tile)
                .min_by_key(|tile| tile.0)
        })
    }

    /// Sees to it that the active pane is one that can be seen.
    fn settle(&mut self) {
        self.tree.simplify(&OPTIONS);
        let visible = self.tree.active_tiles();
        let is_pane = |tile: &TileId| self.tree.tiles.get_pane(tile).is_some();
        if !self.active.is_some_and(|active| visible.contains(&active) && is_pane(&active)) {
            self.active = visible.into_iter().filter(is_pane).min_by_key(|tile| tile.0);
        }
    }
}

/// Every pane has a bar of tabs, so that it can be dragged and closed wherever it stands.
const OPTIONS: SimplificationOptions = SimplificationOptions {
    prune_empty_tabs: true,
    prune_empty_containers: true,
    prune_single_child_tabs: false,
    prune_single_child_containers: true,
    all_panes_must_have_tabs: true,
    join_nested_linear_containers: true,
    flatten_tabs_in_tabs: true,
};

impl AdminApp {
    /// Draws the middle of the window.
    pub(super) fn panes(&mut self, ui: &mut Ui) {
        let nothing = Panes { tree: Tree::empty(Id::unique("panes")), active: None };
        let mut panes = std::mem::replace(&mut self.panes, nothing);
        let mut drawing = Drawing {
            // A record's tab is closed by its bar.
            has_bar: panes.count() > 1 || panes.all().any(Pane::is_record),
            active: panes.active,
            touched: None,
            closing: Vec::new(),
            events: Vec::new(),
            app: self,
        };
        panes.tree.ui(&mut drawing, ui);
        let Drawing { touched, closing, events, .. } = drawing;
        // Something may have been opened from within a pane.
        let opened = std::mem::take(&mut self.opening);
        if touched.is_some() {
            panes.active = touched;
        }
        self.panes = panes;
        self.panes.settle();
        for (pane, place) in opened {
            self.show_pane(pane, place);
        }
        for pane in closing {
            self.close_pane(&pane);
        }
        for event in events {
            self.tab_event(event);
        }
        self.settle_record_tabs();
        self.current = self.active_entity();
    }

    /// Shows an entity, a page or a record.
    pub(super) fn show_pane(&mut self, pane: Pane, place: Place) {
        if self.panes.tree.is_empty() {
            // The panes are being drawn.
            self.opening.push((pane, place));
        } else {
            let place = if self.may_replace_active(&pane) { place } else { Place::NewTab };
            self.panes.open(pane, place);
            self.current = self.active_entity();
            self.records.is_panel_active = false;
        }
        self.focus = Some(super::Focused::Grid);
    }

    /// Whether a pane may stand where the active one stands: a record only instead of a record of
    /// which nothing is lost, and nothing else instead of a record.
    fn may_replace_active(&self, pane: &Pane) -> bool {
        let Some(active) = self.panes.active() else { return true };
        let is_dirty = self.records.tab(active).is_some_and(RecordTab::is_dirty);
        active.is_record() == pane.is_record() && !is_dirty
    }

    /// Closes a pane once nothing is lost with it.
    pub(super) fn close_pane(&mut self, pane: &Pane) {
        let record = self.records.tab_mut(pane).and_then(RecordTab::record_mut);
        if record.is_some_and(|record| !record.may_close()) {
            // The question stands in its form.
            self.show_pane(pane.clone(), Place::Here);
        } else {
            self.let_go_of(pane);
        }
    }

    /// Closes a pane and what was typed in it.
    pub(super) fn let_go_of(&mut self, pane: &Pane) {
        match pane {
            Pane::Record { table, .. } if self.panes.count() == 1 => {
                self.panes.replace(pane, Pane::Entity(table.clone()));
            }
            _ => self.panes.close(pane),
        }
        self.current = self.active_entity();
        self.focus = Some(super::Focused::Grid);
    }

    pub(super) fn active_entity(&self) -> Option<usize> {
        match self.panes.active()? {
            Pane::Entity(table) => self.place_of(table),
            Pane::Page(_) | Pane::Record { .. } => None,
        }
    }

    /// The places of the entities whose rows can be seen.
    pub(super) fn visible_entities(&self) -> Vec<usize> {
        let entity = |pane: &Pane| match pane {
            Pane::Entity(table) => self.place_of(table),
            Pane::Page(_) | Pane::Record { .. } => None,
        };
        self.panes.visible().filter_map(entity).collect()
    }

    pub(super) fn place_of(&self, table: &str) -> Option<usize> {
        self.views.iter().position(|view| view.meta().table == table)
    }

    fn pane_title(&self, pane: &Pane) -> String {
        match pane {
            Pane::Entity(table) => match self.place_of(table).and_then(|p| self.views.get(p)) {
                Some(view) => self.texts.entity(view.meta()),
                None => table.clone(),
            },
            Pane::Page(page) => self.page_title(*page),
            Pane::Record { .. } => self.record_title(pane),
        }
    }

    /// What a page is called.
    pub(super) fn page_title(&self, page: Page) -> String {
        match page {
            Page::Diagram => tr!(self.texts, "page-diagram"),
            Page::Overview => tr!(self.texts, "page-overview"),
            Page::QueryLog => tr!(self.texts, "page-query-log"),
        }
    }

    fn pane(&mut self, ui: &mut Ui, pane: &Pane, is_active: bool) -> Vec<TabEvent> {
        match pane {
            Pane::Entity(table) => {
                // What a pane draws and does concerns its own entity.
                self.current = self.place_of(table);
                self.entity_pane(ui, is_active);
                self.current = self.active_entity();
            }
            Pane::Page(page) => self.page(ui, *page),
            Pane::Record { .. } => return self.record_pane(ui, pane),
        }
        Vec::new()
    }
}

/// Draws the panes of a tree.
struct Drawing<'a> {
    app: &'a mut AdminApp,
    has_bar: bool,
    active: Option<TileId>,
    /// The pane in which the pointer has just been pressed.
    touched: Option<TileId>,
    /// The panes whose tabs have been closed.
    closing: Vec<Pane>,
    /// What has been asked for in records.
    events: Vec<TabEvent>,
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
        self.events.extend(self.app.pane(ui, pane, is_active));
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        self.app.pane_title(pane).into()
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
                node.set_description(tr!(self.app.texts, "pane-unsaved"));
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
        if state.closable && self.close_button(ui, area, id, &title)
            || response.clicked_by(egui::PointerButton::Middle)
        {
            self.closing.extend(tiles.get_pane(&tile).cloned());
        }
        self.on_tab_button(tiles, tile, response)
    }
}

impl Drawing<'_> {
    /// Whether something was typed in a pane that is not saved.
    fn is_dirty(&self, pane: &Pane) -> bool {
        self.app.records.tab(pane).is_some_and(RecordTab::is_dirty)
    }

    fn close_button(&self, ui: &Ui, tab: Rect, id: Id, title: &str) -> bool {
        let theme = Theme::of(ui.ctx());
        let center = pos2(tab.right() - theme.spacing.item - CLOSE / 2.0, tab.center().y);
        let area = Rect::from_center_size(center, vec2(CLOSE, CLOSE));
        let response = ui.interact(area, id.with("close"), Sense::click());
        let name = tr!(self.app.texts, "pane-close", title = title);
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

/// Marks of the pages.
pub(super) const fn page_icon(page: Page) -> egui_material_icons::MaterialIcon {
    match page {
        Page::Diagram => icon::ICON_SCHEMA,
        Page::Overview => icon::ICON_BAR_CHART,
        Page::QueryLog => icon::ICON_LIST_ALT,
    }
}
