//! Rows of JSON: an array of objects, or one object on each line.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Form;
use crate::csv_records::decoding::Decoded;
use crate::csv_records::lines::{Line, Lines};
use crate::csv_records::{BrokenLine, Charset, Fault, HeaderError, Record};

/// The rows that say which columns there are.
const LOOKED_AT: usize = 1_000;

/// Bytes of the longest row.
const LONGEST: usize = 64 << 20;

/// Bytes that are kept of a row that cannot be read.
const KEPT: usize = 64 << 10;

/// The rows of a file, one for each object. The columns are the names in the first thousand of them.
#[derive(Debug)]
pub(super) struct JsonRows<R> {
    texts: Texts<R>,
    charset: (Charset, bool),
    header: Vec<String>,
    places: HashMap<String, usize>,
    /// Rows that were looked at for the header.
    first: VecDeque<Row>,
    /// What went wrong after these.
    failed: Option<io::Error>,
    looked_at: usize,
}

type Row = Result<(u64, Object, String), BrokenLine>;

impl<R: Read> JsonRows<R> {
    pub(super) fn new(reader: R, charset: Option<Charset>) -> Result<Self, HeaderError> {
        let decoded = Decoded::new(reader, charset)?;
        let charset = decoded.charset();
        let mut rows = Self {
            texts: Texts::new(decoded)?,
            charset,
            header: Vec::new(),
            places: HashMap::new(),
            first: VecDeque::new(),
            failed: None,
            looked_at: 0,
        };
        while rows.first.len() < LOOKED_AT {
            match rows.texts.next() {
                Ok(None) => break,
                Ok(Some(row)) => rows.first.push_back(row),
                Err(error) if rows.first.is_empty() => return Err(wrong(error)),
                Err(error) => {
                    rows.failed = Some(error);
                    break;
                }
            }
        }
        rows.looked_at = rows.first.len();
        for (_, Object(members), _) in rows.first.iter().flatten() {
            for (name, _) in members {
                if !rows.places.contains_key(name) {
                    rows.places.insert(name.clone(), rows.header.len());
                    rows.header.push(name.clone());
                }
            }
        }
        if rows.header.is_empty() {
            return Err(match rows.first.into_iter().find_map(Result::err) {
                Some(BrokenLine { line, fault, .. }) => {
                    HeaderError::Json { problem: format!("line {line}: {fault}") }
                }
                None => HeaderError::Json { problem: "there is no object in it".to_owned() },
            });
        }
        Ok(rows)
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) const fn charset(&self) -> (Charset, bool) {
        self.charset
    }

    pub(super) fn next(&mut self) -> Option<io::Result<Result<Record, BrokenLine>>> {
        let row = match self.first.pop_front() {
            Some(row) => row,
            None => match self.failed.take().map_or_else(|| self.texts.next(), Err).transpose()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error)),
            },
        };
        Some(Ok(row.and_then(|(line, object, text)| self.record(line, object, text))))
    }

    fn record(&self, line: u64, object: Object, text: String) -> Result<Record, BrokenLine> {
        let mut fields = vec![String::new(); self.header.len()];
        let mut forms = vec![Form::Absent; self.header.len()];
        for (name, value) in object.0 {
            let fault = match self.places.get(&name) {
                None => Fault::UnknownName { name, looked_at: self.looked_at },
                Some(place) => match (fields.get_mut(*place), forms.get_mut(*place)) {
                    (Some(field), Some(form)) if *form == Form::Absent => {
                        (*field, *form) = field_of(&value);
                        continue;
                    }
                    _ => Fault::Twice { name },
                },
            };
            return Err(BrokenLine { line, fault, text: cut(text) });
        }
        Ok(Record { line, fields, forms })
    }
}

/// Returns a value as a field: numbers as they are written, what is nested as its JSON.
fn field_of(value: &RawValue) -> (String, Form) {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'"') => match serde_json::from_str(text) {
            Ok(text) => (text, Form::Quoted),
            // It was read once already.
            Err(_) => (text.to_owned(), Form::Quoted),
        },
        Some(b'n') => (String::new(), Form::Null),
        Some(b'{' | b'[') => (text.to_owned(), Form::Quoted),
        _ => (text.to_owned(), Form::Exact),
    }
}

