//! What is selected are rows, not places: whatever comes, goes or is sorted meanwhile.

use std::collections::BTreeSet;
use std::path::Path;

use admin_gui::i18n::Language;
use diesel::SqliteConnection;
use domain::{Address, Author, Book, NewAddress, NewAuthor, NewBook, NewUser, User};
use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::{Catalog, Database, Filter, Query, Repository, Session};
use proptest::prelude::*;
use window_driver::{
    Window, click, click_with, open, open_record, press, press_with, says, speaking, wait,
    wait_for, wait_for_answers, wait_for_text, wait_without_text,
};

type Sqlite = Database<SqliteConnection>;

fn database(folder: &Path) -> Sqlite {
    let path = folder.join("shop.db");
    let database = Sqlite::builder(path.to_str().unwrap()).create_missing().open().unwrap();
    database.migrate(&domain::MIGRATIONS).unwrap();
    database
}

fn catalog(database: &Sqlite) -> Catalog {
    let builder = database.catalog().entity::<User>().entity::<Address>();
    builder.entity::<Author>().entity::<Book>().build()
}

fn author(name: &str) -> NewAuthor {
    NewAuthor { name: name.to_owned(), born_on: None, biography: None }
}

fn write<T>(database: &Sqlite, work: impl FnOnce(&mut Session<SqliteConnection>) -> T) -> T {
    let mut session = database.session().unwrap();
    let done = work(&mut session);
    session.commit().unwrap();
    done
}

fn authors(database: &Sqlite) -> Vec<Author> {
    let mut session = database.session().unwrap();
    session.list(&Query::new()).unwrap()
}

fn named(names: impl IntoIterator<Item = impl AsRef<str>>) -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let database = database(folder.path());
    write(&database, |session| {
        for name in names {
            let _: Author = session.insert(author(name.as_ref())).unwrap();
        }
    });
    (folder, database)
}

fn window(database: &Sqlite) -> Window {
    let mut window = open(catalog(database), speaking(Language::English), [1380.0, 1000.0]);
    click(&mut window, Role::Button, "Authors");
    wait_for(&mut window, Role::ColumnHeader, "Name");
    window
}

/// The names on the screen from top to bottom, of those that begin so.
fn names(window: &Window) -> Vec<String> {
    let label = |cell: &egui_kittest::Node<'_>| cell.accesskit_node().label().unwrap_or_default();
    let mut found: Vec<_> = window
        .query_all_by_role(Role::Cell)
        .filter(|cell| label(cell).starts_with("Author "))
        .map(|cell| (cell.rect().top(), label(&cell)))
        .collect();
    found.sort_by(|(top, _), (other, _)| top.total_cmp(other));
    found.into_iter().map(|(_, name)| name).collect()
}

/// The names of the rows whose boxes are ticked.
fn ticked(window: &Window) -> BTreeSet<String> {
    let names = names(window).into_iter().enumerate();
    let is_on = |row: usize| {
        let label = format!("Select row {}", row + 1);
        let tick = window.get_by_role_and_label(Role::CheckBox, &label);
        tick.accesskit_node().toggled() == Some(Toggled::True)
    };
    names.filter(|(row, _)| is_on(*row)).map(|(_, name)| name).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn tick(window: &mut Window, name: &str, modifiers: Modifiers) {
    let row = names(window).iter().position(|other| other == name).unwrap() + 1;
    click_with(window, Role::CheckBox, &format!("Select row {row}"), modifiers);
}

fn wait_for_names(window: &mut Window, expected: &[&str]) {
    wait(window, &format!("{expected:?}"), |window| names(window) == expected);
}

#[test]
fn delete_takes_the_ticked_rows_and_says_how_many() {
    let all: Vec<String> = (1..=8).map(|number| format!("Author {number}")).collect();
    let (_folder, database) = named(&all);
    let mut window = window(&database);
    wait(&mut window, "the authors", |window| names(window).len() == 8);
    // The cell cursor stands on another row, whose record is open, too.
    open_record(&mut window, "Author 3");
    wait_for_text(&mut window, "Save");
    press(&mut window, Key::Escape);
    tick(&mut window, "Author 6", Modifiers::NONE);
    tick(&mut window, "Author 7", Modifiers::NONE);
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Authors: delete 2 records?");
    wait_for_text(&mut window, "Author 6 · Author 7");
    wait_for_text(&mut window, "Nothing else refers to them");
    window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap().click();
    wait_for_text(&mut window, "2 rows to be deleted");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "2 rows saved");
    wait_for_names(
        &mut window,
        &["Author 1", "Author 2", "Author 3", "Author 4", "Author 5", "Author 8"],
    );
    let left: Vec<i64> = authors(&database).iter().map(|author| author.id).collect();
    assert_eq!(left, [1, 2, 3, 4, 5, 8]);
    assert!(ticked(&window).is_empty() && !says(&window, "selected"));
}

