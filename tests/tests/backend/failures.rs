//! Everything that fails and is no refused row: locks, lost connections, wrong schemas and values.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::result::DatabaseErrorKind;
use diesel::result::Error::DatabaseError;
use diesel::{MysqlConnection, PgConnection, QueryDsl, RunQueryDsl, SqliteConnection};
use integration_tests::{TestDatabase, mysql, postgres, sqlite};
use persistence::backend::{Access, Engine, OpenOptions};
use persistence::{Entity, Error, RetryReason};

use crate::library::{Book, authors, failure, open, run, stocked};

#[track_caller]
fn is_schema(error: &Error, part: &str) {
    assert!(matches!(error, Error::Schema { message } if message.contains(part)), "{error:?}");
}

fn names_what_is_missing<C: Engine>(database: TestDatabase) {
    let database = stocked(database);
    let mut connection = open::<C>(&database);
    is_schema(&failure(&mut connection, "SELECT * FROM nowhere"), "nowhere");
    is_schema(&failure(&mut connection, "SELECT unknown FROM books"), "unknown");
}

#[test]
fn a_missing_table_or_column_is_named_on_sqlite() {
    names_what_is_missing::<SqliteConnection>(sqlite());
}

#[test]
fn a_missing_table_or_column_is_named_on_postgres() {
    names_what_is_missing::<PgConnection>(postgres());
}

#[test]
fn a_missing_table_or_column_is_named_on_mysql() {
    names_what_is_missing::<MysqlConnection>(mysql());
}

fn refuses_unfit_values<C: Engine>(database: TestDatabase) {
    let database = stocked(database);
    let mut connection = open::<C>(&database);
    let long = "x".repeat(101);
    for sql in [
        format!("INSERT INTO authors VALUES (4, '{long}')"),
        "UPDATE books SET pages = 99999999999".to_owned(),
    ] {
        let error = failure(&mut connection, &sql);
        assert!(matches!(error, Error::Data { .. }), "{error:?}");
    }
}

#[test]
fn values_that_do_not_fit_are_errors_of_data_on_postgres() {
    refuses_unfit_values::<PgConnection>(postgres());
}

#[test]
fn values_that_do_not_fit_are_errors_of_data_on_mysql() {
    refuses_unfit_values::<MysqlConnection>(mysql());
}

fn refuses_writes<C: Engine>(database: TestDatabase) {
    let database = stocked(database);
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    let mut connection = C::open(database.url(), &options).expect("a read-only connection");
    assert_eq!(run(&mut connection, "SELECT * FROM authors").err(), None);
    let error = failure(&mut connection, "DELETE FROM books");
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
}

#[test]
fn a_read_only_connection_sees_what_others_write_meanwhile_on_sqlite() {
    for journal in ["DELETE", "WAL"] {
        let database = stocked(sqlite());
        database.execute(&format!("PRAGMA journal_mode = {journal}"));
        let options = OpenOptions { read_only: true, ..OpenOptions::default() };
        let mut reader = SqliteConnection::open(database.url(), &options).expect("a connection");
        for id in 4..7_i64 {
            assert_eq!(authors::table.count().get_result(&mut reader), Ok(id - 1), "{journal}");
            database.execute(&format!("INSERT INTO authors VALUES ({id}, 'Lem')"));
        }
    }
}

#[test]
fn a_read_only_connection_refuses_writes_on_sqlite() {
    refuses_writes::<SqliteConnection>(sqlite());
}

#[test]
fn a_read_only_connection_refuses_writes_on_postgres() {
    refuses_writes::<PgConnection>(postgres());
}

#[test]
fn a_read_only_connection_refuses_writes_on_mysql() {
    refuses_writes::<MysqlConnection>(mysql());
}

