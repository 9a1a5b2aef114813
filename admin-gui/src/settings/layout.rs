//! How a person has arranged the entities of each database.

use std::collections::BTreeMap;

use crate::grid::ColumnLayout;
use crate::panes::Panes;
use serde::{Deserialize, Serialize};

/// What a person has arranged in one database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DatabaseSettings {
    /// Whether others work with it, so that a mistake would be felt by more than one person.
    pub is_production: bool,
    /// How each entity is shown, by its table.
    pub entities: BTreeMap<String, EntityLayout>,
    /// What a person comes back to, in the order of the navigation.
    pub views: Vec<SavedView>,
    /// The tabs that are open.
    pub panes: Option<Panes>,
}

/// How an entity is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EntityLayout {
    /// Its columns, from left to right.
    pub columns: Vec<ColumnLayout>,
    /// Which of its rows, as text.
    pub filter: String,
    /// In which order, as text.
    pub order: String,
}

/// Rows and columns of an entity that a person has given a name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedView {
    /// What it is called.
    pub name: String,
    /// The entity's table.
    pub table: String,
    /// How the entity is shown.
    pub layout: EntityLayout,
}