#[test]
fn a_tick_stays_with_its_row_when_another_goes() {
    let (_folder, database) = named(["Author a", "Author b", "Author c", "Author d"]);
    let mut window = window(&database);
    wait(&mut window, "the authors", |window| names(window).len() == 4);
    tick(&mut window, "Author c", Modifiers::NONE);
    // Another program deletes the first.
    write(&database, |session| Repository::<Author>::delete(session, &1).unwrap());
    press(&mut window, Key::F5);
    wait_for_names(&mut window, &["Author b", "Author c", "Author d"]);
    assert_eq!(ticked(&window), set(&["Author c"]));
    // Sorted the other way round.
    click(&mut window, Role::ColumnHeader, "Name");
    click(&mut window, Role::ColumnHeader, "Name");
    wait_for_names(&mut window, &["Author d", "Author c", "Author b"]);
    assert_eq!(ticked(&window), set(&["Author c"]));
    // The ticked one goes itself: nothing is selected then.
    write(&database, |session| Repository::<Author>::delete(session, &3).unwrap());
    press(&mut window, Key::F5);
    wait_without_text(&mut window, "selected");
    wait_for_names(&mut window, &["Author d", "Author b"]);
    assert!(ticked(&window).is_empty());
}

#[test]
fn the_question_counts_what_goes_along_with_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(folder.path());
    write(&database, |session| {
        for number in 1..=3 {
            let user = NewUser { name: format!("Author {number}"), age: None };
            let user: User = session.insert(user).unwrap();
            for address in 0..number {
                let email_address = format!("{number}.{address}@example.org");
                let address = NewAddress { email_address, user: (&user).into() };
                let _: Address = session.insert(address).unwrap();
            }
        }
    });
    let mut window = open(catalog(&database), speaking(Language::English), [1380.0, 800.0]);
    click(&mut window, Role::Button, "Users");
    wait(&mut window, "the users", |window| names(window).len() == 3);
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    wait_for_text(&mut window, "3 rows selected");
    tick(&mut window, "Author 1", Modifiers::NONE);
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "Users: delete 2 records?");
    wait_for_text(&mut window, "Addresses: 5");
    window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap().click();
    wait_for_text(&mut window, "2 rows to be deleted");
    press_with(&mut window, Modifiers::COMMAND, Key::S);
    wait_for_text(&mut window, "2 rows saved");
    let mut session = database.session().unwrap();
    assert_eq!(Repository::<User>::count(&mut session, &Filter::All).unwrap(), 1);
    assert_eq!(Repository::<Address>::count(&mut session, &Filter::All).unwrap(), 1);
}

#[test]
fn what_is_in_the_way_of_one_of_them_is_in_the_way_of_all() {
    let (_folder, database) = named(["Author a", "Author b"]);
    write(&database, |session| {
        let author: Author = Repository::<Author>::find(session, &2).unwrap().unwrap();
        let book = NewBook {
            title: "Kept".to_owned(),
            author: (&author).into(),
            isbn: None,
            published_on: None,
            price: None,
            in_print: true,
        };
        let _: Book = session.insert(book).unwrap();
    });
    let mut window = window(&database);
    wait(&mut window, "the authors", |window| names(window).len() == 2);
    press_with(&mut window, Modifiers::COMMAND, Key::A);
    press(&mut window, Key::Delete);
    wait_for_text(&mut window, "still refer to them");
    let delete = window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap();
    assert!(delete.accesskit_node().is_disabled());
    press(&mut window, Key::Escape);
    wait_without_text(&mut window, "still refer to them");
    assert_eq!(authors(&database).len(), 2);
}

