//! Relations on every engine and in memory: filters that lead through them, rows read along.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod filters;
mod includes;
mod random;
mod writes;

use integration_tests::TestDatabase;
use integration_tests::works::{
    Category, Genre, Library, Profile, Review, Work, WorkGenre, Writer, create_tables, fill,
};
use persistence::{Database, Engine, Session, Store};

/// An engine that stores the whole library.
trait LibraryEngine:
    Engine
    + Store<Category>
    + Store<Writer>
    + Store<Profile>
    + Store<Work>
    + Store<Genre>
    + Store<WorkGenre>
    + Store<Review>
{
}

impl<C> LibraryEngine for C where
    C: Engine
        + Store<Category>
        + Store<Writer>
        + Store<Profile>
        + Store<Work>
        + Store<Genre>
        + Store<WorkGenre>
        + Store<Review>
{
}

/// The library with its rows, and a session on it.
fn filled<C: LibraryEngine>(place: &TestDatabase) -> Session<C>
where
    Session<C>: Library,
{
    create_tables(place);
    let database = Database::<C>::open(place.url()).expect("the test database opens");
    let mut session = database.session().expect("a session");
    fill(&mut session);
    session.commit().expect("the rows are committed");
    database.session().expect("a session")
}
