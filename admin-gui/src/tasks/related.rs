//! The rows that belong to a record.

use persistence::{
    Catalog, Comparison, DynSession, EntityMeta, Filter, Lengths, PageStart, Query, Record,
    RecordKey, Result, Value,
};

use super::labels::{Labels, labels};
use super::listed::{ListedRow, SHOWN};
use crate::jobs::{Task, Work};
use crate::relations::{Count, RelatedRow, RelatedRows, RelatedTo, Way, relations};
use crate::row_name::{by_key, row_name};

/// Related rows are counted up to so many.
const COUNTED: u64 = 1_000;

/// Finds the rows that belong to a record, and says which record that is.
#[derive(Clone, Debug)]
pub struct FindRelated {
    /// The record's table.
    pub table: &'static str,
    /// The record.
    pub record: Record,
    /// The place among its [relations].
    pub relation: usize,
    /// How many rows at most.
    pub size: u64,
    /// Whether they are to be edited: then they come with what they refer to.
    pub are_edited: bool,
}

/// The rows that belong to a record.
#[derive(Clone, Debug)]
pub struct FoundRelated {
    /// The record's primary key.
    pub of: RecordKey,
    /// The rows.
    pub rows: RelatedRows,
    /// What they refer to, where they are to be edited.
    pub labels: Labels,
}

impl Task for FindRelated {
    type Output = FoundRelated;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let catalog = work.catalog;
        let of = catalog.entry(self.table)?.meta.key_of(&self.record);
        let rows = related(catalog, work.session()?, &self)?;
        let mut found = Labels::default();
        if self.are_edited {
            let records = rows.rows.iter().filter_map(|row| row.record.clone()).collect::<Vec<_>>();
            let target = relations(catalog.entry(self.table)?.meta, catalog.entries());
            if let Some(target) = target.get(self.relation).map(|relation| relation.target) {
                found = labels(catalog, work.session()?, target, &records)?;
            }
        }
        Ok(FoundRelated { of, rows, labels: found })
    }
}

/// Reads the first `size` rows of a record's relation, and how many there are. `relation` is the
/// place among [`relations`].
fn related(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    find: &FindRelated,
) -> Result<RelatedRows> {
    let FindRelated { table, record, relation, size, .. } = find;
    let meta = catalog.entry(table)?.meta;
    let found = relations(meta, catalog.entries());
    let Some(relation) = found.get(*relation) else { return Ok(RelatedRows::default()) };
    let filter = match relation.filter(meta, record) {
        Some(filter) => filter,
        None => match relation.way {
            Way::Through { through, from, to } => {
                let own = meta.key.first().map(|&position| record.value(position).clone());
                keys_through(session, relation, through.meta(), from, to, own.unwrap_or_default())?
            }
            Way::BelongsTo { .. } | Way::Has { .. } => return Ok(RelatedRows::default()),
        },
    };
    let query = <Query>::new().filter(filter.clone()).order(relation.order.clone());
    let query = query.preview(SHOWN);
    let mut repository = session.repository(relation.target.table)?;
    let page = repository.page(&query, &PageStart::First, *size)?;
    let first = u64::try_from(page.rows.len()).unwrap_or(u64::MAX);
    let count = if page.next.is_none() {
        Count::Exactly(first)
    } else {
        let stride = repository.stride(&query, None, COUNTED + 1)?;
        match stride.end {
            Some(_) => Count::MoreThan(COUNTED),
            None => Count::Exactly(stride.rows),
        }
    };
    drop(repository);
    let rows = named(catalog, session, relation, &page.rows)?;
    Ok(RelatedRows { rows, count, filter: Some(filter) })
}

/// Returns the filter of rows that a third entity links with a key, where their own entity has no
/// relation back: by their keys.
fn keys_through(
    session: &mut dyn DynSession,
    relation: &RelatedTo,
    through: &EntityMeta,
    from: usize,
    to: usize,
    own: Value,
) -> Result<Filter> {
    let (Some(from), Some(key)) = (through.columns.get(from), relation.target.key_columns().next())
    else {
        return Ok(Filter::Or(Vec::new()));
    };
    let filter = Filter::compare(from.name, Comparison::Equal, own);
    let query = <Query>::new().filter(filter).limit(COUNTED + 1);
    let links = session.repository(through.table)?.list(&query)?;
    let values = links.iter().map(|link| link.value(to).clone()).collect();
    Ok(Filter::In { column: key.name.into(), values })
}

/// Returns rows by what names them: a row that only links others is named by those.
fn named(
    catalog: &Catalog,
    session: &mut dyn DynSession,
    relation: &RelatedTo,
    records: &[Record],
) -> Result<Vec<RelatedRow>> {
    let target = relation.target;
    let back = match relation.way {
        Way::Has { column, .. } => Some(column),
        Way::BelongsTo { .. } | Way::Through { .. } => None,
    };
    let refers = |position: usize| {
        target.columns.get(position).is_some_and(|column| column.references.is_some())
    };
    let is_link = refers(target.label) || target.key.contains(&target.label);
    let columns: Vec<usize> = (0..target.columns.len())
        .filter(|&position| refers(position) && Some(position) != back)
        .collect();
    let labels = if is_link && !columns.is_empty() {
        Some(labels(catalog, session, target, records)?)
    } else {
        None
    };
    let name = |record: &Record| {
        let parts: Vec<&str> = labels
            .iter()
            .flat_map(|labels| {
                columns.iter().filter_map(|&column| labels.get(column, record.value(column)))
            })
            .collect();
        if parts.is_empty() {
            if is_link { by_key(target.label_of(record)) } else { row_name(target, record) }
        } else {
            parts.join(" · ")
        }
    };
    Ok(records
        .iter()
        .map(|record| RelatedRow {
            key: target.key_of(record),
            label: name(record),
            record: ListedRow::cut(target, record.clone(), &Lengths::default()).whole().cloned(),
        })
        .collect())
}
