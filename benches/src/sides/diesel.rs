//! Diesel as its guides use it.

#![expect(clippy::ref_option_ref, reason = "what Diesel's derive writes")]

use std::path::Path;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use domain::schema::{authors, books};

use super::rusqlite::{digest_of, digest_of_keys};
use crate::dataset::NewRow;
use crate::measure::Clock;
use crate::row::{AuthorRow, BookRow, Digest};
use crate::workload::{
    AUTHORS_AT_ONCE, From, PRAGMAS, PageRequest, Plan, Side, Variant, WALK_PAGE, Workload,
};

/// Diesel.
pub struct DieselSide {
    connection: SqliteConnection,
}

#[derive(Insertable)]
#[diesel(table_name = books, treat_none_as_default_value = false)]
struct NewBook<'r> {
    title: &'r str,
    author_id: i64,
    isbn: Option<&'r str>,
    published_on: Option<NaiveDate>,
    price: Option<i64>,
    in_print: bool,
    version: i64,
}

fn open(path: &Path) -> Result<SqliteConnection> {
    let mut connection = SqliteConnection::establish(path.to_str().context("a path in UTF-8")?)?;
    connection.batch_execute(PRAGMAS)?;
    Ok(connection)
}

impl DieselSide {
    /// Opens the database with all books.
    ///
    /// # Errors
    /// Diesel's.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { connection: open(path)? })
    }
}

impl Side for DieselSide {
    fn name(&self) -> &'static str {
        "Diesel 2.3.14"
    }

    fn variants(&self, workload: Workload) -> &'static [Variant] {
        match workload {
            Workload::Insert => {
                const {
                    &[
                        Variant::of("row by row, returning"),
                        Variant::of("1,000 a statement, returning"),
                    ]
                }
            }
            Workload::Load => const { &[Variant::of("load")] },
            Workload::Get => {
                const { &[Variant::of("find().first()"), Variant::of("find().get_result()")] }
            }
            Workload::Page => const { &[Variant::of("into_boxed()")] },
            Workload::Eager => const { &[Variant::of("eq_any, grouped")] },
            Workload::Update => const { &[Variant::of("update().set()")] },
            Workload::Walk => const { &[Variant::of("filter, order, limit")] },
        }
    }

    fn run(
        &mut self,
        workload: Workload,
        variant: usize,
        plan: &Plan,
        clock: &mut Clock,
    ) -> Result<Digest> {
        let connection = &mut self.connection;
        match workload {
            Workload::Insert => {
                let mut connection = open(&plan.fresh)?;
                let rows_per_statement = if variant == 0 { 1 } else { 1_000 };
                let keys = clock.time(|| {
                    connection.immediate_transaction(|connection| {
                        insert(connection, &plan.inserts, rows_per_statement)
                    })
                })?;
                Ok(digest_of_keys(&keys))
            }
            Workload::Load => {
                let read = clock.time(|| load(connection))?;
                Ok(digest_of(&read))
            }
            Workload::Get => {
                let read = clock.time(|| {
                    connection.transaction(|connection| {
                        let get = |&key: &i64| match variant {
                            0 => books::table.find(key).first::<BookRow>(connection),
                            _ => books::table.find(key).get_result::<BookRow>(connection),
                        };
                        plan.keys.iter().map(get).collect::<QueryResult<Vec<_>>>()
                    })
                })?;
                Ok(digest_of(&read))
            }
            Workload::Page => {
                Ok(clock.time(|| connection.transaction(|it| pages(it, &plan.pages)))?)
            }
            Workload::Eager => clock.time(|| {
                let mut digest = Digest::default();
                for &first in &plan.first_authors {
                    for (author, books) in
                        connection.transaction(|it| authors_with_books(it, first))?
                    {
                        books.iter().for_each(|book| digest.pair(author.id, book.id));
                    }
                }
                Ok(digest)
            }),
            Workload::Update => {
                let mut read = load(connection)?;
                read.truncate(usize::try_from(plan.updates)?);
                let updated =
                    clock.time(|| connection.immediate_transaction(|it| update(it, &read)))?;
                let mut digest = Digest::default();
                digest.number(i64::try_from(updated)?);
                Ok(digest)
            }
            Workload::Walk => Ok(clock.time(|| connection.transaction(walk))?),
        }
    }
}

