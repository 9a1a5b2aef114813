//! Cuts the lines of one record into fields.

use std::ops::Range;

use super::Fault;

/// Cuts the lines of one record into fields. Only remembers where they are.
#[derive(Debug)]
pub(super) struct Splitter {
    separator: u8,
    /// What ends a line.
    end: u8,
    /// How many fields there should be.
    expected: Option<usize>,
    fields: Vec<Field>,
    /// Fields that were met and are too many to be remembered.
    surplus: usize,
    field: Field,
    state: State,
}

/// A field of a record.
#[derive(Debug, Default)]
struct Field {
    /// Where it is in the record, without its quotes.
    bytes: Range<usize>,
    is_quoted: bool,
    /// Whether there are two quotes in it that stand for one.
    has_quotes: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: its end, or the first of two that stand for one.
    Quote,
}

/// What a line came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fed {
    /// The record ends with it.
    Complete,
    /// The record goes on on the next line.
    Open,
}

/// Fields, and whether each stood in quotes.
type Fields = (Vec<String>, Vec<bool>);

impl Splitter {
    pub(super) fn new(separator: u8, end: u8, expected: Option<usize>) -> Self {
        Self {
            separator,
            end,
            expected,
            fields: Vec::new(),
            surplus: 0,
            field: Field::default(),
            state: State::default(),
        }
    }

    /// Returns the number of the field that is being read, counted from 1.
    pub(super) const fn field_number(&self) -> usize {
        self.fields.len() + self.surplus + 1
    }

    /// Returns whether the record may still have as many fields as it should.
    pub(super) fn may_go_on(&self) -> bool {
        self.expected.is_none_or(|expected| self.field_number() <= expected)
    }

    /// Reads the record's next line; `bytes` are all of the record up to its end, `from` is where it begins.
    pub(super) fn feed(&mut self, bytes: &[u8], from: usize) -> Result<Fed, Fault> {
        let line = bytes.get(from..).unwrap_or_default();
        let mut content = line.strip_suffix(&[self.end]).unwrap_or(line);
        if self.end == b'\n' && content.len() < line.len() {
            content = content.strip_suffix(b"\r").unwrap_or(content);
        }
        for (at, &byte) in (from..).zip(content) {
            self.state = match (self.state, byte) {
                (State::FieldStart | State::Plain | State::Quote, byte)
                    if byte == self.separator =>
                {
                    self.end_field(at);
                    State::FieldStart
                }
                (State::FieldStart, b'"') => {
                    self.field.is_quoted = true;
                    self.field.bytes.start = at + 1;
                    State::Quoted
                }
                (State::Quoted, b'"') => {
                    self.field.bytes.end = at;
                    State::Quote
                }
                (State::Quote, b'"') => {
                    self.field.has_quotes = true;
                    State::Quoted
                }
                (State::Quoted, _) => State::Quoted,
                (State::Quote, _) => return Err(Fault::AfterQuote { field: self.field_number() }),
                (State::FieldStart | State::Plain, _) => State::Plain,
            };
        }
        if self.state == State::Quoted {
            return Ok(Fed::Open);
        }
        self.end_field(from + content.len());
        Ok(Fed::Complete)
    }

    fn end_field(&mut self, at: usize) {
        let mut field =
            std::mem::replace(&mut self.field, Field { bytes: at + 1..at + 1, ..Field::default() });
        if !field.is_quoted {
            field.bytes.end = at;
        }
        // One more than there should be tells what is wrong; a million more only take memory.
        if self.expected.is_some_and(|expected| self.fields.len() > expected) {
            self.surplus += 1;
            // What is behind the first surplus field has to be as empty as that.
            if let Some(last) = self.fields.last_mut()
                && !field.is_nothing()
            {
                *last = field;
            }
        } else {
            self.fields.push(field);
        }
    }

    /// Returns the fields of the record. Empty ones at its end that the header does not have are
    /// none.
    pub(super) fn finish(mut self, bytes: &[u8], charset: &'static str) -> Result<Fields, Fault> {
        if let Some(expected) = self.expected {
            let found = self.fields.len() + self.surplus;
            if self.fields.len() == expected + 1
                && self.fields.last().is_some_and(Field::is_nothing)
            {
                self.fields.pop();
            }
            if self.fields.len() != expected {
                return Err(Fault::FieldCount { expected, found });
            }
        }
        let mut fields = Vec::with_capacity(self.fields.len());
        let mut quoted = Vec::with_capacity(self.fields.len());
        for (place, field) in self.fields.into_iter().enumerate() {
            let text = std::str::from_utf8(bytes.get(field.bytes).unwrap_or_default())
                .map_err(|_| Fault::Charset { field: place + 1, charset })?;
            fields.push(if field.has_quotes { text.replace("\"\"", "\"") } else { text.into() });
            quoted.push(field.is_quoted);
        }
        Ok((fields, quoted))
    }
}

impl Field {
    fn is_nothing(&self) -> bool {
        !self.is_quoted && self.bytes.is_empty()
    }
}
