//! The transactions that have been read, and the changes of those that are open.

use std::collections::HashMap;

use chrono::{Days, NaiveDateTime};
use persistence::audit::{HistoryFilter, RecordedChange, Transaction, TransactionPage};
use persistence::{EntityMeta, RecordKey};

use crate::tasks::CHANGES_AT_ONCE;

/// The row whose history is looked at.
#[derive(Clone, Debug)]
pub struct MeantRow {
    /// Its entity.
    pub meta: &'static EntityMeta,
    /// Its primary key.
    pub key: RecordKey,
    /// What it is called.
    pub name: String,
}

/// How far back one looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// To the beginning.
    #[default]
    Always,
    /// A day.
    Day,
    /// A week.
    Week,
    /// Thirty days.
    Month,
}

impl Period {
    /// All of them, the longest first.
    pub const ALL: [Self; 4] = [Self::Always, Self::Month, Self::Week, Self::Day];

    /// Returns when it began, if it did.
    fn began(self, now: NaiveDateTime) -> Option<NaiveDateTime> {
        let days = match self {
            Self::Always => return None,
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        };
        now.checked_sub_days(Days::new(days))
    }
}

/// The changes of a transaction, as far as they have been read.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Its number, by which it is asked for.
    pub number: u64,
    /// Those that have been read, in the order of writing.
    pub read: Vec<RecordedChange>,
    /// Whether more of them are on their way.
    pub is_waiting: bool,
    /// Whether there are more.
    pub has_more: bool,
    /// Why they could not be read.
    pub error: Option<String>,
}

/// What is known of the history.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Who is looked for.
    pub actor: String,
    /// Which table is looked at.
    pub table: Option<&'static EntityMeta>,
    /// Which row of it, where one is meant.
    pub row: Option<MeantRow>,
    /// How far back.
    pub period: Period,
    transactions: Vec<Transaction>,
    next: Option<i64>,
    open: HashMap<String, Changes>,
    last_number: u64,
    is_known: bool,
    is_waiting: bool,
    error: Option<String>,
}

impl History {
    /// Returns the transactions that have been read, the newest first.
    #[must_use]
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// Returns whether transactions are on their way.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Returns why they could not be read.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns the changes of a transaction, where it is open.
    #[must_use]
    pub fn changes(&self, transaction: &str) -> Option<&Changes> {
        self.open.get(transaction)
    }

    /// Returns what is asked for now.
    #[must_use]
    pub fn filter(&self) -> HistoryFilter {
        let actor = self.actor.trim();
        HistoryFilter {
            actor: (!actor.is_empty()).then(|| actor.to_owned()),
            from: self.period.began(chrono::Utc::now().naive_utc()),
            ..self.of_rows()
        }
    }

    /// Returns of which rows changes are shown.
    fn of_rows(&self) -> HistoryFilter {
        match (&self.row, self.table) {
            (Some(row), _) => HistoryFilter::row(row.meta.table, row.key.clone()),
            (None, table) => HistoryFilter {
                table: table.map(|meta| meta.table.to_owned()),
                ..HistoryFilter::default()
            },
        }
    }

    /// Has everything read again.
    pub const fn reread(&mut self) {
        self.is_known = false;
    }

    /// Returns the filter by which transactions are to be read from the newest on, where that has to be asked.
    pub fn ask(&mut self) -> Option<HistoryFilter> {
        if self.is_known {
            return None;
        }
        (self.is_known, self.is_waiting) = (true, true);
        Some(self.filter())
    }

    /// Returns after which transaction more of them are to be read, where there are more.
    pub fn ask_for_more(&mut self) -> Option<(HistoryFilter, i64)> {
        let next = self.next.filter(|_| !self.is_waiting)?;
        self.is_waiting = true;
        Some((self.filter(), next))
    }

