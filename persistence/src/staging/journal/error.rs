//! Why a journal cannot be kept or read.

use std::io;
use std::path::{Path, PathBuf};

/// Why a journal cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A new one cannot be made.
    #[error("cannot make the journal {} of what is staged", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was done is not on the disk. What was written before is.
    #[error("cannot write to the journal {} of what is staged", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One that is there cannot be read, or the folder of all of them.
    #[error("cannot read {}, where what is staged is kept", path.display())]
    Read {
        /// The file, or the folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One that nobody needs any more cannot be removed.
    #[error("cannot remove the journal {}", path.display())]
    Remove {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl JournalError {
    pub(super) fn create(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Create { path: path.to_owned(), source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Write { path: path.to_owned(), source }
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Read { path: path.to_owned(), source }
    }

    pub(super) fn remove(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Remove { path: path.to_owned(), source }
    }
}
