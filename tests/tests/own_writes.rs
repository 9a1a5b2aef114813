//! Rows that a person adds and deletes: how many there are and where they stand is known at once,
//! and they are not counted anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};

use admin_gui::i18n::Language;
use diesel::SqliteConnection;
use domain::{Address, Author, NewAddress, NewAuthor, NewUser, User};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Catalog, Database, Repository};
use window_driver::{
    Window, click, has, open, press, press_with, says, speaking, type_into, wait, wait_for,
    wait_for_text, wait_without,
};

/// What the program has told of itself.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(text)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG);
        log.with_thread_names(true).with_ansi(false).with_writer(|| Log).init();
    });
}

/// The statements so far that find out how many rows of a table there are, and where.
fn countings(table: &str) -> Vec<String> {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let log = String::from_utf8_lossy(&log);
    let is_meant = |line: &&str| line.contains("database counts") && line.contains(table);
    log.lines().filter(is_meant).map(str::to_owned).collect()
}

fn database(folder: &Path) -> Database<SqliteConnection> {
    listen();
    let path = folder.join("shop.db");
    let builder = Database::<SqliteConnection>::builder(path.to_str().unwrap());
    let database = builder.create_missing().open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    database
}

fn window(catalog: Catalog) -> Window {
    open(catalog, speaking(Language::English), egui::vec2(1380.0, 800.0))
}

/// How many rows there are said to be.
fn rows(window: &Window) -> Option<usize> {
    window.query_all_by_role(Role::Table).next()?.accesskit_node().data().row_count()
}

/// Waits for something; how many rows there are is certain all the while.
#[track_caller]
fn wait_in_certainty(window: &mut Window, what: &str, holds: impl Fn(&Window) -> bool) {
    wait(window, what, |window| {
        assert!(!says(window, "~"), "a number of rows is a guess");
        holds(window)
    });
}

/// Types into the field of that name, which has no other text.
#[track_caller]
fn fill_in(window: &mut Window, name: &str, text: &str) {
    wait_for(window, Role::TextInput, name);
    window.get_by_role_and_label(Role::TextInput, name).focus();
    window.step();
    type_into(window, name, text);
}

/// Deletes the focused row, and writes that.
#[track_caller]
fn delete(window: &mut Window) {
    press(window, Key::Delete);
    wait(window, "the question", |window| {
        let button = window.query_all_by_role_and_label(Role::Button, "Delete").last();
        let has_dialog = window.query_all_by_role(Role::Dialog).next().is_some();
        has_dialog && button.is_some_and(|button| !button.accesskit_node().is_disabled())
    });
    window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap().click();
    wait_for_text(window, "1 row to be deleted");
    press_with(window, Modifiers::COMMAND, Key::S);
    wait_for_text(window, "1 row saved");
}

#[test]
fn what_a_person_adds_and_deletes_is_known_at_once_and_nothing_is_counted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(folder.path());
    let mut session = database.session().unwrap();
    let author =
        |number| NewAuthor { name: format!("Author {number}"), born_on: None, biography: None };
    Repository::<Author>::insert_many(&mut session, (1..=5_000).map(author).collect()).unwrap();
    session.commit().unwrap();
    let mut window = window(database.catalog().entity::<Author>().build());
    wait(&mut window, "all rows to be counted", |window| {
        // The last step of going through them counts those after the last mark.
        let is_last = |statement: &String| statement.contains("LIMIT 1023");
        rows(window) == Some(5_000) && countings("authors").iter().any(is_last)
    });
    for _ in 0..5 {
        window.step();
    }
    let counted = countings("authors");

    press_with(&mut window, Modifiers::COMMAND, Key::N);
    wait_for_text(&mut window, "1 new row");
    press(&mut window, Key::F4);
    fill_in(&mut window, "Name", "Octavia E. Butler");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "1 row saved");
    wait_in_certainty(&mut window, "one row more", |window| rows(window) == Some(5_001));
    press(&mut window, Key::Escape);
    wait_without(&mut window, Role::TextInput, "Name");
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    wait_in_certainty(&mut window, "Octavia E. Butler", |window| {
        has(window, Role::Cell, "Octavia E. Butler")
    });

    press_with(&mut window, Modifiers::COMMAND, Key::Home);
    wait_in_certainty(&mut window, "Author 1", |window| has(window, Role::Cell, "Author 1"));
    delete(&mut window);
    wait_in_certainty(&mut window, "one row less", |window| rows(window) == Some(5_000));
    press_with(&mut window, Modifiers::COMMAND, Key::G);
    type_into(&mut window, "Go to row …", "2500");
    press(&mut window, Key::Enter);
    wait_in_certainty(&mut window, "Author 2501", |window| has(window, Role::Cell, "Author 2501"));
    let row = window.query_all_by_role(Role::Row).find_map(|row| {
        let has_it = row
            .children_recursive()
            .any(|cell| cell.accesskit_node().label().as_deref() == Some("Author 2501"));
        has_it.then(|| row.accesskit_node().data().row_index()).flatten()
    });
    assert_eq!(row, Some(2_499));
    assert_eq!(countings("authors"), counted);
}

#[test]
fn rows_that_go_along_are_counted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(folder.path());
    let mut session = database.session().unwrap();
    for name in ["Ada", "Grace"] {
        let user = NewUser { name: name.to_owned(), age: Some(36) };
        let user = Repository::<User>::insert(&mut session, user).unwrap();
        for host in ["example.org", "example.com"] {
            let email_address = format!("{name}@{host}");
            let address = NewAddress { email_address, user: (&user).into() };
            Repository::<Address>::insert(&mut session, address).unwrap();
        }
    }
    session.commit().unwrap();
    let mut window = window(database.catalog().entity::<Address>().entity::<User>().build());
    wait_for_text(&mut window, "rows 1–4 of 4");
    click(&mut window, Role::Button, "Users");
    wait_for(&mut window, Role::Cell, "Grace");
    press(&mut window, Key::ArrowDown);
    delete(&mut window);
    wait_for_text(&mut window, "rows 1–1 of 1");
    click(&mut window, Role::Button, "Addresses");
    wait_for_text(&mut window, "rows 1–2 of 2");
}
