//! The order as data.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, Entity, EntityMeta};
use crate::filter::{FilterError, known};
use crate::value::Record;

/// Which way a column sorts. NULL is smaller than every value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Smallest first, NULL before everything.
    Ascending,
    /// Largest first, NULL after everything.
    Descending,
}

impl Direction {
    /// Returns the other direction.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// One column to sort by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderTerm {
    /// The column's name.
    pub column: Cow<'static, str>,
    /// Which way.
    pub direction: Direction,
}

/// The columns to sort by, the most important first. Text form: `-published_on,title`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Order(pub Vec<OrderTerm>);

impl Order {
    /// Reads `-published_on,title`: a minus sorts descending.
    ///
    /// # Errors
    /// [`FilterError`] that points at a name that is no column of the entity, or one that holds
    /// JSON.
    pub fn parse(meta: &EntityMeta, text: &str) -> Result<Self, FilterError> {
        let mut terms = Vec::new();
        let mut at = 0;
        for part in text.split(',') {
            let name = part.trim();
            let (name, direction) = match name.strip_prefix('-') {
                Some(name) => (name.trim_start(), Direction::Descending),
                None => (name.strip_prefix('+').unwrap_or(name).trim_start(), Direction::Ascending),
            };
            if !(name.is_empty() && text.trim().is_empty()) {
                let offset = at + part.find(name).unwrap_or(0);
                let column = sortable(meta, name).map_err(|error| error.at(text, offset))?;
                terms.push(OrderTerm { column: column.name.into(), direction });
            }
            at += part.len() + 1;
        }
        Ok(Self(terms))
    }

    /// Returns the order that leaves no two rows equal: these columns, then those of the primary
    /// key that are not among them, in the direction of the last term.
    ///
    /// # Errors
    /// [`FilterError`] when the entity has no such column, or it holds JSON.
    pub fn resolve(self, meta: &EntityMeta) -> Result<Self, FilterError> {
        let mut terms: Vec<OrderTerm> = Vec::with_capacity(self.0.len() + meta.key.len());
        for OrderTerm { column, direction } in self.0 {
            let column = sortable(meta, &column)?.name;
            if !terms.iter().any(|term| term.column == column) {
                terms.push(OrderTerm { column: column.into(), direction });
            }
        }
        let direction = terms.last().map_or(Direction::Ascending, |term| term.direction);
        for key in meta.key_columns() {
            if !terms.iter().any(|term| term.column == key.name) {
                terms.push(OrderTerm { column: key.name.into(), direction });
            }
        }
        Ok(Self(terms))
    }

    /// Returns the same columns, each the other way.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self(
            self.0
                .iter()
                .map(|term| OrderTerm {
                    column: term.column.clone(),
                    direction: term.direction.reversed(),
                })
                .collect(),
        )
    }

    /// Returns whether a preview in this order cuts a column's values: long ones that neither tell
    /// rows apart nor are part of a place in the order.
    pub(crate) fn cuts(&self, meta: &EntityMeta, column: &ColumnMeta) -> bool {
        matches!(column.column_type, ColumnType::Text | ColumnType::Bytes)
            && column.references.is_none()
            && !meta.key_columns().any(|key| key.name == column.name)
            && !self.0.iter().any(|term| term.column == column.name)
    }

    /// Compares two rows as the database would.
    #[must_use]
    pub fn compare(&self, meta: &EntityMeta, a: &Record, b: &Record) -> std::cmp::Ordering {
        self.0
            .iter()
            .filter_map(|term| Some((meta.position(&term.column)?, term.direction)))
            .map(|(column, direction)| {
                let ordering = a.value(column).cmp(b.value(column));
                match direction {
                    Direction::Ascending => ordering,
                    Direction::Descending => ordering.reverse(),
                }
            })
            .find(|ordering| ordering.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    }
}

fn sortable(meta: &EntityMeta, name: &str) -> Result<&'static ColumnMeta, FilterError> {
    let column = known(meta, name)?;
    if column.column_type == ColumnType::Json {
        return Err(FilterError::not_comparable(column.name));
    }
    Ok(column)
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, term) in self.0.iter().enumerate() {
            let comma = if position > 0 { "," } else { "" };
            let minus = if term.direction == Direction::Descending { "-" } else { "" };
            write!(f, "{comma}{minus}{}", term.column)?;
        }
        Ok(())
    }
}

/// An [`Order`] whose columns the compiler has checked to be those of `E`; made by
/// `User::AGE.asc()`, longer by [`then`](Self::then).
#[derive(Debug)]
pub struct Ordering<E> {
    order: Order,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Ordering<E> {
    pub(crate) fn new(term: OrderTerm) -> Self {
        Self { order: Order(vec![term]), entity: PhantomData }
    }

    /// Sorts rows that are equal so far by more columns.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.order.0.extend(other.order.0);
        self
    }
}

impl<E> Clone for Ordering<E> {
    fn clone(&self) -> Self {
        Self { order: self.order.clone(), entity: PhantomData }
    }
}

impl<E> From<Ordering<E>> for Order {
    fn from(ordering: Ordering<E>) -> Self {
        ordering.order
    }
}
