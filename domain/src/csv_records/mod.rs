//! Reading CSV from people: every line is accounted for, and one broken line does not take its neighbours with it.
//!
//! A quote that is never closed makes an ordinary reader swallow everything up to the next quote, or the end of the
//! file, as one cell. Here a record that breaks the rules of [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) is
//! set aside as its first line alone, and reading goes on with the line after it.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// A record with as many fields as the header has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The line it begins on, counted from 1; the header is on line 1.
    pub line: u64,
    /// Its fields.
    pub fields: Vec<String>,
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLine {
    /// Its number, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
    /// The line as it stood in the file; bytes that are not UTF-8 are shown as `�`.
    pub text: String,
}

/// What is wrong with a line of a CSV file.
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
    /// Bytes that are not UTF-8.
    #[error("field {field} is not valid UTF-8")]
    Utf8 {
        /// The field, counted from 1.
        field: usize,
    },
}

/// Why a file cannot be read as CSV at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is no line in it.
    #[error("the file is empty; a header line with column names was expected")]
    Empty,
    /// The first line is broken.
    #[error("the header line cannot be read: {0}")]
    Broken(Fault),
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The records of a CSV file with a header, in order, broken lines among them.
///
/// ```
/// use domain::csv_records::Records;
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
    lines: Lines<R>,
    separator: u8,
    header: Vec<String>,
}

/// What may stand between fields: what spreadsheets write in one country or another.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Longer than any record that is one, short enough for memory.
const LONGEST_RECORD: usize = 256 * 1024 * 1024;

impl<R: Read> Records<R> {
    /// Reads the header. What stands between its fields, a comma, a semicolon or a tab, stands between
    /// those of all records.
    ///
    /// # Errors
    /// If there is none, or it is broken.
    pub fn new(reader: R) -> Result<Self, HeaderError> {
        let mut lines = Lines::new(reader);
        let separator = match lines.next_not_blank()? {
            Some((_, line)) => {
                let separator = separator_of(&line);
                lines.put_back(vec![line]);
                separator
            }
            None => return Err(HeaderError::Empty),
        };
        let mut records = Self { lines, separator, header: Vec::new() };
        match records.read(None)? {
            None => return Err(HeaderError::Empty),
            Some(Err(broken)) => return Err(HeaderError::Broken(broken.fault)),
            Some(Ok(header)) => records.header = header.fields,
        }
        Ok(records)
    }

    /// What stands between fields: a comma, a semicolon or a tab.
    #[must_use]
    pub const fn separator(&self) -> u8 {
        self.separator
    }

    /// The column names.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    fn read(
        &mut self,
        field_count: Option<usize>,
    ) -> io::Result<Option<Result<Record, BrokenLine>>> {
        let Some((line, first)) = self.lines.next_not_blank()? else {
            return Ok(None);
        };
        let mut splitter = Splitter::new(self.separator);
        let mut following = Vec::new();
        let mut length = first.len();
        let mut state = splitter.feed(&first);
        while state == Ok(Fed::Open) {
            let next = if length <= LONGEST_RECORD { self.lines.next()? } else { None };
            let Some(next) = next else {
                state = Err(Fault::UnclosedQuote { field: splitter.fields.len() + 1 });
                break;
            };
            length += next.len();
            state = splitter.feed(&next);
            following.push(next);
        }
        let record = state.and_then(|_| splitter.finish(field_count));
        Ok(Some(match record {
            Ok(fields) => Ok(Record { line, fields }),
            Err(fault) => {
                self.lines.put_back(following);
                let text =
                    String::from_utf8_lossy(&first).trim_end_matches(['\r', '\n']).to_owned();
                Err(BrokenLine { line, fault, text })
            }
        }))
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = io::Result<Result<Record, BrokenLine>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read(Some(self.header.len())).transpose()
    }
}

/// The lines of a file with their ends, some of which may be read again.
#[derive(Debug)]
struct Lines<R> {
    reader: BufReader<R>,
    put_back: VecDeque<Vec<u8>>,
    /// Lines given out and not put back.
    count: u64,
}

