//! Filters of very many values and conditions, on every engine and in memory.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the numbers of a test are small"
)]

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use diesel::SqliteConnection;
use integration_tests::{TestDatabase, on_every_engine, sqlite};
use persistence::backend::Engine;
use persistence::{
    Browse, Database, Decimal, Entity, Filter, Memory, PageStart, Query, Repository, Uuid, Value,
};

diesel::table! {
    things (id) {
        id -> BigInt,
        small -> Nullable<SmallInt>,
        text -> Nullable<Text>,
        flag -> Bool,
        double -> Nullable<Double>,
        price -> Nullable<BigInt>,
        weight -> Nullable<Text>,
        on_day -> Nullable<Date>,
        at_time -> Nullable<Time>,
        at -> Nullable<Timestamp>,
        bytes -> Nullable<Binary>,
        uuid -> Nullable<Binary>,
        name -> Nullable<Text>,
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = things)]
struct Thing {
    #[entity(key)]
    id: i64,
    small: Option<i16>,
    text: Option<String>,
    flag: bool,
    double: Option<f64>,
    price: Option<Decimal<2>>,
    weight: Option<Decimal<3>>,
    on_day: Option<NaiveDate>,
    at_time: Option<NaiveTime>,
    at: Option<NaiveDateTime>,
    bytes: Option<Vec<u8>>,
    uuid: Option<Uuid>,
    name: Option<Uuid>,
}

const ROWS: i64 = 60;

fn database<C: Engine>(place: &TestDatabase) -> Database<C> {
    let (double, bytes, at) = match C::NAME {
        "SQLite" => ("DOUBLE", "BLOB", "TIMESTAMP"),
        "PostgreSQL" => ("DOUBLE PRECISION", "BYTEA", "TIMESTAMP"),
        _ => ("DOUBLE", "VARBINARY(40)", "DATETIME(6)"),
    };
    let time = if C::NAME == "MySQL" { "TIME(6)" } else { "TIME" };
    let text = match C::NAME {
        "MySQL" => "VARCHAR(40) COLLATE utf8mb4_bin",
        _ => "VARCHAR(40)",
    };
    place.execute(
        &format!(
            "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, small SMALLINT, text {text}, \
         flag BOOLEAN NOT NULL, `double` {double}, price BIGINT, weight {text}, on_day DATE, \
         at_time {time}, at {at}, bytes {bytes}, uuid {bytes}, name {text})"
        )
        .replace('`', if C::NAME == "MySQL" { "`" } else { "\"" }),
    );
    Database::open(place.url()).unwrap()
}

fn texts() -> Vec<String> {
    let mut texts: Vec<_> =
        ["", "'", "\"", "\\", "a,b", "[1]", "é", "\u{1f600}", "\n\t\u{1}", "null", "я%", "00"]
            .iter()
            .map(|&text| text.to_owned())
            .collect();
    texts.extend((0..).map(|n| format!("text {n}")).take(28));
    texts
}

/// A row of values that are hard to send, or of NULL.
fn thing(id: i64) -> NewThing {
    let n = usize::try_from(id).unwrap();
    let texts = texts();
    let given = n % 5 != 4;
    let day = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + TimeDelta::days(id * 97 - 1_000);
    let time =
        NaiveTime::from_num_seconds_from_midnight_opt(n as u32 * 701, n as u32 % 7 * 1_001_000)
            .unwrap();
    NewThing {
        id,
        small: given.then_some(id as i16 - 20),
        text: given.then(|| texts[n % texts.len()].clone()),
        flag: n % 2 == 0,
        double: given.then_some(0.1 * id as f64 - 1.0 / 3.0),
        price: given.then(|| Decimal::from_units(id * 7 - 60)),
        weight: given.then(|| Decimal::from_units(id * 13 - 60)),
        on_day: given.then_some(day),
        at_time: given.then_some(time),
        at: given.then(|| day.and_time(time)),
        bytes: given.then(|| vec![n as u8, 0, 255, b'\'', n as u8]),
        uuid: given.then(|| Uuid(uuid::Uuid::from_u128(u128::from(n as u64) << 70 | 7))),
        name: given.then(|| Uuid(uuid::Uuid::from_u128(u128::from(n as u64) << 90 | 7))),
    }
}

