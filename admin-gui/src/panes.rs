//! What stands in the middle of the window: which panes are open, where, and which of them is active.

use egui::{Id, Ui};
use egui_tiles::{
    Behavior, Container, Linear, LinearDir, SimplificationOptions, Tile, TileId, Tree,
};
use persistence::RecordKey;
use serde::{Deserialize, Serialize};

use crate::open_in::OpenIn;

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
    /// Returns the table of the entity whose rows it shows, if it shows any.
    pub fn entity(&self) -> Option<&str> {
        match self {
            Self::Entity(table) => Some(table),
            Self::Page(_) | Self::Record { .. } => None,
        }
    }

    /// Returns whether this is a record.
    pub const fn is_record(&self) -> bool {
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
    /// Who has changed what.
    History,
    /// Which migrations the database has, and in what it differs from what the program expects.
    Migrations,
}

impl Page {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 5] =
        [Self::Diagram, Self::Overview, Self::QueryLog, Self::History, Self::Migrations];
}

/// The panes and which of them the keys and the commands mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panes {
    tree: Tree<Pane>,
    active: Option<TileId>,
}

impl Panes {
    /// Makes panes of which one is open, or none.
    pub fn new(pane: Option<Pane>) -> Self {
        let tree = Tree::new_tabs(Id::unique("panes"), pane.into_iter().collect());
        let mut panes = Self { tree, active: None };
        panes.settle();
        panes
    }

    /// Draws them.
    pub fn draw(&mut self, ui: &mut Ui, behavior: &mut impl Behavior<Pane>) {
        self.tree.ui(behavior, ui);
    }

    /// Returns the tile of the active pane.
    pub const fn active_tile(&self) -> Option<TileId> {
        self.active
    }

    /// Makes the pane active in which the pointer was pressed; that which is active can be seen.
    pub fn touch(&mut self, tile: Option<TileId>) {
        self.active = tile.or(self.active);
        self.settle();
    }

    /// Returns the pane that keys and commands mean.
    pub fn active(&self) -> Option<&Pane> {
        self.tree.tiles.get_pane(&self.active?)
    }

    /// Returns the panes that can be seen.
    pub fn visible(&self) -> impl Iterator<Item = &Pane> {
        let tiles = self.tree.active_tiles();
        tiles.into_iter().filter_map(|tile| self.tree.tiles.get_pane(&tile))
    }

    /// Shows a pane: where it is, if it is open already, else where it is wanted.
    pub fn open(&mut self, pane: Pane, open_in: OpenIn) {
        if let Some(tile) = self.tree.tiles.find_pane(&pane) {
            self.activate(tile);
            return;
        }
        let active = self.active.and_then(|tile| self.tree.tiles.get_mut(tile));
        match (open_in, active) {
            (OpenIn::Here, Some(Tile::Pane(shown))) => *shown = pane,
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
    pub fn replace(&mut self, old: &Pane, new: Pane) {
        let tile = self.tree.tiles.find_pane(old);
        if let Some(Tile::Pane(shown)) = tile.and_then(|tile| self.tree.tiles.get_mut(tile)) {
            *shown = new;
        }
    }

    /// Closes a pane, unless it is the only one.
    pub fn close(&mut self, pane: &Pane) {
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

    /// Returns whether a pane is open.
    pub fn contains(&self, pane: &Pane) -> bool {
        self.tree.tiles.find_pane(pane).is_some()
    }

    /// Returns all panes that are open.
    pub fn all(&self) -> impl Iterator<Item = &Pane> {
        self.tiles().map(|(_, pane)| pane)
    }

    /// Goes to the tab after the active one, or before it.
    pub fn step(&mut self, by: isize) {
        if let Some(next) = self.active.and_then(|tile| self.neighbour(tile, by)) {
            self.activate(next);
        }
    }

    /// Puts the active tab at the right of the others.
    pub fn split(&mut self) {
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
    pub fn retain(&mut self, keep: impl Fn(&Pane) -> bool) {
        let gone = self.tiles().filter(|(_, pane)| !keep(pane)).map(|(tile, _)| tile);
        for tile in gone.collect::<Vec<_>>() {
            self.tree.remove_recursively(tile);
        }
        self.settle();
    }

    /// Returns how many panes are open.
    pub fn count(&self) -> usize {
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

    /// Returns the tab so many places after a tab of the same bar, round the ends; another pane
    /// where the bar has no other.
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

    /// Makes the active pane one that can be seen.
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
pub const OPTIONS: SimplificationOptions = SimplificationOptions {
    prune_empty_tabs: true,
    prune_empty_containers: true,
    prune_single_child_tabs: false,
    prune_single_child_containers: true,
    all_panes_must_have_tabs: true,
    join_nested_linear_containers: true,
    flatten_tabs_in_tabs: true,
};
