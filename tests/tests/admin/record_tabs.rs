//! Records that have a tab of their own, over the bookshop in memory.

use crate::shop::{TITLES, books, shop, show_books, titles, window_with};
use admin_gui::Options;
use admin_gui::i18n::Language;
use admin_gui::settings::{Settings, SettingsFile};
use diesel::SqliteConnection;
use domain::{Author, Book, NewAuthor};
use egui::accesskit::Role;
use egui::{Key, Modifiers, PointerButton};
use egui_kittest::kittest::{NodeT as _, Queryable};
use persistence::{Database, Memory, Query, Repository};
use window_driver::{
    Window, click, click_with, has, open, open_record, press, press_with, type_into, wait,
    wait_for_answers, wait_for_text,
};

const CTRL: Modifiers = Modifiers::COMMAND;

fn has_tab(window: &Window, title: &str) -> bool {
    has(window, Role::Tab, title)
}

/// The titles of the tabs from left to right.
fn tabs(window: &Window) -> Vec<String> {
    let mut found: Vec<_> = window
        .query_all_by_role(Role::Tab)
        .map(|tab| (tab.rect().left(), tab.accesskit_node().label().unwrap_or_default()))
        .collect();
    found.sort_by(|(left, _), (other, _)| left.total_cmp(other));
    found.into_iter().map(|(_, title)| title).collect()
}

/// The title of the tab that is shown.
fn shown_tab(window: &Window) -> String {
    let mut tabs = window.query_all_by_role(Role::Tab);
    let shown = tabs.find(|tab| tab.accesskit_node().is_selected() == Some(true));
    shown.and_then(|tab| tab.accesskit_node().label()).unwrap_or_default()
}

fn is_unsaved(window: &Window, title: &str) -> bool {
    let tab = window.get_by_role_and_label(Role::Tab, title);
    tab.accesskit_node().description().is_some_and(|text| text == "not saved")
}

/// The text in the field of the title.
fn title_field(window: &Window) -> Option<String> {
    window.query_by_role_and_label(Role::TextInput, "Title")?.value()
}

fn wait_for_title(window: &mut Window, title: &str) {
    wait(window, title, |window| title_field(window).as_deref() == Some(title));
}

/// A window that shows a book in a tab of its own.
fn with_tab(shop: &Memory, title: &str) -> Window {
    let mut window = books(shop);
    open_tab(&mut window, title);
    window
}

/// Opens a book at the right, and from there in a tab of its own.
fn open_tab(window: &mut Window, title: &str) {
    wait(window, title, |window| has(window, Role::Cell, title));
    open_record(window, title);
    wait_for_title(window, title);
    click(window, Role::Button, "Open in a tab of its own");
    wait(window, "the tab", |window| has_tab(window, title) && shown_tab(window) == title);
    wait_for_title(window, title);
}

/// Types something behind the title.
fn type_behind_title(window: &mut Window, text: &str) {
    window.get_by_role_and_label(Role::TextInput, "Title").focus();
    window.step();
    press(window, Key::End);
    type_into(window, "Title", text);
}

fn stored(shop: &Memory, filter: &str) -> usize {
    shop.session().list(&Query::<Book>::parse(filter, "id").unwrap()).unwrap().len()
}

#[test]
fn a_record_moves_into_a_tab_with_what_belongs_to_it() {
    let mut window = with_tab(&shop(), "Solaris");
    assert_eq!(tabs(&window), ["Books", "Solaris"]);
    assert!(!has(&window, Role::Cell, "Solaris"), "the rows have stepped back");
    assert!(!has(&window, Role::Button, "Open in a tab of its own"), "it has one");
    wait_for_text(&mut window, "Author");
    click(&mut window, Role::Tab, "Books");
    wait(&mut window, "the books", |window| has(window, Role::Cell, "Solaris"));
    assert_eq!(title_field(&window), None, "the panel has been left");
}

