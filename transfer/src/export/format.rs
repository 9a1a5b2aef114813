//! What a format is, and which there are.

use std::io::Write;
use std::path::PathBuf;

use persistence::Value;

use super::columns::ExportColumns;
use super::delimited::Delimited;
use super::error::FormatError;
use super::json::Json;
use super::json_lines::JsonLines;
use super::sql::{Sql, SqlDialect};
use super::xlsx::Xlsx;

/// Writes rows, one after the other.
pub trait Format {
    /// Writes what comes before the first row.
    ///
    /// # Errors
    /// When the output takes no more.
    fn start(&mut self) -> Result<(), FormatError>;

    /// Writes a row: a value for each column.
    ///
    /// # Errors
    /// When the output takes no more, or a value does not fit the format.
    fn row(&mut self, row: &[&Value]) -> Result<(), FormatError>;

    /// Writes what comes after the last row.
    ///
    /// # Errors
    /// When the output takes no more.
    fn end(&mut self) -> Result<(), FormatError>;
}

/// The formats there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FormatKind {
    /// A line a row, separated by commas.
    #[default]
    Csv,
    /// A line a row, separated by tabs.
    Tsv,
    /// An array of objects.
    Json,
    /// An object a line.
    JsonLines,
    /// INSERT statements.
    Sql,
    /// A workbook of Excel.
    Xlsx,
}

/// Whether the names of the columns stand above the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Header {
    /// They do.
    #[default]
    Present,
    /// They do not.
    Absent,
}

/// What is done with texts that spreadsheets take for formulas when they open a file of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Formulas {
    /// Nothing: what is read back is what was written.
    #[default]
    AsTheyAre,
    /// An apostrophe before them makes them harmless, and other texts.
    Guarded,
}

/// Whether statements come as a script that can be run by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Settings and one transaction around them.
    #[default]
    Script,
    /// The bare statements, to be put among others.
    Bare,
}

/// How rows are written, apart from the format.
#[derive(Clone, Debug)]
pub struct FormatOptions {
    /// Whether the names of the columns stand above the rows, where the format leaves that open.
    pub header: Header,
    /// What is done with texts that look like formulas, where the format cannot tell them apart.
    pub formulas: Formulas,
    /// Whether statements come as a script.
    pub framing: Framing,
    /// Whose SQL is written.
    pub dialect: SqlDialect,
    /// Where to keep what does not fit memory until the end; the system's folder if `None`.
    pub scratch: Option<PathBuf>,
}

impl FormatOptions {
    /// Makes the usual options, with SQL for an engine.
    #[must_use]
    pub fn new(dialect: SqlDialect) -> Self {
        Self {
            header: Header::default(),
            formulas: Formulas::default(),
            framing: Framing::default(),
            dialect,
            scratch: None,
        }
    }
}

impl FormatKind {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 6] =
        [Self::Csv, Self::Tsv, Self::Json, Self::JsonLines, Self::Sql, Self::Xlsx];

    /// Returns what it is called, in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Json => "JSON",
            Self::JsonLines => "JSON Lines",
            Self::Sql => "SQL",
            Self::Xlsx => "Excel",
        }
    }

    /// Returns how its files' names end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Sql => "sql",
            Self::Xlsx => "xlsx",
        }
    }

    /// Returns the format of files whose names end so, whatever the case.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        let has = |format: &Self| format.extension().eq_ignore_ascii_case(extension);
        let spellings = [("ndjson", Self::JsonLines), ("tab", Self::Tsv)];
        let spelled =
            spellings.into_iter().find(|(other, _)| other.eq_ignore_ascii_case(extension));
        Self::ALL.into_iter().find(has).or(spelled.map(|(_, format)| format))
    }

    /// Returns whether a file can do without the names of the columns.
    #[must_use]
    pub const fn has_optional_header(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Xlsx)
    }

    /// Returns whether spreadsheets may take its texts for formulas.
    #[must_use]
    pub const fn is_open_to_formulas(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// Returns whether labels of foreign keys can be written, which are in no table of their own.
    #[must_use]
    pub const fn takes_labels(self) -> bool {
        !matches!(self, Self::Sql)
    }

    /// Returns whether its files are text, which a terminal can show.
    #[must_use]
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Xlsx)
    }

    /// Returns how many rows one sheet of a file takes, where there is a limit; more come onto
    /// further sheets.
    #[must_use]
    pub const fn rows_a_sheet(self) -> Option<u64> {
        match self {
            Self::Xlsx => Some(super::xlsx::ROWS_PER_SHEET),
            _ => None,
        }
    }

    /// Makes a writer of rows with these columns.
    pub fn writer<'w>(
        self,
        columns: &ExportColumns,
        options: &FormatOptions,
        output: &'w mut (dyn Write + Send),
    ) -> Box<dyn Format + 'w> {
        match self {
            Self::Csv => Box::new(Delimited::commas(columns, options, output)),
            Self::Tsv => Box::new(Delimited::tabs(columns, options, output)),
            Self::Json => Box::new(Json::new(columns, output)),
            Self::JsonLines => Box::new(JsonLines::new(columns, output)),
            Self::Sql => Box::new(Sql::new(columns, options, output)),
            Self::Xlsx => Box::new(Xlsx::new(columns, options, output)),
        }
    }
}
