//! What can be proved about an ISBN that spreadsheets and databases have damaged on its way.
//!
//! Three kinds of damage leave a proof behind: an ISBN-10 read as a number has lost its leading zeros but keeps its
//! check digit; an ISBN-13 cut down to ten digits has lost 978 but keeps its check digit; an ISBN-13 written as
//! `9.78015602760e+12` has lost the check digit itself, but the rounding of the twelfth digit tells whether it was
//! a large or a small one, which often leaves a single ISBN. What is not proved is not guessed.

use std::fmt;

use crate::isbn::{Isbn, IsbnError};

/// How an ISBN was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repair {
    /// The leading zeros of an ISBN-10 were put back and its check digit fits.
    LeadingZeros,
    /// The prefix 978 was put back before ten digits and the check digit of thirteen fits.
    Prefix,
    /// All thirteen digits were there, written as a floating-point number.
    Notation,
    /// The last digit was rounded away and only one ISBN fits what is left, or fits it and the other column.
    Rounding,
}

/// What two columns, one for the ISBN-10 and one for the ISBN-13, say about one book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Both are empty.
    Absent,
    /// The ISBN is known.
    Proved {
        /// The ISBN.
        isbn: Isbn,
        /// How it was restored; `None` if it stood there unharmed.
        repair: Option<Repair>,
        /// The other column, if it names another book or edition or no ISBN at all.
        contradicted_by: Option<String>,
    },
    /// Something is there, but no ISBN can be proved from it.
    Unproved {
        /// What was found and what is wrong with it.
        reason: String,
    },
}

/// Reads the ISBN of a book from its two columns, preferring the ISBN-10, which keeps its check digit.
///
/// ```
/// use domain::goodbooks::isbn_repair::{Reading, Repair, read};
///
/// let Reading::Proved { isbn, repair, .. } = read("156027607", "9.78015602760e+12") else { unreachable!() };
/// assert_eq!((isbn.as_str(), repair), ("9780156027601", Some(Repair::LeadingZeros)));
///
/// // 9780812971064 and 9780812971057 both round to this.
/// assert!(matches!(read("", "9.78081297106e+12"), Reading::Unproved { .. }));
/// ```
#[must_use]
pub fn read(isbn_10: &str, isbn_13: &str) -> Reading {
    let (isbn_10, isbn_13) = (isbn_10.trim(), isbn_13.trim());
    let (first, second) = (Evidence::of(isbn_10), Evidence::of(isbn_13));
    match (first, second) {
        (Evidence::Nothing, Evidence::Nothing) => Reading::Absent,
        (Evidence::Proof(isbn, repair), other) => proved(isbn, repair, isbn_13, &other),
        (other, Evidence::Proof(isbn, repair)) => proved(isbn, repair, isbn_10, &other),
        (Evidence::Rounded(isbns), other) => from_rounded(isbns, isbn_10, isbn_13, &other),
        (other, Evidence::Rounded(isbns)) => from_rounded(isbns, isbn_13, isbn_10, &other),
        (Evidence::Broken(error), Evidence::Broken(_) | Evidence::Nothing) => {
            unproved(isbn_10, error)
        }
        (Evidence::Nothing, Evidence::Broken(error)) => unproved(isbn_13, error),
    }
}

/// What one column says by itself.
enum Evidence {
    Nothing,
    Proof(Isbn, Option<Repair>),
    /// Every ISBN that rounds to the number given; none if the number is no rounded ISBN.
    Rounded(Vec<Isbn>),
    Broken(IsbnError),
}

/// Fewer digits than this were never an ISBN; above all, `0` is what some programs write for "none".
const FEWEST_SIGNIFICANT_DIGITS: usize = 6;

/// C's `%.12g`, Python's and pandas' way to write large numbers, keeps twelve digits and drops zeros at the end.
const ROUNDED_TO: usize = 12;

/// With more zeros dropped than this, a number was rounded more coarsely rather than by chance.
const MOST_DROPPED_ZEROS: usize = 2;

impl Evidence {
    fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self::Nothing;
        }
        match text.parse::<Isbn>() {
            Ok(isbn) => Self::Proof(isbn, None),
            Err(error) => match Number::parse(text) {
                None => Self::restored(text, text, None).unwrap_or(Self::Broken(error)),
                Some(Number::Exact(digits)) => {
                    Self::restored(&digits, text, Some(Repair::Notation))
                        .unwrap_or(Self::Broken(error))
                }
                Some(Number::Rounded(digits)) => Self::Rounded(rounding_to(&digits)),
            },
        }
    }

    /// Returns the ISBN that the digits prove once the parts that are known to get lost are put back.
    fn restored(digits: &str, text: &str, notation: Option<Repair>) -> Option<Self> {
        if digits != text
            && let Ok(isbn) = digits.parse()
        {
            return Some(Self::Proof(isbn, notation));
        }
        if !(FEWEST_SIGNIFICANT_DIGITS..=10).contains(&digits.len()) {
            return None;
        }
        let padded = format!("{digits:0>10}");
        let with_zeros = padded.parse().map(|isbn| Self::Proof(isbn, Some(Repair::LeadingZeros)));
        let with_prefix =
            || format!("978{padded}").parse().map(|isbn| Self::Proof(isbn, Some(Repair::Prefix)));
        with_zeros.or_else(|_| with_prefix()).ok()
    }

    fn allows(&self, isbn: &Isbn) -> bool {
        match self {
            Self::Nothing => true,
            Self::Proof(other, _) => other == isbn,
            Self::Rounded(isbns) => isbns.contains(isbn),
            Self::Broken(_) => false,
        }
    }
}

