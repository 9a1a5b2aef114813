//! Text that would like to be SQL, in every text field of the bookshop and in every filter.

use domain::{Address, Author, Book, MIGRATIONS, NewAddress, NewAuthor, NewBook, NewUser, User};
use integration_tests::on_every_engine;
use persistence::{
    Comparison, Database, Entity, Error, Filter, Order, Query, Ref, Repository, TextMatch,
};

/// What breaks out of quotes, comments, escapes and patterns where a value is pasted into SQL.
const HOSTILE: &[&str] = &[
    "'; DROP TABLE books; --",
    "\"; DROP TABLE books; --",
    "`; DROP TABLE books; --",
    "\\'; DROP TABLE books; --",
    "' OR '1'='1",
    "') UNION SELECT id, name FROM users --",
    "/* */ ' || (SELECT name FROM users) || '",
    "$1 ? ?1 :name @name %s {}",
    "100%_!\\",
    "Robert'); DELETE FROM users WHERE ('1'='1",
    "\u{feff}\u{202e}x\u{200b}",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🏴‍☠️ ﷽",
];

/// The rows that equal the text, and those that contain it, by filters built and by filters read
/// from text.
fn found<E: Entity>(
    repository: &mut impl Repository<E>,
    column: &'static str,
    text: &str,
) -> usize {
    let equal = Filter::compare(column, Comparison::Equal, text);
    let contains = Filter::Text {
        column: column.into(),
        operator: TextMatch::Contains,
        pattern: text.to_owned(),
    };
    let mut counts = Vec::new();
    for filter in [equal, contains] {
        let typed = Filter::parse(E::meta(), &filter.to_string())
            .unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!(typed, filter);
        let mut query = Query::<E>::new();
        query.filter = filter;
        counts.push(repository.list(&query).unwrap().len());
    }
    assert_eq!(counts[0], counts[1], "{column} with {text}");
    counts[0]
}

on_every_engine! {
    fn sql_in_every_text_field_is_stored_and_found_as_plain_text<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        database.migrate(&MIGRATIONS).unwrap();
        let mut session = database.session().unwrap();
        for &text in HOSTILE {
            let user: User =
                session.insert(NewUser { name: text.to_owned(), age: None }).unwrap();
            let author: Author = session
                .insert(NewAuthor {
                    name: text.to_owned(),
                    born_on: None,
                    biography: Some(text.to_owned()),
                })
                .unwrap();
            let book: Book = session
                .insert(NewBook {
                    title: text.to_owned(),
                    author: Ref::from(&author),
                    isbn: None,
                    published_on: None,
                    price: None,
                    in_print: true,
                })
                .unwrap();
            session.commit().unwrap();
            let stored = Repository::<User>::find(&mut session, &user.id).unwrap().unwrap();
            assert_eq!(stored.name, text);
            let stored = Repository::<Author>::find(&mut session, &author.id).unwrap().unwrap();
            assert_eq!((stored.name.as_str(), stored.biography.as_deref()), (text, Some(text)));
            let stored = Repository::<Book>::find(&mut session, &book.id).unwrap().unwrap();
            assert_eq!(stored.title, text);

            assert_eq!(found::<User>(&mut session, "name", text), 1);
            assert_eq!(found::<Author>(&mut session, "name", text), 1);
            assert_eq!(found::<Author>(&mut session, "biography", text), 1);
            assert_eq!(found::<Book>(&mut session, "title", text), 1);
            assert_eq!(found::<Book>(&mut session, "isbn", text), 0);
            assert_eq!(found::<Address>(&mut session, "email_address", text), 0);

            // Changed to something else and back.
            let base = stored;
            let plain = Book { title: "plain".to_owned(), ..base.clone() };
            let plain = session.update_from(&base, plain).unwrap();
            let again = Book { title: text.to_owned(), ..plain.clone() };
            assert_eq!(session.update_from(&plain, again).unwrap().title, text);
        }
        let authors = HOSTILE.len() as u64;
        assert_eq!(Repository::<Book>::count(&mut session, &Filter::All).unwrap(), authors);
        assert_eq!(Repository::<User>::count(&mut session, &Filter::All).unwrap(), authors);
    }

    fn an_address_takes_what_an_address_may_have_and_refuses_the_rest<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        database.migrate(&MIGRATIONS).unwrap();
        let mut session = database.session().unwrap();
        let user: User = session.insert(NewUser { name: "Ann".to_owned(), age: None }).unwrap();
        let address = |text: &str| NewAddress {
            email_address: text.to_owned(),
            user: Ref::from(&user),
        };
        for text in ["'||(select/**/1)||'@example.org", "x');drop/**/table/**/users;--@example.org"] {
            let stored: Address = session.insert(address(text)).unwrap();
            assert_eq!(stored.email_address, text);
            assert_eq!(found::<Address>(&mut session, "email_address", text), 1);
        }
        for &text in HOSTILE {
            let refused = Repository::<Address>::insert(&mut session, address(text));
            let Err(Error::Invalid(invalid)) = refused else { panic!("{text}: {refused:?}") };
            assert_eq!(invalid.errors[0].field, "email_address");
        }
    }

    fn a_nul_in_text_is_refused_by_the_rules<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        database.migrate(&MIGRATIONS).unwrap();
        let mut session = database.session().unwrap();
        let draft = NewUser { name: "Ann\0DROP".to_owned(), age: None };
        let refused = Repository::<User>::insert(&mut session, draft);
        assert!(matches!(&refused, Err(Error::Invalid(invalid))
            if invalid.errors[0].field == "name" && invalid.errors[0].message.contains("NUL")),
            "{refused:?}");
    }

    fn a_search_for_nul_finds_nothing_or_says_why<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        database.migrate(&MIGRATIONS).unwrap();
        let mut session = database.session().unwrap();
        let filter = User::NAME.eq("Ann\0").into_filter();
        match Repository::<User>::count(&mut session, &filter) {
            Ok(count) => assert_eq!(count, 0),
            Err(error) => assert!(matches!(error, Error::Data { .. }), "{error:?}"),
        }
    }
}

#[test]
fn sql_is_no_filter_and_no_order() {
    for text in [
        "1=1",
        "title = 'x'; DROP TABLE books",
        "title = 'x' -- comment",
        "title = (SELECT name FROM users)",
        "title = 'x' UNION SELECT * FROM users",
        "title LIKE '%'",
        "title ~ 'unfinished",
        "books.title = 'x'",
    ] {
        let error = Filter::parse(Book::meta(), text).expect_err(text);
        assert!(error.column().is_some(), "{text}: {error} points nowhere");
    }
    for text in ["title; DROP TABLE books", "title DESC", "1", "random()", "title,,id", "--title"] {
        Order::parse(Book::meta(), text).expect_err(text);
    }
}

#[test]
fn a_column_that_is_none_never_reaches_the_database() {
    let place = integration_tests::sqlite();
    let database = Database::<diesel::SqliteConnection>::open(place.url()).unwrap();
    let mut session = database.session().unwrap();
    // There is no table either: the filter is refused before that is noticed.
    let filter = Filter::compare("title\" = 'x' OR 1=1 --", Comparison::Equal, "x");
    let refused = Repository::<Book>::count(&mut session, &filter);
    assert!(matches!(refused, Err(Error::Filter(_))), "{refused:?}");
}
