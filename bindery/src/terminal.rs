//! Standard output and standard error: how wide they are, and what may be written there.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal as _, Write};

use transfer::export::FormatKind;

use crate::failure::Failure;
use crate::output::TableWidth;

/// Returns standard output, written in large pieces.
pub fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Prints a line on standard output.
///
/// # Errors
/// When nobody reads it any more.
pub fn print_line(line: impl std::fmt::Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", harmless(&line.to_string()))?;
    stdout.flush()
}

/// Says something on standard error, in as many lines as the text has.
pub fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    for line in text.lines() {
        // Nobody is left to tell where even this cannot be written.
        writeln!(stderr, "{}", harmless(line)).ok();
    }
}

/// Returns a text on one line, for people to read: what would move the cursor or speak to the
/// terminal is shown as a sign. Names of files and columns, values and what databases say may hold
/// anything.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| visible(character) == character) {
        return text.into();
    }
    text.chars().map(visible).collect::<String>().into()
}

/// Returns the character, or a sign for it where it is no letter but an order.
pub fn visible(character: char) -> char {
    match character {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        // Marks that turn the direction of what follows.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        character if character.is_control() => '\u{fffd}',
        character => character,
    }
}

/// Refuses to write to a terminal what is no text.
///
/// # Errors
/// [`Failure::Usage`] then.
pub fn check_shows(format: FormatKind) -> Result<(), Failure> {
    if format.is_text() || !io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{} is no text that a terminal shows; name a file, as with `bindery export … --output \
         FILE.{}`",
        format.name(),
        format.extension()
    )))
}

/// Returns how wide a table on standard output may be.
pub fn table_width() -> TableWidth {
    let stdout = io::stdout();
    match terminal_size::terminal_size_of(&stdout) {
        Some((terminal_size::Width(cells), _)) if stdout.is_terminal() => {
            TableWidth::Cells(usize::from(cells))
        }
        _ => TableWidth::Unlimited,
    }
}
