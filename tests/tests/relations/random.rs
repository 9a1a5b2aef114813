//! Random filters through relations find in SQL on every engine what they find in memory.

use integration_tests::on_every_engine;
use integration_tests::works::{Category, Genre, Library, Work, Writer, fill, memory};
use persistence::{
    ColumnMeta, ColumnType, Comparison, Entity, EntityMeta, Filter, Query, Repository, TextMatch,
    Value,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::filled;

/// A runner that tries the same cases in every run.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// A value such as the rows have.
fn value(column: &ColumnMeta) -> BoxedStrategy<Value> {
    match (column.column_type, column.name) {
        (ColumnType::Integer { .. }, "year" | "born") => {
            select(vec![1882, 1921, 1929, 1961, 1964, 1971]).prop_map(Value::Integer).boxed()
        }
        (ColumnType::Integer { .. }, _) => (0_i64..7).prop_map(Value::Integer).boxed(),
        _ => select(vec!["All", "Lem", "Homer", "epic", "Solaris", "long", "M"])
            .prop_map(Value::from)
            .boxed(),
    }
}

fn condition(meta: &'static EntityMeta) -> BoxedStrategy<Filter> {
    select((0..meta.columns.len()).collect::<Vec<_>>())
        .prop_flat_map(|position| {
            let column = &meta.columns[position];
            let name = column.name;
            let compare = (select(Comparison::ALL.to_vec()), value(column))
                .prop_map(move |(operator, value)| Filter::compare(name, operator, value));
            let one_of = vec(value(column), 0..3)
                .prop_map(move |values| Filter::In { column: name.into(), values });
            let is_null = Just(Filter::IsNull { column: name.into() });
            if column.column_type.is_text() {
                let search = (select(TextMatch::ALL.to_vec()), "[aelo]{0,2}").prop_map(
                    move |(operator, pattern)| Filter::Text {
                        column: name.into(),
                        operator,
                        pattern,
                    },
                );
                prop_oneof![2 => compare, 1 => one_of, 1 => is_null, 3 => search].boxed()
            } else {
                prop_oneof![4 => compare, 1 => one_of, 1 => is_null].boxed()
            }
        })
        .boxed()
}

fn related(meta: &'static EntityMeta, relations: usize) -> BoxedStrategy<Filter> {
    if meta.relations.is_empty() {
        return condition(meta);
    }
    select((0..meta.relations.len()).collect::<Vec<_>>())
        .prop_flat_map(move |position| {
            let relation = &meta.relations[position];
            let name = relation.name;
            let filter =
                prop_oneof![1 => Just(Filter::All), 5 => filter(relation.target.meta(), relations)];
            let count = proptest::option::of((select(Comparison::ALL.to_vec()), 0..3_u64));
            (filter, count).prop_map(move |(filter, count)| match count {
                None => Filter::related(name, filter),
                Some((operator, count)) => Filter::RelatedCount {
                    relation: name.into(),
                    filter: Box::new(filter),
                    operator,
                    count,
                },
            })
        })
        .boxed()
}

fn filter(meta: &'static EntityMeta, relations: usize) -> BoxedStrategy<Filter> {
    let leaf = if relations == 0 {
        condition(meta)
    } else {
        prop_oneof![1 => condition(meta), 2 => related(meta, relations - 1)].boxed()
    };
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Filter::And),
            vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}

fn keys<E: Entity>(
    repository: &mut impl Repository<E>,
    filter: &Filter,
) -> Result<Vec<E>, TestCaseError> {
    let mut query = Query::<E>::new();
    query.filter = filter.clone();
    repository.list(&query).map_err(|error| TestCaseError::fail(format!("{filter}: {error}")))
}

fn finds_what_memory_finds<E: Entity>(
    library: &mut impl Repository<E>,
    memory: &mut impl Repository<E>,
) {
    let total = memory.count(&Filter::All).unwrap();
    let (library, memory) = (std::cell::RefCell::new(library), std::cell::RefCell::new(memory));
    let counts = std::cell::Cell::new((0_u32, 0_u32));
    let result = runner(150).run(&filter(E::meta(), 3), |filter| {
        let expected = keys(&mut **memory.borrow_mut(), &filter)?;
        let found = keys(&mut **library.borrow_mut(), &filter)?;
        prop_assert_eq!(&found, &expected, "{}", filter);
        let counted = library.borrow_mut().count(&filter).unwrap();
        prop_assert_eq!(counted, expected.len() as u64, "count of {}", filter);
        let text = filter.to_string();
        let read = Filter::parse(E::meta(), &text)
            .map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(keys(&mut **memory.borrow_mut(), &read)?, expected, "{}", text);
        let (tried, selective) = counts.get();
        let is_selective = counted > 0 && counted < total;
        counts.set((tried + 1, selective + u32::from(is_selective)));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (tried, selective) = counts.get();
    assert!(selective * 4 > tried, "only {selective} of {tried} filters find some and not all");
}

fn all_entities_find_what_memory_finds(library: &mut impl Library) {
    let mut memory = memory();
    fill(&mut memory);
    finds_what_memory_finds::<Work>(library, &mut memory);
    finds_what_memory_finds::<Writer>(library, &mut memory);
    finds_what_memory_finds::<Category>(library, &mut memory);
    finds_what_memory_finds::<Genre>(library, &mut memory);
}

on_every_engine! {
    fn random_filters_find_what_they_find_in_memory<Engine>(place) {
        all_entities_find_what_memory_finds(&mut filled::<Engine>(&place));
    }
}
