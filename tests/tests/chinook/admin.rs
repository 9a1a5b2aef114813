//! The admin over Chinook: an application that only registers its entities gets all of this.

use std::time::{Duration, Instant};

use admin_gui::i18n::Language;
use admin_gui::settings::Settings;
use admin_gui::{AdminApp, Options};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use integration_tests::chinook::{Album, Artist, Chinook, chinook};
use persistence::Repository;

/// How long to wait for what must happen.
const DEADLINE: Duration = Duration::from_secs(30);

type Window = Harness<'static, AdminApp>;

/// A window wide enough for every column: what is scrolled out of sight has no cells.
fn window(chinook: &Chinook) -> Window {
    let catalog = chinook.catalog();
    let settings = Settings { language: Some(Language::English), ..Settings::default() };
    let options = Options { settings, ..Options::default() };
    Harness::builder().with_size(egui::vec2(2400.0, 900.0)).build_eframe(move |creation| {
        AdminApp::new(&creation.egui_ctx, catalog, options).expect("threads can be started")
    })
}

/// Draws until something holds.
#[track_caller]
fn wait(window: &mut Window, what: &str, holds: impl Fn(&Window) -> bool) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        window.step();
        if holds(window) {
            // Whatever was clicked is drawn as it is now.
            window.step();
            return;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

fn has(window: &Window, role: Role, label: &str) -> bool {
    window.query_all_by_role_and_label(role, label).next().is_some()
}

#[track_caller]
fn wait_for(window: &mut Window, role: Role, label: &str) {
    wait(window, &format!("{role:?} {label}"), |window| has(window, role, label));
}

#[track_caller]
fn wait_for_text(window: &mut Window, label: &str) {
    wait(window, label, |window| window.query_all_by_label_contains(label).next().is_some());
}

/// A window that shows a table, up to a cell that must be there.
#[track_caller]
fn browse(chinook: &Chinook, table: &str, cell: &str) -> Window {
    let mut window = window(chinook);
    wait_for(&mut window, Role::Button, table);
    window.get_by_role_and_label(Role::Button, table).click();
    wait_for(&mut window, Role::Cell, cell);
    window
}

#[track_caller]
fn filter(window: &mut Window, text: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    wait(window, "the filter's focus", |window| {
        window.get_by_role_and_label(Role::TextInput, "Filter").is_focused()
    });
    window.get_by_role_and_label(Role::TextInput, "Filter").type_text(text);
    window.step();
    window.key_press(Key::Enter);
    window.step();
}

#[test]
fn all_eleven_tables_are_listed_by_name_and_count() {
    let mut window = window(&chinook());
    for table in [
        "Artist",
        "Album",
        "Track",
        "Genre",
        "Media type",
        "Playlist",
        "Playlist track",
        "Customer",
        "Employee",
        "Invoice",
        "Invoice line",
    ] {
        wait_for(&mut window, Role::Button, table);
    }
    wait_for_text(&mut window, "of 275");
}

#[test]
fn references_are_shown_by_the_label_of_what_they_point_to() {
    let chinook = chinook();
    let window = browse(&chinook, "Album", "For Those About To Rock We Salute You");
    assert!(has(&window, Role::Cell, "AC/DC"));
    assert!(has(&window, Role::ColumnHeader, "Artist"));
    // To the table itself, and to nothing.
    let mut window = browse(&chinook, "Employee", "Mitchell");
    wait_for(&mut window, Role::Cell, "Adams");
    assert!(has(&window, Role::Cell, "NULL"));
    // Both parts of a composite key.
    let mut window = browse(&chinook, "Playlist track", "Music");
    wait_for(&mut window, Role::Cell, "For Those About To Rock (We Salute You)");
}

#[test]
fn prices_and_times_are_shown_as_such() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Invoice", "2021-01-01 00:00:00");
    assert!(has(&window, Role::Cell, "1.98"));
    filter(&mut window, "Total >= 25");
    wait_for(&mut window, Role::Cell, "25.86");
    wait(&mut window, "one row", |window| !has(window, Role::Cell, "1.98"));
}

#[test]
fn a_filter_and_a_sorted_column_find_rows() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Track", "Balls to the Wall");
    filter(&mut window, "Name ~ 'amor' and UnitPrice < 1");
    wait_for(&mut window, Role::Cell, "Amor De Muito");
    wait(&mut window, "fewer rows", |window| !has(window, Role::Cell, "Balls to the Wall"));
    window.get_by_role_and_label(Role::ColumnHeader, "Name").click();
    let top = |window: &Window, label: &str| {
        window.query_by_role_and_label(Role::Cell, label).map(|cell| cell.rect().top())
    };
    wait(&mut window, "the titles in order", |window| {
        match (top(window, "Amor De Muito"), top(window, "Amor Demais")) {
            (Some(first), Some(second)) => first < second,
            _ => false,
        }
    });
}

#[test]
fn an_edited_title_is_in_the_database() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Album", "Balls to the Wall");
    window.get_by_role_and_label(Role::Cell, "Balls to the Wall").click();
    wait_for(&mut window, Role::TextInput, "Title");
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    window.key_press(Key::End);
    window.get_by_role_and_label(Role::TextInput, "Title").type_text(" (Live)");
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    wait_for(&mut window, Role::Cell, "Balls to the Wall (Live)");
    let mut session = chinook.database.session().unwrap();
    let stored = Repository::<Album>::find(&mut session, &2).unwrap().unwrap();
    assert_eq!((stored.title.as_str(), stored.artist_id), ("Balls to the Wall (Live)", 2));
}

#[test]
fn a_rule_of_the_entity_is_shown_at_its_field() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Album", "Balls to the Wall");
    window.get_by_role_and_label(Role::Cell, "Balls to the Wall").click();
    wait_for(&mut window, Role::TextInput, "Title");
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    window.key_press(Key::End);
    window.get_by_role_and_label(Role::TextInput, "Title").type_text(&"!".repeat(160));
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "160");
    let mut session = chinook.database.session().unwrap();
    let stored = Repository::<Album>::find(&mut session, &2).unwrap().unwrap();
    assert_eq!(stored.title, "Balls to the Wall");
}

#[test]
fn deleting_an_artist_with_albums_says_what_is_in_the_way() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Artist", "AC/DC");
    window.get_by_role_and_label(Role::Cell, "AC/DC").click();
    wait_for(&mut window, Role::Button, "Save");
    window.key_press(Key::Delete);
    wait(&mut window, "the question", |window| {
        window.query_all_by_role(Role::Dialog).next().is_some()
    });
    wait_for_text(&mut window, "Let There Be Rock");
    let delete = window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap();
    assert!(delete.accesskit_node().is_disabled());
    let mut session = chinook.database.session().unwrap();
    assert!(Repository::<Artist>::find(&mut session, &1).unwrap().is_some());
}
