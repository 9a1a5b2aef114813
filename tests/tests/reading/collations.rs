//! Pages of rows that a column sorts by rules of its own: every row once, in the engine's order.

use std::fmt::Write as _;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use integration_tests::{TestDatabase, mysql, on_every_engine, postgres, sqlite};
use persistence::backend::Engine;
use persistence::{
    Browse, Cursor, Database, Draft, Drift, Entity, PageStart, Query, Repository, Scalar, Store,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

diesel::table! {
    awkward (id) {
        id -> BigInt,
        text -> Nullable<Text>,
        other -> Text,
        number -> Nullable<Double>,
    }
}

diesel::table! {
    coded (code, part) {
        code -> Text,
        part -> Integer,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    films (id) {
        id -> BigInt,
        rating -> Nullable<Text>,
        remark -> Nullable<Text>,
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = awkward)]
struct Awkward {
    #[entity(key)]
    id: i64,
    text: Option<String>,
    #[entity(label)]
    other: String,
    number: Option<f64>,
}

/// A row whose key sorts by rules of its own.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = coded)]
struct Coded {
    #[entity(key)]
    code: String,
    #[entity(key)]
    part: i32,
    note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scalar)]
enum Rating {
    #[scalar(rename = "g")]
    General,
    #[scalar(rename = "PG-13")]
    Parents,
    #[scalar(rename = "R")]
    Restricted,
    #[scalar(rename = "a")]
    Adults,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = films)]
struct Film {
    #[entity(key)]
    id: i64,
    rating: Option<Rating>,
    remark: Option<String>,
}

/// Types of text columns whose rules are their own, and what has to be there before them.
const POSTGRES: [&str; 7] = [
    "citext",
    "text COLLATE \"und-x-icu\"",
    "text COLLATE loose",
    "varchar(2000) COLLATE \"en-x-icu\"",
    "character(6)",
    "text COLLATE \"C\"",
    "cut",
];
const POSTGRES_NEEDS: &str = "CREATE EXTENSION citext; CREATE DOMAIN cut AS character(5); \
    CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)";
