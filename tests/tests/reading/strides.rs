//! Strides count a table and find places in it; from a place, an offset leads to any row.

use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::{Author, Book, NewBook, User};
use integration_tests::shop::{Shop, author, book, database as shop, user};
use integration_tests::works::{Work, WorkGenre, create_tables, fill, memory};
use integration_tests::{contract, on_every_engine, sqlite};
use persistence::testing::statements;
use persistence::{
    Browse, Cursor, Database, Entity, Filter, PageStart, Query, Record, Repository, Stride,
};

/// Orders of users: plain, by columns with many equal values, with NULL at either end.
const ORDERS: [&str; 8] =
    ["", "-id", "age", "-age", "name", "name,-age", "-name,age,-id", "age,name"];

/// 23 users, of whom many have the same name or age, and some have none.
fn some_users(shop: &mut impl Shop) {
    let users =
        (0..23).map(|n| user(&format!("{}", n % 4), (n % 3 != 0).then_some(n % 5))).collect();
    Repository::<User>::insert_many(shop, users).unwrap();
}

/// The places that strides of that length end at, and how many rows they passed over.
fn places<E: Entity>(
    repository: &mut impl Browse<E>,
    query: &Query<E>,
    length: u64,
) -> (Vec<Cursor>, u64) {
    let (mut places, mut count) = (Vec::new(), 0);
    loop {
        let stride = repository.stride(query, places.last(), length).unwrap();
        count += stride.rows;
        let Some(end) = stride.end else {
            assert!(stride.rows < length);
            return (places, count);
        };
        assert_eq!(stride.rows, length);
        places.push(end);
    }
}

/// Strides end at every nth row, count the rest, and every row is an offset away from one.
fn check_strides<E: Entity>(repository: &mut impl Browse<E>, query: &Query<E>, length: usize) {
    let whole = repository.list(query).unwrap();
    let (places, count) = places(repository, query, length as u64);
    assert_eq!(count, whole.len() as u64, "{query:?}");
    let ends: Vec<_> =
        whole.chunks_exact(length).map(|rows| rows[length - 1].to_record()).collect();
    let cursor = |row: &Record| Cursor::of(E::meta(), &query.order, row).unwrap();
    assert_eq!(places, ends.iter().map(cursor).collect::<Vec<_>>(), "{query:?}");
    for (number, row) in whole.iter().enumerate() {
        let (start, offset) = match (number / length).checked_sub(1) {
            None => (PageStart::First, number),
            Some(place) => (PageStart::After(places[place].clone()), number % length),
        };
        let page = repository.page(&query.clone().offset(offset as u64), &start, 2).unwrap();
        assert_eq!(page.rows.first(), Some(row), "row {number} of {query:?}");
        assert_eq!(page.rows.get(1), whole.get(number + 1), "{query:?}");
        assert_eq!(page.next.is_some(), number + 2 < whole.len(), "{query:?}");
        assert_eq!(page.previous.is_some(), number > 0, "{query:?}");
    }
}