fn insert(
    connection: &mut SqliteConnection,
    rows: &[NewRow],
    rows_per_statement: usize,
) -> QueryResult<Vec<i64>> {
    let mut keys = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(rows_per_statement) {
        if let [row] = chunk {
            let key = diesel::insert_into(books::table)
                .values(new_book(row))
                .returning(books::id)
                .get_result::<i64>(connection)?;
            keys.push(key);
        } else {
            let new: Vec<NewBook<'_>> = chunk.iter().map(new_book).collect();
            let inserted = diesel::insert_into(books::table).values(&new).returning(books::id);
            keys.extend(inserted.get_results::<i64>(connection)?);
        }
    }
    Ok(keys)
}

fn new_book(row: &NewRow) -> NewBook<'_> {
    NewBook {
        title: &row.title,
        author_id: row.author_id,
        isbn: row.isbn.as_deref(),
        published_on: row.published_on,
        price: row.price,
        in_print: row.in_print,
        version: 1,
    }
}

fn load(connection: &mut SqliteConnection) -> QueryResult<Vec<BookRow>> {
    connection.transaction(|connection| books::table.order(books::id).load(connection))
}

fn pages(connection: &mut SqliteConnection, requests: &[PageRequest]) -> QueryResult<Digest> {
    let mut digest = Digest::default();
    for request in requests {
        let mut query = books::table.into_boxed();
        query = match (&request.from, request.is_descending) {
            (&From::Id(id), false) => query.filter(books::id.ge(id)).order(books::id.asc()),
            (&From::Id(id), true) => query.filter(books::id.le(id)).order(books::id.desc()),
            (From::Title(title), false) => {
                query.filter(books::title.ge(title)).order((books::title.asc(), books::id.asc()))
            }
            (From::Title(title), true) => {
                query.filter(books::title.le(title)).order((books::title.desc(), books::id.desc()))
            }
            (From::PublishedOn(day), false) => query
                .filter(books::published_on.ge(day))
                .order((books::published_on.asc(), books::id.asc())),
            (From::PublishedOn(day), true) => query
                .filter(books::published_on.le(day))
                .order((books::published_on.desc(), books::id.desc())),
        };
        if let Some(in_print) = request.in_print {
            query = query.filter(books::in_print.eq(in_print));
        }
        if let Some(price) = request.below_price {
            query = query.filter(books::price.lt(price));
        }
        let read: Vec<BookRow> = query.limit(request.limit.cast_signed()).load(connection)?;
        read.iter().for_each(|book| book.digest(&mut digest));
    }
    Ok(digest)
}

fn authors_with_books(
    connection: &mut SqliteConnection,
    first: i64,
) -> QueryResult<Vec<(AuthorRow, Vec<BookRow>)>> {
    let read: Vec<AuthorRow> = authors::table
        .filter(authors::id.ge(first))
        .order(authors::id)
        .limit(AUTHORS_AT_ONCE.cast_signed())
        .load(connection)?;
    let ids: Vec<i64> = read.iter().map(|author| author.id).collect();
    let children: Vec<BookRow> =
        books::table.filter(books::author_id.eq_any(&ids)).order(books::id).load(connection)?;
    // What `grouped_by` does, which wants a derive with a foreign key.
    let positions: std::collections::HashMap<i64, usize> = ids.into_iter().zip(0..).collect();
    let mut grouped: Vec<(AuthorRow, Vec<BookRow>)> =
        read.into_iter().map(|author| (author, Vec::new())).collect();
    for book in children {
        let author = positions.get(&book.author_id).and_then(|&at| grouped.get_mut(at));
        if let Some((_, books)) = author {
            books.push(book);
        }
    }
    Ok(grouped)
}

fn update(connection: &mut SqliteConnection, read: &[BookRow]) -> QueryResult<usize> {
    let mut updated = 0;
    for book in read {
        let row = books::table.find(book.id).filter(books::version.eq(book.version));
        updated += diesel::update(row)
            .set((
                books::price.eq(book.price.unwrap_or(0) + 1),
                books::version.eq(books::version + 1),
            ))
            .execute(connection)?;
    }
    Ok(updated)
}

fn walk(connection: &mut SqliteConnection) -> QueryResult<Digest> {
    let (mut last, mut digest) = (0, Digest::default());
    loop {
        let page: Vec<BookRow> = books::table
            .filter(books::id.gt(last))
            .order(books::id)
            .limit(WALK_PAGE.cast_signed())
            .load(connection)?;
        page.iter().for_each(|book| book.digest(&mut digest));
        match page.last() {
            Some(book) => last = book.id,
            None => return Ok(digest),
        }
    }
}
