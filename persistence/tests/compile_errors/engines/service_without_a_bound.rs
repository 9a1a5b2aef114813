use persistence::{Engine, Entity, Result, Session};

mod schema {
    diesel::table! { authors (id) { id -> BigInt, name -> Text } }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::authors)]
struct Author {
    #[entity(key, generated)]
    id: i64,
    name: String,
}

fn authors<C: Engine>(session: &mut Session<C>) -> Result<Vec<Author>> {
    session.query::<Author>().load()
}

fn main() {}
