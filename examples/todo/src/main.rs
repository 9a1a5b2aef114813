//! An admin of three small entities, to begin with: `cargo run -p todo` opens it on `todo.db`.
#![allow(missing_docs, reason = "`table!` makes items that nobody reads")]
use admin_gui::{Action, Admin, egui::ProgressBar};
use diesel::{SqliteConnection, connection::SimpleConnection as _};
use persistence::{Database, Entity, Filter};

diesel::table! { people (id) { id -> BigInt, name -> Text } }
diesel::table! { projects (id) { id -> BigInt, name -> Text, owner_id -> BigInt } }
diesel::table! {
    todos (id) { id -> BigInt, title -> Text, project_id -> BigInt, done -> Integer }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = people, icon = "person")]
struct Person {
    #[entity(key, generated)]
    id: i64,
    #[entity(label, search)]
    name: String,
}
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = projects, icon = "folder")]
struct Project {
    #[entity(key, generated)]
    id: i64,
    #[entity(label, search)]
    name: String,
    #[entity(references(Person))]
    owner_id: i64,
}
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = todos, icon = "checklist")]
struct Todo {
    #[entity(key, generated)]
    id: i64,
    #[entity(label, search)]
    title: String,
    #[entity(references(Project))]
    project_id: i64,
    /// How much of it is done, in per cent.
    done: i32,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::<SqliteConnection>::builder("todo.db").create_missing().open()?;
    let mut session = database.session()?;
    session.connection()?.batch_execute(include_str!("tables.sql"))?;
    session.commit()?;
    let finish = Action::new::<Todo>("Finish", |session, keys| {
        let (these, done) = (Filter::keys(Todo::meta(), keys), ("done".to_owned(), 100.into()));
        session.repository("todos")?.update_where(&these, &[done]).map(drop)
    });
    let admin = Admin::new(database).entity::<Person>().entity::<Project>().entity::<Todo>();
    let bar = |done: i32| ProgressBar::new(done as f32 / 100.0).text(format!("{done} %"));
    admin.cell(Todo::DONE, move |ui, done| _ = ui.add(bar(done))).action(finish).run()?;
    Ok(())
}
