//! What is logged runs in the engine's own client, and means the same there; what new rows start
//! from is what the database would give them; quick search finds what names a row's parents.

use std::process::Command;

use domain::{Address, Author, Book, NewAuthor, NewBook, Price, User};
use integration_tests::shop::{ShopEngine, author, database as shop};
use integration_tests::{TestDatabase, mysql, on_every_engine, postgres, sqlite};
use persistence::observe::{Binds, Caveat, recorded, recorded_with};
use persistence::{Database, Entity as _, EntityMeta, Filter, Order, Query, Repository, Value};

fn metas() -> [&'static EntityMeta; 4] {
    [User::meta(), Address::meta(), Author::meta(), Book::meta()]
}

/// A second database of the same engine, and the client that runs SQL there.
fn beside<C: ShopEngine>() -> (Database<C>, TestDatabase) {
    shop::<C>(match C::NAME {
        "SQLite" => sqlite(),
        "PostgreSQL" => postgres(),
        _ => mysql(),
    })
}

/// What the engine's own client says to a script.
fn client_says<C: ShopEngine>(place: &TestDatabase, script: &str) -> String {
    let mut client = match C::NAME {
        "SQLite" => {
            let mut client = Command::new("sqlite3");
            client.arg("-bail").arg(place.url()).arg(script);
            client
        }
        "PostgreSQL" => {
            let mut client = Command::new("psql");
            client.args([
                "-X",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                place.url(),
                "-c",
                script,
            ]);
            client
        }
        _ => {
            let rest = place.url().strip_prefix("mysql://").unwrap();
            let (login, place) = rest.split_once('@').unwrap();
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            let (host, database) = place.split_once('/').unwrap();
            let (host, port) = host.split_once(':').unwrap_or((host, "3306"));
            let mut client = Command::new("mariadb");
            client.args([
                "--no-defaults",
                "--skip-column-names",
                "--default-character-set=utf8mb4",
            ]);
            client.args(["-u", user, "-h", host, "-P", port, database, "-e", script]);
            client.env("MYSQL_PWD", password);
            client
        }
    };
    let output = client.output().expect("the engine's own client is installed");
    let (said, refused) = (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{script}\n{refused}");
    String::from_utf8(said).unwrap()
}

fn awkward_author() -> NewAuthor {
    NewAuthor {
        name: "O'Neill \\ \"?\" $1 -- binds: [1]".to_owned(),
        born_on: "1888-10-16".parse().ok(),
        biography: Some("one\ttab\r\ntwo lines, Ж, 日本".to_owned()),
    }
}

on_every_engine! {
    fn a_copied_statement_does_in_the_client_what_it_did_here<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        session.canceller().unwrap();
        let (stored, statements) = recorded_with(Binds::Shown, || {
            let author: Author = Repository::insert(&mut session, awkward_author()).unwrap();
            let book = NewBook {
                title: "Long Day's Journey".to_owned(),
                author: (&author).into(),
                isbn: None,
                published_on: "1956-02-10".parse().ok(),
                price: Some(Price::from_units(1_250)),
                in_print: true,
            };
            let book: Book = Repository::insert(&mut session, book).unwrap();
            (author, book)
        });
        let (other, elsewhere) = beside::<Engine>();
        let inserts = statements.iter().filter(|statement| statement.sql.starts_with("INSERT"));
        for insert in inserts {
            let copied = insert.for_client(database.catalog().build().engine(), &metas());
            assert_eq!(copied.caveats, [], "{copied:?}");
            client_says::<Engine>(&elsewhere, &format!("{};", copied.sql));
        }
        let mut there = other.session().unwrap();
        assert_eq!(Repository::<Author>::list(&mut there, &Query::new()).unwrap(), [stored.0]);
        assert_eq!(Repository::<Book>::list(&mut there, &Query::new()).unwrap(), [stored.1]);

        // What finds rows here finds as many there.
        for filter in ["price >= 12.5", "published_on < 1990-01-01 and in_print", "isbn is null",
            "title ~ \"DAY'S\"", "author.name ^= \"o'n\"", "title $= \"ney\"", "id in (1, 2, 3)"] {
            let filter = Filter::parse(Book::meta(), filter).unwrap();
            let query = Query::<Book>::new().filter(filter).order(Order::parse(Book::meta(), "title").unwrap());
            there.canceller().unwrap();
            let (found, statements) = recorded_with(Binds::Shown, || there.list(&query).unwrap());
            assert_eq!(found.len(), 1, "{query:?}");
            let select = statements.iter().find(|statement| statement.sql.starts_with("SELECT")).unwrap();
            let copied = select.for_client(database.catalog().build().engine(), &metas());
            assert!(copied.caveats.iter().all(|caveat| *caveat == Caveat::AsciiCase), "{copied:?}");
            let said = client_says::<Engine>(&elsewhere, &format!("{};", copied.sql));
            assert_eq!(said.lines().count(), 1, "{}: {said}", copied.sql);
        }
    }

    fn values_are_noted_only_where_they_are_asked_for<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        let (_, statements) = recorded(|| {
            let author: Author = Repository::insert(&mut session, awkward_author()).unwrap();
            author
        });
        let insert = statements.iter().find(|statement| statement.sql.starts_with("INSERT")).unwrap();
        assert!(!insert.sql.contains("O'Neill"), "{}", insert.sql);
        let copied = insert.for_client(database.catalog().build().engine(), &metas());
        assert_eq!(copied.caveats, [Caveat::HiddenValues]);
    }

    fn a_new_row_starts_from_the_constants_that_its_columns_default_to<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let in_print = Book::meta().position("in_print").unwrap();
        assert_eq!(database.defaults(Book::meta()).unwrap(), [(in_print, Value::Bool(true))]);
        // What is computed, as the time of the insert, is nobody's value yet.
        assert_eq!(database.defaults(User::meta()).unwrap(), []);
    }

    fn quick_search_finds_rows_by_what_names_their_parents<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        let authors: Vec<Author> =
            Repository::insert_many(&mut session, vec![author("Stephen King"), author("Мастер")]).unwrap();
        let book = |author: &Author, title: &str| NewBook {
            title: title.to_owned(),
            author: author.into(),
            isbn: None,
            published_on: None,
            price: None,
            in_print: true,
        };
        let books = vec![book(&authors[0], "It"), book(&authors[0], "Misery"), book(&authors[1], "King's gambit")];
        Repository::<Book>::insert_many(&mut session, books).unwrap();
        let mut found = |text: &str| {
            let filter = Filter::quick_search(Book::meta(), text);
            Repository::<Book>::count(&mut session, &filter).unwrap()
        };
        assert_eq!(found("stephen king"), 2);
        assert_eq!(found("king"), 3);
        assert_eq!(found("мАСТЕР"), 1);
        assert_eq!(found("nobody"), 0);
        assert_eq!(found(""), 3);
    }
}
