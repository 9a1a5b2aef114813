//! `bindery check`

use persistence::odd_cells;

use crate::arguments::Check;
use crate::engine::{self, Mode};
use crate::place::Place;
use crate::{Outcome, terminal};

/// Prints everything in which the database's tables, and on request their values, are not as the
/// entities say. Writes nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn run(place: &Place, arguments: &Check) -> anyhow::Result<Outcome> {
    let catalog = engine::open_catalog(place, Mode::ReadOnly)?;
    let drifts = catalog.check()?;
    for drift in &drifts {
        terminal::print_line(drift)?;
    }
    let mut is_as_declared = drifts.is_empty();
    if arguments.values {
        let mut session = catalog.snapshot()?;
        for entry in catalog.entries() {
            for odd in odd_cells(&mut *session, entry.meta)? {
                terminal::print_line(&odd)?;
                is_as_declared = false;
            }
        }
    }
    Ok(if is_as_declared { Outcome::Done } else { Outcome::Drifted })
}
