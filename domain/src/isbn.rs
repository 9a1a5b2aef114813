//! International Standard Book Numbers: reading, checking and their one stored form.
//!
//! Check digits follow the [ISBN Users' Manual](https://www.isbn-international.org/content/isbn-users-manual):
//! weights 10 to 2 modulo 11 for ten digits, weights 1 and 3 in turn modulo 10 for thirteen.

use std::fmt;
use std::str::FromStr;

/// An ISBN in its stored form: thirteen digits, no hyphens, the check digit right.
///
/// Ten digits are read as well and become the thirteen that name the same book.
///
/// ```
/// use domain::isbn::Isbn;
///
/// let solaris: Isbn = "0-15-602760-7".parse()?;
/// assert_eq!(solaris.as_str(), "9780156027601");
///
/// let mistyped = "978-0-15-602760-2".parse::<Isbn>();
/// assert_eq!(mistyped.unwrap_err().to_string(), "check digit should be 1");
/// # Ok::<(), domain::isbn::IsbnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isbn(String);

/// Why a text is not an ISBN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IsbnError {
    /// A character that is neither a digit, nor the final X of an ISBN-10, nor a separator between digits.
    #[error("{found:?} at position {position} is not a digit")]
    Character {
        /// The character found.
        found: char,
        /// Its place in the text as typed, counted from 1.
        position: usize,
    },
    /// Neither ten nor thirteen digits.
    #[error("should have 10 or 13 digits, has {found}")]
    Length {
        /// How many digits there are.
        found: usize,
    },
    /// Thirteen digits that begin with something else than the prefixes given to books.
    #[error("13 digits should begin with 978 or 979")]
    Prefix,
    /// The last digit does not follow from those before it.
    #[error("check digit should be {expected}")]
    CheckDigit {
        /// What it should be: a digit, or X in an ISBN-10.
        expected: char,
    },
}

impl Isbn {
    /// Returns the thirteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a text is an ISBN just as [`as_str`](Self::as_str) gives it, without
    /// allocating: this is asked for every book that is written.
    #[must_use]
    pub fn is_written_plainly(text: &str) -> bool {
        text.len() == 13
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && has_book_prefix(text)
            && weighted_sum_13(text).is_multiple_of(10)
    }

    /// Returns a text that is an ISBN, of ten digits or thirteen, without what stands around and
    /// between its digits; `None` for any other text.
    ///
    /// ```
    /// use domain::isbn::Isbn;
    ///
    /// assert_eq!(Isbn::plain("978-0-15-602760-1").as_deref(), Some("9780156027601"));
    /// assert_eq!(Isbn::plain("ISBN-10: 0-8044-2957-x").as_deref(), Some("080442957X"));
    /// assert_eq!(Isbn::plain("978-0-15-602760-2"), None);
    /// ```
    #[must_use]
    pub fn plain(text: &str) -> Option<String> {
        let text = text.trim();
        // Excel's way to keep digits a text.
        let text = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let text = match text.get(..4) {
            Some(word) if word.eq_ignore_ascii_case("isbn") => {
                let rest = text.get(4..).unwrap_or_default();
                let kind = ["-10", "-13", "10:", "13:"].iter();
                kind.clone().find_map(|kind| rest.strip_prefix(kind)).unwrap_or(rest)
            }
            _ => text,
        };
        let digits = text.trim_start_matches([':', ' ', '\u{a0}']);
        let is_isbn = digits.parse::<Self>().is_ok();
        is_isbn.then(|| significant_characters(digits).ok()).flatten()
    }

    /// Makes the ISBN with the given twelve leading digits; `None` unless they are twelve digits
    /// with a book's prefix.
    #[must_use]
    pub fn from_first_twelve(digits: &str) -> Option<Self> {
        let is_body = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
        (is_body && has_book_prefix(digits))
            .then(|| Self(format!("{digits}{}", check_digit_13(digits))))
    }

    /// Returns the ten digits that name the same book; `None` for an ISBN that begins with 979,
    /// which never had ten.
    #[must_use]
    pub fn ten_digits(&self) -> Option<String> {
        let body = self.0.starts_with("978").then(|| self.body())?;
        Some(format!("{body}{}", check_digit_10(body)))
    }

