//! How many books a table has: as it is asked for on the command line and as it is said in tables.

use std::ops::RangeInclusive;

/// A number of books such as `1000`, `10k` or `1M`, at least and at most so many.
///
/// # Errors
/// What was expected.
pub fn parse(text: &str, allowed: &RangeInclusive<u64>) -> Result<u64, String> {
    let (digits, factor) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => text.strip_suffix('M').map_or((text, 1), |digits| (digits, 1_000_000)),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "a number of books such as 1000, 10k or 1M was expected".to_owned())?;
    let books = number.saturating_mul(factor);
    if allowed.contains(&books) {
        return Ok(books);
    }
    Err(format!("from {} to {} books", thousands(*allowed.start()), thousands(*allowed.end())))
}

/// `1,000,000`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them_and_said_so_too() {
        let allowed = 1_000..=10_000_000;
        assert_eq!(parse("1000", &allowed), Ok(1_000));
        assert_eq!(parse("10k", &allowed), Ok(10_000));
        assert_eq!(parse("10M", &allowed), Ok(10_000_000));
        assert_eq!(parse("11M", &allowed), Err("from 1,000 to 10,000,000 books".to_owned()));
        assert!(parse("many", &allowed).is_err_and(|error| error.contains("10k")));
    }
}
