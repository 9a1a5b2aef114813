//! How the admin looks: design tokens, and egui's style made of them.
//!
//! One accent colour, amber for what is staged, green for new, red for deleted or wrong; everything
//! else is grey. Widgets take their colours from [`Theme::of`], never from raw numbers.

mod appearance;
mod icons;
mod style;
mod tokens;

#[cfg(test)]
mod contrast;
#[cfg(test)]
mod glyphs;

pub use appearance::Appearance;
pub use icons::entity_icon;
pub(crate) use style::wear_production;
pub use style::{choose, install};
pub use tokens::{Colors, Spacing, TextSizes, Theme};

/// The Material icons, as the font has them.
pub use egui_material_icons::icons as icon;

/// The mark of text without a character, as on a space bar; the fonts have no ∅, and their icons
/// of crossed circles are discs.
pub const EMPTY_TEXT: egui_material_icons::MaterialIcon = icon::ICON_SPACE_BAR;
