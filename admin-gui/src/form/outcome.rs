//! What came of saving: stored, refused, or overtaken by somebody else.

use persistence::entity::Fill;
use persistence::{Error, Record};

use super::conflict::ConflictState;
use super::model::RecordForm;
use super::problem::{Problem, Problems};
use crate::i18n::Texts;

/// Whose value a field gets that two people have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winner {
    /// The one that is typed here.
    Mine,
    /// The one that is in the database.
    Theirs,
}

impl RecordForm {
    /// Takes the record as it is stored now that it was written.
    pub fn saved(&mut self, record: Record) {
        self.is_new = false;
        self.is_saving = false;
        self.is_attempted = false;
        self.summary.clear();
        self.conflict = None;
        let sent = self.sent.take();
        // What was typed while the record was being written is not in it.
        let is_typed_since = |column: usize| {
            let has_typed = self.fields.get(column).is_some_and(|field| field.has_typed);
            let differs = |sent: &Record| self.value(column).as_ref() != Ok(sent.value(column));
            has_typed || sent.as_ref().is_some_and(differs)
        };
        let typed: Vec<bool> = (0..self.fields.len()).map(is_typed_since).collect();
        let mut base = record;
        for (column, (field, is_typed)) in self.fields.iter_mut().zip(typed).enumerate() {
            let mut label = None;
            (field.has_typed, field.staged) = (is_typed, None);
            if is_typed {
                // Nobody has seen here what somebody else may have written there meanwhile.
                if let Some(sent) = &sent {
                    base.set(column, sent.value(column).clone());
                }
            } else {
                let is_as_sent =
                    sent.as_ref().is_none_or(|sent| sent.value(column) == base.value(column));
                field.show(base.value(column));
                if !is_as_sent {
                    field.label = None;
                }
                label.clone_from(&field.label);
            }
            if let Some(base_label) = self.base_labels.get_mut(column) {
                *base_label = label;
            }
        }
        self.base = base;
        self.check();
    }

    /// Takes why the record could not be written: each reason goes to its field, the rest to the
    /// summary.
    pub fn failed(&mut self, error: &Error, texts: &Texts) {
        self.is_saving = false;
        self.sent = None;
        if let Error::Conflict(conflict) = error {
            self.conflicted(conflict.theirs.clone());
            return;
        }
        let problems = Problems::of_error(self.meta(), error, texts);
        for (column, problem) in problems.fields {
            if let Some(field) = self.fields.get_mut(column) {
                self.jump_to.get_or_insert(column);
                field.refusal = Some(problem);
            }
        }
        self.summary = problems.record;
        self.is_attempted = true;
        self.check();
    }

    /// Takes why the record could not be written, for a reason that is not the database's.
    pub fn broke_off(&mut self, message: String) {
        self.is_saving = false;
        self.sent = None;
        self.summary = vec![Problem::Other(message)];
    }

    /// Notes that nothing is being written any more.
    pub fn settled(&mut self) {
        self.is_saving = false;
        self.sent = None;
    }

    /// Takes what others have made of the row since the person has `seen` it; nothing where they have deleted it.
    pub fn contested(&mut self, seen: Option<&Record>, theirs: Option<Record>) {
        if let Some(seen) = seen {
            self.base = seen.clone();
        }
        self.conflicted(theirs);
    }

    /// Takes what others have made of the row; nothing where they have deleted it.
    pub fn conflicted(&mut self, theirs: Option<Record>) {
        let Some(theirs) = theirs else {
            self.conflict = Some(ConflictState::Deleted);
            return;
        };
        let differs_from_theirs = |column: usize| {
            self.is_changed(column) && self.value(column).as_ref() != Ok(theirs.value(column))
        };
        let mut conflict =
            ConflictState::of_changed(self.meta(), &self.base, &theirs, differs_from_theirs);
        if let ConflictState::Changed { contested, was, .. } = &mut conflict {
            let label = |column: usize| self.base_labels.get(column).cloned().flatten();
            let before = |&column: &usize| (column, self.base.value(column).clone(), label(column));
            *was = contested.iter().map(before).collect();
        }
        let contested = match &conflict {
            ConflictState::Changed { contested, .. } => contested.clone(),
            ConflictState::Deleted => Vec::new(),
        };
        for column in 0..self.fields.len() {
            let is_mine = contested.contains(&column) || self.is_changed(column);
            let is_reference_moved = theirs.value(column) != self.base.value(column);
            if is_reference_moved && let Some(label) = self.base_labels.get_mut(column) {
                *label = None;
            }
            if !is_mine && let Some(field) = self.fields.get_mut(column) {
                field.show(theirs.value(column));
                if is_reference_moved {
                    field.label = None;
                }
            }
        }
        self.base = theirs;
        self.conflict = Some(conflict);
        self.check();
    }

    /// Takes that it has been decided elsewhere what becomes of what others did.
    pub fn decided(&mut self) {
        if matches!(self.conflict, Some(ConflictState::Changed { .. })) {
            self.conflict = None;
            self.check();
        }
    }

    /// Decides a field that both have changed.
    pub fn decide(&mut self, column: usize, winner: Winner) {
        if let Some(ConflictState::Changed { contested, .. }) = &mut self.conflict {
            contested.retain(|candidate| *candidate != column);
        }
        match winner {
            Winner::Theirs => self.revert(column),
            Winner::Mine => {
                // It is staged anew, over what they have written.
                if let Some(field) = self.fields.get_mut(column) {
                    field.staged = None;
                    field.has_typed = true;
                }
            }
        }
        if !self.conflict.as_ref().is_some_and(ConflictState::is_undecided) && !self.is_dirty() {
            self.conflict = None;
        }
    }

    /// Makes a row that somebody else has deleted a new one.
    pub fn insert_again(&mut self) {
        self.conflict = None;
        self.is_new = true;
        for (field, column) in self.fields.iter_mut().zip(self.entry.meta.columns) {
            field.is_touched = column.fill == Fill::Draft;
            field.has_typed = field.is_touched;
            field.staged = None;
        }
        let blank = Self::blank(self.entry.clone());
        self.base = blank.base;
        self.base_labels = blank.base_labels;
        self.check();
    }
}
