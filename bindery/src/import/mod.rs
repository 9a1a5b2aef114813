//! `bindery import`

mod input;
mod summary;
mod watcher;

use std::io::Read;

use anyhow::Context as _;
use domain::Book;
use domain::goodbooks::import::{Report, import as import_catalogue};
use domain::goodbooks::{Goodbooks, is_goodbooks};
use persistence::{Begin, Catalog, CatalogEntry, Entity as _, SessionOptions};
use transfer::csv_records::{Fault, HeaderError, Records};
use transfer::file_rows::{FileFormat, FileRows, Reading};
use transfer::import::{
    DecimalMark, Given, ImportError, Mapping, MappingError, Mode, Spelling, import as import_rows,
};

use crate::arguments::{Decimal, Import};
use crate::engine::{self, BookshopEngine, OnEngine};
use crate::failure::Failure;
use crate::place::Place;
use crate::{Outcome, cancel, migrate};
use input::Input;
use summary::Summary;
use watcher::Watcher;

/// Brings the rows of a file in, in one transaction, and accounts for each of them.
///
/// # Errors
/// When the file cannot be read or does not fit, the database fails, or with Ctrl-C; nothing is
/// kept then.
pub fn run(place: &Place, arguments: &Import) -> anyhow::Result<Outcome> {
    let input = Input::open(&arguments.file)?;
    if !arguments.dry_run {
        migrate::make_where_missing(place, arguments.create)?;
    }
    let catalog = engine::open_catalog(place, engine::Mode::Patient)?;
    let entry = engine::entity(&catalog, &arguments.entity)?;
    let importing = format!("cannot import {} into {}", input.name(), entry.meta.table);
    cancel::on_ctrl_c()?;
    let mut watcher = Watcher::new(&input, arguments)?;
    let ending = if arguments.dry_run { Ending::Rollback } else { Ending::Commit };
    let reading = Reading {
        format: arguments.format.or_else(|| FileFormat::of(&arguments.file)).unwrap_or_default(),
        charset: arguments.encoding,
        sheet: arguments.sheet.clone(),
    };
    if reading.sheet.is_some() && reading.format != FileFormat::Xlsx {
        let usage = format!("--sheet is for a workbook, and this is read as {}", reading.format);
        return Err(Failure::Usage(usage).into());
    }
    let summary = if reading.format == FileFormat::Csv {
        let records = Records::in_charset(input, reading.charset)
            .map_err(unreadable)
            .with_context(|| importing.clone())?;
        let charset = records.charset();
        let is_catalogue = entry.meta.table == Book::meta().table
            && arguments.map.is_empty()
            && arguments.set.is_empty()
            && arguments.mode() == Mode::Insert
            && is_goodbooks(records.header());
        let summary = if is_catalogue {
            engine::on_engine(place, Catalogue { records, watcher: &mut watcher, ending })
                .map(|report| Summary::of_catalogue(&report))
        } else {
            rows(&catalog, entry, arguments, records.into(), &mut watcher, ending)
        };
        summary.map(|summary| summary.read_as(Some(charset)))
    } else {
        let file = FileRows::new(input, &reading)
            .map_err(unreadable)
            .with_context(|| importing.clone())?;
        let charset = file.charset();
        let summary = rows(&catalog, entry, arguments, file, &mut watcher, ending);
        summary.map(|summary| summary.read_as(charset))
    };
    let summary = summary.with_context(|| importing)?;
    summary.print(&watcher, ending)?;
    Ok(if summary.rejected() > 0 { Outcome::SomeRefused } else { Outcome::Done })
}

/// What becomes of what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// It is kept.
    Commit,
    /// It was only tried.
    Rollback,
}

/// Imports a file whose header names the entity's columns.
fn rows(
    catalog: &Catalog,
    entry: &CatalogEntry,
    arguments: &Import,
    file: FileRows<impl Read>,
    watcher: &mut Watcher,
    ending: Ending,
) -> anyhow::Result<Summary> {
    let maps = arguments.map.iter().map(|map| parse_map(map)).collect::<Result<Vec<_>, _>>()?;
    let sets = arguments.set.iter().map(|set| parse_set(set)).collect::<Result<Vec<_>, _>>()?;
    let given = Given {
        maps: &maps,
        sets: &sets,
        spelling: spelling(arguments, &file),
        mode: arguments.mode(),
        defaults: catalog.defaults(entry.meta)?,
        normal_form: Some(domain::normal_form),
    };
    let mapping = Mapping::new(entry.meta, file.header(), given).map_err(|error| unfit(&error))?;
    let mut session = catalog.writing_session()?;
    let counts = import_rows(&mut *session, entry, &mapping, file, watcher).map_err(ended)?;
    watcher.keep()?;
    match ending {
        Ending::Commit => cancel::committing(|| session.commit())?,
        Ending::Rollback => session.rollback()?,
    }
    Ok(Summary::of_rows(counts, &mapping))
}

