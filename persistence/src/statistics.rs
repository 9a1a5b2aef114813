//! What the values of a column are like: how many, how often, how far apart.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Timelike as _};

use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, EntityMeta, Storage};
use crate::filter::{FilterError, known};
use crate::types::ScaledDecimal;
use crate::value::Value;

/// Bins that a histogram has at most.
pub const MOST_BINS: u64 = 20;

/// Whole numbers up to here are floats as well, without loss.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What the values of a column are like; see
/// [`Browse::statistics`](crate::Browse::statistics).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnStatistics {
    /// How many rows there are.
    pub rows: u64,
    /// In how many of them the column is NULL.
    pub nulls: u64,
    /// How many different values there are, NULL not counted; `None` for JSON.
    pub distinct: Option<u64>,
    /// The smallest value; NULL where there is none, and for booleans, bytes, UUIDs and JSON.
    pub min: Value,
    /// The largest value; NULL where there is none, and for booleans, bytes, UUIDs and JSON.
    pub max: Value,
    /// The sum of numbers, NULL where there is none. Exact up to 2^53 of the column's smallest
    /// unit, a [`Value::Float`] beyond.
    pub sum: Value,
    /// The mean of numbers.
    pub mean: Option<f64>,
    /// The length of the shortest text in characters, or of the shortest value in bytes.
    pub shortest: Option<u64>,
    /// The length of the longest text in characters, or of the longest value in bytes.
    pub longest: Option<u64>,
    /// How many values lie where, for numbers, dates and times: up to [`MOST_BINS`] bins of equal
    /// width, from the smallest value to the largest, empty ones included.
    pub histogram: Vec<Bin>,
}

/// A part of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct Bin {
    /// The smallest value that belongs to it.
    pub from: Value,
    /// The smallest value that does not belong to it any more; of the last bin the largest that
    /// does.
    pub to: Value,
    /// How many rows have such a value.
    pub rows: u64,
}

/// What can be said of a column, by what it holds and how that is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// Its values are added up.
    pub(crate) is_number: bool,
    /// The smallest and the largest are asked for; not all engines can tell those of all types.
    pub(crate) has_extremes: bool,
    /// Values are compared for equality.
    pub(crate) is_comparable: bool,
    /// Values have a length.
    pub(crate) length: Option<LengthIn>,
}

/// What lengths are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LengthIn {
    Characters,
    Bytes,
}

impl Scope {
    pub(crate) fn of(column: &ColumnMeta) -> Self {
        use ColumnType::{Bool, Bytes, Json, Text, Uuid};
        // Decimals that are kept as text sort as text.
        let is_text = column.storage == Storage::Text
            && column.form.is_none()
            && !column.column_type.is_text();
        let is_opaque = matches!(column.column_type, Bool | Bytes | Json | Uuid);
        Self {
            is_number: column.column_type.is_number() && !is_text,
            has_extremes: !is_opaque && !is_text,
            is_comparable: column.column_type != Json,
            length: match column.column_type {
                Text => Some(LengthIn::Characters),
                Bytes => Some(LengthIn::Bytes),
                _ => None,
            },
        }
    }
}

/// Finds a column whose values are compared.
pub(crate) fn comparable(
    meta: &EntityMeta,
    name: &str,
) -> Result<&'static ColumnMeta, FilterError> {
    let column = known(meta, name)?;
    if Scope::of(column).is_comparable {
        Ok(column)
    } else {
        Err(FilterError::not_comparable(column.name))
    }
}

/// Finds a column whose values are added up.
pub(crate) fn summable(meta: &EntityMeta, name: &str) -> Result<&'static ColumnMeta, FilterError> {
    let column = known(meta, name)?;
    if Scope::of(column).is_number {
        return Ok(column);
    }
    let message = format!("`{}` holds {}, which have no sum", column.name, column.column_type);
    Err(FilterError::new(message))
}

/// Returns how many of the database's units are 1: decimals may be kept as whole numbers.
fn units(column: &ColumnMeta) -> f64 {
    match (column.column_type, column.storage) {
        (ColumnType::Decimal { scale }, Storage::BigInt | Storage::Integer | Storage::SmallInt) => {
            10_f64.powi(scale.into())
        }
        _ => 1.0,
    }
}

/// Returns the sum that the database has found, as a value of the column's type where it is exact.
#[expect(clippy::cast_possible_truncation, reason = "it is known to be small and whole")]
pub(crate) fn sum(column: &ColumnMeta, sum: f64) -> Value {
    let units = units(column);
    match column.column_type {
        ColumnType::Integer { .. } if sum.abs() < EXACT => Value::Integer(sum as i64),
        ColumnType::Decimal { scale } if units > 1.0 && sum.abs() < EXACT => {
            Value::Decimal(ScaledDecimal { units: sum as i64, scale })
        }
        ColumnType::Decimal { scale } if units <= 1.0 => {
            let exact = ScaledDecimal::from_f64(sum, scale);
            let exact = exact.filter(|sum| (sum.units.unsigned_abs() as f64) < EXACT);
            exact.map_or(Value::Float(sum), Value::Decimal)
        }
        _ => Value::Float(sum / units),
    }
}

/// Returns the mean of values of which the database has found the sum.
#[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
pub(crate) fn mean(column: &ColumnMeta, sum: f64, values: u64) -> Option<f64> {
    (values > 0).then(|| sum / units(column) / values as f64)
}

/// Returns what the database would add up for a value.
#[expect(clippy::cast_precision_loss, reason = "as the database does it")]
pub(crate) fn summand(column: &ColumnMeta, value: &Value) -> Option<f64> {
    match value {
        Value::Integer(integer) => Some(*integer as f64),
        Value::Float(float) => Some(*float),
        Value::Decimal(decimal) if units(column) > 1.0 => Some(decimal.units as f64),
        Value::Decimal(decimal) => Some(decimal.to_f64()),
        _ => None,
    }
}

