//! The admin's window over the bookshop in memory, as a person with a screen reader uses it.

use admin_gui::Options;
use admin_gui::i18n::{Language, TextSources};
use admin_gui::settings::{Settings, SettingsFile};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use domain::{Address, Author, Book, NewAuthor, NewBook, Price, User};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use persistence::{Database, Memory, Query, Repository};
use window_driver::{
    Window, click, click_with, has, open, open_record, press, press_with, speaking, type_filter,
    wait, wait_for, wait_for_answers, wait_for_text, wait_without,
};

/// The size of the window, in points.
const SIZE: [f32; 2] = [1380.0, 800.0];

fn shop() -> Memory {
    let mut shop = Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>();
    let authors = ["Stanisław Lem", "Frank Herbert", "Михаил Булгаков"].map(|name| NewAuthor {
        name: name.to_owned(),
        born_on: None,
        biography: None,
    });
    let authors = Repository::<Author>::insert_many(&mut shop, authors.to_vec()).unwrap();
    let book = |author: usize, title: &str, price: Option<i64>| NewBook {
        title: title.to_owned(),
        author: (&authors[author]).into(),
        isbn: None,
        published_on: None,
        price: price.map(Price::from_units),
        in_print: true,
    };
    let books = vec![
        book(0, "Solaris", Some(1140)),
        book(1, "Dune", Some(999)),
        book(2, "Мастер и Маргарита", None),
    ];
    Repository::<Book>::insert_many(&mut shop, books).unwrap();
    shop.commit().unwrap();
    shop
}

fn window(shop: &Memory, language: Language) -> Window {
    open(shop.catalog(), speaking(language), SIZE)
}

/// A window that shows the books.
fn books(shop: &Memory) -> Window {
    let mut window = window(shop, Language::English);
    click(&mut window, Role::Button, "Books");
    wait_for(&mut window, Role::Cell, "Solaris");
    window
}

/// The titles on the screen from top to bottom.
fn titles(window: &Window) -> Vec<String> {
    let known = ["Solaris", "Dune", "Мастер и Маргарита"];
    let mut found: Vec<_> = known
        .iter()
        .filter_map(|title| {
            let cell = window.query_by_role_and_label(Role::Cell, title)?;
            Some((cell.rect().top(), (*title).to_owned()))
        })
        .collect();
    found.sort_by(|(top, _), (other, _)| top.total_cmp(other));
    found.into_iter().map(|(_, title)| title).collect()
}

fn stored(shop: &Memory, filter: &str) -> Vec<Book> {
    shop.session().list(&Query::<Book>::parse(filter, "id").unwrap()).unwrap()
}

#[test]
fn entities_are_listed_with_their_counts() {
    let mut window = window(&shop(), Language::English);
    for name in ["Users", "Addresses", "Authors", "Books"] {
        wait_for_text(&mut window, name);
    }
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    wait_for_text(&mut window, "rows 1–3 of 3");
}

#[test]
fn a_foreign_key_shows_the_label_of_what_it_points_to() {
    let window = books(&shop());
    assert!(has(&window, Role::Cell, "Stanisław Lem"));
}

#[test]
fn an_author_without_a_name_is_shown_by_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let builder = Database::<SqliteConnection>::builder(path.to_str().unwrap());
    let database = builder.create_missing().open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let stored =
        "PRAGMA ignore_check_constraints = ON; INSERT INTO authors (id, name) VALUES (7, '');
                  INSERT INTO books (title, author_id) VALUES ('Solaris', 7)";
    other.batch_execute(stored).unwrap();
    let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
    let mut window = open(catalog, speaking(Language::English), SIZE);
    click(&mut window, Role::Button, "Books");
    wait_for(&mut window, Role::Cell, "Solaris");
    wait_for(&mut window, Role::Cell, "#7");
    // Where it can be chosen, and where it is open, as well.
    open_record(&mut window, "Solaris");
    wait_for_text(&mut window, "Books / 1");
    click(&mut window, Role::Button, "Author");
    wait_for_text(&mut window, "Search");
    wait(&mut window, "the author among those to choose", |window| {
        window.query_all_by_role_and_label(Role::Button, "#7").next().is_some()
    });
    press(&mut window, Key::Escape);
    click(&mut window, Role::Button, "Open Author");
    wait_for_text(&mut window, "Authors / 7");
    wait_for(&mut window, Role::Label, "#7");
}

#[test]
fn a_header_sorts_ascending_then_descending() {
    let mut window = books(&shop());
    click(&mut window, Role::ColumnHeader, "Title");
    wait(&mut window, "titles in order", |window| {
        titles(window) == ["Dune", "Solaris", "Мастер и Маргарита"]
    });
    click(&mut window, Role::ColumnHeader, "Title");
    wait(&mut window, "titles in reverse", |window| {
        titles(window) == ["Мастер и Маргарита", "Solaris", "Dune"]
    });
}

#[test]
fn a_filter_leaves_what_it_finds() {
    let mut window = books(&shop());
    type_filter(&mut window, "price > 10");
    wait_without(&mut window, Role::Cell, "Dune");
    assert_eq!(titles(&window), ["Solaris"]);
}

