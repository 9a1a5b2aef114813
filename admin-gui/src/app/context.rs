//! What drawing may read, and does not change.

use persistence::{Action, Catalog, ColumnAccess, ColumnMeta, EntityMeta, Record};

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
        let meta = self.catalog.entry(table).ok().map(|entry| entry.meta);
        let writes = [Action::Add, Action::Change, Action::Delete];
        if meta.is_some_and(|meta| !writes.iter().any(|action| self.catalog.may(meta, *action))) {
            return Some(tr!(self.texts, "permission-none"));
        }
        let drift = self.catalog.drift();
        let drift = drift.iter().find(|drift| drift.table == table && drift.is_read_only());
        drift.map(|drift| self.texts.table_drift(drift))
    }

    /// Returns why the column of a row may not be given another value, in words.
    pub fn why_not_permitted(
        &self,
        meta: &'static EntityMeta,
        column: &ColumnMeta,
        is_new: bool,
    ) -> Option<String> {
        let texts = self.texts;
        if is_new {
            let is_permitted = self.catalog.may(meta, Action::Add);
            return (!is_permitted).then(|| tr!(texts, "permission-add"));
        }
        if !self.catalog.may(meta, Action::Change) {
            return Some(tr!(texts, "permission-change"));
        }
        match self.catalog.access(meta, meta.position(column.name)?) {
            ColumnAccess::Full => None,
            ColumnAccess::Fixed => {
                Some(tr!(texts, "permission-fixed", column = texts.column(meta, column)))
            }
            ColumnAccess::Masked => {
                Some(tr!(texts, "permission-masked", column = texts.column(meta, column)))
            }
        }
    }

    /// Returns a form in which can be written what may be.
    pub fn limited(&self, form: RecordForm) -> RecordForm {
        let (meta, is_new) = (form.meta(), form.is_new());
        let action = if is_new { Action::Add } else { Action::Change };
        let why = self.why_read_only(meta.table).or_else(|| {
            let column = meta.columns.first().filter(|_| !self.catalog.may(meta, action))?;
            self.why_not_permitted(meta, column, is_new)
        });
        let why_fixed = |column| self.why_not_permitted(meta, column, is_new);
        let fixed = meta.columns.iter().map(why_fixed).collect();
        form.with_access(why.map_or(Access::ReadWrite, Access::ReadOnly)).with_fixed(fixed)
    }

    /// Makes the form of a row, which can be written as the connection can.
    pub fn form_of(&self, table: &str, record: Record, labels: &Labels) -> Option<RecordForm> {
        let entry = self.catalog.entry(table).ok()?;
        Some(self.limited(RecordForm::existing(entry.clone(), record, labels)))
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
