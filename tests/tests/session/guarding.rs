//! Where no version tells that somebody else has changed a row, the stored values do: in every
//! type, under every collation, for large values, and without conflicts that are none.

#![allow(clippy::float_cmp, reason = "the same number is meant")]

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::connection::SimpleConnection as _;
use integration_tests::on_every_engine;
use persistence::backend::Engine as AnyEngine;
use persistence::types::{Decimal, Json};
use persistence::{Database, Entity, Error, Key, Repository, Session, Store, Value};
use serde_json::json;

diesel::table! {
    things (id) {
        id -> BigInt,
        truth -> Bool,
        small -> SmallInt,
        number -> BigInt,
        ratio -> Double,
        single -> Float,
        price -> Numeric,
        text -> Text,
        note -> Nullable<Text>,
        day -> Date,
        at -> Time,
        moment -> Timestamp,
        bytes -> Binary,
        document -> Json,
    }
}

/// A row of every type that all engines know.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = things)]
struct Thing {
    #[entity(key)]
    id: i64,
    truth: bool,
    small: i16,
    number: i64,
    ratio: f64,
    single: f32,
    price: Decimal<2>,
    text: String,
    note: Option<String>,
    day: NaiveDate,
    at: NaiveTime,
    moment: NaiveDateTime,
    bytes: Vec<u8>,
    document: Json,
}

fn draft(id: i64) -> NewThing {
    NewThing {
        id,
        truth: true,
        small: -1,
        number: i64::MAX - 1,
        ratio: 0.1,
        single: 0.1,
        price: Decimal::from_units(1_299),
        text: "Straße".to_owned(),
        note: None,
        day: NaiveDate::from_ymd_opt(1999, 12, 31).unwrap(),
        at: NaiveTime::from_hms_micro_opt(23, 59, 59, 999_998).unwrap(),
        moment: moment(),
        bytes: vec![0, 255],
        document: Json(json!({ "a": [1, null, "é"], "b": 1.5 })),
    }
}

fn moment() -> NaiveDateTime {
    let day = NaiveDate::from_ymd_opt(1999, 12, 31).unwrap();
    day.and_hms_micro_opt(23, 59, 59, 999_998).unwrap()
}

/// The table, with a column for texts in which case and accents do not count.
fn open<C: AnyEngine>(place: &integration_tests::TestDatabase) -> Database<C> {
    let sql = match C::NAME {
        "SQLite" => {
            "CREATE TABLE things (id INTEGER PRIMARY KEY, truth BOOLEAN NOT NULL, \
             small SMALLINT NOT NULL, number BIGINT NOT NULL, ratio DOUBLE NOT NULL, \
             single FLOAT NOT NULL, price NUMERIC NOT NULL, text TEXT COLLATE NOCASE NOT NULL, \
             note TEXT COLLATE RTRIM, day DATE NOT NULL, at TIME NOT NULL, \
             moment TIMESTAMP NOT NULL, bytes BLOB NOT NULL, document JSON NOT NULL)"
        }
        "PostgreSQL" => {
            "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level1', \
                                     deterministic = false); \
             CREATE TABLE things (id BIGINT PRIMARY KEY, truth BOOLEAN NOT NULL, \
             small SMALLINT NOT NULL, number BIGINT NOT NULL, ratio DOUBLE PRECISION NOT NULL, \
             single REAL NOT NULL, price NUMERIC(20, 2) NOT NULL, text TEXT COLLATE alike NOT NULL, \
             note TEXT COLLATE alike, day DATE NOT NULL, at TIME NOT NULL, \
             moment TIMESTAMP NOT NULL, bytes BYTEA NOT NULL, document JSON NOT NULL)"
        }
        _ => {
            "CREATE TABLE things (id BIGINT PRIMARY KEY, truth BOOLEAN NOT NULL, \
             small SMALLINT NOT NULL, number BIGINT NOT NULL, ratio DOUBLE NOT NULL, \
             single FLOAT NOT NULL, price DECIMAL(20, 2) NOT NULL, \
             text LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, \
             note LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, day DATE NOT NULL, \
             at TIME(6) NOT NULL, moment DATETIME(6) NOT NULL, bytes LONGBLOB NOT NULL, \
             document JSON NOT NULL)"
        }
    };
    place.execute(sql);
    Database::open(place.url()).unwrap()
}

