//! Rows with long values are listed with the beginnings of these.

use integration_tests::{TestDatabase, on_every_engine};
use persistence::{Browse, Database, Entity, Memory, PageStart, Query};

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

fn check(scans: &mut impl Browse<Scan>) {
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
    // What a preview has cut off is known by how long the whole is.
    let keys = ["second code", "gone", "first code"].map(ToOwned::to_owned);
    let lengths = scans.lengths(&keys).unwrap();
    let of = |row: usize, column: usize| lengths[row].of(column).map(|l| (l.bytes, l.characters));
    assert_eq!(of(2, Scan::BODY.position()), Some((29, Some(15))));
    assert_eq!(of(2, Scan::IMAGE.position()), Some((7, None)));
    assert_eq!(of(0, Scan::TITLE.position()), Some((16, Some(16))));
    assert_eq!(of(0, Scan::BODY.position()), None, "there is no value");
    assert_eq!(of(1, Scan::TITLE.position()), None, "there is no row");
    assert_eq!(of(2, Scan::CODE.position()), None, "a key is never cut");
    assert_eq!(scans.lengths(&[]).unwrap(), []);

    let empty = scans.list(&Query::new().preview(0)).unwrap();
    assert_eq!((empty[0].title.as_str(), empty[0].image.len()), ("", 0));
}

/// The characters of a text that is very long are not counted, its bytes are.
fn check_very_long(scans: &mut impl Browse<Scan>) {
    let body = "ё".repeat(1 << 20);
    let scan: Scan = scans.insert(scan("long", Some(&body))).unwrap();
    let lengths = scans.lengths(&[scan.code]).unwrap();
    let length = lengths[0].of(Scan::BODY.position()).unwrap();
    assert_eq!((length.bytes, length.characters), (2 << 20, None));
}

on_every_engine! {
    fn long_values_are_cut_and_measured_by_the_database<Engine>(place) {
        create(&place);
        let database = Database::<Engine>::open(place.url()).unwrap();
        check(&mut database.session().unwrap());
        check_very_long(&mut database.session().unwrap());
    }
}

#[test]
fn long_values_are_cut_and_measured_in_memory() {
    check(&mut Memory::new().with::<Scan>());
    check_very_long(&mut Memory::new().with::<Scan>());
}
