//! What is wrong with a typed filter, in other languages than English.
//!
//! The parser of filters speaks English. Its messages are recognised by their English texts in
//! `filter_errors.ftl`, and what fills their gaps is translated in turn: an expected "whole number"
//! within "expected …, got …".

use persistence::FilterError;

use super::rules::RuleTemplate;
use super::{Language, TextKey, Texts, sources};
use crate::text_key;

/// Texts inside each other; messages are shorter than that.
const DEPTH: usize = 4;

/// What the parser says, in the order in which texts are tried.
const MESSAGES: &[TextKey] = &[
    text_key!("filter-did-you-mean"),
    text_key!("filter-no-column"),
    text_key!("filter-relation-did-you-mean"),
    text_key!("filter-no-relation"),
    text_key!("filter-column-name-of"),
    text_key!("filter-relation-name-of"),
    text_key!("filter-column-not-relation"),
    text_key!("filter-name-a-column"),
    text_key!("filter-or-ask-both"),
    text_key!("filter-or-ask"),
    text_key!("filter-too-many-relations"),
    text_key!("filter-not-text"),
    text_key!("filter-no-date"),
    text_key!("filter-null-comparison"),
    text_key!("filter-no-order"),
    text_key!("filter-closes-nothing"),
    text_key!("filter-too-deep"),
    text_key!("filter-never-closed"),
    text_key!("filter-means-nothing"),
    text_key!("filter-escape"),
    text_key!("filter-expected-quotes"),
    text_key!("filter-expected"),
    text_key!("filter-the-end"),
    text_key!("filter-keywords-need-quotes"),
    text_key!("filter-a-comparison-after"),
    text_key!("filter-a-comparison"),
    text_key!("filter-column-without-quotes"),
    text_key!("filter-column-not-or-open"),
    text_key!("filter-column-name"),
    text_key!("filter-relation-name"),
    text_key!("filter-and-or-end"),
    text_key!("filter-and-or-close"),
    text_key!("filter-between-and"),
    text_key!("filter-days"),
    text_key!("filter-how-many"),
    text_key!("filter-one-or-other"),
    text_key!("filter-boolean"),
    text_key!("filter-integer-between"),
    text_key!("filter-integer"),
    text_key!("filter-decimal"),
    text_key!("filter-number"),
    text_key!("filter-text"),
    text_key!("filter-one-of"),
    text_key!("filter-date"),
    text_key!("filter-time"),
    text_key!("filter-timestamp"),
    text_key!("filter-bytes"),
    text_key!("filter-uuid"),
    text_key!("filter-json"),
    text_key!("filter-of-column"),
];

impl Texts {
    /// Returns what is wrong with a typed filter; in English where it is something new.
    #[must_use]
    pub fn filter_error(&self, error: &FilterError) -> String {
        let message = error.message();
        if self.language() == Language::English {
            return message.to_owned();
        }
        self.translated(message, &templates(), 0).unwrap_or_else(|| message.to_owned())
    }

    fn translated(
        &self,
        message: &str,
        templates: &[RuleTemplate],
        depth: usize,
    ) -> Option<String> {
        if depth == DEPTH {
            return None;
        }
        templates.iter().find_map(|template| {
            let filled = template.parts(message)?;
            let filled: Vec<_> = filled
                .into_iter()
                .map(|(name, part)| {
                    let part = self
                        .translated(part, templates, depth + 1)
                        .unwrap_or_else(|| part.to_owned());
                    (name, part.into())
                })
                .collect();
            self.find(&template.key, &filled)
        })
    }
}

fn templates() -> Vec<RuleTemplate> {
    let files = sources::files(Language::English);
    let text = files.iter().find(|(file, _)| *file == "filter_errors").map_or("", |(_, ftl)| *ftl);
    let known: Vec<_> = RuleTemplate::all_with(text, "filter-");
    MESSAGES
        .iter()
        .filter_map(|key| known.iter().find(|template| template.key == key.name()).cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use persistence::entity::Storage;
    use persistence::{ColumnMeta, ColumnType, EntityMeta, Filter};

    use super::*;

    const fn column(name: &'static str, column_type: ColumnType) -> ColumnMeta {
        ColumnMeta::new(name, column_type, Storage::Text).nullable(true)
    }

    static BOOK: EntityMeta = EntityMeta::new(
        "Book",
        "books",
        &[
            column("id", ColumnType::Integer { bits: 64 }),
            column("age", ColumnType::Integer { bits: 32 }),
            column("title", ColumnType::Text),
            column("price", ColumnType::Decimal { scale: 2 }),
            column("genre", ColumnType::Enum { variants: &["novel", "essay"] }),
            column("in_print", ColumnType::Bool),
            column("born", ColumnType::Date),
            column("seen", ColumnType::Timestamp),
            column("opens", ColumnType::Time),
            column("code", ColumnType::Uuid),
            column("cover", ColumnType::Bytes),
            column("notes", ColumnType::Json),
        ],
        &[0],
    )
    .labelled(2);

    fn russian(filter: &str) -> String {
        let error = Filter::parse(&BOOK, filter).unwrap_err();
        Texts::new(Language::Russian).filter_error(&error)
    }

    #[test]
    fn a_mistake_is_told_in_russian() {
        assert_eq!(
            russian("age > abc"),
            "ожидается целое число от -2147483648 до 2147483647, а здесь \"abc\" (age)"
        );
        assert_eq!(
            russian("title = John Doe"),
            "ожидается `and`, `or` или конец, а здесь `Doe`; текст из нескольких слов пишется в \
             кавычках"
        );
        assert_eq!(russian("(id = 1"), "ожидается `and`, `or` или `)`, а здесь конец");
        assert!(russian("pric = 1").starts_with("нет столбца `pric`, может быть, `price`? У Book"));
    }

    #[test]
    fn no_mistake_is_told_in_english_only() {
        for filter in [
            "foo = 1",
            "age = 1)",
            "title = \"x",
            "title = \"\\d\"",
            "age = null",
            "age ~ 1",
            "notes = 1",
            "genre = poem",
            "price = 1.999",
            "age",
            "age in 1",
            "age in last 1 days",
            "born in last x",
            "born in last 1",
            "age is 1",
            "age between 1",
            "title = and",
            "and age = 1",
            "id = 1 ! 2",
            "born = x",
            "seen = x",
            "opens = x",
            "code = x",
            "cover = x",
            "in_print = x",
            "'a' = 1",
            "age =",
            "no x",
            "count() > 1",
            "x.y = 1",
            "age not 1",
        ] {
            let told = russian(filter);
            // What stands between backticks is the filter's own language.
            let words: String = told.split('`').step_by(2).collect();
            let english = ["expected", " the ", "there", "number", "date", " or "];
            let left: Vec<_> = english.iter().filter(|word| words.contains(**word)).collect();
            assert!(left.is_empty(), "{filter}: {told} still says {left:?}");
            assert!(told.chars().any(|c| ('а'..='я').contains(&c)), "{filter}: {told}");
        }
    }

    #[test]
    fn english_stays_as_it_is() {
        let error = Filter::parse(&BOOK, "age > abc").unwrap_err();
        assert_eq!(Texts::new(Language::English).filter_error(&error), error.message());
    }
}
