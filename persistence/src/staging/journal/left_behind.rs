//! Journals whose owners are gone.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::entry::Header;
use super::file::{self, Locked};
use super::replay::Replay;
use super::translation::Lost;
use super::{Journal, JournalError};
use crate::catalog::CatalogEntry;
use crate::edit::Written;
use crate::staging::Staging;

/// A journal that somebody has left behind with something in it: a program that was killed, or a window that
/// was closed. Nobody else is offered it as long as this is there; when it is dropped, it stays for the next
/// time.
#[derive(Debug)]
pub struct LeftBehind {
    /// When it was written last.
    pub written_at: SystemTime,
    /// What is staged, and can be undone and done again.
    pub staging: Staging,
    /// How many bytes at its end are left out, because the program ended while it wrote them, or they are
    /// damaged.
    pub cut: u64,
    /// The rows as they were and as they were written, where the program ended while it committed them:
    /// [`interrupted`](crate::staging::interrupted) finds out whether it has. Rows of tables that are others by
    /// now are left out.
    pub committing: Option<Vec<Written>>,
    /// Whether the tables are others than when it was made.
    pub has_other_schema: bool,
    /// What was staged and cannot be any more, because the table or the column is gone.
    pub lost: Vec<Lost>,
    journal: Journal,
}

impl LeftBehind {
    /// Goes on with it: what is done next is written to the same file, without what was left out.
    ///
    /// # Errors
    /// [`JournalError::Write`] when the file cannot be written. It stays as it is.
    pub fn adopt(self) -> Result<(Journal, Staging), JournalError> {
        let Self { staging, cut, has_other_schema, mut journal, .. } = self;
        if has_other_schema {
            // What comes next is said of the tables as they are.
            journal.compact(&staging)?;
        } else if cut > 0 {
            journal.file.cut(journal.length).map_err(JournalError::write(&journal.path))?;
        }
        Ok((journal, staging))
    }

    /// Returns where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.journal.path()
    }

    /// Removes it, and with it all that is staged in it.
    ///
    /// # Errors
    /// [`JournalError::Remove`] when it cannot be removed.
    pub fn discard(self) -> Result<(), JournalError> {
        self.journal.remove()
    }

    /// Returns those of a database; the last one that was written first.
    pub(super) fn all(
        folder: &Path,
        database: &str,
        entries: &[CatalogEntry],
    ) -> Result<Vec<Self>, JournalError> {
        file::sweep(folder, database).map_err(JournalError::remove(folder))?;
        let paths = file::journals(folder, database).map_err(JournalError::read(folder))?;
        let mut all = Vec::new();
        for path in paths {
            all.extend(Self::read(path, database, entries)?);
        }
        all.sort_by_key(|left| std::cmp::Reverse(left.written_at));
        Ok(all)
    }

    /// Reads a journal, if it is one of this database that nobody has, and there is something in it.
    fn read(
        path: PathBuf,
        database: &str,
        entries: &[CatalogEntry],
    ) -> Result<Option<Self>, JournalError> {
        let locked = Locked::open(&path).map_err(JournalError::read(&path))?;
        let Some(mut file) = locked else { return Ok(None) };
        let written_at = file.written_at().map_err(JournalError::read(&path))?;
        let bytes = file.read().map_err(JournalError::read(&path))?;
        let replay = Replay::read(&bytes, entries);
        let Some(replay) = replay.filter(|replay| replay.header.database == database) else {
            return Ok(None);
        };
        let header = Header::new(database, entries).line();
        let mut journal = Journal::new(file, path, header, entries);
        (journal.length, journal.compacted) = (replay.length, replay.length);
        (journal.tables, journal.committing) = (replay.tables(), replay.committing.clone());
        let Replay { staging, committing, lost, has_other_schema, .. } = replay;
        if staging.is_empty() && committing.is_none() && lost.is_empty() {
            // Of lines that are damaged a person may still make something.
            if !replay.is_damaged {
                journal.remove()?;
            }
            return Ok(None);
        }
        let (cut, lost) = (replay.cut, Vec::from_iter(lost));
        let left = Self { written_at, staging, cut, committing, has_other_schema, lost, journal };
        Ok(Some(left))
    }
}
