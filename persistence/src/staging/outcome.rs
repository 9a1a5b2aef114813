//! What became of a commit of which nobody was told how it ended.

use std::collections::BTreeMap;

use crate::catalog::{DynSession, KEYS_PER_STATEMENT, with_keys};
use crate::drafting::is_by_framework;
use crate::edit::Written;
use crate::entity::EntityMeta;
use crate::error::{ConstraintKind, Error, Result};
use crate::query::Query;
use crate::value::{Record, RecordKey};

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// All is written.
    Committed,
    /// Nothing is.
    NotCommitted,
    /// The rows do not say, or say both: others have written them since.
    Unknown,
}

/// Finds out how a commit ended that was interrupted, by the rows that it was about: as they were and as they
/// were written. They are locked until the end of the session's transaction, so that one that is still under
/// way on a server is waited for.
///
/// A commit writes all of its rows or none. So a single row tells, unless others have written that one since:
///
/// - A row that is as it was written was written by this commit, and one that is as it was before was not.
///   That is certain enough: somebody else would have had to write the same values, counted versions and
///   times included, or to have put the very same back. Where rows say both, nobody knows.
/// - A row that others have changed since has only its changed columns to tell: all of them as they were
///   written, or all as they were before. What the framework counts up does not tell who has. An
///   inserted row that is not there says that it was not written, and a deleted row that is there with other
///   values says the same. All of this counts only where no row is certain.
/// - A deleted row that is gone may have been deleted by others. It counts only where all rows are such.
/// - Where no row is certain, and one was inserted that whoever asks [may not insert](crate::Catalog::permitting),
///   because values of it are masked, nobody knows.
///
/// A row that is only marked as deleted is gone, unless that mark is what was written. One that got another
/// key is taken for one that was deleted and one that was inserted.
///
/// # Errors
/// When the rows cannot be read or locked.
pub fn interrupted(rows: &[Written], session: &mut dyn DynSession) -> Result<Outcome> {
    let signs = signs(rows, session)?;
    if signs.iter().any(|sign| matches!(sign, Sign::Written | Sign::NotWritten)) {
        return Ok(outcome(&signs));
    }
    match is_inserted_by_others(rows, session) {
        Ok(true) => Ok(outcome(&self::signs(rows, session)?)),
        Ok(false) => Ok(outcome(&signs)),
        Err(Error::NotPermitted(_)) => Ok(Outcome::Unknown),
        Err(error) => Err(error),
    }
}

/// Looks whether one of the inserted rows, which was not there when it was looked for, is there by now. A row that is
/// being inserted can be seen by nobody, and on PostgreSQL not be locked either; but who inserts the same waits until
/// it is known whether it is there. What is inserted for that is taken back.
fn is_inserted_by_others(rows: &[Written], session: &mut dyn DynSession) -> Result<bool> {
    let inserted = rows.iter().find_map(|row| match row {
        Written { entity, before: None, after: Some(after) } => Some((entity.table, after)),
        _ => None,
    });
    let Some((table, row)) = inserted else { return Ok(false) };
    let inserted = session.savepoint(&mut |session| {
        session.repository(table)?.insert_with_keys(vec![row.clone()])?;
        // Takes it back.
        Err(Error::Cancelled)
    });
    match inserted {
        Err(Error::Constraint(violation)) => Ok(violation.kind == ConstraintKind::Unique),
        // It has not been waited for: nobody knows.
        Err(
            error @ (Error::Retryable { .. }
            | Error::Unavailable { .. }
            | Error::Timeout { .. }
            | Error::NotPermitted(_)),
        ) => Err(error),
        Ok(()) | Err(_) => Ok(false),
    }
}

