//! Edits of rows that the database stores otherwise than they are given, or has stored as no value of
//! their columns.

use integration_tests::office::{City, Country, Department, open};
use persistence::catalog::DynSession;
use persistence::edit::{ColumnEdit, Edit, EditKind, NewValue};
use persistence::{Entity, Error, Filter, Query, Record, Value};

use super::by_name::{catalog, names};
use super::edits::department_edit;

#[test]
fn a_row_with_an_odd_cell_is_marked_as_deleted_and_shown_again() {
    let place = integration_tests::sqlite();
    let catalog = catalog(&open::<integration_tests::SqliteConnection>(&place));
    place.execute(
        "INSERT INTO countries VALUES ('DE', 'Germany');
         INSERT INTO cities VALUES (1, x'ff', 'DE', NULL, 1), (2, 'Bonn', 'DE', '2026-11-30 12:00:00', 1)",
    );
    let mut session = catalog.session().unwrap();
    let mark = City::meta().position("deleted_at").unwrap();
    let day = |day: u32| Value::Timestamp(format!("2026-11-{day:02}T12:00:00").parse().unwrap());
    let read = |session: &mut dyn DynSession, filter: &str| {
        let mut query = Query::new();
        query.filter = Filter::parse(City::meta(), filter).unwrap();
        session.repository("cities").unwrap().list(&query).unwrap()
    };
    let odd = read(&mut *session, "id = 1").remove(0);
    let mut marked = odd.clone();
    marked.set(mark, day(1));
    let edit = |before: &Record, after: &Record| {
        Edit::between(City::meta(), Some(before), Some(after)).unwrap()
    };
    let undo = session.apply(&[edit(&odd, &marked)]).unwrap().inverse();
    session.commit().unwrap();
    assert!(read(&mut *session, "id = 1").is_empty());
    session.apply(&undo).unwrap();
    session.commit().unwrap();
    assert_eq!(read(&mut *session, "id = 1")[0].value(1), odd.value(1));

    // A row that was hidden before, and is so again, at another time.
    let hidden = read(&mut *session, "id = 2 and deleted_at is not null").remove(0);
    let mut later = hidden.clone();
    later.set(mark, day(2));
    let undo = session.apply(&[edit(&hidden, &later)]).unwrap().inverse();
    session.apply(&undo).unwrap();
    session.commit().unwrap();
    let found = read(&mut *session, "id = 2 and deleted_at is not null").remove(0);
    assert_eq!(found.value(mark), hidden.value(mark));
}

#[test]
fn what_a_trigger_makes_of_a_row_is_what_is_stored_and_is_taken_back() {
    let place = integration_tests::sqlite();
    let catalog = catalog(&open::<integration_tests::SqliteConnection>(&place));
    place.execute(
        "CREATE TRIGGER renamed AFTER UPDATE ON countries WHEN new.name NOT LIKE '%!'
             BEGIN UPDATE countries SET name = new.name || '!' WHERE code = new.code; END;
         CREATE TRIGGER named AFTER INSERT ON countries
             BEGIN UPDATE countries SET name = new.name || '!' WHERE code = new.code; END;
         INSERT INTO countries VALUES ('DE', 'Germany');
         UPDATE countries SET name = 'Germany'",
    );
    let row = |code: &str, name: &str| Record(vec![code.into(), name.into()]);
    let edit = |before: Option<&Record>, after: Option<&Record>| {
        Edit::between(Country::meta(), before, after).unwrap()
    };
    let before = row("DE", "Germany!");
    let edits = [
        edit(Some(&before), Some(&row("DE", "Allemagne"))),
        edit(None, Some(&row("FR", "France"))),
    ];
    let mut session = catalog.session().unwrap();
    let applied = session.apply(&edits).unwrap();
    session.commit().unwrap();
    let mut stored: Vec<_> = applied.rows.iter().map(|row| row.after.clone().unwrap()).collect();
    stored.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(stored, [row("DE", "Allemagne!"), row("FR", "France!")]);
    let mut other = catalog.session().unwrap();
    for session in [&mut session, &mut other] {
        session.apply(&applied.inverse()).unwrap();
        assert_eq!(
            session.repository("countries").unwrap().list(&Query::new()).unwrap(),
            std::slice::from_ref(&before)
        );
        session.rollback().unwrap();
    }
}

#[test]
fn a_value_is_as_it_was_given_where_the_database_stores_it_so() {
    let place = integration_tests::postgres();
    let catalog = catalog(&open::<diesel::PgConnection>(&place));
    // Texts are filled up with blanks.
    place.execute("ALTER TABLE departments ALTER COLUMN name TYPE char(10)");
    let mut session = catalog.session().unwrap();
    session.apply(&[department_edit("Sales")]).unwrap();
    session.commit().unwrap();
    let stored = session.repository("departments").unwrap().list(&Query::new()).unwrap().remove(0);
    assert_eq!(stored.value(1), &"Sales     ".into());
    let with = |name: &str| {
        let mut row = stored.clone();
        row.set(1, name.into());
        row
    };
    let edit = |before: &Record, after: Option<&Record>| {
        Edit::between(Department::meta(), Some(before), after).unwrap()
    };
    let refused = session.apply(&[edit(&with("Stores"), Some(&with("Other")))]);
    let Err(Error::Conflict(conflict)) = refused else { panic!("it was not that") };
    assert_eq!(conflict.theirs, Some(stored.clone()));
    let undo = session.apply(&[edit(&with("Sales"), Some(&with("Other")))]).unwrap();
    assert_eq!(undo.rows[0].after.as_ref().unwrap().value(1), &"Other     ".into());
    session.apply(&undo.inverse()).unwrap();
    let stored = session.repository("departments").unwrap().list(&Query::new()).unwrap().remove(0);
    let mut known = stored.clone();
    known.set(1, "Sales".into());
    session.apply(&[edit(&known, None)]).unwrap();
    assert!(session.repository("departments").unwrap().list(&Query::new()).unwrap().is_empty());
}

