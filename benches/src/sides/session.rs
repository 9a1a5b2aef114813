//! Ours: the session, and the repository that every session is.

use std::path::Path;

use anyhow::{Context, Result};
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use domain::{Author, Book, NewBook, Price};
use persistence::{Database, Key, PageStart, Query, Ref, Repository, Session};

use crate::dataset::NewRow;
use crate::measure::Clock;
use crate::row::Digest;
use crate::workload::{
    AUTHORS_AT_ONCE, CACHE, From, PageRequest, Plan, Side, Variant, WALK_PAGE, Workload,
};

/// Ours.
#[derive(Debug)]
pub struct SessionSide {
    database: Database<SqliteConnection>,
}

fn open(path: &Path) -> Result<Database<SqliteConnection>> {
    let path = path.to_str().context("a path in UTF-8")?;
    let database: Database<SqliteConnection> =
        Database::builder(path).durability(persistence::Durability::Relaxed).pool_size(1).open()?;
    // The pool has one connection: what is set on it stays.
    database.session()?.connection()?.batch_execute(CACHE)?;
    Ok(database)
}

impl SessionSide {
    /// Opens the database with all books.
    ///
    /// # Errors
    /// The database's.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { database: open(path)? })
    }
}

impl Side for SessionSide {
    fn name(&self) -> &'static str {
        "ours"
    }

    fn variants(&self, workload: Workload) -> &'static [Variant] {
        const {
            assert!(Workload::ALL.len() == 7, "each workload has its targets");
        }
        match workload {
            Workload::Insert => {
                const { &[Variant::with_target("add_all, commit", 1.5), Variant::of("insert_many")] }
            }
            Workload::Load => {
                const {
                    &[
                        Variant::with_target("load, untracked", 1.2),
                        Variant::with_target("all, tracked", 1.5),
                    ]
                }
            }
            Workload::Get => {
                const {
                    &[
                        Variant::with_target("session.get", 1.3),
                        Variant::with_target("Repository::find", 1.3),
                    ]
                }
            }
            Workload::Page => const { &[Variant::with_target("query().load()", 1.25)] },
            Workload::Eager => const { &[Variant::with_target("include().all()", 1.3)] },
            Workload::Update => const { &[Variant::with_target("session[key].price = …", 1.5)] },
            Workload::Walk => const { &[Variant::with_target("Repository::page", 1.2)] },
        }
    }

    fn run(
        &mut self,
        workload: Workload,
        variant: usize,
        plan: &Plan,
        clock: &mut Clock,
    ) -> Result<Digest> {
        let database = &self.database;
        let mut digest = Digest::default();
        match (workload, variant) {
            (Workload::Insert, _) => {
                let database = open(&plan.fresh)?;
                let drafts: Vec<NewBook> = plan.inserts.iter().map(draft).collect();
                if variant == 0 {
                    let (session, keys) = clock.time(|| -> Result<_> {
                        let mut session = database.session()?;
                        let keys = session.add_all(drafts);
                        session.commit()?;
                        Ok((session, keys))
                    })?;
                    keys.iter().for_each(|&key| digest.number(session[key].id));
                } else {
                    let books: Vec<Book> = clock.time(|| -> Result<_> {
                        let mut session = database.session()?;
                        let books = session.insert_many(drafts)?;
                        session.commit()?;
                        Ok(books)
                    })?;
                    books.iter().for_each(|book| digest.number(book.id));
                }
            }
            (Workload::Load, 0) => {
                let books = clock.time(|| -> Result<_> {
                    let mut session = database.session()?;
                    let books = session.query::<Book>().load()?;
                    session.commit()?;
                    Ok(books)
                })?;
                books.iter().for_each(|book| take(&mut digest, book));
            }
            (Workload::Load, _) => {
                let (session, keys) = clock.time(|| all(database))?;
                keys.iter().for_each(|&key| take(&mut digest, &session[key]));
            }
            (Workload::Get, 0) => {
                let (session, keys) = clock.time(|| -> Result<_> {
                    let mut session = database.session()?;
                    let get = |&key| session.get::<Book>(key);
                    let keys: Vec<Key<Book>> =
                        plan.keys.iter().map(get).collect::<persistence::Result<_>>()?;
                    session.commit()?;
                    Ok((session, keys))
                })?;
                keys.iter().for_each(|&key| take(&mut digest, &session[key]));
            }
            (Workload::Get, _) => {
                let books = clock.time(|| -> Result<_> {
                    let mut session = database.session()?;
                    let find = |key| Repository::<Book>::find(&mut session, key);
                    let books: Vec<Option<Book>> =
                        plan.keys.iter().map(find).collect::<persistence::Result<_>>()?;
                    session.commit()?;
                    Ok(books)
                })?;
                books.iter().flatten().for_each(|book| take(&mut digest, book));
            }
            (Workload::Page, _) => clock.time(|| -> Result<()> {
                let mut session = database.session()?;
                for request in &plan.pages {
                    let books = page(&mut session, request)?;
                    books.iter().for_each(|book| take(&mut digest, book));
                }
                Ok(session.commit()?)
            })?,
            (Workload::Eager, _) => clock.time(|| -> Result<()> {
                for &first in &plan.first_authors {
                    let mut session = database.session()?;
                    let authors = session
                        .query::<Author>()
                        .filter(Author::ID.ge(first))
                        .limit(AUTHORS_AT_ONCE)
                        .include(Author::BOOKS)
                        .all()?;
                    for author in authors {
                        for book in session.related(author, Author::BOOKS)? {
                            digest.pair(session[author].id, session[book].id);
                        }
                    }
                    session.commit()?;
                }
                Ok(())
            })?,
            (Workload::Update, _) => {
                let (mut session, mut keys) = all(database)?;
                keys.truncate(usize::try_from(plan.updates)?);
                clock.time(|| -> Result<()> {
                    for &key in &keys {
                        let price = session[key].price.map_or(0, Price::units);
                        session[key].price = Some(Price::from_units(price + 1));
                    }
                    Ok(session.commit()?)
                })?;
                digest.number(i64::try_from(keys.len())?);
            }
            (Workload::Walk, _) => clock.time(|| -> Result<()> {
                let mut session = database.session()?;
                let query = Query::<Book>::new();
                let mut next = Some(PageStart::First);
                while let Some(start) = next {
                    let page = session.page(&query, &start, WALK_PAGE)?;
                    page.rows.iter().for_each(|book| take(&mut digest, book));
                    next = page.next;
                }
                Ok(session.commit()?)
            })?,
        }
        Ok(digest)
    }
}

