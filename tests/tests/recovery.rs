//! The window while things go wrong beneath it: it says what happened where it happened, keeps what
//! it showed, and goes on by itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use admin_gui::i18n::Language;
use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use domain::{Author, NewAuthor};
use egui::Key;
use egui::accesskit::Role;
use integration_tests::{TestDatabase, mysql, postgres, relaying, shop, sqlite};
use persistence::{Database, Engine, Repository as _, Session, Store};
use window_driver::{Window, has, open, press, says, speaking, wait_for, wait_without};

/// What is offered where something has failed.
const AGAIN: &str = "Try again";

fn window<C: Engine + Store<Author>>(database: &Database<C>) -> Window {
    let catalog = database.catalog().entity::<Author>().build();
    open(catalog, speaking(Language::English), [1400.0, 800.0])
}

fn add<C: Engine + Store<Author>>(database: &Database<C>, name: &str) {
    let mut session: Session<C> = database.session().unwrap();
    let draft = NewAuthor { name: name.to_owned(), born_on: None, biography: None };
    session.insert(draft).unwrap();
    session.commit().unwrap();
}

/// A window over a shop with one author.
fn opened<C: Engine + Store<Author>>(database: &Database<C>) -> Window {
    add(database, "Stanisław Lem");
    let mut window = window(database);
    wait_for(&mut window, Role::Cell, "Stanisław Lem");
    window
}

fn a_table_that_is_gone<C: Engine + Store<Author>>(place: TestDatabase) {
    let (database, place) = shop::database::<C>(place);
    let mut window = opened(&database);
    place.execute("ALTER TABLE authors RENAME TO elsewhere");
    press(&mut window, Key::F5);
    wait_for(&mut window, Role::Button, AGAIN);
    assert!(has(&window, Role::Cell, "Stanisław Lem"), "what was shown is gone");
    assert!(says(&window, "authors"), "the table is not named");
    place.execute("ALTER TABLE elsewhere RENAME TO authors");
    // Nobody presses anything.
    wait_without(&mut window, Role::Button, AGAIN);
    assert!(has(&window, Role::Cell, "Stanisław Lem"));
}

#[test]
fn a_table_may_be_gone_for_a_while_on_sqlite() {
    a_table_that_is_gone::<SqliteConnection>(sqlite());
}

#[test]
fn a_table_may_be_gone_for_a_while_on_postgres() {
    a_table_that_is_gone::<PgConnection>(postgres());
}

#[test]
fn a_table_may_be_gone_for_a_while_on_mysql() {
    a_table_that_is_gone::<MysqlConnection>(mysql());
}

fn a_server_that_goes_away<C: Engine + Store<Author>>(place: TestDatabase) {
    let (direct, place) = shop::database::<C>(place);
    let (before, path) = place.url().rsplit_once('/').unwrap();
    let (user, host) = before.rsplit_once('@').unwrap();
    let relay = relaying(host);
    let url = format!("{user}@{}/{path}", relay.host());
    let patience = Duration::from_secs(2);
    let relayed = Database::<C>::builder(&url).connection_timeout(patience).open().unwrap();
    let mut window = opened(&relayed);
    relay.go_away();
    press(&mut window, Key::F5);
    wait_for(&mut window, Role::Button, AGAIN);
    assert!(has(&window, Role::Cell, "Stanisław Lem"), "what was shown is gone");
    add(&direct, "Ursula K. Le Guin");
    relay.come_back();
    // Nobody presses anything.
    wait_without(&mut window, Role::Button, AGAIN);
    wait_for(&mut window, Role::Cell, "Ursula K. Le Guin");
}

#[test]
fn a_server_may_go_away_and_come_back_on_postgres() {
    a_server_that_goes_away::<PgConnection>(postgres());
}

#[test]
fn a_server_may_go_away_and_come_back_on_mysql() {
    a_server_that_goes_away::<MysqlConnection>(mysql());
}
