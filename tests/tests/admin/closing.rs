//! Nothing that was typed is lost on closing: a record, its tab, the window.

use crate::shop::{books, shop, show_books};
use admin_gui::{CloseRequest, Options};
use domain::Book;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, ViewportCommand};
use egui_kittest::kittest::Queryable;
use persistence::{Memory, Query, Repository};
use window_driver::{
    Window, ask_to_close, click, commands, has, open, open_record, press, press_with, type_into,
    wait, wait_for, wait_for_text, wait_without_text,
};

const CTRL: Modifiers = Modifiers::COMMAND;

fn title_field(window: &Window) -> Option<String> {
    window.query_by_role_and_label(Role::TextInput, "Title")?.value()
}

fn wait_for_title(window: &mut Window, title: &str) {
    wait(window, title, |window| title_field(window).as_deref() == Some(title));
}

/// Opens a book and types something behind its title.
fn edit(window: &mut Window, title: &str, text: &str) {
    wait(window, title, |window| has(window, Role::Cell, title));
    open_record(window, title);
    wait_for_title(window, title);
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    press(window, Key::End);
    type_into(window, "Title", text);
    wait_for_title(window, &format!("{title}{text}"));
}

fn stored(shop: &Memory, title: &str) -> usize {
    let query = Query::<Book>::parse(&format!("title = \"{title}\""), "id").unwrap();
    shop.session().list(&query).unwrap().len()
}

#[track_caller]
fn wait_for_close(window: &mut Window) {
    wait(window, "the window's end", |window| commands(window, &ViewportCommand::Close));
}

#[test]
fn a_window_without_changes_closes_at_once() {
    let mut window = books(&shop());
    ask_to_close(&mut window);
    assert!(!commands(&window, &ViewportCommand::CancelClose));
}

#[test]
fn a_window_with_changes_asks_before_it_closes_and_saves_them() {
    let shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    ask_to_close(&mut window);
    assert!(commands(&window, &ViewportCommand::CancelClose));
    wait_for_text(&mut window, "Save what you have changed in 1 record?");
    wait_for_text(&mut window, "Dune (Books)");
    // Cancel has the keyboard: nothing happens.
    press(&mut window, Key::Enter);
    wait_without_text(&mut window, "Save what you have changed");
    wait_for_title(&mut window, "Dune!");
    assert_eq!(stored(&shop, "Dune"), 1);
    ask_to_close(&mut window);
    wait_for_text(&mut window, "Save what you have changed");
    window.get_all_by_role_and_label(Role::Button, "Save").last().unwrap().click();
    wait_for_close(&mut window);
    assert_eq!(stored(&shop, "Dune!"), 1);
}

#[test]
fn changes_that_are_discarded_are_not_saved() {
    let shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    // In one picture: what it tells the window system is known only right after it.
    window.input_mut().events.push(Event::Key {
        key: Key::Q,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: CTRL,
    });
    window.step();
    assert!(commands(&window, &ViewportCommand::Close), "Ctrl Q closes as the button does");
    ask_to_close(&mut window);
    wait_for_text(&mut window, "Save what you have changed");
    window.get_all_by_role_and_label(Role::Button, "Discard").last().unwrap().click();
    wait_for_close(&mut window);
    ask_to_close(&mut window);
    assert!(!commands(&window, &ViewportCommand::CancelClose));
    assert_eq!(stored(&shop, "Dune"), 1);
}

#[test]
fn others_may_ask_the_window_to_close() {
    let request = CloseRequest::default();
    let options = Options { close_request: request.clone(), ..Options::default() };
    let mut window = open(shop().catalog(), options, [1380.0, 800.0]);
    show_books(&mut window);
    request.close();
    wait_for_close(&mut window);
}

#[test]
fn what_cannot_be_saved_keeps_the_window_open_and_is_shown() {
    let shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    click(&mut window, Role::Button, "Open in a tab of its own");
    wait_for_title(&mut window, "Dune!");
    click(&mut window, Role::Tab, "Books");
    edit(&mut window, "Solaris", "?");
    press_with(&mut window, CTRL, Key::A);
    press(&mut window, Key::Delete);
    // A book without a title is none.
    ask_to_close(&mut window);
    wait_for_text(&mut window, "Save what you have changed in 2 records?");
    window.get_all_by_role_and_label(Role::Button, "Save").last().unwrap().click();
    wait_without_text(&mut window, "Save what you have changed");
    wait_for_text(&mut window, "1 row cannot be saved");
    assert!(!commands(&window, &ViewportCommand::Close));
    assert_eq!((stored(&shop, "Dune!"), stored(&shop, "Solaris")), (0, 1), "all or nothing");
    wait_for_title(&mut window, "");
}

#[test]
fn saving_on_closing_says_that_a_conflict_is_to_be_decided_first() {
    let mut shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    let stored = Repository::<Book>::find(&mut shop, &2).unwrap().unwrap();
    let theirs = Book { title: "Dune Messiah".to_owned(), ..stored.clone() };
    Repository::<Book>::update_from(&mut shop, &stored, theirs).unwrap();
    shop.commit().unwrap();
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "Somebody else changed this record meanwhile");
    ask_to_close(&mut window);
    wait_for_text(&mut window, "Save what you have changed");
    window.get_all_by_role_and_label(Role::Button, "Save").last().unwrap().click();
    wait_for_text(&mut window, "Changed by others meanwhile to Dune Messiah");
    wait_without_text(&mut window, "Save what you have changed");
    assert!(!commands(&window, &ViewportCommand::Close));
    // Once that is decided, it is saved and the window closes.
    click(&mut window, Role::Button, "Keep mine: Title");
    ask_to_close(&mut window);
    wait_for_text(&mut window, "Save what you have changed");
    window.get_all_by_role_and_label(Role::Button, "Save").last().unwrap().click();
    wait_for_close(&mut window);
}