#[test]
fn a_filter_leads_to_the_rows_that_a_row_refers_to() {
    let mut window = books(&shop());
    type_filter(&mut window, "author.name ~ lem");
    wait_without(&mut window, Role::Cell, "Dune");
    assert_eq!(titles(&window), ["Solaris"]);
}

#[test]
fn a_mistake_in_a_filter_is_explained_and_changes_nothing() {
    let mut window = books(&shop());
    type_filter(&mut window, "prise > 10");
    wait_for_text(&mut window, "prise");
    wait(&mut window, "all rows", |window| titles(window).len() == 3);
}

#[test]
fn a_filter_without_rows_offers_to_clear_it() {
    let mut window = books(&shop());
    type_filter(&mut window, "price > 1000");
    wait_for_text(&mut window, "No rows match");
    window.get_all_by_role_and_label(Role::Button, "Clear filter").last().unwrap().click();
    wait_for(&mut window, Role::Cell, "Dune");
}

#[test]
fn quick_search_ignores_case_in_every_alphabet() {
    let mut window = books(&shop());
    let search = window.get_by_role_and_label(Role::TextInput, "Quick search");
    search.focus();
    window.step();
    window.get_by_role_and_label(Role::TextInput, "Quick search").type_text("мастер");
    wait_without(&mut window, Role::Cell, "Dune");
    assert_eq!(titles(&window), ["Мастер и Маргарита"]);
}

#[test]
fn an_edited_title_is_stored() {
    let shop = shop();
    let mut window = books(&shop);
    open_record(&mut window, "Dune");
    wait_for_text(&mut window, "Save");
    let title = |window: &Window| {
        let mut fields = window.query_all_by_role(Role::TextInput);
        fields.any(|field| field.value().as_deref() == Some("Dune"))
    };
    wait(&mut window, "the title's field", title);
    window
        .get_all_by_role(Role::TextInput)
        .find(|field| field.value().as_deref() == Some("Dune"))
        .unwrap()
        .focus();
    window.step();
    press(&mut window, Key::End);
    window
        .get_all_by_role(Role::TextInput)
        .find(egui_kittest::Node::is_focused)
        .unwrap()
        .type_text(" Messiah");
    window.step();
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for(&mut window, Role::Cell, "Dune Messiah");
    wait_for_answers(&mut window);
    assert_eq!(stored(&shop, "title = \"Dune Messiah\"").len(), 1);
    assert!(stored(&shop, "title = Dune").is_empty());
}

#[test]
fn a_deleted_book_is_gone_after_the_question_was_answered() {
    let shop = shop();
    let mut window = books(&shop);
    open_record(&mut window, "Dune");
    wait_for_text(&mut window, "Save");
    press(&mut window, Key::Delete);
    wait(&mut window, "the question", |window| {
        window.query_all_by_role(Role::Dialog).next().is_some()
    });
    assert_eq!(stored(&shop, "").len(), 3);
    window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap().click();
    wait_for_text(&mut window, "1 row to be deleted");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_without(&mut window, Role::Cell, "Dune");
    assert!(stored(&shop, "title = Dune").is_empty());
}

#[test]
fn the_keyboard_alone_opens_a_record_and_closes_it() {
    let mut window = books(&shop());
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::F4);
    wait_for_text(&mut window, "Save");
    press(&mut window, Key::Escape);
    wait_without(&mut window, Role::Button, "Save");
}

#[test]
fn letters_that_come_together_with_enter_count() {
    let shop = shop();
    let mut window = books(&shop);
    press_with(&mut window, Modifiers::COMMAND, Key::G);
    wait(&mut window, "the row's number to be asked for", |window| {
        let field = window.query_by_role_and_label(Role::TextInput, "Go to row …");
        field.is_some_and(|field| field.is_focused())
    });
    let enter = Event::Key {
        key: Key::Enter,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    window.input_mut().events.extend([Event::Text("3".to_owned()), enter]);
    window.step();
    wait_without(&mut window, Role::TextInput, "Go to row …");
    press(&mut window, Key::F4);
    wait(&mut window, "the third book to be open", |window| {
        let title = window.query_by_role_and_label(Role::TextInput, "Title");
        title.is_some_and(|title| title.value().as_deref() == Some("Мастер и Маргарита"))
    });
}

#[test]
fn everything_is_in_russian_where_russian_is_chosen() {
    let mut window = window(&shop(), Language::Russian);
    wait_for_text(&mut window, "чтение и запись");
    wait(&mut window, "the entities' heading", |window| window.query_by_label("ТАБЛИЦЫ").is_some());
}

#[test]
fn a_read_only_database_offers_nothing_to_write() {
    let shop = shop().read_only();
    let mut window = books(&shop);
    wait_for_text(&mut window, "read-only");
    let new = window.get_by_role_and_label(Role::Button, "New");
    assert!(new.accesskit_node().is_disabled());
}

#[test]
fn the_record_follows_a_jump_to_the_last_of_many_rows() {
    let mut shop = shop();
    let drafts = (0..1000).map(|number| NewAuthor {
        name: format!("Author {number}"),
        born_on: None,
        biography: None,
    });
    Repository::<Author>::insert_many(&mut shop, drafts.collect()).unwrap();
    shop.commit().unwrap();
    let mut window = window(&shop, Language::English);
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Stanisław Lem");
    wait_for_text(&mut window, "of 1\u{a0}003");
    open_record(&mut window, "Stanisław Lem");
    wait_for_text(&mut window, "Save");
    press_with(&mut window, Modifiers::COMMAND, Key::End);
    wait_for(&mut window, Role::Cell, "Author 999");
    wait_for_text(&mut window, "Authors / 1003");
    press_with(&mut window, Modifiers::COMMAND, Key::Home);
    wait_for(&mut window, Role::Cell, "Stanisław Lem");
    wait_for_text(&mut window, "Authors / 1");
}

#[test]
fn a_control_click_on_a_reference_opens_what_it_points_to() {
    let mut window = books(&shop());
    click_with(&mut window, Role::Cell, "Frank Herbert", Modifiers::COMMAND);
    wait_for_text(&mut window, "Authors / 2");
}

#[test]
fn a_database_without_its_tables_says_so_and_is_read_again_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.db");
    let builder = Database::<SqliteConnection>::builder(path.to_str().unwrap());
    let database = builder.create_missing().open().unwrap();
    let catalog = database.catalog().entity::<User>().build();
    let mut window = open(catalog, speaking(Language::English), SIZE);
    wait_for_text(&mut window, "The rows could not be read");
    database.migrate(&domain::MIGRATIONS).unwrap();
    press(&mut window, Key::F5);
    wait_for_text(&mut window, "No rows yet");
}

