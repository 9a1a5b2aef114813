//! Rows are changed and deleted by what they are related to.

use integration_tests::on_every_engine;
use integration_tests::works::{Category, Library, Review, Work, Writer, fill, memory};
use persistence::{Query, Repository};

use crate::filled;

fn bulk_statements_take_filters_through_relations(library: &mut impl Library) {
    let by_lem = Work::WRITER.has(Writer::NAME.eq("Lem")).into_filter();
    assert_eq!(library.update_where(&by_lem, &[Work::YEAR.set(Some(2000))]).unwrap(), 3);
    let written_in_2000 = Work::YEAR.eq(2000).into_filter();
    assert_eq!(Repository::<Work>::count(library, &written_in_2000).unwrap(), 3);
    let of_lem = Review::WORK.has(Work::WRITER.has(Writer::NAME.eq("Lem"))).into_filter();
    assert_eq!(Repository::<Review>::delete_where(library, &of_lem).unwrap(), 3);
}

/// The table that is written is also the one that is read.
fn a_table_is_written_by_what_it_says_of_itself(library: &mut impl Library) {
    let leaves = Category::PARENT
        .has(Category::NAME.eq("Prose"))
        .and(Category::CHILDREN.is_empty())
        .into_filter();
    let renamed = [Category::NAME.set("leaf")];
    assert_eq!(library.update_where(&leaves, &renamed).unwrap(), 2);

    let of_a_pair = Review::WORK.has(Work::REVIEWS.count().ge(2)).into_filter();
    assert_eq!(Repository::<Review>::delete_where(library, &of_a_pair).unwrap(), 4);
    let rest: Vec<Review> = library.list(&Query::new()).unwrap();
    assert_eq!(rest.iter().map(|review| review.id).collect::<Vec<_>>(), [3, 4, 5]);
}

#[test]
fn bulk_statements_take_filters_through_relations_in_memory() {
    let mut memory = memory();
    fill(&mut memory);
    bulk_statements_take_filters_through_relations(&mut memory);
}

#[test]
fn a_table_is_written_by_what_it_says_of_itself_in_memory() {
    let mut memory = memory();
    fill(&mut memory);
    a_table_is_written_by_what_it_says_of_itself(&mut memory);
}

on_every_engine! {
    fn bulk_statements_take_filters_through_relations_in_sql<Engine>(place) {
        bulk_statements_take_filters_through_relations(&mut filled::<Engine>(&place));
    }

    fn a_table_is_written_by_what_it_says_of_itself_in_sql<Engine>(place) {
        a_table_is_written_by_what_it_says_of_itself(&mut filled::<Engine>(&place));
    }

    fn a_session_notices_rows_that_were_written_by_what_they_are_related_to<Engine>(place) {
        let mut session = filled::<Engine>(&place);
        let all = session.query::<Work>().order(Work::ID.asc()).all().unwrap();
        let by_lem = Work::WRITER.has(Writer::NAME.eq("Lem")).into_filter();
        let year = [Work::YEAR.set(Some(2000))];
        assert_eq!(Repository::<Work>::update_where(&mut session, &by_lem, &year).unwrap(), 3);
        let again = session.query::<Work>().order(Work::ID.asc()).all().unwrap();
        let years: Vec<_> = again.iter().map(|&work| session[work].year).collect();
        assert_eq!(years[..3], [Some(2000); 3]);
        assert_eq!(years[3], Some(1974));
        assert_eq!(all[3..], again[3..], "rows that were not written keep their keys");

        let unread = Work::GENRES.is_empty().into_filter();
        assert_eq!(Repository::<Work>::delete_where(&mut session, &unread).unwrap(), 2);
        assert!(session.row(again[6]).is_none() && session.row(again[7]).is_none());
        assert_eq!(session[again[8]].title, "The Lathe of Heaven");
    }
}
