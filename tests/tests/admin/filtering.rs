//! Filter pills: added, changed and removed by hand, and the line beside them.

use crate::shop::{TITLES, books, choose, shop, titles, wait_for_titles};
use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable};
use window_driver::{
    Window, click, has, press, press_with, type_filter, type_into, wait, wait_for_text,
};

/// Opens the editor of a new pill about a column.
#[track_caller]
fn add_filter(window: &mut Window, column: &str) {
    click(window, Role::Button, "Add filter");
    type_into(window, "Find a column", column);
    press(window, Key::Enter);
    wait(window, "the editor", |window| has(window, Role::Button, "Apply"));
}

#[test]
fn a_pill_of_numbers_is_added_by_hand() {
    let mut window = books(&shop());
    add_filter(&mut window, "price");
    choose(&mut window, "Condition", "≥  is at least");
    type_into(&mut window, "Value", "11");
    press(&mut window, Key::Enter);
    wait_for_titles(&mut window, &[TITLES[0], TITLES[3]]);
    assert!(has(&window, Role::Button, "Price ≥ 11.00"));
}

#[test]
fn a_pill_of_text_contains_what_is_typed() {
    let mut window = books(&shop());
    add_filter(&mut window, "title");
    type_into(&mut window, "Value", "мастер");
    click(&mut window, Role::Button, "Apply");
    wait_for_titles(&mut window, &[TITLES[2]]);
    assert!(has(&window, Role::Button, "Title contains “мастер”"));
}

#[test]
fn a_pill_of_a_foreign_key_finds_the_rows_that_are_chosen() {
    let mut window = books(&shop());
    add_filter(&mut window, "author");
    type_into(&mut window, "Search", "lem");
    wait(&mut window, "Lem alone", |window| {
        has(window, Role::CheckBox, "Stanisław Lem")
            && !has(window, Role::CheckBox, "Frank Herbert")
    });
    click(&mut window, Role::CheckBox, "Stanisław Lem");
    click(&mut window, Role::Button, "Apply");
    wait_for_titles(&mut window, &[TITLES[0], TITLES[3]]);
    assert!(has(&window, Role::Button, "Author = Stanisław Lem"));
}

#[test]
fn rows_to_refer_to_are_found_and_chosen_with_the_keyboard_alone() {
    let mut window = books(&shop());
    add_filter(&mut window, "author");
    type_into(&mut window, "Search", "e");
    wait(&mut window, "those with an e", |window| {
        has(window, Role::CheckBox, "Frank Herbert") || has(window, Role::CheckBox, "Stanisław Lem")
    });
    type_into(&mut window, "Search", "m");
    wait(&mut window, "Lem alone", |window| {
        has(window, Role::CheckBox, "Stanisław Lem")
            && !has(window, Role::CheckBox, "Frank Herbert")
    });
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::Enter);
    let is_ticked = |window: &Window| {
        let line = window.query_by_role_and_label(Role::CheckBox, "Stanisław Lem");
        line.is_some_and(|line| line.accesskit_node().toggled() == Some(Toggled::True))
    };
    wait(&mut window, "Lem to be chosen", is_ticked);
    assert!(has(&window, Role::Button, "Apply"), "one more may be chosen");
    let field = window.get_by_role_and_label(Role::TextInput, "Search");
    assert!(field.is_focused());
    press(&mut window, Key::Enter);
    wait_for_titles(&mut window, &[TITLES[0], TITLES[3]]);
    assert!(has(&window, Role::Button, "Author = Stanisław Lem"));
    // No key went to the rows behind the editor.
    for _ in 0..20 {
        window.step();
    }
    assert!(!has(&window, Role::Button, "Save"), "no record was opened");
}

#[test]
fn quick_search_finds_books_by_what_is_seen_of_their_authors() {
    let mut window = books(&shop());
    let search = window.get_by_role_and_label(Role::TextInput, "Quick search");
    search.focus();
    window.step();
    type_into(&mut window, "Quick search", "STANISŁAW");
    wait_for_titles(&mut window, &[TITLES[0], TITLES[3]]);
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    type_into(&mut window, "Quick search", "fiasco");
    wait_for_titles(&mut window, &[TITLES[3]]);
}

