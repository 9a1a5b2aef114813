//! Plans in the engine's own words, the indexes there are, and the one that is lacking.

use diesel::SqliteConnection;
use domain::{Address, Author, Book, NewBook, Price, User};
use integration_tests::shop::{ShopEngine, address, author, book, database as shop, memory, user};
use integration_tests::works::{WorkGenre, create_tables};
use integration_tests::{TestDatabase, on_every_engine, sqlite};
use persistence::advice::{Lack, missing_index};
use persistence::backend::EngineKind;
use persistence::testing::statements;
use persistence::{
    Browse, Cursor, Database, Direction, Engine as _, Entity, Index, Memory, PageStart, Plan,
    Query, Repository, Session,
};

/// A shop with enough books that servers find an index worth its while, and know it.
fn books<C: ShopEngine>(place: TestDatabase) -> (Session<C>, TestDatabase) {
    let (database, place) = shop::<C>(place);
    let mut session = database.session().unwrap();
    let lem: Author = session.insert(author("Lem")).unwrap();
    let day = |n: i64| {
        chrono::NaiveDate::from_ymd_opt(1800, 1, 1).map(|day| day + chrono::TimeDelta::days(n))
    };
    let books = (0..4_000_i64).map(|n| NewBook {
        published_on: day(n * 7 % 4_001).filter(|_| n % 3 != 0),
        price: Some(Price::from_units(n * 11 % 4_001)),
        ..book(&lem, &format!("Title {}", n * 13 % 4_001))
    });
    Repository::<Book>::insert_many(&mut session, books.collect()).unwrap();
    session.commit().unwrap();
    place.execute(if C::NAME == "MySQL" { "ANALYZE TABLE books" } else { "ANALYZE books" });
    (database.session().unwrap(), place)
}

fn plan<C: ShopEngine>(
    session: &mut Session<C>,
    filter: &str,
    order: &str,
    start: &PageStart,
) -> Plan {
    let query = Query::<Book>::parse(filter, order).unwrap();
    let plan = session.explain(&query.offset(30), start, 20).unwrap();
    assert!(plan.sql.starts_with("SELECT") && plan.sql.contains("OFFSET 30"), "{plan:?}");
    assert!(!plan.lines.is_empty());
    plan
}

fn after(values: Vec<persistence::Value>) -> PageStart {
    PageStart::After(Cursor(values))
}

