//! Dates and times as SQLite keeps them: text, in one form each.
//!
//! SQLite compares such texts letter by letter. So only the form that is written is read: a time
//! that says the same in another way (`…T…`, `….000`, `…Z`) would be equal in Rust and another one to
//! the database, found by no condition and sorted elsewhere.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// Parses a date: `2026-11-21`, years from 0000 to 9999.
pub(super) fn parse(text: &str) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// Parses a time of day: `23:59:59`, and a fraction of 3, 6 or 9 digits where there is one: the
/// fewest that say it.
pub(super) fn parse_time(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.as_bytes().split_at_checked(8)?;
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = whole else { return None };
    let nanoseconds = match fraction {
        [] => 0,
        [b'.', digits @ ..] => {
            let scale = match digits.len() {
                3 => 1_000_000,
                6 => 1_000,
                9 => 1,
                _ => return None,
            };
            if digits.ends_with(b"000") {
                return None;
            }
            number(digits)? * scale
        }
        _ => return None,
    };
    NaiveTime::from_hms_nano_opt(
        number(&[h1, h2])?,
        number(&[m1, m2])?,
        number(&[s1, s2])?,
        nanoseconds,
    )
}

/// Parses a point in time: `2026-11-21 23:59:59`, with a fraction as a time has it.
pub(super) fn parse_timestamp(text: &str) -> Option<NaiveDateTime> {
    let (date, rest) = text.split_at_checked(10)?;
    Some(parse(date)?.and_time(parse_time(rest.strip_prefix(' ')?)?))
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number: u32, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_chrono_reads() {
        for text in ["0000-01-01", "1969-12-31", "2024-02-29", "9999-12-31"] {
            let expected = NaiveDate::parse_from_str(text, "%F").expect("a date");
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in ["2024-02-29 00:00:00", "1969-12-31 23:59:59.100", "2024-02-29 12:00:00.000001"]
        {
            let expected = NaiveDateTime::parse_from_str(text, "%F %T%.f").expect("a timestamp");
            assert_eq!(parse_timestamp(text), Some(expected), "{text}");
            assert_eq!(expected.format("%F %T%.f").to_string(), text);
        }
    }

    #[test]
    fn no_other_form_is_read() {
        for text in
            ["", "2026-11-2", "2026-13-01", "2023-02-29", "+2026-01-1", "2026/11/21", "2461366"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        for text in [
            "2024-02-29",
            "2024-02-29T00:00:00",
            "2024-02-29 00:00",
            "2024-02-29 00:00:00Z",
            "2024-02-29 00:00:00+03:00",
            "2024-02-29 00:00:00.000",
            "2024-02-29 00:00:00.100000",
            "2024-02-29 00:00:00.1",
            "2024-02-29 24:00:00",
            " 2024-02-29 00:00:00",
            "24-02-29 00:00:00",
            "2024-02-29 00:00:00.0000000001",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }
}