    /// Returns whether there are more transactions than have been read.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.next.is_some()
    }

    /// Takes transactions that have come, or why they have not: the first ones, or more of them.
    pub fn take(&mut self, after: Option<i64>, outcome: Result<TransactionPage, String>) {
        self.is_waiting = false;
        match outcome {
            Ok(page) => {
                if after.is_none() {
                    self.transactions.clear();
                    self.open.clear();
                }
                self.transactions.extend(page.transactions);
                self.next = page.next;
                self.error = None;
            }
            Err(message) => self.error = Some(message),
        }
    }

    /// Opens a transaction, or closes it; returns what is to be read of it.
    pub fn toggle(&mut self, transaction: &str) -> Option<(u64, HistoryFilter, Option<i64>)> {
        if self.open.remove(transaction).is_some() {
            return None;
        }
        self.last_number += 1;
        let number = self.last_number;
        let changes =
            Changes { number, read: Vec::new(), is_waiting: true, has_more: false, error: None };
        self.open.insert(transaction.to_owned(), changes);
        Some((number, self.of_rows(), None))
    }

    /// Returns what more is to be read of a transaction.
    pub fn more_of(&mut self, transaction: &str) -> Option<(u64, HistoryFilter, Option<i64>)> {
        let filter = self.of_rows();
        let changes = self.open.get_mut(transaction).filter(|changes| !changes.is_waiting)?;
        changes.is_waiting = true;
        Some((changes.number, filter, changes.read.last().map(|change| change.id)))
    }

    /// Takes changes of a transaction that have come, or why they have not; not of one that was closed since.
    pub fn take_changes(&mut self, number: u64, outcome: Result<Vec<RecordedChange>, String>) {
        let mut open = self.open.values_mut();
        let Some(changes) = open.find(|changes| changes.number == number) else { return };
        changes.is_waiting = false;
        match outcome {
            Ok(read) => {
                changes.has_more = read.len() as u64 == CHANGES_AT_ONCE;
                changes.read.extend(read);
                changes.error = None;
            }
            Err(message) => changes.error = Some(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(id: &str) -> Transaction {
        let written_at = NaiveDateTime::default();
        Transaction { id: id.to_owned(), written_at, actor: None, tables: Vec::new() }
    }

    fn page(ids: &[&str], next: Option<i64>) -> TransactionPage {
        TransactionPage { transactions: ids.iter().map(|id| transaction(id)).collect(), next }
    }

    fn ids(history: &History) -> Vec<&str> {
        history.transactions().iter().map(|transaction| transaction.id.as_str()).collect()
    }

    #[test]
    fn more_transactions_come_after_those_that_are_there_and_others_instead() {
        let mut history = History::default();
        assert!(history.ask().is_some());
        assert!(history.ask().is_none(), "it is asked for once");
        history.take(None, Ok(page(&["c", "b"], Some(2))));
        let (_, after) = history.ask_for_more().unwrap();
        assert!(history.ask_for_more().is_none(), "it is on its way");
        history.take(Some(after), Ok(page(&["a"], None)));
        assert_eq!(ids(&history), ["c", "b", "a"]);
        assert!(!history.has_more());
        history.reread();
        assert!(history.ask().is_some());
        history.take(None, Ok(page(&["d"], None)));
        assert_eq!(ids(&history), ["d"]);
    }

    #[test]
    fn what_was_read_stays_where_it_cannot_be_read_again() {
        let mut history = History::default();
        history.ask();
        history.take(None, Ok(page(&["a"], None)));
        history.reread();
        history.ask();
        history.take(None, Err("locked".to_owned()));
        assert_eq!((ids(&history), history.error()), (vec!["a"], Some("locked")));
    }

    #[test]
    fn changes_of_a_transaction_that_was_closed_are_let_go() {
        let mut history = History::default();
        let (first, _, after) = history.toggle("a").unwrap();
        assert_eq!(after, None);
        assert!(history.toggle("a").is_none());
        let (second, ..) = history.toggle("a").unwrap();
        history.take_changes(first, Err("too late".to_owned()));
        assert!(history.changes("a").unwrap().is_waiting);
        history.take_changes(second, Ok(Vec::new()));
        assert!(!history.changes("a").unwrap().is_waiting);
    }

    #[test]
    fn periods_begin_before_now() {
        let now = NaiveDateTime::default();
        assert_eq!(Period::Always.began(now), None);
        let begins = [Period::Month, Period::Week, Period::Day].map(|period| period.began(now));
        assert!(begins.is_sorted() && begins.iter().all(|began| *began < Some(now)));
    }
}
