//! What deleting rows would take along, before it does.

use std::collections::VecDeque;

use super::{Key, Session};
use crate::backend::Engine;
use crate::deletion::{Consequence, Count, DeletionPlan};
use crate::entity::{ColumnMeta, Entity, EntityMeta, OnDelete};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::order::Order;
use crate::relation::RelationKind;
use crate::store::{Store, table};
use crate::value::Value;

/// Rows that are counted of one foreign key; there may be more.
const MOST_COUNTED: u64 = 10_000;
/// How far cascades are followed.
const MOST_STEPS: usize = 16;

impl<C: Engine> Session<C> {
    /// Finds out what deleting these rows would take along, by the relations that their entities
    /// declare (`has_many`, `has_one`, `many_to_many`) and from there on. Nothing is deleted.
    ///
    /// Each foreign key is counted by one query, up to 10,000 rows, 16 cascades deep; a row that
    /// can be reached in two ways is counted twice. Rows are not named: a
    /// [catalog](crate::deletion::plan) does that.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a row is not in the session; when the database cannot be read.
    pub fn plan_deletion<E: Entity>(
        &mut self,
        rows: impl IntoIterator<Item = Key<E>>,
    ) -> Result<DeletionPlan>
    where
        C: Store<E>,
    {
        self.before_reading()?;
        let mut keys: Vec<Value> = Vec::new();
        let mut count = 0;
        for row in rows {
            self.known(row)?;
            count += 1;
            keys.extend(self.rows_with(row.slot())?.value_to_refer_by(row.row));
        }
        let mut consequences: Vec<Consequence> = Vec::new();
        let mut parents: VecDeque<(&'static EntityMeta, Option<Filter>, usize)> = VecDeque::new();
        // Marking rows as deleted is nothing to those that refer to them.
        if E::meta().deleted().is_none() {
            parents.push_back((E::meta(), None, 0));
        }
        while let Some((parent, deleted, steps)) = parents.pop_front() {
            for (child, column) in children(parent) {
                let Some((filter, found)) =
                    self.rows_referring((child, column), deleted.as_ref(), &keys)?
                else {
                    continue;
                };
                let rule = note(&mut consequences, parent, (child, column), found);
                if rule == Some(OnDelete::Cascade) && steps < MOST_STEPS {
                    parents.push_back((child, Some(filter), steps + 1));
                }
            }
        }
        Ok(DeletionPlan { entity: E::meta(), rows: count, consequences })
    }

    /// Makes the filter of the rows that refer to deleted ones in a column, and counts them; `None`
    /// where there are none.
    fn rows_referring(
        &mut self,
        (child, column): (&'static EntityMeta, usize),
        deleted: Option<&Filter>,
        keys: &[Value],
    ) -> Result<Option<(Filter, u64)>> {
        let filter = match deleted {
            None => {
                let name = child.columns.get(column).map_or("", |column| column.name);
                Filter::In { column: name.into(), values: keys.to_vec() }
            }
            Some(deleted) => {
                let back = child.relations.iter().find(|relation| {
                    matches!(relation.kind, RelationKind::BelongsTo { column: of } if of == column)
                });
                let Some(back) = back else { return Ok(None) };
                Filter::related(back.name, deleted.clone())
            }
        };
        // The database does not know that some of them are only marked as deleted.
        let filter = filter.with_deleted(child);
        let resolved = filter.clone().resolve(child).map_err(Error::from)?;
        let found = self.read(child, |connection| {
            table::count_up_to(connection, child, &resolved, &Order::default(), MOST_COUNTED + 1)
        })?;
        Ok((found > 0).then_some((filter, found)))
    }
}

/// Returns the entities whose rows refer to those of another, with the column in which they do.
fn children(parent: &'static EntityMeta) -> Vec<(&'static EntityMeta, usize)> {
    let mut found: Vec<(&'static EntityMeta, usize)> = Vec::new();
    for relation in parent.relations {
        let child = match relation.kind {
            RelationKind::BelongsTo { .. } => continue,
            RelationKind::HasOne { column } | RelationKind::HasMany { column } => {
                (relation.target.meta(), column)
            }
            RelationKind::ManyToMany { through, from, .. } => (through.meta(), from),
        };
        let is_known = |(meta, column): &(&EntityMeta, usize)| {
            (meta.table, *column) == (child.0.table, child.1)
        };
        if !found.iter().any(is_known) {
            found.push(child);
        }
    }
    found
}

/// Adds rows to the plan; returns what becomes of them.
fn note(
    consequences: &mut Vec<Consequence>,
    referred: &'static EntityMeta,
    (entity, column): (&'static EntityMeta, usize),
    found: u64,
) -> Option<OnDelete> {
    let column: &'static ColumnMeta = entity.columns.get(column)?;
    let rule = column.references.as_ref()?.on_delete;
    let known = consequences
        .iter_mut()
        .find(|known| known.entity.table == entity.table && known.column.name == column.name);
    let total = known.as_ref().map_or(0, |known| known.count.number()) + found;
    let count =
        if total > MOST_COUNTED { Count::AtLeast(MOST_COUNTED) } else { Count::Exactly(total) };
    match known {
        Some(known) => known.count = count,
        None => consequences.push(Consequence {
            entity,
            column,
            referred,
            rule,
            count,
            samples: Vec::new(),
        }),
    }
    Some(rule)
}
