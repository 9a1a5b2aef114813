//! What a session remembers of the rows that a program was given: whatever it reads or writes of
//! them since takes the place of what it remembers.

use integration_tests::{TestDatabase, on_every_engine};
use persistence::backend::Engine;
use persistence::{Database, Entity, Error, Query, Repository, Result, Session, Store};

diesel::table! {
    notes (id) { id -> BigInt, number -> BigInt, text -> Text }
}

/// A row without a version.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = notes)]
struct Note {
    #[entity(key)]
    id: i64,
    number: i64,
    text: String,
}

fn open<C: Engine>(place: &TestDatabase) -> Database<C> {
    place.execute(
        "CREATE TABLE notes (id BIGINT PRIMARY KEY, number BIGINT NOT NULL, text VARCHAR(50) NOT NULL);
         INSERT INTO notes VALUES (1, 1, 'a');",
    );
    Database::open(place.url()).unwrap()
}

fn find<C: Store<Note>>(session: &mut Session<C>) -> Note {
    Repository::<Note>::find(session, &1).unwrap().unwrap()
}

fn stored<C: Store<Note>>(database: &Database<C>) -> Note {
    find(&mut database.session().unwrap())
}

/// Somebody else writes.
fn number_becomes(place: &TestDatabase, number: i64) {
    place.execute(&format!("UPDATE notes SET number = {number} WHERE id = 1"));
}

on_every_engine! {
    fn what_was_written_in_a_part_that_is_taken_back_is_written_again<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let changed = Note { number: 2, ..find(&mut session) };
        let failed: Result<()> = session.savepoint(|session| {
            Repository::update(session, changed.clone())?;
            Err(Error::Cancelled)
        });
        assert!(failed.is_err());
        Repository::update(&mut session, changed.clone()).unwrap();
        session.commit().unwrap();
        assert_eq!(stored(&database), changed);
    }

    fn what_was_known_before_a_part_that_is_taken_back_is_known_after_it<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let changed = Note { text: "b".to_owned(), ..find(&mut session) };
        let failed: Result<()> = session.savepoint(|session| {
            find(session);
            Repository::update(session, changed.clone())?;
            Err(Error::Cancelled)
        });
        assert!(failed.is_err());
        session.commit().unwrap();
        number_becomes(&place, 77);
        Repository::update(&mut session, changed.clone()).unwrap();
        session.commit().unwrap();
        assert_eq!(stored(&database), Note { number: 77, ..changed });
    }

    fn what_a_bulk_statement_has_not_touched_is_still_known<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let changed = Note { text: "b".to_owned(), ..find(&mut session) };
        let others = session.query::<Note>().filter(Note::TEXT.eq("other"));
        assert_eq!(others.update(&[Note::NUMBER.set(5)]).unwrap(), 0);
        session.commit().unwrap();
        number_becomes(&place, 77);
        Repository::update(&mut session, changed.clone()).unwrap();
        session.commit().unwrap();
        assert_eq!(stored(&database), Note { number: 77, ..changed });
    }

    fn what_the_session_has_written_since_is_the_base<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let first = find(&mut session);
        let key = session.get::<Note>(1).unwrap();
        session[key].number = 2;
        session.commit().unwrap();
        Repository::update(&mut session, first.clone()).unwrap();
        session.commit().unwrap();
        assert_eq!((stored(&database), session[key].clone()), (first.clone(), first));
    }

    fn what_the_session_has_read_since_is_the_base<Engine>(place) {
        let database = open::<Engine>(&place);
        let reads: [fn(&mut Session<Engine>); 6] = [
            |session| assert!(session.get::<Note>(1).is_ok()),
            |session| drop(session.query::<Note>().all().unwrap()),
            |session| {
                let key = session.get::<Note>(1).unwrap();
                session.refresh(key).unwrap();
            },
            |session| drop(session.query::<Note>().load().unwrap()),
            |session| assert_eq!(session.query::<Note>().walk(10).count(), 1),
            |session| drop(Repository::<Note>::list(session, &Query::new()).unwrap()),
        ];
        for (number, read) in reads.into_iter().enumerate() {
            number_becomes(&place, 1);
            let mut session = database.session().unwrap();
            let first = find(&mut session);
            session.commit().unwrap();
            number_becomes(&place, 2);
            read(&mut session);
            Repository::update(&mut session, first.clone()).unwrap();
            session.commit().unwrap();
            assert_eq!(stored(&database), first, "read {number}");
        }
    }

    fn rows_read_in_chunks_are_remembered_too<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session
            .query::<Note>()
            .for_each_chunk(10, |session, rows| {
                session.commit()?;
                number_becomes(&place, 77);
                for row in rows {
                    Repository::update(session, Note { text: "changed".to_owned(), ..row })?;
                }
                Ok(())
            })
            .unwrap();
        session.commit().unwrap();
        let expected = Note { id: 1, number: 77, text: "changed".to_owned() };
        assert_eq!(stored(&database), expected);
    }

    fn the_last_rows_of_a_long_list_are_remembered<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let drafts = (2..=10_002).map(|id| NewNote { id, number: id, text: "b".to_owned() });
        Repository::<Note>::insert_many(&mut session, drafts.collect()).unwrap();
        session.commit().unwrap();
        drop(session);
        let mut session = database.session().unwrap();
        let rows = Repository::<Note>::list(&mut session, &Query::new()).unwrap();
        session.commit().unwrap();
        place.execute("UPDATE notes SET number = 77 WHERE id IN (3, 10002)");
        for row in [&rows[2], &rows[10_001]] {
            let changed = Note { text: "changed".to_owned(), ..row.clone() };
            Repository::update(&mut session, changed).unwrap();
        }
        session.commit().unwrap();
        let written = session.query::<Note>().filter(Note::TEXT.eq("changed")).load().unwrap();
        assert_eq!(written.iter().map(|row| row.number).collect::<Vec<_>>(), [77, 77]);
    }

    fn a_row_that_a_statement_has_deleted_is_not_remembered<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let first = find(&mut session);
        session.query::<Note>().filter(Note::NUMBER.eq(1)).delete().unwrap();
        let gone = Repository::update(&mut session, first.clone());
        assert!(matches!(gone, Err(Error::Conflict(_))), "{gone:?}");
        let draft = NewNote { id: 1, number: 5, text: "b".to_owned() };
        let _: Note = session.insert(draft).unwrap();
        Repository::update(&mut session, Note { number: 6, ..first.clone() }).unwrap();
        session.commit().unwrap();
        assert_eq!(stored(&database), Note { number: 6, ..first });
    }
}
