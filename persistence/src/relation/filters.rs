//! The predicates that lead through a relation.

/// Filters through a relation to one row at most.
macro_rules! to_one_filters {
    ($name:ident<$from:ident, $to:ident>) => {
        impl<$from: crate::entity::Entity, $to: crate::entity::Entity> $name<$from, $to> {
            /// Makes a condition for rows that have a related row, for which this is true.
            #[must_use]
            pub fn has(
                self,
                predicate: crate::filter::Predicate<$to>,
            ) -> crate::filter::Predicate<$from> {
                crate::filter::Predicate::new(crate::filter::Filter::related(
                    self.name,
                    predicate.into(),
                ))
            }

            /// Makes a condition for rows that have a related row.
            #[must_use]
            pub fn exists(self) -> crate::filter::Predicate<$from> {
                crate::filter::Predicate::new(crate::filter::Filter::related(
                    self.name,
                    crate::filter::Filter::All,
                ))
            }

            /// Makes a condition for rows that have no related row.
            #[must_use]
            pub fn is_missing(self) -> crate::filter::Predicate<$from> {
                self.exists().not()
            }
        }

        impl<$from: crate::entity::Entity, $to: crate::entity::Entity> crate::relation::ToOne
            for $name<$from, $to>
        {
        }
    };
}
pub(super) use to_one_filters;

/// Filters through a relation to many rows.
macro_rules! to_many_filters {
    ($name:ident<$from:ident, $to:ident $(, $link:ident)?>) => {
        impl<$from: crate::entity::Entity, $to: crate::entity::Entity $(, $link: crate::entity::Entity)?>
            $name<$from, $to $(, $link)?>
        {
            /// Makes a condition for rows that have a related row for which this is true.
            #[must_use]
            pub fn any(
                self,
                predicate: crate::filter::Predicate<$to>,
            ) -> crate::filter::Predicate<$from> {
                crate::filter::Predicate::new(crate::filter::Filter::related(
                    self.name,
                    predicate.into(),
                ))
            }

            /// Makes a condition for rows that have no related row for which this is true.
            #[must_use]
            pub fn none(
                self,
                predicate: crate::filter::Predicate<$to>,
            ) -> crate::filter::Predicate<$from> {
                self.any(predicate).not()
            }

            /// Makes a condition for rows that have no related row for which this is false; also
            /// those that have none at all. A related row for which it is unknown, because of a
            /// NULL, does not count.
            #[must_use]
            pub fn all(
                self,
                predicate: crate::filter::Predicate<$to>,
            ) -> crate::filter::Predicate<$from> {
                self.none(predicate.not())
            }

            /// Makes a condition for rows that have no related row.
            #[must_use]
            pub fn is_empty(self) -> crate::filter::Predicate<$from> {
                self.is_not_empty().not()
            }

            /// Makes a condition for rows that have a related row.
            #[must_use]
            pub fn is_not_empty(self) -> crate::filter::Predicate<$from> {
                crate::filter::Predicate::new(crate::filter::Filter::related(
                    self.name,
                    crate::filter::Filter::All,
                ))
            }

            /// Counts how many related rows there are, to be compared: `Author::BOOKS.count().ge(3)`.
            pub fn count(self) -> crate::relation::RelatedCount<$from, $to> {
                crate::relation::RelatedCount::new(self.name)
            }
        }
    };
}
pub(super) use to_many_filters;
