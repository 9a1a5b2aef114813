//! Standard output, and how wide it is.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use admin_gui::export::FormatKind;

use crate::failure::Failure;
use crate::output::TableWidth;

/// Standard output, written in large pieces.
pub fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Prints a line on standard output.
///
/// # Errors
/// When nobody reads it any more.
pub fn print_line(line: impl std::fmt::Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
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

/// How wide a table on standard output may be.
pub fn table_width() -> TableWidth {
    let stdout = io::stdout();
    match terminal_size::terminal_size_of(&stdout) {
        Some((terminal_size::Width(cells), _)) if stdout.is_terminal() => {
            TableWidth::Cells(usize::from(cells))
        }
        _ => TableWidth::Unlimited,
    }
}
