//! A display in memory for the tests that open windows.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::interruption::wait_for;
use crate::process::{self, Service};
use crate::watchdog::{Watchdog, Watched};

/// A running Xvfb; it ends when this is dropped.
pub struct Display {
    _service: Service,
    name: String,
    _folder: TempDir,
    _watched: Watched,
}

impl Display {
    /// Starts Xvfb on a free display number.
    pub fn start(watchdog: &Watchdog) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("bindery-display-").tempdir()?;
        let watched = watchdog.watch_folder(folder.path())?;
        let number = folder.path().join("number");
        let log = folder.path().join("log");
        let program = process::find_program("Xvfb").context("Xvfb is not installed")?;
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "TERM", "--"])
            .arg(program)
            // It picks the number itself and writes it to its standard output.
            .args(["-displayfd", "1"])
            // Without -noreset it starts afresh, and refuses clients, whenever the last window closes.
            .args(["-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"])
            .stdout(std::fs::File::create(&number)?)
            .stderr(std::fs::File::create(&log)?);
        let mut service = Service::start("Xvfb", &mut command, Signal::TERM, watchdog)?;
        let name = wait_for("Xvfb", Duration::from_secs(30), || {
            service.check_running()?;
            let text = std::fs::read_to_string(&number)?;
            Ok(text.strip_suffix('\n').map(|number| format!(":{number}")))
        })
        .with_context(|| process::last_lines(&log))?;
        Ok(Self { _service: service, name, _folder: folder, _watched: watched })
    }

    /// What a program reads to open its windows there, drawn without a graphics card.
    pub fn set_environment(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.name)
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            // A developer's own desktop would be preferred.
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET");
    }
}
