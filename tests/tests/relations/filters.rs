//! Filters through relations find the same rows everywhere, typed in code or as text.

use integration_tests::on_every_engine;
use integration_tests::works::{
    Category, Genre, Library, Profile, Review, Work, Writer, fill, memory,
};
use persistence::{Entity, Filter, Memory, Predicate, Query, Repository};

use crate::filled;

/// The first column of the rows that a predicate finds, which is their key. The filter must mean
/// the same after it was printed and read.
fn found<E: Entity>(library: &mut impl Repository<E>, predicate: Predicate<E>) -> Vec<i64> {
    let filter: Filter = predicate.into();
    let text = filter.to_string();
    let read = Filter::parse(E::meta(), &text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(read.to_string(), text);
    let mut query = Query::<E>::new();
    query.filter = filter;
    let rows = library.list(&query).unwrap_or_else(|error| panic!("{text}: {error}"));
    query.filter = read;
    assert_eq!(library.list(&query).unwrap(), rows, "{text}");
    assert_eq!(library.count(&query.filter).unwrap(), rows.len() as u64, "{text}");
    rows.iter().map(|row| row.value(0).as_integer().unwrap()).collect()
}

fn filters_find_what_they_say(library: &mut impl Library) {
    // To one row.
    assert_eq!(found(library, Work::WRITER.has(Writer::NAME.eq("Lem"))), [1, 2, 3]);
    assert_eq!(found(library, Work::WRITER.has(Writer::BORN.ge(1900))), [1, 2, 3, 4, 9]);
    assert_eq!(found(library, Work::WRITER.has(Writer::BORN.is_null())), [5, 6]);
    assert_eq!(found(library, Work::WRITER.exists()), [1, 2, 3, 4, 5, 6, 7, 9]);
    assert_eq!(found(library, Work::WRITER.is_missing()), [8]);
    // A row without a related row is not unknown: it has none.
    assert_eq!(found(library, Work::WRITER.has(Writer::NAME.ne("Lem"))), [4, 5, 6, 7, 9]);
    assert_eq!(found(library, Work::WRITER.has(Writer::NAME.eq("Lem")).not()), [4, 5, 6, 7, 8, 9]);
    // A comparison with NULL inside is not true, whatever stands around it.
    assert_eq!(found(library, Work::WRITER.has(Writer::BORN.lt(1900).not())), [1, 2, 3, 4, 9]);
    assert_eq!(
        found(library, Work::WRITER.has(Writer::BORN.lt(1900)).not()),
        [1, 2, 3, 4, 5, 6, 8, 9]
    );
    assert_eq!(found(library, Writer::PROFILE.has(Profile::MOTTO.is_not_null())), [1, 4]);
    assert_eq!(found(library, Writer::PROFILE.is_missing()), [3, 5]);
    assert_eq!(found(library, Profile::WRITER.has(Writer::NAME.contains("l"))), [11, 12, 13]);

    // To many.
    assert_eq!(found(library, Writer::WORKS.any(Work::YEAR.gt(1970))), [1, 2]);
    assert_eq!(found(library, Writer::WORKS.none(Work::YEAR.gt(1970))), [3, 4, 5]);
    assert_eq!(found(library, Writer::WORKS.all(Work::YEAR.gt(1961))), [2, 3, 5]);
    assert_eq!(found(library, Writer::WORKS.is_empty()), [5]);
    assert_eq!(found(library, Writer::WORKS.is_not_empty()), [1, 2, 3, 4]);
    let lem_in_the_sixties = Work::YEAR.between(1960, 1969).and(Work::TITLE.contains("SOL"));
    assert_eq!(found(library, Writer::WORKS.any(lem_in_the_sixties)), [1]);

    // Through a table between.
    let of = |genre: &str| Work::GENRES.any(Genre::NAME.eq(genre));
    assert_eq!(found(library, of("philosophy")), [1, 3, 4]);
    assert_eq!(found(library, of("philosophy").and(of("science fiction"))), [1, 4]);
    assert_eq!(found(library, Work::GENRES.is_empty()), [7, 8]);
    assert_eq!(found(library, Genre::WORKS.is_empty()), [4]);
    assert_eq!(found(library, Work::GENRES.all(Genre::NAME.starts_with("Sci"))), [2, 7, 8, 9]);

    // To itself, and over several steps.
    let in_prose = Category::PARENT.has(Category::NAME.eq("Prose"));
    assert_eq!(found(library, in_prose.clone()), [4, 5]);
    assert_eq!(found(library, Category::CHILDREN.any(in_prose)), [2]);
    let grandparent = Category::PARENT.has(Category::PARENT.has(Category::NAME.eq("All")));
    assert_eq!(found(library, grandparent), [4, 5]);
    let siblings_of_verse =
        Category::PARENT.has(Category::CHILDREN.any(Category::NAME.eq("Verse")));
    assert_eq!(found(library, siblings_of_verse), [2, 3]);
    let colleagues = Work::WRITER.has(Writer::WORKS.any(Work::TITLE.eq("Odyssey")));
    assert_eq!(found(library, colleagues), [5, 6]);
    let linked = Work::GENRES.any(Genre::WORKS.any(Work::TITLE.eq("Summa Technologiae")));
    assert_eq!(found(library, linked), [1, 3, 4]);
    let praised = Writer::WORKS.any(Work::REVIEWS.any(Review::STARS.eq(5)));
    assert_eq!(found(library, praised), [1, 2]);
}

fn counts_compare_as_numbers(library: &mut impl Library) {
    assert_eq!(found(library, Writer::WORKS.count().ge(3)), [1]);
    assert_eq!(found(library, Writer::WORKS.count().eq(2)), [2, 3]);
    assert_eq!(found(library, Writer::WORKS.count().lt(1)), [5]);
    assert_eq!(found(library, Writer::WORKS.count().ne(0)), [1, 2, 3, 4]);
    assert_eq!(found(library, Writer::WORKS.count().le(u64::MAX)), [1, 2, 3, 4, 5]);
    assert_eq!(found(library, Writer::WORKS.count().matching(Work::YEAR.is_null()).gt(1)), [3]);
    assert_eq!(found(library, Work::GENRES.count().eq(2)), [1, 4]);
    let of_both = Genre::NAME.eq("epic").or(Genre::NAME.contains("PHIL"));
    assert_eq!(found(library, Work::GENRES.count().matching(of_both).eq(1)), [1, 3, 4, 5, 6]);
    let two_counts = Writer::WORKS
        .count()
        .matching(Work::REVIEWS.count().matching(Review::STARS.ge(3)).ge(1))
        .ge(2);
    assert_eq!(found(library, two_counts), [1]);
    assert_eq!(found(library, Category::CHILDREN.count().eq(2)), [1, 2]);
    assert_eq!(found(library, Writer::PROFILE.exists().and(Writer::WORKS.count().eq(1))), [4]);
}

fn typed_filters_find_the_same(library: &mut impl Library) {
    let mut titles = |text: &str| -> Vec<String> {
        let query =
            Query::<Work>::parse(text, "").unwrap_or_else(|error| panic!("{text}: {error}"));
        let rows: Vec<Work> = library.list(&query).unwrap();
        rows.into_iter().map(|work| work.title).collect()
    };
    assert_eq!(titles("writer.name = Homer"), ["Iliad", "Odyssey"]);
    assert_eq!(titles("writer.profile.motto ~ ROOM"), ["Orlando"]);
    assert_eq!(titles("writer is null"), ["Beowulf"]);
    assert_eq!(titles("category.parent.parent.name = All and year < 1962"), ["Solaris"]);
    assert_eq!(titles("count(reviews where stars > 2) >= 2"), ["Odyssey"]);
    assert_eq!(
        titles("writer (born is null) and any reviews (stars = 1 or words is null)"),
        ["Iliad", "Odyssey"]
    );
    assert_eq!(titles("no genres and writer is not null"), ["Orlando"]);
    assert_eq!(titles("count(writer.works) >= 3 and not count(genres) = 1"), ["Solaris"]);
}

#[test]
fn filters_find_in_memory_what_they_say() {
    let mut memory = memory();
    fill(&mut memory);
    filters_find_what_they_say(&mut memory);
    counts_compare_as_numbers(&mut memory);
    typed_filters_find_the_same(&mut memory);
}

#[test]
fn an_entity_that_memory_lacks_is_named() {
    let mut memory = Memory::new().with::<Work>();
    let filter = Work::WRITER.has(Writer::NAME.eq("Lem")).into_filter();
    let error = Repository::<Work>::count(&mut memory, &filter).unwrap_err();
    assert!(error.to_string().contains("`.with::<Writer>()`"), "{error}");
}

on_every_engine! {
    fn filters_find_what_they_say_in_sql<Engine>(place) {
        filters_find_what_they_say(&mut filled::<Engine>(&place));
    }

    fn counts_compare_as_numbers_in_sql<Engine>(place) {
        counts_compare_as_numbers(&mut filled::<Engine>(&place));
    }

    fn typed_filters_find_the_same_in_sql<Engine>(place) {
        typed_filters_find_the_same(&mut filled::<Engine>(&place));
    }

    fn twenty_relations_inside_each_other_are_taken<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        for step in ["parent", "children"] {
            let path = format!("{}name = All", format!("{step}.").repeat(20));
            let filter = Filter::parse(Category::meta(), &path).unwrap();
            assert_eq!(Repository::<Category>::count(&mut session, &filter).unwrap(), 0);
        }
    }

    fn pages_of_a_relations_filter_follow_one_another<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let query = Query::<Work>::parse("writer is not null", "-year").unwrap();
        let mut titles = Vec::new();
        let mut next = Some(persistence::PageStart::First);
        while let Some(start) = next {
            let page = session.page(&query, &start, 3).unwrap();
            titles.extend(page.rows.into_iter().map(|work| work.title));
            next = page.next;
        }
        assert_eq!(titles, [
            "Fiasco", "The Dispossessed", "The Lathe of Heaven", "Summa Technologiae", "Solaris",
            "Orlando", "Odyssey", "Iliad",
        ]);
    }

    fn a_predicate_with_relations_fits_into_a_diesel_query<Engine>(place) {
        use diesel::prelude::*;
        use integration_tests::works::schema::works;
        let mut session = filled::<Engine>(&place);
        let by_homer = Work::WRITER.has(Writer::NAME.eq("Homer"));
        let titles: Vec<String> = works::table
            .filter(by_homer)
            .order(works::title)
            .select(works::title)
            .load(session.connection().unwrap())
            .unwrap();
        assert_eq!(titles, ["Iliad", "Odyssey"]);
    }
}
