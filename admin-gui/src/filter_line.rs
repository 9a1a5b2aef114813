//! Which rows are shown: one filter with two faces, the line in which it is typed and its pills,
//! and the quick search beside it.

use std::ops::Range;
use std::time::{Duration, Instant};

use persistence::{ColumnMeta, EntityMeta, Filter, FilterError};

use crate::i18n::Language;
use crate::national;
use crate::pills::Pills;
use crate::shown_names::ShownNames;

/// How long the quick search waits for the next letter.
pub const PAUSE: Duration = Duration::from_millis(200);

/// How the filter is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Face {
    /// As pills, which are clicked.
    #[default]
    Pills,
    /// As a line, which is typed.
    Line,
}

/// The filter as it is typed and as it is applied.
#[derive(Debug, Default)]
pub struct FilterLine {
    /// The filter as it is typed.
    pub text: String,
    /// The quick search as it is typed.
    pub search: String,
    /// How the filter is shown.
    pub face: Face,
    filter: Filter,
    pills: Pills,
    applied_search: String,
    error: Option<FilterError>,
    /// Where in the typed text that is.
    mistake: Option<Range<usize>>,
    search_changed: Option<Instant>,
}

impl FilterLine {
    /// Takes the typed filter, in which columns may have the names that the window shows, and numbers
    /// and dates the form of its language. A text with a mistake leaves the filter as it was.
    pub fn apply(&mut self, meta: &EntityMeta, names: &ShownNames, language: Language) {
        self.error = None;
        self.mistake = None;
        let typed = names.translate(self.text.trim_end());
        let read = |column_type, text: &str| national::parse(language, column_type, text);
        match Filter::parse_with(meta, &typed.text, read) {
            Ok(filter) => {
                self.pills = Pills::of(meta, &filter);
                self.filter = filter;
            }
            Err(error) => {
                self.mistake = error.span().map(|span| typed.typed(span));
                self.error = Some(error);
            }
        }
    }

    /// Forgets the mistake in the typed text, which has been changed.
    pub fn edited(&mut self) {
        self.error = None;
    }

    /// Forgets what was typed and not applied.
    pub fn reset(&mut self) {
        self.error = None;
        self.text = self.filter.to_string();
        self.face = Face::Pills;
    }

    /// Returns the conditions, each apart, as pills.
    #[must_use]
    pub const fn pills(&self) -> &Pills {
        &self.pills
    }

    /// Changes the conditions.
    pub fn change(&mut self, meta: &EntityMeta, change: impl FnOnce(&mut Pills)) {
        change(&mut self.pills);
        self.filter = self.pills.filter();
        // Pills beside each other may be one: `price ≥ 1` and `price ≤ 2` are a range.
        self.pills = Pills::of(meta, &self.filter);
        self.text = self.filter.to_string();
        self.error = None;
    }

    /// Takes another filter.
    pub fn set(&mut self, meta: &EntityMeta, filter: Filter) {
        self.text = filter.to_string();
        self.pills = Pills::of(meta, &filter);
        self.filter = filter;
        self.error = None;
        self.face = Face::Pills;
    }

    /// Returns the quick search as it is applied.
    #[must_use]
    pub fn applied_search(&self) -> &str {
        &self.applied_search
    }

    /// Returns the filter without the quick search.
    #[must_use]
    pub const fn applied(&self) -> &Filter {
        &self.filter
    }

    /// Returns everything but what finds values of a column.
    #[must_use]
    pub fn filter_without(&self, column: &ColumnMeta, search: Filter) -> Filter {
        self.pills.filter_without(column).and(search)
    }

    /// Notes that the quick search has been changed: it is applied when no letter follows for a
    /// while.
    pub fn searched(&mut self, now: Instant) {
        self.search_changed = Some(now);
    }

    /// Takes the quick search if it has rested long enough; otherwise returns how long it still has
    /// to.
    pub fn rest(&mut self, now: Instant) -> Option<Duration> {
        let rested = now.saturating_duration_since(self.search_changed?);
        let rest = PAUSE.checked_sub(rested).filter(|rest| !rest.is_zero());
        if rest.is_none() {
            self.apply_search();
        }
        rest
    }

    /// Takes the quick search at once.
    pub fn apply_search(&mut self) {
        self.search_changed = None;
        self.search.trim().clone_into(&mut self.applied_search);
    }

    /// Shows all rows.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns what is wrong with the typed filter.
    #[must_use]
    pub const fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }

    /// Returns where in the typed text the mistake is, in bytes.
    #[must_use]
    pub fn mistake(&self) -> Option<Range<usize>> {
        self.error.as_ref().and_then(|_| self.mistake.clone())
    }

    /// Returns whether not all rows are shown.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.filter != Filter::All || !self.applied_search.is_empty()
    }

    /// Returns whether there is nothing to clear.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        !self.is_active() && self.text.is_empty() && self.search.is_empty()
    }

    /// Returns the filter and the quick search together.
    #[must_use]
    pub fn filter(&self, search: Filter) -> Filter {
        self.filter.clone().and(search)
    }
}
