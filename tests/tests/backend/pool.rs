//! The pool: connections on demand, errors at once and in the engine's words.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use integration_tests::{Fault, Side, TestDatabase, mysql, postgres, relaying_url, sqlite};
use persistence::backend::Engine;
use persistence::{Database, Error};

#[test]
fn opening_fails_at_once_with_the_reason_and_without_the_password() {
    let began = Instant::now();
    let error = Database::<PgConnection>::open("postgres://a:hush@127.0.0.1:1/d")
        .expect_err("nobody listens there");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(error.to_string().contains("Connection refused"), "{error}");
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
}

#[test]
fn what_is_shown_of_a_database_has_no_password() {
    let database = postgres();
    let secret = database.url().split_once(':').and_then(|(_, rest)| rest.split_once(':'));
    let secret = secret.and_then(|(_, rest)| rest.split_once('@')).expect("a password").0;
    let opened = Database::<PgConnection>::open(database.url()).expect("a database");
    let builder = Database::<PgConnection>::builder(database.url());
    let shown = format!("{} {opened:?} {builder:?}", opened.target());
    assert!(shown.contains(":***@127.0.0.1"), "{shown}");
    assert!(!shown.contains(secret), "{shown}");
}

#[test]
fn a_session_that_gets_no_connection_in_time_says_so() {
    let file = sqlite();
    let database = Database::<SqliteConnection>::builder(file.url())
        .pool_size(1)
        .connection_timeout(Duration::from_millis(50))
        .open()
        .expect("a database");
    let session = database.session().expect("the only connection");
    let error = database.session().expect_err("no second one");
    let message = error.to_string();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(message.contains("all 1 connections were in use"), "{message}");
    assert!(message.contains(file.url()), "{message}");
    drop(session);
    database.session().expect("the connection that came back");
}

#[test]
fn a_database_in_memory_is_one_and_stays() {
    let database = Database::<SqliteConnection>::builder(":memory:")
        .connection_timeout(Duration::from_millis(50))
        .open()
        .expect("a database");
    let mut session = database.session().expect("a session");
    session
        .connection()
        .expect("a connection")
        .batch_execute("CREATE TABLE t (a)")
        .expect("a table");
    assert!(database.session().is_err(), "the only connection is in use");
    session.commit().expect("a commit");
    drop(session);
    let mut session = database.session().expect("a session");
    let connection = session.connection().expect("a connection");
    connection.batch_execute("INSERT INTO t VALUES (1)").expect("the table is there");
}

fn replaces_lost_connections<C: Engine>(place: &TestDatabase) {
    let database = Database::<C>::builder(place.url()).pool_size(2).open().expect("a database");
    let sessions = [database.session().expect("one"), database.session().expect("two")];
    drop(sessions);
    place.end_connections();
    database.ping().expect("a new connection in the place of the lost ones");
}

#[test]
fn connections_the_server_ended_are_replaced_on_postgres() {
    replaces_lost_connections::<PgConnection>(&postgres());
}

#[test]
fn connections_the_server_ended_are_replaced_on_mysql() {
    replaces_lost_connections::<MysqlConnection>(&mysql());
}

#[test]
fn a_server_that_is_gone_is_told_in_its_own_words() {
    let server = postgres();
    let database = Database::<PgConnection>::builder(server.url())
        .connection_timeout(Duration::from_mins(1))
        .open()
        .expect("a database");
    database.ping().expect("an answer");
    drop(server);
    let began = Instant::now();
    let error = database.session().expect_err("the database was dropped");
    let message = error.to_string();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(message.contains("does not exist"), "{message}");
    assert!(began.elapsed() < Duration::from_secs(20), "nobody waits for what cannot come");
}

#[test]
fn an_uncommitted_session_leaves_nothing_behind_in_the_pool() {
    let file = sqlite();
    let database =
        Database::<SqliteConnection>::builder(file.url()).pool_size(1).open().expect("a database");
    let mut session = database.session().expect("a session");
    let connection = session.connection().expect("a connection");
    connection.batch_execute("CREATE TABLE t (a)").expect("a table");
    drop(session);
    let mut session = database.session().expect("a session");
    let connection = session.connection().expect("a connection");
    connection.batch_execute("CREATE TABLE t (a)").expect("the name is free again");
}

/// Servers fall silent while connections to them are opened.
fn a_hung_server_keeps_nobody_from_another<C: Engine>(place: &TestDatabase) {
    let opened = |url: &str, patience| {
        let builder = Database::<C>::builder(url).pool_size(2).connection_timeout(patience);
        builder.open().expect("a database")
    };
    let mut hung = Vec::new();
    for _ in 0..4 {
        let (relay, url) = relaying_url(place.url());
        let database = opened(&url, Duration::from_millis(500));
        let session = database.session().expect("the first connection");
        relay.fail_after(Side::Server, 0, Fault::Silence);
        let error = database.session().expect_err("the second one hangs");
        assert!(error.to_string().contains("opening another took longer"), "{error}");
        hung.push((relay, session));
    }
    let database = opened(place.url(), Duration::from_secs(5));
    let sessions = [database.session().expect("one"), database.session().expect("two")];
    drop((sessions, hung));
}

#[test]
fn a_hung_server_keeps_nobody_from_another_on_postgres() {
    a_hung_server_keeps_nobody_from_another::<PgConnection>(&postgres());
}

#[test]
fn a_hung_server_keeps_nobody_from_another_on_mysql() {
    a_hung_server_keeps_nobody_from_another::<MysqlConnection>(&mysql());
}
