//! A file that is removed or replaced while it is open: whoever goes on is told.

use diesel::SqliteConnection;
use integration_tests::shop::user;
use integration_tests::{TestDatabase, sqlite};
use persistence::{Database, Error, Filter, Repository, Session};

fn opened() -> (Database<SqliteConnection>, TestDatabase) {
    let place = sqlite();
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    (database, place)
}

fn users(session: &mut Session<SqliteConnection>) -> u64 {
    Repository::<domain::User>::count(session, &Filter::All).unwrap()
}

#[track_caller]
fn is_told<T: std::fmt::Debug>(result: persistence::Result<T>, part: &str) {
    let error = result.expect_err("the file is another");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains(part), "{error}");
}

#[test]
fn a_file_that_is_gone_or_another_is_noticed_by_the_next_session() {
    let (database, place) = opened();
    assert_eq!(users(&mut database.session().unwrap()), 0);
    let elsewhere = place.path().with_file_name("elsewhere.db");
    std::fs::rename(place.path(), &elsewhere).unwrap();
    is_told(database.session().map(drop), "removed or renamed");
    is_told(database.read_session().map(drop), "removed or renamed");
    is_told(database.ping(), "removed or renamed");
    std::fs::copy(&elsewhere, place.path()).unwrap();
    is_told(database.session().map(drop), "another file");
    is_told(database.migrate(&domain::MIGRATIONS), "another file");
    std::fs::rename(&elsewhere, place.path()).unwrap();
    assert_eq!(users(&mut database.session().unwrap()), 0);
}

#[test]
fn nothing_is_acknowledged_that_went_into_a_file_that_is_gone() {
    let (database, place) = opened();
    let mut session = database.session().unwrap();
    session.add(user("John Doe", None));
    session.flush().unwrap();
    std::fs::remove_file(place.path()).unwrap();
    is_told(session.commit(), "removed or renamed");
}

#[test]
fn a_log_that_is_removed_is_noticed() {
    let (database, place) = opened();
    database
        .transaction(|session| Repository::<domain::User>::insert(session, user("Ann", None)))
        .unwrap();
    std::fs::remove_file(format!("{}-wal", place.url())).unwrap();
    is_told(database.session().map(drop), "-wal");
    is_told(database.ping(), "-wal");
}
