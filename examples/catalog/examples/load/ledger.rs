//! What a client knows to be written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A book as it was acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    pub title: String,
    pub cents: i64,
    pub version: i64,
}

impl Book {
    /// The book of an answer.
    pub fn of(body: &Value) -> Option<Self> {
        Some(Self {
            title: body.get("title")?.as_str()?.to_owned(),
            cents: cents(body.get("price")?)?,
            version: body.get("version")?.as_i64()?,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "prices here are small")]
fn cents(price: &Value) -> Option<i64> {
    Some((price.as_f64()? * 100.0).round() as i64)
}

/// A client's books. Those of which a write is in doubt are not written any more.
#[derive(Debug, Default)]
pub struct Ledger {
    /// As they have to be.
    pub known: BTreeMap<i64, Book>,
    /// As they may be; `None` where they may be gone.
    pub in_doubt: BTreeMap<i64, Vec<Option<Book>>>,
    /// Titles of books that may or may not have been made.
    pub maybe_made: BTreeSet<String>,
}

impl Ledger {
    /// A book and its key, `chance` says which.
    pub fn any(&self, chance: u64) -> Option<(i64, Book)> {
        let number = usize::try_from(chance).ok()?.checked_rem(self.known.len())?;
        let (id, book) = self.known.iter().nth(number)?;
        Some((*id, book.clone()))
    }

    /// A write of which nobody knows: the book is as before or as it was to be.
    pub fn doubt(&mut self, id: i64, after: Option<Book>) {
        if let Some(before) = self.known.remove(&id) {
            self.in_doubt.insert(id, vec![Some(before), after]);
        }
    }

    /// Whether a book that was found may be there like this.
    pub fn allows(&self, id: i64, found: &Book) -> bool {
        match (self.known.get(&id), self.in_doubt.get(&id)) {
            (Some(book), _) => book == found,
            (None, Some(books)) => books.iter().flatten().any(|book| book == found),
            (None, None) => found.version == 1 && self.maybe_made.contains(&found.title),
        }
    }

    /// Keys of books that have to be there, in some state.
    pub fn needed(&self) -> impl Iterator<Item = i64> + '_ {
        let in_doubt = self.in_doubt.iter().filter(|(_, books)| books.iter().all(Option::is_some));
        self.known.keys().copied().chain(in_doubt.map(|(id, _)| *id))
    }
}
