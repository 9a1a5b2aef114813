//! Reading the related rows of many rows at once.

use std::collections::{HashMap, HashSet};

use super::by_name::ErasedEntity;
use super::{Key, Session};
use crate::backend::Engine;
use crate::entity::{Entity, EntityId};
use crate::error::Result;
use crate::order::Order;
use crate::reference::Slot;
use crate::relation::{RelationKind, RelationMeta};
use crate::value::{Record, Value};

/// The entity that a relation leads to, and the one whose rows link it.
pub(crate) type Targets<'e, C> = (&'e dyn ErasedEntity<C>, Option<&'e dyn ErasedEntity<C>>);

/// Reads the rows that a relation leads to from these; returns them, each once.
pub(crate) fn include<C: Engine>(
    session: &mut Session<C>,
    relation: &'static RelationMeta,
    (target, through): Targets<'_, C>,
    rows: &[Slot],
) -> Result<Vec<Slot>> {
    match (relation.kind, through) {
        (RelationKind::BelongsTo { column }, _) => {
            include_parents(session, relation, (target, column), rows)
        }
        (RelationKind::HasOne { column } | RelationKind::HasMany { column }, _) => {
            include_children(session, relation, (target, column), rows)
        }
        (RelationKind::ManyToMany { from, to, .. }, Some(through)) => {
            include_linked(session, relation, target, (through, from, to), rows)
        }
        (RelationKind::ManyToMany { .. }, None) => Ok(Vec::new()),
    }
}

/// Includes related rows as `include` does, for rows whose entities the compiler knows.
pub(crate) fn include_typed<C: Engine, E: Entity, F: Entity>(
    session: &mut Session<C>,
    relation: &str,
    targets: Targets<'_, C>,
    rows: &[Key<E>],
) -> Result<Vec<Key<F>>> {
    let relation = E::meta().relation(relation).expect("a relation is one of its entity's");
    let rows: Vec<Slot> = rows.iter().map(|row| row.slot()).collect();
    let included = include(session, relation, targets, &rows)?;
    Ok(included.into_iter().map(Key::of_slot).collect())
}

/// Returns the position of the column by which others refer to the rows of an entity.
fn key_column<C: Engine>(entity: &dyn ErasedEntity<C>) -> usize {
    entity.meta().key.first().copied().unwrap_or(0)
}

/// Returns the values by which the database finds what refers to the rows.
fn keys<C: Engine>(session: &Session<C>, rows: &[Slot]) -> Vec<(Slot, Value)> {
    let key = |row: &Slot| {
        let column = row.entity.meta().key.first().copied().unwrap_or(0);
        Some((*row, session.base_value(*row, column)?))
    };
    rows.iter().filter_map(key).collect()
}

impl<C: Engine> Session<C> {
    /// Returns a column's value of a row as the session has it.
    fn value(&self, row: Slot, column: usize) -> Option<Value> {
        self.rows_with(row).ok()?.value(row.row, column)
    }

    /// Returns a column's value of a row as the database has it.
    fn base_value(&self, row: Slot, column: usize) -> Option<Value> {
        self.rows_with(row).ok()?.base_value(row.row, column)
    }
}

/// Returns each row once, where it comes first.
fn distinct(mut rows: Vec<Slot>) -> Vec<Slot> {
    let mut known = HashSet::with_capacity(rows.len());
    rows.retain(|&row| known.insert(row));
    rows
}

/// Reads the rows that these refer to in a column.
fn include_parents<C: Engine>(
    session: &mut Session<C>,
    relation: &'static RelationMeta,
    (target, column): (&dyn ErasedEntity<C>, usize),
    rows: &[Slot],
) -> Result<Vec<Slot>> {
    let key = key_column(target);
    let value = |row: &Slot| Some((*row, session.value(*row, column)?));
    let wanted: Vec<(Slot, Value)> = rows.iter().filter_map(value).collect();
    let values = wanted.iter().map(|(_, value)| value.clone()).collect();
    let found = target.all_with(session, key, &Order::default(), values)?;
    let found: HashMap<Value, Slot> = found
        .into_iter()
        .filter_map(|parent| Some((session.base_value(parent, key)?, parent)))
        .collect();
    let of = EntityId::new(target.meta());
    // The session finds them by the foreign key; what is not found is hidden.
    for (row, _) in wanted.iter().filter(|(_, value)| !found.contains_key(value)) {
        session.set_included(*row, relation.name, (of, Vec::new()));
    }
    let reached = wanted.iter().filter_map(|(_, value)| found.get(value).copied());
    Ok(distinct(reached.collect()))
}

