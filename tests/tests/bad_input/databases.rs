//! Files and servers that are not what they should be, through the doors that programs use.

use std::path::Path;

use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use domain::{Author, Book, MIGRATIONS, User};
use integration_tests::shop::{author, book};
use integration_tests::{TestDatabase, mysql, on_every_engine, postgres, sqlite};
use persistence::{Database, Engine, Error, Filter, Query, Repository, Result};

fn refused<C: Engine>(url: &str) -> Error {
    match Database::<C>::open(url) {
        Ok(database) => panic!("{url} was opened as {}", database.target()),
        Err(error) => error,
    }
}

/// An error of connecting whose message has these parts.
fn unavailable(error: &Error, parts: &[&str]) {
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    says(error, parts);
}

fn says(error: &Error, parts: &[&str]) {
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

fn schema_error<T: std::fmt::Debug>(result: Result<T>, parts: &[&str]) {
    let error = result.expect_err("the schema is another one");
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    says(&error, parts);
}

/// A bookshop of some pages' size.
fn stocked() -> TestDatabase {
    let place = sqlite();
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    database.migrate(&MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let kafka: Author = session.insert(author("Franz Kafka")).unwrap();
    let books = (0..2000).map(|number| book(&kafka, &format!("Volume {number}"))).collect();
    let _: Vec<Book> = session.insert_many(books).unwrap();
    session.commit().unwrap();
    place
}

fn path(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn a_scheme_of_no_engine_is_refused_with_those_that_are() {
    let error = refused::<SqliteConnection>("oracle://scott:tiger@host/books");
    unavailable(&error, &["oracle", "sqlite://path", "postgres://", "mysql://"]);
    assert!(!error.to_string().contains("tiger"), "{error}");
    unavailable(&refused::<PgConnection>("bookshop.db"), &["SQLite", "postgres://"]);
    unavailable(&refused::<MysqlConnection>("postgres://host/books"), &["PostgreSQL", "mysql://"]);
}

#[test]
fn a_missing_file_is_not_created_for_reading() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.db");
    let opened = Database::<SqliteConnection>::builder(&path(&missing)).read_only().open();
    unavailable(&opened.expect_err("there is no file"), &[&path(&missing), "no such file"]);
    assert!(!missing.exists());
}

#[test]
fn a_folder_or_a_path_under_a_file_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    unavailable(&refused::<SqliteConnection>(&path(folder.path())), &["folder"]);
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "notes").unwrap();
    let under = path(&file.join("bookshop.db"));
    unavailable(&refused::<SqliteConnection>(&under), &[&under]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_says_so_whoever_asks() {
    // Reading fails for everybody, the administrator included.
    unavailable(&refused::<SqliteConnection>("/proc/self/mem"), &["/proc/self/mem"]);
    unavailable(&refused::<SqliteConnection>("/proc/bindery.db"), &["/proc/bindery.db"]);
}

#[test]
fn a_file_of_another_kind_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.csv");
    let text = "title,author\nDer Prozess,Franz Kafka\n".repeat(100);
    std::fs::write(&file, &text).unwrap();
    let error = refused::<SqliteConnection>(&path(&file));
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    says(&error, &["books.csv", "not an SQLite database"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_truncated_database_is_an_error_wherever_it_was_cut() {
    let place = stocked();
    place.execute("PRAGMA journal_mode = DELETE");
    let whole = std::fs::read(place.path()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for eighths in 1..8 {
        let file = folder.path().join(format!("cut-{eighths}.db"));
        std::fs::write(&file, &whole[..whole.len() * eighths / 8]).unwrap();
        let read = || -> Result<Vec<Book>> {
            Database::<SqliteConnection>::open(&path(&file))?.session()?.list(&Query::new())
        };
        let error = read().expect_err("rows are missing");
        assert!(matches!(error, Error::Corrupt { .. }), "{eighths}/8: {error:?}");
        says(&error, &["damaged"]);
    }
}

#[test]
fn a_read_only_database_is_read_and_refuses_every_write() {
    let place = stocked();
    let database = Database::<SqliteConnection>::builder(place.url()).read_only().open().unwrap();
    let mut session = database.session().unwrap();
    let refused = [
        Repository::<Author>::insert(&mut session, author("New")).map(|_| ()),
        Repository::<Author>::delete(&mut session, &1),
        Repository::<Book>::delete_where(&mut session, &Filter::All).map(|_| ()),
        database.revert_migration(&MIGRATIONS).map(|_| ()),
    ];
    for result in refused {
        assert!(matches!(result, Err(Error::ReadOnly { .. })), "{result:?}");
    }
    assert_eq!(Repository::<Book>::count(&mut session, &Filter::All).unwrap(), 2000);
}

#[test]
fn a_file_that_only_its_medium_protects_refuses_writes_too() {
    let place = stocked();
    // As on a read-only medium: nobody told the framework.
    let url = format!("file:{}?mode=ro", place.url());
    let database = Database::<SqliteConnection>::open(&url).unwrap();
    let mut session = database.session().unwrap();
    assert_eq!(Repository::<Book>::count(&mut session, &Filter::All).unwrap(), 2000);
    let written = Repository::<Author>::insert(&mut session, author("New"));
    assert!(matches!(written, Err(Error::ReadOnly { .. })), "{written:?}");
}

#[test]
fn a_stored_value_of_another_type_is_an_error_that_names_its_place() {
    let place = stocked();
    place.execute("UPDATE books SET published_on = 'next summer' WHERE id = 7");
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    let error = Repository::<Book>::find(&mut session, &7).expect_err("that is no date");
    assert!(matches!(error, Error::Unreadable(_)), "{error:?}");
    says(&error, &["books.published_on", "next summer", "7"]);
    let next = Repository::<Book>::find(&mut session, &8).unwrap().unwrap();
    assert_eq!(next.published_on, None);
}

#[test]
fn a_wrong_password_is_told_without_it() {
    let wrong = |place: &TestDatabase| {
        let (scheme, rest) = place.url().split_once("://").unwrap();
        let (_, server) = rest.rsplit_once('@').unwrap();
        format!("{scheme}://intruder:s3same@{server}")
    };
    let errors = [
        refused::<PgConnection>(&wrong(&postgres())),
        refused::<MysqlConnection>(&wrong(&mysql())),
    ];
    for error in &errors {
        unavailable(error, &["intruder", "127.0.0.1"]);
        assert!(!format!("{error} {error:?}").contains("s3same"), "{error:?}");
    }
}

#[test]
fn a_port_nobody_listens_at_and_a_host_nobody_has_are_named() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    unavailable(
        &refused::<PgConnection>(&format!("postgres://a:s3same@{closed}/books")),
        &[&closed.to_string(), "a:***"],
    );
    unavailable(
        &refused::<MysqlConnection>(&format!("mysql://a:s3same@{closed}/books")),
        &[&closed.to_string(), "a:***"],
    );
    unavailable(
        &refused::<PgConnection>("postgres://a:s3same@no-such-host.invalid/books"),
        &["no-such-host.invalid"],
    );
    unavailable(
        &refused::<MysqlConnection>("mysql://a:s3same@no-such-host.invalid/books"),
        &["no-such-host.invalid"],
    );
}

on_every_engine! {
    fn a_database_without_the_tables_names_the_missing_one<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        schema_error(Repository::<Book>::list(&mut session, &Query::new()), &["books"]);
        session.rollback().unwrap();
        schema_error(Repository::<Author>::insert(&mut session, author("Anna")), &["authors"]);
        session.rollback().unwrap();
        schema_error(Repository::<User>::count(&mut session, &Filter::All), &["users"]);
    }

    fn a_table_of_somebody_else_names_the_missing_column<Engine>(place) {
        place.execute("CREATE TABLE authors (id BIGINT PRIMARY KEY, name VARCHAR(99))");
        place.execute("INSERT INTO authors VALUES (1, 'Anna')");
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        schema_error(Repository::<Author>::list(&mut session, &Query::new()), &["born_on"]);
        session.rollback().unwrap();
        schema_error(
            database.migrate(&MIGRATIONS),
            &["create_bookshop", "authors"],
        );
        place.execute("UPDATE authors SET name = 'still here' WHERE id = 1");
    }
}
