//! The rows: made up, the same every time.

use anyhow::{Context, Result};
use chrono::{Days, NaiveDate};
use domain::isbn::Isbn;
use rusqlite::Connection;

/// Books for each author.
const BOOKS_AN_AUTHOR: u64 = 10;

const ADJECTIVES: [&str; 16] = [
    "Quiet",
    "Last",
    "Crooked",
    "Invisible",
    "Golden",
    "Second",
    "Burning",
    "Forgotten",
    "Hollow",
    "Distant",
    "Electric",
    "Patient",
    "Silver",
    "Unwritten",
    "Northern",
    "Restless",
];
const NOUNS: [&str; 16] = [
    "Garden",
    "Cartographer",
    "Winter",
    "Lighthouse",
    "Orchard",
    "Archive",
    "River",
    "Machine",
    "Daughter",
    "Harbour",
    "Library",
    "Mountain",
    "Letter",
    "Republic",
    "Clock",
    "Island",
];

/// A book without its key.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// The title.
    pub title: String,
    /// Who wrote it.
    pub author_id: i64,
    /// A valid number, of most books.
    pub isbn: Option<String>,
    /// A day, of most books.
    pub published_on: Option<NaiveDate>,
    /// Cents, of most books.
    pub price: Option<i64>,
    /// Of nine books in ten.
    pub in_print: bool,
}

/// Numbers that look random: SplitMix64.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of one row of one kind.
    pub const fn of(kind: u64, row: u64) -> Self {
        Self(kind.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ row.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// The next number, below `end`.
    pub const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// One of some texts.
    pub fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        let position = usize::try_from(self.below(texts.len() as u64)).unwrap_or(0);
        texts.get(position).copied().unwrap_or_default()
    }
}

/// How many authors so many books have.
pub const fn authors_of(books: u64) -> u64 {
    books.div_ceil(BOOKS_AN_AUTHOR)
}

/// A title, mostly another one for another row.
pub fn title(row: u64) -> String {
    let mut random = Random::of(1, row);
    let (adjective, noun) = (random.one_of(&ADJECTIVES), random.one_of(&NOUNS));
    format!("The {adjective} {noun} of {} {}", random.one_of(&NOUNS), random.below(100_000))
}

/// A day in the last century or so.
pub fn day(row: u64) -> NaiveDate {
    let day = Days::new(Random::of(2, row).below(40_000));
    NaiveDate::default().checked_sub_days(Days::new(20_000)).unwrap_or_default() + day
}

/// The book with that number among so many.
pub fn book(row: u64, books: u64) -> NewRow {
    let mut random = Random::of(3, row);
    let author = 1 + random.below(authors_of(books));
    let isbn = Isbn::from_first_twelve(&format!("979{:09}", 200_000_000 + row));
    NewRow {
        title: title(row),
        author_id: author.cast_signed(),
        isbn: isbn.filter(|_| random.below(10) > 0).map(|isbn| isbn.as_str().to_owned()),
        published_on: (random.below(10) > 0).then(|| day(row)),
        price: (random.below(10) > 0).then(|| (100 + random.below(5_000)).cast_signed()),
        in_print: random.below(10) > 0,
    }
}

/// Puts authors into a database that has the bookshop's tables.
///
/// # Errors
/// The database's.
pub fn insert_authors(connection: &mut Connection, books: u64) -> Result<()> {
    let transaction = connection.transaction()?;
    let mut insert = transaction
        .prepare("INSERT INTO authors (name, born_on, biography, version) VALUES (?, ?, ?, 1)")?;
    for row in 0..authors_of(books) {
        let name = format!("{} {row}", Random::of(4, row).one_of(&NOUNS));
        insert.execute((name, Some(day(row)), None::<String>))?;
    }
    drop(insert);
    transaction.commit().context("cannot insert the authors")
}
