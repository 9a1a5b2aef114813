//! Something is added to a number, or it is multiplied.

use std::str::FromStr;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive as _};

use super::{BulkError, no_room, unreadable};
use crate::column_type::{ColumnType, ValueError};
use crate::entity::ColumnMeta;
use crate::types::ScaledDecimal;
use crate::value::Value;

/// Digits that an operand has at most: more than any column keeps.
const MOST_DIGITS: usize = 40;

/// What is done to a number. It is exact but for floating-point columns, and then rounded to the
/// places of the column; what is half goes away from zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Calculation {
    /// This is added.
    Add(Operand),
    /// This is taken away.
    Subtract(Operand),
    /// It is multiplied by this.
    Multiply(Operand),
    /// So many hundredths of it are added; less than none take away.
    Percent(Operand),
}

/// A number to calculate with, as exact as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand(BigDecimal);

/// Reads `12`, `-0.05`, `+10`.
impl FromStr for Operand {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let wrong = || ValueError::new(format!("a number of at most {MOST_DIGITS} digits"), text);
        let text = text.trim();
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let is_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || whole.len() + fraction.len() > MOST_DIGITS {
            return Err(wrong());
        }
        text.parse().map(Self).map_err(|_| wrong())
    }
}

impl Calculation {
    pub(super) fn apply(&self, column: &ColumnMeta, value: &Value) -> Result<Value, BulkError> {
        let (places, number) = match value {
            Value::Integer(integer) => (0, BigDecimal::from(*integer)),
            Value::Decimal(ScaledDecimal { units, scale }) => {
                (*scale, BigDecimal::from_bigint(BigInt::from(*units), i64::from(*scale)))
            }
            Value::Float(float) => return self.apply_to_float(column, *float),
            value => return Err(unreadable(column, value)),
        };
        let exact = match self {
            Self::Add(Operand(operand)) => number + operand,
            Self::Subtract(Operand(operand)) => number - operand,
            Self::Multiply(Operand(operand)) => number * operand,
            Self::Percent(Operand(percent)) => {
                let factor =
                    (BigDecimal::from(100) + percent) * BigDecimal::from_bigint(BigInt::from(1), 2);
                number * factor
            }
        };
        let places = match column.column_type {
            ColumnType::Decimal { scale } => scale,
            _ => places,
        };
        let rounded = exact.with_scale_round(i64::from(places), RoundingMode::HalfUp);
        let (units, _) = rounded.as_bigint_and_scale();
        let refused = || no_room(column, rounded.to_plain_string());
        let units = units.to_i64().ok_or_else(refused)?;
        let value = match value {
            Value::Integer(_) => Value::Integer(units),
            _ => Value::Decimal(ScaledDecimal { units, scale: places }),
        };
        column.column_type.coerce(value).map_err(|_| refused())
    }

    fn apply_to_float(&self, column: &ColumnMeta, float: f64) -> Result<Value, BulkError> {
        let number = |operand: &Operand| operand.0.to_f64().unwrap_or(f64::NAN);
        let result = match self {
            Self::Add(operand) => float + number(operand),
            Self::Subtract(operand) => float - number(operand),
            Self::Multiply(operand) => float * number(operand),
            Self::Percent(operand) => float + float * number(operand) / 100.0,
        };
        // What is infinite already stays so.
        if result.is_finite() || !float.is_finite() {
            Ok(Value::Float(result))
        } else {
            Err(no_room(column, result))
        }
    }
}
