//! The window while things go wrong beneath it: it says what happened where it happened, keeps what
//! it showed, and goes on by itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use admin_gui::i18n::Language;
use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use domain::{Author, NewAuthor};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use integration_tests::{TestDatabase, mysql, postgres, relaying, relaying_url, shop, sqlite};
use persistence::{Database, Engine, Repository as _, Session, Store};
use window_driver::{
    Window, click, has, open, press, press_with, says, speaking, wait, wait_for, wait_for_text,
    wait_without,
};

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

/// What the person is told who has changed something that cannot be written now.
const KEPT: &str = "Nothing is lost: save again";

/// Stages another name for the author, and saves.
fn rename(window: &mut Window, name: &str) {
    click(window, Role::Cell, "Stanisław Lem");
    window.event(Event::Text(name.to_owned()));
    window.step();
    window.step();
    press(window, Key::Enter);
    wait_for_text(window, "1 row changed");
    press_with(window, Modifiers::COMMAND, Key::S);
}

fn is_stored<C: Engine + Store<Author>>(database: &Database<C>, name: &str) -> bool {
    let mut session = database.session().unwrap();
    session.query::<Author>().filter(Author::NAME.eq(name)).exists().unwrap()
}

/// Saves once more what could not be written, and has it written.
fn is_written_in_the_end<C: Engine + Store<Author>>(window: &mut Window, database: &Database<C>) {
    assert!(has(window, Role::Cell, "Lem, S."), "what was staged is gone");
    assert!(says(window, "1 row changed"), "it is staged no more");
    assert!(is_stored(database, "Stanisław Lem"), "something is written");
    press_with(window, Modifiers::COMMAND, Key::S);
    wait_for_text(window, "1 row saved");
    assert!(is_stored(database, "Lem, S."), "it is not written");
}

fn what_is_staged_while_the_server_is_away<C: Engine + Store<Author>>(place: TestDatabase) {
    let (direct, place) = shop::database::<C>(place);
    let (relay, url) = relaying_url(place.url());
    let patience = Duration::from_secs(2);
    let relayed = Database::<C>::builder(&url).connection_timeout(patience).open().unwrap();
    let mut window = opened(&relayed);
    relay.go_away();
    rename(&mut window, "Lem, S.");
    wait_for_text(&mut window, KEPT);
    relay.come_back();
    is_written_in_the_end(&mut window, &direct);
}

#[test]
fn what_is_staged_while_the_server_is_away_is_kept_on_postgres() {
    what_is_staged_while_the_server_is_away::<PgConnection>(postgres());
}

#[test]
fn what_is_staged_while_the_server_is_away_is_kept_on_mysql() {
    what_is_staged_while_the_server_is_away::<MysqlConnection>(mysql());
}

fn what_is_staged_while_the_table_becomes_another<C: Engine + Store<Author>>(place: TestDatabase) {
    let (database, place) = shop::database::<C>(place);
    let mut window = opened(&database);
    // A migration that another program runs.
    place.execute("ALTER TABLE authors RENAME COLUMN biography TO life");
    rename(&mut window, "Lem, S.");
    wait_for_text(&mut window, KEPT);
    assert!(says(&window, "biography"), "the column is not named");
    place.execute("ALTER TABLE authors RENAME COLUMN life TO biography");
    is_written_in_the_end(&mut window, &database);
}

#[test]
fn what_is_staged_while_the_table_becomes_another_is_kept_on_sqlite() {
    what_is_staged_while_the_table_becomes_another::<SqliteConnection>(sqlite());
}

#[test]
fn what_is_staged_while_the_table_becomes_another_is_kept_on_postgres() {
    what_is_staged_while_the_table_becomes_another::<PgConnection>(postgres());
}

#[test]
fn what_is_staged_while_the_table_becomes_another_is_kept_on_mysql() {
    what_is_staged_while_the_table_becomes_another::<MysqlConnection>(mysql());
}

fn what_is_staged_while_the_row_is_locked<C: Engine + Store<Author>>(place: TestDatabase) {
    let (holding, place) = shop::database::<C>(place);
    let patience = Duration::from_millis(50);
    let meeting = Database::<C>::builder(place.url()).lock_timeout(patience).open().unwrap();
    let mut window = opened(&meeting);
    let mut holder = holding.session().unwrap();
    holder.query::<Author>().for_update().load().unwrap();
    rename(&mut window, "Lem, S.");
    wait(&mut window, "the lock", |window| says(window, "tried again"));
    assert!(has(&window, Role::Cell, "Lem, S."), "what was staged is gone");
    holder.rollback().unwrap();
    // Nobody presses anything.
    wait_for_text(&mut window, "1 row saved");
    assert!(is_stored(&holding, "Lem, S."), "it is not written");
}

#[test]
fn what_is_staged_while_the_row_is_locked_is_written_by_itself_on_sqlite() {
    what_is_staged_while_the_row_is_locked::<SqliteConnection>(sqlite());
}

#[test]
fn what_is_staged_while_the_row_is_locked_is_written_by_itself_on_postgres() {
    what_is_staged_while_the_row_is_locked::<PgConnection>(postgres());
}

#[test]
fn what_is_staged_while_the_row_is_locked_is_written_by_itself_on_mysql() {
    what_is_staged_while_the_row_is_locked::<MysqlConnection>(mysql());
}
