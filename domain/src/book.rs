//! Books for sale.

use chrono::NaiveDate;
use persistence::{Decimal, Entity};

use crate::author::Author;
use crate::rules;
use crate::schema::books;

/// An amount of money, in whole cents.
pub type Price = Decimal<2>;

/// A book.
#[derive(Clone, Debug, PartialEq, Eq, Entity, garde::Validate)]
#[entity(table = books, validate, icon = "book")]
#[garde(allow_unvalidated)]
pub struct Book {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The title.
    #[entity(label, search)]
    #[garde(custom(rules::title))]
    pub title: String,
    /// Who wrote it; the first, where several did.
    #[entity(references(Author, on_delete = restrict))]
    pub author_id: i64,
    /// The International Standard Book Number, 13 or 10 digits without separators.
    #[entity(search, unique)]
    #[garde(inner(custom(rules::isbn)))]
    pub isbn: Option<String>,
    /// The day of the first edition.
    #[garde(inner(custom(rules::date)))]
    pub published_on: Option<NaiveDate>,
    /// What a copy costs.
    #[garde(inner(custom(rules::price)))]
    pub price: Option<Price>,
    /// Whether it can be ordered.
    pub in_print: bool,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}
