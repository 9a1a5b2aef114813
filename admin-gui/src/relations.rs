//! Which relations an entity has, how their rows are found, and what is read of them.

use persistence::entity::EntityRef;
use persistence::relation::RelationKind;
use persistence::{CatalogEntry, Comparison, EntityMeta, Filter, Order, Record, RecordKey};

/// Rows of another entity, or of the same, that belong to a record.
#[derive(Clone, Debug)]
pub struct RelatedTo {
    /// Their entity.
    pub target: &'static EntityMeta,
    /// How they are found.
    pub way: Way,
    /// The relation's name, where the entity declares it.
    pub name: Option<&'static str>,
    /// The order in which they come.
    pub order: Order,
}

/// How related rows are found. Columns are positions.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// A column of the record holds their primary key.
    BelongsTo {
        /// The record's column.
        column: usize,
    },
    /// A column of theirs holds the record's primary key.
    Has {
        /// Their column.
        column: usize,
        /// Whether there is one at most.
        is_one: bool,
    },
    /// Rows of a third entity hold the primary keys of both.
    Through {
        /// The entity between.
        through: EntityRef,
        /// Its column that holds the record's primary key.
        from: usize,
        /// Its column that holds theirs.
        to: usize,
    },
}

impl Way {
    /// Returns whether there is one related row at most.
    #[must_use]
    pub const fn is_to_one(&self) -> bool {
        matches!(self, Self::BelongsTo { .. } | Self::Has { is_one: true, .. })
    }

    /// Returns the column of the related rows that makes them belong to the record, where that may be several.
    #[must_use]
    pub const fn column_of_many(&self) -> Option<usize> {
        match self {
            Self::Has { column, is_one: false } => Some(*column),
            _ => None,
        }
    }
}

/// Returns all relations of an entity to entities of the catalog: the declared ones, then foreign
/// keys of its own and of others that no relation is declared for.
#[must_use]
pub fn relations(meta: &'static EntityMeta, entries: &[CatalogEntry]) -> Vec<RelatedTo> {
    let is_known = |table: &str| entries.iter().any(|entry| entry.meta.table == table);
    let mut found: Vec<RelatedTo> = Vec::new();
    for relation in meta.relations {
        let target = relation.target.meta();
        if !is_known(target.table) {
            continue;
        }
        let way = match relation.kind {
            RelationKind::BelongsTo { column } => Way::BelongsTo { column },
            RelationKind::HasOne { column } => Way::Has { column, is_one: true },
            RelationKind::HasMany { column } => Way::Has { column, is_one: false },
            RelationKind::ManyToMany { through, from, to } => Way::Through { through, from, to },
        };
        let name = Some(relation.name);
        found.push(RelatedTo { target, way, name, order: relation.order() });
    }
    for (column, column_meta) in meta.columns.iter().enumerate() {
        let Some(reference) = &column_meta.references else { continue };
        let target = reference.entity.meta();
        let is_declared = found
            .iter()
            .any(|known| matches!(known.way, Way::BelongsTo { column: other } if other == column));
        if is_known(target.table) && !is_declared {
            let way = Way::BelongsTo { column };
            found.push(RelatedTo { target, way, name: None, order: Order::default() });
        }
    }
    for entry in entries {
        let target = entry.meta;
        for (column, column_meta) in target.columns.iter().enumerate() {
            let refers = column_meta
                .references
                .as_ref()
                .is_some_and(|reference| reference.entity.meta().table == meta.table);
            let is_declared = found.iter().any(|known| match known.way {
                Way::Has { column: other, .. } => {
                    known.target.table == target.table && other == column
                }
                Way::Through { through, from, .. } => {
                    through.meta().table == target.table && from == column
                }
                Way::BelongsTo { .. } => false,
            });
            if refers && !is_declared {
                let is_one = target.key == [column] || target.unique.contains(&&[column][..]);
                let way = Way::Has { column, is_one };
                found.push(RelatedTo { target, way, name: None, order: Order::default() });
            }
        }
    }
    // What the record belongs to first, then the rest in its order.
    found.sort_by_key(|related| !matches!(related.way, Way::BelongsTo { .. }));
    found
}

impl RelatedTo {
    /// Returns the filter that finds a record's related rows; `None` where it refers to none. Rows
    /// through a third entity can be found so only if their entity declares the relation, too.
    #[must_use]
    pub fn filter(&self, meta: &EntityMeta, record: &Record) -> Option<Filter> {
        let own_key = meta.key.first().map(|&position| record.value(position))?;
        let equals = |column: usize, value: &persistence::Value| {
            let column = self.target.columns.get(column)?;
            (!value.is_null())
                .then(|| Filter::compare(column.name, Comparison::Equal, value.clone()))
        };
        match self.way {
            Way::BelongsTo { column } => {
                equals(self.target.key.first().copied()?, record.value(column))
            }
            Way::Has { column, .. } => equals(column, own_key),
            Way::Through { through, from, to } => {
                let back = self.target.relations.iter().find(|relation| {
                    matches!(
                        relation.kind,
                        RelationKind::ManyToMany { through: other, from: back, to: forth }
                            if other.meta().table == through.meta().table && back == to && forth == from
                    )
                })?;
                let key = meta.key_columns().next()?;
                let own = Filter::compare(key.name, Comparison::Equal, own_key.clone());
                Some(Filter::related(back.name, own))
            }
        }
    }
}

/// A related row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedRow {
    /// Its primary key.
    pub key: RecordKey,
    /// What names it to people.
    pub label: String,
    /// The row itself, unless a value of it is too long to be listed.
    pub record: Option<Record>,
}

/// The related rows of one relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelatedRows {
    /// The first few.
    pub rows: Vec<RelatedRow>,
    /// How many there are, if they are not too many to count.
    pub count: Count,
    /// What finds all of them.
    pub filter: Option<Filter>,
}

/// A number that is not counted to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// More than that.
    MoreThan(u64),
}

impl Default for Count {
    fn default() -> Self {
        Self::Exactly(0)
    }
}
