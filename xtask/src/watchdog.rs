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

/// How long a process may take to end before it is killed.
pub const PATIENCE: Duration = Duration::from_secs(10);

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
        Ok(Self(Rc::new(Pipe { stdin, child: child.into() })))
    }

    /// Puts a process group on the list, and the signal that makes it end at once.
    pub fn watch_group(&self, group: Pid, signal: Signal) -> Result<Watched> {
        self.watch(format!("group {} {}", signal.as_raw(), group.as_raw_nonzero()))
    }

    /// Puts a folder on the list.
    pub fn watch_folder(&self, folder: &Path) -> Result<Watched> {
        self.watch(format!("folder {}", folder.display()))
    }

    fn watch(&self, entry: String) -> Result<Watched> {
        writeln!(&self.0.stdin, "add {entry}").context("the watchdog is gone")?;
        Ok(Watched { watchdog: self.clone(), entry })
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

/// The watchdog's own work.
pub fn serve() -> Result<()> {
    // It outlives Ctrl-C and its parent: only the end of the pipe ends it.
    ctrlc::set_handler(|| {}).context("cannot ignore signals")?;
    clean_up_after(std::io::stdin().lock())
}

/// Reads the list until the pipe closes, then stops and removes what is still on it.
fn clean_up_after(input: impl BufRead) -> Result<()> {
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
        stop_group(group, signal, PATIENCE, || !is_group_alive(group));
    }
}

/// Ends a process group with its own signal, and with SIGKILL when that takes too long.
pub fn stop_group(
    group: Pid,
    signal: Signal,
    patience: Duration,
    mut is_gone: impl FnMut() -> bool,
) {
    for signal in [signal, Signal::KILL] {
        // An error means that the group is gone already.
        let _ = rustix::process::kill_process_group(group, signal);
        let end = Instant::now() + patience;
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
    std::fs::read_dir("/proc").into_iter().flatten().flatten().any(|process| {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("1000").process_group(0).spawn().unwrap()
    }

    fn group_entry(child: &Child) -> String {
        format!("group {} {}", Signal::TERM.as_raw(), child.id())
    }

    #[test]
    fn when_the_pipe_closes_what_is_on_the_list_is_gone() {
        let mut child = sleeper();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "data").unwrap();
        let input =
            format!("add folder {}\nadd {}\n", folder.path().display(), group_entry(&child));

        clean_up_after(input.as_bytes()).unwrap();

        assert!(!is_group_alive(Pid::from_child(&child)));
        assert!(!folder.path().exists());
        child.wait().unwrap();
    }

    #[test]
    fn what_was_forgotten_is_left_alone() {
        let mut child = sleeper();
        let folder = tempfile::tempdir().unwrap();
        let (folder_entry, group_entry) =
            (format!("folder {}", folder.path().display()), group_entry(&child));
        let input = format!(
            "add {folder_entry}\nadd {group_entry}\nforget {folder_entry}\nforget {group_entry}\n"
        );

        clean_up_after(input.as_bytes()).unwrap();

        assert!(is_group_alive(Pid::from_child(&child)));
        assert!(folder.path().exists());
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_group_that_ignores_its_signal_is_killed() {
        let mut child = Command::new("sh")
            .args(["-c", "trap '' TERM; echo ready; exec sleep 1000"])
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut ready = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();

        stop_group(Pid::from_child(&child), Signal::TERM, Duration::from_millis(100), || {
            child.try_wait().unwrap().is_some()
        });

        assert!(!is_group_alive(Pid::from_child(&child)));
    }
}
