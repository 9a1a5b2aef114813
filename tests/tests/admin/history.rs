//! What was committed: who changed what, and taking it back as staged edits.

use admin_gui::Options;
use admin_gui::i18n::Language;
use diesel::SqliteConnection;
use domain::{Author, Book, NewAuthor, NewBook, Price};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use integration_tests::{TestDatabase, sqlite};
use persistence::{Catalog, Database, Filter, Query, Repository};
use window_driver::{
    Window, click, has, open, press_with, says, speaking, wait, wait_for_answers, wait_for_text,
};

use crate::shop::{SIZE, shop};

const CTRL: Modifiers = Modifiers::COMMAND;

fn recorded_by(place: &TestDatabase, actor: &str) -> Database<SqliteConnection> {
    Database::builder(place.url()).audit().actor(actor).open().unwrap()
}

fn catalog(database: &Database<SqliteConnection>) -> Catalog {
    database.catalog().entity::<Book>().entity::<Author>().build()
}

/// A bookshop with an author and two books that ann has added, in which what is written is recorded.
fn recorded() -> (TestDatabase, Database<SqliteConnection>) {
    let place = sqlite();
    let database = recorded_by(&place, "ann");
    database.migrate(&domain::MIGRATIONS).unwrap();
    let mut session = database.session().unwrap();
    let author = NewAuthor { name: "Stanisław Lem".into(), born_on: None, biography: None };
    let author: Author = session.insert(author).unwrap();
    for title in ["Solaris", "Fiasco"] {
        let book = NewBook {
            title: title.to_owned(),
            author: (&author).into(),
            isbn: None,
            published_on: None,
            price: Some(Price::from_units(1000)),
            in_print: true,
        };
        let _: Book = session.insert(book).unwrap();
    }
    session.commit().unwrap();
    (place, database)
}

/// Changes a book, in a transaction of its own.
fn change(database: &Database<SqliteConnection>, id: i64, change: impl FnOnce(&mut Book)) {
    let mut session = database.session().unwrap();
    let book = session.get::<Book>(id).unwrap();
    change(&mut session[book]);
    session.commit().unwrap();
}

/// The titles and prices that the database has.
fn stored(database: &Database<SqliteConnection>) -> Vec<(String, Option<i64>)> {
    let mut session = database.session().unwrap();
    let books: Vec<Book> = session.list(&Query::new()).unwrap();
    books.into_iter().map(|book| (book.title, book.price.map(Price::units))).collect()
}

fn window(database: &Database<SqliteConnection>) -> Window {
    open(catalog(database), speaking(Language::English), SIZE)
}

fn show_history(window: &mut Window) {
    press_with(window, CTRL.plus(Modifiers::SHIFT), Key::H);
    wait_for_answers(window);
}

/// The names of buttons that have all of some words.
fn buttons(window: &Window, words: &[&str]) -> Vec<String> {
    window
        .query_all_by_role(Role::Button)
        .filter_map(|button| button.accesskit_node().label())
        .filter(|label| words.iter().all(|word| label.contains(word)))
        .collect()
}

/// Clicks the first button that has all of some words.
#[track_caller]
fn press_button(window: &mut Window, words: &[&str]) {
    wait(window, &format!("{words:?}"), |window| !buttons(window, words).is_empty());
    let name = buttons(window, words).remove(0);
    click(window, Role::Button, &name);
    wait_for_answers(window);
}

/// The transactions on the page, from top to bottom.
fn listed(window: &Window) -> Vec<String> {
    let all = buttons(window, &[": "]);
    let is_row = |label: &String| label.starts_with("20");
    all.into_iter().filter(is_row).map(|label| label[20..].to_owned()).collect()
}

#[test]
fn the_history_is_there_only_where_what_is_written_is_recorded() {
    let window = crate::shop::window(&shop(), Language::English);
    assert!(has(&window, Role::Button, "Query log") && !has(&window, Role::Button, "History"));
    let (_place, database) = recorded();
    let mut window = self::window(&database);
    window.step();
    assert!(!says(&window, "Audit"), "what is recorded is no entity");
    click(&mut window, Role::Button, "History");
    wait_for_answers(&mut window);
    assert_eq!(listed(&window), ["ann: Books 2, Authors 1"]);
}

#[test]
fn a_transaction_is_opened_and_taken_back_as_staged_edits() {
    let (_place, database) = recorded();
    change(&database, 1, |book| {
        book.title = "Solyaris".into();
        book.price = None;
    });
    let mut window = window(&database);
    show_history(&mut window);
    press_button(&mut window, &["ann: Books 1"]);
    wait_for_text(&mut window, "Changed");
    for text in ["Solaris", "Solyaris", "10.00", "NULL"] {
        assert!(says(&window, text), "{text}");
    }
    press_button(&mut window, &["Take back", "ann: Books 1"]);
    wait_for_text(&mut window, "1 row staged");
    assert_eq!(stored(&database)[0], ("Solyaris".into(), None), "nothing is written yet");
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&database)[0], ("Solaris".into(), Some(1000)));
    wait_for_answers(&mut window);
    assert_eq!(listed(&window)[0], "ann: Books 1", "what was committed here is in it");
    assert_eq!(listed(&window).len(), 3);
}

#[test]
fn one_column_is_taken_back_and_undone_before_it_is_written() {
    let (_place, database) = recorded();
    change(&database, 1, |book| {
        book.title = "Solyaris".into();
        book.price = None;
    });
    let mut window = window(&database);
    show_history(&mut window);
    press_button(&mut window, &["ann: Books 1"]);
    press_button(&mut window, &["Take back", ": Price"]);
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::Z);
    wait(&mut window, "nothing staged", |window| !says(window, "1 row changed"));
    show_history(&mut window);
    press_button(&mut window, &["Take back", ": Price"]);
    wait_for_text(&mut window, "1 row changed");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&database)[0], ("Solyaris".into(), Some(1000)));
}

