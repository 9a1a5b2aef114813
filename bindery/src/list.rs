//! `bindery list`

use anyhow::Context as _;
use persistence::{EntityMeta, Query};
use transfer::export::{Export, ExportColumns, Rows, Source, Unwatched};

use crate::arguments::{List, Selection};
use crate::engine::{self, Mode};
use crate::output;
use crate::place::Place;
use crate::{Outcome, terminal};

/// Prints the rows a query finds.
///
/// # Errors
/// When the query is wrong or the database cannot be read.
pub fn run(place: &Place, arguments: &List) -> anyhow::Result<Outcome> {
    let catalog = engine::open_catalog(place, Mode::ReadOnly)?;
    let meta = engine::entity(&catalog, &arguments.entity)?.meta;
    let listing = || format!("cannot list {}", meta.table);
    let query = query(meta, &arguments.selection).with_context(listing)?;
    let source = Source { meta, query, rows: Rows::All };
    let columns = ExportColumns::all(meta);
    let written = match arguments.format.kind() {
        None => {
            let (width, stdout) = (terminal::table_width(), terminal::stdout());
            output::write_table(&catalog, &source, &columns, width, stdout, &Unwatched)
        }
        Some(format) => {
            terminal::check_shows(format)?;
            let options = output::options(&catalog);
            let export = Export { source, columns, format, options };
            export.write_to(&catalog, std::io::stdout(), &Unwatched)
        }
    };
    written.map_err(output::cause).with_context(listing)?;
    Ok(Outcome::Done)
}

/// Makes the query of what was typed.
///
/// # Errors
/// When it does not fit the entity.
pub fn query(meta: &EntityMeta, selection: &Selection) -> persistence::Result<Query> {
    let mut query = Query::parse_for(meta, &selection.filter, &selection.order)?;
    query.limit = selection.limit;
    Ok(query)
}
