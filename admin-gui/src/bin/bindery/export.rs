//! `bindery export`

use std::io::{BufWriter, IsTerminal as _, Write};

use anyhow::Context as _;
use persistence::{Catalog, EntityMeta, Query};

use crate::arguments::Export;
use crate::engine::{self, Mode};
use crate::output::{self, Format, Shape, TableWidth};
use crate::place::Place;
use crate::progress::Progress;
use crate::rows::for_each_row;
use crate::set_aside::NewFile;
use crate::{Outcome, cancel, list, terminal};

/// Writes the rows a query finds to a file or to standard output.
///
/// # Errors
/// When the query is wrong, the database cannot be read or the file not be written; a file that
/// was there before is then as it was.
pub fn run(place: &Place, arguments: &Export) -> anyhow::Result<Outcome> {
    let catalog = engine::open_catalog(place, Mode::ReadOnly)?;
    let meta = engine::entity(&catalog, &arguments.entity)?.meta;
    let exporting = || format!("cannot export {}", meta.table);
    let query = list::query(meta, &arguments.selection).with_context(exporting)?;
    let format = arguments.format;
    match &arguments.output {
        None => {
            write(&catalog, meta, &query, format, terminal::stdout()).with_context(exporting)?;
        }
        Some(path) => {
            cancel::on_ctrl_c()?;
            let file = NewFile::create(path)?;
            let rows = write(&catalog, meta, &query, format, BufWriter::new(file.as_file()))
                .with_context(|| format!("{} to {}", exporting(), path.display()))?;
            file.keep()?;
            terminal::print_line(format_args!("{rows} rows written to {}", path.display()))?;
        }
    }
    Ok(Outcome::Done)
}

fn write(
    catalog: &Catalog,
    meta: &'static EntityMeta,
    query: &Query,
    format: Format,
    output: impl Write,
) -> anyhow::Result<u64> {
    let progress = progress(catalog, meta, query)?;
    let shape = Shape::of(meta);
    let mut writer = output::writer(format, shape.columns(), TableWidth::Unlimited, output);
    let mut rows = 0;
    for_each_row(catalog, meta, &shape, query, |row| {
        writer.write(row)?;
        rows += 1;
        if let Some(progress) = &progress {
            progress.at(rows);
        }
        Ok(cancel::check()?)
    })?;
    writer.finish()?;
    Ok(rows)
}

/// A bar, where somebody sees it: only then the rows are worth counting beforehand.
fn progress(
    catalog: &Catalog,
    meta: &'static EntityMeta,
    query: &Query,
) -> anyhow::Result<Option<Progress>> {
    if !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let count = catalog.session()?.repository(meta.table)?.count(&query.filter)?;
    let total = query.limit.map_or(count, |limit| limit.min(count));
    Ok(Some(Progress::rows(total, "exporting")))
}
