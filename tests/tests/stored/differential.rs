//! Random values of every storage class in columns of every declared type: what a catalog says of
//! them is what `sqlite3` says, or is marked as something else.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::SqliteConnection;
use integration_tests::{TestDatabase, sqlite};
use persistence::entity::Storage;
use persistence::{
    Database, Decimal, DynRepository, Entity, EntityMeta, Filter, Json, Order, PageStart, Query,
    RawValue, Record, Scalar, ScaledDecimal, Store, Uuid, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use integration_tests::client::sqlite3;

mod schema {
    diesel::table! {
        numbers (id) {
            id -> BigInt,
            truth -> Nullable<Bool>,
            small -> Nullable<SmallInt>,
            whole -> Nullable<Integer>,
            big -> Nullable<BigInt>,
            single -> Nullable<Float>,
            double -> Nullable<Double>,
            price -> Nullable<BigInt>,
            rate -> Nullable<Numeric>,
            share -> Nullable<Double>,
            amount -> Nullable<Text>,
            note -> Nullable<Text>,
        }
    }
    diesel::table! {
        texts (id) {
            id -> BigInt,
            name -> Nullable<Text>,
            color -> Nullable<Text>,
            day -> Nullable<Date>,
            hour -> Nullable<Time>,
            moment -> Nullable<Timestamp>,
            picture -> Nullable<Binary>,
            token -> Nullable<Text>,
            short_token -> Nullable<Binary>,
            document -> Nullable<Text>,
            note -> Nullable<Text>,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scalar)]
enum Color {
    Red,
    Green,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::numbers)]
struct Number {
    #[entity(key, generated)]
    id: i64,
    truth: Option<bool>,
    small: Option<i16>,
    whole: Option<i32>,
    big: Option<i64>,
    single: Option<f32>,
    double: Option<f64>,
    price: Option<Decimal<2>>,
    rate: Option<Decimal<3>>,
    share: Option<Decimal<2>>,
    amount: Option<Decimal<2>>,
    note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::texts)]
struct Written {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    name: Option<String>,
    color: Option<Color>,
    day: Option<NaiveDate>,
    hour: Option<NaiveTime>,
    moment: Option<NaiveDateTime>,
    picture: Option<Vec<u8>>,
    token: Option<Uuid>,
    short_token: Option<Uuid>,
    document: Option<Json>,
    note: Option<String>,
}

/// Literals of every storage class: some are values of some column, most are none of most.
const LITERALS: &[&str] = &[
    "NULL",
    "0",
    "1",
    "2",
    "-1",
    "32768",
    "-2147483649",
    "5000000000",
    "4294967297",
    "9007199254740993",
    "9223372036854775807",
    "0.0",
    "-0.0",
    "0.1",
    "0.25",
    "12.5",
    "1.005",
    "0.1 + 0.2",
    "1e300",
    "9e999",
    "-9e999",
    "1e18",
    "''",
    "'abc'",
    "'12'",
    "'12.50'",
    "'12,50'",
    "'n/a'",
    "'red'",
    "'Red'",
    "'2001-03-02'",
    "'02/03/2001'",
    "'2001-03-02 10:20:30'",
    "'2001-03-02 10:20:30.000'",
    "'2001-03-02 10:20:30.000000'",
    "'2001-03-02 10:20:30.125'",
    "'2001-03-02T10:20:30'",
    "'2001-03-02 10:20:30Z'",
    "'2001-03-02 10:20:30+03:00'",
    "'10:20:30'",
    "'10:20'",
    "'25:00:00'",
    "'23-02-01'",
    "'{\"a\": 1}'",
    "'{'",
    "'67e55044-10b1-426f-9247-bb680e5fe0c8'",
    "'67E55044-10B1-426F-9247-BB680E5FE0C8'",
    "X''",
    "X'00ff'",
    "X'67e5504410b1426f9247bb680e5fe0c8'",
    "CAST(X'ff61' AS TEXT)",
    "'x' || char(65533)",
];

