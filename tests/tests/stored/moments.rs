//! Points in time in the forms in which others store them: read, found, sorted and written in that
//! form.

use diesel::SqliteConnection;
use integration_tests::{MysqlConnection, PgConnection, TestDatabase, mysql, postgres, sqlite};
use persistence::types::{
    IsoUtcMilliseconds, JulianDays, Microseconds, Milliseconds, Moment, UnixMilliseconds,
    UnixSeconds,
};
use persistence::{
    Browse, Database, Engine, Entity, Error, Filter, Query, Repository, Store, Value,
};

use integration_tests::client::sqlite3;

mod schema {
    diesel::table! {
        events (id) {
            id -> BigInt,
            at_millis -> Timestamp,
            at_micros -> Text,
            at_iso -> Nullable<Text>,
            at_unix -> BigInt,
            at_unix_millis -> BigInt,
            at_julian -> Double,
        }
    }
    diesel::table! {
        logged (id) { id -> BigInt, at_unix -> BigInt, at_iso -> Text }
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::events)]
struct Event {
    #[entity(key, generated)]
    id: i64,
    at_millis: Moment<Milliseconds>,
    at_micros: Moment<Microseconds>,
    at_iso: Option<Moment<IsoUtcMilliseconds>>,
    at_unix: Moment<UnixSeconds>,
    at_unix_millis: Moment<UnixMilliseconds>,
    at_julian: Moment<JulianDays>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::logged)]
struct Logged {
    #[entity(key, generated)]
    id: i64,
    at_unix: Moment<UnixSeconds>,
    at_iso: Moment<IsoUtcMilliseconds>,
}

const COLUMNS: [&str; 6] =
    ["at_millis", "at_micros", "at_iso", "at_unix", "at_unix_millis", "at_julian"];

/// As others fill it: a hundred days, three events a day at the same second.
fn events() -> (TestDatabase, Database<SqliteConnection>) {
    let file = sqlite();
    file.execute(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, at_millis DATETIME, at_micros TEXT, at_iso TEXT,
           at_unix INTEGER, at_unix_millis INTEGER, at_julian REAL);
         WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 299),
           event(at) AS (SELECT datetime('1996-07-04 10:20:30', (n / 3) || ' days') FROM number)
         INSERT INTO events SELECT NULL, strftime('%Y-%m-%d %H:%M:%f', at),
           strftime('%Y-%m-%d %H:%M:%S.000000', at), strftime('%Y-%m-%dT%H:%M:%fZ', at),
           CAST(strftime('%s', at) AS INTEGER), CAST(strftime('%s', at) AS INTEGER) * 1000,
           julianday(at) FROM event",
    );
    let database = Database::open(file.url()).unwrap();
    (file, database)
}

#[test]
fn each_form_is_found_sorted_and_walked_as_the_point_in_time_it_is() {
    let (_file, database) = events();
    let mut session = database.session().unwrap();
    let rows = session.query::<Event>().load().unwrap();
    assert_eq!(rows.len(), 300);
    let time = rows[150].at_unix.time();
    for column in COLUMNS {
        let equal = Filter::equals(column, Value::Timestamp(time));
        assert_eq!(Repository::<Event>::count(&mut session, &equal).unwrap(), 3, "{column}");
        let typed = format!("{column} > {}", Value::Timestamp(time));
        let later = Query::<Event>::parse(&typed, &format!("-{column}")).unwrap();
        let later = Repository::<Event>::list(&mut session, &later).unwrap();
        assert_eq!(later.len(), 147, "{column}");
        assert_eq!(later[0].id, 300, "{column}");
        let statistics = Browse::<Event>::statistics(&mut session, column, &Filter::All).unwrap();
        assert_eq!(statistics.min, Value::Timestamp(rows[0].at_unix.time()), "{column}");
        assert_eq!(statistics.distinct, Some(100), "{column}");
        for size in [1, 2, 7] {
            let order = persistence::Order::parse(Event::meta(), column).unwrap();
            let mut query = Query::<Event>::new();
            query.order = order;
            let (mut walked, mut start) = (Vec::new(), Some(persistence::PageStart::First));
            while let Some(from) = start {
                let page = Repository::<Event>::page(&mut session, &query, &from, size).unwrap();
                walked.extend(page.rows.iter().map(|row| row.id));
                start = page.next;
            }
            assert_eq!(walked, (1..=300).collect::<Vec<_>>(), "{column} in pages of {size}");
        }
    }
    let typed = session.query::<Event>().filter(Event::AT_UNIX.ge(rows[297].at_unix)).load();
    assert_eq!(typed.unwrap().len(), 3);
}

