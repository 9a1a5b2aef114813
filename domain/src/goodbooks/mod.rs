//! The catalogue of [goodbooks-10k](https://github.com/zygmuntz/goodbooks-10k), as it is: ISBNs that a spreadsheet
//! read as numbers, several authors in one field, years before Christ.
//!
//! Here its lines become books or reasons against them; what is in a database already does not matter yet.

pub mod import;
pub mod isbn_repair;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::io::{self, Read};

use chrono::NaiveDate;

use crate::isbn::Isbn;
use crate::rules;
use isbn_repair::{Reading, Repair};
use transfer::csv_records::{BrokenLine, Fault, Form, HeaderError, Record, Records, written};

/// A book as its line gives it, mended where that can be proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodbooksBook {
    /// The line it begins on, counted from 1.
    pub line: u64,
    /// The title; the original title where there is no other.
    pub title: String,
    /// The first of the authors.
    pub first_author: String,
    /// The ISBN, if one can be proved.
    pub isbn: Option<Isbn>,
    /// How the ISBN was restored, if it was.
    pub isbn_repair: Option<Repair>,
    /// The first of January of the original publication's year.
    pub published_on: Option<NaiveDate>,
    /// What could not be kept, or looks wrong.
    pub problems: Vec<Problem>,
    /// The line's fields as they stood in the file.
    pub fields: Vec<String>,
}

impl GoodbooksBook {
    /// Turns the book down after all, for a reason that only shows beside other books.
    #[must_use]
    pub fn reject(self, reason: Reason) -> Rejected {
        Rejected { line: self.line, reason, text: as_csv(&self.fields) }
    }
}

/// What is wrong with a book that can be taken in all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The ISBN is damaged beyond proof; the book has none.
    IsbnUnproved {
        /// What was found.
        reason: String,
    },
    /// The two ISBN columns name different editions; the proved one is kept.
    IsbnContradicted {
        /// The ISBN kept.
        isbn: Isbn,
        /// The other column.
        other: String,
    },
    /// An earlier line has the same ISBN; this book has none.
    IsbnTaken {
        /// The ISBN.
        isbn: Isbn,
        /// The earlier line.
        line: u64,
    },
    /// A book in the shop has the same ISBN, but another title or author; the new one has none.
    IsbnInShop {
        /// The ISBN.
        isbn: Isbn,
        /// The id of the book that has it.
        id: i64,
    },
    /// A year that no date column holds on every engine; the book has no date.
    YearOutOfRange {
        /// The year; negative before Christ.
        year: i64,
    },
    /// A year that is no whole number; the book has no date.
    YearUnreadable {
        /// What was found.
        text: String,
    },
    /// There is no title but the original one.
    TitleFromOriginal,
    /// An earlier line has the same title and author, but is another edition or work; both are kept.
    SameTitleAndAuthor {
        /// The earlier line.
        line: u64,
    },
}

/// A line that is no book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its number, counted from 1.
    pub line: u64,
    /// Why.
    pub reason: Reason,
    /// The line, as CSV.
    pub text: String,
}

/// Why a line is no book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It is not sound CSV.
    #[error(transparent)]
    Csv(#[from] Fault),
    /// A value breaks the rule of its field.
    #[error("{column}: {message}")]
    Invalid {
        /// The file's column.
        column: &'static str,
        /// What was expected.
        message: String,
    },
    /// An earlier line is the same book.
    #[error("the same book as line {line}: {same}")]
    Duplicate {
        /// The earlier line.
        line: u64,
        /// What they have in common.
        same: &'static str,
    },
    /// The shop has the book already.
    #[error("already in the shop as book {id}")]
    InShop {
        /// The book's id.
        id: i64,
    },
    /// The database does not take it.
    #[error("{reason}")]
    Refused {
        /// What the database says.
        reason: String,
    },
}

/// One line of the file, understood.
pub type Line = Result<GoodbooksBook, Rejected>;

