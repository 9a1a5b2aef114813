//! `bindery count`

use anyhow::Context as _;
use persistence::Filter;

use crate::arguments::Count;
use crate::engine::{self, Mode};
use crate::place::Place;
use crate::{Outcome, terminal};

/// Prints how many rows a filter finds.
///
/// # Errors
/// When the filter is wrong or the database cannot be read.
pub fn run(place: &Place, arguments: &Count) -> anyhow::Result<Outcome> {
    let catalog = engine::open_catalog(place, Mode::ReadOnly)?;
    let entry = engine::entity(&catalog, &arguments.entity)?;
    let counting = || format!("cannot count {}", entry.meta.table);
    let filter = Filter::parse(entry.meta, &arguments.filter).with_context(counting)?;
    let mut session = catalog.session()?;
    let count = session
        .repository(entry.meta.table)
        .and_then(|mut repository| repository.count(&filter))
        .with_context(counting)?;
    terminal::print_line(count)?;
    Ok(Outcome::Done)
}
