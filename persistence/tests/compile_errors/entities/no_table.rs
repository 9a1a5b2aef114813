use persistence::Entity;

mod schema {
    diesel::table! { authors (id) { id -> BigInt, name -> Text, born -> Nullable<Integer> } }
    diesel::table! { books (id) { id -> BigInt, title -> Text, author_id -> BigInt } }
}

#[derive(Clone, Debug, PartialEq, Entity)]
struct Author {
    #[entity(key)]
    id: i64,
}

fn main() {}