/// For columns: what is stored, and what somebody else makes of it: as little else as may be.
fn changes<C: AnyEngine>() -> Vec<(&'static str, Value, Value)> {
    let later = moment() + chrono::TimeDelta::microseconds(1);
    let base = draft(0);
    // SQLite keeps such numbers as floats.
    let exact = if C::NAME == "SQLite" { 99_999_999_999 } else { 1_234_567_890_123_456_789 };
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        ("truth", true.into(), false.into()),
        ("small", Value::Integer(-1), Value::Integer(0)),
        ("number", base.number.into(), i64::MAX.into()),
        ("ratio", Value::Float(0.1), Value::Float(0.100_000_000_000_000_02)),
        ("single", Value::Float(0.1_f32.into()), Value::Float(0.100_000_01_f32.into())),
        ("price", decimal(1_299), decimal(1_300)),
        ("price", decimal(exact - 1), decimal(exact)),
        ("text", text("Straße"), text("straße")),
        ("text", text("é"), text("e")),
        ("text", text("é"), text("e\u{301}")),
        ("text", text("a"), text("a ")),
        ("text", text(""), text(" ")),
        ("note", Value::Null, text("")),
        ("note", text(""), Value::Null),
        ("note", text("x "), text("x")),
        ("note", text(&"long ".repeat(40_000)), text(&format!("{}!", "long ".repeat(40_000)))),
        ("day", Value::Date(base.day), Value::Date(base.day.succ_opt().unwrap())),
        ("at", Value::Time(base.at), Value::Time(later.time())),
        ("moment", Value::Timestamp(base.moment), Value::Timestamp(later)),
        ("bytes", Value::Bytes(vec![0]), Value::Bytes(vec![0, 0])),
        ("bytes", Value::Bytes(vec![7; 200_000]), Value::Bytes(vec![7; 199_999])),
        ("document", Value::Json(json!({ "a": 1 })), Value::Json(json!({ "a": 1.0 }))),
        ("document", Value::Json(json!([1e300, "é"])), Value::Json(json!([1e300, "É"]))),
    ]
}

fn decimal(units: i64) -> Value {
    Value::Decimal(Decimal::<2>::from_units(units).scaled())
}

fn stored<C: Store<Thing>>(session: &mut Session<C>, id: i64) -> Key<Thing> {
    session.query::<Thing>().filter(Thing::ID.eq(id)).one().unwrap()
}

/// A value that is neither of the two.
fn third(column: &str) -> Value {
    let mut other = draft(0);
    other.day = other.day.pred_opt().unwrap();
    match column {
        "truth" => false.into(),
        "small" => Value::Integer(3),
        "number" => 3_i64.into(),
        "ratio" | "single" => Value::Float(3.0),
        "price" => decimal(3),
        "text" | "note" => Value::Text("mine".to_owned()),
        "day" => Value::Date(other.day),
        "at" => Value::Time(NaiveTime::MIN),
        "moment" => Value::Timestamp(NaiveDateTime::default()),
        "bytes" => Value::Bytes(vec![3]),
        _ => Value::Json(json!("mine")),
    }
}

