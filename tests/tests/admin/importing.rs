//! Rows of files and of the clipboard that are taken in through the window.

use std::path::Path;

use admin_gui::i18n::Language;
use domain::{Author, Book, Price};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Memory, Query, Repository};
use window_driver::{
    Window, click, press_with, wait, wait_for, wait_for_answers, wait_for_text, wait_without_text,
};

use crate::shop::{books, shop, window};

const CTRL: Modifiers = Modifiers::COMMAND;

fn stored(shop: &Memory) -> Vec<(String, Option<i64>)> {
    let books: Vec<Book> =
        shop.transaction(|session| Repository::<Book>::list(session, &Query::new())).unwrap();
    books.into_iter().map(|book| (book.title, book.price.map(Price::units))).collect()
}

/// The dialog, with that file.
fn dialog(window: &mut Window, path: &Path) {
    press_with(window, CTRL.plus(Modifiers::SHIFT), Key::I);
    wait_for_text(window, "Import into Books");
    let field = |window: &Window| {
        window
            .query_by_role_and_label(Role::TextInput, "File")
            .is_some_and(|field| field.is_focused())
    };
    wait(window, "the field for the path", field);
    press_with(window, CTRL, Key::A);
    window.get_by_role_and_label(Role::TextInput, "File").type_text(path.to_str().unwrap());
    window.step();
    window.step();
}

fn import_button(window: &Window) -> egui_kittest::Node<'_> {
    window.get_all_by_role_and_label(Role::Button, "Import").last().unwrap()
}

fn take(window: &mut Window) {
    wait(window, "a dialog that can begin", |window| {
        !import_button(window).accesskit_node().is_disabled()
    });
    import_button(window).click();
    window.step();
}

const CSV: &str = "Title,AUTHOR,in_print,price,shelf
Eden,Stanisław Lem,true,7.50,A1
Nowhere,Nobody,true,1,A2
Cheap,Frank Herbert,true,cheap,A3
";

#[test]
fn a_file_is_checked_and_its_rows_are_staged_with_the_rejected_ones_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.csv");
    std::fs::write(&path, CSV).unwrap();
    let shop = shop();
    let before = stored(&shop);
    let mut window = books(&shop);
    dialog(&mut window, &path);
    wait_for_text(&mut window, "CSV · 5 columns");
    wait_for_text(&mut window, "Eden  ·  Nowhere  ·  Cheap");
    wait(&mut window, "a dialog that can begin", |window| {
        !import_button(window).accesskit_node().is_disabled()
    });
    click(&mut window, Role::Button, "Check");
    wait_for_text(&mut window, "3 rows would be: 1 inserted · 2 rejected");
    wait_for_text(&mut window, "Line 3: Author: there is no Author called “Nobody”");
    wait_for_text(&mut window, "Line 4: Price: “cheap”");
    assert_eq!(stored(&shop), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    take(&mut window);
    wait_for_text(&mut window, "Staged: 1 inserted · 2 rejected");
    let rejected = std::fs::read_to_string(folder.path().join("new.rejected.csv")).unwrap();
    assert!(rejected.starts_with("line,reason,text\n3,"), "{rejected}");
    assert_eq!(rejected.lines().count(), 3);
    click(&mut window, Role::Button, "Close");
    wait_without_text(&mut window, "Import into Books");
    wait_for(&mut window, Role::Cell, "Eden");
    assert_eq!(stored(&shop), before);

    press_with(&mut window, CTRL, Key::S);
    wait_for_answers(&mut window);
    wait(&mut window, "the row that is written", |_| stored(&shop).len() == before.len() + 1);
    assert_eq!(stored(&shop).last().unwrap(), &("Eden".to_owned(), Some(750)));
}

#[test]
fn rows_that_are_there_are_changed_and_that_is_one_act_to_undo() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.json");
    std::fs::write(
        &path,
        r#"[{"id": 1, "price": 1}, {"id": 2, "price": 2.5}, {"id": 99, "price": 3}]"#,
    )
    .unwrap();
    let shop = shop();
    let mut window = books(&shop);
    dialog(&mut window, &path);
    wait_for_text(&mut window, "JSON · 2 columns");
    wait_for_text(&mut window, "Nothing goes into");
    click(&mut window, Role::RadioButton, "Change");
    wait_without_text(&mut window, "Nothing goes into");
    take(&mut window);
    wait_for_text(&mut window, "Staged: 2 changed · 1 rejected");
    wait_for_text(&mut window, "there is no Book with 99");
    click(&mut window, Role::Button, "Close");
    wait_for(&mut window, Role::Cell, "2.50");
    press_with(&mut window, CTRL, Key::Z);
    wait_for(&mut window, Role::Cell, "11.40");
    wait_for(&mut window, Role::Cell, "9.99");
    press_with(&mut window, CTRL.plus(Modifiers::SHIFT), Key::Z);
    wait_for(&mut window, Role::Cell, "2.50");
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "the prices that are written", |_| {
        stored(&shop).iter().take(2).map(|(_, price)| *price).eq([Some(100), Some(250)])
    });
}

