use diesel::SqliteConnection;
use persistence::{Entity, Store};

mod schema {
    diesel::table! { authors (id) { id -> BigInt, name -> Text } }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::authors)]
struct Author {
    #[entity(key, generated)]
    id: i64,
    name: i32,
}

fn is_stored_by<C: Store<Author>>() {}

fn main() {
    is_stored_by::<SqliteConnection>();
}
