//! Rows that foreign keys point to, for a look at them under the pointer.

use std::collections::VecDeque;

use egui::{Grid, Label, RichText, Ui};
use persistence::{EntityMeta, RecordKey, Value};

use crate::blob::BlobKind;
use crate::i18n::Texts;
use crate::tasks::{Cell, Labels, ListedRow};
use crate::theme::Theme;
use crate::tr;

/// Rows that are remembered.
const REMEMBERED: usize = 50;

/// Columns that are shown of a row.
const FIELDS: usize = 6;

/// Characters that are shown of a value.
const LONGEST: usize = 60;

/// A row in a few lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The row's entity.
    pub entity: String,
    /// Its label.
    pub title: String,
    /// Its first columns that have something to say, with their values.
    pub fields: Vec<(String, String)>,
}

impl Preview {
    /// Makes the preview of a row and what it refers to.
    #[must_use]
    pub fn of(meta: &EntityMeta, row: &ListedRow, labels: &Labels, texts: &Texts) -> Self {
        let fields = meta.columns.iter().enumerate().filter_map(|(position, column)| {
            let cell = row.cell(position);
            let value = cell.start();
            let is_dull = value.is_null()
                || position == meta.label
                || meta.key.contains(&position)
                || column.fill == persistence::entity::Fill::Version;
            let shown = || match (labels.get(position, value), value) {
                (Some(label), _) => cut(label),
                (None, Value::Bool(true)) => tr!(texts, "grid-yes"),
                (None, Value::Bool(false)) => tr!(texts, "grid-no"),
                (None, Value::Bytes(start)) => {
                    let bytes = match cell {
                        Cell::Whole(_) => start.len() as u64,
                        Cell::Cut { length, .. } => length.bytes,
                    };
                    texts.blob(BlobKind::of(start), bytes)
                }
                (None, Value::Timestamp(moment)) => moment.format("%Y-%m-%d %H:%M").to_string(),
                (None, Value::Text(text)) => cut(&texts.variant(meta, column, text)),
                (None, value) => cut(&value.to_string()),
            };
            (!is_dull).then(|| (texts.column(meta, column), shown()))
        });
        Self {
            entity: texts.entity_one(meta),
            title: cut(&row.label(meta)),
            fields: fields.take(FIELDS).collect(),
        }
    }

    /// Draws it into a tooltip.
    pub fn show(&self, ui: &mut Ui, texts: &Texts) {
        let theme = Theme::of(ui.ctx());
        let small = |text: &str| RichText::new(text).size(theme.text.small);
        ui.set_max_width(360.0);
        ui.label(small(&self.entity).color(theme.colors.text_weak));
        ui.label(RichText::new(&self.title).size(theme.text.body + 1.5));
        Grid::new("preview").num_columns(2).spacing([12.0, 2.0]).show(ui, |ui| {
            for (name, value) in &self.fields {
                ui.label(small(name).color(theme.colors.text_weak));
                ui.add(Label::new(small(value)).extend());
                ui.end_row();
            }
        });
        let hint = tr!(texts, "grid-follow-reference");
        ui.label(small(&hint).color(theme.colors.text_faint));
    }
}

/// Returns the start of a text on one line.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
    .replace(char::is_control, " ")
}

/// The rows that were looked at last.
#[derive(Clone, Debug, Default)]
pub struct Previews {
    known: VecDeque<(&'static str, RecordKey, Option<Preview>)>,
    wanted: Option<(&'static str, RecordKey)>,
}

impl Previews {
    /// Returns a row that has been read; `None` as well where it is gone.
    #[must_use]
    pub fn get(&self, table: &str, key: &RecordKey) -> Option<&Preview> {
        self.find(table, key)?.as_ref()
    }

    /// Returns whether a row is neither known nor on its way.
    #[must_use]
    pub fn lacks(&self, table: &str, key: &RecordKey) -> bool {
        let is_wanted =
            self.wanted.as_ref().is_some_and(|(other, wanted)| *other == table && wanted == key);
        !is_wanted && self.find(table, key).is_none()
    }

    fn find(&self, table: &str, key: &RecordKey) -> Option<&Option<Preview>> {
        self.known
            .iter()
            .find(|(other, known, _)| *other == table && known == key)
            .map(|(_, _, preview)| preview)
    }

    /// Notes that a row has been asked for; no other is on its way any more.
    pub fn want(&mut self, table: &'static str, key: RecordKey) {
        self.wanted = Some((table, key));
    }

    /// Returns the row that is on its way.
    #[must_use]
    pub fn wanted(&self) -> Option<&(&'static str, RecordKey)> {
        self.wanted.as_ref()
    }

    /// Takes the row that was asked for last, or that it is gone.
    pub fn take(&mut self, preview: Option<Preview>) {
        let Some((table, key)) = self.wanted.take() else { return };
        if self.known.len() == REMEMBERED {
            self.known.pop_front();
        }
        self.known.push_back((table, key, preview));
    }

    /// Forgets everything: something was written, or the language is another.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> RecordKey {
        RecordKey(vec![Value::Integer(i64::try_from(number).unwrap())])
    }

    fn preview(title: &str) -> Preview {
        Preview { entity: String::new(), title: title.to_owned(), fields: Vec::new() }
    }

    #[test]
    fn a_row_is_asked_for_once() {
        let mut previews = Previews::default();
        assert!(previews.lacks("books", &key(1)));
        previews.want("books", key(1));
        assert!(!previews.lacks("books", &key(1)));
        previews.take(Some(preview("Solaris")));
        assert!(!previews.lacks("books", &key(1)));
        assert_eq!(previews.get("books", &key(1)), Some(&preview("Solaris")));
        assert!(previews.lacks("authors", &key(1)));
    }

    #[test]
    fn a_row_that_is_gone_is_not_asked_for_again() {
        let mut previews = Previews::default();
        previews.want("books", key(1));
        previews.take(None);
        assert_eq!(previews.get("books", &key(1)), None);
        assert!(!previews.lacks("books", &key(1)));
    }

    #[test]
    fn only_the_last_rows_are_remembered() {
        let mut previews = Previews::default();
        for number in 0..=REMEMBERED {
            previews.want("books", key(number));
            previews.take(Some(preview("")));
        }
        assert!(previews.lacks("books", &key(0)));
        assert!(!previews.lacks("books", &key(1)));
    }
}
