//! Rows as the peers without entities of their own read them, and what proves them equal.

use chrono::{Datelike, NaiveDate};

/// A book.
#[derive(Clone, Debug, diesel::Queryable)]
pub struct BookRow {
    pub id: i64,
    pub title: String,
    pub author_id: i64,
    pub isbn: Option<String>,
    pub published_on: Option<NaiveDate>,
    pub price: Option<i64>,
    pub in_print: bool,
    pub version: i64,
}

/// An author.
#[derive(Clone, Debug, diesel::Queryable)]
#[expect(dead_code, reason = "read because the others read whole authors, too")]
pub struct AuthorRow {
    pub id: i64,
    pub name: String,
    pub born_on: Option<NaiveDate>,
    pub biography: Option<String>,
    pub version: i64,
}

/// A sum over rows: equal where the same rows were read, in whatever order. Cheap, so that it may
/// be made while the time is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// Takes in a number.
    pub const fn number(&mut self, number: i64) {
        self.0 = self.0.wrapping_add(number.cast_unsigned());
    }

    /// Takes in a book.
    #[expect(clippy::too_many_arguments, reason = "a book of any of the sides")]
    pub fn book(
        &mut self,
        id: i64,
        title: &str,
        author_id: i64,
        isbn: Option<&str>,
        published_on: Option<NaiveDate>,
        price: Option<i64>,
        in_print: bool,
        version: i64,
    ) {
        let mut sum = id.wrapping_mul(31).wrapping_add(author_id).wrapping_mul(31);
        sum = sum.wrapping_add(price.unwrap_or(-1)).wrapping_mul(31).wrapping_add(version);
        sum = sum.wrapping_mul(31).wrapping_add(i64::from(in_print));
        sum = sum.wrapping_add(published_on.map_or(-1, |day| day.num_days_from_ce().into()));
        let texts = title.len() * 1_000 + isbn.map_or(0, str::len);
        let last = title.as_bytes().last().copied().unwrap_or_default();
        self.number(sum);
        self.number(i64::try_from(texts).unwrap_or_default());
        self.number(last.into());
    }

    /// Takes in an author with a book.
    pub const fn pair(&mut self, author: i64, book: i64) {
        self.number(author.wrapping_mul(1_000_003).wrapping_add(1).wrapping_mul(book));
    }
}

impl BookRow {
    /// Takes the book into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        digest.book(
            self.id,
            &self.title,
            self.author_id,
            self.isbn.as_deref(),
            self.published_on,
            self.price,
            self.in_print,
            self.version,
        );
    }
}
