//! A typed filter with the names of columns that the window shows: `Цена >= 10` is `price >= 10`.

use std::ops::Range;

use persistence::EntityMeta;

use crate::i18n::Texts;

/// Words of a filter that are no names.
const WORDS: [&str; 14] = [
    "and", "or", "not", "is", "null", "in", "between", "true", "false", "any", "all", "no",
    "count", "last",
];

/// The names that the window shows for an entity's columns, as far as each means one column and
/// nothing else.
#[derive(Clone, Debug, Default)]
pub struct ShownNames(Vec<ShownName>);

#[derive(Clone, Debug)]
struct ShownName {
    shown: String,
    column: &'static str,
}

/// A text in which shown names have given way to the columns' own.
#[derive(Debug)]
pub struct Translated {
    /// The text.
    pub text: String,
    /// Where something was put, and in whose place.
    moved: Vec<(Range<usize>, Range<usize>)>,
}

impl ShownNames {
    /// Returns the names in a language.
    #[must_use]
    pub fn of(meta: &'static EntityMeta, texts: &Texts) -> Self {
        let all: Vec<_> = meta
            .columns
            .iter()
            .map(|column| ShownName { shown: texts.column(meta, column), column: column.name })
            .collect();
        let is_clear = |name: &&ShownName| {
            let is_same = |other: &str| other.to_lowercase() == name.shown.to_lowercase();
            let is_repeated = all.iter().filter(|other| is_same(&other.shown)).count() > 1;
            let is_another =
                meta.columns.iter().any(|other| other.name != name.column && is_same(other.name));
            !is_repeated
                && !is_another
                && !meta.relations.iter().any(|relation| relation.name == name.shown)
                && !WORDS.iter().any(|word| is_same(word))
                && !name.shown.contains(['"', '\'', '`'])
        };
        let mut clear: Vec<_> = all.iter().filter(is_clear).cloned().collect();
        // `Date of birth` before `Date`.
        clear.sort_by_key(|name| std::cmp::Reverse(name.shown.chars().count()));
        Self(clear)
    }

    /// Returns the name that stands for a column, where it has one beside its own.
    #[must_use]
    pub fn of_column(&self, column: &str) -> Option<&str> {
        let name = self.0.iter().find(|name| name.column == column)?;
        Some(&name.shown)
    }

    /// Returns the text with the columns' own names.
    #[must_use]
    pub fn translate(&self, text: &str) -> Translated {
        let mut translated =
            Translated { text: String::with_capacity(text.len()), moved: Vec::new() };
        let mut at = 0;
        let mut before = ' ';
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(first) = rest.chars().next() else { break };
            let mut taken = first.len_utf8();
            if matches!(first, '"' | '\'' | '`') {
                taken = quoted_length(rest, first);
            } else if !belongs_to_word(before)
                && before != '.'
                && let Some((length, column)) = self.at_start(rest)
            {
                let begin = translated.text.len();
                let is_plain = column.chars().all(belongs_to_word);
                let quote = if is_plain { "" } else { "`" };
                translated.text.push_str(&format!("{quote}{column}{quote}"));
                translated.moved.push((begin..translated.text.len(), at..at + length));
                before = 'x';
                at += length;
                continue;
            }
            let part = rest.get(..taken).unwrap_or(rest);
            translated.text.push_str(part);
            before = part.chars().next_back().unwrap_or(' ');
            at += part.len();
        }
        translated
    }

    /// Returns the shown name that a text begins with: its length, and the column.
    pub(crate) fn at_start(&self, text: &str) -> Option<(usize, &'static str)> {
        self.0.iter().find_map(|name| {
            let count = name.shown.chars().count();
            let end = text.char_indices().nth(count).map_or(text.len(), |(end, _)| end);
            let start = text.get(..end)?;
            let after = text.get(end..)?.chars().next().unwrap_or(' ');
            // What belongs to a related row is told by the relation's own name.
            let ends = !belongs_to_word(after) && !matches!(after, '.' | '(');
            (ends && start.to_lowercase() == name.shown.to_lowercase())
                .then_some((end, name.column))
        })
    }
}

impl Translated {
    /// Returns where a part of the translated text stands in the text that was typed.
    #[must_use]
    pub fn typed(&self, part: Range<usize>) -> Range<usize> {
        let place = |place: usize, is_end: bool| {
            let mut typed = place;
            for (own, shown) in &self.moved {
                if place > own.start && place < own.end {
                    return if is_end { shown.end } else { shown.start };
                }
                if place >= own.end {
                    typed = place - own.end + shown.end;
                }
            }
            typed
        };
        place(part.start, false)..place(part.end, true)
    }
}

fn belongs_to_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Returns how long the part in quotes is that a text begins with.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (place, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if quote != '`' => is_escaped = true,
            _ if character == quote => return place + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> ShownNames {
        let name = |shown: &str, column| ShownName { shown: shown.to_owned(), column };
        ShownNames(vec![
            name("Дата рождения", "born_on"),
            name("Название", "title"),
            name("Дата", "date"),
            name("Цена", "Unit Price"),
        ])
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(names().translate(text).text, expected);
    }

    #[test]
    fn shown_names_stand_for_columns_in_any_case() {
        check(
            "Название ~ \"a\" and дата РОЖДЕНИЯ > 1999-01-01",
            "title ~ \"a\" and born_on > 1999-01-01",
        );
        check("Дата=1 or (Цена>2)", "date=1 or (`Unit Price`>2)");
        check("title = 1", "title = 1");
    }

    #[test]
    fn values_and_parts_of_words_are_left_alone() {
        for text in [
            "title = 'Дата'",
            "title ~ \"x\\\"Дата\"",
            "`Дата` = 1",
            "Датами = 1",
            "a.Дата = 1",
            "Дата.x = 1",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn a_mistake_is_found_where_it_was_typed() {
        let text = "Дата рождения > x and Дата = y";
        let translated = names().translate(text);
        assert_eq!(translated.text, "born_on > x and date = y");
        for wanted in ["x", "y", "and"] {
            let place = translated.text.find(wanted).unwrap();
            let typed = translated.typed(place..place + wanted.len());
            assert_eq!(text.get(typed), Some(wanted));
        }
        assert_eq!(text.get(translated.typed(0..7)), Some("Дата рождения"));
        assert_eq!(text.get(translated.typed(2..5)), Some("Дата рождения"));
    }
}