on_every_engine! {
    fn what_somebody_else_has_changed_is_not_overwritten<Engine>(place) {
        let database = open::<Engine>(&place);
        for (id, (column, base, theirs)) in (1..).zip(changes::<Engine>()) {
            let position = Thing::meta().position(column).unwrap();
            let mut session = database.session().unwrap();
            let mut thing: Thing = session.insert(draft(id)).unwrap();
            thing.set_value(position, base.clone()).unwrap();
            Repository::update(&mut session, thing).unwrap();
            session.commit().unwrap();

            let mut mine = database.session().unwrap();
            let row = stored(&mut mine, id);
            assert_eq!(mine[row].value(position), base, "{column} comes back as it was stored");
            mine.commit().unwrap();
            let mut other = database.session().unwrap();
            let same = stored(&mut other, id);
            other[same].set_value(position, theirs.clone()).unwrap();
            other.commit().unwrap();

            // An update of the column, and a deletion of the row.
            mine[row].set_value(position, third(column)).unwrap();
            for round in ["update", "delete"] {
                let told = format!("{round} of {column} {base:?} that was made {theirs:?}");
                let told = told.chars().take(200).collect::<String>();
                let Err(Error::Conflict(conflict)) = mine.commit() else { panic!("{told}") };
                assert_eq!(*conflict.base.unwrap().value(position), base, "{told}");
                assert_eq!(*conflict.theirs.unwrap().value(position), theirs, "{told}");
                mine.rollback().unwrap();
                mine.delete(row).unwrap();
            }
            mine.rollback().unwrap();
            other.refresh(same).unwrap();
            assert_eq!(other[same].value(position), theirs, "{column} is as the other left it");
        }
    }

    fn what_nobody_has_changed_is_written<Engine>(place) {
        let database = open::<Engine>(&place);
        for (id, (column, base, theirs)) in (1..).zip(changes::<Engine>()) {
            let position = Thing::meta().position(column).unwrap();
            let mut session = database.session().unwrap();
            let row = session.add(draft(id));
            session.commit().unwrap();
            // As the session wrote it, as it was read, and in one transaction.
            for value in [&base, &theirs, &third(column), &base] {
                session[row].set_value(position, value.clone()).unwrap();
                session.flush().unwrap_or_else(|error| panic!("{column}: {error}"));
                session[row].set_value(position, theirs.clone()).unwrap();
                session.commit().unwrap_or_else(|error| panic!("{column}: {error}"));
                session.expire(row);
                session.get::<Thing>(id).unwrap();
            }
            session.delete(row).unwrap();
            session.commit().unwrap_or_else(|error| panic!("{column}: {error}"));
        }
        assert_eq!(database.session().unwrap().query::<Thing>().count().unwrap(), 0);
    }

    fn changes_of_different_columns_are_merged<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let row = session.add(draft(1));
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        let same = stored(&mut other, 1);
        other[same].text = "theirs".to_owned();
        other.commit().unwrap();
        session[row].note = Some("mine".to_owned());
        session.commit().unwrap();
        other.refresh(same).unwrap();
        assert_eq!((&*other[same].text, other[same].note.as_deref()), ("theirs", Some("mine")));
        assert_eq!(other[same].number, draft(1).number);
    }

    fn many_rows_are_deleted_or_none<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let rows = session.add_all((1..=150).map(draft));
        session.commit().unwrap();
        place.execute("UPDATE things SET small = 5 WHERE id = 120");
        for &row in &rows {
            session.delete(row).unwrap();
        }
        let Err(Error::Conflict(conflict)) = session.commit() else { panic!() };
        assert_eq!(conflict.key.to_string(), "120");
        session.rollback().unwrap();
        assert_eq!(session.query::<Thing>().count().unwrap(), 150);
        session.refresh(rows[119]).unwrap();
        for &row in &rows {
            session.delete(row).unwrap();
        }
        session.commit().unwrap();
        assert_eq!(session.query::<Thing>().count().unwrap(), 0);
    }

    fn what_the_database_rounds_is_nobodys_change<Engine>(place) {
        let database = open::<Engine>(&place);
        match <Engine as AnyEngine>::NAME {
            "SQLite" => {}
            "PostgreSQL" => place.execute(
                "ALTER TABLE things ALTER moment TYPE timestamp(0), ALTER at TYPE time(3), \
                 ALTER text TYPE char(20)",
            ),
            _ => place.execute(
                "ALTER TABLE things MODIFY moment DATETIME NOT NULL, MODIFY at TIME(3) NOT NULL, \
                 MODIFY text CHAR(20) NOT NULL, MODIFY ratio FLOAT NOT NULL",
            ),
        }
        let mut session = database.session().unwrap();
        let at = NaiveTime::from_hms_micro_opt(12, 30, 15, 123_456).unwrap();
        let draft = |id| NewThing { at, moment: moment().date().and_time(at), ..draft(id) };
        let (row, other) = (session.add(draft(1)), session.add(draft(2)));
        session.commit().unwrap();
        session[row].moment += chrono::TimeDelta::days(1);
        session[row].at = NaiveTime::MIN;
        session[row].text = "another".to_owned();
        session[row].ratio = 0.3;
        session.delete(other).unwrap();
        session.commit().unwrap();
        session.delete(row).unwrap();
        session.commit().unwrap();
        assert_eq!(session.query::<Thing>().count().unwrap(), 0);
    }

    fn one_row_read_very_often_is_remembered_once<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let drafts = (1..=9).map(draft).collect();
        Repository::<Thing>::insert_many(&mut session, drafts).unwrap();
        session.commit().unwrap();
        let first = Repository::<Thing>::find(&mut session, &1).unwrap().unwrap();
        // More than are remembered, and none of the last few.
        for number in 0..12_000 {
            Repository::<Thing>::find(&mut session, &(2 + number % 8)).unwrap();
        }
        let write = "UPDATE things SET number = 10 WHERE id = 1";
        session.connection().unwrap().batch_execute(write).unwrap();
        let error = Repository::<Thing>::update(&mut session, Thing { number: 7, ..first });
        assert!(matches!(error, Err(Error::Conflict(_))), "{error:?}");
    }
}
