//! The pages about the whole database, and what belongs to a record, over the bookshop in memory.

use admin_gui::i18n::Language;
use diesel::SqliteConnection;
use domain::{Address, Author, Book, NewAddress, NewAuthor, NewBook, NewUser, Price, User};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable};
use persistence::{Catalog, Database, Memory, Repository};
use window_driver::{
    Window, click, has, open, open_record, press, press_with, speaking, wait, wait_for,
    wait_for_text, wait_without,
};

fn shop() -> Memory {
    let mut shop = Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>();
    let author = |name: &str| NewAuthor { name: name.to_owned(), born_on: None, biography: None };
    let authors = vec![author("Stanisław Lem"), author("Frank Herbert")];
    let authors = Repository::<Author>::insert_many(&mut shop, authors).unwrap();
    let book = |author: usize, title: &str, price: Option<i64>| NewBook {
        title: title.to_owned(),
        author: (&authors[author]).into(),
        isbn: None,
        published_on: None,
        price: price.map(Price::from_units),
        in_print: true,
    };
    let mut books = vec![book(1, "Dune", Some(999))];
    for (title, price) in [
        ("Solaris", 1140),
        ("Fiasco", 1200),
        ("Eden", 700),
        ("The Invincible", 800),
        ("The Cyberiad", 2000),
    ] {
        books.push(book(0, title, Some(price)));
    }
    books.push(book(0, "His Master's Voice", None));
    Repository::<Book>::insert_many(&mut shop, books).unwrap();
    let user = NewUser { name: "Ada".to_owned(), age: Some(36) };
    let user = Repository::<User>::insert(&mut shop, user).unwrap();
    let address = NewAddress { email_address: "ada@example.org".to_owned(), user: (&user).into() };
    Repository::<Address>::insert(&mut shop, address).unwrap();
    shop.commit().unwrap();
    shop
}

fn window_in(language: Language) -> Window {
    window_of(shop().catalog(), language)
}

fn window_of(catalog: Catalog, language: Language) -> Window {
    open(catalog, speaking(language), [1380.0, 1000.0])
}

fn window() -> Window {
    window_in(Language::English)
}

#[test]
fn the_diagram_names_every_entity_and_what_it_refers_to() {
    let mut window = window();
    click(&mut window, Role::Button, "Schema diagram");
    wait_for(&mut window, Role::Button, "Books, 8 columns, refers to Authors");
    wait_for(&mut window, Role::Button, "Addresses, 4 columns, refers to Users");
    wait_for_text(&mut window, "4 entities · 2 references");
}

#[test]
fn a_click_into_the_diagram_shows_the_entitys_rows() {
    let mut window = window();
    click(&mut window, Role::Button, "Schema diagram");
    click(&mut window, Role::Button, "Authors, 5 columns");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
}

#[test]
fn the_diagram_is_enlarged_by_its_buttons_and_by_keys_and_fits_again() {
    let mut window = window();
    click(&mut window, Role::Button, "Schema diagram");
    wait_for_text(&mut window, "100 %");
    click(&mut window, Role::Button, "Zoom in");
    wait_for_text(&mut window, "125 %");
    window.hover_at(egui::pos2(700.0, 600.0));
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Minus);
    wait_for_text(&mut window, "100 %");
    click(&mut window, Role::Button, "Zoom out");
    wait_for_text(&mut window, "80 %");
    click(&mut window, Role::Button, "Show all of it");
    wait_for_text(&mut window, "100 %");
}

#[test]
fn the_overview_counts_rows_and_what_they_lack() {
    let mut window = window();
    click(&mut window, Role::Button, "Overview");
    wait_for(&mut window, Role::Button, "Books: 7");
    wait_for(&mut window, Role::Button, "Authors: 2");
    wait_for(&mut window, Role::Button, "Books, Isbn: 100 %");
    wait_for(&mut window, Role::Button, "Books, Price: 14 %");
}

#[test]
fn a_click_on_missing_values_shows_the_rows_that_lack_them() {
    let mut window = window();
    click(&mut window, Role::Button, "Overview");
    click(&mut window, Role::Button, "Books, Price: 14 %");
    wait_for(&mut window, Role::Cell, "His Master's Voice");
    wait_without(&mut window, Role::Cell, "Solaris");
}

#[test]
fn an_empty_entity_has_an_overview_as_well() {
    let shop = Memory::new().with::<User>();
    let mut window = window_of(shop.catalog(), Language::English);
    click(&mut window, Role::Button, "Overview");
    wait_for(&mut window, Role::Button, "Users: 0");
    wait_for_text(&mut window, "No rows yet");
}

