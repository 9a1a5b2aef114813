//! All visible text: Fluent files in `admin-gui/i18n`, one folder a language.
//!
//! Code asks for a text with [`tr!`](crate::tr), or keeps its [`TextKey`] with
//! [`text_key!`](crate::text_key) until the language is known. Both take the key as a literal, so
//! that a test finds every key that is used and none that is missing.

mod drifts;
mod errors;
mod filter_errors;
mod labels;
mod language;
mod numbers;
mod reasons;
mod rules;
mod sizes;
mod sources;
mod texts;
mod types;
mod wrong;

#[cfg(test)]
mod completeness;

pub use fluent_bundle::FluentValue;
pub use labels::humanised;
pub use language::Language;
pub use sources::{TextSources, TextsError};
pub use texts::{TextKey, Texts};

/// Returns the content of a language's embedded files.
#[cfg(test)]
pub(crate) fn files_of(language: Language) -> impl Iterator<Item = &'static str> {
    sources::files(language).iter().map(|(_, ftl)| *ftl)
}

/// A text in the current language: `tr!(texts, "form-save")`, or with arguments
/// `tr!(texts, "grid-rows", count = 5)`.
///
/// Numbers given as numbers choose the plural form and are shown in groups of three digits; dates
/// are given as text.
///
/// ```
/// use admin_gui::{i18n::{Language, Texts}, tr};
/// assert_eq!(tr!(Texts::new(Language::English), "form-save"), "Save");
/// ```
#[macro_export]
macro_rules! tr {
    ($texts:expr, $key:literal $(,)?) => {
        $texts.text($crate::text_key!($key))
    };
    ($texts:expr, $key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $texts.format(
            $crate::text_key!($key),
            &[$((stringify!($name), $crate::i18n::FluentValue::from($value))),+],
        )
    };
}

/// The key of a text whose language is decided later: `text_key!("command-undo")`.
#[macro_export]
macro_rules! text_key {
    ($key:literal) => {
        $crate::i18n::TextKey::new($key)
    };
}
