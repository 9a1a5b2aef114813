//! Reading CSV from people: every line is accounted for, and one broken line does not take its neighbours with it.
//!
//! A quote that is never closed makes an ordinary reader swallow everything up to the next quote, or the end of the
//! file, as one cell. Here a record that breaks the rules of [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) is
//! set aside as its first line alone, and reading goes on with the line after it. Whatever the file holds, this takes
//! time in proportion to its length, and memory for one record: what is looked at in vain has a limit.
//!
//! Files come as other programs write them: in UTF-8, in UTF-16, or in a [`Charset`] that is named; lines end in LF,
//! CR LF, or CR alone; between fields stands a comma, a semicolon, a tab, or what a first line `sep=|` says; there may
//! be a separator at the end of every line.

pub(crate) mod decoding;
pub(crate) mod lines;
mod splitter;

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use decoding::Decoded;
pub use decoding::{Charset, UnknownCharset};
use lines::{Line, Lines};
use splitter::{Fed, Splitter};

use crate::export::write_field;

/// How a field stands in its file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// As a person writes it.
    #[default]
    Bare,
    /// In quotes: an empty one is the empty text to some programs.
    Quoted,
    /// As a number, a date, true or false of a file that knows such: it has one spelling.
    Exact,
    /// As NULL.
    Null,
    /// Not at all: the row says nothing of it.
    Absent,
}

impl Form {
    const fn of_csv(is_quoted: bool) -> Self {
        if is_quoted { Self::Quoted } else { Self::Bare }
    }
}

/// A record with as many fields as the header has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The line it begins on, counted from 1; the header is on line 1.
    pub line: u64,
    /// Its fields.
    pub fields: Vec<String>,
    /// How each of its fields stands in the file.
    pub(crate) forms: Vec<Form>,
}

impl Record {
    /// Returns whether a field stood in quotes: an empty one that did is the empty text to some
    /// programs, and nothing where it did not.
    #[must_use]
    pub fn is_quoted(&self, field: usize) -> bool {
        self.forms.get(field) == Some(&Form::Quoted)
    }

    /// Returns its fields, and how each stands in the file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Form)> {
        self.fields.iter().map(String::as_str).zip(self.forms.iter().copied())
    }
}

/// Writes fields as a line of CSV, each as it stood in its file.
#[must_use]
pub fn written<'f>(fields: impl IntoIterator<Item = (&'f str, Form)>) -> String {
    let mut text = Vec::new();
    for (position, (field, form)) in fields.into_iter().enumerate() {
        if position > 0 {
            text.push(b',');
        }
        // Nothing in quotes is the empty text; without it is NULL.
        if !field.is_empty() || form == Form::Quoted {
            // Memory takes everything.
            write_field(&mut text, field).ok();
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLine {
    /// Its number, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
    /// The line as it stood in the file; bytes that are no text are shown as `�`. Of a line that is
    /// [too long](Fault::TooLong) its beginning.
    pub text: String,
}

/// What is wrong with a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A quoted field that the file ends in, or that is longer than any real one.
    #[error("the quote that opens field {field} is never closed")]
    UnclosedQuote {
        /// The field, counted from 1.
        field: usize,
    },
    /// Something else than a separator after a closing quote.
    #[error("field {field} goes on after its closing quote")]
    AfterQuote {
        /// The field, counted from 1.
        field: usize,
    },
    /// More or fewer fields than the header.
    #[error("{found} instead of {expected} fields")]
    FieldCount {
        /// Fields in the header.
        expected: usize,
        /// Fields in the line.
        found: usize,
    },
    /// Bytes that are no text in the file's encoding.
    #[error("field {field} is not valid {charset}")]
    Charset {
        /// The field, counted from 1.
        field: usize,
        /// The encoding's name.
        charset: &'static str,
    },
    /// What should be a JSON object and is none.
    #[error("the row is no JSON object: {problem}")]
    NotAnObject {
        /// What is wrong with it.
        problem: String,
    },
    /// A name that comes twice in an object.
    #[error("`{name}` is twice in the object")]
    Twice {
        /// The name.
        name: String,
    },
    /// A name that none of the first objects has.
    #[error("none of the first {looked_at} rows has `{name}`, so that it is no column of the file")]
    UnknownName {
        /// The name.
        name: String,
        /// How many rows say which columns there are.
        looked_at: usize,
    },
    /// A cell that holds what a formula failed with.
    #[error("cell {cell} holds the error {error}")]
    ErrorCell {
        /// The cell: `C4`.
        cell: String,
        /// What stands in it.
        error: String,
    },
    /// A line that memory is too dear for.
    #[error("the line is longer than {longest} bytes, of which only the first are kept here")]
    TooLong {
        /// How long a line may be.
        longest: usize,
    },
}

/// Why the rows of a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is no line in it.
    #[error("the file is empty; a header line with column names was expected")]
    Empty,
    /// The first line is broken.
    #[error("the header line cannot be read: {0}")]
    Broken(Fault),
    /// What should be rows of JSON and is not.
    #[error(
        "the file is no JSON of rows: {problem}; an array of objects was expected, or one object on each line"
    )]
    Json {
        /// What is wrong with it.
        problem: String,
    },
    /// What should be a workbook and is not.
    #[error("the file is no workbook that can be read: {problem}")]
    Workbook {
        /// What is wrong with it.
        problem: String,
    },
    /// A sheet that the workbook does not have.
    #[error("the workbook has no sheet `{name}`; it has {}", sheets.join(", "))]
    NoSheet {
        /// What was named.
        name: String,
        /// The sheets that there are.
        sheets: Vec<String>,
    },
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The records of a CSV file with a header, in order, broken lines among them.
///
/// ```
/// use transfer::csv_records::Records;
///
/// let file = "title,year\n\"Solaris\",1961\n\"Fiasco,1986\nUbik,1969\n";
/// let records = Records::new(file.as_bytes())?;
/// let lines = records.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(lines[0].as_ref().unwrap().fields, ["Solaris", "1961"]);
/// assert_eq!(lines[1].as_ref().unwrap_err().fault.to_string(), "the quote that opens field 1 is never closed");
/// assert_eq!(lines[2].as_ref().unwrap().fields, ["Ubik", "1969"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Records<R> {
    lines: Lines<Decoded<R>>,
    separator: u8,
    header: Vec<String>,
    quotes_everything: bool,
    limits: Limits,
    /// Bytes that were looked at in vain: of lines behind a broken one.
    wasted: u64,
}

