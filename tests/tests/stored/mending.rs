//! A cell that is no value of its column is overwritten like any other, guarded like any other.

use diesel::SqliteConnection;
use domain::{Author, Book};
use integration_tests::command;
use persistence::edit::{Edit, EditKind, NewValue};
use persistence::{Database, Entity as _, Error, Filter, Query, RawValue, Record, Value};

use integration_tests::client::sqlite3;

/// A bookshop of a hundred authors, a book each; one of whom was born on a day nobody can read.
fn bookshop() -> command::Bindery {
    let shop = command::on_sqlite();
    shop.database.execute(
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100)
         INSERT INTO authors (id, name) SELECT n, 'Author ' || n FROM number;
         INSERT INTO books (title, author_id) SELECT 'Book ' || id, id FROM authors;
         UPDATE authors SET born_on = '02/03/2001' WHERE id = 7",
    );
    shop
}

fn author(catalog: &persistence::Catalog, id: i64) -> Record {
    let mut session = catalog.session().unwrap();
    let mut authors = session.repository("authors").unwrap();
    authors.find(&id.into()).unwrap().unwrap()
}

#[test]
fn an_odd_cell_is_mended_through_a_catalog() {
    let shop = bookshop();
    let database = Database::<SqliteConnection>::open(shop.database.url()).unwrap();
    let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
    let born = Author::meta().position("born_on").unwrap();
    let base = author(&catalog, 7);
    assert_eq!(base.value(born), &Value::Raw(RawValue::Text("02/03/2001".into())));

    let mut session = catalog.session().unwrap();
    let mut authors = session.repository("authors").unwrap();
    assert_eq!(authors.list(&Query::new()).unwrap().len(), 100);
    let odd = Filter::equals("born_on", base.value(born).clone());
    assert_eq!(authors.count(&odd).unwrap(), 1);

    let mut mine = base.clone();
    mine.set(born, Value::Text("tomorrow".into()));
    let refused = authors.update_from(&base, mine.clone());
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    mine.set(born, Value::Date("2001-03-02".parse().unwrap()));
    let mended = authors.update_from(&base, mine.clone()).unwrap();
    assert_eq!(mended.value(born), mine.value(born));
    drop(authors);
    session.commit().unwrap();
    assert_eq!(sqlite3(&shop.database, "SELECT born_on FROM authors WHERE id = 7"), ["2001-03-02"]);
}

#[test]
fn an_odd_cell_that_somebody_else_mends_meanwhile_is_a_conflict() {
    let shop = bookshop();
    let database = Database::<SqliteConnection>::open(shop.database.url()).unwrap();
    let catalog = database.catalog().entity::<Author>().build();
    let born = Author::meta().position("born_on").unwrap();
    let base = author(&catalog, 7);
    shop.database.execute("UPDATE authors SET born_on = '1999-01-01' WHERE id = 7");
    let mut mine = base.clone();
    mine.set(born, Value::Date("2001-03-02".parse().unwrap()));
    let mut session = catalog.session().unwrap();
    let result = session.repository("authors").unwrap().update_from(&base, mine);
    let Err(Error::Conflict(conflict)) = result else { panic!("{result:?}") };
    assert_eq!(conflict.base, Some(base));
    assert_eq!(conflict.theirs.unwrap().value(born), &Value::Date("1999-01-01".parse().unwrap()));
}

#[test]
fn a_row_with_an_odd_cell_is_written_only_as_it_was_read() {
    let shop = bookshop();
    let database = Database::<SqliteConnection>::open(shop.database.url()).unwrap();
    let catalog = database.catalog().entity::<Author>().build();
    let (name, biography) =
        (Author::meta().position("name").unwrap(), Author::meta().position("biography").unwrap());
    let base = author(&catalog, 7);
    // Who writes past us does not count the version up.
    shop.database.execute("UPDATE authors SET name = 'AUTHOR 7' WHERE id = 7");
    let mut session = catalog.session().unwrap();
    let mut authors = session.repository("authors").unwrap();
    let mut mine = base.clone();
    mine.set(name, "Mine".into());
    assert!(matches!(authors.update_from(&base, mine), Err(Error::Conflict(_))));
    assert!(matches!(authors.delete_from(&base), Err(Error::Conflict(_))));
    // Another column merges, and the rules hold for what is written.
    let mut mine = base.clone();
    mine.set(biography, "Short".into());
    let merged = authors.update_from(&base, mine).unwrap();
    assert_eq!(merged.value(name), &Value::from("AUTHOR 7"));
    let mut nameless = merged.clone();
    nameless.set(name, "".into());
    assert!(matches!(authors.update_from(&merged, nameless), Err(Error::Invalid(_))));
    authors.delete_from(&merged).unwrap_err();
    drop(authors);
    session.rollback().unwrap();
}

