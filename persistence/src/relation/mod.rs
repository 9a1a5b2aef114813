//! Relations between entities, seen from both ends: read along, and looked through by filters.
//!
//! The derive makes one constant a relation:
//!
//! | attribute | constant |
//! |---|---|
//! | `references(Author)` on `Book::author_id` | `Book::AUTHOR`: [`BelongsTo`] |
//! | `has_one(profile: Profile.user_id)` | `User::PROFILE`: [`HasOne`] |
//! | `has_many(books: Book.author_id)` | `Author::BOOKS`: [`HasMany`] |
//! | `many_to_many(genres: Genre, through = BookGenre(book_id, genre_id))` | `Book::GENRES`: [`ManyToMany`] |
//!
//! A query reads related rows along with [`include`](crate::session::SessionQuery::include), and a
//! session has them under [`related`](crate::Session::related). Predicates ask for them:
//! `Book::AUTHOR.has(Author::NAME.eq("Lem"))`, `Author::BOOKS.any(…)`,
//! `Author::BOOKS.count().ge(3)`.
//!
//! ```
//! # mod schema {
//! #     diesel::table! { authors (id) { id -> BigInt, name -> Text } }
//! #     diesel::table! { books (id) { id -> BigInt, title -> Text, author_id -> BigInt } }
//! # }
//! use persistence::{Entity, Memory, Query, Repository};
//!
//! #[derive(Clone, Debug, PartialEq, Entity)]
//! #[entity(table = schema::authors, has_many(books: Book.author_id, order = title))]
//! struct Author {
//!     #[entity(key, generated)]
//!     id: i64,
//!     name: String,
//! }
//!
//! #[derive(Clone, Debug, PartialEq, Entity)]
//! #[entity(table = schema::books)]
//! struct Book {
//!     #[entity(key, generated)]
//!     id: i64,
//!     title: String,
//!     #[entity(references(Author, on_delete = restrict))]
//!     author_id: i64,
//! }
//!
//! let mut memory = Memory::new().with::<Author>().with::<Book>();
//! let lem: Author = memory.insert(NewAuthor { name: "Lem".into() })?;
//! let _: Book = memory.insert(NewBook { title: "Solaris".into(), author: lem.id.into() })?;
//!
//! let by_lem = Query::<Book>::new().filter(Book::AUTHOR.has(Author::NAME.eq("Lem")));
//! assert_eq!(by_lem.filter.to_string(), r#"author.name = "Lem""#);
//! assert_eq!(memory.list(&by_lem)?.len(), 1);
//!
//! let busy = Query::<Author>::parse("count(books) > 1", "")?;
//! assert!(memory.list(&busy)?.is_empty());
//! # Ok::<(), persistence::Error>(())
//! ```

mod belongs_to;
mod count;
mod filters;
mod has_many;
mod has_one;
mod many_to_many;
mod meta;
mod related;
mod then;
mod together;

use crate::backend::Engine;
use crate::entity::Entity;
use crate::error::Result;
use crate::sealed::Sealed;
use crate::session::{Key, Session};

pub use belongs_to::BelongsTo;
pub use count::RelatedCount;
pub use has_many::HasMany;
pub use has_one::HasOne;
pub use many_to_many::ManyToMany;
pub use meta::{RelationKind, RelationMeta};
pub use then::Then;

/// From rows of one entity to rows of another, in one step or several.
pub trait Path: Sealed + Copy {
    /// The entity to start from.
    type From: Entity;
    /// The entity at the end.
    type To: Entity;

    /// Follows this way, and then on from there: `Author::BOOKS.then(Book::REVIEWS)`. Several ways
    /// from there stand in a tuple: `Author::BOOKS.then((Book::REVIEWS, Book::GENRES))`.
    #[must_use]
    fn then<N: Path<From = Self::To>>(self, next: N) -> Then<Self, N> {
        Then::new(self, next)
    }
}

/// From rows of one entity to the rows of another that belong to them: one step.
pub trait Relation: Path {
    /// Returns the relation's name among those of its entity.
    fn name(&self) -> &'static str;
}

/// A relation to one row at most.
#[diagnostic::on_unimplemented(
    message = "`{Self}` may lead to more than one row",
    label = "leads to many rows",
    note = "`related` gives all of them"
)]
pub trait ToOne: Relation {}

/// A way whose rows a session on `C` can read along.
#[diagnostic::on_unimplemented(
    message = "a session on `{C}` cannot read `{Self}` along",
    note = "it takes a relation of the query's entity, or several joined by `then`"
)]
pub trait Include<C: Engine>: Path {
    /// Reads the related rows of all these rows into the session, in as few queries as bind limits
    /// allow; returns them, each once.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn load(
        &self,
        session: &mut Session<C>,
        rows: &[Key<Self::From>],
    ) -> Result<Vec<Key<Self::To>>>;
}

/// A relation whose rows a session on `C` can relate and part.
#[diagnostic::on_unimplemented(
    message = "a session on `{C}` cannot relate rows by `{Self}`",
    note = "it takes a single relation between entities that `{C}` stores"
)]
pub trait Relate<C: Engine>: Relation {
    /// Relates two rows; see [`Session::relate`].
    ///
    /// # Errors
    /// As there.
    fn relate(
        &self,
        session: &mut Session<C>,
        from: Key<Self::From>,
        to: Key<Self::To>,
    ) -> Result<()>;

    /// Parts two rows; see [`Session::unrelate`].
    ///
    /// # Errors
    /// As there.
    fn unrelate(
        &self,
        session: &mut Session<C>,
        from: Key<Self::From>,
        to: Key<Self::To>,
    ) -> Result<()>;
}

/// What every relation's type has in common: it is a small value that says nothing but its name
/// and columns.
macro_rules! relation_type {
    ($name:ident<$($entity:ident),*>, $from:ident -> $to:ident) => {
        impl<$($entity),*> Clone for $name<$($entity),*> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($entity),*> Copy for $name<$($entity),*> {}

        impl<$($entity),*> crate::sealed::Sealed for $name<$($entity),*> {}

        impl<$($entity: crate::entity::Entity),*> crate::relation::Path for $name<$($entity),*> {
            type From = $from;
            type To = $to;
        }

        impl<$($entity: crate::entity::Entity),*> crate::relation::Relation for $name<$($entity),*> {
            fn name(&self) -> &'static str {
                self.name
            }
        }
    };
}
use relation_type;
