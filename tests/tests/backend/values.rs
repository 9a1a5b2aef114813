//! Every value goes into a column and is found there by comparison, as every storage it can have.

use chrono::NaiveDate;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use diesel::{MysqlConnection, PgConnection, RunQueryDsl, SqliteConnection};
use integration_tests::{TestDatabase, mysql, postgres, sqlite};
use persistence::backend::{Dialect, Engine};
use persistence::entity::Storage;
use persistence::{ScaledDecimal, Value};

use crate::library::open;

/// The SQL around a value and its storage.
struct Statement<'v> {
    before: &'static str,
    value: &'v Value,
    storage: Storage,
    after: &'static str,
}

impl<DB: Dialect> QueryFragment<DB> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(self.before);
        DB::bind_value(out.reborrow(), self.value, self.storage)?;
        out.push_sql(self.after);
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = (BigInt,);
}

impl<C: diesel::Connection> RunQueryDsl<C> for Statement<'_> {}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn count<C: Engine>(connection: &mut C, statement: &Statement<'_>) -> i64 {
    // The rows that are affected are the rows that are found.
    let shown = format!("{:?} as {:?}", statement.value, statement.storage);
    i64::try_from(connection.execute_returning_count(statement).expect(&shown)).expect("a count")
}

fn check<C: Engine>(database: &TestDatabase, column: &str, storage: Storage, value: &Value) {
    let mut connection = open::<C>(database);
    let run = |connection: &mut C, sql: &str| {
        diesel::sql_query(sql).execute(connection).expect(sql);
    };
    run(&mut connection, "DROP TABLE IF EXISTS t");
    run(&mut connection, &format!("CREATE TABLE t (v {column})"));
    for value in [&Value::Null, value] {
        let insert = Statement { before: "INSERT INTO t (v) VALUES (", value, storage, after: ")" };
        assert_eq!(count(&mut connection, &insert), 1);
    }
    if column == "json" || column == "JSON" {
        return;
    }
    // Deleting tells how many rows the comparison found.
    let equal = Statement { before: "DELETE FROM t WHERE v = ", value, storage, after: "" };
    assert_eq!(count(&mut connection, &equal), 1, "{value:?} as {storage:?} is found");
}

fn values() -> Vec<(Storage, Value)> {
    let date = NaiveDate::from_ymd_opt(1966, 11, 29).expect("a date");
    let time = chrono::NaiveTime::from_hms_micro_opt(23, 59, 58, 123_456).expect("a time");
    let decimal = Value::Decimal(ScaledDecimal { units: -1_299, scale: 2 });
    let uuid = Value::Uuid(uuid::Uuid::from_u128(0x0123_4567_89ab_cdef));
    let json = Value::Json(serde_json::json!({ "a": [1, null, "é"] }));
    vec![
        (Storage::Bool, Value::Bool(true)),
        (Storage::SmallInt, Value::Integer(-32_768)),
        (Storage::Integer, Value::Integer(2_147_483_647)),
        (Storage::BigInt, Value::Integer(i64::MIN)),
        (Storage::Float, Value::Float(f64::from(0.1_f32))),
        (Storage::Float, Value::Float(0.1)),
        (Storage::Double, Value::Float(0.1)),
        (Storage::Double, decimal.clone()),
        (Storage::Numeric, decimal.clone()),
        (Storage::Integer, decimal.clone()),
        (Storage::BigInt, decimal.clone()),
        (Storage::Text, decimal),
        (Storage::Text, Value::Text("é '\"\\%_".to_owned())),
        (Storage::Text, uuid.clone()),
        (Storage::Text, json.clone()),
        (Storage::Json, json),
        (Storage::Binary, Value::Bytes(vec![0, 1, 255])),
        (Storage::Binary, uuid),
        (Storage::Date, Value::Date(date)),
        (Storage::Time, Value::Time(time)),
        (Storage::Timestamp, Value::Timestamp(date.and_time(time))),
    ]
}

#[test]
fn values_are_stored_and_found_on_sqlite() {
    let database = sqlite();
    for (storage, value) in values() {
        let column = match storage {
            Storage::Bool => "BOOLEAN",
            Storage::SmallInt | Storage::Integer | Storage::BigInt => "BIGINT",
            Storage::Float | Storage::Double => "DOUBLE",
            Storage::Numeric => "NUMERIC",
            Storage::Binary => "BLOB",
            Storage::Json => "JSON",
            _ => "TEXT",
        };
        check::<SqliteConnection>(&database, column, storage, &value);
    }
    let json = Value::Json(serde_json::json!([1]));
    check::<SqliteConnection>(&database, "BLOB", Storage::Jsonb, &json);
}

