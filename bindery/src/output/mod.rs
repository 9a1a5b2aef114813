//! Rows as people and programs read them: a table, or one of the library's formats.

mod table;

use std::io::Write;

use persistence::Catalog;
use transfer::export::{
    ExportColumns, ExportError, FormatKind, FormatOptions, Source, SqlDialect, Watch, write_rows,
};

use crate::failure::Failure;

pub use table::TableWidth;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns aligned for the eye; long cells are cut with …, NULL is written NULL
    Table,
    /// An array of objects, keys in column order
    Json,
    /// An object a line
    #[value(alias = "ndjson")]
    Jsonl,
    /// A header, then a line a row; NULL is an empty field
    Csv,
    /// As CSV, with tabs for commas
    Tsv,
    /// INSERT statements for the engine the rows come from
    Sql,
    /// A workbook of Excel; more rows than a sheet takes go on on further sheets
    #[value(alias = "excel")]
    Xlsx,
}

impl Format {
    /// Returns the library's format of that name; `None` for the table.
    pub const fn kind(self) -> Option<FormatKind> {
        Some(match self {
            Self::Table => return None,
            Self::Json => FormatKind::Json,
            Self::Jsonl => FormatKind::JsonLines,
            Self::Csv => FormatKind::Csv,
            Self::Tsv => FormatKind::Tsv,
            Self::Sql => FormatKind::Sql,
            Self::Xlsx => FormatKind::Xlsx,
        })
    }
}

impl From<FormatKind> for Format {
    fn from(kind: FormatKind) -> Self {
        match kind {
            FormatKind::Json => Self::Json,
            FormatKind::JsonLines => Self::Jsonl,
            FormatKind::Csv => Self::Csv,
            FormatKind::Tsv => Self::Tsv,
            FormatKind::Sql => Self::Sql,
            FormatKind::Xlsx => Self::Xlsx,
        }
    }
}

/// Returns the usual options for a database.
pub fn options(catalog: &Catalog) -> FormatOptions {
    FormatOptions::new(SqlDialect::of_engine(catalog.engine()))
}

/// Writes rows as a table; returns how many.
///
/// # Errors
/// When the rows cannot be read or the table not be written.
pub fn write_table(
    catalog: &Catalog,
    source: &Source,
    columns: &ExportColumns,
    width: TableWidth,
    output: impl Write,
    watch: &dyn Watch,
) -> Result<u64, ExportError> {
    let mut writer = table::TableWriter::new(columns, width, output);
    write_rows(catalog, source, columns, &mut writer, watch)
}

/// Returns the error as the command line knows it: with the exit code of its cause.
pub fn cause(error: ExportError) -> anyhow::Error {
    match error {
        ExportError::Database(error) => error.into(),
        ExportError::Io(error) => error.into(),
        ExportError::File { path, source } => {
            anyhow::Error::from(source).context(format!("cannot write {}", path.display()))
        }
        ExportError::Cancelled => Failure::Cancelled.into(),
        error @ ExportError::IsDatabase { .. } => Failure::Usage(error.to_string()).into(),
        error @ ExportError::Unfit { .. } => Failure::Refused(error.to_string()).into(),
        error => error.into(),
    }
}
