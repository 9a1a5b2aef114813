//! What is exported as CSV is what the program's own import makes of it again.

use domain::{Author, MIGRATIONS, NewAuthor};
use integration_tests::command::{Bindery, on_every_engine};
use integration_tests::{MysqlConnection, PgConnection, SqliteConnection, TestDatabase};
use persistence::{Database, Engine, Query, Repository, Store};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::samples::text;

fn authors() -> Vec<NewAuthor> {
    let mut runner = TestRunner::default();
    let name = text(false)
        .prop_filter("a name", |name| !name.trim().is_empty() && name.chars().count() <= 200);
    let biography = proptest::option::of(text(false));
    let drafts = (name, biography).prop_map(|(name, biography)| NewAuthor {
        name,
        born_on: None,
        biography,
    });
    let mut authors =
        proptest::collection::vec(drafts, 300).new_tree(&mut runner).unwrap().current();
    let draft = |biography: Option<&str>| NewAuthor {
        name: "  blanks  ".to_owned(),
        born_on: chrono::NaiveDate::from_ymd_opt(812, 1, 2),
        biography: biography.map(str::to_owned),
    };
    authors.extend([None, Some(""), Some(" "), Some("\u{feff}"), Some("NULL")].map(draft));
    authors
}

fn read<C: Engine + Store<Author>>(place: &TestDatabase) -> Vec<(String, Option<String>, String)> {
    let mut session = Database::<C>::open(place.url()).unwrap().session().unwrap();
    let rows = Repository::<Author>::list(&mut session, &Query::new()).unwrap();
    rows.into_iter().map(|row| (row.name, row.biography, format!("{:?}", row.born_on))).collect()
}

fn check<C: Engine + Store<Author>>(from: &Bindery, to: &Bindery) {
    let database = Database::<C>::open(from.database.url()).unwrap();
    database.migrate(&MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    Repository::<Author>::insert_many(&mut session, authors()).unwrap();
    session.commit().unwrap();
    for format in ["csv", "tsv"] {
        let name = format!("authors.{format}");
        let file = to.path(&name).to_string_lossy().into_owned();
        from.succeeds(&["export", "authors", "--output", &file]);
        to.database.execute("DELETE FROM authors");
        to.succeeds(&["import", "authors", &name]);
        assert_eq!(read::<C>(&to.database), read::<C>(&from.database), "{} {format}", to.engine);
    }
}

#[test]
fn every_text_and_every_missing_one_comes_back() {
    for (from, to) in on_every_engine().iter().zip(&on_every_engine()) {
        match from.engine {
            "PostgreSQL" => check::<PgConnection>(from, to),
            "MySQL" => check::<MysqlConnection>(from, to),
            _ => check::<SqliteConnection>(from, to),
        }
    }
}
