//! Files of databases, asked of the system.
//!
//! A file that SQLite has open here is never opened by anybody else in this process: POSIX releases
//! a process's locks on a file as soon as the process closes any descriptor of it
//! (<https://www.sqlite.org/howtocorrupt.html>, section 2.2). So what can be told by the file's
//! identity is told by that.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::error::{Error, Result};

/// What every SQLite database begins with.
const HEADER: &[u8] = b"SQLite format 3\0";
/// What SQLite keeps beside a database, by how the names end.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Which file that is, whatever it is called: hard links of one file are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileId(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] PathBuf);

impl FileId {
    /// Identifies the file at a path, through links.
    ///
    /// # Errors
    /// When there is none, or the system does not tell.
    pub fn of(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        return std::fs::metadata(path).map(|metadata| Self::of_metadata(&metadata));
        #[cfg(not(unix))]
        return path.canonicalize().map(Self);
    }

    /// Identifies a file by metadata that have been read already.
    #[cfg(unix)]
    #[must_use]
    pub fn of_metadata(metadata: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self((metadata.dev(), metadata.ino()))
    }
}

/// Returns the SQLite database that a file is, or that it belongs to as its log, index or journal;
/// `None` for any other file, and where there is none. Safe to ask while the database is open.
///
/// A name is enough where it is that of a log or a journal of a database that has none.
///
/// # Errors
/// When the file is there and cannot be looked at.
pub fn database_of(path: &Path) -> io::Result<Option<PathBuf>> {
    if is_database(path)? {
        return Ok(Some(path.to_owned()));
    }
    // What the name leads to, where that is a link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().map(std::ffi::OsStr::to_string_lossy).unwrap_or_default();
    for companion in COMPANIONS {
        if let Some(stem) = name.strip_suffix(companion) {
            let database = path.with_file_name(stem);
            if is_database(&database)? {
                return Ok(Some(database));
            }
        }
    }
    // Another name for the log of a database that is open here.
    let Ok(id) = FileId::of(&path) else { return Ok(None) };
    let is_companion = |database: &PathBuf| {
        COMPANIONS.iter().any(|end| FileId::of(&beside(database, end)).is_ok_and(|its| its == id))
    };
    Ok(opened().values().map(|opened| &opened.path).find(|path| is_companion(path)).cloned())
}

/// Returns whether that is a file that this process has had open, and not another to which the
/// system has given its number since.
fn is_opened(id: &FileId, metadata: &Metadata) -> bool {
    opened().get(id).is_some_and(|opened| match (opened.created, metadata.created().ok()) {
        (Some(then), Some(now)) => then == now,
        _ => true,
    })
}

fn is_database(path: &Path) -> io::Result<bool> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if !metadata.is_file() {
        return Ok(false);
    }
    if FileId::of(path).is_ok_and(|id| is_opened(&id, &metadata)) {
        return Ok(true);
    }
    let mut begins = Vec::with_capacity(HEADER.len());
    match File::open(path) {
        Ok(file) => file.take(HEADER.len() as u64).read_to_end(&mut begins)?,
        // It may be written to and not be read: nobody can tell.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(begins == HEADER)
}

/// Returns the path of a file beside the database: `shop.db-wal` of `shop.db`.
pub(crate) fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(end);
    name.into()
}

/// A database that this process has had open.
struct Opened {
    path: PathBuf,
    /// When the file was made, where the system tells.
    created: Option<SystemTime>,
}

/// Locks the list of the databases that this process has had open.
fn opened() -> MutexGuard<'static, HashMap<FileId, Opened>> {
    static OPENED: OnceLock<Mutex<HashMap<FileId, Opened>>> = OnceLock::new();
    let opened = OPENED.get_or_init(Mutex::default);
    opened.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers that SQLite has a file open here.
#[cfg(feature = "sqlite")]
pub(crate) fn remember(path: &Path) {
    if let Ok(id) = FileId::of(path) {
        let created = std::fs::metadata(path).and_then(|metadata| metadata.created()).ok();
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        opened().insert(id, Opened { path, created });
    }
}

/// A database's file as it was opened, to notice when it is no longer the one that its name leads to.
#[derive(Debug)]
pub(crate) struct OpenedFile {
    path: PathBuf,
    id: FileId,
    /// What was noticed and cannot be mended but by opening the database anew.
    lost: OnceLock<&'static str>,
}

