//! What is staged, kept in a file as it is done, so that it is there again when the program was killed.
//!
//! A [`Journal`] belongs to one [`Staging`] of one database. Whatever is done to that is
//! [appended](Journal::append), and is on the disk by then. Several programs, or windows of one, have a file
//! each in the same folder, which they lock for as long as they are there; one that nobody has locked was
//! [left behind](Journal::left_behind), and can be gone on with.
//!
//! ```
//! # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
//! # use persistence::{Entity, Memory, Repository};
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::users)]
//! # struct User { #[entity(key, generated)] id: i64, name: String }
//! use persistence::staging::Staging;
//! use persistence::staging::journal::Journal;
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let memory = Memory::new().with::<User>();
//! let catalog = memory.catalog();
//! let mut staging = Staging::new(catalog.entries());
//! let mut journal = Journal::create(folder, "users.db", catalog.entries())?;
//! let mut act = staging.act();
//! let ada = act.insert(User::meta())?;
//! act.set_new(&ada, "name", "Ada".into())?;
//! let step = act.finish().unwrap();
//! journal.append(&step, &staging)?;
//! assert!(Journal::left_behind(folder, "users.db", catalog.entries())?.is_empty());
//! drop(journal); // The program ends.
//!
//! let left = Journal::left_behind(folder, "users.db", catalog.entries())?.pop().unwrap();
//! let (mut journal, mut staging) = left.adopt()?;
//! assert_eq!(staging.len(), 1);
//! # let mut session = catalog.session()?;
//! let applied = session.apply(&staging.edits().unwrap())?;
//! journal.committing(&applied.rows)?;
//! session.commit()?;
//! let step = staging.finish();
//! journal.append(&step, &staging)?;
//! journal.close(&staging)?;
//! # assert_eq!(std::fs::read_dir(folder)?.count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The file
//!
//! Each line is a checksum and a JSON document, and is written after the others. The first one says which
//! database the journal is of. What was not written completely, or is damaged, is not read, and neither is
//! what comes after it. The file is its owner's alone, where the system knows of owners.

mod entry;
mod error;
mod file;
mod left_behind;
mod line;
mod replay;
mod shape;
mod translation;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

pub use error::JournalError;
pub use left_behind::LeftBehind;
pub use translation::Lost;

use super::{Staging, Step};
use crate::catalog::CatalogEntry;
use crate::edit::Written;
use entry::{Entry, Header};
use file::Locked;
use shape::Shape;

/// Bytes below which a file is never too large for what is in it.
const SMALL: u64 = 1 << 20;
/// How many times larger than after the last compaction a file is when it is compacted again.
const GROWTH: u64 = 4;

/// The file of a staging area; see the [module](self).
#[derive(Debug)]
pub struct Journal {
    file: Locked,
    path: PathBuf,
    header: String,
    shapes: Vec<Shape>,
    /// The tables of which the file says what they are like.
    tables: BTreeSet<String>,
    /// How many bytes are written completely.
    length: u64,
    /// How many there were after the last compaction.
    compacted: u64,
    /// The rows of a commit that was begun, and of which nothing more is known.
    committing: Option<Vec<Written>>,
    /// Whether there may be more in the file than what is written completely.
    is_torn: bool,
    /// Whether something was done that is not in the file.
    is_behind: bool,
}

impl Journal {
    /// Makes a journal for a database, in a folder that is made where there is none. The database may be
    /// called anything that it is called the next time too, such as its URL without the password. As long
    /// as nothing is staged, nobody needs one.
    ///
    /// # Errors
    /// [`JournalError::Create`] when the file cannot be made or locked.
    pub fn create(
        folder: &Path,
        database: &str,
        entries: &[CatalogEntry],
    ) -> Result<Self, JournalError> {
        file::create_folder(folder).map_err(JournalError::create(folder))?;
        let path = file::new_path(folder, database);
        let header = Header::new(database, entries).line();
        let file = Locked::place(&path, header.as_bytes()).map_err(JournalError::create(&path))?;
        Ok(Self::new(file, path, header, entries))
    }

    /// Returns the journals of a database that somebody has left behind with something in them; the last
    /// one that was written first. Those with nothing in them are removed.
    ///
    /// # Errors
    /// [`JournalError::Read`] when one of them, or the folder, cannot be read; [`JournalError::Remove`] when
    /// one with nothing in it cannot be removed. That a journal is damaged is no error: see
    /// [`LeftBehind::cut`].
    pub fn left_behind(
        folder: &Path,
        database: &str,
        entries: &[CatalogEntry],
    ) -> Result<Vec<LeftBehind>, JournalError> {
        LeftBehind::all(folder, database, entries)
    }

    /// Counts the journals of a database that somebody has, this program included.
    ///
    /// # Errors
    /// [`JournalError::Read`] when one of them, or the folder, cannot be read.
    pub fn in_use(folder: &Path, database: &str) -> Result<usize, JournalError> {
        let paths = file::journals(folder, database).map_err(JournalError::read(folder))?;
        let mut count = 0;
        for path in paths {
            count += usize::from(file::is_in_use(&path).map_err(JournalError::read(&path))?);
        }
        Ok(count)
    }

