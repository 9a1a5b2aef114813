//! Drives the admin's window over the bookshop in memory, as a person with a screen reader does.

#![allow(dead_code, reason = "each file of tests uses what it needs")]

use std::time::{Duration, Instant};

use admin_gui::i18n::Language;
use admin_gui::settings::{Settings, SettingsFile};
use admin_gui::{AdminApp, Options};
use domain::{Address, Author, Book, NewAuthor, NewBook, Price, User};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use persistence::{Catalog, Memory, Repository};

/// How long to wait for what must happen.
const DEADLINE: Duration = Duration::from_secs(20);

/// The titles of the books, in the order of their keys.
pub const TITLES: [&str; 4] = ["Solaris", "Dune", "Мастер и Маргарита", "Fiasco"];

pub type Window = Harness<'static, AdminApp>;

/// Three authors, four books: one has no price, one is out of print.
pub fn shop() -> Memory {
    let mut shop = Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>();
    let authors = ["Stanisław Lem", "Frank Herbert", "Михаил Булгаков"].map(|name| NewAuthor {
        name: name.to_owned(),
        born_on: None,
        biography: None,
    });
    let authors = Repository::<Author>::insert_many(&mut shop, authors.to_vec()).unwrap();
    let book = |author: usize, title: &str, price: Option<i64>, year: i32, in_print| NewBook {
        title: title.to_owned(),
        author: (&authors[author]).into(),
        isbn: None,
        published_on: chrono::NaiveDate::from_ymd_opt(year, 6, 1),
        price: price.map(Price::from_units),
        in_print,
    };
    let books = vec![
        book(0, TITLES[0], Some(1140), 1961, true),
        book(1, TITLES[1], Some(999), 1965, true),
        book(2, TITLES[2], None, 1967, true),
        book(0, TITLES[3], Some(1200), 1986, false),
    ];
    Repository::<Book>::insert_many(&mut shop, books).unwrap();
    shop.commit().unwrap();
    shop
}

/// A window over a shop.
pub fn window(shop: &Memory, language: Language) -> Window {
    window_with(shop, Settings { language: Some(language), ..Settings::default() }, None)
}

/// A window with what a person has chosen before.
pub fn window_with(shop: &Memory, settings: Settings, file: Option<SettingsFile>) -> Window {
    window_over(shop.catalog(), settings, file)
}

/// A window over any catalog.
pub fn window_over(catalog: Catalog, settings: Settings, file: Option<SettingsFile>) -> Window {
    let options = Options { settings, settings_file: file, ..Options::default() };
    let builder = Harness::builder().with_size(egui::vec2(1380.0, 800.0));
    // Two clicks are a double click only within a short time.
    builder.with_step_dt(1.0 / 60.0).build_eframe(move |creation| {
        AdminApp::new(&creation.egui_ctx, catalog, options).expect("threads can be started")
    })
}

/// A window that shows the books.
pub fn books(shop: &Memory) -> Window {
    let mut window = window(shop, Language::English);
    show_books(&mut window);
    window
}

pub fn show_books(window: &mut Window) {
    wait_for(window, "Books");
    click(window, Role::Button, "Books");
    wait(window, "the books", |window| !titles(window).is_empty());
}

/// Draws until something holds.
#[track_caller]
pub fn wait(window: &mut Window, what: &str, holds: impl Fn(&Window) -> bool) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        window.step();
        if holds(window) {
            // Whatever was clicked is drawn as it is now.
            window.step();
            return;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

#[track_caller]
pub fn wait_for(window: &mut Window, label: &str) {
    wait(window, label, |window| window.query_all_by_label_contains(label).next().is_some());
}

#[track_caller]
pub fn wait_for_titles(window: &mut Window, wanted: &[&str]) {
    wait(window, &format!("{wanted:?}"), |window| titles(window) == wanted);
}

/// The titles on the screen from top to bottom.
pub fn titles(window: &Window) -> Vec<&'static str> {
    let mut found: Vec<_> = TITLES
        .iter()
        .filter_map(|title| {
            let cell = window.query_by_role_and_label(Role::Cell, title)?;
            Some((cell.rect().top(), *title))
        })
        .collect();
    found.sort_by(|(top, _), (other, _)| top.total_cmp(other));
    found.into_iter().map(|(_, title)| title).collect()
}

/// The headers on the screen from left to right.
pub fn headers(window: &Window) -> Vec<String> {
    use egui_kittest::kittest::NodeT as _;
    let mut found: Vec<_> = window
        .query_all_by_role(Role::ColumnHeader)
        .map(|header| (header.rect().left(), header.accesskit_node().label().unwrap_or_default()))
        .collect();
    found.sort_by(|(left, _), (other, _)| left.total_cmp(other));
    found.into_iter().map(|(_, title)| title).collect()
}

#[track_caller]
pub fn click(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click();
    window.step();
    window.step();
}

pub fn has(window: &Window, role: Role, label: &str) -> bool {
    window.query_by_role_and_label(role, label).is_some()
}

/// Types into a field that has just got the keyboard.
#[track_caller]
pub fn type_into(window: &mut Window, label: &str, text: &str) {
    wait(window, &format!("{label} to have the keyboard"), |window| {
        window
            .query_by_role_and_label(Role::TextInput, label)
            .is_some_and(|field| field.is_focused())
    });
    window.get_by_role_and_label(Role::TextInput, label).type_text(text);
    window.step();
}

pub fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.step();
}

pub fn press_with(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.step();
}

/// Types a filter into the line.
#[track_caller]
pub fn type_filter(window: &mut Window, text: &str) {
    press_with(window, Modifiers::COMMAND, Key::F);
    type_into(window, "Filter", text);
    press(window, Key::Enter);
}

/// Chooses an item of a list that a button opens.
#[track_caller]
pub fn choose(window: &mut Window, list: &str, item: &str) {
    window.get_by_role_and_label(Role::ComboBox, list).click();
    wait_for(window, item);
    window.get_all_by_label(item).last().unwrap().click();
    window.step();
    window.step();
}