impl OpenedFile {
    /// Remembers the file at a path, to which a connection has just been opened.
    pub(crate) fn of(path: PathBuf) -> Option<Self> {
        // The program's folder may change, the file stays where it is.
        let path = std::path::absolute(&path).unwrap_or(path);
        let id = FileId::of(&path).ok()?;
        Some(Self { path, id, lost: OnceLock::new() })
    }

    /// Fails when the file is gone, or another has its name: what is written then is nowhere.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(lost) = self.lost.get() {
            return Err(self.unavailable(lost));
        }
        match FileId::of(&self.path) {
            Ok(id) if id == self.id => Ok(()),
            Ok(_) => Err(self.unavailable(
                "another file has taken its place since it was opened; open it anew to use that one",
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(self.unavailable("the file was removed or renamed since it was opened"))
            }
            Err(error) => Err(self.unavailable(&error.to_string())),
        }
    }

    /// Identifies the log that connections write to now.
    pub(crate) fn log(&self) -> Option<FileId> {
        FileId::of(&beside(&self.path, "-wal")).ok()
    }

    /// Fails, from now on always, when the log is gone that a connection writes to; and when there is
    /// one that the connection does not know.
    pub(crate) fn check_log(&self, of_connection: Option<&FileId>) -> Result<()> {
        if of_connection.is_none() {
            // Opened without a log, as what nobody writes to is; a new connection looks at it.
            let log = std::fs::metadata(beside(&self.path, "-wal"));
            if log.is_ok_and(|log| log.len() > 0) {
                return Err(self.unavailable("somebody writes to it by now"));
            }
        } else if self.log().as_ref() != of_connection {
            self.lost.get_or_init(|| {
                "its log (-wal) was removed since it was opened, and what was written last with it; \
                 open it anew"
            });
        }
        self.check()
    }

    fn unavailable(&self, message: &str) -> Error {
        Error::Unavailable {
            target: format!("`{}`", self.path.display()),
            message: message.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_and_what_belongs_to_them_are_told_from_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("shop.db"), [HEADER, b"and more"].concat()).unwrap();
        std::fs::write(path("notes.txt"), "SQLite format 4").unwrap();
        std::fs::write(path("shop.db-wal"), "").unwrap();
        for name in ["shop.db", "shop.db-wal", "shop.db-shm", "shop.db-journal"] {
            assert_eq!(database_of(&path(name)).unwrap(), Some(path("shop.db")), "{name}");
        }
        for name in ["notes.txt", "none.csv", "notes.txt-wal", "shop.db-wal.csv"] {
            assert_eq!(database_of(&path(name)).unwrap(), None, "{name}");
        }
        assert_eq!(database_of(folder.path()).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_hide_what_a_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("shop.db"), HEADER).unwrap();
        std::fs::write(path("shop.db-wal"), "").unwrap();
        std::fs::hard_link(path("shop.db"), path("hard")).unwrap();
        std::os::unix::fs::symlink(path("shop.db"), path("soft")).unwrap();
        std::os::unix::fs::symlink(path("shop.db-wal"), path("log")).unwrap();
        for name in ["hard", "soft", "log"] {
            assert!(database_of(&path(name)).unwrap().is_some(), "{name}");
        }
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_file_that_got_the_number_of_a_database_that_is_gone_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("shop.db"), HEADER).unwrap();
        remember(&path("shop.db"));
        let gone = FileId::of(&path("shop.db")).unwrap();
        std::fs::remove_file(path("shop.db")).unwrap();
        for number in 0..100 {
            let other = path(&format!("{number}.csv"));
            std::fs::write(&other, "id,title").unwrap();
            assert_eq!(database_of(&other).unwrap(), None);
            if FileId::of(&other).unwrap() == gone {
                return;
            }
        }
    }

    #[test]
    fn a_file_that_is_gone_or_another_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        std::fs::write(&path, HEADER).unwrap();
        let opened = OpenedFile::of(path.clone()).unwrap();
        opened.check().unwrap();
        std::fs::rename(&path, folder.path().join("elsewhere.db")).unwrap();
        assert!(opened.check().unwrap_err().to_string().contains("removed or renamed"));
        std::fs::write(&path, HEADER).unwrap();
        assert!(opened.check().unwrap_err().to_string().contains("another file"));
        std::fs::rename(folder.path().join("elsewhere.db"), &path).unwrap();
        opened.check().unwrap();
    }
}
