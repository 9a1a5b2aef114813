//! Lines of a journal, each with a checksum: what a crash has torn is told from what is whole.

/// How many hexadecimal digits a checksum has.
const DIGITS: usize = 8;

/// A line that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'b> {
    /// What it says.
    pub text: &'b [u8],
    /// How many bytes there are up to its end.
    pub end: usize,
}

/// Writes a line that says this, which has no line break.
pub(super) fn line(text: &str) -> String {
    format!("{}{text}\n", checksum(text.as_bytes()))
}

/// Returns the lines before the first one that is torn or damaged.
pub(super) fn whole_lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(end..)?;
        let length = rest.iter().position(|byte| *byte == b'\n')?;
        let (sum, text) = rest.get(..length)?.split_at_checked(DIGITS + 1)?;
        (checksum(text).as_bytes() == sum).then(|| {
            end += length + 1;
            Line { text, end }
        })
    })
}

/// Returns the checksum of a text and the blank after it.
fn checksum(text: &[u8]) -> String {
    format!("{:0DIGITS$x} ", crc32fast::hash(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Vec<&[u8]> {
        whole_lines(bytes).map(|line| line.text).collect()
    }

    #[test]
    fn lines_are_read_up_to_the_first_that_is_not_whole() {
        let (first, second) = (line("one"), line("two"));
        let both = format!("{first}{second}");
        for length in 0..=both.len() {
            let whole: &[&[u8]] = match length {
                length if length == both.len() => &[b"one", b"two"],
                length if length >= first.len() => &[b"one"],
                _ => &[],
            };
            assert_eq!(texts(&both.as_bytes()[..length]), whole, "{length}");
        }
        let ends: Vec<usize> = whole_lines(both.as_bytes()).map(|line| line.end).collect();
        assert_eq!(ends, [first.len(), both.len()]);
    }

    #[test]
    fn a_bit_that_is_flipped_ends_the_lines_before_it() {
        let (first, second) = (line("one"), line("two"));
        let both = format!("{first}{second}").into_bytes();
        for bit in 0..both.len() * 8 {
            let mut damaged = both.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let whole: &[&[u8]] = if bit / 8 < first.len() { &[] } else { &[b"one"] };
            assert_eq!(texts(&damaged), whole, "{bit}");
        }
    }

    #[test]
    fn bytes_that_were_never_written_are_no_line() {
        assert!(texts(&[0; 64]).is_empty());
        assert!(texts(b"\n\n\n").is_empty());
    }
}
