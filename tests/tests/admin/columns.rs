//! Columns, their menus, and what is kept of them: by hand, by the keyboard, between starts.

use crate::shop::{TITLES, books, headers, shop, show_books, titles, wait_for_titles, window_with};
use admin_gui::i18n::Language;
use admin_gui::settings::{Settings, SettingsFile};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use persistence::Memory;
use window_driver::{
    Window, click, has, press, press_with, type_filter, type_into, wait, wait_for_text,
};

/// Chooses an item of a column's menu.
#[track_caller]
fn choose(window: &mut Window, column: &str, item: &str) {
    window.get_by_role_and_label(Role::ColumnHeader, column).click_secondary();
    wait(window, item, |window| has(window, Role::Button, item));
    click(window, Role::Button, item);
}

#[test]
fn a_columns_menu_sorts_and_sorts_then_by_another() {
    let mut window = books(&shop());
    choose(&mut window, "Author", "Sort descending");
    wait(&mut window, "authors in reverse", |window| titles(window)[..2] == [TITLES[2], TITLES[1]]);
    choose(&mut window, "Title", "Then by this, ascending");
    wait_for_titles(&mut window, &[TITLES[2], TITLES[1], TITLES[3], TITLES[0]]);
}

#[test]
fn the_keyboard_opens_the_menu_of_the_focused_column() {
    let mut window = books(&shop());
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::ArrowRight);
    press_with(&mut window, Modifiers::ALT, Key::ArrowDown);
    wait(&mut window, "the menu", |window| has(window, Role::Button, "Sort ascending"));
    press(&mut window, Key::Escape);
    wait(&mut window, "no menu", |window| !has(window, Role::Button, "Sort ascending"));
    press_with(&mut window, Modifiers::ALT, Key::ArrowDown);
    wait(&mut window, "the menu", |window| has(window, Role::Button, "Sort ascending"));
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::Enter);
    wait(&mut window, "no menu", |window| !has(window, Role::Button, "Sort ascending"));
    assert!(has(&window, Role::ColumnHeader, "Title"));
    wait(&mut window, "titles in reverse", |window| titles(window)[0] == TITLES[2]);
}

#[test]
fn a_hidden_column_comes_back_from_the_list_of_columns() {
    let mut window = books(&shop());
    choose(&mut window, "Price", "Hide");
    wait(&mut window, "no price", |window| !has(window, Role::ColumnHeader, "Price"));
    click(&mut window, Role::Button, "Columns");
    wait(&mut window, "the list", |window| has(window, Role::CheckBox, "Price"));
    click(&mut window, Role::CheckBox, "Price");
    wait(&mut window, "the price", |window| has(window, Role::ColumnHeader, "Price"));
}

#[test]
fn a_frozen_column_stands_first() {
    let mut window = books(&shop());
    choose(&mut window, "Price", "Freeze");
    wait(&mut window, "the price in front", |window| headers(window)[0] == "Price");
    choose(&mut window, "Price", "Unfreeze");
    choose(&mut window, "Price", "Move right");
    wait(&mut window, "the price behind the key", |window| headers(window)[1] == "Price");
}

#[test]
fn a_header_is_dragged_to_another_place() {
    let mut window = books(&shop());
    let before = headers(&window);
    let from = window.get_by_role_and_label(Role::ColumnHeader, "Author").rect().center();
    let to = window.get_by_role_and_label(Role::ColumnHeader, "Title").rect().center();
    window.drag_at(from);
    window.step();
    window.hover_at(from + egui::vec2(-30.0, 0.0));
    window.step();
    window.hover_at(to);
    window.step();
    window.drop_at(to);
    window.step();
    wait(&mut window, "another order", |window| headers(window) != before);
    assert_eq!(headers(&window)[1..3], ["Author", "Title"]);
}

