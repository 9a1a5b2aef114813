//! Rules of an application in other languages than their own.
//!
//! An entity's rules speak English: “should be from 0 to 150, is 151”. An application that adds
//! `rule-age = should be from { $least } to { $most }, is { $value }` in English, and the same key
//! in another language, has them translated: a message that fits the English text gives the
//! variables of the other one.

use fluent_bundle::FluentValue;

/// What the keys of such texts begin with.
const PREFIX: &str = "rule-";

/// An English text with gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleTemplate {
    /// The key of the text in every language.
    pub key: String,
    /// What stands before the first gap.
    start: String,
    /// The gaps' names, each with what stands after it.
    gaps: Vec<(String, String)>,
}

impl RuleTemplate {
    /// Returns the templates in English Fluent text: messages of one line whose keys begin with
    /// `rule-`.
    pub fn all_in(ftl: &str) -> Vec<Self> {
        Self::all_with(ftl, PREFIX)
    }

    /// Returns the templates among messages of one line whose keys begin so.
    pub fn all_with(ftl: &str, prefix: &str) -> Vec<Self> {
        ftl.lines().filter_map(|line| Self::of_line(line, prefix)).collect()
    }

    fn of_line(line: &str, prefix: &str) -> Option<Self> {
        let (key, text) = line.split_once('=')?;
        let key = key.trim_end();
        if !key.starts_with(prefix) {
            return None;
        }
        let mut parts = text.trim().split('{');
        let start = parts.next()?.to_owned();
        let gaps = parts
            .map(|part| {
                let (variable, after) = part.split_once('}')?;
                Some((variable.trim().strip_prefix('$')?.to_owned(), after.to_owned()))
            })
            .collect::<Option<_>>()?;
        Some(Self { key: key.to_owned(), start, gaps })
    }

    /// Returns what fills the gaps in a message, `None` where it is another message.
    pub fn matches<'m>(&self, message: &'m str) -> Option<Vec<(&str, FluentValue<'m>)>> {
        let parts = self.parts(message)?;
        Some(parts.into_iter().map(|(name, part)| (name, number_or_text(part))).collect())
    }

    /// Returns the parts of a message that fill the gaps, `None` where it is another message.
    pub fn parts<'m>(&self, message: &'m str) -> Option<Vec<(&str, &'m str)>> {
        let mut rest = message.strip_prefix(self.start.as_str())?;
        let mut filled = Vec::with_capacity(self.gaps.len());
        for (name, after) in &self.gaps {
            let end = if after.is_empty() { rest.len() } else { rest.find(after.as_str())? };
            let (value, from_after) = rest.split_at_checked(end)?;
            filled.push((name.as_str(), value));
            rest = from_after.get(after.len()..)?;
        }
        rest.is_empty().then_some(filled)
    }
}

/// Returns a count as a number, which has a plural; anything longer is a code, and stays as it is
/// written.
fn number_or_text(value: &str) -> FluentValue<'_> {
    if value.len() < 10 { FluentValue::try_number(value) } else { value.into() }
}

#[cfg(test)]
mod tests {
    use super::super::{Language, TextSources};

    fn russian() -> super::super::Texts {
        let mut sources = TextSources::new();
        let english = "rule-age = should be from { $least } to { $most }, is { $value }\n\
                       rule-at = should contain an @\n";
        let russian = "rule-age = от { $least } до { $most }, а не { $value }\n\
                       rule-at = должен содержать @\n";
        sources.add(Language::English, english).unwrap();
        sources.add(Language::Russian, russian).unwrap();
        sources.texts(Language::Russian)
    }

    #[test]
    fn a_message_with_numbers_is_translated_with_them() {
        let told = russian().rule("should be from 0 to 150, is 151");
        assert_eq!(told, "от 0 до 150, а не 151");
    }

    #[test]
    fn a_message_without_gaps_is_translated() {
        assert_eq!(russian().rule("should contain an @"), "должен содержать @");
    }

    #[test]
    fn a_code_of_digits_is_no_number() {
        let mut sources = TextSources::new();
        sources.add(Language::English, "rule-plain = should be { $plain }\n").unwrap();
        sources.add(Language::Russian, "rule-plain = пишется { $plain }\n").unwrap();
        let told = sources.texts(Language::Russian).rule("should be 9780156027601");
        assert_eq!(told, "пишется 9780156027601");
    }

    #[test]
    fn another_message_is_kept() {
        for message in ["should contain an @ or two", "should be from 0 to 150", ""] {
            assert_eq!(russian().rule(message), message);
        }
    }
}
