//! A line a row: CSV as RFC 4180 has it, and the same with tabs.
//!
//! NULL is an empty field, the empty text an empty pair of quotes; readers that know the difference
//! (our import, `COPY … CSV` of PostgreSQL) keep it. Alone on its line NULL is a pair of quotes as
//! well, since most readers pass over empty lines. Texts are written as they are: quotes doubled;
//! within quotes what holds line breaks or separators, what a reader might trim or take for NULL, and
//! what begins as a file may that says what it is written in. Binary is `0x…`, dates are ISO 8601, decimals have all
//! their places. Lines end in a bare line feed, as on the systems this runs on.

use std::io::{self, Write};

use persistence::Value;

use super::columns::ExportColumns;
use super::error::FormatError;
use super::format::{Format, FormatOptions, Formulas, Header};

/// Characters that begin a formula in a spreadsheet, by the list of the OWASP.
const BEGIN_FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What readers take away where a file begins with it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Writes a header, then a line a row.
pub(super) struct Delimited<'w> {
    names: Option<Vec<String>>,
    formulas: Formulas,
    separator: u8,
    output: &'w mut (dyn Write + Send),
    /// A text on its way, kept so that not every cell takes memory anew.
    text: String,
}

impl<'w> Delimited<'w> {
    /// Makes a writer of fields that are separated by commas.
    pub(super) fn commas(
        columns: &ExportColumns,
        options: &FormatOptions,
        output: &'w mut (dyn Write + Send),
    ) -> Self {
        Self::new(columns, options, b',', output)
    }

    /// Makes a writer of fields that are separated by tabs.
    pub(super) fn tabs(
        columns: &ExportColumns,
        options: &FormatOptions,
        output: &'w mut (dyn Write + Send),
    ) -> Self {
        Self::new(columns, options, b'\t', output)
    }

    fn new(
        columns: &ExportColumns,
        options: &FormatOptions,
        separator: u8,
        output: &'w mut (dyn Write + Send),
    ) -> Self {
        Self {
            names: (options.header == Header::Present).then(|| columns.names()),
            formulas: options.formulas,
            separator,
            output,
            text: String::new(),
        }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        if self.formulas == Formulas::Guarded && text.starts_with(BEGIN_FORMULAS) {
            self.text.clear();
            self.text.push('\'');
            self.text.push_str(text);
            return write_separated(&mut self.output, &self.text, self.separator);
        }
        write_separated(&mut self.output, text, self.separator)
    }
}

impl Format for Delimited<'_> {
    fn start(&mut self) -> Result<(), FormatError> {
        let Some(names) = &self.names else { return Ok(()) };
        for (place, name) in names.iter().enumerate() {
            if place > 0 {
                self.output.write_all(&[self.separator])?;
            }
            write_separated(&mut self.output, name, self.separator)?;
        }
        Ok(self.output.write_all(b"\n")?)
    }

    fn row(&mut self, row: &[&Value]) -> Result<(), FormatError> {
        for (place, value) in row.iter().enumerate() {
            if place > 0 {
                self.output.write_all(&[self.separator])?;
            }
            match value {
                Value::Null if row.len() == 1 => self.output.write_all(b"\"\"")?,
                Value::Null => {}
                Value::Text(text) => self.text(text)?,
                // Documents hold commas and quotes.
                Value::Json(document) => {
                    write_separated(&mut self.output, &document.to_string(), self.separator)?;
                }
                Value::Raw(stored) => self.text(&stored.to_string())?,
                other => write!(self.output, "{other}")?,
            }
        }
        Ok(self.output.write_all(b"\n")?)
    }

    fn end(&mut self) -> Result<(), FormatError> {
        Ok(self.output.flush()?)
    }
}

/// Writes a field of CSV, in quotes where RFC 4180 wants them, and where readers may trim it or
/// take it for NULL.
///
/// # Errors
/// When the output takes no more.
pub fn write_field(output: &mut impl Write, text: &str) -> io::Result<()> {
    write_separated(output, text, b',')
}

fn write_separated(output: &mut impl Write, text: &str, separator: u8) -> io::Result<()> {
    let is_plain = !matches!(text, "" | "NULL" | "\\N")
        && !text.bytes().any(|byte| byte == separator || matches!(byte, b'"' | b'\n' | b'\r'))
        && !text.starts_with(|first: char| first.is_whitespace() || first == BYTE_ORDER_MARK)
        && !text.ends_with(char::is_whitespace);
    if is_plain {
        return output.write_all(text.as_bytes());
    }
    output.write_all(b"\"")?;
    let mut parts = text.split('"');
    if let Some(first) = parts.next() {
        output.write_all(first.as_bytes())?;
    }
    for part in parts {
        output.write_all(b"\"\"")?;
        output.write_all(part.as_bytes())?;
    }
    output.write_all(b"\"")
}
