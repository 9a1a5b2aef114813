//! What can be typed next in a filter, beneath the line in which it is typed.

use crate::shop::{TITLES, books, shop, show_books, titles, wait_for_titles};
use admin_gui::Options;
use admin_gui::i18n::{Language, TextSources};
use admin_gui::settings::Settings;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use window_driver::{
    Window, click, has, open, press, press_with, step, type_into, wait, wait_for, wait_without,
};

const OPTION: Role = Role::ListBoxOption;

/// Types into the filter's line, which is opened where it is not.
#[track_caller]
fn type_filter(window: &mut Window, text: &str) {
    if !has(window, Role::TextInput, "Filter") {
        press_with(window, Modifiers::COMMAND, Key::F);
    }
    type_into(window, "Filter", text);
}

/// What stands in the filter's line.
fn typed(window: &Window) -> String {
    let field = window.get_by_role_and_label(Role::TextInput, "Filter");
    field.value().unwrap_or_default()
}

/// Draws until that stands in the filter's line.
#[track_caller]
fn wait_for_filter(window: &mut Window, wanted: &str) {
    wait(window, wanted, |window| typed(window) == wanted);
}

/// What is offered, from top to bottom.
fn offers(window: &Window) -> Vec<String> {
    let options = window.query_all_by_role(OPTION);
    options.map(|option| option.accesskit_node().label().unwrap_or_default()).collect()
}

#[test]
fn a_filter_is_put_together_with_the_keyboard_alone() {
    let mut window = books(&shop());
    type_filter(&mut window, "pri");
    wait_for(&mut window, OPTION, "price Price");
    press(&mut window, Key::Tab);
    wait_for_filter(&mut window, "price ");
    wait_for(&mut window, OPTION, ">= is at least");
    for _ in 0..6 {
        press(&mut window, Key::ArrowDown);
    }
    press(&mut window, Key::ArrowUp);
    press(&mut window, Key::Enter);
    wait_for_filter(&mut window, "price > ");
    type_filter(&mut window, "11 a");
    wait_for(&mut window, OPTION, "and");
    press(&mut window, Key::Tab);
    type_filter(&mut window, "not in_");
    press(&mut window, Key::Tab);
    wait_for_filter(&mut window, "price > 11 and not in_print ");
    // Nothing has been chosen: Enter applies what was typed.
    press(&mut window, Key::Enter);
    wait_for_titles(&mut window, &[TITLES[3]]);
}

#[test]
fn columns_are_found_by_the_name_that_is_shown() {
    let mut sources = TextSources::new();
    sources.add(Language::Russian, "column-books-published_on = Дата издания\n").unwrap();
    let settings = Settings { language: Some(Language::Russian), ..Settings::default() };
    let options = Options { settings, texts: sources, ..Options::default() };
    let mut window = open(shop().catalog(), options, [1380.0, 800.0]);
    show_books(&mut window);
    press_with(&mut window, Modifiers::COMMAND, Key::F);
    type_into(&mut window, "Фильтр", "дата из");
    wait_for(&mut window, OPTION, "published_on Дата издания");
    press(&mut window, Key::Tab);
    type_into(&mut window, "Фильтр", "> 01.01.1980");
    press(&mut window, Key::Enter);
    wait_for_titles(&mut window, &[TITLES[3]]);
}

#[test]
fn stored_values_are_offered_while_they_are_typed() {
    let mut window = books(&shop());
    type_filter(&mut window, "title = маст");
    wait_for(&mut window, OPTION, "\"Мастер и Маргарита\"");
    assert_eq!(offers(&window).len(), 1);
    click(&mut window, OPTION, "\"Мастер и Маргарита\"");
    wait_for_filter(&mut window, "title = \"Мастер и Маргарита\"");
    assert_eq!(offers(&window), [""; 0]);
    // The line still has the keyboard.
    press(&mut window, Key::Enter);
    wait_for_titles(&mut window, &[TITLES[2]]);
}

#[test]
fn rows_that_are_referred_to_are_offered_by_what_they_are_called() {
    let mut window = books(&shop());
    type_filter(&mut window, "author_id = lem");
    wait_for(&mut window, OPTION, "1 Stanisław Lem");
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::Enter);
    wait_for_filter(&mut window, "author_id = 1");
    press(&mut window, Key::Enter);
    wait_for_titles(&mut window, &[TITLES[0], TITLES[3]]);
    // And those of related rows.
    press_with(&mut window, Modifiers::COMMAND, Key::F);
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    type_filter(&mut window, "author.name = her");
    wait_for(&mut window, OPTION, "\"Frank Herbert\"");
}

#[test]
fn escape_closes_what_is_offered_and_the_line_stays() {
    let mut window = books(&shop());
    type_filter(&mut window, "ti");
    wait_for(&mut window, OPTION, "title Title");
    press(&mut window, Key::Escape);
    wait_without(&mut window, OPTION, "title Title");
    step(&mut window);
    assert_eq!(typed(&window), "ti");
    type_filter(&mut window, "tle ~ dune");
    wait_for(&mut window, OPTION, "\"Dune\"");
    press(&mut window, Key::Escape);
    press(&mut window, Key::Enter);
    wait_for_titles(&mut window, &[TITLES[1]]);
}

#[test]
fn down_opens_what_is_offered_and_tab_leaves_the_line_where_nothing_is() {
    let mut window = books(&shop());
    press_with(&mut window, Modifiers::COMMAND, Key::F);
    wait(&mut window, "the line", |window| {
        let field = window.query_by_role_and_label(Role::TextInput, "Filter");
        field.is_some_and(|field| field.is_focused())
    });
    assert_eq!(offers(&window), [""; 0]);
    press(&mut window, Key::ArrowDown);
    wait_for(&mut window, OPTION, "id Id");
    press(&mut window, Key::Tab);
    step(&mut window);
    let field = window.get_by_role_and_label(Role::TextInput, "Filter");
    assert!(!field.is_focused());
    wait_without(&mut window, OPTION, "id Id");
    assert_eq!(titles(&window), TITLES);
}