#[test]
fn edits_mend_a_row_beside_others_and_delete_one_that_was_not_mended() {
    let shop = bookshop();
    shop.database.execute("UPDATE authors SET born_on = 'later' WHERE id IN (8, 9)");
    let database = Database::<SqliteConnection>::open(shop.database.url()).unwrap();
    let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
    let position = |column: &str| Author::meta().position(column).unwrap();
    let with = |row: &Record, column: &str, value: Value| {
        let mut other = row.clone();
        other.set(position(column), value);
        other
    };
    let edit = |before: &Record, after: Option<&Record>| {
        Edit::between(Author::meta(), Some(before), after).unwrap()
    };
    let [six, seven, eight, nine] = [6, 7, 8, 9].map(|id| author(&catalog, id));
    let mut session = catalog.session().unwrap();
    session
        .repository("books")
        .unwrap()
        .delete_where(&Filter::equals("author_id", 9.into()))
        .unwrap();
    session.commit().unwrap();
    let day = Value::Date("2001-03-02".parse().unwrap());
    let edits = [
        edit(&six, Some(&with(&six, "name", "Six".into()))),
        edit(&seven, Some(&with(&seven, "born_on", day.clone()))),
        // Another column of an odd row: the odd cell stays as it is.
        edit(&eight, Some(&with(&eight, "name", "Eight".into()))),
        edit(&nine, None),
    ];
    // As a file has them.
    let edits: Vec<Edit> = serde_json::from_str(&serde_json::to_string(&edits).unwrap()).unwrap();
    let inverse = session.apply(&edits).unwrap().inverse();
    session.commit().unwrap();
    let stored = "SELECT id || ' ' || name || ' ' || coalesce(born_on, '') FROM authors WHERE id BETWEEN 6 AND 9";
    let after = ["6 Six ", "7 Author 7 2001-03-02", "8 Eight later"];
    assert_eq!(sqlite3(&shop.database, stored), after);

    // What nobody could write is not written again: not at all.
    let refused = session.apply(&inverse);
    let Err(Error::Invalid(invalid)) = refused else { panic!("{refused:?}") };
    assert_eq!(invalid.errors[0].field, "born_on");
    session.rollback().unwrap();
    assert_eq!(sqlite3(&shop.database, stored), after);
    // What is left odd does not keep the rest from being taken back.
    let is_readable = |edit: &&Edit| edit.key(Author::meta()) == Some(8.into());
    let back: Vec<Edit> = inverse.iter().filter(is_readable).cloned().collect();
    session.apply(&back).unwrap();
    session.commit().unwrap();
    assert_eq!(sqlite3(&shop.database, stored)[2], "8 Author 8 later");
}

#[test]
fn an_edit_of_an_odd_row_is_written_only_over_what_it_was_made_of() {
    let shop = bookshop();
    let database = Database::<SqliteConnection>::open(shop.database.url()).unwrap();
    let catalog = database.catalog().entity::<Author>().build();
    let base = author(&catalog, 7);
    let mut mine = base.clone();
    let born = Author::meta().position("born_on").unwrap();
    mine.set(born, Value::Date("2001-03-02".parse().unwrap()));
    let edit = Edit::between(Author::meta(), Some(&base), Some(&mine)).unwrap();
    shop.database.execute("UPDATE authors SET born_on = '03/02/2001' WHERE id = 7");
    let mut session = catalog.session().unwrap();
    let Err(Error::Conflict(conflict)) = session.apply(&[edit]) else { panic!("a conflict") };
    let theirs = conflict.theirs.unwrap();
    assert_eq!(theirs.value(born), &Value::Raw(RawValue::Text("03/02/2001".into())));
}

