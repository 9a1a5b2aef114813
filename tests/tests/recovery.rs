//! The window while things go wrong beneath it: it says what happened where it happened, keeps what
//! it showed, and goes on by itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use admin_gui::i18n::Language;
use admin_gui::settings::Settings;
use admin_gui::{AdminApp, Options};
use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use domain::{Author, NewAuthor};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use integration_tests::{TestDatabase, mysql, postgres, relaying, shop, sqlite};
use persistence::{Database, Engine, Repository as _, Session, Store};

/// How long to wait for what must happen.
const DEADLINE: Duration = Duration::from_secs(40);

type Window = Harness<'static, AdminApp>;

fn window<C: Engine + Store<Author>>(database: &Database<C>) -> Window {
    let catalog = database.catalog().entity::<Author>().build();
    let settings = Settings { language: Some(Language::English), ..Settings::default() };
    let options = Options { settings, ..Options::default() };
    Harness::builder().with_size(egui::vec2(1400.0, 800.0)).build_eframe(move |creation| {
        AdminApp::new(&creation.egui_ctx, catalog, options).expect("threads can be started")
    })
}

#[track_caller]
fn wait(window: &mut Window, what: &str, holds: impl Fn(&Window) -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds(window) {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        window.step();
        std::thread::yield_now();
    }
}

fn has_cell(window: &Window, text: &str) -> bool {
    window.query_all_by_role_and_label(Role::Cell, text).next().is_some()
}

/// Whether it is offered to try again what has failed.
fn is_in_trouble(window: &Window) -> bool {
    window.query_by_role_and_label(Role::Button, "Try again").is_some()
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
    wait(&mut window, "the author", |window| has_cell(window, "Stanisław Lem"));
    window
}

fn a_table_that_is_gone<C: Engine + Store<Author>>(place: TestDatabase) {
    let (database, place) = shop::database::<C>(place);
    let mut window = opened(&database);
    place.execute("ALTER TABLE authors RENAME TO elsewhere");
    window.key_press(Key::F5);
    wait(&mut window, "what is wrong", is_in_trouble);
    assert!(has_cell(&window, "Stanisław Lem"), "what was shown is gone");
    assert!(window.query_by_label_contains("authors").is_some(), "the table is not named");
    place.execute("ALTER TABLE elsewhere RENAME TO authors");
    // Nobody presses anything.
    wait(&mut window, "the end of trouble", |window| !is_in_trouble(window));
    assert!(has_cell(&window, "Stanisław Lem"));
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
    window.key_press(Key::F5);
    wait(&mut window, "what is wrong", is_in_trouble);
    assert!(has_cell(&window, "Stanisław Lem"), "what was shown is gone");
    add(&direct, "Ursula K. Le Guin");
    relay.come_back();
    // Nobody presses anything.
    wait(&mut window, "the end of trouble", |window| !is_in_trouble(window));
    wait(&mut window, "what came meanwhile", |window| has_cell(window, "Ursula K. Le Guin"));
}

#[test]
fn a_server_may_go_away_and_come_back_on_postgres() {
    a_server_that_goes_away::<PgConnection>(postgres());
}

#[test]
fn a_server_may_go_away_and_come_back_on_mysql() {
    a_server_that_goes_away::<MysqlConnection>(mysql());
}
