//! One meaning everywhere: what SQLite, PostgreSQL and MariaDB find, in which order, is what the
//! evaluation in memory finds.
//!
//! Random rows with every type of column, NULLs and ties; random filters, orders and pages. The
//! random numbers are the same in every run.
//!
//! Two things are left out, since MySQL's `utf8mb4_bin` pads with blanks when it compares: texts
//! with a blank at the end, and characters below the blank. Letters whose upper case is more than
//! one character differ between engines, too; of those only ß is here.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod sample;
mod strategy;

use std::cell::{Cell, RefCell};

use integration_tests::{TestDatabase, on_every_engine};
use persistence::{
    Database, DynRepository as _, Engine, Entity, Memory, PageStart, Query, Record, Repository,
    Session, Store,
};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use proptest::{prop_assert, prop_assert_eq};

use sample::{Sample, drafts, tables};

/// A runner that tries the same cases in every run.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn memory() -> Memory {
    let mut memory = Memory::new().with::<Sample>();
    let rows: Vec<Sample> = memory.insert_many(drafts()).expect("memory takes the rows");
    assert_eq!(rows.len(), sample::rows().len());
    memory
}

fn filled<C: Engine + Store<Sample>>(place: &TestDatabase) -> Database<C> {
    place.execute(tables(C::NAME));
    let database = Database::<C>::open(place.url()).expect("the test database opens");
    let mut session = database.session().expect("a session");
    let rows: Vec<Sample> = session.insert_many(drafts()).expect("the engine takes the rows");
    assert_eq!(rows.len(), sample::rows().len());
    session.commit().expect("the rows are committed");
    drop(session);
    database
}

/// Finds the query's rows, in order: those whose records fulfil the filter, sorted by the order.
fn expected(query: &Query<Sample>) -> Vec<i64> {
    let meta = Sample::meta();
    let filter = query.filter.clone().resolve(meta).expect("the filter fits");
    let order = query.order.clone().resolve(meta).expect("the order fits");
    let mut rows: Vec<&Record> =
        sample::rows().iter().filter(|row| filter.matches(meta, row)).collect();
    rows.sort_by(|a, b| order.compare(meta, a, b));
    rows.iter().filter_map(|row| row.value(0).as_integer()).collect()
}

fn ids(rows: &[Sample]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}

fn lists_as_expected(
    repository: &mut impl Repository<Sample>,
    query: &Query<Sample>,
) -> Result<(), TestCaseError> {
    let expected = expected(query);
    let listed = repository.list(query).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&ids(&listed), &expected, "{} by {}", query.filter, query.order);
    let counted = repository.count(&query.filter).unwrap();
    prop_assert_eq!(counted, expected.len() as u64, "count of {}", query.filter);
    Ok(())
}

/// Reads the query's pages one way and back from where that ended.
fn pages_cover_as_expected(
    repository: &mut impl Repository<Sample>,
    query: &Query<Sample>,
    size: u64,
) -> Result<(), TestCaseError> {
    let expected = expected(query);
    let pages_at_most = expected.len() + 2;
    for first in [PageStart::First, PageStart::Last] {
        let is_forwards = first == PageStart::First;
        let mut start = first;
        let mut found: Vec<i64> = Vec::new();
        for count in 0.. {
            prop_assert!(count < pages_at_most, "paging does not end");
            let page = repository
                .page(query, &start, size)
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(page.rows.len() as u64 <= size);
            let rows = ids(&page.rows);
            let next = if is_forwards {
                found.extend(rows);
                page.next
            } else {
                found.splice(0..0, rows);
                page.previous
            };
            match next {
                Some(next) => start = next,
                None => break,
            }
        }
        let way = if is_forwards { "forwards" } else { "backwards" };
        prop_assert_eq!(
            &found,
            &expected,
            "{} {} at a time: {} by {}",
            way,
            size,
            query.filter,
            query.order
        );
    }
    Ok(())
}

#[test]
fn most_filters_find_some_rows_and_not_all() {
    let selective = Cell::new(0_u32);
    let result = runner(300).run(&strategy::query(), |query| {
        let found = expected(&query).len();
        selective.set(selective.get() + u32::from((1..sample::rows().len()).contains(&found)));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(selective.get() > 100, "only {} of 300", selective.get());
}

#[test]
fn memory_lists_what_the_filter_says_in_the_order_it_says() {
    let memory = RefCell::new(memory());
    let result = runner(300)
        .run(&strategy::query(), |query| lists_as_expected(&mut *memory.borrow_mut(), &query));
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn pages_in_memory_cover_every_row_once_both_ways() {
    let memory = RefCell::new(memory());
    let result = runner(60).run(&strategy::paged(), |(query, size)| {
        pages_cover_as_expected(&mut *memory.borrow_mut(), &query, size)
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_filter_means_the_same_after_it_was_written_and_read() {
    let result = runner(300).run(&strategy::query(), |query| {
        let text = query.filter.to_string();
        let read = Query::<Sample>::parse(&text, &query.order.to_string())
            .map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(expected(&read), expected(&query), "{}", text);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

on_every_engine! {
    fn rows_come_back_as_they_were_given<Engine>(place) {
        let database = filled::<Engine>(&place);
        let stored: Vec<Sample> = database.session().unwrap().list(&Query::new()).unwrap();
        let mut given = sample::rows().to_vec();
        given.sort_by_key(|row| row.value(0).as_integer());
        for (stored, given) in stored.iter().zip(&given) {
            assert_eq!(stored.to_record(), *given);
        }
        assert_eq!(stored.len(), given.len());
    }

    fn rows_of_no_type_are_written_and_read_as_those_of_one<Engine>(place) {
        place.execute(tables(Engine::NAME));
        let database = Database::<Engine>::open(place.url()).unwrap();
        let meta = Sample::meta();
        let mut session = database.session().unwrap();
        let given = sample::rows();
        let inserted = session.table(meta).insert_many(given.to_vec()).unwrap();
        assert_eq!(inserted, given);
        let stored = |session: &mut Session<Engine>| -> Vec<Record> {
            session.list(&Query::<Sample>::new()).unwrap().iter().map(Entity::to_record).collect()
        };
        let mut sorted = given.to_vec();
        sorted.sort_by_key(|row| row.value(0).as_integer());
        assert_eq!(stored(&mut session), sorted);

        // Each row becomes another in all columns but its key.
        for (base, other) in given.iter().zip(given.iter().skip(1)) {
            let mut mine = other.clone();
            mine.set(0, base.value(0).clone());
            let updated = session.table(meta).update_from(base, mine.clone()).unwrap();
            assert_eq!(updated, mine);
            let known = sorted.iter_mut().find(|row| row.value(0) == base.value(0)).unwrap();
            *known = mine;
        }
        assert_eq!(stored(&mut session), sorted);
        assert_eq!(session.table(meta).list(&Query::new()).unwrap(), sorted);
        let late = sorted.split_off(sorted.len() / 2);
        for row in &late {
            session.table(meta).delete_from(row).unwrap();
        }
        assert_eq!(stored(&mut session), sorted);
    }

    fn a_query_finds_the_same_rows_in_the_same_order_as_in_memory<Engine>(place) {
        let database = filled::<Engine>(&place);
        let result = runner(300).run(&strategy::query(), |query| {
            lists_as_expected(&mut database.session().unwrap(), &query)
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    }

    fn pages_cover_every_row_once_both_ways<Engine>(place) {
        let database = filled::<Engine>(&place);
        let result = runner(60).run(&strategy::paged(), |(query, size)| {
            pages_cover_as_expected(&mut database.session().unwrap(), &query, size)
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    }
}
