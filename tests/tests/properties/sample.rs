//! A table with every type of column that all engines have, and its rows.

use std::sync::OnceLock;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use persistence::{Decimal, Draft, Entity, Record, Scalar, Uuid};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::strategy;

mod schema {
    diesel::table! {
        samples (id) {
            id -> BigInt,
            small -> Nullable<SmallInt>,
            number -> Integer,
            big -> Nullable<BigInt>,
            single -> Nullable<Float>,
            ratio -> Nullable<Double>,
            flag -> Nullable<Bool>,
            word -> Nullable<Text>,
            day -> Nullable<Date>,
            clock -> Nullable<Time>,
            moment -> Nullable<Timestamp>,
            price -> Nullable<BigInt>,
            amount -> Nullable<Numeric>,
            token -> Nullable<Binary>,
            kind -> Text,
            bytes -> Nullable<Binary>,
        }
    }
}

/// One of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Scalar)]
pub enum Kind {
    #[scalar(rename = "hard cover")]
    HardCover,
    Paperback,
    #[scalar(rename = "Книга")]
    Book,
}

/// A row with every type of column.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::samples)]
pub struct Sample {
    #[entity(key)]
    pub id: i64,
    pub small: Option<i16>,
    pub number: i32,
    pub big: Option<i64>,
    pub single: Option<f32>,
    pub ratio: Option<f64>,
    pub flag: Option<bool>,
    pub word: Option<String>,
    pub day: Option<NaiveDate>,
    pub clock: Option<NaiveTime>,
    pub moment: Option<NaiveDateTime>,
    pub price: Option<Decimal<2>>,
    pub amount: Option<Decimal<3>>,
    pub token: Option<Uuid>,
    pub kind: Kind,
    pub bytes: Option<Vec<u8>>,
}

/// The table in an engine's own SQL.
pub fn tables(engine: &str) -> &'static str {
    match engine {
        "SQLite" => {
            "CREATE TABLE samples (
                id BIGINT PRIMARY KEY NOT NULL, small SMALLINT, number INTEGER NOT NULL, big BIGINT,
                single FLOAT, ratio DOUBLE, flag BOOLEAN, word TEXT, day DATE, clock TIME,
                moment TIMESTAMP, price BIGINT, amount NUMERIC(12, 3), token BLOB,
                kind TEXT NOT NULL, bytes BLOB)"
        }
        "PostgreSQL" => {
            "CREATE TABLE samples (
                id BIGINT PRIMARY KEY, small SMALLINT, number INTEGER NOT NULL, big BIGINT,
                single REAL, ratio DOUBLE PRECISION, flag BOOLEAN, word TEXT COLLATE \"C\", day DATE,
                clock TIME, moment TIMESTAMP, price BIGINT, amount NUMERIC(12, 3), token BYTEA,
                kind TEXT COLLATE \"C\" NOT NULL, bytes BYTEA)"
        }
        _ => {
            "CREATE TABLE samples (
                id BIGINT PRIMARY KEY, small SMALLINT, number INTEGER NOT NULL, big BIGINT,
                single FLOAT, ratio DOUBLE, flag BOOLEAN,
                word TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, day DATE, clock TIME(6),
                moment DATETIME(6), price BIGINT, amount DECIMAL(12, 3), token BINARY(16),
                kind VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
                bytes VARBINARY(40))"
        }
    }
}

/// How many rows there are.
const ROWS: usize = 200;

/// The rows, the same in every run, their keys in no order.
pub fn rows() -> &'static [Record] {
    static ROWS_OF_ALL_TESTS: OnceLock<Vec<Record>> = OnceLock::new();
    ROWS_OF_ALL_TESTS.get_or_init(|| {
        let mut runner = TestRunner::deterministic();
        let row = strategy::row();
        (0..ROWS)
            .map(|position| {
                let mut row = row.new_tree(&mut runner).expect("a row").current();
                // 97 and the number of rows have no common divisor: each key once.
                let id = (position * 97) % ROWS;
                row.set(0, i64::try_from(id).expect("a small number").into());
                row
            })
            .collect()
    })
}

/// The rows, to be inserted.
pub fn drafts() -> Vec<NewSample> {
    let draft = |row: &Record| {
        NewSample::from_entity(Sample::from_record(row.clone()).expect("a row that fits"))
    };
    rows().iter().map(draft).collect()
}
