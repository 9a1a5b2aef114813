//! Rows with long values are listed with the beginnings of these.

use integration_tests::{TestDatabase, on_every_engine};
use persistence::{Database, Entity, Memory, PageStart, Query, Repository};

diesel::table! {
    scans (code) {
        code -> Text,
        title -> Text,
        body -> Nullable<Text>,
        image -> Binary,
        kind -> Text,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, persistence::Scalar)]
enum Kind {
    Manuscript,
}

/// A scanned page.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = scans)]
struct Scan {
    #[entity(key)]
    code: String,
    title: String,
    body: Option<String>,
    image: Vec<u8>,
    kind: Kind,
}

fn create(place: &TestDatabase) {
    let (text, code, bytes) = match place.url() {
        url if url.starts_with("postgres") => ("TEXT COLLATE \"C\"", "TEXT COLLATE \"C\"", "BYTEA"),
        url if url.starts_with("mysql") => ("LONGTEXT", "VARCHAR(100)", "LONGBLOB"),
        _ => ("TEXT", "TEXT", "BLOB"),
    };
    place.execute(&format!(
        "CREATE TABLE scans (code {code} NOT NULL PRIMARY KEY, title {text} NOT NULL, body {text},
             image {bytes} NOT NULL, kind {text} NOT NULL)"
    ));
}

fn scan(code: &str, body: Option<&str>) -> NewScan {
    NewScan {
        code: code.into(),
        title: format!("Page {code}"),
        body: body.map(Into::into),
        image: vec![0, 1, 2, 255, 4, 5, 6],
        kind: Kind::Manuscript,
    }
}

fn check(scans: &mut impl Repository<Scan>) {
    let whole = vec![scan("first code", Some("Ёжик в тумане 🦔")), scan("second code", None)];
    let whole: Vec<Scan> = scans.insert_many(whole).unwrap();
    let query = Query::<Scan>::new().preview(6);
    let rows = scans.list(&query).unwrap();
    let [first, second] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((first.code.as_str(), first.title.as_str()), ("first code", "Page f"));
    assert_eq!((first.body.as_deref(), &first.image), (Some("Ёжик в"), &vec![0, 1, 2, 255, 4, 5]));
    assert_eq!((first.kind, second.body.as_deref()), (Kind::Manuscript, None));

    let sorted = query.clone().order(Scan::TITLE.desc());
    let page = scans.page(&sorted, &PageStart::First, 1).unwrap();
    assert_eq!(page.rows[0].title, "Page second code", "what is sorted by is a place");
    let next = scans.page(&sorted, &page.next.unwrap(), 1).unwrap();
    assert_eq!(next.rows[0].title, "Page first code");
    assert_eq!(next.rows[0].body.as_deref(), Some("Ёжик в"));

    assert_eq!(scans.list(&Query::new().preview(1_000)).unwrap(), whole);
    assert_eq!(scans.list(&Query::new().preview(u64::MAX)).unwrap(), whole);
    assert_eq!(scans.list(&Query::new()).unwrap(), whole);
    assert_eq!(scans.find(&whole[0].code).unwrap().unwrap(), whole[0]);
    let empty = scans.list(&Query::new().preview(0)).unwrap();
    assert_eq!((empty[0].title.as_str(), empty[0].image.len()), ("", 0));
}

on_every_engine! {
    fn long_values_are_cut_by_the_database<Engine>(place) {
        create(&place);
        let database = Database::<Engine>::open(place.url()).unwrap();
        check(&mut database.session().unwrap());
    }
}

#[test]
fn long_values_are_cut_in_memory() {
    check(&mut Memory::new().with::<Scan>());
}
