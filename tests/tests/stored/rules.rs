//! A row that breaks a rule since before the rule, or by another program's hand, can be changed
//! elsewhere: refused is only what a change breaks.

use domain::{Author, Book};
use integration_tests::shop::{author, book, database};
use integration_tests::{TestDatabase, on_every_engine};
use persistence::{Error, Repository as _, Result, Value};

/// Its check digit is wrong.
const STORED: &str = "9780156027602";

/// Stores a book whose ISBN breaks the rules.
macro_rules! against_a_rule {
    ($engine:ty, $place:ident) => {{
        let (database, place): (_, TestDatabase) = database::<$engine>($place);
        let mut session = database.session().unwrap();
        let lem: Author = session.insert(author("Lem")).unwrap();
        let _: Book = session.insert(book(&lem, "Solaris")).unwrap();
        session.commit().unwrap();
        place.execute(&format!("UPDATE books SET isbn = '{STORED}'"));
        (database, place)
    }};
}

#[track_caller]
fn refused_for<T: std::fmt::Debug>(result: Result<T>, field: &str) {
    let Err(Error::Invalid(invalid)) = result else { panic!("{result:?}") };
    let fields: Vec<&str> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, [field]);
}

on_every_engine! {
    fn a_row_that_breaks_a_rule_can_be_changed_elsewhere<Engine>(place) {
        let (database, _place) = against_a_rule!(Engine, place);
        let mut session = database.session().unwrap();
        let stored: Book = session.find(&1).unwrap().unwrap();
        let renamed = Book { title: "Fiasco".to_owned(), ..stored.clone() };
        let renamed = session.update_from(&stored, renamed).unwrap();
        assert_eq!((renamed.title.as_str(), renamed.isbn.as_deref()), ("Fiasco", Some(STORED)));
        refused_for(session.update_from(&renamed, Book { title: String::new(), ..renamed.clone() }), "title");
        let isbn = Some("9780156027603".to_owned());
        refused_for(session.update_from(&renamed, Book { isbn, ..renamed.clone() }), "isbn");
        session.commit().unwrap();
    }

    fn so_it_can_in_a_unit_of_work<Engine>(place) {
        let (database, _place) = against_a_rule!(Engine, place);
        let mut session = database.session().unwrap();
        let solaris = session.get::<Book>(1).unwrap();
        session[solaris].title = "Fiasco".to_owned();
        session.commit().unwrap();
        session[solaris].isbn = Some("9780156027603".to_owned());
        refused_for(session.commit(), "isbn");
    }

    fn so_it_can_through_a_catalog<Engine>(place) {
        let (database, _place) = against_a_rule!(Engine, place);
        let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
        let mut session = catalog.session().unwrap();
        let mut books = session.repository("books").unwrap();
        let stored = books.find(&1.into()).unwrap().unwrap();
        let mut mine = stored.clone();
        mine.set(Book::TITLE.position(), "Fiasco".into());
        let renamed = books.update_from(&stored, mine).unwrap();
        assert_eq!(renamed.value(Book::ISBN.position()), &Value::from(STORED));
        let entry = catalog.entry("books").unwrap();
        let mut nameless = renamed.clone();
        nameless.set(Book::TITLE.position(), "".into());
        refused_for(entry.validate_change(&renamed, &nameless).map_err(Error::from), "title");
        assert_eq!(entry.validate(&renamed).unwrap_err().errors.len(), 1);
        drop(books);
        session.commit().unwrap();
    }
}