/// One more book without a price, of the first author.
fn add_book(shop: &mut Memory, title: &str) {
    let author = Repository::<Author>::find(shop, &1).unwrap().unwrap();
    let book = NewBook {
        title: title.to_owned(),
        author: (&author).into(),
        isbn: None,
        published_on: None,
        price: None,
        in_print: true,
    };
    Repository::<Book>::insert(shop, book).unwrap();
    shop.commit().unwrap();
}

#[test]
fn f5_reads_the_overview_again() {
    let mut shop = shop();
    let mut window = window_of(shop.catalog(), Language::English);
    click(&mut window, Role::Button, "Overview");
    wait_for(&mut window, Role::Button, "Books, Price: 14 %");
    add_book(&mut shop, "Katar");
    press(&mut window, Key::F5);
    wait_for(&mut window, Role::Button, "Books: 8");
    wait_for(&mut window, Role::Button, "Books, Price: 25 %");
}

#[test]
fn f5_computes_the_statistics_of_a_column_again() {
    let mut shop = shop();
    let mut window = window_of(shop.catalog(), Language::English);
    click(&mut window, Role::Button, "Books");
    click(&mut window, Role::Cell, "11.40");
    press_with(&mut window, Modifiers::COMMAND, Key::I);
    wait_for(&mut window, Role::Link, "NULL: 1  14 %");
    add_book(&mut shop, "Katar");
    press(&mut window, Key::F5);
    wait_for(&mut window, Role::Link, "NULL: 2  25 %");
}

#[test]
fn the_diagram_is_nothing_to_read_again() {
    let mut window = window();
    let is_disabled = |window: &Window| {
        let button = window.get_by_role_and_label(Role::Button, "Refresh");
        button.accesskit_node().is_disabled()
    };
    assert!(!is_disabled(&window));
    click(&mut window, Role::Button, "Schema diagram");
    wait_for_text(&mut window, "4 entities · 2 references");
    assert!(is_disabled(&window));
}

fn open_book(window: &mut Window, title: &str) {
    click(window, Role::Button, "Books");
    open_record(window, title);
    wait_for(window, Role::Button, "Save");
}

#[test]
fn a_record_lists_what_belongs_to_it_and_leads_there_and_back() {
    let mut window = window();
    open_book(&mut window, "Solaris");
    click(&mut window, Role::Link, "Stanisław Lem");
    wait_for_text(&mut window, "Authors / 1");
    // The grid is still that of the books.
    assert!(has(&window, Role::Cell, "Dune"));
    wait_for(&mut window, Role::Link, "Back to Solaris");
    click(&mut window, Role::Link, "Fiasco");
    wait_for_text(&mut window, "Books / 3");
    wait_for(&mut window, Role::Link, "Back to Stanisław Lem");
    click(&mut window, Role::Link, "Back to Solaris");
    wait_for_text(&mut window, "Books / 2");
    wait_without(&mut window, Role::Link, "Back to Solaris");
}

#[test]
fn all_related_rows_can_be_shown_in_the_grid() {
    let mut window = window();
    click(&mut window, Role::Button, "Authors");
    open_record(&mut window, "Stanisław Lem");
    click(&mut window, Role::Link, "Show all: Books");
    wait_for(&mut window, Role::Cell, "The Cyberiad");
    wait_without(&mut window, Role::Cell, "Dune");
    wait_for_text(&mut window, "of 6");
}

#[test]
fn opening_another_row_of_the_grid_starts_a_new_trail() {
    let mut window = window();
    open_book(&mut window, "Solaris");
    click(&mut window, Role::Link, "Stanisław Lem");
    wait_for(&mut window, Role::Link, "Back to Solaris");
    open_record(&mut window, "Dune");
    wait_for_text(&mut window, "Books / 1");
    wait_without(&mut window, Role::Link, "Back to Solaris");
}

#[test]
fn the_statistics_of_a_column_count_its_values() {
    let mut window = window();
    click(&mut window, Role::Button, "Books");
    click(&mut window, Role::Cell, "11.40");
    window.key_press_modifiers(Modifiers::COMMAND, Key::I);
    wait_for_text(&mut window, "Books, all rows");
    wait_for(&mut window, Role::Link, "NULL: 1  14 %");
    wait_for_text(&mut window, "7.00");
    click(&mut window, Role::Link, "NULL: 1  14 %");
    wait_without(&mut window, Role::Cell, "Solaris");
    wait_for_text(&mut window, "Books, filtered rows");
    click(&mut window, Role::Button, "Close the statistics");
    wait(&mut window, "no statistics", |window| {
        window.query_all_by_label_contains("filtered rows").next().is_none()
    });
}