#[test]
fn a_record_that_makes_room_or_is_closed_leaves_what_was_typed_staged() {
    let shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    click(&mut window, Role::Cell, "Solaris");
    wait_for_title(&mut window, "Solaris");
    wait_for(&mut window, Role::Cell, "Dune!");
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    press(&mut window, Key::End);
    type_into(&mut window, "Title", "?");
    window.get_by_role_and_label(Role::Button, "Close").click();
    wait(&mut window, "the record's end", |window| title_field(window).is_none());
    wait_for(&mut window, Role::Cell, "Solaris?");
    assert_eq!((stored(&shop, "Dune!"), stored(&shop, "Solaris?")), (0, 0));
    // It is there again where the record is opened again.
    open_record(&mut window, "Dune!");
    wait_for_title(&mut window, "Dune!");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "2 rows saved");
    assert_eq!((stored(&shop, "Dune!"), stored(&shop, "Solaris?")), (1, 1));
}

#[test]
fn a_field_that_is_left_is_staged_and_undone_with_all_else() {
    let shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    press(&mut window, Key::Tab);
    wait_for(&mut window, Role::Cell, "Dune!");
    wait_for_text(&mut window, "1 row changed");
    click(&mut window, Role::Button, "Undo");
    wait_for_title(&mut window, "Dune");
    wait_for(&mut window, Role::Cell, "Dune");
    click(&mut window, Role::Button, "Redo");
    wait_for_title(&mut window, "Dune!");
    // What is typed over the cell stands in the field.
    click(&mut window, Role::Cell, "Dune!");
    window.event(Event::Text("Sand".to_owned()));
    window.step();
    window.step();
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    click(&mut window, Role::Cell, "Sand");
    wait_for_title(&mut window, "Sand");
}

#[test]
fn a_copy_is_of_the_stored_record_and_leaves_what_was_typed_where_it_was() {
    let shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    click(&mut window, Role::Button, "Copy to a new record");
    wait_for_text(&mut window, "New: Book");
    wait_for_title(&mut window, "Dune");
    wait_for(&mut window, Role::Cell, "Dune!");
    wait_for_text(&mut window, "1 row changed · 1 new row");
}

#[test]
fn what_is_typed_while_a_record_is_being_saved_stays() {
    let shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    // Both in one picture: the answer comes after the letter.
    let field = window.get_by_role_and_label(Role::TextInput, "Title");
    field.focus();
    window.key_press_modifiers(CTRL, Key::S);
    window.step();
    window.get_by_role_and_label(Role::TextInput, "Title").type_text("?");
    window.step();
    wait(&mut window, "the title in the database", |_| stored(&shop, "Dune!") == 1);
    wait_for_text(&mut window, "1 row saved");
    wait_for_title(&mut window, "Dune!?");
}

#[test]
fn what_is_pasted_in_one_moment_with_ctrl_s_is_saved() {
    let shop = shop();
    let mut window = books(&shop);
    open_record(&mut window, "Dune");
    wait_for_title(&mut window, "Dune");
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    press(&mut window, Key::End);
    let save = Event::Key {
        key: Key::S,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: CTRL,
    };
    window.input_mut().events.extend([Event::Paste(" Messiah".to_owned()), save]);
    window.step();
    wait(&mut window, "the book", |_| stored(&shop, "Dune Messiah") == 1);
}

#[test]
fn a_record_stays_beside_the_rows_it_was_opened_from() {
    let shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    click(&mut window, Role::Button, "Authors");
    wait(&mut window, "the authors", |window| has(window, Role::Cell, "Frank Herbert"));
    assert_eq!(title_field(&window), None, "a book is not beside authors");
    open_record(&mut window, "Frank Herbert");
    wait(&mut window, "the author", |window| {
        window.query_by_role_and_label(Role::TextInput, "Name").is_some()
    });
    click(&mut window, Role::Button, "Books");
    wait_for_title(&mut window, "Dune!");
    // It is asked about from wherever the window is closed.
    click(&mut window, Role::Button, "Authors");
    wait(&mut window, "the authors", |window| title_field(window).is_none());
    ask_to_close(&mut window);
    wait_for_text(&mut window, "Dune (Books)");
}

#[test]
fn what_is_being_typed_is_undone_before_what_was_staged_earlier() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "9.99");
    window.event(Event::Text("3".to_owned()));
    window.step();
    window.step();
    press(&mut window, Key::Enter);
    wait_for(&mut window, Role::Cell, "3.00");
    edit(&mut window, "Solaris", "?");
    click(&mut window, Role::Button, "Undo");
    wait_for_title(&mut window, "Solaris");
    assert!(has(&window, Role::Cell, "3.00"));
    click(&mut window, Role::Button, "Redo");
    wait_for_title(&mut window, "Solaris?");
}

#[test]
fn a_record_that_others_have_deleted_is_inserted_again_with_all_that_it_had() {
    let mut shop = shop();
    let mut window = books(&shop);
    edit(&mut window, "Dune", "!");
    Repository::<Book>::delete(&mut shop, &2).unwrap();
    shop.commit().unwrap();
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "Somebody else deleted this record meanwhile");
    click(&mut window, Role::Button, "Insert again");
    window.step();
    window.step();
    wait_for_title(&mut window, "Dune!");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    let query = Query::<Book>::parse("title = \"Dune!\"", "id").unwrap();
    let books = shop.session().list(&query).unwrap();
    assert_eq!((books.len(), books[0].price.map(domain::Price::units)), (1, Some(999)));
}
