//! Rows that are locked by who reads them.

use std::time::Duration;

use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use domain::User;
use integration_tests::shop::{ShopEngine, database as shop, user};
use integration_tests::{TestDatabase, mysql, on_every_engine, postgres, sqlite};
use persistence::{Database, Error, Repository, RetryReason};

/// A bookshop of three users, opened twice: to hold locks, and to meet them without patience.
fn opened<C: ShopEngine>(place: TestDatabase) -> (Database<C>, Database<C>, TestDatabase) {
    let (holding, place) = shop::<C>(place);
    holding
        .transaction(|session| {
            let users = ["Ann", "Bob", "Cid"].map(|name| user(name, None)).into();
            Repository::<User>::insert_many(session, users)
        })
        .unwrap();
    let meeting =
        Database::<C>::builder(place.url()).lock_timeout(Duration::from_millis(50)).open().unwrap();
    (holding, meeting, place)
}

#[track_caller]
fn is_busy(error: &Error) {
    assert!(matches!(error, Error::Retryable { reason: RetryReason::Busy, .. }), "{error:?}");
}

on_every_engine! {
    fn a_row_that_was_read_for_update_is_written_by_nobody_else<Engine>(place) {
        let (holding, meeting, _place) = opened::<Engine>(place);
        let mut holder = holding.session().unwrap();
        let ann = holder.query::<User>().filter(User::NAME.eq("Ann")).for_update().one().unwrap();
        let mut other = meeting.session().unwrap();
        let theirs = other.query::<User>().filter(User::NAME.eq("Ann")).one().unwrap();
        other[theirs].age = Some(1);
        is_busy(&other.commit().expect_err("the row is locked"));
        holder[ann].age = Some(2);
        holder.commit().unwrap();
        other.rollback().unwrap();
        let theirs = other.query::<User>().filter(User::NAME.eq("Ann")).one().unwrap();
        assert_eq!(other[theirs].age, Some(2));
    }

    fn a_lock_ends_with_its_transaction<Engine>(place) {
        let (holding, meeting, _place) = opened::<Engine>(place);
        let mut holder = holding.session().unwrap();
        holder.query::<User>().for_update().load().unwrap();
        holder.rollback().unwrap();
        meeting.session().unwrap().query::<User>().no_wait().load().expect("free rows");
    }

    fn who_does_not_wait_is_told_at_once<Engine>(place) {
        let (holding, meeting, _place) = opened::<Engine>(place);
        let mut holder = holding.session().unwrap();
        holder.query::<User>().for_update().load().unwrap();
        let mut other = meeting.session().unwrap();
        is_busy(&other.query::<User>().no_wait().load().expect_err("all rows are locked"));
        assert_eq!(other.query::<User>().count().unwrap(), 3, "the session can be used further");
    }

    fn a_transaction_that_has_read_can_still_lock<Engine>(place) {
        let (holding, meeting, _place) = opened::<Engine>(place);
        let mut holder = holding.session().unwrap();
        assert_eq!(holder.query::<User>().count().unwrap(), 3);
        holder.query::<User>().for_update().load().unwrap();
        is_busy(&meeting.session().unwrap().query::<User>().no_wait().load().expect_err("locked"));
    }

    fn who_may_only_read_may_not_lock<Engine>(place) {
        let (_holding, _meeting, place) = opened::<Engine>(place);
        let reading = Database::<Engine>::builder(place.url()).read_only().open().unwrap();
        let error = reading.session().unwrap().query::<User>().for_update().load().expect_err("no");
        assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    }
}

fn workers_take_rows_of_their_own<C: ShopEngine>(place: TestDatabase) {
    let (holding, meeting, _place) = opened::<C>(place);
    let mut one = holding.session().unwrap();
    let mut two = meeting.session().unwrap();
    let first = one.query::<User>().limit(1).skip_locked().load().unwrap();
    let second = two.query::<User>().limit(1).skip_locked().load().unwrap();
    let names: Vec<_> = first.iter().chain(&second).map(|user| &*user.name).collect();
    assert_eq!(names, ["Ann", "Bob"]);
}

#[test]
fn rows_that_others_have_locked_are_passed_over_on_postgres() {
    workers_take_rows_of_their_own::<PgConnection>(postgres());
}

#[test]
fn rows_that_others_have_locked_are_passed_over_on_mysql() {
    workers_take_rows_of_their_own::<MysqlConnection>(mysql());
}

#[test]
fn a_second_worker_on_sqlite_waits_for_the_write_lock() {
    let (holding, meeting, _place) = opened::<SqliteConnection>(sqlite());
    let mut one = holding.session().unwrap();
    assert_eq!(one.query::<User>().limit(1).skip_locked().load().unwrap().len(), 1);
    let mut two = meeting.session().unwrap();
    is_busy(&two.query::<User>().limit(1).skip_locked().load().expect_err("one writer"));
}
