//! The dialog of the keys and of what a typed filter may say.

use crate::shop::{TITLES, books, shop, wait_for_titles, window};
use admin_gui::i18n::Language;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use window_driver::{
    has, press, press_with, says, type_filter, type_into, wait_for, wait_for_text, wait_without,
    wait_without_text,
};

const SEARCH: &str = "Search keys and examples";

#[test]
fn f1_lists_keys_and_examples_of_the_rows_that_are_looked_at() {
    let mut window = books(&shop());
    press(&mut window, Key::F1);
    wait_for(&mut window, Role::TextInput, SEARCH);
    assert!(says(&window, "Ctrl+K   Ctrl+P"), "both keys of a command");
    assert!(says(&window, "What the filter line understands: Books"));
    assert!(says(&window, "published_on in last 30 days"));
    press(&mut window, Key::Escape);
    wait_without(&mut window, Role::TextInput, SEARCH);
    // The rows have the keyboard again.
    press(&mut window, Key::End);
    type_filter(&mut window, "price > 1000 or title ^= Du");
    wait_for_titles(&mut window, &[TITLES[1]]);
}

#[test]
fn what_is_searched_in_the_help_is_all_that_is_left() {
    let mut window = books(&shop());
    press(&mut window, Key::F1);
    type_into(&mut window, SEARCH, "undo");
    wait_without_text(&mut window, "Ctrl+Q");
    assert!(says(&window, "Ctrl+Z"));
    assert!(!says(&window, "What the filter line understands"));
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    type_into(&mut window, SEARCH, "at least");
    wait_for_text(&mut window, "price >= 12.50");
    assert!(!says(&window, "Ctrl+Z"));
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    type_into(&mut window, SEARCH, "no such thing");
    wait_for_text(&mut window, "Nothing like that");
}

#[test]
fn the_help_is_found_among_the_commands() {
    let mut window = books(&shop());
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    type_into(&mut window, "Go to …", "filter language");
    press(&mut window, Key::Enter);
    wait_for(&mut window, Role::TextInput, SEARCH);
    // Nothing else is done while it is open.
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.step();
    assert!(!has(&window, Role::TextInput, "Go to …"));
}

#[test]
fn numbers_and_dates_are_typed_as_the_language_has_them() {
    let mut window = window(&shop(), Language::Russian);
    window.get_by_role_and_label(Role::Button, "Books").click();
    for (typed, wanted) in [
        ("price > 11,40", &TITLES[3..]),
        ("price between 9,99 and 11,40", &TITLES[..2]),
        ("price in (\"9,99\", 12)", &[TITLES[1], TITLES[3]]),
        ("published_on <= 01.06.1961", &TITLES[..1]),
    ] {
        press_with(&mut window, Modifiers::COMMAND, Key::F);
        press_with(&mut window, Modifiers::COMMAND, Key::A);
        type_into(&mut window, "Фильтр", typed);
        press(&mut window, Key::Enter);
        wait_for_titles(&mut window, wanted);
    }
}
