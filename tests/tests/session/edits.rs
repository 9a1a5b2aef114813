//! Edits, applied and taken back, on every engine and in memory.

use integration_tests::office::{City, Country, Department, Employee, OrderLine, open};
use persistence::catalog::DynSession;
use persistence::edit::{Edit, EditKind, NewValue, Written};
use persistence::{Catalog, Entity, Error, Filter, Query, Record, RecordKey, Value};

use super::by_name::{
    catalog, department, employee, fields, in_memory, names, on_every_catalog, value,
};

/// An edit that inserts a department.
pub(super) fn department_edit(name: &str) -> Edit {
    let columns = vec![("name".into(), NewValue::Known(name.into()))];
    Edit { table: "departments".into(), kind: EditKind::Insert { row: 1, columns } }
}

on_every_catalog! {
    fn edits_are_applied_and_taken_back(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let eve = employee(&mut *session, "Eve", sales);
        session.commit().unwrap();
        let before = (session.row(sales).unwrap(), session.row(eve).unwrap());
        let new = |table: &'static str, row: u32, columns: Vec<(&'static str, NewValue)>| Edit {
            table: table.into(),
            kind: EditKind::Insert {
                row,
                columns: columns.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            },
        };
        let known = |text: &str| NewValue::Known(text.into());
        let stores = NewValue::KeyOf { table: "departments".into(), row: 5 };
        let mut moved = before.1.clone();
        moved.set(1, "Eva".into());
        let edits = vec![
            // What refers may stand before what is referred to.
            new("employees", 1, vec![
                ("name", known("Ada")), ("badge", known("Ada")), ("department_id", stores),
            ]),
            new("departments", 5, vec![("name", known("Stores"))]),
            Edit::between(Employee::meta(), Some(&before.1), Some(&moved)).unwrap(),
        ];
        let kept = serde_json::to_string(&edits).unwrap();
        let edits: Vec<Edit> = serde_json::from_str(&kept).unwrap();
        let undo = session.apply(&edits).unwrap().inverse();
        assert_eq!(names(catalog, "employees"), ["Eve"], "nothing is committed");
        session.commit().unwrap();
        assert_eq!(names(catalog, "employees"), ["Eva", "Ada"]);
        assert_eq!(names(catalog, "departments"), ["Sales", "Stores"]);

        let redo = session.apply(&undo).unwrap().inverse();
        session.commit().unwrap();
        assert_eq!(names(catalog, "employees"), ["Eve"]);
        assert_eq!(names(catalog, "departments"), ["Sales"]);
        session.apply(&redo).unwrap();
        session.commit().unwrap();
        assert_eq!(names(catalog, "employees"), ["Eva", "Ada"]);
        let rows = session.repository("employees").unwrap().list(&Query::new()).unwrap();
        let ada = rows[1].value(2).clone();
        let stores = session.repository("departments").unwrap().list(&Query::new()).unwrap();
        assert_eq!(ada, *stores[1].value(0), "she is where she was");
    }

    fn edits_of_rows_that_are_others_by_now_are_refused(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        session.commit().unwrap();
        let read = session.row(sales).unwrap();
        let mut mine = read.clone();
        mine.set(1, "mine".into());
        let update = Edit::between(Department::meta(), Some(&read), Some(&mine)).unwrap();
        let removal = Edit::between(Department::meta(), Some(&read), None).unwrap();
        session.set(sales, "name", "theirs".into()).unwrap();
        session.commit().unwrap();
        let other = department_edit("Stores");
        for (edit, wanted) in [(update, Some(mine)), (removal, None)] {
            let Err(Error::Conflict(conflict)) = session.apply(&[other.clone(), edit]) else {
                panic!("it is another")
            };
            assert_eq!(conflict.base.as_ref(), Some(&read));
            assert_eq!(conflict.mine, wanted);
            assert_eq!(conflict.theirs.unwrap().value(1), &"theirs".into());
            assert_eq!(names(catalog, "departments"), ["theirs"], "all or none");
        }
    }

    fn a_row_that_is_only_marked_as_deleted_comes_back(catalog) {
        let mut session = catalog.session().unwrap();
        session.add("countries", &[("code", "DE".into()), ("name", "Germany".into())]).unwrap();
        session.flush().unwrap();
        let ulm = session.add("cities", &[("name", "Ulm".into()), ("country_code", "DE".into())]).unwrap();
        session.commit().unwrap();
        let row = session.row(ulm).unwrap();
        let removal = Edit::between(City::meta(), Some(&row), None).unwrap();
        let undo = session.apply(&[removal]).unwrap().inverse();
        session.commit().unwrap();
        assert!(names(catalog, "cities").is_empty());
        session.apply(&undo).unwrap();
        session.commit().unwrap();
        assert_eq!(names(catalog, "cities"), ["Ulm"]);
    }

    fn an_edit_that_marks_a_row_as_deleted_is_taken_back(catalog) {
        let mut session = catalog.session().unwrap();
        session.add("countries", &[("code", "DE".into()), ("name", "Germany".into())]).unwrap();
        let columns = [("name", "Bonn".into()), ("country_code", "DE".into())];
        let bonn = session.add("cities", &columns).unwrap();
        session.commit().unwrap();
        let before = session.row(bonn).unwrap();
        let column = |name: &str| City::meta().position(name).unwrap();
        let mut marked = before.clone();
        let day = "2026-11-30T12:00:00".parse().unwrap();
        marked.set(column("deleted_at"), Value::Timestamp(day));
        marked.set(column("name"), "Old".into());
        let edit = Edit::between(City::meta(), Some(&before), Some(&marked)).unwrap();
        let undo = session.apply(&[edit]).unwrap().inverse();
        session.commit().unwrap();
        assert!(names(catalog, "cities").is_empty());

        let mut other = catalog.session().unwrap();
        let redo = other.apply(&undo).unwrap().inverse();
        other.commit().unwrap();
        assert_eq!(names(catalog, "cities"), ["Bonn"]);
        other.apply(&redo).unwrap();
        other.commit().unwrap();
        assert!(names(catalog, "cities").is_empty());
    }

    fn a_row_that_is_hidden_is_updated_and_stays_hidden(catalog) {
        let mut session = catalog.session().unwrap();
        session.add("countries", &[("code", "DE".into()), ("name", "Germany".into())]).unwrap();
        session.flush().unwrap();
        for name in ["Bonn", "Ulm"] {
            let columns = [("name", name.into()), ("country_code", "DE".into())];
            let city = session.add("cities", &columns).unwrap();
            session.flush().unwrap();
            session.delete(city).unwrap();
        }
        session.commit().unwrap();
        let hidden = |session: &mut dyn DynSession| {
            let mut query = Query::new();
            query.filter = Filter::parse(City::meta(), "deleted_at is not null").unwrap();
            session.repository("cities").unwrap().list(&query).unwrap()
        };
        let rows = hidden(&mut *session);
        let renamed = |row: &Record, name: &str| {
            let mut renamed = row.clone();
            renamed.set(1, name.into());
            renamed
        };
        let (bonn, ulm) = (renamed(&rows[0], "Old Bonn"), renamed(&rows[1], "Old Ulm"));
        session.repository("cities").unwrap().update_from(&rows[0], bonn).unwrap();
        let edit = Edit::between(City::meta(), Some(&rows[1]), Some(&ulm)).unwrap();
        let applied = session.apply(std::slice::from_ref(&edit)).unwrap();
        session.commit().unwrap();
        let stored = hidden(&mut *session);
        assert_eq!([stored[0].value(1), stored[1].value(1)], [&"Old Bonn".into(), &"Old Ulm".into()]);
        assert_eq!(applied.rows[0].after.as_ref(), Some(&stored[1]));
        assert!(names(catalog, "cities").is_empty());
        assert!(matches!(session.apply(&[edit]), Err(Error::Conflict(_))), "it has another version");
        session.apply(&applied.inverse()).unwrap();
        session.commit().unwrap();
        assert_eq!(hidden(&mut *session)[1].value(1), &"Ulm".into());
    }

    fn an_edit_of_a_row_that_is_gone_is_a_conflict_with_nobodys_row(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        session.commit().unwrap();
        let read = session.row(sales).unwrap();
        let mut mine = read.clone();
        mine.set(1, "mine".into());
        let update = Edit::between(Department::meta(), Some(&read), Some(&mine)).unwrap();
        let removal = Edit::between(Department::meta(), Some(&read), None).unwrap();
        session.delete(sales).unwrap();
        session.commit().unwrap();
        for (edits, wanted) in [
            (vec![update.clone()], Some(&mine)),
            (vec![removal.clone()], None),
            (vec![department_edit("Stores"), update], Some(&mine)),
        ] {
            let Err(Error::Conflict(conflict)) = session.apply(&edits) else { panic!("it is gone") };
            assert_eq!(conflict.theirs, None);
            assert_eq!(conflict.key, Department::meta().key_of(&read));
            assert_eq!(conflict.base.as_ref(), Some(&read));
            assert_eq!(conflict.mine.as_ref(), wanted);
        }
        // Gone by an edit before.
        let stores = department(&mut *session, "Stores");
        session.commit().unwrap();
        let removal = Edit::between(Department::meta(), Some(&session.row(stores).unwrap()), None);
        let removal = removal.unwrap();
        let Err(Error::Conflict(conflict)) = session.apply(&[removal.clone(), removal]) else {
            panic!("it is gone")
        };
        assert_eq!(conflict.theirs, None);
        assert_eq!(names(catalog, "departments"), ["Stores"]);
    }

    fn a_counted_key_is_given_away_and_taken(catalog) {
        let mut session = catalog.session().unwrap();
        let order = |number: &str| Edit {
            table: "orders".into(),
            kind: EditKind::Insert {
                row: 1,
                columns: vec![("number".into(), NewValue::Known(number.into()))],
            },
        };
        let numbers = |session: &mut dyn DynSession| -> Vec<(i64, String)> {
            let rows = session.repository("orders").unwrap().list(&Query::new()).unwrap();
            let row = |row: &Record| (row.value(0).as_integer().unwrap(), row.value(1).to_string());
            rows.iter().map(row).collect()
        };
        let first = session.apply(&[order("o1")]).unwrap().rows.remove(0).after.unwrap();
        let second = session.apply(&[order("o2")]).unwrap().rows.remove(0).after.unwrap();
        session.commit().unwrap();
        let mut moved = second.clone();
        moved.set(0, first.value(0).clone());
        let meta = session.repository("orders").unwrap().meta();
        let applied = session
            .apply(&[
                Edit::between(meta, Some(&first), None).unwrap(),
                Edit::between(meta, Some(&second), Some(&moved)).unwrap(),
            ])
            .unwrap();
        assert_eq!(numbers(&mut *session), [(1, "o2".to_owned())]);
        session.apply(&applied.inverse()).unwrap();
        session.commit().unwrap();
        assert_eq!(numbers(&mut *session), [(1, "o1".to_owned()), (2, "o2".to_owned())]);

        // The key that a row lets go of is a new row's at once.
        let first = session.repository("orders").unwrap().find(&meta.key_of(&first)).unwrap().unwrap();
        let mut moved = first.clone();
        moved.set(0, 9.into());
        let mut new = first.clone();
        new.set(1, "new".into());
        let edits = [
            Edit::between(meta, Some(&first), Some(&moved)).unwrap(),
            Edit::between(meta, None, Some(&new)).unwrap(),
        ];
        let applied = session.apply(&edits).unwrap();
        let expected = [(1, "new".to_owned()), (2, "o2".to_owned()), (9, "o1".to_owned())];
        assert_eq!(numbers(&mut *session), expected);
        session.apply(&applied.inverse()).unwrap();
        assert_eq!(numbers(&mut *session), [(1, "o1".to_owned()), (2, "o2".to_owned())]);
    }

    fn a_row_that_is_only_marked_as_deleted_is_not_deleted_again(catalog) {
        let mut session = catalog.session().unwrap();
        session.add("countries", &[("code", "DE".into()), ("name", "Germany".into())]).unwrap();
        session.flush().unwrap();
        let columns = [("name", "Ulm".into()), ("country_code", "DE".into())];
        let ulm = session.add("cities", &columns).unwrap();
        session.flush().unwrap();
        let stored = session.row(ulm).unwrap();
        let deletion = Edit::between(City::meta(), Some(&stored), None).unwrap();
        session.apply(std::slice::from_ref(&deletion)).unwrap();
        let refused = session.apply(&[deletion]);
        let Err(Error::Conflict(conflict)) = refused else { panic!("{refused:?}") };
        let theirs = conflict.theirs.expect("it is there, and marked");
        assert!(!theirs.value(City::meta().deleted().unwrap()).is_null());
    }

    fn every_column_that_is_refused_is_named(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let eve = employee(&mut *session, "Eve", sales);
        session.commit().unwrap();
        let read = session.row(eve).unwrap();
        let mut mine = read.clone();
        for column in ["name", "department_id", "desk"] {
            mine.set(Employee::meta().position(column).unwrap(), Value::Bool(true));
        }
        let wanted = session.repository("employees").unwrap().update_from(&read, mine.clone());
        let wanted = wanted.unwrap_err();
        assert_eq!(fields(&wanted), ["name", "department_id", "desk"]);
        let update = Edit::between(Employee::meta(), Some(&read), Some(&mine)).unwrap();
        assert_eq!(session.apply(&[update]).unwrap_err().to_string(), wanted.to_string());
        let insert = Edit::between(Employee::meta(), None, Some(&mine)).unwrap();
        let EditKind::Insert { columns, .. } = insert.kind else { panic!("an insert") };
        let columns = columns.into_iter().filter(|(name, _)| name != "id" && name != "version");
        let kind = EditKind::Insert { row: 0, columns: columns.collect() };
        let insert = Edit { table: "employees".into(), kind };
        assert_eq!(fields(&session.apply(&[insert]).unwrap_err()), fields(&wanted));
    }

    fn a_new_row_with_a_key_that_another_has_is_refused_as_such(catalog) {
        let mut session = catalog.session().unwrap();
        let country = Record(vec!["DE".into(), "Germany".into()]);
        let insert = Edit::between(Country::meta(), None, Some(&country)).unwrap();
        let applied = session.apply(std::slice::from_ref(&insert)).unwrap();
        assert_eq!(applied.rows.len(), 1);
        assert_eq!((&applied.rows[0].before, &applied.rows[0].after), (&None, &Some(country)));
        session.commit().unwrap();
        let Err(Error::Constraint(violation)) = session.apply(&[insert]) else { panic!("refused") };
        assert_eq!(violation.kind, persistence::ConstraintKind::Unique);
        assert_eq!((violation.entity, &violation.columns[..]), ("Country", &["code".to_owned()][..]));
    }

    fn edits_are_one_unit_of_work_in_any_order(catalog) {
        let mut session = catalog.session().unwrap();
        let (one, other) = (department(&mut *session, "one"), department(&mut *session, "other"));
        let eve = employee(&mut *session, "Eve", one);
        session.commit().unwrap();
        let renamed = |row: &Record, name: &str| {
            let mut renamed = row.clone();
            renamed.set(1, name.into());
            Edit::between(Department::meta(), Some(row), Some(&renamed)).unwrap()
        };
        let before = [session.row(one).unwrap(), session.row(other).unwrap()];
        let swap = [renamed(&before[0], "other"), renamed(&before[1], "one")];
        let undo = session.apply(&swap).unwrap().inverse();
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["other", "one"]);
        session.apply(&undo).unwrap();
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["one", "other"]);

        // A row and what goes along with it.
        let gone = [session.row(one).unwrap(), session.row(eve).unwrap()];
        let removals = [
            Edit::between(Department::meta(), Some(&gone[0]), None).unwrap(),
            Edit::between(Employee::meta(), Some(&gone[1]), None).unwrap(),
        ];
        let undo = session.apply(&removals).unwrap().inverse();
        session.commit().unwrap();
        assert_eq!(names(catalog, "departments"), ["other"]);
        assert!(names(catalog, "employees").is_empty());
        // Children may stand before their parents.
        let backwards: Vec<Edit> = undo.into_iter().rev().collect();
        session.apply(&backwards).unwrap();
        session.commit().unwrap();
        let mut fresh = catalog.session().unwrap();
        let rows = fresh.repository("departments").unwrap().list(&Query::new()).unwrap();
        assert_eq!(rows[0], gone[0]);
        assert_eq!(fresh.repository("employees").unwrap().list(&Query::new()).unwrap(), [gone[1].clone()]);
    }

    fn several_edits_of_one_row_are_taken_back_to_the_first(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "a");
        session.commit().unwrap();
        let row = |name: &str, row: &Record| {
            let mut row = row.clone();
            row.set(1, name.into());
            row
        };
        let a = session.row(sales).unwrap();
        let (b, c) = (row("b", &a), row("c", &a));
        let meta = Department::meta();
        let steps = [
            Edit::between(meta, Some(&a), Some(&b)).unwrap(),
            Edit::between(meta, Some(&b), Some(&c)).unwrap(),
        ];
        assert_eq!(steps[0].sql(meta).to_string(), format!(
            "UPDATE departments SET name = 'b', version = version + 1 WHERE id = {} AND version = 1",
            a.value(0),
        ));
        let undo = session.apply(&steps).unwrap().inverse();
        assert_eq!(undo.len(), 1);
        assert_eq!(value(&*session, sales, "name"), "c".into());
        session.apply(&undo).unwrap();
        assert_eq!(value(&*session, sales, "name"), "a".into());

        let country = |name: &str| Record(vec!["XX".into(), name.into()]);
        let meta = Country::meta();
        let come_and_gone = [
            Edit::between(meta, None, Some(&country("x"))).unwrap(),
            Edit::between(meta, Some(&country("x")), None).unwrap(),
        ];
        assert_eq!(session.apply(&come_and_gone).unwrap().inverse(), []);
        assert!(session.repository("countries").unwrap().list(&Query::new()).unwrap().is_empty());
        session.apply(&come_and_gone[..1]).unwrap();
        let replaced = [come_and_gone[1].clone(), Edit::between(meta, None, Some(&country("y"))).unwrap()];
        let undo = session.apply(&replaced).unwrap().inverse();
        assert_eq!(session.repository("countries").unwrap().list(&Query::new()).unwrap(), [country("y")]);
        session.apply(&undo).unwrap();
        assert_eq!(session.repository("countries").unwrap().list(&Query::new()).unwrap(), [country("x")]);
    }

    fn what_a_session_would_write_can_be_applied_by_another(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let eve = employee(&mut *session, "Eve", sales);
        session.set(sales, "head_id", eve.into()).unwrap();
        let changes = session.changes();
        session.rollback().unwrap();
        session.apply(&changes).unwrap();
        session.commit().unwrap();
        let [sales] = session.all("departments", &Query::new()).unwrap()[..] else { panic!("one") };
        let [eve] = session.all("employees", &Query::new()).unwrap()[..] else { panic!("one") };
        assert_eq!(value(&*session, sales, "head_id"), value(&*session, eve, "id"));

        let same = changes.iter().find(|edit| edit.table == "departments").unwrap();
        let refused = session.apply(&[changes[1].clone(), same.clone(), same.clone()]).unwrap_err();
        assert_eq!(fields(&refused), ["department_id"], "there are two of that number");
        let alone = session.apply(&changes[1..]).unwrap_err();
        assert_eq!(fields(&alone), ["department_id"], "there is none of that number");
    }

    fn values_of_edits_are_taken_as_their_columns_have_them(catalog) {
        let mut session = catalog.session().unwrap();
        let order = session.add("orders", &[("number", "A1".into())]).unwrap();
        session.commit().unwrap();
        let read = session.row(order).unwrap();
        // As somebody may have typed it.
        let edit = serde_json::json!({ "table": "orders", "kind": { "update": {
            "key": [{ "integer": read.value(0).as_integer() }],
            "version": null,
            "columns": [{
                "column": "NUMBER", "before": { "text": "A1" }, "after": { "known": { "text": "A2" } },
            }],
        } } });
        let edit: Edit = serde_json::from_value(edit).unwrap();
        session.apply(&[edit]).unwrap();
        assert_eq!(value(&*session, order, "number"), "A2".into());
        let given = [("number", "A3".into()), ("id", 99.into())];
        assert_eq!(fields(&session.add("orders", &given).unwrap_err()), ["id"]);
        let twice = [("number", "A3".into()), ("number", "A4".into())];
        assert_eq!(fields(&session.add("orders", &twice).unwrap_err()), ["number"]);
    }

    fn edits_that_are_not_well_formed_are_refused(catalog) {
        let mut session = catalog.session().unwrap();
        department(&mut *session, "Sales");
        session.commit().unwrap();
        let update = |fields: &str| {
            format!(r#"[{{ "table": "departments", "kind": {{ "update": {{ {fields} }} }} }}]"#)
        };
        let name = |after: &str| {
            format!(
                r#"{{ "column": "name", "before": {{ "text": "Sales" }},
                     "after": {{ "known": {{ "text": "{after}" }} }} }}"#
            )
        };
        let (one, other) = (name("one"), name("other"));
        let once = format!(r#""columns": [{one}]"#);
        let twice = format!(r#""columns": [{one}, {other}]"#);

        // A guard that is misspelt is no guard.
        let misspelt = update(&format!(r#""key": [{{ "integer": 1 }}], "versions": {{ "integer": 1 }}, {once}"#));
        let error = serde_json::from_str::<Vec<Edit>>(&misspelt).unwrap_err();
        assert!(error.to_string().contains("versions"), "{error}");

        let mut refused = |fields: &str| {
            let edits: Vec<Edit> = serde_json::from_str(&update(fields)).unwrap();
            session.apply(&edits).unwrap_err()
        };
        let error = refused(&format!(r#""key": [{{ "integer": 1 }}], {twice}"#));
        assert_eq!(fields(&error), ["name"]);
        assert!(error.to_string().contains("given twice"), "{error}");
        assert_eq!(fields(&refused(&format!(r#""key": [], {once}"#))), ["id"]);
        let long = refused(&format!(r#""key": [{{ "integer": 1 }}, {{ "integer": 2 }}], {once}"#));
        assert_eq!(fields(&long), ["id"]);
        assert_eq!(names(catalog, "departments"), ["Sales"]);
    }

    fn keys_change_hands_in_edits(catalog) {
        let mut session = catalog.session().unwrap();
        let country = |code: &str, name: &str| Record(vec![code.into(), name.into()]);
        let edit = |before: Option<&Record>, after: Option<&Record>| {
            Edit::between(Country::meta(), before, after).unwrap()
        };
        let old = country("DE", "old");
        session.apply(&[edit(None, Some(&old))]).unwrap();
        session.commit().unwrap();
        let moved = country("DD", "old");
        let (new, newer) = (country("DE", "new"), country("DE", "newer"));
        let undo = session
            .apply(&[edit(Some(&old), Some(&moved)), edit(None, Some(&new)), edit(Some(&new), Some(&newer))])
            .unwrap().inverse();
        let stored = |session: &mut dyn DynSession| {
            let mut rows = session.repository("countries").unwrap().list(&Query::new()).unwrap();
            rows.sort_by(|one, other| one.0.cmp(&other.0));
            rows
        };
        assert_eq!(stored(&mut *session), [moved, newer]);
        session.apply(&undo).unwrap();
        assert_eq!(stored(&mut *session), std::slice::from_ref(&old));

        // What a session tells of a row that takes the place of another.
        let row = session.get("countries", &RecordKey(vec!["DE".into()])).unwrap();
        session.delete(row).unwrap();
        session.add("countries", &[("code", "DE".into()), ("name", "new".into())]).unwrap();
        let changes = session.changes();
        session.rollback().unwrap();
        let undo = session.apply(&changes).unwrap().inverse();
        assert_eq!(stored(&mut *session), [new]);
        session.apply(&undo).unwrap();
        assert_eq!(stored(&mut *session), [old]);
    }

    fn a_row_that_belongs_to_nothing_any_more_is_not_deleted_by_an_inverse(catalog) {
        let mut session = catalog.session().unwrap();
        let order = session.add("orders", &[("number", "A1".into())]).unwrap();
        let line = session.add("order_lines", &[("article", "nails".into())]).unwrap();
        session.commit().unwrap();
        let alone = session.row(line).unwrap();
        let mut owned = alone.clone();
        owned.set(1, value(&*session, order, "id"));
        let edit = Edit::between(OrderLine::meta(), Some(&alone), Some(&owned)).unwrap();
        let undo = session.apply(&[edit]).unwrap().inverse();
        assert_eq!(session.row(line), Some(owned));
        session.apply(&undo).unwrap();
        assert_eq!(session.row(line), Some(alone));
    }

    fn rows_that_need_each_other_are_deleted_and_come_back(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        let eve = employee(&mut *session, "Eve", sales);
        session.set(sales, "head_id", eve.into()).unwrap();
        session.commit().unwrap();
        let before = (session.row(sales).unwrap(), session.row(eve).unwrap());
        let edits = [
            Edit::between(Employee::meta(), Some(&before.1), None).unwrap(),
            Edit::between(Department::meta(), Some(&before.0), None).unwrap(),
        ];
        let undo = session.apply(&edits).unwrap().inverse();
        assert!(session.all("departments", &Query::new()).unwrap().is_empty());
        session.apply(&undo).unwrap();
        let [sales] = session.all("departments", &Query::new()).unwrap()[..] else { panic!("one") };
        let [eve] = session.all("employees", &Query::new()).unwrap()[..] else { panic!("one") };
        assert_eq!(value(&*session, sales, "head_id"), value(&*session, eve, "id"));
        assert_eq!(session.row(eve), Some(before.1));
    }

    fn a_row_that_is_hidden_is_not_written_over(catalog) {
        let mut session = catalog.session().unwrap();
        session.add("countries", &[("code", "DE".into()), ("name", "Germany".into())]).unwrap();
        session.flush().unwrap();
        let columns = [("name", "Ulm".into()), ("country_code", "DE".into())];
        let ulm = session.add("cities", &columns).unwrap();
        session.commit().unwrap();
        let mut other = session.row(ulm).unwrap();
        session.delete(ulm).unwrap();
        session.commit().unwrap();
        other.set(1, "Neu-Ulm".into());
        let edit = Edit::between(City::meta(), None, Some(&other)).unwrap();
        let Err(Error::Conflict(conflict)) = session.apply(&[edit]) else { panic!("it is Ulm") };
        assert_eq!(conflict.theirs.unwrap().value(1), &"Ulm".into());
    }

    fn what_is_filled_in_is_not_to_be_given_to_a_draft(catalog) {
        let mut session = catalog.session().unwrap();
        let sales = department(&mut *session, "Sales");
        for column in ["id", "version"] {
            assert_eq!(fields(&session.set(sales, column, 7.into()).unwrap_err()), [column]);
        }
        session.commit().unwrap();
        let mut other = catalog.session().unwrap();
        let foreign = department(&mut *other, "Stores");
        assert!(matches!(session.include(&[sales, foreign], "employees"), Err(Error::NotFound { .. })));
        let unknown = Edit {
            table: "departments".into(),
            kind: EditKind::Insert { row: 1, columns: vec![("surname".into(), NewValue::Known("x".into()))] },
        };
        assert!(matches!(session.apply(&[unknown]), Err(Error::Filter(_))));
    }
}

#[test]
fn a_row_that_is_hidden_has_gone_and_one_that_is_shown_again_has_come() {
    let mark = City::meta().position("deleted_at").unwrap();
    let shown = Record(vec![1.into(), "Ulm".into(), "DE".into(), Value::Null, 1.into()]);
    let mut hidden = shown.clone();
    hidden.set(mark, Value::Timestamp("2026-11-30T12:00:00".parse().unwrap()));
    let growths = [
        (None, Some(&shown), 1),
        (Some(&shown), None, -1),
        (Some(&hidden), None, 0),
        (Some(&shown), Some(&shown), 0),
        (Some(&shown), Some(&hidden), -1),
        (Some(&hidden), Some(&shown), 1),
    ];
    for (before, after, growth) in growths {
        let written =
            Written { entity: City::meta(), before: before.cloned(), after: after.cloned() };
        assert_eq!(written.growth(), growth, "{written:?}");
    }
}