/// A number as programs write it, taken apart as text: a float would round it once more.
enum Number {
    Exact(String),
    /// Thirteen digits before the point, of which only the leading twelve are known; these.
    Rounded(String),
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<usize>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let known = digits.trim_end_matches('0');
        let length = whole.len().checked_add(exponent).filter(|length| *length <= 13)?;
        if exponent == 0 || known.len() == 13 {
            return (known.len() <= length).then(|| Self::Exact(format!("{known:0<length$}")));
        }
        let is_rounded_isbn =
            length == 13 && (ROUNDED_TO - MOST_DROPPED_ZEROS..=ROUNDED_TO).contains(&known.len());
        is_rounded_isbn.then(|| Self::Rounded(format!("{known:0<ROUNDED_TO$}")))
    }
}

/// Returns every ISBN whose thirteen digits round to the twelve given.
///
/// A tie counts for both neighbours: programs round five up or to the even digit.
fn rounding_to(twelve: &str) -> Vec<Isbn> {
    let rounded_down = Isbn::from_first_twelve(twelve).filter(|isbn| last_digit(isbn) <= '5');
    let below = twelve
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_sub(1))
        .map(|number| number.to_string());
    let rounded_up = below
        .and_then(|below| Isbn::from_first_twelve(&below))
        .filter(|isbn| last_digit(isbn) >= '5');
    rounded_down.into_iter().chain(rounded_up).collect()
}

fn last_digit(isbn: &Isbn) -> char {
    isbn.as_str().chars().next_back().unwrap_or_default()
}

fn proved(isbn: Isbn, repair: Option<Repair>, other_text: &str, other: &Evidence) -> Reading {
    let contradicted_by = (!other.allows(&isbn)).then(|| other_text.to_owned());
    Reading::Proved { isbn, repair, contradicted_by }
}

/// Takes an ISBN only where it is the only one that fits; a broken ISBN-10 beside it must at least
/// have the same nine digits before its check digit.
fn from_rounded(isbns: Vec<Isbn>, text: &str, other_text: &str, other: &Evidence) -> Reading {
    let fits = |isbn: &Isbn| match other {
        Evidence::Broken(_) => body_of_ten(other_text).as_deref() == Some(isbn.body()),
        _ => other.allows(isbn),
    };
    let found = isbns.len();
    let mut fitting = isbns.into_iter().filter(fits).collect::<Vec<_>>();
    match (fitting.pop(), fitting.pop()) {
        (Some(isbn), None) => {
            Reading::Proved { isbn, repair: Some(Repair::Rounding), contradicted_by: None }
        }
        (Some(one), Some(other)) => Reading::Unproved {
            reason: format!("{text} has lost its last digit: it may be {other} or {one}"),
        },
        (None, _) if found == 0 => {
            Reading::Unproved { reason: format!("{text} is not a rounded ISBN") }
        }
        (None, _) => {
            Reading::Unproved { reason: format!("{text} and {other_text} do not fit together") }
        }
    }
}

/// Returns the nine digits before the check digit of what was an ISBN-10, its leading zeros put back.
fn body_of_ten(text: &str) -> Option<String> {
    let padded = format!("{text:0>10}");
    padded.get(..9).filter(|_| padded.len() == 10).map(ToOwned::to_owned)
}

fn unproved(text: &str, error: IsbnError) -> Reading {
    Reading::Unproved { reason: format!("{text}: {error}") }
}