#[test]
fn the_keyboard_opens_the_focused_row_in_a_tab_and_closes_it() {
    let mut window = books(&shop());
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::ArrowDown);
    press_with(&mut window, CTRL | Modifiers::SHIFT, Key::Enter);
    wait_for_title(&mut window, "Dune");
    assert_eq!(shown_tab(&window), "Dune");
    press_with(&mut window, CTRL, Key::Tab);
    wait(&mut window, "the books", |window| shown_tab(window) == "Books");
    press_with(&mut window, CTRL | Modifiers::SHIFT, Key::Tab);
    wait_for_title(&mut window, "Dune");
    press(&mut window, Key::F6);
    wait(&mut window, "the keyboard", |window| {
        window.get_by_role_and_label(Role::TextInput, "Title").is_focused()
    });
    press_with(&mut window, CTRL, Key::W);
    wait(&mut window, "the rows", |window| titles(window).len() == TITLES.len());
    assert!(!has_tab(&window, "Dune"));
}

#[test]
fn a_control_click_opens_what_is_referred_to_in_a_tab() {
    let mut window = books(&shop());
    open_record(&mut window, "Dune");
    click_with(&mut window, Role::Button, "Open Author", CTRL);
    wait(&mut window, "the author", |window| shown_tab(window) == "Frank Herbert");
    click_with(&mut window, Role::Link, "Dune", CTRL);
    wait(&mut window, "the book", |window| shown_tab(window) == "Dune");
    assert_eq!(tabs(&window), ["Books", "Frank Herbert", "Dune"]);
}

#[test]
fn the_middle_button_opens_a_reference_in_a_tab_and_closes_the_tab() {
    let mut window = books(&shop());
    open_record(&mut window, "Dune");
    wait(&mut window, "the link", |window| has(window, Role::Link, "Frank Herbert"));
    let link = window.get_by_role_and_label(Role::Link, "Frank Herbert");
    link.click_button(PointerButton::Middle);
    wait(&mut window, "the author", |window| shown_tab(window) == "Frank Herbert");
    let tab = window.get_by_role_and_label(Role::Tab, "Frank Herbert");
    tab.click_button(PointerButton::Middle);
    wait(&mut window, "no tab", |window| !has_tab(window, "Frank Herbert"));
    assert_eq!(title_field(&window).as_deref(), Some("Dune"), "the panel stays");
}

#[test]
fn a_copy_of_a_tabs_record_is_made_at_the_right_and_saved_from_there() {
    let shop = shop();
    let mut window = with_tab(&shop, "Fiasco");
    type_behind_title(&mut window, " (1987)");
    click(&mut window, Role::Button, "Copy to a new record");
    wait_for_text(&mut window, "New: Book");
    // The keyboard is in the copy, which is one of what is stored.
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "the copy", |window| {
        window.query_all_by_label_contains("Books / 5").next().is_some()
    });
    // All that is staged is written in one go.
    assert_eq!(stored(&shop, "title = \"Fiasco (1987)\""), 1);
    assert_eq!(stored(&shop, "title = Fiasco"), 1);
}

#[test]
fn a_plain_click_follows_within_the_tab_and_back_returns() {
    let mut window = with_tab(&shop(), "Solaris");
    click(&mut window, Role::Button, "Open Author");
    wait(&mut window, "the author", |window| shown_tab(window) == "Stanisław Lem");
    assert_eq!(tabs(&window), ["Books", "Stanisław Lem"]);
    wait(&mut window, "the trail", |window| has(window, Role::Link, "Back to Solaris"));
    press_with(&mut window, Modifiers::ALT, Key::ArrowLeft);
    wait_for_title(&mut window, "Solaris");
    assert_eq!(tabs(&window), ["Books", "Solaris"]);
    press_with(&mut window, Modifiers::ALT, Key::ArrowRight);
    wait(&mut window, "the author", |window| shown_tab(window) == "Stanisław Lem");
    press_with(&mut window, Modifiers::ALT, Key::ArrowLeft);
    press_with(&mut window, Modifiers::ALT, Key::ArrowLeft);
    wait(&mut window, "the books", |window| shown_tab(window) == "Books");
}

#[test]
fn a_tab_that_was_closed_is_come_back_to() {
    let mut window = with_tab(&shop(), "Solaris");
    press_with(&mut window, CTRL, Key::W);
    wait(&mut window, "the books", |window| has(window, Role::Cell, "Solaris"));
    assert!(!has_tab(&window, "Solaris"));
    press_with(&mut window, Modifiers::ALT, Key::ArrowLeft);
    wait_for_title(&mut window, "Solaris");
    assert_eq!(tabs(&window), ["Books", "Solaris"]);
}