#[test]
fn rows_on_the_clipboard_are_pasted_into_the_dialog() {
    let shop = shop();
    let mut window = books(&shop);
    press_with(&mut window, CTRL.plus(Modifiers::SHIFT), Key::I);
    wait_for_text(&mut window, "Import into Books");
    window.step();
    let block = "Title\tAuthor\tIn print\nEden\tStanisław Lem\ttrue\n";
    window.input_mut().events.push(Event::Paste(block.to_owned()));
    wait_for_text(&mut window, "What is on the clipboard");
    wait_for_text(&mut window, "CSV · 3 columns");
    take(&mut window);
    wait_without_text(&mut window, "Import into Books");
    wait_for(&mut window, Role::Cell, "Eden");
    wait_for_text(&mut window, "1 new row");
}

#[test]
fn many_rows_are_written_straight() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.jsonl");
    let lines = (0..2_500).map(|number| {
        format!("{{\"title\": \"Many {number}\", \"author_id\": 1, \"in_print\": false}}\n")
    });
    std::fs::write(&path, lines.collect::<String>()).unwrap();
    let shop = shop();
    let mut window = books(&shop);
    dialog(&mut window, &path);
    wait_for_text(&mut window, "JSON · 3 columns");
    take(&mut window);
    wait_for_text(&mut window, "Written: 2\u{a0}500 inserted");
    assert_eq!(stored(&shop).len(), 2_504);
    wait_for_text(&mut window, "of 2\u{a0}504");
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_a_column_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop();
    let mut window = books(&shop);
    dialog(&mut window, &folder.path().join("none.csv"));
    wait_for_text(&mut window, "There is no such file");
    assert!(import_button(&window).accesskit_node().is_disabled());
    let path = folder.path().join("some.csv");
    std::fs::write(&path, "title,author,in_print\nEden,Stanisław Lem,yes\n").unwrap();
    press_with(&mut window, CTRL, Key::A);
    window.get_by_role_and_label(Role::TextInput, "File").type_text(path.to_str().unwrap());
    wait_for_text(&mut window, "CSV · 3 columns");
    window.get_by_role_and_label(Role::ComboBox, "title goes into").click();
    wait_for_text(&mut window, "Leave out");
    window.get_by_label("Leave out").click();
    wait_for_text(&mut window, "Nothing goes into Title");
    assert!(import_button(&window).accesskit_node().is_disabled());
}

#[test]
fn a_path_that_is_no_file_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.csv");
    std::fs::create_dir(&path).unwrap();
    let shop = shop();
    let mut window = books(&shop);
    dialog(&mut window, &path);
    wait_for_text(&mut window, "books.csv is no file");
    assert!(import_button(&window).accesskit_node().is_disabled());
}

#[test]
fn the_rows_of_a_minified_array_are_all_staged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.json");
    let rows = ["Eden", "Fiasco", "Katar"]
        .map(|title| format!(r#"{{"title":"{title}","author_id":1,"in_print":true}}"#));
    let text = format!(r#"[{},{{"title":"Odd","author_id":99,"in_print":true}}]"#, rows.join(","));
    std::fs::write(&path, text).unwrap();
    let shop = shop();
    let mut window = books(&shop);
    dialog(&mut window, &path);
    wait_for_text(&mut window, "JSON · 3 columns");
    take(&mut window);
    wait_for_text(&mut window, "Staged: 3 inserted · 1 rejected");
    wait_for_text(&mut window, "Line 4: ");
    click(&mut window, Role::Button, "Close");
    wait_for_text(&mut window, "3 new rows");
}

#[test]
fn a_file_of_columns_in_the_persons_language_is_understood_in_it() {
    let shop = shop();
    let mut window = window(&shop, Language::Russian);
    wait_for_text(&mut window, "ТАБЛИЦЫ");
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    press_with(&mut window, CTRL.plus(Modifiers::SHIFT), Key::I);
    wait_for_text(&mut window, "Загрузить в «Authors»");
    window.step();
    let block = "name\tborn_on\nИван Ефремов\t22.04.1908\n\t1.1.1900\n";
    window.input_mut().events.push(Event::Paste(block.to_owned()));
    wait_for_text(&mut window, "CSV · 2 столбца");
    click(&mut window, Role::Button, "Проверить");
    wait_for_text(&mut window, "Из 2 строк было бы: 1 добавлена · 1 отклонена");
    let authors: Vec<Author> =
        shop.transaction(|session| Repository::<Author>::list(session, &Query::new())).unwrap();
    assert_eq!(authors.len(), 3);
}