/// Marks the database as one in production, or takes the mark away, by the menu of its name.
pub fn switch_production(window: &mut Window, name: &str) {
    click(window, Role::Button, name);
    click(window, Role::Button, "Mark as production or not");
}

#[test]
fn a_database_in_production_says_so_until_the_mark_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let file = SettingsFile::in_folder(folder.path());
    let shop = shop();
    let start = || {
        let settings = Settings { language: Some(Language::English), ..file.read().unwrap() };
        let settings_file = Some(file.clone());
        open(shop.catalog(), Options { settings, settings_file, ..Options::default() }, SIZE)
    };
    let mut window = start();
    wait_for_text(&mut window, "read-write");
    assert!(!has(&window, Role::Label, "production"));
    switch_production(&mut window, "memory");
    wait_for(&mut window, Role::Label, "production");
    drop(window);
    let mut window = start();
    wait_for(&mut window, Role::Label, "production");
    switch_production(&mut window, "memory");
    wait_without(&mut window, Role::Label, "production");
    drop(window);
    assert_eq!(
        file.read().unwrap().databases.get("memory").map(|it| it.is_production),
        Some(false)
    );
}

/// How wide a text of the usual size is.
fn text_width(window: &Window, text: String) -> f32 {
    let size = admin_gui::theme::Theme::of(&window.ctx).text.body;
    let font = egui::FontId::proportional(size);
    let galley =
        window.ctx.fonts_mut(|fonts| fonts.layout_no_wrap(text, font, egui::Color32::PLACEHOLDER));
    galley.size().x
}

#[test]
fn titles_of_columns_are_whole_in_every_language() {
    let mut texts = TextSources::new();
    let long = "Когда эта книга впервые была издана";
    texts.add(Language::Russian, format!("column-books-published_on = {long}")).unwrap();
    let options = Options { texts, ..speaking(Language::English) };
    let mut window = open(shop().catalog(), options, SIZE);
    click(&mut window, Role::Button, "Books");
    let width = |window: &Window, title: &str| {
        window.get_by_role_and_label(Role::ColumnHeader, title).rect().width()
    };
    wait_for(&mut window, Role::ColumnHeader, "Published on");
    let english = width(&window, "Published on");
    assert!(english > text_width(&window, "Published on".to_owned()));
    click(&mut window, Role::Button, "Switch language");
    wait_for(&mut window, Role::ColumnHeader, long);
    assert!(width(&window, long) > text_width(&window, long.to_owned()));
    click(&mut window, Role::Button, "Сменить язык");
    wait_for(&mut window, Role::ColumnHeader, "Published on");
    assert!((width(&window, "Published on") - english).abs() < 0.1);
}

#[test]
fn rows_that_came_before_an_entity_is_looked_at_are_counted() {
    let shop = shop();
    let mut window = window(&shop, Language::English);
    wait_for(&mut window, Role::Button, "Books");
    wait_for_answers(&mut window);
    let author: Author = shop.transaction(|session| session.get(1)).unwrap();
    let more = (0..30).map(|number| NewBook {
        title: format!("Volume {number}"),
        author: (&author).into(),
        isbn: None,
        published_on: None,
        price: None,
        in_print: true,
    });
    let more: Vec<NewBook> = more.collect();
    shop.transaction(|session| Repository::<Book>::insert_many(session, more.clone()).map(drop))
        .unwrap();
    click(&mut window, Role::Button, "Books");
    wait_for_text(&mut window, " of 33");
}
