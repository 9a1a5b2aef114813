//! What a database has in a cell, where that is no value of the cell's column.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// What is stored in a cell, where that is not of its column's type: `'02/03/2001'` in a date,
/// 5000000000 in a 32-bit integer, `infinity`, `0000-00-00`.
///
/// SQLite keeps any value in any column, and the servers' types hold more than Rust's do. Rows as
/// [`Record`](crate::Record)s have such cells as [`Value::Raw`](crate::Value::Raw), so that one odd
/// cell hides neither its row nor its table; typed rows are refused with
/// [`Error::Unreadable`](crate::Error::Unreadable). A raw value can be shown, compared and searched
/// for as the database does it, and be overwritten; nothing else takes it for a value of the column.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawValue {
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// A number with more digits than the others keep, in decimal.
    Number(String),
    /// Text, or what the engine writes the value as.
    Text(String),
    /// The bytes of a text that is not UTF-8.
    NonUtf8(Vec<u8>),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl RawValue {
    /// Position of the kind in SQLite's order among values of different kinds.
    const fn rank(&self) -> u8 {
        match self {
            Self::Integer(_) | Self::Float(_) | Self::Number(_) => 0,
            Self::Text(_) | Self::NonUtf8(_) => 1,
            Self::Bytes(_) => 2,
        }
    }

    /// The number nearest to it.
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers that are equal then are compared exactly"
    )]
    fn nearest(&self) -> f64 {
        match self {
            Self::Integer(integer) => *integer as f64,
            Self::Float(float) => *float,
            Self::Number(digits) => digits.parse().unwrap_or(f64::NAN),
            Self::Text(_) | Self::NonUtf8(_) | Self::Bytes(_) => f64::NAN,
        }
    }

    /// The bytes of a text or of bytes.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::NonUtf8(bytes) | Self::Bytes(bytes) => bytes,
            Self::Integer(_) | Self::Float(_) | Self::Number(_) => &[],
        }
    }
}

/// Numbers as digits, text as it is, bytes as `0x…`.
impl fmt::Display for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => f.write_str(text),
            Self::NonUtf8(bytes) | Self::Bytes(bytes) => crate::value::write_bytes(bytes, f),
        }
    }
}

impl Ord for RawValue {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            _ if self.rank() == 0 && other.rank() == 0 => (self.nearest() + 0.0)
                .total_cmp(&(other.nearest() + 0.0))
                .then_with(|| self.to_string().cmp(&other.to_string())),
            _ => self.rank().cmp(&other.rank()).then_with(|| self.bytes().cmp(other.bytes())),
        }
    }
}

impl PartialOrd for RawValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for RawValue {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for RawValue {}

impl Hash for RawValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Self::Integer(_) | Self::Float(_) | Self::Number(_) => self.to_string().hash(state),
            Self::Text(_) | Self::NonUtf8(_) | Self::Bytes(_) => self.bytes().hash(state),
        }
    }
}
