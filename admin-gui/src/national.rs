//! Numbers and dates as people write them in their language.

use persistence::{ColumnType, Value};

use crate::i18n::Language;

/// Reads what a person typed as it is shown, or else as the language has it: `1 234,50` and
/// `13.02.1999` in Russian.
pub(crate) fn parse(language: Language, column_type: ColumnType, text: &str) -> Option<Value> {
    let plain = column_type.parse(text).ok();
    plain.or_else(|| match language {
        Language::Russian => column_type.parse(&russian(column_type, text.trim())?).ok(),
        Language::English => None,
    })
}

/// Returns what a person typed in the form that columns parse, whether or not it is a value.
pub(crate) fn plain(language: Language, column_type: ColumnType, text: &str) -> String {
    let text = text.trim();
    let national = match language {
        Language::Russian => russian(column_type, text),
        Language::English => None,
    };
    national.unwrap_or_else(|| text.to_owned())
}

/// Returns a text that is typed as Russian has it in the form that columns parse.
fn russian(column_type: ColumnType, text: &str) -> Option<String> {
    match column_type {
        ColumnType::Integer { .. } | ColumnType::Float | ColumnType::Decimal { .. } => number(text),
        ColumnType::Date => date(text),
        ColumnType::Timestamp => {
            let (day, time) = text.split_once([' ', ','])?;
            Some(format!("{} {}", date(day)?, time.trim()))
        }
        _ => None,
    }
}

/// Returns a number that is typed as `1 234,50` without the blanks and with a point; blanks stand
/// between groups of three digits only.
fn number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix(['-', '−']) {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once(',') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split([' ', '\u{a0}', '\u{202f}']);
    let first = groups.next()?;
    let rest: Vec<_> = groups.collect();
    let is_grouped = first.len() <= 3 || rest.is_empty();
    let is_number = is_digits(first)
        && is_grouped
        && rest.iter().all(|group| group.len() == 3 && is_digits(group))
        && fraction.is_none_or(is_digits);
    is_number.then(|| {
        let point = if fraction.is_some() { "." } else { "" };
        format!("{sign}{first}{}{point}{}", rest.concat(), fraction.unwrap_or_default())
    })
}

/// Returns a date that is typed as `13.02.1999` with the year first; no year has two digits.
fn date(text: &str) -> Option<String> {
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_of = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let is_date =
        parts.next().is_none() && is_of(day, 1..=2) && is_of(month, 1..=2) && is_of(year, 4..=4);
    is_date.then(|| format!("{year}-{month:0>2}-{day:0>2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(column_type: ColumnType, text: &str, expected: Option<&str>) {
        let value = parse(Language::Russian, column_type, text);
        assert_eq!(value.map(|value| value.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn a_comma_and_blanks_between_thousands_are_read() {
        let price = ColumnType::Decimal { scale: 2 };
        for (text, expected) in [
            ("12,50", Some("12.50")),
            ("12.50", Some("12.50")),
            ("-0,5", Some("-0.50")),
            ("−7", Some("-7.00")),
            ("1 234,5", Some("1234.50")),
            ("1\u{a0}234\u{202f}567", Some("1234567.00")),
            ("1 2", None),
            ("12 34", None),
            ("1234 567", None),
            ("1,2,3", None),
            ("1.234,50", None),
            (",5", None),
            ("12,", None),
            ("12,505", None),
        ] {
            check(price, text, expected);
        }
        check(ColumnType::Integer { bits: 32 }, "10 000", Some("10000"));
        check(ColumnType::Integer { bits: 32 }, "10,5", None);
        check(ColumnType::Float, "0,25", Some("0.25"));
    }

    #[test]
    fn a_date_begins_with_its_day_and_has_a_whole_year() {
        for (text, expected) in [
            ("13.02.1999", Some("1999-02-13")),
            ("1.2.2003", Some("2003-02-01")),
            ("1999-02-13", Some("1999-02-13")),
            ("13.02.99", None),
            ("02.13.1999", None),
            ("31.02.1999", None),
            ("13.02.1999.", None),
        ] {
            check(ColumnType::Date, text, expected);
        }
        let moment = Some("1999-02-13T14:05:00");
        check(ColumnType::Timestamp, "13.02.1999 14:05", moment);
        check(ColumnType::Timestamp, "13.02.1999, 14:05:00", moment);
    }

    #[test]
    fn a_comma_is_no_point_where_it_parts_thousands() {
        let price = ColumnType::Decimal { scale: 2 };
        assert_eq!(parse(Language::English, price, "12,50"), None);
        check(ColumnType::Text, "12,50", Some("12,50"));
    }
}
