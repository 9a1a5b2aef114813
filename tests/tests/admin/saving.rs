//! Saving beside other programs that write to the same file.

use std::path::Path;
use std::time::Duration;

use admin_gui::i18n::Language;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use domain::{Author, NewAuthor};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use persistence::{Database, Query, Repository as _};
use window_driver::{
    Window, has, open, open_record, press, press_with, says, speaking, type_into, wait, wait_for,
    wait_for_text, wait_without_text,
};

const WAITING: &str = "It is tried again by itself";
const GONE: &str = "Somebody else deleted this record meanwhile";

/// A file with one author; who writes waits for others for a moment only.
fn database(folder: &Path) -> Database<SqliteConnection> {
    let path = folder.join("shop.db");
    let builder = Database::<SqliteConnection>::builder(path.to_str().unwrap());
    let database = builder.create_missing().lock_timeout(Duration::from_millis(50)).open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let lem = NewAuthor { name: "Lem".to_owned(), born_on: None, biography: None };
    let _: Author = session.insert(lem).unwrap();
    session.commit().unwrap();
    database
}

fn stored(database: &Database<SqliteConnection>) -> Vec<String> {
    let authors: Vec<Author> = database.session().unwrap().list(&Query::new()).unwrap();
    authors.into_iter().map(|author| author.name).collect()
}

/// Another program that is writing to the file.
fn writer(folder: &Path) -> SqliteConnection {
    let path = folder.join("shop.db");
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    other
}

/// A window in which something was typed behind the author's name, and saved.
fn saving(database: &Database<SqliteConnection>) -> Window {
    let catalog = database.catalog().entity::<Author>().build();
    let mut window = open(catalog, speaking(Language::English), [1380.0, 800.0]);
    wait_for(&mut window, Role::Cell, "Lem");
    open_record(&mut window, "Lem");
    wait_for(&mut window, Role::TextInput, "Name");
    window.get_by_role_and_label(Role::TextInput, "Name").focus();
    window.step();
    press(&mut window, Key::End);
    type_into(&mut window, "Name", "!");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    window
}

#[test]
fn what_a_lock_keeps_from_being_saved_is_saved_when_the_lock_goes() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(folder.path());
    let mut other = writer(folder.path());
    let mut window = saving(&database);
    wait_for_text(&mut window, WAITING);
    assert_eq!(stored(&database), ["Lem"]);
    other.batch_execute("ROLLBACK").unwrap();
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&database), ["Lem!"]);
    wait_without_text(&mut window, WAITING);
}

#[test]
fn what_is_typed_while_a_lock_is_waited_for_is_saved_when_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(folder.path());
    let mut other = writer(folder.path());
    let mut window = saving(&database);
    wait_for_text(&mut window, WAITING);
    type_into(&mut window, "Name", "?");
    // That it would be tried again is said no longer.
    wait_without_text(&mut window, WAITING);
    other.batch_execute("ROLLBACK").unwrap();
    assert!(!says(&window, "row saved"));
    assert_eq!(stored(&database), ["Lem"]);
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&database), ["Lem!?"]);
}

#[test]
fn a_row_that_a_trigger_deletes_as_it_is_saved_is_said_to_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(folder.path());
    let trigger = "CREATE TRIGGER discarded AFTER UPDATE ON authors BEGIN
                       DELETE FROM authors WHERE id = new.id; END";
    let path = folder.path().join("shop.db");
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute(trigger).unwrap();
    let mut window = saving(&database);
    wait_for_text(&mut window, GONE);
    assert!(!says(&window, "saved"));
    assert_eq!(stored(&database), [""; 0]);
    wait(&mut window, "the list without it", |window| !has(window, Role::Cell, "Lem!"));
}