/// What one record may cost.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Bytes of a record.
    record: usize,
    /// Bytes that are kept of a line that is longer.
    kept: usize,
    /// Bytes of the header.
    header: usize,
}

impl Limits {
    /// Longer than any record that is one, short enough for memory.
    const USUAL: Self = Self { record: 64 << 20, kept: 64 << 10, header: 1 << 20 };
}

/// What may stand between fields: what spreadsheets write in one country or another.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// How much may be looked at in vain, for each byte that was not.
const WASTE_PER_BYTE: u64 = 8;

impl<R: Read> Records<R> {
    /// Reads the header of a file in UTF-8, or in UTF-16 where it looks like that. What stands
    /// between its fields, a comma, a semicolon or a tab, stands between those of all records.
    ///
    /// # Errors
    /// If there is none, or it is broken.
    pub fn new(reader: R) -> Result<Self, HeaderError> {
        Self::in_charset(reader, None)
    }

    /// Opens a file as [`new`](Self::new) does, in a charset that is known.
    ///
    /// # Errors
    /// If there is no header, or it is broken.
    pub fn in_charset(reader: R, charset: Option<Charset>) -> Result<Self, HeaderError> {
        Self::limited(reader, charset, Limits::USUAL)
    }

    fn limited(reader: R, charset: Option<Charset>, limits: Limits) -> Result<Self, HeaderError> {
        let lines = Lines::new(Decoded::new(reader, charset)?)?;
        let mut records = Self {
            lines,
            separator: b',',
            header: Vec::new(),
            quotes_everything: false,
            limits,
            wasted: 0,
        };
        records.find_separator()?;
        let header = match records.read(None)? {
            None => return Err(HeaderError::Empty),
            Some(Err(broken)) => return Err(HeaderError::Broken(broken.fault)),
            Some(Ok(header)) => header,
        };
        let named = header.fields.iter().rposition(|name| !name.is_empty());
        let count = named.map_or(header.fields.len(), |last| last + 1);
        let is_quoted = |form: &Form| *form == Form::Quoted;
        records.quotes_everything = header.forms.iter().take(count).all(is_quoted);
        records.header = header.fields;
        records.header.truncate(count);
        Ok(records)
    }

    /// Finds what stands between fields: as a first line `sep=;` says, which Excel writes, or as
    /// the header looks.
    fn find_separator(&mut self) -> Result<(), HeaderError> {
        if !self.lines.skip_blank()? {
            return Err(HeaderError::Empty);
        }
        let Line::Whole(end) = self.lines.line(0, self.limits.header)? else { return Ok(()) };
        let line = self.lines.ahead(end);
        if let Some(separator) = declared_separator(line) {
            self.separator = separator;
            self.lines.consume_line(end);
        } else {
            self.separator = separator_of(line);
        }
        Ok(())
    }

