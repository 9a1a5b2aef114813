//! The export engine over the bookshop in memory: which rows, and what is left behind.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Address, Author, Book, NewAuthor, NewBook, Price, User};
use persistence::{Catalog, Entity, Filter, Memory, Order, Query, RecordKey, Repository};
use proptest::prelude::*;
use transfer::export::{
    Export, ExportColumns, ExportError, FormatKind, FormatOptions, Rows, Source, SqlDialect,
    Unwatched, Watch, summarize,
};

fn shop(books: i64) -> Catalog {
    let mut shop = Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>();
    let lem = NewAuthor { name: "Stanisław Lem".to_owned(), born_on: None, biography: None };
    let lem: Author = shop.insert(lem).unwrap();
    let book = |number: i64| NewBook {
        title: format!("Book {:03}", number * 7 % 1000),
        author: (&lem).into(),
        isbn: None,
        published_on: None,
        price: (number % 3 > 0).then(|| Price::from_units(number)),
        in_print: true,
    };
    Repository::<Book>::insert_many(&mut shop, (1..=books).map(book).collect()).unwrap();
    shop.commit().unwrap();
    shop.catalog()
}

fn export(rows: Rows, query: Query) -> Export {
    let meta = Book::meta();
    Export {
        source: Source { meta, query, rows },
        columns: ExportColumns::named(meta, ["id"]).unwrap(),
        format: FormatKind::JsonLines,
        options: FormatOptions::new(SqlDialect::Sqlite),
    }
}

/// The ids that come of it.
fn ids(catalog: &Catalog, export: &Export) -> Vec<i64> {
    let text = export.to_text(catalog, u64::MAX - 1, &Unwatched).unwrap();
    let id = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row["id"].as_i64().unwrap()
    };
    text.lines().map(id).collect()
}

fn by(order: &str) -> Query {
    <Query>::new().order(Order::parse(Book::meta(), order).unwrap())
}

#[test]
fn all_rows_come_once_and_in_order_however_many_pages_that_takes() {
    let catalog = shop(5_000);
    assert_eq!(ids(&catalog, &export(Rows::All, by(""))), (1..=5_000).collect::<Vec<_>>());
    assert_eq!(ids(&catalog, &export(Rows::All, by("-id").limit(70))).len(), 70);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn rows_by_their_keys_come_in_the_order_of_all_and_the_others_do_not(
        chosen in prop_oneof![
            prop::collection::hash_set(1..2_600_i64, 0..40),
            prop::collection::hash_set(1..2_600_i64, 600..900),
        ],
        order in prop_oneof![Just(""), Just("-title"), Just("price,-title")],
    ) {
        let catalog = shop(2_500);
        let query = by(order);
        let all = ids(&catalog, &export(Rows::All, query.clone()));
        let keys: Arc<HashSet<RecordKey>> =
            Arc::new(chosen.iter().map(|id| RecordKey::from(*id)).collect());
        let expected: Vec<i64> = all.iter().copied().filter(|id| chosen.contains(id)).collect();
        prop_assert_eq!(ids(&catalog, &export(Rows::These(keys.clone()), query.clone())), expected);
        let others: Vec<i64> = all.into_iter().filter(|id| !chosen.contains(id)).collect();
        prop_assert_eq!(ids(&catalog, &export(Rows::AllBut(keys), query)), others);
    }
}

fn these(ids: impl IntoIterator<Item = i64>) -> Rows {
    Rows::These(Arc::new(ids.into_iter().map(RecordKey::from).collect()))
}

#[test]
fn of_rows_that_are_meant_by_key_only_those_come_that_the_filter_finds() {
    let catalog = shop(10);
    let query = by("").filter(Filter::parse(Book::meta(), "price is null").unwrap());
    assert_eq!(ids(&catalog, &export(these([2, 3, 6, 99]), query)), [3, 6]);
}

#[test]
fn what_is_copied_of_all_but_some_is_not_cut_short() {
    let catalog = shop(10);
    let export = export(Rows::AllBut(Arc::new([RecordKey::from(1)].into())), by(""));
    let text = export.to_text(&catalog, 9, &Unwatched).unwrap();
    assert_eq!(text.lines().count(), 9);
    assert!(matches!(export.to_text(&catalog, 8, &Unwatched), Err(ExportError::TooMany { .. })));
}

#[test]
fn a_sum_is_of_the_rows_that_are_meant() {
    let catalog = shop(10);
    let rows = these(1..=5);
    let source = Source { meta: Book::meta(), query: by(""), rows };
    let price = Book::meta().position("price").unwrap();
    let summary = summarize(&catalog, &source, price, &Unwatched).unwrap();
    assert_eq!((summary.rows, summary.numbers), (5, 4));
    assert_eq!(summary.sum().unwrap(), "0.12");
    // All of them are added up by the database.
    let all = Source { rows: Rows::All, ..source };
    let summary = summarize(&catalog, &all, price, &Unwatched).unwrap();
    assert_eq!((summary.rows, summary.numbers), (10, 7));
    assert_eq!(summary.sum().unwrap(), "0.37");
    assert_eq!(summary.average().unwrap(), "0.05");
}

/// Wants the work to end after some rows.
struct Impatient(AtomicU64);

impl Watch for Impatient {
    fn done(&self, rows: u64) {
        self.0.store(rows, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1_000
    }
}

#[test]
fn a_cancelled_export_leaves_nothing_and_keeps_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.jsonl");
    let catalog = shop(5_000);
    for format in FormatKind::ALL {
        let export = Export { format, ..export(Rows::All, by("")) };
        std::fs::write(&path, "old").unwrap();
        let error = export.write_file(&catalog, &path, &Impatient(AtomicU64::new(0))).unwrap_err();
        assert!(matches!(error, ExportError::Cancelled), "{format:?}: {error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{format:?}");
    }
}

#[test]
fn an_export_that_fails_leaves_nothing_and_names_the_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("authors.xlsx");
    let mut shop = Memory::new().with::<Author>();
    let author = |biography: String| NewAuthor {
        name: "A".to_owned(),
        born_on: None,
        biography: Some(biography),
    };
    let authors = vec![author("short".to_owned()), author("я".repeat(40_000))];
    Repository::<Author>::insert_many(&mut shop, authors).unwrap();
    shop.commit().unwrap();
    let meta = Author::meta();
    let export = Export {
        source: Source { meta, query: Query::new(), rows: Rows::All },
        columns: ExportColumns::all(meta),
        format: FormatKind::Xlsx,
        options: FormatOptions::new(SqlDialect::Sqlite),
    };
    let error = export.write_file(&shop.catalog(), &path, &Unwatched).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 2, biography: a cell of Excel takes 32767 characters, this text has 40000"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn more_rows_than_were_to_be_taken_are_refused() {
    let catalog = shop(20);
    let error = export(Rows::All, by("")).to_text(&catalog, 19, &Unwatched).unwrap_err();
    assert!(matches!(error, ExportError::TooMany { limit: 19, .. }), "{error}");
    assert!(export(Rows::All, by("")).to_text(&catalog, 20, &Unwatched).is_ok());
}
