//! Statements that are stopped: from another thread, or because they take too long.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{MysqlConnection, PgConnection};
use domain::{Author, User};
use integration_tests::shop::{ShopEngine, author, database as shop, user};
use integration_tests::{TestDatabase, mysql, on_every_engine, postgres};
use persistence::{Canceller, Database, Error, Repository, Session};

/// Cancels until the statement has ended: that it has begun can be seen from nowhere.
fn cancelling<T>(canceller: &Canceller, run: impl FnOnce() -> T) -> T {
    let has_ended = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let deadline = Instant::now() + Duration::from_secs(30);
            while !has_ended.load(std::sync::atomic::Ordering::Acquire) {
                assert!(Instant::now() < deadline, "the statement goes on");
                canceller.cancel().unwrap();
            }
        });
        let result = run();
        has_ended.store(true, std::sync::atomic::Ordering::Release);
        result
    })
}

/// Many rows, each of which takes a while to search.
fn with_long_texts<C: ShopEngine>(place: TestDatabase) -> (Database<C>, TestDatabase) {
    let (database, place) = shop::<C>(place);
    let biography = Some("Ein Leben voller Wörter. ".repeat(200));
    database
        .transaction(|session| {
            for _ in 0..2 {
                let authors = (0..1_000).map(|number| {
                    let mut author = author(&format!("Author {number}"));
                    author.biography.clone_from(&biography);
                    author
                });
                Repository::<Author>::insert_many(session, authors.collect())?;
            }
            Ok(())
        })
        .unwrap();
    (database, place)
}

/// Searches until it is stopped.
fn search<C: ShopEngine>(session: &mut Session<C>) -> Error {
    loop {
        let nowhere = Author::BIOGRAPHY.contains("nirgends");
        if let Err(error) = session.query::<Author>().filter(nowhere).load() {
            return error;
        }
    }
}

on_every_engine! {
    fn a_search_that_another_thread_cancels_ends_and_keeps_what_was_written<Engine>(place) {
        let (database, _place) = with_long_texts::<Engine>(place);
        let mut session = database.session().unwrap();
        let canceller = session.canceller().unwrap();
        let _: User = session.insert(user("John", None)).unwrap();
        let error = cancelling(&canceller, || search(&mut session));
        assert!(matches!(error, Error::Cancelled), "{error:?}");
        assert_eq!(session.query::<User>().count().unwrap(), 1, "the session can be used further");
        session.commit().unwrap();
        assert_eq!(database.session().unwrap().query::<User>().count().unwrap(), 1);
    }

    fn an_admins_search_is_cancelled_too<Engine>(place) {
        let (database, _place) = with_long_texts::<Engine>(place);
        let catalog = database.catalog().entity::<Author>().build();
        let mut session = catalog.session().unwrap();
        let canceller = session.canceller().unwrap();
        let nowhere = Author::BIOGRAPHY.contains("nirgends").into_filter();
        let error = cancelling(&canceller, || loop {
            if let Err(error) = session.repository("authors").unwrap().count(&nowhere) {
                break error;
            }
        });
        assert!(matches!(error, Error::Cancelled), "{error:?}");
        session.repository("authors").unwrap().find(&persistence::RecordKey(vec![1.into()])).unwrap();
    }

    fn a_search_that_takes_too_long_ends_and_the_session_goes_on<Engine>(place) {
        let (_database, place) = with_long_texts::<Engine>(place);
        let hasty = Database::<Engine>::builder(place.url())
            .statement_timeout(Duration::from_millis(5))
            .open()
            .unwrap();
        let mut session = hasty.session().unwrap();
        let error = search(&mut session);
        assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
        session.query::<Author>().limit(1).load().expect("a session that goes on");
    }

    fn a_bulk_update_that_is_cancelled_writes_nothing<Engine>(place) {
        let (database, _place) = with_long_texts::<Engine>(place);
        let mut session = database.session().unwrap();
        let canceller = session.canceller().unwrap();
        let error = cancelling(&canceller, || loop {
            let all = Author::BIOGRAPHY.contains("Wörter").into_filter();
            let set = [Author::BIOGRAPHY.set(Some("cut".to_owned()))];
            match Repository::<Author>::update_where(&mut session, &all, &set) {
                Ok(_) => session.rollback().unwrap(),
                Err(error) => break error,
            }
        });
        assert!(matches!(error, Error::Cancelled), "{error:?}");
        session.commit().unwrap();
        let cut = database.session().unwrap().query::<Author>()
            .filter(Author::BIOGRAPHY.eq("cut".to_owned())).count().unwrap();
        assert_eq!(cut, 0);
    }

    fn a_canceller_without_a_statement_stops_nothing<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        let canceller = session.canceller().unwrap();
        canceller.cancel().unwrap();
        session.query::<User>().load().expect("a statement after the request");
        drop(session);
        canceller.cancel().expect("nothing to stop");
        database.session().unwrap().query::<User>().load().expect("somebody else's statement");
    }

    fn migrations_take_the_time_they_need<Engine>(place) {
        let hasty = Database::<Engine>::builder(place.url())
            .statement_timeout(Duration::from_millis(1))
            .open()
            .unwrap();
        assert_eq!(hasty.migrate(&domain::MIGRATIONS).unwrap().len(), 2);
    }
}

fn stops_statements_written_by_hand<C: ShopEngine>(place: TestDatabase, sql: &str) {
    let (database, _place) = shop::<C>(place);
    let mut session = database.session().unwrap();
    let canceller = session.canceller().unwrap();
    let began = Instant::now();
    let error = cancelling(&canceller, || session.connection().unwrap().batch_execute(sql))
        .expect_err("a statement that takes a minute");
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(matches!(C::classify(error, <User as persistence::Entity>::meta()), Error::Cancelled));
    session.rollback().unwrap();
    session.query::<User>().load().expect("a session that goes on");
}

#[test]
fn statements_written_by_hand_are_stopped_on_postgres() {
    stops_statements_written_by_hand::<PgConnection>(postgres(), "SELECT pg_sleep(60)");
}

#[test]
fn statements_written_by_hand_are_stopped_on_mysql() {
    stops_statements_written_by_hand::<MysqlConnection>(
        mysql(),
        "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, \
         information_schema.columns c",
    );
}

#[test]
fn a_spoiled_transaction_of_postgres_is_not_committed_in_silence() {
    let (database, _place) = shop::<PgConnection>(postgres());
    let mut session = database.session().unwrap();
    let _: User = session.insert(user("John", None)).unwrap();
    session.connection().unwrap().batch_execute("SELECT 1 / 0").expect_err("no number");
    let error = session.commit().expect_err("nothing can be committed");
    assert!(error.to_string().contains("aborted"), "{error}");
    assert_eq!(session.query::<User>().count().unwrap(), 0, "the session can be used further");
}
