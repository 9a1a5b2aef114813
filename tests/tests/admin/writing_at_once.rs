//! More rows than can be staged are written at once, after a person was told what that means.

use admin_gui::Options;
use admin_gui::i18n::Language;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};
use domain::{Author, Book};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::Database;
use window_driver::{
    Window, click, has, open, press, press_with, says, speaking, wait, wait_for, wait_for_text,
    wait_without_text,
};

use crate::window::switch_production;

const CTRL: Modifiers = Modifiers::COMMAND;

/// How many rows can be staged.
const MOST_STAGED: u64 = 1_000;

/// So many that they are several pages.
const BOOKS: i64 = 5_000;

/// The button that writes them.
const WRITE: &str = "Write 5\u{a0}000 rows now";

struct Shop {
    folder: tempfile::TempDir,
    database: Database<SqliteConnection>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// One author with many books, each of which is 1.50.
fn shop() -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let builder = Database::<SqliteConnection>::builder(path.to_str().unwrap());
    let database = builder.create_missing().open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let shop = Shop { folder, database: database.audit_where_possible().unwrap() };
    shop.connection()
        .batch_execute(&format!(
            "INSERT INTO authors (name) VALUES ('Lem');
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {BOOKS})
             INSERT INTO books (title, author_id, price, in_print) SELECT 'Volume ' || n, 1, 150, TRUE FROM numbers"
        ))
        .unwrap();
    shop
}

impl Shop {
    /// A connection that is nobody's.
    fn connection(&self) -> SqliteConnection {
        let path = self.folder.path().join("shop.db");
        SqliteConnection::establish(path.to_str().unwrap()).unwrap()
    }

    fn count(&self, of: &str) -> i64 {
        let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {of}"));
        query.get_result::<Count>(&mut self.connection()).unwrap().count
    }

    /// A window with the question for the price of all books, which is to become 2.50.
    fn window(&self, prepare: impl FnOnce(&mut Window)) -> Window {
        let catalog = self.database.catalog().entity::<Author>().entity::<Book>().build();
        let options = Options { most_staged: Some(MOST_STAGED), ..speaking(Language::English) };
        let mut window = open(catalog, options, [1380.0, 800.0]);
        click(&mut window, Role::Button, "Books");
        wait_for(&mut window, Role::Cell, "Volume 2");
        prepare(&mut window);
        ask(&mut window);
        window
    }
}

fn ask(window: &mut Window) {
    click(window, Role::Cell, "Volume 2");
    press_with(window, CTRL, Key::B);
    wait_for_text(window, "Books: change rows");
    click(window, Role::ComboBox, "Column");
    wait_for(window, Role::Button, "Price");
    click(window, Role::Button, "Price");
    let value = window.get_by_role_and_label(Role::TextInput, "Value");
    value.focus();
    window.step();
    window.get_by_role_and_label(Role::TextInput, "Value").type_text("2.50");
    window.step();
    wait_for_text(window, "It cannot be undone");
}

fn is_open(window: &Window) -> bool {
    let write = window.get_by_role_and_label(Role::Button, WRITE);
    !write.accesskit_node().is_disabled()
}

#[test]
fn more_rows_than_can_be_staged_are_written_at_once_and_recorded() {
    let shop = shop();
    let mut window = shop.window(|_| {});
    wait_for_text(&mut window, "Each change is in the history");
    assert!(is_open(&window));
    press_with(&mut window, CTRL, Key::Enter);
    window.step();
    assert!(has(&window, Role::Button, "Cancel"), "what cannot be undone is not begun by a key");
    click(&mut window, Role::Button, WRITE);
    wait_for_text(&mut window, "rows changed and saved");
    assert!(!says(&window, "Books: change rows"));
    wait_for(&mut window, Role::Cell, "2.50");
    assert_eq!(shop.count("books WHERE price = 250"), BOOKS);
    assert_eq!(shop.count("(SELECT DISTINCT row_key FROM audit_entries)"), BOOKS);
    assert!(!says(&window, "not saved yet"), "nothing is staged");
}

#[test]
fn it_is_stopped_and_nothing_is_written_then() {
    let shop = shop();
    let mut window = shop.window(|_| {});
    click(&mut window, Role::Button, WRITE);
    wait_for_text(&mut window, "Writing:");
    click(&mut window, Role::Button, "Stop");
    wait_for_text(&mut window, "Stopped: nothing was written");
    assert_eq!(shop.count("books WHERE price = 250"), 0);
    assert!(is_open(&window), "it can be begun anew");
    press(&mut window, Key::Escape);
    wait_without_text(&mut window, "Books: change rows");
}

#[test]
fn it_waits_until_nothing_is_staged_and_the_name_of_a_database_in_production_is_typed() {
    let shop = shop();
    let mut window = shop.window(|window| {
        switch_production(window, "shop.db");
        click(window, Role::Cell, "Volume 2");
        press(window, Key::Delete);
        click(window, Role::Button, "Delete");
        wait_for_text(window, "1 row to be deleted");
    });
    wait_for_text(&mut window, "Something else is staged");
    let write = window.get_by_role_and_label(Role::Button, "Write 4\u{a0}999 rows now");
    assert!(write.accesskit_node().is_disabled());
    press(&mut window, Key::Escape);
    press_with(&mut window, CTRL, Key::Z);
    wait_without_text(&mut window, "1 row to be deleted");
    ask(&mut window);
    wait_for_text(&mut window, "It cannot be undone");
    assert!(!is_open(&window));
    window.get_by_role_and_label(Role::TextInput, "Name of the database").focus();
    window.step();
    window.get_by_role_and_label(Role::TextInput, "Name of the database").type_text("shop.db");
    window.step();
    wait(&mut window, "the button", is_open);
    assert_eq!(shop.count("books WHERE price = 250"), 0);
}