/// Returns what each of the rows says.
fn signs(rows: &[Written], session: &mut dyn DynSession) -> Result<Vec<Sign>> {
    let mut tables: BTreeMap<&str, (&'static EntityMeta, BTreeMap<RecordKey, Change>)> =
        BTreeMap::new();
    for Written { entity, before, after } in rows {
        let (_, changes) = tables.entry(entity.table).or_insert_with(|| (*entity, BTreeMap::new()));
        if let Some(before) = before {
            changes.entry(entity.key_of(before)).or_default().before = Some(before);
        }
        if let Some(after) = after {
            changes.entry(entity.key_of(after)).or_default().after = Some(after);
        }
    }
    let mut signs = Vec::new();
    for (meta, changes) in tables.into_values() {
        let keys: Vec<RecordKey> = changes.keys().cloned().collect();
        let mut stored = BTreeMap::new();
        for keys in keys.chunks(KEYS_PER_STATEMENT) {
            let rows = locked(meta, keys, session)?.into_iter();
            stored.extend(rows.map(|row| (meta.key_of(&row), row)));
        }
        signs.extend(changes.iter().map(|(key, change)| change.sign(meta, stored.get(key))));
    }
    Ok(signs)
}

/// What a commit makes of the row with a key.
#[derive(Clone, Copy, Default)]
struct Change<'r> {
    before: Option<&'r Record>,
    after: Option<&'r Record>,
}

/// What a row says of the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Written,
    NotWritten,
    MaybeWritten,
    MaybeNotWritten,
    /// It was to be deleted, and is gone.
    Gone,
    Nothing,
}

impl Change<'_> {
    fn sign(self, meta: &EntityMeta, now: Option<&Record>) -> Sign {
        let Self { before, after } = self;
        if before == after {
            return Sign::Nothing;
        }
        if now.is_some() && now == after {
            return Sign::Written;
        }
        if now.is_some() && now == before {
            return Sign::NotWritten;
        }
        let mark = meta.deleted();
        let is_seen = |row: &Record| mark.is_none_or(|mark| row.value(mark).is_null());
        let is_there = now.is_some_and(is_seen);
        match (before, after, now) {
            (None, _, _) if !is_there => Sign::MaybeNotWritten,
            (_, None, _) if is_there => Sign::MaybeNotWritten,
            (_, None, _) => Sign::Gone,
            (Some(before), Some(after), Some(now)) => by_columns(meta, before, after, now),
            _ => Sign::Nothing,
        }
    }
}

/// Tells by the columns that are changed.
fn by_columns(meta: &EntityMeta, before: &Record, after: &Record, now: &Record) -> Sign {
    let columns = meta.columns.iter().enumerate();
    let is_changed = |position: &usize| before.value(*position) != after.value(*position);
    let told = columns.filter(|(_, column)| !is_by_framework(column.fill));
    let changed: Vec<usize> = told.map(|(position, _)| position).filter(is_changed).collect();
    let are = |row: &Record| changed.iter().all(|&column| now.value(column) == row.value(column));
    match (changed.is_empty(), are(after), are(before)) {
        (false, true, _) => Sign::MaybeWritten,
        (false, _, true) => Sign::MaybeNotWritten,
        _ => Sign::Nothing,
    }
}

fn outcome(signs: &[Sign]) -> Outcome {
    let one_of = |yes: Sign, no: Sign| match (signs.contains(&yes), signs.contains(&no)) {
        (true, false) => Some(Outcome::Committed),
        (false, true) => Some(Outcome::NotCommitted),
        (true, true) => Some(Outcome::Unknown),
        (false, false) => None,
    };
    let are_gone = !signs.is_empty() && signs.iter().all(|sign| *sign == Sign::Gone);
    one_of(Sign::Written, Sign::NotWritten)
        .or_else(|| one_of(Sign::MaybeWritten, Sign::MaybeNotWritten))
        .unwrap_or(if are_gone { Outcome::Committed } else { Outcome::Unknown })
}

/// Reads the rows with some keys, also those that are only marked as deleted, and locks them.
fn locked(
    meta: &'static EntityMeta,
    keys: &[RecordKey],
    session: &mut dyn DynSession,
) -> Result<Vec<Record>> {
    let mut query = <Query>::new().for_update();
    query.filter = with_keys(meta, keys).with_deleted(meta);
    session.repository(meta.table)?.list(&query)
}
