//! What was recorded, and what takes it back.

use persistence::Result;
use persistence::audit::{self, HistoryFilter, RecordedChange, TakingBack, TransactionPage};

use crate::jobs::{Task, Work};

/// Transactions that are read at once.
const TRANSACTIONS_AT_ONCE: usize = 50;

/// Changes of a transaction that are read at once.
pub const CHANGES_AT_ONCE: u64 = 200;

/// Changes that are taken back at once, at most.
pub const MOST_TAKEN_BACK: u64 = 10_000;

/// Reads transactions that changed something of what is meant, the newest first.
#[derive(Clone, Debug)]
pub struct ReadHistory {
    /// What is meant.
    pub filter: HistoryFilter,
    /// After which place.
    pub after: Option<i64>,
}

impl Task for ReadHistory {
    type Output = TransactionPage;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        audit::transactions(work.session()?, &self.filter, self.after, TRANSACTIONS_AT_ONCE)
    }
}

/// Reads changes of a transaction in the order of writing: those that are meant.
#[derive(Clone, Debug)]
pub struct ReadChanges {
    /// The transaction.
    pub transaction: String,
    /// What is meant.
    pub filter: HistoryFilter,
    /// After the change with which number.
    pub after: Option<i64>,
}

impl Task for ReadChanges {
    type Output = Vec<RecordedChange>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let Self { transaction, filter, after } = self;
        audit::changes(work.session()?, &transaction, &filter, after, CHANGES_AT_ONCE)
    }
}

/// What is to be taken back.
#[derive(Clone, Debug)]
pub enum TakenBack {
    /// All that a transaction changed.
    Transaction(String),
    /// One change, or some of its columns.
    Change(RecordedChange),
}

/// Finds out what takes something back; `None` where that is about too many rows.
#[derive(Clone, Debug)]
pub struct FindTakingBack(pub TakenBack);

impl Task for FindTakingBack {
    type Output = Option<TakingBack>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let changes = match self.0 {
            TakenBack::Change(change) => vec![change],
            TakenBack::Transaction(transaction) => {
                let every = HistoryFilter::default();
                let most = MOST_TAKEN_BACK + 1;
                audit::changes(work.session()?, &transaction, &every, None, most)?
            }
        };
        if changes.len() as u64 > MOST_TAKEN_BACK {
            return Ok(None);
        }
        TakingBack::read(work.session()?, &changes).map(Some)
    }
}
