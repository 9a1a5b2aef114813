//! Typed columns: `User::AGE.gt(25)`.

use std::marker::PhantomData;

use crate::entity::{ColumnMeta, Entity};
use crate::filter::{Comparison, Filter, Predicate, TextMatch};
use crate::order::{Direction, OrderTerm, Ordering};
use crate::scalar::Scalar;

/// A column of entity `E` whose field has type `T`; the derive makes one constant a field.
///
/// `Option<T>` columns are compared with plain `T`s; a comparison with NULL is never true, as in
/// SQL: ask [`is_null`](Self::is_null).
#[derive(Debug)]
pub struct Column<E, T> {
    position: usize,
    name: &'static str,
    types: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Column<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Column<E, T> {}

impl<E, T> Column<E, T> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(position: usize, name: &'static str) -> Self {
        Self { position, name, types: PhantomData }
    }

    /// Returns the name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Returns the position among the entity's columns.
    #[must_use]
    pub const fn position(self) -> usize {
        self.position
    }
}

impl<E: Entity, T: Scalar> Column<E, T> {
    /// Returns the column's metadata.
    ///
    /// # Panics
    /// Never for the constants of the derive.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "the derive counts positions and columns alike")]
    pub fn meta(self) -> &'static ColumnMeta {
        &E::meta().columns[self.position]
    }

    fn compare(self, operator: Comparison, value: impl Into<T::Inner>) -> Predicate<E> {
        Predicate::new(Filter::Compare {
            column: self.name.into(),
            operator,
            value: value.into().to_value(),
        })
    }

    /// Makes a condition: the column is equal to the value.
    #[must_use]
    pub fn eq(self, value: impl Into<T::Inner>) -> Predicate<E> {
        self.compare(Comparison::Equal, value)
    }

    /// Makes a condition: the column is not equal to the value, and not NULL.
    #[must_use]
    pub fn ne(self, value: impl Into<T::Inner>) -> Predicate<E> {
        self.compare(Comparison::NotEqual, value)
    }

    /// Makes a condition: the column is less than the value.
    #[must_use]
    pub fn lt(self, value: impl Into<T::Inner>) -> Predicate<E> {
        self.compare(Comparison::Less, value)
    }

    /// Makes a condition: the column is less than or equal to the value.
    #[must_use]
    pub fn le(self, value: impl Into<T::Inner>) -> Predicate<E> {
        self.compare(Comparison::LessOrEqual, value)
    }

    /// Makes a condition: the column is greater than the value.
    #[must_use]
    pub fn gt(self, value: impl Into<T::Inner>) -> Predicate<E> {
        self.compare(Comparison::Greater, value)
    }

    /// Makes a condition: the column is greater than or equal to the value.
    #[must_use]
    pub fn ge(self, value: impl Into<T::Inner>) -> Predicate<E> {
        self.compare(Comparison::GreaterOrEqual, value)
    }

    /// Makes a condition: the column is from `low` to `high`, both included.
    #[must_use]
    pub fn between(self, low: impl Into<T::Inner>, high: impl Into<T::Inner>) -> Predicate<E> {
        self.ge(low).and(self.le(high))
    }

    /// Makes a condition: the column is one of the values.
    #[must_use]
    pub fn is_in<V: Into<T::Inner>>(self, values: impl IntoIterator<Item = V>) -> Predicate<E> {
        let values = values.into_iter().map(|value| value.into().to_value()).collect();
        Predicate::new(Filter::In { column: self.name.into(), values })
    }

    /// Makes a condition: the column is NULL.
    #[must_use]
    pub fn is_null(self) -> Predicate<E> {
        Predicate::new(Filter::IsNull { column: self.name.into() })
    }

    /// Makes a condition: the column is not NULL.
    #[must_use]
    pub fn is_not_null(self) -> Predicate<E> {
        self.is_null().not()
    }

    /// Makes an order: smallest first, NULL before everything.
    #[must_use]
    pub fn asc(self) -> Ordering<E> {
        Ordering::new(OrderTerm { column: self.name.into(), direction: Direction::Ascending })
    }

    /// Makes an order: largest first, NULL after everything.
    #[must_use]
    pub fn desc(self) -> Ordering<E> {
        Ordering::new(OrderTerm { column: self.name.into(), direction: Direction::Descending })
    }
}

impl<E: Entity, T: Scalar<Inner = String>> Column<E, T> {
    fn matches(self, operator: TextMatch, pattern: impl Into<String>) -> Predicate<E> {
        Predicate::new(Filter::Text { column: self.name.into(), operator, pattern: pattern.into() })
    }

    /// Makes a condition: the column contains the text, whatever the case of either.
    #[must_use]
    pub fn contains(self, text: impl Into<String>) -> Predicate<E> {
        self.matches(TextMatch::Contains, text)
    }

    /// Makes a condition: the column starts with the text, whatever the case of either.
    #[must_use]
    pub fn starts_with(self, text: impl Into<String>) -> Predicate<E> {
        self.matches(TextMatch::StartsWith, text)
    }

    /// Makes a condition: the column ends with the text, whatever the case of either.
    #[must_use]
    pub fn ends_with(self, text: impl Into<String>) -> Predicate<E> {
        self.matches(TextMatch::EndsWith, text)
    }
}
