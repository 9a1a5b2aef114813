//! What a flush would write, as data and as SQL.

use std::fmt;

use std::any::TypeId;
use std::collections::HashSet;

use super::Session;
use super::flush::cascade;
use super::identity_map::{AllRows, Rows, State, changes};
use super::rows::AnyRows;
use crate::backend::Engine;
use crate::entity::{ColumnMeta, Draft as _, Entity, EntityMeta, Fill, Given};
use crate::filter::Filter;
use crate::scalar::PrimaryKey as _;
use crate::store::Store;
use crate::value::{Record, RecordKey, Value};

/// One row that a flush would write or has written, or a bulk statement. Its `Display` is the statement, for people: names and values
/// are written out.
#[derive(Clone, Debug)]
pub struct Change {
    /// The entity whose row it is.
    pub entity: &'static EntityMeta,
    /// What happens to the row.
    pub kind: ChangeKind,
}

/// What happens to a row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is inserted.
    Insert {
        /// The columns that are given.
        columns: Vec<(&'static ColumnMeta, NewValue)>,
    },
    /// It is updated.
    Update {
        /// The primary key by which the database has the row.
        key: RecordKey,
        /// The version by which it does, where rows have one.
        version: Option<Value>,
        /// The columns that differ.
        columns: Vec<ColumnChange>,
    },
    /// It is deleted.
    Delete {
        /// The primary key by which the database has the row.
        key: RecordKey,
        /// The version by which it does, where rows have one.
        version: Option<Value>,
        /// The row as the database has it.
        row: Record,
    },
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

/// A column that is updated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ColumnChange {
    /// The column.
    pub column: &'static ColumnMeta,
    /// Its value in the database.
    pub old: Value,
    /// Its value in the session.
    pub new: NewValue,
}

/// A value that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NewValue {
    /// The value.
    Known(Value),
    /// The key that another row of the session gets when it is inserted.
    KeyOf(&'static str),
}

/// The order in which a flush writes.
fn phase(kind: &ChangeKind) -> u8 {
    match kind {
        ChangeKind::Insert { .. } => 0,
        ChangeKind::Update { .. } | ChangeKind::UpdateWhere { .. } => 1,
        ChangeKind::Delete { .. } | ChangeKind::DeleteWhere { .. } => 2,
    }
}

impl<C: Engine> Session<C> {
    /// What the next flush would write: inserts, parents first; then updates; then deletes,
    /// children first. What the database does along (cascades) is not listed.
    pub fn changes(&mut self) -> Vec<Change> {
        for rows in self.rows.values_mut().filter(|rows| rows.is_touched()) {
            rows.prepare();
        }
        in_writing_order(&self.rows, |_, rows| rows.changes(&self.rows))
    }
}

