//! Cells that are edited where they stand: what is staged is seen, taken back, checked, and written in one
//! transaction.

use std::path::Path;

use admin_gui::Options;
use admin_gui::i18n::Language;
use domain::{Author, Book, Price};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, ViewportCommand};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Memory, Query, Repository};
use window_driver::{
    Window, ask_to_close, click, commands, open, open_record, press, press_with, speaking,
    type_filter, wait, wait_for, wait_for_answers, wait_for_text, wait_without,
};

use crate::shop::{SIZE, books, shop, show_books, window};

const CTRL: Modifiers = Modifiers::COMMAND;

/// What the database has, in the order of the keys.
fn stored<T>(shop: &Memory, value: impl Fn(Book) -> T) -> Vec<T> {
    let books: Vec<Book> =
        shop.transaction(|session| Repository::<Book>::list(session, &Query::new())).unwrap();
    books.into_iter().map(value).collect()
}

fn prices(shop: &Memory) -> Vec<Option<i64>> {
    stored(shop, |book| book.price.map(Price::units))
}

fn titles(shop: &Memory) -> Vec<String> {
    stored(shop, |book| book.title)
}

/// Another program changes a book.
fn elsewhere(shop: &Memory, id: i64, change: impl Fn(&mut Book)) {
    shop.transaction(|session| {
        let mut book: Book = session.get(id)?;
        change(&mut book);
        session.update(book).map(drop)
    })
    .unwrap();
}

fn type_text(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.step();
    window.step();
}

/// Types into the cell with this content, and goes on with Enter.
fn type_over(window: &mut Window, cell: &str, text: &str) {
    click(window, Role::Cell, cell);
    type_text(window, text);
    press(window, Key::Enter);
    window.step();
}

fn paste(window: &mut Window, text: &str) {
    window.event(Event::Paste(text.to_owned()));
    window.step();
    window.step();
}

fn commit(window: &mut Window) {
    press_with(window, CTRL, Key::S);
}

fn says(window: &Window, cell: &str, word: &str) -> bool {
    let cell = window.query_by_role_and_label(Role::Cell, cell);
    let remark = cell.and_then(|cell| cell.accesskit_node().description());
    remark.is_some_and(|remark| remark.contains(word))
}

#[test]
fn what_is_typed_over_a_cell_is_staged_and_written_by_one_key() {
    let shop = shop();
    let mut window = books(&shop);
    type_over(&mut window, "11.40", "12.50");
    wait_for_text(&mut window, "1 row changed");
    window.get_by_role_and_label(Role::Cell, "12.50");
    assert!(says(&window, "12.50", "11.40"), "the stored value is told");
    assert_eq!(prices(&shop)[0], Some(1140), "nothing is written yet");
    // Enter went one row down.
    type_text(&mut window, "8");
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "2 rows changed");
    commit(&mut window);
    wait_for_text(&mut window, "2 rows saved");
    assert_eq!(prices(&shop), [Some(1250), Some(800), None, Some(1200)]);
    assert!(window.query_by_label("2 rows changed").is_none());
}

#[test]
fn what_is_being_typed_is_written_along() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "Dune");
    press(&mut window, Key::F2);
    window.step();
    window.event(Event::Text(" Messiah".to_owned()));
    window.step();
    commit(&mut window);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(titles(&shop)[1], "Dune Messiah");
}

#[test]
fn escape_leaves_a_cell_as_it_was() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "Dune");
    type_text(&mut window, "something else");
    press(&mut window, Key::Escape);
    window.step();
    window.get_by_role_and_label(Role::Cell, "Dune");
    assert!(window.query_by_label("1 row changed").is_none());
    // The rows have the keyboard again.
    press(&mut window, Key::F2);
    window.step();
    window.event(Event::Text("!".to_owned()));
    window.step();
    press(&mut window, Key::Tab);
    wait_for_text(&mut window, "1 row changed");
    window.get_by_role_and_label(Role::Cell, "Dune!");
}

#[test]
fn acts_are_undone_and_done_again_and_the_stored_value_unstages() {
    let shop = shop();
    let mut window = books(&shop);
    type_over(&mut window, "Dune", "Sand");
    type_over(&mut window, "9.99", "1");
    press_with(&mut window, CTRL, Key::Z);
    window.step();
    window.get_by_role_and_label(Role::Cell, "9.99");
    window.get_by_role_and_label(Role::Cell, "Sand");
    press_with(&mut window, CTRL, Key::Z);
    window.step();
    window.get_by_role_and_label(Role::Cell, "Dune");
    press_with(&mut window, CTRL | Modifiers::SHIFT, Key::Z);
    window.step();
    window.get_by_role_and_label(Role::Cell, "Sand");
    type_over(&mut window, "Sand", "Dune");
    wait_without(&mut window, Role::Button, "Commit");
    assert_eq!(titles(&shop)[1], "Dune");
}

