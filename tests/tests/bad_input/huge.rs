//! Cells of fifty megabytes.

use domain::{Author, MIGRATIONS, NewAuthor};
use integration_tests::{on_every_engine, sqlite};
use persistence::{Database, Entity, Error, Query, Repository};

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