    /// Returns the nine digits an ISBN-10 and its ISBN-13 have in common: everything between prefix
    /// and check digit.
    #[must_use]
    pub fn body(&self) -> &str {
        self.0.get(3..12).unwrap_or_default()
    }
}

impl fmt::Display for Isbn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<Isbn> for String {
    fn from(isbn: Isbn) -> Self {
        isbn.0
    }
}

impl FromStr for Isbn {
    type Err = IsbnError;

    fn from_str(text: &str) -> Result<Self, IsbnError> {
        let mut body = significant_characters(text)?;
        let found = body.len();
        let (Some(last), 10 | 13) = (body.pop(), found) else {
            return Err(IsbnError::Length { found });
        };
        if found == 13 && !has_book_prefix(&body) {
            return Err(IsbnError::Prefix);
        }
        let expected = if found == 10 { check_digit_10(&body) } else { check_digit_13(&body) };
        if last != expected {
            return Err(IsbnError::CheckDigit { expected });
        }
        if found == 10 {
            body.insert_str(0, "978");
        }
        body.push(check_digit_13(&body));
        Ok(Self(body))
    }
}

/// Returns the text without surrounding blanks and without separators, an `x` at its end as `X`.
fn significant_characters(text: &str) -> Result<String, IsbnError> {
    let end = text.trim_end().chars().count();
    let mut digits = String::with_capacity(13);
    for (index, found) in text.chars().enumerate().take(end) {
        match found {
            '0'..='9' => digits.push(found),
            'x' | 'X' if digits.len() == 9 && index + 1 == end => digits.push('X'),
            // Hyphen, its typographic kin, and blanks: editions print them all.
            '-' | '\u{2010}'..='\u{2013}' | ' ' | '\u{a0}' => {}
            _ => {
                return Err(IsbnError::Character { found, position: index + 1 });
            }
        }
    }
    Ok(digits)
}

fn has_book_prefix(digits: &str) -> bool {
    digits.starts_with("978") || digits.starts_with("979")
}

/// Returns the check digit that belongs to the first nine digits of an ISBN-10.
fn check_digit_10(body: &str) -> char {
    let sum = body
        .bytes()
        .zip((2..=10).rev())
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum::<u32>();
    match (11 - sum % 11) % 11 {
        10 => 'X',
        digit => decimal_digit(digit),
    }
}

/// Returns the check digit that belongs to the first twelve digits of an ISBN-13.
fn check_digit_13(body: &str) -> char {
    decimal_digit((10 - weighted_sum_13(body) % 10) % 10)
}

/// Sums digits, weighted 1 and 3 by turns: of all thirteen of an ISBN the sum is a multiple of ten.
fn weighted_sum_13(digits: &str) -> u32 {
    let weights = [1, 3].into_iter().cycle();
    digits.bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum()
}

