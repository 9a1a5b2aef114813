//! What "go to anything" finds: names ranked by how well they fit what was typed.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use persistence::Value;

use crate::command::Command;
use crate::extensions::Action;
use crate::panes::Pane;

/// Lines that are offered at once.
pub const OFFERED: usize = 12;

/// Where a person can go, or what can be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Destination {
    /// To an entity or a page.
    Pane(Pane),
    /// To a row of the grid, counted from 0.
    Row(u64),
    /// To a record.
    Record {
        /// Its table.
        table: &'static str,
        /// Its primary key.
        key: Value,
    },
    /// To an action of the program's own.
    Action(Action),
    /// To a saved view, by its place among them.
    View(usize),
    /// An action.
    Command(Command),
}

/// Something that may be meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What it is called.
    pub title: String,
    /// What else is to be known: the entity of a record.
    pub detail: String,
    /// Where it leads.
    pub destination: Destination,
}

/// Returns the candidates that fit a text, the best first; all that fit no text at all, in their
/// order.
///
/// Fitting and its score are fzf's, as [`nucleo_matcher`] has them: letters in their order, better
/// at the start of words and side by side; without regard to case.
#[must_use]
pub fn ranked(text: &str, candidates: Vec<Candidate>) -> Vec<Candidate> {
    let text = text.trim();
    if text.is_empty() {
        return candidates.into_iter().take(OFFERED).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
    let mut letters = Vec::new();
    let mut scored: Vec<(u32, Candidate)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let mut score =
                |name: &str| pattern.score(Utf32Str::new(name, &mut letters), &mut matcher);
            let fit = match candidate.destination {
                // What was typed is its number.
                Destination::Row(_) => Some(u32::MAX),
                // Its name fits, or its key is what was typed: the database said so.
                Destination::Record { .. } => Some(score(&candidate.title).unwrap_or(u32::MAX / 2)),
                _ => score(&candidate.title),
            };
            Some((fit?, candidate))
        })
        .collect();
    // Of two that fit equally well the shorter one was typed more of. The sort is stable.
    scored.sort_by_key(|(score, candidate)| (Reverse(*score), candidate.title.chars().count()));
    scored.into_iter().take(OFFERED).map(|(_, candidate)| candidate).collect()
}

/// Returns the row that a text means, counted from 0; people count from 1.
#[must_use]
pub fn row_number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|letter| !is_separator(*letter)).collect();
    digits.parse::<u64>().ok()?.checked_sub(1)
}

/// Returns whether people put a letter between groups of digits.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, ',' | '.' | '\'' | '’' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(title: &str, destination: Destination) -> Candidate {
        Candidate { title: title.to_owned(), detail: String::new(), destination }
    }

    fn entity(title: &str) -> Candidate {
        candidate(title, Destination::Pane(Pane::Entity(title.to_lowercase())))
    }

    fn titles(text: &str, candidates: Vec<Candidate>) -> Vec<String> {
        ranked(text, candidates).into_iter().map(|candidate| candidate.title).collect()
    }

    #[test]
    fn a_few_letters_in_their_order_are_enough() {
        let candidates = vec![entity("Invoice lines"), entity("Playlist tracks"), entity("Tracks")];
        assert_eq!(titles("ptr", candidates.clone()), ["Playlist tracks"]);
        assert_eq!(titles("track", candidates), ["Tracks", "Playlist tracks"]);
    }

    #[test]
    fn case_does_not_matter_in_any_alphabet() {
        assert_eq!(titles("книг", vec![entity("Авторы"), entity("Книги")]), ["Книги"]);
    }

    #[test]
    fn without_a_text_everything_is_offered_in_its_order() {
        assert_eq!(titles(" ", vec![entity("B"), entity("A")]), ["B", "A"]);
    }

    #[test]
    fn a_record_found_by_its_key_is_offered_whatever_its_name() {
        let record = Destination::Record { table: "books", key: Value::Integer(42) };
        assert_eq!(titles("42", vec![entity("Books"), candidate("Solaris", record)]), ["Solaris"]);
    }

    #[test]
    fn rows_are_counted_from_one_and_may_be_grouped() {
        assert_eq!(row_number("1"), Some(0));
        assert_eq!(row_number("9 999 999"), Some(9_999_998));
        assert_eq!(row_number("9,999,999"), Some(9_999_998));
        for text in ["0", "", "abc", "-5", "99999999999999999999"] {
            assert_eq!(row_number(text), None, "{text}");
        }
    }
}
