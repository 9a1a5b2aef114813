//! Rows that are known by what people call them, and by keys of several columns, without their types.

use integration_tests::on_every_engine;
use persistence::backend::Engine as _;
use persistence::edit::Edit;
use persistence::{
    Catalog, Database, Entity, Error, Filter, Memory, Query, Record, RecordKey, Value,
};

diesel::table! {
    owners (code) { code -> Text, name -> Text, left_at -> Nullable<Timestamp> }
}
diesel::table! {
    stays (owner_code, day) { owner_code -> Text, day -> BigInt, note -> Text }
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = owners)]
struct Owner {
    #[entity(key)]
    code: String,
    name: String,
    #[entity(deleted)]
    left_at: Option<chrono::NaiveDateTime>,
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = stays)]
struct Stay {
    #[entity(key, references(Owner))]
    owner_code: String,
    #[entity(key)]
    day: i64,
    note: String,
}

fn owner() -> Record {
    Record(vec!["ann".into(), "Ann".into(), Value::Null])
}

/// What marks a row as deleted is taken back, and done again, by its inverse.
fn a_deletion_is_taken_back(catalog: &Catalog) {
    let mut session = catalog.session().unwrap();
    let insert = Edit::between(Owner::meta(), None, Some(&owner())).unwrap();
    let inserted = session.apply(&[insert]).unwrap();
    let stored = inserted.rows[0].after.clone().unwrap();
    let deletion = Edit::between(Owner::meta(), Some(&stored), None).unwrap();
    let deleted = session.apply(&[deletion]).unwrap();
    assert_eq!(session.repository("owners").unwrap().count(&Filter::All).unwrap(), 0);
    let back = session.apply(&deleted.inverse()).unwrap();
    assert_eq!(session.repository("owners").unwrap().list(&Query::new()).unwrap(), [owner()]);
    let again = session.apply(&back.inverse()).unwrap();
    assert_eq!(session.repository("owners").unwrap().count(&Filter::All).unwrap(), 0);
    session.apply(&again.inverse()).unwrap();
    assert_eq!(session.repository("owners").unwrap().list(&Query::new()).unwrap(), [owner()]);
}

/// A key that is no key of the table finds no row, and deletes none.
fn keys_have_as_many_parts_as_their_table_says(catalog: &Catalog) {
    let mut session = catalog.session().unwrap();
    session.repository("owners").unwrap().insert(owner()).unwrap();
    let stay = Record(vec!["ann".into(), 7.into(), "quiet".into()]);
    session.repository("stays").unwrap().insert(stay.clone()).unwrap();
    let wrong: [(&str, &[Value]); 5] = [
        ("owners", &[]),
        ("owners", &["ann".into(), 1.into()]),
        ("stays", &[]),
        ("stays", &["ann".into()]),
        ("stays", &["ann".into(), 7.into(), 7.into()]),
    ];
    for (table, key) in wrong {
        let key = RecordKey(key.to_vec());
        let deleted = session.repository(table).unwrap().delete(&key);
        assert!(matches!(deleted, Err(Error::Invalid(_))), "{table} {key:?}: {deleted:?}");
        let found = session.repository(table).unwrap().find(&key);
        assert!(matches!(found, Err(Error::Invalid(_))), "{table} {key:?}: {found:?}");
    }
    let mut wide = stay.clone();
    wide.0.push("more".into());
    let inserted = session.repository("stays").unwrap().insert(wide.clone());
    assert!(matches!(inserted, Err(Error::Invalid(_))), "{inserted:?}");
    let updated = session.repository("stays").unwrap().update_from(&stay, wide);
    assert!(matches!(updated, Err(Error::Invalid(_))), "{updated:?}");
    assert_eq!(session.repository("stays").unwrap().list(&Query::new()).unwrap(), [stay]);
    assert_eq!(session.repository("owners").unwrap().list(&Query::new()).unwrap(), [owner()]);
}

on_every_engine! {
    fn natural_keys_without_types<Engine>(place) {
        let time = if Engine::NAME == "PostgreSQL" { "TIMESTAMP" } else { "DATETIME" };
        place.execute(&format!(
            "CREATE TABLE owners (code VARCHAR(9) PRIMARY KEY, name VARCHAR(9) NOT NULL, left_at {time} NULL);
             CREATE TABLE stays (owner_code VARCHAR(9) NOT NULL, day BIGINT NOT NULL, note VARCHAR(9) NOT NULL, \
                 PRIMARY KEY (owner_code, day), FOREIGN KEY (owner_code) REFERENCES owners (code))"
        ));
        let database = Database::<Engine>::open(place.url()).unwrap();
        let catalog = database.catalog().entity::<Owner>().entity::<Stay>().build();
        a_deletion_is_taken_back(&catalog);
        keys_have_as_many_parts_as_their_table_says(&catalog);
    }
}

#[test]
fn natural_keys_without_types_in_memory() {
    let catalog = || Memory::new().with::<Owner>().with::<Stay>().catalog();
    a_deletion_is_taken_back(&catalog());
    keys_have_as_many_parts_as_their_table_says(&catalog());
}
