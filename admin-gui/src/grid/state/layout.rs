//! A column as it is kept between starts.

use serde::{Deserialize, Serialize};

/// How a column is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnLayout {
    /// Its name in the entity.
    pub name: String,
    /// How wide a person has made it, in points.
    pub width: Option<f32>,
    /// Whether it is not shown.
    pub is_hidden: bool,
    /// Whether it stays at the left while the others are scrolled.
    pub is_frozen: bool,
}
