//! Refused rows name table, columns and constraint alike on all engines.

use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use integration_tests::works::WorkGenre;
use integration_tests::{TestDatabase, mysql, postgres, sqlite};
use persistence::backend::Engine;
use persistence::{ConstraintKind, ConstraintViolation, Entity};

use crate::library::{Author, Book, open, stocked, violation};

macro_rules! on_every_engine {
    ($($name:ident => $check:ident;)*) => {
        mod on_sqlite {
            $(#[test] fn $name() { super::$check::<super::SqliteConnection>(super::sqlite()); })*
        }
        mod on_postgres {
            $(#[test] fn $name() { super::$check::<super::PgConnection>(super::postgres()); })*
        }
        mod on_mysql {
            $(#[test] fn $name() { super::$check::<super::MysqlConnection>(super::mysql()); })*
        }
    };
}

on_every_engine! {
    a_taken_value_names_its_column => taken_value;
    taken_values_of_several_columns_name_them_all => taken_values;
    a_taken_primary_key_names_it => taken_key;
    a_reference_to_nothing_names_its_column => reference_to_nothing;
    a_row_that_is_referred_to_names_the_table_that_does => referred_to;
    a_cascade_that_is_blocked_names_the_table_that_blocks => blocked_cascade;
    a_missing_value_names_its_column => missing_value;
    a_check_names_the_column_its_name_speaks_of => check_by_name;
    a_check_names_the_column_its_expression_speaks_of => check_by_expression;
}

fn insert(columns: &str) -> String {
    format!("INSERT INTO books (id, title, author_id, isbn, price, pages) VALUES ({columns})")
}

fn book<C: Engine>(database: TestDatabase, sql: &str, row: Option<Book>) -> ConstraintViolation {
    let database = stocked(database);
    let mut connection = open::<C>(&database);
    let row = row.map(|row| row.to_record());
    violation(&mut connection, sql, Book::meta(), row.as_ref())
}

#[track_caller]
fn expect(violation: &ConstraintViolation, kind: ConstraintKind, columns: &[&str]) {
    assert_eq!(violation.kind, kind, "{violation:?}");
    assert_eq!(violation.columns, columns, "{violation:?}");
    assert_eq!(violation.table.as_deref(), Some("books"), "{violation:?}");
    assert_eq!(violation.referenced_by, Vec::<String>::new(), "{violation:?}");
    assert_eq!(violation.entity, "Book");
}

fn taken_value<C: Engine>(database: TestDatabase) {
    let sql = insert("2, 'Morphine', 1, '9780000000001', NULL, NULL");
    let violation = book::<C>(database, &sql, None);
    expect(&violation, ConstraintKind::Unique, &["isbn"]);
    if C::NAME != "SQLite" {
        assert_eq!(violation.constraint.as_deref(), Some("books_isbn_unique"));
    }
}

fn taken_values<C: Engine>(database: TestDatabase) {
    let violation = book::<C>(database, &insert("2, 'The Master', 1, NULL, NULL, NULL"), None);
    expect(&violation, ConstraintKind::Unique, &["title", "author_id"]);
}

fn taken_key<C: Engine>(database: TestDatabase) {
    let violation = book::<C>(database, &insert("1, 'Morphine', 1, NULL, NULL, NULL"), None);
    expect(&violation, ConstraintKind::Unique, &["id"]);
}

fn reference_to_nothing<C: Engine>(database: TestDatabase) {
    let row = Book {
        id: 2,
        title: "Orlando".to_owned(),
        author_id: 99,
        isbn: None,
        price: None,
        pages: None,
    };
    let sql = insert("2, 'Orlando', 99, NULL, NULL, NULL");
    let violation = book::<C>(database, &sql, Some(row));
    expect(&violation, ConstraintKind::ForeignKey, &["author_id"]);
    if C::NAME != "SQLite" {
        assert_eq!(violation.constraint.as_deref(), Some("books_author_fk"));
    }
}

fn deleting<C: Engine>(database: TestDatabase, author: &Author) -> ConstraintViolation {
    let database = stocked(database);
    let mut connection = open::<C>(&database);
    let sql = format!("DELETE FROM authors WHERE id = {}", author.id);
    violation(&mut connection, &sql, Author::meta(), Some(&author.to_record()))
}

fn referred_to<C: Engine>(database: TestDatabase) {
    let violation = deleting::<C>(database, &Author { id: 1, name: "Bulgakov".to_owned() });
    assert_eq!(violation.kind, ConstraintKind::ForeignKey, "{violation:?}");
    assert_eq!(violation.referenced_by, ["books"], "{violation:?}");
    assert_eq!(violation.columns, Vec::<String>::new(), "{violation:?}");
    assert_eq!(violation.to_string(), "this Author is still referred to by rows of books");
}

fn blocked_cascade<C: Engine>(database: TestDatabase) {
    let violation = deleting::<C>(database, &Author { id: 2, name: "Woolf".to_owned() });
    assert_eq!(violation.kind, ConstraintKind::ForeignKey, "{violation:?}");
    assert_eq!(violation.referenced_by, ["signs"], "{violation:?}");
}

fn missing_value<C: Engine>(database: TestDatabase) {
    let violation = book::<C>(database, &insert("2, NULL, 1, NULL, NULL, NULL"), None);
    expect(&violation, ConstraintKind::NotNull, &["title"]);
}

fn check_by_name<C: Engine>(database: TestDatabase) {
    let violation = book::<C>(database, &insert("2, 'Morphine', 1, NULL, -1, NULL"), None);
    expect(&violation, ConstraintKind::Check, &["price"]);
    assert_eq!(violation.constraint.as_deref(), Some("books_price_not_negative"));
}

fn check_by_expression<C: Engine>(database: TestDatabase) {
    let violation = book::<C>(database, &insert("2, 'Morphine', 1, NULL, NULL, 0"), None);
    expect(&violation, ConstraintKind::Check, &["pages"]);
    assert_eq!(violation.constraint.as_deref(), Some("no_empty_volumes"));
}

#[test]
fn deleting_many_rows_on_sqlite_names_the_tables_that_keep_them() {
    let database = stocked(sqlite());
    let mut connection = open::<SqliteConnection>(&database);
    let violation = violation(&mut connection, "DELETE FROM authors", Author::meta(), None);
    assert_eq!(violation.referenced_by, ["books", "signs"]);
}

#[test]
fn a_taken_value_of_an_expression_names_the_index_on_sqlite() {
    let database = stocked(sqlite());
    database.execute("CREATE UNIQUE INDEX one_title ON books (lower(title))");
    let mut connection = open::<SqliteConnection>(&database);
    let sql = insert("2, 'THE MASTER', 2, NULL, NULL, NULL");
    let violation = violation(&mut connection, &sql, Book::meta(), None);
    assert_eq!(violation.kind, ConstraintKind::Unique);
    assert_eq!(violation.constraint.as_deref(), Some("one_title"));
    assert_eq!(violation.columns, Vec::<String>::new());
}

#[test]
fn a_check_amid_a_table_on_sqlite_names_its_own_columns_only() {
    let database = sqlite();
    database.execute(
        "CREATE TABLE authors (id BIGINT PRIMARY KEY); \
         CREATE TABLE books (id BIGINT PRIMARY KEY, title TEXT NOT NULL, \
             pages INTEGER CONSTRAINT no_empty_volumes CHECK (abs(pages) > (price + 0)), \
             author_id BIGINT NOT NULL, isbn TEXT, price BIGINT)",
    );
    let mut connection = open::<SqliteConnection>(&database);
    let sql = insert("2, 'Morphine', 1, NULL, 7, 0");
    let violation = violation(&mut connection, &sql, Book::meta(), None);
    expect(&violation, ConstraintKind::Check, &["pages", "price"]);
}

#[test]
fn a_row_of_a_composite_key_on_sqlite_names_the_tables_that_keep_it() {
    let database = sqlite();
    integration_tests::works::create_tables(&database);
    database.execute(
        "CREATE TABLE remarks (work_id BIGINT, genre_id BIGINT, \
             FOREIGN KEY (work_id, genre_id) REFERENCES work_genres (work_id, genre_id)); \
         CREATE TABLE others (work_id BIGINT, genre_id BIGINT, \
             FOREIGN KEY (work_id, genre_id) REFERENCES work_genres (work_id, genre_id)); \
         INSERT INTO works (id, title) VALUES (1, 'Solaris'), (2, 'Eden'); \
         INSERT INTO genres VALUES (1, 'novel'); \
         INSERT INTO work_genres (work_id, genre_id) VALUES (1, 1), (2, 1); \
         INSERT INTO remarks VALUES (1, 1); INSERT INTO others VALUES (2, 1)",
    );
    let mut connection = open::<SqliteConnection>(&database);
    let row = WorkGenre { work_id: 1, genre_id: 1, weight: None };
    let sql = "DELETE FROM work_genres WHERE work_id = 1";
    let violation = violation(&mut connection, sql, WorkGenre::meta(), Some(&row.to_record()));
    assert_eq!(violation.referenced_by, ["remarks"]);
}
