use diesel::SqliteConnection;
use persistence::{Entity, Session};

mod schema {
    diesel::table! { events (id) { id -> Uuid, at -> Timestamptz } }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::events)]
struct Event {
    #[entity(key)]
    id: persistence::Uuid,
    at: chrono::DateTime<chrono::Utc>,
}

fn events(session: &mut Session<SqliteConnection>) -> persistence::Result<Vec<Event>> {
    session.query::<Event>().load()
}

fn main() {}