/// Many more values of a column than a statement can bind, of which rows have some.
fn many(column: &str, count: i64) -> Vec<Value> {
    let day = NaiveDate::from_ymd_opt(2100, 1, 1).unwrap();
    let other = |n: i64| match column {
        "id" => Value::Integer(n + 1_000_000),
        "small" => Value::Integer(n % 10_000 + 5_000),
        "text" => Value::Text(format!("other {n}")),
        "double" => Value::Float(1e9 + n as f64 / 7.0),
        "price" => Value::Decimal(Decimal::<2>::from_units(n + 1_000_000).scaled()),
        "weight" => Value::Decimal(Decimal::<3>::from_units(n + 1_000_000).scaled()),
        "on_day" => Value::Date(day + TimeDelta::days(n)),
        "at_time" => Value::Time(
            NaiveTime::from_num_seconds_from_midnight_opt(86_000, n as u32 * 1_000).unwrap(),
        ),
        "at" => {
            Value::Timestamp(day.and_hms_micro_opt(1, 2, 3, 4).unwrap() + TimeDelta::seconds(n))
        }
        "bytes" => Value::Bytes(n.to_be_bytes().to_vec()),
        _ => Value::Uuid(uuid::Uuid::from_u128(n as u128 + 1_000)),
    };
    (0..count).map(other).collect()
}

fn check<R: Repository<Thing>>(repository: &mut R, rows: &[Thing]) {
    let columns = Thing::meta().columns.iter().map(|column| column.name);
    for column in columns.filter(|&column| column != "flag") {
        let position = Thing::meta().position(column).unwrap();
        let has = |row: &&Thing| row.id % 3 == 0 && !row.value(position).is_null();
        let mut values =
            many(column, if column == "text" || column == "id" { 100_000 } else { 12_000 });
        values.extend(rows.iter().filter(has).map(|row| row.value(position)));
        let wanted: Vec<_> = rows
            .iter()
            .filter(|row| {
                values[values.len() - 40.min(values.len())..].contains(&row.value(position))
            })
            .map(|row| row.id)
            .collect();
        let list = Filter::In { column: column.into(), values };
        let ids = |repository: &mut R, filter: Filter| {
            let mut query = Query::<Thing>::new();
            query.filter = filter;
            repository.list(&query).unwrap().iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(repository, list.clone()), wanted, "{column}");
        // Unknown where there is no value, as in a short list.
        let others: Vec<_> = rows
            .iter()
            .filter(|row| !row.value(position).is_null() && !wanted.contains(&row.id))
            .map(|row| row.id)
            .collect();
        assert_eq!(ids(repository, list.not()), others, "not {column}");
    }
}

/// Thousands of conditions of every form, one of which is true of each third row.
fn check_conditions(repository: &mut impl Repository<Thing>) {
    let id = |n: i64| Filter::compare("id", persistence::Comparison::Equal, n);
    let between = |n: i64| {
        Filter::compare("id", persistence::Comparison::GreaterOrEqual, n).and(Filter::compare(
            "id",
            persistence::Comparison::Less,
            n + 1,
        ))
    };
    let threes: Vec<i64> = (0..ROWS).filter(|n| n % 3 == 0).collect();
    let filters = [
        Filter::Or((0..5_000).map(|n| id(n * 3)).collect()),
        Filter::Or((0..5_000).map(|n| between(n * 3)).collect()),
        (0..5_000).fold(Filter::Or(vec![]), |any, n| any.or(between(n * 3))),
        (0..5_000).fold(Filter::Or(vec![]), |any, n| between(n * 3).or(any)),
        Filter::And((0..ROWS * 80).filter(|n| n % 3 != 0).map(|n| id(n).not()).collect())
            .and(Filter::compare("id", persistence::Comparison::Less, ROWS)),
    ];
    for filter in filters {
        let mut query = Query::<Thing>::new();
        query.filter = Filter::parse(Thing::meta(), &filter.to_string()).unwrap();
        assert_eq!(query.filter.to_string(), filter.to_string());
        let found = repository.list(&query).unwrap();
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), threes);
        assert_eq!(repository.count(&filter).unwrap(), threes.len() as u64);
    }
}