fn decimal_digit(digit: u32) -> char {
    char::from_digit(digit, 10).expect("a remainder below ten is one decimal digit")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let read = text.parse::<Isbn>().map_err(|error| error.to_string());
        let read = read.as_ref().map(Isbn::as_str).map_err(String::as_str);
        assert_eq!(read, expected, "reading {text:?}");
    }

    #[test]
    fn ten_and_thirteen_digits_with_and_without_separators_are_one_isbn() {
        for text in [
            "9780156027601",
            "978-0-15-602760-1",
            "978 0 15 602760 1",
            "978–0–15–602760–1",
            "0156027607",
            "0-15-602760-7",
            "  0-15-602760-7 ",
        ] {
            check(text, Ok("9780156027601"));
        }
    }

    #[test]
    fn the_check_digit_of_ten_may_be_x_in_either_case() {
        check("080442957X", Ok("9780804429573"));
        check("0-8044-2957-x", Ok("9780804429573"));
    }

    #[test]
    fn thirteen_digits_may_begin_with_979() {
        check("979-10-90636-07-1", Ok("9791090636071"));
    }

    #[test]
    fn what_stands_around_and_between_the_digits_is_left_out() {
        for (text, plain) in [
            ("978-0-15-602760-1", "9780156027601"),
            (" 978 0 15 602760 1 ", "9780156027601"),
            ("ISBN 978‐0‐15‐602760‐1", "9780156027601"),
            ("ISBN-13: 9780156027601", "9780156027601"),
            ("isbn:0-15-602760-7", "0156027607"),
            ("ISBN-10 080442957x", "080442957X"),
            ("=\"0156027607\"", "0156027607"),
        ] {
            assert_eq!(Isbn::plain(text).as_deref(), Some(plain), "{text}");
        }
        for text in ["", "ISBN", "978-0-15-602760-2", "0156027607 and more", "=0156027607", "éisbn"]
        {
            assert_eq!(Isbn::plain(text), None, "{text}");
        }
    }

    #[test]
    fn twelve_digits_of_a_book_make_an_isbn_and_nothing_else_does() {
        let of = |digits| Isbn::from_first_twelve(digits).map(String::from);
        assert_eq!(of("978015602760").as_deref(), Some("9780156027601"));
        for wrong in ["97801560276", "9780156027601", "978015602x60", "9780156027é", "123015602760"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn plainly_written_is_what_reads_as_itself(text in "(97[789])?[0-9]{9,11}[0-9-]?") {
            let reads_as_itself = text.parse::<Isbn>().is_ok_and(|isbn| isbn.as_str() == text);
            prop_assert_eq!(Isbn::is_written_plainly(&text), reads_as_itself);
        }

        #[test]
        fn every_isbn_is_written_plainly(digits in "97[89][0-9]{9}") {
            let isbn = Isbn::from_first_twelve(&digits).expect("twelve digits of a book");
            prop_assert!(Isbn::is_written_plainly(isbn.as_str()));
        }
    }

    #[test]
    fn a_wrong_check_digit_names_the_right_one() {
        check("978-0-15-602760-2", Err("check digit should be 1"));
        check("0156027600", Err("check digit should be 7"));
        check("0804429570", Err("check digit should be X"));
        check("015602760X", Err("check digit should be 7"));
    }

    #[test]
    fn what_is_no_isbn_says_what_is_wrong_with_it() {
        check("", Err("should have 10 or 13 digits, has 0"));
        check("123456789", Err("should have 10 or 13 digits, has 9"));
        check("97801560276011", Err("should have 10 or 13 digits, has 14"));
        check("1234567890128", Err("13 digits should begin with 978 or 979"));
        check("97801560O7601", Err("'O' at position 9 is not a digit"));
        check("X804429570", Err("'X' at position 1 is not a digit"));
        check("978015602760X", Err("'X' at position 13 is not a digit"));
        check("9780156027б01", Err("'б' at position 11 is not a digit"));
        check("'; DROP TABLE books; --", Err("'\\'' at position 1 is not a digit"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in ".*") {
            let _ = text.parse::<Isbn>();
        }

        #[test]
        fn what_was_read_once_reads_as_itself(body in "97[89][0-9]{9}") {
            let isbn = Isbn::from_first_twelve(&body).expect("twelve digits with a prefix");
            prop_assert_eq!(isbn.as_str().parse::<Isbn>(), Ok(isbn.clone()));
        }

        #[test]
        fn ten_digits_and_thirteen_are_one_isbn(body in "978[0-9]{9}") {
            let isbn = Isbn::from_first_twelve(&body).expect("twelve digits with a prefix");
            let ten = isbn.ten_digits().expect("978 has ten digits");
            prop_assert_eq!(ten.parse::<Isbn>(), Ok(isbn));
        }

        #[test]
        fn changing_any_one_digit_is_noticed(body in "978[0-9]{9}", place in 3_usize..13, step in 1_u8..10) {
            let isbn = Isbn::from_first_twelve(&body).expect("twelve digits with a prefix");
            let mut bytes = isbn.as_str().as_bytes().to_vec();
            bytes[place] = b'0' + (bytes[place] - b'0' + step) % 10;
            let changed = String::from_utf8(bytes).expect("digits");
            let refused = matches!(changed.parse::<Isbn>(), Err(IsbnError::CheckDigit { .. }));
            prop_assert!(refused, "{} was accepted", changed);
        }
    }
}
