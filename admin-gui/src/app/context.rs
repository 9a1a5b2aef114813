//! What drawing may read, and does not change.

use persistence::{Catalog, Record};

use super::lookups::Lookups;
use super::notice::Notice;
use super::preferences::Preferences;
use super::program::Program;
use crate::command::Situation;
use crate::extensions::Extensions;
use crate::form::{Access, RecordForm};
use crate::i18n::Texts;
use crate::jobs::Failure;
use crate::related::Previews;
use crate::tasks::Labels;
use crate::thumbnails::Thumbnails;
use crate::tr;

/// What drawing may read.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    /// The language.
    pub texts: &'a Texts,
    /// The entities.
    pub catalog: &'a Catalog,
    /// What the program adds.
    pub extensions: &'a Extensions,
    /// Rows that cells under the pointer referred to.
    pub previews: &'a Previews,
    /// Images in cells.
    pub thumbnails: &'a Thumbnails,
    /// What is going on.
    pub situation: Situation,
}

impl<'a> Shown<'a> {
    /// Collects what drawing reads, with the situation that decides which commands are enabled.
    pub fn new(
        program: &'a Program,
        preferences: &'a Preferences,
        lookups: &'a Lookups,
        situation: Situation,
    ) -> Self {
        Self {
            texts: &preferences.texts,
            catalog: &program.catalog,
            extensions: &program.extensions,
            previews: &lookups.previews,
            thumbnails: &lookups.thumbnails,
            situation,
        }
    }

    /// Returns what state is changed with.
    pub const fn known(&self) -> Known<'a> {
        Known { texts: self.texts, catalog: self.catalog }
    }
}

/// What the window's state is changed with, beside the effects of that.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// The language.
    pub texts: &'a Texts,
    /// The entities.
    pub catalog: &'a Catalog,
}

impl<'a> Known<'a> {
    /// Takes the language from the preferences, and the entities from the program.
    pub const fn new(preferences: &'a Preferences, program: &'a Program) -> Self {
        Self { texts: &preferences.texts, catalog: &program.catalog }
    }

    /// Returns a failure in words a person can act on.
    pub fn words(&self, failure: &Failure) -> String {
        words(self.texts, failure)
    }

    /// Returns an outcome with the failure in words, where it is one.
    pub fn in_words<T>(&self, outcome: Result<T, Failure>) -> Result<T, String> {
        outcome.map_err(|failure| self.words(&failure))
    }

    /// Returns a notice that says why something could not be had.
    pub fn not_found(&self, failure: &Failure) -> Notice {
        Notice::failure(self.words(failure))
    }

    /// Returns why rows of a table cannot be written, in words.
    pub fn why_read_only(&self, table: &str) -> Option<String> {
        if self.catalog.is_read_only() {
            return Some(tr!(self.texts, "shell-read-only-reason"));
        }
        let drift = self.catalog.drift();
        let drift = drift.iter().find(|drift| drift.table == table && drift.is_read_only());
        drift.map(|drift| self.texts.table_drift(drift))
    }

    /// Returns whether records of a table can be written.
    pub fn access(&self, table: &str) -> Access {
        self.why_read_only(table).map_or(Access::ReadWrite, Access::ReadOnly)
    }

    /// Makes the form of a row, which can be written as the connection can.
    pub fn form_of(&self, table: &str, record: Record, labels: &Labels) -> Option<RecordForm> {
        let entry = self.catalog.entry(table).ok()?;
        let form = RecordForm::existing(entry.clone(), record, labels);
        Some(form.with_access(self.access(table)))
    }

    /// Returns a notice that a record is not there any more.
    pub fn record_gone(&self) -> Notice {
        Notice::failure(tr!(self.texts, "shell-record-gone"))
    }
}

/// Returns a failure in words a person can act on.
pub(super) fn words(texts: &Texts, failure: &Failure) -> String {
    match failure {
        Failure::Database(error) => texts.error(error),
        Failure::Panicked { message } => {
            tr!(texts, "shell-broke-off", message = message.as_str())
        }
        Failure::Stopped => tr!(texts, "shell-worker-stopped"),
    }
}
