//! Choosing the row that a foreign key points to.

use crate::tasks::Choice;

/// The open picker of a foreign key.
#[derive(Clone, Debug, Default)]
pub(super) struct Picker {
    /// The position of the foreign key's column.
    pub column: usize,
    /// What was typed.
    pub text: String,
    /// What is offered; `None` until the first answer.
    pub choices: Option<Vec<Choice>>,
    /// Which line is about to be chosen. Line 0 is NULL where the column takes it.
    pub highlighted: usize,
    /// Whether the text field wants the keyboard.
    pub wants_focus: bool,
}

impl Picker {
    /// Makes a picker that was just opened.
    pub fn open(column: usize) -> Self {
        Self { column, wants_focus: true, ..Self::default() }
    }

    /// Shows an answer.
    pub fn answer(&mut self, choices: Vec<Choice>, lines_before: usize) {
        self.choices = Some(choices);
        // The best match is what Enter should take; NULL is never the best match.
        self.highlighted = if self.lines(lines_before) > lines_before { lines_before } else { 0 };
    }

    /// Returns how many lines there are, with those before the choices.
    pub fn lines(&self, lines_before: usize) -> usize {
        self.choices.as_ref().map_or(0, Vec::len) + lines_before
    }

    /// Highlights the next line, staying at the last.
    pub fn down(&mut self, lines_before: usize) {
        self.highlighted = (self.highlighted + 1).min(self.lines(lines_before).saturating_sub(1));
    }

    /// Highlights the line before, staying at the first.
    pub fn up(&mut self) {
        self.highlighted = self.highlighted.saturating_sub(1);
    }
}
