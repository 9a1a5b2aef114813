//! What a flush would write, as data and as SQL.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use super::Session;
use super::flush::cascade;
use super::identity_map::{AllRows, Rows, State, changes};
use super::rows::AnyRows;
use crate::backend::Engine;
use crate::edit::{ColumnEdit, Edit, EditKind, Literal, Name, NewValue};
use crate::entity::{ColumnMeta, Draft as _, Entity, EntityId, EntityMeta, Given};
use crate::filter::Filter;
use crate::scalar::PrimaryKey as _;
use crate::store::Store;
use crate::value::{Record, Value};

/// One row that a flush would write or has written, or a bulk statement. Its `Display` is the
/// statement, for people: names and values are written out.
#[derive(Clone, Debug)]
pub struct Change {
    /// The entity whose row it is.
    pub entity: &'static EntityMeta,
    /// What happens.
    pub kind: ChangeKind,
}

/// What is written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChangeKind {
    /// One row is inserted, updated or deleted.
    Row(Edit),
    /// Rows that a filter finds are updated by one statement; what they were is not known.
    UpdateWhere {
        /// Which rows.
        filter: Filter,
        /// The columns that are set.
        columns: Vec<(&'static ColumnMeta, Value)>,
        /// How many there were.
        rows: u64,
    },
    /// Rows that a filter finds are deleted by one statement; what they were is not known.
    DeleteWhere {
        /// Which rows.
        filter: Filter,
        /// How many there were.
        rows: u64,
    },
}

impl Change {
    pub(super) const fn of_row(entity: &'static EntityMeta, kind: EditKind) -> Self {
        Self { entity, kind: ChangeKind::Row(Edit { table: Cow::Borrowed(entity.table), kind }) }
    }

    pub(super) fn into_edit(self) -> Option<Edit> {
        match self.kind {
            ChangeKind::Row(edit) => Some(edit),
            ChangeKind::UpdateWhere { .. } | ChangeKind::DeleteWhere { .. } => None,
        }
    }

    /// Returns the edit, where it is of one row.
    #[must_use]
    pub const fn edit(&self) -> Option<&Edit> {
        match &self.kind {
            ChangeKind::Row(edit) => Some(edit),
            ChangeKind::UpdateWhere { .. } | ChangeKind::DeleteWhere { .. } => None,
        }
    }
}

/// Returns a number that sorts changes into the order in which a flush writes: 0 for inserts, 1 for
/// updates, 2 for deletions.
fn phase(kind: &ChangeKind) -> u8 {
    match kind {
        ChangeKind::Row(Edit { kind: EditKind::Insert { .. }, .. }) => 0,
        ChangeKind::Row(Edit { kind: EditKind::Update { .. }, .. })
        | ChangeKind::UpdateWhere { .. } => 1,
        ChangeKind::Row(Edit { kind: EditKind::Delete { .. }, .. })
        | ChangeKind::DeleteWhere { .. } => 2,
    }
}

impl<C: Engine> Session<C> {
    /// Returns what the next flush would write: inserts, parents first; then updates; then deletes,
    /// children first. What the database does along (cascades) is not listed.
    pub fn changes(&mut self) -> Vec<Change> {
        for rows in self.rows.values_mut().filter(|rows| rows.is_touched()) {
            rows.prepare();
        }
        in_writing_order(&self.rows, |_, rows| rows.changes(&self.rows))
    }
}

/// Returns the changes of all entities, in the order in which a flush writes them.
pub(super) fn in_writing_order<C: Engine>(
    all: &AllRows<C>,
    changes_of: impl Fn(EntityId, &dyn AnyRows<C>) -> Vec<Change>,
) -> Vec<Change> {
    let order = super::flush::parents_first(all);
    let mut changes: Vec<Change> = order
        .iter()
        .flatten()
        .filter_map(|entity| Some(changes_of(*entity, &**all.get(entity)?)))
        .flatten()
        .collect();
    changes.sort_by_key(|change| phase(&change.kind));
    let first_delete = changes.partition_point(|change| phase(&change.kind) < 2);
    changes.get_mut(first_delete..).unwrap_or_default().reverse();
    changes
}

/// Returns what is to be written of one entity's rows.
pub(super) fn of<C: Store<E>, E: Entity>(rows: &Rows<E>, all: &AllRows<C>) -> Vec<Change> {
    let name = |given: Given| match given {
        Given::Value(value) => Some(NewValue::Known(value)),
        Given::Row(slot) => {
            let other = all.get(&slot.entity)?;
            let key = other.key_of(slot.row).and_then(|key| key.0.into_iter().next());
            let new =
                || NewValue::KeyOf { table: Cow::Borrowed(other.meta().table), row: slot.row };
            Some(key.map_or_else(new, NewValue::Known))
        }
        Given::Filled => None,
    };
    let meta = E::meta();
    let version = |base: &E| meta.version.map(|version| base.value(version));
    let key = |base: &E| base.key().to_record_key();
    let delete = |base: &E| EditKind::Delete {
        key: key(base),
        version: version(base),
        columns: named(meta, base.to_record()),
    };
    let orphans: HashSet<u32> = cascade::orphans(rows).into_iter().collect();
    rows.touched()
        .filter_map(|(row, state)| {
            let kind = match state {
                State::Pending(_) if orphans.contains(&row) => return None,
                State::Changed { base, .. } if orphans.contains(&row) => delete(base),
                State::Pending(draft) => EditKind::Insert {
                    row,
                    columns: (0..)
                        .zip(meta.columns)
                        .filter_map(|(position, column)| {
                            let given = match draft.given(position) {
                                Given::Filled => Given::Value(rows.merged_value(row, position)?),
                                given => given,
                            };
                            Some((Cow::Borrowed(column.name), name(given)?))
                        })
                        .collect(),
                },
                State::Changed { base, mine } => {
                    let mut columns: Vec<ColumnEdit> = rows
                        .links_of(row)
                        .filter_map(|link| {
                            Some(ColumnEdit {
                                column: Cow::Borrowed(meta.columns.get(link.column)?.name),
                                before: base.value(link.column),
                                after: name(Given::Row(link.to))?,
                            })
                        })
                        .collect();
                    for position in changes(&**base, mine).iter() {
                        let Some(column) = meta.columns.get(position) else { continue };
                        if columns.iter().any(|known| known.column == column.name) {
                            continue;
                        }
                        columns.push(ColumnEdit {
                            column: Cow::Borrowed(column.name),
                            before: base.value(position),
                            after: NewValue::Known(mine.value(position)),
                        });
                    }
                    EditKind::Update { key: key(base), version: version(base), columns }
                }
                State::Deleted(base) => delete(base),
                State::Stored(_) | State::Expired(_) | State::Gone => return None,
            };
            Some(Change::of_row(meta, kind))
        })
        .collect()
}

/// Pairs a row's values with the names of their columns.
pub(super) fn named(meta: &'static EntityMeta, row: Record) -> Vec<(Name, Value)> {
    meta.columns.iter().map(|column| Cow::Borrowed(column.name)).zip(row.0).collect()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.entity.table;
        match &self.kind {
            ChangeKind::Row(edit) => edit.sql(self.entity).fmt(f),
            ChangeKind::UpdateWhere { filter, columns, .. } => {
                write!(f, "UPDATE {table} SET ")?;
                for (position, (column, value)) in columns.iter().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(f, "{comma}{} = {}", column.name, Literal(value))?;
                }
                write!(f, " WHERE {filter}")
            }
            ChangeKind::DeleteWhere { filter, .. } => {
                write!(f, "DELETE FROM {table} WHERE {filter}")
            }
        }
    }
}
