//! A part of a text becomes another.

use regex::{NoExpand, Regex, RegexBuilder};

/// Letters of the longest text that is looked for.
const LONGEST: usize = 5_000;

/// Puts one text in the place of another, everywhere in a text. Both are taken letter by letter.
///
/// ```
/// use persistence::staging::bulk::{Extent, LetterCase, Replacement};
/// let replacement = Replacement::new("st.", "Street", LetterCase::Any, Extent::WholeWords)?;
/// assert_eq!(replacement.apply("1 Main ST., first floor"), "1 Main Street, first floor");
/// # Ok::<(), persistence::staging::bulk::NothingToFind>(())
/// ```
#[derive(Clone, Debug)]
pub struct Replacement {
    found: Regex,
    with: String,
}

/// Whether capital and small letters are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LetterCase {
    /// They are told apart.
    #[default]
    Exact,
    /// They are the same, in every alphabet.
    Any,
}

/// Where a text is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// Anywhere.
    #[default]
    Anywhere,
    /// Where no letter, digit or underscore comes directly before or after it.
    WholeWords,
}

/// There is no text to look for, or it is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a text to look for, of at most {LONGEST} letters")]
pub struct NothingToFind;

impl Replacement {
    /// Makes one that puts `with` where `find` is found.
    ///
    /// # Errors
    /// [`NothingToFind`] when there is no text to look for, or it has more than 5,000 letters.
    pub fn new(
        find: &str,
        with: impl Into<String>,
        case: LetterCase,
        extent: Extent,
    ) -> Result<Self, NothingToFind> {
        if find.is_empty() || find.chars().nth(LONGEST).is_some() {
            return Err(NothingToFind);
        }
        let literal = regex::escape(find);
        let pattern = match extent {
            Extent::Anywhere => literal,
            Extent::WholeWords => format!(r"\b{{start-half}}{literal}\b{{end-half}}"),
        };
        let mut builder = RegexBuilder::new(&pattern);
        let found = builder.case_insensitive(case == LetterCase::Any).build();
        Ok(Self { found: found.map_err(|_| NothingToFind)?, with: with.into() })
    }

    /// Returns the text with what is found in it replaced.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        self.found.replace_all(text, NoExpand(&self.with)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(find: &str, case: LetterCase, extent: Extent, text: &str, expected: &str) {
        let replacement = Replacement::new(find, "$1", case, extent).unwrap();
        assert_eq!(replacement.apply(text), expected);
    }

    #[test]
    fn both_texts_are_taken_letter_by_letter() {
        check(".*", LetterCase::Exact, Extent::Anywhere, "a.*b", "a$1b");
        check("A", LetterCase::Exact, Extent::Anywhere, "aAa", "a$1a");
        check("  ", LetterCase::Exact, Extent::Anywhere, "a    b", "a$1$1b");
        check("\n", LetterCase::Exact, Extent::Anywhere, "a\nb", "a$1b");
    }

    #[test]
    fn letters_are_the_same_in_every_alphabet() {
        check("мастер", LetterCase::Any, Extent::Anywhere, "Мастер и МАСТЕРА", "$1 и $1А");
        check("σ", LetterCase::Any, Extent::Anywhere, "ΣΑΣ", "$1Α$1");
    }

    #[test]
    fn a_whole_word_has_no_letters_beside_it() {
        check("кот", LetterCase::Any, Extent::WholeWords, "Кот, который: кот", "$1, который: $1");
        check("c++", LetterCase::Any, Extent::WholeWords, "C++ or c++11", "$1 or c++11");
        check("a", LetterCase::Exact, Extent::WholeWords, "a_b a a1", "a_b $1 a1");
    }

    #[test]
    fn nothing_is_not_looked_for() {
        let nothing = Replacement::new("", "x", LetterCase::Exact, Extent::Anywhere);
        assert_eq!(nothing.unwrap_err(), NothingToFind);
        let longest = "ж".repeat(LONGEST);
        check(&longest, LetterCase::Any, Extent::WholeWords, &longest, "$1");
        let longer = longest + "ж";
        let longer = Replacement::new(&longer, "x", LetterCase::Any, Extent::Anywhere);
        assert_eq!(longer.unwrap_err(), NothingToFind);
    }
}
