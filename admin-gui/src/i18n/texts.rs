//! The texts of one language.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::rules::RuleTemplate;
use super::{Language, numbers, sources};

/// The key of a text; made by [`text_key!`](crate::text_key).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextKey(&'static str);

impl TextKey {
    /// Makes the key of that name. Use [`text_key!`](crate::text_key), which a test looks for.
    #[must_use]
    pub const fn new(key: &'static str) -> Self {
        Self(key)
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// All texts of one language. Cheap to clone.
#[derive(Clone)]
pub struct Texts {
    language: Language,
    bundle: Arc<FluentBundle<Arc<FluentResource>>>,
    rules: Arc<[RuleTemplate]>,
}

impl Texts {
    /// Makes the library's own texts in a language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self::from_resources(language, [], Vec::new())
    }

    pub(super) fn from_resources(
        language: Language,
        added: impl IntoIterator<Item = Arc<FluentResource>>,
        rules: Vec<RuleTemplate>,
    ) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // Marks that isolate right-to-left text show as boxes, and neither language needs them.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) if number.value.fract() == 0.0 =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "a whole number")]
                Some(numbers::grouped(number.value as i128))
            }
            _ => None,
        }));
        for resource in sources::built_in(language).chain(added) {
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle: Arc::new(bundle), rules: rules.into() }
    }

    /// Returns the language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Returns a text without arguments.
    #[must_use]
    pub fn text(&self, key: TextKey) -> String {
        self.format(key, &[])
    }

    /// Returns a text with arguments. A key that does not exist is shown itself.
    #[must_use]
    pub fn format(&self, key: TextKey, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.find(key.name(), arguments).unwrap_or_else(|| {
            tracing::warn!(key = key.name(), language = ?self.language, "no such text");
            key.name().to_owned()
        })
    }

    /// Returns a whole number in groups of three digits: `10 000 000`.
    #[must_use]
    pub fn number(&self, number: u64) -> String {
        numbers::grouped(number.into())
    }

    /// Returns a number with decimal places, its whole part in groups of three digits: `-1 299.50`.
    #[must_use]
    pub fn decimal(&self, number: &str) -> String {
        let whole_end = number.find(|c: char| c != '-' && !c.is_ascii_digit());
        let (whole, rest) = number.split_at(whole_end.unwrap_or(number.len()));
        match whole.parse() {
            Ok(whole_number) => {
                // The sign of -0.5 is not in its whole part.
                let sign = if whole == "-0" { "-" } else { "" };
                format!("{sign}{}{rest}", numbers::grouped(whole_number))
            }
            Err(_) => number.to_owned(),
        }
    }

    /// Returns a message of an application's rule in this language, where the application has it.
    pub(super) fn application_rule(&self, message: &str) -> Option<String> {
        self.rules.iter().find_map(|rule| self.find(&rule.key, &rule.matches(message)?))
    }

    /// Returns the text of a key that need not exist; `message.attribute` asks for an attribute.
    pub(super) fn find(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let (message, attribute) = match key.split_once('.') {
            Some((message, attribute)) => (message, Some(attribute)),
            None => (key, None),
        };
        let message = self.bundle.get_message(message)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        let arguments: FluentArgs<'_> =
            arguments.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        if let Some(error) = errors.first() {
            tracing::warn!(key, language = ?self.language, %error, "text with a mistake");
        }
        Some(text.into_owned())
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Texts").field(&self.language).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::TextSources;
    use super::*;

    fn rows(language: Language, count: u64) -> String {
        let mut sources = TextSources::new();
        sources
            .add(
                Language::English,
                "rows = { $count } { $count ->\n [one] row\n *[other] rows\n }\n",
            )
            .unwrap();
        sources
            .add(
                Language::Russian,
                "rows = { $count } { $count ->\n [one] строка\n [few] строки\n *[many] строк\n }\n",
            )
            .unwrap();
        sources.texts(language).find("rows", &[("count", count.into())]).unwrap()
    }

    #[test]
    fn russian_plurals_follow_the_last_digits() {
        for (count, expected) in [
            (0, "0 строк"),
            (1, "1 строка"),
            (2, "2 строки"),
            (5, "5 строк"),
            (11, "11 строк"),
            (12, "12 строк"),
            (21, "21 строка"),
            (22, "22 строки"),
            (111, "111 строк"),
            (1_001, "1\u{a0}001 строка"),
        ] {
            assert_eq!(rows(Language::Russian, count), expected);
        }
    }

    #[test]
    fn english_has_one_and_many() {
        assert_eq!(rows(Language::English, 1), "1 row");
        assert_eq!(rows(Language::English, 0), "0 rows");
        assert_eq!(rows(Language::English, 10_000_000), "10\u{a0}000\u{a0}000 rows");
    }

    #[test]
    fn a_decimal_is_grouped_before_its_point() {
        let texts = Texts::new(Language::English);
        assert_eq!(texts.decimal("1234567.5"), "1\u{a0}234\u{a0}567.5");
        assert_eq!(texts.decimal("-0.05"), "-0.05");
        assert_eq!(texts.decimal("-1234"), "-1\u{a0}234");
        assert_eq!(texts.decimal("1e300"), "1e300");
    }

    #[test]
    fn texts_have_no_isolation_marks() {
        assert!(rows(Language::English, 2).chars().all(|c| !matches!(c, '\u{2066}'..='\u{2069}')));
    }

    #[test]
    fn a_key_that_does_not_exist_is_shown_itself() {
        let key = TextKey::new("no-such-key");
        assert_eq!(Texts::new(Language::English).text(key), "no-such-key");
    }
}
