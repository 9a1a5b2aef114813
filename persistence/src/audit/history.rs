//! What was recorded, read without types: transactions, the newest first, and the changes of each as data.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::AuditEntry;
use crate::catalog::DynSession;
use crate::entity::Entity as _;
use crate::error::{Error, Result};
use crate::filter::{Comparison, Filter, TextMatch};
use crate::order::{Direction, Order, OrderTerm};
use crate::query::Query;
use crate::raw::RawValue;
use crate::types::Json;
use crate::value::{Record, RecordKey, Value};

/// How many entries are read in one go while transactions are looked for.
const ENTRIES_PER_STATEMENT: u64 = 200;

/// Which changes are meant: those for which all that is given holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// By somebody whose name contains this, whatever the case.
    pub actor: Option<String>,
    /// Written then or later (UTC).
    pub from: Option<NaiveDateTime>,
    /// Written before then (UTC).
    pub until: Option<NaiveDateTime>,
    /// Of rows of this table.
    pub table: Option<String>,
    /// Of the row with this primary key; it takes a table to mean one row.
    pub key: Option<RecordKey>,
}

impl HistoryFilter {
    /// Makes the filter of one row.
    #[must_use]
    pub fn row(table: impl Into<String>, key: RecordKey) -> Self {
        Self { table: Some(table.into()), key: Some(key), ..Self::default() }
    }

    fn into_filter(self) -> Filter {
        let at = |operator, moment| {
            Filter::compare(AuditEntry::WRITTEN_AT.name(), operator, Value::Timestamp(moment))
        };
        let conditions = [
            self.actor.filter(|actor| !actor.is_empty()).map(|pattern| Filter::Text {
                column: AuditEntry::ACTOR.name().into(),
                operator: TextMatch::Contains,
                pattern,
            }),
            self.from.map(|from| at(Comparison::GreaterOrEqual, from)),
            self.until.map(|until| at(Comparison::Less, until)),
            self.table
                .map(|table| Filter::equals(AuditEntry::TABLE_NAME.name(), Value::Text(table))),
            self.key.map(|key| {
                // As it is written: documents are not compared otherwise.
                let written = super::json(&key.0).0.to_string();
                let written = Value::Raw(RawValue::Text(written));
                Filter::equals(AuditEntry::ROW_KEY.name(), written)
            }),
        ];
        conditions.into_iter().flatten().fold(Filter::All, Filter::and)
    }
}

/// A transaction that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its name, a UUID.
    pub id: String,
    /// When its last change was written (UTC).
    pub written_at: NaiveDateTime,
    /// Who wrote it, where that was said.
    pub actor: Option<String>,
    /// The tables that it changed, with how many changes; most first.
    pub tables: Vec<(String, u64)>,
}

/// Some transactions, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionPage {
    /// The transactions.
    pub transactions: Vec<Transaction>,
    /// Where the next page starts; `None` where this is the last.
    pub next: Option<i64>,
}

/// What happened to a row, or to several by one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedKind {
    /// A row was inserted.
    Insert,
    /// A row was updated.
    Update,
    /// A row was deleted.
    Delete,
    /// The rows of a filter were updated by one statement: what they were is not known.
    UpdateWhere {
        /// The filter, as it is printed.
        filter: String,
    },
    /// The rows of a filter were deleted by one statement: what they were is not known.
    DeleteWhere {
        /// The filter, as it is printed.
        filter: String,
    },
}

/// A change that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedChange {
    /// Its number: what was written later has a higher one.
    pub id: i64,
    /// The transaction, a UUID.
    pub transaction: String,
    /// When it was written (UTC).
    pub written_at: NaiveDateTime,
    /// Who wrote it, where that was said.
    pub actor: Option<String>,
    /// The table of the row.
    pub table: String,
    /// The primary key by which the database had the row before; by which it got it, where it was inserted.
    /// Empty where a statement changed several.
    pub key: RecordKey,
    /// What happened.
    pub kind: RecordedKind,
    /// The columns; of an update those that it changed.
    pub columns: Vec<RecordedColumn>,
}

/// A column of a row that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedColumn {
    /// Its name.
    pub name: String,
    /// What it was before; `None` where the row was not there, or that is not known.
    pub before: Option<Value>,
    /// What it was afterwards; `None` where the row was gone.
    pub after: Option<Value>,
}

impl RecordedChange {
    /// Returns the same change of some columns only, where it is an update.
    #[must_use]
    pub fn only(mut self, columns: &[&str]) -> Self {
        if self.kind == RecordedKind::Update {
            self.columns.retain(|column| columns.contains(&column.name.as_str()));
        }
        self
    }

    fn read(record: Record) -> Result<Self> {
        let entry = AuditEntry::from_record(record)?;
        let values = |json: &Json| -> Result<BTreeMap<String, Value>> {
            serde_json::from_value(json.0.clone()).map_err(|error| entry.unreadable(&error))
        };
        let filter = || entry.old_values.0.as_str().unwrap_or_default().to_owned();
        let kind = match entry.action.as_str() {
            "insert" => RecordedKind::Insert,
            "update" => RecordedKind::Update,
            "delete" => RecordedKind::Delete,
            "update where" => RecordedKind::UpdateWhere { filter: filter() },
            "delete where" => RecordedKind::DeleteWhere { filter: filter() },
            other => return Err(entry.unreadable(&format!("there is no action `{other}`"))),
        };
        let mut columns: BTreeMap<String, (Option<Value>, Option<Value>)> = BTreeMap::new();
        if matches!(kind, RecordedKind::Update | RecordedKind::Delete) {
            for (name, value) in values(&entry.old_values)? {
                columns.entry(name).or_default().0 = Some(value);
            }
        }
        if !matches!(kind, RecordedKind::Delete | RecordedKind::DeleteWhere { .. }) {
            for (name, value) in values(&entry.new_values)? {
                columns.entry(name).or_default().1 = Some(value);
            }
        }
        let key = serde_json::from_value(entry.row_key.0.clone());
        let columns = columns.into_iter();
        Ok(Self {
            key: RecordKey(key.map_err(|error| entry.unreadable(&error))?),
            columns: columns
                .map(|(name, (before, after))| RecordedColumn { name, before, after })
                .collect(),
            id: entry.id,
            transaction: entry.transaction_id,
            written_at: entry.written_at,
            actor: entry.actor,
            table: entry.table_name,
            kind,
        })
    }
}

