//! Every statement is logged once, with its binds only where asked for.

use std::io::Write;
use std::sync::{Arc, Mutex};

use diesel::{RunQueryDsl, SqliteConnection};
use integration_tests::{TestDatabase, sqlite};
use persistence::observe::{Binds, TARGET, recorded};
use persistence::{Database, Repository};
use tracing::Level;

use crate::library::{Author, stocked};

/// What was logged so far.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged down to a level while something runs.
fn logged(level: Level, run: impl FnOnce()) -> Vec<String> {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, run);
    let bytes = lines.0.lock().expect("no panic").clone();
    let text = String::from_utf8(bytes).expect("text");
    text.lines().filter(|line| line.contains(TARGET)).map(str::to_owned).collect()
}

fn database(file: &TestDatabase, binds: Binds) -> Database<SqliteConnection> {
    Database::builder(file.url()).log_binds(binds).open().expect("a database")
}

fn find_kafka(database: &Database<SqliteConnection>) {
    let mut session = database.session().expect("a session");
    let author: Option<Author> = session.find(&3).expect("a search");
    assert_eq!(author.expect("an author").name, "Kafka");
}

#[test]
fn a_statement_of_a_session_is_logged_once_with_rows_and_without_binds() {
    let file = stocked(sqlite());
    let database = database(&file, Binds::Hidden);
    let lines = logged(Level::DEBUG, || find_kafka(&database));
    let selects: Vec<_> = lines.iter().filter(|line| line.contains("`authors`")).collect();
    let [select] = selects.as_slice() else { panic!("{lines:#?}") };
    assert!(select.contains("SELECT") && select.contains("rows=1"), "{select}");
    assert!(select.contains("duration="), "{select}");
    assert!(!select.contains("binds"), "{select}");
    assert_eq!(lines.iter().filter(|line| line.contains("BEGIN")).count(), 1, "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("ROLLBACK")).count(), 1, "{lines:#?}");
}

#[test]
fn binds_are_logged_where_asked_for() {
    let file = stocked(sqlite());
    let database = database(&file, Binds::Shown);
    let lines = logged(Level::DEBUG, || find_kafka(&database));
    assert!(lines.iter().any(|line| line.contains("binds: [") && line.contains('3')), "{lines:#?}");
}

#[test]
fn statements_by_hand_are_logged_too_and_their_errors_without_values() {
    let file = stocked(sqlite());
    let database = database(&file, Binds::Hidden);
    let lines = logged(Level::DEBUG, || {
        let mut session = database.session().expect("a session");
        let connection = session.connection().expect("a connection");
        let insert = diesel::sql_query("INSERT INTO authors VALUES (?, ?)")
            .bind::<diesel::sql_types::BigInt, _>(1)
            .bind::<diesel::sql_types::Text, _>("secret");
        insert.execute(connection).expect_err("the key is taken");
    });
    let insert = lines.iter().find(|line| line.contains("INSERT")).expect("the statement");
    assert!(insert.contains("error=") && insert.contains("UniqueViolation"), "{insert}");
    assert!(!lines.iter().any(|line| line.contains("secret")), "{lines:#?}");
}

#[test]
fn slow_statements_are_warnings() {
    let file = stocked(sqlite());
    let database = Database::<SqliteConnection>::builder(file.url())
        .log_slower_than(std::time::Duration::ZERO)
        .open()
        .expect("a database");
    let lines = logged(Level::WARN, || find_kafka(&database));
    assert!(lines.iter().any(|line| line.contains("slow: SELECT")), "{lines:#?}");
    let lines = logged(Level::ERROR, || find_kafka(&database));
    assert_eq!(lines, Vec::<String>::new());
}

#[test]
fn statements_are_recorded_with_rows_and_duration_while_nobody_logs() {
    let file = stocked(sqlite());
    let database = database(&file, Binds::Hidden);
    let mut session = database.session().expect("a session");
    let (author, statements) = recorded(|| -> Option<Author> { session.find(&3).expect("a find") });
    assert_eq!(author.expect("an author").name, "Kafka");
    let [begin, select] = statements.as_slice() else { panic!("{statements:#?}") };
    assert_eq!((begin.sql.as_str(), begin.rows), ("BEGIN", None));
    assert!(select.sql.starts_with("SELECT") && !select.sql.contains("binds"), "{select:?}");
    assert_eq!((select.rows, &select.error), (Some(1), &None));
    assert!(select.duration > std::time::Duration::ZERO);
}

#[test]
fn a_recording_shows_binds_where_asked_for_and_errors() {
    let file = stocked(sqlite());
    let shown = database(&file, Binds::Shown);
    let mut session = shown.session().expect("a session");
    let (_, statements) = recorded(|| -> Option<Author> { session.find(&3).expect("a find") });
    assert!(statements.iter().any(|statement| statement.sql.ends_with("-- binds: [3]")));

    let mut session = database(&file, Binds::Hidden).session().expect("a session");
    let connection = session.connection().expect("a connection");
    let insert = diesel::sql_query("INSERT INTO authors VALUES (1, 'secret')");
    let (failed, statements) = recorded(|| insert.execute(connection));
    failed.expect_err("the key is taken");
    let [failed] = statements.as_slice() else { panic!("{statements:#?}") };
    assert_eq!(failed.error.as_deref(), Some("UniqueViolation"));
    assert_eq!(failed.rows, None);
}

#[test]
fn a_recording_inside_of_another_is_part_of_both() {
    let file = stocked(sqlite());
    let database = database(&file, Binds::Hidden);
    let mut session = database.session().expect("a session");
    let mut find = |key: i64| -> Option<Author> { session.find(&key).expect("a find") };
    let ((first, inner), outer) = recorded(|| {
        let first = find(1);
        let (_, inner) = recorded(|| find(2));
        find(3);
        (first, inner)
    });
    assert!(first.is_some());
    assert_eq!((inner.len(), outer.len()), (1, 4), "{outer:#?}");
    assert_eq!(inner[0], outer[2]);
}
