//! SQL by hand and prepared statements: what everything else is compared with.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use rusqlite::types::ToSql;
use rusqlite::{Connection, Row, TransactionBehavior, params, params_from_iter};

use crate::dataset::NewRow;
use crate::measure::Clock;
use crate::row::{AuthorRow, BookRow, Digest};
use crate::workload::{
    AUTHORS_AT_ONCE, From, PRAGMAS, PageRequest, Plan, Side, Variant, WALK_PAGE, Workload,
};

const SELECT: &str =
    "SELECT id, title, author_id, isbn, published_on, price, in_print, version FROM books";

/// SQL by hand.
#[derive(Debug)]
pub struct RusqliteSide {
    connection: Connection,
}

/// Opens a database as every side does: WAL, fsync at checkpoints, foreign keys.
///
/// # Errors
/// SQLite's.
pub fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(PRAGMAS)?;
    // Every text of a dynamic page stays prepared, as with the other sides.
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

impl RusqliteSide {
    /// Opens the database with all books.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { connection: open(path)? })
    }
}

impl Side for RusqliteSide {
    fn name(&self) -> &'static str {
        "rusqlite 0.37"
    }

    fn variants(&self, _: Workload) -> &'static [Variant] {
        const { &[Variant::of("prepared statements")] }
    }

    fn run(
        &mut self,
        workload: Workload,
        _: usize,
        plan: &Plan,
        clock: &mut Clock,
    ) -> Result<Digest> {
        let connection = &mut self.connection;
        match workload {
            Workload::Insert => {
                let mut connection = open(&plan.fresh)?;
                let keys = clock.time(|| insert(&mut connection, &plan.inserts))?;
                Ok(digest_of_keys(&keys))
            }
            Workload::Load => {
                let books = clock.time(|| load(connection))?;
                Ok(digest_of(&books))
            }
            Workload::Get => {
                let books = clock.time(|| get(connection, &plan.keys))?;
                Ok(digest_of(&books))
            }
            Workload::Page => clock.time(|| pages(connection, &plan.pages)),
            Workload::Eager => clock.time(|| {
                let mut digest = Digest::default();
                for &first in &plan.first_authors {
                    for (author, books) in authors_with_books(connection, first)? {
                        books.iter().for_each(|book| digest.pair(author.id, book.id));
                    }
                }
                Ok(digest)
            }),
            Workload::Update => {
                let mut books = load(connection)?;
                books.truncate(usize::try_from(plan.updates)?);
                let updated = clock.time(|| update(connection, &books))?;
                let mut digest = Digest::default();
                digest.number(updated);
                Ok(digest)
            }
            Workload::Walk => clock.time(|| walk(connection)),
        }
    }
}

fn book(row: &Row<'_>) -> rusqlite::Result<BookRow> {
    Ok(BookRow {
        id: row.get(0)?,
        title: row.get(1)?,
        author_id: row.get(2)?,
        isbn: row.get(3)?,
        published_on: row.get(4)?,
        price: row.get(5)?,
        in_print: row.get(6)?,
        version: row.get(7)?,
    })
}

/// What rows come to that all were read.
pub fn digest_of(books: &[BookRow]) -> Digest {
    let mut digest = Digest::default();
    books.iter().for_each(|book| book.digest(&mut digest));
    digest
}

/// What the keys of new rows come to.
pub fn digest_of_keys(keys: &[i64]) -> Digest {
    let mut digest = Digest::default();
    keys.iter().for_each(|&key| digest.number(key));
    digest
}

fn insert(connection: &mut Connection, books: &[NewRow]) -> Result<Vec<i64>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut statement = transaction.prepare(
        "INSERT INTO books (title, author_id, isbn, published_on, price, in_print, version) \
         VALUES (?, ?, ?, ?, ?, ?, 1)",
    )?;
    let mut keys = Vec::with_capacity(books.len());
    for book in books {
        statement.execute(params![
            book.title,
            book.author_id,
            book.isbn,
            book.published_on,
            book.price,
            book.in_print
        ])?;
        keys.push(transaction.last_insert_rowid());
    }
    drop(statement);
    transaction.commit()?;
    Ok(keys)
}

/// All books.
///
/// # Errors
/// SQLite's.
pub fn load(connection: &mut Connection) -> Result<Vec<BookRow>> {
    let transaction = connection.transaction()?;
    let mut statement = transaction.prepare(&format!("{SELECT} ORDER BY id"))?;
    let books = statement.query_map([], book)?.collect::<rusqlite::Result<_>>()?;
    drop(statement);
    transaction.commit()?;
    Ok(books)
}

