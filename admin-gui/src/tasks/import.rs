//! Rows that come in: what a file has, and what becomes of its rows.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use persistence::backend::database_of;
use persistence::entity::Fill;
use persistence::{Catalog, EntityMeta, Error, Record, Result, Value};
use transfer::csv_records::HeaderError;
use transfer::export::Watch as _;
use transfer::file_rows::{FileFormat, FileRows, Reading};
use transfer::import::{
    self, Counts, Given, ImportError, Mapping, MappingError, Mode, Observer, Reason, Spelling,
};
use transfer::set_aside::{SetAside, SetAsideError, free_name};

use crate::jobs::{Kind, Progress, Task, Work};

/// Rows that are looked at before.
pub const ROWS_LOOKED_AT: usize = 20;

/// Rows that are staged at most: more are written straight.
pub const MOST_STAGED: u64 = 2_000;

/// Bytes of the largest workbook: it is read as a whole.
const LARGEST_WORKBOOK: u64 = 256 << 20;

/// Rejected rows that are shown at most.
pub const MOST_REJECTED: usize = 100;

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportSource {
    /// A file.
    File(PathBuf),
    /// A text, from the clipboard.
    Text(Arc<str>),
}

/// The rows of a source, as they are read.
type SourceRows = FileRows<Counting>;

impl ImportSource {
    /// Returns what it is: by the end of its name, or by how it begins.
    #[must_use]
    pub fn format(&self) -> FileFormat {
        match self {
            Self::File(path) => FileFormat::of(path).unwrap_or_default(),
            Self::Text(text) if text.trim_start().starts_with(['[', '{']) => FileFormat::Json,
            Self::Text(_) => FileFormat::Csv,
        }
    }

    /// Begins to read it; returns how long it is as well, where that says how far one is.
    fn open(&self, sheet: Option<&str>) -> std::result::Result<Opened, HeaderError> {
        let format = self.format();
        let (reader, length): (Box<dyn Read + Send>, u64) = match self {
            Self::File(path) => {
                // What is no file may never end, or begin.
                let told = path.metadata()?;
                if !told.is_file() {
                    return Err(invalid(format!("{} is no file", path.display())).into());
                }
                if format == FileFormat::Xlsx && told.len() > LARGEST_WORKBOOK {
                    let most = LARGEST_WORKBOOK >> 20;
                    let said = format!("{} is larger than {most} MiB", path.display());
                    return Err(invalid(said).into());
                }
                // Before it is opened: see `persistence::backend::database_of`.
                if let Some(database) = database_of(path)? {
                    return Err(invalid(format!("{} is a database", database.display())).into());
                }
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                (Box::new(file), length)
            }
            Self::Text(text) => {
                let bytes = text.as_bytes().to_vec();
                let length = bytes.len() as u64;
                (Box::new(io::Cursor::new(bytes)), length)
            }
        };
        let position = Arc::<AtomicU64>::default();
        let reader = Counting { reader, position: Arc::clone(&position) };
        let reading = Reading { format, charset: None, sheet: sheet.map(str::to_owned) };
        let rows = FileRows::new(reader, &reading)?;
        // Of a workbook all has been read by now.
        let length = Some(length).filter(|_| format != FileFormat::Xlsx);
        Ok(Opened { rows, position, length })
    }
}

fn invalid(said: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, said)
}

struct Opened {
    rows: SourceRows,
    position: Arc<AtomicU64>,
    length: Option<u64>,
}

