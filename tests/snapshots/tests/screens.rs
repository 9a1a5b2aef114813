//! Every screen of the admin, in both themes and both languages.

use std::time::Duration;

use admin_gui::i18n::Language;
use admin_gui::pages::history::HistoryPage;
use admin_gui::pages::query_log::QueryLogPage;
use admin_gui::settings::{DatabaseSettings, EntityLayout, SavedView};
use chrono::{Local, TimeZone};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use domain::{Author, Book};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use persistence::audit::{
    RecordedChange, RecordedColumn, RecordedKind, Transaction, TransactionPage,
};
use persistence::observe::Statement;
use persistence::{Database, Entity, Filter, Memory, RecordKey, Value};
use snapshot_tests::{Look, Screen, shop};

const CTRL: Modifiers = Modifiers::COMMAND;

/// Compares a screen in every look.
#[track_caller]
fn in_every_look(name: &str, arrange: impl Fn(&Memory, Look) -> Screen) {
    compare(name, &Look::all(), arrange);
}

#[track_caller]
fn compare<State: 'static>(
    name: &str,
    looks: &[Look],
    arrange: impl Fn(&Memory, Look) -> Screen<State>,
) {
    let shop = shop().expect("a sample that fits");
    let wrong: Vec<_> = looks
        .iter()
        .filter_map(|look| arrange(&shop, *look).compare(&format!("{name}-{}", look.name())).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn books(shop: &Memory, look: Look) -> Screen {
    let mut screen = Screen::open(shop, look);
    screen.browse::<Book>("Kindred");
    screen
}

/// Rows, and a record with what belongs to it.
fn browsing(shop: &Memory, look: Look) -> Screen {
    let mut screen = Screen::open(shop, look);
    screen.browse::<Author>("Frank Herbert");
    screen.open_record("Frank Herbert");
    screen.wait_for(Role::Link, "Dune Messiah");
    screen
}

#[test]
fn browsing_with_a_record_and_what_belongs_to_it() {
    in_every_look("browsing", browsing);
}

#[test]
fn browsing_in_a_small_window_and_at_other_sizes() {
    let small = Look { size: [900.0, 600.0], ..Look::USUAL };
    let russian = |look: Look| Look { language: Language::Russian, ..look };
    compare("browsing-small", &[small, russian(small)], browsing);
    let far = Look { zoom: 0.75, ..Look::USUAL };
    compare("browsing-zoom-75", &[far, russian(far)], browsing);
    let near = Look { zoom: 2.0, ..Look::USUAL };
    compare("browsing-zoom-200", &[near, russian(near)], books);
}

#[test]
fn a_filter_of_pills_and_the_editor_of_one_more() {
    in_every_look("filter", |shop, look| {
        let mut screen = books(shop, look);
        screen.filter("price >= 10 and published_on between 1960-01-01 and 1990-01-01");
        screen.wait("fewer rows", |screen| !screen.has(Role::Cell, "Neuromancer"));
        screen.click(Role::Button, &screen.say("command-add-filter"));
        screen.type_into(&screen.say("pill-search-columns"), &screen.column::<Book>("author_id"));
        screen.press(Modifiers::NONE, Key::Enter);
        screen.wait_for(Role::Button, &screen.say("pill-apply"));
        screen.type_into(&screen.say("form-search"), "lem");
        screen.wait("fewer authors", |screen| !screen.has(Role::CheckBox, "Аркадий Стругацкий"));
        screen.wait_for(Role::Button, &screen.say("pill-apply"));
        screen.click(Role::CheckBox, "Stanisław Lem");
        screen
    });
}

#[test]
fn the_menu_of_a_column() {
    in_every_look("column-menu", |shop, look| {
        let mut screen = books(shop, look);
        screen.column_menu(&screen.column::<Book>("published_on"));
        screen
    });
}

#[test]
fn the_list_of_columns() {
    in_every_look("columns", |shop, look| {
        let mut screen = books(shop, look);
        screen.click(Role::Button, &screen.say("command-columns"));
        screen.wait_for(Role::CheckBox, &screen.column::<Book>("price"));
        screen
    });
}

#[test]
fn no_row_that_matches() {
    in_every_look("empty", |shop, look| {
        let mut screen = books(shop, look);
        screen.filter("title = \"The Winds of Winter\"");
        screen.wait_for_text(&screen.say("grid-no-match"));
        screen
    });
}

#[test]
fn rows_that_cannot_be_read_again() {
    let folder = tempfile::tempdir().expect("a folder for the databases");
    in_every_look("trouble", |_shop, look| {
        let own = folder.path().join(look.name());
        std::fs::create_dir(&own).expect("a folder of its own");
        let path = own.join("shop.db");
        let url = path.to_str().expect("a path in UTF-8");
        let builder = Database::<SqliteConnection>::builder(url).create_missing();
        let database = builder.open().expect("a new database");
        database.migrate(&domain::MIGRATIONS).expect("an empty database");
        let mut session = database.session().expect("a session");
        domain::sample::stock(&mut session).expect("a sample that fits");
        session.commit().expect("a sample that fits");
        let catalog = database.catalog().entity::<Author>().build();
        let mut screen = Screen::arranged(catalog, look, DatabaseSettings::default());
        screen.browse::<Author>("Frank Herbert");
        let mut direct = SqliteConnection::establish(url).expect("the same database");
        direct.batch_execute("ALTER TABLE authors RENAME TO elsewhere").expect("another name");
        screen.press(Modifiers::NONE, Key::F5);
        screen.wait_for(Role::Link, &screen.say("drift-show-migrations"));
        screen.wait_for(Role::Button, &screen.say("grid-retry"));
        screen
    });
}

/// A bookshop whose last migration is pending, with tables that are not as the entities say.
fn behind(folder: &std::path::Path, look: Look) -> Screen {
    let own = folder.join(look.name());
    std::fs::create_dir(&own).expect("a folder of its own");
    let path = own.join("shop.db");
    let url = path.to_str().expect("a path in UTF-8");
    let builder = Database::<SqliteConnection>::builder(url).create_missing();
    let database = builder.open().expect("a new database");
    let catalog = database.catalog().entity::<Author>().entity::<Book>();
    let catalog = catalog.migrations(&domain::MIGRATIONS).build();
    let migrations = catalog.migrations().expect("the bookshop's");
    let first = migrations.status().expect("an empty database").remove(0).name;
    migrations.run(&first).expect("the tables");
    let mut session = database.session().expect("a session");
    domain::sample::stock(&mut session).expect("a sample that fits");
    session.commit().expect("a sample that fits");
    let mut direct = SqliteConnection::establish(url).expect("the same database");
    let altered = "ALTER TABLE authors ADD COLUMN nickname TEXT;
        ALTER TABLE authors DROP COLUMN born_on;
        ALTER TABLE authors ADD COLUMN born_on INTEGER";
    direct.batch_execute(altered).expect("other columns");
    Screen::arranged(catalog, look, DatabaseSettings::default())
}

#[test]
fn the_migrations_and_what_does_not_fit() {
    let folder = tempfile::tempdir().expect("a folder for the databases");
    in_every_look("migrations", |_shop, look| {
        let mut screen = behind(folder.path(), look);
        screen.click(Role::Button, &screen.say("page-migrations"));
        screen.wait_for(Role::Button, &screen.say("migrations-run"));
        screen
    });
}

#[test]
fn a_table_that_does_not_fit() {
    let folder = tempfile::tempdir().expect("a folder for the databases");
    in_every_look("drifted", |_shop, look| {
        let mut screen = behind(folder.path(), look);
        screen.browse::<Author>("Frank Herbert");
        screen.wait_for(Role::Link, &screen.say("drift-show-migrations"));
        screen
    });
}

#[test]
fn saved_views_in_the_navigation() {
    in_every_look("views", |shop, look| {
        let russian = look.language == Language::Russian;
        // As the window keeps it.
        let kept =
            |filter: &str| Filter::parse(Book::meta(), filter).expect("a filter").to_string();
        let view = |name: [&str; 2], filter: &str, order: &str| SavedView {
            name: name[usize::from(russian)].to_owned(),
            table: Book::meta().table.to_owned(),
            layout: EntityLayout {
                filter: kept(filter),
                order: order.to_owned(),
                ..EntityLayout::default()
            },
        };
        let views = vec![
            view(["Under ten", "До десяти"], "price < 10", "price"),
            view(["Long out of print", "Давно не издаются"], "not in_print", "published_on"),
        ];
        let database = DatabaseSettings { views, ..DatabaseSettings::default() };
        let mut screen = Screen::arranged(shop.catalog(), look, database);
        screen.browse::<Book>("Kindred");
        screen.click(Role::Button, ["Under ten", "До десяти"][usize::from(russian)]);
        screen.wait("fewer rows", |screen| !screen.has(Role::Cell, "Kindred"));
        screen.wait_for_time();
        screen
    });
}

#[test]
fn a_database_in_production() {
    in_every_look("production", |shop, look| {
        let database = DatabaseSettings { is_production: true, ..DatabaseSettings::default() };
        let mut screen = Screen::arranged(shop.catalog(), look, database);
        screen.browse::<Book>("Kindred");
        screen
    });
}

#[test]
fn selected_rows_and_their_sums() {
    in_every_look("selection", |shop, look| {
        let mut screen = books(shop, look);
        screen.press(Modifiers::NONE, Key::ArrowDown);
        for _ in 0..4 {
            screen.press(Modifiers::SHIFT, Key::ArrowDown);
        }
        let price = screen.column::<Book>("price");
        screen.wait("the sums", |screen| screen.says(&format!("{price}: ")));
        screen
    });
}

/// Cells that are staged: one that is wrong, others right, one that is being typed; a row that is to be deleted,
/// and new ones.
fn staged(shop: &Memory, look: Look) -> Screen {
    let mut screen = books(shop, look);
    screen.click(Role::Cell, "Neuromancer");
    screen.press(Modifiers::NONE, Key::Delete);
    screen.wait("the question", |screen| {
        screen.window.query_all_by_role(Role::Dialog).next().is_some()
            && !screen.says(&screen.say("deletion-looking"))
    });
    let delete = screen.say("deletion-delete");
    screen.click(Role::Button, &delete);
    for (title, author) in [("Hyperion", "12"), ("Ubik", "")] {
        screen.press(CTRL, Key::N);
        screen.wait_for(Role::Cell, &screen.say("staged-automatic"));
        screen.type_text(title);
        screen.press(Modifiers::NONE, Key::Tab);
        if !author.is_empty() {
            screen.type_text(author);
            screen.press(Modifiers::NONE, Key::Tab);
        }
    }
    for (cell, text) in [("14.25", "15"), ("11.00", "dear"), ("Roadside Picnic", "Stalker")] {
        screen.click(Role::Cell, cell);
        screen.type_text(text);
        screen.press(Modifiers::NONE, Key::Enter);
    }
    screen.wait_for(Role::Cell, "Stalker");
    screen
}

#[test]
fn cells_that_are_staged() {
    in_every_look("staged", |shop, look| {
        let mut screen = staged(shop, look);
        screen.click(Role::Cell, "Solaris");
        screen.type_text("Солярис");
        screen
    });
}

#[test]
fn the_statements_of_a_commit() {
    in_every_look("review", |shop, look| {
        let mut screen = staged(shop, look);
        screen.press(CTRL | Modifiers::SHIFT, Key::P);
        screen.wait_for(Role::Button, &screen.say("review-copy"));
        screen
    });
}

#[test]
fn the_keys_and_what_a_filter_may_say() {
    in_every_look("help", |shop, look| {
        let mut screen = books(shop, look);
        screen.press(Modifiers::NONE, Key::F1);
        screen.wait_for(Role::TextInput, &screen.say("help-search"));
        screen
    });
}

#[test]
fn what_can_be_typed_next_in_a_filter() {
    in_every_look("completing", |shop, look| {
        let mut screen = books(shop, look);
        screen.press(CTRL, Key::F);
        let line = screen.say("command-filter");
        screen.wait("the line", |screen| {
            let field = screen.window.query_by_role_and_label(Role::TextInput, &line);
            field.is_some_and(|field| field.is_focused())
        });
        screen.type_text("in_print and price ");
        screen.wait("what can be typed", |screen| {
            screen.window.query_all_by_role(Role::ListBoxOption).next().is_some()
        });
        screen.press(Modifiers::NONE, Key::ArrowDown);
        screen
    });
}

#[test]
fn the_dialog_that_exports() {
    in_every_look("export", |shop, look| {
        let mut screen = books(shop, look);
        screen.press(CTRL | Modifiers::SHIFT, Key::E);
        screen.wait_for(Role::Button, &screen.say("export-start"));
        screen.replace(&screen.say("export-path"), "/nowhere/books.csv");
        screen
    });
}

#[test]
fn the_dialog_that_changes_many_rows() {
    in_every_look("bulk", |shop, look| {
        let mut screen = books(shop, look);
        screen.press(CTRL, Key::B);
        for (list, entry) in [
            ("bulk-column", screen.column::<Book>("price")),
            ("bulk-deed", screen.say("bulk-calculate")),
            ("bulk-operator", screen.say("bulk-subtract")),
        ] {
            let list = screen.say(list);
            screen.wait_for(Role::ComboBox, &list);
            screen.click(Role::ComboBox, &list);
            screen.wait_for(Role::Button, &entry);
            screen.click(Role::Button, &entry);
        }
        screen.type_into(&screen.say("bulk-number"), "10");
        screen.wait("all rows", |screen| screen.says("Leave ") || screen.says("Оставить "));
        screen
    });
}

#[test]
fn the_question_before_a_deletion() {
    in_every_look("deletion", |shop, look| {
        let mut screen = browsing(shop, look);
        screen.press(Modifiers::NONE, Key::Delete);
        screen.wait("the question", |screen| {
            screen.window.query_all_by_role(Role::Dialog).next().is_some()
                && !screen.says(&screen.say("deletion-looking"))
        });
        screen
    });
}

#[test]
fn a_value_in_a_large_field() {
    in_every_look("large-field", |shop, look| {
        let mut screen = browsing(shop, look);
        screen.click(Role::Cell, "Polish author of science fiction, essays and satire.");
        screen.press(Modifiers::SHIFT, Key::Enter);
        screen.wait_for_text(&screen.say("large-save"));
        screen.click(Role::Button, &screen.say("large-save"));
        screen.wait_for_text(&screen.say("large-save-now"));
        screen
    });
}

#[test]
fn going_to_anything() {
    in_every_look("palette", |shop, look| {
        let mut screen = books(shop, look);
        screen.press(CTRL, Key::K);
        screen.type_into(&screen.say("command-go-to"), "dun");
        screen.wait_for_text("Dune Messiah");
        let looking = screen.say("palette-looking");
        screen.wait("all that fits", |screen| !screen.says(&looking));
        screen
    });
}

/// A book with something unsaved in a tab of its own.
fn record_tab(shop: &Memory, look: Look) -> Screen {
    let mut screen = books(shop, look);
    screen.open_record("Kindred");
    screen.click(Role::Button, &screen.say("command-open-in-tab"));
    screen.wait_for(Role::Tab, "Kindred");
    screen.replace(&screen.column::<Book>("title"), "Kindred, again");
    screen
}

#[test]
fn records_in_tabs_side_by_side() {
    in_every_look("records", |shop, look| {
        let mut screen = record_tab(shop, look);
        screen.click_with(Role::Link, "Octavia E. Butler", CTRL);
        screen.wait_for(Role::Link, "Kindred");
        screen.press(CTRL, Key::Backslash);
        let title = screen.column::<Book>("title");
        screen.click(Role::Tab, "Kindred");
        screen.wait("both", |screen| {
            screen.has(Role::TextInput, &title) && screen.has(Role::Link, "Kindred")
        });
        screen
    });
}

#[test]
fn the_record_of_a_new_row_in_a_small_window() {
    let small = Look { size: [900.0, 600.0], ..Look::USUAL };
    let russian = Look { language: Language::Russian, ..small };
    compare("record-new", &[small, russian], |shop, look| {
        let mut screen = books(shop, look);
        screen.press(CTRL, Key::N);
        screen.wait_for(Role::Cell, &screen.say("staged-automatic"));
        screen.press(Modifiers::NONE, Key::F4);
        screen.wait_for(Role::TextInput, &screen.column::<Book>("title"));
        screen.press(CTRL, Key::S);
        screen.wait_for_text(&screen.say("problem-required"));
        screen
    });
}

#[test]
fn two_tabs_side_by_side() {
    in_every_look("tabs", |shop, look| {
        let mut screen = books(shop, look);
        screen.click_with(Role::Button, &screen.texts.entity(Author::meta()), CTRL);
        screen.wait_for(Role::Cell, "Frank Herbert");
        screen.press(CTRL, Key::Backslash);
        screen.wait("both", |screen| {
            screen.has(Role::Cell, "Frank Herbert") && screen.has(Role::Cell, "Kindred")
        });
        screen.wait_for_time();
        screen
    });
}

#[test]
fn the_diagram_of_the_schema() {
    in_every_look("diagram", |shop, look| {
        let mut screen = Screen::open(shop, look);
        screen.click(Role::Button, &screen.say("page-diagram"));
        screen.wait_for(Role::Button, &screen.say("diagram-fit"));
        screen
    });
}

#[test]
fn the_overview() {
    in_every_look("overview", |shop, look| {
        let mut screen = Screen::open(shop, look);
        screen.click(Role::Button, &screen.say("page-overview"));
        let entity = screen.texts.entity(Book::meta());
        screen.wait_for(Role::Button, &format!("{entity}: 67"));
        let isbn = screen.column::<Book>("isbn");
        screen.wait_for_text(&format!("{entity}, {isbn}: "));
        let computing = screen.say("overview-computing");
        screen.wait("all figures", |screen| !screen.says(&computing));
        screen
    });
}

#[test]
fn the_statistics_of_a_column() {
    in_every_look("statistics", |shop, look| {
        let mut screen = books(shop, look);
        screen.column_menu(&screen.column::<Book>("price"));
        screen.click(Role::Button, &screen.say("column-statistics"));
        screen.wait_for_text(&screen.say("statistics-mean"));
        screen
    });
}

#[test]
fn the_query_log() {
    compare("query-log", &Look::all(), |_shop, look| {
        let statement = |sql: &str, milliseconds, rows| Statement {
            sql: sql.to_owned(),
            duration: Duration::from_millis(milliseconds),
            rows,
            error: None,
        };
        let page = "SELECT `books`.`id`, `books`.`title`, `books`.`price` FROM `books` WHERE \
                    `books`.`price` >= ? ORDER BY `books`.`title`, `books`.`id` LIMIT ?";
        let mut failed = statement("UPDATE `books` SET `price` = ? WHERE `id` = ?", 12, None);
        failed.error = Some("CHECK constraint failed: price".to_owned());
        let statements = [
            statement("SELECT COUNT(*) FROM `books`", 1, Some(1)),
            statement(page, 4, Some(200)),
            statement("SELECT `authors`.`id`, `authors`.`name` FROM `authors`", 1234, Some(50_000)),
            failed,
        ];
        let mut log = QueryLogPage::default();
        for (minute, statement) in (0..).zip(statements) {
            let at = Local.with_ymd_and_hms(2024, 3, 1, 12, minute, 30).unwrap();
            log.record(statement, None, at);
        }
        let mut screen = Screen::page(look, log, |ui, log, texts| {
            log.show(ui, texts);
        });
        screen.wait_for_text("COUNT(*)");
        let row = screen
            .window
            .query_all_by_role(Role::Button)
            .find(|row| label(row).contains("WHERE `books`"))
            .expect("the page's statement");
        row.click();
        screen.wait_for_text(&screen.say("query-log-no-plan"));
        screen
    });
}

#[test]
fn the_history_and_a_transaction_of_it() {
    compare("history", &Look::all(), |shop, look| {
        let at = |minute| {
            let at = Local.with_ymd_and_hms(2024, 3, 1, 12, minute, 30).unwrap();
            at.naive_utc()
        };
        let transaction = |id: &str, minute, actor: Option<&str>, tables: &[(&str, u64)]| {
            let tables = tables.iter().map(|(table, count)| ((*table).to_owned(), *count));
            Transaction {
                id: id.to_owned(),
                written_at: at(minute),
                actor: actor.map(str::to_owned),
                tables: tables.collect(),
            }
        };
        let change = |kind, key: i64, columns: Vec<RecordedColumn>| RecordedChange {
            id: key,
            transaction: "b".to_owned(),
            written_at: at(40),
            actor: Some("ann".to_owned()),
            table: "books".to_owned(),
            key: RecordKey(vec![Value::Integer(key)]),
            kind,
            columns,
        };
        let column = |name: &str, before: Option<Value>, after: Option<Value>| RecordedColumn {
            name: name.to_owned(),
            before,
            after,
        };
        let mut page = HistoryPage::new(&shop.catalog());
        let transactions = vec![
            transaction("c", 50, Some("bob"), &[("authors", 1)]),
            transaction("b", 40, Some("ann"), &[("books", 4), ("authors", 1)]),
            transaction("a", 30, None, &[("books", 1200), ("authors", 310)]),
        ];
        page.history.ask();
        page.history.take(None, Ok(TransactionPage { transactions, next: Some(7) }));
        let (number, ..) = page.history.toggle("b").expect("it was closed");
        let changes = vec![
            change(
                RecordedKind::Update,
                7,
                vec![
                    column("title", Some("Dune".into()), Some("Dune Messiah".into())),
                    column("isbn", Some(Value::Null), Some("9780441172719".into())),
                    column("in_print", Some(true.into()), Some(false.into())),
                ],
            ),
            change(RecordedKind::Insert, 8, vec![column("title", None, Some("Kindred".into()))]),
            change(RecordedKind::Delete, 9, vec![column("title", Some("Solaris".into()), None)]),
            change(RecordedKind::DeleteWhere { filter: "price > 20".to_owned() }, 10, Vec::new()),
        ];
        page.history.take_changes(number, Ok(changes));
        let mut screen = Screen::page(look, page, |ui, page, texts| {
            page.show(ui, texts, false);
        });
        screen.wait_for_text("Dune Messiah");
        screen
    });
}

fn label(node: &egui_kittest::Node<'_>) -> String {
    use egui_kittest::kittest::NodeT as _;
    node.accesskit_node().label().unwrap_or_default()
}
