//! Some failures end a transaction of SQLite, as a deadlock does one of MySQL: nothing that was
//! written in it is acknowledged, and nothing is written outside of one.

use diesel::connection::SimpleConnection as _;
use integration_tests::{SqliteConnection, TestDatabase, sqlite};
use persistence::{Database, Entity, Error, Repository, Result, Session};

diesel::table! {
    words (id) { id -> BigInt, text -> Text }
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = words)]
struct Word {
    #[entity(key)]
    id: i64,
    text: String,
}

fn word(id: i64, text: &str) -> NewWord {
    NewWord { id, text: text.to_owned() }
}

/// How a statement ends the transaction.
#[derive(Clone, Copy, Debug)]
enum Failure {
    Constraint,
    Trigger,
    FullDisk,
}

const ALL: [Failure; 3] = [Failure::Constraint, Failure::Trigger, Failure::FullDisk];

fn open(failure: Failure) -> (TestDatabase, Database<SqliteConnection>) {
    let place = sqlite();
    let rule = match failure {
        Failure::Constraint => " UNIQUE ON CONFLICT ROLLBACK",
        Failure::Trigger | Failure::FullDisk => "",
    };
    place.execute(&format!("CREATE TABLE words (id BIGINT PRIMARY KEY, text TEXT NOT NULL{rule})"));
    place.execute("INSERT INTO words VALUES (1, 'there')");
    if let Failure::Trigger = failure {
        place.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON words WHEN new.text = 'there'
             BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
        );
    }
    let database = Database::open(place.url()).unwrap();
    (place, database)
}

/// A session that has written a row, and a draft by which its transaction will be ended.
fn begun(
    database: &Database<SqliteConnection>,
    failure: Failure,
) -> (Session<SqliteConnection>, NewWord) {
    let mut session = database.session().unwrap();
    let _: Word = session.insert(word(2, "first")).unwrap();
    let bad = match failure {
        Failure::Constraint | Failure::Trigger => word(3, "there"),
        Failure::FullDisk => {
            // The file may not grow any more.
            session.connection().unwrap().batch_execute("PRAGMA max_page_count = 1").unwrap();
            word(3, &"long".repeat(1 << 20))
        }
    };
    (session, bad)
}

fn texts(database: &Database<SqliteConnection>) -> Vec<String> {
    let words = database.session().unwrap().query::<Word>().load().unwrap();
    words.into_iter().map(|word| word.text).collect()
}

#[test]
fn nothing_is_written_outside_of_a_transaction_and_no_commit_is_acknowledged() {
    for failure in ALL {
        let (_place, database) = open(failure);
        let (mut session, bad) = begun(&database, failure);
        let refused: Result<Word> = session.insert(bad);
        assert!(refused.is_err(), "{failure:?}");
        let next: Result<Word> = session.insert(word(4, "after"));
        assert!(next.is_err(), "{failure:?}");
        assert_eq!(texts(&database), ["there"], "{failure:?}");
        let error = session.commit().unwrap_err();
        assert!(error.to_string().contains("roll back and begin again"), "{failure:?}: {error}");
        session.rollback().unwrap();
        let _: Word = session.insert(word(5, "again")).unwrap();
        session.commit().unwrap();
        assert_eq!(texts(&database), ["there", "again"], "{failure:?}");
    }
}

#[test]
fn a_flush_that_ends_the_transaction_is_not_flushed_again() {
    for failure in ALL {
        let (_place, database) = open(failure);
        let (mut session, bad) = begun(&database, failure);
        let bad = session.add(bad);
        assert!(session.flush().is_err(), "{failure:?}");
        session.draft_mut(bad).unwrap().text.replace_range(.., "mended");
        assert!(session.flush().is_err(), "{failure:?}");
        assert!(session.commit().is_err(), "{failure:?}");
        assert_eq!(texts(&database), ["there"], "{failure:?}");
        session.rollback().unwrap();
        session.add(word(5, "again"));
        session.commit().unwrap();
        assert_eq!(texts(&database), ["there", "again"], "{failure:?}");
    }
}

