//! Standard output, and how wide it is.

use std::io::{self, BufWriter, IsTerminal as _, Write};

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