#[test]
fn a_later_edit_of_a_row_is_compared_with_what_is_stored_by_then() {
    let place = integration_tests::postgres();
    let catalog = catalog(&open::<diesel::PgConnection>(&place));
    place.execute(
        "ALTER TABLE departments ALTER COLUMN name TYPE char(10);
         ALTER TABLE orders ALTER COLUMN number TYPE char(10)",
    );
    let mut session = catalog.session().unwrap();
    for (table, column) in [("departments", "name"), ("orders", "number")] {
        let columns = vec![(column.into(), NewValue::Known("first".into()))];
        let new = Edit { table: table.into(), kind: EditKind::Insert { row: 1, columns } };
        let new = session.apply(&[new]).unwrap().rows.remove(0).after.unwrap();
        let meta = session.repository(table).unwrap().meta();
        let key = meta.key_of(&new);
        let renamed = |before: &str, after: &str| Edit {
            table: table.into(),
            kind: EditKind::Update {
                key: key.clone(),
                version: None,
                columns: vec![ColumnEdit {
                    column: column.into(),
                    before: before.into(),
                    after: NewValue::Known(after.into()),
                }],
            },
        };
        let edits = [renamed("first     ", "second"), renamed("second    ", "third")];
        let applied = session.apply(&edits).unwrap();
        let after = applied.rows[0].after.as_ref().unwrap();
        assert_eq!(after.value(1), &"third     ".into(), "{table}");
        session.apply(&applied.inverse()).unwrap();
        let columns = vec![(column.into(), "fourth    ".into())];
        let kind = EditKind::Delete { key: key.clone(), version: None, columns };
        let deletion = Edit { table: table.into(), kind };
        session.apply(&[renamed("first", "fourth"), deletion]).unwrap();
        assert_eq!(session.repository(table).unwrap().count(&Filter::All).unwrap(), 0);
    }
}

#[test]
fn a_key_is_told_as_the_database_stores_it() {
    let place = integration_tests::postgres();
    let catalog = catalog(&open::<diesel::PgConnection>(&place));
    place.execute(
        "ALTER TABLE cities DROP CONSTRAINT cities_country_code_fkey;
         ALTER TABLE countries ALTER COLUMN code TYPE char(4)",
    );
    let row = |code: &str, name: &str| Record(vec![code.into(), name.into()]);
    let edit = |before: Option<&Record>, after: &Record| {
        Edit::between(Country::meta(), before, Some(after)).unwrap()
    };
    let mut session = catalog.session().unwrap();
    let applied = session.apply(&[edit(None, &row("DE", "Germany"))]).unwrap();
    session.commit().unwrap();
    let stored = row("DE  ", "Germany");
    assert_eq!(applied.rows[0].after.as_ref(), Some(&stored));
    let mut other = catalog.session().unwrap();
    let renamed = other.apply(&[edit(Some(&stored), &row("DE  ", "Allemagne"))]).unwrap();
    let rekeyed = edit(renamed.rows[0].after.as_ref(), &row("FR", "France"));
    let rekeyed = other.apply(&[rekeyed]).unwrap();
    assert_eq!(rekeyed.rows[0].after.as_ref(), Some(&row("FR  ", "France")));
    for applied in [rekeyed, renamed, applied] {
        other.apply(&applied.inverse()).unwrap();
    }
    other.commit().unwrap();
    assert!(names(&catalog, "countries").is_empty());
}

#[test]
fn a_row_whose_key_is_no_value_of_its_column_is_mended() {
    let place = integration_tests::sqlite();
    let catalog = catalog(&open::<integration_tests::SqliteConnection>(&place));
    place.execute(
        "DROP TABLE countries; CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL);
         INSERT INTO countries VALUES (NULL, 'Germany'), (x'ff', 'France'), ('IT', 'Italy')",
    );
    let mut session = catalog.session().unwrap();
    let rows = session.repository("countries").unwrap().list(&Query::new()).unwrap();
    let edits: Vec<Edit> = rows
        .iter()
        .map(|row| {
            let mut mended = row.clone();
            let code: String = row.value(1).to_string().chars().take(2).collect();
            mended.set(0, code.to_uppercase().into());
            mended.set(1, format!("{}!", row.value(1)).into());
            Edit::between(Country::meta(), Some(row), Some(&mended)).unwrap()
        })
        .collect();
    session.apply(&edits).unwrap();
    session.commit().unwrap();
    let mut stored = names(&catalog, "countries");
    stored.sort();
    assert_eq!(stored, ["France!", "Germany!", "Italy!"]);
    let keys = session.repository("countries").unwrap().list(&Query::new()).unwrap();
    let mut keys: Vec<String> = keys.iter().map(|row| row.value(0).to_string()).collect();
    keys.sort();
    assert_eq!(keys, ["FR", "GE", "IT"]);
}
