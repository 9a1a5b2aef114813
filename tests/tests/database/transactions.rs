//! Transactions as closures: what is replayed, what is not, and what is unknown.

use std::time::Duration;

use domain::{NewUser, User};
use integration_tests::shop::{ShopEngine, database as shop, user};
use integration_tests::{TestDatabase, cutting_at, mysql, on_every_engine, postgres};
use persistence::{
    Begin, Database, Error, Isolation, Repository, RetryReason, SessionOptions, TransactionOptions,
};

use diesel::{MysqlConnection, PgConnection};

fn busy() -> Error {
    Error::Retryable { reason: RetryReason::Busy, message: "made up".to_owned() }
}

fn at_once(attempts: u32) -> TransactionOptions {
    TransactionOptions {
        attempts,
        first_wait: Duration::from_micros(1),
        longest_wait: Duration::from_millis(20),
        ..TransactionOptions::default()
    }
}

fn ages<C: ShopEngine>(database: &Database<C>) -> Vec<Option<i32>> {
    let users = database.session().unwrap().query::<User>().load().unwrap();
    users.into_iter().map(|user| user.age).collect()
}

on_every_engine! {
    fn what_the_closure_wrote_is_committed<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let id = database
            .transaction(|session| {
                let john = session.add(user("John", Some(30)));
                session.flush()?;
                Ok(session[john].id)
            })
            .unwrap();
        let john: User = database.session().unwrap().query().load().unwrap().remove(0);
        assert_eq!((john.id, john.age), (id, Some(30)));
    }

    fn an_attempt_that_may_be_repeated_starts_anew<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut attempts = 0;
        database
            .transaction_with(at_once(5), |session| {
                attempts += 1;
                let _: User = session.insert(user("John", Some(attempts)))?;
                if attempts < 3 { Err(busy()) } else { Ok(()) }
            })
            .unwrap();
        assert_eq!(ages(&database), [Some(3)], "only the last attempt is written");
    }

    fn attempts_are_bounded_and_counted_in_the_error<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut attempts = 0;
        let error = database
            .transaction_with(at_once(4), |session| {
                attempts += 1;
                let _: User = session.insert(user("John", None))?;
                Err::<(), _>(busy())
            })
            .expect_err("no attempt succeeds");
        assert_eq!(attempts, 4);
        assert_eq!(error.to_string(), "the database is busy: made up (tried 4 times)");
        assert!(ages(&database).is_empty());
    }

    fn any_other_error_rolls_back_and_returns_at_once<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut attempts = 0;
        let error = database
            .transaction(|session| {
                attempts += 1;
                let _: User = session.insert(user("John", None))?;
                session.get::<User>(4711)?;
                Ok(())
            })
            .expect_err("nobody has that key");
        assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
        assert_eq!(attempts, 1);
        assert!(ages(&database).is_empty());
    }

    fn counting_in_many_threads_loses_no_count<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let id = database
            .transaction(|session| Ok(Repository::<User>::insert(session, user("John", Some(0)))?.id))
            .unwrap();
        let options =
            TransactionOptions { isolation: Some(Isolation::Serializable), ..at_once(200) };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        database
                            .transaction_with(options, |session| {
                                let john = session.get::<User>(id)?;
                                session[john].age = session[john].age.map(|age| age + 1);
                                Ok(())
                            })
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(ages(&database), [Some(20)]);
    }

    fn a_session_that_repeats_its_reads_sees_one_state<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let options = SessionOptions {
            isolation: Some(Isolation::RepeatableRead),
            ..SessionOptions::default()
        };
        let mut reader = database.session_with(options).unwrap();
        assert_eq!(reader.query::<User>().count().unwrap(), 0);
        database
            .transaction(|session| session.insert(user("John", None)).map(drop::<User>))
            .unwrap();
        assert_eq!(reader.query::<User>().count().unwrap(), 0);
    }
}

fn sees_what_others_commit<C: ShopEngine>(place: TestDatabase) {
    let (database, _place) = shop::<C>(place);
    let options =
        SessionOptions { isolation: Some(Isolation::ReadCommitted), ..SessionOptions::default() };
    let mut reader = database.session_with(options).unwrap();
    assert_eq!(reader.query::<User>().count().unwrap(), 0);
    database.transaction(|session| session.insert(user("John", None)).map(drop::<User>)).unwrap();
    assert_eq!(reader.query::<User>().count().unwrap(), 1);
}

#[test]
fn a_session_that_reads_what_is_committed_sees_others_commits_on_postgres() {
    sees_what_others_commit::<PgConnection>(postgres());
}

#[test]
fn a_session_that_reads_what_is_committed_sees_others_commits_on_mysql() {
    sees_what_others_commit::<MysqlConnection>(mysql());
}

#[test]
fn a_session_of_sqlite_that_begins_at_once_has_the_write_lock_before_it_reads() {
    let place = integration_tests::sqlite();
    let (database, place) = shop::<diesel::SqliteConnection>(place);
    let options = SessionOptions { begin: Begin::AtOnce, ..SessionOptions::default() };
    let mut first = database.session_with(options).unwrap();
    assert_eq!(first.query::<User>().count().unwrap(), 0);
    let second = Database::<diesel::SqliteConnection>::builder(place.url())
        .lock_timeout(Duration::from_millis(1))
        .open()
        .unwrap();
    let error = second.session_with(options).unwrap().query::<User>().count().expect_err("locked");
    assert!(matches!(error, Error::Retryable { reason: RetryReason::Busy, .. }), "{error:?}");
}

