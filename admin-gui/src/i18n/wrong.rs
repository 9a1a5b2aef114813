//! What is wrong with a text that is no value of its column's type.

use chrono::{Datelike as _, NaiveDate};
use persistence::ColumnType;

use super::{Language, Texts, numbers};
use crate::{national, tr};

impl Texts {
    /// Returns what is wrong with a text that a column does not take: a number that has no room, a day
    /// that there is not; otherwise what the column takes.
    #[must_use]
    pub fn wrong(&self, column_type: ColumnType, typed: &str) -> String {
        let text = national::plain(self.language(), column_type, typed);
        let reason = match column_type {
            ColumnType::Integer { bits } => {
                let most = match bits {
                    16 => i64::from(i16::MAX),
                    32 => i64::from(i32::MAX),
                    _ => i64::MAX,
                };
                self.no_room(&text, most, 0)
            }
            ColumnType::Decimal { scale } => self.no_room(&text, i64::MAX, scale),
            ColumnType::Float => self.no_room_for_float(&text),
            ColumnType::Date => self.no_such_day(&text),
            ColumnType::Time => self.no_such_time(&text),
            ColumnType::Timestamp => {
                let (date, time) = text.split_once(['T', ' ']).unwrap_or((&text, ""));
                self.no_such_day(date).or_else(|| self.no_such_time(time))
            }
            _ => None,
        };
        reason.unwrap_or_else(|| self.expected(column_type))
    }

