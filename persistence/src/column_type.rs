//! What a column holds, apart from how an engine stores it.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use serde::{Deserialize, Serialize};

use crate::types::ScaledDecimal;
use crate::value::Value;

/// What a column holds: decides how its values are typed in, shown, compared and filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// `true` or `false`.
    Bool,
    /// A signed integer of 16, 32 or 64 bits.
    Integer {
        /// The width in bits.
        bits: u8,
    },
    /// A floating-point number.
    Float,
    /// A decimal with a fixed number of places.
    Decimal {
        /// The number of decimal places.
        scale: u8,
    },
    /// Text.
    Text,
    /// One of a fixed set of names.
    Enum {
        /// The names, in the order of declaration.
        variants: &'static [&'static str],
    },
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A point in time, UTC, to the microsecond.
    Timestamp,
    /// A binary string.
    Bytes,
    /// A UUID.
    Uuid,
    /// A JSON document.
    Json,
}

/// A value that a column cannot take: says what was expected and what was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("expected {expected}, got `{value}`")]
pub struct ValueError {
    /// What the column takes, in words.
    pub expected: String,
    /// What was given, cut to a readable length.
    pub value: String,
}

/// Characters of a wrong value that an error repeats.
const SHOWN_OF_A_WRONG_VALUE: usize = 80;

impl ValueError {
    /// Makes an error from what was expected and what was given (cut to a readable length).
    #[must_use]
    pub fn new(expected: impl Into<String>, value: impl fmt::Display) -> Self {
        let mut value = value.to_string();
        if let Some((end, _)) = value.char_indices().nth(SHOWN_OF_A_WRONG_VALUE) {
            value.truncate(end);
            value.push('…');
        }
        Self { expected: expected.into(), value }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("true or false"),
            Self::Integer { bits: 16 } => f.write_str("a whole number from -32768 to 32767"),
            Self::Integer { bits: 32 } => {
                f.write_str("a whole number from -2147483648 to 2147483647")
            }
            Self::Integer { .. } => f.write_str("a whole number"),
            Self::Float => f.write_str("a number"),
            Self::Decimal { scale } => write!(f, "a number with at most {scale} decimal places"),
            Self::Text => f.write_str("text"),
            Self::Enum { variants } => write!(f, "one of {}", variants.join(", ")),
            Self::Date => f.write_str("a date like 2024-12-31"),
            Self::Time => f.write_str("a time like 23:59:59"),
            Self::Timestamp => f.write_str("a date and time like 2024-12-31T23:59:59 (UTC)"),
            Self::Bytes => f.write_str("bytes like 0x00ff"),
            Self::Uuid => f.write_str("a UUID"),
            Self::Json => f.write_str("a JSON document"),
        }
    }
}

