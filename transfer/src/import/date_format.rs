//! How dates are written, as people say it: `DD.MM.YYYY`.

use std::str::FromStr;

use chrono::NaiveDate;

/// How dates are written: `DD.MM.YYYY`, `M/D/YYYY`, `D MMM YYYY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateFormat {
    /// As `chrono` says it.
    pattern: String,
}

impl DateFormat {
    /// Returns the format of day, month and year with dots between them.
    pub fn dotted() -> Self {
        Self { pattern: "%d.%m.%Y".to_owned() }
    }

    /// Returns whether the year stands first.
    pub fn begins_with_year(&self) -> bool {
        self.pattern.starts_with("%Y")
    }

    /// Returns the format that letters say: D for the day, M for the month, MMM for its English
    /// name, YYYY for the year.
    ///
    /// # Errors
    /// What is missing, or that years have four digits.
    pub fn of(format: &str) -> Result<Self, String> {
        let mut pattern = String::new();
        let mut rest = format.chars().peekable();
        let mut parts = Vec::new();
        while let Some(letter) = rest.next() {
            let kind = letter.to_ascii_uppercase();
            if !letter.is_alphabetic() {
                pattern.push(letter);
                if letter == '%' {
                    pattern.push('%');
                }
                continue;
            }
            let mut count = 1;
            while rest.next_if(|next| next.to_ascii_uppercase() == kind).is_some() {
                count += 1;
            }
            pattern.push_str(match (kind, count) {
                ('D', 1 | 2) => "%d",
                ('M', 1 | 2) => "%m",
                ('M', 3) => "%b",
                ('M', 4) => "%B",
                ('Y', 4) => "%Y",
                ('Y', _) => return Err("years are written with four digits: YYYY".to_owned()),
                _ => return Err(format!("`{letter}` is none of D, M and Y")),
            });
            parts.push(kind);
        }
        parts.sort_unstable();
        if parts == ['D', 'M', 'Y'] {
            Ok(Self { pattern })
        } else {
            Err("a day, a month and a year are expected, like DD.MM.YYYY".to_owned())
        }
    }

    /// Returns the date that a text is. Its year has four digits.
    pub fn parse(&self, text: &str) -> Option<NaiveDate> {
        let date = NaiveDate::parse_from_str(text, &self.pattern).ok()?;
        let year = date.format("%Y").to_string();
        text.contains(&year).then_some(date)
    }
}

impl FromStr for DateFormat {
    type Err = String;

    fn from_str(format: &str) -> Result<Self, String> {
        Self::of(format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, text: &str) -> Option<String> {
        DateFormat::of(format).expect("a format").parse(text).map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_in_the_order_of_the_letters() {
        assert_eq!(read("DD.MM.YYYY", "13.02.1999").as_deref(), Some("1999-02-13"));
        assert_eq!(read("d/m/yyyy", "3/2/1999").as_deref(), Some("1999-02-03"));
        assert_eq!(read("M/D/YYYY", "3/2/1999").as_deref(), Some("1999-03-02"));
        assert_eq!(read("YYYY-DD-MM", "1999-13-02").as_deref(), Some("1999-02-13"));
        assert_eq!(read("YYYYMMDD", "19990213").as_deref(), Some("1999-02-13"));
        assert_eq!(read("D MMM YYYY", "3 Feb 1999").as_deref(), Some("1999-02-03"));
        assert_eq!(read("DD.MM.YYYY", "13.02.0099").as_deref(), Some("0099-02-13"));
        assert_eq!(read("DD.MM.YYYY", "30.02.1999"), None);
    }

    #[test]
    fn a_year_of_two_digits_is_none() {
        assert_eq!(read("DD.MM.YYYY", "13.02.99"), None);
        assert_eq!(read("YYYY-MM-DD", "23-02-01"), None);
        assert!(DateFormat::of("DD.MM.YY").unwrap_err().contains("four digits"));
    }

    #[test]
    fn what_is_no_format_is_refused() {
        for wrong in ["", "DD.MM", "DD.MM.YYYY.MM", "HH.MM.YYYY", "DDD.MM.YYYY"] {
            assert!(DateFormat::of(wrong).is_err(), "{wrong}");
        }
    }
}
