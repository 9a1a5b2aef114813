//! What rows say of a commit that was interrupted, whatever others have written since.

use integration_tests::office::{City, Country, Department, open};
use persistence::edit::{Edit, EditKind, NewValue, Written};
use persistence::staging::{Outcome, interrupted};
use persistence::{Catalog, Entity as _, EntityMeta, Record, Value};

use super::committing::{catalog, rows};

fn added(catalog: &Catalog, table: &str, columns: &[(&str, Value)]) -> Record {
    let mut session = catalog.session().unwrap();
    let columns: Vec<_> =
        columns.iter().map(|(name, value)| (*name, value.clone().into())).collect();
    let row = session.add(table, &columns).unwrap();
    session.commit().unwrap();
    session.row(row).unwrap()
}

fn inserted(table: &'static str, columns: &[(&'static str, Value)]) -> Edit {
    let columns = columns.iter();
    let columns = columns.map(|(name, value)| ((*name).into(), NewValue::Known(value.clone())));
    let kind = EditKind::Insert { row: 1, columns: columns.collect() };
    Edit { table: table.into(), kind }
}

fn named(meta: &'static EntityMeta, row: &Record, name: &str) -> Edit {
    let mut after = row.clone();
    after.set(1, name.into());
    Edit::between(meta, Some(row), Some(&after)).unwrap()
}

fn deleted(meta: &'static EntityMeta, row: &Record) -> Edit {
    Edit::between(meta, Some(row), None).unwrap()
}

/// Applies edits, and is interrupted after the commit or before it.
fn written(catalog: &Catalog, edits: &[Edit], is_committed: bool) -> Vec<Written> {
    let mut session = catalog.writing_session().unwrap();
    let applied = session.apply(edits).unwrap();
    if is_committed {
        session.commit().unwrap();
    }
    applied.rows
}

fn outcome(catalog: &Catalog, rows: &[Written]) -> Outcome {
    let mut session = catalog.writing_session().unwrap();
    interrupted(rows, &mut *session).unwrap()
}

fn committed(catalog: &Catalog, edits: &[Edit]) {
    written(catalog, edits, true);
}

const NAME: &str = "name";

