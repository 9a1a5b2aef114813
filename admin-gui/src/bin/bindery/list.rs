//! `bindery list`

use anyhow::Context as _;
use persistence::{EntityMeta, Query};

use crate::arguments::{List, Selection};
use crate::engine::{self, Mode};
use crate::output::{self, Shape};
use crate::place::Place;
use crate::rows::for_each_row;
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
    let shape = Shape::of(meta);
    let width = terminal::table_width();
    let mut writer = output::writer(arguments.format, shape.columns(), width, terminal::stdout());
    for_each_row(&catalog, meta, &shape, &query, |row| Ok(writer.write(row)?))
        .with_context(listing)?;
    writer.finish()?;
    Ok(Outcome::Done)
}

/// The query of what was typed.
///
/// # Errors
/// When it does not fit the entity.
pub fn query(meta: &EntityMeta, selection: &Selection) -> persistence::Result<Query> {
    let mut query = Query::parse_for(meta, &selection.filter, &selection.order)?;
    query.limit = selection.limit;
    Ok(query)
}