const MYSQL: [&str; 8] = [
    "VARCHAR(2000) COLLATE utf8mb4_general_ci",
    "VARCHAR(300) COLLATE utf8mb4_bin",
    "VARCHAR(300) COLLATE utf8mb4_unicode_520_ci",
    "VARCHAR(300) COLLATE utf8mb4_nopad_bin",
    "VARCHAR(300) CHARACTER SET latin1 COLLATE latin1_swedish_ci",
    "CHAR(6) COLLATE utf8mb4_unicode_ci",
    "TEXT COLLATE utf8mb4_general_ci",
    "TEXT COLLATE utf8mb4_bin",
];
const SQLITE: [&str; 4] =
    ["TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "TEXT", "CHAR(6) COLLATE NOCASE"];

const TEXTS: [&str; 20] = [
    "", "a", "A", "a ", "a  ", " a", "ab", "aB", "Ab", "b", "B", "ä", "Ä", "z", "Z", "_", "10",
    "9", "é", "~",
];
/// What not every character set has, or takes more than six characters.
const MORE_TEXTS: [&str; 6] = ["e\u{301}", "ß", "ss", "ﬁ", "\u{1f600}", "я"];
const NUMBERS: [f64; 6] = [0.0, -0.0, 1.5, -1.5, f64::MIN_POSITIVE, 1e300];
const INFINITE: [f64; 3] = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

const ORDERS: [&str; 8] = [
    "text",
    "-text",
    "other,-text",
    "-text,number",
    "text,-number,other",
    "number",
    "-number,text",
    "-other",
];

/// What a column of that type takes, and its engine says of it.
struct Column {
    sql_type: &'static str,
    texts: Vec<String>,
    numbers: Vec<f64>,
}

impl Column {
    fn of<C: Engine>(sql_type: &'static str) -> Self {
        let is_short = sql_type.contains("(6)") || sql_type == "cut";
        let mut texts: Vec<String> = TEXTS.iter().map(|&text| text.to_owned()).collect();
        if !sql_type.contains("latin1") {
            texts.extend(MORE_TEXTS.iter().map(|&text| text.to_owned()));
        }
        if !is_short && !sql_type.contains("(300)") {
            // Alike for longer than MariaDB sorts by.
            texts.extend(["b", "a", "B"].map(|end| format!("{}{end}", "x".repeat(1_100))));
        }
        let mut numbers = NUMBERS.to_vec();
        match C::NAME {
            "PostgreSQL" => numbers.extend(INFINITE),
            // NaN is NULL there.
            "SQLite" => numbers.extend(&INFINITE[..2]),
            _ => {}
        }
        Self { sql_type, texts, numbers }
    }

    fn rows(&self) -> impl Strategy<Value = Vec<Awkward>> + use<> {
        let text = || select(self.texts.clone());
        let row = (of(text()), text(), of(select(self.numbers.clone())));
        vec(row, 1..28).prop_map(|rows| {
            let row = |(id, (text, other, number))| Awkward { id, text, other, number };
            (0..).zip(rows).map(row).collect()
        })
    }
}

/// The rows of a query page by page: forwards, then backwards.
fn walked<E: Entity>(
    repository: &mut impl Repository<E>,
    query: &Query<E>,
    size: u64,
) -> (Vec<E>, Vec<E>) {
    let (mut forwards, mut start) = (Vec::new(), Some(PageStart::First));
    while let Some(from) = start {
        let page = repository.page(query, &from, size).unwrap();
        forwards.extend(page.rows);
        start = page.next;
        assert!(forwards.len() < 1_000, "no end: {query:?}");
    }
    let (mut backwards, mut start) = (Vec::new(), Some(PageStart::Last));
    while let Some(from) = start {
        let page = repository.page(query, &from, size).unwrap();
        backwards.extend(page.rows.into_iter().rev());
        start = page.previous;
        assert!(backwards.len() < 1_000, "no end: {query:?}");
    }
    backwards.reverse();
    (forwards, backwards)
}

/// How many rows strides of that length count.
fn counted<E: Entity>(repository: &mut impl Browse<E>, query: &Query<E>, rows: u64) -> u64 {
    let (mut count, mut after) = (0, None::<Cursor>);
    loop {
        let stride = repository.stride(query, after.as_ref(), rows).unwrap();
        count += stride.rows;
        let Some(end) = stride.end else { return count };
        after = Some(end);
        assert!(count < 1_000, "no end: {query:?}");
    }
}

fn check_pages<E: Entity>(
    repository: &mut impl Browse<E>,
    order: &str,
    expected: &[RowKey],
    key: impl Fn(&E) -> RowKey,
    about: &str,
) {
    let query = Query::<E>::parse("", order).unwrap();
    let keys = |rows: &[E]| rows.iter().map(&key).collect::<Vec<_>>();
    assert_eq!(keys(&repository.list(&query).unwrap()), expected, "{about}, by {order}");
    for size in [1, 2, 5] {
        let (forwards, backwards) = walked(repository, &query, size);
        assert_eq!(keys(&forwards), expected, "{about}, by {order}, {size} a page");
        assert_eq!(keys(&backwards), expected, "{about}, back by {order}, {size} a page");
        assert_eq!(counted(repository, &query, size), expected.len() as u64, "{about}, by {order}");
    }
}

type RowKey = i64;

/// `-text,id` in SQL.
fn order_by<C: Engine>(order: &str) -> String {
    let mut sql = String::new();
    let is_descending = order.rsplit(',').next().is_some_and(|term| term.starts_with('-'));
    for term in order.split(',').chain([if is_descending { "-id" } else { "id" }]) {
        let comma = if sql.is_empty() { "" } else { ", " };
        let nulls = C::NAME == "PostgreSQL";
        match term.strip_prefix('-') {
            Some(name) => {
                write!(sql, "{comma}{name} DESC{}", if nulls { " NULLS LAST" } else { "" })
            }
            None => write!(sql, "{comma}{term} ASC{}", if nulls { " NULLS FIRST" } else { "" }),
        }
        .unwrap();
    }
    sql
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

fn runner(cases: u32) -> TestRunner {
    let config =
        Config { cases, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Pages in every order against what the engine's own `ORDER BY` says.
macro_rules! check_engine {
    ($connection:ty, $place:expr, $needs:expr, $types:expr) => {{
        let place: TestDatabase = $place;
        if !$needs.is_empty() {
            place.execute($needs);
        }
        for sql_type in $types {
            let database = Database::<$connection>::open(place.url()).unwrap();
            place.execute(&format!(
                "CREATE TABLE awkward (id BIGINT NOT NULL PRIMARY KEY, text {sql_type}, \
                 other {sql_type} NOT NULL, number DOUBLE PRECISION)"
            ));
            let column = Column::of::<$connection>(sql_type);
            let checked = runner(3).run(&column.rows(), |rows| {
                let mut session = database.session().unwrap();
                let drafts = rows.into_iter().map(NewAwkward::from_entity).collect();
                Repository::<Awkward>::insert_many(&mut session, drafts).unwrap();
                for order in ORDERS {
                    let sql = format!(
                        "SELECT id FROM awkward ORDER BY {}",
                        order_by::<$connection>(order)
                    );
                    let ids = diesel::sql_query(sql).load::<Id>(session.connection().unwrap());
                    let ids: Vec<_> = ids.unwrap().into_iter().map(|row| row.id).collect();
                    check_pages::<Awkward>(
                        &mut session,
                        order,
                        &ids,
                        |row| row.id,
                        column.sql_type,
                    );
                }
                session.rollback().unwrap();
                Ok(())
            });
            place.execute("DROP TABLE awkward");
            checked.unwrap_or_else(|error| panic!("{error}"));
        }
    }};
}

#[test]
fn pages_by_any_collation_of_sqlite_have_every_row_once() {
    check_engine!(SqliteConnection, sqlite(), "", SQLITE);
}

#[test]
fn pages_by_any_collation_of_postgres_have_every_row_once() {
    check_engine!(PgConnection, postgres(), POSTGRES_NEEDS, POSTGRES);
}

#[test]
fn pages_by_any_collation_of_mysql_have_every_row_once() {
    check_engine!(MysqlConnection, mysql(), "", MYSQL);
}

/// Rows are found, changed and deleted by keys of such a column as they were read.
fn check_keys<C: Store<Coded>>(place: &TestDatabase, needs: &str, types: &[&'static str]) {
    if !needs.is_empty() {
        place.execute(needs);
    }
    for sql_type in types.iter().filter(|sql_type| !sql_type.starts_with("TEXT COLLATE utf8")) {
        place.execute(&format!(
            "CREATE TABLE coded (code {sql_type} NOT NULL, part INTEGER NOT NULL, note {sql_type}, \
             PRIMARY KEY (code, part))",
        ).replace("(2000)", "(300)"));
        let database = Database::<C>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let texts = Column::of::<C>(sql_type).texts;
        for (part, code) in (0..).zip(texts.into_iter().filter(|text| text.len() < 300)) {
            let draft = NewCoded { code: code.clone(), part, note: Some(code) };
            Repository::<Coded>::insert(&mut session, draft).unwrap();
        }
        session.commit().unwrap();
        for row in Repository::<Coded>::list(&mut session, &Query::new()).unwrap() {
            let key = (row.code.clone(), row.part);
            let found = Repository::<Coded>::find(&mut session, &key).unwrap();
            assert_eq!(found.as_ref(), Some(&row), "{sql_type}");
            let note = Some("b".to_owned());
            let changed =
                Repository::update_from(&mut session, &row, Coded { note, ..row.clone() });
            assert!(changed.is_ok(), "{sql_type}: {row:?}: {changed:?}");
            Repository::<Coded>::delete(&mut session, &key).unwrap();
        }
        assert_eq!(session.query::<Coded>().count().unwrap(), 0, "{sql_type}");
        session.commit().unwrap();
        drop(session);
        place.execute("DROP TABLE coded");
    }
}

#[test]
fn rows_are_found_by_keys_of_any_collation() {
    check_keys::<SqliteConnection>(&sqlite(), "", &SQLITE);
    check_keys::<PgConnection>(&postgres(), POSTGRES_NEEDS, &POSTGRES);
    check_keys::<MysqlConnection>(&mysql(), "", &MYSQL);
}

/// Films of every rating, several of each, and one of none.
fn films<C: Store<Film>>(place: &TestDatabase, rating: &str) -> Database<C> {
    place.execute(&format!(
        "CREATE TABLE films (id BIGINT NOT NULL PRIMARY KEY, rating {rating}, remark {rating})"
    ));
    place.execute(
        "INSERT INTO films VALUES (1, 'R', 'R'), (2, 'a', 'a'), (3, 'g', 'g'), (4, NULL, NULL), \
         (5, 'PG-13', 'PG-13'), (6, 'a', 'a'), (7, 'R', 'R')",
    );
    Database::open(place.url()).unwrap()
}

/// The enum has an order of its own, which is not that of the names: R, a, PG-13, g.
#[test]
fn pages_by_an_enum_of_the_server_have_every_row_once() {
    let place = mysql();
    let database = films::<MysqlConnection>(&place, "ENUM('R', 'a', 'PG-13', 'g')");
    let mut session = database.session().unwrap();
    check_pages::<Film>(&mut session, "rating", &[4, 2, 6, 3, 5, 1, 7], |film| film.id, "ENUM");
    check_pages::<Film>(&mut session, "-rating", &[7, 1, 5, 3, 6, 2, 4], |film| film.id, "ENUM");

    let place = postgres();
    place.execute("CREATE TYPE rating AS ENUM ('R', 'a', 'PG-13', 'g')");
    let database = films::<PgConnection>(&place, "rating");
    let mut session = database.session().unwrap();
    check_pages::<Film>(&mut session, "rating", &[4, 1, 7, 2, 6, 5, 3], |film| film.id, "enum");
    check_pages::<Film>(&mut session, "-rating", &[3, 5, 6, 2, 7, 1, 4], |film| film.id, "enum");
}

#[test]
fn pages_by_a_text_that_is_an_enum_of_mysql_are_refused() {
    let place = mysql();
    let database = films::<MysqlConnection>(&place, "ENUM('R', 'a', 'PG-13', 'g')");
    let mut session = database.session().unwrap();
    let query = Query::<Film>::parse("", "remark").unwrap();
    let refused = session.page(&query, &PageStart::First, 3).unwrap_err();
    assert!(refused.to_string().contains("films.remark: an ENUM or SET sorts by"), "{refused}");
}

fn collations<C: Store<Coded>>(place: &TestDatabase, needs: &str, types: &[&str]) -> Vec<String> {
    if !needs.is_empty() {
        place.execute(needs);
    }
    let mut found = Vec::new();
    for sql_type in types {
        place.execute(&format!(
            "CREATE TABLE coded (code {sql_type}, part INTEGER NOT NULL, note {sql_type}, \
             PRIMARY KEY (part))"
        ));
        let database = Database::<C>::open(place.url()).unwrap();
        let drifts = database.check::<(Coded,)>().unwrap();
        let of_note = drifts.iter().map(Drift::to_string).find_map(|drift| {
            let found = drift.strip_prefix("coded.note: compares text by ")?;
            Some(found.trim_end_matches(", expected by code point").to_owned())
        });
        found.push(of_note.unwrap_or_default());
        place.execute("DROP TABLE coded");
    }
    found
}

#[test]
fn columns_that_compare_by_rules_of_their_own_are_drift() {
    let found = collations::<SqliteConnection>(&sqlite(), "", &SQLITE);
    assert_eq!(found, ["NOCASE", "RTRIM", "", "NOCASE"]);

    let types = [&POSTGRES[..], &["text", "name"]].concat();
    let found = collations::<PgConnection>(&postgres(), POSTGRES_NEEDS, &types);
    let own = ["citext", "und-x-icu", "loose", "en-x-icu", "character", "", "character", "", ""];
    assert_eq!(found, own);

    let types = [&MYSQL[..7], &["ENUM('a', 'b')"]].concat();
    let found = collations::<MysqlConnection>(&mysql(), "", &types);
    let own = [
        "utf8mb4_general_ci",
        "",
        "utf8mb4_unicode_520_ci",
        "",
        "latin1_swedish_ci",
        "utf8mb4_unicode_ci",
        "utf8mb4_general_ci",
        "the order of the enum",
    ];
    assert_eq!(found, own);
}

on_every_engine! {
    fn a_walk_over_rows_that_are_alike_but_for_their_key_ends<Engine>(place) {
        place.execute(
            "CREATE TABLE awkward (id BIGINT NOT NULL PRIMARY KEY, text VARCHAR(9), \
             other VARCHAR(9) NOT NULL, number DOUBLE PRECISION)",
        );
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        for id in 0..9 {
            let draft = NewAwkward { id, text: None, other: "x".into(), number: None };
            Repository::<Awkward>::insert(&mut session, draft).unwrap();
        }
        let rows: Vec<_> = session.query::<Awkward>().walk(2).map(Result::unwrap).collect();
        assert_eq!(rows.len(), 9);
    }
}
