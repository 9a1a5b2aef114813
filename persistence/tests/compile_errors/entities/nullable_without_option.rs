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
    born: i32,
}

fn main() {}
