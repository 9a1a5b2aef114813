use persistence::{Entity, Session};
use diesel::SqliteConnection;

mod schema {
    diesel::table! { authors (id) { id -> BigInt, name -> Text } }
    diesel::table! { books (id) { id -> BigInt, title -> Text, year -> Nullable<Integer>, author_id -> BigInt } }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::authors, has_many(books: Book.author_id))]
struct Author {
    #[entity(key, generated)]
    id: i64,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::books)]
struct Book {
    #[entity(key, generated)]
    id: i64,
    title: String,
    year: Option<i32>,
    #[entity(references(Author))]
    author_id: i64,
}

fn books(session: &mut Session<SqliteConnection>) -> persistence::Result<()> {
    session.query::<Book>().include(Author::BOOKS).all()?;
    Ok(())
}

fn main() {}