#[test]
fn who_goes_on_after_a_part_that_ended_the_transaction_learns_that_it_is_over() {
    for failure in ALL {
        let (_place, database) = open(failure);
        let (mut session, bad) = begun(&database, failure);
        let part: Result<Word> = session.savepoint(|session| session.insert(bad.clone()));
        assert!(part.is_err(), "{failure:?}");
        assert!(session.commit().is_err(), "{failure:?}");
        session.rollback().unwrap();
        let many = Repository::<Word>::insert_many(&mut session, vec![word(6, "six"), bad.clone()]);
        assert!(many.is_err(), "{failure:?}");
        session.rollback().unwrap();
        // A program that takes no notice of the error.
        let done = database.transaction(|session| {
            let _: Word = session.insert(word(7, "seven"))?;
            if let Failure::FullDisk = failure {
                session.connection()?.batch_execute("PRAGMA max_page_count = 1").ok();
            }
            let _: Result<Word> = session.savepoint(|session| session.insert(bad.clone()));
            Ok(())
        });
        assert!(done.is_err(), "{failure:?}");
        assert_eq!(texts(&database), ["there"], "{failure:?}");
    }
}

#[test]
fn a_statement_by_hand_that_ends_the_transaction_is_noticed() {
    let insert = "INSERT INTO words VALUES (3, 'there')";
    let by_hand: [fn(&mut SqliteConnection, &str) -> bool; 2] = [
        |connection, sql| connection.batch_execute(sql).is_err(),
        |connection, sql| diesel::RunQueryDsl::execute(diesel::sql_query(sql), connection).is_err(),
    ];
    for (way, fails) in by_hand.into_iter().enumerate() {
        for goes_on in [false, true] {
            let (_place, database) = open(Failure::Constraint);
            let (mut session, _) = begun(&database, Failure::Constraint);
            assert!(fails(session.connection().unwrap(), insert));
            if goes_on {
                let next: Result<Word> = session.insert(word(4, "after"));
                assert!(next.is_err(), "way {way}");
            }
            assert!(session.commit().is_err(), "way {way}");
            session.rollback().unwrap();
            session.connection().unwrap().batch_execute("SELECT 1").unwrap();
            let _: Word = session.insert(word(5, "again")).unwrap();
            session.commit().unwrap();
            assert_eq!(texts(&database), ["there", "again"], "way {way}");
        }
    }
}

#[test]
fn an_audit_that_ends_the_transaction_is_noticed() {
    let (place, database) = open(Failure::FullDisk);
    drop(database);
    place.execute(&persistence::audit::create_table::<SqliteConnection>());
    place.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON audit_entries WHEN new.row_key LIKE '%3%'
         BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    );
    let database: Database<SqliteConnection> =
        Database::builder(place.url()).audit().open().unwrap();
    let mut session = database.session().unwrap();
    let _: Word = session.insert(word(2, "first")).unwrap();
    let refused: Result<Word> = session.insert(word(3, "third"));
    assert!(refused.is_err());
    let next: Result<Word> = session.insert(word(4, "fourth"));
    assert!(next.is_err());
    assert!(session.commit().is_err());
    assert_eq!(texts(&database), ["there"]);
}

#[test]
fn a_constraint_that_ends_nothing_leaves_the_transaction_as_it_was() {
    let (_place, database) = open(Failure::Trigger);
    let mut session = database.session().unwrap();
    let _: Word = session.insert(word(2, "first")).unwrap();
    let again: Result<Word> = session.insert(word(2, "again"));
    assert!(matches!(again, Err(Error::Constraint(_))), "{again:?}");
    let _: Word = session.insert(word(3, "third")).unwrap();
    session.commit().unwrap();
    assert_eq!(texts(&database), ["there", "first", "third"]);
}
