//! The text of a filter that is being typed as tokens: whatever it is, also before it is complete.

use std::ops::Range;

use crate::shown_names::ShownNames;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names joined by dots, a keyword, or a value without quotes.
    Word,
    /// The name that the window shows for a column.
    Shown(&'static str),
    /// A value in quotes.
    Quoted,
    /// A sign that compares.
    Sign,
    /// The beginning of one.
    PartOfSign,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// Whether its quotes are closed.
    pub is_closed: bool,
}

const SIGNS: [&str; 12] = ["==", "!=", "<>", "<=", ">=", "!~", "^=", "$=", "=", "<", ">", "~"];

/// Returns the tokens of a text.
pub(super) fn tokens(text: &str, names: &ShownNames) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let start = at + (rest.len() - rest.trim_start().len());
        let rest = text.get(start..).unwrap_or_default();
        let Some(first) = rest.chars().next() else { break };
        let (kind, length, is_closed) = token(rest, first, names);
        at = start + length;
        tokens.push(Token { kind, span: start..at, is_closed });
    }
    tokens
}

/// Returns the token that a text begins with, its length in bytes, and whether it is closed.
fn token(text: &str, first: char, names: &ShownNames) -> (Kind, usize, bool) {
    let one = first.len_utf8();
    match first {
        '(' => (Kind::Open, one, true),
        ')' => (Kind::Close, one, true),
        ',' => (Kind::Comma, one, true),
        '"' | '\'' => {
            let (length, is_closed) = quoted(text, first);
            (Kind::Quoted, length, is_closed)
        }
        _ => {
            if let Some((length, column)) = names.at_start(text) {
                return (Kind::Shown(column), length, true);
            }
            if let Some(sign) = SIGNS.iter().find(|sign| text.starts_with(**sign)) {
                return (Kind::Sign, sign.len(), true);
            }
            match path(text) {
                (0, _) => (Kind::PartOfSign, one, true),
                (length, is_closed) => (Kind::Word, length, is_closed),
            }
        }
    }
}

/// Returns the length of the names joined by dots that a text begins with, and whether the last one
/// is closed.
fn path(text: &str) -> (usize, bool) {
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        match rest.chars().next() {
            Some('`') => {
                let (length, is_closed) = quoted(rest, '`');
                at += length;
                if !is_closed {
                    return (at, false);
                }
                if !text.get(at..).is_some_and(|rest| rest.starts_with('.')) {
                    break;
                }
            }
            Some(first) if is_word(first) => at += first.len_utf8(),
            _ => break,
        }
    }
    (at, true)
}

/// Returns the length of the part in quotes that a text begins with, and whether it is closed.
fn quoted(text: &str, quote: char) -> (usize, bool) {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((place, character)) = characters.next() {
        if character == '\\' && quote != '`' {
            characters.next();
        } else if character == quote {
            if characters.peek().is_none_or(|(_, next)| *next != quote) {
                return (place + quote.len_utf8(), true);
            }
            characters.next();
        }
    }
    (text.len(), false)
}

/// Returns whether a value, a keyword or a name may have a character in it, without quotes.
pub(super) fn is_word(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(
            character,
            '"' | '\'' | '`' | '(' | ')' | ',' | '=' | '!' | '<' | '>' | '~' | '^' | '$'
        )
}

/// Returns the names that dots join in a word, without their backticks, with where each stands in
/// it.
pub(super) fn segments(word: &str) -> Vec<(String, Range<usize>)> {
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        let rest = word.get(at..).unwrap_or_default();
        let (length, is_closed) = match rest.chars().next() {
            Some('`') => quoted(rest, '`'),
            _ => (rest.find('.').unwrap_or(rest.len()), true),
        };
        let segment = rest.get(..length).unwrap_or_default();
        let name = match segment.strip_prefix('`') {
            Some(name) if is_closed => name.strip_suffix('`').unwrap_or(name).replace("``", "`"),
            Some(name) => name.replace("``", "`"),
            None => segment.to_owned(),
        };
        segments.push((name, at..at + length));
        at += length;
        match word.get(at..).and_then(|rest| rest.chars().next()) {
            Some('.') => at += 1,
            // What follows backticks without a dot is no name.
            Some(_) | None => return segments,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let tokens = tokens(text, &ShownNames::default());
        let parts: Vec<_> = tokens.into_iter().map(|token| &text[token.span]).collect();
        assert_eq!(parts, expected, "{text}");
    }

    #[test]
    fn a_text_is_cut_where_the_parser_cuts_it() {
        check(
            "price>=10 and(title ~ \"a b\")",
            &["price", ">=", "10", "and", "(", "title", "~", "\"a b\"", ")"],
        );
        check(
            "x in (1,'it''s', \"\\\"\")",
            &["x", "in", "(", "1", ",", "'it''s'", ",", "\"\\\"\"", ")"],
        );
        check("a.`b ``c` = 1.5", &["a.`b ``c`", "=", "1.5"]);
        check("цена ≠ 😀", &["цена", "≠", "😀"]);
    }

    #[test]
    fn what_is_not_complete_yet_is_a_token() {
        check("title = 'abc and x", &["title", "=", "'abc and x"]);
        check("title = \"a\\", &["title", "=", "\"a\\"]);
        check("author.", &["author."]);
        check("`first na", &["`first na"]);
        check("age ! ^", &["age", "!", "^"]);
    }

    #[test]
    fn names_are_told_apart_by_dots() {
        let names =
            |word| -> Vec<String> { segments(word).into_iter().map(|(name, _)| name).collect() };
        assert_eq!(names("author.name"), ["author", "name"]);
        assert_eq!(names("author."), ["author", ""]);
        assert_eq!(names("`a.b`.`c``d"), ["a.b", "c`d"]);
        assert_eq!(names(""), [""]);
    }
}
