//! Migrations and drift in the window: what is behind is read-only until its migration was run.

use admin_gui::i18n::Language;
use diesel::SqliteConnection;
use domain::{Author, Book, MIGRATIONS};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use integration_tests::client::sqlite3;
use integration_tests::{TestDatabase, sqlite};
use persistence::audit::AuditEntry;
use persistence::{Catalog, Database, Entity};
use window_driver::{
    Window, click, has, open, press, press_with, says, speaking, wait, wait_for, wait_for_answers,
    wait_for_text, wait_without, wait_without_text,
};

use crate::shop::SIZE;

const CTRL: Modifiers = Modifiers::COMMAND;

fn catalog(place: &TestDatabase) -> Catalog {
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    database.catalog().entity::<Author>().entity::<AuditEntry>().migrations(&MIGRATIONS).build()
}

/// A bookshop whose last migration, the one of the audit, is pending.
fn behind() -> (TestDatabase, Catalog) {
    let place = sqlite();
    let catalog = catalog(&place);
    let migrations = catalog.migrations().unwrap();
    let all = migrations.status().unwrap();
    assert!(migrations.run(&all[0].name).unwrap());
    place.execute("INSERT INTO authors (name, version) VALUES ('Ada', 1)");
    (place, catalog)
}

fn has_audit(place: &TestDatabase) -> bool {
    sqlite3(place, "SELECT count(*) FROM sqlite_master WHERE name = 'audit_entries'") == ["1"]
}

fn applied(place: &TestDatabase) -> Vec<String> {
    sqlite3(place, "SELECT count(*) FROM __diesel_schema_migrations")
}

fn window(catalog: Catalog) -> Window {
    open(catalog, speaking(Language::English), SIZE)
}

fn show_page(window: &mut Window) {
    click(window, Role::Button, "Migrations");
    wait_for(window, Role::Button, "Run pending");
}

fn is_enabled(window: &Window, button: &str) -> bool {
    let button = window.get_by_role_and_label(Role::Button, button);
    !button.accesskit_node().is_disabled()
}

#[test]
fn a_table_that_is_missing_says_so_and_is_there_once_its_migration_was_run() {
    let (place, catalog) = behind();
    let mut window = window(catalog);
    // Opening it has changed nothing.
    assert!(!has_audit(&place));
    click(&mut window, Role::Button, "Audit entries");
    wait_for_text(&mut window, "the table audit_entries is missing");
    wait_for_text(&mut window, "create_audit");
    click(&mut window, Role::Link, "Show migrations");
    wait_for_text(&mut window, "1 pending");
    click(&mut window, Role::Button, "Run pending");
    wait_for_text(&mut window, "Run 1 migration?");
    assert!(!has_audit(&place));
    click(&mut window, Role::Button, "Run");
    wait_for_text(&mut window, "The migrations were run");
    wait_for_text(&mut window, "all applied");
    wait_for_text(&mut window, "Every table is as this program expects");
    assert!(has_audit(&place));
    assert_eq!(applied(&place), ["2"]);
    assert!(!is_enabled(&window, "Run pending"));
    click(&mut window, Role::Button, "Audit entries");
    wait_for_text(&mut window, "No rows yet");
    assert!(!says(&window, "is missing"));
}

#[test]
fn all_pending_migrations_are_run_one_after_the_other() {
    let place = sqlite();
    let mut window = window(catalog(&place));
    show_page(&mut window);
    wait_for_text(&mut window, "2 pending");
    click(&mut window, Role::Button, "Run pending");
    wait_for_text(&mut window, "Run 2 migrations?");
    click(&mut window, Role::Button, "Run");
    wait_for_text(&mut window, "all applied");
    assert_eq!(applied(&place), ["2"]);
}

#[test]
fn the_last_migration_is_reverted_after_a_warning() {
    let (place, catalog) = behind();
    let migrations = catalog.migrations().unwrap();
    let last = migrations.status().unwrap()[1].name.clone();
    assert!(migrations.run(&last).unwrap());
    let mut window = window(catalog);
    show_page(&mut window);
    wait_for_text(&mut window, "all applied");
    click(&mut window, Role::Button, "Revert last");
    wait_for_text(&mut window, "cannot be brought back");
    press(&mut window, Key::Escape);
    wait_without_text(&mut window, "cannot be brought back");
    assert!(has_audit(&place));
    click(&mut window, Role::Button, "Revert last");
    wait_for_text(&mut window, "cannot be brought back");
    click(&mut window, Role::Button, "Revert");
    wait_for_text(&mut window, "was reverted");
    wait_for_text(&mut window, "the table audit_entries is missing");
    assert!(!has_audit(&place));
    assert_eq!(sqlite3(&place, "SELECT name FROM authors"), ["Ada"]);
}

