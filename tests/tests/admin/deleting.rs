//! What is deleted is what the person has seen, whoever else writes meanwhile.

use std::path::{Path, PathBuf};

use admin_gui::i18n::Language;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use domain::{Address, Author, NewAddress, NewAuthor, NewUser, User};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Database, Entity, Query, Repository, Store};
use window_driver::{
    Window, click, click_with, open, open_record, press, press_with, says, speaking, wait,
    wait_for, wait_for_text, wait_without, wait_without_text,
};

const CHANGED: &str = "Somebody else has changed";

struct Shop {
    _folder: tempfile::TempDir,
    path: PathBuf,
    database: Database<SqliteConnection>,
}

/// Three authors, and a user with an address.
fn shop() -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let builder = Database::<SqliteConnection>::builder(path.to_str().unwrap());
    let database = builder.create_missing().open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    for name in ["Lem", "Abe", "Dick"] {
        let author = NewAuthor { name: name.to_owned(), born_on: None, biography: None };
        let _: Author = session.insert(author).unwrap();
    }
    let user: User = session.insert(NewUser { name: "Ada".to_owned(), age: None }).unwrap();
    let email_address = "ada@example.org".to_owned();
    let _: Address = session.insert(NewAddress { email_address, user: (&user).into() }).unwrap();
    session.commit().unwrap();
    Shop { _folder: folder, path, database }
}

impl Shop {
    fn window(&self, table: &str, row: &str) -> Window {
        let catalog = self.database.catalog().entity::<User>().entity::<Address>();
        let catalog = catalog.entity::<Author>().build();
        let mut window = open(catalog, speaking(Language::English), [1380.0, 800.0]);
        click(&mut window, Role::Button, table);
        wait_for(&mut window, Role::Cell, row);
        window
    }

    /// Another program, which knows nothing of versions, writes.
    fn somebody_else(&self, sql: &str) {
        elsewhere(&self.path).batch_execute(sql).unwrap();
    }

    fn all<E: Entity>(&self) -> Vec<E>
    where
        SqliteConnection: Store<E>,
    {
        self.database.session().unwrap().list(&Query::new()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.all::<Author>().into_iter().map(|author| author.name).collect()
    }
}

fn elsewhere(path: &Path) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    connection
}

/// Presses the question's button, once it can be.
fn confirm(window: &mut Window) {
    wait(window, "what goes along", |window| {
        let delete = window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap();
        !delete.accesskit_node().is_disabled()
    });
    window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap().click();
    window.step();
}

/// Writes that so many rows are deleted.
fn commit(window: &mut Window, rows: usize) {
    let row = if rows == 1 { "row" } else { "rows" };
    wait_for_text(window, &format!("{rows} {row} to be deleted"));
    press_with(window, Modifiers::COMMAND, Key::S);
    wait_for_text(window, &format!("{rows} {row} saved"));
}

#[test]
fn a_row_that_nobody_has_changed_is_deleted_without_another_word() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    click(&mut window, Role::Cell, "Lem");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Nothing else refers to it");
    assert!(!says(&window, CHANGED));
    confirm(&mut window);
    commit(&mut window, 1);
    assert_eq!(shop.names(), ["Abe", "Dick"]);
}

#[test]
fn a_row_that_was_changed_after_it_was_listed_is_shown_anew_before_it_is_deleted() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    click(&mut window, Role::Cell, "Lem");
    shop.somebody_else("UPDATE authors SET biography = 'Kept for good' WHERE name = 'Lem'");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, CHANGED);
    wait_for(&mut window, Role::Cell, "Kept for good");
    press(&mut window, Key::Escape);
    wait_without_text(&mut window, CHANGED);
    assert_eq!(shop.names(), ["Lem", "Abe", "Dick"]);
    // Now it has been seen as it is.
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Nothing else refers to it");
    assert!(!says(&window, CHANGED));
    confirm(&mut window);
    commit(&mut window, 1);
    assert_eq!(shop.names(), ["Abe", "Dick"]);
}

#[test]
fn a_record_that_was_changed_after_it_was_opened_is_shown_anew_before_it_is_deleted() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    open_record(&mut window, "Lem");
    wait_for(&mut window, Role::TextInput, "Name");
    shop.somebody_else("UPDATE authors SET name = 'Stanisław Lem' WHERE name = 'Lem'");
    click(&mut window, Role::Button, "Delete record");
    wait_for_text(&mut window, CHANGED);
    wait(&mut window, "the name as it is now", |window| {
        let name = window.query_by_role_and_label(Role::TextInput, "Name");
        name.is_some_and(|name| name.value().as_deref() == Some("Stanisław Lem"))
    });
    confirm(&mut window);
    commit(&mut window, 1);
    assert_eq!(shop.names(), ["Abe", "Dick"]);
}

