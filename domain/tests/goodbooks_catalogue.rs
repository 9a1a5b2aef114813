//! The real goodbooks catalogue: ten thousand lines, each accounted for.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::PathBuf;

use domain::goodbooks::isbn_repair::Repair;
use domain::goodbooks::{Goodbooks, GoodbooksBook, Problem};

fn catalogue() -> Vec<GoodbooksBook> {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("BINDERY_DATA").map_or(default, PathBuf::from);
    let path = folder.join("goodbooks-books.csv");
    let file = File::open(&path).unwrap_or_else(|error| {
        panic!(
            "{} is needed ({error}); set BINDERY_DATA to the folder that holds it",
            path.display()
        )
    });
    let lines = Goodbooks::new(file).expect("a goodbooks header");
    lines
        .map(|line| line.expect("the file can be read").expect("no line of this file is rejected"))
        .collect()
}

fn counted<K: Ord>(keys: impl IntoIterator<Item = K>) -> Vec<(K, usize)> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts.into_iter().collect()
}

#[test]
fn every_line_becomes_a_book_with_title_and_author() {
    let books = catalogue();
    assert_eq!(books.len(), 10_000);
    assert!(books.iter().map(|book| book.line).eq(2..=10_001));
    let authors: HashSet<_> = books.iter().map(|book| &book.first_author).collect();
    assert_eq!(authors.len(), 3885);
}

#[test]
fn every_isbn_is_kept_restored_or_reported_and_none_is_given_twice() {
    let books = catalogue();
    let repairs = counted(books.iter().map(|book| match (&book.isbn, book.isbn_repair) {
        (Some(_), None) => "as it was",
        (Some(_), Some(Repair::LeadingZeros)) => "leading zeros",
        (Some(_), Some(Repair::Prefix)) => "prefix",
        (Some(_), Some(Repair::Rounding)) => "rounding",
        (Some(_), Some(_)) => "other",
        (None, _) => "none",
    }));
    assert_eq!(
        repairs,
        [
            ("as it was", 2690),
            ("leading zeros", 6587),
            ("none", 670),
            ("prefix", 20),
            ("rounding", 33)
        ]
    );
    let isbns: Vec<_> = books.iter().filter_map(|book| book.isbn.as_ref()).collect();
    assert_eq!(isbns.iter().collect::<HashSet<_>>().len(), isbns.len());
}

#[test]
fn everything_lost_is_reported() {
    let books = catalogue();
    let problems =
        counted(books.iter().flat_map(|book| &book.problems).map(|problem| match problem {
            Problem::IsbnUnproved { .. } => "ISBN unproved",
            Problem::IsbnContradicted { .. } => "ISBN contradicted",
            Problem::YearOutOfRange { .. } => "year out of range",
            Problem::SameTitleAndAuthor { .. } => "same title and author",
            _ => "other",
        }));
    assert_eq!(
        problems,
        [
            ("ISBN contradicted", 28),
            ("ISBN unproved", 105),
            ("same title and author", 1),
            ("year out of range", 31)
        ]
    );
    let homer = books
        .iter()
        .find(|book| book.title == "The Odyssey")
        .expect("the Odyssey is in the catalogue");
    assert_eq!(
        (homer.published_on, &*homer.problems),
        (None, &[Problem::YearOutOfRange { year: -720 }][..])
    );
}