    /// Returns what stands between fields: a comma, a semicolon, a tab, or what the file says
    /// itself.
    #[must_use]
    pub const fn separator(&self) -> u8 {
        self.separator
    }

    /// Returns what the file is written in, and whether nobody said so.
    #[must_use]
    pub fn charset(&self) -> (Charset, bool) {
        self.lines.reader().charset()
    }

    /// Returns whether even the names of the columns stand in quotes: then quotes mean nothing
    /// elsewhere.
    #[must_use]
    pub const fn quotes_everything(&self) -> bool {
        self.quotes_everything
    }

    /// Returns the column names, but for empty ones at the end.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    fn read(
        &mut self,
        field_count: Option<usize>,
    ) -> io::Result<Option<Result<Record, BrokenLine>>> {
        if !self.lines.skip_blank()? {
            return Ok(None);
        }
        let number = self.lines.number();
        let Limits { record, header, .. } = self.limits;
        let longest = if field_count.is_some() { record } else { header };
        let first = match self.lines.line(0, longest)? {
            Line::Whole(end) => end,
            Line::None | Line::TooLong => {
                return self.set_aside_too_long(number, longest).map(|broken| Some(Err(broken)));
            }
        };
        let mut splitter = Splitter::new(self.separator, self.lines.end(), field_count);
        let mut state = splitter.feed(self.lines.ahead(first), 0);
        let open = splitter.field_number();
        let (mut end, mut count) = (first, 1);
        while state == Ok(Fed::Open) {
            let affordable = usize::try_from(self.affordable()).unwrap_or(usize::MAX);
            let limit = longest.min(first.saturating_add(affordable));
            let next = match self.lines.line(end, limit)? {
                Line::Whole(next) if splitter.may_go_on() => next,
                _ => {
                    state = Err(Fault::UnclosedQuote { field: open });
                    break;
                }
            };
            state = splitter.feed(self.lines.ahead(next), end);
            (end, count) = (next, count + 1);
        }
        let charset = self.charset().0.name();
        let bytes = self.lines.ahead(end);
        let record = state.and_then(|_| splitter.finish(bytes, charset));
        Ok(Some(match record {
            Ok((fields, quoted)) => {
                self.lines.consume(end, count);
                let forms = quoted.into_iter().map(Form::of_csv).collect();
                Ok(Record { line: number, fields, forms })
            }
            Err(fault) => {
                self.wasted += (end - first) as u64;
                let text = text_of(self.lines.ahead(first));
                self.lines.consume_line(first);
                Err(BrokenLine { line: number, fault, text })
            }
        }))
    }

    /// Returns how many bytes may yet be looked at in vain.
    fn affordable(&self) -> u64 {
        let earned = (self.lines.consumed() + self.limits.record as u64) * WASTE_PER_BYTE;
        earned.saturating_sub(self.wasted)
    }

    fn set_aside_too_long(&mut self, line: u64, longest: usize) -> io::Result<BrokenLine> {
        let text = text_of(self.lines.begin(self.limits.kept));
        self.lines.skip_line()?;
        Ok(BrokenLine { line, fault: Fault::TooLong { longest }, text })
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = io::Result<Result<Record, BrokenLine>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read(Some(self.header.len())).transpose()
    }
}

fn text_of(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']).to_owned()
}

/// Returns what a line `sep=;` says, in quotes or not.
fn declared_separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (key, separator) = line.split_at_checked(4)?;
    match separator {
        [separator] if key.eq_ignore_ascii_case(b"sep=") && separator.is_ascii() => {
            Some(*separator).filter(|separator| *separator != b'"')
        }
        // A tab is a blank, and went with the others.
        [] if key.eq_ignore_ascii_case(b"sep=") => Some(b'\t'),
        _ => None,
    }
}

/// Returns what stands most often outside of quotes in a header; a comma, where nothing does.
fn separator_of(header: &[u8]) -> u8 {
    let mut counts = SEPARATORS.map(|separator| (separator, 0_u32));
    let mut is_quoted = false;
    for &byte in header {
        is_quoted ^= byte == b'"';
        let separator = counts.iter_mut().find(|(separator, _)| *separator == byte);
        if let Some((_, count)) = separator.filter(|_| !is_quoted) {
            *count += 1;
        }
    }
    // The first of several that are equal.
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(separator, _)| separator)
}
