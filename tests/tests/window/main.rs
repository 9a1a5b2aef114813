//! The window, used as a person does, on a display in memory.

mod clerk;
mod clipboard;
mod closing;
mod editing;
mod keys;
mod settings;
mod staging;
mod two_windows;

use std::path::Path;

use domain::{Author, Book, NewAuthor, NewBook};
use integration_tests::TestDatabase;
use integration_tests::command::{Bindery, on_sqlite};
use integration_tests::window::{Display, Part, Spot, Window};
use persistence::Repository;

fn open<'a>(display: &'a Display, bindery: &Bindery) -> Window<'a> {
    Window::open(display, bindery, Path::new(env!("CARGO_TARGET_TMPDIR")))
}

/// Opens the record of the first row.
fn open_record(window: &mut Window<'_>) {
    window.click(Spot::FirstRow, Part::Rows, "the cell");
    window.changes(Part::Record, "the record", |window| window.press("F4"));
}

/// A shop with books of these titles.
fn shop(titles: &[&str]) -> Bindery {
    let bindery = on_sqlite();
    let mut session = editing::session(&bindery.database);
    let lem = NewAuthor { name: "Stanisław Lem".to_owned(), born_on: None, biography: None };
    let lem: Author = session.insert(lem).expect("an author");
    for title in titles {
        let book = NewBook {
            title: (*title).to_owned(),
            author: (&lem).into(),
            isbn: None,
            published_on: None,
            price: None,
            in_print: true,
        };
        let _: Book = session.insert(book).expect("a book");
    }
    session.commit().expect("a shop");
    bindery
}

/// The title of a book as it is stored.
fn title(database: &TestDatabase, id: i64) -> Option<String> {
    let book: Book = editing::session(database).find(&id).ok()??;
    Some(book.title)
}