impl ColumnType {
    /// Returns whether values are text: searched by `~`, never numbers.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Enum { .. })
    }

    /// Returns whether values are numbers, which are shown right-aligned.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer { .. } | Self::Float | Self::Decimal { .. })
    }

    /// Reads what a person typed; the reverse of [`Value`]'s `Display` for everything but NULL.
    ///
    /// # Errors
    /// When the text is no such value.
    pub fn parse(self, text: &str) -> Result<Value, ValueError> {
        let trimmed = text.trim();
        let parsed = match self {
            Self::Text => Some(Value::Text(text.to_owned())),
            Self::Enum { .. } => Some(Value::Text(trimmed.to_owned())),
            Self::Bool => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Some(Value::Bool(true)),
                "false" | "no" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
            Self::Integer { .. } => trimmed.parse().ok().map(Value::Integer),
            Self::Float => {
                trimmed.parse().ok().filter(|float: &f64| float.is_finite()).map(Value::Float)
            }
            Self::Decimal { scale } => {
                ScaledDecimal::parse(trimmed, scale).ok().map(Value::Decimal)
            }
            Self::Date => parse_date(trimmed).map(Value::Date),
            Self::Time => parse_time(trimmed).map(Value::Time),
            Self::Timestamp => parse_timestamp(trimmed).map(Value::Timestamp),
            Self::Bytes => parse_bytes(trimmed).map(Value::Bytes),
            Self::Uuid => trimmed.parse().ok().map(Value::Uuid),
            Self::Json => serde_json::from_str(text).ok().map(Value::Json),
        };
        self.coerce(parsed.ok_or_else(|| ValueError::new(self.to_string(), text))?)
    }

    /// Reads a value from JSON; the reverse of [`Value::to_json`], `null` included. A decimal may
    /// be a number or, where a JSON number does not keep its digits, text.
    ///
    /// ```
    /// use persistence::{ColumnType, Value};
    /// let price = ColumnType::Decimal { scale: 2 };
    /// assert_eq!(price.from_json(&12.99.into())?, price.from_json(&"12.99".into())?);
    /// assert!(price.from_json(&12.999.into()).is_err());
    /// assert!(ColumnType::Bool.from_json(&"true".into()).is_err());
    /// # Ok::<(), persistence::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// When the JSON is no such value.
    pub fn from_json(self, json: &serde_json::Value) -> Result<Value, ValueError> {
        use serde_json::Value as Json;
        let wrong = || ValueError::new(self.to_string(), json);
        match (self, json) {
            (Self::Json, json) if !json.is_null() => Ok(Value::Json(json.clone())),
            (_, Json::Null) => Ok(Value::Null),
            (Self::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
            (Self::Text, Json::String(text)) => Ok(Value::Text(text.clone())),
            (Self::Integer { .. } | Self::Float | Self::Decimal { .. }, Json::Number(number)) => {
                match (self, number.as_i64()) {
                    (_, Some(integer)) => self.coerce(Value::Integer(integer)),
                    (Self::Float, None) => {
                        self.coerce(number.as_f64().map(Value::Float).ok_or_else(wrong)?)
                    }
                    // More digits than these may have been lost before they came here.
                    (Self::Decimal { .. }, None) if digits(number) <= f64::DIGITS as usize => {
                        self.parse(&number.to_string())
                    }
                    _ => Err(wrong()),
                }
            }
            (Self::Bool | Self::Integer { .. } | Self::Float, _) => Err(wrong()),
            (_, Json::String(text)) => self.parse(text),
            _ => Err(wrong()),
        }
    }

    /// Returns some value of this type, to check the other columns of a row while this one has none.
    #[must_use]
    pub fn any_value(self) -> Value {
        let text = match self {
            Self::Bool => "false",
            Self::Integer { .. } | Self::Float | Self::Decimal { .. } => "0",
            Self::Enum { variants } => variants.first().copied().unwrap_or_default(),
            Self::Date => "2000-01-01",
            Self::Time => "00:00",
            Self::Timestamp => "2000-01-01T00:00",
            Self::Bytes => "0x",
            Self::Uuid => "00000000-0000-0000-0000-000000000000",
            Self::Json => "null",
            Self::Text => "",
        };
        self.parse(text).unwrap_or_default()
    }

    /// Turns a value into one of this type as [`coerce`](Self::coerce) does, but for what a
    /// database has stored, which passes as it is.
    ///
    /// # Errors
    /// As [`coerce`](Self::coerce).
    pub(crate) fn coerce_stored(self, value: Value) -> Result<Value, ValueError> {
        match value {
            value @ Value::Raw(_) => Ok(value),
            value => self.coerce(value),
        }
    }

    /// Turns a value into one of this type, where nothing is lost by it: integers where decimals
    /// or floats are wanted, decimals of another scale. NULL passes.
    ///
    /// # Errors
    /// When the value is of another type, out of range, or no variant of the enum.
    pub fn coerce(self, value: Value) -> Result<Value, ValueError> {
        let wrong = |value: &Value| ValueError::new(self.to_string(), value);
        match (self, value) {
            (_, Value::Null) => Ok(Value::Null),
            (Self::Integer { bits }, Value::Integer(integer)) => {
                if fits(bits, integer) {
                    Ok(Value::Integer(integer))
                } else {
                    Err(wrong(&Value::Integer(integer)))
                }
            }
            (Self::Decimal { scale }, Value::Decimal(decimal)) => decimal
                .rescale(scale)
                .map(Value::Decimal)
                .map_err(|_| wrong(&Value::Decimal(decimal))),
            (Self::Decimal { scale }, Value::Integer(integer)) => {
                ScaledDecimal { units: integer, scale: 0 }
                    .rescale(scale)
                    .map(Value::Decimal)
                    .map_err(|_| wrong(&Value::Integer(integer)))
            }
            // Columns may hold infinity; whether one keeps NaN its engine knows.
            (Self::Float, Value::Float(float)) => Ok(Value::Float(float)),
            #[expect(clippy::cast_precision_loss, reason = "the column holds floats")]
            (Self::Float, Value::Integer(integer)) => Ok(Value::Float(integer as f64)),
            (Self::Float, Value::Decimal(decimal)) => Ok(Value::Float(decimal.to_f64())),
            (Self::Enum { variants }, Value::Text(text)) => {
                if variants.contains(&text.as_str()) {
                    Ok(Value::Text(text))
                } else {
                    Err(ValueError::new(self.to_string(), text))
                }
            }
            (Self::Bool, value @ Value::Bool(_))
            | (Self::Text, value @ Value::Text(_))
            | (Self::Date, value @ Value::Date(_))
            | (Self::Time, value @ Value::Time(_))
            | (Self::Timestamp, value @ Value::Timestamp(_))
            | (Self::Bytes, value @ Value::Bytes(_))
            | (Self::Uuid, value @ Value::Uuid(_))
            | (Self::Json, value @ Value::Json(_)) => Ok(value),
            (Self::Timestamp, Value::Date(date)) => {
                Ok(Value::Timestamp(NaiveDateTime::new(date, NaiveTime::MIN)))
            }
            (_, value) => Err(wrong(&value)),
        }
    }
}

