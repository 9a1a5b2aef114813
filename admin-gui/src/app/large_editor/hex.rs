//! Bytes as lines of hexadecimal digits.

/// Bytes of a line.
pub(super) const WIDTH: usize = 16;

/// Returns a line: its offset, its digits in two groups, what of it are letters of ASCII.
pub(super) fn line(bytes: &[u8], number: usize) -> String {
    let start = number * WIDTH;
    let part = bytes.get(start..bytes.len().min(start + WIDTH)).unwrap_or_default();
    let mut line = format!("{start:08x}  ");
    for place in 0..WIDTH {
        match part.get(place) {
            Some(byte) => line.push_str(&format!("{byte:02x} ")),
            None => line.push_str("   "),
        }
        if place == WIDTH / 2 - 1 {
            line.push(' ');
        }
    }
    line.push(' ');
    let letter = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' };
    line.extend(part.iter().map(letter));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_in_lines_of_sixteen_with_their_letters() {
        let bytes: Vec<u8> = (b'A'..=b'R').collect();
        assert_eq!(
            line(&bytes, 0),
            "00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP"
        );
        let padding = "   ".repeat(14);
        assert_eq!(line(&bytes, 1), format!("00000010  51 52 {padding}  QR"));
        assert_eq!(line(b"\0\xff", 0).trim_end(), format!("00000000  00 ff {padding}  .."));
    }
}
