//! Which theme a person wants.

use serde::{Deserialize, Serialize};

/// Which theme a person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Appearance {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// Whatever the rest of the desktop has.
    System,
}

impl Appearance {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::System];
}

impl From<Appearance> for egui::ThemePreference {
    fn from(appearance: Appearance) -> Self {
        match appearance {
            Appearance::Dark => Self::Dark,
            Appearance::Light => Self::Light,
            Appearance::System => Self::System,
        }
    }
}
