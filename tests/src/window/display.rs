//! A display in memory of one test's own, and the person in front of it.

use std::io::{BufRead, BufReader, ErrorKind};
use std::process::{Child, Command, Stdio};

/// A running Xvfb; it ends when this is dropped.
#[derive(Debug)]
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts Xvfb on a display number that nobody uses.
    ///
    /// # Panics
    /// When it does not start; names the packages to install.
    #[must_use]
    pub fn start() -> Self {
        let mut command = Command::new("Xvfb");
        command
            // It picks the number itself and writes it to its standard output.
            .args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"])
            // Otherwise it starts afresh, and refuses clients, whenever the last window closes.
            .arg("-noreset")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = started(&mut command, Command::spawn);
        let output = server.stdout.take().expect("a pipe");
        let mut number = String::new();
        // It writes the number once it answers, and ends where it cannot.
        let read = BufReader::new(output).read_line(&mut number);
        let display = Self { server, name: format!(":{}", number.trim()) };
        assert!(read.is_ok() && !number.trim().is_empty(), "Xvfb found no display: {read:?}");
        display
    }

    /// What programs find it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lets a program open its windows there, drawn without a graphics card.
    pub fn put<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DISPLAY", &self.name)
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            // A developer's own desktop would be preferred.
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stdin(Stdio::null())
    }

    /// Runs a program there to its end; its standard output, `None` where it fails.
    ///
    /// # Panics
    /// When there is no such program; names the packages to install.
    #[must_use]
    pub fn ask(&self, program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
        let mut command = Command::new(program);
        let output = started(self.put(command.args(arguments)), Command::output);
        output.status.success().then_some(output.stdout)
    }

    /// Presses keys or moves the pointer, as a person does.
    ///
    /// # Panics
    /// When the display is gone.
    pub fn xdotool(&self, arguments: &[&str]) {
        assert!(self.ask("xdotool", arguments).is_some(), "xdotool {arguments:?} fails");
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

fn started<T>(command: &mut Command, start: fn(&mut Command) -> std::io::Result<T>) -> T {
    start(command).unwrap_or_else(|error| {
        let program = command.get_program().display();
        assert_ne!(
            error.kind(),
            ErrorKind::NotFound,
            "{program} is not there: install the Debian packages xvfb, xdotool and imagemagick, or \
             run `cargo xtask test`, which does"
        );
        panic!("{program} does not start: {error}")
    })
}