/// Reads the rows that refer to these in a column.
fn include_children<C: Engine>(
    session: &mut Session<C>,
    relation: &'static RelationMeta,
    (target, column): (&dyn ErasedEntity<C>, usize),
    rows: &[Slot],
) -> Result<Vec<Slot>> {
    let parents = keys(session, rows);
    let wanted = parents.iter().map(|(_, key)| key.clone()).collect();
    let found = target.all_with(session, column, &relation.order(), wanted)?;
    let mut children: HashMap<Value, Vec<Slot>> = HashMap::new();
    for &child in &found {
        let parent = session.base_value(child, column);
        children.entry(parent.unwrap_or_default()).or_default().push(child);
    }
    let of = EntityId::new(target.meta());
    for (row, key) in parents {
        let children = children.get(&key).cloned().unwrap_or_default();
        session.set_included(row, relation.name, (of, children));
    }
    Ok(found)
}

/// Reads the rows that others link to these.
fn include_linked<C: Engine>(
    session: &mut Session<C>,
    relation: &'static RelationMeta,
    target: &dyn ErasedEntity<C>,
    (through, from, to): (&dyn ErasedEntity<C>, usize, usize),
    rows: &[Slot],
) -> Result<Vec<Slot>> {
    let sources = keys(session, rows);
    let wanted = sources.iter().map(|(_, key)| key.clone()).collect();
    let links = through.all_with(session, from, &Order::default(), wanted)?;
    let values =
        |link| Some((session.base_value(link, from)?, session.base_value(link, to)?, link));
    let links: Vec<(Value, Value, Slot)> = links.into_iter().filter_map(values).collect();

    let (meta, key) = (target.meta(), key_column(target));
    let order = relation.order().resolve(meta)?;
    let wanted = links.iter().map(|(_, to, _)| to.clone()).collect();
    let mut targets = target.all_with(session, key, &order, wanted)?;
    // They may have come in several statements.
    let row = |row: Slot| {
        let record = session.rows_with(row).ok().and_then(|rows| rows.record(row.row));
        record.unwrap_or(Record(Vec::new()))
    };
    targets.sort_by(|&a, &b| order.compare(meta, &row(a), &row(b)));
    let places: HashMap<Value, usize> = targets
        .iter()
        .enumerate()
        .filter_map(|(place, &target)| Some((session.base_value(target, key)?, place)))
        .collect();

    let mut related: HashMap<Value, Vec<(usize, Slot)>> = HashMap::new();
    for (from, to, link) in links {
        if let Some(&place) = places.get(&to) {
            related.entry(from).or_default().push((place, link));
        }
    }
    let of = EntityId::new(through.meta());
    for (row, key) in sources {
        let mut links = related.get(&key).cloned().unwrap_or_default();
        links.sort_by_key(|(place, _)| *place);
        let links = links.into_iter().map(|(_, link)| link).collect();
        session.set_included(row, relation.name, (of, links));
    }
    Ok(distinct(targets))
}

/// Relates two rows of which each has one of the other at most.
pub(crate) fn relate_one<C: Engine>(
    session: &mut Session<C>,
    relation: &'static str,
    column: usize,
    (from, to): (Slot, Slot),
) -> Result<()> {
    // The one it had, where the session knows it, makes room.
    if let Ok(known) = session.related_slots(from, relation)
        && let Some(&known) = known.first()
        && known != to
    {
        session.part(known, column, from)?;
    }
    session.refer(to, column, from)
}