    /// Returns that a number is beyond what a column takes, `most` of its smallest units; `None` where it
    /// is none, or has too many places.
    fn no_room(&self, text: &str, most: i64, scale: u8) -> Option<String> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let places = places.trim_end_matches('0');
        if whole.is_empty() || !is_number(whole) || !is_number(places) {
            return None;
        }
        if places.len() > usize::from(scale) {
            return None;
        }
        let units = format!("{whole}{places:0<width$}", width = usize::from(scale));
        let limit = i128::from(most) + i128::from(is_negative);
        // What has more digits than that is larger in any case.
        if units.parse::<i128>().is_ok_and(|units| units <= limit) {
            return None;
        }
        let limit = limit.to_string();
        let (whole, places) = limit.split_at(limit.len().saturating_sub(scale.into()));
        let mut limit = numbers::grouped(whole.parse().unwrap_or_default());
        if !places.is_empty() {
            limit.push('.');
            limit.push_str(places);
        }
        Some(if is_negative {
            tr!(self, "wrong-too-small", least = format!("-{limit}"))
        } else {
            tr!(self, "wrong-too-large", most = limit)
        })
    }

    fn no_room_for_float(&self, text: &str) -> Option<String> {
        let is_number = text.bytes().any(|byte| byte.is_ascii_digit());
        let float: f64 = text.parse().ok().filter(|_| is_number)?;
        (!float.is_finite()).then(|| {
            if float.is_sign_negative() {
                tr!(self, "wrong-too-small", least = format!("{:e}", f64::MIN))
            } else {
                tr!(self, "wrong-too-large", most = format!("{:e}", f64::MAX))
            }
        })
    }

    /// Returns that there is no such day, of a text that is one by its form: `2026-02-31`.
    fn no_such_day(&self, text: &str) -> Option<String> {
        let mut parts = text.split('-').map(|part| part.parse::<u32>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() {
            return None;
        }
        let year = i32::try_from(year).ok()?;
        let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else {
            let is_month = (1..=12).contains(&month);
            return (!is_month).then(|| tr!(self, "wrong-month", month = month));
        };
        let days = u32::from(first.num_days_in_month());
        if (1..=days).contains(&day) {
            return None;
        }
        let month = match self.language() {
            Language::English => first.format("%Y-%m").to_string(),
            Language::Russian => first.format("%m.%Y").to_string(),
        };
        Some(tr!(self, "wrong-day", month = month, days = days))
    }

    /// Returns that there is no such time, of a text that is one by its form: `25:00`.
    fn no_such_time(&self, text: &str) -> Option<String> {
        let text = text.strip_suffix('Z').unwrap_or(text);
        let text = text.split_once('.').map_or(text, |(text, _)| text);
        let parts: Option<Vec<u32>> = text.split(':').map(|part| part.parse().ok()).collect();
        let parts = parts.filter(|parts| (2..=3).contains(&parts.len()))?;
        let most = [23, 59, 59];
        let is_beyond = parts.iter().zip(most).any(|(part, most)| *part > most);
        is_beyond.then(|| tr!(self, "wrong-time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, column_type: ColumnType, typed: &str, expected: &str) {
        let wrong = Texts::new(language).wrong(column_type, typed);
        assert_eq!(wrong.replace('\u{a0}', " "), expected, "{typed}");
    }

    #[test]
    fn a_number_that_has_no_room_is_told_its_limit() {
        let check = |column_type, typed, expected| {
            check(Language::English, column_type, typed, expected);
        };
        let forty = "1234567890123456789012345678901234567890";
        let large = ColumnType::Integer { bits: 64 };
        check(large, forty, "is too large: at most 9 223 372 036 854 775 807");
        check(large, "9223372036854775808", "is too large: at most 9 223 372 036 854 775 807");
        check(large, "-9223372036854775809", "is too small: at least -9 223 372 036 854 775 808");
        check(large, "abc", "should be a whole number");
        check(large, "1.5", "should be a whole number");
        check(ColumnType::Integer { bits: 16 }, "40000", "is too large: at most 32 767");
        check(ColumnType::Integer { bits: 16 }, "-40000", "is too small: at least -32 768");
        let price = ColumnType::Decimal { scale: 2 };
        check(price, forty, "is too large: at most 92 233 720 368 547 758.07");
        let float = ColumnType::Float;
        check(float, "1e400", "is too large: at most 1.7976931348623157e308");
        check(float, "-1e400", "is too small: at least -1.7976931348623157e308");
        check(float, "inf", "should be a number");
        check(price, "1.234", "should be a number with at most 2 decimal places");
        let places = "99999999999999999999.234";
        check(price, places, "should be a number with at most 2 decimal places");
        check(price, "-92233720368547758.09", "is too small: at least -92 233 720 368 547 758.08");
        check(
            ColumnType::Decimal { scale: 19 },
            "1",
            "is too large: at most 0.9223372036854775807",
        );
    }

    #[test]
    fn a_day_that_there_is_not_is_named() {
        let english = Language::English;
        check(english, ColumnType::Date, "2026-13-01", "there is no month 13");
        check(english, ColumnType::Date, "2026-00-01", "there is no month 0");
        check(english, ColumnType::Date, "2026-02-31", "2026-02 has only 28 days");
        check(english, ColumnType::Date, "2024-02-30", "2024-02 has only 29 days");
        check(english, ColumnType::Date, "31.02.2026", "should be a date like 2024-12-31");
        check(english, ColumnType::Date, "-1", "should be a date like 2024-12-31");
        check(english, ColumnType::Timestamp, "2026-02-31 10:00", "2026-02 has only 28 days");
        let time = "hours go from 0 to 23, minutes and seconds from 0 to 59";
        check(english, ColumnType::Timestamp, "2026-02-28T24:00:00", time);
        check(english, ColumnType::Time, "10:60", time);
        let russian = Language::Russian;
        check(russian, ColumnType::Date, "31.02.2026", "в 02.2026 только 28 дней");
        check(russian, ColumnType::Date, "31.04.2026", "в 04.2026 только 30 дней");
        check(russian, ColumnType::Date, "01.13.2026", "месяца 13 нет");
        check(russian, ColumnType::Timestamp, "31.11.2026 9:00", "в 11.2026 только 30 дней");
    }
}
