//! The ways in which a table counts its keys: whichever it is, it counts on from keys that were
//! given, and never back.

use integration_tests::{
    PgConnection, SqliteConnection, TestDatabase, counted_key, on_every_engine, postgres, sqlite,
};
use persistence::{Database, Engine, Entity, Error, Memory, Repository, Result, Session, Store};

diesel::table! {
    things (id) { id -> BigInt, name -> Text }
}
diesel::table! {
    #[sql_name = "Odd things"]
    counting.odd (id) {
        #[sql_name = "The Id"]
        id -> Integer,
        name -> Text,
    }
}
diesel::table! {
    parts (shelf, id) { shelf -> Text, id -> BigInt, name -> Text }
}
diesel::table! {
    orders (id) {
        id -> BigInt,
        price -> BigInt,
        twice -> Nullable<BigInt>,
        state -> Text,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = things)]
struct Thing {
    #[entity(key, generated)]
    id: i64,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = odd, table_name = "counting.Odd things")]
struct Odd {
    #[entity(key, generated)]
    id: i32,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = parts)]
struct Part {
    #[entity(key)]
    shelf: String,
    #[entity(key, generated)]
    id: i64,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = orders)]
struct Order {
    #[entity(key, generated)]
    id: i64,
    price: i64,
    #[entity(computed)]
    twice: Option<i64>,
    #[entity(generated)]
    state: String,
}

fn thing(id: i64) -> Thing {
    Thing { id, name: id.to_string() }
}

fn new() -> NewThing {
    NewThing { name: "new".into() }
}

fn with_keys<C: Store<Thing>>(session: &mut Session<C>, ids: &[i64]) -> Result<Vec<Thing>> {
    session.insert_with_keys(ids.iter().copied().map(thing).collect())
}

/// The next key that is counted.
fn next<C: Store<Thing>>(session: &mut Session<C>) -> i64 {
    session.insert(new()).unwrap().id
}

/// A database with a table whose keys PostgreSQL counts that way.
fn on_postgres(id: &str) -> (TestDatabase, Database<PgConnection>) {
    let place = postgres();
    place.execute(&format!("CREATE TABLE things (id {id}, name TEXT NOT NULL)"));
    let database = Database::open(place.url()).unwrap();
    (place, database)
}

on_every_engine! {
    fn a_counter_that_gives_no_key_twice_goes_on<Engine>(place) {
        let key = counted_key::<Engine>();
        place.execute(&format!("CREATE TABLE things (id {key}, name VARCHAR(9) NOT NULL)"));
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        with_keys(&mut session, &[30, 10]).unwrap();
        assert_eq!(next(&mut session), 31);
        let merged = session.merge(thing(50)).unwrap();
        session.flush().unwrap();
        session.delete(merged).unwrap();
        session.commit().unwrap();
        assert_eq!(next(&mut session), 51);
        session.commit().unwrap();
        assert_eq!(next(&mut database.session().unwrap()), 52);
    }

    fn what_the_database_gives_otherwise_is_stored_as_it_is_given<Engine>(place) {
        place.execute(&format!(
            "CREATE TABLE orders (id {}, price BIGINT NOT NULL, \
             twice BIGINT GENERATED ALWAYS AS (price * 2) STORED, \
             state VARCHAR(9) NOT NULL DEFAULT 'new')",
            counted_key::<Engine>()
        ));
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let order = |id: i64| Order { id, price: 4, twice: None, state: "sent".into() };
        let merged = session.merge(order(7)).unwrap();
        session.commit().unwrap();
        let many = session.insert_with_keys(vec![order(8), order(9)]).unwrap();
        let stored = |id: i64| Order { twice: Some(8), ..order(id) };
        assert_eq!(many, [stored(8), stored(9)]);
        assert_eq!(session[merged], stored(7));
        session.commit().unwrap();
        assert_eq!(session.query::<Order>().load().unwrap(), [7, 8, 9].map(stored));
        let next: Order = session.insert(NewOrder { price: 1 }).unwrap();
        assert_eq!((next.id, next.state.as_str()), (10, "new"));
    }

    fn a_key_of_two_columns_counts_in_one_of_them<Engine>(place) {
        let (counted, more) = match Engine::NAME {
            // SQLite counts no part of a key.
            "SQLite" => ("BIGINT NOT NULL", ""),
            "PostgreSQL" => ("BIGSERIAL", ""),
            _ => ("BIGINT NOT NULL AUTO_INCREMENT", ", KEY (id)"),
        };
        place.execute(&format!(
            "CREATE TABLE parts (shelf VARCHAR(9) NOT NULL, id {counted}, name VARCHAR(9) NOT NULL, \
             PRIMARY KEY (shelf, id){more})"
        ));
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        check_parts(&mut session, Engine::NAME != "SQLite");
        let part = Part { shelf: "c".into(), id: 90, name: "90".into() };
        let merged = session.merge(part.clone()).unwrap();
        assert_eq!(session.merge(part.clone()).unwrap(), merged);
        session.commit().unwrap();
        assert_eq!(session[merged], part);
    }
}

fn check_parts(parts: &mut impl Repository<Part>, are_counted: bool) {
    let part = |shelf: &str, id| Part { shelf: shelf.into(), id, name: "p".into() };
    let given = vec![part("a", 7), part("b", 40), part("b", 7)];
    assert_eq!(parts.insert_with_keys(given.clone()).unwrap(), given);
    assert!(matches!(parts.insert_with_keys(vec![part("b", 7)]), Err(Error::Constraint(_))));
    if are_counted {
        let next = parts.insert(NewPart { shelf: "a".into(), name: "n".into() }).unwrap();
        assert_eq!((next.shelf.as_str(), next.id), ("a", 41));
    }
}

