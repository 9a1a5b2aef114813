//! Opening a file as it is: for writing where that was asked for and is possible, else for reading,
//! and without ever passing over what a killed writer left behind.

use std::path::Path;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

use super::location::{Door, Location};
use crate::backend::files::{self, beside};
use crate::backend::{Journal, Missing, OpenOptions, classify_plain};
use crate::error::{Error, Result};

/// Opens the database. It stays as it is: what is made, and in which mode, is said by the options.
pub(super) fn open(
    location: &Location,
    options: &OpenOptions,
    timeout: u128,
) -> Result<SqliteConnection> {
    let missing = if options.read_only { Missing::Refused } else { options.missing };
    location.check(missing)?;
    let opening = Opening { location, timeout };
    let Some(path) = location.file() else { return opening.connect(Door::Create) };
    let mut connection = if options.read_only || !may_write(&path) {
        opening.read(&path)?
    } else {
        opening.write(&path, missing)?
    };
    files::remember(&path);
    if !options.read_only {
        keep_log(&mut connection, options)
            .map_err(|error| location.explain(classify_plain::<SqliteConnection>(error)))?;
    }
    Ok(connection)
}

struct Opening<'l> {
    location: &'l Location,
    timeout: u128,
}

impl Opening<'_> {
    /// Opens a connection, and reads the database once through it.
    fn connect(&self, door: Door) -> Result<SqliteConnection> {
        let mut connection = SqliteConnection::establish(&self.location.connection_url(door))
            .map_err(|error| self.unopened(&error))?;
        connection
            .batch_execute(&format!(
                "PRAGMA busy_timeout = {}; PRAGMA foreign_keys = ON; PRAGMA schema_version",
                self.timeout
            ))
            .map_err(|error| self.location.explain(classify_plain::<SqliteConnection>(error)))?;
        Ok(connection)
    }

    fn write(&self, path: &Path, missing: Missing) -> Result<SqliteConnection> {
        let door = if missing == Missing::Created { Door::Create } else { Door::Write };
        match self.connect(door) {
            // The log of a database that keeps one cannot be made beside it: it can still be read,
            // and whoever writes is told.
            Err(Error::Unavailable { .. } | Error::ReadOnly { .. })
                if !may_write(folder_of(path)) =>
            {
                self.read(path)
            }
            connected => connected,
        }
    }

    fn read(&self, path: &Path) -> Result<SqliteConnection> {
        let may_write = may_write(path) && may_write(folder_of(path));
        match self.connect(Door::Read) {
            Ok(connection) => self.tidy(path, connection, may_write),
            // SQLite refuses to read past the journal of a writer that was killed.
            Err(Error::ReadOnly { .. }) if has_content(&beside(path, "-journal")) => {
                if !may_write {
                    return Err(self.interrupted(path));
                }
                // Taken back by whoever opens it for writing.
                drop(self.connect(Door::Write)?);
                self.connect(Door::Read)
            }
            // The log or its index cannot be made beside it: told as the one in a folder without
            // leave, as the other on a read-only medium.
            Err(error @ (Error::Unavailable { .. } | Error::ReadOnly { .. })) if may_read(path) => {
                self.frozen(path, error)
            }
            Err(error) => Err(error),
        }
    }

    /// Opens the database for writing where its log is missing or empty: a reader that is the last
    /// to close a database with a log leaves an empty log and its index behind, because it may not
    /// remove them; a writer can.
    fn tidy(
        &self,
        path: &Path,
        mut connection: SqliteConnection,
        may_write: bool,
    ) -> Result<SqliteConnection> {
        if may_write && !has_content(&beside(path, "-wal")) && has_log(&mut connection) {
            return self.connect(Door::Write);
        }
        Ok(connection)
    }

    /// Opens a file as one that nobody writes, without locks and without a log: its folder takes no
    /// files, so that SQLite cannot keep there what it would need to look for a log again and
    /// again. Fails where changes wait in a log or a journal that are not in the file itself.
    fn frozen(&self, path: &Path, error: Error) -> Result<SqliteConnection> {
        let log = beside(path, "-wal");
        if has_content(&beside(path, "-journal")) {
            return Err(self.interrupted(path));
        }
        if has_content(&log) {
            return Err(self.location.unavailable(format!(
                "`{}` holds changes that are not in the file yet; to read them, it has to be \
                 possible to write to the folder `{}`: {}",
                log.display(),
                folder_of(path).display(),
                why_not(folder_of(path))
            )));
        }
        if may_write(folder_of(path)) {
            return Err(error);
        }
        self.connect(Door::Frozen)
    }

    fn interrupted(&self, path: &Path) -> Error {
        let folder = folder_of(path);
        let locked = if may_write(path) { folder } else { path };
        self.location.unavailable(format!(
            "a program was ended while it was writing, and what it left half-done has to be taken \
             back first (`{}`), which needs leave to write to the file and its folder; `{}`: {}",
            beside(path, "-journal").display(),
            locked.display(),
            why_not(locked)
        ))
    }

    /// Says why SQLite cannot open the file, where that can be told.
    fn unopened(&self, error: &diesel::ConnectionError) -> Error {
        let path = self.location.file();
        match path.map(|path| access(&path, Wish::Read)) {
            Some(Err(denied)) if denied.kind() != std::io::ErrorKind::NotFound => {
                self.location.unreachable(&denied)
            }
            _ => self.location.unavailable(error.to_string()),
        }
    }
}

