//! Brings a goodbooks catalogue into the shop: authors are found or created, books inserted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};

use chrono::NaiveDate;
use persistence::{Error, Filter, Query, Ref, Repository, Value};

use super::{Goodbooks, GoodbooksBook, Problem, Reason, Rejected};
use crate::author::{Author, NewAuthor};
use crate::book::{Book, NewBook};
use transfer::bisect::{insert_or_reject, look_up};
use transfer::import::{self, ImportError, Observer};

/// Rows inserted at a time.
const ROWS_PER_BATCH: usize = 1000;
/// Bytes held at a time, apart from a single longer row.
const BYTES_PER_BATCH: usize = 8 * 1024 * 1024;

/// What became of a file's lines: each that was read is either inserted or rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines with something on them, without the header.
    pub read: u64,
    /// Books inserted.
    pub inserted: u64,
    /// Lines that are no book, or one that is there already.
    pub rejected: u64,
    /// Authors that were not there.
    pub authors_created: u64,
    /// ISBNs that were restored.
    pub repaired: u64,
    /// How they were restored, and how many.
    pub repairs: BTreeMap<String, u64>,
    /// What was left out of inserted books, or looks wrong in them, and how many.
    pub notes: BTreeMap<&'static str, u64>,
}

/// Inserts the books of a goodbooks catalogue and the authors that are missing.
///
/// Books that are in the shop already are rejected: those with the same ISBN, title and author, and
/// of those without an ISBN the ones with the same title, author and date. So importing a file
/// twice adds nothing. A book whose ISBN another one has in the shop goes in without it.
///
/// Nothing is committed here, that is for the caller: `repositories` is a session.
///
/// # Errors
/// [`ImportError`]; then nothing may be committed.
pub fn import<R>(
    repositories: &mut R,
    mut lines: Goodbooks<impl Read>,
    observer: &mut impl Observer,
) -> Result<Report, ImportError>
where
    R: Repository<Author> + Repository<Book>,
{
    let mut import = Import {
        repositories,
        observer,
        report: Report::default(),
        authors: HashMap::new(),
        own: HashSet::new(),
        rejected: Vec::new(),
    };
    loop {
        let mut batch = Vec::with_capacity(ROWS_PER_BATCH);
        let mut bytes = 0;
        let mut is_last = false;
        while batch.len() + import.rejected.len() < ROWS_PER_BATCH && bytes < BYTES_PER_BATCH {
            let Some(line) = lines.next() else {
                is_last = true;
                break;
            };
            import.report.read += 1;
            match line? {
                Ok(book) => {
                    bytes += book.fields.iter().map(String::len).sum::<usize>();
                    batch.push(book);
                }
                Err(rejected) => {
                    bytes += rejected.text.len();
                    import.rejected.push(rejected);
                }
            }
        }
        import.insert(batch)?;
        import.tell()?;
        if import.observer.progress().is_break() {
            return Err(ImportError::Cancelled);
        }
        if is_last {
            return Ok(import.report);
        }
    }
}

struct Import<'i, R, O> {
    repositories: &'i mut R,
    observer: &'i mut O,
    report: Report,
    /// The primary keys of authors by their names.
    authors: HashMap<String, i64>,
    /// The primary keys of the books inserted by this import.
    own: HashSet<i64>,
    /// Lines of the batch that are no book.
    rejected: Vec<Rejected>,
}

/// What tells two books without ISBN apart.
type Likeness = (String, i64, Option<NaiveDate>);

