//! A desktop admin for any set of entities.

pub mod i18n;
pub mod theme;