fn parse_map(map: &str) -> Result<(String, String), Failure> {
    map.rsplit_once('=')
        .map(|(from, to)| (from.trim().to_owned(), to.trim().to_owned()))
        .filter(|(from, _)| !from.is_empty())
        .ok_or_else(|| Failure::Usage(format!("--map: expected HEADER=COLUMN, got `{map}`")))
}

fn parse_set(set: &str) -> Result<(String, String), Failure> {
    set.split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| Failure::Usage(format!("--set: expected COLUMN=VALUE, got `{set}`")))
}

/// Returns the failure that says which option is at fault, or would help.
fn unfit(error: &MappingError) -> Failure {
    match error {
        MappingError::NotInFile { .. } => Failure::Refused(format!("--map: {error}")),
        MappingError::NotInTable { .. } => Failure::Usage(format!("--map: {error}")),
        MappingError::NotToSet { .. } => Failure::Usage(format!("--set: {error}")),
        MappingError::NotUnique { .. } => Failure::Usage(format!("--by: {error}")),
        MappingError::Value { .. } => Failure::Usage(format!("--set {error}")),
        MappingError::Unfit { .. } => Failure::Refused(format!(
            "{error}; --map 'HEADER=COLUMN' renames a column, --map 'HEADER=' leaves it out, \
             --set COLUMN=VALUE gives one to every row"
        )),
        _ => Failure::Refused(error.to_string()),
    }
}

/// Returns how a file writes its values, as far as somebody said so or its looks tell.
fn spelling(arguments: &Import, file: &FileRows<impl Read>) -> Spelling {
    let nulls = match arguments.null.as_slice() {
        [] => vec![String::new()],
        nulls => nulls.to_vec(),
    };
    let decimals = match arguments.decimal {
        Some(Decimal::Comma) => DecimalMark::Comma,
        // Spreadsheets separate by semicolons where the comma is in their numbers.
        None if file.separator() == Some(b';') => DecimalMark::Either,
        Some(Decimal::Point) | None => DecimalMark::Point,
    };
    Spelling {
        nulls,
        decimals,
        dates: arguments.date_format.clone(),
        quotes_everything: file.quotes_everything(),
        ..Spelling::default()
    }
}

/// Imports a goodbooks catalogue.
struct Catalogue<'w, R> {
    records: Records<R>,
    watcher: &'w mut Watcher,
    ending: Ending,
}

impl<R: Read> OnEngine for Catalogue<'_, R> {
    type Output = Report;

    fn run<C: BookshopEngine>(self, place: &Place) -> anyhow::Result<Report> {
        let lines = Goodbooks::from_records(self.records)
            .map_err(|error| Failure::Refused(error.to_string()))?;
        let begin = SessionOptions { begin: Begin::AtOnce, ..SessionOptions::default() };
        let mut session = engine::open::<C>(place, engine::Mode::Patient)?.session_with(begin)?;
        let report = import_catalogue(&mut session, lines, self.watcher).map_err(ended)?;
        self.watcher.keep()?;
        match self.ending {
            Ending::Commit => cancel::committing(|| session.commit())?,
            Ending::Rollback => session.rollback()?,
        }
        Ok(report)
    }
}

fn ended(error: ImportError) -> anyhow::Error {
    match error {
        ImportError::Database(error) => error.into(),
        ImportError::Io(error) => error.into(),
        ImportError::Cancelled => Failure::Cancelled.into(),
        other => other.into(),
    }
}

fn unreadable(error: HeaderError) -> anyhow::Error {
    match error {
        HeaderError::Io(error) => error.into(),
        error @ HeaderError::Broken(Fault::Charset { .. }) => Failure::Refused(format!(
            "{error}; --encoding names what the file is written in, like windows-1252"
        ))
        .into(),
        other => Failure::Refused(other.to_string()).into(),
    }
}
