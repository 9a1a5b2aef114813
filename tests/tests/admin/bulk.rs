//! A column that is changed in many rows: looked at first, staged as one, taken back as one.

use admin_gui::i18n::Language;
use domain::{Author, Book, NewBook, Price};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use persistence::{Memory, Query, Repository};
use window_driver::{
    Window, click, press, press_with, says, type_filter, wait, wait_for, wait_for_text,
    wait_without, wait_without_text,
};

use crate::shop::{books, shop, show_books, window};

const CTRL: Modifiers = Modifiers::COMMAND;

fn stored<T>(shop: &Memory, value: impl Fn(Book) -> T) -> Vec<T> {
    let books: Vec<Book> =
        shop.transaction(|session| Repository::<Book>::list(session, &Query::new())).unwrap();
    books.into_iter().map(value).collect()
}

fn prices(shop: &Memory) -> Vec<Option<i64>> {
    stored(shop, |book| book.price.map(Price::units))
}

/// Opens the question for the column of a cell.
fn ask(window: &mut Window, cell: &str) {
    click(window, Role::Cell, cell);
    press_with(window, CTRL, Key::B);
    wait_for_text(window, "Books: change rows");
}

/// Chooses something in a list.
fn choose(window: &mut Window, list: &str, entry: &str) {
    click(window, Role::ComboBox, list);
    wait_for(window, Role::Button, entry);
    click(window, Role::Button, entry);
}

fn type_in(window: &mut Window, field: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, field).focus();
    window.step();
    window.get_by_role_and_label(Role::TextInput, field).type_text(text);
    window.step();
}

fn stage(window: &mut Window, button: &str) {
    wait_for(window, Role::Button, button);
    wait(window, button, |window| {
        let button = window.get_by_role_and_label(Role::Button, button);
        !egui_kittest::kittest::NodeT::accesskit_node(&button).is_disabled()
    });
    click(window, Role::Button, button);
    wait_without_text(window, "Books: change rows");
}

#[test]
fn the_prices_of_all_rows_rise_by_ten_percent_and_are_taken_back_as_one() {
    let shop = shop();
    let mut window = books(&shop);
    ask(&mut window, "11.40");
    choose(&mut window, "Change", "Calculate");
    choose(&mut window, "How it is calculated", "Add percent");
    type_in(&mut window, "Number", "10");
    wait_for_text(&mut window, "3 rows change · 1 stays the same");
    wait_for_text(&mut window, "12.54");
    stage(&mut window, "Change 3 rows");
    wait_for_text(&mut window, "3 rows changed");
    window.get_by_role_and_label(Role::Cell, "10.99");
    assert_eq!(prices(&shop)[0], Some(1140), "nothing is written yet");
    press_with(&mut window, CTRL, Key::Z);
    wait_without_text(&mut window, "3 rows changed");
    press_with(&mut window, CTRL.plus(Modifiers::SHIFT), Key::Z);
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "3 rows saved");
    assert_eq!(prices(&shop), [Some(1254), Some(1099), None, Some(1320)]);
}

#[test]
fn many_rows_are_changed_undone_done_again_reviewed_and_written() {
    const MANY: usize = 1_200;
    let mut shop = shop();
    let author: Author = Repository::list(&mut shop, &Query::new()).unwrap().remove(0);
    let book = |number: usize| NewBook {
        title: format!("The Star Diaries, volume {number}"),
        author: (&author).into(),
        isbn: None,
        published_on: None,
        price: Some(Price::from_units(1_000)),
        in_print: true,
    };
    Repository::<Book>::insert_many(&mut shop, (0..MANY).map(book).collect()).unwrap();
    shop.commit().unwrap();
    let mut window = books(&shop);
    ask(&mut window, "11.40");
    choose(&mut window, "Change", "Calculate");
    choose(&mut window, "How it is calculated", "Add percent");
    type_in(&mut window, "Number", "10");
    wait_for_text(&mut window, "12.54");
    wait(&mut window, "the rows that change", |window| says(window, "rows change ·"));
    press_with(&mut window, CTRL, Key::Enter);
    wait_without_text(&mut window, "Books: change rows");
    wait_for_text(&mut window, "rows changed");
    press_with(&mut window, CTRL, Key::Z);
    wait_without_text(&mut window, "rows changed");
    wait_for(&mut window, Role::Cell, "11.40");
    press_with(&mut window, CTRL.plus(Modifiers::SHIFT), Key::Z);
    wait_for(&mut window, Role::Cell, "12.54");
    press_with(&mut window, CTRL.plus(Modifiers::SHIFT), Key::P);
    wait_for_text(&mut window, "UPDATE");
    press(&mut window, Key::Escape);
    assert_eq!(prices(&shop)[0], Some(1140), "nothing is written yet");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "rows saved");
    let prices = prices(&shop);
    assert_eq!(prices[..4], [Some(1254), Some(1099), None, Some(1320)]);
    assert!(prices[4..].iter().all(|price| *price == Some(1_100)));
    assert_eq!(prices.len(), 4 + MANY);
    wait(&mut window, "the rows as they are written", |window| !says(window, "rows changed"));
}