/// Gives a new database a write-ahead log, so that its readers and its writer do not wait for each
/// other; one that is there gets it only when that is asked for.
fn keep_log(connection: &mut SqliteConnection, options: &OpenOptions) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Pages {
        #[diesel(sql_type = BigInt)]
        page_count: i64,
    }
    let is_wanted = options.journal == Journal::WriteAheadLog
        || options.missing == Missing::Created
            && diesel::sql_query("PRAGMA page_count").get_result::<Pages>(connection)?.page_count
                == 0;
    if is_wanted {
        // Refused while others use the file, or by its medium; whoever writes is told.
        let _ = connection.batch_execute("PRAGMA journal_mode = WAL");
    }
    Ok(())
}

/// Returns whether the database is one that keeps a write-ahead log.
pub(super) fn has_log(connection: &mut SqliteConnection) -> bool {
    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }
    diesel::sql_query("PRAGMA journal_mode")
        .get_result::<Mode>(connection)
        .is_ok_and(|mode| mode.journal_mode == "wal")
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0)
}

/// What somebody wants to do with a file or in a folder.
#[derive(Clone, Copy)]
enum Wish {
    Read,
    Write,
}

/// Asks the system whether a file can be read or written: it knows who is asking, and of media that
/// nobody writes to.
fn access(path: &Path, wish: Wish) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, AtFlags, CWD};
        let access = match wish {
            Wish::Read => Access::READ_OK,
            Wish::Write => Access::WRITE_OK,
        };
        Ok(rustix::fs::accessat(CWD, path, access, AtFlags::EACCESS)?)
    }
    #[cfg(not(unix))]
    match std::fs::metadata(path)? {
        metadata if matches!(wish, Wish::Write) && metadata.permissions().readonly() => {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
        _ => Ok(()),
    }
}

fn may_read(path: &Path) -> bool {
    access(path, Wish::Read).is_ok()
}

/// Returns whether a file can be written for all that is known before: a file that is not there may
/// be made.
fn may_write(path: &Path) -> bool {
    !access(path, Wish::Write).is_err_and(|error| error.kind() != std::io::ErrorKind::NotFound)
}

fn why_not(path: &Path) -> String {
    match access(path, Wish::Write) {
        Ok(()) => "it can be written to by now".to_owned(),
        Err(error) => match error.kind() {
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            std::io::ErrorKind::ReadOnlyFilesystem => "read-only medium".to_owned(),
            _ => error.to_string(),
        },
    }
}