fn draft(row: &NewRow) -> NewBook {
    NewBook {
        title: row.title.clone(),
        author: Ref::Id(row.author_id),
        isbn: row.isbn.clone(),
        published_on: row.published_on,
        price: row.price.map(Price::from_units),
        in_print: row.in_print,
    }
}

fn take(digest: &mut Digest, book: &Book) {
    digest.book(
        book.id,
        &book.title,
        book.author_id,
        book.isbn.as_deref(),
        book.published_on,
        book.price.map(Price::units),
        book.in_print,
        book.version,
    );
}

/// A session that has read all books, and their keys.
///
/// # Errors
/// The database's.
pub fn all(
    database: &Database<SqliteConnection>,
) -> Result<(Session<SqliteConnection>, Vec<Key<Book>>)> {
    let mut session = database.session()?;
    let keys = session.query::<Book>().all()?;
    session.commit()?;
    Ok((session, keys))
}

fn page(session: &mut Session<SqliteConnection>, request: &PageRequest) -> Result<Vec<Book>> {
    let query = session.query::<Book>();
    let mut query = match (&request.from, request.is_descending) {
        (&From::Id(id), false) => query.filter(Book::ID.ge(id)).order(Book::ID.asc()),
        (&From::Id(id), true) => query.filter(Book::ID.le(id)).order(Book::ID.desc()),
        (From::Title(title), false) => {
            query.filter(Book::TITLE.ge(title.as_str())).order(Book::TITLE.asc())
        }
        (From::Title(title), true) => {
            query.filter(Book::TITLE.le(title.as_str())).order(Book::TITLE.desc())
        }
        (&From::PublishedOn(day), false) => {
            query.filter(Book::PUBLISHED_ON.ge(day)).order(Book::PUBLISHED_ON.asc())
        }
        (&From::PublishedOn(day), true) => {
            query.filter(Book::PUBLISHED_ON.le(day)).order(Book::PUBLISHED_ON.desc())
        }
    };
    if request.is_descending && !matches!(request.from, From::Id(_)) {
        query = query.order(Book::ID.desc());
    }
    if let Some(in_print) = request.in_print {
        query = query.filter(Book::IN_PRINT.eq(in_print));
    }
    if let Some(price) = request.below_price {
        query = query.filter(Book::PRICE.lt(Price::from_units(price)));
    }
    Ok(query.limit(request.limit).load()?)
}
