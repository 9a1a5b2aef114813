//! Selecting, copying and exporting rows of the bookshop in memory, as a person does it.

use std::cell::RefCell;

use admin_gui::i18n::Language;
use domain::{Address, Author, Book, NewAuthor, NewBook, Price, User};
use egui::accesskit::{Role, Toggled};
use egui::{Event, Key, Modifiers, OutputCommand};
use egui_kittest::kittest::{NodeT, Queryable};
use persistence::{Memory, Query, Repository};
use window_driver::{
    Window, click_with, open, press_with, speaking, type_filter, wait, wait_for, wait_for_text,
    wait_without_text,
};

/// So many books, of one author; the price of each is its number.
fn shop(books: i64) -> Memory {
    let mut shop = Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>();
    let lem = NewAuthor { name: "Stanisław Lem".to_owned(), born_on: None, biography: None };
    let lem: Author = shop.insert(lem).unwrap();
    let book = |number: i64| NewBook {
        title: format!("Book {number}"),
        author: (&lem).into(),
        isbn: None,
        published_on: None,
        price: Some(Price::from_units(number * 100)),
        in_print: number % 2 == 0,
    };
    Repository::<Book>::insert_many(&mut shop, (1..=books).map(book).collect()).unwrap();
    shop.commit().unwrap();
    shop
}

fn window_in(shop: &Memory, language: Language) -> Window {
    open(shop.catalog(), speaking(language), [1380.0, 800.0])
}

/// A window that shows so many books.
fn books(count: i64) -> Window {
    let mut window = window_in(&shop(count), Language::English);
    wait_for_text(&mut window, "Books");
    window.get_by_role_and_label(Role::Button, "Books").click();
    wait_for(&mut window, Role::Cell, "Book 1");
    let count =
        if count < 1_000 { count.to_string() } else { format!("{}\u{a0}000", count / 1_000) };
    wait_for_text(&mut window, &format!("of {count}"));
    window
}

/// What the boxes of the first rows say.
fn boxes(window: &Window, rows: std::ops::RangeInclusive<u32>) -> Vec<u32> {
    let is_on = |row: &u32| {
        let name = format!("Select row {row}");
        let row_box = window.get_by_role_and_label(Role::CheckBox, &name);
        row_box.accesskit_node().toggled() == Some(Toggled::True)
    };
    rows.filter(is_on).collect()
}

/// Copies as the window system asks for it; returns what is on the clipboard then.
#[track_caller]
fn copied(window: &mut Window, modifiers: Modifiers) -> String {
    // In one frame: what is copied is known only right after it.
    window.input_mut().events.extend([Event::ModifiersChanged(modifiers), Event::Copy]);
    let text = clipboard(window);
    window.input_mut().events.push(Event::ModifiersChanged(Modifiers::NONE));
    text
}

#[track_caller]
fn clipboard(window: &mut Window) -> String {
    let text = |window: &Window| {
        window.output().platform_output.commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    };
    // It is gone in the next frame.
    let found = RefCell::new(None);
    wait(window, "the clipboard", |window| {
        *found.borrow_mut() = text(window);
        found.borrow().is_some()
    });
    found.into_inner().unwrap()
}

#[test]
fn shift_and_arrows_select_rows_that_are_counted_and_added_up() {
    let mut window = books(9);
    window.get_by_role_and_label(Role::Cell, "2.00").click();
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    wait_for_text(&mut window, "3 rows selected");
    wait_for_text(&mut window, "Price: sum 9.00 · average 3.00");
    assert_eq!(boxes(&window, 1..=9), [2, 3, 4]);
    press_with(&mut window, Modifiers::NONE, Key::Escape);
    wait_without_text(&mut window, "selected");
    assert!(boxes(&window, 1..=9).is_empty());
}

#[test]
fn boxes_select_rows_one_by_one_in_ranges_and_all_at_once() {
    let mut window = books(9);
    click_with(&mut window, Role::CheckBox, "Select row 2", Modifiers::NONE);
    click_with(&mut window, Role::CheckBox, "Select row 5", Modifiers::SHIFT);
    assert_eq!(boxes(&window, 1..=9), [2, 3, 4, 5]);
    click_with(&mut window, Role::CheckBox, "Select row 3", Modifiers::NONE);
    assert_eq!(boxes(&window, 1..=9), [2, 4, 5]);
    click_with(&mut window, Role::CheckBox, "Select all rows", Modifiers::NONE);
    wait_for_text(&mut window, "9 rows selected");
    click_with(&mut window, Role::CheckBox, "Select all rows", Modifiers::NONE);
    wait_without_text(&mut window, "selected");
}

#[test]
fn a_control_click_takes_a_row_in_or_out() {
    let mut window = books(5);
    for (title, expected) in [("Book 4", vec![4]), ("Book 1", vec![1, 4]), ("Book 4", vec![1])] {
        let cell = window.get_by_role_and_label(Role::Cell, title);
        cell.click_modifiers(Modifiers::COMMAND);
        window.step();
        window.step();
        assert_eq!(boxes(&window, 1..=5), expected);
    }
}

