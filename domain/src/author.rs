//! Authors of books.

use chrono::NaiveDate;
use persistence::Entity;

use crate::book::Book;
use crate::rules;
use crate::schema::authors;

/// A person who writes; cannot be deleted while there are books.
#[derive(Clone, Debug, PartialEq, Eq, Entity, garde::Validate)]
#[entity(table = authors, validate, icon = "person", has_many(books: Book.author_id))]
#[garde(allow_unvalidated)]
pub struct Author {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name as it stands on the books.
    #[entity(label, search)]
    #[garde(custom(rules::name))]
    pub name: String,
    /// The day of birth.
    #[garde(inner(custom(rules::date)))]
    pub born_on: Option<NaiveDate>,
    /// A life in some sentences.
    #[garde(inner(custom(rules::biography)))]
    pub biography: Option<String>,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}
