//! Many rows at once.

use persistence::{PageStart, Query, Repository, Upsert};

use crate::models::{Author, Book, NewAuthor};
use crate::{Outcome, library};

#[test]
fn many_rows_are_written_in_few_statements() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let drafts =
        (0..1_000).map(|n| NewAuthor { name: format!("Author {n}"), born: Some(n) }).collect();
    let authors: Vec<Author> = session.insert_many(drafts)?; // with their keys
    assert_eq!(authors.len(), 1_000);

    let old = Author::BORN.lt(500).and(Author::NAME.starts_with("Author "));
    let renamed = session.query().filter(old.clone()).update(&[Author::BORN.set(500)])?;
    let deleted = session.query::<Author>().filter(Author::BORN.eq(500)).delete()?;
    assert_eq!((renamed, deleted), (500, 501));
    session.commit()?;
    Ok(())
}

#[test]
fn rows_that_are_there_are_updated_or_kept() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let homer = NewAuthor { name: "Homer".into(), born: Some(-750) };
    let by_name = Upsert::on(Author::NAME);
    let kept = session.upsert(vec![homer.clone()], &by_name)?;
    assert_eq!(kept[0].born, None);
    let updated = session.upsert(vec![homer], &by_name.set(Author::BORN))?; // or .set_all()
    assert_eq!(updated[0].born, Some(-750));
    Ok(())
}

#[test]
fn pages_are_found_by_key() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let by_year = Query::<Book>::new().order(Book::YEAR.desc());
    let first = session.page(&by_year, &PageStart::First, 2)?;
    let second = session.page(&by_year, &first.next.expect("more"), 2)?;
    assert_eq!(second.rows[0].title, "The Lathe of Heaven");
    Ok(())
}

#[test]
fn a_table_larger_than_memory_is_walked() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let mut pages = 0;
    for book in session.query::<Book>().walk(1_000) {
        pages += book?.pages; // at most 1,000 rows in memory
    }
    session.query::<Book>().for_each_chunk(1_000, |session, books| {
        for book in books {
            let mine = Book { pages: book.pages + 1, ..book.clone() };
            session.update_from(&book, mine)?;
        }
        session.commit() // short transactions
    })?;
    assert_eq!(pages, 1_000);
    Ok(())
}
