//! Numbers as people read them.

/// Between groups of three digits: does not break a line.
const GROUP_SEPARATOR: char = '\u{a0}';

/// Returns a whole number in groups of three digits: `10 000 000`.
pub(super) fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut shown = String::with_capacity(digits.len() * 2);
    if number < 0 {
        shown.push('-');
    }
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            shown.push(GROUP_SEPARATOR);
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_groups_of_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(-1_000), "-1\u{a0}000");
        assert_eq!(grouped(10_000_000), "10\u{a0}000\u{a0}000");
    }
}
