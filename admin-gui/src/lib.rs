//! A desktop admin for any set of entities.
//!
//! It knows entities only through a [`persistence::Catalog`]. [`Admin`] puts one together and opens
//! the window; [`AdminApp`] is everything but the window, for tests.

mod admin;
mod app;
mod blob;
mod command;
mod completion;
mod error;
mod extensions;
mod filter_line;
pub mod form;
pub mod grid;
mod help;
mod history;
pub mod i18n;
pub mod jobs;
mod kept_staging;
mod national;
mod open_in;
pub mod pages;
mod palette;
mod panes;
mod pills;
pub mod related;
mod relations;
mod row_name;
#[cfg(test)]
mod samples;
pub mod settings;
mod shown_names;
mod situation;
pub mod tasks;
pub mod theme;
mod thumbnails;

pub use admin::{Admin, Entities};
pub use app::{AdminApp, CloseRequest, Options};
pub use eframe::egui;
pub use error::Error;
pub use extensions::{Action, Extensions};
pub use open_in::OpenIn;
pub use thumbnails::Thumbnails;
