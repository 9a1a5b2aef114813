//! What columns hold, in words.

use persistence::ColumnType;

use super::Texts;
use crate::tr;

impl Texts {
    /// Returns what a column holds, in a word or two: a hint beside its name. `None` for plain
    /// text.
    #[must_use]
    pub fn type_hint(&self, column_type: ColumnType) -> Option<String> {
        Some(match column_type {
            ColumnType::Integer { .. } => tr!(self, "type-integer"),
            ColumnType::Float => tr!(self, "type-float"),
            ColumnType::Decimal { scale } => tr!(self, "type-decimal", scale = scale),
            ColumnType::Date => tr!(self, "type-date"),
            ColumnType::Time => tr!(self, "type-time"),
            ColumnType::Timestamp => tr!(self, "type-timestamp"),
            ColumnType::Bytes => tr!(self, "type-bytes"),
            ColumnType::Uuid => tr!(self, "type-uuid"),
            ColumnType::Json => tr!(self, "type-json"),
            _ => return None,
        })
    }

    /// Returns how a value is typed: shown in a field without text.
    #[must_use]
    pub fn format_hint(&self, column_type: ColumnType) -> Option<String> {
        Some(match column_type {
            ColumnType::Date => tr!(self, "format-date"),
            ColumnType::Time => tr!(self, "format-time"),
            ColumnType::Timestamp => tr!(self, "format-timestamp"),
            ColumnType::Bytes => tr!(self, "format-bytes"),
            _ => return None,
        })
    }

    /// Returns what a column takes, said of a text that it does not take.
    #[must_use]
    pub fn expected(&self, column_type: ColumnType) -> String {
        match column_type {
            ColumnType::Bool => tr!(self, "expected-bool"),
            ColumnType::Integer { bits: 16 } => {
                tr!(self, "expected-integer-between", least = i16::MIN, most = i16::MAX)
            }
            ColumnType::Integer { bits: 32 } => {
                tr!(self, "expected-integer-between", least = i32::MIN, most = i32::MAX)
            }
            ColumnType::Integer { .. } => tr!(self, "expected-integer"),
            ColumnType::Float => tr!(self, "expected-float"),
            ColumnType::Decimal { scale } => tr!(self, "expected-decimal", scale = scale),
            ColumnType::Enum { variants } => {
                tr!(self, "expected-enum", variants = variants.join(", "))
            }
            ColumnType::Date => tr!(self, "expected-date"),
            ColumnType::Time => tr!(self, "expected-time"),
            ColumnType::Timestamp => tr!(self, "expected-timestamp"),
            ColumnType::Bytes => tr!(self, "expected-bytes"),
            ColumnType::Uuid => tr!(self, "expected-uuid"),
            ColumnType::Json => tr!(self, "expected-json"),
            other => tr!(self, "expected-other", expected = other.to_string()),
        }
    }

    /// Returns a broken rule of an entity in this language: what garde says of itself is
    /// translated, and what the application has given a text for; anything else is shown as it is.
    #[must_use]
    pub fn rule(&self, message: &str) -> String {
        let number = |prefix: &str| message.strip_prefix(prefix)?.parse::<f64>().ok();
        if message == "is required" {
            tr!(self, "problem-required")
        } else if message == "length is lower than 1" {
            tr!(self, "rule-not-empty")
        } else if let Some(least) = number("length is lower than ") {
            tr!(self, "rule-too-short", least = least)
        } else if let Some(most) = number("length is greater than ") {
            tr!(self, "rule-too-long", most = most)
        } else if let Some(least) = number("lower than ") {
            tr!(self, "rule-too-small", least = least)
        } else if let Some(most) = number("greater than ") {
            tr!(self, "rule-too-large", most = most)
        } else if message.starts_with("not a valid email") {
            tr!(self, "rule-email")
        } else {
            self.application_rule(message).unwrap_or_else(|| message.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    #[test]
    fn a_rule_of_length_is_told_in_both_languages() {
        for (language, expected) in [
            (Language::English, "at most 500 characters"),
            (Language::Russian, "не более 500 символов"),
        ] {
            assert_eq!(Texts::new(language).rule("length is greater than 500"), expected);
        }
    }

    #[test]
    fn an_applications_own_words_are_kept() {
        let words = "check digit should be 1";
        assert_eq!(Texts::new(Language::Russian).rule(words), words);
    }

    #[test]
    fn a_decimals_places_have_the_right_plural() {
        let russian = Texts::new(Language::Russian);
        for (scale, expected) in [(1, "1 знак"), (2, "2 знака"), (6, "6 знаков")] {
            let hint = russian.type_hint(ColumnType::Decimal { scale }).unwrap();
            assert_eq!(hint, format!("число, {expected}"));
        }
    }
}
