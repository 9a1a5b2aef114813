//! Relations between the rows of a session.

use persistence::Path;

use crate::models::{
    Author, Book, Category, Genre, NewBiography, NewCategory, NewGenre, NewReview, Review,
};
use crate::{Outcome, library};

#[test]
fn both_ends_are_in_step() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let lem = session.query::<Author>().filter(Author::ID.eq(1)).include(Author::BOOKS).one()?;
    let homer = session.get::<Author>(3)?;
    let fiasco = session.query::<Book>().filter(Book::TITLE.eq("Fiasco")).one()?;

    session.relate(homer, Author::BOOKS, fiasco)?; // or from the other end:
    session.relate(fiasco, Book::AUTHOR, homer)?;
    assert_eq!(session.related_one(fiasco, Book::AUTHOR)?, Some(homer));
    assert!(!session.related(lem, Author::BOOKS)?.contains(&fiasco)); // before any flush
    session.commit()?;
    assert_eq!(session[fiasco].author_id, session[homer].id);
    Ok(())
}

#[test]
fn a_row_has_one_of_the_other() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let lem = session.get::<Author>(1)?;
    let life = session.add(NewBiography { author: lem.into(), body: "Born in Lwów.".into() });
    session.commit()?;
    assert_eq!(session.related_one(life, crate::models::Biography::AUTHOR)?, Some(lem));
    Ok(())
}

#[test]
fn many_belong_to_many() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let solaris = session.query::<Book>().include(Book::GENRES).first()?.expect("a book");
    let novel = session.add(NewGenre { name: "novel".into() });
    session.relate(solaris, Book::GENRES, novel)?; // adds the row of book_genres
    session.commit()?;
    assert_eq!(session.related(solaris, Book::GENRES)?, [novel]);

    session.unrelate(solaris, Book::GENRES, novel)?; // deletes it
    session.commit()?;
    assert!(session.related(solaris, Book::GENRES)?.is_empty());
    assert_eq!(session.query::<Genre>().count()?, 1);
    Ok(())
}

#[test]
fn a_tree_refers_to_itself() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let prose = session.add(NewCategory { name: "Prose".into(), parent: None });
    let novels = session.add(NewCategory { name: "Novels".into(), parent: Some(prose.into()) });
    session.commit()?;
    let roots = session
        .query::<Category>()
        .filter(Category::PARENT.is_missing())
        .include(Category::CHILDREN.then(Category::CHILDREN))
        .all()?;
    assert_eq!(session.related(roots[0], Category::CHILDREN)?, [novels]);
    Ok(())
}

#[test]
fn orphans_are_deleted() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let solaris = session.query::<Book>().include(Book::REVIEWS).first()?.expect("a book");
    let reviews = session.related(solaris, Book::REVIEWS)?;
    session.unrelate(solaris, Book::REVIEWS, reviews[0])?; // `orphan = delete`: the flush deletes it
    session.commit()?;
    assert_eq!(session.query::<Review>().count()?, 1);

    session.add(NewReview { book: Some(solaris.into()), stars: 4 });
    session.delete(solaris)?; // `on_delete = cascade`: its reviews go along, the new one too
    session.commit()?;
    assert_eq!(session.query::<Review>().count()?, 0);
    Ok(())
}
