//! What the libraries say about themselves, on standard error.

use std::io;

use tracing_subscriber::EnvFilter;

/// Shows statements when asked to: `verbosity` counts the `-v`s. `RUST_LOG`, where it is set,
/// decides instead.
pub fn start(verbosity: u8) {
    let default = match verbosity {
        0 => "off",
        1 => "persistence=debug",
        _ => "persistence=trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .init();
}
