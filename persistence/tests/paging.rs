//! Pages of a real database: every row once, forwards and backwards, with NULLs and ties.
#![cfg(feature = "sqlite")]

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection as _;
use persistence::{Database, Entity, PageStart, Query, Repository, Session};

mod schema {
    diesel::table! {
        books (id) { id -> BigInt, title -> Text, price -> Nullable<BigInt> }
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::books)]
struct Book {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    title: String,
    price: Option<i64>,
}

fn with_books(check: impl FnOnce(&mut Session<SqliteConnection>)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("books.db");
    // Opening an empty file is what a first start does.
    std::fs::write(&path, "").expect("a new file");
    let database = Database::<SqliteConnection>::open(path.to_str().expect("a plain path"))
        .expect("the database opens");
    let mut session = database.session().expect("a session");
    let table = "CREATE TABLE books (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, \
                 price BIGINT); CREATE INDEX books_price ON books (price)";
    session.connection().expect("a connection").batch_execute(table).expect("a new table");
    let books = (0..60).map(|number: i64| NewBook {
        title: format!("T{}", number % 7),
        price: (number % 3 > 0).then_some(number % 5),
    });
    Repository::<Book>::insert_many(&mut session, books.collect()).expect("plain rows");
    check(&mut session);
}

#[test]
fn pages_of_a_database_cover_every_row_once_in_both_directions() {
    with_books(|session| {
        for order in ["", "price", "-price", "title,-price", "-price,title,-id", "price,-title"] {
            for filter in
                ["", "price is null", "price = 2", "price > 1 or title = T1", "price in (1, 2)"]
            {
                let query = Query::<Book>::parse(filter, order).expect("a query");
                let expected = session.list(&query).expect("rows");

                let mut forwards = Vec::new();
                let mut next = Some(PageStart::First);
                while let Some(start) = next {
                    let page = session.page(&query, &start, 7).expect("a page");
                    forwards.extend(page.rows);
                    next = page.next;
                }
                assert_eq!(forwards, expected, "{filter} by {order}");

                let mut backwards = Vec::new();
                let mut previous = Some(PageStart::Last);
                while let Some(start) = previous {
                    let page = session.page(&query, &start, 7).expect("a page");
                    backwards.extend(page.rows.into_iter().rev());
                    previous = page.previous;
                }
                backwards.reverse();
                assert_eq!(backwards, expected, "{filter} by {order}, backwards");
            }
        }
    });
}
