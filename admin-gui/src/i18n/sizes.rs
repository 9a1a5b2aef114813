//! How large values are, in words.

use persistence::{Length, Value};

use super::Texts;
use crate::blob::BlobKind;
use crate::tr;

/// Characters and bytes that a line has room for.
const BRIEF: usize = 400;

impl Texts {
    /// Returns a number of bytes in the unit that suits it: `1.4 MB`.
    #[must_use]
    pub fn size(&self, bytes: u64) -> String {
        let shown = |unit: f64| {
            let size = bytes as f64 / unit;
            if size < 10.0 { format!("{size:.1}") } else { format!("{size:.0}") }
        };
        match bytes {
            0..1_000 => tr!(self, "size-bytes", count = bytes),
            1_000..1_000_000 => tr!(self, "size-kilobytes", size = shown(1e3)),
            1_000_000..1_000_000_000 => tr!(self, "size-megabytes", size = shown(1e6)),
            _ => tr!(self, "size-gigabytes", size = shown(1e9)),
        }
    }

    /// Returns how long a value is: in characters where they were counted, else in bytes.
    #[must_use]
    pub fn length(&self, length: Length) -> String {
        match length.characters {
            Some(count) => tr!(self, "size-characters", count = count),
            None => self.size(length.bytes),
        }
    }

    /// Returns a value in a line: the beginning of a long text, of a long binary value what it is.
    #[must_use]
    pub fn brief(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => match text.char_indices().nth(BRIEF) {
                Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
                None => text.clone(),
            },
            Value::Bytes(bytes) if bytes.len() > BRIEF => {
                self.blob(BlobKind::of(bytes), bytes.len() as u64)
            }
            value => value.to_string(),
        }
    }

    /// Returns what a binary value is: `PNG image, 1.4 MB`.
    #[must_use]
    pub fn blob(&self, kind: Option<BlobKind>, bytes: u64) -> String {
        let size = self.size(bytes);
        match kind {
            Some(kind) if kind.is_image() => {
                tr!(self, "size-of-image", kind = kind.name(), size = size)
            }
            Some(kind) => tr!(self, "size-of-file", kind = kind.name(), size = size),
            None => size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn sizes_are_said_in_the_unit_that_suits_them() {
        let texts = Texts::new(Language::English);
        for (bytes, expected) in
            [(1, "1 byte"), (999, "999 bytes"), (1_400_000, "1.4 MB"), (52_000, "52 kB")]
        {
            assert_eq!(texts.size(bytes), expected);
        }
        assert_eq!(texts.blob(Some(BlobKind::Png), 1_400_000), "PNG image, 1.4 MB");
        assert_eq!(texts.blob(Some(BlobKind::Pdf), 2_000), "PDF, 2.0 kB");
    }

    #[test]
    fn a_text_is_as_long_as_it_has_characters_as_far_as_they_were_counted() {
        let texts = Texts::new(Language::English);
        let counted = Length { bytes: 20_000, characters: Some(12_345) };
        assert_eq!(texts.length(counted), "12\u{a0}345 characters");
        let very_long = Length { bytes: 5_000_000, characters: None };
        assert_eq!(texts.length(very_long), "5.0 MB");
    }
}
