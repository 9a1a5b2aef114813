//! The bookshop's rules for single values, in the form `garde` takes.
//!
//! The same rules stand as `CHECK` constraints in the migrations: these give the reason in words before any SQL is
//! sent, those hold whoever writes to the database. Nullable fields use them as `#[garde(inner(custom(rules::age)))]`.
//!
//! ```
//! use domain::rules;
//!
//! assert!(rules::age(&30, &()).is_ok());
//! assert_eq!(rules::age(&151, &()).unwrap_err().message(), "should be from 0 to 150, is 151");
//! ```

use std::fmt::Display;
use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use garde::Error;

use crate::book::Price;
use crate::isbn::Isbn;

/// How old a user may be, in years.
pub const AGE: RangeInclusive<i32> = 0..=150;
/// Most characters of a user's or an author's name.
pub const NAME_LENGTH: usize = 200;
/// Most characters of a book's title.
pub const TITLE_LENGTH: usize = 500;
/// Most characters of an author's biography.
pub const BIOGRAPHY_LENGTH: usize = 100_000;
/// Most characters of an e-mail address: what fits a mail server's `RCPT TO`
/// ([RFC 5321](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3), without the angle brackets).
pub const EMAIL_ADDRESS_LENGTH: usize = 254;
/// Most characters before the `@` ([RFC 5321](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
const LOCAL_PART_LENGTH: usize = 64;
/// Most characters between two dots of a domain ([RFC 1035](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)).
const DOMAIN_LABEL_LENGTH: usize = 63;

/// Checks a user's age.
///
/// # Errors
/// Outside of [`AGE`].
pub fn age(years: &i32, _context: &()) -> garde::Result {
    if AGE.contains(years) {
        return Ok(());
    }
    refuse(format!("should be from {} to {}, is {years}", AGE.start(), AGE.end()))
}

/// Checks a price.
///
/// # Errors
/// Below zero.
pub fn price(price: &Price, _context: &()) -> garde::Result {
    if price.units() >= 0 {
        return Ok(());
    }
    refuse(format!("should be 0 or more, is {price}"))
}

/// Checks a date.
///
/// # Errors
/// Outside of the years 1 to 9999, which is what every engine can store.
pub fn date(date: &NaiveDate, _context: &()) -> garde::Result {
    if (1..=9999).contains(&date.year()) {
        return Ok(());
    }
    refuse(format!("should be in the years 1 to 9999, is {date}"))
}

/// Checks the name of a user or an author.
///
/// # Errors
/// If it is blank, longer than [`NAME_LENGTH`], or holds a NUL character.
pub fn name(name: &str, _context: &()) -> garde::Result {
    one_line(name, NAME_LENGTH)
}

/// Checks a book's title.
///
/// # Errors
/// If it is blank, longer than [`TITLE_LENGTH`], or holds a NUL character.
pub fn title(title: &str, _context: &()) -> garde::Result {
    one_line(title, TITLE_LENGTH)
}

/// Checks an author's biography.
///
/// # Errors
/// If it is longer than [`BIOGRAPHY_LENGTH`] or holds a NUL character.
pub fn biography(biography: &str, _context: &()) -> garde::Result {
    storable(biography, BIOGRAPHY_LENGTH)
}

/// Checks an ISBN of ten or thirteen digits, written as it is stored: without separators.
///
/// # Errors
/// As [`Isbn`] is read, the wrong check digit first of all; then if it is not in its stored form.
pub fn isbn(isbn: &str, _context: &()) -> garde::Result {
    if Isbn::is_written_plainly(isbn) {
        return Ok(());
    }
    isbn.parse::<Isbn>().map_err(Error::new)?;
    let plain =
        isbn.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    if plain != isbn {
        return refuse(format!("should be written without separators: {plain}"));
    }
    Ok(())
}

/// Checks the shape of an e-mail address. Whether it exists, only a message sent there can tell.
///
/// # Errors
/// If there is no single `@`, nothing before it, or no domain with a dot after it.
pub fn email_address(address: &str, _context: &()) -> garde::Result {
    storable(address, EMAIL_ADDRESS_LENGTH)?;
    if let Some(blank) =
        address.chars().find(|character| character.is_whitespace() || character.is_control())
    {
        return refuse(format!("should not contain {blank:?}"));
    }
    let Some((local, domain)) = address.split_once('@') else {
        return refuse("should contain an @, like name@example.org");
    };
    if domain.contains('@') {
        return refuse("should contain only one @");
    }
    let dots_stand_alone = local.split('.').all(|part| !part.is_empty());
    if !dots_stand_alone || local.chars().count() > LOCAL_PART_LENGTH {
        return refuse(format!(
            "should have 1 to {LOCAL_PART_LENGTH} characters before the @, no dot first, last or twice in a row"
        ));
    }
    if !domain.contains('.') || !domain.split('.').all(is_domain_label) {
        return refuse("should have a domain after the @, like example.org");
    }
    Ok(())
}

