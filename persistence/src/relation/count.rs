//! How many related rows there are, compared with a number.

use std::marker::PhantomData;

use crate::entity::Entity;
use crate::filter::{Comparison, Filter, Predicate};

/// How many rows of `T` belong to a row of `E`; compared, it is a predicate:
/// `Author::BOOKS.count().matching(Book::IN_PRINT.eq(true)).ge(3)`.
#[derive(Clone, Debug)]
#[must_use = "a count is a predicate only once it is compared"]
pub struct RelatedCount<E, T> {
    relation: &'static str,
    filter: Filter,
    entities: PhantomData<fn() -> (E, T)>,
}

impl<E: Entity, T: Entity> RelatedCount<E, T> {
    pub(super) const fn new(relation: &'static str) -> Self {
        Self { relation, filter: Filter::All, entities: PhantomData }
    }

    /// Counts only rows for which this is true as well.
    pub fn matching(mut self, predicate: Predicate<T>) -> Self {
        self.filter = self.filter.and(predicate.into());
        self
    }

    fn compare(self, operator: Comparison, count: u64) -> Predicate<E> {
        Predicate::new(Filter::RelatedCount {
            relation: self.relation.into(),
            filter: Box::new(self.filter),
            operator,
            count,
        })
    }

    /// Makes a condition: there are as many related rows.
    #[must_use]
    pub fn eq(self, count: u64) -> Predicate<E> {
        self.compare(Comparison::Equal, count)
    }

    /// Makes a condition: there are not as many related rows.
    #[must_use]
    pub fn ne(self, count: u64) -> Predicate<E> {
        self.compare(Comparison::NotEqual, count)
    }

    /// Makes a condition: there are fewer related rows.
    #[must_use]
    pub fn lt(self, count: u64) -> Predicate<E> {
        self.compare(Comparison::Less, count)
    }

    /// Makes a condition: there are as many related rows or fewer.
    #[must_use]
    pub fn le(self, count: u64) -> Predicate<E> {
        self.compare(Comparison::LessOrEqual, count)
    }

    /// Makes a condition: there are more related rows.
    #[must_use]
    pub fn gt(self, count: u64) -> Predicate<E> {
        self.compare(Comparison::Greater, count)
    }

    /// Makes a condition: there are as many related rows or more.
    #[must_use]
    pub fn ge(self, count: u64) -> Predicate<E> {
        self.compare(Comparison::GreaterOrEqual, count)
    }
}
