//! What a form asks for, as it is written by the window's worker: rows without versions, with cells that
//! are no values of their columns, that are hidden, gone, or changed by triggers.

use admin_gui::form::{ConflictState, FormEvent, Problem, RecordForm};
use admin_gui::i18n::{Language, Texts};
use admin_gui::tasks::Labels;
use diesel::SqliteConnection;
use egui::accesskit::Role;
use egui::{Event, Key};
use egui_kittest::kittest::Queryable as _;
use integration_tests::client::sqlite3;
use integration_tests::{TestDatabase, sqlite};
use persistence::edit::{Applied, Edit};
use persistence::staging::Staging;
use persistence::{Catalog, Database, Entity, Error, Filter, Query, RecordKey, Value};
use window_driver::{
    click, open, open_record, press, speaking, type_into, wait, wait_for, wait_for_text,
    wait_without,
};

diesel::table! {
    tags (code) {
        code -> Text,
        name -> Text,
        rank -> Integer,
        size -> Nullable<Integer>,
        hidden_at -> Nullable<Timestamp>,
    }
}

/// A tag: without a version, hidden when it is deleted, ranked by the database.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = tags)]
struct Tag {
    #[entity(key)]
    code: String,
    #[entity(label, unique)]
    name: String,
    #[entity(generated)]
    rank: i32,
    size: Option<i32>,
    #[entity(deleted)]
    hidden_at: Option<chrono::NaiveDateTime>,
}

/// Positions of a tag's columns.
const CODE: usize = 0;
const NAME: usize = 1;
const RANK: usize = 2;
const SIZE: usize = 3;

fn tags(rows: &str) -> (TestDatabase, Catalog) {
    let place = sqlite();
    place.execute(
        "CREATE TABLE tags (code TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,
             rank INTEGER NOT NULL DEFAULT 5, size INTEGER, hidden_at TIMESTAMP);",
    );
    place.execute(&format!("INSERT INTO tags VALUES {rows}"));
    let database = Database::<SqliteConnection>::open(place.url()).unwrap();
    (place, database.catalog().entity::<Tag>().build())
}

fn stored(place: &TestDatabase) -> Vec<String> {
    let columns = "quote(code) || ' ' || name || ' ' || rank || ' ' || coalesce(size, '-')";
    sqlite3(place, &format!("SELECT {columns} FROM tags ORDER BY name"))
}

/// The form of the one tag that a filter finds.
fn form(catalog: &Catalog, filter: &str) -> RecordForm {
    let mut query = Query::new();
    query.filter = Filter::parse(Tag::meta(), filter).unwrap();
    let found = catalog.session().unwrap().repository("tags").unwrap().list(&query).unwrap();
    let [row] = &found[..] else { panic!("{found:?}") };
    RecordForm::existing(catalog.entry("tags").unwrap().clone(), row.clone(), &Labels::default())
}

fn written(catalog: &Catalog, edits: &[Edit]) -> Result<Applied, Error> {
    let mut session = catalog.session().unwrap();
    let applied = session.apply(edits)?;
    session.commit()?;
    Ok(applied)
}

/// What is to be written of what is typed: as it is staged where the row has a key.
fn edits(catalog: &Catalog, form: &mut RecordForm) -> Vec<Edit> {
    if !form.is_new() && !form.has_key() {
        return Vec::from_iter(form.edit());
    }
    let meta = form.meta();
    let mut staging = Staging::new(catalog.entries());
    let typed = form.take_typed();
    let mut act = staging.act();
    let new = form.is_new().then(|| act.insert(meta).unwrap());
    for (position, value) in typed {
        let column = meta.columns[position].name;
        match &new {
            Some(row) => act.set_new(row, column, value).unwrap(),
            None => act.set(meta, form.base(), column, value).unwrap(),
        }
    }
    act.finish();
    staging.edits().unwrap()
}

/// Saves, and tells the form what came of it.
#[track_caller]
fn save(catalog: &Catalog, form: &mut RecordForm) -> Option<Applied> {
    assert_eq!(form.save(), Some(FormEvent::SaveRequested));
    let edits = edits(catalog, form);
    match written(catalog, &edits) {
        Ok(applied) => {
            let [row] = &applied.rows[..] else { panic!("{applied:?}") };
            form.saved(row.after.clone().unwrap());
            Some(applied)
        }
        Err(error) => {
            form.failed(&error, &Texts::new(Language::English));
            None
        }
    }
}