#[test]
fn what_was_typed_is_there_after_another_tab_was_looked_at() {
    let mut window = with_tab(&shop(), "Dune");
    assert!(!is_unsaved(&window, "Dune"));
    type_behind_title(&mut window, " Messiah");
    wait(&mut window, "the mark", |window| is_unsaved(window, "Dune"));
    click(&mut window, Role::Tab, "Books");
    wait(&mut window, "the books", |window| has(window, Role::Cell, "Dune Messiah"));
    press(&mut window, Key::F5);
    window.step();
    click(&mut window, Role::Tab, "Dune");
    wait_for_title(&mut window, "Dune Messiah");
    press(&mut window, Key::F5);
    press(&mut window, Key::Escape);
    press(&mut window, Key::Escape);
    assert_eq!(title_field(&window).as_deref(), Some("Dune Messiah"));
    assert_eq!(shown_tab(&window), "Dune");
}

#[test]
fn what_is_typed_at_the_right_moves_into_the_tab() {
    let mut window = books(&shop());
    open_record(&mut window, "Dune");
    wait_for_title(&mut window, "Dune");
    type_behind_title(&mut window, " Messiah");
    press_with(&mut window, CTRL | Modifiers::SHIFT, Key::Enter);
    wait(&mut window, "the tab", |window| has_tab(window, "Dune") && is_unsaved(window, "Dune"));
    assert_eq!(title_field(&window).as_deref(), Some("Dune Messiah"));
}

#[test]
fn a_tab_that_is_closed_leaves_what_was_typed_staged() {
    let shop = shop();
    let mut window = with_tab(&shop, "Dune");
    type_behind_title(&mut window, " Messiah");
    press_with(&mut window, CTRL, Key::W);
    wait(&mut window, "no tab", |window| !has_tab(window, "Dune"));
    wait(&mut window, "what was typed", |window| has(window, Role::Cell, "Dune Messiah"));
    assert_eq!(stored(&shop, "title = Dune"), 1);
    open_record(&mut window, "Dune Messiah");
    press_with(&mut window, CTRL | Modifiers::SHIFT, Key::Enter);
    wait(&mut window, "the tab", |window| has_tab(window, "Dune"));
    wait_for_title(&mut window, "Dune Messiah");
    click(&mut window, Role::Button, "Close Dune");
    wait(&mut window, "no tab", |window| !has_tab(window, "Dune"));
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&shop, "title = \"Dune Messiah\""), 1);
}

#[test]
fn following_from_a_tab_leaves_what_was_typed_staged() {
    let mut window = with_tab(&shop(), "Dune");
    type_behind_title(&mut window, " Messiah");
    click(&mut window, Role::Button, "Open Author");
    wait(&mut window, "the author", |window| shown_tab(window) == "Frank Herbert");
    wait_for_text(&mut window, "1 row changed");
    assert!(is_unsaved(&window, "Dune"));
    press_with(&mut window, Modifiers::ALT, Key::ArrowLeft);
    wait_for_title(&mut window, "Dune Messiah");
}

#[test]
fn another_record_does_not_take_the_place_of_what_is_unsaved() {
    let mut window = with_tab(&shop(), "Solaris");
    click(&mut window, Role::Button, "Open Author");
    wait(&mut window, "the author", |window| shown_tab(window) == "Stanisław Lem");
    wait(&mut window, "the field", |window| has(window, Role::TextInput, "Name"));
    window.get_by_role_and_label(Role::TextInput, "Name").focus();
    window.step();
    type_into(&mut window, "Name", "X");
    press_with(&mut window, Modifiers::ALT, Key::ArrowLeft);
    wait_for_title(&mut window, "Solaris");
    assert!(is_unsaved(&window, "Stanisław Lem"));
}

#[test]
fn a_record_is_saved_in_its_tab_and_the_tab_is_called_by_its_new_name() {
    let shop = shop();
    let mut window = with_tab(&shop, "Dune");
    type_behind_title(&mut window, " Messiah");
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "the title", |window| has_tab(window, "Dune Messiah"));
    wait_for_answers(&mut window);
    assert_eq!(stored(&shop, "title = \"Dune Messiah\""), 1);
    assert!(!is_unsaved(&window, "Dune Messiah"));
    click(&mut window, Role::Tab, "Books");
    wait(&mut window, "the row", |window| has(window, Role::Cell, "Dune Messiah"));
}

