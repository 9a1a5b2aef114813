//! Cells of fifty megabytes.

use domain::{Author, MIGRATIONS, NewAuthor};
use integration_tests::{mysql, on_every_engine, sqlite};
use persistence::{Database, Engine as _, Entity, Error, Query, Repository};

const FIFTY_MEGABYTES: usize = 50 * 1024 * 1024;

mod schema {
    diesel::table! {
        notes (id) {
            id -> BigInt,
            body -> Text,
            attachment -> Nullable<Binary>,
        }
    }
}

/// A row whose length nobody limits.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::notes)]
struct Note {
    #[entity(key, generated)]
    id: i64,
    body: String,
    attachment: Option<Vec<u8>>,
}

on_every_engine! {
    fn a_biography_of_fifty_megabytes_is_refused_by_its_rule<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        database.migrate(&MIGRATIONS).unwrap();
        let mut session = database.session().unwrap();
        let draft = NewAuthor {
            name: "Anna".to_owned(),
            born_on: None,
            biography: Some("x".repeat(FIFTY_MEGABYTES)),
        };
        let error = Repository::<Author>::insert(&mut session, draft).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, Error::Invalid(_)), "{message:.200}");
        assert_eq!(
            message,
            "this Author is not valid: biography: should have at most 100000 characters, has 52428800"
        );
        let short = NewAuthor { name: "Anna".to_owned(), born_on: None, biography: None };
        let _: Author = session.insert(short).unwrap();
    }
}

#[test]
fn text_and_bytes_of_fifty_megabytes_come_back_whole() {
    let place = sqlite();
    place.execute(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL, body TEXT NOT NULL, attachment BLOB)",
    );
    let database = Database::<diesel::SqliteConnection>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    let body = "Сага\n'\"".repeat(FIFTY_MEGABYTES / 11);
    let attachment: Vec<u8> = (0..=255).cycle().take(FIFTY_MEGABYTES).collect();
    let draft = NewNote { body: body.clone(), attachment: Some(attachment.clone()) };
    let inserted: Note = session.insert(draft).unwrap();
    session.commit().unwrap();
    let stored = Repository::<Note>::find(&mut session, &inserted.id).unwrap().unwrap();
    assert!(stored.body == body, "the text came back changed");
    assert!(stored.attachment == Some(attachment), "the bytes came back changed");
    let query = Query::<Note>::new().filter(Note::BODY.contains("САГА\n'\"сага"));
    assert_eq!(session.list(&query).unwrap().len(), 1);
}

#[test]
fn a_row_that_is_longer_than_the_server_takes_is_refused_and_the_connection_stays() {
    let place = mysql();
    place.execute(
        "CREATE TABLE notes (id BIGINT PRIMARY KEY AUTO_INCREMENT, body LONGTEXT NOT NULL, \
         attachment LONGBLOB)",
    );
    let mut connection =
        diesel::MysqlConnection::open(place.url(), &persistence::backend::OpenOptions::default())
            .unwrap();
    let longest = connection.longest_statement().unwrap().expect("MySQL has a limit");
    let database = Database::<diesel::MysqlConnection>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    let note = |length| NewNote { body: "x".repeat(length), attachment: None };
    let kept: Note = session.insert(note(5)).unwrap();
    let drafts = vec![note(5), note(longest), note(5)];
    let error = Repository::<Note>::insert_many(&mut session, drafts).unwrap_err();
    assert!(matches!(error, Error::Data { .. }), "{:.200}", error.to_string());
    assert!(error.to_string().contains("max_allowed_packet"), "{:.200}", error.to_string());
    let base = kept.clone();
    let longer = Note { body: "y".repeat(longest), ..kept };
    let error = Repository::<Note>::update_from(&mut session, &base, longer).unwrap_err();
    assert!(matches!(error, Error::Data { .. }), "{:.200}", error.to_string());
    // Together they are too long for one statement, and none is alone.
    let third = longest / 5 * 2;
    let drafts = vec![note(third), note(third), note(third)];
    let rows: Vec<Note> = session.insert_many(drafts).unwrap();
    session.commit().unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let query = Query::<Note>::new().filter(Note::ID.ge(base.id)).order(Note::ID.asc());
    let stored = session.list(&query).unwrap();
    let lengths: Vec<usize> = stored.iter().map(|row| row.body.len()).collect();
    assert_eq!(lengths, [5, third, third, third]);
    assert_eq!(stored[1..].iter().map(|row| row.id).collect::<Vec<_>>(), ids);
}
