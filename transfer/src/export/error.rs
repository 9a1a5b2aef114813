//! Why rows could not be taken away.

use std::io;
use std::path::{Path, PathBuf};

use super::file::IsDatabase;

/// Why rows could not be taken away. Nothing is left behind then, and a file that was there before
/// is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The rows could not be read.
    #[error(transparent)]
    Database(#[from] persistence::Error),
    /// The output could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is a database, or belongs to one.
    #[error("{} is a database of SQLite, or belongs to one, and is not written over", path.display())]
    IsDatabase {
        /// The database.
        path: PathBuf,
    },
    /// A value does not fit the format.
    #[error("row {row}, {column}: {problem}")]
    Unfit {
        /// The row's number, counted from 1.
        row: u64,
        /// The column's name.
        column: String,
        /// What is wrong, in words.
        problem: String,
    },
    /// There are more rows than were to be taken.
    #[error("{rows} rows are more than {limit}")]
    TooMany {
        /// How many there are.
        rows: u64,
        /// How many were to be taken at most.
        limit: u64,
    },
    /// Somebody wanted it to end.
    #[error("cancelled: nothing was written")]
    Cancelled,
}

impl ExportError {
    /// Makes the error that a file could not be written, with why.
    pub(super) fn of_file(path: &Path, source: io::Error) -> Self {
        match IsDatabase::of(&source) {
            Some(IsDatabase { path }) => Self::IsDatabase { path: path.clone() },
            None => Self::File { path: path.to_owned(), source },
        }
    }
}

/// Why a format could not write a row.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The output takes no more.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A value does not fit the format.
    #[error("column {column}: {problem}")]
    Unfit {
        /// The column's place among those that are written.
        column: usize,
        /// What is wrong, in words.
        problem: String,
    },
}