#[test]
fn two_records_are_edited_side_by_side_and_saved_in_one_go() {
    let shop = shop();
    let mut window = with_tab(&shop, "Dune");
    type_behind_title(&mut window, " A");
    click(&mut window, Role::Tab, "Books");
    open_tab(&mut window, "Solaris");
    type_behind_title(&mut window, " B");
    press_with(&mut window, CTRL, Key::Backslash);
    let both = |window: &Window| {
        let fields = window.query_all_by_role_and_label(Role::TextInput, "Title");
        let mut found: Vec<_> = fields.filter_map(|field| field.value()).collect();
        found.sort();
        found
    };
    click(&mut window, Role::Tab, "Dune");
    wait(&mut window, "both", |window| both(window) == ["Dune A", "Solaris B"]);
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "the titles", |window| {
        has_tab(window, "Dune A") && has_tab(window, "Solaris B")
    });
    wait_for_answers(&mut window);
    assert_eq!(stored(&shop, "title = \"Dune A\""), 1);
    assert_eq!(stored(&shop, "title = \"Solaris B\""), 1);
    assert!(!is_unsaved(&window, "Dune A") && !is_unsaved(&window, "Solaris B"));
}

#[test]
fn the_same_record_at_the_right_shows_what_was_saved_in_its_tab() {
    let mut window = with_tab(&shop(), "Dune");
    click(&mut window, Role::Tab, "Books");
    press_with(&mut window, CTRL, Key::Backslash);
    wait(&mut window, "the row", |window| has(window, Role::Cell, "Dune"));
    let fields = |window: &Window| {
        let fields = window.query_all_by_role_and_label(Role::TextInput, "Title");
        fields.filter_map(|field| field.value()).collect::<Vec<_>>()
    };
    open_record(&mut window, "Dune");
    wait(&mut window, "both", |window| fields(window) == ["Dune", "Dune"]);
    let in_tab = |window: &Window| {
        let fields = window.query_all_by_role_and_label(Role::TextInput, "Title");
        let widest = |field: &egui_kittest::Node<'_>| field.rect().left();
        fields.min_by(|one, other| widest(one).total_cmp(&widest(other))).unwrap().rect()
    };
    let at = in_tab(&window).center();
    window.hover_at(at);
    window.drag_at(at);
    window.drop_at(at);
    window.step();
    press(&mut window, Key::End);
    let focused = window.query_all_by_role(Role::TextInput).find(egui_kittest::Node::is_focused);
    focused.unwrap().type_text(" Messiah");
    window.step();
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "both", |window| fields(window) == ["Dune Messiah", "Dune Messiah"]);
}

#[test]
fn a_record_that_is_deleted_in_its_tab_closes_it() {
    let shop = shop();
    let mut window = with_tab(&shop, "Dune");
    press(&mut window, Key::Delete);
    wait(&mut window, "the question", |window| {
        window.query_all_by_role(Role::Dialog).next().is_some()
    });
    window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap().click();
    wait(&mut window, "no tab", |window| !has_tab(window, "Dune"));
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&shop, "title = Dune"), 0);
}

#[test]
fn a_record_that_is_gone_says_so_in_its_tab() {
    let shop = shop();
    let mut window = with_tab(&shop, "Dune");
    let mut elsewhere = shop.session();
    let dune = elsewhere.first(&Query::<Book>::parse("title = Dune", "id").unwrap()).unwrap();
    Repository::<Book>::delete(&mut elsewhere, &dune.unwrap().id).unwrap();
    elsewhere.commit().unwrap();
    press(&mut window, Key::F5);
    wait_for_text(&mut window, "This record no longer exists");
    assert_eq!(shown_tab(&window), "Books / 2");
    click(&mut window, Role::Button, "Close tab");
    wait(&mut window, "no tab", |window| !has_tab(window, "Books / 2"));
}

