//! Where texts come from: the library's own files, and what an application adds.

use std::sync::Arc;

use fluent_bundle::FluentResource;

use super::rules::RuleTemplate;
use super::{Language, Texts};

/// Embeds files of a language's folder.
macro_rules! files {
    ($language:literal: $($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../i18n/", $language, "/", $file, ".ftl")))),+]
    };
}

/// Embeds all files of a language's folder.
macro_rules! files_of {
    ($language:literal) => {
        files!(
            $language:
            "bulk",
            "calendar",
            "columns",
            "commands",
            "deletion",
            "diagram",
            "error",
            "export",
            "filter_errors",
            "form",
            "grid",
            "help",
            "history",
            "import",
            "large_editor",
            "migrations",
            "overview",
            "pills",
            "production",
            "query_log",
            "related",
            "shell",
            "staging",
            "statistics",
            "values",
            "views",
        )
    };
}

/// Returns the library's own files of a language: what each is called, and its text.
pub(super) const fn files(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::English => files_of!("en"),
        Language::Russian => files_of!("ru"),
    }
}

/// Fluent text that is not well-formed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {language:?} texts are not well-formed Fluent: {message}")]
pub struct TextsError {
    /// The language of the texts.
    pub language: Language,
    /// What is wrong and on which line.
    pub message: String,
}

/// The texts that an application adds to the library's own: labels of its entities
/// (`entity-books`), columns (`column-books-title`), enum variants (`value-books-state-lent`), and
/// its rules (`rule-age`: the English text is what the rule says, with `{ $gaps }`).
#[derive(Clone, Debug, Default)]
pub struct TextSources {
    added: Vec<(Language, Arc<FluentResource>)>,
}

impl TextSources {
    /// Makes the sources of the library's own texts alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds Fluent text; its keys go before the library's own.
    ///
    /// # Errors
    /// [`TextsError`] with the line that is not well-formed.
    pub fn add(&mut self, language: Language, ftl: impl Into<String>) -> Result<(), TextsError> {
        let resource = parse(ftl.into()).map_err(|message| TextsError { language, message })?;
        self.added.push((language, Arc::new(resource)));
        Ok(())
    }

    /// Returns all texts of a language.
    #[must_use]
    pub fn texts(&self, language: Language) -> Texts {
        let added = |wanted: Language| {
            let added = self.added.iter().filter(move |(of, _)| *of == wanted);
            added.map(|(_, resource)| Arc::clone(resource))
        };
        let rules = added(Language::English)
            .flat_map(|resource| RuleTemplate::all_in(resource.source()))
            .collect();
        Texts::from_resources(language, added(language), rules)
    }
}

/// Returns the library's own texts of a language.
pub(super) fn built_in(language: Language) -> impl Iterator<Item = Arc<FluentResource>> {
    files(language).iter().map(|(_, ftl)| {
        Arc::new(parse((*ftl).to_owned()).expect("a test reads every embedded file"))
    })
}

fn parse(ftl: String) -> Result<FluentResource, String> {
    FluentResource::try_new(ftl).map_err(|(resource, errors)| {
        let Some(error) = errors.first() else {
            return String::new();
        };
        let before = resource.source().get(..error.pos.start).unwrap_or_default();
        format!("line {}: {error}", before.matches('\n').count() + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_text_is_refused_with_its_line() {
        let broken = "entity-books = Books\nentity-authors\n";
        let error = TextSources::new().add(Language::English, broken).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn an_application_may_reword_the_library() {
        let mut sources = TextSources::new();
        sources.add(Language::English, "form-save = Keep\n").unwrap();
        assert_eq!(crate::tr!(sources.texts(Language::English), "form-save"), "Keep");
        assert_eq!(crate::tr!(sources.texts(Language::Russian), "form-save"), "Сохранить");
    }
}
