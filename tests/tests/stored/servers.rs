//! What the servers' types hold beyond Rust's: marked, not cut, and found where the server finds it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use integration_tests::{MysqlConnection, PgConnection, TestDatabase, mysql, postgres};
use persistence::{
    Database, Decimal, Engine, Entity, Error, Filter, Order, PageStart, Query, Store, Value,
};

use integration_tests::client::{mariadb, psql};

mod schema {
    diesel::table! {
        wide (id) {
            id -> BigInt,
            whole -> Nullable<BigInt>,
            ratio -> Nullable<Numeric>,
            day -> Nullable<Date>,
            hour -> Nullable<Time>,
            moment -> Nullable<Timestamp>,
            note -> Nullable<Text>,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::wide)]
struct Wide {
    #[entity(key, generated)]
    id: i64,
    whole: Option<i64>,
    ratio: Option<Decimal<2>>,
    day: Option<NaiveDate>,
    hour: Option<NaiveTime>,
    moment: Option<NaiveDateTime>,
    note: Option<String>,
}

/// A query for all rows.
fn all() -> Query {
    Query::new()
}

/// What a column holds in each row, as the server's client prints it, and whether it is odd.
type Cells = [(&'static str, bool)];

fn check<C: Engine + Store<Wide>>(
    place: &TestDatabase,
    column: &str,
    cells: &Cells,
    client: fn(&TestDatabase, &str) -> Vec<String>,
) {
    let database = Database::<C>::open(place.url()).unwrap();
    let catalog = database.catalog().entity::<Wide>().build();
    let mut session = catalog.session().unwrap();
    let mut rows = session.repository("wide").unwrap();
    let meta = Wide::meta();
    let position = meta.position(column).unwrap();
    let records = rows.list(&all()).unwrap();
    assert_eq!(records.len(), cells.len(), "every row is there");
    for (record, (stored, is_odd)) in records.iter().zip(cells) {
        let value = record.value(position);
        assert_eq!(value.as_raw().is_some(), *is_odd, "{column}: {value:?} for {stored}");
        if *is_odd {
            assert_eq!(value.to_string(), *stored);
        }
        let found = rows.list(&all().filter(Filter::equals(column.to_owned(), value.clone())));
        let found = found.unwrap();
        assert!(found.contains(record), "{column} = {value:?} finds {found:?}");
        assert_eq!(found.len(), 1, "{column} = {value:?}");
    }
    for (direction, order) in [("", column.to_owned()), (" DESC", format!("-{column}"))] {
        let sorted =
            client(place, &format!("SELECT id FROM wide ORDER BY {column}{direction}, id"));
        let query = all().order(Order::parse(meta, &order).unwrap());
        for size in 1..4 {
            let (mut walked, mut start) = (Vec::new(), Some(PageStart::First));
            while let Some(from) = start {
                let page = rows.page(&query, &from, size).unwrap();
                walked.extend(page.rows.iter().map(|row| row.value(0).to_string()));
                assert!(walked.len() <= cells.len(), "{order} in pages of {size}: {walked:?}");
                start = page.next;
            }
            assert_eq!(walked, sorted, "{order} in pages of {size}");
        }
    }
    // What is odd stays so while the rest of the row is written, and is mended like any other cell.
    let note = meta.position("note").unwrap();
    for record in &records {
        let mut mine = record.clone();
        mine.set(note, "seen".into());
        let seen = rows.update_from(record, mine.clone()).unwrap();
        assert_eq!(seen, mine);
        if seen.value(position).as_raw().is_some() {
            mine.set(position, Value::Null);
            assert_eq!(rows.update_from(&seen, mine.clone()).unwrap(), mine);
        }
    }
    drop(rows);
    drop(session);
    let mut session = database.session().unwrap();
    match session.query::<Wide>().load() {
        Err(Error::Unreadable(cell)) => assert_eq!(cell.column, column),
        other => assert!(cells.iter().all(|(_, is_odd)| !is_odd), "{other:?}"),
    }
}

#[test]
fn what_postgres_holds_beyond_rusts_types_is_marked() {
    let cases: [(&str, &str, &Cells); 6] = [
        ("hour", "time", &[("24:00:00", true), ("00:00:00", false), ("10:20:30", false)]),
        (
            "day",
            "date",
            &[
                ("2001-03-02", false),
                ("infinity", true),
                ("-infinity", true),
                ("0044-03-15 BC", false),
                ("5874897-12-31", true),
            ],
        ),
        (
            "moment",
            "timestamp",
            &[
                ("2001-03-02 10:20:30", false),
                ("infinity", true),
                ("-infinity", true),
                ("294276-12-31 23:59:59.999999", true),
            ],
        ),
        (
            "ratio",
            "numeric",
            &[
                ("0.14285714285714285714", true),
                ("12.5", false),
                ("NaN", true),
                ("99999999999999999999999.00", true),
                ("-0.01", false),
            ],
        ),
        ("whole", "double precision", &[("30.7", true), ("1e300", true), ("12.5", true)]),
        ("whole", "numeric", &[("30.7", true), ("18446744073709551615", true)]),
    ];
    for (column, kind, cells) in cases {
        let place = postgres();
        let columns =
            ["whole bigint", "ratio numeric", "day date", "hour time", "moment timestamp"];
        let columns = columns.map(|declared| {
            let (name, _) = declared.split_once(' ').unwrap();
            if name == column { format!("{name} {kind}") } else { declared.to_owned() }
        });
        let values: Vec<_> = cells.iter().map(|(value, _)| format!("('{value}')")).collect();
        place.execute(&format!(
            "CREATE TABLE wide (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, {}, note text);
             INSERT INTO wide ({column}) VALUES {}",
            columns.join(", "),
            values.join(", ")
        ));
        check::<PgConnection>(&place, column, cells, psql);
    }
}

#[test]
fn what_mariadb_holds_beyond_rusts_types_is_marked() {
    let cases: [(&str, &str, &Cells); 6] = [
        (
            "whole",
            "BIGINT UNSIGNED",
            &[("18446744073709551615", true), ("7", false), ("9223372036854775808", true)],
        ),
        ("whole", "DOUBLE", &[("30.7", true), ("0.5", true)]),
        ("day", "DATE", &[("0000-00-00", true), ("2001-03-02", false), ("2001-00-00", true)]),
        ("moment", "DATETIME(6)", &[("0000-00-00 00:00:00", true), ("2001-03-02 10:20:30", false)]),
        ("hour", "TIME", &[("838:59:59", true), ("-12:00:00", true), ("10:20:30", false)]),
        (
            "ratio",
            "DECIMAL(40, 20)",
            &[("0.14285714285714285714", true), ("12.50000000000000000000", false)],
        ),
    ];
    for (column, kind, cells) in cases {
        let place = mysql();
        let columns =
            ["whole BIGINT", "ratio DECIMAL(20, 2)", "day DATE", "hour TIME", "moment DATETIME(6)"];
        let columns = columns.map(|declared| {
            let (name, _) = declared.split_once(' ').unwrap();
            if name == column { format!("{name} {kind}") } else { declared.to_owned() }
        });
        let values: Vec<_> = cells.iter().map(|(value, _)| format!("('{value}')")).collect();
        place.execute(&format!(
            "SET SESSION sql_mode = '';
             CREATE TABLE wide (id BIGINT AUTO_INCREMENT PRIMARY KEY, {}, note VARCHAR(100));
             INSERT INTO wide ({column}) VALUES {}",
            columns.join(", "),
            values.join(", ")
        ));
        check::<MysqlConnection>(&place, column, cells, mariadb);
    }
}
