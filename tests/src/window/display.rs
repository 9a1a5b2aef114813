//! A display in memory of one test's own, and the person in front of it.

use std::io::{BufRead, BufReader, ErrorKind, Write as _};
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat};
use x11rb::rust_connection::RustConnection;

use super::picture::Picture;

/// A running Xvfb; it ends when this is dropped.
#[derive(Debug)]
pub struct Display {
    _server: Server,
    name: String,
    connection: RustConnection,
}

#[derive(Debug)]
struct Server(Child);

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
        let mut server = Server(started(&mut command, Command::spawn));
        let output = server.0.stdout.take().expect("a pipe");
        let mut number = String::new();
        // It writes the number once it answers, and ends where it cannot.
        let read = BufReader::new(output).read_line(&mut number);
        assert!(read.is_ok() && !number.trim().is_empty(), "Xvfb found no display: {read:?}");
        let name = format!(":{}", number.trim());
        let (connection, _) = x11rb::connect(Some(&name)).expect("a display that answers");
        Self { _server: server, name, connection }
    }

    /// Returns its name, like `:99`.
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

    /// The text on the clipboard, as another program pastes it.
    #[must_use]
    pub fn clipboard(&self) -> Option<String> {
        let output = self.ask("xclip", &["-out", "-selection", "clipboard"])?;
        String::from_utf8(output).ok()
    }

    /// The table on the clipboard, as a spreadsheet pastes it.
    #[must_use]
    pub fn table(&self) -> Option<String> {
        let output =
            self.ask("xclip", &["-out", "-selection", "clipboard", "-target", "text/html"])?;
        String::from_utf8(output).ok()
    }

    /// Copies a text, as another program does.
    ///
    /// # Panics
    /// When `xclip` is not there, or fails.
    pub fn copy(&self, text: &str) {
        let mut command = Command::new("xclip");
        self.put(command.args(["-in", "-selection", "clipboard"]));
        // It goes on in the background, and would keep pipes open.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut xclip = started(&mut command, Command::spawn);
        let mut input = xclip.stdin.take().expect("a pipe");
        input.write_all(text.as_bytes()).expect("xclip reads");
        drop(input);
        assert!(xclip.wait().expect("a program of our own").success(), "xclip fails");
    }

    /// What is to be seen in a window.
    ///
    /// # Errors
    /// When the window is gone, or not wholly on the screen.
    pub fn picture(&self, window: u32) -> anyhow::Result<Picture> {
        let size = self.connection.get_geometry(window)?.reply()?;
        let (width, height) = (size.width, size.height);
        let format = ImageFormat::Z_PIXMAP;
        let image = self.connection.get_image(format, window, 0, 0, width, height, u32::MAX)?;
        Ok(Picture::new(usize::from(width), image.reply()?.data))
    }

    /// Asks a window to close, as a click on its close button does: `WM_DELETE_WINDOW`.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn close(&self, window: u32) -> anyhow::Result<()> {
        let atom = |name: &str| {
            anyhow::Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
        };
        let data = [atom("WM_DELETE_WINDOW")?, x11rb::CURRENT_TIME, 0, 0, 0];
        let event = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS")?, data);
        self.connection.send_event(false, window, EventMask::NO_EVENT, event)?.check()?;
        self.connection.flush()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn started<T>(command: &mut Command, start: fn(&mut Command) -> std::io::Result<T>) -> T {
    start(command).unwrap_or_else(|error| {
        let program = command.get_program().display();
        assert!(
            error.kind() != ErrorKind::NotFound,
            "{program} is not there: install the Debian packages xvfb, xdotool, xclip and \
             imagemagick, or \
             run `cargo xtask test`, which does"
        );
        panic!("{program} does not start: {error}")
    })
}
