//! Writers wait their turn, and lose nothing of each other's.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection as _;
use domain::User;
use integration_tests::shop::{database as shop, user};
use integration_tests::{TestDatabase, on_every_engine, sqlite};
use persistence::{Database, Entity, Error, Query, Repository, Result, RetryReason, Store};

diesel::table! {
    counters (id) { id -> BigInt, number -> BigInt }
}

/// A row without a version.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = counters)]
struct Counter {
    #[entity(key)]
    id: i64,
    number: i64,
}

fn counting<C: Store<Counter>>(place: &TestDatabase) -> Database<C> {
    place.execute(
        "CREATE TABLE counters (id BIGINT PRIMARY KEY, number BIGINT NOT NULL); \
         INSERT INTO counters VALUES (1, 0)",
    );
    Database::open(place.url()).unwrap()
}

fn counter<C: Store<Counter>>(database: &Database<C>) -> Counter {
    database.session().unwrap().query().load().unwrap().remove(0)
}

/// As the documentation of `Repository` has it.
fn count_up(counters: &mut impl Repository<Counter>) -> Result<Counter> {
    let mut counter = counters.get(1)?;
    counter.number += 1;
    counters.update(counter)
}

/// Has threads do something so many times each at once; returns what was acknowledged.
fn at_once(threads: usize, times: i64, run: impl Fn() -> Result<()> + Sync) -> i64 {
    let barrier = Barrier::new(threads);
    let counted = |_| {
        barrier.wait();
        (0..times).filter(|_| run().is_ok()).count()
    };
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let handles: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || counted(thread))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    i64::try_from(counts.iter().sum::<usize>()).unwrap()
}

on_every_engine! {
    fn every_acknowledged_increment_counts<Engine>(place) {
        let database = counting::<Engine>(&place);
        let acknowledged = at_once(4, 100, || database.transaction(|session| {
            count_up(session).map(drop)
        }));
        let counter = counter(&database);
        assert_eq!((counter.number, acknowledged), (400, 400));
    }

    fn every_acknowledged_increment_of_a_tracked_row_counts<Engine>(place) {
        let database = counting::<Engine>(&place);
        let acknowledged = at_once(4, 50, || database.transaction(|session| {
            let row = session.get::<Counter>(1)?;
            session[row].number += 1;
            Ok(())
        }));
        let counter = counter(&database);
        assert_eq!((counter.number, acknowledged), (200, 200));
    }

    fn a_conflict_about_a_row_that_was_read_outside_is_the_callers<Engine>(place) {
        let database = counting::<Engine>(&place);
        let base = counter(&database);
        place.execute("UPDATE counters SET number = 7");
        let mut attempts = 0;
        let result = database.transaction(|session| {
            attempts += 1;
            session.update_from(&base, Counter { number: 1, ..base.clone() })
        });
        let Err(Error::Conflict(conflict)) = result else { panic!("{result:?}") };
        assert_eq!(attempts, 1);
        assert_eq!(conflict.theirs.unwrap().0[1], 7_i64.into());
    }
}

/// Holds the write lock of a file for a while from when it says so.
fn holding<T>(place: &TestDatabase, time: Duration, meanwhile: impl FnOnce() -> T) -> T {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    std::thread::scope(|scope| {
        let url = place.url().to_owned();
        scope.spawn(move || {
            let mut other = <SqliteConnection as diesel::Connection>::establish(&url).unwrap();
            other.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").unwrap();
            sender.send(()).unwrap();
            let end = Instant::now() + time;
            // The lock is what is waited for: nothing tells when somebody waits for it.
            while Instant::now() < end {
                std::thread::park_timeout(end - Instant::now());
            }
            other.batch_execute("COMMIT").unwrap();
        });
        receiver.recv().unwrap();
        meanwhile()
    })
}

#[test]
fn a_session_that_has_read_waits_for_the_write_lock() {
    let (database, place) = shop::<SqliteConnection>(sqlite());
    let mut session = database.session().unwrap();
    assert_eq!(session.query::<User>().count().unwrap(), 0);
    holding(&place, Duration::from_millis(300), || {
        session.add(user("Ann", None));
        session.commit().unwrap();
    });
    assert_eq!(database.session().unwrap().query::<User>().count().unwrap(), 1);
}

#[test]
fn what_a_session_has_read_is_true_when_it_writes() {
    let (database, _place) = shop::<SqliteConnection>(sqlite());
    let mut session = database.session().unwrap();
    assert_eq!(session.query::<User>().count().unwrap(), 0);
    database.transaction(|other| Repository::<User>::insert(other, user("Bob", None))).unwrap();
    session.add(user("Ann", None));
    for _ in 0..2 {
        let error = session.commit().unwrap_err();
        let is_busy = matches!(error, Error::Retryable { reason: RetryReason::Busy, .. });
        assert!(is_busy, "{error:?}");
    }
    session.rollback().unwrap();
    assert_eq!(session.query::<User>().count().unwrap(), 1);
    session.add(user("Ann", None));
    session.commit().unwrap();
    assert_eq!(session.query::<User>().count().unwrap(), 2);
}

#[test]
fn eight_writers_at_once_all_succeed() {
    let place = sqlite();
    let database = counting::<SqliteConnection>(&place);
    let databases: Vec<_> =
        (0..8).map(|_| Database::<SqliteConnection>::open(place.url()).unwrap()).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let acknowledged = at_once(8, 10, || {
        let mine = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % databases.len();
        let catalog = databases[mine].catalog().entity::<Counter>().build();
        let mut session = catalog.writing_session()?;
        let mut counters = session.repository("counters")?;
        let base = counters.list(&Query::new())?.remove(0);
        let number = base.0[1].as_integer().unwrap();
        let mut counter = base.clone();
        counter.0[1] = (number + 1).into();
        counters.update_from(&base, counter)?;
        drop(counters);
        session.commit()
    });
    let counter = counter(&database);
    assert_eq!((counter.number, acknowledged), (80, 80));
}

#[test]
fn who_only_reads_waits_for_nobody() {
    let (database, place) = shop::<SqliteConnection>(sqlite());
    holding(&place, Duration::from_millis(200), || {
        let started = Instant::now();
        assert_eq!(database.session().unwrap().query::<User>().count().unwrap(), 0);
        assert!(started.elapsed() < Duration::from_millis(150));
    });
}