#[test]
fn a_pill_of_yes_and_no_needs_no_value() {
    let mut window = books(&shop());
    add_filter(&mut window, "in print");
    choose(&mut window, "Condition", "is false");
    click(&mut window, Role::Button, "Apply");
    wait_for_titles(&mut window, &[TITLES[3]]);
}

#[test]
fn a_mistake_is_told_beneath_its_field_and_changes_nothing() {
    let mut window = books(&shop());
    add_filter(&mut window, "price");
    type_into(&mut window, "Value", "cheap");
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "should be a number with at most 2 decimal places");
    assert_eq!(titles(&window), TITLES);
}

#[test]
fn alternatives_are_joined_by_or() {
    let mut window = books(&shop());
    add_filter(&mut window, "title");
    type_into(&mut window, "Value", "dune");
    click(&mut window, Role::Button, "+ or");
    window.get_all_by_role_and_label(Role::ComboBox, "Condition").last().unwrap().click();
    wait_for_text(&mut window, "starts with");
    window.get_all_by_label("starts with").last().unwrap().click();
    window.step();
    window.step();
    let fields = window.get_all_by_role_and_label(Role::TextInput, "Value");
    fields.last().unwrap().type_text("sol");
    window.step();
    click(&mut window, Role::Button, "Apply");
    wait_for_titles(&mut window, &[TITLES[0], TITLES[1]]);
    assert!(has(&window, Role::Button, "Title contains “dune” or Title starts with “sol”"));
}

#[test]
fn a_typed_filter_is_shown_as_pills_that_can_be_changed() {
    let mut window = books(&shop());
    type_filter(&mut window, "price >= 10 and published_on between 1960-01-01 and 1970-01-01");
    wait_for_titles(&mut window, &[TITLES[0]]);
    click(&mut window, Role::Button, "Price ≥ 10.00");
    wait(&mut window, "the editor", |window| has(window, Role::Button, "Apply"));
    choose(&mut window, "Condition", "<  is less than");
    click(&mut window, Role::Button, "Apply");
    wait_for_titles(&mut window, &[TITLES[1]]);
    press_with(&mut window, Modifiers::COMMAND, Key::F);
    wait(&mut window, "the line", |window| {
        window.query_by_role_and_label(Role::TextInput, "Filter").is_some_and(|field| {
            field.value().as_deref()
                == Some("price < 10.00 and published_on between 1960-01-01 and 1970-01-01")
        })
    });
}

#[test]
fn a_removed_pill_shows_more_rows() {
    let mut window = books(&shop());
    type_filter(&mut window, "price > 10 and in_print");
    wait_for_titles(&mut window, &[TITLES[0]]);
    click(&mut window, Role::Button, "Remove filter: In print is true");
    wait_for_titles(&mut window, &[TITLES[0], TITLES[3]]);
}

#[test]
fn what_no_pill_can_edit_opens_the_line() {
    let mut window = books(&shop());
    type_filter(&mut window, "author.name ~ lem");
    wait_for_titles(&mut window, &[TITLES[0], TITLES[3]]);
    click(&mut window, Role::Button, r#"author.name ~ "lem""#);
    wait(&mut window, "the line", |window| {
        window
            .query_by_role_and_label(Role::TextInput, "Filter")
            .is_some_and(|field| field.is_focused())
    });
    press(&mut window, Key::Escape);
    wait(&mut window, "the pills", |window| has(window, Role::Button, "Add filter"));
}

#[test]
fn escape_and_a_click_elsewhere_close_the_editor() {
    let mut window = books(&shop());
    add_filter(&mut window, "price");
    press(&mut window, Key::Escape);
    wait(&mut window, "no editor", |window| !has(window, Role::Button, "Apply"));
    add_filter(&mut window, "price");
    // The cells near the pills are beneath the editor.
    click(&mut window, Role::ColumnHeader, "In print");
    wait(&mut window, "no editor", |window| !has(window, Role::Button, "Apply"));
}
