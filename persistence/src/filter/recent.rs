//! The last days, counted back from today.

use chrono::{Days, NaiveDate, NaiveTime};

use super::{Comparison, Filter};
use crate::column_type::ColumnType;
use crate::value::Value;

/// Makes a filter of two comparisons: the column holds a day of the last so many before this one,
/// or this one (UTC). `None` for a column that holds no date.
pub(super) fn within(
    column: &str,
    column_type: ColumnType,
    days: u32,
    today: NaiveDate,
) -> Option<Filter> {
    // The first day that every engine knows.
    let earliest = NaiveDate::from_yo_opt(1, 1)?;
    let first =
        today.checked_sub_days(Days::new(days.into())).map_or(earliest, |day| day.max(earliest));
    let compare =
        |operator, value| Filter::Compare { column: column.to_owned().into(), operator, value };
    let (first, until) = match column_type {
        ColumnType::Date => {
            (Value::Date(first), compare(Comparison::LessOrEqual, Value::Date(today)))
        }
        ColumnType::Timestamp => {
            let midnight = |day: NaiveDate| Value::Timestamp(day.and_time(NaiveTime::MIN));
            let tomorrow = today.succ_opt().unwrap_or(today);
            (midnight(first), compare(Comparison::Less, midnight(tomorrow)))
        }
        _ => return None,
    };
    Some(Filter::And(vec![compare(Comparison::GreaterOrEqual, first), until]))
}

/// Returns this day, UTC.
pub(super) fn today() -> NaiveDate {
    crate::clock::now().date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn within_text(column: &str, column_type: ColumnType, days: u32) -> String {
        within(column, column_type, days, day("2026-03-02")).expect("a date").to_string()
    }

    #[test]
    fn the_last_days_end_today() {
        assert_eq!(
            within_text("published_on", ColumnType::Date, 7),
            "published_on between 2026-02-23 and 2026-03-02"
        );
        assert_eq!(
            within_text("created_at", ColumnType::Timestamp, 1),
            "created_at >= 2026-03-01T00:00:00 and created_at < 2026-03-03T00:00:00"
        );
    }

    #[test]
    fn more_days_than_the_calendar_has_are_all_days() {
        assert_eq!(
            within_text("published_on", ColumnType::Date, u32::MAX),
            "published_on between 0001-01-01 and 2026-03-02"
        );
    }
}
