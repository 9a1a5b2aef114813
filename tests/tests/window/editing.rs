//! A person edits and deletes.

use domain::{Address, Author, Book, User};
use integration_tests::command::{goodbooks, on_sqlite};
use integration_tests::window::{Display, Part, Spot};
use integration_tests::{SqliteConnection, TestDatabase};
use persistence::{Database, Query, Repository, Session};

use super::open;

const TITLE: &str = "The Hobbit";
const BETTER_TITLE: &str = "The Hobbit, or There and Back Again";
const UNWANTED_TITLE: &str = "Animal Farm";

/// All that a database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holdings {
    books: Vec<Book>,
    authors: Vec<Author>,
    users: Vec<User>,
    addresses: Vec<Address>,
}

impl Holdings {
    fn of(database: &TestDatabase) -> Self {
        let session = &mut session(database);
        Self {
            books: session.list(&Query::new()).expect("books"),
            authors: session.list(&Query::new()).expect("authors"),
            users: session.list(&Query::new()).expect("users"),
            addresses: session.list(&Query::new()).expect("addresses"),
        }
    }

    /// The only book of that title.
    fn book(&self, title: &str) -> &Book {
        let found: Vec<&Book> = self.books.iter().filter(|book| book.title == title).collect();
        assert_eq!(found.len(), 1, "books called {title}");
        found.first().expect("one book")
    }

    /// Where the books differ, in place of ten thousand of them.
    fn differences(&self, other: &Self) -> Vec<Book> {
        let only = |these: &Self, those: &Self| -> Vec<Book> {
            these.books.iter().filter(|book| !those.books.contains(book)).cloned().collect()
        };
        [only(self, other), only(other, self)].concat()
    }
}

pub fn session(database: &TestDatabase) -> Session<SqliteConnection> {
    let database = Database::<SqliteConnection>::open(database.url()).expect("the same database");
    database.session().expect("a session")
}

fn by_title(title: &str) -> String {
    format!("title = \"{title}\"")
}

#[test]
fn what_a_person_edits_and_deletes_in_the_window_is_what_the_database_holds_after_a_restart() {
    let display = Display::start();
    let bindery = on_sqlite();
    bindery.succeeds(&["import", "books", &goodbooks()]);
    let imported = Holdings::of(&bindery.database);
    let edited = imported.book(TITLE).clone();
    let unwanted = imported.book(UNWANTED_TITLE).clone();

    // Find a book, whose row has the keys then, open it, give it another title.
    let mut window = open(&display, &bindery);
    let old_row = window.filter(&by_title(TITLE));
    window.changes(Part::Record, "the record", |window| window.press("F4"));
    window.click(Spot::Title, Part::Record, "the title's focus");
    window.type_over(BETTER_TITLE);
    // Leaves the field, whose cursor would go on blinking.
    window.press("Tab");
    window.changes(Part::Rows, "the new title among the rows", |window| window.press("ctrl+s"));
    window.wait("the new title in the database", |_| {
        let stored = Repository::<Book>::find(&mut session(&bindery.database), &edited.id);
        (stored.ok()??.title == BETTER_TITLE).then_some(())
    });
    window.changes(Part::Record, "the record's end", |window| window.press("Escape"));
    let new_row = window.filter(&by_title(BETTER_TITLE));
    assert_ne!(new_row, old_row, "the new title is to be seen");

    // Find another and delete it, by keys: the first row that is found has them.
    let unwanted_row = window.filter(&by_title(UNWANTED_TITLE));
    window.changes(Part::Rows, "the question", |window| window.press("Delete"));
    // "Cancel" has the focus; "Delete" is beside it.
    window.changes(Part::Rows, "the focused button", |window| window.press("shift+Tab"));
    window.changes(Part::Rows, "the row that is to be deleted", |window| window.press("Return"));
    assert!(Holdings::of(&bindery.database).books.contains(&unwanted), "it is there until then");
    window.press("ctrl+s");
    window.wait("the book's end", |_| {
        let stored = Repository::<Book>::find(&mut session(&bindery.database), &unwanted.id);
        stored.ok()?.is_none().then_some(())
    });
    let no_row = window.calm().part(Part::Rows);
    assert_ne!(no_row, unwanted_row, "the deleted book is gone");
    assert!(window.close().success());

    // After a restart, everything is to be seen as it was.
    let mut window = open(&display, &bindery);
    if window.filter(&by_title(BETTER_TITLE)) != new_row {
        window.fail("the new title is not to be seen as before the restart");
    }
    if window.filter(&by_title(UNWANTED_TITLE)) != no_row {
        window.fail("the deleted book is not missing as before the restart");
    }
    assert!(window.close().success());

    let mut expected = imported;
    expected.books.retain(|book| book.id != unwanted.id);
    for book in &mut expected.books {
        if book.id == edited.id {
            BETTER_TITLE.clone_into(&mut book.title);
            book.version += 1;
        }
    }
    let stored = Holdings::of(&bindery.database);
    assert!(stored == expected, "{:#?}", stored.differences(&expected));
}