#[test]
fn what_is_written_is_in_the_form_of_its_column() {
    let (file, database) = events();
    let mut session = database.session().unwrap();
    let time: chrono::NaiveDateTime = "2001-03-02T01:02:03".parse().unwrap();
    let event = session.query::<Event>().filter(Event::ID.eq(1)).one().unwrap();
    session[event].at_millis = time.into();
    session[event].at_micros = time.into();
    session[event].at_iso = Some(time.into());
    session[event].at_unix = time.into();
    session[event].at_unix_millis = time.into();
    session[event].at_julian = time.into();
    session.commit().unwrap();
    let assigned = Query::<Event>::parse("id = 2", "").unwrap().filter;
    let set = [Event::AT_MILLIS.set(time), Event::AT_UNIX.set(time)];
    assert_eq!(session.update_where(&assigned, &set).unwrap(), 1);
    session.commit().unwrap();
    let stored = sqlite3(
        &file,
        "SELECT at_millis, at_micros, at_iso, at_unix, at_unix_millis, at_julian = julianday('2001-03-02 01:02:03') FROM events WHERE id = 1;
         SELECT at_millis, at_unix FROM events WHERE id = 2",
    );
    assert_eq!(
        stored,
        [
            "2001-03-02 01:02:03.000|2001-03-02 01:02:03.000000|2001-03-02T01:02:03.000Z|983494923|983494923000|1",
            "2001-03-02 01:02:03.000|983494923",
        ]
    );
}

#[test]
fn what_is_not_in_the_form_of_its_column_is_not_read_as_another_time() {
    let (file, database) = events();
    let mut session = database.session().unwrap();
    for (column, odd) in [
        ("at_millis", "'1996-07-04 10:20:30'"),
        ("at_millis", "'1996-07-04 10:20:30+03:00'"),
        ("at_micros", "'1996-07-04 10:20:30.000'"),
        ("at_iso", "'1996-07-04 10:20:30'"),
        ("at_unix", "'yesterday'"),
        ("at_unix", "9.5"),
        ("at_julian", "0.123456789"),
    ] {
        file.execute(&format!("UPDATE events SET {column} = {odd} WHERE id = 5"));
        let result = session.query::<Event>().load();
        let Err(Error::Unreadable(cell)) = result else { panic!("{column}: {result:?}") };
        assert_eq!((cell.column, cell.key.to_string().as_str()), (column, "5"));
        file.execute(&format!(
            "UPDATE events SET {column} = (SELECT {column} FROM events WHERE id = 6) WHERE id = 5"
        ));
        session.rollback().unwrap();
    }
    assert_eq!(session.query::<Event>().load().unwrap().len(), 300);
}

fn check_servers<C: Engine + Store<Logged>>(place: &TestDatabase) {
    place.execute("CREATE TABLE logged (id BIGINT PRIMARY KEY, at_unix BIGINT NOT NULL, at_iso VARCHAR(40) NOT NULL);
         INSERT INTO logged VALUES (1, 983494923, '2001-03-02T01:02:03.000Z'), (2, 983494924, '2001-03-02T01:02:04.000Z')");
    let database = Database::<C>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    let later = session
        .query::<Logged>()
        .filter(Logged::AT_UNIX.gt("2001-03-02T01:02:03".parse::<chrono::NaiveDateTime>().unwrap()))
        .load()
        .unwrap();
    assert_eq!(later.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
    let equal = Filter::equals("at_iso", Value::Timestamp(later[0].at_unix.time()));
    assert_eq!(Repository::<Logged>::count(&mut session, &equal).unwrap(), 1);
}

#[test]
fn forms_are_kept_on_servers_too() {
    check_servers::<PgConnection>(&postgres());
    check_servers::<MysqlConnection>(&mysql());
}
