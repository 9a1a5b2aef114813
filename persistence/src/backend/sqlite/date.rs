//! Dates as SQLite keeps them: text.

use chrono::NaiveDate;

/// A date of the usual form, `2026-11-21`; whatever else may be one is left to chrono's parser,
/// which reads a format string for each and takes a tenth of the time of loading a row.
pub(super) fn parse(text: &str) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |number: u32, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
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
    }

    #[test]
    fn what_is_unusual_or_wrong_is_left_to_chrono() {
        for text in
            ["", "2026-11-2", "2026-13-01", "2023-02-29", "+2026-01-1", "2026/11/21", "2461366"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