fn is_domain_label(label: &str) -> bool {
    (1..=DOMAIN_LABEL_LENGTH).contains(&label.chars().count())
        && label.chars().all(|character| character.is_alphanumeric() || character == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn one_line(text: &str, longest: usize) -> garde::Result {
    if text.trim().is_empty() {
        return refuse("should not be empty");
    }
    storable(text, longest)
}

/// Checks that every engine can store the text: `PostgreSQL` has no place for NUL in text.
fn storable(text: &str, longest: usize) -> garde::Result {
    let length = text.chars().count();
    if length > longest {
        return refuse(format!("should have at most {longest} characters, has {length}"));
    }
    if let Some(position) = text.chars().position(|character| character == '\0') {
        return refuse(format!(
            "should not contain a NUL character, has one at position {}",
            position + 1
        ));
    }
    Ok(())
}

fn refuse(reason: impl Display) -> garde::Result {
    Err(Error::new(reason.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: ?Sized>(rule: fn(&T, &()) -> garde::Result, value: &T, expected: Result<(), &str>) {
        let said = rule(value, &()).map_err(|error| error.message().to_owned());
        assert_eq!(said, expected.map_err(str::to_owned));
    }

    #[test]
    fn ages_run_from_0_to_150() {
        check(age, &0, Ok(()));
        check(age, &150, Ok(()));
        check(age, &-1, Err("should be from 0 to 150, is -1"));
        check(age, &i32::MAX, Err("should be from 0 to 150, is 2147483647"));
    }

    #[test]
    fn names_and_titles_are_not_blank_and_their_length_counts_characters() {
        check(name, "Стругацкий", Ok(()));
        check(name, &"я".repeat(200), Ok(()));
        check(name, &"я".repeat(201), Err("should have at most 200 characters, has 201"));
        check(name, " \t ", Err("should not be empty"));
        check(title, "", Err("should not be empty"));
        check(title, &"я".repeat(500), Ok(()));
        check(title, &"я".repeat(501), Err("should have at most 500 characters, has 501"));
        check(title, "'); DROP TABLE books; --", Ok(()));
    }

    #[test]
    fn a_nul_character_is_refused_since_not_every_engine_can_store_it() {
        check(title, "So\0laris", Err("should not contain a NUL character, has one at position 3"));
        check(biography, "\0", Err("should not contain a NUL character, has one at position 1"));
    }

    #[test]
    fn a_biography_may_be_empty_and_long_but_not_endless() {
        check(biography, "", Ok(()));
        check(biography, &"я".repeat(100_000), Ok(()));
        check(
            biography,
            &"я".repeat(100_001),
            Err("should have at most 100000 characters, has 100001"),
        );
    }

    #[test]
    fn an_isbn_is_checked_first_and_its_form_second() {
        check(isbn, "9780156027601", Ok(()));
        check(isbn, "080442957X", Ok(()));
        check(isbn, "978-0-15-602760-2", Err("check digit should be 1"));
        check(
            isbn,
            "978-0-15-602760-1",
            Err("should be written without separators: 9780156027601"),
        );
        check(isbn, "080442957x", Err("should be written without separators: 080442957X"));
        check(isbn, "", Err("should have 10 or 13 digits, has 0"));
    }

    #[test]
    fn an_email_address_has_a_name_and_a_domain() {
        for address in [
            "john@example.org",
            "j.d+books@mail.example.co.uk",
            "пётр@почта.рф",
            "a@b.c",
            "o'neil@x-y.org",
        ] {
            check(email_address, address, Ok(()));
        }
        check(email_address, "", Err("should contain an @, like name@example.org"));
        check(email_address, "john", Err("should contain an @, like name@example.org"));
        check(email_address, "john@a@b.org", Err("should contain only one @"));
        check(email_address, "jo hn@example.org", Err("should not contain ' '"));
        check(email_address, "john@example.org\n", Err("should not contain '\\n'"));
        for address in [
            "john@",
            "john@localhost",
            "john@.org",
            "john@example.",
            "john@-example.org",
            "john@exa_mple.org",
        ] {
            check(
                email_address,
                address,
                Err("should have a domain after the @, like example.org"),
            );
        }
        for address in
            ["@example.org", ".john@example.org", "john.@example.org", "jo..hn@example.org"]
        {
            let expected =
                "should have 1 to 64 characters before the @, no dot first, last or twice in a row";
            check(email_address, address, Err(expected));
        }
        let long = format!("john@{}.org", "x.".repeat(130));
        check(email_address, &long, Err("should have at most 254 characters, has 269"));
    }
}