contract! {
    fn strides_count_and_lead_to_every_row_in_every_order(shop) {
        some_users(shop);
        for order in ORDERS {
            for filter in ["", "age > 1", "name = '2' or age is null", "age is null"] {
                let query = Query::<User>::parse(filter, order).unwrap();
                check_strides(shop, &query, 4);
            }
        }
        check_strides(shop, &Query::<User>::parse("", "age").unwrap(), 1);
        check_strides(shop, &Query::<User>::parse("", "-age").unwrap(), 23);
    }

    fn an_empty_table_has_a_stride_of_no_rows(shop) {
        for order in ORDERS {
            let query = Query::<User>::parse("", order).unwrap();
            let none = Stride { rows: 0, end: None };
            assert_eq!(shop.stride(&query, None, 10).unwrap(), none);
            let page = shop.page(&query.offset(5), &PageStart::First, 10).unwrap();
            assert!(page.rows.is_empty());
        }
    }

    fn a_stride_passes_over_rows_of_related_filters_and_dates(shop) {
        let lem: Author = shop.insert(author("Lem")).unwrap();
        let other: Author = shop.insert(author("Other")).unwrap();
        let day = |n: i32| (n % 4 != 0).then(|| chrono::NaiveDate::from_ymd_opt(1950 + n % 7, 2, 3).unwrap());
        let books: Vec<_> = (0..20)
            .map(|n| NewBook {
                published_on: day(n),
                price: (n % 3 != 0).then(|| domain::Price::from_units(i64::from(n % 6) * 100)),
                ..book(if n % 2 == 0 { &lem } else { &other }, &format!("Title {}", n % 3))
            })
            .collect();
        Repository::<Book>::insert_many(shop, books).unwrap();
        for order in ["published_on", "-published_on", "price,-published_on", "in_print,title", "-isbn"] {
            for filter in ["", "author.name = 'Lem'", "price > 1"] {
                check_strides(shop, &Query::<Book>::parse(filter, order).unwrap(), 3);
            }
        }
    }

    fn a_page_from_the_end_passes_over_the_last_rows(shop) {
        some_users(shop);
        for order in ORDERS {
            let query = Query::<User>::parse("", order).unwrap();
            let whole = shop.list(&query).unwrap();
            let page = shop.page(&query.clone().offset(6), &PageStart::Last, 5).unwrap();
            assert_eq!(page.rows, whole[12..17], "{order}");
            assert_eq!(shop.page(&query, &page.next.unwrap(), 9).unwrap().rows, whole[17..]);
            assert_eq!(shop.page(&query, &page.previous.unwrap(), 5).unwrap().rows, whole[7..12]);
            let beyond = shop.page(&query.offset(40), &PageStart::First, 5).unwrap();
            assert!(beyond.rows.is_empty() && beyond.next.is_none());
            assert_eq!(beyond.previous, Some(PageStart::Last));
        }
    }

    fn a_limited_list_passes_over_rows_across_the_null_block(shop) {
        some_users(shop);
        for order in ORDERS {
            let query = Query::<User>::parse("", order).unwrap();
            let whole = shop.list(&query).unwrap();
            for offset in 0..24 {
                let found = shop.list(&query.clone().offset(offset).limit(3)).unwrap();
                let start = usize::try_from(offset).unwrap().min(whole.len());
                assert_eq!(found, whole[start..(start + 3).min(whole.len())], "{order} {offset}");
            }
        }
    }

    fn a_stride_that_does_not_fit_is_refused(shop) {
        let query = Query::<User>::new();
        let refused = shop.stride(&query, None, 0).unwrap_err().to_string();
        assert_eq!(refused, "a stride passes over at least 1 row, 0 were asked for");
        let place = Cursor(vec!["x".into()]);
        let refused = shop.stride(&query, Some(&place), 5).unwrap_err().to_string();
        assert!(refused.contains("expected a whole number") && refused.contains("(id)"), "{refused}");
    }
}

on_every_engine! {
    fn composite_keys_are_places_too<Engine>(place) {
        create_tables(&place);
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        fill(&mut session);
        for order in ["", "-weight", "weight", "genre_id", "-genre_id,work_id"] {
            check_strides(&mut session, &Query::<WorkGenre>::parse("", order).unwrap(), 2);
        }
        check_strides(&mut session, &Query::<Work>::parse("", "-year,title").unwrap(), 2);
    }
}

#[test]
fn composite_keys_are_places_in_memory_too() {
    let mut memory = memory();
    fill(&mut memory);
    for order in ["", "-weight", "genre_id"] {
        check_strides(&mut memory, &Query::<WorkGenre>::parse("", order).unwrap(), 2);
    }
}

