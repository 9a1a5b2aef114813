//! What a database has in a cell, where that is no value of the cell's column.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use bigdecimal::BigDecimal;
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
    Float(#[serde(with = "crate::float_form")] f64),
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
    /// Returns the position of the kind in SQLite's order among values of different kinds.
    const fn rank(&self) -> u8 {
        match self {
            Self::Integer(_) | Self::Float(_) | Self::Number(_) => 0,
            Self::Text(_) | Self::NonUtf8(_) => 1,
            Self::Bytes(_) => 2,
        }
    }

    /// Returns the number exactly, between the infinities; NaN after both.
    fn number(&self) -> (u8, Option<BigDecimal>) {
        let exactly = match self {
            Self::Integer(integer) => Some(BigDecimal::from(*integer)),
            Self::Float(float) if float.is_nan() => return (3, None),
            Self::Float(float) if float.is_infinite() => {
                return (if *float < 0.0 { 0 } else { 2 }, None);
            }
            Self::Float(float) => BigDecimal::try_from(*float).ok(),
            Self::Number(digits) => digits.parse().ok(),
            Self::Text(_) | Self::NonUtf8(_) | Self::Bytes(_) => None,
        };
        (1, exactly)
    }

    /// Returns the bytes of a text or of bytes.
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
            _ if self.rank() == 0 && other.rank() == 0 => self.number().cmp(&other.number()),
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
            Self::Integer(_) | Self::Float(_) | Self::Number(_) => {
                let (place, number) = self.number();
                (place, number.map(|number| number.normalized())).hash(state);
            }
            Self::Text(_) | Self::NonUtf8(_) | Self::Bytes(_) => self.bytes().hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_different_kinds_have_one_order() {
        let mut numbers = [
            RawValue::Float(f64::INFINITY),
            RawValue::Integer(10_000_000_000_000_001),
            RawValue::Float(1e16),
            RawValue::Number("10000000000000000.5".into()),
            RawValue::Integer(9_999_999_999_999_999),
            RawValue::Float(-0.5),
        ];
        numbers.sort();
        let shown: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        let expected =
            ["-0.5", "9999999999999999", "1e16", "10000000000000000.5", "10000000000000001", "inf"];
        assert_eq!(shown, expected);
        assert_eq!(RawValue::Integer(12), RawValue::Float(12.0));
    }
}