/// What is read, and how much of it by now.
struct Counting {
    reader: Box<dyn Read + Send>,
    position: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.position.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Reads the header and the first rows of a source.
#[derive(Clone, Debug)]
pub struct LookAtRows {
    /// The source.
    pub source: ImportSource,
    /// The sheet of a workbook; the first one, where none is named.
    pub sheet: Option<String>,
    /// The entity's table.
    pub table: &'static str,
}

/// What a source has.
#[derive(Clone, Debug, Default)]
pub struct LookedAt {
    /// The names of its columns.
    pub header: Vec<String>,
    /// Its first rows; broken lines are left out.
    pub rows: Vec<Vec<String>>,
    /// Whether there are more.
    pub has_more: bool,
    /// The sheets of a workbook.
    pub sheets: Vec<String>,
    /// Whether semicolons separate the fields, so that commas may be in numbers.
    pub has_semicolons: bool,
    /// What it is written in, where nobody said so.
    pub charset: Option<&'static str>,
    /// Columns that the database gives a value, by their positions.
    pub defaults: Vec<usize>,
}

impl Task for LookAtRows {
    type Output = std::result::Result<LookedAt, HeaderError>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let meta = work.catalog.entry(self.table)?.meta;
        let defaults = work.catalog.defaults(meta)?;
        let Opened { mut rows, .. } = match self.source.open(self.sheet.as_deref()) {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        let charset = rows.charset().filter(|(_, is_guessed)| *is_guessed);
        let mut looked = LookedAt {
            header: rows.header().to_vec(),
            sheets: rows.sheets().to_vec(),
            has_semicolons: rows.separator() == Some(b';'),
            charset: charset.map(|(charset, _)| charset.name()),
            defaults: defaults.into_iter().map(|(position, _)| position).collect(),
            ..LookedAt::default()
        };
        for row in rows.by_ref() {
            match row {
                Ok(Ok(row)) if looked.rows.len() < ROWS_LOOKED_AT => looked.rows.push(row.fields),
                Ok(Ok(_)) => {
                    looked.has_more = true;
                    break;
                }
                Ok(Err(_)) => {}
                Err(error) => return Ok(Err(error.into())),
            }
            if work.progress.is_cancelled() {
                return Err(Error::Cancelled);
            }
        }
        Ok(Ok(looked))
    }
}

/// What becomes of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportEnding {
    /// Nothing: it is only found out what would.
    Check,
    /// Few are given back to be staged, many are written.
    Take,
}

/// Takes the rows of a source in, in one transaction, and accounts for each of them.
#[derive(Clone, Debug)]
pub struct ImportRows {
    /// The source.
    pub source: ImportSource,
    /// The sheet of a workbook; the first one, where none is named.
    pub sheet: Option<String>,
    /// The entity's table.
    pub table: &'static str,
    /// Headers of the source's columns, each with the column it stands for, or nothing.
    pub maps: Vec<(String, String)>,
    /// What becomes of rows that are there already.
    pub mode: Mode,
    /// How values are written.
    pub spelling: Spelled,
    /// What becomes of the rows.
    pub ending: ImportEnding,
    /// Where rejected rows are saved; beside a name that is taken.
    pub rejects: PathBuf,
}

/// How values are written, as a person has said.
#[derive(Clone, Debug, Default)]
pub struct Spelled {
    /// What stands for NULL.
    pub nulls: Vec<String>,
    /// What stands before the decimals of a number.
    pub decimals: import::DecimalMark,
    /// How dates are written.
    pub dates: Option<import::DateFormat>,
}

/// What became of the rows.
#[derive(Debug)]
pub struct Imported {
    /// In numbers.
    pub counts: Counts,
    /// The first rejected rows: their lines, and why.
    pub rejected: Vec<(u64, Reason)>,
    /// Where all rejected rows are, where they are saved.
    pub rejects: Option<PathBuf>,
    /// The rows that are to be staged: those that were there already as they are stored, and as they are to be.
    pub to_stage: Option<Vec<ToStage>>,
}

/// A row that is to be staged.
#[derive(Clone, Debug, PartialEq)]
pub struct ToStage {
    /// As it is stored, where it is.
    pub before: Option<Record>,
    /// As it is to be.
    pub row: Record,
}

/// Why rows are not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotImported {
    /// The source cannot be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Its columns do not fit.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Rejected rows cannot be saved.
    #[error("{path}: {source}", path = path.display())]
    Rejects {
        /// Where they were to be.
        path: PathBuf,
        /// Why not.
        source: SetAsideError,
    },
    /// It ended early.
    #[error(transparent)]
    Ended(#[from] ImportError),
}

impl Task for ImportRows {
    type Output = std::result::Result<Imported, NotImported>;
    // It can be stopped, and commits by itself: as a file, it is complete or not there.
    const KIND: Kind = Kind::Makes;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        Ok(self.take(work.catalog, work.progress))
    }
}