/// Why a file is not a goodbooks catalogue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GoodbooksError {
    /// It cannot be read as CSV.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Columns are missing from its header.
    #[error("not a goodbooks file: missing {}; found {}", missing.join(", "), found.join(", "))]
    Columns {
        /// The columns that are not there.
        missing: Vec<&'static str>,
        /// Those that are.
        found: Vec<String>,
    },
}

/// The lines of a goodbooks file, in order; every line but blank ones comes out, as a book or rejected.
#[derive(Debug)]
pub struct Goodbooks<R> {
    records: Records<R>,
    columns: Columns,
    seen: Seen,
}

const AUTHORS: &str = "authors";
const ISBN: &str = "isbn";
const ISBN_13: &str = "isbn13";
const ORIGINAL_TITLE: &str = "original_title";
const TITLE: &str = "title";
const YEAR: &str = "original_publication_year";
const REQUIRED: [&str; 6] = [AUTHORS, ISBN, ISBN_13, ORIGINAL_TITLE, TITLE, YEAR];
/// Numbers each line in newer editions of the file.
const BOOK_ID: &str = "book_id";

/// Returns whether a header is that of a goodbooks file: it has every column that is read here.
#[must_use]
pub fn is_goodbooks<S: AsRef<str>>(header: &[S]) -> bool {
    Columns::of(header).is_ok()
}

impl<R: Read> Goodbooks<R> {
    /// Reads the header of a goodbooks file.
    ///
    /// # Errors
    /// If the file is not CSV or lacks columns; these are named.
    pub fn new(reader: R) -> Result<Self, GoodbooksError> {
        Self::from_records(Records::new(reader)?)
    }

    /// Goes on where the header was read to find out what the file is.
    ///
    /// # Errors
    /// If columns are missing; these are named.
    pub fn from_records(records: Records<R>) -> Result<Self, GoodbooksError> {
        let missing_columns =
            |missing| GoodbooksError::Columns { missing, found: records.header().to_vec() };
        let columns = Columns::of(records.header()).map_err(missing_columns)?;
        Ok(Self { records, columns, seen: Seen::default() })
    }

    fn understand(&mut self, record: Record) -> Line {
        let id = self.columns.book_id(&record).map(ToOwned::to_owned);
        match self.columns.book(&record) {
            Ok(book) => self.seen.check(GoodbooksBook { fields: record.fields, ..book }, id),
            Err(reason) => {
                let text = as_csv(&record.fields);
                Err(Rejected { line: record.line, reason, text })
            }
        }
    }
}

impl<R: Read> Iterator for Goodbooks<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        Some(record.map(|record| match record {
            Ok(record) => self.understand(record),
            Err(BrokenLine { line, fault, text }) => {
                Err(Rejected { line, reason: fault.into(), text })
            }
        }))
    }
}

/// Where the columns are.
#[derive(Debug, Clone, Copy)]
struct Columns {
    authors: usize,
    isbn: usize,
    isbn_13: usize,
    original_title: usize,
    title: usize,
    year: usize,
    book_id: Option<usize>,
}

impl Columns {
    fn of<S: AsRef<str>>(header: &[S]) -> Result<Self, Vec<&'static str>> {
        let position = |name: &str| header.iter().position(|column| column.as_ref().trim() == name);
        let [
            Some(authors),
            Some(isbn),
            Some(isbn_13),
            Some(original_title),
            Some(title),
            Some(year),
        ] = REQUIRED.map(position)
        else {
            return Err(REQUIRED.into_iter().filter(|name| position(name).is_none()).collect());
        };
        Ok(Self { authors, isbn, isbn_13, original_title, title, year, book_id: position(BOOK_ID) })
    }

    fn book_id<'a>(&self, record: &'a Record) -> Option<&'a str> {
        let id = record.fields.get(self.book_id?)?.trim();
        (!id.is_empty()).then_some(id)
    }

    fn book(&self, record: &Record) -> Result<GoodbooksBook, Reason> {
        let field = |column: usize| record.fields.get(column).map_or("", String::as_str);
        let mut problems = Vec::new();

        let mut title = on_one_line(field(self.title));
        if title.is_empty() {
            title = on_one_line(field(self.original_title));
            problems.push(Problem::TitleFromOriginal);
        }
        rules::title(&title, &()).map_err(|error| invalid(TITLE, &error))?;
        let first_author = first_author(field(self.authors));
        rules::name(&first_author, &()).map_err(|error| invalid(AUTHORS, &error))?;

        let (isbn, isbn_repair) = match isbn_repair::read(field(self.isbn), field(self.isbn_13)) {
            Reading::Absent => (None, None),
            Reading::Proved { isbn, repair, contradicted_by } => {
                let contradiction = |other| Problem::IsbnContradicted { isbn: isbn.clone(), other };
                problems.extend(contradicted_by.map(contradiction));
                (Some(isbn), repair)
            }
            Reading::Unproved { reason } => {
                problems.push(Problem::IsbnUnproved { reason });
                (None, None)
            }
        };
        let published_on = published_on(field(self.year)).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        Ok(GoodbooksBook {
            line: record.line,
            title,
            first_author,
            isbn,
            isbn_repair,
            published_on,
            problems,
            fields: Vec::new(),
        })
    }
}

