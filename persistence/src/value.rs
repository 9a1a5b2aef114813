//! A cell and a row whose types are known only at run time.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::raw::RawValue;
use crate::types::ScaledDecimal;

/// One cell: a column's value with its type known only at run time.
///
/// Values have a total order: NULL first, text by code point, numbers by size. It is the order
/// the rows of a sorted query come in, on every engine and in memory.
///
/// ```
/// use persistence::Value;
/// assert!(Value::Null < Value::Integer(1));
/// assert!(Value::from("Z") < Value::from("a"));
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// SQL's NULL.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer of any width.
    Integer(i64),
    /// A floating-point number of any width.
    Float(#[serde(with = "crate::float_form")] f64),
    /// A decimal with a fixed number of places.
    Decimal(ScaledDecimal),
    /// Text, and the names of enum variants.
    Text(String),
    /// A calendar date.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A point in time, UTC.
    Timestamp(NaiveDateTime),
    /// A binary string.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// A JSON document.
    Json(serde_json::Value),
    /// What is stored, where that is no value of the column.
    Raw(RawValue),
    /// Whatever is stored, NULL included, where it [may not be seen](crate::Permissions). No database has it, and
    /// none takes it.
    Masked,
}

impl Value {
    /// Returns whether this is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns what is stored, if that is no value of its column.
    #[must_use]
    pub const fn as_raw(&self) -> Option<&RawValue> {
        match self {
            Self::Raw(raw) => Some(raw),
            _ => None,
        }
    }

    /// Returns the text inside, if this is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the integer inside, if this is one.
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// Returns the JSON a program would expect: numbers as numbers, dates as ISO 8601 text, binary
    /// as hexadecimal text. A decimal with more digits than a JSON number keeps is text. What is no
    /// value of its column is an object of its own: `{"unreadable": "02/03/2001"}`; so is what may not be seen:
    /// `{"masked": true}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Integer(value) => (*value).into(),
            Self::Float(value) => (*value).into(),
            Self::Decimal(value) => decimal_to_json(*value),
            Self::Json(value) => value.clone(),
            Self::Raw(value) => serde_json::json!({ "unreadable": value.to_string() }),
            Self::Masked => serde_json::json!({ "masked": true }),
            Self::Text(_)
            | Self::Date(_)
            | Self::Time(_)
            | Self::Timestamp(_)
            | Self::Bytes(_)
            | Self::Uuid(_) => self.to_string().into(),
        }
    }

    /// Returns the position of the type in the order among values of different types.
    const fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Integer(_) => 2,
            Self::Float(_) => 3,
            Self::Decimal(_) => 4,
            Self::Text(_) => 5,
            Self::Date(_) => 6,
            Self::Time(_) => 7,
            Self::Timestamp(_) => 8,
            Self::Bytes(_) => 9,
            Self::Uuid(_) => 10,
            Self::Json(_) => 11,
            Self::Raw(_) => 12,
            Self::Masked => 13,
        }
    }
}

fn decimal_to_json(value: ScaledDecimal) -> serde_json::Value {
    let text = value.to_string();
    let keeps_all_digits = |number: &serde_json::Number| {
        ScaledDecimal::parse(&number.to_string(), value.scale).is_ok_and(|kept| kept == value)
    };
    match text.parse::<serde_json::Number>() {
        Ok(number) if keeps_all_digits(&number) => serde_json::Value::Number(number),
        _ => serde_json::Value::String(text),
    }
}

/// What a person reads: text as it is, ISO 8601 dates, `12.99`, `true`, `NULL`, `0x…` for binary.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Decimal(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::Date(value) => value.fmt(f),
            Self::Time(value) => value.fmt(f),
            Self::Timestamp(value) => write!(f, "{}", value.format("%Y-%m-%dT%H:%M:%S%.f")),
            Self::Bytes(bytes) => write_bytes(bytes, f),
            Self::Uuid(value) => value.fmt(f),
            Self::Json(value) => value.fmt(f),
            Self::Raw(value) => value.fmt(f),
            Self::Masked => f.write_str("•••••"),
        }
    }
}

/// Writes bytes as `0x…`.
pub(crate) fn write_bytes(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("0x")?;
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            // SQL knows one zero.
            (Self::Float(a), Self::Float(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            (Self::Json(a), Self::Json(b)) => a.to_string().cmp(&b.to_string()),
            (Self::Raw(a), Self::Raw(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Self::Null | Self::Masked => {}
            Self::Bool(value) => value.hash(state),
            Self::Integer(value) => value.hash(state),
            Self::Float(value) => (value + 0.0).to_bits().hash(state),
            Self::Decimal(value) => value.hash(state),
            Self::Text(value) => value.hash(state),
            Self::Date(value) => value.hash(state),
            Self::Time(value) => value.hash(state),
            Self::Timestamp(value) => value.hash(state),
            Self::Bytes(value) => value.hash(state),
            Self::Uuid(value) => value.hash(state),
            Self::Json(value) => value.to_string().hash(state),
            Self::Raw(value) => value.hash(state),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// A row whose types are known only at run time: one [`Value`] a column, in the order of
/// [`EntityMeta::columns`](crate::EntityMeta::columns).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record(pub Vec<Value>);

impl Record {
    /// Returns the value of a column by its position; NULL where there is no such column.
    #[must_use]
    pub fn value(&self, column: usize) -> &Value {
        self.0.get(column).unwrap_or(&Value::Null)
    }

    /// Puts a value into a column by its position; a position past the end is ignored.
    pub fn set(&mut self, column: usize, value: Value) {
        if let Some(cell) = self.0.get_mut(column) {
            *cell = value;
        }
    }
}

/// The primary key of a row with its types known only at run time: one value a key column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey(pub Vec<Value>);

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, value) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            value.fmt(f)?;
        }
        Ok(())
    }
}

impl From<i64> for RecordKey {
    fn from(id: i64) -> Self {
        Self(vec![Value::Integer(id)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_a_json_number_only_where_no_digit_is_lost() {
        let json =
            |units, scale| Value::Decimal(ScaledDecimal { units, scale }).to_json().to_string();
        assert_eq!(json(1299, 2), "12.99");
        assert_eq!(json(1290, 2), "12.9");
        assert_eq!(json(900_719_925_474_099_312, 2), "\"9007199254740993.12\"");
    }
}
