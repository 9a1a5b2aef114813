//! A database in production: much is written only after its name has been typed.

use admin_gui::i18n::Language;
use domain::Author;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use persistence::{Memory, Query, Repository};
use window_driver::{
    Window, click, has, press, press_with, says, wait_for, wait_for_text, wait_without,
};

use crate::shop::{shop, window};
use crate::window::switch_production;

const CTRL: Modifiers = Modifiers::COMMAND;

fn count(shop: &Memory) -> usize {
    let authors: Vec<Author> =
        shop.transaction(|session| Repository::<Author>::list(session, &Query::new())).unwrap();
    authors.len()
}

/// A window on a database in production with so many new authors.
fn with_new(shop: &Memory, new: usize) -> Window {
    let mut window = window(shop, Language::English);
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    switch_production(&mut window, "memory");
    wait_for(&mut window, Role::Label, "production");
    press_with(&mut window, CTRL, Key::N);
    wait_for_text(&mut window, "1 new row");
    let lines = (0..new).map(|number| format!("Author {number}\r\n"));
    window.event(Event::Paste(lines.collect()));
    window.step();
    let rows = if new == 1 { "row" } else { "rows" };
    wait_for_text(&mut window, &format!("{new} new {rows}"));
    window
}

fn type_text(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.step();
    window.step();
}

#[test]
fn much_is_written_to_a_database_in_production_after_its_name_was_typed() {
    let shop = shop();
    let mut window = with_new(&shop, 11);
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "11 rows are to be added, changed or deleted");
    // Not before that is its name.
    type_text(&mut window, "mem");
    press(&mut window, Key::Enter);
    assert_eq!(count(&shop), 3);
    type_text(&mut window, "ory");
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "11 rows saved");
    assert_eq!(count(&shop), 14);
}

#[test]
fn what_is_not_confirmed_stays_staged() {
    let shop = shop();
    let mut window = with_new(&shop, 11);
    press_with(&mut window, CTRL, Key::S);
    wait_for(&mut window, Role::Button, "Write 11 rows");
    press(&mut window, Key::Escape);
    wait_without(&mut window, Role::Button, "Write 11 rows");
    assert!(says(&window, "11 new rows"));
    assert_eq!(count(&shop), 3);
}

#[test]
fn a_few_rows_are_written_without_a_question() {
    let shop = shop();
    let mut window = with_new(&shop, 10);
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "10 rows saved");
    assert!(!has(&window, Role::Button, "Write 10 rows"));
    assert_eq!(count(&shop), 13);
}
