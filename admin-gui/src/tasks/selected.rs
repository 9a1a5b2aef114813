//! What is asked about selected rows: which lie between two, which are gone, which are to be deleted.

use std::collections::HashSet;
use std::sync::Arc;

use persistence::deletion::{Consequence, Count, DeletionPlan};
use persistence::{
    Catalog, Cursor, DynSession, EntityMeta, Filter, OnDelete, Page, PageStart, Query, Record,
    RecordKey, Result, deletion,
};

use super::listed::{SHOWN, SeenRow, with_lengths};
use crate::jobs::{Large, Task, Work};
use crate::row_name::row_name;
use transfer::export::{Rows, Source};
use transfer::keys;

/// Rows of a page.
const PAGE: u64 = 2_000;

/// Rows that are named before they are deleted.
const MOST_NAMED: usize = 5;

/// Rows that are to be deleted, and what that would take along.
#[derive(Clone, Debug)]
pub struct PlannedDeletion {
    /// The rows, as far as they are there.
    pub rows: Arc<[SeenRow]>,
    /// What the first of them are called.
    pub labels: Vec<String>,
    /// What goes along.
    pub plan: DeletionPlan,
}

impl PlannedDeletion {
    /// Returns whether it means the same rows, unchanged, and takes the same along.
    #[must_use]
    pub fn is_as(&self, other: &Self) -> bool {
        let rows: HashSet<&SeenRow> = self.rows.iter().collect();
        // What is in the way may be deleted itself by what is staged: the database says whether it still is.
        let along = |planned: &'_ Self| {
            let all = planned.plan.consequences.clone().into_iter();
            all.filter(|it| it.rule != OnDelete::Restrict).collect::<Vec<_>>()
        };
        let (along, others) = (along(self), along(other));
        self.rows.len() == other.rows.len()
            && other.rows.iter().all(|row| rows.contains(row))
            && along.len() == others.len()
            && along.iter().zip(&others).all(|(one, other)| is_same(one, other))
    }
}

/// Returns whether the same rows go along, as far as they are counted and named.
fn is_same(one: &Consequence, other: &Consequence) -> bool {
    let described = |it: &Consequence| (it.entity.table, it.column.name, it.rule, it.count);
    let mut samples = one.samples.iter().zip(&other.samples);
    described(one) == described(other) && samples.all(|(one, other)| one.key == other.key)
}

/// Finds the rows from one to another; `None` where they are not found one after the other.
#[derive(Clone, Debug)]
pub struct FindBetween {
    /// The entity's table.
    pub table: &'static str,
    /// Of which rows, in which order.
    pub query: Query,
    /// The key of the first.
    pub first: RecordKey,
    /// The place of the first.
    pub place: Cursor,
    /// The key of the last.
    pub last: RecordKey,
    /// How many at most.
    pub limit: u64,
}

impl Task for FindBetween {
    type Output = Option<Vec<RecordKey>>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let Self { table, query, first, place, last, limit } = self;
        between(work.session()?, table, &query, (first, place), &last, limit)
    }
}

/// Finds out which of some rows are not found any more.
#[derive(Clone, Debug)]
pub struct FindGone {
    /// The entity's table.
    pub table: &'static str,
    /// What finds them.
    pub filter: Filter,
    /// Their keys.
    pub keys: Arc<HashSet<RecordKey>>,
}

impl Task for FindGone {
    type Output = HashSet<RecordKey>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        gone(work.session()?, self.table, &self.filter, &self.keys)
    }
}

/// Finds out what a deletion would take along; `None` where they are too many rows.
#[derive(Clone, Debug)]
pub struct PlanDeletion {
    /// The rows to delete.
    pub source: Source,
    /// How many at most.
    pub limit: u64,
}

impl Task for PlanDeletion {
    type Output = Option<PlannedDeletion>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        plan(work.catalog, work.session()?, &self.source, self.limit)
    }
}

/// Reads whole the rows of a deletion, unless they, or what goes along, are not any more what a person
/// has seen.
#[derive(Clone, Debug)]
pub struct ReadPlanned(pub PlannedDeletion);

/// What became of rows that are to be deleted since a person has seen them.
#[derive(Clone, Debug)]
pub enum ReadDeletion {
    /// They are not any more what was seen, or something else goes along: what would be deleted now, or
    /// `None` where they are too many rows.
    Other(Option<PlannedDeletion>),
    /// They are as they were seen.
    AsSeen {
        /// The rows and what goes along.
        seen: SeenDeletion,
        /// The rows, whole.
        rows: Vec<Record>,
    },
}

impl Task for ReadPlanned {
    type Output = ReadDeletion;

    fn run(self, work: &mut Work<'_>) -> Result<ReadDeletion> {
        let Self(shown) = self;
        let meta = shown.plan.entity;
        let keys: HashSet<RecordKey> = shown.rows.iter().map(|row| row.key.clone()).collect();
        let planned = plan_rows(work.catalog, work.session()?, meta, &keys)?;
        if !planned.as_ref().is_some_and(|planned| planned.is_as(&shown)) {
            return Ok(ReadDeletion::Other(planned));
        }
        let all: Vec<&RecordKey> = keys.iter().collect();
        let mut rows = Vec::with_capacity(keys.len());
        for some in all.chunks(keys::at_once(meta)) {
            let filter = Filter::keys(meta, some.iter().copied());
            let mut repository = work.session()?.repository(meta.table)?;
            rows.extend(repository.list(&<Query>::new().filter(filter))?);
        }
        let keys = Arc::new(keys);
        let seen = SeenDeletion { entity: meta, keys, along: shown.plan.consequences };
        Ok(ReadDeletion::AsSeen { seen, rows })
    }
}