fn tells_locks<C: Engine>(database: TestDatabase) {
    let database = stocked(database);
    let options =
        OpenOptions { lock_timeout: Some(Duration::from_millis(100)), ..OpenOptions::default() };
    let mut holder = open::<C>(&database);
    let mut waiting = C::open(database.url(), &options).expect("a second connection");
    holder.begin(Access::Write).expect("a transaction");
    run(&mut holder, "UPDATE authors SET name = 'x' WHERE id = 1").expect("a free row");
    let error = failure(&mut waiting, "UPDATE authors SET name = 'y' WHERE id = 1");
    let is_busy = matches!(error, Error::Retryable { reason: RetryReason::Busy, .. });
    assert!(is_busy, "{error:?}");
}

#[test]
fn a_lock_that_is_held_too_long_is_worth_a_retry_on_sqlite() {
    tells_locks::<SqliteConnection>(sqlite());
}

#[test]
fn a_lock_that_is_held_too_long_is_worth_a_retry_on_postgres() {
    tells_locks::<PgConnection>(postgres());
}

#[test]
fn a_lock_that_is_held_too_long_is_worth_a_retry_on_mysql() {
    tells_locks::<MysqlConnection>(mysql());
}

#[test]
fn two_writers_of_sqlite_wait_for_each_other_at_begin() {
    let database = stocked(sqlite());
    let mut holder = open::<SqliteConnection>(&database);
    holder.begin(Access::Write).expect("a transaction");
    let options =
        OpenOptions { lock_timeout: Some(Duration::from_millis(10)), ..OpenOptions::default() };
    let mut waiting = SqliteConnection::open(database.url(), &options).expect("a connection");
    let error = waiting.begin(Access::Write).expect_err("the write lock is taken");
    let error = SqliteConnection::classify(error, Book::meta());
    let is_busy = matches!(error, Error::Retryable { reason: RetryReason::Busy, .. });
    assert!(is_busy, "{error:?}");
    waiting.begin(Access::Read).expect("reading needs no write lock");
}

fn tells_deadlocks<C: Engine>(database: TestDatabase) {
    let database = stocked(database);
    let (mut first, mut second) = (open::<C>(&database), open::<C>(&database));
    let lock = |connection: &mut C, id: i32| {
        run(connection, &format!("UPDATE authors SET name = 'x' WHERE id = {id}"))
            .map_err(|error| C::classify(error, Book::meta()))
    };
    first.begin(Access::Write).expect("a transaction");
    second.begin(Access::Write).expect("a transaction");
    lock(&mut first, 1).expect("a free row");
    lock(&mut second, 2).expect("a free row");
    let errors: Vec<_> = std::thread::scope(|scope| {
        let threads =
            [scope.spawn(move || lock(&mut first, 2)), scope.spawn(move || lock(&mut second, 1))];
        threads.into_iter().filter_map(|thread| thread.join().expect("no panic").err()).collect()
    });
    let is_deadlock =
        |error: &Error| matches!(error, Error::Retryable { reason: RetryReason::Deadlock, .. });
    assert!(errors.len() == 1 && errors.iter().all(is_deadlock), "{errors:?}");
}

#[test]
fn a_deadlock_is_worth_a_retry_on_postgres() {
    tells_deadlocks::<PgConnection>(postgres());
}

#[test]
fn a_deadlock_is_worth_a_retry_on_mysql() {
    tells_deadlocks::<MysqlConnection>(mysql());
}

#[test]
fn a_serialization_failure_is_worth_a_retry_on_postgres() {
    let database = stocked(postgres());
    let (mut first, mut second) =
        (open::<PgConnection>(&database), open::<PgConnection>(&database));
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM authors";
    first.batch_execute(begin).expect("a transaction");
    second.batch_execute(begin).expect("a transaction");
    first.batch_execute("UPDATE authors SET name = 'x'; COMMIT").expect("the first may write");
    let error = failure(&mut second, "UPDATE authors SET name = 'y'");
    let is_serialization =
        matches!(error, Error::Retryable { reason: RetryReason::Serialization, .. });
    assert!(is_serialization, "{error:?}");
}

