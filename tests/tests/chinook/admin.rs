//! The admin over Chinook: an application that only registers its entities gets all of this.

use admin_gui::i18n::Language;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use integration_tests::chinook::{Album, Artist, Chinook, chinook};
use persistence::Repository;
use window_driver::{
    Window, click, has, open, open_record, press, press_with, speaking, type_filter, wait,
    wait_for, wait_for_answers, wait_for_text, wait_without,
};

/// A window wide enough for every column: what is scrolled out of sight has no cells.
fn window(chinook: &Chinook) -> Window {
    open(chinook.catalog(), speaking(Language::English), [2400.0, 900.0])
}

/// A window that shows a table, up to a cell that must be there.
#[track_caller]
fn browse(chinook: &Chinook, table: &str, cell: &str) -> Window {
    let mut window = window(chinook);
    click(&mut window, Role::Button, table);
    wait_for(&mut window, Role::Cell, cell);
    window
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
    type_filter(&mut window, "Total >= 25");
    wait_for(&mut window, Role::Cell, "25.86");
    wait_without(&mut window, Role::Cell, "1.98");
}

#[test]
fn a_filter_and_a_sorted_column_find_rows() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Track", "Balls to the Wall");
    type_filter(&mut window, "Name ~ 'amor' and UnitPrice < 1");
    wait_for(&mut window, Role::Cell, "Amor De Muito");
    wait_without(&mut window, Role::Cell, "Balls to the Wall");
    click(&mut window, Role::ColumnHeader, "Name");
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

/// Types behind the title of the second album, and saves.
#[track_caller]
fn extend_title(window: &mut Window, text: &str) {
    open_record(window, "Balls to the Wall");
    wait_for(window, Role::TextInput, "Title");
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    press(window, Key::End);
    window.get_by_role_and_label(Role::TextInput, "Title").type_text(text);
    window.step();
    press_with(window, Modifiers::COMMAND, Key::S);
}

/// The second album as it is stored.
fn stored(chinook: &Chinook) -> Album {
    let mut session = chinook.database.session().unwrap();
    Repository::<Album>::find(&mut session, &2).unwrap().unwrap()
}

#[test]
fn an_edited_title_is_in_the_database() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Album", "Balls to the Wall");
    extend_title(&mut window, " (Live)");
    wait_for(&mut window, Role::Cell, "Balls to the Wall (Live)");
    // Cells show what is staged, too.
    wait_for_answers(&mut window);
    let stored = stored(&chinook);
    assert_eq!((stored.title.as_str(), stored.artist_id), ("Balls to the Wall (Live)", 2));
}

#[test]
fn a_rule_of_the_entity_is_shown_at_its_field() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Album", "Balls to the Wall");
    extend_title(&mut window, &"!".repeat(160));
    wait_for_text(&mut window, "160");
    assert_eq!(stored(&chinook).title, "Balls to the Wall");
}

#[test]
fn deleting_an_artist_with_albums_says_what_is_in_the_way() {
    let chinook = chinook();
    let mut window = browse(&chinook, "Artist", "AC/DC");
    click(&mut window, Role::Cell, "AC/DC");
    press(&mut window, Key::Delete);
    wait(&mut window, "the question", |window| {
        window.query_all_by_role(Role::Dialog).next().is_some()
    });
    wait_for_text(&mut window, "Let There Be Rock");
    let delete = window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap();
    assert!(delete.accesskit_node().is_disabled());
    let mut session = chinook.database.session().unwrap();
    assert!(Repository::<Artist>::find(&mut session, &1).unwrap().is_some());
}