/// The changes of all entities, in the order in which a flush writes them.
pub(super) fn in_writing_order<C: Engine>(
    all: &AllRows<C>,
    changes_of: impl Fn(TypeId, &dyn AnyRows<C>) -> Vec<Change>,
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

/// What is to be written of one entity's rows.
pub(super) fn of<C: Store<E>, E: Entity>(rows: &Rows<E>, all: &AllRows<C>) -> Vec<Change> {
    let name = |given: Given| match given {
        Given::Value(value) => Some(NewValue::Known(value)),
        Given::Row(slot) => {
            let other = all.get(&slot.entity)?;
            let key = other.key_of(slot.row).and_then(|key| key.0.into_iter().next());
            Some(key.map_or(NewValue::KeyOf(other.meta().name), NewValue::Known))
        }
        Given::Filled => None,
    };
    let meta = E::meta();
    let version = |base: &E| meta.version.map(|version| base.value(version));
    let key = |base: &E| base.key().to_record_key();
    let delete = |base: &E| ChangeKind::Delete {
        key: key(base),
        version: version(base),
        row: base.to_record(),
    };
    let orphans: HashSet<u32> = cascade::orphans(rows).into_iter().collect();
    rows.touched()
        .filter_map(|(row, state)| {
            let kind = match state {
                State::Pending(_) if orphans.contains(&row) => return None,
                State::Changed { base, .. } if orphans.contains(&row) => delete(base),
                State::Pending(draft) => ChangeKind::Insert {
                    columns: (0..)
                        .zip(meta.columns)
                        .filter_map(|(position, column)| {
                            let given = match draft.given(position) {
                                Given::Filled => Given::Value(rows.merged_value(row, position)?),
                                given => given,
                            };
                            Some((column, name(given)?))
                        })
                        .collect(),
                },
                State::Changed { base, mine } => {
                    let linked = rows.links().filter(|link| link.row == row);
                    let mut columns: Vec<ColumnChange> = linked
                        .filter_map(|link| {
                            Some(ColumnChange {
                                column: meta.columns.get(link.column)?,
                                old: base.value(link.column),
                                new: name(Given::Row(link.to))?,
                            })
                        })
                        .collect();
                    for position in changes(&**base, mine).iter() {
                        let Some(column) = meta.columns.get(position) else { continue };
                        if columns.iter().any(|known| known.column.name == column.name) {
                            continue;
                        }
                        columns.push(ColumnChange {
                            column,
                            old: base.value(position),
                            new: NewValue::Known(mine.value(position)),
                        });
                    }
                    ChangeKind::Update { key: key(base), version: version(base), columns }
                }
                State::Deleted(base) => delete(base),
                State::Stored(_) | State::Expired(_) | State::Gone => return None,
            };
            Some(Change { entity: meta, kind })
        })
        .collect()
}

impl fmt::Display for NewValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => literal(value, f),
            Self::KeyOf(entity) => write!(f, "<key of the new {entity}>"),
        }
    }
}

/// A value as SQL has it.
fn literal(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::Null => f.write_str("NULL"),
        Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Decimal(_) => {
            write!(f, "{value}")
        }
        other => write!(f, "'{}'", other.to_string().replace('\'', "''")),
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.entity.table;
        match &self.kind {
            ChangeKind::Insert { columns } => {
                write!(f, "INSERT INTO {table} (")?;
                for (position, (column, _)) in columns.iter().enumerate() {
                    write!(f, "{}{}", if position == 0 { "" } else { ", " }, column.name)?;
                }
                f.write_str(") VALUES (")?;
                for (position, (_, value)) in columns.iter().enumerate() {
                    write!(f, "{}{value}", if position == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            ChangeKind::Update { key, version, columns } => {
                write!(f, "UPDATE {table} SET ")?;
                for (position, change) in columns.iter().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(f, "{comma}{} = {}", change.column.name, change.new)?;
                }
                if let Some(column) = self.version_column() {
                    write!(f, ", {column} = {column} + 1")?;
                }
                self.write_identity(key, version.as_ref(), f)
            }
            ChangeKind::Delete { key, version, .. } => {
                write!(f, "DELETE FROM {table}")?;
                self.write_identity(key, version.as_ref(), f)
            }
            ChangeKind::UpdateWhere { filter, columns, .. } => {
                write!(f, "UPDATE {table} SET ")?;
                for (position, (column, value)) in columns.iter().enumerate() {
                    write!(f, "{}{} = ", if position == 0 { "" } else { ", " }, column.name)?;
                    literal(value, f)?;
                }
                write!(f, " WHERE {filter}")
            }
            ChangeKind::DeleteWhere { filter, .. } => {
                write!(f, "DELETE FROM {table} WHERE {filter}")
            }
        }
    }
}

impl Change {
    fn version_column(&self) -> Option<&'static str> {
        let position = self.entity.version?;
        self.entity
            .columns
            .get(position)
            .filter(|column| column.fill == Fill::Version)
            .map(|column| column.name)
    }

    fn write_identity(
        &self,
        key: &RecordKey,
        version: Option<&Value>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let columns = self.entity.key_columns().map(|column| column.name);
        let identity = columns.zip(&key.0).chain(self.version_column().zip(version));
        for (position, (column, value)) in identity.enumerate() {
            write!(f, " {} {column} = ", if position == 0 { "WHERE" } else { "AND" })?;
            literal(value, f)?;
        }
        Ok(())
    }
}
