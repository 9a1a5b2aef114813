//! Made-up books and authors, as many as wanted and the same every time: to see how large a
//! bookshop may be.

mod random;
mod words;

use std::ops::ControlFlow;

use chrono::{Days, NaiveDate};
use persistence::{Comparison, Error, Filter, Query, Ref, Repository};

use crate::author::{Author, NewAuthor};
use crate::book::{Book, NewBook, Price};
use crate::isbn::Isbn;
use random::Random;
use words::{LANGUAGES, Language};

/// Books inserted at a time.
const BOOKS_PER_BATCH: u64 = 5_000;
/// Books for each author, on average.
const BOOKS_AN_AUTHOR: u64 = 20;
/// Where the first nine digits after 979 begin: 979-2 to 979-7 are given to no publisher.
const FIRST_ISBN: u64 = 200_000_000;
/// Where they end.
const LAST_ISBN: u64 = 799_999_999;
/// Below which text the ISBNs are that this makes, and from which on.
const ISBNS: std::ops::Range<&str> = "9792".."9798";

/// What was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    /// New authors.
    pub authors: u64,
    /// New books.
    pub books: u64,
}

/// Why seeding ended early. What it wrote must not be committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// More books than there are ISBNs left.
    #[error("there are ISBNs for {left} more made-up books only")]
    TooMany {
        /// How many books can still be made.
        left: u64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] Error),
    /// `progress` wanted it so.
    #[error("cancelled")]
    Cancelled,
}

/// Inserts so many made-up books and an author for every twenty of them, batch by batch. The same
/// `seed` makes the same rows. `progress` is told how many books there are by now, and may end it.
///
/// Nothing is committed here, that is for the caller: `repositories` is a session.
///
/// # Errors
/// [`SeedError`]; then nothing may be committed.
pub fn seed<R>(
    repositories: &mut R,
    books: u64,
    seed: u64,
    mut progress: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Seeded, SeedError>
where
    R: Repository<Author> + Repository<Book>,
{
    let first_isbn = next_isbn(repositories)?;
    let left = (LAST_ISBN + 1).saturating_sub(first_isbn);
    if books > left {
        return Err(SeedError::TooMany { left });
    }
    let mut authors: Vec<i64> = Vec::new();
    let mut seeded = Seeded::default();
    while seeded.books < books {
        let batch = seeded.books..(seeded.books + BOOKS_PER_BATCH).min(books);
        let authors_wanted = batch.end.div_ceil(BOOKS_AN_AUTHOR);
        let drafts = (seeded.authors..authors_wanted).map(|row| author(seed, row)).collect();
        let created: Vec<Author> = repositories.insert_many(drafts)?;
        authors.extend(created.iter().map(|author| author.id));
        seeded.authors = authors_wanted;

        let recent = created.len() as u64;
        let drafts = batch.clone().map(|row| {
            let mut random = Random::of_row(seed, BOOKS, row);
            let author = pick(&authors, recent, &mut random);
            book(&mut random, author, first_isbn + row)
        });
        let drafts: Vec<NewBook> = drafts.collect();
        let _: Vec<Book> = repositories.insert_many(drafts)?;
        seeded.books = batch.end;
        if progress(seeded.books).is_break() {
            return Err(SeedError::Cancelled);
        }
    }
    Ok(seeded)
}

/// Returns the first number for an ISBN that no made-up book has.
fn next_isbn(books: &mut impl Repository<Book>) -> Result<u64, Error> {
    let isbn = Book::ISBN.name();
    let mut query = Query::<Book>::new().order(Book::ISBN.desc());
    query.filter = Filter::compare(isbn, Comparison::GreaterOrEqual, ISBNS.start)
        .and(Filter::compare(isbn, Comparison::Less, ISBNS.end));
    let last = books.first(&query)?.and_then(|book| book.isbn);
    let number = last.and_then(|isbn| isbn.get(3..12)?.parse::<u64>().ok());
    Ok(number.map_or(FIRST_ISBN, |number| number + 1))
}

/// Tells the numbers of authors from those of books.
const AUTHORS: u64 = 1;
const BOOKS: u64 = 2;

/// Picks an author: mostly one of the latest, so that neighbouring books have neighbouring authors
/// as in a shop that grows, and some much more often than others.
fn pick(authors: &[i64], recent: u64, random: &mut Random) -> i64 {
    let all = authors.len() as u64;
    let among = if recent > 0 && random.in_percent(80) { recent } else { all };
    let back = random.below(among).min(random.below(among));
    let position = usize::try_from(all.saturating_sub(1 + back)).unwrap_or(0);
    authors.get(position).copied().unwrap_or_default()
}

fn language(random: &mut Random) -> &'static Language {
    // Half of everything is in the first language.
    let position = if random.in_percent(50) { 0 } else { random.below(LANGUAGES.len() as u64) };
    let language = usize::try_from(position).ok().and_then(|position| LANGUAGES.get(position));
    language.expect("a number below the length is a position")
}