#[test]
fn selected_rows_survive_scrolling_and_another_order_but_not_another_filter() {
    let mut window = books(500);
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    wait_for_text(&mut window, "500 rows selected");
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    wait_for(&mut window, Role::Cell, "Book 500");
    wait_for_text(&mut window, "500 rows selected");
    window.get_by_role_and_label(Role::ColumnHeader, "Title").click();
    wait_for(&mut window, Role::Cell, "Book 10");
    wait_for_text(&mut window, "500 rows selected");
    type_filter(&mut window, "in_print");
    wait_without_text(&mut window, "selected");
}

#[test]
fn what_is_copied_is_what_is_seen() {
    let mut window = books(4);
    window.get_by_role_and_label(Role::Cell, "Book 2").click();
    wait_for_text(&mut window, "Save");
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    wait_for_text(&mut window, "2 rows selected");
    assert_eq!(
        copied(&mut window, Modifiers::COMMAND),
        "2\tBook 2\tStanisław Lem\t\t\t2.00\ttrue\n3\tBook 3\tStanisław Lem\t\t\t3.00\tfalse\n"
    );
    wait_for_text(&mut window, "2 rows copied");
    let with_names = copied(&mut window, Modifiers::COMMAND.plus(Modifiers::SHIFT));
    assert!(
        with_names.starts_with("id\ttitle\tauthor\tisbn\tpublished_on\tprice\tin_print\n2\t"),
        "{with_names}"
    );
}

#[test]
fn shift_and_sideways_arrows_select_only_some_columns() {
    let mut window = books(4);
    window.get_by_role_and_label(Role::Cell, "Book 2").click();
    wait_for_text(&mut window, "Save");
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowRight);
    press_with(&mut window, Modifiers::SHIFT, Key::ArrowDown);
    wait_for_text(&mut window, "2 × 2 cells selected");
    assert_eq!(
        copied(&mut window, Modifiers::COMMAND),
        "Book 2\tStanisław Lem\nBook 3\tStanisław Lem\n"
    );
}

#[test]
fn a_cell_is_copied_as_it_is_shown_where_nothing_is_selected() {
    let mut window = books(4);
    window.get_all_by_role_and_label(Role::Cell, "Stanisław Lem").next().unwrap().click();
    wait_for_text(&mut window, "Save");
    assert_eq!(copied(&mut window, Modifiers::COMMAND), "Stanisław Lem");
}

#[test]
fn the_menu_of_a_row_that_is_not_selected_means_that_row() {
    let mut window = books(5);
    click_with(&mut window, Role::CheckBox, "Select row 1", Modifiers::NONE);
    click_with(&mut window, Role::CheckBox, "Select row 2", Modifiers::NONE);
    window.get_by_role_and_label(Role::Cell, "Book 2").click_secondary();
    wait_for_text(&mut window, "Copy as JSON");
    wait_for_text(&mut window, "2 rows selected");
    window.key_press(Key::Escape);
    wait_without_text(&mut window, "Copy as JSON");
    window.get_by_role_and_label(Role::Cell, "Book 4").click_secondary();
    wait_without_text(&mut window, "selected");
    wait_for_text(&mut window, "Copy as JSON");
    window.get_by_label_contains("Copy as JSON").click();
    let rows: serde_json::Value = serde_json::from_str(&clipboard(&mut window)).unwrap();
    assert_eq!(rows[0]["title"], "Book 4");
    assert_eq!(rows.as_array().unwrap().len(), 1);
}

#[test]
fn a_long_text_is_copied_whole() {
    let mut shop = shop(1);
    let biography = "Роман — это зеркало. ".repeat(2_000);
    let author = NewAuthor {
        name: "Stendhal".to_owned(),
        born_on: None,
        biography: Some(biography.clone()),
    };
    let _: Author = shop.insert(author).unwrap();
    shop.commit().unwrap();
    let mut window = window_in(&shop, Language::English);
    wait_for_text(&mut window, "Authors");
    window.get_by_role_and_label(Role::Button, "Authors").click();
    wait_for(&mut window, Role::Cell, "Stendhal");
    let cells = window.query_all_by_role(Role::Cell);
    let is_long = |cell: &egui_kittest::Node<'_>| {
        cell.accesskit_node().label().is_some_and(|label| label.starts_with("Роман"))
    };
    cells.into_iter().find(is_long).unwrap().click();
    wait_for_text(&mut window, "Save");
    assert_eq!(copied(&mut window, Modifiers::COMMAND), biography);
}

#[test]
fn the_menu_of_a_cell_copies_rows_as_statements() {
    let mut window = books(4);
    window.get_by_role_and_label(Role::Cell, "Book 3").click_secondary();
    wait_for_text(&mut window, "Copy as SQL INSERT");
    window.get_by_label_contains("Copy as SQL INSERT").click();
    let sql = clipboard(&mut window);
    assert_eq!(
        sql,
        "INSERT INTO \"books\" (\"id\", \"title\", \"author_id\", \"isbn\", \"published_on\", \
         \"price\", \"in_print\") VALUES\n  (3, 'Book 3', 1, NULL, NULL, 300, 0);\n"
    );
}