#[test]
fn a_range_over_rows_that_were_never_seen_is_those_rows() {
    let (_folder, database) = named((0..9_000).map(|number| format!("Author {number:05}")));
    let mut window = window(&database);
    wait_for_text(&mut window, "of 9\u{a0}000");
    open_record(&mut window, "Author 00003");
    wait_for_text(&mut window, "Save");
    // From the fourth row to the last.
    press_with(&mut window, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::End);
    wait_for_text(&mut window, "8\u{a0}997 rows selected");
    press_with(&mut window, Modifiers::NONE, Key::Delete);
    wait_for_text(&mut window, "Authors: delete 8\u{a0}997 records?");
    // What goes along is known: the question stays as it is.
    wait_for_text(&mut window, "Nothing else refers");
    click(&mut window, Role::Button, "Cancel");
    wait_without_text(&mut window, "Nothing else refers");
    // Others delete one of them, and another that is not.
    write(&database, |session| {
        Repository::<Author>::delete(session, &5_000).unwrap();
        Repository::<Author>::delete(session, &1).unwrap();
    });
    press(&mut window, Key::F5);
    wait_for_text(&mut window, "8\u{a0}996 rows selected");
}

/// What is done to the rows, or to the selection of them.
#[derive(Clone, Debug)]
enum Step {
    Tick(prop::sample::Index),
    TickTo(prop::sample::Index),
    TickAll,
    /// By us: all that is ticked.
    Delete,
    /// By another program.
    OthersInsert(u8),
    OthersDelete(prop::sample::Index),
    OthersRename(prop::sample::Index, u8),
    Refresh,
    Sort,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => index().prop_map(Step::Tick),
        3 => index().prop_map(Step::TickTo),
        1 => Just(Step::TickAll),
        1 => Just(Step::Delete),
        3 => any::<u8>().prop_map(Step::OthersInsert),
        3 => index().prop_map(Step::OthersDelete),
        1 => (index(), any::<u8>()).prop_map(|(index, name)| Step::OthersRename(index, name)),
        3 => Just(Step::Refresh),
        2 => Just(Step::Sort),
    ]
}

/// What a person thinks is selected.
#[derive(Clone, Debug)]
enum Thought {
    These(BTreeSet<i64>),
    AllBut(BTreeSet<i64>),
}

impl Thought {
    fn has(&self, id: i64) -> bool {
        match self {
            Self::These(ids) => ids.contains(&id),
            Self::AllBut(ids) => !ids.contains(&id),
        }
    }

    fn put(&mut self, id: i64, is_in: bool) {
        let (Self::These(ids) | Self::AllBut(ids)) = self;
        let _ = ids.remove(&id);
        if is_in == matches!(self, Self::These(_)) {
            let (Self::These(ids) | Self::AllBut(ids)) = self;
            ids.insert(id);
        }
    }
}

/// A row as it was last read by the window.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    id: i64,
    name: String,
}