impl<R, O> Import<'_, R, O>
where
    R: Repository<Author> + Repository<Book>,
    O: Observer,
{
    /// Tells of the batch's rejected lines, in the file's order.
    fn tell(&mut self) -> io::Result<()> {
        self.rejected.sort_by_key(|rejected| rejected.line);
        for Rejected { line, reason, text } in std::mem::take(&mut self.rejected) {
            self.report.rejected += 1;
            self.observer.rejected(line, import::Reason::Words(reason.to_string()), &text)?;
        }
        Ok(())
    }

    fn insert(&mut self, batch: Vec<GoodbooksBook>) -> Result<(), ImportError> {
        let batch = self.without_known(batch)?;
        let refused_authors = self.create_authors(&batch)?;
        let mut rows: Vec<(GoodbooksBook, NewBook)> = Vec::with_capacity(batch.len());
        for book in batch {
            let Some(&author) = self.authors.get(&book.first_author) else {
                let reason = refused_authors.get(&book.first_author).cloned().unwrap_or_default();
                self.rejected.push(book.reject(Reason::Refused { reason }));
                continue;
            };
            let draft = NewBook {
                title: book.title.clone(),
                author: Ref::Id(author),
                isbn: book.isbn.clone().map(String::from),
                published_on: book.published_on,
                price: None,
                in_print: true,
            };
            rows.push((book, draft));
        }
        let mut refused = HashMap::new();
        let inserted: Vec<Book> = insert_or_reject(
            &rows,
            &mut |rows: &[(GoodbooksBook, NewBook)]| {
                let drafts = rows.iter().map(|(_, draft)| draft.clone()).collect();
                Repository::<Book>::insert_many(self.repositories, drafts)
            },
            &mut |(book, _), error| {
                refused.insert(book.line, error.to_string());
            },
        )?;
        self.report.inserted += inserted.len() as u64;
        self.own.extend(inserted.iter().map(|book| book.id));
        for (book, _) in rows {
            match refused.remove(&book.line) {
                Some(reason) => self.rejected.push(book.reject(Reason::Refused { reason })),
                None => self.account_for(&book)?,
            }
        }
        Ok(())
    }

    /// Counts what was mended in a book that was inserted, and what was left out of it.
    fn account_for(&mut self, book: &GoodbooksBook) -> io::Result<()> {
        if let Some(repair) = &book.isbn_repair {
            self.report.repaired += 1;
            *self.report.repairs.entry(repair.to_string()).or_default() += 1;
        }
        for problem in &book.problems {
            *self.report.notes.entry(kind(problem)).or_default() += 1;
            self.observer.noted(book.line, &problem.to_string())?;
        }
        Ok(())
    }

    /// Returns the books that are not in the shop yet, without the ISBNs that other books have
    /// there; the others are rejected.
    fn without_known(
        &mut self,
        batch: Vec<GoodbooksBook>,
    ) -> Result<Vec<GoodbooksBook>, ImportError> {
        self.find_authors(&batch)?;
        let isbns = batch.iter().filter_map(|book| Some(book.isbn.as_ref()?.as_str()));
        let taken: HashMap<String, Book> = self
            .books(Book::ISBN.name(), isbns)?
            .into_iter()
            .filter_map(|book| Some((book.isbn.clone()?, book)))
            .collect();
        let mut without_taken = Vec::with_capacity(batch.len());
        for mut book in batch {
            let author = self.authors.get(&book.first_author);
            let holder = book.isbn.as_ref().and_then(|isbn| taken.get(isbn.as_str()));
            match holder {
                Some(same) if same.title == book.title && Some(&same.author_id) == author => {
                    self.rejected.push(book.reject(Reason::InShop { id: same.id }));
                    continue;
                }
                Some(other) => {
                    book.isbn_repair = None;
                    let in_shop = |isbn| Problem::IsbnInShop { isbn, id: other.id };
                    book.problems.extend(book.isbn.take().map(in_shop));
                }
                None => {}
            }
            without_taken.push(book);
        }
        self.without_alike(without_taken)
    }

    /// Returns the books that are not in the shop without an ISBN; the others are rejected.
    fn without_alike(
        &mut self,
        batch: Vec<GoodbooksBook>,
    ) -> Result<Vec<GoodbooksBook>, ImportError> {
        let titles = batch.iter().filter(|book| book.isbn.is_none()).map(|book| &*book.title);
        let alike: HashMap<Likeness, i64> = self
            .books(Book::TITLE.name(), titles)?
            .into_iter()
            .filter(|book| book.isbn.is_none() && !self.own.contains(&book.id))
            .map(|book| ((book.title, book.author_id, book.published_on), book.id))
            .collect();
        let mut unknown = Vec::with_capacity(batch.len());
        for book in batch {
            let same =
                self.authors.get(&book.first_author).filter(|_| book.isbn.is_none()).and_then(
                    |author| alike.get(&(book.title.clone(), *author, book.published_on)),
                );
            match same {
                Some(&id) => self.rejected.push(book.reject(Reason::InShop { id })),
                None => unknown.push(book),
            }
        }
        Ok(unknown)
    }

    /// Finds the books that have one of the values.
    fn books<'v>(
        &mut self,
        column: &'static str,
        values: impl Iterator<Item = &'v str>,
    ) -> Result<Vec<Book>, Error> {
        let values: HashSet<&str> = values.collect();
        let values = values.into_iter().map(Value::from).collect();
        look_up(values, &mut |values: &[Value]| self.repositories.list(&one_of(column, values)))
    }

    /// Remembers the authors of these books that are in the shop; of several with one name the one
    /// that came first.
    fn find_authors(&mut self, books: &[GoodbooksBook]) -> Result<(), Error> {
        let names = self.unknown_authors(books).into_iter().map(Value::from).collect();
        let authors: Vec<Author> = look_up(names, &mut |names: &[Value]| {
            self.repositories.list(&one_of(Author::NAME.name(), names))
        })?;
        for author in authors {
            self.authors.entry(author.name).or_insert(author.id);
        }
        Ok(())
    }

    /// Creates the authors that are missing; returns those that the database does not take, with its reasons.
    fn create_authors(
        &mut self,
        books: &[GoodbooksBook],
    ) -> Result<HashMap<String, String>, Error> {
        let draft = |name| NewAuthor { name, born_on: None, biography: None };
        let drafts: Vec<NewAuthor> = self.unknown_authors(books).into_iter().map(draft).collect();
        let mut refused = HashMap::new();
        let created: Vec<Author> = insert_or_reject(
            &drafts,
            &mut |drafts: &[NewAuthor]| self.repositories.insert_many(drafts.to_vec()),
            &mut |draft, error| {
                refused.insert(draft.name.clone(), error.to_string());
            },
        )?;
        self.report.authors_created += created.len() as u64;
        self.authors.extend(created.into_iter().map(|author| (author.name, author.id)));
        Ok(refused)
    }

    /// Returns the names of authors that are not remembered, each once, in the order of the books.
    fn unknown_authors(&self, books: &[GoodbooksBook]) -> Vec<String> {
        let mut seen = HashSet::new();
        books
            .iter()
            .map(|book| &book.first_author)
            .filter(|name| !self.authors.contains_key(*name) && seen.insert(*name))
            .cloned()
            .collect()
    }
}

