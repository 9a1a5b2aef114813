//! New rows: they stand below the others until they are written.

use admin_gui::i18n::Language;
use domain::{Author, Book};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Memory, Query, Repository};
use window_driver::{
    Window, click, has, press, press_with, type_into, wait, wait_for, wait_for_text, wait_without,
    wait_without_text,
};

use crate::shop::{books, shop, window};

const CTRL: Modifiers = Modifiers::COMMAND;

fn authors(shop: &Memory) -> Window {
    let mut window = window(shop, Language::English);
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    window
}

fn names(shop: &Memory) -> Vec<String> {
    let authors: Vec<Author> =
        shop.transaction(|session| Repository::<Author>::list(session, &Query::new())).unwrap();
    authors.into_iter().map(|author| author.name).collect()
}

fn titles(shop: &Memory) -> Vec<String> {
    let books: Vec<Book> =
        shop.transaction(|session| Repository::<Book>::list(session, &Query::new())).unwrap();
    books.into_iter().map(|book| book.title).collect()
}

fn event(window: &mut Window, event: Event) {
    window.event(event);
    window.step();
    window.step();
}

fn type_text(window: &mut Window, text: &str) {
    event(window, Event::Text(text.to_owned()));
}

fn new_row(window: &mut Window, count: usize) {
    press_with(window, CTRL, Key::N);
    let rows = if count == 1 { "row" } else { "rows" };
    wait_for_text(window, &format!("{count} new {rows}"));
}

#[test]
fn a_new_row_stands_below_the_others_is_typed_in_and_written() {
    let shop = shop();
    let mut window = authors(&shop);
    new_row(&mut window, 1);
    wait_for(&mut window, Role::Cell, "auto");
    type_text(&mut window, "Octavia E. Butler");
    press(&mut window, Key::Enter);
    wait_for(&mut window, Role::Cell, "Octavia E. Butler");
    assert_eq!(names(&shop).len(), 3, "nothing is written yet");
    wait_for_text(&mut window, "rows 1–3 of 3");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(names(&shop)[3], "Octavia E. Butler");
    wait_for_text(&mut window, "rows 1–4 of 4");
    wait_for(&mut window, Role::Cell, "Octavia E. Butler");
    wait_without(&mut window, Role::Cell, "auto");
}

#[test]
fn what_a_new_row_lacks_is_said_when_it_is_to_be_written() {
    let shop = shop();
    let mut window = authors(&shop);
    new_row(&mut window, 1);
    assert!(!window_driver::says(&window, "cannot be saved"));
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row cannot be saved");
    wait_for_text(&mut window, "Name: is required");
    assert_eq!(names(&shop).len(), 3);
    // That cell has the keyboard.
    type_text(&mut window, "Ann");
    press(&mut window, Key::Enter);
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(names(&shop)[3], "Ann");
}

#[test]
fn a_new_row_is_dropped_by_delete_and_comes_back_by_undo() {
    let shop = shop();
    let mut window = authors(&shop);
    new_row(&mut window, 1);
    type_text(&mut window, "Ann");
    press(&mut window, Key::Enter);
    wait_for(&mut window, Role::Cell, "Ann");
    press(&mut window, Key::Delete);
    wait_without(&mut window, Role::Cell, "Ann");
    wait_without_text(&mut window, "new row");
    press_with(&mut window, CTRL, Key::Z);
    wait_for(&mut window, Role::Cell, "Ann");
    // Step by step: the name, then the row.
    press_with(&mut window, CTRL, Key::Z);
    wait_without(&mut window, Role::Cell, "Ann");
    wait_for_text(&mut window, "1 new row");
    press_with(&mut window, CTRL, Key::Z);
    wait_without_text(&mut window, "new row");
    assert_eq!(names(&shop).len(), 3);
}

#[test]
fn lines_from_a_spreadsheet_become_as_many_new_rows() {
    let shop = shop();
    let mut window = authors(&shop);
    new_row(&mut window, 1);
    let lines = (0..40).map(|number| format!("Author {number}\t19{}-02-03\r\n", number + 10));
    event(&mut window, Event::Paste(lines.collect()));
    wait_for_text(&mut window, "40 new rows");
    // They take no more than a part of the grid; the last of them is a key away.
    assert!(has(&window, Role::Cell, "Frank Herbert"));
    press_with(&mut window, CTRL, Key::End);
    wait_for(&mut window, Role::Cell, "Author 39");
    press_with(&mut window, CTRL, Key::Home);
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "40 rows saved");
    assert_eq!((names(&shop).len(), names(&shop)[42].as_str()), (43, "Author 39"));
}