/// The members of an object, in the order in which they stand there.
#[derive(Debug)]
struct Object(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Returns the row that a text is.
fn row_of(line: u64, text: &[u8]) -> Row {
    let shown = || String::from_utf8_lossy(text).trim().to_owned();
    match serde_json::from_slice(text) {
        Ok(object) => Ok((line, object, shown())),
        Err(error) => {
            let fault = Fault::NotAnObject { problem: error.to_string() };
            Err(BrokenLine { line, fault, text: cut(shown()) })
        }
    }
}

/// The texts of the objects, one after the other.
#[derive(Debug)]
enum Texts<R> {
    /// One on each line.
    Lines(Lines<BufReader<Decoded<R>>>),
    /// The elements of an array.
    Array(Elements<BufReader<Decoded<R>>>),
}

impl<R: Read> Texts<R> {
    fn new(decoded: Decoded<R>) -> io::Result<Self> {
        let mut reader = BufReader::new(decoded);
        let first = reader.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace());
        Ok(if first == Some(&b'[') {
            Self::Array(Elements { reader, line: 1, number: 0, begun: false, is_ended: false })
        } else {
            Self::Lines(Lines::new(reader)?)
        })
    }

    fn next(&mut self) -> io::Result<Option<Row>> {
        match self {
            Self::Array(elements) => Ok(elements.next()?.map(|(line, text)| row_of(line, &text))),
            Self::Lines(lines) => {
                if !lines.skip_blank()? {
                    return Ok(None);
                }
                let number = lines.number();
                Ok(match lines.line(0, LONGEST)? {
                    Line::None => None,
                    Line::Whole(end) => {
                        let row = row_of(number, lines.ahead(end));
                        lines.consume_line(end);
                        Some(row)
                    }
                    Line::TooLong => {
                        let text = String::from_utf8_lossy(lines.begin(KEPT)).into_owned();
                        lines.skip_line()?;
                        let fault = Fault::TooLong { longest: LONGEST };
                        Some(Err(BrokenLine { line: number, fault, text }))
                    }
                })
            }
        }
    }
}

/// The elements of an array, each as its text; what is in them is not looked at, but for where they end.
#[derive(Debug)]
struct Elements<R> {
    reader: R,
    line: u64,
    /// The line that was said of the last element.
    number: u64,
    begun: bool,
    is_ended: bool,
}

impl<R: BufRead> Elements<R> {
    /// Returns the next element, and the line it begins on. Where several stand on a line, each counts as a line of
    /// its own, so that they can be told apart: of an array on one line it is the element's number.
    fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if self.is_ended {
            return Ok(None);
        }
        let is_first = !self.begun;
        if is_first {
            // The bracket that was seen.
            self.begun = true;
            self.visible()?;
        }
        let first = match self.visible()? {
            Some(b']') if is_first => return self.end().map(|()| None),
            Some(b',' | b']') => return Err(self.broken("an object was expected")),
            None => return Err(self.broken("the array is not closed")),
            Some(first) => first,
        };
        self.number = self.line.max(self.number + 1);
        let line = self.number;
        let (mut text, mut depth) = (Vec::new(), 0_u64);
        let (mut is_in_string, mut is_escaped) = (false, false);
        let mut next = Some(first);
        loop {
            let Some(byte) = next else { return Err(self.broken("the array is not closed")) };
            if is_in_string {
                is_in_string = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
            } else {
                match byte {
                    b'"' => is_in_string = true,
                    b'{' | b'[' => depth += 1,
                    b',' if depth == 0 => return Ok(Some((line, text))),
                    b']' if depth == 0 => {
                        self.end()?;
                        return Ok(Some((line, text)));
                    }
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            text.push(byte);
            if text.len() > LONGEST {
                return Err(self.broken(&format!("a row is longer than {LONGEST} bytes")));
            }
            next = self.byte()?;
        }
    }

    /// Checks that nothing follows the array.
    fn end(&mut self) -> io::Result<()> {
        self.is_ended = true;
        match self.visible()? {
            None => Ok(()),
            Some(_) => Err(self.broken("something follows the array")),
        }
    }

    fn broken(&mut self, problem: &str) -> io::Error {
        self.is_ended = true;
        io::Error::new(io::ErrorKind::InvalidData, format!("line {}: {problem}", self.line))
    }

    /// Returns the next byte that is no blank.
    fn visible(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.byte()? {
                Some(byte) if byte.is_ascii_whitespace() => {}
                byte => return Ok(byte),
            }
        }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = loop {
            match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?.first().copied(),
            }
        };
        if let Some(byte) = byte {
            self.reader.consume(1);
            self.line += u64::from(byte == b'\n');
        }
        Ok(byte)
    }
}

fn wrong(error: io::Error) -> HeaderError {
    if error.kind() == io::ErrorKind::InvalidData {
        HeaderError::Json { problem: error.to_string() }
    } else {
        error.into()
    }
}

fn cut(mut text: String) -> String {
    let end = text.floor_char_boundary(KEPT);
    text.truncate(end);
    text
}
