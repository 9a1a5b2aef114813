//! The form as the bookshop's entities fill it, without a database.

mod deletion;
mod loan;
mod model;
mod view;

use std::collections::HashMap;

use domain::{Author, Book, User};
use persistence::edit::EditKind;
use persistence::{CatalogEntry, Entity, Error, Record, Value};

use admin_gui::OpenIn;
use admin_gui::form::{FormEvent, RecordForm};
use admin_gui::tasks::{Choice, Labels};

/// Positions of the book's columns.
const ID: usize = 0;
const TITLE: usize = 1;
const AUTHOR: usize = 2;
const ISBN: usize = 3;
const PUBLISHED: usize = 4;
const PRICE: usize = 5;
const IN_PRINT: usize = 6;
const VERSION: usize = 7;

fn solaris() -> Book {
    Book {
        id: 6,
        title: "Solaris".to_owned(),
        author_id: 7,
        isbn: Some("9780156027601".to_owned()),
        published_on: "1961-01-01".parse().ok(),
        price: None,
        in_print: true,
        version: 1,
    }
}

fn labels() -> Labels {
    let mut labels = Labels::default();
    let author = HashMap::from([(Value::Integer(7), "Stanisław Lem".to_owned())]);
    labels.insert(AUTHOR, author);
    labels
}

/// The form of a book that is stored.
fn form() -> RecordForm {
    RecordForm::existing(CatalogEntry::of::<Book>(), solaris().to_record(), &labels())
}

/// The form of a book that is to be inserted.
fn blank() -> RecordForm {
    RecordForm::blank(CatalogEntry::of::<Book>())
}

fn choice(key: i64, label: &str) -> Choice {
    Choice { key: Value::Integer(key), label: label.to_owned() }
}

/// Saves; returns the row that is to be written, NULL where nothing is given.
fn written(form: &mut RecordForm) -> Record {
    let event = form.save();
    edited(form, event.as_ref())
}

/// The row that what a form asks for makes of the one that was read.
fn edited(form: &RecordForm, event: Option<&FormEvent>) -> Record {
    assert_eq!(event, Some(&FormEvent::SaveRequested));
    let edit = form.edit().unwrap();
    assert_eq!(edit.table, form.meta().table);
    let (mut row, given) = match edit.kind {
        EditKind::Insert { columns, .. } => {
            (Record(vec![Value::Null; form.meta().columns.len()]), columns)
        }
        EditKind::Update { columns, .. } => {
            let given = columns.into_iter().map(|edit| (edit.column, edit.after));
            (form.base().clone(), given.collect())
        }
        EditKind::Delete { .. } => panic!("a form deletes nothing"),
    };
    for (column, value) in given {
        row.set(form.meta().position(&column).unwrap(), value.known().unwrap().clone());
    }
    row
}

fn conflict(mine: &Record, theirs: Option<Book>) -> Error {
    persistence::Conflict {
        entity: "Book",
        key: 6.into(),
        base: Some(solaris().to_record()),
        mine: Some(mine.clone()),
        theirs: theirs.map(|book| book.to_record()),
    }
    .into()
}

#[test]
fn the_positions_are_those_of_the_bookshop() {
    for (position, name) in [
        (ID, "id"),
        (TITLE, "title"),
        (AUTHOR, "author_id"),
        (ISBN, "isbn"),
        (PUBLISHED, "published_on"),
        (PRICE, "price"),
        (IN_PRINT, "in_print"),
        (VERSION, "version"),
    ] {
        assert_eq!(Book::meta().position(name), Some(position));
    }
    assert_eq!(Author::meta().position("biography"), Some(3));
    assert_eq!(User::meta().position("created_at"), Some(3));
}
