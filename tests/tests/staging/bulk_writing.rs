//! A column that is changed in more rows than one wants to stage: written at once, in one transaction.

use std::ops::ControlFlow;

use domain::{Author, Book, NewAuthor, NewBook, Price};
use integration_tests::on_every_engine;
use integration_tests::shop::database as shop;
use persistence::staging::bulk::{Bulk, BulkChange, BulkOutcome, Calculation};
use persistence::{Catalog, Database, Engine as _, Entity as _, Filter, Repository, Store};

/// More than two pages.
const BOOKS: i64 = 4_500;

fn add_books<C: Store<Author> + Store<Book>>(database: &Database<C>) {
    let mut session = database.session().unwrap();
    let author = NewAuthor { name: "Stanisław Lem".into(), born_on: None, biography: None };
    let author: Author = session.insert(author).unwrap();
    let book = |number: i64| NewBook {
        title: format!("Volume {number:04}"),
        author: (&author).into(),
        isbn: None,
        published_on: None,
        price: (number != 7).then(|| Price::from_units(number)),
        in_print: true,
    };
    Repository::<Book>::insert_many(&mut session, (0..BOOKS).map(book).collect()).unwrap();
    session.commit().unwrap();
}

/// Returns what adds a number to the price of books.
fn add(catalog: &Catalog, number: &str) -> Bulk {
    let change = BulkChange::Calculate(Calculation::Add(number.parse().unwrap()));
    Bulk::new(catalog.entry("books").unwrap(), "price", change).unwrap()
}

/// Returns how many books a filter finds, as another session sees them.
fn count(catalog: &Catalog, filter: &str) -> u64 {
    let filter = Filter::parse(Book::meta(), filter).unwrap();
    catalog.session().unwrap().repository("books").unwrap().count(&filter).unwrap()
}

on_every_engine! {
    fn all_rows_of_a_filter_are_changed_once_in_one_transaction<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let database = database.audit_where_possible().unwrap();
        add_books(&database);
        let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
        let cheap = Filter::parse(Book::meta(), "price < 40 or price is null").unwrap();
        let bulk = add(&catalog, "5.00");
        let mut session = catalog.writing_session().unwrap();
        let mut summary = (0, 0, Vec::new());
        let end = bulk.write(&mut *session, &cheap, |page| {
            summary.2.push(page.len());
            page.retain(|(row, outcome)| {
                let is_changed = matches!(outcome, BulkOutcome::Changed { .. });
                let is_left_out = row.value(1).to_string() == "Volume 0100";
                *(if is_changed { &mut summary.0 } else { &mut summary.1 }) += 1;
                !is_left_out
            });
            ControlFlow::Continue(())
        });
        assert!(end.unwrap().is_continue());
        // NULL stays NULL. The filter finds fewer rows by now.
        assert_eq!(summary, (3_999, 1, vec![2_000, 2_000]));
        if Engine::NAME != "SQLite" {
            assert_eq!(count(&catalog, "price < 5"), 499, "nobody sees it before it is committed");
        }
        session.commit().unwrap();
        drop(session);
        assert_eq!(count(&catalog, "price < 5"), 1);
        assert_eq!(count(&catalog, "title = 'Volume 0100' and price = 1"), 1);
        assert_eq!(count(&catalog, "price = 44.99"), 2, "each is changed once, others are not");
        assert_eq!(count(&catalog, "price is null"), 1);
    }

    fn a_break_ends_it_and_what_was_written_is_rolled_back_by_the_caller<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        add_books(&database);
        let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
        let bulk = add(&catalog, "100");
        let mut session = catalog.writing_session().unwrap();
        let mut pages = 0;
        let end = bulk.write(&mut *session, &Filter::All, |_| {
            pages += 1;
            if pages == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(end.unwrap().is_break());
        let dear = Filter::parse(Book::meta(), "price >= 100").unwrap();
        let written = session.repository("books").unwrap().count(&dear).unwrap();
        assert_eq!(written, 1_999, "the first page is written, the second is not");
        session.rollback().unwrap();
        assert_eq!(session.repository("books").unwrap().count(&dear).unwrap(), 0);
    }
}
