//! The statements that were sent last.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Local};
use persistence::observe::{Caveat, ClientStatement, Statement};

use crate::i18n::Texts;
use crate::jobs::Origin;
use crate::tr;

/// Statements that are kept.
const KEPT: usize = 500;

/// Statements that take longer are marked as slow.
const SLOW: Duration = Duration::from_millis(100);

/// The statements that were sent last; of those that begin and end transactions only the slow and
/// the failed ones.
#[derive(Clone, Debug, Default)]
pub struct QueryLog {
    /// The oldest first.
    entries: VecDeque<Entry>,
    /// How many were ever recorded.
    count: u64,
}

/// A statement of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number since the start.
    pub number: u64,
    /// When it ended.
    pub at: DateTime<Local>,
    /// What became of it.
    pub statement: Statement,
    /// What was sent, as the engine's own client takes it.
    pub client: ClientStatement,
    /// The query that it answers, where it is known.
    pub origin: Option<Origin>,
}

impl Entry {
    /// Returns whether it took long.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.statement.duration >= SLOW
    }

    /// Returns the statement on one line.
    #[must_use]
    pub fn line(&self) -> String {
        self.client.sql.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the statement for the engine's own client, beneath what is to be known of it: what
    /// is copied.
    #[must_use]
    pub fn script(&self, texts: &Texts) -> String {
        let caveats = self.client.caveats.iter();
        let notes = caveats.map(|caveat| format!("-- {}\n", caveat_text(*caveat, texts)));
        format!("{}{};\n", notes.collect::<String>(), self.client.sql)
    }

    /// Returns whether it has all words of a filter, in any case, in its text or its error.
    #[must_use]
    pub fn matches(&self, filter: &str) -> bool {
        let sql = self.client.sql.to_lowercase();
        let error = self.statement.error.as_deref().unwrap_or_default().to_lowercase();
        filter
            .split_whitespace()
            .map(str::to_lowercase)
            .all(|word| sql.contains(&word) || error.contains(&word))
    }
}

impl QueryLog {
    /// Notes a statement that ended at that time, and how the engine's own client takes it.
    pub fn record(
        &mut self,
        statement: Statement,
        client: impl FnOnce(&Statement) -> ClientStatement,
        origin: Option<Origin>,
        at: DateTime<Local>,
    ) {
        self.count += 1;
        let is_slow = statement.duration >= SLOW;
        let client = client(&statement);
        if is_bookkeeping(&client.sql) && !is_slow && statement.error.is_none() {
            return;
        }
        let entry = Entry { number: self.count, at, statement, client, origin };
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns a statement by its number, if it is still there.
    #[must_use]
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        let place = self.entries.binary_search_by_key(&number, |entry| entry.number).ok()?;
        self.entries.get(place)
    }

    /// Returns those that have all words of a filter, and only slow ones where those are wanted;
    /// the newest first.
    #[must_use]
    pub fn found(&self, filter: &str, which: Which) -> Vec<&Entry> {
        self.entries
            .iter()
            .rev()
            .filter(|entry| which == Which::All || entry.is_slow())
            .filter(|entry| entry.matches(filter))
            .collect()
    }
}

/// Which statements to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    #[default]
    All,
    /// Those that took long.
    Slow,
}

/// Returns whether a statement only begins or ends a transaction, or a part of one.
fn is_bookkeeping(sql: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    // Pools ask this to see whether a connection still lives.
    if sql.trim() == "SELECT 1" {
        return true;
    }
    ["begin", "commit", "rollback", "savepoint", "release", "start", "set", "pragma"]
        .iter()
        .any(|word| first.trim_end_matches(';').eq_ignore_ascii_case(word))
}

/// Returns what is to be known of a statement.
pub(super) fn caveat_text(caveat: Caveat, texts: &Texts) -> String {
    match caveat {
        Caveat::HiddenValues => tr!(texts, "query-log-hidden-values"),
        Caveat::Cut => tr!(texts, "query-log-cut"),
        Caveat::AsciiCase => tr!(texts, "query-log-ascii-case"),
        Caveat::ForeignKeys => tr!(texts, "query-log-foreign-keys"),
        _ => tr!(texts, "query-log-unwritable-value"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(sql: &str, milliseconds: u64) -> Statement {
        Statement {
            sql: sql.to_owned(),
            duration: Duration::from_millis(milliseconds),
            rows: Some(1),
            error: None,
        }
    }

    fn client(statement: &Statement) -> ClientStatement {
        statement.for_client("SQLite", &[])
    }

    fn log_of(statements: &[(&str, u64)]) -> QueryLog {
        let mut log = QueryLog::default();
        for (sql, milliseconds) in statements {
            log.record(statement(sql, *milliseconds), client, None, Local::now());
        }
        log
    }

    fn lines(log: &QueryLog, filter: &str, which: Which) -> Vec<String> {
        log.found(filter, which).into_iter().map(Entry::line).collect()
    }

    #[test]
    fn the_newest_statement_comes_first() {
        let log = log_of(&[("SELECT 3", 1), ("SELECT 2", 1)]);
        assert_eq!(lines(&log, "", Which::All), ["SELECT 2", "SELECT 3"]);
    }

    #[test]
    fn only_the_last_statements_are_kept() {
        let mut log = QueryLog::default();
        for number in 0..KEPT + 10 {
            let statement = statement(&format!("SELECT {number} AS n"), 1);
            log.record(statement, client, None, Local::now());
        }
        assert_eq!(log.len(), KEPT);
        assert_eq!(log.entry(10).map(Entry::line), None);
        assert_eq!(log.entry(11).map(Entry::line).as_deref(), Some("SELECT 10 AS n"));
    }

    #[test]
    fn a_filter_wants_all_its_words_in_any_case_and_order() {
        let log = log_of(&[("SELECT title FROM books", 1), ("SELECT name FROM authors", 1)]);
        assert_eq!(lines(&log, "BOOKS select", Which::All), ["SELECT title FROM books"]);
        assert_eq!(lines(&log, "books authors", Which::All), [""; 0]);
    }

    #[test]
    fn errors_are_found_by_their_words() {
        let mut log = QueryLog::default();
        let failed =
            Statement { error: Some("no such table".to_owned()), ..statement("SELECT 3", 1) };
        log.record(failed, client, None, Local::now());
        assert_eq!(lines(&log, "such TABLE", Which::All), ["SELECT 3"]);
    }

    #[test]
    fn slow_ones_can_be_had_alone() {
        let log = log_of(&[("SELECT 3", 99), ("SELECT 2", 100)]);
        assert_eq!(lines(&log, "", Which::Slow), ["SELECT 2"]);
    }

    #[test]
    fn what_begins_and_ends_transactions_is_kept_only_when_something_is_wrong_with_it() {
        let log = log_of(&[("BEGIN", 0), ("SELECT 2", 0), ("COMMIT", 500), ("ROLLBACK;", 0)]);
        assert_eq!(lines(&log, "", Which::All), ["COMMIT", "SELECT 2"]);
        let asked_whether_alive = log_of(&[("SELECT 1", 0), ("SELECT 1 -- binds: []", 0)]);
        assert!(asked_whether_alive.is_empty());
    }

    #[test]
    fn a_statement_of_several_lines_is_shown_on_one() {
        let log = log_of(&[("SELECT *\n  FROM books", 1)]);
        assert_eq!(lines(&log, "", Which::All), ["SELECT * FROM books"]);
    }
}