#[test]
fn a_repository_known_at_run_time_strides_the_same_way() {
    let mut memory = memory();
    fill(&mut memory);
    memory.commit().unwrap();
    let catalog = memory.catalog();
    let mut session = catalog.session().unwrap();
    let mut works = session.repository("works").unwrap();
    let stride = works.stride(&Query::new(), None, 4).unwrap();
    assert_eq!(stride, Stride { rows: 4, end: Some(Cursor(vec![4.into()])) });
    let rest = works.stride(&Query::new(), stride.end.as_ref(), 100).unwrap();
    assert_eq!(rest, Stride { rows: 5, end: None });
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// SQLite's plans of the statements that something sends.
fn plans<T>(
    session: &mut persistence::Session<SqliteConnection>,
    run: impl FnOnce(&mut persistence::Session<SqliteConnection>) -> T,
) -> Vec<Vec<String>> {
    let (_, sent) = statements(|| run(session));
    assert!(!sent.is_empty());
    let connection = session.connection().unwrap();
    let explain = |sql: String| {
        let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
        steps.load::<Step>(connection).unwrap().into_iter().map(|step| step.detail).collect()
    };
    sent.into_iter().map(explain).collect()
}

#[test]
fn on_sqlite_strides_and_jumps_search_an_index_and_sort_nothing() {
    let (database, _place) = shop::<SqliteConnection>(sqlite());
    let mut session = database.session().unwrap();
    let lem: Author = session.insert(author("Lem")).unwrap();
    let books: Vec<_> = (0..50)
        .map(|n| NewBook {
            published_on: (n > 20).then(|| chrono::NaiveDate::from_ymd_opt(1950, 2, 3).unwrap()),
            ..book(&lem, &format!("Title {n}"))
        })
        .collect();
    Repository::<Book>::insert_many(&mut session, books).unwrap();
    for (order, index) in [
        ("", "INTEGER PRIMARY KEY"),
        ("-id", "INTEGER PRIMARY KEY"),
        ("title", "COVERING INDEX books_title_index"),
        // All are the same author's: a place among them is found by the key.
        ("author_id", "COVERING INDEX books_author_id_index (author_id=? AND rowid>?)"),
        ("published_on", "COVERING INDEX books_published_on_index"),
        ("-published_on", "COVERING INDEX books_published_on_index"),
    ] {
        let query = Query::<Book>::parse("", order).unwrap();
        let (places, _) = places(&mut session, &query, 10);
        for place in &places {
            let strides = plans(&mut session, |session| session.stride(&query, Some(place), 30));
            let steps = strides.concat().join("\n");
            assert!(steps.contains("SEARCH") && steps.contains(index), "{order}: {steps}");
            assert!(!steps.contains("TEMP B-TREE") && !steps.contains("SCAN books"), "{steps}");
            let jump = query.clone().offset(3);
            let start = PageStart::After(place.clone());
            let jumps =
                plans(&mut session, |session| session.page(&jump, &start, 20)).concat().join("\n");
            assert!(jumps.contains("SEARCH") && !jumps.contains("TEMP B-TREE"), "{order}: {jumps}");
        }
        // From the first row on nothing is searched, but an index is read in its order.
        let first = plans(&mut session, |session| session.stride(&query, None, 30)).concat();
        assert!(!first.concat().contains("TEMP B-TREE"), "{order}: {first:?}");
    }
}

#[test]
fn a_stride_reads_one_place_and_counts_only_at_the_end() {
    let (database, _place) = shop::<SqliteConnection>(sqlite());
    let mut session = database.session().unwrap();
    let users: Vec<_> = (0..30).map(|n| user(&format!("user {n}"), None)).collect();
    Repository::<User>::insert_many(&mut session, users).unwrap();
    let query = Query::<User>::new();
    let place = Cursor(vec![10.into()]);
    let (_, sent) = statements(|| session.stride(&query, Some(&place), 10));
    assert_eq!(
        sent,
        [
            "SELECT `users`.`id` FROM `users` WHERE `users`.`id` > ? ORDER BY `users`.`id` ASC LIMIT 1 OFFSET 9"
        ]
    );
    let (stride, sent) = statements(|| session.stride(&query, Some(&place), 100));
    assert_eq!(stride.unwrap().rows, 20);
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[1].ends_with("LIMIT 99) AS counted"), "{sent:?}");
    assert_eq!(Repository::<User>::count(&mut session, &Filter::All).unwrap(), 30);
}