fn invalid(column: &'static str, error: &garde::Error) -> Reason {
    Reason::Invalid { column, message: error.message().to_owned() }
}

/// Returns the text without line breaks, and with one blank where there are several.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_author(authors: &str) -> String {
    authors.split(',').map(on_one_line).find(|author| !author.is_empty()).unwrap_or_default()
}

/// The years that every engine's DATE holds.
const YEARS: std::ops::RangeInclusive<i64> = 1..=9999;

fn published_on(year: &str) -> Result<Option<NaiveDate>, Problem> {
    let text = year.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let whole = text
        .split_once('.')
        .filter(|(_, rest)| rest.bytes().all(|byte| byte == b'0'))
        .map_or(text, |(whole, _)| whole);
    let year: i64 = whole.parse().map_err(|_| Problem::YearUnreadable { text: text.to_owned() })?;
    let date = i32::try_from(year)
        .ok()
        .filter(|_| YEARS.contains(&year))
        .and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
    date.map(Some).ok_or(Problem::YearOutOfRange { year })
}

/// What earlier lines of the file had, and on which line.
#[derive(Debug, Default)]
struct Seen {
    ids: HashMap<String, u64>,
    isbns: HashMap<Isbn, u64>,
    titles: HashMap<(String, String), Vec<Edition>>,
}

#[derive(Debug)]
struct Edition {
    line: u64,
    isbn: Option<Isbn>,
    published_on: Option<NaiveDate>,
}

impl Seen {
    fn check(&mut self, mut book: GoodbooksBook, id: Option<String>) -> Line {
        if let Some(&line) = id.as_ref().and_then(|id| self.ids.get(id)) {
            return Err(book.reject(Reason::Duplicate { line, same: BOOK_ID }));
        }
        let editions =
            self.titles.entry((book.title.clone(), book.first_author.clone())).or_default();
        let is_same = |edition: &&Edition| {
            edition.isbn == book.isbn
                && (book.isbn.is_some() || edition.published_on == book.published_on)
        };
        if let Some(line) = editions.iter().find(is_same).map(|edition| edition.line) {
            let same = if book.isbn.is_some() {
                "title, author and ISBN"
            } else {
                "title, author and year"
            };
            return Err(book.reject(Reason::Duplicate { line, same }));
        }
        if let Some(edition) = editions.first() {
            book.problems.push(Problem::SameTitleAndAuthor { line: edition.line });
        }
        editions.push(Edition {
            line: book.line,
            isbn: book.isbn.clone(),
            published_on: book.published_on,
        });
        if let Some(isbn) = book.isbn.take() {
            match self.isbns.entry(isbn) {
                Entry::Occupied(taken) => {
                    let (isbn, line) = (taken.key().clone(), *taken.get());
                    book.problems.push(Problem::IsbnTaken { isbn, line });
                    book.isbn_repair = None;
                }
                Entry::Vacant(free) => {
                    book.isbn = Some(free.key().clone());
                    free.insert(book.line);
                }
            }
        }
        self.ids.extend(id.map(|id| (id, book.line)));
        Ok(book)
    }
}

