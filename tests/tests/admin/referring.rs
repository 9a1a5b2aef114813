//! Cells that refer to other rows: these are chosen by what they are called.

use domain::{Author, Book};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use persistence::{Memory, Query, Repository};
use window_driver::{Window, click, has, press, press_with, says, wait, wait_for, wait_for_text};

use crate::shop::{books, shop};

const CTRL: Modifiers = Modifiers::COMMAND;

/// The authors of the books, in the order of the books' keys.
fn authors(shop: &Memory) -> Vec<String> {
    let all: (Vec<Book>, Vec<Author>) = shop
        .transaction(|session| {
            Ok((
                Repository::<Book>::list(session, &Query::new())?,
                Repository::<Author>::list(session, &Query::new())?,
            ))
        })
        .unwrap();
    let (books, authors) = all;
    let name = |book: &Book| {
        authors.iter().find(|author| author.id == book.author_id).unwrap().name.clone()
    };
    books.iter().map(name).collect()
}

/// A window over the books in which the author of Dune has the keyboard.
fn at_author(shop: &Memory) -> Window {
    let mut window = books(shop);
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    click(&mut window, Role::Cell, "Frank Herbert");
    window
}

fn type_text(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.step();
    window.step();
}

fn save(window: &mut Window) {
    press_with(window, CTRL, Key::S);
    wait_for_text(window, "1 row saved");
}

#[test]
fn a_row_is_referred_to_by_its_name_and_the_best_match_is_taken() {
    let shop = shop();
    let mut window = at_author(&shop);
    type_text(&mut window, "булг");
    wait_for(&mut window, Role::Button, "Михаил Булгаков");
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    save(&mut window);
    assert_eq!(authors(&shop)[1], "Михаил Булгаков");
}

#[test]
fn what_is_typed_faster_than_it_can_be_found_is_found_all_the_same() {
    let shop = shop();
    let mut window = at_author(&shop);
    let key = |key| Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    window.event(Event::Text("lem".to_owned()));
    window.step();
    window.event(key(Key::Enter));
    window.step();
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(authors(&shop)[1], "Stanisław Lem");
}

#[test]
fn another_row_is_chosen_by_the_arrows() {
    let shop = shop();
    let mut window = at_author(&shop);
    press(&mut window, Key::F2);
    wait_for(&mut window, Role::Button, "Stanisław Lem");
    // In the order of their names: Frank Herbert, Stanisław Lem.
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    save(&mut window);
    assert_eq!(authors(&shop)[1], "Stanisław Lem");
}

#[test]
fn another_row_is_chosen_by_a_click() {
    let shop = shop();
    let mut window = at_author(&shop);
    press(&mut window, Key::F2);
    wait_for(&mut window, Role::Button, "Stanisław Lem");
    click(&mut window, Role::Button, "Stanisław Lem");
    wait_for_text(&mut window, "1 row changed");
    assert!(!has(&window, Role::Button, "Stanisław Lem"), "the list is closed");
    save(&mut window);
    assert_eq!(authors(&shop)[1], "Stanisław Lem");
}

#[test]
fn what_is_only_looked_at_changes_nothing() {
    let shop = shop();
    let mut window = at_author(&shop);
    for end in [Key::Escape, Key::Enter] {
        press(&mut window, Key::F2);
        wait_for(&mut window, Role::Button, "Stanisław Lem");
        press(&mut window, end);
        wait(&mut window, "no list", |window| !has(window, Role::Button, "Stanisław Lem"));
        click(&mut window, Role::Cell, "Frank Herbert");
    }
    assert!(!says(&window, "row changed"));
}

#[test]
fn a_name_that_no_row_has_stays_as_it_was_typed_and_is_said_to_be_wrong() {
    let shop = shop();
    let mut window = at_author(&shop);
    type_text(&mut window, "nobody");
    wait_for_text(&mut window, "Nothing found");
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row cannot be saved");
    wait_for_text(&mut window, "No row of Authors is called “nobody”");
    assert_eq!(authors(&shop)[1], "Frank Herbert");
    // The text is still there, to be mended.
    press(&mut window, Key::F2);
    wait(&mut window, "the text", |window| {
        let field = window.query_by_role_and_label(Role::TextInput, "Author");
        field.is_some_and(|field| field.value().as_deref() == Some("nobody"))
    });
}
