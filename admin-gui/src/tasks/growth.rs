//! How many rows were made in each day, month or year.

use chrono::{Datelike, Days, Months, NaiveDate};

/// Periods that are told apart at most.
const MOST: usize = 60;

/// With more days than these, months are counted.
const DAYS: i64 = 45;

/// With more days than these, years are counted.
const DAYS_OF_MONTHS: i64 = 4 * 366;

/// The length of time that rows are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// How many rows were made in each period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The length of a period.
    pub period: Period,
    /// The periods in order, without gaps.
    pub points: Vec<GrowthPoint>,
}

/// One period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrowthPoint {
    /// Its first day.
    pub start: NaiveDate,
    /// Rows that were made in it.
    pub count: u64,
}

impl Period {
    /// Returns the period in which rows from one time to another are counted.
    #[must_use]
    pub fn for_range(first: NaiveDate, last: NaiveDate) -> Self {
        match (last - first).num_days() {
            days if days <= DAYS => Self::Day,
            days if days <= DAYS_OF_MONTHS => Self::Month,
            _ => Self::Year,
        }
    }

    /// Returns the first day of the period with that day in it.
    #[must_use]
    pub fn start(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => Some(day),
            Self::Month => day.with_day(1),
            Self::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
        }
        .unwrap_or(day)
    }

    /// Returns the first day of the next period.
    #[must_use]
    pub fn next(self, start: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Year => start.checked_add_months(Months::new(12)),
        }
        .unwrap_or(NaiveDate::MAX)
    }

    /// Returns the first days of all periods from one day to another, and of the one after: of very
    /// many the last.
    #[must_use]
    pub fn starts(self, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let mut start = self.start(first);
        if self == Self::Year {
            let most = i32::try_from(MOST).unwrap_or(i32::MAX);
            let earliest = NaiveDate::from_ymd_opt(last.year() - most + 1, 1, 1);
            start = start.max(earliest.unwrap_or(start));
        }
        let mut starts = vec![start];
        while start <= last && starts.len() <= MOST {
            start = self.next(start);
            starts.push(start);
        }
        starts
    }

    /// Returns a period by its first day, as people write it.
    #[must_use]
    pub fn name(self, start: NaiveDate) -> String {
        let format = match self {
            Self::Day => "%Y-%m-%d",
            Self::Month => "%Y-%m",
            Self::Year => "%Y",
        };
        start.format(format).to_string()
    }
}

impl Growth {
    /// Returns how many rows there were at the end of each period.
    #[must_use]
    pub fn totals(&self) -> Vec<u64> {
        self.points
            .iter()
            .scan(0, |total, point| {
                *total += point.count;
                Some(*total)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn names(first: &str, last: &str) -> Vec<String> {
        let (first, last) = (day(first), day(last));
        let period = Period::for_range(first, last);
        period.starts(first, last).into_iter().map(|start| period.name(start)).collect()
    }

    #[test]
    fn a_week_is_counted_by_days_and_a_year_by_months() {
        assert_eq!(
            names("2026-02-27", "2026-03-01"),
            ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
        );
        assert_eq!(names("2025-11-30", "2026-01-31"), ["2025-11", "2025-12", "2026-01", "2026-02"]);
    }

    #[test]
    fn decades_are_counted_by_years() {
        assert_eq!(names("2001-05-05", "2006-01-01").len(), 7);
    }

    #[test]
    fn millennia_leave_the_last_years() {
        let names = names("0001-01-01", "2026-01-01");
        assert_eq!(names.len(), MOST + 1);
        assert_eq!(names.first().map(String::as_str), Some("1967"));
    }

    #[test]
    fn totals_add_up() {
        let point = |start: &str, count| GrowthPoint { start: day(start), count };
        let growth = Growth {
            period: Period::Day,
            points: vec![point("2026-01-01", 3), point("2026-01-02", 0), point("2026-01-03", 4)],
        };
        assert_eq!(growth.totals(), [3, 3, 7]);
    }
}