#[test]
fn the_form_shows_what_a_trigger_makes_of_what_was_typed_and_it_is_taken_back() {
    let (place, catalog) = tags("('a', 'Ada', 1, NULL, NULL)");
    place.execute(
        "CREATE TRIGGER dotted AFTER UPDATE OF size ON tags BEGIN
             UPDATE tags SET name = new.name || '.', rank = new.rank + 1 WHERE code = new.code; END",
    );
    let mut tag = form(&catalog, "code = \"a\"");
    tag.type_text(SIZE, "7");
    let applied = save(&catalog, &mut tag).unwrap();
    assert_eq!(tag.text(NAME), Some("Ada."));
    assert_eq!(tag.value(RANK), Ok(2.into()));
    assert!(!tag.is_dirty());
    assert_eq!(stored(&place), ["'a' Ada. 2 7"]);
    place.execute("DROP TRIGGER dotted");
    written(&catalog, &applied.inverse()).unwrap();
    assert_eq!(stored(&place), ["'a' Ada 1 -"]);
}

#[test]
fn a_new_row_gets_what_the_database_gives_it_and_is_taken_back() {
    let (place, catalog) = tags("('a', 'Ada', 1, NULL, NULL)");
    let mut tag = RecordForm::blank(catalog.entry("tags").unwrap().clone());
    tag.type_text(CODE, "b");
    tag.type_text(NAME, "Bob");
    let applied = save(&catalog, &mut tag).unwrap();
    assert_eq!(tag.value(RANK), Ok(5.into()));
    assert_eq!(tag.key(), Some(RecordKey(vec!["b".into()])));
    assert_eq!(stored(&place), ["'a' Ada 1 -", "'b' Bob 5 -"]);
    assert_eq!(applied.rows[0].growth(), 1);
    written(&catalog, &applied.inverse()).unwrap();
    assert_eq!(stored(&place)[0], "'a' Ada 1 -");
}

#[test]
fn what_the_database_refuses_is_said_at_its_field() {
    let (place, catalog) = tags("('a', 'Ada', 1, NULL, NULL), ('b', 'Bob', 1, NULL, NULL)");
    let mut tag = form(&catalog, "code = \"b\"");
    tag.type_text(NAME, "Ada");
    assert!(save(&catalog, &mut tag).is_none());
    assert_eq!(tag.problem(NAME), Some(&Problem::NotUnique));
    assert_eq!(tag.text(NAME), Some("Ada"));
    // A key that another row has, seen or hidden.
    place.execute("INSERT INTO tags VALUES ('c', 'Cid', 1, NULL, '2026-11-30 12:00:00')");
    for code in ["a", "c"] {
        let mut new = RecordForm::blank(catalog.entry("tags").unwrap().clone());
        new.type_text(CODE, code);
        new.type_text(NAME, "Dan");
        assert!(save(&catalog, &mut new).is_none());
        assert_eq!(new.problem(CODE), Some(&Problem::NotUnique), "{code}");
        assert!(new.is_new());
    }
    assert_eq!(stored(&place), ["'a' Ada 1 -", "'b' Bob 1 -", "'c' Cid 1 -"]);
}

#[test]
fn without_a_version_other_columns_are_taken_over_and_the_same_one_is_asked_about() {
    let (place, catalog) = tags("('a', 'Ada', 1, NULL, NULL)");
    let mut tag = form(&catalog, "code = \"a\"");
    tag.type_text(NAME, "Mine");
    place.execute("UPDATE tags SET size = 3");
    save(&catalog, &mut tag).unwrap();
    assert_eq!(tag.value(SIZE), Ok(3.into()), "what is stored is shown");
    assert_eq!(stored(&place), ["'a' Mine 1 3"]);
    tag.type_text(NAME, "Mine again");
    place.execute("UPDATE tags SET name = 'Theirs', size = 4");
    assert!(save(&catalog, &mut tag).is_none());
    let was = vec![(NAME, Value::from("Mine"), None)];
    let expected = ConflictState::Changed { contested: vec![NAME], taken_over: vec![SIZE], was };
    assert_eq!(tag.conflict(), Some(&expected));
    assert_eq!(tag.text(NAME), Some("Mine again"));
}