#[test]
fn arrows_go_from_the_rows_to_the_new_ones_and_back() {
    let shop = shop();
    let mut window = authors(&shop);
    new_row(&mut window, 1);
    new_row(&mut window, 2);
    type_text(&mut window, "Second");
    press(&mut window, Key::Enter);
    press(&mut window, Key::ArrowUp);
    type_text(&mut window, "First");
    press(&mut window, Key::Tab);
    wait_for(&mut window, Role::Cell, "First");
    press(&mut window, Key::ArrowUp);
    press(&mut window, Key::ArrowLeft);
    // Now it is that of the last stored row.
    press(&mut window, Key::F2);
    window.step();
    event(&mut window, Event::Text("!".to_owned()));
    press(&mut window, Key::Enter);
    wait_for(&mut window, Role::Cell, "Михаил Булгаков!");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "3 rows saved");
    let all = ["Stanisław Lem", "Frank Herbert", "Михаил Булгаков!", "First", "Second"];
    assert_eq!(names(&shop), all);
}

#[test]
fn a_filter_and_another_order_hide_no_new_row() {
    let shop = shop();
    let mut window = authors(&shop);
    new_row(&mut window, 1);
    type_text(&mut window, "Ann");
    press(&mut window, Key::Enter);
    window_driver::type_filter(&mut window, "name = \"Frank Herbert\"");
    wait_without(&mut window, Role::Cell, "Stanisław Lem");
    assert!(has(&window, Role::Cell, "Ann"));
    click(&mut window, Role::ColumnHeader, "Name");
    wait_for_text(&mut window, "1 new row");
    assert!(has(&window, Role::Cell, "Ann"));
}

#[test]
fn the_record_of_a_new_row_is_the_same_row() {
    let shop = shop();
    let mut window = books(&shop);
    new_row(&mut window, 1);
    press(&mut window, Key::F4);
    wait_for_text(&mut window, "New: Book");
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    type_into(&mut window, "Title", "Hyperion");
    press(&mut window, Key::Tab);
    wait_for(&mut window, Role::Cell, "Hyperion");
    // Nothing is written without an author, and the record says so.
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "Something is wrong with 1 field");
    assert_eq!(titles(&shop).len(), 4);
    let author = |window: &Window| {
        window.query_all_by_role(Role::Button).any(|node| {
            node.accesskit_node().label().is_some_and(|label| label.starts_with("Author"))
        })
    };
    assert!(author(&window), "it is chosen in the record");
    press(&mut window, Key::Escape);
    wait_without_text(&mut window, "New: Book");
    assert!(has(&window, Role::Cell, "Hyperion"), "it is staged still");
    // By its key, in the row.
    click(&mut window, Role::Cell, "Hyperion");
    press(&mut window, Key::Tab);
    type_text(&mut window, "2");
    press(&mut window, Key::Enter);
    wait(&mut window, "the author's name", |window| {
        window.query_all_by_role_and_label(Role::Cell, "Frank Herbert").count() == 2
    });
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "the book", |_| titles(&shop).len() == 5);
    assert_eq!(titles(&shop)[4], "Hyperion");
}

#[test]
fn a_reference_is_looked_for_in_the_record_and_called_by_its_name_in_the_row() {
    let shop = shop();
    let mut window = books(&shop);
    new_row(&mut window, 1);
    type_text(&mut window, "Hyperion");
    press(&mut window, Key::Enter);
    press(&mut window, Key::F4);
    wait_for_text(&mut window, "New: Book");
    click(&mut window, Role::Button, "Author");
    // It can be typed at once.
    type_into(&mut window, "Search", "frank");
    wait(&mut window, "the author", |window| has(window, Role::Button, "Frank Herbert"));
    press(&mut window, Key::Enter);
    wait(&mut window, "the author's name in the row", |window| {
        window.query_all_by_role_and_label(Role::Cell, "Frank Herbert").count() == 2
    });
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(titles(&shop)[4], "Hyperion");
}

#[test]
fn a_row_is_duplicated_as_it_is_seen() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "9.99");
    type_text(&mut window, "8.50");
    press(&mut window, Key::Enter);
    press(&mut window, Key::ArrowUp);
    press_with(&mut window, CTRL, Key::D);
    wait_for_text(&mut window, "1 row changed · 1 new row");
    wait(&mut window, "both", |window| {
        let count = |cell| window.query_all_by_role_and_label(Role::Cell, cell).count();
        (count("Dune"), count("8.50"), count("Frank Herbert")) == (2, 2, 2)
    });
    // The copy has the keyboard.
    type_text(&mut window, "Dune Messiah");
    press(&mut window, Key::Enter);
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "2 rows saved");
    assert_eq!(titles(&shop)[1..], ["Dune", "Мастер и Маргарита", "Fiasco", "Dune Messiah"]);
}
