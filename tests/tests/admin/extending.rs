//! What a program adds to its admin: a column that it draws, an action on rows.

use admin_gui::i18n::{Language, TextSources};
use admin_gui::{Action, Extensions, Options};
use domain::{Author, Book};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Entity as _, Error, Filter, Memory, Query, Record, Repository, Value};
use window_driver::{
    Window, click, click_with, open, press, press_with, speaking, wait, wait_for, wait_for_text,
};

use crate::shop::{SIZE, shop, show_books};

/// Takes books out of print; where it fails, after it has written.
fn out_of_print(fails: bool) -> Action {
    Action::new::<Book>("Take out of print", move |session, keys| {
        let these = Filter::keys(Book::meta(), keys);
        let not = (Book::IN_PRINT.name().to_owned(), false.into());
        session.repository("books")?.update_where(&these, &[not])?;
        if fails { Err(Error::Data { message: "the press is broken".to_owned() }) } else { Ok(()) }
    })
}

fn extended(shop: &Memory, options: Options, fails: bool) -> Window {
    let extensions = Extensions::default()
        .cell(Book::IN_PRINT, |ui, in_print| {
            ui.label(if in_print { "on sale" } else { "sold out" });
        })
        .action(out_of_print(fails));
    open(shop.catalog(), Options { extensions, ..options }, SIZE)
}

fn books(shop: &Memory, fails: bool) -> Window {
    let mut window = extended(shop, speaking(Language::English), fails);
    show_books(&mut window);
    window
}

fn in_print(shop: &Memory) -> Vec<bool> {
    let books: Vec<Book> =
        shop.transaction(|session| Repository::<Book>::list(session, &Query::new())).unwrap();
    books.iter().map(|book| book.in_print).collect()
}

#[test]
fn a_program_draws_the_cells_of_a_column() {
    let mut window = books(&shop(), false);
    wait_for_text(&mut window, "sold out");
    assert_eq!(window.query_all_by_label("on sale").count(), 3);
    // The cell is still one: what is clicked has the focus.
    window.query_all_by_label("on sale").next().unwrap().click();
    window.step();
    press_with(&mut window, Modifiers::COMMAND, Key::C);
    press(&mut window, Key::F4);
    wait_for_text(&mut window, "Solaris");
}

#[test]
fn an_action_is_done_to_the_selected_rows_and_seen_at_once() {
    let shop = shop();
    let mut window = books(&shop, false);
    for title in ["Solaris", "Dune"] {
        click_with(&mut window, Role::Cell, title, Modifiers::COMMAND);
    }
    click(&mut window, Role::Button, "Take out of print");
    wait_for_text(&mut window, "Take out of print: 2 rows");
    assert_eq!(in_print(&shop), [false, false, true, false]);
    wait(&mut window, "the rows as they are now", |window| {
        window.query_all_by_label("sold out").count() == 3
    });
}

#[test]
fn an_action_is_a_command_like_others() {
    let shop = shop();
    let mut window = books(&shop, false);
    click(&mut window, Role::Cell, "Dune");
    press_with(&mut window, Modifiers::COMMAND, Key::K);
    window.step();
    window.event(egui::Event::Text("take out".to_owned()));
    wait_for_text(&mut window, "Take out of print");
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "Take out of print: 1 row");
    assert_eq!(in_print(&shop), [true, false, true, false]);
}

#[test]
fn an_action_that_fails_leaves_nothing_behind_and_says_why() {
    let shop = shop();
    let mut window = books(&shop, true);
    click(&mut window, Role::Cell, "Dune");
    click(&mut window, Role::Button, "Take out of print");
    wait_for_text(&mut window, "Take out of print: ");
    wait_for_text(&mut window, "the press is broken");
    assert_eq!(in_print(&shop), [true, true, true, false]);
}

/// How many rows there are said to be.
fn rows(window: &Window) -> Option<usize> {
    window.query_all_by_role(Role::Table).next()?.accesskit_node().data().row_count()
}

#[test]
fn what_an_action_writes_elsewhere_is_counted_there() {
    let hire = Action::new::<Book>("Hire an author", |session, _| {
        let mut author = Record(vec![Value::Null; Author::meta().columns.len()]);
        author.set(Author::NAME.position(), "Octavia E. Butler".into());
        session.repository("authors")?.insert(author).map(drop)
    });
    let extensions = Extensions::default().action(hire);
    let options = Options { extensions, ..speaking(Language::English) };
    let mut window = open(shop().catalog(), options, SIZE);
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Frank Herbert");
    wait(&mut window, "the authors to be counted", |window| rows(window).is_some());
    let before = rows(&window).unwrap();
    show_books(&mut window);
    click(&mut window, Role::Cell, "Dune");
    click(&mut window, Role::Button, "Hire an author");
    wait_for_text(&mut window, "Hire an author: 1 row");
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::Cell, "Octavia E. Butler");
    wait(&mut window, "one more author", |window| rows(window) == Some(before + 1));
}

#[test]
fn many_actions_stand_in_a_list_and_push_nothing_away() {
    let shop = shop();
    let extensions = (0..8).fold(Extensions::default(), |extensions, number| {
        let name = format!("Do something long to the selected books, {number}");
        extensions.action(Action::new::<Book>(name, move |session, keys| {
            let these = Filter::keys(Book::meta(), keys);
            let title = (Book::TITLE.name().to_owned(), format!("Done {number}").into());
            session.repository("books")?.update_where(&these, &[title]).map(drop)
        }))
    });
    let options = Options { extensions, ..speaking(Language::English) };
    let mut window = open(shop.catalog(), options, SIZE);
    show_books(&mut window);
    click(&mut window, Role::Cell, "Dune");
    let add = window.get_by_role_and_label(Role::Button, "Add filter").rect();
    assert!(add.left() > 208.0, "{add}");
    click(&mut window, Role::Button, "Actions");
    wait_for_text(&mut window, "books, 7");
    click(&mut window, Role::Button, "Do something long to the selected books, 3");
    wait_for(&mut window, Role::Cell, "Done 3");
}

#[test]
fn an_action_has_a_name_in_other_languages() {
    let mut texts = TextSources::new();
    let name = "action-books-Take-out-of-print = Снять с продажи";
    texts.add(Language::Russian, name).unwrap();
    let options = Options { texts, ..speaking(Language::Russian) };
    let mut window = extended(&shop(), options, false);
    show_books(&mut window);
    wait_for_text(&mut window, "Снять с продажи");
}
