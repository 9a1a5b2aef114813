//! The unit of work.

use persistence::session::Autoflush;
use persistence::{Error, OnDelete, Repository};

use crate::models::{Author, Book, NewAuthor, NewBook};
use crate::{Outcome, author, library};

#[test]
fn what_is_added_is_committed_with_its_keys() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let borges = session.add(NewAuthor { name: "Jorge Luis Borges".into(), born: Some(1899) });
    session.add_all(["Ficciones", "El Aleph"].map(|title| NewBook {
        title: title.into(),
        year: None,
        pages: 150,
        author: borges.into(), // not inserted yet: the flush puts parents first
        category: None,
    }));
    session.flush()?;
    let id = session[borges].id;
    session.commit()?;
    assert_eq!(session.query::<Book>().filter(Book::AUTHOR_ID.eq(id)).count()?, 2);

    session[borges].born = None;
    session.rollback()?;
    assert_eq!(session[borges].born, Some(1899));
    Ok(())
}

#[test]
fn a_transaction_is_a_closure() -> Outcome {
    let database = library()?;
    let id = database.transaction(|session| {
        let borges = session.add(NewAuthor { name: "Jorge Luis Borges".into(), born: None });
        session.flush()?;
        Ok(session[borges].id)
    })?;
    assert_eq!(database.session()?.query::<Author>().filter(Author::ID.eq(id)).count()?, 1);
    Ok(())
}

#[test]
fn a_row_is_got_by_its_key() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let solaris = session.get::<Book>(1)?; // Err(Error::NotFound) where there is none
    assert_eq!(session[solaris].title, "Solaris");

    let missing: Option<Book> = session.find(&4711)?; // a plain row, untracked
    assert_eq!(missing, None);
    Ok(())
}

#[test]
fn a_row_is_in_a_session_once() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let a = session.get::<Book>(1)?;
    let b = session.query::<Book>().filter(Book::TITLE.eq("Solaris")).one()?;
    assert_eq!(a, b); // one row, one key
    session[a].pages = 204;
    assert_eq!(session[b].pages, 204);
    Ok(())
}

#[test]
fn changes_are_known_before_they_are_written() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let solaris = session.get::<Book>(1)?;
    session[solaris].pages = 204;
    assert!(session.has_changes());
    for change in session.changes() {
        assert_eq!(
            change.to_string(),
            "UPDATE books SET pages = 204, version = version + 1 WHERE id = 1 AND version = 1"
        );
    }
    assert_eq!(session.changes().len(), 1);
    Ok(())
}

#[test]
fn rows_are_read_again_let_go_and_taken_in() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let solaris = session.get::<Book>(1)?;
    session[solaris].pages = 0;

    session.refresh(solaris)?; // reads it again, forgets what is not written
    session.expire(solaris); // read again by the next query that finds it
    assert_eq!(session.row(solaris), None);

    let solaris = session.get::<Book>(1)?;
    let mut book = session.detach(solaris).expect("it was read"); // a plain struct of yours
    book.pages = 204;
    let solaris = session.merge(book)?; // what differs is written by the next flush
    session.commit()?;
    assert_eq!((session[solaris].pages, session[solaris].version), (204, 2));
    Ok(())
}

#[test]
fn a_savepoint_is_taken_back_alone() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    session.add(author("Jorge Luis Borges", None));
    let twice = session.savepoint(|session| {
        session.add(author("Homer", None)); // the name is taken
        Ok(())
    });
    assert!(matches!(twice, Err(Error::Constraint(_))));
    session.commit()?; // Borges is there
    assert_eq!(session.query::<Author>().count()?, 4);
    Ok(())
}

#[test]
fn queries_flush_unless_told_not_to() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    session.set_autoflush(Autoflush::Off);
    session.add(author("Jorge Luis Borges", None));
    assert_eq!(session.query::<Author>().count()?, 3);
    session.set_autoflush(Autoflush::On);
    assert_eq!(session.query::<Author>().count()?, 4);
    Ok(())
}

#[test]
fn a_row_is_deleted_by_the_flush() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let solaris = session.get::<Book>(1)?;
    session.delete(solaris)?;
    session.commit()?;
    assert_eq!(session.row(solaris), None);
    Ok(())
}

#[test]
fn what_a_delete_takes_along_is_told_before() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let solaris = session.get::<Book>(1)?;
    let plan = session.plan_deletion([solaris])?;
    for consequence in &plan.consequences {
        assert_eq!(consequence.entity.name, "Review");
        assert_eq!(consequence.rule, OnDelete::Cascade);
        assert_eq!(consequence.count.number(), 2); // they go along
    }
    assert_eq!(plan.consequences.len(), 1);
    assert!(!plan.is_blocked());
    Ok(())
}
