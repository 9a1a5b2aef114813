//! What "whatever the case" means, on every engine alike.

use std::borrow::Cow;

use super::TextMatch;

/// Folds the case of a text: two texts that differ only in case become the same.
///
/// Every character becomes its uppercase (Unicode's default mapping, one character at a time).
/// Uppercase, because it does not depend on what stands around: `σ` and `ς` are both `Σ`.
///
/// ```
/// use persistence::filter::fold_case;
/// assert_eq!(fold_case("Мастер"), fold_case("МАСТЕР"));
/// assert_eq!(fold_case("Straße"), "STRASSE");
/// ```
#[must_use]
pub fn fold_case(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        text.chars().flat_map(char::to_uppercase).collect::<String>().into()
    } else if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        text.to_ascii_uppercase().into()
    } else {
        text.into()
    }
}

/// A text to look for, its case folded, with what the engine needs around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldedPattern {
    /// The folded text.
    pub text: String,
    /// The folded text as a `LIKE` pattern: `!` escapes `%`, `_` and `!`.
    pub like: String,
    /// The text as it was given, as a `LIKE` pattern: for an engine that folds by its own lights.
    pub unfolded_like: String,
}

impl TextMatch {
    /// Returns whether a text has the pattern; both are [folded](fold_case) already.
    pub(super) fn holds(self, text: &str, pattern: &str) -> bool {
        match self {
            Self::Contains => text.contains(pattern),
            Self::StartsWith => text.starts_with(pattern),
            Self::EndsWith => text.ends_with(pattern),
        }
    }
}

impl FoldedPattern {
    /// Makes the pattern as the engines look for it.
    #[must_use]
    pub fn new(operator: TextMatch, pattern: &str) -> Self {
        let text = fold_case(pattern).into_owned();
        Self { like: like(operator, &text), unfolded_like: like(operator, pattern), text }
    }
}

fn like(operator: TextMatch, text: &str) -> String {
    let mut like = String::with_capacity(text.len() + "%%".len());
    if operator != TextMatch::StartsWith {
        like.push('%');
    }
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            like.push('!');
        }
        like.push(character);
    }
    if operator != TextMatch::EndsWith {
        like.push('%');
    }
    like
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_any_case_of_any_alphabet_folds_to_the_same() {
        for (one, other) in [
            ("john", "JOHN"),
            ("мастер", "МаСтЕр"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("ﬁ", "FI"),
            ("straße", "STRASSE"),
            ("ǆ", "ǅ"),
        ] {
            assert_eq!(fold_case(one), fold_case(other), "{one} and {other}");
        }
        assert_ne!(fold_case("é"), fold_case("e"));
    }

    #[test]
    fn text_that_needs_no_folding_is_borrowed() {
        assert!(matches!(fold_case("JOHN 30 %"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_pattern_takes_wildcards_literally() {
        let like = |operator, text| FoldedPattern::new(operator, text).like;
        assert_eq!(like(TextMatch::Contains, "50%_a!b"), "%50!%!_A!!B%");
        assert_eq!(like(TextMatch::StartsWith, "the"), "THE%");
        assert_eq!(like(TextMatch::EndsWith, "ed"), "%ED");
        assert_eq!(FoldedPattern::new(TextMatch::Contains, "50%").text, "50%");
    }
}
