//! What a cell shows of its value.

use std::borrow::Cow;

use persistence::{ColumnMeta, ColumnType, Value};

use crate::worker::Labels;

/// Characters of a text that a cell shows at most: wider than any screen.
const LONGEST: usize = 400;

/// What a cell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// No value.
    Null,
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
    /// A binary string of so many bytes.
    Bytes(usize),
    /// The row a foreign key points to, by its label.
    Reference(Cow<'a, str>),
}

impl<'a> Content<'a> {
    /// What a column's value shows; `position` is the column's.
    #[must_use]
    pub fn of(value: &'a Value, column: &ColumnMeta, position: usize, labels: &'a Labels) -> Self {
        if value.is_null() {
            return Self::Null;
        }
        if column.references.is_some() {
            return Self::Reference(
                labels
                    .get(position, value)
                    .map_or_else(|| format!("#{value}").into(), |label| one_line(label)),
            );
        }
        match value {
            Value::Null => Self::Null,
            Value::Text(text) if text.is_empty() => Self::EmptyText,
            Value::Text(text) => Self::Text(one_line(text)),
            Value::Integer(_) | Value::Float(_) | Value::Decimal(_) => {
                Self::Number(value.to_string())
            }
            Value::Bool(value) => Self::Mark(*value),
            Value::Bytes(bytes) => Self::Bytes(bytes.len()),
            Value::Timestamp(moment) => {
                Self::Moment(moment.format("%Y-%m-%d %H:%M:%S").to_string())
            }
            Value::Date(_) | Value::Time(_) => Self::Moment(value.to_string()),
            Value::Uuid(_) | Value::Json(_) => {
                Self::Text(one_line(&value.to_string()).into_owned().into())
            }
        }
    }

    /// Whether it stands at the right edge of its column.
    #[must_use]
    pub const fn is_right_aligned(&self, column_type: ColumnType) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Null => column_type.is_number(),
            _ => false,
        }
    }
}

/// The start of a text, without line breaks.
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
    use super::*;

    #[test]
    fn a_long_text_is_cut_and_stays_on_one_line() {
        let text = "two\nlines ".repeat(100_000);
        let line = one_line(&text);
        assert!(line.starts_with("two lines two lines"));
        assert_eq!(line.chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_short_text_is_left_as_it_is() {
        assert_eq!(one_line("Мастер и Маргарита"), "Мастер и Маргарита");
    }
}
