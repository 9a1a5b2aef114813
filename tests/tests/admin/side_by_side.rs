//! Two entities side by side: what is pressed in one is about its rows, also while the other is active.

use crate::shop::{shop, show_books, window};
use admin_gui::i18n::Language;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::kittest::{NodeT as _, Queryable};
use window_driver::{
    Window, click_with, has, press_with, says, step, wait, wait_for, wait_for_text, wait_without,
};

/// Books at the left, authors at the right; the authors are active.
fn side_by_side() -> Window {
    let mut window = window(&shop(), Language::English);
    show_books(&mut window);
    click_with(&mut window, Role::Button, "Authors", Modifiers::COMMAND);
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    press_with(&mut window, Modifiers::COMMAND, Key::Backslash);
    wait_for(&mut window, Role::Cell, "Dune");
    assert_eq!(active(&window), "Authors");
    window
}

/// The title of the pane whose rows the status bar is about.
fn active(window: &Window) -> &'static str {
    match (says(window, "of 4 "), says(window, "of 3 ")) {
        (true, false) => "Books",
        (false, true) => "Authors",
        _ => "neither",
    }
}

/// The button of that name that stands furthest to the left.
fn leftmost(window: &Window, name: &str) -> Pos2 {
    let buttons = window.query_all_by_role_and_label(Role::Button, name);
    let buttons = buttons.filter(|button| !button.accesskit_node().is_disabled());
    // The list of entities stands left of both.
    let places = buttons.map(|button| button.rect().center()).filter(|at| at.x > 250.0);
    places.min_by(|one, other| one.x.total_cmp(&other.x)).unwrap()
}

/// Presses and releases a button of the mouse in two pictures.
fn press_mouse(window: &mut Window, at: Pos2, button: PointerButton) {
    window.event(Event::PointerMoved(at));
    step(window);
    for pressed in [true, false] {
        window.event(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
        step(window);
    }
}

#[test]
fn new_is_about_the_pane_in_which_it_was_pressed() {
    let mut window = side_by_side();
    let at = leftmost(&window, "New");
    press_mouse(&mut window, at, PointerButton::Primary);
    wait_for_text(&mut window, "1 new row");
    press_with(&mut window, egui::Modifiers::NONE, egui::Key::F4);
    wait_for(&mut window, Role::TextInput, "Title");
    assert!(!has(&window, Role::TextInput, "Name"));
}

#[test]
fn an_export_is_of_the_pane_in_which_it_was_asked_for() {
    let mut window = side_by_side();
    let at = leftmost(&window, "Export");
    press_mouse(&mut window, at, PointerButton::Primary);
    wait_for_text(&mut window, "Export Books");
}

#[test]
fn a_filter_is_cleared_where_it_was_asked_for() {
    let mut window = side_by_side();
    let at = window.get_by_role_and_label(Role::Cell, "Dune").rect().center();
    press_mouse(&mut window, at, PointerButton::Primary);
    wait(&mut window, "the books", |window| active(window) == "Books");
    window_driver::type_filter(&mut window, "title = Dune");
    wait_without(&mut window, Role::Cell, "Solaris");
    let author = window.get_all_by_role_and_label(Role::Cell, "Frank Herbert");
    let right = |one: &Pos2, other: &Pos2| one.x.total_cmp(&other.x);
    let at = author.map(|cell| cell.rect().center()).max_by(right).unwrap();
    press_mouse(&mut window, at, PointerButton::Primary);
    wait(&mut window, "the authors", |window| active(window) == "Authors");
    let at = leftmost(&window, "Clear filter");
    press_mouse(&mut window, at, PointerButton::Primary);
    wait_for(&mut window, Role::Cell, "Solaris");
}

#[test]
fn the_mouse_goes_back_over_a_pane_that_was_not_active_and_both_stay_open() {
    let mut window = side_by_side();
    let at = window.get_by_role_and_label(Role::Cell, "Dune").rect().center();
    press_mouse(&mut window, at, PointerButton::Extra1);
    wait(&mut window, "the authors", |window| active(window) == "Authors");
    let both = |window: &Window| ["Books", "Authors"].map(|title| has(window, Role::Tab, title));
    assert_eq!(both(&window), [true, true]);
    press_mouse(&mut window, at, PointerButton::Extra2);
    wait(&mut window, "the books", |window| active(window) == "Books");
    assert_eq!(both(&window), [true, true]);
}
