//! The related rows that a session knows.

use super::{Relate, Relation, ToOne};
use crate::backend::Engine;
use crate::error::Result;
use crate::session::{Key, Session};

impl<C: Engine> Session<C> {
    /// Returns the related rows of a row, as the session has them: those that a query
    /// [included](crate::session::SessionQuery::include), without the ones that were deleted or
    /// refer to another row by now, and with those that were added or refer to this one since. They
    /// come in the relation's order, new ones last; those that are not inserted yet are among them.
    ///
    /// The row that a foreign key points to needs no include when the session has it anyway.
    ///
    /// # Errors
    /// [`Error::NotIncluded`](crate::Error::NotIncluded) when no query of this transaction included
    /// the relation for this row, and the session has not added it since the last rollback: nothing is
    /// read behind your back.
    pub fn related<R: Relation>(&self, row: Key<R::From>, relation: R) -> Result<Vec<Key<R::To>>> {
        let slots = self.related_slots(row.slot(), relation.name())?;
        Ok(slots.into_iter().map(Key::of_slot).collect())
    }

    /// Returns the one related row of a row, as the session has it; `None` where it has none.
    ///
    /// # Errors
    /// As [`related`](Self::related).
    pub fn related_one<R: ToOne>(
        &self,
        row: Key<R::From>,
        relation: R,
    ) -> Result<Option<Key<R::To>>> {
        Ok(self.related(row, relation)?.into_iter().next())
    }

    /// Relates two rows, from whichever end: the foreign key is written by the next flush, also
    /// where one of the rows, or both, are not inserted yet. Both ends have it at once.
    ///
    /// ```
    /// # mod schema {
    /// #     diesel::table! { authors (id) { id -> BigInt, name -> Text } }
    /// #     diesel::table! { books (id) { id -> BigInt, title -> Text, author_id -> Nullable<BigInt> } }
    /// # }
    /// # use persistence::{Database, Entity};
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::authors, has_many(books: Book.author_id))]
    /// # struct Author { #[entity(key, generated)] id: i64, name: String }
    /// # #[derive(Clone, Debug, PartialEq, Entity)]
    /// # #[entity(table = schema::books)]
    /// # struct Book {
    /// #     #[entity(key, generated)] id: i64,
    /// #     title: String,
    /// #     #[entity(references(Author, on_delete = set_null))] author_id: Option<i64>,
    /// # }
    /// # let database = Database::<diesel::SqliteConnection>::open(":memory:")?;
    /// # let mut session = database.session()?;
    /// let lem = session.add(NewAuthor { name: "Lem".into() });
    /// let solaris = session.add(NewBook { title: "Solaris".into(), author: None });
    /// session.relate(lem, Author::BOOKS, solaris)?;
    /// assert_eq!(session.related_one(solaris, Book::AUTHOR)?, Some(lem));
    /// session.unrelate(solaris, Book::AUTHOR, lem)?;
    /// assert!(session.related(lem, Author::BOOKS)?.is_empty());
    /// # Ok::<(), persistence::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when one of the rows is not in this session, or
    /// deleted; [`Error::Invalid`](crate::Error::Invalid) when a link between them needs more than
    /// the two keys.
    pub fn relate<R: Relate<C>>(
        &mut self,
        row: Key<R::From>,
        relation: R,
        other: Key<R::To>,
    ) -> Result<()> {
        relation.relate(self, row, other)
    }

    /// Parts two rows, from whichever end: the foreign key becomes NULL; where its reference says
    /// `orphan = delete`, the row that holds it is deleted by the next flush, if it is related to no
    /// other by then; between many and many, the link is deleted. Rows that are not related stay as they are.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when one of the rows is not in this session, or
    /// deleted; [`Error::Invalid`](crate::Error::Invalid) when the reference has to point somewhere.
    pub fn unrelate<R: Relate<C>>(
        &mut self,
        row: Key<R::From>,
        relation: R,
        other: Key<R::To>,
    ) -> Result<()> {
        relation.unrelate(self, row, other)
    }
}