/// Reads at most `limit` transactions that changed something of what is meant, the newest first, after
/// [a place](TransactionPage::next).
///
/// # Errors
/// [`Error::Schema`] when the session knows no [history](crate::Catalog::has_history), and when the database
/// cannot be read.
pub fn transactions(
    session: &mut dyn DynSession,
    filter: &HistoryFilter,
    after: Option<i64>,
    limit: usize,
) -> Result<TransactionPage> {
    let meant = filter.clone().into_filter();
    let id = |operator, id| Filter::compare(AuditEntry::ID.name(), operator, Value::Integer(id));
    let before = after.map_or(Filter::All, |after| id(Comparison::Less, after));
    let mut found: Vec<AuditEntry> = Vec::new();
    let mut passed: Vec<Value> = Vec::new();
    while found.len() <= limit {
        let others = Filter::In { column: TRANSACTION.into(), values: passed.clone() }.not();
        let others = if passed.is_empty() { Filter::All } else { others };
        let filter = meant.clone().and(before.clone()).and(others);
        let newest = entries(session, filter, Direction::Descending, ENTRIES_PER_STATEMENT)?;
        let mut new: Vec<AuditEntry> = Vec::new();
        for record in newest {
            let entry = AuditEntry::from_record(record)?;
            if new.iter().all(|known| known.transaction_id != entry.transaction_id) {
                new.push(entry);
            }
        }
        if new.is_empty() {
            break;
        }
        let ids: Vec<Value> =
            new.iter().map(|entry| Value::Text(entry.transaction_id.clone())).collect();
        // Those that were written at the same time as others may have been on an earlier page already.
        let earlier = match after {
            None => Vec::new(),
            Some(after) => {
                let of_these = Filter::In { column: TRANSACTION.into(), values: ids.clone() };
                let before = id(Comparison::GreaterOrEqual, after);
                let filter = meant.clone().and(of_these).and(before);
                let most = ids.len() as u64;
                let mut repository = session.repository(AuditEntry::meta().table)?;
                repository.distinct(TRANSACTION, &filter, most)?
            }
        };
        let is_earlier = |entry: &AuditEntry| {
            earlier.iter().any(|(id, _)| id.as_text() == Some(&entry.transaction_id))
        };
        passed.extend(ids);
        found.extend(new.into_iter().filter(|entry| !is_earlier(entry)));
    }
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|entry| entry.id);
    let transactions = found.into_iter().map(|entry| summary(session, entry));
    Ok(TransactionPage { transactions: transactions.collect::<Result<_>>()?, next })
}

/// Reads at most `limit` changes of a transaction, in the order in which they were written, after that with
/// this number: those that are meant.
///
/// # Errors
/// As [`transactions`], and [`Error::Data`] when one cannot be read.
pub fn changes(
    session: &mut dyn DynSession,
    transaction: &str,
    filter: &HistoryFilter,
    after: Option<i64>,
    limit: u64,
) -> Result<Vec<RecordedChange>> {
    let after = after.map_or(Filter::All, |after| {
        Filter::compare(AuditEntry::ID.name(), Comparison::Greater, Value::Integer(after))
    });
    let filter = of(transaction).and(filter.clone().into_filter()).and(after);
    let found = entries(session, filter, Direction::Ascending, limit)?;
    found.into_iter().map(RecordedChange::read).collect()
}

const TRANSACTION: &str = AuditEntry::TRANSACTION_ID.name();

fn of(transaction: &str) -> Filter {
    Filter::equals(TRANSACTION, Value::Text(transaction.to_owned()))
}

fn entries(
    session: &mut dyn DynSession,
    filter: Filter,
    direction: Direction,
    limit: u64,
) -> Result<Vec<Record>> {
    let mut query = Query::new().limit(limit);
    query.filter = filter;
    query.order = Order(vec![OrderTerm { column: AuditEntry::ID.name().into(), direction }]);
    session.repository(AuditEntry::meta().table)?.list(&query)
}

fn summary(session: &mut dyn DynSession, newest: AuditEntry) -> Result<Transaction> {
    let mut repository = session.repository(AuditEntry::meta().table)?;
    let tables = AuditEntry::TABLE_NAME.name();
    let tables = repository.distinct(tables, &of(&newest.transaction_id), u64::from(u16::MAX))?;
    let named = |(table, changes): (Value, u64)| match table {
        Value::Text(table) => Ok((table, changes)),
        other => Err(Error::Data { message: format!("`{other}` is no name of a table") }),
    };
    Ok(Transaction {
        tables: tables.into_iter().map(named).collect::<Result<_>>()?,
        id: newest.transaction_id,
        written_at: newest.written_at,
        actor: newest.actor,
    })
}
