//! A query's rows, however many, with bounded memory.

use std::collections::{HashMap, HashSet};

use persistence::{
    Catalog, DynSession, EntityMeta, Filter, Page, PageStart, Query, Record, RecordKey, Value,
};

use crate::output::{Labels, Shape};

/// Rows read at a time.
const ROWS_A_PAGE: u64 = 1000;
/// Labels asked for at a time: every engine takes so many values.
const LABELS_A_QUERY: usize = 500;

/// Hands out the rows of a query one by one, read in pages by key within one transaction. Stops at
/// the first error of `each`.
///
/// # Errors
/// When the database cannot be read, and those of `each`.
pub fn for_each_row(
    catalog: &Catalog,
    meta: &'static EntityMeta,
    shape: &Shape,
    query: &Query,
    mut each: impl FnMut(&[Value]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut session = catalog.session()?;
    let mut left = query.limit.unwrap_or(u64::MAX);
    let mut start = PageStart::First;
    while left > 0 {
        let size = left.min(ROWS_A_PAGE);
        let Page { rows, next, .. } = session.repository(meta.table)?.page(query, &start, size)?;
        let labels = labels_of(&mut *session, meta, shape, &rows)?;
        for row in &rows {
            each(&shape.row(row, &labels))?;
        }
        left = left.saturating_sub(rows.len() as u64);
        match next {
            Some(next) => start = next,
            None => break,
        }
    }
    Ok(())
}

/// The labels of the rows that these rows' foreign keys point to, one query an entity and page.
fn labels_of(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    shape: &Shape,
    rows: &[Record],
) -> persistence::Result<Labels> {
    let mut all = HashMap::new();
    for position in shape.labelled() {
        let Some(reference) =
            meta.columns.get(position).and_then(|column| column.references.as_ref())
        else {
            continue;
        };
        let target = (reference.entity)();
        let wanted: HashSet<&Value> =
            rows.iter().map(|row| row.value(position)).filter(|value| !value.is_null()).collect();
        let wanted: Vec<Value> = wanted.into_iter().cloned().collect();
        let mut labels = HashMap::with_capacity(wanted.len());
        for values in wanted.chunks(LABELS_A_QUERY) {
            let found = rows_with(session, target, key_column(target), values.to_vec())?;
            labels.extend(found.iter().filter_map(|row| {
                let RecordKey(key) = target.key_of(row);
                Some((key.into_iter().next()?, target.label_of(row)))
            }));
        }
        all.insert(position, labels);
    }
    Ok(all)
}

/// The name of the one column of a primary key that is referred to.
pub fn key_column(meta: &EntityMeta) -> &'static str {
    meta.key_columns().next().map_or("", |column| column.name)
}

/// The rows whose column has one of the values.
///
/// # Errors
/// When the database cannot be read.
pub fn rows_with(
    session: &mut dyn DynSession,
    meta: &'static EntityMeta,
    column: &'static str,
    values: Vec<Value>,
) -> persistence::Result<Vec<Record>> {
    let mut query = Query::new();
    query.filter = Filter::In { column: column.into(), values };
    session.repository(meta.table)?.list(&query)
}