/// The dialog, with that path.
fn dialog(window: &mut Window, path: &std::path::Path) {
    press_with(window, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::E);
    wait_for_text(window, "Export Books");
    let field = |window: &Window| {
        window
            .query_by_role_and_label(Role::TextInput, "File")
            .is_some_and(|field| field.is_focused())
    };
    wait(window, "the field for the path", field);
    press_with(window, Modifiers::COMMAND, Key::A);
    window.get_by_role_and_label(Role::TextInput, "File").type_text(path.to_str().unwrap());
    window.step();
    window.step();
}

fn export_button(window: &Window) -> egui_kittest::Node<'_> {
    window.get_all_by_role_and_label(Role::Button, "Export").last().unwrap()
}

#[test]
fn an_export_writes_the_rows_that_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.json");
    let mut window = books(300);
    click_with(&mut window, Role::CheckBox, "Select row 2", Modifiers::NONE);
    click_with(&mut window, Role::CheckBox, "Select row 3", Modifiers::NONE);
    dialog(&mut window, &path);
    window.get_by_role_and_label(Role::Button, "JSON").click();
    window.step();
    window.get_by_role_and_label(Role::CheckBox, "isbn").click();
    window.step();
    export_button(&window).click();
    wait_for_text(&mut window, "2 rows written to");
    let rows: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(rows[0]["title"], "Book 2");
    assert_eq!(rows[1]["author"], "Stanisław Lem");
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert!(rows[0].get("isbn").is_none());
}

#[test]
fn all_rows_are_meant_where_none_is_selected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.csv");
    let mut window = books(3000);
    dialog(&mut window, &path);
    press_with(&mut window, Modifiers::NONE, Key::Enter);
    wait_for_text(&mut window, "3\u{a0}000 rows written to");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3001);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_there_and_a_folder_that_is_not_are_told_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.csv");
    std::fs::write(&path, "old").unwrap();
    let mut window = books(3);
    dialog(&mut window, &path);
    wait_for_text(&mut window, "will be replaced");
    assert!(!export_button(&window).accesskit_node().is_disabled());
    press_with(&mut window, Modifiers::NONE, Key::Escape);
    wait_without_text(&mut window, "Export Books");
    dialog(&mut window, &folder.path().join("none/new.csv"));
    wait_for_text(&mut window, "There is no folder");
    assert!(export_button(&window).accesskit_node().is_disabled());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
}

#[test]
fn a_selection_is_counted_in_russian() {
    let mut window = window_in(&shop(5), Language::Russian);
    wait_for_text(&mut window, "ТАБЛИЦЫ");
    window.get_by_role_and_label(Role::Button, "Books").click();
    wait_for(&mut window, Role::Cell, "Book 1");
    click_with(&mut window, Role::CheckBox, "Выбрать строку 1", Modifiers::NONE);
    wait_for_text(&mut window, "Выбрана 1 строка");
    click_with(&mut window, Role::CheckBox, "Выбрать строку 2", Modifiers::NONE);
    wait_for_text(&mut window, "Выбраны 2 строки");
    click_with(&mut window, Role::CheckBox, "Выбрать все строки", Modifiers::NONE);
    wait_for_text(&mut window, "Выбрано 5 строк");
}

#[test]
fn a_cell_of_several_lines_is_copied_as_it_is_and_pasted_into_one_cell() {
    let biography = "Born in Lwów.\n\"Solaris\":\tfilmed twice.\n";
    let mut shop = Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>();
    let author = |name: &str, biography: Option<&str>| NewAuthor {
        name: name.to_owned(),
        born_on: None,
        biography: biography.map(str::to_owned),
    };
    let authors = vec![author("Lem", Some(biography)), author("Herbert", Some("None"))];
    Repository::<Author>::insert_many(&mut shop, authors).unwrap();
    shop.commit().unwrap();
    let mut window = window_in(&shop, Language::English);
    window_driver::click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "None");
    window.get_by_role_and_label(Role::Cell, "None").click();
    window.step();
    press_with(&mut window, Modifiers::NONE, Key::ArrowUp);
    // As text editors want it.
    assert_eq!(copied(&mut window, Modifiers::COMMAND), biography);
    let paste = |window: &mut Window| {
        window.event(Event::Paste(biography.to_owned()));
        window.step();
        window.step();
    };
    window_driver::wait_for_answers(&mut window);
    press_with(&mut window, Modifiers::NONE, Key::ArrowDown);
    paste(&mut window);
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "1 row saved");
    let stored: Vec<Author> =
        shop.transaction(|session| Repository::<Author>::list(session, &Query::new())).unwrap();
    assert!(stored.iter().all(|author| author.biography.as_deref() == Some(biography)));
    // Once something else has been copied, lines are rows again.
    window.get_by_role_and_label(Role::Cell, "Lem").click();
    window.step();
    assert_eq!(copied(&mut window, Modifiers::COMMAND), "Lem");
    window_driver::wait_for_answers(&mut window);
    press_with(&mut window, Modifiers::NONE, Key::ArrowDown);
    paste(&mut window);
    wait_for_text(&mut window, "1 new row");
}