#[test]
fn values_are_stored_and_found_on_postgres() {
    let database = postgres();
    for (storage, value) in values() {
        let column = match storage {
            Storage::Bool => "boolean",
            Storage::SmallInt => "smallint",
            Storage::Integer => "integer",
            Storage::BigInt => "bigint",
            Storage::Float => "real",
            Storage::Double => "double precision",
            Storage::Numeric => "numeric(20, 2)",
            Storage::Binary => "bytea",
            Storage::Date => "date",
            Storage::Time => "time",
            Storage::Timestamp => "timestamp",
            Storage::Json => "json",
            _ => "text",
        };
        check::<PgConnection>(&database, column, storage, &value);
    }
    let now = chrono::NaiveDateTime::default();
    for (column, storage, value) in [
        ("jsonb", Storage::Jsonb, Value::Json(serde_json::json!({ "a": 1 }))),
        ("uuid", Storage::Uuid, Value::Uuid(uuid::Uuid::from_u128(7))),
        ("timestamptz", Storage::Timestamptz, Value::Timestamp(now)),
    ] {
        check::<PgConnection>(&database, column, storage, &value);
    }
}

#[test]
fn values_are_stored_and_found_on_mysql() {
    let database = mysql();
    for (storage, value) in values() {
        let column = match storage {
            Storage::Bool => "BOOLEAN",
            Storage::SmallInt => "SMALLINT",
            Storage::Integer => "INTEGER",
            Storage::BigInt => "BIGINT",
            Storage::Float => "FLOAT",
            Storage::Double => "DOUBLE",
            Storage::Numeric => "DECIMAL(20, 2)",
            Storage::Binary => "VARBINARY(20)",
            Storage::Date => "DATE",
            Storage::Time => "TIME(6)",
            Storage::Timestamp => "DATETIME(6)",
            Storage::Json => "JSON",
            _ => "VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        };
        check::<MysqlConnection>(&database, column, storage, &value);
    }
}

#[test]
fn a_value_of_the_wrong_type_is_an_error_and_no_statement() {
    let database = sqlite();
    let mut connection = open::<SqliteConnection>(&database);
    let value = Value::from("text");
    let statement =
        Statement { before: "SELECT ", value: &value, storage: Storage::BigInt, after: "" };
    let error = connection_error(&mut connection, &statement);
    assert!(matches!(error, persistence::Error::Data { .. }), "{error:?}");
    let count = diesel::sql_query("SELECT 1 AS number").get_result::<Count>(&mut connection);
    assert_eq!(count.expect("the connection works on").number, 1);
}

fn connection_error(
    connection: &mut SqliteConnection,
    statement: &Statement<'_>,
) -> persistence::Error {
    use diesel::Connection;
    use persistence::Entity;
    let error = connection.execute_returning_count(statement).expect_err("no such bind");
    SqliteConnection::classify(error, crate::library::Book::meta())
}

diesel::table! {
    people (id) {
        id -> BigInt,
        born_at -> Nullable<Timestamp>,
        died_at -> Timestamp,
    }
}

#[derive(Clone, Debug, PartialEq, persistence::Entity)]
#[entity(table = people)]
struct Person {
    #[entity(key)]
    id: i64,
    born_at: Option<chrono::NaiveDateTime>,
    died_at: chrono::NaiveDateTime,
}

fn keeps_times_before_1970<C: persistence::Store<Person>>(database: &TestDatabase, column: &str) {
    use persistence::Repository;
    database.execute(&format!(
        "CREATE TABLE people (id BIGINT PRIMARY KEY, born_at {column}, died_at {column} NOT NULL)"
    ));
    let date = |year| NaiveDate::from_ymd_opt(year, 5, 15).expect("a date");
    let born_at = date(1891).and_hms_micro_opt(1, 2, 3, 4).expect("a time");
    let died_at = date(1940).and_hms_opt(0, 0, 0).expect("a time");
    let database = persistence::Database::<C>::open(database.url()).expect("a database");
    let mut session = database.session().expect("a session");
    let draft = NewPerson { id: 1, born_at: Some(born_at), died_at };
    let person: Person = session.insert(draft).expect("a person");
    let found: Option<Person> = session.find(&1).expect("a search");
    assert_eq!(found, Some(person.clone()));
    assert_eq!(person.born_at, Some(born_at));
    let older = session.count(&Person::BORN_AT.lt(died_at).into_filter()).expect("a count");
    assert_eq!(older, 1);
}

#[test]
fn times_before_1970_are_kept_to_the_microsecond() {
    keeps_times_before_1970::<SqliteConnection>(&sqlite(), "TIMESTAMP");
    keeps_times_before_1970::<PgConnection>(&postgres(), "TIMESTAMP");
    keeps_times_before_1970::<MysqlConnection>(&mysql(), "DATETIME(6)");
}