#[test]
fn a_wrong_value_is_kept_as_it_was_typed_and_nothing_is_written() {
    let shop = shop();
    let mut window = books(&shop);
    type_over(&mut window, "Dune", "Sand");
    type_over(&mut window, "9.99", "a lot");
    window.get_by_role_and_label(Role::Cell, "a lot");
    commit(&mut window);
    wait_for_text(&mut window, "1 row cannot be saved as it is · ");
    assert_eq!(titles(&shop)[1], "Dune");
    type_over(&mut window, "a lot", "10");
    commit(&mut window);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!((titles(&shop)[1].as_str(), prices(&shop)[1]), ("Sand", Some(1000)));
}

#[test]
fn a_block_from_a_spreadsheet_is_pasted_from_the_focused_cell_on() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "11.40");
    paste(&mut window, "1.10\r\n2.20\r\n\r\n4.40\r\n");
    wait_for_text(&mut window, "3 rows changed");
    press_with(&mut window, CTRL, Key::Z);
    wait_without(&mut window, Role::Button, "Commit");
    press_with(&mut window, CTRL, Key::Y);
    wait_for_text(&mut window, "3 rows changed");
    commit(&mut window);
    wait_for_text(&mut window, "3 rows saved");
    // The third had no price, and has none.
    assert_eq!(prices(&shop), [Some(110), Some(220), None, Some(440)]);
}

#[test]
fn a_block_that_does_not_fit_stages_nothing() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "12.00");
    paste(&mut window, "1\t2\t3\t4\n");
    wait_for_text(&mut window, "There are not 4 columns from here on");
    assert!(window.query_by_label("1 row changed").is_none());
    // Beyond the last row new ones follow.
    paste(&mut window, "1\n2\n");
    wait_for_text(&mut window, "1 row changed · 1 new row");
    press_with(&mut window, CTRL, Key::Z);
    wait_without(&mut window, Role::Button, "Commit");
}

#[test]
fn one_value_fills_all_selected_cells() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "11.40");
    for _ in 0..3 {
        press_with(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    }
    press_with(&mut window, CTRL | Modifiers::SHIFT, Key::D);
    wait_for_text(&mut window, "3 rows changed");
    paste(&mut window, "7");
    wait_for_text(&mut window, "4 rows changed");
    press_with(&mut window, CTRL | Modifiers::ALT, Key::N);
    wait_for_text(&mut window, "3 rows changed");
    for _ in 0..2 {
        press_with(&mut window, CTRL, Key::Z);
    }
    wait_for_text(&mut window, "3 rows changed");
    commit(&mut window);
    wait_for_text(&mut window, "3 rows saved");
    assert_eq!(prices(&shop), [Some(1140); 4]);
}

#[test]
fn what_others_changed_in_other_columns_is_kept_and_in_the_same_one_is_decided_on() {
    let shop = shop();
    let mut window = books(&shop);
    type_over(&mut window, "Dune", "Sand");
    elsewhere(&shop, 2, |book| book.price = Some(Price::from_units(1)));
    commit(&mut window);
    // The row has another version by now: it is read again, and nothing is lost.
    wait(&mut window, "what others wrote", |window| {
        window.query_by_role_and_label(Role::Cell, "0.01").is_some()
    });
    commit(&mut window);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!((titles(&shop)[1].as_str(), prices(&shop)[1]), ("Sand", Some(1)));

    type_over(&mut window, "Sand", "Dust");
    elsewhere(&shop, 2, |book| book.title = "Rain".to_owned());
    press(&mut window, Key::F5);
    wait(&mut window, "the conflict", |window| says(window, "Dust", "Rain"));
    commit(&mut window);
    wait_for_text(&mut window, "1 row cannot be saved as it is · ");
    assert_eq!(titles(&shop)[1], "Rain");
    window.get_by_role_and_label(Role::Cell, "Dust").click_secondary();
    window.step();
    window.step();
    window.get_by_label("Keep my change").click();
    window.step();
    commit(&mut window);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(titles(&shop)[1], "Dust");
}

#[test]
fn a_commit_that_is_refused_loses_nothing() {
    let shop = shop();
    elsewhere(&shop, 1, |book| book.isbn = Some("9780156027601".to_owned()));
    let mut window = books(&shop);
    type_over(&mut window, "Dune", "Sand");
    type_over(&mut window, "9.99", "5");
    elsewhere(&shop, 2, |book| book.title = "Rain".to_owned());
    commit(&mut window);
    wait(&mut window, "the conflict", |window| says(window, "Sand", "Rain"));
    wait_for_text(&mut window, "1 row changed");
    assert_eq!((titles(&shop)[1].as_str(), prices(&shop)[1]), ("Rain", Some(999)));
    window.get_by_role_and_label(Role::Cell, "5.00");
}

