//! `bindery check`

use crate::engine::{self, Mode};
use crate::place::Place;
use crate::{Outcome, terminal};

/// Prints everything in which the database's tables are not as the entities say. Writes nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn run(place: &Place) -> anyhow::Result<Outcome> {
    let drifts = engine::open_catalog(place, Mode::ReadOnly)?.check()?;
    for drift in &drifts {
        terminal::print_line(drift)?;
    }
    Ok(if drifts.is_empty() { Outcome::Done } else { Outcome::Drifted })
}
