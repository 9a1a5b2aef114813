//! What is staged, kept in a journal by another thread than the one that draws.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use persistence::CatalogEntry;
use persistence::edit::Written;
use persistence::staging::journal::{Journal, JournalError, LeftBehind};
use persistence::staging::{Staging, Step};

use crate::jobs::let_go;

/// Where what is staged of a database is kept, shared between the window and the thread that writes.
#[derive(Clone, Debug)]
pub struct KeptStaging(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Nowhere if `None`.
    folder: Option<PathBuf>,
    database: String,
    entries: Vec<CatalogEntry>,
    pending: Mutex<Pending>,
    written: Mutex<InFile>,
}

/// What has been done and is not written yet.
#[derive(Debug, Default)]
struct Pending {
    steps: Vec<Step>,
    /// What is staged by that.
    staging: Option<Staging>,
}

/// What is written.
#[derive(Debug)]
struct InFile {
    /// The file; none as long as nothing is staged.
    journal: Option<Journal>,
    /// What is staged by what is in it; it shares what the window has.
    staging: Option<Staging>,
    /// The rows of a commit whose end is not known.
    committing: Option<Vec<Written>>,
}

/// What was found of an earlier window.
#[derive(Debug)]
pub struct Found {
    /// What was staged there.
    pub staging: Staging,
    /// Whether it was in the middle of being committed.
    pub is_committing: bool,
    /// Staged values that are lost, because their table or column is gone.
    pub lost: usize,
    /// Bytes at its end that could not be read; they are in a copy.
    pub cut: u64,
    /// Other windows that have left something behind, which is found the next time.
    pub more: usize,
}

impl KeptStaging {
    /// Keeps what is staged of rows of these entities in a folder, if there is one, under the name of their
    /// database.
    #[must_use]
    pub fn new(folder: Option<PathBuf>, database: String, entries: &[CatalogEntry]) -> Self {
        let written = InFile { journal: None, staging: None, committing: None };
        Self(Arc::new(Shared {
            folder,
            database,
            entries: entries.to_vec(),
            pending: Mutex::default(),
            written: Mutex::new(written),
        }))
    }

    /// Goes on with what an earlier window has left behind, if one has: the last of several.
    ///
    /// # Errors
    /// When it cannot be read, or not be gone on with.
    pub fn recover(&self) -> Result<Option<Found>, JournalError> {
        let Shared { folder, database, entries, .. } = &*self.0;
        let Some(folder) = folder else { return Ok(None) };
        let mut all = Journal::left_behind(folder, database, entries)?.into_iter();
        let Some(left) = all.next() else { return Ok(None) };
        let (committing, lost, cut) = (left.committing.clone(), left.lost.len(), left.cut);
        if cut > 0 {
            // A person may still make something of it.
            let copy = left.path().with_extension("damaged");
            if let Err(error) = std::fs::copy(left.path(), &copy) {
                tracing::warn!(%error, copy = %copy.display(), "a damaged journal is not copied");
            }
        }
        let (journal, staging) = LeftBehind::adopt(left)?;
        let mut written = self.written();
        let (is_committing, more) = (committing.is_some(), all.count());
        let found = Found { staging: staging.clone(), is_committing, lost, cut, more };
        *written = InFile { journal: Some(journal), staging: Some(staging), committing };
        Ok(Some(found))
    }

    /// Returns how many other windows have something staged of the database.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn others(&self) -> Result<usize, JournalError> {
        let own = usize::from(self.written().journal.is_some());
        let Some(folder) = &self.0.folder else { return Ok(0) };
        let all = Journal::in_use(folder, &self.0.database)?;
        Ok(all.saturating_sub(own))
    }

    /// Takes what has been done, and what is staged after that, to be written soon.
    pub fn push(&self, mut steps: Vec<Step>, staging: &Staging) {
        let mut pending = self.pending();
        pending.steps.append(&mut steps);
        let_go(pending.staging.replace(staging.clone()));
    }

    /// Writes what has been done: when this returns, it is on the disk.
    ///
    /// # Errors
    /// When the file cannot be written; what was written before is there, and the next call writes all
    /// that is missing.
    pub fn write(&self) -> Result<(), JournalError> {
        let mut written = self.written();
        let Pending { steps, staging } = std::mem::take(&mut *self.pending());
        let Some(staging) = staging.filter(|_| !steps.is_empty()) else { return Ok(()) };
        if steps.contains(&Step::Finished) {
            written.committing = None;
        }
        // What could not be written is written along with what comes next.
        self.append(&mut written, &steps, staging)
    }

    /// Notes what is about to be committed.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn committing(&self, rows: &[Written]) -> Result<(), JournalError> {
        let outcome = self.write();
        let mut written = self.written();
        written.committing = Some(rows.to_vec());
        outcome?;
        match &mut written.journal {
            Some(journal) => journal.committing(rows),
            None => Ok(()),
        }
    }

    /// Returns the rows of a commit whose end is not known.
    #[must_use]
    pub fn interrupted(&self) -> Option<Vec<Written>> {
        self.written().committing.clone()
    }

    /// Forgets the rows of a commit, because it is known how that ended.
    pub fn forget_commit(&self) {
        self.written().committing = None;
    }

    fn append(
        &self,
        written: &mut InFile,
        steps: &[Step],
        staging: Staging,
    ) -> Result<(), JournalError> {
        let is_over = staging.is_empty() && steps.last() == Some(&Step::Finished);
        let staging = &*written.staging.insert(staging);
        if is_over {
            if let Some(journal) = &mut written.journal {
                journal.append_all(steps, staging)?;
            }
            return written.close();
        }
        let journal = match &mut written.journal {
            Some(journal) => journal,
            none => {
                let Shared { folder: Some(folder), database, entries, .. } = &*self.0 else {
                    return Ok(());
                };
                let mut journal = Journal::create(folder, database, entries)?;
                journal.compact(staging)?;
                *none = Some(journal);
                return Ok(());
            }
        };
        journal.append_all(steps, staging)
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self) -> MutexGuard<'_, InFile> {
        self.0.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InFile {
    /// Removes the file, if there is one: nothing is staged.
    fn close(&mut self) -> Result<(), JournalError> {
        match (self.journal.take(), &self.staging) {
            (Some(journal), Some(staging)) => journal.close(staging),
            _ => Ok(()),
        }
    }
}