fn as_csv(fields: &[String]) -> String {
    written(fields.iter().map(|field| (field.as_str(), Form::Bare)))
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IsbnUnproved { reason } => write!(formatter, "left without ISBN: {reason}"),
            Self::IsbnContradicted { isbn, other } => {
                write!(
                    formatter,
                    "ISBN {isbn} kept; the other column names something else: {other}"
                )
            }
            Self::IsbnTaken { isbn, line } => {
                write!(formatter, "left without ISBN: line {line} has {isbn} already")
            }
            Self::IsbnInShop { isbn, id } => {
                write!(formatter, "left without ISBN: book {id} has {isbn} already")
            }
            Self::YearOutOfRange { year } => {
                let (first, last) = (YEARS.start(), YEARS.end());
                write!(formatter, "left without date: year {year} is not from {first} to {last}")
            }
            Self::YearUnreadable { text } => {
                write!(formatter, "left without date: {text:?} is not a year")
            }
            Self::TitleFromOriginal => {
                formatter.write_str("no title; the original title was taken")
            }
            Self::SameTitleAndAuthor { line } => {
                write!(formatter, "same title and author as line {line}; both kept")
            }
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "book_id,isbn,isbn13,authors,original_publication_year,original_title,title\n";

    fn lines(rows: &str) -> Vec<Line> {
        let file = format!("{HEADER}{rows}");
        let goodbooks = Goodbooks::new(file.as_bytes()).expect("a goodbooks header");
        goodbooks.map(|line| line.expect("memory can be read")).collect()
    }

    /// Checks each book with its problems, and each rejected line with its reason.
    fn check(rows: &str, expected: &[&str]) {
        let show = |line: &Line| match line {
            Ok(book) => {
                let isbn = book.isbn.as_ref().map_or("NULL", Isbn::as_str);
                let published =
                    book.published_on.map_or("NULL".to_owned(), |date| date.to_string());
                let head = format!(
                    "{}: {} by {}, {isbn}, {published}",
                    book.line, book.title, book.first_author
                );
                let problems = book.problems.iter().map(Problem::to_string);
                std::iter::once(head).chain(problems).collect::<Vec<_>>().join("; ")
            }
            Err(rejected) => rejected.to_string(),
        };
        assert_eq!(lines(rows).iter().map(show).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_first_of_several_authors_is_the_books_author() {
        check(
            "1,439554934,9.78043955493e+12,\"J.K. Rowling, Mary  GrandPré\",1997.0,,Harry Potter\n",
            &["2: Harry Potter by J.K. Rowling, 9780439554930, 1997-01-01"],
        );
        check(
            "1,,,\" , Ovid\",8.0,,Metamorphoses\n",
            &["2: Metamorphoses by Ovid, NULL, 0008-01-01"],
        );
    }

    #[test]
    fn blanks_in_titles_and_names_are_made_single() {
        check(
            "1,,,John             Lewis,,,March:  Book One \n",
            &["2: March: Book One by John Lewis, NULL, NULL"],
        );
    }

    #[test]
    fn years_no_date_can_hold_leave_the_date_null_and_are_reported() {
        check(
            "1,,,Homer,-720.0,,The Odyssey\n2,,,A,0,,B\n3,,,A,10000.0,,C\n4,,,A,MCM,,D\n5,,,A,1999.5,,E\n6,,,A,99999999999999999999,,F\n",
            &[
                "2: The Odyssey by Homer, NULL, NULL; left without date: year -720 is not from 1 to 9999",
                "3: B by A, NULL, NULL; left without date: year 0 is not from 1 to 9999",
                "4: C by A, NULL, NULL; left without date: year 10000 is not from 1 to 9999",
                "5: D by A, NULL, NULL; left without date: \"MCM\" is not a year",
                "6: E by A, NULL, NULL; left without date: \"1999.5\" is not a year",
                "7: F by A, NULL, NULL; left without date: \"99999999999999999999\" is not a year",
            ],
        );
    }

    #[test]
    fn a_missing_title_falls_back_to_the_original_one() {
        check(
            "1,,,Lem,1961,Solaris,\n",
            &["2: Solaris by Lem, NULL, 1961-01-01; no title; the original title was taken"],
        );
    }

    #[test]
    fn lines_without_title_or_author_and_lines_beyond_the_rules_are_rejected() {
        check("1,,,Lem,1961,,\n", &["line 2: title: should not be empty"]);
        check("1,,,,1961,,Solaris\n", &["line 2: authors: should not be empty"]);
        check("1,,,\" , \",1961,,Solaris\n", &["line 2: authors: should not be empty"]);
        let long = "x".repeat(501);
        check(
            &format!("1,,,Lem,1961,,{long}\n"),
            &["line 2: title: should have at most 500 characters, has 501"],
        );
    }

    #[test]
    fn broken_lines_are_rejected_and_the_others_read() {
        check(
            "1,,,Lem,1961,,\"Solaris\n2,,,Lem,1986,,Fiasco\n3,Lem\n",
            &[
                "line 2: the quote that opens field 7 is never closed",
                "3: Fiasco by Lem, NULL, 1986-01-01",
                "line 4: 2 instead of 7 fields",
            ],
        );
    }

    #[test]
    fn a_rejected_line_can_be_mended_and_read_again() {
        let rejected = lines("1,,,\"Lem, Stanisław\",1961,,\n").remove(0).expect_err("no title");
        assert_eq!(rejected.text, "1,,,\"Lem, Stanisław\",1961,,");
    }

    #[test]
    fn an_isbn_already_taken_is_left_to_the_earlier_line() {
        check(
            "1,0156027607,,Lem,1961,,Solaris\n2,,9780156027601,Lem,1971,,Solaris II\n",
            &[
                "2: Solaris by Lem, 9780156027601, 1961-01-01",
                "3: Solaris II by Lem, NULL, 1971-01-01; left without ISBN: line 2 has 9780156027601 already",
            ],
        );
    }

    #[test]
    fn the_same_book_twice_is_rejected_the_second_time() {
        check(
            "1,0156027607,,Lem,1961,,Solaris\n1,,,Lem,1986,,Fiasco\n3,,9780156027601,Lem,1971,,Solaris\n",
            &[
                "2: Solaris by Lem, 9780156027601, 1961-01-01",
                "line 3: the same book as line 2: book_id",
                "line 4: the same book as line 2: title, author and ISBN",
            ],
        );
        check(
            "1,,,Lem,1961,,Solaris\n2,,,Lem,1961.0,,Solaris\n",
            &[
                "2: Solaris by Lem, NULL, 1961-01-01",
                "line 3: the same book as line 2: title, author and year",
            ],
        );
    }

    #[test]
    fn two_editions_of_one_title_are_both_kept_and_reported() {
        check(
            "1,450031063,,Stephen King,1975,,'Salem's Lot\n2,385516487,,\"Stephen King, Jerry N. Uelsmann\",2005,,'Salem's Lot\n",
            &[
                "2: 'Salem's Lot by Stephen King, 9780450031069, 1975-01-01",
                "3: 'Salem's Lot by Stephen King, 9780385516488, 2005-01-01; same title and author as line 2; both kept",
            ],
        );
    }

    #[test]
    fn a_file_of_another_kind_is_refused_by_naming_the_missing_columns() {
        let refusal =
            |file: &'static str| Goodbooks::new(file.as_bytes()).expect_err("refused").to_string();
        assert_eq!(
            refusal("title,isbn,price\n"),
            "not a goodbooks file: missing authors, isbn13, original_title, original_publication_year; found title, isbn, price"
        );
        assert_eq!(refusal(""), "the file is empty; a header line with column names was expected");
    }

    #[test]
    fn a_goodbooks_header_is_known_by_its_columns_in_any_order() {
        assert!(is_goodbooks(&[
            "title",
            "original_title",
            "isbn13",
            "isbn",
            "authors",
            "original_publication_year",
            "more"
        ]));
        assert!(!is_goodbooks(&["title", "isbn", "author_id"]));
        assert!(!is_goodbooks::<&str>(&[]));
    }
}
