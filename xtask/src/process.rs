//! Processes that never outlive the one that started them.

use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};

use crate::interruption;
use crate::watchdog::{PATIENCE, Watchdog, Watched, stop_group};

/// A process in a group of its own, ended with the whole group when this is dropped.
pub struct Service {
    name: &'static str,
    child: Child,
    group: Pid,
    stop: Signal,
    _watched: Watched,
}

impl Service {
    /// Starts `command`; `stop` is the signal on which it ends at once.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        stop: Signal,
        watchdog: &Watchdog,
    ) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}: {}", describe(command)))?;
        let group = Pid::from_child(&child);
        Ok(Self { name, child, group, stop, _watched: watchdog.watch_group(group, stop)? })
    }

    /// The exit status, once the process has ended by itself.
    pub fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Fails when the process has ended.
    pub fn check_running(&mut self) -> Result<()> {
        match self.exit_status()? {
            Some(status) => bail!("{} ended: {status}", self.name),
            None => Ok(()),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let child = &mut self.child;
        stop_group(self.group, self.stop, PATIENCE, || !matches!(child.try_wait(), Ok(None)));
        // What the leader left behind in its group ends with it.
        let _ = rustix::process::kill_process_group(self.group, Signal::KILL);
    }
}

/// Runs a command to its end, its output on ours.
///
/// # Errors
/// When it cannot be started, fails, or a signal comes; then its whole group is ended.
pub fn run(command: &mut Command, watchdog: &Watchdog) -> Result<()> {
    let mut service = Service::start("a command", command, Signal::TERM, watchdog)?;
    loop {
        if let Some(status) = service.exit_status()? {
            if interruption::is_requested() {
                bail!("interrupted");
            }
            if !status.success() {
                bail!("{status}: {}", describe(command));
            }
            return Ok(());
        }
        if interruption::is_requested() {
            bail!("interrupted");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Runs a command to its end, its output in a log that is shown only when it fails.
pub fn run_quietly(command: &mut Command, log: &Path, watchdog: &Watchdog) -> Result<()> {
    redirect(command, log)?;
    run(command, watchdog).with_context(|| last_lines(log))
}

/// What a command printed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", describe(command)))?;
    if !output.status.success() {
        bail!(
            "{}: {}: {}",
            output.status,
            describe(command),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Sends both outputs of a command to the end of a file.
pub fn redirect(command: &mut Command, log: &Path) -> Result<()> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    command.stdout(file.try_clone()?).stderr(file);
    Ok(())
}

/// The end of a log, for an error message.
pub fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.len().saturating_sub(20);
    let mut message = format!("the end of {}:", log.display());
    for line in lines.iter().skip(start) {
        let _ = write!(message, "\n    {line}");
    }
    message
}

/// Where a program is, by the PATH and the folders that ordinary users' PATH lacks on Debian.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A command as one would type it, without its environment, which may hold passwords.
pub fn describe(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