#[test]
fn a_connection_the_server_ends_is_unavailable_on_postgres() {
    let database = postgres();
    let mut connection = open::<PgConnection>(&database);
    database.end_connections();
    for sql in ["SELECT 1", "SELECT 1"] {
        let error = failure(&mut connection, sql);
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    }
    let error = connection.begin(Access::Write).expect_err("no connection");
    let error = PgConnection::classify(error, Book::meta());
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[test]
fn a_connection_the_server_ends_is_unavailable_on_mysql() {
    let database = mysql();
    let mut connection = open::<MysqlConnection>(&database);
    // Its own KILL ends it, and the answer says so already.
    let error = failure(&mut connection, "KILL CONNECTION_ID()");
    assert!(matches!(error, Error::Unavailable { .. } | Error::Cancelled), "{error:?}");
    let error = failure(&mut connection, "SELECT 1");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    let error = connection.begin(Access::Write).expect_err("no connection");
    let error = MysqlConnection::classify(error, Book::meta());
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[test]
fn a_statement_that_takes_too_long_says_so_on_postgres() {
    let database = postgres();
    let mut connection = open::<PgConnection>(&database);
    connection.batch_execute("SET statement_timeout = 20").expect("a setting");
    let error = failure(&mut connection, "SELECT pg_sleep(60)");
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

/// Counts to a million millions.
const ENDLESS: &str = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
     SELECT COUNT(*) FROM n a, n b, n c, n d";

#[test]
fn a_statement_that_is_cancelled_says_so_on_mysql() {
    let database = mysql();
    let mut connection = open::<MysqlConnection>(&database);
    let id = connection_id(&mut connection);
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut killer = open::<MysqlConnection>(&database);
            wait_until_running(&mut killer, id);
            run(&mut killer, &format!("KILL QUERY {id}")).expect("the right to kill");
        });
        failure(&mut connection, ENDLESS)
    });
    assert!(matches!(error, Error::Cancelled), "{error:?}");
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

fn number(connection: &mut MysqlConnection, sql: &str) -> i64 {
    diesel::sql_query(sql).get_result::<Number>(connection).expect(sql).number
}

fn connection_id(connection: &mut MysqlConnection) -> i64 {
    number(connection, "SELECT CAST(CONNECTION_ID() AS SIGNED) AS number")
}

fn wait_until_running(connection: &mut MysqlConnection, id: i64) {
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    let running = format!(
        "SELECT COUNT(*) AS number FROM information_schema.processlist \
         WHERE id = {id} AND info LIKE 'WITH RECURSIVE%'"
    );
    while number(connection, &running) == 0 {
        assert!(std::time::Instant::now() < deadline, "the statement does not begin");
    }
}

#[test]
fn what_sqlite_says_is_sorted_by_what_can_be_done_about_it() {
    let sorted = |message: &str| {
        let error = DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()));
        SqliteConnection::classify(error, Book::meta())
    };
    // What needs a shared cache, a full disk or a program's own functions is hard to come by.
    for message in ["database is locked", "database table is locked: books", "the file is busy"] {
        let error = sorted(message);
        let is_busy = matches!(error, Error::Retryable { reason: RetryReason::Busy, .. });
        assert!(is_busy, "{error:?}");
    }
    for message in ["attempt to write a readonly database", "the table is read-only"] {
        assert!(matches!(sorted(message), Error::ReadOnly { .. }), "{message}");
    }
    for message in [
        "no such table: t",
        "no such column: c",
        "no such function: f",
        "table t has no column named c",
        "file is not a database",
        "unsupported file format",
    ] {
        is_schema(&sorted(message), message);
    }
    for message in ["unable to open database file", "disk I/O error", "database or disk is full"] {
        assert!(matches!(sorted(message), Error::Unavailable { .. }), "{message}");
    }
    for message in [
        "string or blob too big",
        "datatype mismatch",
        "integer overflow",
        "cannot store TEXT value in INTEGER column books.pages",
        "malformed JSON",
    ] {
        assert!(matches!(sorted(message), Error::Data { .. }), "{message}");
    }
    assert!(matches!(sorted("interrupted"), Error::Cancelled));
    assert!(matches!(sorted("something new"), Error::Database { .. }));
}
