//! A filter's text as tokens.

use std::borrow::Cow;
use std::ops::Range;

use super::error::{FilterError, shown};
use super::{Comparison, TextMatch};

/// The smallest parts of a filter's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name, keyword or value that stands without quotes.
    Word(&'t str),
    /// A value in quotes, its escapes undone.
    Quoted(Cow<'t, str>),
    /// A name in backticks.
    Name(Cow<'t, str>),
    /// `=`, `<` and so on.
    Compare(Comparison),
    /// `~`, `^=`, `$=`.
    Match(TextMatch),
    /// `!~`
    NotContains,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// The end of the text.
    End,
}

const SIGNS: [(&str, Token<'static>); 15] = [
    ("==", Token::Compare(Comparison::Equal)),
    ("!=", Token::Compare(Comparison::NotEqual)),
    ("<>", Token::Compare(Comparison::NotEqual)),
    ("<=", Token::Compare(Comparison::LessOrEqual)),
    (">=", Token::Compare(Comparison::GreaterOrEqual)),
    ("!~", Token::NotContains),
    ("^=", Token::Match(TextMatch::StartsWith)),
    ("$=", Token::Match(TextMatch::EndsWith)),
    ("=", Token::Compare(Comparison::Equal)),
    ("<", Token::Compare(Comparison::Less)),
    (">", Token::Compare(Comparison::Greater)),
    ("~", Token::Match(TextMatch::Contains)),
    ("(", Token::Open),
    (")", Token::Close),
    (",", Token::Comma),
];

/// Words that mean something by themselves, so that columns of that name stand in backticks and
/// values in quotes.
pub(super) const KEYWORDS: [&str; 9] =
    ["and", "or", "not", "in", "is", "null", "between", "true", "false"];

/// Words that mean something only before the name of a relation.
pub(super) const QUANTIFIERS: [&str; 4] = ["any", "all", "no", "count"];

pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

impl Token<'_> {
    /// Returns whether the token is that keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// A name among others that dots join.
#[derive(Clone, Debug)]
pub(super) struct Segment<'t> {
    pub(super) name: Cow<'t, str>,
    pub(super) span: Range<usize>,
}

/// Cuts a text into tokens, one at a time.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads the next token, and returns it with the range of its bytes.
    pub(super) fn next(&mut self) -> Result<(Token<'t>, Range<usize>), FilterError> {
        self.at = self.text.len() - self.rest().trim_start().len();
        let start = self.at;
        let rest = self.rest();
        let token = match rest.chars().next() {
            None => Token::End,
            Some('`') => Token::Name(self.quoted('`')?),
            Some(quote @ ('"' | '\'')) => Token::Quoted(self.quoted(quote)?),
            Some(first) => {
                if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
                    self.at += sign.len();
                    token.clone()
                } else {
                    let word = rest.split(|character| !is_word(character)).next().unwrap_or(rest);
                    if word.is_empty() {
                        let end = start + first.len_utf8();
                        return Err(FilterError::new(format!(
                            "{} means nothing here; text with such characters stands in quotes",
                            shown(&first.escape_debug().to_string())
                        ))
                        .at_span(self.text, start..end));
                    }
                    self.at += word.len();
                    Token::Word(word)
                }
            }
        };
        Ok((token, start..self.at))
    }

    /// Reads names joined by dots, the first of which begins there; `next` goes on behind them.
    pub(super) fn path(&mut self, start: usize) -> Result<Vec<Segment<'t>>, FilterError> {
        self.at = start;
        let mut segments = Vec::new();
        loop {
            let start = self.at;
            let name = if self.rest().starts_with('`') {
                self.quoted('`')?
            } else {
                let ends = |character| character == '.' || !is_word(character);
                let name = self.rest().split(ends).next().unwrap_or_default();
                self.at += name.len();
                Cow::Borrowed(name)
            };
            segments.push(Segment { name, span: start..self.at });
            if !self.rest().starts_with('.') {
                return Ok(segments);
            }
            self.at += 1;
        }
    }

    /// Reads a text in quotes, which may contain quotes that are doubled or follow a backslash. In
    /// backticks a backslash is just one.
    fn quoted(&mut self, quote: char) -> Result<Cow<'t, str>, FilterError> {
        let start = self.at;
        let begin = start + quote.len_utf8();
        let inside = self.text.get(begin..).unwrap_or_default();
        let has_escapes = quote != '`';
        let mut undone: Option<String> = None;
        let mut characters = inside.char_indices();
        while let Some((offset, character)) = characters.next() {
            if character == quote {
                if !inside.get(offset + 1..).is_some_and(|rest| rest.starts_with(quote)) {
                    self.at = begin + offset + quote.len_utf8();
                    let plain = inside.get(..offset).unwrap_or_default();
                    return Ok(undone.map_or(Cow::Borrowed(plain), Cow::Owned));
                }
                characters.next();
                let so_far = || inside.get(..offset).unwrap_or_default().to_owned();
                undone.get_or_insert_with(so_far).push(quote);
            } else if character == '\\' && has_escapes {
                let so_far = || inside.get(..offset).unwrap_or_default().to_owned();
                let escaped = unescape(&mut characters).ok_or_else(|| {
                    let end = begin + characters.offset();
                    FilterError::new(
                        r#"unknown escape; there are \\, \", \', \n, \r, \t and \u{…}, and a backslash itself is \\"#,
                    )
                    .at_span(self.text, begin + offset..end.min(self.text.len()))
                })?;
                undone.get_or_insert_with(so_far).push(escaped);
            } else if let Some(undone) = &mut undone {
                undone.push(character);
            }
        }
        Err(FilterError::new(format!("this `{quote}` is never closed"))
            .at_span(self.text, start..begin))
    }
}

/// Reads the character that an escape stands for; the backslash before it is read already.
fn unescape(characters: &mut std::str::CharIndices<'_>) -> Option<char> {
    match characters.next()?.1 {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'u' => {
            let (digits, _) = characters.as_str().strip_prefix('{')?.split_once('}')?;
            let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            // The digits are ASCII; the braces stand around them.
            characters.nth(digits.len() + 1);
            Some(character)
        }
        character @ ('\\' | '"' | '\'') => Some(character),
        _ => None,
    }
}

fn is_word(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(
            character,
            '"' | '\'' | '`' | '(' | ')' | ',' | '=' | '!' | '<' | '>' | '~' | '^' | '$'
        )
}
