//! Writes what is to be taken, and says how far it is.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use persistence::{Canceller, Catalog, DynSession, Value};

use super::columns::{ExportColumn, ExportColumns};
use super::error::{ExportError, FormatError};
use super::file::{NewFile, folder_of};
use super::format::{Format, FormatKind, FormatOptions};
use super::reading;
use super::source::Source;

/// Bytes that are written at a time.
const BUFFER: usize = 1 << 18;

/// What is taken, and how it is written.
#[derive(Clone, Debug)]
pub struct Export {
    /// Which rows.
    pub source: Source,
    /// Which of their columns.
    pub columns: ExportColumns,
    /// In which format.
    pub format: FormatKind,
    /// How, apart from that.
    pub options: FormatOptions,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// How many rows are in it.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
}

/// What long work tells who waits for it, and is told.
pub trait Watch: Sync {
    /// Reports that so many rows are to be taken. Called once, unless that is not worth counting.
    fn total(&self, _rows: u64) {}

    /// Returns whether it is worth counting the rows beforehand.
    fn wants_total(&self) -> bool {
        true
    }

    /// Reports that a session has begun that can be stopped.
    fn stopped_by(&self, _canceller: Canceller) {}

    /// Returns whether the session should be one that can be stopped within a statement.
    fn wants_canceller(&self) -> bool {
        true
    }

    /// Reports that so many rows are done.
    fn done(&self, _rows: u64) {}

    /// Returns whether the work is to end.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody waits.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn wants_total(&self) -> bool {
        false
    }

    fn wants_canceller(&self) -> bool {
        false
    }
}

impl Export {
    /// Writes everything; returns how many rows that was. All of them are of one snapshot.
    ///
    /// # Errors
    /// When the rows cannot be read, do not fit the format or cannot be written, and
    /// [`ExportError::Cancelled`].
    pub fn write_to(
        &self,
        catalog: &Catalog,
        output: impl Write + Send,
        watch: &dyn Watch,
    ) -> Result<u64, ExportError> {
        let mut output = Watched { output: BufWriter::with_capacity(BUFFER, output), watch };
        let written = self.try_write(catalog, &mut output, watch);
        let written = written.and_then(|rows| {
            output.flush()?;
            Ok(rows)
        });
        if watch.is_cancelled() { Err(ExportError::Cancelled) } else { written }
    }

    /// Writes a file, which takes the place of another only when it is complete.
    ///
    /// # Errors
    /// As [`write_to`](Self::write_to), and [`ExportError::File`]. Then there is no file, or the
    /// one that was there before.
    pub fn write_file(
        &self,
        catalog: &Catalog,
        path: &Path,
        watch: &dyn Watch,
    ) -> Result<Written, ExportError> {
        let failed = |source| ExportError::of_file(path, source);
        let mut file = NewFile::create(path).map_err(failed)?;
        let mut export = self.clone();
        export.options.scratch.get_or_insert_with(|| folder_of(path).to_owned());
        let rows = export.write_to(catalog, &mut file, watch).map_err(|error| match error {
            ExportError::Io(source) => failed(source),
            other => other,
        })?;
        file.keep().map_err(failed)?;
        let bytes = fs::metadata(path).map_err(failed)?.len();
        Ok(Written { path: path.to_owned(), rows, bytes })
    }

    /// Returns what is taken as a text, if it is no more rows than that.
    ///
    /// # Errors
    /// As [`write_to`](Self::write_to), and [`ExportError::TooMany`].
    pub fn to_text(
        &self,
        catalog: &Catalog,
        limit: u64,
        watch: &dyn Watch,
    ) -> Result<String, ExportError> {
        let mut source = self.source.clone();
        if let Some(rows) = source.known_count().filter(|rows| *rows > limit) {
            return Err(ExportError::TooMany { rows, limit });
        }
        source.query.limit = Some(source.query.limit.unwrap_or(u64::MAX).min(limit + 1));
        let mut text = Vec::new();
        let export = Self { source, ..self.clone() };
        let rows = export.write_to(catalog, &mut text, watch)?;
        if rows > limit {
            return Err(ExportError::TooMany { rows, limit });
        }
        String::from_utf8(text)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error).into())
    }

    fn try_write(
        &self,
        catalog: &Catalog,
        output: &mut (dyn Write + Send),
        watch: &dyn Watch,
    ) -> Result<u64, ExportError> {
        let columns = if self.format.takes_labels() {
            self.columns.clone()
        } else {
            self.columns.stored_only()
        };
        let mut writer = self.format.writer(&columns, &self.options, output);
        write_rows(catalog, &self.source, &columns, writer.as_mut(), watch)
    }
}

/// Writes the rows of a source in any format; returns how many that was. All of them are of one
/// snapshot.
///
/// # Errors
/// When the rows cannot be read, do not fit the format or cannot be written, and
/// [`ExportError::Cancelled`].
pub fn write_rows(
    catalog: &Catalog,
    source: &Source,
    columns: &ExportColumns,
    writer: &mut dyn Format,
    watch: &dyn Watch,
) -> Result<u64, ExportError> {
    let mut session = watched_snapshot(catalog, watch)?;
    if watch.wants_total() {
        watch.total(source.count(session.as_mut())?);
    }
    let unfit = |error: FormatError, row: u64| match error {
        FormatError::Io(error) => ExportError::Io(error),
        FormatError::Unfit { column, problem } => {
            let name = columns.iter().nth(column).map(|column| columns.name(column));
            ExportError::Unfit { row, column: name.unwrap_or_default(), problem }
        }
    };
    writer.start().map_err(|error| unfit(error, 0))?;
    let mut rows = 0_u64;
    reading::read(session.as_mut(), source, &columns.labelled(), &mut |page, labels| {
        let mut cells: Vec<&Value> = Vec::with_capacity(columns.len());
        for record in page {
            cells.clear();
            cells.extend(columns.iter().map(|column| match column {
                ExportColumn::Own(position) => record.value(position),
                ExportColumn::Label(position) => labels.get(position, record.value(position)),
            }));
            rows += 1;
            writer.row(&cells).map_err(|error| unfit(error, rows))?;
        }
        watch.done(rows);
        if watch.is_cancelled() { Err(ExportError::Cancelled) } else { Ok(()) }
    })?;
    writer.end().map_err(|error| unfit(error, rows))?;
    Ok(rows)
}

/// Begins to read one snapshot, as long as nobody wants the work to end.
///
/// # Errors
/// When there is no session to be had, and [`ExportError::Cancelled`].
pub(super) fn watched_snapshot<'c>(
    catalog: &'c Catalog,
    watch: &dyn Watch,
) -> Result<Box<dyn DynSession + 'c>, ExportError> {
    let mut session = catalog.snapshot()?;
    if watch.wants_canceller() {
        watch.stopped_by(session.canceller()?);
    }
    // Whoever wanted that before could stop no statement.
    if watch.is_cancelled() { Err(ExportError::Cancelled) } else { Ok(session) }
}

/// An output that fails once the work is to end: what a format does at the end takes long, too.
struct Watched<'w, W: Write> {
    output: BufWriter<W>,
    watch: &'w dyn Watch,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.watch.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
