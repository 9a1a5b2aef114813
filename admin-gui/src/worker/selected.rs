//! What is asked about selected rows: which lie between two, which are gone, which are to be deleted.

use std::collections::HashSet;

use persistence::{
    Catalog, Cursor, DynSession, EntityMeta, Filter, Page, PageStart, Query, Record, RecordKey,
    Result, deletion,
};

use super::listed::{SHOWN, with_lengths};
use super::request::PlannedDeletion;
use crate::row_name::row_name;
use transfer::export::{Rows, Source};
use transfer::keys;

/// Rows of a page.
const PAGE: u64 = 2_000;

/// Rows that are named before they are deleted.
const MOST_NAMED: usize = 5;

/// The rows from one to another, in the query's order; `None` where the last does not follow.
pub(super) fn between(
    session: &mut dyn DynSession,
    table: &str,
    query: &Query,
    (first, place): (RecordKey, Cursor),
    last: &RecordKey,
    limit: u64,
) -> Result<Option<Vec<RecordKey>>> {
    let mut repository = session.repository(table)?;
    let meta = repository.meta();
    let query = query.clone().preview(1);
    let mut found = vec![first];
    let mut start = PageStart::After(place);
    loop {
        if found.last() == Some(last) {
            return Ok(Some(found));
        }
        let left = limit.saturating_sub(found.len() as u64);
        if left == 0 {
            return Ok(None);
        }
        let Page { rows, next, .. } = repository.page(&query, &start, left.min(PAGE))?;
        let keys = rows.iter().map(|row| meta.key_of(row));
        for key in keys {
            let is_last = key == *last;
            found.push(key);
            if is_last {
                break;
            }
        }
        match next {
            _ if found.last() == Some(last) => {}
            Some(next) => start = next,
            None => return Ok(None),
        }
    }
}

/// Those of some rows that the filter does not find any more.
pub(super) fn gone(
    session: &mut dyn DynSession,
    table: &str,
    filter: &Filter,
    wanted: &HashSet<RecordKey>,
) -> Result<HashSet<RecordKey>> {
    let mut repository = session.repository(table)?;
    let meta = repository.meta();
    let mut gone = wanted.clone();
    let wanted: Vec<&RecordKey> = wanted.iter().collect();
    for some in wanted.chunks(keys::at_once(meta)) {
        let filter = filter.clone().and(Filter::keys(meta, some.iter().copied()));
        for row in repository.list(&<Query>::new().filter(filter).preview(1))? {
            gone.remove(&meta.key_of(&row));
        }
    }
    Ok(gone)
}

/// The rows to delete, and what that would take along; `None` where they are too many.
pub(super) fn plan(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    source: &Source,
    limit: u64,
) -> Result<Option<PlannedDeletion>> {
    if source.known_count().is_some_and(|count| count > limit) {
        return Ok(None);
    }
    let meta = source.meta;
    let Some(rows) = listed(session, source, limit)? else { return Ok(None) };
    let mut keys: Vec<RecordKey> = rows.iter().map(|row| meta.key_of(row)).collect();
    // What goes along is named by the order of the keys, which is to be the same the next time.
    keys.sort_unstable();
    let labels = rows.iter().take(MOST_NAMED).map(|row| row_name(meta, row)).collect();
    let rows = with_lengths(session.repository(meta.table)?.as_mut(), rows)?;
    let rows = rows.iter().map(|row| row.seen(meta)).collect();
    let plan = deletion::plan(session, catalog.entries(), meta.table, &keys)?;
    Ok(Some(PlannedDeletion { rows, labels, plan }))
}

/// What has been planned, as it is now and stays until the transaction's end: rows that refer to
/// these are not inserted any more.
pub(super) fn plan_again(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    planned: &PlannedDeletion,
) -> Result<Option<PlannedDeletion>> {
    let meta = planned.plan.entity;
    let mut repository = session.repository(meta.table)?;
    // In the order of the keys, so that two windows never wait for each other crosswise.
    let mut keys: Vec<&RecordKey> = planned.rows.iter().map(|row| &row.key).collect();
    keys.sort_unstable();
    for some in keys.chunks(keys::at_once(meta)) {
        let filter = Filter::keys(meta, some.iter().copied());
        repository.list(&<Query>::new().filter(filter).preview(1).for_update())?;
    }
    drop(repository);
    let keys: HashSet<RecordKey> = planned.rows.iter().map(|row| row.key.clone()).collect();
    let limit = keys.len() as u64;
    let source = Source { meta, query: Query::new(), rows: Rows::These(keys.into()) };
    plan(catalog, session, &source, limit)
}

/// The beginnings of a source's rows, as far as they are there; `None` where they are too many.
fn listed(
    session: &mut dyn DynSession,
    source: &Source,
    limit: u64,
) -> Result<Option<Vec<Record>>> {
    let Source { meta, query, rows } = source;
    let mut repository = session.repository(meta.table)?;
    let query = query.clone().preview(SHOWN);
    let mut found = Vec::new();
    let is_wanted = |row: &Record, but: &HashSet<RecordKey>| !but.contains(&meta.key_of(row));
    let but = match rows {
        Rows::These(wanted) => {
            let wanted: Vec<&RecordKey> = wanted.iter().collect();
            for some in wanted.chunks(keys::at_once(meta)) {
                let filter = query.filter.clone().and(Filter::keys(meta, some.iter().copied()));
                found.extend(repository.list(&query.clone().filter(filter))?);
            }
            order(meta, &query, &mut found)?;
            return Ok(Some(found));
        }
        Rows::AllBut(but) => Some(but),
        Rows::All => None,
    };
    let mut start = PageStart::First;
    loop {
        let Page { mut rows, next, .. } = repository.page(&query, &start, PAGE)?;
        if let Some(but) = but {
            rows.retain(|row| is_wanted(row, but));
        }
        found.append(&mut rows);
        if found.len() as u64 > limit {
            return Ok(None);
        }
        match next {
            Some(next) => start = next,
            None => return Ok(Some(found)),
        }
    }
}

fn order(meta: &EntityMeta, query: &Query, rows: &mut [Record]) -> Result<()> {
    let order = query.order.clone().resolve(meta)?;
    rows.sort_by(|a, b| order.compare(meta, a, b));
    Ok(())
}
