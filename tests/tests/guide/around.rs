//! Opening, hooks, migrations, tests, Diesel.

use diesel::prelude::*;
use persistence::testing::expect_queries;
use persistence::{Error, FieldError, Invalid, Memory, Repository, Result};

use crate::models::schema::{authors, books};
use crate::models::{Author, Biography, Book, BookGenre, Category, Genre, NewAuthor, Review};
use crate::{Database, MIGRATIONS, Outcome, library};

#[test]
fn a_database_is_opened_once_and_lends_sessions() -> Outcome {
    let place = integration_tests::sqlite();
    let url = place.url();
    let database = Database::builder(url).pool_size(5).open()?; // Clone + Send + Sync
    let mut session = database.session()?;
    session.commit()?;
    Ok(())
}

#[test]
fn hooks_see_what_is_written() -> Outcome {
    let (sender, committed) = std::sync::mpsc::sync_channel(10);
    let database = Database::builder(":memory:")
        .before_flush(|changes| {
            if changes.iter().all(|change| change.entity.name != "Genre") {
                return Ok(());
            }
            let errors = vec![FieldError::new("name", "genres are fixed")];
            Err(Error::Invalid(Invalid { entity: "Genre", errors }))
        })
        .after_commit(move |changes| {
            for change in changes {
                sender.send(change.to_string()).ok();
            }
        })
        .open()?;
    database.migrate(&MIGRATIONS)?;
    let mut session = database.session()?;
    session.add(NewAuthor { name: "Homer".into(), born: None });
    session.commit()?;
    assert!(committed.recv()?.starts_with("INSERT INTO authors"));
    session.add(crate::models::NewGenre { name: "epic".into() });
    assert!(matches!(session.commit(), Err(Error::Invalid(_))));
    Ok(())
}

#[test]
fn migrations_are_embedded_and_checked() -> Outcome {
    let database = Database::open(":memory:")?;
    let applied = database.migrate(&MIGRATIONS)?; // under a lock: every process may do it
    let drifts =
        database.check::<(Author, Biography, Book, BookGenre, Category, Genre, Review)>()?;
    assert!(drifts.is_empty(), "{drifts:?}"); // the tables are what the entities say
    assert_eq!(applied.len(), 1);
    Ok(())
}

#[test]
fn tests_have_databases_of_their_own() -> Outcome {
    let database = Database::in_memory(&MIGRATIONS)?; // gone at the end of the test
    let mut session = database.test_session()?; // or: of a shared database, never commits
    session.add(NewAuthor { name: "Homer".into(), born: None });
    expect_queries(1, || session.commit())?; // fails with the statements that were sent
    expect_queries(0, || session.commit())?;
    drop(session);
    assert_eq!(database.session()?.query::<Author>().count()?, 0);
    Ok(())
}

fn rename(authors: &mut impl Repository<Author>, id: i64, name: &str) -> Result<Author> {
    let mut author = authors.get(id)?;
    author.name = name.into();
    authors.update(author)
}

#[test]
fn services_are_tested_without_a_database() -> Outcome {
    let mut memory = Memory::new().with::<Author>();
    let homer: Author = memory.insert(NewAuthor { name: "Homer".into(), born: None })?;
    assert_eq!(rename(&mut memory, homer.id, "Hesiod")?.name, "Hesiod");

    let database = library()?;
    assert_eq!(rename(&mut database.session()?, 3, "Hesiod")?.name, "Hesiod");
    Ok(())
}

#[test]
fn diesel_is_there_for_the_rest() -> Outcome {
    let database = library()?;
    let mut session = database.session()?;
    let dated = Book::YEAR.is_not_null(); // a predicate is a Diesel expression
    let pages_by_author: Vec<(String, Option<i64>)> = books::table
        .inner_join(authors::table.on(authors::id.eq(books::author_id)))
        .filter(dated)
        .group_by(authors::name)
        .order(authors::name.asc())
        .select((authors::name, diesel::dsl::sum(books::pages)))
        .load(session.connection()?)?; // in the session's transaction, after a flush
    assert_eq!(pages_by_author[0], ("Stanisław Lem".to_owned(), Some(600)));
    Ok(())
}