#[test]
fn only_selected_rows_are_changed_and_cancelling_changes_none() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "Solaris");
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    press_with(&mut window, CTRL, Key::B);
    wait_for_text(&mut window, "selected · 2");
    type_in(&mut window, "Value", "Anonymous");
    wait_for_text(&mut window, "2 rows change");
    press(&mut window, Key::Escape);
    wait_without_text(&mut window, "Books: change rows");
    wait_without_text(&mut window, "2 rows changed");
    press_with(&mut window, CTRL, Key::B);
    type_in(&mut window, "Value", "Anonymous");
    stage(&mut window, "Change 2 rows");
    wait_for_text(&mut window, "2 rows changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "2 rows saved");
    let titles = stored(&shop, |book| book.title);
    assert_eq!(titles, ["Anonymous", "Anonymous", "Мастер и Маргарита", "Fiasco"]);
}

#[test]
fn text_is_replaced_in_the_rows_of_the_filter() {
    let shop = shop();
    let mut window = books(&shop);
    type_filter(&mut window, "in_print = true");
    wait_without(&mut window, Role::Cell, "Fiasco");
    ask(&mut window, "Dune");
    choose(&mut window, "Change", "Replace text");
    type_in(&mut window, "Find", "МАСТЕР");
    type_in(&mut window, "replace with", "Мастеръ");
    wait_for_text(&mut window, "0 rows change");
    click(&mut window, Role::CheckBox, "Ignore capital letters");
    wait_for_text(&mut window, "1 row changes · 2 stay the same");
    stage(&mut window, "Change 1 row");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&shop, |book| book.title)[2], "Мастеръ и Маргарита");
}

#[test]
fn rows_that_would_break_a_rule_are_told_first_and_can_be_left_as_they_are() {
    let shop = shop();
    let mut window = books(&shop);
    ask(&mut window, "11.40");
    choose(&mut window, "Change", "Calculate");
    choose(&mut window, "How it is calculated", "Subtract");
    type_in(&mut window, "Number", "10");
    wait_for_text(&mut window, "2 rows change · 1 stays the same · 1 cannot change");
    let button = window.get_by_role_and_label(Role::Button, "Change 2 rows");
    assert!(egui_kittest::kittest::NodeT::accesskit_node(&button).is_disabled());
    click(&mut window, Role::CheckBox, "Leave 1 row as it is and change the others");
    stage(&mut window, "Change 2 rows");
    wait_for_text(&mut window, "2 rows changed, not saved yet · 1 left as they were");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "2 rows saved");
    assert_eq!(prices(&shop), [Some(140), Some(999), None, Some(200)]);
}

#[test]
fn a_row_to_refer_to_is_given_up_once_another_is_looked_for() {
    let shop = shop();
    let mut window = books(&shop);
    ask(&mut window, "11.40");
    choose(&mut window, "Column", "Author");
    type_in(&mut window, "Value", "Frank");
    wait_for(&mut window, Role::Button, "Frank Herbert");
    click(&mut window, Role::Button, "Frank Herbert");
    wait_for_text(&mut window, "3 rows change · 1 stays the same");
    type_in(&mut window, "Value", "ly");
    wait_without_text(&mut window, "3 rows change");
    let button = window.get_by_role_and_label(Role::Button, "Change rows");
    assert!(egui_kittest::kittest::NodeT::accesskit_node(&button).is_disabled());
}

#[test]
fn what_is_typed_is_read_as_people_write_it() {
    let shop = shop();
    let mut window = window(&shop, Language::Russian);
    show_books(&mut window);
    click(&mut window, Role::Cell, "11.40");
    press_with(&mut window, CTRL, Key::B);
    wait_for(&mut window, Role::TextInput, "Значение");
    type_in(&mut window, "Значение", "много");
    wait_for_text(&mut window, "должно быть число");
    press(&mut window, Key::Escape);
    press_with(&mut window, CTRL, Key::B);
    wait_for(&mut window, Role::TextInput, "Значение");
    type_in(&mut window, "Значение", "1 234,50");
    wait_for_text(&mut window, "Изменятся 4 строки");
    wait_for(&mut window, Role::Button, "Изменить 4 строки");
    wait_for_text(&mut window, "1234.50");
}