fn read(database: &Sqlite, sorting: usize) -> Vec<Seen> {
    let order = match sorting {
        0 => Query::<Author>::new(),
        1 => Query::<Author>::new().order(Author::NAME.asc()),
        _ => Query::<Author>::new().order(Author::NAME.desc()),
    };
    let mut session = database.session().unwrap();
    let rows: Vec<Author> = session.list(&order).unwrap();
    rows.into_iter().map(|Author { id, name, .. }| Seen { id, name }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        max_shrink_iters: 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn ticks_are_a_set_of_rows(steps in prop::collection::vec(step(), 1..30)) {
        let (_folder, database) = named((0..12).map(|number| format!("Author {:03}", number * 20)));
        let mut window = window(&database);
        let (mut sorting, mut inserted) = (0, 0);
        let mut seen = read(&database, sorting);
        let mut thought = Thought::These(BTreeSet::new());
        let mut last: Option<(i64, bool)> = None;
        wait(&mut window, "the authors", |window| names(window).len() == 12);
        for step in steps {
            let others = |work: &dyn Fn(&mut Session<SqliteConnection>)| {
                write(&database, |session| work(session));
            };
            match &step {
                Step::Tick(index) if !seen.is_empty() => {
                    let row = index.get(&seen).clone();
                    tick(&mut window, &row.name, Modifiers::NONE);
                    let is_in = !thought.has(row.id);
                    thought.put(row.id, is_in);
                    last = Some((row.id, is_in));
                }
                Step::TickTo(index) if !seen.is_empty() => {
                    let Some((from, is_in)) = last else { continue };
                    let Some(from) = seen.iter().position(|row| row.id == from) else { continue };
                    let to = index.index(seen.len());
                    tick(&mut window, &seen[to].name, Modifiers::SHIFT);
                    for row in &seen[from.min(to)..=from.max(to)] {
                        thought.put(row.id, is_in);
                    }
                }
                Step::TickAll => {
                    press_with(&mut window, Modifiers::COMMAND, Key::A);
                    thought = Thought::AllBut(BTreeSet::new());
                    last = None;
                }
                Step::Delete => {
                    let meant = seen.iter().filter(|row| thought.has(row.id)).count();
                    if meant == 0 || meant == seen.len() {
                        continue;
                    }
                    press(&mut window, Key::Delete);
                    wait(&mut window, "an answer", |window| {
                        says(window, "Nothing else refers") || says(window, "no longer exists")
                    });
                    if says(&window, "Nothing else refers") {
                        window.get_all_by_role_and_label(Role::Button, "Delete").last().unwrap().click();
                        wait_for_text(&mut window, "to be deleted");
                        press_with(&mut window, Modifiers::COMMAND, Key::S);
                        wait_for_answers(&mut window);
                        wait_without_text(&mut window, "to be deleted");
                    }
                    let mut session = database.session().unwrap();
                    let left: Vec<Author> = session.list(&Query::new()).unwrap();
                    prop_assert!(left.iter().all(|author| !thought.has(author.id)
                        || !seen.iter().any(|row| row.id == author.id)), "{:?}: {:?}", step, left);
                    if matches!(thought, Thought::AllBut(_)) {
                        // What others have inserted is one of "all", whether it was seen or not.
                        prop_assert!(left.iter().all(|author| !thought.has(author.id)));
                    }
                }
                Step::OthersInsert(name) => {
                    inserted += 1;
                    let name = format!("Author {name:03}.new {inserted}");
                    others(&|session| {
                        let _: Author = session.insert(author(&name)).unwrap();
                    });
                }
                Step::OthersDelete(index) => {
                    let there = read(&database, 0);
                    if there.len() < 3 {
                        continue;
                    }
                    let id = index.get(&there).id;
                    others(&|session| Repository::<Author>::delete(session, &id).unwrap());
                }
                Step::OthersRename(index, name) => {
                    let there = read(&database, 0);
                    let id = index.get(&there).id;
                    others(&|session| {
                        let mut row: Author = Repository::<Author>::get(session, id).unwrap();
                        row.name = format!("Author {name:03}.{id}");
                        Repository::<Author>::update(session, row).unwrap();
                    });
                }
                Step::Refresh => {
                    press(&mut window, Key::F5);
                    // What others do next is not to be among what is read now.
                    wait_for_answers(&mut window);
                }
                Step::Sort => {
                    click(&mut window, Role::ColumnHeader, "Name");
                    // What others have inserted is counted, and so to be seen to the end, only then.
                    press(&mut window, Key::F5);
                    wait_for_answers(&mut window);
                    sorting = (sorting + 1) % 3;
                    last = None;
                }
                Step::Tick(_) | Step::TickTo(_) => continue,
            }
            if matches!(step, Step::Delete | Step::Refresh | Step::Sort) {
                seen = read(&database, sorting);
                let (Thought::These(ids) | Thought::AllBut(ids)) = &mut thought;
                let is_there = |id: &i64| seen.iter().any(|row| row.id == *id);
                ids.retain(is_there);
                last = last.filter(|(id, _)| is_there(id));
            }
            let expected: Vec<String> = seen.iter().map(|row| row.name.clone()).collect();
            wait(&mut window, &format!("{step:?}: {expected:?}"), |window| names(window) == expected);
            let expected: BTreeSet<String> = seen
                .iter()
                .filter(|row| thought.has(row.id))
                .map(|row| row.name.clone())
                .collect();
            wait(&mut window, &format!("{step:?}: ticks {expected:?}"), |window| {
                ticked(window) == expected
            });
            let count = expected.len();
            if count == 0 {
                wait_without_text(&mut window, "selected");
            } else {
                let plural = if count == 1 { "row" } else { "rows" };
                wait_for_text(&mut window, &format!("{count} {plural} selected"));
            }
        }
    }
}