#[test]
fn staged_cells_outlive_sorting_and_another_entity() {
    let shop = shop();
    let mut window = books(&shop);
    type_over(&mut window, "Dune", "Sand");
    click(&mut window, Role::ColumnHeader, "Price");
    wait_for_text(&mut window, "Sand");
    click(&mut window, Role::Button, "Authors");
    wait_for_text(&mut window, "Frank Herbert");
    wait_for_text(&mut window, "1 row changed");
    show_books(&mut window);
    wait_for_text(&mut window, "Sand");
    assert_eq!(titles(&shop)[1], "Dune");
}

#[test]
fn numbers_are_typed_as_the_language_has_them() {
    let shop = shop();
    let mut window = window(&shop, Language::Russian);
    show_books(&mut window);
    type_over(&mut window, "9.99", "12,50");
    wait_for_text(&mut window, "Изменена 1 строка");
    commit(&mut window);
    wait_for_text(&mut window, "Сохранена 1 строка");
    assert_eq!(prices(&shop)[1], Some(1250));
}

#[test]
fn a_key_is_not_typed_over_and_that_is_said() {
    let mut window = books(&shop());
    click(&mut window, Role::Cell, "Dune");
    press(&mut window, Key::Home);
    type_text(&mut window, "7");
    wait_for_text(&mut window, "is filled in by the database");
}

#[test]
fn the_statements_are_shown_before_they_run() {
    let shop = shop();
    let mut window = books(&shop);
    type_over(&mut window, "Dune", "Sand's");
    press_with(&mut window, CTRL | Modifiers::SHIFT, Key::P);
    wait_for_text(&mut window, r#"UPDATE "books" SET "title" = 'Sand''s'"#);
    press(&mut window, Key::Escape);
    wait(&mut window, "the dialog to be closed", |window| {
        window.query_by_label("1 statement").is_none()
    });
    assert_eq!(titles(&shop)[1], "Dune");
    click(&mut window, Role::Button, "Discard");
    wait_without(&mut window, Role::Button, "Commit");
    window.get_by_role_and_label(Role::Cell, "Dune");
}

#[test]
fn a_filter_does_not_hide_what_is_staged_unsaid() {
    let shop = shop();
    let mut window = books(&shop);
    type_over(&mut window, "Dune", "Sand");
    type_filter(&mut window, "title ~ Solaris");
    wait_without(&mut window, Role::Cell, "Sand");
    wait_for_text(&mut window, "1 row changed");
    let said = "1 of them outside this filter · show";
    wait_for_text(&mut window, said);
    window.get_by_label(said).click();
    wait_for(&mut window, Role::Cell, "Sand");
    wait_without(&mut window, Role::Cell, "Solaris");
    commit(&mut window);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(titles(&shop)[1], "Sand");
}

/// A window that keeps what is staged in a folder.
fn keeping(shop: &Memory, folder: &Path) -> Window {
    let journals = Some(folder.to_owned());
    let options = Options { journals, ..speaking(Language::English) };
    let mut window = open(shop.catalog(), options, SIZE);
    show_books(&mut window);
    window
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn what_is_staged_is_there_again_after_the_window_has_gone() {
    let (shop, folder) = (shop(), tempfile::tempdir().unwrap());
    let mut window = keeping(&shop, folder.path());
    type_over(&mut window, "Dune", "Sand");
    type_over(&mut window, "9.99", "a lot");
    wait_for_answers(&mut window);
    drop(window);
    elsewhere(&shop, 2, |book| book.in_print = false);
    let mut window = keeping(&shop, folder.path());
    wait_for_text(&mut window, "1 row that was changed and not saved is here again");
    wait_for(&mut window, Role::Cell, "Sand");
    type_over(&mut window, "a lot", "5");
    // The history is there as well.
    press_with(&mut window, CTRL, Key::Z);
    wait_for(&mut window, Role::Cell, "a lot");
    press_with(&mut window, CTRL, Key::Y);
    commit(&mut window);
    wait_for_text(&mut window, "1 row saved");
    wait_for_answers(&mut window);
    let book = stored(&shop, |book| (book.title, book.price, book.in_print)).remove(1);
    assert_eq!(book, ("Sand".to_owned(), Some(Price::from_units(500)), false));
    assert_eq!(files(folder.path()), 0, "nothing is left behind");
}

#[test]
fn what_is_given_up_on_closing_does_not_come_back() {
    let (shop, folder) = (shop(), tempfile::tempdir().unwrap());
    let mut window = keeping(&shop, folder.path());
    type_over(&mut window, "Dune", "Sand");
    ask_to_close(&mut window);
    wait_for_text(&mut window, "1 row changed");
    window.get_all_by_role_and_label(Role::Button, "Discard").last().unwrap().click();
    wait(&mut window, "the end", |window| commands(window, &ViewportCommand::Close));
    wait_for_answers(&mut window);
    drop(window);
    let mut window = keeping(&shop, folder.path());
    wait_for_answers(&mut window);
    window.get_by_role_and_label(Role::Cell, "Dune");
    assert_eq!((files(folder.path()), titles(&shop)[1].as_str()), (0, "Dune"));
}

#[test]
fn two_windows_have_a_journal_each_and_are_told_of_each_other() {
    let (shop, folder) = (shop(), tempfile::tempdir().unwrap());
    let mut one = keeping(&shop, folder.path());
    type_over(&mut one, "Dune", "Sand");
    wait_for_answers(&mut one);
    let mut other = keeping(&shop, folder.path());
    other.get_by_role_and_label(Role::Cell, "Dune");
    type_over(&mut other, "Solaris", "Fiasco II");
    wait_for_text(&mut other, "Another window has changes of this database that are not saved");
    type_over(&mut one, "Sand", "Dust");
    wait_for_text(&mut one, "Another window has changes of this database that are not saved");
    for window in [&mut one, &mut other] {
        commit(window);
        wait_for_text(window, "1 row saved");
    }
    assert_eq!(titles(&shop)[..2], ["Fiasco II", "Dust"]);
}

#[test]
fn what_others_write_while_a_cell_is_being_typed_is_not_overwritten_unseen() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "Dune");
    type_text(&mut window, "Sand");
    elsewhere(&shop, 2, |book| book.title = "Rain".to_owned());
    press(&mut window, Key::F5);
    wait_for_answers(&mut window);
    press(&mut window, Key::Enter);
    wait(&mut window, "the conflict", |window| says(window, "Sand", "Rain"));
    commit(&mut window);
    wait_for_text(&mut window, "1 row cannot be saved as it is · ");
    assert_eq!(titles(&shop)[1], "Rain");
}

