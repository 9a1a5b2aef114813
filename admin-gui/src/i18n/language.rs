//! The languages the admin speaks.

use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

/// A language the admin speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Russian];

    /// Returns the language's own name for itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Russian => "Русский",
        }
    }

    /// Returns the language of a locale such as `ru_RU.UTF-8`; English for all that are not spoken.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        match locale.get(..2) {
            Some("ru") => Self::Russian,
            _ => Self::English,
        }
    }

    /// Returns the language of the environment: `LC_ALL`, else `LC_MESSAGES`, else `LANG`.
    #[must_use]
    pub fn of_environment() -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|variable| std::env::var(variable).ok())
            .find(|locale| !locale.is_empty())
            .map_or(Self::English, |locale| Self::of_locale(&locale))
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        let code = match self {
            Self::English => "en",
            Self::Russian => "ru",
        };
        code.parse().expect("a language code of two letters")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_russian_locale_is_russian_and_an_unknown_one_english() {
        assert_eq!(Language::of_locale("ru_RU.UTF-8"), Language::Russian);
        assert_eq!(Language::of_locale("de_DE.UTF-8"), Language::English);
        assert_eq!(Language::of_locale("C"), Language::English);
    }
}