#[test]
fn a_row_that_is_gone_is_told_of_and_inserted_again() {
    let (place, catalog) = tags("('a', 'Ada', 1, NULL, NULL)");
    let mut tag = form(&catalog, "code = \"a\"");
    tag.type_text(NAME, "Mine");
    place.execute("DELETE FROM tags");
    assert!(save(&catalog, &mut tag).is_none());
    assert_eq!(tag.conflict(), Some(&ConflictState::Deleted));
    tag.insert_again();
    save(&catalog, &mut tag).unwrap();
    assert_eq!(stored(&place), ["'a' Mine 5 -"]);
}

#[test]
fn a_row_that_is_hidden_is_changed_and_stays_hidden() {
    let (place, catalog) = tags("('a', 'Ada', 1, NULL, '2026-11-30 12:00:00')");
    let mut tag = form(&catalog, "hidden_at is not null");
    tag.type_text(NAME, "Old Ada");
    let applied = save(&catalog, &mut tag).unwrap();
    assert_eq!(stored(&place), ["'a' Old Ada 1 -"]);
    assert_eq!(applied.rows[0].growth(), 0);
    assert_eq!((applied.rows[0].seen_before(), applied.rows[0].seen_after()), (None, None));
    assert_eq!(form(&catalog, "hidden_at is not null").base(), tag.base());
}

#[test]
fn a_cell_that_is_no_value_of_its_column_stays_until_another_takes_its_place() {
    let (place, catalog) = tags("('a', 'Ada', 1, 'big', NULL), (NULL, 'Bob', 1, NULL, NULL)");
    let mut tag = form(&catalog, "name = \"Ada\"");
    tag.type_text(NAME, "Eve");
    save(&catalog, &mut tag).unwrap();
    assert_eq!(stored(&place), ["NULL Bob 1 -", "'a' Eve 1 big"]);
    tag.type_text(SIZE, "8");
    save(&catalog, &mut tag).unwrap();
    assert_eq!(tag.value(SIZE), Ok(8.into()));
    assert_eq!(stored(&place), ["NULL Bob 1 -", "'a' Eve 1 8"]);
    // A key that is none can be typed.
    let mut bob = form(&catalog, "name = \"Bob\"");
    bob.type_text(CODE, "b");
    save(&catalog, &mut bob).unwrap();
    assert_eq!(bob.key(), Some(RecordKey(vec!["b".into()])));
    assert_eq!(stored(&place), ["'b' Bob 1 -", "'a' Eve 1 8"]);
}

#[test]
fn of_two_rows_without_a_key_neither_is_taken_for_the_other() {
    let (place, catalog) = tags("(NULL, 'Ada', 1, NULL, NULL), (NULL, 'Bob', 1, NULL, NULL)");
    for name in ["Ada", "Bob"] {
        let mut tag = form(&catalog, &format!("name = \"{name}\""));
        tag.type_text(NAME, "Eve");
        assert!(save(&catalog, &mut tag).is_none());
    }
    assert_eq!(stored(&place), ["NULL Ada 1 -", "NULL Bob 1 -"]);
}

#[test]
fn what_is_typed_in_a_row_without_a_key_stays_until_it_is_saved() {
    let (place, catalog) = tags("(NULL, 'Ada', 1, NULL, NULL), ('b', 'Bob', 1, NULL, NULL)");
    let mut window = open(catalog, speaking(Language::English), [1380.0, 800.0]);
    wait_for(&mut window, Role::Cell, "Ada");
    click(&mut window, Role::Cell, "Bob");
    window.event(Event::Text("Bea".to_owned()));
    window.step();
    window.step();
    press(&mut window, Key::Enter);
    wait_for_text(&mut window, "1 row changed");
    open_record(&mut window, "Ada");
    wait_for(&mut window, Role::TextInput, "Name");
    window.get_by_role_and_label(Role::TextInput, "Name").focus();
    window.step();
    press(&mut window, Key::End);
    type_into(&mut window, "Name", "!");
    // It is not staged, and all else can be written without it.
    click(&mut window, Role::Button, "Commit");
    wait_for_text(&mut window, "1 row saved");
    assert_eq!(stored(&place), ["NULL Ada 1 -", "'b' Bea 1 -"]);
    click(&mut window, Role::Button, "Close");
    wait_for_text(&mut window, "only kept once it is saved");
    click(&mut window, Role::Button, "Save");
    wait(&mut window, "the name", |_| stored(&place).contains(&"NULL Ada! 1 -".to_owned()));
    click(&mut window, Role::Button, "Close");
    wait_without(&mut window, Role::TextInput, "Name");
}