    /// Writes what was done to a staging area, which is as given after that. When this returns, it is on
    /// the disk.
    ///
    /// After an error everything that was written before is still there, and can be read; the next call
    /// writes what is missing as well. The file is [compacted](Self::compact) by the way when it has become
    /// much larger than what is in it.
    ///
    /// # Errors
    /// [`JournalError::Write`] when the file cannot be written.
    pub fn append(&mut self, step: &Step, staging: &Staging) -> Result<(), JournalError> {
        self.append_all(std::slice::from_ref(step), staging)
    }

    /// Writes several steps, after the last of which the staging area is as given: all of them or none.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_all(&mut self, steps: &[Step], staging: &Staging) -> Result<(), JournalError> {
        if steps.iter().any(replay::ends_commit) {
            self.committing = None;
        }
        if self.is_behind {
            return self.compact(staging);
        }
        let written = self.write(steps.iter().map(|step| Entry::Step(Cow::Borrowed(step))));
        self.is_behind = written.is_err();
        written?;
        let is_large = self.length > SMALL.max(self.compacted.saturating_mul(GROWTH));
        if is_large && self.compact(staging).is_err() {
            // All is written, only not as short as it could be.
            self.compacted = self.length;
        }
        Ok(())
    }

    /// Writes what is about to be committed: the rows of [`Applied`](crate::edit::Applied). Where the
    /// program ends before it has appended that it has [finished](Step::Finished), it can be found out
    /// [whether that was committed](super::interrupted). What a person does next to the staging area says
    /// that it was not.
    ///
    /// # Errors
    /// [`JournalError::Write`] when the file cannot be written. Then it is as if this had not been called.
    pub fn committing(&mut self, rows: &[Written]) -> Result<(), JournalError> {
        self.write(std::iter::once(Entry::committing(rows)))?;
        self.committing = Some(rows.to_vec());
        Ok(())
    }

    /// Writes a new file with nothing but what is needed to have this staging area again, in the place of
    /// the old one.
    ///
    /// # Errors
    /// [`JournalError::Write`] when it cannot be written. Then the old one is there as it was.
    pub fn compact(&mut self, staging: &Staging) -> Result<(), JournalError> {
        let steps = staging.steps().into_iter().map(|step| Entry::Step(Cow::Owned(step)));
        let committing = self.committing.as_deref().map(Entry::committing);
        let (mut text, mut tables) = (self.header.clone(), BTreeSet::new());
        for entry in steps.chain(committing) {
            let (lines, new) = self.lines(&entry, |table| tables.contains(table));
            text.push_str(&lines);
            tables.extend(new);
        }
        let file = Locked::place(&self.path, text.as_bytes());
        let file = file.map_err(JournalError::write(&self.path))?;
        std::mem::replace(&mut self.file, file).forget();
        (self.length, self.compacted) = (text.len() as u64, text.len() as u64);
        (self.is_torn, self.is_behind) = (false, false);
        self.tables = tables;
        Ok(())
    }

    /// Gives the file up: it is removed where nothing is staged, and is otherwise there the next time.
    ///
    /// # Errors
    /// [`JournalError::Remove`] when it cannot be removed.
    pub fn close(self, staging: &Staging) -> Result<(), JournalError> {
        if staging.is_empty() { self.remove() } else { Ok(()) }
    }

    /// Returns where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the journal of a file that has this header and nothing else.
    fn new(file: Locked, path: PathBuf, header: String, entries: &[CatalogEntry]) -> Self {
        let length = header.len() as u64;
        Self {
            file,
            path,
            header,
            shapes: entries.iter().map(|entry| Shape::of(entry.meta)).collect(),
            tables: BTreeSet::new(),
            length,
            compacted: length,
            committing: None,
            is_torn: false,
            is_behind: false,
        }
    }

    fn remove(self) -> Result<(), JournalError> {
        self.file.remove(&self.path).map_err(JournalError::remove(&self.path))
    }

    fn write<'e>(&mut self, entries: impl Iterator<Item = Entry<'e>>) -> Result<(), JournalError> {
        let (mut text, mut tables) = (String::new(), BTreeSet::new());
        for entry in entries {
            let (lines, new) =
                self.lines(&entry, |table| self.tables.contains(table) || tables.contains(table));
            text.push_str(&lines);
            tables.extend(new);
        }
        self.write_whole(text.as_bytes()).map_err(JournalError::write(&self.path))?;
        self.length += text.len() as u64;
        self.tables.extend(tables);
        Ok(())
    }

    /// Writes all of it or nothing, as far as the file can be cut.
    fn write_whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.file.cut(self.length)?;
            self.is_torn = false;
        }
        let written = self.file.write(self.length, bytes);
        if written.is_err() {
            self.is_torn = self.file.cut(self.length).is_err();
        }
        written
    }

    /// Returns the lines that say this, and the tables among them of which nothing was said before.
    fn lines(&self, entry: &Entry<'_>, is_known: impl Fn(&str) -> bool) -> (String, Vec<String>) {
        let (mut lines, mut new) = (String::new(), Vec::new());
        let tables = entry.tables();
        let is_new = |shape: &&Shape| tables.contains(&*shape.table) && !is_known(&shape.table);
        for shape in self.shapes.iter().filter(is_new) {
            lines.push_str(&Entry::Table(shape.clone()).line());
            new.push(shape.table.clone());
        }
        lines.push_str(&entry.line());
        (lines, new)
    }
}
