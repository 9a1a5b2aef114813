//! The rows of a file that has a header, whatever its format: CSV, JSON, XLSX.
//!
//! Each row comes with the line that it stands on, and each of its fields with [how it stands](Form) in the file. What
//! cannot be read of a file is a [`BrokenLine`] among the others, as far as it can be told where it ends.

mod json;
mod sheet;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;

use crate::csv_records::{BrokenLine, Charset, Form, HeaderError, Record, Records};
use json::JsonRows;
use sheet::SheetRows;

/// What a file of rows is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileFormat {
    /// Fields with commas, semicolons or tabs between them.
    #[default]
    Csv,
    /// An array of JSON objects, or one object on each line.
    Json,
    /// A workbook of Excel, of which one sheet is read.
    Xlsx,
}

impl FileFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Xlsx];

    /// Returns what a file is by the end of its name.
    ///
    /// ```
    /// use transfer::file_rows::FileFormat;
    /// assert_eq!(FileFormat::of("books.JSONL".as_ref()), Some(FileFormat::Json));
    /// assert_eq!(FileFormat::of("books".as_ref()), None);
    /// ```
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "json" | "jsonl" | "ndjson" => Some(Self::Json),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Returns its name: `CSV`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Xlsx => "XLSX",
        }
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FileFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name));
        let found = found.or_else(|| Self::of(Path::new(&format!("rows.{name}"))));
        found.ok_or_else(|| {
            format!("`{name}` is no format that is read; there are csv, json and xlsx")
        })
    }
}

/// How a file is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What it is.
    pub format: FileFormat,
    /// What it is written in, where that is known.
    pub charset: Option<Charset>,
    /// The sheet of a workbook; the first one, where none is named.
    pub sheet: Option<String>,
}

/// The rows of a file with a header, in order, broken lines among them.
///
/// ```
/// use transfer::file_rows::{FileFormat, FileRows, Reading};
///
/// let file = r#"[{"title": "Solaris", "year": 1961}, {"title": "Ubik", "price": 9.5}]"#;
/// let reading = Reading { format: FileFormat::Json, ..Reading::default() };
/// let rows = FileRows::new(file.as_bytes(), &reading)?;
/// assert_eq!(rows.header(), ["title", "year", "price"]);
/// let rows = rows.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(rows[1].as_ref().unwrap().fields, ["Ubik", "", "9.5"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileRows<R> {
    rows: Rows<R>,
}

#[derive(Debug)]
enum Rows<R> {
    Csv(Box<Records<R>>),
    Json(Box<JsonRows<R>>),
    Sheet(SheetRows),
}

impl<R: Read> FileRows<R> {
    /// Begins to read a file, and finds what its columns are called. Of a workbook all that is packed in it is read
    /// at once.
    ///
    /// # Errors
    /// When it is no such file, or has no header.
    pub fn new(reader: R, reading: &Reading) -> Result<Self, HeaderError> {
        let rows = match reading.format {
            FileFormat::Csv => Rows::Csv(Box::new(Records::in_charset(reader, reading.charset)?)),
            FileFormat::Json => Rows::Json(Box::new(JsonRows::new(reader, reading.charset)?)),
            FileFormat::Xlsx => Rows::Sheet(SheetRows::new(reader, reading.sheet.as_deref())?),
        };
        Ok(Self { rows })
    }

    /// Returns the names of the columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        match &self.rows {
            Rows::Csv(records) => records.header(),
            Rows::Json(rows) => rows.header(),
            Rows::Sheet(rows) => rows.header(),
        }
    }

    /// Returns what stands between fields, where something does.
    #[must_use]
    pub fn separator(&self) -> Option<u8> {
        match &self.rows {
            Rows::Csv(records) => Some(records.separator()),
            Rows::Json(_) | Rows::Sheet(_) => None,
        }
    }

    /// Returns what the file is written in, and whether nobody said so; nothing of a workbook.
    #[must_use]
    pub fn charset(&self) -> Option<(Charset, bool)> {
        match &self.rows {
            Rows::Csv(records) => Some(records.charset()),
            Rows::Json(rows) => Some(rows.charset()),
            Rows::Sheet(_) => None,
        }
    }

    /// Returns whether even the names of the columns stand in quotes: then quotes mean nothing elsewhere.
    #[must_use]
    pub fn quotes_everything(&self) -> bool {
        match &self.rows {
            Rows::Csv(records) => records.quotes_everything(),
            Rows::Json(_) | Rows::Sheet(_) => false,
        }
    }

    /// Returns the sheets of a workbook.
    #[must_use]
    pub fn sheets(&self) -> &[String] {
        match &self.rows {
            Rows::Csv(_) | Rows::Json(_) => &[],
            Rows::Sheet(rows) => rows.sheets(),
        }
    }
}

impl<R: Read> From<Records<R>> for FileRows<R> {
    fn from(records: Records<R>) -> Self {
        Self { rows: Rows::Csv(Box::new(records)) }
    }
}

impl<R: Read> Iterator for FileRows<R> {
    type Item = io::Result<Result<Record, BrokenLine>>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            Rows::Csv(records) => records.next(),
            Rows::Json(rows) => rows.next(),
            Rows::Sheet(rows) => rows.next(),
        }
    }
}