type Declared = [(&'static str, &'static [&'static str])];

/// The columns whose cells are random, with the types that others declare for such.
const NUMBERS: &Declared = &[
    ("truth", &["BOOLEAN", "INTEGER", "TEXT", ""]),
    ("small", &["SMALLINT", ""]),
    ("whole", &["INTEGER", "TEXT", ""]),
    ("big", &["BIGINT", "NUMERIC", ""]),
    ("single", &["FLOAT", "INTEGER", ""]),
    ("double", &["DOUBLE", "NUMERIC", "TEXT", ""]),
    ("price", &["BIGINT", "REAL", ""]),
    ("rate", &["NUMERIC(10, 3)", "REAL", ""]),
    ("share", &["REAL", "NUMERIC", ""]),
    ("amount", &["TEXT", "NUMERIC", ""]),
];

/// The same, of the other table.
const TEXTS: &Declared = &[
    ("name", &["TEXT", "VARCHAR(20)", "INTEGER", ""]),
    ("color", &["TEXT", ""]),
    ("day", &["DATE", "TEXT", ""]),
    ("hour", &["TIME", "TEXT", ""]),
    ("moment", &["DATETIME", "TIMESTAMP", "TEXT", ""]),
    ("picture", &["BLOB", "TEXT", ""]),
    ("token", &["TEXT", ""]),
    ("short_token", &["BLOB", ""]),
    ("document", &["TEXT", "JSON", ""]),
];

#[derive(Clone, Debug)]
struct World {
    table: &'static str,
    types: Vec<&'static str>,
    rows: Vec<Vec<&'static str>>,
}

fn world(
    table: &'static str,
    declared: &'static Declared,
) -> impl proptest::strategy::Strategy<Value = World> {
    let types: Vec<_> = declared.iter().map(|(_, types)| select(types.to_vec())).collect();
    let row = vec(select(LITERALS), declared.len());
    (types, vec(row, 1..9)).prop_map(move |(types, rows)| World { table, types, rows })
}

impl World {
    fn declared(&self) -> &'static Declared {
        if self.table == "numbers" { NUMBERS } else { TEXTS }
    }

    fn create(&self) -> TestDatabase {
        let database = sqlite();
        let columns: Vec<_> = self
            .declared()
            .iter()
            .zip(&self.types)
            .map(|((name, _), kind)| format!("{name} {kind}"))
            .collect();
        let columns = columns.join(", ");
        let table = self.table;
        let mut sql =
            format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY, {columns}, note TEXT);");
        let names: Vec<_> = self.declared().iter().map(|(name, _)| *name).collect();
        for row in &self.rows {
            let (names, cells) = (names.join(", "), row.join(", "));
            sql.push_str(&format!("INSERT INTO {table} ({names}) VALUES ({cells});"));
        }
        database.execute(&sql);
        database
    }
}

/// A value as SQLite's `quote()` writes what is stored for it; `None` where there are several ways.
fn quoted(value: &Value, storage: Storage) -> Option<String> {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let bytes = |bytes: &[u8]| {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        format!("X'{digits}'")
    };
    Some(match value {
        Value::Null => "NULL".into(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Integer(integer) | Value::Raw(RawValue::Integer(integer)) => integer.to_string(),
        Value::Decimal(decimal) if storage == Storage::BigInt => decimal.units.to_string(),
        Value::Decimal(decimal) if storage == Storage::Text => text(&decimal.to_string()),
        Value::Text(value) | Value::Raw(RawValue::Text(value)) => text(value),
        Value::Date(_) | Value::Time(_) => text(&value.to_string()),
        Value::Timestamp(moment) => text(&moment.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
        Value::Uuid(uuid) if storage == Storage::Text => text(&uuid.to_string()),
        Value::Uuid(uuid) => bytes(uuid.as_bytes()),
        Value::Bytes(value) | Value::Raw(RawValue::Bytes(value)) => bytes(value),
        Value::Float(_) | Value::Decimal(_) | Value::Json(_) | Value::Raw(_) | Value::Masked => {
            return None;
        }
    })
}

/// Whether what is stored, as `typeof` and `quote` say it, is that value.
fn is_same(value: &Value, storage: Storage, kind: &str, stored: &str) -> bool {
    let number = || match stored {
        "9.0e+999" | "Inf" => f64::INFINITY,
        "-9.0e+999" | "-Inf" => f64::NEG_INFINITY,
        stored => stored.parse().unwrap_or(f64::NAN),
    };
    match value {
        // `quote` writes them as they are, and they are no text to read.
        Value::Raw(RawValue::NonUtf8(_)) => kind == "text",
        Value::Float(float) | Value::Raw(RawValue::Float(float)) => {
            matches!(kind, "real" | "integer") && *float == number()
        }
        Value::Decimal(decimal) if storage == Storage::Double || storage == Storage::Numeric => {
            let whole = stored.parse().map(|units| ScaledDecimal { units, scale: 0 });
            match kind {
                "integer" => whole == Ok(*decimal),
                _ => kind == "real" && decimal.to_f64() == number(),
            }
        }
        Value::Json(document) => {
            kind == "text"
                && serde_json::from_str::<serde_json::Value>(
                    &stored.trim_matches('\'').replace("''", "'"),
                )
                .is_ok_and(|stored| stored == *document)
        }
        value => quoted(value, storage).as_deref() == Some(stored),
    }
}

/// A query for all rows.
fn all() -> Query {
    Query::new()
}

fn ids(records: &[Record]) -> Vec<i64> {
    records.iter().map(|record| record.value(0).as_integer().unwrap()).collect()
}

fn numbers(lines: &[String]) -> Vec<i64> {
    lines.iter().map(|line| line.parse().unwrap()).collect()
}

fn walk(repository: &mut dyn DynRepository, query: &Query, from: PageStart, size: u64) -> Vec<i64> {
    let is_backwards = from == PageStart::Last;
    let mut found = Vec::new();
    let mut start = Some(from);
    while let Some(from) = start.take() {
        let page = repository.page(query, &from, size).unwrap();
        let mut rows = ids(&page.rows);
        if is_backwards {
            rows.reverse();
        }
        found.extend(rows);
        assert!(found.len() < 100, "the walk goes round and round: {found:?}");
        start = if is_backwards { page.previous } else { page.next };
    }
    if is_backwards {
        found.reverse();
    }
    found
}

fn check_column(
    repository: &mut dyn DynRepository,
    file: &TestDatabase,
    meta: &'static EntityMeta,
    position: usize,
    records: &[Record],
) {
    let column = &meta.columns[position];
    let (table, name) = (meta.table, column.name);
    let stored = sqlite3(
        file,
        &format!(
            "SELECT typeof({name}) || ' ' || replace(quote({name}), char(10), ' ') FROM {table} ORDER BY id"
        ),
    );
    for (record, stored) in records.iter().zip(&stored) {
        let (kind, stored) = stored.split_once(' ').unwrap();
        let value = record.value(position);
        assert!(
            is_same(value, column.storage, kind, stored),
            "{name} of {}: {value:?} for the {kind} {stored}",
            record.value(0)
        );
    }
    if column.column_type == persistence::ColumnType::Json {
        return;
    }
    for (direction, typed) in [("", name.to_owned()), (" DESC", format!("-{name}"))] {
        let expected = numbers(&sqlite3(
            file,
            &format!("SELECT id FROM {table} ORDER BY {name}{direction}, id{direction}"),
        ));
        let query = all().order(Order::parse(meta, &typed).unwrap());
        assert_eq!(ids(&repository.list(&query).unwrap()), expected, "sorted by {typed}");
        for size in [1, 2, 3] {
            let forward = walk(repository, &query, PageStart::First, size);
            assert_eq!(forward, expected, "pages of {size} by {typed}");
            let backward = walk(repository, &query, PageStart::Last, size);
            assert_eq!(backward, expected, "pages of {size} from the end by {typed}");
        }
    }
    let groups = sqlite3(
        file,
        &format!(
            "SELECT group_concat(id) FROM (SELECT id, {name} FROM {table} ORDER BY id) GROUP BY {name}"
        ),
    );
    let groups: BTreeSet<Vec<i64>> = groups
        .iter()
        .map(|group| group.split(',').map(|id| id.parse().unwrap()).collect())
        .collect();
    for record in records {
        let value = record.value(position);
        let filter = if value.is_null() {
            Filter::IsNull { column: name.into() }
        } else {
            Filter::equals(name, value.clone())
        };
        let found = ids(&repository.list(&all().filter(filter.clone())).unwrap());
        let expected =
            groups.iter().find(|group| group.contains(&record.value(0).as_integer().unwrap()));
        assert_eq!(Some(&found), expected, "{name} = {value:?}");
        assert_eq!(repository.count(&filter).unwrap(), found.len() as u64);
    }
    let statistics = repository.statistics(name, &Filter::All).unwrap();
    let expected =
        sqlite3(file, &format!("SELECT count(*), count(*) - count({name}) FROM {table}"));
    assert_eq!(vec![format!("{}|{}", statistics.rows, statistics.nulls)], expected, "{name}");
    let frequent = repository.distinct(name, &Filter::All, 100).unwrap();
    assert_eq!(frequent.len(), groups.len(), "the values of {name}: {frequent:?}");
}

fn check_writing(
    repository: &mut dyn DynRepository,
    file: &TestDatabase,
    meta: &'static EntityMeta,
    records: &[Record],
) {
    let note = meta.position("note").unwrap();
    let everything = format!("SELECT * FROM {} ORDER BY id", meta.table);
    for record in records {
        let mut mine = record.clone();
        mine.set(note, format!("seen {}", record.value(0)).into());
        let written = repository.update_from(record, mine.clone()).unwrap();
        assert_eq!(written, mine);
        assert!(repository.update_from(record, mine).is_err(), "the note has changed since");
    }
    assert!(sqlite3(file, &everything).iter().all(|row| !row.contains("seen")), "not committed");
}

fn check<E: Entity>(world: &World)
where
    SqliteConnection: Store<E>,
{
    let file = world.create();
    let database = Database::<SqliteConnection>::open(file.url()).unwrap();
    let catalog = database.catalog().entity::<E>().build();
    let mut session = catalog.session().unwrap();
    let mut repository = session.repository(world.table).unwrap();
    let meta = E::meta();
    let records = repository.list(&all()).unwrap();
    assert_eq!(records.len(), world.rows.len());
    for position in 1..meta.columns.len() - 1 {
        check_column(&mut *repository, &file, meta, position, &records);
    }
    check_writing(&mut *repository, &file, meta, &records);
    drop(repository);
    drop(session);

    // Typed code gets the same values, or is told which cell is none.
    let mut session = database.session().unwrap();
    let is_odd = |record: &Record| record.0.iter().any(|cell| cell.as_raw().is_some());
    match session.query::<E>().load() {
        Ok(rows) => {
            let rows: Vec<_> = rows.iter().map(Entity::to_record).collect();
            assert_eq!(rows, records);
        }
        Err(persistence::Error::Unreadable(cell)) => {
            let first = records.iter().find(|record| is_odd(record)).unwrap();
            assert_eq!(cell.key.0[..], first.0[..1]);
            let column = meta.position(cell.column).unwrap();
            assert_eq!(cell.stored, first.value(column).to_string());
        }
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_a_catalog_says_of_stored_numbers_is_what_sqlite3_says(
        world in world("numbers", NUMBERS),
    ) {
        check::<Number>(&world);
    }

    #[test]
    fn what_a_catalog_says_of_stored_texts_is_what_sqlite3_says(world in world("texts", TEXTS)) {
        check::<Written>(&world);
    }
}