#[test]
fn a_migration_that_fails_is_named_and_leaves_everything_as_it_was() {
    let (place, catalog) = behind();
    place.execute("CREATE TABLE audit_entries (unlike TEXT)");
    let mut window = window(catalog);
    show_page(&mut window);
    wait_for_text(&mut window, "1 pending");
    click(&mut window, Role::Button, "Run pending");
    wait_for_text(&mut window, "Run 1 migration?");
    click(&mut window, Role::Button, "Run");
    wait_for_text(&mut window, "create_audit failed");
    wait_for_answers(&mut window);
    assert!(says(&window, "create_audit failed") && says(&window, "1 pending"));
    assert_eq!(applied(&place), ["1"]);
}

#[test]
fn nothing_is_run_while_something_is_staged() {
    let (place, catalog) = behind();
    let mut window = window(catalog);
    wait_for(&mut window, Role::Cell, "Ada");
    press_with(&mut window, CTRL, Key::N);
    wait_for_text(&mut window, "1 new row");
    window.event(Event::Paste("Lem\r\n".to_owned()));
    window.step();
    show_page(&mut window);
    wait_for_text(&mut window, "1 pending");
    assert!(!is_enabled(&window, "Run pending") && !is_enabled(&window, "Revert last"));
    assert!(!has_audit(&place));
    assert!(says(&window, "1 new row"), "what is staged stays");
}

/// Adds an author in the window and saves.
fn add_author(window: &mut Window, place: &TestDatabase, name: &str) {
    click(window, Role::Button, "Authors");
    wait_for(window, Role::Cell, "Ada");
    press_with(window, CTRL, Key::N);
    wait_for_text(window, "1 new row");
    window.event(Event::Paste(format!("{name}\r\n")));
    wait_for(window, Role::Cell, name);
    press_with(window, CTRL, Key::S);
    wait_without_text(window, "1 new row");
    assert_eq!(
        sqlite3(place, &format!("SELECT count(*) FROM authors WHERE name = '{name}'")),
        ["1"]
    );
}

#[test]
fn what_is_saved_is_recorded_from_when_its_migration_was_run_until_it_is_reverted() {
    let (place, _) = behind();
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    let database = database.audit_where_possible().unwrap();
    let mut window = window(database.catalog().entity::<Author>().migrations(&MIGRATIONS).build());
    add_author(&mut window, &place, "Lem");
    assert!(!has(&window, Role::Button, "History"));
    show_page(&mut window);
    click(&mut window, Role::Button, "Run pending");
    wait_for_text(&mut window, "Run 1 migration?");
    click(&mut window, Role::Button, "Run");
    wait_for_text(&mut window, "all applied");
    wait_for(&mut window, Role::Button, "History");
    add_author(&mut window, &place, "Vance");
    assert_eq!(sqlite3(&place, "SELECT action FROM audit_entries"), ["insert"]);
    click(&mut window, Role::Button, "Migrations");
    click(&mut window, Role::Button, "Revert last");
    wait_for_text(&mut window, "cannot be brought back");
    click(&mut window, Role::Button, "Revert");
    wait_for_text(&mut window, "was reverted");
    add_author(&mut window, &place, "Wolfe");
    assert!(!has_audit(&place));
}

#[test]
fn nothing_is_run_through_a_connection_that_only_reads() {
    let (place, _) = behind();
    let builder = Database::<SqliteConnection>::builder(place.url()).read_only();
    let database = builder.open().unwrap();
    let catalog = database.catalog().entity::<Author>().migrations(&MIGRATIONS).build();
    let name = catalog.migrations().unwrap().status().unwrap()[1].name.clone();
    catalog.migrations().unwrap().run(&name).unwrap_err();
    let mut window = window(catalog);
    show_page(&mut window);
    wait_for_text(&mut window, "1 pending");
    assert!(!is_enabled(&window, "Run pending") && !is_enabled(&window, "Revert last"));
    assert!(!has_audit(&place));
}

