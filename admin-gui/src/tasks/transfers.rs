//! Rows that are taken away: onto the clipboard, into a file, into a sum.

use std::path::PathBuf;

use persistence::{ColumnMeta, ColumnType, RecordKey, Result, Value};

use crate::jobs::{Kind, Task, Work};
use transfer::export::{
    Export, ExportError, FormatKind, Header, Source, Summary, Written, summarize,
};
use transfer::html_table;

/// Bytes of the longest text beside which there is a table.
pub const LONGEST_TABLE: usize = 8 << 20;

/// A text for the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The text.
    pub text: String,
    /// The same as a table of HTML, where it is cells of rows.
    pub table: Option<String>,
    /// How many rows that is; none for a cell.
    pub rows: u64,
}

/// Reads a cell whole, as a text; NULL, and one whose row is gone, is an empty one.
#[derive(Clone, Debug)]
pub struct CopyCell {
    /// The entity's table.
    pub table: &'static str,
    /// The row's primary key.
    pub key: RecordKey,
    /// The column's position.
    pub position: usize,
}

impl Task for CopyCell {
    type Output = Copied;

    fn may_take_long(&self) -> bool {
        false
    }

    fn run(self, work: &mut Work<'_>) -> Result<Copied> {
        let row = work.session()?.repository(self.table)?.find(&self.key)?;
        let value = row.map_or(Value::Null, |row| row.value(self.position).clone());
        let text = if value.is_null() { String::new() } else { value.to_string() };
        Ok(Copied { text, table: None, rows: 0 })
    }
}

/// Reads rows as a text.
#[derive(Clone, Debug)]
pub struct CopyRows {
    /// Which rows, and how they are written.
    pub export: Export,
    /// How many at most.
    pub limit: u64,
}

impl Task for CopyRows {
    type Output = std::result::Result<Copied, ExportError>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let text = self.export.to_text(work.catalog, self.limit, work.progress);
        Ok(text.map(|text| {
            let table = self.table_of(&text);
            Copied { text, table, rows: work.progress.rows_done() }
        }))
    }
}

impl CopyRows {
    /// Returns a text of cells as a table, unless it is too long for one.
    fn table_of(&self, text: &str) -> Option<String> {
        let Export { columns, format, options, .. } = &self.export;
        if *format != FormatKind::Tsv || text.len() > LONGEST_TABLE {
            return None;
        }
        let is_number = |column: &ColumnMeta| {
            use ColumnType::{Date, Decimal, Float, Integer, Time, Timestamp};
            let column_type = column.column_type;
            matches!(column_type, Integer { .. } | Float | Decimal { .. } | Date | Time | Timestamp)
        };
        let is_text = |column| !columns.stored(column).is_some_and(is_number);
        let are_texts: Vec<bool> = columns.iter().map(is_text).collect();
        html_table(text, &are_texts, options.header == Header::Present)
    }
}

/// Writes rows into a file, which takes the place of another only when it is complete.
#[derive(Clone, Debug)]
pub struct WriteFile {
    /// Which rows, and how they are written.
    pub export: Export,
    /// The file.
    pub path: PathBuf,
}

impl Task for WriteFile {
    type Output = std::result::Result<Written, ExportError>;
    const KIND: Kind = Kind::Makes;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        Ok(self.export.write_file(work.catalog, &self.path, work.progress))
    }
}

/// Adds up the numbers in a column of some rows.
#[derive(Clone, Debug)]
pub struct AddUp {
    /// The rows.
    pub source: Source,
    /// The column's position.
    pub position: usize,
}

impl Task for AddUp {
    type Output = std::result::Result<Summary, ExportError>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        Ok(summarize(work.catalog, &self.source, self.position, work.progress))
    }
}