#[test]
fn ctrl_i_after_a_click_on_a_header_is_about_that_column() {
    let mut window = window();
    click(&mut window, Role::Button, "Books");
    click(&mut window, Role::Cell, "Dune");
    click(&mut window, Role::ColumnHeader, "Price");
    window.key_press_modifiers(Modifiers::COMMAND, Key::I);
    wait_for_text(&mut window, "Books, all rows");
    wait_for(&mut window, Role::Link, "NULL: 1  14 %");
    // Until a cell is turned to.
    window.key_press_modifiers(Modifiers::COMMAND, Key::I);
    click(&mut window, Role::Cell, "Solaris");
    window.key_press_modifiers(Modifiers::COMMAND, Key::I);
    wait_without(&mut window, Role::Link, "NULL: 1  14 %");
}

#[test]
fn the_most_frequent_rows_that_are_referred_to_have_names_and_lead_to_their_rows() {
    let mut window = window();
    click(&mut window, Role::Button, "Books");
    wait_for(&mut window, Role::Cell, "Solaris");
    window.get_all_by_role_and_label(Role::Cell, "Stanisław Lem").next().unwrap().click();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::I);
    click(&mut window, Role::Button, "Stanisław Lem: 86 %");
    wait_without(&mut window, Role::Cell, "Dune");
    assert!(has(&window, Role::Cell, "Solaris"));
}

#[test]
fn the_pages_speak_russian() {
    let mut window = window_in(Language::Russian);
    click(&mut window, Role::Button, "Схема");
    wait_for_text(&mut window, "4 таблицы · 2 ссылки");
    click(&mut window, Role::Button, "Обзор");
    wait_for_text(&mut window, "НЕЗАПОЛНЕННЫЕ ЗНАЧЕНИЯ");
    click(&mut window, Role::Button, "Журнал запросов");
    wait_for_text(&mut window, "Запросов ещё не было");
}

/// The authors of a bookshop in a file.
fn authors_in(folder: &std::path::Path) -> Catalog {
    let path = folder.join("shop.db");
    let builder = Database::<SqliteConnection>::builder(path.to_str().unwrap());
    let database = builder.create_missing().open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let author = |number: usize| NewAuthor {
        name: format!("Author {number}"),
        born_on: None,
        biography: None,
    };
    Repository::<Author>::insert_many(&mut session, (0..50).map(author).collect()).unwrap();
    session.commit().unwrap();
    database.catalog().entity::<Author>().build()
}

#[test]
fn the_query_log_explains_a_sort_without_an_index_and_offers_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_of(authors_in(folder.path()), Language::English);
    wait_for(&mut window, Role::Cell, "Author 7");
    click(&mut window, Role::ColumnHeader, "Biography");
    wait_for_text(&mut window, "rows 1–");
    click(&mut window, Role::Button, "Query log");
    wait_for_text(&mut window, "FROM `authors`");
    let filter = window.get_by_role_and_label(Role::TextInput, "Filter statements");
    filter.focus();
    window.step();
    let filter = window.get_by_role_and_label(Role::TextInput, "Filter statements");
    filter.type_text("ORDER biography LIMIT");
    let sorts =
        |window: &Window| window.query_all_by_role(Role::Button).any(|row| is_sorted_page(&row));
    wait(&mut window, "the statement that sorts", sorts);
    let row = window.query_all_by_role(Role::Button).find(is_sorted_page);
    row.unwrap().click();
    window.step();
    wait_for_text(&mut window, "sorted");
    wait_for_text(&mut window, "CREATE INDEX");
    assert!(has(&window, Role::Button, "Copy the statement that makes the index"));
}

fn is_sorted_page(node: &egui_kittest::Node<'_>) -> bool {
    node.accesskit_node().label().is_some_and(|label| {
        label.contains("`authors`.`name`") && label.contains("ORDER BY `authors`.`biography`")
    })
}

#[test]
fn the_query_log_forgets_what_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window_of(authors_in(folder.path()), Language::English);
    wait_for(&mut window, Role::Cell, "Author 7");
    click(&mut window, Role::Button, "Query log");
    wait_for_text(&mut window, "FROM `authors`");
    click(&mut window, Role::Button, "Forget all statements");
    wait_for_text(&mut window, "No statement has been sent yet");
}