#[test]
fn a_migration_in_production_wants_the_name_typed() {
    let (place, catalog) = behind();
    let name = place.path().file_name().unwrap().to_str().unwrap().to_owned();
    let mut window = window(catalog);
    click(&mut window, Role::Button, &name);
    click(&mut window, Role::Button, "Mark as production or not");
    wait_for(&mut window, Role::Label, "production");
    show_page(&mut window);
    wait_for_text(&mut window, "1 pending");
    click(&mut window, Role::Button, "Run pending");
    wait_for_text(&mut window, "Run 1 migration?");
    press(&mut window, Key::Enter);
    assert!(!is_enabled(&window, "Run") && !has_audit(&place));
    window.event(Event::Text(name));
    window.step();
    window.step();
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "all applied");
    assert!(has_audit(&place));
}

#[test]
fn a_column_that_another_program_takes_away_makes_its_table_read_only_until_it_is_back() {
    let (place, catalog) = behind();
    let mut window = window(catalog);
    wait_for(&mut window, Role::Cell, "Ada");
    place.execute("ALTER TABLE authors RENAME COLUMN born_on TO birthday");
    press(&mut window, Key::F5);
    wait_for_text(&mut window, "the column born_on is missing");
    press_with(&mut window, CTRL, Key::N);
    wait_for_answers(&mut window);
    assert!(!says(&window, "1 new row"));
    place.execute("ALTER TABLE authors RENAME COLUMN birthday TO born_on");
    press(&mut window, Key::F5);
    wait_without_text(&mut window, "the column born_on is missing");
    wait_for(&mut window, Role::Cell, "Ada");
    press_with(&mut window, CTRL, Key::N);
    wait_for_text(&mut window, "1 new row");
}

#[test]
fn rows_that_refer_to_what_cannot_be_read_are_shown_with_its_key() {
    let (place, _) = behind();
    place.execute("INSERT INTO books (title, author_id) VALUES ('Notes', 1)");
    place.execute("ALTER TABLE authors RENAME COLUMN born_on TO birthday");
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    let catalog = database.catalog().entity::<Book>().entity::<Author>();
    let mut window = window(catalog.migrations(&MIGRATIONS).build());
    wait_for(&mut window, Role::Cell, "Notes");
    click(&mut window, Role::Button, "Authors");
    wait_for_text(&mut window, "the column born_on is missing");
}

#[test]
fn a_commit_that_meets_another_table_says_so_and_keeps_what_is_staged() {
    let (place, catalog) = behind();
    let mut window = window(catalog);
    wait_for(&mut window, Role::Cell, "Ada");
    press_with(&mut window, CTRL, Key::N);
    wait_for_text(&mut window, "1 new row");
    window.event(Event::Paste("Lem\r\n".to_owned()));
    window.step();
    place.execute("ALTER TABLE authors RENAME COLUMN name TO called");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "the column name is missing");
    assert!(says(&window, "1 new row"));
    assert_eq!(sqlite3(&place, "SELECT count(*) FROM authors"), ["1"]);
    place.execute("ALTER TABLE authors RENAME COLUMN called TO name");
    press(&mut window, Key::F5);
    wait_without_text(&mut window, "the column name is missing");
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "the row is written", |_| {
        sqlite3(&place, "SELECT name FROM authors ORDER BY id") == ["Ada", "Lem"]
    });
}

#[test]
fn without_migrations_the_page_shows_the_drift_only() {
    let (place, _) = behind();
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    place.execute("ALTER TABLE authors ADD COLUMN nickname TEXT");
    let catalog = database.catalog().entity::<Author>().build();
    let mut window = open(catalog, speaking(Language::Russian), SIZE);
    click(&mut window, Role::Button, "Миграции");
    wait_for_text(&mut window, "столбец nickname неизвестен программе");
    wait_for_text(&mut window, "ничему не мешает");
    wait_without(&mut window, Role::Button, "Выполнить ожидающие");
    assert!(!has(&window, Role::Button, "Откатить последнюю"));
}

mod schema {
    diesel::table! {
        things (id) { id -> BigInt, name -> Text }
    }
}

/// An entity.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::things)]
struct Thing {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    name: String,
}

/// Another one of the same table.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::things)]
struct Item {
    #[entity(key, generated)]
    id: i64,
    #[entity(label)]
    name: String,
}

#[test]
fn a_database_that_cannot_be_looked_at_is_not_looked_at_for_ever() {
    let place = sqlite();
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    // Such a catalog says no to everything.
    let mut window = window(database.catalog().entity::<Thing>().entity::<Item>().build());
    wait_for_answers(&mut window);
    click(&mut window, Role::Button, "Migrations");
    wait(&mut window, "the reason", |window| {
        window.query_by_label_contains("are both of the table `things`").is_some()
    });
    wait_for_answers(&mut window);
}