on_every_engine! {
    fn lists_of_any_length_and_type_find_what_they_should<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        let rows = Repository::<Thing>::insert_many(&mut session, (0..ROWS).map(thing).collect()).unwrap();
        check(&mut session, &rows);
    }

    fn thousands_of_conditions_are_one_filter<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        Repository::<Thing>::insert_many(&mut session, (0..ROWS).map(thing).collect()).unwrap();
        check_conditions(&mut session);
    }

    fn rows_of_long_lists_are_changed_and_deleted<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        Repository::<Thing>::insert_many(&mut session, (0..ROWS).map(thing).collect()).unwrap();
        let list: Filter = Thing::ID.is_in((0..100_000).map(|n| n * 2)).into();
        let changed = session.update_where(&list, &[Thing::SMALL.set(77)]).unwrap();
        assert_eq!(changed, 30);
        assert_eq!(Repository::<Thing>::delete_where(&mut session, &list).unwrap(), 30);
        assert_eq!(session.query::<Thing>().count().unwrap(), 30);
    }
}

/// Numbers of every size, and what is next to zero and next to nothing.
fn numbers(has_infinities: bool) -> Vec<f64> {
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let mut numbers: Vec<f64> = (0..20_000)
        .map(|n| {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            match n % 12 {
                0..6 => f64::from((bits >> 40) as i32) / 10_f64.powi(n % 13),
                6..11 => f64::from_bits(bits),
                _ => f64::from_bits(bits >> 9),
            }
        })
        .filter(|number| number.is_finite())
        .collect();
    numbers
        .extend(has_infinities.then_some([f64::INFINITY, f64::NEG_INFINITY]).into_iter().flatten());
    numbers
}

on_every_engine! {
    fn a_long_list_knows_numbers_from_their_neighbours<Engine>(place) {
        let database = database::<Engine>(&place);
        let mut session = database.session().unwrap();
        let numbers = numbers(<Engine as persistence::Engine>::NAME != "MySQL");
        let drafts = (0..).zip(&numbers).map(|(id, &double)| NewThing { id, double: Some(double), ..thing(4) });
        let rows = Repository::<Thing>::insert_many(&mut session, drafts.collect()).unwrap();
        let mut found = |list: Vec<f64>| {
            let list: Filter = Thing::DOUBLE.is_in(list).into();
            [list.clone(), list.not()]
                .map(|filter| Repository::<Thing>::count(&mut session, &filter).unwrap())
        };
        assert_eq!(found(numbers.clone()), [rows.len() as u64, 0]);
        let known: std::collections::HashSet<_> = numbers.iter().map(|number| number.to_bits()).collect();
        let neighbours = numbers.iter().map(|number| number.next_up());
        let neighbours = neighbours.filter(|number| number.is_finite() && !known.contains(&number.to_bits()));
        assert_eq!(found(neighbours.collect()), [0, rows.len() as u64]);
    }
}

#[test]
fn a_long_list_is_found_by_its_index() {
    let place = sqlite();
    let database = database::<SqliteConnection>(&place);
    let mut session = database.session().unwrap();
    let drafts = (0..20_000).map(|id| NewThing { id, ..thing(4) }).collect();
    Repository::<Thing>::insert_many(&mut session, drafts).unwrap();
    let mut query = Query::<Thing>::new();
    query.filter = Thing::ID.is_in((0..1_500).map(|n| n * 7)).into();
    let plan = session.explain(&query, &PageStart::First, 10_000).unwrap();
    assert!(!plan.scans, "{plan:?}");
    assert!(plan.sql.contains("json_each"), "{}", plan.sql);
}

#[test]
fn memory_has_lists_of_any_length() {
    let mut memory = Memory::new().with::<Thing>();
    let rows =
        Repository::<Thing>::insert_many(&mut memory, (0..ROWS).map(thing).collect()).unwrap();
    check(&mut memory, &rows);
    check_conditions(&mut memory);
}