impl<R: Read> Lines<R> {
    fn new(reader: R) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, reader),
            put_back: VecDeque::new(),
            count: 0,
        }
    }

    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let line = if let Some(line) = self.put_back.pop_front() {
            line
        } else {
            let mut line = Vec::new();
            self.reader.read_until(b'\n', &mut line)?;
            line
        };
        if line.is_empty() {
            return Ok(None);
        }
        self.count += 1;
        let unmarked =
            line.strip_prefix(BYTE_ORDER_MARK).filter(|_| self.count == 1).map(<[u8]>::to_vec);
        Ok(Some(unmarked.unwrap_or(line)))
    }

    fn next_not_blank(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        while let Some(line) = self.next()? {
            if !line.trim_ascii().is_empty() {
                return Ok(Some((self.count, line)));
            }
        }
        Ok(None)
    }

    fn put_back(&mut self, lines: Vec<Vec<u8>>) {
        self.count -= lines.len() as u64;
        for line in lines.into_iter().rev() {
            self.put_back.push_front(line);
        }
    }
}

/// What stands most often outside of quotes in a header; a comma, where nothing does.
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

/// What Windows programs write at the start of UTF-8 files.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Cuts the lines of one record into fields.
#[derive(Debug)]
struct Splitter {
    separator: u8,
    fields: Vec<Vec<u8>>,
    field: Vec<u8>,
    place: Place,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: its end, or the first of two that stand for one.
    Quote,
}

#[derive(Debug, PartialEq, Eq)]
enum Fed {
    Complete,
    Open,
}

impl Splitter {
    fn new(separator: u8) -> Self {
        Self { separator, fields: Vec::new(), field: Vec::new(), place: Place::default() }
    }

    fn feed(&mut self, line: &[u8]) -> Result<Fed, Fault> {
        let content =
            [&b"\r\n"[..], b"\n"].iter().find_map(|end| line.strip_suffix(*end)).unwrap_or(line);
        for &byte in content {
            self.place = match (self.place, byte) {
                (Place::FieldStart | Place::Plain | Place::Quote, byte)
                    if byte == self.separator =>
                {
                    self.fields.push(std::mem::take(&mut self.field));
                    Place::FieldStart
                }
                (Place::FieldStart, b'"') => Place::Quoted,
                (Place::Quoted, b'"') => Place::Quote,
                (Place::Quote, b'"') | (Place::Quoted, _) => {
                    self.field.push(byte);
                    Place::Quoted
                }
                (Place::Quote, _) => {
                    return Err(Fault::AfterQuote { field: self.fields.len() + 1 });
                }
                (Place::FieldStart | Place::Plain, _) => {
                    self.field.push(byte);
                    Place::Plain
                }
            };
        }
        if self.place == Place::Quoted {
            self.field.extend(line.iter().skip(content.len()));
            return Ok(Fed::Open);
        }
        Ok(Fed::Complete)
    }

