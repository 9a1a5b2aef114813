//! What programs are given for their own tests.

use diesel::SqliteConnection;
use domain::{Author, User};
use integration_tests::on_every_engine;
use integration_tests::shop::{author, database as shop, user};
use persistence::testing::{expect_queries, statements};
use persistence::{Database, Error, Repository};

on_every_engine! {
    fn statements_are_counted_and_transactions_are_not<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        expect_queries(0, || database.session().unwrap().commit().unwrap());
        let mut session = expect_queries(2, || {
            let mut session = database.session().unwrap();
            session.query::<User>().load().unwrap();
            session.query::<Author>().load().unwrap();
            session
        });
        let (_, sent) = statements(|| session.query::<User>().count().unwrap());
        assert_eq!(sent.len(), 1);
        assert!(sent[0].starts_with("SELECT COUNT(*) FROM"), "{sent:?}");
    }

    fn a_session_that_never_commits_leaves_nothing_behind<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.test_session().unwrap();
        session.add(user("John", None));
        session.commit().unwrap();
        session.add(user("Ann", None));
        session.flush().unwrap();
        assert_eq!(session.query::<User>().count().unwrap(), 2);
        session.rollback().unwrap();
        assert_eq!(session.query::<User>().count().unwrap(), 1, "what was committed stays");
        drop(session);
        assert_eq!(database.session().unwrap().query::<User>().count().unwrap(), 0);
    }

    fn a_session_that_never_commits_goes_on_after_an_error<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.test_session().unwrap();
        let _: User = session.insert(user("John", None)).unwrap();
        session.commit().unwrap();
        let nameless = author(&"x".repeat(201));
        let error = session.insert(nameless).map(drop::<Author>).expect_err("too long");
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        session.connection().unwrap();
        session.rollback().unwrap();
        assert_eq!(session.query::<User>().count().unwrap(), 1);
    }
}

#[test]
fn a_budget_that_is_exceeded_lists_the_statements() {
    let database = Database::<SqliteConnection>::in_memory(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        expect_queries(1, || {
            session.query::<User>().load().unwrap();
            session.query::<Author>().filter(Author::NAME.eq("secret")).load().unwrap();
        });
    }))
    .expect_err("two statements");
    let message = panic.downcast_ref::<String>().expect("a message");
    assert!(message.starts_with("expected 1 statements, 2 were sent:\n  SELECT"), "{message}");
    assert!(message.contains("`authors`") && !message.contains("secret"), "{message}");
}

#[test]
fn a_database_in_memory_has_its_tables_and_is_nobody_elses() {
    let databases =
        [(); 2].map(|()| Database::<SqliteConnection>::in_memory(&domain::MIGRATIONS).unwrap());
    let mut session = databases[0].session().unwrap();
    session.add(user("John", None));
    session.commit().unwrap();
    assert_eq!(databases[1].session().unwrap().query::<User>().count().unwrap(), 0);
}

#[test]
fn a_session_of_sqlite_that_cannot_be_stopped_asks_for_no_row() {
    let database = Database::<SqliteConnection>::in_memory(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let (_, plain) = statements(|| session.query::<User>().load().unwrap());
    session.canceller().unwrap();
    let (_, asking) = statements(|| session.query::<User>().load().unwrap());
    assert!(!plain.concat().contains("bindery_may_go_on"), "{plain:?}");
    assert!(asking.concat().contains("bindery_may_go_on"), "{asking:?}");
}

#[test]
fn a_walk_sends_a_statement_for_each_chunk() {
    let database = Database::<SqliteConnection>::in_memory(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let users = (0..100).map(|number| user(&format!("User {number}"), None)).collect();
    Repository::<User>::insert_many(&mut session, users).unwrap();
    let walked = expect_queries(4, || session.query::<User>().walk(25).count());
    assert_eq!(walked, 100);
}