/// Makes bins of equal width without their rows; none for values that are not numbers, dates or times.
pub(crate) fn bins(min: &Value, max: &Value) -> Vec<Bin> {
    let edges = match (min, max) {
        (Value::Float(min), Value::Float(max)) => float_edges(*min, *max),
        (min, max) => match (on_axis(min), on_axis(max)) {
            (Some(low), Some(high)) => whole_edges(low, high)
                .into_iter()
                .filter_map(|place| off_axis(place, min))
                .collect(),
            _ => Vec::new(),
        },
    };
    let ends = edges.iter().skip(1).chain([max]).cloned();
    let bins = edges.iter().cloned().zip(ends);
    bins.map(|(from, to)| Bin { from, to, rows: 0 }).collect()
}

#[expect(clippy::cast_precision_loss, reason = "there are few bins")]
fn float_edges(min: f64, max: f64) -> Vec<Value> {
    let width = max / MOST_BINS as f64 - min / MOST_BINS as f64;
    if !width.is_finite() || width <= 0.0 {
        return vec![Value::Float(min)];
    }
    (0..MOST_BINS).map(|number| Value::Float(min + width * number as f64)).collect()
}

fn whole_edges(min: i128, max: i128) -> Vec<i128> {
    let places = max - min + 1;
    let width = (places + i128::from(MOST_BINS) - 1) / i128::from(MOST_BINS);
    (0..i128::from(MOST_BINS))
        .map(|number| min + number * width)
        .take_while(|edge| *edge <= max)
        .collect()
}

/// Returns where a value lies among all of its type.
fn on_axis(value: &Value) -> Option<i128> {
    match value {
        Value::Integer(integer) => Some(i128::from(*integer)),
        Value::Decimal(decimal) => Some(i128::from(decimal.units)),
        Value::Date(date) => Some(i128::from(date.num_days_from_ce())),
        Value::Time(time) => {
            let seconds = i128::from(time.num_seconds_from_midnight());
            Some(seconds * 1_000_000 + i128::from(time.nanosecond() / 1_000))
        }
        Value::Timestamp(time) => Some(i128::from(time.and_utc().timestamp_micros())),
        _ => None,
    }
}

/// Returns the value of the same type as another that lies there.
fn off_axis(place: i128, like: &Value) -> Option<Value> {
    match like {
        Value::Integer(_) => i64::try_from(place).ok().map(Value::Integer),
        Value::Decimal(like) => {
            let units = i64::try_from(place).ok()?;
            Some(Value::Decimal(ScaledDecimal { units, scale: like.scale }))
        }
        Value::Date(_) => {
            let days = i32::try_from(place).ok()?;
            NaiveDate::from_num_days_from_ce_opt(days).map(Value::Date)
        }
        Value::Time(_) => {
            let seconds = u32::try_from(place / 1_000_000).ok()?;
            let nanoseconds = u32::try_from(place % 1_000_000 * 1_000).ok()?;
            NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanoseconds).map(Value::Time)
        }
        Value::Timestamp(_) => {
            let micros = i64::try_from(place).ok()?;
            DateTime::from_timestamp_micros(micros).map(|time| Value::Timestamp(time.naive_utc()))
        }
        _ => None,
    }
}

/// Returns the number of the bin that a value lies in.
pub(crate) fn bin_of(bins: &[Bin], value: &Value) -> usize {
    bins.iter().skip(1).take_while(|bin| bin.from <= *value).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edges(min: impl Into<Value>, max: impl Into<Value>) -> Vec<String> {
        let bins = bins(&min.into(), &max.into());
        bins.iter().map(|bin| format!("{}..{}", bin.from, bin.to)).collect()
    }

    #[test]
    fn few_whole_numbers_have_a_bin_each() {
        assert_eq!(edges(3, 6), ["3..4", "4..5", "5..6", "6..6"]);
        assert_eq!(edges(5, 5), ["5..5"]);
        assert!(edges("a", "b").is_empty());
        assert!(bins(&Value::Null, &Value::Null).is_empty());
    }

    #[test]
    fn bins_are_equally_wide_and_reach_from_end_to_end() {
        let bins = edges(0, 999);
        assert_eq!(bins.len(), 20);
        assert_eq!((bins[0].as_str(), bins[19].as_str()), ("0..50", "950..999"));
        let all = edges(i64::MIN, i64::MAX);
        assert_eq!(all.len(), 20);
        let dates = |day| Value::Date(NaiveDate::from_ymd_opt(2024, 2, day).expect("a day"));
        assert_eq!(
            edges(dates(28), dates(29)),
            ["2024-02-28..2024-02-29", "2024-02-29..2024-02-29"]
        );
        let floats = super::bins(&Value::Float(-1.0), &Value::Float(1.0));
        assert_eq!((floats.len(), &floats[10].from), (20, &Value::Float(0.0)));
        assert_eq!(super::bins(&Value::Float(f64::MIN), &Value::Float(f64::MAX)).len(), 20);
    }

    proptest! {
        #[test]
        fn every_value_lies_in_its_bin(mut values in proptest::collection::vec(any::<i64>(), 1..20)) {
            values.sort_unstable();
            let value = |integer: Option<&i64>| Value::Integer(*integer.expect("there is one"));
            let bins = bins(&value(values.first()), &value(values.last()));
            for integer in &values {
                let value = Value::Integer(*integer);
                let bin = &bins[bin_of(&bins, &value)];
                let is_last = bin.to == Value::Integer(*values.last().expect("there is one"));
                prop_assert!(bin.from <= value && (value < bin.to || is_last && value == bin.to));
            }
        }
    }
}
