//! All entities as they are being browsed.

use persistence::{Catalog, CatalogEntry};

use super::entity_view::EntityView;

/// All entities, in the order of the navigation.
pub(super) struct EntityViews(Vec<EntityView>);

impl EntityViews {
    /// Makes the views of all rows of entities.
    pub fn new(entries: &[CatalogEntry], catalog: &Catalog) -> Self {
        let view = |entry: &CatalogEntry| EntityView::new(entry.clone(), catalog.clone());
        Self(entries.iter().map(view).collect())
    }

    /// Returns whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all of them.
    pub fn iter(&self) -> impl Iterator<Item = &EntityView> {
        self.0.iter()
    }

    /// Returns all of them, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut EntityView> {
        self.0.iter_mut()
    }

    /// Returns the entity at a place.
    pub fn get(&self, place: usize) -> Option<&EntityView> {
        self.0.get(place)
    }

    /// Returns the entity at a place, to change it.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut EntityView> {
        self.0.get_mut(place)
    }

    /// Returns the entity of a table.
    pub fn of(&self, table: &str) -> Option<&EntityView> {
        self.iter().find(|view| view.meta().table == table)
    }

    /// Returns the entity of a table, to change it.
    pub fn of_mut(&mut self, table: &str) -> Option<&mut EntityView> {
        self.iter_mut().find(|view| view.meta().table == table)
    }

    /// Returns the place of a table's entity among the others.
    pub fn place_of(&self, table: &str) -> Option<usize> {
        self.iter().position(|view| view.meta().table == table)
    }
}