#[test]
fn an_odd_row_moves_to_a_new_one_and_goes_before_what_it_refers_to() {
    let shop = bookshop();
    // A book that cannot be read, and its author: one goes along with the other, or moves to a new one.
    shop.database.execute(
        "UPDATE authors SET born_on = NULL; UPDATE books SET published_on = 'spring' WHERE author_id IN (5, 6)",
    );
    let database = Database::<SqliteConnection>::open(shop.database.url()).unwrap();
    let catalog = database.catalog().entity::<Author>().entity::<Book>().build();
    let mut session = catalog.session().unwrap();
    let [five, six] = [5, 6].map(|id| author(&catalog, id));
    let mut books = |id: i64| {
        let mut query = Query::new();
        query.filter = Filter::equals("author_id", id.into());
        session.repository("books").unwrap().list(&query).unwrap().remove(0)
    };
    let [of_five, of_six] = [books(5), books(6)];
    let mut moved = of_five.clone();
    let position = Book::meta().position("author_id").unwrap();
    moved.set(position, Value::Integer(1_000));
    let new: Edit = serde_json::from_str(
        r#"{ "table": "authors", "kind": { "insert": { "row": 1,
             "columns": [["name", { "known": { "text": "New" } }]] } } }"#,
    )
    .unwrap();
    let mut to_new = Edit::between(Book::meta(), Some(&of_five), Some(&moved)).unwrap();
    let EditKind::Update { columns, .. } = &mut to_new.kind else { panic!("an update") };
    columns[0].after = NewValue::KeyOf { table: "authors".into(), row: 1 };
    let gone = Edit::between(Book::meta(), Some(&of_six), None).unwrap();
    let author_gone = |row: &Record| Edit::between(Author::meta(), Some(row), None).unwrap();
    session.apply(&[new, to_new, author_gone(&five), gone, author_gone(&six)]).unwrap();
    session.commit().unwrap();
    let stored =
        "SELECT a.name || ' ' || b.published_on FROM books b JOIN authors a ON a.id = b.author_id
                  WHERE b.published_on = 'spring'";
    assert_eq!(sqlite3(&shop.database, stored), ["New spring"]);
    assert_eq!(sqlite3(&shop.database, "SELECT count(*) FROM authors WHERE id IN (5, 6)"), ["0"]);
}

#[test]
fn a_check_of_values_counts_those_that_are_none_of_their_column() {
    let shop = bookshop();
    assert_eq!(shop.succeeds(&["check"]), "");
    shop.database.execute("UPDATE authors SET born_on = '' WHERE id = 99");
    let answer = shop.run(&["check", "--values"]);
    assert_eq!(answer.code, 3, "{answer:?}");
    assert_eq!(
        answer.stdout,
        "authors.born_on: 2 values are not a date like 2024-12-31, first `02/03/2001` in the row 7\n"
    );
}

#[test]
fn commands_list_and_export_every_row_and_say_what_is_odd() {
    let shop = bookshop();
    let listed = shop.succeeds(&["list", "authors", "--limit", "1000"]);
    assert!(listed.contains("02/03/2001"), "{listed}");
    assert!(listed.contains("Author 100"), "{listed}");
    let books = shop.succeeds(&["list", "books", "--limit", "1000"]);
    assert!(books.contains("Book 100"), "{books}");
    for file in ["authors.csv", "authors.json", "authors.jsonl", "authors.sql", "authors.xlsx"] {
        shop.succeeds(&["export", "authors", "--output", file]);
    }
    let csv = shop.read("authors.csv");
    assert_eq!(csv.lines().count(), 101, "{csv}");
    assert!(csv.contains("02/03/2001"), "{csv}");
    let json: serde_json::Value = serde_json::from_str(&shop.read("authors.json")).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 100);
    assert_eq!(json[6]["born_on"], serde_json::json!({ "unreadable": "02/03/2001" }));
    assert_eq!(shop.read("authors.jsonl").lines().count(), 100);
    assert!(shop.read("authors.sql").contains("'02/03/2001'"));
}
