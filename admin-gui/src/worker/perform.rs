//! What the worker's thread does for each request.

use std::collections::{HashMap, HashSet};

use persistence::{
    Catalog, Comparison, DynSession, EntityMeta, Error, Filter, Order, PageStart, Query, Record,
    Result, TextMatch, Value,
};

use super::change::Change;
use super::listed::{SHOWN, SeenRow, with_lengths};
use super::request::{Answer, Choice, Labels, Lane, Request, Rows};
use super::running::Running;

use crate::row_name::{label, row_name};

/// Answers a request from a session of its own, committed if it wrote.
pub(super) fn perform(
    catalog: &Catalog,
    lane: Lane,
    request: Request,
    running: &Running,
) -> Result<Answer> {
    let writes = request.writes();
    let mut session = if writes { catalog.writing_session()? } else { catalog.session()? };
    if request.may_take_long() {
        running.begin(lane, session.canceller()?);
    }
    let answer = answer(catalog, session.as_mut(), request)?;
    if writes {
        session.commit()?;
    }
    Ok(answer)
}

fn answer(catalog: &Catalog, session: &mut dyn DynSession, request: Request) -> Result<Answer> {
    Ok(match request {
        Request::Count { table, filter } => {
            Answer::Count(session.repository(table)?.count(&filter)?)
        }
        Request::Estimate { table } => {
            Answer::Estimate(session.repository(table)?.estimate(&Filter::All)?)
        }
        Request::Survey { table, filter, walk } => {
            let mut repository = session.repository(table)?;
            Answer::Surveyed(super::survey::survey(repository.as_mut(), filter, walk)?)
        }
        Request::Rows { table, query, start, size } => {
            Answer::Rows(rows(catalog, session, table, &query, &start, size)?)
        }
        Request::Find { table, key } => {
            let found = session.repository(table)?.find(&key)?;
            Answer::Found(match found {
                Some(record) => {
                    let meta = catalog.entry(table)?.meta;
                    let labels = labels(catalog, session, meta, std::slice::from_ref(&record))?;
                    Some((record, labels))
                }
                None => None,
            })
        }
        Request::Choices { table, text, size } => {
            Answer::Choices(choices(session, table, &text, size)?)
        }
        Request::Labels { table, records } => {
            let meta = catalog.entry(table)?.meta;
            Answer::Labels(labels(catalog, session, meta, &records)?)
        }
        Request::Defaults { table } => {
            let meta = catalog.entry(table)?.meta;
            let mut defaults = Record(vec![Value::Null; meta.columns.len()]);
            for (position, value) in catalog.defaults(meta)? {
                defaults.set(position, value);
            }
            let labels = labels(catalog, session, meta, std::slice::from_ref(&defaults))?;
            Answer::Defaults(defaults, labels)
        }
        Request::Distinct { table, column, filter, size } => {
            distinct(catalog, session, table, column, &filter, size)?
        }
        Request::Related { table, record, relation, size } => {
            let rows = super::related::related(catalog, session, table, &record, relation, size)?;
            Answer::Related(catalog.entry(table)?.meta.key_of(&record), rows)
        }
        Request::Growth { table, column } => {
            let mut repository = session.repository(table)?;
            Answer::Growth(super::figures::growth(repository.as_mut(), column)?)
        }
        Request::NullRates { table } => {
            let mut repository = session.repository(table)?;
            Answer::NullRates(super::figures::null_rates(repository.as_mut())?)
        }
        Request::Statistics { table, column, filter } => {
            let figures = super::figures::statistics(catalog, session, table, column, &filter)?;
            Answer::Statistics(figures)
        }
        Request::Images(places) => Answer::Images(super::images::images(session, places)?),
        Request::Explain { origin } => {
            Answer::Explained(super::figures::explain(catalog, session, &origin)?)
        }
        Request::Insert { table, record } => {
            let stored = session.repository(table)?.insert(record)?;
            let change = Change::Inserted(stored.clone());
            Answer::Saved { table, stored, change }
        }
        Request::Update { table, base, mine } => {
            let mut repository = session.repository(table)?;
            let mut stored = repository.update_from(&base, mine)?;
            let meta = repository.meta();
            // The database may have rounded what it was given, or a trigger changed it; and without
            // a version the other columns may hold by now what somebody else has written.
            if let Some(now) = repository.find(&meta.key_of(&stored))? {
                stored = now;
            }
            let change = Change::Updated { before: base, after: stored.clone() };
            Answer::Saved { table, stored, change }
        }
        Request::Between { table, query, first, place, last, limit } => {
            let first = (first, place);
            let found = super::selected::between(session, table, &query, first, &last, limit)?;
            Answer::Between(found)
        }
        Request::Remaining { table, filter, keys } => {
            Answer::Gone(super::selected::gone(session, table, &filter, &keys)?)
        }
        Request::PlanDeletion { source, limit } => {
            Answer::DeletionPlan(super::selected::plan(catalog, session, &source, limit)?)
        }
        Request::Delete(shown) => {
            let planned = super::selected::plan_again(catalog, session, &shown)?;
            if !planned.as_ref().is_some_and(|planned| planned.is_as(&shown)) {
                return Ok(Answer::DeletionPlan(planned));
            }
            let table = shown.plan.entity.table;
            let mut repository = session.repository(table)?;
            let (mut rows, mut count) = (Vec::new(), 0);
            for SeenRow { key, .. } in &shown.rows {
                let row = repository.find(key)?;
                match repository.delete(key) {
                    // Gone with another row of the list.
                    Ok(()) => {
                        count += 1;
                        rows.extend(row);
                    }
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Answer::Deleted { table, count, rows }
        }
    })
}

fn rows(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    table: &'static str,
    query: &Query,
    start: &PageStart,
    size: u64,
) -> Result<Rows> {
    let mut repository = session.repository(table)?;
    let meta = repository.meta();
    let page = repository.page(&query.clone().preview(SHOWN), start, size)?;
    drop(repository);
    let labels = labels(catalog, session, meta, &page.rows)?;
    let rows = with_lengths(session.repository(table)?.as_mut(), page.rows)?;
    Ok(Rows { rows, labels, has_next: page.next.is_some() })
}

/// The labels of everything the rows refer to: one query a referenced entity.
pub(super) fn labels(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    meta: &EntityMeta,
    records: &[Record],
) -> Result<Labels> {
    let mut wanted: HashMap<&'static str, (&'static EntityMeta, HashSet<Value>)> = HashMap::new();
    let references =
        meta.columns.iter().enumerate().filter_map(|(position, column)| {
            Some((position, (column.references.as_ref()?.entity)()))
        });
    for (position, target) in references.clone() {
        let keys = records.iter().map(|record| record.value(position));
        let (_, values) = wanted.entry(target.table).or_insert_with(|| (target, HashSet::new()));
        values.extend(keys.filter(|key| !key.is_null()).cloned());
    }
    let mut found = HashMap::new();
    for (table, (target, values)) in wanted {
        // What is not registered with the admin is shown by its key.
        if values.is_empty() || catalog.entry(table).is_err() {
            continue;
        }
        let Some((key, key_position)) =
            target.key_columns().next().map(|column| column.name).zip(target.key.first())
        else {
            continue;
        };
        let filter = Filter::In { column: key.into(), values: values.into_iter().collect() };
        let rows =
            session.repository(table)?.list(&<Query>::new().filter(filter).preview(SHOWN))?;
        let by_key: HashMap<Value, String> = rows
            .iter()
            .filter_map(|row| Some((row.value(*key_position).clone(), label(target, row)?)))
            .collect();
        found.insert(table, by_key);
    }
    let mut labels = Labels::default();
    for (position, target) in references {
        if let Some(by_key) = found.get(target.table) {
            labels.insert(position, by_key.clone());
        }
    }
    Ok(labels)
}

/// The values of a column and what they refer to.
fn distinct(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    table: &'static str,
    column: &str,
    filter: &Filter,
    size: u64,
) -> Result<Answer> {
    let mut repository = session.repository(table)?;
    let meta = repository.meta();
    let values = repository.distinct(column, filter, size)?;
    drop(repository);
    let position = meta.position(column).unwrap_or_default();
    let records: Vec<_> = values
        .iter()
        .map(|(value, _)| {
            let mut record = Record(vec![Value::Null; meta.columns.len()]);
            record.set(position, value.clone());
            record
        })
        .collect();
    let labels = labels(catalog, session, meta, &records)?;
    Ok(Answer::Distinct(values, labels))
}

/// Rows whose label contains the text, those that start with it first; a number finds a key, too.
fn choices(
    session: &mut dyn DynSession,
    table: &'static str,
    text: &str,
    size: u64,
) -> Result<Vec<Choice>> {
    let mut repository = session.repository(table)?;
    let meta = repository.meta();
    let (Some(label), Some(&key)) = (meta.columns.get(meta.label), meta.key.first()) else {
        return Ok(Vec::new());
    };
    let by_label = Order::parse(meta, label.name)?;
    let text = text.trim();
    let mut found: Vec<Choice> = Vec::new();
    for filter in choice_filters(meta, text) {
        let query =
            <Query>::new().filter(filter).order(by_label.clone()).limit(size).preview(SHOWN);
        for row in repository.list(&query)? {
            let choice = Choice { key: row.value(key).clone(), label: row_name(meta, &row) };
            if !found.contains(&choice) {
                found.push(choice);
            }
        }
        if u64::try_from(found.len()).is_ok_and(|length| length >= size) {
            break;
        }
    }
    found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    Ok(found)
}

/// The filters to try one after another until enough is found.
fn choice_filters(meta: &EntityMeta, text: &str) -> Vec<Filter> {
    if text.is_empty() {
        return vec![Filter::All];
    }
    let mut filters = Vec::new();
    if let Some(key) = meta.key_columns().next()
        && let Ok(value) = key.column_type.parse(text)
        && !key.column_type.is_text()
    {
        filters.push(Filter::compare(key.name, Comparison::Equal, value));
    }
    if let Some(label) = meta.columns.get(meta.label) {
        if label.column_type.is_text() {
            for operator in [TextMatch::StartsWith, TextMatch::Contains] {
                filters.push(Filter::Text {
                    column: label.name.into(),
                    operator,
                    pattern: text.to_owned(),
                });
            }
        } else if let Ok(value) = label.column_type.parse(text) {
            filters.push(Filter::compare(label.name, Comparison::Equal, value));
        }
    }
    filters
}