#[test]
fn ticked_rows_are_deleted_as_they_were_shown() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    click(&mut window, Role::Cell, "Lem");
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    wait_for_text(&mut window, "3 rows selected");
    shop.somebody_else("UPDATE authors SET born_on = '1924-03-07' WHERE name = 'Abe'");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "delete 3 records?");
    wait_for_text(&mut window, CHANGED);
    wait_for(&mut window, Role::Cell, "1924-03-07");
    confirm(&mut window);
    commit(&mut window, 3);
    assert_eq!(shop.names(), [""; 0]);
}

#[test]
fn what_changes_while_the_question_stands_is_asked_about_again() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    click(&mut window, Role::Cell, "Lem");
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    wait_for_text(&mut window, "3 rows selected");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Nothing else refers to them");
    shop.somebody_else("UPDATE authors SET name = 'Philip K. Dick' WHERE name = 'Dick'");
    confirm(&mut window);
    wait_for_text(&mut window, CHANGED);
    assert_eq!(shop.names(), ["Lem", "Abe", "Philip K. Dick"]);
    // And again: one is not there any more.
    shop.somebody_else("DELETE FROM authors WHERE name = 'Abe'");
    confirm(&mut window);
    wait_for_text(&mut window, "delete 2 records?");
    assert_eq!(shop.names(), ["Lem", "Philip K. Dick"]);
    confirm(&mut window);
    commit(&mut window, 2);
    assert_eq!(shop.names(), [""; 0]);
}

#[test]
fn what_would_go_along_by_now_is_asked_about_again() {
    let shop = shop();
    let mut window = shop.window("Users", "Ada");
    click(&mut window, Role::Cell, "Ada");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Addresses: 1");
    shop.somebody_else(
        "INSERT INTO addresses (email_address, user_id) VALUES ('ada@new.example', 1)",
    );
    confirm(&mut window);
    wait_for_text(&mut window, "Addresses: 2");
    assert!(says(&window, CHANGED));
    assert_eq!(shop.all::<Address>().len(), 2);
    confirm(&mut window);
    commit(&mut window, 1);
    assert!(shop.all::<Address>().is_empty() && shop.all::<User>().is_empty());
}

#[test]
fn another_row_that_would_go_along_is_asked_about_again() {
    let shop = shop();
    let mut window = shop.window("Users", "Ada");
    click(&mut window, Role::Cell, "Ada");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "ada@example.org");
    shop.somebody_else(
        "DELETE FROM addresses;
         INSERT INTO addresses (id, email_address, user_id) VALUES (7, 'new@example.org', 1)",
    );
    confirm(&mut window);
    wait_for_text(&mut window, "new@example.org");
    assert!(says(&window, CHANGED));
    assert_eq!(shop.all::<Address>().len(), 1);
}

#[test]
fn a_row_that_goes_while_the_question_stands_is_said_to_be_gone() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    click(&mut window, Role::Cell, "Lem");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Nothing else refers to it");
    shop.somebody_else("DELETE FROM authors WHERE name = 'Lem'");
    confirm(&mut window);
    wait_without_text(&mut window, "Nothing else refers to it");
    wait(&mut window, "the list without it", |window| {
        window.query_by_role_and_label(Role::Cell, "Lem").is_none()
    });
    assert_eq!(shop.names(), ["Abe", "Dick"]);
}

#[test]
fn a_row_that_is_to_be_deleted_stays_until_that_is_written_and_can_be_kept() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    let mark = |window: &mut Window| {
        click(window, Role::Cell, "Lem");
        press(window, Key::Delete);
        confirm(window);
        wait_for_text(window, "1 row to be deleted");
    };
    mark(&mut window);
    assert_eq!(shop.names(), ["Lem", "Abe", "Dick"]);
    wait_for(&mut window, Role::Cell, "Lem");
    // The same key takes it back, and so does undoing it.
    press(&mut window, Key::Delete);
    wait_without_text(&mut window, "to be deleted");
    mark(&mut window);
    press_with(&mut window, Modifiers::COMMAND, Key::Z);
    wait_without_text(&mut window, "to be deleted");
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    commit(&mut window, 1);
    assert_eq!(shop.names(), ["Abe", "Dick"]);
    wait_without(&mut window, Role::Cell, "Lem");
}

#[test]
fn more_that_goes_along_than_was_seen_is_asked_about_before_it_is_written() {
    let shop = shop();
    let mut window = shop.window("Users", "Ada");
    click(&mut window, Role::Cell, "Ada");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Addresses: 1");
    confirm(&mut window);
    wait_for_text(&mut window, "1 row to be deleted");
    shop.somebody_else(
        "INSERT INTO addresses (email_address, user_id) VALUES ('ada@new.example', 1)",
    );
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "Addresses: 2");
    assert!(says(&window, CHANGED));
    assert_eq!((shop.all::<User>().len(), shop.all::<Address>().len()), (1, 2));
    confirm(&mut window);
    wait_for_text(&mut window, "1 row saved");
    assert!(shop.all::<Address>().is_empty() && shop.all::<User>().is_empty());
}