impl ImportRows {
    fn take(
        self,
        catalog: &Catalog,
        progress: &Progress,
    ) -> std::result::Result<Imported, NotImported> {
        let database = |error: Error| NotImported::Ended(error.into());
        let entry = catalog.entry(self.table).map_err(database)?;
        let Opened { rows, position, length } = self.source.open(self.sheet.as_deref())?;
        if let Some(length) = length {
            progress.total(length);
        }
        let spelling = Spelling {
            nulls: self.spelling.nulls,
            decimals: self.spelling.decimals,
            dates: self.spelling.dates,
            quotes_everything: rows.quotes_everything(),
            ..Spelling::default()
        };
        let given = Given {
            maps: &self.maps,
            spelling,
            mode: self.mode,
            defaults: catalog.defaults(entry.meta).map_err(database)?,
            ..Given::default()
        };
        let mapping = Mapping::new(entry.meta, rows.header(), given)?;
        let rejects = free_name(&self.rejects);
        let not_saved =
            |source: SetAsideError| NotImported::Rejects { path: self.rejects.clone(), source };
        let set_aside = match self.ending {
            ImportEnding::Check => SetAside::idle(rejects),
            ImportEnding::Take => {
                SetAside::new(rejects, &["line", "reason", "text"]).map_err(not_saved)?
            }
        };
        let mut session = catalog.writing_session().map_err(database)?;
        progress.stopped_by(session.canceller().map_err(database)?);
        let mut watcher = Watcher {
            progress,
            position,
            meta: entry.meta,
            rejected: Vec::new(),
            set_aside,
            is_set_aside: false,
            to_stage: Some(Vec::new()),
        };
        let counts = import::import(&mut *session, entry, &mapping, rows, &mut watcher)?;
        let Watcher { rejected, mut set_aside, is_set_aside, to_stage, .. } = watcher;
        let is_check = self.ending == ImportEnding::Check;
        if progress.is_cancelled() {
            return Err(ImportError::Cancelled.into());
        }
        // Before the rows are written: nothing is kept of an import whose rejected rows would be lost.
        set_aside.keep().map_err(|error| not_saved(error.into()))?;
        let to_stage = to_stage.filter(|_| !is_check && counts.read <= MOST_STAGED);
        if is_check || to_stage.is_some() {
            session.rollback().map_err(database)?;
        } else {
            session.commit().map_err(database)?;
        }
        let rejects = (is_set_aside && !is_check).then(|| set_aside.path().to_owned());
        Ok(Imported { counts, rejected, rejects, to_stage })
    }
}

/// Watches an import: sets rejected rows aside, keeps few rows for being staged.
struct Watcher<'w> {
    progress: &'w Progress,
    position: Arc<AtomicU64>,
    meta: &'static EntityMeta,
    rejected: Vec<(u64, Reason)>,
    set_aside: SetAside,
    is_set_aside: bool,
    /// Nothing where there are too many, or where one cannot be staged.
    to_stage: Option<Vec<ToStage>>,
}

impl Observer for Watcher<'_> {
    fn progress(&mut self) -> ControlFlow<()> {
        self.progress.done(self.position.load(Ordering::Relaxed));
        if self.progress.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn accepted(&mut self, _line: u64, before: Option<&Record>, row: &Record) {
        let Some(rows) = &mut self.to_stage else { return };
        // A new row with a key that the database counts is written with that key.
        let mut columns = self.meta.columns.iter().enumerate();
        let is_given = before.is_none()
            && columns.any(|(position, column)| {
                column.fill != Fill::Draft && *row.value(position) != Value::Null
            });
        if is_given || rows.len() as u64 >= MOST_STAGED {
            self.to_stage = None;
            return;
        }
        rows.push(ToStage { before: before.cloned(), row: row.clone() });
    }

    fn rejected(&mut self, line: u64, reason: Reason, text: &str) -> io::Result<()> {
        self.is_set_aside = true;
        self.set_aside.write(line, &[&reason.to_string(), text])?;
        if self.rejected.len() < MOST_REJECTED {
            self.rejected.push((line, reason));
        }
        Ok(())
    }
}

/// Returns where the rejected rows of a source go: beside its file, else into a folder.
#[must_use]
pub fn rejects_of(source: &ImportSource, folder: &Path, table: &str) -> PathBuf {
    match source {
        ImportSource::File(path) => path.with_extension("rejected.csv"),
        ImportSource::Text(_) => folder.join(format!("{table}.rejected.csv")),
    }
}