/// Returns whether an integer fits one of so many bits.
pub(crate) fn fits(bits: u8, integer: i64) -> bool {
    match bits {
        16 => i16::try_from(integer).is_ok(),
        32 => i32::try_from(integer).is_ok(),
        _ => true,
    }
}

fn digits(number: &serde_json::Number) -> usize {
    number.to_string().chars().filter(char::is_ascii_digit).count()
}

/// Parses a date: its year has four digits, as a year of two could be of any century; one beyond
/// these has a sign.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let (signed, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (year, _) = digits.split_once('-')?;
    let has_a_year = year.bytes().all(|byte| byte.is_ascii_digit())
        && if signed { year.len() >= 4 } else { year.len() == 4 };
    has_a_year.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let time = |format: &&str| NaiveTime::parse_from_str(text, format).ok();
    // No engine stores a leap second.
    ["%H:%M:%S%.f", "%H:%M"].iter().find_map(time).filter(|time| time.nanosecond() < 1_000_000_000)
}

fn parse_timestamp(text: &str) -> Option<NaiveDateTime> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, parse_time(time)?),
        None => (text, NaiveTime::MIN),
    };
    Some(parse_date(date)?.and_time(time))
}

fn parse_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    if digits.len() % 2 != 0 || !digits.is_ascii() {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(column_type: ColumnType, text: &str, expected: Option<&str>) {
        let read = column_type.parse(text).ok().map(|value| value.to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
        let json = column_type.from_json(&text.into()).ok().map(|value| value.to_string());
        assert_eq!(json.as_deref(), expected, "{text} as JSON");
    }

    #[test]
    fn a_year_has_four_digits_or_a_sign() {
        for (text, expected) in [
            ("2024-12-31", Some("2024-12-31")),
            ("0023-02-01", Some("0023-02-01")),
            ("-0044-03-15", Some("-0044-03-15")),
            ("+12024-12-31", Some("+12024-12-31")),
            ("23-02-01", None),
            ("023-02-01", None),
            ("-44-03-15", None),
            ("12024-12-31", None),
            ("20 4-12-31", None),
            ("2024", None),
            ("", None),
        ] {
            check(ColumnType::Date, text, expected);
        }
        for (text, expected) in [
            ("2020-01-01", Some("2020-01-01T00:00:00")),
            ("2020-01-01 10:20", Some("2020-01-01T10:20:00")),
            ("2020-01-01T10:20:30.5Z", Some("2020-01-01T10:20:30.500")),
            ("20-01-01", None),
            ("20-01-01T10:20:30", None),
            ("2020-01-01T23:59:60", None),
        ] {
            check(ColumnType::Timestamp, text, expected);
        }
    }
}