impl Large for PlannedDeletion {
    fn rows(&self) -> usize {
        self.rows.len()
    }
}

impl Large for SeenDeletion {
    fn rows(&self) -> usize {
        self.keys.len()
    }
}

/// Rows that are to be deleted, and what a person has seen of what goes along with them.
#[derive(Clone, Debug)]
pub struct SeenDeletion {
    /// The entity.
    pub entity: &'static EntityMeta,
    /// The rows.
    pub keys: Arc<HashSet<RecordKey>>,
    /// What goes along.
    pub along: Vec<Consequence>,
}

impl SeenDeletion {
    /// Makes one of a row, of which nothing has been seen.
    #[must_use]
    pub fn new(entity: &'static EntityMeta, key: RecordKey) -> Self {
        Self { entity, keys: HashSet::from([key]).into(), along: Vec::new() }
    }

    /// Returns whether no more goes along than has been seen. What cannot be deleted the database refuses.
    fn has_seen(&self, now: &[Consequence]) -> bool {
        now.iter().filter(|it| it.rule != OnDelete::Restrict).all(|now| {
            let same = self.along.iter().filter(|seen| {
                let place = |it: &Consequence| (it.entity.table, it.column.name, it.rule);
                place(seen) == place(now)
            });
            let mut keys: HashSet<&RecordKey> = HashSet::new();
            let (mut rows, mut is_exact) = (0_u64, true);
            for seen in same {
                keys.extend(seen.samples.iter().map(|row| &row.key));
                match seen.count {
                    Count::Exactly(count) => rows += count,
                    Count::AtLeast(_) => is_exact = false,
                }
            }
            let (Count::Exactly(count) | Count::AtLeast(count)) = now.count;
            let are_known = now.samples.iter().all(|row| keys.contains(&row.key));
            are_known && (!is_exact || count <= rows)
        })
    }
}

/// Returns what goes along with rows that are to be deleted, as it is now and stays until the transaction's end:
/// rows that refer to these are not inserted any more. Where a person has not seen all of it, the deletion as
/// it is to be shown.
pub(super) fn along(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    deletion: &SeenDeletion,
) -> Result<std::result::Result<Vec<Consequence>, PlannedDeletion>> {
    let meta = deletion.entity;
    // In the order of the keys, so that two windows never wait for each other crosswise.
    let mut keys: Vec<&RecordKey> = deletion.keys.iter().collect();
    keys.sort_unstable();
    let mut repository = session.repository(meta.table)?;
    for some in keys.chunks(keys::at_once(meta)) {
        let filter = Filter::keys(meta, some.iter().copied());
        repository.list(&<Query>::new().filter(filter).preview(1).for_update())?;
    }
    drop(repository);
    let keys: Vec<RecordKey> = keys.into_iter().cloned().collect();
    let plan = deletion::plan(session, catalog.entries(), meta.table, &keys)?;
    if deletion.has_seen(&plan.consequences) {
        return Ok(Ok(plan.consequences));
    }
    let planned = plan_rows(catalog, session, meta, &deletion.keys)?;
    Ok(planned.map_or(Ok(plan.consequences), Err))
}

/// Reads the rows from one to another, in the query's order; `None` where the last does not follow.
fn between(
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

/// Returns those of some rows that the filter does not find any more.
fn gone(
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

/// Returns the rows to delete, and what that would take along; `None` where they are too many.
fn plan(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    source: &Source,
    limit: u64,
) -> Result<Option<PlannedDeletion>> {
    let meta = source.meta;
    let Some(rows) = listed(session, source, limit, SHOWN)? else { return Ok(None) };
    let mut keys: Vec<RecordKey> = rows.iter().map(|row| meta.key_of(row)).collect();
    // What goes along is named by the order of the keys, which is to be the same the next time.
    keys.sort_unstable();
    let labels = rows.iter().take(MOST_NAMED).map(|row| row_name(meta, row)).collect();
    let rows = with_lengths(session.repository(meta.table)?.as_mut(), rows)?;
    let rows = rows.iter().map(|row| row.seen(meta)).collect();
    let plan = deletion::plan(session, catalog.entries(), meta.table, &keys)?;
    Ok(Some(PlannedDeletion { rows, labels, plan }))
}

/// Plans the deletion of these rows, as far as they are there.
fn plan_rows(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    keys: &HashSet<RecordKey>,
) -> Result<Option<PlannedDeletion>> {
    let limit = keys.len() as u64;
    let source = Source { meta, query: Query::new(), rows: Rows::These(keys.clone().into()) };
    plan(catalog, session, &source, limit)
}

/// Reads the rows of a source, as far as they are there, with so many characters of each value;
/// `None` where they are too many.
pub(super) fn listed(
    session: &mut dyn DynSession,
    source: &Source,
    limit: u64,
    characters: u64,
) -> Result<Option<Vec<Record>>> {
    if source.known_count().is_some_and(|count| count > limit) {
        return Ok(None);
    }
    let Source { meta, query, rows } = source;
    let mut repository = session.repository(meta.table)?;
    let query = query.clone().preview(characters);
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
