//! What may not be seen or done is not offered, and says why.

use admin_gui::i18n::Language;
use domain::Book;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use persistence::{Action, Memory, Permissions, Query, Repository};
use window_driver::{
    Window, click, has, open, open_record, press, press_with, says, speaking, type_into, wait,
    wait_for, wait_for_text, wait_without, wait_without_text,
};

use crate::shop::{SIZE, shop, show_books};

const CTRL: Modifiers = Modifiers::COMMAND;

/// What stands in a masked cell for who cannot see.
const MASKED: &str = "not shown to you";

/// A window of the books for whom something is permitted.
fn window(shop: &Memory, permissions: &Permissions) -> Window {
    let catalog = shop.catalog().permitting(permissions).unwrap();
    let mut window = open(catalog, speaking(Language::English), SIZE);
    show_books(&mut window);
    window
}

fn stored(shop: &Memory) -> Vec<Book> {
    shop.transaction(|session| Repository::<Book>::list(session, &Query::new())).unwrap()
}

fn type_text(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.step();
    window.step();
}

#[test]
fn a_masked_column_is_dots_that_are_not_edited_while_the_rest_of_the_row_is() {
    let shop = shop();
    let before = stored(&shop);
    let mut window = window(&shop, &Permissions::all().mask("books", "price"));
    wait(&mut window, "masked prices", |window| {
        window.query_all_by_role_and_label(Role::Cell, MASKED).count() == 4
    });
    assert!(!says(&window, "11.40"));
    window.get_all_by_role_and_label(Role::Cell, MASKED).next().unwrap().click();
    window.step();
    type_text(&mut window, "7");
    wait_for_text(&mut window, "Price: it is not shown to you, and so not changed");
    click(&mut window, Role::Cell, "Solaris");
    type_text(&mut window, "Solaris 2");
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    let now = stored(&shop);
    assert_eq!(now[0].title, "Solaris 2");
    assert_eq!(now[0].price, before[0].price);
    assert_eq!(now[1..], before[1..]);
}

#[test]
fn the_record_of_a_row_with_a_masked_column_is_changed_and_written() {
    let shop = shop();
    let before = stored(&shop);
    let mut window = window(&shop, &Permissions::all().mask("books", "price").fix("books", "isbn"));
    open_record(&mut window, "Dune");
    wait_for(&mut window, Role::TextInput, "Title");
    assert!(!has(&window, Role::TextInput, "Price") && !has(&window, Role::TextInput, "ISBN"));
    click(&mut window, Role::TextInput, "Title");
    type_into(&mut window, "Title", "!");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "saved");
    let now = stored(&shop);
    assert!(now[1].title.contains('!'), "{}", now[1].title);
    assert_eq!((now[1].price, &now[1].isbn), (before[1].price, &before[1].isbn));
}

#[test]
fn rows_are_searched_by_what_may_be_seen() {
    let shop = shop();
    let permissions = Permissions::all().mask("books", "isbn").refuse("authors", &[Action::View]);
    let mut window = window(&shop, &permissions);
    assert!(!has(&window, Role::Button, "Authors"), "it is not there");
    press_with(&mut window, CTRL.plus(Modifiers::SHIFT), Key::F);
    type_into(&mut window, "Quick search", "dun");
    wait_without(&mut window, Role::Cell, "Solaris");
    wait_for(&mut window, Role::Cell, "Dune");
}

#[test]
fn what_is_refused_of_a_table_is_not_offered() {
    let shop = shop();
    let before = stored(&shop);
    let permissions = Permissions::all().refuse("books", &[Action::Add, Action::Delete]);
    let mut window = window(&shop, &permissions);
    click(&mut window, Role::Cell, "Dune");
    press(&mut window, Key::Delete);
    press_with(&mut window, CTRL, Key::N);
    window.step();
    assert!(!says(&window, "Delete Dune") && !says(&window, "1 new row"));
    type_text(&mut window, "Eden");
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&shop).len(), before.len());
}

#[test]
fn rows_that_may_only_be_seen_say_so() {
    let shop = shop();
    let permissions = Permissions::read_only().allow("users", &Action::ALL);
    let mut window = window(&shop, &permissions);
    click(&mut window, Role::Cell, "Dune");
    type_text(&mut window, "E");
    wait_for_text(&mut window, "You may look at these rows, and not write any");
    press_with(&mut window, CTRL, Key::B);
    window.step();
    assert!(!says(&window, "Books: change rows"));
    wait_without_text(&mut window, "1 row changed");
}