fn author(seed: u64, row: u64) -> NewAuthor {
    let mut random = Random::of_row(seed, AUTHORS, row);
    let language = language(&mut random);
    let first = random.one_of(language.first_names);
    let last = random.one_of(language.last_names);
    let name = format!("{first}{}{last}", language.between_names);
    let born_on = date(&mut random, 1850, 1999, 15);
    let biography = random.in_percent(30).then(|| {
        let title = title(language, &mut random);
        format!("{name}: {title}.")
    });
    NewAuthor { name, born_on, biography }
}

fn book(random: &mut Random, author: i64, isbn: u64) -> NewBook {
    let language = language(random);
    let isbn = Isbn::from_first_twelve(&format!("979{isbn}")).filter(|_| !random.in_percent(5));
    let cents = [0, 49, 50, 90, 95, 99];
    let price = (!random.in_percent(8)).then(|| {
        let whole = 1 + random.below(40).min(random.below(40)) * 2;
        let cents =
            usize::try_from(random.below(cents.len() as u64)).ok().and_then(|at| cents.get(at));
        Price::from_units(i64::try_from(whole * 100 + cents.copied().unwrap_or(0)).unwrap_or(0))
    });
    NewBook {
        title: title(language, random),
        author: Ref::Id(author),
        isbn: isbn.map(String::from),
        published_on: date(random, 1900, 2024, 4),
        price,
        in_print: random.in_percent(85),
    }
}

fn title(language: &Language, random: &mut Random) -> String {
    let opening = random.one_of(language.openings);
    let closing = random.one_of(language.closings);
    let mut title = format!("{opening}{}{closing}", language.between_words);
    match random.below(10) {
        0..5 => title.push_str(&format!(", {}", random.below(100_000))),
        5..7 => {
            let subtitle = random.one_of(language.closings);
            title.push_str(&format!(": {subtitle} {}", 1 + random.below(1_000)));
        }
        _ => {}
    }
    title
}

/// Returns a date in those years; none in `missing` of a hundred cases.
fn date(random: &mut Random, first: i32, last: i32, missing: u64) -> Option<NaiveDate> {
    let begin = NaiveDate::from_ymd_opt(first, 1, 1)?;
    let end = NaiveDate::from_ymd_opt(last, 12, 31)?;
    let days = u64::try_from((end - begin).num_days()).ok()? + 1;
    let date = begin.checked_add_days(Days::new(random.below(days)));
    date.filter(|_| !random.in_percent(missing))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::rules;

    fn books(seed: u64, count: u64) -> Vec<NewBook> {
        let number = |row| book(&mut Random::of_row(seed, BOOKS, row), 1, FIRST_ISBN + row);
        (0..count).map(number).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_books_and_another_one_others() {
        let texts = |seed| format!("{:?}", books(seed, 50));
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
    }

    #[test]
    fn made_up_rows_obey_the_rules_and_isbns_are_unique() {
        let books = books(3, 3_000);
        let mut isbns = HashSet::new();
        for book in &books {
            rules::title(&book.title, &()).expect("a title");
            if let Some(isbn) = &book.isbn {
                rules::isbn(isbn, &()).expect("an ISBN");
                assert!(ISBNS.contains(&isbn.as_str()), "{isbn}");
                assert!(isbns.insert(isbn.clone()), "{isbn} twice");
            }
        }
        for row in 0..1_000 {
            let author = author(3, row);
            rules::name(&author.name, &()).expect("a name");
            rules::biography(&author.biography.unwrap_or_default(), &()).expect("a biography");
        }
    }

    #[test]
    fn some_of_everything_is_missing_and_most_is_there() {
        let books = books(1, 2_000);
        let share =
            |is_missing: fn(&NewBook) -> bool| books.iter().filter(|book| is_missing(book)).count();
        assert!((40..200).contains(&share(|book| book.isbn.is_none())));
        assert!((40..200).contains(&share(|book| book.published_on.is_none())));
        assert!((80..300).contains(&share(|book| book.price.is_none())));
        assert!(books.iter().any(|book| !book.title.is_ascii()));
    }

    #[test]
    fn an_author_is_always_one_of_those_there_are() {
        let authors = [5, 6, 7, 8, 9];
        for row in 0..500 {
            let picked = pick(&authors, row % 6, &mut Random::of_row(1, BOOKS, row));
            assert!(authors.contains(&picked), "{picked}");
        }
    }
}
