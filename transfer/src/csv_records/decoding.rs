//! Files in other encodings than UTF-8.

use std::io::{self, Chain, Cursor, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes read at a time.
const CHUNK: usize = 1 << 15;

/// Bytes that show what a file is written in.
const SAMPLE: usize = 64;

/// Stands in decoded text for bytes that are none; it is in no UTF-8.
const NO_TEXT: u8 = 0xFF;

/// What a file's letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

/// A name of no charset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is no encoding that is known; there are utf-8, utf-16le, windows-1250 to windows-1258, iso-8859-2, koi8-r, ibm866, gbk, big5, shift_jis, euc-kr and more"
)]
pub struct UnknownCharset {
    /// What was given.
    pub name: String,
}

impl Charset {
    /// Returns the charset of that name, as the [standard of the
    /// web](https://encoding.spec.whatwg.org/#names-and-labels) has them: `windows-1251`, `latin1`,
    /// `utf-16le`.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(name: &str) -> Result<Self, UnknownCharset> {
        let unknown = || UnknownCharset { name: name.to_owned() };
        let encoding = Encoding::for_label_no_replacement(name.as_bytes());
        encoding.map(Self).ok_or_else(unknown)
    }

    /// Returns its name: `windows-1251`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl std::str::FromStr for Charset {
    type Err = UnknownCharset;

    fn from_str(name: &str) -> Result<Self, UnknownCharset> {
        Self::named(name)
    }
}

/// A file's text in UTF-8, without a byte order mark; where the file has bytes that are no text, this has some that are
/// none either.
pub(crate) struct Decoded<R> {
    reader: Chain<Cursor<Vec<u8>>, R>,
    charset: Charset,
    is_guessed: bool,
    /// Nothing where the file is in UTF-8 already.
    decoder: Option<Decoder>,
    /// Decoded and not yet given out, from `start` on.
    text: Vec<u8>,
    start: usize,
    is_at_end: bool,
}

impl<R> std::fmt::Debug for Decoded<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoded").field("charset", &self.charset).finish_non_exhaustive()
    }
}

impl<R: Read> Decoded<R> {
    /// Opens the text of a file in that charset, or in the one that it looks like.
    pub(crate) fn new(mut reader: R, charset: Option<Charset>) -> io::Result<Self> {
        let mut sample = Vec::with_capacity(SAMPLE);
        reader.by_ref().take(SAMPLE as u64).read_to_end(&mut sample)?;
        let is_said = charset.is_some();
        let charset = charset.unwrap_or_else(|| Charset(guess(&sample)));
        let mark = Encoding::for_bom(&sample).filter(|(encoding, _)| *encoding == charset.0);
        sample.drain(..mark.map_or(0, |(_, length)| length));
        let is_utf_8 = charset.0 == UTF_8;
        Ok(Self {
            reader: Cursor::new(sample).chain(reader),
            charset,
            is_guessed: !is_utf_8 && !is_said,
            decoder: (!is_utf_8).then(|| charset.0.new_decoder_without_bom_handling()),
            text: Vec::new(),
            start: 0,
            is_at_end: false,
        })
    }

    /// Returns what the file is written in, and whether nobody said so.
    pub(crate) const fn charset(&self) -> (Charset, bool) {
        (self.charset, self.is_guessed)
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let mut bytes = vec![0; CHUNK];
        let length = self.reader.read(&mut bytes)?;
        self.is_at_end = length == 0;
        let mut bytes = bytes.get(..length).unwrap_or_default();
        self.text.clear();
        self.start = 0;
        loop {
            let from = self.text.len();
            let most = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
            self.text.resize(from + most.unwrap_or(CHUNK), 0);
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(
                bytes,
                self.text.get_mut(from..).unwrap_or_default(),
                self.is_at_end,
            );
            self.text.truncate(from + written);
            bytes = bytes.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.text.push(NO_TEXT),
            }
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.decoder.is_none() {
            return self.reader.read(buffer);
        }
        while self.start >= self.text.len() && !self.is_at_end {
            self.decode_more()?;
        }
        let ready = self.text.get(self.start..).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), ready.get(..length)) {
            to.copy_from_slice(from);
        }
        self.start += length;
        Ok(length)
    }
}

/// Returns what a file looks like by its first bytes: UTF-16 has a mark, or a zero in every other
/// byte of Latin letters.
fn guess(sample: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return encoding;
    }
    let (pairs, _) = sample.as_chunks::<2>();
    let all = |is: fn(&[u8; 2]) -> bool| pairs.len() > 1 && pairs.iter().all(is);
    if all(|[first, second]| *first != 0 && *second == 0) {
        UTF_16LE
    } else if all(|[first, second]| *first == 0 && *second != 0) {
        UTF_16BE
    } else {
        UTF_8
    }
}
