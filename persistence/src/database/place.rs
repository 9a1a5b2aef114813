//! Where a database is, how its connections are opened, and whether its file is still there.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::backend::files::{FileId, OpenedFile};
use crate::backend::{Access, Engine, Journal, Missing, OpenOptions, Workload};
use crate::error::Result;

/// Where a database is and how its connections are opened.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) options: OpenOptions,
    /// What people call it.
    pub(crate) target: Arc<str>,
    pub(crate) access: Access,
    /// The file, once it was opened; the same for all who open the same database.
    file: Arc<OnceLock<Option<OpenedFile>>>,
    /// What was done to the database for the time that it is open.
    undo: OnceLock<Undo>,
}

/// Runs when nobody has the database open any more.
struct Undo(Mutex<Option<Box<dyn FnOnce() + Send + Sync>>>);

impl Undo {
    fn run(&self) {
        let undo = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(undo) = undo {
            undo();
        }
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        self.run();
    }
}

impl Place {
    /// Makes a place that nobody has opened yet.
    pub(super) fn new(url: String, options: OpenOptions, target: Arc<str>) -> Self {
        let access = if options.read_only { Access::Read } else { Access::Write };
        Self { url, options, target, access, file: Arc::default(), undo: OnceLock::new() }
    }

    /// Makes a place for the same database for those who only read.
    pub(super) fn reading(&self) -> Self {
        let file = Arc::clone(&self.file);
        Self { file, ..self.replica(&self.url, Arc::clone(&self.target)) }
    }

    /// Makes a place for a copy of the database elsewhere, for those who only read.
    pub(super) fn replica(&self, url: &str, target: Arc<str>) -> Self {
        let mut options = self.options.clone();
        options.read_only = true;
        Self::new(url.to_owned(), options, target)
    }

    /// Returns the file, where the database is one, as it was when it was opened first.
    pub(super) fn opened_file<C: Engine>(&self) -> Option<&OpenedFile> {
        self.file.get_or_init(|| C::file(&self.url).and_then(OpenedFile::of)).as_ref()
    }

    /// Fails where the file is not the one that was opened: what is written then is nowhere.
    pub(crate) fn check_file(&self) -> Result<()> {
        self.file.get().and_then(Option::as_ref).map_or(Ok(()), OpenedFile::check)
    }

    /// Fails where the file, or the log that a connection writes to, is not the one that was opened.
    pub(super) fn check_log(&self, of_connection: Option<&FileId>) -> Result<()> {
        let file = self.file.get().and_then(Option::as_ref);
        file.map_or(Ok(()), |file| file.check_log(of_connection))
    }

    /// Undoes what was done to the database for the time that it is open: now that it is not any more.
    pub(super) fn closed(&self) {
        if let Some(undo) = self.undo.get() {
            undo.run();
        }
    }

    /// Gives the database its write-ahead log back when nobody has it open any more.
    pub(super) fn returns_to_log<C: Engine>(&self) {
        let options = OpenOptions {
            workload: Workload::Mixed,
            missing: Missing::Refused,
            journal: Journal::AsItIs,
            ..self.options.clone()
        };
        let (url, target) = (self.url.clone(), Arc::clone(&self.target));
        let undo = move || {
            let returned = C::open(&url, &options).map(|mut connection| connection.return_to_log());
            match returned {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%target, %error, "without its write-ahead log"),
                Err(error) => tracing::warn!(%target, %error, "without its write-ahead log"),
            }
        };
        self.undo.set(Undo(Mutex::new(Some(Box::new(undo))))).ok();
    }
}
