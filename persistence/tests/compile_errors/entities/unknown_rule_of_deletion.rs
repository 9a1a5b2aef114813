use persistence::Entity;

mod schema {
    diesel::table! { authors (id) { id -> BigInt, name -> Text, born -> Nullable<Integer> } }
    diesel::table! { books (id) { id -> BigInt, title -> Text, author_id -> BigInt } }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::authors)]
struct Author {
    #[entity(key, generated)]
    id: i64,
    name: String,
    born: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::books)]
struct Book {
    #[entity(key, generated)]
    id: i64,
    title: String,
    #[entity(references(Author, on_delete = ignore))]
    author_id: i64,
}

fn main() {}
