//! A second process that cleans up when the first one could not: killed with SIGKILL, or crashed.
//!
//! The first process tells it over a pipe which process groups and folders it has made. When the
//! pipe closes, whatever is still on the list is stopped and removed.

use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal};

/// The hidden command under which the executable starts itself as a watchdog.
pub const COMMAND: &str = "__watchdog";

const PATIENCE: Duration = Duration::from_secs(10);

/// The first process's end of the pipe. Clones share it.
#[derive(Clone)]
pub struct Watchdog(Rc<Pipe>);

struct Pipe {
    stdin: ChildStdin,
    child: std::cell::RefCell<Child>,
}

/// Something the watchdog has on its list until this is dropped.
pub struct Watched {
    watchdog: Watchdog,
    entry: String,
}

impl Watchdog {
    /// Starts the second process.
    pub fn start() -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this executable")?;
        let mut child = Command::new(program)
            .arg(COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // A group of its own: Ctrl-C in a terminal reaches the whole foreground group.
            .process_group(0)
            .spawn()
            .context("cannot start the watchdog")?;
        let stdin = child.stdin.take().context("the watchdog has no input")?;
        Ok(Self(Rc::new(Pipe {
            stdin,
            child: child.into(),
        })))
    }

    /// Puts a process group on the list, and the signal that makes it end at once.
    pub fn watch_group(&self, group: Pid, signal: Signal) -> Result<Watched> {
        self.watch(format!(
            "group {} {}",
            signal.as_raw(),
            group.as_raw_nonzero()
        ))
    }

    /// Puts a folder on the list.
    pub fn watch_folder(&self, folder: &Path) -> Result<Watched> {
        self.watch(format!("folder {}", folder.display()))
    }

    fn watch(&self, entry: String) -> Result<Watched> {
        writeln!(&self.0.stdin, "add {entry}").context("the watchdog is gone")?;
        Ok(Watched {
            watchdog: self.clone(),
            entry,
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // A watchdog that is gone has nothing to forget.
        let _ = writeln!(&self.watchdog.0.stdin, "forget {}", self.entry);
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let _ = writeln!(&self.stdin, "end");
        let _ = self.child.get_mut().wait();
    }
}

/// The watchdog's own work: reads the list until the pipe closes, then cleans up.
pub fn serve(input: impl BufRead) -> Result<()> {
    // It outlives Ctrl-C and its parent: only the end of the pipe ends it.
    ctrlc::set_handler(|| {}).context("cannot ignore signals")?;
    let mut list: Vec<String> = Vec::new();
    for line in input.lines() {
        let line = line?;
        match line.split_once(' ') {
            Some(("add", entry)) => list.push(entry.to_owned()),
            Some(("forget", entry)) => list.retain(|known| known != entry),
            _ => break,
        }
    }
    // Last made, first ended: the tests before the servers, the servers before their folder.
    for entry in list.iter().rev() {
        match entry.split_once(' ') {
            Some(("group", group)) => end_group(group),
            Some(("folder", folder)) => remove(&PathBuf::from(folder)),
            _ => {}
        }
    }
    Ok(())
}

fn end_group(entry: &str) {
    let Some((signal, group)) = entry.split_once(' ') else {
        return;
    };
    let signal = signal.parse().ok().and_then(Signal::from_named_raw);
    let group = group.parse().ok().and_then(Pid::from_raw);
    if let (Some(signal), Some(group)) = (signal, group) {
        stop_group(group, signal, || !is_group_alive(group));
    }
}

/// Ends a process group with its own signal, and with SIGKILL when that takes too long.
pub fn stop_group(group: Pid, signal: Signal, mut is_gone: impl FnMut() -> bool) {
    for signal in [signal, Signal::KILL] {
        // An error means that the group is gone already.
        let _ = rustix::process::kill_process_group(group, signal);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if is_gone() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whether a process of the group still runs. One that has ended but that nobody has waited for
/// (a container's first process may never do) still receives signals, so sending one tells nothing.
fn is_group_alive(group: Pid) -> bool {
    let group = group.as_raw_nonzero().to_string();
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .any(|process| {
            let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
            // pid (name) state parent group …, and a name may hold anything.
            let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
            let mut fields = fields.split_whitespace();
            let state = fields.next();
            fields.nth(1) == Some(&group) && !matches!(state, Some("Z" | "X"))
        })
}

fn remove(folder: &Path) {
    let end = Instant::now() + PATIENCE;
    // A process that is just ending may still be writing into it.
    while folder.exists() && Instant::now() < end {
        if std::fs::remove_dir_all(folder).is_err() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