/// The connection goes between COMMIT and its answer: the server has committed, the client cannot
/// know.
fn does_not_repeat_what_may_be_written<C: ShopEngine>(place: TestDatabase) {
    let (directly, place) = shop::<C>(place);
    let database = Database::<C>::open(&cutting_at(place.url(), "COMMIT")).unwrap();
    let mut attempts = 0;
    let error = database
        .transaction(|session| {
            attempts += 1;
            session.add(NewUser { name: "John".to_owned(), age: None });
            Ok(())
        })
        .expect_err("no answer");
    assert!(matches!(error, Error::CommitUnknown { .. }), "{error:?}");
    assert_eq!(attempts, 1);
    let message = error.to_string();
    assert!(message.contains(":***@127.0.0.1"), "{message}");
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while ages(&directly).is_empty() {
        assert!(std::time::Instant::now() < deadline, "the server did receive the COMMIT");
    }
    database.session().unwrap().query::<User>().load().expect("a fresh connection");
}

#[test]
fn a_commit_whose_answer_is_lost_is_unknown_on_postgres() {
    does_not_repeat_what_may_be_written::<PgConnection>(postgres());
}

#[test]
fn a_commit_whose_answer_is_lost_is_unknown_on_mysql() {
    does_not_repeat_what_may_be_written::<MysqlConnection>(mysql());
}

/// Two transactions that wait for each other, each with a row of its own written before.
fn commits_all_of_a_transaction_or_nothing<C: ShopEngine>(place: TestDatabase) {
    let (database, _place) = shop::<C>(place);
    let both = ["Ann", "Bob"].map(|name| user(name, None));
    let users: Vec<User> =
        database.transaction(|session| session.insert_many(both.clone().into())).unwrap();
    let barrier = std::sync::Barrier::new(2);
    let run = |name: &str, first: &User, second: &User| {
        let mut session = database.session().unwrap();
        let _: User = session.insert(user(name, None)).unwrap();
        let older = |user: &User| User { age: Some(1), ..user.clone() };
        session.update_from(first, older(first)).unwrap();
        barrier.wait();
        let met = session.update_from(second, older(second)).is_err();
        let later = session.insert(user("later", None)).map(drop::<User>);
        (met, later.and_then(|()| session.commit()).is_ok())
    };
    let (ann, bob) = (users.first().unwrap(), users.last().unwrap());
    let outcomes = std::thread::scope(|scope| {
        let other = scope.spawn(|| run("two", bob, ann));
        [("one", run("one", ann, bob)), ("two", other.join().unwrap())]
    });
    assert!(outcomes.iter().any(|(_, (met, _))| *met), "{outcomes:?}");
    for (name, (_, is_committed)) in outcomes {
        let mut session = database.session().unwrap();
        let found = session.query::<User>().filter(User::NAME.eq(name)).exists().unwrap();
        assert_eq!(found, is_committed, "{name}");
    }
    let committed = outcomes.iter().filter(|(_, (_, is_committed))| *is_committed).count();
    let later = User::NAME.eq("later");
    let later = database.session().unwrap().query::<User>().filter(later).count().unwrap();
    assert_eq!(later, committed as u64, "nothing is written beside a transaction");
}

#[test]
fn the_victim_of_a_deadlock_commits_all_or_nothing_on_postgres() {
    commits_all_of_a_transaction_or_nothing::<PgConnection>(postgres());
}

#[test]
fn the_victim_of_a_deadlock_commits_all_or_nothing_on_mysql() {
    commits_all_of_a_transaction_or_nothing::<MysqlConnection>(mysql());
}

on_every_engine! {
    fn a_commit_inside_a_savepoint_commits_everything<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        session.add(user("before", Some(1)));
        session
            .savepoint(|session| {
                session.add(user("inside", Some(2)));
                session.commit()
            })
            .unwrap();
        drop(session);
        assert_eq!(ages(&database), [Some(1), Some(2)]);
    }
}

/// The server ends the connection between a write and the commit.
fn loses_an_open_transaction<C: ShopEngine>(place: TestDatabase) {
    let (database, place) = shop::<C>(place);
    let mut session = database.session().unwrap();
    let _: User = session.insert(user("John", None)).unwrap();
    place.end_connections();
    let error = session.insert(user("Ann", None)).map(drop::<User>).expect_err("no connection");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    let error = session.commit().expect_err("no connection");
    assert!(matches!(error, Error::Unavailable { .. } | Error::CommitUnknown { .. }), "{error:?}");
    drop(session);
    assert!(ages(&database).is_empty(), "the server has taken everything back");
}

#[test]
fn a_transaction_whose_connection_the_server_ends_is_taken_back_on_postgres() {
    loses_an_open_transaction::<PgConnection>(postgres());
}

#[test]
fn a_transaction_whose_connection_the_server_ends_is_taken_back_on_mysql() {
    loses_an_open_transaction::<MysqlConnection>(mysql());
}
