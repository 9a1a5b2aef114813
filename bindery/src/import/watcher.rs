//! What watches an import: sets lines aside, moves the bar, listens for Ctrl-C.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use transfer::import::{Observer, Reason};

use super::input::Input;
use crate::arguments::Import;
use crate::cancel;
use crate::failure::Failure;
use crate::progress::Progress;
use transfer::set_aside::{SetAside, SetAsideError, free_name};

/// Watches one import.
pub struct Watcher {
    rejects: SetAside,
    notes: Option<SetAside>,
    position: Arc<AtomicU64>,
    progress: Progress,
    /// Rows that were rejected, where they are only shown.
    shown: Option<Vec<String>>,
}

/// Rejected rows that an import shows which writes nothing down.
const MOST_SHOWN: usize = 20;

impl Watcher {
    /// Makes a watcher of the import of a file.
    ///
    /// # Errors
    /// When a file that was named for what is set aside is there already.
    pub fn new(input: &Input, arguments: &Import) -> anyhow::Result<Self> {
        let rejects = match &arguments.rejects {
            Some(path) => path.clone(),
            // Somebody may have corrected what the last import set aside.
            None => free_name(&input.rejects()),
        };
        if arguments.notes.as_ref() == Some(&rejects) {
            let usage = "--rejects and --notes are one file; name two";
            return Err(Failure::Usage(usage.to_owned()).into());
        }
        let rejects = if arguments.dry_run {
            SetAside::idle(rejects)
        } else {
            set_aside(rejects, &["line", "reason", "text"])?
        };
        let notes = arguments.notes.clone();
        Ok(Self {
            rejects,
            notes: notes.map(|path| set_aside(path, &["line", "note"])).transpose()?,
            position: input.position(),
            progress: Progress::bytes(input.length(), "importing"),
            shown: arguments.dry_run.then(Vec::new),
        })
    }

    /// Returns the first rows that were rejected, of an import that writes nothing down.
    pub fn shown(&self) -> &[String] {
        self.shown.as_deref().unwrap_or_default()
    }

    /// Returns where rejected lines are written.
    pub fn rejects(&self) -> &Path {
        self.rejects.path()
    }

    /// Returns where notes are written, if they are.
    pub fn notes(&self) -> Option<&Path> {
        self.notes.as_ref().map(SetAside::path)
    }

    /// Gives the files of what was set aside their names; before the rows are committed, so that
    /// nothing is kept of an import whose rejected rows would be lost.
    ///
    /// # Errors
    /// When one cannot be written, or with Ctrl-C.
    pub fn keep(&mut self) -> anyhow::Result<()> {
        self.progress.clear();
        cancel::check()?;
        for file in std::iter::once(&mut self.rejects).chain(&mut self.notes) {
            file.keep().with_context(|| format!("cannot write {}", file.path().display()))?;
        }
        Ok(())
    }
}

/// Makes a file for what is set aside.
fn set_aside(path: PathBuf, header: &'static [&'static str]) -> anyhow::Result<SetAside> {
    let writing = format!("cannot write {}", path.display());
    let result = SetAside::new(path, header).map_err(|error| match error {
        SetAsideError::Io(error) => anyhow::Error::from(error),
        error => Failure::Usage(error.to_string()).into(),
    });
    result.context(writing)
}

impl Observer for Watcher {
    fn progress(&mut self) -> ControlFlow<()> {
        self.progress.at(self.position.load(Ordering::Relaxed));
        if cancel::is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn rejected(&mut self, line: u64, reason: Reason, text: &str) -> io::Result<()> {
        if let Some(shown) = self.shown.as_mut().filter(|shown| shown.len() < MOST_SHOWN) {
            shown.push(format!("line {line}: {reason}"));
        }
        self.rejects.write(line, &[&reason.to_string(), text])
    }

    fn noted(&mut self, line: u64, note: &str) -> io::Result<()> {
        match &mut self.notes {
            Some(notes) => notes.write(line, &[note]),
            None => Ok(()),
        }
    }
}
