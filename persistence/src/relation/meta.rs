//! What is known of a relation.

use crate::entity::{EntityMeta, EntityRef};
use crate::error::{FieldError, Invalid};
use crate::order::{Direction, Order, OrderTerm};

/// A relation of an entity: which rows of which other entity belong to a row.
#[derive(Debug)]
#[non_exhaustive]
pub struct RelationMeta {
    /// The name among the relations of its entity: `author`, `books`.
    pub name: &'static str,
    /// The related entity.
    pub target: EntityRef,
    /// By which columns.
    pub kind: RelationKind,
    /// Columns of the related entity, by position, in whose order its rows come; the primary key
    /// comes last.
    pub order: &'static [(usize, Direction)],
}

/// How rows of two entities find each other. Columns are positions.
#[derive(Clone, Copy, Debug)]
pub enum RelationKind {
    /// A column of this entity holds the primary key of the related one.
    BelongsTo {
        /// The column of this entity.
        column: usize,
    },
    /// A column of the related entity holds the primary key of this one, once at most.
    HasOne {
        /// The column of the related entity.
        column: usize,
    },
    /// A column of the related entity holds the primary key of this one.
    HasMany {
        /// The column of the related entity.
        column: usize,
    },
    /// Rows of a third entity hold the primary keys of both.
    ManyToMany {
        /// The entity between.
        through: EntityRef,
        /// Its column that holds the primary key of this entity.
        from: usize,
        /// Its column that holds the primary key of the related entity.
        to: usize,
    },
}

impl RelationMeta {
    /// Makes the metadata of a relation whose rows come in the order of their primary key.
    #[must_use]
    pub const fn new(name: &'static str, target: EntityRef, kind: RelationKind) -> Self {
        Self { name, target, kind, order: &[] }
    }

    /// Sets the order in which related rows come, by positions of the related entity's columns.
    #[must_use]
    pub const fn ordered(mut self, order: &'static [(usize, Direction)]) -> Self {
        self.order = order;
        self
    }

    /// Checks that it leads from one entity to another.
    ///
    /// # Errors
    /// [`Invalid`] that names both.
    pub(crate) fn check_target(&self, from: &EntityMeta, to: &EntityMeta) -> Result<(), Invalid> {
        let target = self.target.meta();
        if std::ptr::eq(target, to) {
            return Ok(());
        }
        let message = format!("leads to rows of {}, not of {}", target.name, to.name);
        Err(Invalid { entity: from.name, errors: vec![FieldError::new(self.name, message)] })
    }

    /// Returns whether a row has one related row at most.
    #[must_use]
    pub const fn is_to_one(&self) -> bool {
        matches!(self.kind, RelationKind::BelongsTo { .. } | RelationKind::HasOne { .. })
    }

    /// Returns the position of the column of `entity`, whose relation this is, that related rows
    /// are found by.
    #[must_use]
    pub fn own_column(&self, entity: &EntityMeta) -> usize {
        match self.kind {
            RelationKind::BelongsTo { column } => column,
            _ => entity.key.first().copied().unwrap_or(0),
        }
    }

    /// Returns the position of the related entity's column that its rows are found by.
    #[must_use]
    pub fn target_column(&self) -> usize {
        match self.kind {
            RelationKind::HasOne { column } | RelationKind::HasMany { column } => column,
            RelationKind::BelongsTo { .. } | RelationKind::ManyToMany { .. } => {
                self.target.meta().key.first().copied().unwrap_or(0)
            }
        }
    }

    /// Returns the order in which related rows come.
    #[must_use]
    pub fn order(&self) -> Order {
        let target = self.target.meta();
        let terms = self.order.iter().filter_map(|&(position, direction)| {
            Some(OrderTerm { column: target.columns.get(position)?.name.into(), direction })
        });
        Order(terms.collect())
    }
}