impl fmt::Display for Repair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::LeadingZeros => "leading zeros put back",
            Self::Prefix => "prefix 978 put back",
            Self::Notation => "read from floating-point notation",
            Self::Rounding => "last digit restored after rounding",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(isbn_10: &str, isbn_13: &str, expected: &str) {
        let said = match read(isbn_10, isbn_13) {
            Reading::Absent => "absent".to_owned(),
            Reading::Proved { isbn, repair, contradicted_by } => {
                let repair = repair.map(|repair| format!(", {repair}")).unwrap_or_default();
                let but = contradicted_by.map(|other| format!(", but {other}")).unwrap_or_default();
                format!("{isbn}{repair}{but}")
            }
            Reading::Unproved { reason } => format!("unproved: {reason}"),
        };
        assert_eq!(said, expected, "reading {isbn_10:?} and {isbn_13:?}");
    }

    #[test]
    fn nothing_is_nothing() {
        check("", "", "absent");
        check("  ", "", "absent");
    }

    #[test]
    fn an_unharmed_isbn_stays_as_it_is() {
        check("043965548X", "9.78043965548e+12", "9780439655484");
        check("", "978-0-15-602760-1", "9780156027601");
        check("9780156027601", "", "9780156027601");
    }

    #[test]
    fn lost_leading_zeros_are_put_back_where_the_check_digit_fits() {
        check("439023483", "9.78043902348e+12", "9780439023481, leading zeros put back");
        check("7442912", "", "9780007442911, leading zeros put back");
        check("195170342.0", "", "9780195170344, leading zeros put back");
    }

    #[test]
    fn ten_digits_of_thirteen_get_their_prefix_back() {
        check("385535144", "9.78038553514e+12", "9780385535144, prefix 978 put back");
        check("152061548", "", "9780152061548, prefix 978 put back");
        check(
            "9380658797",
            "97893806587.0",
            "9789380658797, prefix 978 put back, but 97893806587.0",
        );
    }

    #[test]
    fn thirteen_digits_in_floating_point_notation_are_read_exactly() {
        check("", "9780156027601.0", "9780156027601, read from floating-point notation");
        check("", "9.780156027601E+12", "9780156027601, read from floating-point notation");
        check("", "9,780156027601E12", "9780156027601, read from floating-point notation");
    }

    #[test]
    fn a_rounded_isbn_is_restored_only_if_one_fits() {
        check("", "9.7801401693e+12", "9780140169300, last digit restored after rounding");
        check(
            "",
            "9.78081297106e+12",
            "unproved: 9.78081297106e+12 has lost its last digit: it may be 9780812971064 or 9780812971057",
        );
        check("", "2.94001623192e+12", "unproved: 2.94001623192e+12 is not a rounded ISBN");
        check("", "9.78e+12", "unproved: 9.78e+12: '.' at position 2 is not a digit");
    }

    #[test]
    fn a_rounded_isbn_and_a_wrong_check_digit_prove_each_other_by_the_digits_they_share() {
        check(
            "812971060",
            "9.78081297106e+12",
            "9780812971064, last digit restored after rounding",
        );
        check(
            "1400139027",
            "9.78140139027e+12",
            "unproved: 9.78140139027e+12 and 1400139027 do not fit together",
        );
    }

    #[test]
    fn a_proof_stands_against_another_edition_in_the_other_column_which_is_reported() {
        check("1484724917", "9.78142314674e+12", "9781484724910, but 9.78142314674e+12");
        check(
            "446612707",
            "9.78055381395e+12",
            "9780446612708, leading zeros put back, but 9.78055381395e+12",
        );
    }

    #[test]
    fn what_proves_nothing_is_left_alone() {
        check("84386874", "", "unproved: 84386874: should have 10 or 13 digits, has 8");
        check("0", "", "unproved: 0: should have 10 or 13 digits, has 1");
        check("", "0.0", "unproved: 0.0: '.' at position 2 is not a digit");
        check("unknown", "n/a", "unproved: unknown: 'u' at position 1 is not a digit");
        check(
            "",
            "9.78e+99999999999999999999",
            "unproved: 9.78e+99999999999999999999: '.' at position 2 is not a digit",
        );
    }

    proptest! {
        #[test]
        fn every_isbn_survives_losing_its_leading_zeros(body in 10_000_u32..1_000_000_000) {
            let isbn = Isbn::from_first_twelve(&format!("978{body:09}")).expect("twelve digits with a prefix");
            let ten = isbn.ten_digits().expect("978 has ten digits");
            let lost = ten.trim_start_matches('0');
            let expected = (lost != ten.as_str()).then_some(Repair::LeadingZeros);
            prop_assert_eq!(read(lost, ""), Reading::Proved { isbn, repair: expected, contradicted_by: None });
        }

        #[test]
        fn a_rounded_isbn_is_restored_to_itself_or_not_at_all(body in "978[0-9]{9}") {
            let isbn = Isbn::from_first_twelve(&body).expect("twelve digits with a prefix");
            let number: f64 = isbn.as_str().parse().expect("digits");
            let written = format!("{number:.11e}").replace('e', "e+");
            match read("", &written) {
                Reading::Proved { isbn: restored, .. } => prop_assert_eq!(restored, isbn),
                Reading::Unproved { reason } => prop_assert!(reason.contains(isbn.as_str()) || written.contains("000e"), "{}", reason),
                Reading::Absent => prop_assert!(false, "it was there"),
            }
        }

        #[test]
        fn any_two_texts_are_read_without_a_panic(one in ".*", other in "[0-9.eE+xX,-]*") {
            let _ = (read(&one, &other), read(&other, &one));
        }
    }
}
