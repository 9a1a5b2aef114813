//! A date or a time is moved.

use chrono::{Datelike as _, Months, NaiveDate, NaiveDateTime, TimeDelta};

use super::{BulkError, no_room, unreadable};
use crate::column_type::ColumnType;
use crate::entity::ColumnMeta;
use crate::value::Value;

/// The years to which dates are moved: all engines have them.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9_999;

/// Moves a date, or a date with a time, on; back where the amount is negative. Of months and years
/// the day stays, as far as the month has it: 31 January and a month is the last of February.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// By how many.
    pub amount: i32,
    /// Of what.
    pub unit: TimeUnit,
}

/// A length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeUnit {
    /// Sixty seconds.
    Minutes,
    /// Sixty minutes.
    Hours,
    /// Twenty-four hours.
    #[default]
    Days,
    /// Seven days.
    Weeks,
    /// Months of the calendar.
    Months,
    /// Years of the calendar.
    Years,
}

impl TimeUnit {
    /// All of them, the shortest first.
    pub const ALL: [Self; 6] =
        [Self::Minutes, Self::Hours, Self::Days, Self::Weeks, Self::Months, Self::Years];

    /// Returns whether values of a type can be moved by it: dates only by whole days.
    #[must_use]
    pub const fn suits(self, column_type: ColumnType) -> bool {
        match column_type {
            ColumnType::Timestamp => true,
            ColumnType::Date => !matches!(self, Self::Minutes | Self::Hours),
            _ => false,
        }
    }
}

impl Shift {
    /// Returns whether values of a type can be moved so.
    #[must_use]
    pub const fn suits(self, column_type: ColumnType) -> bool {
        self.unit.suits(column_type)
    }

    pub(super) fn apply(self, column: &ColumnMeta, value: &Value) -> Result<Value, BulkError> {
        let moved = match value {
            Value::Date(date) => {
                self.moved(date.and_hms_opt(0, 0, 0)).map(|moved| Value::Date(moved.date()))
            }
            Value::Timestamp(time) => self.moved(Some(*time)).map(Value::Timestamp),
            value => return Err(unreadable(column, value)),
        };
        moved.ok_or_else(|| no_room(column, format!("{value} {:+} {:?}", self.amount, self.unit)))
    }

    fn moved(self, time: Option<NaiveDateTime>) -> Option<NaiveDateTime> {
        let time = time?;
        let amount = i64::from(self.amount);
        let moved = match self.unit {
            TimeUnit::Minutes => time.checked_add_signed(TimeDelta::try_minutes(amount)?),
            TimeUnit::Hours => time.checked_add_signed(TimeDelta::try_hours(amount)?),
            TimeUnit::Days => time.checked_add_signed(TimeDelta::try_days(amount)?),
            TimeUnit::Weeks => time.checked_add_signed(TimeDelta::try_weeks(amount)?),
            TimeUnit::Months => by_months(time, self.amount),
            TimeUnit::Years => by_months(time, self.amount.checked_mul(12)?),
        };
        moved.filter(|moved| has_room(moved.date()))
    }
}

fn by_months(time: NaiveDateTime, months: i32) -> Option<NaiveDateTime> {
    let count = Months::new(months.unsigned_abs());
    if months < 0 { time.checked_sub_months(count) } else { time.checked_add_months(count) }
}

fn has_room(date: NaiveDate) -> bool {
    YEARS.contains(&date.year())
}