integration_tests::on_every_engine! {
    fn rows_that_nobody_else_writes_tell<Engine>(place) {
        let catalog = catalog(&open::<Engine>(&place));
        for (round, is_committed) in [false, true].into_iter().enumerate() {
            let expected = if is_committed { Outcome::Committed } else { Outcome::NotCommitted };
            let name = |what: &str| format!("{what} {round}");
            let row = added(&catalog, "departments", &[(NAME, name("first").into())]);
            let update = named(Department::meta(), &row, &name("second"));
            let rows = written(&catalog, &[update], is_committed);
            assert_eq!(outcome(&catalog, &rows), expected, "an update");
            let insert = inserted("departments", &[(NAME, name("third").into())]);
            let rows = written(&catalog, &[insert], is_committed);
            assert_eq!(outcome(&catalog, &rows), expected, "an insert");
            let row = added(&catalog, "departments", &[(NAME, name("fourth").into())]);
            let rows = written(&catalog, &[deleted(Department::meta(), &row)], is_committed);
            assert_eq!(outcome(&catalog, &rows), expected, "a deletion");
            let code = format!("C{round}");
            added(&catalog, "countries", &[("code", code.as_str().into()), (NAME, "x".into())]);
            let columns = [(NAME, name("Ulm").into()), ("country_code", code.as_str().into())];
            let city = added(&catalog, "cities", &columns);
            let rows = written(&catalog, &[deleted(City::meta(), &city)], is_committed);
            assert_eq!(outcome(&catalog, &rows), expected, "a deletion that only marks");
        }
        assert_eq!(outcome(&catalog, &[]), Outcome::Unknown);
    }

    fn a_row_that_others_have_changed_elsewhere_tells_by_its_columns<Engine>(place) {
        let catalog = catalog(&open::<Engine>(&place));
        let other = added(&catalog, "departments", &[(NAME, "other".into())]);
        let head = |row: &Record, version: i64| {
            place.execute(&format!(
                "UPDATE departments SET head_id = NULL, version = {version} WHERE id = {}",
                row.value(0),
            ));
        };
        for is_committed in [false, true] {
            let name = format!("first {is_committed}");
            let row = added(&catalog, "departments", &[(NAME, name.as_str().into())]);
            let update = named(Department::meta(), &row, &format!("second {is_committed}"));
            let rows = written(&catalog, &[update], is_committed);
            head(&row, 9);
            let expected = if is_committed { Outcome::Committed } else { Outcome::NotCommitted };
            assert_eq!(outcome(&catalog, &rows), expected);
            // A row that is certain counts for more than one that others have written.
            let all = [rows, written(&catalog, &[named(Department::meta(), &other, "x")], false)];
            assert_eq!(outcome(&catalog, &all.concat()), Outcome::NotCommitted);
        }
    }

    fn a_row_that_others_have_changed_as_well_tells_nothing<Engine>(place) {
        let catalog = catalog(&open::<Engine>(&place));
        for is_committed in [false, true] {
            let name = format!("first {is_committed}");
            let row = added(&catalog, "departments", &[(NAME, name.as_str().into())]);
            let update = named(Department::meta(), &row, &format!("second {is_committed}"));
            let insert = inserted("departments", &[(NAME, format!("new {is_committed}").into())]);
            let rows = written(&catalog, &[update, insert], is_committed);
            let now = catalog.session().unwrap().repository("departments").unwrap()
                .find(&Department::meta().key_of(&row)).unwrap().unwrap();
            committed(&catalog, &[named(Department::meta(), &now, &format!("third {is_committed}"))]);
            let update: Vec<_> =
                rows.iter().filter(|row| row.before.is_some()).cloned().collect();
            assert_eq!(outcome(&catalog, &update), Outcome::Unknown);
            let expected = if is_committed { Outcome::Committed } else { Outcome::NotCommitted };
            assert_eq!(outcome(&catalog, &rows), expected, "the other row does");
        }
    }

    fn a_row_that_others_have_deleted_counts_only_among_deletions<Engine>(place) {
        let catalog = catalog(&open::<Engine>(&place));
        let one = added(&catalog, "departments", &[(NAME, "one".into())]);
        let two = added(&catalog, "departments", &[(NAME, "two".into())]);
        let meta = Department::meta();
        let edits = [deleted(meta, &one), deleted(meta, &two)];
        let deletions = written(&catalog, &edits, false);
        let update = [deleted(meta, &one), named(meta, &two, "three")];
        let update = written(&catalog, &update, false);
        committed(&catalog, &[deleted(meta, &one)]);
        assert_eq!(outcome(&catalog, &deletions), Outcome::NotCommitted, "the other is there");
        assert_eq!(outcome(&catalog, &update), Outcome::NotCommitted);
        committed(&catalog, &[deleted(meta, &two)]);
        assert_eq!(outcome(&catalog, &deletions), Outcome::Committed, "it is as if it had been");
        assert_eq!(outcome(&catalog, &update), Outcome::Unknown);
    }

    fn an_inserted_row_that_is_gone_says_that_it_was_never_there<Engine>(place) {
        let catalog = catalog(&open::<Engine>(&place));
        let sales = added(&catalog, "departments", &[(NAME, "Sales".into())]);
        let meta = Department::meta();
        let insert = inserted("departments", &[(NAME, "Stores".into())]);
        let rows_written = written(&catalog, &[insert, named(meta, &sales, "Trade")], true);
        let stores = rows(&catalog, "departments").into_iter().find(|row| *row.value(1) == "Stores".into());
        committed(&catalog, &[deleted(meta, &stores.unwrap())]);
        assert_eq!(outcome(&catalog, &rows_written), Outcome::Committed, "the other row is certain");
        let inserted: Vec<_> =
            rows_written.into_iter().filter(|row| row.before.is_none()).collect();
        assert_eq!(outcome(&catalog, &inserted), Outcome::NotCommitted);
    }

    fn keys_that_change_hands_are_told_apart<Engine>(place) {
        let catalog = catalog(&open::<Engine>(&place));
        for is_committed in [false, true] {
            let country = |code: &str, name: &str| {
                let code = format!("{code}{}", u8::from(is_committed));
                added(&catalog, "countries", &[("code", code.into()), (NAME, name.into())])
            };
            let (one, two) = (country("A", "one"), country("B", "two"));
            let mut moved = one.clone();
            moved.set(0, format!("C{}", u8::from(is_committed)).into());
            let mut into_its_place = two.clone();
            into_its_place.set(0, one.value(0).clone());
            let edits = [
                Edit::between(Country::meta(), Some(&one), Some(&moved)).unwrap(),
                Edit::between(Country::meta(), Some(&two), Some(&into_its_place)).unwrap(),
            ];
            let rows = written(&catalog, &edits, is_committed);
            let expected = if is_committed { Outcome::Committed } else { Outcome::NotCommitted };
            assert_eq!(outcome(&catalog, &rows), expected);
        }
    }

    fn a_mark_that_is_written_is_told_from_a_row_that_is_gone<Engine>(place) {
        let catalog = catalog(&open::<Engine>(&place));
        added(&catalog, "countries", &[("code", "DE".into()), (NAME, "Germany".into())]);
        let city = added(&catalog, "cities", &[(NAME, "Ulm".into()), ("country_code", "DE".into())]);
        let mark = City::meta().position("deleted_at").unwrap();
        let mut marked = city.clone();
        marked.set(mark, Value::Timestamp("2026-11-30T12:00:00".parse().unwrap()));
        let edit = Edit::between(City::meta(), Some(&city), Some(&marked)).unwrap();
        let rows = written(&catalog, std::slice::from_ref(&edit), false);
        assert_eq!(outcome(&catalog, &rows), Outcome::NotCommitted);
        let rows = written(&catalog, &[edit], true);
        assert_eq!(outcome(&catalog, &rows), Outcome::Committed);
        let back = Edit::between(City::meta(), None, Some(&city)).unwrap();
        let rows = written(&catalog, std::slice::from_ref(&back), false);
        assert_eq!(outcome(&catalog, &rows), Outcome::NotCommitted);
        let rows = written(&catalog, &[back], true);
        assert_eq!(outcome(&catalog, &rows), Outcome::Committed);
    }

    fn a_commit_that_is_still_under_way_is_waited_for<Engine>(place) {
        let database = open::<Engine>(&place);
        let (writing, looking) = (catalog(&database), catalog(&database));
        for (round, is_committed) in [false, true].into_iter().enumerate() {
            let insert = inserted("departments", &[(NAME, format!("new {round}").into())]);
            let (applied, is_applied) = std::sync::mpsc::sync_channel(1);
            let rows = std::thread::scope(|scope| {
                let (writing, insert) = (&writing, &insert);
                scope.spawn(move || {
                    let mut session = writing.writing_session().unwrap();
                    let rows = session.apply(std::slice::from_ref(insert)).unwrap().rows;
                    applied.send(rows).unwrap();
                    // The server has still to do it when somebody looks for it.
                    std::thread::sleep(std::time::Duration::from_millis(300));
                    if is_committed {
                        session.commit().unwrap();
                    }
                });
                let rows = is_applied.recv().unwrap();
                let expected = if is_committed { Outcome::Committed } else { Outcome::NotCommitted };
                assert_eq!(outcome(&looking, &rows), expected, "while it is under way");
                rows
            });
            let expected = if is_committed { Outcome::Committed } else { Outcome::NotCommitted };
            assert_eq!(outcome(&looking, &rows), expected, "when it is over");
            let count = self::rows(&looking, "departments").len();
            assert_eq!(count, usize::from(is_committed), "looking for it writes nothing");
        }
    }
}
