//! The lines of a file, some of which are looked at more than once.

use std::io::{self, Read};

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;

/// The lines of a file with their ends. What has been read and not yet consumed stays in memory, so that looking at it
/// again costs nothing.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    /// What was read and not consumed, from `start` on.
    window: Vec<u8>,
    start: usize,
    is_at_end: bool,
    /// What ends a line: LF, or CR where these stand alone.
    end: u8,
    /// The next line's number, counted from 1.
    number: u64,
    consumed: u64,
}

/// What there is of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// All of it: where it ends, from the first byte that is not consumed.
    Whole(usize),
    /// The file ends before.
    None,
    /// It goes on behind the limit.
    TooLong,
}

impl<R: Read> Lines<R> {
    /// Opens the lines of a file, whatever ends them.
    pub(crate) fn new(reader: R) -> io::Result<Self> {
        let mut lines = Self {
            reader,
            window: Vec::new(),
            start: 0,
            is_at_end: false,
            end: b'\n',
            number: 1,
            consumed: 0,
        };
        lines.find_end()?;
        Ok(lines)
    }

    /// Finds what ends the lines of this file: a CR that no LF follows, before any LF and outside
    /// of quotes, else an LF.
    fn find_end(&mut self) -> io::Result<()> {
        let mut is_quoted = false;
        let mut at = 0;
        while at < CHUNK {
            if at + 1 >= self.window.len() && !self.is_at_end {
                self.read_more()?;
                continue;
            }
            let Some(byte) = self.window.get(at) else { return Ok(()) };
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'\n' if !is_quoted => return Ok(()),
                b'\r' if !is_quoted => {
                    if self.window.get(at + 1) != Some(&b'\n') {
                        self.end = b'\r';
                    }
                    return Ok(());
                }
                _ => {}
            }
            at += 1;
        }
        Ok(())
    }

    /// Returns what is read from.
    pub(crate) const fn reader(&self) -> &R {
        &self.reader
    }

    /// Returns what ends a line.
    pub(crate) const fn end(&self) -> u8 {
        self.end
    }

    /// Returns the next line's number, counted from 1.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// Returns how many bytes are done with.
    pub(crate) const fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Returns so many bytes of what is not consumed; they are in memory.
    pub(crate) fn ahead(&self, length: usize) -> &[u8] {
        self.window.get(self.start..self.start + length).unwrap_or_default()
    }

    /// Returns what is in memory of what is not consumed, at most so many bytes.
    pub(crate) fn begin(&self, most: usize) -> &[u8] {
        let ahead = self.window.get(self.start..).unwrap_or_default();
        ahead.get(..most).unwrap_or(ahead)
    }

    /// Finds the end of the line that begins so many bytes after what is consumed, no further than
    /// `limit` bytes from there.
    pub(crate) fn line(&mut self, from: usize, limit: usize) -> io::Result<Line> {
        let mut searched = from;
        loop {
            let ahead = self.window.get(self.start..).unwrap_or_default();
            let unsearched = ahead.get(searched..).unwrap_or_default();
            if let Some(found) = unsearched.iter().position(|byte| *byte == self.end) {
                let end = searched + found + 1;
                return Ok(if end <= limit { Line::Whole(end) } else { Line::TooLong });
            }
            searched = ahead.len().max(from);
            if self.is_at_end {
                return Ok(match ahead.len() {
                    length if length <= from => Line::None,
                    length if length > limit => Line::TooLong,
                    length => Line::Whole(length),
                });
            }
            if ahead.len() > limit {
                return Ok(Line::TooLong);
            }
            self.read_more()?;
        }
    }

    /// Consumes so many lines, which are so many bytes.
    pub(crate) fn consume(&mut self, length: usize, lines: u64) {
        self.start += length;
        self.consumed += length as u64;
        self.number += lines;
    }

    /// Consumes one line.
    pub(crate) fn consume_line(&mut self, length: usize) {
        self.consume(length, 1);
    }

    /// Skips a line, however long, without having it in memory.
    pub(crate) fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let ahead = self.window.get(self.start..).unwrap_or_default();
            if let Some(found) = ahead.iter().position(|byte| *byte == self.end) {
                self.consume_line(found + 1);
                return Ok(());
            }
            let length = ahead.len();
            if self.is_at_end {
                self.consume_line(length);
                return Ok(());
            }
            self.consume(length, 0);
            self.read_more()?;
        }
    }

    /// Skips lines that have nothing but blanks on them; returns whether there is another line.
    pub(crate) fn skip_blank(&mut self) -> io::Result<bool> {
        loop {
            match self.line(0, CHUNK)? {
                Line::None => return Ok(false),
                Line::Whole(end) if self.ahead(end).trim_ascii().is_empty() => {
                    self.consume_line(end);
                }
                Line::Whole(_) | Line::TooLong => return Ok(true),
            }
        }
    }

    fn read_more(&mut self) -> io::Result<()> {
        if self.start >= self.window.len() / 2 {
            self.window.drain(..self.start);
            self.start = 0;
        }
        let length = self.window.len();
        if self.window.capacity() < length + CHUNK {
            // A quarter at a time, so that a long record does not take twice its length.
            self.window.reserve_exact(CHUNK.max(length / 4));
        }
        self.window.resize(length + CHUNK, 0);
        let read = loop {
            match self.reader.read(self.window.get_mut(length..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.window.truncate(length + read.as_ref().map_or(0, |read| *read));
        self.is_at_end = read? == 0;
        Ok(())
    }
}
