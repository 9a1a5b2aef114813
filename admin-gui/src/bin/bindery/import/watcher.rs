//! What watches an import: sets lines aside, moves the bar, listens for Ctrl-C.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::import::Observer;

use super::input::Input;
use crate::arguments::Import;
use crate::cancel;
use crate::progress::Progress;
use crate::set_aside::SetAside;

/// Watches one import.
pub struct Watcher {
    rejects: SetAside,
    notes: Option<SetAside>,
    position: Arc<AtomicU64>,
    progress: Progress,
}

impl Watcher {
    /// Watches the import of a file.
    pub fn new(input: &Input, arguments: &Import) -> Self {
        let rejects = arguments.rejects.clone().unwrap_or_else(|| input.rejects());
        let notes = arguments.notes.clone();
        Self {
            rejects: SetAside::new(rejects, &["line", "reason", "text"]),
            notes: notes.map(|path| SetAside::new(path, &["line", "note"])),
            position: input.position(),
            progress: Progress::bytes(input.length(), "importing"),
        }
    }

    /// Where rejected lines are written.
    pub fn rejects(&self) -> &Path {
        self.rejects.path()
    }

    /// Where notes are written, if they are.
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
        self.rejects.keep()?;
        if let Some(notes) = &mut self.notes {
            notes.keep()?;
        }
        Ok(())
    }
}

impl Observer for Watcher {
    fn progress(&mut self) -> ControlFlow<()> {
        self.progress.at(self.position.load(Ordering::Relaxed));
        if cancel::is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn rejected(&mut self, line: u64, reason: &str, text: &str) -> io::Result<()> {
        self.rejects.write(line, &[reason, text])
    }

    fn noted(&mut self, line: u64, note: &str) -> io::Result<()> {
        match &mut self.notes {
            Some(notes) => notes.write(line, &[note]),
            None => Ok(()),
        }
    }
}
