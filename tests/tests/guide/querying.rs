//! Queries.

use persistence::{Path, Query, Repository};

use crate::models::{Author, Book, Review};
use crate::{Outcome, library};

#[test]
fn rows_are_selected_sorted_and_cut() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let books = session
        .query::<Book>()
        .filter(Book::YEAR.ge(1960).and(Book::TITLE.contains("the")))
        .order(Book::YEAR.desc().then(Book::TITLE.asc()))
        .limit(2)
        .all()?; // Vec<Key<Book>>: the session has the rows
    let titles: Vec<&str> = books.iter().map(|&book| session[book].title.as_str()).collect();
    assert_eq!(titles, ["The Dispossessed", "The Lathe of Heaven"]);
    Ok(())
}

#[test]
fn plain_rows_are_not_tracked() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let books: Vec<Book> = session.query::<Book>().filter(Book::YEAR.lt(1965)).load()?;
    assert_eq!(books.len(), 2);
    Ok(())
}

#[test]
fn conditions_are_joined() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let early_or_long = Book::YEAR.lt(1962).or(Book::PAGES.gt(500));
    let undated = Book::YEAR.is_null();
    let some = Book::ID.is_in([1, 2, 3]).and(Book::YEAR.between(1960, 1970));
    let others = Book::TITLE.starts_with("the").not();
    assert_eq!(session.query::<Book>().filter(early_or_long).count()?, 1);
    assert_eq!(session.query::<Book>().filter(undated).count()?, 0);
    assert_eq!(session.query::<Book>().filter(some).count()?, 2);
    assert_eq!(session.query::<Book>().filter(others).count()?, 2);
    Ok(())
}

#[test]
fn one_row_or_none_is_asked_for() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let one = session.query::<Book>().filter(Book::TITLE.eq("Solaris")).one()?;
    let first = session.query::<Book>().order(Book::YEAR.asc()).first()?;
    let missing = session.query::<Book>().filter(Book::TITLE.eq("Odyssey")).one_or_none()?;
    assert_eq!((first, missing), (Some(one), None));
    Ok(())
}

#[test]
fn rows_are_counted_and_asked_for() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let early = session.query::<Book>().filter(Book::YEAR.lt(1970)).count()?;
    let has_undated = session.query::<Book>().filter(Book::YEAR.is_null()).exists()?;
    assert_eq!((early, has_undated), (2, false));
    Ok(())
}

#[test]
fn queries_look_through_relations() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let by_lem = Book::AUTHOR.has(Author::NAME.contains("lem"));
    let praised = Book::REVIEWS.any(Review::STARS.ge(5));
    let busy = Author::BOOKS.count().matching(Book::YEAR.ge(1960)).ge(3);
    let idle = Author::BOOKS.is_empty();
    let praised_by_way_of_books = Author::BOOKS.any(Book::REVIEWS.any(Review::STARS.ge(5)));
    assert_eq!(session.query::<Book>().filter(by_lem.and(praised)).count()?, 1);
    assert_eq!(session.query::<Author>().filter(busy).count()?, 1);
    assert_eq!(session.query::<Author>().filter(idle).count()?, 1);
    assert_eq!(session.query::<Author>().filter(praised_by_way_of_books).count()?, 1);
    Ok(())
}

#[test]
fn a_filter_may_be_typed() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let query = Query::<Book>::parse(r#"author.name ~ "lem" and year > 1962"#, "-year,title")?;
    let books = session.list(&query)?;
    assert_eq!(books[0].title, "Fiasco");

    let wrong = Query::<Book>::parse("years > 1962", "").unwrap_err();
    assert!(wrong.to_string().contains("did you mean `year`"), "{wrong}");
    Ok(())
}

#[test]
fn related_rows_are_read_along() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let authors = session
        .query::<Author>()
        .order(Author::NAME.desc())
        .include(Author::BOOKS.then((Book::REVIEWS, Book::GENRES)))
        .include(Author::BIOGRAPHY)
        .all()?; // seldom more than one statement for each relation, however many rows
    let mut most_reviews = 0;
    for author in authors {
        for book in session.related(author, Author::BOOKS)? {
            let reviews = session.related(book, Book::REVIEWS)?;
            most_reviews = most_reviews.max(reviews.len());
        }
    }
    assert_eq!(most_reviews, 2);
    Ok(())
}

#[test]
fn nothing_is_read_behind_your_back() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let author = session.get::<Author>(1)?;
    let not_included = session.related(author, Author::BOOKS).unwrap_err();
    assert_eq!(
        not_included.to_string(),
        "Author: `books` was not included by the query; add `.include(…)`"
    );
    Ok(())
}