fn get(connection: &mut Connection, keys: &[i64]) -> Result<Vec<BookRow>> {
    let transaction = connection.transaction()?;
    let mut statement = transaction.prepare(&format!("{SELECT} WHERE id = ?"))?;
    let mut books = Vec::with_capacity(keys.len());
    for key in keys {
        books.push(statement.query_row([key], book)?);
    }
    drop(statement);
    transaction.commit()?;
    Ok(books)
}

fn pages(connection: &mut Connection, requests: &[PageRequest]) -> Result<Digest> {
    let transaction = connection.transaction()?;
    let mut digest = Digest::default();
    for request in requests {
        let (column, from): (_, &dyn ToSql) = match &request.from {
            From::Id(id) => ("id", id),
            From::Title(title) => ("title", title),
            From::PublishedOn(day) => ("published_on", day),
        };
        let (compared, direction) =
            if request.is_descending { ("<=", "DESC") } else { (">=", "ASC") };
        let mut sql = format!("{SELECT} WHERE {column} {compared} ?");
        let mut binds = vec![from];
        if let Some(in_print) = &request.in_print {
            sql.push_str(" AND in_print = ?");
            binds.push(in_print);
        }
        if let Some(price) = &request.below_price {
            sql.push_str(" AND price < ?");
            binds.push(price);
        }
        sql.push_str(&format!(" ORDER BY {column} {direction}"));
        if column != "id" {
            sql.push_str(&format!(", id {direction}"));
        }
        sql.push_str(&format!(" LIMIT {}", request.limit));
        let mut statement = transaction.prepare_cached(&sql)?;
        let books: Vec<BookRow> =
            statement.query_map(params_from_iter(binds), book)?.collect::<rusqlite::Result<_>>()?;
        books.iter().for_each(|book| book.digest(&mut digest));
    }
    transaction.commit()?;
    Ok(digest)
}

fn authors_with_books(
    connection: &mut Connection,
    first: i64,
) -> Result<Vec<(AuthorRow, Vec<BookRow>)>> {
    let transaction = connection.transaction()?;
    let mut authors = Vec::new();
    {
        let mut statement = transaction.prepare_cached(&format!(
            "SELECT id, name, born_on, biography, version FROM authors \
             WHERE id >= ? ORDER BY id LIMIT {AUTHORS_AT_ONCE}"
        ))?;
        let mut rows = statement.query([first])?;
        while let Some(row) = rows.next()? {
            let author = AuthorRow {
                id: row.get(0)?,
                name: row.get(1)?,
                born_on: row.get(2)?,
                biography: row.get(3)?,
                version: row.get(4)?,
            };
            authors.push((author, Vec::new()));
        }
        let positions: HashMap<i64, usize> =
            (0..).zip(&authors).map(|(position, (author, _))| (author.id, position)).collect();
        let marks = vec!["?"; authors.len()].join(", ");
        let mut statement = transaction
            .prepare_cached(&format!("{SELECT} WHERE author_id IN ({marks}) ORDER BY id"))?;
        let mut rows =
            statement.query(params_from_iter(authors.iter().map(|(author, _)| author.id)))?;
        while let Some(row) = rows.next()? {
            let book = book(row)?;
            let author = positions.get(&book.author_id).and_then(|&at| authors.get_mut(at));
            if let Some((_, books)) = author {
                books.push(book);
            }
        }
    }
    transaction.commit()?;
    Ok(authors)
}

fn update(connection: &mut Connection, books: &[BookRow]) -> Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut statement = transaction.prepare(
        "UPDATE books SET price = ?, version = version + 1 WHERE id = ? AND version = ?",
    )?;
    let mut updated = 0;
    for book in books {
        let price = book.price.unwrap_or(0) + 1;
        updated += statement.execute((price, book.id, book.version))?;
    }
    drop(statement);
    transaction.commit()?;
    Ok(i64::try_from(updated)?)
}

fn walk(connection: &mut Connection) -> Result<Digest> {
    let transaction = connection.transaction()?;
    let mut statement =
        transaction.prepare(&format!("{SELECT} WHERE id > ? ORDER BY id LIMIT {WALK_PAGE}"))?;
    let (mut last, mut digest) = (0, Digest::default());
    loop {
        let books: Vec<BookRow> =
            statement.query_map([last], book)?.collect::<rusqlite::Result<_>>()?;
        books.iter().for_each(|book| book.digest(&mut digest));
        match books.last() {
            Some(book) => last = book.id,
            None => break,
        }
    }
    drop(statement);
    transaction.commit()?;
    Ok(digest)
}