#[test]
fn a_row_with_a_long_text_is_compared_with_what_was_seen_of_it() {
    let shop = shop();
    let author = |change: &dyn Fn(&mut Author)| {
        shop.transaction(|session| {
            let mut author: Author = session.get(2)?;
            change(&mut author);
            session.update(author).map(drop)
        })
        .unwrap();
    };
    author(&|author| author.biography = Some("long ".repeat(2000)));
    let mut window = window(&shop, Language::English);
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    author(&|author| author.name = "Brian Herbert".to_owned());
    type_over(&mut window, "Frank Herbert", "F. Herbert");
    wait_for_text(&mut window, "1 row changed");
    commit(&mut window);
    wait(&mut window, "the conflict", |window| says(window, "F. Herbert", "Brian Herbert"));
    let stored: Author = shop.transaction(|session| session.get(2)).unwrap();
    assert_eq!(stored.name, "Brian Herbert");
}

#[test]
fn a_row_that_is_gone_is_told_and_a_blank_from_a_spreadsheet_is_null() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "11.40");
    paste(&mut window, "1\n\n3");
    wait_for_text(&mut window, "3 rows changed");
    commit(&mut window);
    wait_for_text(&mut window, "3 rows saved");
    assert_eq!(prices(&shop), [Some(100), None, Some(300), Some(1200)]);

    type_over(&mut window, "Dune", "Sand");
    shop.transaction(|session| Repository::<Book>::delete(session, &2)).unwrap();
    commit(&mut window);
    wait_for_text(&mut window, "was deleted by somebody else meanwhile");
    let said = "1 of them deleted by others · give up";
    wait_for_text(&mut window, said);
    window.get_by_label(said).click();
    wait_without(&mut window, Role::Button, "Commit");
}

#[test]
fn what_is_selected_elsewhere_is_not_meant() {
    let shop = shop();
    let mut window = books(&shop);
    click(&mut window, Role::Cell, "11.40");
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    click(&mut window, Role::Cell, "12.00");
    press_with(&mut window, CTRL | Modifiers::ALT, Key::N);
    wait_for_text(&mut window, "1 row changed");
    paste(&mut window, "7");
    commit(&mut window);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(prices(&shop), [Some(1140), Some(999), None, Some(700)]);
}

#[test]
fn the_keyboard_in_the_rows_saves_what_is_staged_there() {
    let shop = shop();
    let mut window = books(&shop);
    open_record(&mut window, "Dune");
    wait_for_text(&mut window, "Save");
    click(&mut window, Role::TextInput, "Title");
    type_text(&mut window, "!");
    type_over(&mut window, "9.99", "3");
    wait_for_text(&mut window, "1 row changed");
    commit(&mut window);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!((prices(&shop)[1], titles(&shop)[1].as_str()), (Some(300), "Dune!"));
}
