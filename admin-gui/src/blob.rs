//! What a binary value is, by how it begins.

/// A kind of file that is told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobKind {
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// A GIF image.
    Gif,
    /// A WebP image.
    WebP,
    /// A PDF document.
    Pdf,
    /// A ZIP archive, or what is kept in one: documents of offices, e-books.
    Zip,
    /// What gzip has compressed.
    Gzip,
}

impl BlobKind {
    /// Returns the kind of a binary value that begins so, where it is one of these.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        let is_web_p = || start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP");
        let signatures: [(&[u8], Self); 7] = [
            (b"\x89PNG\r\n\x1a\n", Self::Png),
            (b"\xff\xd8\xff", Self::Jpeg),
            (b"GIF87a", Self::Gif),
            (b"GIF89a", Self::Gif),
            (b"%PDF-", Self::Pdf),
            (b"PK\x03\x04", Self::Zip),
            (b"\x1f\x8b", Self::Gzip),
        ];
        let known = signatures.into_iter().find(|(signature, _)| start.starts_with(signature));
        known.map(|(_, kind)| kind).or_else(|| is_web_p().then_some(Self::WebP))
    }

    /// Returns whether it can be looked at.
    #[must_use]
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::WebP)
    }

    /// Returns what the format is called, in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Pdf => "PDF",
            Self::Zip => "ZIP",
            Self::Gzip => "GZIP",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        assert_eq!(BlobKind::of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some(BlobKind::Png));
        assert_eq!(BlobKind::of(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some(BlobKind::Jpeg));
        assert_eq!(BlobKind::of(b"RIFF\x24\0\0\0WEBPVP8 "), Some(BlobKind::WebP));
        assert_eq!(BlobKind::of(b"RIFF\x24\0\0\0WAVEfmt "), None);
        assert_eq!(BlobKind::of(b"%PDF-1.7"), Some(BlobKind::Pdf));
        assert_eq!(BlobKind::of(b""), None);
    }
}