on_every_engine! {
    fn what_an_index_has_in_order_is_neither_sorted_nor_scanned<Engine>(place) {
        let (mut session, place) = books::<Engine>(place);
        if Engine::NAME == "PostgreSQL" {
            // Rows without a date come by key, which its indexes do not end in by themselves.
            place.execute("CREATE INDEX books_by_date ON books (published_on, id)");
        }
        let title = vec!["Title 3000".into(), 77.into()];
        let day = chrono::NaiveDate::from_ymd_opt(1806, 1, 1).unwrap();
        let day = vec![persistence::Value::Date(day), 77.into()];
        for (order, place) in [
            ("", vec![2_000.into()]),
            ("-id", vec![2_000.into()]),
            ("title", title.clone()),
            ("-title", title),
            ("published_on", day.clone()),
            ("-published_on", day),
            ("published_on", vec![persistence::Value::Null, 3_000.into()]),
        ] {
            // For the first of a few thousand rows servers may well prefer to sort them all.
            let is_certain = Engine::NAME == "SQLite";
            let starts = [PageStart::First, PageStart::Last];
            let starts = starts.into_iter().filter(|_| is_certain).chain([after(place)]);
            // Where every third row has no date, PostgreSQL may look for these by key.
            let may_scan = Engine::NAME == "PostgreSQL" && order == "-published_on";
            for start in starts {
                let plan = plan(&mut session, "", order, &start);
                let scans = plan.scans && !may_scan;
                assert!(!plan.sorts && !scans, "{order} {start:?}: {plan:#?}");
            }
        }
    }

    fn what_all_rows_have_alike_is_not_sorted_by<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        for (filter, order, columns) in [
            ("age = 30", "age,name", vec!["name", "id"]),
            ("age = 30 and name = x", "name,-age", vec!["id"]),
            ("age is null", "-age", vec!["id"]),
            ("age = 30 or name = x", "name,age", vec!["name", "age", "id"]),
            ("age > 30", "age", vec!["age", "id"]),
        ] {
            let query = Query::<User>::parse(filter, order).unwrap();
            let (_, sent) = statements(|| Repository::<User>::list(&mut session, &query).unwrap());
            let [sql] = sent.as_slice() else { panic!("{sent:?}") };
            let (_, sorted) = sql.split_once(" ORDER BY ").unwrap();
            let sorted: Vec<&str> = sorted.split([' ', '.', ',', '`', '"'])
                .filter(|word| ["id", "name", "age"].contains(word)).collect();
            assert_eq!(sorted, columns, "{sql}");
        }
    }

    fn after_a_unique_value_nothing_else_is_asked_for<Engine>(place) {
        let (database, _place) = shop::<Engine>(place);
        let mut session = database.session().unwrap();
        let ada: User = session.insert(user("Ada", None)).unwrap();
        let addresses = ["a", "b", "c"].map(|name| address(&ada, &format!("{name}@example.org")));
        let added: Vec<Address> = session.insert_many(addresses.into()).unwrap();
        let places = [
            ("email_address", vec!["a@example.org".into(), added[0].id.into()], 1),
            ("user_id", vec![ada.id.into(), added[0].id.into()], 2),
        ];
        for (order, place, parts) in places {
            let query = Query::<Address>::parse("", order).unwrap();
            let read = || session.page(&query, &after(place), 5).unwrap();
            let (page, sent) = statements(read);
            assert_eq!((page.rows.as_slice(), sent.len()), (&added[1..], parts), "{sent:?}");
        }
    }

    fn what_has_no_index_is_sorted_and_scanned<Engine>(place) {
        let (mut session, _place) = books::<Engine>(place);
        let sorted = plan(&mut session, "", "price", &PageStart::First);
        assert!(sorted.sorts && sorted.scans, "{sorted:#?}");
        let filtered = plan(&mut session, "price = 7", "", &PageStart::First);
        assert!(filtered.scans, "{filtered:#?}");
        let found = plan(&mut session, "author_id = 99", "price", &PageStart::First);
        assert!(!found.scans, "{found:#?}");
    }

    fn the_indexes_of_a_table_are_those_of_its_migration<Engine>(place) {
        let (database, place) = shop::<Engine>(place);
        let indexes = |place: &str| {
            let mut session = database.session().unwrap();
            let indexes = Browse::<Book>::indexes(&mut session).unwrap();
            indexes.into_iter().find(|index| index.columns == place.split(',').collect::<Vec<_>>())
        };
        let primary = indexes("id").unwrap();
        assert!(primary.is_primary && primary.is_unique);
        let isbn = indexes("isbn").unwrap();
        assert!(isbn.is_unique && !isbn.is_primary);
        let title = indexes("title").unwrap();
        assert!(!title.is_unique && !title.is_primary);
        assert_eq!(title.name, "books_title_index");
        assert_eq!(title.directions, [Direction::Ascending]);
        assert_eq!(title.ends_in_key, Engine::NAME != "PostgreSQL");
        place.execute("CREATE INDEX books_backwards ON books (price DESC, title)");
        let backwards = indexes("price,title").unwrap();
        // MariaDB takes DESC and keeps to it only since 10.8.
        assert_eq!(backwards.directions, [Direction::Descending, Direction::Ascending]);
    }

    fn an_index_that_was_suggested_is_used_and_not_suggested_again<Engine>(place) {
        let (mut session, place) = books::<Engine>(place);
        let engine = EngineKind::of_url(place.url()).unwrap();
        for (filter, order, lack) in [
            ("", "price", Lack::Order),
            ("", "-price,title", Lack::Order),
            ("version = 9", "-price", Lack::Filter),
        ] {
            let query = Query::<Book>::parse(filter, order).unwrap();
            let suggest = |session: &mut Session<Engine>| {
                let indexes = Browse::<Book>::indexes(session).unwrap();
                missing_index(Book::meta(), &query.clone().erase(), &indexes)
            };
            let suggested = suggest(&mut session).unwrap();
            assert_eq!(suggested.lack, lack, "{filter} {order}");
            session.rollback().unwrap();
            place.execute(&suggested.sql(engine));
            assert_eq!(suggest(&mut session), None, "{filter} {order}");
            let plan = session.explain(&query, &PageStart::First, 5).unwrap();
            let is_certain = Engine::NAME == "SQLite";
            assert!(!is_certain || !plan.sorts && !plan.scans, "{filter} {order}: {plan:#?}");
        }
    }

    fn a_composite_key_is_one_index<Engine>(place) {
        create_tables(&place);
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let indexes = Browse::<WorkGenre>::indexes(&mut session).unwrap();
        let primary: Vec<_> = indexes.iter().filter(|index| index.is_primary).collect();
        assert_eq!(primary.len(), 1);
        assert_eq!(primary[0].columns, ["work_id", "genre_id"]);
        // SQLite keeps such rows by a number of its own.
        assert_eq!(primary[0].ends_in_key, Engine::NAME == "MySQL");
    }

    fn without_a_table_there_are_no_indexes_to_tell_of<Engine>(place) {
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let error = Browse::<User>::indexes(&mut session).unwrap_err();
        assert!(error.to_string().contains("no table `users`"), "{error}");
    }
}

#[test]
fn an_index_that_sorts_another_way_than_its_column_has_no_column_in_order() {
    let (database, place) = shop::<SqliteConnection>(sqlite());
    place.execute(
        "CREATE INDEX loose ON books (title COLLATE NOCASE, id);
         CREATE INDEX computed ON books (price, lower(title));
         CREATE INDEX some ON books (price) WHERE price > 5",
    );
    let mut session = database.session().unwrap();
    let indexes = Browse::<Book>::indexes(&mut session).unwrap();
    let named = |name: &str| {
        indexes.iter().find(|index| index.name == name).map(|index| index.columns.clone())
    };
    assert_eq!(named("loose").unwrap(), [""; 0]);
    assert_eq!(named("computed").unwrap(), ["price"]);
    assert_eq!(named("some"), None);
}

#[test]
fn a_memory_has_no_plan_and_knows_its_unique_columns() {
    let mut memory: Memory = memory();
    let query = Query::<Book>::new();
    assert_eq!(memory.explain(&query, &PageStart::First, 5).unwrap(), Plan::default());
    assert!(memory.explain(&query, &PageStart::First, 0).is_err());
    let indexes: Vec<Index> = Browse::<Book>::indexes(&mut memory).unwrap();
    let columns: Vec<_> = indexes.iter().map(|index| index.columns.join(",")).collect();
    assert_eq!(columns, ["id", "isbn"]);
}