fn one_of<E>(column: &'static str, values: &[Value]) -> Query<E> {
    let mut query = Query::new();
    query.filter = Filter::In { column: column.into(), values: values.to_vec() };
    query
}

/// Returns the words under which a problem is counted.
const fn kind(problem: &Problem) -> &'static str {
    match problem {
        Problem::IsbnUnproved { .. } => "left without ISBN: damaged beyond proof",
        Problem::IsbnInShop { .. } => "left without ISBN: another book in the shop has it",
        Problem::IsbnTaken { .. } => "left without ISBN: an earlier line has it",
        Problem::IsbnContradicted { .. } => "ISBN kept, though the other column has another",
        Problem::YearOutOfRange { .. } => "left without date: year out of range",
        Problem::YearUnreadable { .. } => "left without date: year unreadable",
        Problem::TitleFromOriginal => "title taken from the original title",
        Problem::SameTitleAndAuthor { .. } => "same title and author as an earlier line",
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use persistence::Memory;

    use super::*;

    const HEADER: &str = "isbn,isbn13,authors,original_publication_year,original_title,title\n";

    /// What an observer was told.
    #[derive(Debug, Default)]
    struct Told {
        rejected: Vec<String>,
        noted: Vec<String>,
        batches: usize,
        is_cancelled: bool,
    }

    impl Observer for Told {
        fn progress(&mut self) -> ControlFlow<()> {
            self.batches += 1;
            if self.is_cancelled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }

        fn rejected(&mut self, line: u64, reason: import::Reason, text: &str) -> io::Result<()> {
            self.rejected.push(format!("{line}: {reason} ({text})"));
            Ok(())
        }

        fn noted(&mut self, line: u64, note: &str) -> io::Result<()> {
            self.noted.push(format!("{line}: {note}"));
            Ok(())
        }
    }

    fn shop() -> Memory {
        Memory::new().with::<Author>().with::<Book>()
    }

    fn import_into(shop: &mut Memory, rows: &str) -> (Report, Told) {
        let file = format!("{HEADER}{rows}");
        let lines = Goodbooks::new(file.as_bytes()).expect("a goodbooks header");
        let mut told = Told::default();
        let report = import(shop, lines, &mut told).expect("an import that succeeds");
        assert_eq!(report.read, report.inserted + report.rejected, "every row is accounted for");
        assert_eq!(report.rejected, told.rejected.len() as u64);
        (report, told)
    }

    fn books(shop: &mut Memory) -> Vec<Book> {
        shop.list(&Query::new()).expect("the books")
    }

    #[test]
    fn authors_are_created_once_and_found_again() {
        let mut shop = shop();
        let rows = "439023483,,Suzanne Collins,2008.0,,The Hunger Games\n\
                    ,,\"Suzanne Collins, Somebody Else\",2009.0,,Catching Fire\n";
        let (report, _) = import_into(&mut shop, rows);
        assert_eq!((report.inserted, report.authors_created, report.repaired), (2, 1, 1));
        let (report, _) = import_into(&mut shop, ",,Suzanne Collins,2010.0,,Mockingjay\n");
        assert_eq!((report.inserted, report.authors_created), (1, 0));
        let authors: HashSet<i64> = books(&mut shop).iter().map(|book| book.author_id).collect();
        assert_eq!(authors.len(), 1);
    }

    #[test]
    fn what_is_in_the_shop_already_is_rejected_with_or_without_isbn() {
        let mut shop = shop();
        let rows = "0156027607,,Lem,1961,,Solaris\n,,Lem,1986,,Fiasco\n";
        import_into(&mut shop, rows);
        let (report, told) = import_into(&mut shop, rows);
        assert_eq!((report.inserted, report.rejected), (0, 2));
        assert_eq!(
            told.rejected,
            [
                "2: already in the shop as book 1 (0156027607,,Lem,1961,,Solaris)",
                "3: already in the shop as book 2 (,,Lem,1986,,Fiasco)"
            ]
        );
        assert_eq!(books(&mut shop).len(), 2);
    }

    #[test]
    fn an_isbn_that_another_book_has_is_left_out_and_noted_and_that_only_once() {
        let mut shop = shop();
        import_into(&mut shop, "0156027607,,Lem,1961,,Solaris\n");
        let row = "0156027607,,Lem,1964,,The Invincible\n";
        let (report, told) = import_into(&mut shop, row);
        assert_eq!(report.inserted, 1);
        assert_eq!(told.noted.len(), 1, "{:?}", told.noted);
        assert_eq!(books(&mut shop).iter().filter(|book| book.isbn.is_some()).count(), 1);
        assert_eq!(import_into(&mut shop, row).0.rejected, 1);
    }

    #[test]
    fn lines_of_any_number_are_told_in_their_order() {
        let mut shop = shop();
        let mut rows = String::new();
        for row in 0..2_500 {
            let title = if row % 500 == 3 { String::new() } else { format!("Book {row}") };
            rows.push_str(&format!(",,Author {},2000,,{title}\n", row % 7));
        }
        let (report, told) = import_into(&mut shop, &rows);
        assert_eq!((report.inserted, report.rejected, report.authors_created), (2_495, 5, 7));
        assert_eq!(told.batches, 3);
        let lines: Vec<u64> = told
            .rejected
            .iter()
            .filter_map(|rejected| rejected.split(':').next()?.parse().ok())
            .collect();
        assert_eq!(lines, [5, 505, 1_005, 1_505, 2_005]);
    }

    #[test]
    fn an_observer_can_cancel() {
        let file = format!("{HEADER},,Lem,1961,,Solaris\n");
        let lines = Goodbooks::new(file.as_bytes()).expect("a goodbooks header");
        let mut told = Told { is_cancelled: true, ..Told::default() };
        let ended = import(&mut shop(), lines, &mut told).expect_err("a cancelled import");
        assert!(matches!(ended, ImportError::Cancelled));
    }
}