#[test]
fn what_others_changed_since_is_a_conflict_that_is_told() {
    let (place, database) = recorded();
    change(&database, 1, |book| book.title = "Solyaris".into());
    change(&recorded_by(&place, "carol"), 2, |book| book.title = "Fiasko".into());
    let others = recorded_by(&place, "bob");
    change(&others, 1, |book| book.title = "Others".into());
    change(&others, 2, |book| book.price = None);
    let mut window = window(&database);
    show_history(&mut window);
    let expected = ["bob: Books 1", "bob: Books 1", "carol: Books 1", "ann: Books 1"];
    assert_eq!(listed(&window)[..4], expected);
    press_button(&mut window, &["Take back", "ann: Books 1"]);
    wait_for_text(&mut window, "1 changed by others since");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "cannot be saved as it is");
    assert_eq!(stored(&database)[0].0, "Others");
    press_with(&mut window, CTRL, Key::Z);
    wait(&mut window, "nothing staged", |window| !says(window, "1 row changed"));
    show_history(&mut window);
    press_button(&mut window, &["Take back", "carol: Books 1"]);
    wait_for_text(&mut window, "1 row staged");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&database)[1], ("Fiasco".into(), None), "another column is no conflict");
}

#[test]
fn the_history_of_a_record_has_its_changes_only() {
    let (_place, database) = recorded();
    change(&database, 1, |book| book.title = "Solyaris".into());
    change(&database, 2, |book| book.title = "Fiasko".into());
    let mut window = window(&database);
    show_books_of(&mut window);
    click(&mut window, Role::Cell, "Fiasko");
    press_with(&mut window, CTRL, Key::H);
    wait_for_text(&mut window, "Book Fiasko");
    wait_for_answers(&mut window);
    assert_eq!(listed(&window), ["ann: Books 1", "ann: Books 2, Authors 1"]);
    press_button(&mut window, &["ann: Books 2"]);
    wait_for_text(&mut window, "Added");
    assert!(says(&window, "Fiasco") && !says(&window, "Solaris"), "it was added with others");
    click(&mut window, Role::Button, "Show the history of all records");
    wait_for_answers(&mut window);
    assert_eq!(listed(&window).len(), 3);
}

fn show_books_of(window: &mut Window) {
    click(window, Role::Button, "Books");
    wait(window, "the books", |window| has(window, Role::Cell, "Fiasko"));
}

#[test]
fn who_is_looked_for_is_found_by_a_part_of_the_name() {
    let (place, database) = recorded();
    change(&recorded_by(&place, "Bob"), 1, |book| book.price = None);
    let mut window = window(&database);
    show_history(&mut window);
    assert_eq!(listed(&window).len(), 2);
    click(&mut window, Role::TextInput, "Who");
    window.event(egui::Event::Text("bo".into()));
    wait(&mut window, "one of two", |window| listed(window).len() == 1);
    assert_eq!(listed(&window), ["Bob: Books 1"]);
    window.event(egui::Event::Text("x".into()));
    wait_for_text(&mut window, "Nothing of this has been changed");
}

#[test]
fn a_deleted_row_and_an_added_one_are_taken_back_together() {
    let (_place, database) = recorded();
    let before = stored(&database);
    let mut session = database.session().unwrap();
    let fiasco = session.get::<Book>(2).unwrap();
    session.delete(fiasco).unwrap();
    let solaris = session.get::<Book>(1).unwrap();
    session[solaris].price = None;
    let new = NewAuthor { name: "Nobody".into(), born_on: None, biography: None };
    session.add(new);
    session.commit().unwrap();
    drop(session);
    let mut window = window(&database);
    show_history(&mut window);
    press_button(&mut window, &["Take back", "ann: Books 2, Authors 1"]);
    wait_for_text(&mut window, "3 rows staged");
    press_with(&mut window, CTRL, Key::S);
    wait_for_text(&mut window, "3 rows saved");
    assert_eq!(stored(&database), before);
    let mut session = database.session().unwrap();
    assert_eq!(Repository::<Author>::count(&mut session, &Filter::All).unwrap(), 1);
}

#[test]
fn statements_about_many_rows_are_told_and_not_taken_back() {
    let (_place, database) = recorded();
    let mut session = database.session().unwrap();
    let nothing = [Book::PRICE.set(None)];
    session.query::<Book>().filter(Book::IN_PRINT.eq(true)).update(&nothing).unwrap();
    session.commit().unwrap();
    drop(session);
    let mut window = window(&database);
    show_history(&mut window);
    press_button(&mut window, &["ann: Books 1"]);
    wait_for_text(&mut window, "Changed by a filter");
    assert!(says(&window, "in_print = true"));
    press_button(&mut window, &["Take back", "ann: Books 1"]);
    wait_for_text(&mut window, "a statement about many rows cannot be taken back");
    assert!(says(&window, "Nothing was staged"));
}

#[test]
fn nothing_is_taken_back_on_a_read_only_connection() {
    let (place, database) = recorded();
    change(&database, 1, |book| book.price = None);
    let database = Database::builder(place.url()).audit().read_only().open().unwrap();
    let options: Options = speaking(Language::English);
    let mut window = open(catalog(&database), options, SIZE);
    show_history(&mut window);
    assert_eq!(listed(&window).len(), 2);
    assert_eq!(buttons(&window, &["Take back"]), [""; 0]);
}