impl Drop for InFile {
    fn drop(&mut self) {
        if self.staging.as_ref().is_none_or(Staging::is_empty)
            && let Err(error) = self.close()
        {
            tracing::warn!(%error, "a journal with nothing in it was not removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use persistence::{CatalogEntry, Entity as _, Record};

    use super::*;
    use crate::samples::Writer;

    fn row(name: &str) -> Record {
        Record(vec![1.into(), name.into()])
    }

    fn kept(folder: &tempfile::TempDir) -> KeptStaging {
        let entries = [CatalogEntry::new(Writer::meta())];
        KeptStaging::new(Some(folder.path().to_owned()), "shop.db".to_owned(), &entries)
    }

    fn staged(staging: &mut Staging) -> Step {
        let mut act = staging.act();
        act.set(Writer::meta(), &row("Lem"), "name", "Le Guin".into()).unwrap();
        act.finish().unwrap()
    }

    fn files(folder: &tempfile::TempDir) -> usize {
        std::fs::read_dir(folder.path()).unwrap().count()
    }

    #[test]
    fn the_first_edit_and_its_commit_are_kept_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let before = kept(&folder);
        let mut staging = Staging::new(&[CatalogEntry::new(Writer::meta())]);
        let step = staged(&mut staging);
        before.push(vec![step], &staging);
        let written = Written {
            entity: Writer::meta(),
            before: Some(row("Lem")),
            after: Some(row("Le Guin")),
        };
        before.committing(std::slice::from_ref(&written)).unwrap();
        drop(before);

        let after = kept(&folder);
        let found = after.recover().unwrap().expect("something that is left");
        assert_eq!((found.staging.len(), found.is_committing, found.more), (1, true, 0));
        let rows = after.interrupted().expect("rows of a commit");
        assert_eq!(rows[0].after, written.after);
        staging.finish();
        after.push(vec![Step::Finished], &staging);
        after.write().unwrap();
        assert_eq!((after.interrupted().is_none(), files(&folder)), (true, 0));
    }

    #[test]
    fn what_a_window_has_is_offered_to_no_other_and_counted_there() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (kept(&folder), kept(&folder));
        let mut staging = Staging::new(&[CatalogEntry::new(Writer::meta())]);
        let step = staged(&mut staging);
        one.push(vec![step], &staging);
        one.write().unwrap();
        assert!(other.recover().unwrap().is_none());
        assert_eq!((one.others().unwrap(), other.others().unwrap()), (0, 1));
    }

    #[test]
    fn what_cannot_be_written_is_written_as_soon_as_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("unsaved");
        // Where the folder should be is a file.
        std::fs::write(&place, "").unwrap();
        let entries = [CatalogEntry::new(Writer::meta())];
        let kept = KeptStaging::new(Some(place.clone()), "shop.db".to_owned(), &entries);
        let mut staging = Staging::new(&entries);
        let step = staged(&mut staging);
        kept.push(vec![step], &staging);
        kept.write().unwrap_err();
        std::fs::remove_file(&place).unwrap();
        let steps = vec![staging.undo().unwrap(), staging.redo().unwrap()];
        kept.push(steps, &staging);
        kept.write().unwrap();
        drop(kept);
        let kept = KeptStaging::new(Some(place), "shop.db".to_owned(), &entries);
        assert_eq!(kept.recover().unwrap().expect("what was staged").staging.len(), 1);
    }
}