    fn finish(mut self, field_count: Option<usize>) -> Result<Vec<String>, Fault> {
        self.fields.push(self.field);
        let found = self.fields.len();
        if let Some(expected) = field_count.filter(|expected| *expected != found) {
            return Err(Fault::FieldCount { expected, found });
        }
        let text =
            |(index, field)| String::from_utf8(field).map_err(|_| Fault::Utf8 { field: index + 1 });
        self.fields.into_iter().enumerate().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each record as its fields joined by `|`, each broken line as its fault.
    fn read(file: &[u8]) -> Vec<String> {
        let records = Records::new(file).expect("a header");
        let show = |item: Result<Record, BrokenLine>| match item {
            Ok(record) => format!("{}: {}", record.line, record.fields.join("|")),
            Err(broken) => format!("{}: {} in {}", broken.line, broken.fault, broken.text),
        };
        records.map(|item| show(item.expect("memory can be read"))).collect()
    }

    #[test]
    fn quoted_fields_keep_commas_quotes_and_line_breaks() {
        let read = read(b"a,b\r\n\"x, y\",\"he said \"\"no\"\"\"\r\n\"two\r\nlines\",z");
        assert_eq!(read, ["2: x, y|he said \"no\"", "3: two\r\nlines|z"]);
    }

    #[test]
    fn the_header_says_what_stands_between_fields() {
        assert_eq!(read(b"a;b\n1,5;\"x;y\"\n"), ["2: 1,5|x;y"]);
        assert_eq!(read(b"a\tb\n1;2\t3,4\n"), ["2: 1;2|3,4"]);
        assert_eq!(read(b"\"a;b;c\",d\n1,2\n"), ["2: 1|2"]);
        assert_eq!(read(b"a\nb;c\n"), ["2: b;c"]);
    }

    #[test]
    fn a_byte_order_mark_and_blank_lines_are_no_data() {
        let records = Records::new(&b"\xEF\xBB\xBFa,b\n\n1,2\n \n3,4\n\n"[..]).expect("a header");
        assert_eq!(records.header(), ["a", "b"]);
        assert_eq!(read(b"\xEF\xBB\xBFa,b\n\n1,2\n \n3,4\n\n"), ["3: 1|2", "5: 3|4"]);
    }

    #[test]
    fn a_quote_never_closed_costs_one_line() {
        let read = read(b"a,b\n1,2\n\"3,4\n5,6\n7,8\n");
        assert_eq!(
            read,
            [
                "2: 1|2",
                "3: the quote that opens field 1 is never closed in \"3,4",
                "4: 5|6",
                "5: 7|8"
            ]
        );
    }

    #[test]
    fn a_quote_closed_by_the_next_lines_quote_costs_one_line() {
        let read = read(b"a,b\n1,\"2\n3,\"4, four\"\n5,6\n");
        assert_eq!(
            read,
            ["2: field 2 goes on after its closing quote in 1,\"2", "3: 3|4, four", "4: 5|6"]
        );
    }

    #[test]
    fn lines_with_too_few_or_too_many_fields_are_set_aside() {
        let read = read(b"a,b\n1\n1,2,3\n1,2\n");
        assert_eq!(
            read,
            ["2: 1 instead of 2 fields in 1", "3: 3 instead of 2 fields in 1,2,3", "4: 1|2"]
        );
    }

    #[test]
    fn invalid_utf_8_names_line_and_field() {
        let read = read(b"a,b\n1,M\xFCnchen\nx,y\n");
        assert_eq!(read, ["2: field 2 is not valid UTF-8 in 1,M\u{fffd}nchen", "3: x|y"]);
    }

    #[test]
    fn a_file_without_a_readable_header_is_refused() {
        let refusal = |file: &'static [u8]| Records::new(file).expect_err("no header").to_string();
        assert_eq!(refusal(b""), "the file is empty; a header line with column names was expected");
        assert_eq!(
            refusal(b"\n\n"),
            "the file is empty; a header line with column names was expected"
        );
        assert_eq!(
            refusal(b"a,\"b\n"),
            "the header line cannot be read: the quote that opens field 2 is never closed"
        );
        assert_eq!(
            refusal(b"a,\xFF\n"),
            "the header line cannot be read: field 2 is not valid UTF-8"
        );
    }

    #[test]
    fn a_cell_of_fifty_megabytes_is_read_whole() {
        let cell = "x".repeat(50 * 1024 * 1024);
        let file = format!("a,b\n1,\"{cell}\"\n3,4\n");
        let records = Records::new(file.as_bytes()).expect("a header");
        let lengths: Vec<usize> =
            records.map(|item| item.expect("read").expect("a record").fields[1].len()).collect();
        assert_eq!(lengths, [50 * 1024 * 1024, 1]);
    }

    fn fields() -> impl Strategy<Value = Vec<Vec<String>>> {
        proptest::collection::vec(proptest::collection::vec("[a-zя\",\r\n ]{0,6}", 3), 0..8)
    }

    proptest! {
        #[test]
        fn what_a_csv_writer_wrote_is_read_back(rows in fields()) {
            let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            writer.write_record(["a", "b", "c"]).expect("memory");
            for row in &rows {
                writer.write_record(row).expect("memory");
            }
            let file = writer.into_inner().expect("memory");
            let records = Records::new(file.as_slice()).expect("a header");
            let read: Vec<Vec<String>> =
                records.map(|item| item.expect("memory").expect("a record").fields).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn any_bytes_are_read_to_the_end_and_no_line_twice(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(records) = Records::new(bytes.as_slice()) {
                let line = |item: io::Result<Result<Record, BrokenLine>>| match item.expect("memory") {
                    Ok(record) => record.line,
                    Err(broken) => broken.line,
                };
                let lines: Vec<u64> = records.map(line).collect();
                prop_assert!(lines.is_sorted_by(|one, next| one < next), "{:?}", lines);
            }
        }
    }
}
