//! Rows that are edited within the record to which they belong, and records one after the other.

use admin_gui::i18n::Language;
use domain::{Author, Book};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use persistence::{Memory, Query, Repository};
use window_driver::{
    Window, click, has, open_record, press, press_with, says, type_into, wait, wait_for,
    wait_for_text, wait_without,
};

use crate::shop::{shop, window};

const CTRL: Modifiers = Modifiers::COMMAND;

fn authors(shop: &Memory) -> Window {
    let mut window = window(shop, Language::English);
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    window
}

fn author_of(shop: &Memory, title: &str) -> Option<String> {
    let books: Vec<Book> =
        shop.transaction(|session| Repository::<Book>::list(session, &Query::new())).unwrap();
    let authors: Vec<Author> =
        shop.transaction(|session| Repository::<Author>::list(session, &Query::new())).unwrap();
    let book = books.into_iter().find(|book| book.title == title)?;
    authors.into_iter().find(|author| author.id == book.author_id).map(|author| author.name)
}

/// Types into a field behind what stands there.
fn type_behind(window: &mut Window, field: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, field).focus();
    window.step();
    press(window, Key::End);
    type_into(window, field, text);
}

/// Opens the record of Frank Herbert, with his books to be edited there.
fn herbert(shop: &Memory) -> Window {
    let mut window = authors(shop);
    open_record(&mut window, "Frank Herbert");
    wait_for(&mut window, Role::Button, "Edit here: Books");
    click(&mut window, Role::Button, "Edit here: Books");
    wait_for(&mut window, Role::TextInput, "Title · Dune");
    window
}

#[test]
fn a_book_is_changed_within_its_author() {
    let shop = shop();
    let mut window = herbert(&shop);
    type_behind(&mut window, "Title · Dune", " Messiah");
    press(&mut window, Key::Tab);
    wait_for_text(&mut window, "1 row changed");
    assert_eq!(author_of(&shop, "Dune Messiah"), None, "nothing is written yet");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(author_of(&shop, "Dune Messiah").as_deref(), Some("Frank Herbert"));
    wait_for(&mut window, Role::TextInput, "Title · Dune Messiah");
}

#[test]
fn what_is_undone_is_undone_within_the_record() {
    let shop = shop();
    let mut window = herbert(&shop);
    type_behind(&mut window, "Title · Dune", "!");
    press(&mut window, Key::Tab);
    wait_for_text(&mut window, "1 row changed");
    click(&mut window, Role::Button, "Authors");
    press_with(&mut window, CTRL, Key::Z);
    wait(&mut window, "the title as it was", |window| {
        let field = window.query_by_role_and_label(Role::TextInput, "Title · Dune");
        field.is_some_and(|field| field.value().as_deref() == Some("Dune"))
    });
}

#[test]
fn a_new_author_is_saved_with_new_books_at_once() {
    let shop = shop();
    let mut window = authors(&shop);
    press_with(&mut window, CTRL, Key::N);
    wait_for_text(&mut window, "1 new row");
    press(&mut window, Key::F4);
    wait_for(&mut window, Role::TextInput, "Name");
    type_behind(&mut window, "Name", "Ann Leckie");
    for number in 1..=3 {
        click(&mut window, Role::Button, "New in Books");
        wait_for_text(&mut window, &format!("{} new rows", number + 1));
        // It has the keyboard.
        window.event(egui::Event::Text(format!("Ancillary {number}")));
        window.step();
        press(&mut window, Key::Tab);
    }
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "an answer", |window| says(window, "saved"));
    for number in 1..=3 {
        let author = author_of(&shop, &format!("Ancillary {number}"));
        assert_eq!(author.as_deref(), Some("Ann Leckie"));
    }
    // The same record is open, with its books.
    wait_for(&mut window, Role::Button, "Edit here: Books");
}

#[test]
fn a_book_is_taken_from_its_author_and_kept_after_all() {
    let shop = shop();
    let mut window = herbert(&shop);
    click(&mut window, Role::Button, "Delete Dune");
    wait_for(&mut window, Role::Button, "Delete");
    click(&mut window, Role::Button, "Delete");
    wait_for(&mut window, Role::Button, "Keep Dune");
    assert!(!has(&window, Role::TextInput, "Title · Dune"));
    click(&mut window, Role::Button, "Keep Dune");
    wait_for(&mut window, Role::TextInput, "Title · Dune");
    assert_eq!(author_of(&shop, "Dune").as_deref(), Some("Frank Herbert"));
}

#[test]
fn a_new_book_within_its_author_has_a_record_of_its_own_and_a_way_back() {
    let shop = shop();
    let mut window = herbert(&shop);
    click(&mut window, Role::Button, "New in Books");
    wait_for(&mut window, Role::TextInput, "Title · new row");
    type_into(&mut window, "Title · new row", "Dune Messiah");
    click(&mut window, Role::Button, "Open new row");
    wait_for(&mut window, Role::TextInput, "Title");
    // The rows beside it are still the authors.
    assert!(has(&window, Role::Cell, "Frank Herbert"));
    click(&mut window, Role::Link, "Back to Frank Herbert");
    wait_for(&mut window, Role::TextInput, "Title · new row");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(author_of(&shop, "Dune Messiah").as_deref(), Some("Frank Herbert"));
}

#[test]
fn records_are_gone_through_in_the_order_of_the_rows() {
    let shop = shop();
    let mut window = authors(&shop);
    open_record(&mut window, "Frank Herbert");
    wait_for(&mut window, Role::TextInput, "Name");
    let name = |window: &Window| {
        window.get_by_role_and_label(Role::TextInput, "Name").value().unwrap_or_default()
    };
    assert_eq!(name(&window), "Frank Herbert");
    press_with(&mut window, Modifiers::ALT, Key::PageDown);
    wait(&mut window, "the next one", |window| name(window) != "Frank Herbert");
    let next = name(&window);
    press_with(&mut window, Modifiers::ALT, Key::PageUp);
    wait(&mut window, "the one before", |window| name(window) == "Frank Herbert");
    // What is typed is saved on the way.
    type_behind(&mut window, "Name", "!");
    press_with(&mut window, Modifiers::ALT, Key::Enter);
    wait(&mut window, "the next one", |window| name(window) == next);
    wait_for_text(&mut window, "1 row saved");
    let authors: Vec<Author> =
        shop.transaction(|session| Repository::<Author>::list(session, &Query::new())).unwrap();
    assert!(authors.iter().any(|author| author.name == "Frank Herbert!"));
    wait_without(&mut window, Role::Cell, "Frank Herbert");
}
