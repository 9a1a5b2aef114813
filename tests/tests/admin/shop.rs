//! The admin's window over the bookshop in memory.

use admin_gui::Options;
use admin_gui::i18n::Language;
use admin_gui::settings::{Settings, SettingsFile};
use domain::{Address, Author, Book, NewAuthor, NewBook, Price, User};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use persistence::{Memory, Repository};
use window_driver::{Window, click, open, speaking, wait, wait_for_text};

/// The titles of the books, in the order of their keys.
pub const TITLES: [&str; 4] = ["Solaris", "Dune", "Мастер и Маргарита", "Fiasco"];

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

/// The size of the window, in points.
pub const SIZE: [f32; 2] = [1380.0, 800.0];

/// A window over a shop.
pub fn window(shop: &Memory, language: Language) -> Window {
    open(shop.catalog(), speaking(language), SIZE)
}

/// A window with what a person has chosen before.
pub fn window_with(shop: &Memory, settings: Settings, file: Option<SettingsFile>) -> Window {
    let options = Options { settings, settings_file: file, ..Options::default() };
    open(shop.catalog(), options, SIZE)
}

/// A window that shows the books.
pub fn books(shop: &Memory) -> Window {
    let mut window = window(shop, Language::English);
    show_books(&mut window);
    window
}

pub fn show_books(window: &mut Window) {
    click(window, Role::Button, "Books");
    wait(window, "the books", |window| !titles(window).is_empty());
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

/// Chooses an item of a list that a button opens.
#[track_caller]
pub fn choose(window: &mut Window, list: &str, item: &str) {
    window.get_by_role_and_label(Role::ComboBox, list).click();
    wait_for_text(window, item);
    window.get_all_by_label(item).last().unwrap().click();
    window.step();
    window.step();
}