#[test]
fn a_row_that_others_change_after_it_was_marked_is_not_deleted() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    click(&mut window, Role::Cell, "Lem");
    press(&mut window, Key::Delete);
    confirm(&mut window);
    wait_for_text(&mut window, "1 row to be deleted");
    shop.somebody_else("UPDATE authors SET biography = 'Kept for good' WHERE name = 'Lem'");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "by somebody else meanwhile");
    wait_for(&mut window, Role::Cell, "Kept for good");
    assert_eq!(shop.names(), ["Lem", "Abe", "Dick"]);
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "Others have changed the row since it was marked");
    assert_eq!(shop.names(), ["Lem", "Abe", "Dick"]);
}

#[test]
fn what_was_seen_before_a_row_was_kept_again_is_not_seen() {
    let shop = shop();
    let mut window = shop.window("Users", "Ada");
    for _ in 0..2 {
        click(&mut window, Role::Cell, "Ada");
        press(&mut window, Key::Delete);
        wait_for_text(&mut window, "Addresses: 1");
        confirm(&mut window);
        wait_for_text(&mut window, "1 row to be deleted");
        press_with(&mut window, Modifiers::COMMAND, Key::Z);
        wait_without_text(&mut window, "to be deleted");
    }
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    wait_for_text(&mut window, "1 row to be deleted");
    // Another one in the place of the one that was seen.
    shop.somebody_else(
        "DELETE FROM addresses;
         INSERT INTO addresses (id, email_address, user_id) VALUES (7, 'new@example.org', 1)",
    );
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "new@example.org");
    assert_eq!(shop.all::<Address>().len(), 1);
}

#[test]
fn an_author_is_deleted_together_with_the_books_that_are_in_the_way() {
    let shop = crate::shop::shop();
    let mut window = crate::shop::books(&shop);
    let mark = |window: &mut Window, cell: &str, rows: &str| {
        click(window, Role::Cell, cell);
        press(window, Key::Delete);
        confirm(window);
        wait_for_text(window, rows);
    };
    mark(&mut window, "Solaris", "1 row to be deleted");
    mark(&mut window, "Fiasco", "2 rows to be deleted");
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    mark(&mut window, "Stanisław Lem", "3 rows to be deleted");
    commit(&mut window, 3);
    let authors: Vec<Author> =
        shop.transaction(|session| Repository::<Author>::list(session, &Query::new())).unwrap();
    assert_eq!(authors.len(), 2);
}

#[test]
fn a_new_row_of_one_that_is_to_be_deleted_is_not_lost_with_it() {
    let shop = shop();
    let mut window = shop.window("Users", "Ada");
    click(&mut window, Role::Cell, "Ada");
    press(&mut window, Key::Delete);
    confirm(&mut window);
    wait_for_text(&mut window, "1 row to be deleted");
    click(&mut window, Role::Button, "Addresses");
    wait_for(&mut window, Role::Cell, "ada@example.org");
    press_with(&mut window, Modifiers::COMMAND, Key::N);
    wait_for_text(&mut window, "1 new row");
    for text in ["ada@new.example", "1"] {
        window.event(egui::Event::Text(text.to_owned()));
        window.step();
        window.step();
        press(&mut window, Key::Tab);
    }
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "1 new or changed row would be deleted along with others");
    assert_eq!((shop.all::<User>().len(), shop.all::<Address>().len()), (1, 1));
    wait_for_text(&mut window, "1 new row · 1 row to be deleted");
}

#[test]
fn new_rows_that_are_selected_with_others_go_once_the_question_is_answered() {
    let shop = shop();
    let mut window = shop.window("Authors", "Lem");
    press_with(&mut window, Modifiers::COMMAND, Key::N);
    wait_for_text(&mut window, "1 new row");
    press(&mut window, Key::Space);
    wait_for_text(&mut window, "1 row selected");
    click_with(&mut window, Role::Cell, "Lem", Modifiers::COMMAND);
    wait_for_text(&mut window, "2 rows selected");
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Nothing else refers to it");
    press(&mut window, Key::Escape);
    wait_for_text(&mut window, "1 new row");
    press(&mut window, Key::Delete);
    confirm(&mut window);
    wait_for_text(&mut window, "1 row to be deleted");
    wait_without_text(&mut window, "new row");
    press_with(&mut window, Modifiers::COMMAND, Key::Z);
    wait_for_text(&mut window, "1 new row");
    assert!(!says(&window, "to be deleted"));
}
