//! The tables of the constraint tests, and the same tables as entities.

use diesel::RunQueryDsl;
use integration_tests::TestDatabase;
use persistence::backend::{Access, Engine, OpenOptions};
use persistence::{ConstraintViolation, Entity, EntityMeta, Error, Record};

diesel::table! {
    authors (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    books (id) {
        id -> BigInt,
        title -> Text,
        author_id -> BigInt,
        isbn -> Nullable<Text>,
        price -> Nullable<BigInt>,
        pages -> Nullable<Integer>,
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = authors)]
pub struct Author {
    #[entity(key)]
    pub id: i64,
    #[entity(label)]
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = books, unique(title, author_id))]
pub struct Book {
    #[entity(key)]
    pub id: i64,
    #[entity(label)]
    pub title: String,
    #[entity(references(Author, on_delete = restrict))]
    pub author_id: i64,
    #[entity(unique)]
    pub isbn: Option<String>,
    pub price: Option<i64>,
    pub pages: Option<i32>,
}

const TABLES: &str = "
    CREATE TABLE authors (
        id BIGINT PRIMARY KEY,
        name VARCHAR(100) NOT NULL
    );
    CREATE TABLE books (
        id BIGINT PRIMARY KEY,
        title VARCHAR(100) NOT NULL,
        author_id BIGINT NOT NULL,
        isbn VARCHAR(13),
        price BIGINT,
        pages INTEGER,
        CONSTRAINT books_author_fk FOREIGN KEY (author_id) REFERENCES authors (id)
            ON DELETE RESTRICT,
        CONSTRAINT books_isbn_unique UNIQUE (isbn),
        CONSTRAINT one_title_an_author UNIQUE (title, author_id),
        CONSTRAINT books_price_not_negative CHECK (price >= 0),
        CONSTRAINT no_empty_volumes CHECK (pages > 0)
    );
    CREATE TABLE shelves (
        author_id BIGINT PRIMARY KEY,
        CONSTRAINT shelves_author_fk FOREIGN KEY (author_id) REFERENCES authors (id)
            ON DELETE CASCADE
    );
    CREATE TABLE signs (
        shelf_id BIGINT,
        CONSTRAINT signs_shelf_fk FOREIGN KEY (shelf_id) REFERENCES shelves (author_id)
    );
    INSERT INTO authors VALUES (1, 'Bulgakov'), (2, 'Woolf'), (3, 'Kafka');
    INSERT INTO books VALUES (1, 'The Master', 1, '9780000000001', 1299, 400);
    INSERT INTO shelves VALUES (2);
    INSERT INTO signs VALUES (2);
";

/// A database with the tables and a few rows.
pub fn stocked(database: TestDatabase) -> TestDatabase {
    database.execute(TABLES);
    database
}

pub fn open<C: Engine>(database: &TestDatabase) -> C {
    C::open(database.url(), &OpenOptions::default()).expect("the database opens")
}

pub fn run<C: Engine>(connection: &mut C, sql: &str) -> Result<usize, diesel::result::Error> {
    diesel::sql_query(sql).execute(connection)
}

/// The error of a statement that is to fail.
pub fn failure<C: Engine>(connection: &mut C, sql: &str) -> Error {
    let error = run(connection, sql).expect_err(sql);
    C::classify(error, Book::meta())
}

/// The violation of a statement that the database is to refuse, explained, inside a transaction.
pub fn violation<C: Engine>(
    connection: &mut C,
    sql: &str,
    meta: &'static EntityMeta,
    row: Option<&Record>,
) -> ConstraintViolation {
    use diesel::connection::TransactionManager;
    connection.begin(Access::Write).expect("a transaction");
    C::TransactionManager::begin_transaction(connection).expect("a savepoint");
    let error = C::classify(run(connection, sql).expect_err(sql), meta);
    C::TransactionManager::rollback_transaction(connection).expect("the savepoint's rollback");
    let Error::Constraint(mut violation) = error else { panic!("{sql}: {error:?}") };
    connection.explain(&mut violation, meta, row);
    C::TransactionManager::rollback_transaction(connection).expect("the transaction's rollback");
    *violation
}