#[test]
fn a_change_by_somebody_else_is_a_conflict_in_the_tab() {
    let shop = shop();
    let mut window = with_tab(&shop, "Dune");
    type_behind_title(&mut window, " Messiah");
    let mut elsewhere = shop.session();
    let dune = elsewhere.first(&Query::<Book>::parse("title = Dune", "id").unwrap()).unwrap();
    let mut dune = dune.unwrap();
    dune.title = "Dune (1965)".to_owned();
    Repository::<Book>::update(&mut elsewhere, dune).unwrap();
    elsewhere.commit().unwrap();
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "Somebody else changed this record meanwhile");
    click(&mut window, Role::Button, "Keep mine: Title");
    press_with(&mut window, CTRL, Key::S);
    wait(&mut window, "the title", |window| has_tab(window, "Dune Messiah"));
    wait_for_answers(&mut window);
    assert_eq!(stored(&shop, "title = \"Dune Messiah\""), 1);
}

#[test]
fn tabs_of_records_are_open_again_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = SettingsFile::in_folder(folder.path());
    let shop = shop();
    let start = || {
        let settings = Settings { language: Some(Language::English), ..file.read().unwrap() };
        window_with(&shop, settings, Some(file.clone()))
    };
    let mut window = start();
    show_books(&mut window);
    open_tab(&mut window, "Solaris");
    click(&mut window, Role::Tab, "Books");
    open_tab(&mut window, "Dune");
    drop(window);

    let mut window = start();
    wait_for_title(&mut window, "Dune");
    // What has not been looked at has not been read.
    assert_eq!(tabs(&window), ["Books", "Dune", "Books / 1"]);
    click(&mut window, Role::Tab, "Books / 1");
    wait_for_title(&mut window, "Solaris");
    assert_eq!(tabs(&window), ["Books", "Dune", "Solaris"]);
}

#[test]
fn a_tab_whose_record_cannot_be_read_says_why_and_tries_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let file = SettingsFile::in_folder(folder.path());
    let builder = Database::<SqliteConnection>::builder(path.to_str().unwrap());
    let database = builder.create_missing().open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let draft = NewAuthor { name: "Kir Bulychev".to_owned(), born_on: None, biography: None };
    Repository::<Author>::insert(&mut session, draft).unwrap();
    session.commit().unwrap();
    let start = || {
        let settings = Settings { language: Some(Language::English), ..file.read().unwrap() };
        let catalog = database.catalog().entity::<Author>().build();
        let options = Options { settings, settings_file: Some(file.clone()), ..Options::default() };
        open(catalog, options, [1380.0, 800.0])
    };
    let mut window = start();
    wait(&mut window, "the row", |window| has(window, Role::Cell, "Kir Bulychev"));
    press(&mut window, Key::ArrowDown);
    press_with(&mut window, CTRL | Modifiers::SHIFT, Key::Enter);
    wait(&mut window, "the tab", |window| shown_tab(window) == "Kir Bulychev");
    drop(window);

    let rename = |from: &str, to: &str| {
        use diesel::connection::SimpleConnection as _;
        let mut connection =
            <SqliteConnection as diesel::Connection>::establish(path.to_str().unwrap()).unwrap();
        connection.batch_execute(&format!("ALTER TABLE {from} RENAME TO {to}")).unwrap();
    };
    rename("authors", "hidden");
    let mut window = start();
    wait_for_text(&mut window, "The record could not be read");
    rename("hidden", "authors");
    click(&mut window, Role::Button, "Try again");
    wait(&mut window, "the record", |window| shown_tab(window) == "Kir Bulychev");
}

#[test]
fn the_only_tab_gives_way_to_the_rows_when_it_is_closed() {
    let mut window = with_tab(&shop(), "Solaris");
    click(&mut window, Role::Button, "Close Books");
    wait(&mut window, "one tab", |window| tabs(window) == ["Solaris"]);
    press_with(&mut window, CTRL, Key::W);
    wait(&mut window, "the rows", |window| titles(window).len() == TITLES.len());
}

#[test]
fn a_record_of_a_read_only_database_has_a_tab_as_well() {
    let shop = shop().read_only();
    let mut window = books(&shop);
    open_record(&mut window, "Dune");
    wait(&mut window, "the record", |window| has(window, Role::Button, "Open in a tab of its own"));
    click(&mut window, Role::Button, "Open in a tab of its own");
    wait(&mut window, "the tab", |window| shown_tab(window) == "Dune");
    wait_for_text(&mut window, "Read-only");
}