#[test]
fn a_double_click_on_an_edge_fits_the_column_to_its_content() {
    let mut window = books(&shop());
    let before = window.get_by_role_and_label(Role::ColumnHeader, "Title").rect();
    let edge = before.right_center();
    window.hover_at(edge);
    // A second has passed since the last click: these are two clicks, not the last of three.
    for _ in 0..60 {
        window.step();
    }
    for pressed in [true, false, true, false] {
        window.event(egui::Event::PointerButton {
            pos: edge,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.step();
    }
    wait(&mut window, "another width", |window| {
        let width = window.get_by_role_and_label(Role::ColumnHeader, "Title").rect().width();
        (width - before.width()).abs() > 20.0
    });
}

#[test]
fn values_of_a_column_are_counted_and_chosen() {
    let mut window = books(&shop());
    choose(&mut window, "Author", "Filter by value…");
    wait(&mut window, "the values", |window| has(window, Role::CheckBox, "Stanisław Lem"));
    click(&mut window, Role::CheckBox, "Frank Herbert");
    click(&mut window, Role::CheckBox, "Михаил Булгаков");
    click(&mut window, Role::Button, "Apply");
    wait_for_titles(&mut window, &[TITLES[1], TITLES[2]]);
    assert!(has(&window, Role::Button, "Author is any of Frank Herbert, Михаил Булгаков"));
}

#[test]
fn rows_without_a_value_are_one_of_the_values() {
    let mut window = books(&shop());
    choose(&mut window, "Price", "Filter by value…");
    wait(&mut window, "the values", |window| has(window, Role::CheckBox, "NULL"));
    click(&mut window, Role::CheckBox, "NULL");
    click(&mut window, Role::Button, "Apply");
    wait_for_titles(&mut window, &[TITLES[2]]);
}

#[test]
fn the_menu_of_a_cell_filters_by_its_value_and_leaves_it_away() {
    let mut window = books(&shop());
    window.get_by_role_and_label(Role::Cell, "Frank Herbert").click_secondary();
    wait(&mut window, "the menu", |window| has(window, Role::Button, "Exclude this value"));
    click(&mut window, Role::Button, "Exclude this value");
    wait_for_titles(&mut window, &[TITLES[0], TITLES[2], TITLES[3]]);
    window.get_by_role_and_label(Role::Cell, "Михаил Булгаков").click_secondary();
    wait(&mut window, "the menu", |window| has(window, Role::Button, "Filter by this value"));
    click(&mut window, Role::Button, "Filter by this value");
    wait_for_titles(&mut window, &[TITLES[2]]);
}

#[test]
fn the_first_row_is_focused_after_another_filter() {
    let mut window = books(&shop());
    type_filter(&mut window, "author.name ~ herbert");
    wait_for_titles(&mut window, &[TITLES[1]]);
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "Books / 2");
}

fn start(shop: &Memory, file: &SettingsFile) -> Window {
    let settings = Settings { language: Some(Language::English), ..file.read().unwrap() };
    window_with(shop, settings, Some(file.clone()))
}

#[test]
fn columns_order_and_filter_are_there_again_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = SettingsFile::in_folder(folder.path());
    let shop = shop();
    let mut window = start(&shop, &file);
    show_books(&mut window);
    choose(&mut window, "Price", "Freeze");
    choose(&mut window, "Isbn", "Hide");
    choose(&mut window, "Title", "Sort descending");
    type_filter(&mut window, "in_print");
    wait_for_titles(&mut window, &[TITLES[2], TITLES[0], TITLES[1]]);
    drop(window);
    let mut window = start(&shop, &file);
    show_books(&mut window);
    wait_for_titles(&mut window, &[TITLES[2], TITLES[0], TITLES[1]]);
    assert_eq!(headers(&window)[0], "Price");
    assert!(!has(&window, Role::ColumnHeader, "Isbn"));
    assert!(has(&window, Role::Button, "In print is true"));
}

/// Saves what is shown as a view of that name.
#[track_caller]
fn save_view(window: &mut Window, name: &str) {
    press_with(window, Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    type_into(window, "Name of the view", name);
    press(window, Key::Enter);
    wait(window, "the view", |window| has(window, Role::Button, name));
}

#[test]
fn a_saved_view_is_renamed_opened_after_a_start_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let file = SettingsFile::in_folder(folder.path());
    let shop = shop();
    let mut window = start(&shop, &file);
    show_books(&mut window);
    type_filter(&mut window, "not in_print");
    wait_for_titles(&mut window, &[TITLES[3]]);
    save_view(&mut window, "Sold out");
    window.get_by_role_and_label(Role::Button, "Sold out").click_secondary();
    wait(&mut window, "the menu", |window| has(window, Role::Button, "Rename"));
    click(&mut window, Role::Button, "Rename");
    type_into(&mut window, "Name of the view", "Out of print");
    press(&mut window, Key::Enter);
    wait(&mut window, "the name", |window| has(window, Role::Button, "Out of print"));
    click(&mut window, Role::Button, "Clear filter");
    wait_for_titles(&mut window, &TITLES);
    drop(window);

    let mut window = start(&shop, &file);
    wait(&mut window, "the view", |window| has(window, Role::Button, "Out of print"));
    click(&mut window, Role::Button, "Out of print");
    wait_for_titles(&mut window, &[TITLES[3]]);
    window.get_by_role_and_label(Role::Button, "Out of print").click_secondary();
    wait(&mut window, "the menu", |window| has(window, Role::Button, "Delete"));
    window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap().click();
    wait(&mut window, "no view", |window| !has(window, Role::Button, "Out of print"));
    wait(&mut window, "settings without it", |_| {
        file.read().unwrap().databases.values().all(|database| database.views.is_empty())
    });
}
