//! What a cell shows of its value.

use std::borrow::Cow;

use persistence::{Length, Value};

use crate::blob::BlobKind;
use crate::grid::source::SourceColumn;
use crate::row_name::by_key;
use crate::tasks::{Cell, Labels};

/// Characters of a text that a cell shows at most: wider than any screen.
const LONGEST: usize = 400;

/// What a cell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// No value.
    Null,
    /// What stands there while there is no value.
    Hint(Cow<'a, str>),
    /// A text without letters.
    EmptyText,
    /// Text on one line.
    Text(Cow<'a, str>),
    /// Digits, to be set right-aligned and in columns.
    Number(String),
    /// A date or time.
    Moment(String),
    /// Yes or no.
    Mark(bool),
    /// The beginning of a long text on one line.
    LongText {
        /// How it begins.
        start: Cow<'a, str>,
        /// How long it is.
        length: Length,
    },
    /// A binary string.
    Blob {
        /// What it is, where that can be told.
        kind: Option<BlobKind>,
        /// How long it is.
        bytes: u64,
    },
    /// The row a foreign key points to, by its label.
    Reference(Cow<'a, str>),
    /// The same, by its key: the row has no label, or is not known.
    Unnamed(String),
    /// What is stored, which is no value of the column.
    Odd(Cow<'a, str>),
    /// What may not be seen.
    Masked,
}

impl<'a> Content<'a> {
    /// Returns what a column's cell shows; `position` is the column's.
    #[must_use]
    pub fn of(cell: Cell<'a>, column: &SourceColumn, position: usize, labels: &'a Labels) -> Self {
        let value = match cell {
            Cell::Whole(value) => value,
            Cell::Cut { start: Value::Bytes(start), length } => {
                return Self::Blob { kind: BlobKind::of(start), bytes: length.bytes };
            }
            Cell::Cut { start, length } => {
                let start = start.as_text().map(one_line).unwrap_or_default();
                return Self::LongText { start, length };
            }
        };
        if let Some(raw) = value.as_raw() {
            return Self::Odd(one_line(&raw.to_string()).into_owned().into());
        }
        if value.is_null() {
            return if column.is_nullable { Self::Null } else { Self::Odd("NULL".into()) };
        }
        if column.references.is_some() {
            return match labels.get(position, value) {
                Some(label) => Self::Reference(one_line(label)),
                None => Self::Unnamed(by_key(value)),
            };
        }
        match value {
            Value::Null | Value::Raw(_) => Self::Null,
            Value::Masked => Self::Masked,
            Value::Text(text) if text.is_empty() => Self::EmptyText,
            Value::Text(text) => Self::Text(one_line(text)),
            Value::Integer(_) | Value::Float(_) | Value::Decimal(_) => {
                Self::Number(value.to_string())
            }
            Value::Bool(value) => Self::Mark(*value),
            Value::Bytes(bytes) => {
                Self::Blob { kind: BlobKind::of(bytes), bytes: bytes.len() as u64 }
            }
            Value::Timestamp(moment) => {
                Self::Moment(moment.format("%Y-%m-%d %H:%M:%S").to_string())
            }
            Value::Date(_) | Value::Time(_) => Self::Moment(value.to_string()),
            Value::Uuid(_) | Value::Json(_) => {
                Self::Text(one_line(&value.to_string()).into_owned().into())
            }
        }
    }

    /// Returns whether it stands at the right edge of its column.
    #[must_use]
    pub const fn is_right_aligned(&self, column: &SourceColumn) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Null | Self::Odd(_) => column.is_right_aligned(),
            _ => false,
        }
    }
}

/// Returns the start of a text, without line breaks.
fn one_line(text: &str) -> Cow<'_, str> {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    let start = text.get(..end).unwrap_or(text);
    if start.contains(char::is_control) {
        let mut line = start.replace(char::is_control, " ");
        if end < text.len() {
            line.push('…');
        }
        line.into()
    } else {
        start.into()
    }
}

#[cfg(test)]
mod tests {
    use persistence::{Entity as _, RawValue};

    use super::*;
    use crate::grid::entity_column;
    use crate::samples::Volume;

    #[test]
    fn a_long_text_is_cut_and_stays_on_one_line() {
        let text = "two\nlines ".repeat(100_000);
        let line = one_line(&text);
        assert!(line.starts_with("two lines two lines"));
        assert_eq!(line.chars().count(), LONGEST + 1);
    }

    #[test]
    fn numbers_stand_at_the_right_whatever_is_stored_in_their_place() {
        let right = |column: &str, value: Value| {
            let meta = Volume::meta();
            let position = meta.position(column).unwrap();
            let column = entity_column(meta, &meta.columns[position]);
            let labels = Labels::default();
            Content::of(Cell::Whole(&value), &column, position, &labels).is_right_aligned(&column)
        };
        let odd = Value::Raw(RawValue::Float(12.5));
        assert!(right("price", Value::Null));
        assert!(right("price", odd.clone()));
        assert!(right("price", Value::Raw(RawValue::Text("12,50".into()))));
        assert!(!right("published_on", odd.clone()));
        // Keys of other rows stand where the names of these do.
        assert!(!right("writer_id", Value::Integer(7)));
        assert!(!right("writer_id", odd));
    }

    #[test]
    fn a_row_without_a_name_is_called_by_its_key() {
        let meta = Volume::meta();
        let position = Volume::WRITER_ID.position();
        let column = entity_column(meta, &meta.columns[position]);
        let mut labels = Labels::default();
        labels.insert(position, [(Value::Integer(7), "Lem".to_owned())].into());
        let shown = |key| Content::of(Cell::Whole(key), &column, position, &labels);
        assert_eq!(shown(&Value::Integer(7)), Content::Reference("Lem".into()));
        assert_eq!(shown(&Value::Integer(8)), Content::Unnamed("#8".to_owned()));
    }

    #[test]
    fn a_short_text_is_left_as_it_is() {
        assert_eq!(one_line("Мастер и Маргарита"), "Мастер и Маргарита");
    }
}
