//! Reading the related rows of many rows at once.

use std::collections::{HashMap, HashSet};

use crate::backend::Dialect;
use crate::entity::Entity;
use crate::error::Result;
use crate::filter::Filter;
use crate::order::Order;
use crate::query::Query;
use crate::repository::Repository;
use crate::scalar::PrimaryKey;
use crate::session::{Key, Session};
use crate::store::Store;
use crate::value::Value;

/// Keys asked for in one statement, where the engine takes as many.
const MOST_KEYS: usize = 5_000;

pub(super) fn first_value<K: PrimaryKey>(key: &K) -> Value {
    key.to_record_key().0.into_iter().next().unwrap_or_default()
}

/// The values of a column, where it is not NULL or where it is.
pub(super) fn values<C: Store<E>, E: Entity>(
    session: &Session<C>,
    rows: &[Key<E>],
    column: usize,
) -> Vec<(Key<E>, Value)> {
    rows.iter().filter_map(|&row| Some((row, session.row(row)?.value(column)))).collect()
}

/// The values of the first key column, by which the database finds what refers to the rows.
pub(super) fn keys<C: Store<E>, E: Entity>(
    session: &Session<C>,
    rows: &[Key<E>],
) -> Vec<(Key<E>, Value)> {
    rows.iter().filter_map(|&row| Some((row, first_value(&session.base(row)?.key())))).collect()
}

/// Each key once, where it comes first.
pub(super) fn distinct<E: Entity>(mut keys: Vec<Key<E>>) -> Vec<Key<E>> {
    let mut known = HashSet::with_capacity(keys.len());
    keys.retain(|&key| known.insert(key));
    keys
}

/// The rows whose column has one of the values. Rows that share a value come in that order, those
/// that do not in any.
pub(super) fn load_by<C: Store<E>, E: Entity>(
    session: &mut Session<C>,
    column: usize,
    order: &Order,
    values: impl Iterator<Item = Value>,
) -> Result<Vec<Key<E>>> {
    let name = E::meta().columns.get(column).map_or("", |column| column.name);
    let mut values: Vec<Value> = values.filter(|value| !value.is_null()).collect();
    values.sort();
    values.dedup();
    let mut keys = Vec::new();
    for values in values.chunks(MOST_KEYS.min(C::Backend::MAX_BINDS)) {
        let mut query = Query::<E>::new();
        query.filter = Filter::In { column: name.into(), values: values.to_vec() };
        query.order = order.clone();
        let rows = session.list(&query)?;
        keys.extend(session.loaded_all(rows));
    }
    Ok(keys)
}

/// Reads the rows that refer to these in a column.
pub(super) fn load_children<C: Store<P> + Store<E>, P: Entity, E: Entity>(
    session: &mut Session<C>,
    relation: &'static str,
    column: usize,
    rows: &[Key<P>],
) -> Result<Vec<Key<E>>> {
    let order = P::meta().relation(relation).map(super::RelationMeta::order).unwrap_or_default();
    let parents = keys(session, rows);
    let wanted = parents.iter().map(|(_, key)| key.clone());
    let found = load_by::<C, E>(session, column, &order, wanted)?;
    let mut children: HashMap<Value, Vec<Key<E>>> = HashMap::new();
    for &child in &found {
        let parent = session.base(child).map(|child| child.value(column));
        children.entry(parent.unwrap_or_default()).or_default().push(child);
    }
    for (row, key) in parents {
        session.set_included(row, relation, children.get(&key).map_or(&[][..], Vec::as_slice));
    }
    Ok(found)
}
