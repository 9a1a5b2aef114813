//! A desktop admin for any set of entities.
//!
//! It knows entities only through a [`persistence::Catalog`]. [`Admin`] puts one together and opens
//! the window; [`AdminApp`] is everything but the window, for tests.

mod admin;
mod app;
mod blob;
mod command;
mod error;
mod extensions;
mod filter_line;
pub mod form;
pub mod grid;
pub mod i18n;
pub mod jobs;
mod national;
pub mod pages;
mod palette;
mod panes;
mod pills;
mod place;
pub mod related;
mod relations;
mod row_name;
#[cfg(test)]
mod samples;
pub mod settings;
mod shown_names;
pub mod tasks;
pub mod theme;
mod thumbnails;
mod visits;

pub use admin::{Admin, Entities};
pub use app::{AdminApp, CloseRequest, Options};
pub use eframe::egui;
pub use error::Error;
pub use extensions::{Action, Extensions};
pub use place::Place;
pub use thumbnails::Thumbnails;
