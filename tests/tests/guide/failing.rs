//! Concurrency and failure.

use std::time::Duration;

use persistence::{
    ConstraintKind, Error, Isolation, Repository, SessionOptions, TransactionOptions,
};

use crate::models::{Book, NewAuthor, Review};
use crate::{Database, MIGRATIONS, Outcome, fill, library};

#[test]
fn a_lost_update_is_a_conflict() -> Outcome {
    let place = integration_tests::sqlite();
    let database = Database::open(place.url())?;
    database.migrate(&MIGRATIONS)?;
    let mut mine = database.session()?;
    fill(&mut mine)?;
    let mut theirs = database.session()?;
    let book = theirs.get::<Book>(1)?;
    theirs.commit()?;
    let solaris = mine.get::<Book>(1)?;
    mine.rollback()?;
    theirs[book].pages = 210;
    theirs.commit()?;

    mine[solaris].pages = 204;
    match mine.commit() {
        Err(Error::Conflict(conflict)) => {
            let pages = Book::PAGES.position();
            let theirs = conflict.theirs.expect("else somebody deleted it");
            assert_eq!(theirs.value(pages).to_string(), "210");
        }
        other => panic!("{other:?}"),
    }
    mine.refresh(solaris)?; // or keep `conflict.mine` and try again
    mine[solaris].pages = 204;
    mine.commit()?;
    Ok(())
}

#[test]
fn what_the_database_refuses_names_the_fields() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let again = session.add(NewAuthor { name: "Homer".into(), born: None });
    match session.commit() {
        Err(Error::Constraint(violation)) => {
            assert_eq!(violation.kind, ConstraintKind::Unique);
            assert_eq!(violation.fields(), ["name"]); // the same on every engine
        }
        other => panic!("{other:?}"),
    }
    // No rollback needed: everything is still pending. Mend it and go on.
    session.draft_mut(again).expect("it is pending").name = "Hesiod".into();
    session.commit()?;
    Ok(())
}

#[test]
fn rows_are_locked() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let book = session.query::<Book>().filter(Book::ID.eq(1)).for_update().one()?;
    let next = session.query::<Review>().order(Review::ID.asc()).limit(1).skip_locked().first()?;
    assert!(next.is_some() && session[book].id == 1);
    Ok(())
}

#[test]
fn a_session_is_isolated() -> Outcome {
    let database = library()?;
    let options =
        SessionOptions { isolation: Some(Isolation::Serializable), ..SessionOptions::default() };
    let mut session = database.session_with(options)?;
    assert_eq!(session.query::<Book>().count()?, 5);
    Ok(())
}

#[test]
fn a_transaction_is_tried_again() -> Outcome {
    let database = library()?;
    let options = TransactionOptions { attempts: 5, ..TransactionOptions::default() };
    let pages = database.transaction_with(options, |session| {
        let solaris = session.get::<Book>(1)?; // runs again from here
        session[solaris].pages += 1;
        Ok(session[solaris].pages)
    })?;
    assert_eq!(pages, 201);
    Ok(())
}

#[test]
fn statements_are_stopped() -> Outcome {
    let place = integration_tests::sqlite();
    let url = place.url();
    let database = Database::builder(url)
        .statement_timeout(Duration::from_secs(5)) // Error::Timeout
        .lock_timeout(Duration::from_secs(1)) // Error::Retryable, RetryReason::Busy
        .open()?;
    let mut session = database.session()?;
    let canceller = session.canceller()?; // Clone + Send: give it to another thread
    canceller.cancel()?; // the statement that runs ends with Error::Cancelled
    drop(session);
    database.migrate(&MIGRATIONS)?;
    let book: Option<Book> = database.session()?.find(&1)?;
    assert_eq!(book, None);
    Ok(())
}
