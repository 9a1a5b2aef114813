//! `bindery export`

use std::io::{BufWriter, IsTerminal as _};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::Context as _;
use persistence::{Catalog, EntityMeta};
use transfer::export::{
    Export as Work, ExportColumns, FormatKind, Formulas, Header, NewFile, Rows, Source, Watch,
};

use crate::arguments::Export;
use crate::engine::{self, Mode};
use crate::failure::Failure;
use crate::output::{self, Format, TableWidth};
use crate::place::Place;
use crate::progress::Progress;
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
    let source = Source { meta, query, rows: Rows::All };
    let columns = columns(meta, &arguments.columns).with_context(exporting)?;
    let Some(format) = format(arguments).kind() else {
        return table(&catalog, &source, &columns, arguments.output.as_deref())
            .with_context(exporting);
    };
    let mut options = output::options(&catalog);
    if arguments.no_header {
        options.header = Header::Absent;
    }
    if arguments.guard_formulas {
        options.formulas = Formulas::Guarded;
    }
    let work = Work { source, columns, format, options };
    let bar = Bar::default();
    match &arguments.output {
        None => {
            terminal::check_shows(format)?;
            work.write_to(&catalog, std::io::stdout(), &bar)
                .map_err(output::cause)
                .with_context(exporting)?;
        }
        Some(path) => {
            cancel::on_ctrl_c()?;
            let written = work
                .write_file(&catalog, path, &bar)
                .map_err(output::cause)
                .with_context(|| format!("{} to {}", exporting(), path.display()))?;
            drop(bar);
            said(written.rows, path)?;
        }
    }
    Ok(Outcome::Done)
}

/// Returns the format that was asked for, or else the one that the file's name asks for.
fn format(arguments: &Export) -> Format {
    let of_name = || {
        let extension = arguments.output.as_deref()?.extension()?.to_str()?;
        FormatKind::of_extension(extension).map(Format::from)
    };
    arguments.format.or_else(of_name).unwrap_or(Format::Csv)
}

fn columns(meta: &'static EntityMeta, names: &[String]) -> Result<ExportColumns, Failure> {
    if names.is_empty() {
        return Ok(ExportColumns::all(meta));
    }
    let names = names.iter().map(|name| name.trim());
    ExportColumns::named(meta, names).map_err(|unknown| {
        let known = ExportColumns::all(meta).names().join(", ");
        Failure::Usage(format!("there is no column `{unknown}`; {} has {known}", meta.name))
    })
}

/// Writes a table, which is for the eye, and of no use to the library.
fn table(
    catalog: &Catalog,
    source: &Source,
    columns: &ExportColumns,
    path: Option<&Path>,
) -> anyhow::Result<Outcome> {
    let (bar, width) = (Bar::default(), TableWidth::Unlimited);
    let Some(path) = path else {
        output::write_table(catalog, source, columns, width, terminal::stdout(), &bar)
            .map_err(output::cause)?;
        return Ok(Outcome::Done);
    };
    cancel::on_ctrl_c()?;
    let writing = || format!("cannot write {}", path.display());
    let file = NewFile::create(path).with_context(writing)?;
    let output = BufWriter::new(file.as_file());
    let rows = output::write_table(catalog, source, columns, width, output, &bar)
        .map_err(output::cause)?;
    file.keep().with_context(writing)?;
    drop(bar);
    said(rows, path)?;
    Ok(Outcome::Done)
}

fn said(rows: u64, path: &Path) -> std::io::Result<()> {
    terminal::print_line(format_args!("{rows} rows written to {}", path.display()))
}

/// A bar, where somebody sees it: only then the rows are worth counting beforehand.
#[derive(Debug, Default)]
struct Bar(OnceLock<Progress>);

impl Watch for Bar {
    fn total(&self, rows: u64) {
        self.0.get_or_init(|| Progress::rows(rows, "exporting"));
    }

    fn wants_total(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    fn wants_canceller(&self) -> bool {
        false
    }

    fn done(&self, rows: u64) {
        if let Some(progress) = self.0.get() {
            progress.at(rows);
        }
    }

    fn is_cancelled(&self) -> bool {
        cancel::is_cancelled()
    }
}