#[test]
fn memory_counts_in_one_of_two_columns() {
    check_parts(&mut Memory::new().with::<Part>(), true);
}

#[test]
fn every_kind_of_sequence_goes_on_and_never_back() {
    for id in [
        "BIGSERIAL PRIMARY KEY",
        "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "BIGINT GENERATED ALWAYS AS IDENTITY (MINVALUE -1000 START 1) PRIMARY KEY",
    ] {
        let (_place, database) = on_postgres(id);
        let mut session = database.session().unwrap();
        with_keys(&mut session, &[-7, 0]).unwrap();
        assert!(next(&mut session) <= 2, "{id}");
        with_keys(&mut session, &[100, 50]).unwrap();
        let merged = session.merge(thing(60)).unwrap();
        assert_eq!(next(&mut session), 101, "{id}");
        assert_eq!(session[merged], thing(60));
        // What is counted stays so where what was written is taken back.
        with_keys(&mut session, &[200]).unwrap();
        session.rollback().unwrap();
        assert_eq!(next(&mut session), 201, "{id}");
        assert!(matches!(with_keys(&mut session, &[201]), Err(Error::Constraint(_))));
        session.commit().unwrap();
    }
}

#[test]
fn a_sequence_that_was_set_ahead_stays_there() {
    let (place, database) = on_postgres("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
    place.execute("ALTER TABLE things ALTER COLUMN id RESTART WITH 500");
    let mut session = database.session().unwrap();
    with_keys(&mut session, &[5]).unwrap();
    assert!(next(&mut session) >= 500);
}

#[test]
fn steps_bounds_and_directions_of_sequences_are_kept() {
    let id = "BIGINT GENERATED BY DEFAULT AS IDENTITY (INCREMENT 10 MAXVALUE 1000) PRIMARY KEY";
    let (_place, database) = on_postgres(id);
    let mut session = database.session().unwrap();
    with_keys(&mut session, &[25]).unwrap();
    assert_eq!(next(&mut session), 35);
    // Beyond what it counts to; then there is nothing left to count.
    with_keys(&mut session, &[5_000]).unwrap();
    with_keys(&mut session, &[26, i64::MAX]).unwrap();
    assert!(Repository::<Thing>::insert(&mut session, new()).is_err());

    let id = "BIGINT GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1) PRIMARY KEY";
    let (_place, database) = on_postgres(id);
    let mut session = database.session().unwrap();
    with_keys(&mut session, &[25]).unwrap();
    assert_eq!(next(&mut session), -1);
}

#[test]
fn a_column_without_a_sequence_of_its_own_takes_keys() {
    let (_place, database) = on_postgres("BIGINT PRIMARY KEY");
    let mut session = database.session().unwrap();
    assert_eq!(with_keys(&mut session, &[3, 1]).unwrap(), [thing(3), thing(1)]);
}

#[test]
fn a_sequence_is_found_by_names_that_need_quotes() {
    let place = postgres();
    place.execute(
        r#"CREATE SCHEMA counting;
           CREATE TABLE counting."Odd things" ("The Id" SERIAL PRIMARY KEY, name TEXT NOT NULL);
           CREATE TABLE "Odd things" ("The Id" SERIAL PRIMARY KEY, name TEXT NOT NULL)"#,
    );
    let database = Database::<PgConnection>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    let odd = |id: i32| Odd { id, name: id.to_string() };
    let merged = session.merge(odd(i32::MAX - 1)).unwrap();
    session.commit().unwrap();
    assert_eq!(session[merged].id, i32::MAX - 1);
    let next: Odd = session.insert(NewOdd { name: "new".into() }).unwrap();
    assert_eq!(next.id, i32::MAX);
}

#[test]
fn those_who_move_a_sequence_take_turns() {
    let (_place, database) = on_postgres("BIGSERIAL PRIMARY KEY");
    let mut session = database.session().unwrap();
    with_keys(&mut session, &[1_000]).unwrap();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            database.transaction(|session| with_keys(session, &[2_000])).unwrap();
        });
        // Whoever counts, or gives keys that are behind, waits for nobody.
        database.transaction(|session| with_keys(session, &[500])).unwrap();
        assert!(next(&mut database.session().unwrap()) > 1_000);
        session.commit().unwrap();
        other.join().unwrap();
    });
    assert!(next(&mut session) > 2_000);
}

#[test]
fn a_row_that_cannot_be_read_back_is_not_inserted() {
    let place = sqlite();
    place.execute(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, price BIGINT NOT NULL, \
         twice BIGINT GENERATED ALWAYS AS (price * 2) STORED, state TEXT NOT NULL DEFAULT 'new'); \
         CREATE TRIGGER moved AFTER INSERT ON orders WHEN new.price < 0 BEGIN \
         UPDATE orders SET id = id + 100 WHERE id = new.id; END",
    );
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    let stored: Order = session.insert(NewOrder { price: 4 }).unwrap();
    let inserted: Result<Order> = session.insert(NewOrder { price: -1 });
    assert!(inserted.is_err(), "{inserted:?}");
    session.commit().unwrap();
    let other: Result<Order> = session.insert(NewOrder { price: -2 });
    assert!(other.is_err(), "{other:?}");
    session.commit().unwrap();
    assert_eq!(database.session().unwrap().query::<Order>().load().unwrap(), [stored]);
}
