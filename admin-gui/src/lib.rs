//! A desktop admin for any set of entities.
//!
//! ```no_run
//! # fn open() -> persistence::Result<persistence::Catalog> { unimplemented!() }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! admin_gui::Admin::from_catalog(open()?).title("Bookshop").run()?;
//! # Ok(()) }
//! ```

mod command;
mod error;
mod filter_line;
mod grid;
pub mod form;
pub mod i18n;
pub mod settings;
pub mod theme;
pub mod worker;

pub use error::Error;
