//! Rows that come with their keys, where the database counts keys: merged, or inserted so. Whoever
//! is added afterwards gets a later one.

use integration_tests::office::{
    Country, Department, Employee, NewDepartment, NewEmployee, NewOrder, OfficeEngine, Order,
    Rival, department, employee, open,
};
use integration_tests::{TestDatabase, on_every_engine};
use persistence::audit::{self, AuditEntry};
use persistence::observe::recorded;
use persistence::session::Autoflush;
use persistence::{
    ConstraintKind, Database, Engine as _, Error, Memory, Record, Repository, Result, Session,
    Value,
};

fn sales(id: i64, name: &str) -> Department {
    Department { id, name: name.to_owned(), head_id: None, version: 3 }
}

fn ids<C: OfficeEngine>(session: &mut Session<C>) -> Vec<i64> {
    let rows = session.query::<Department>().order(Department::ID.asc()).load().unwrap();
    rows.iter().map(|row| row.id).collect()
}

fn taken_columns<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Constraint(violation)) if violation.kind == ConstraintKind::Unique => {
            violation.fields().into_iter().map(str::to_owned).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// What every repository does, that of memory as well.
fn check(departments: &mut impl Repository<Department>) {
    assert_eq!(departments.insert_with_keys(Vec::new()).unwrap(), []);
    let given: Vec<_> = [900, -5, 40, 901, 7].map(|id| sales(id, &id.to_string())).into();
    assert_eq!(departments.insert_with_keys(given.clone()).unwrap(), given);
    for row in &given {
        assert_eq!(departments.find(&row.id).unwrap().as_ref(), Some(row));
    }
    assert_eq!(departments.insert(department("next")).unwrap().id, 902);
    // Never back.
    departments.insert_with_keys(vec![sales(8, "8"), sales(-6, "-6")]).unwrap();
    assert_eq!(departments.insert(department("after")).unwrap().id, 903);

    let both = vec![sales(2_000, "2000"), sales(40, "forty")];
    assert_eq!(taken_columns(departments.insert_with_keys(both)), ["id"]);
    let twice = vec![sales(10, "10"), sales(10, "ten")];
    assert_eq!(taken_columns(departments.insert_with_keys(twice)), ["id"]);
    let named = departments.insert_with_keys(vec![sales(11, "11"), sales(12, "next")]);
    assert_eq!(taken_columns(named), ["name"]);
    for id in [2_000, 10, 11, 12] {
        assert_eq!(departments.find(&id).unwrap(), None, "all or none");
    }
    let row = departments.update(Department { name: "forty".into(), ..sales(40, "40") }).unwrap();
    assert_eq!(row.version, 4);
}

#[test]
fn memory_stores_rows_with_their_keys() {
    check(&mut Memory::new().with::<Department>().with::<Employee>());
}

fn audited<C: OfficeEngine + persistence::Store<AuditEntry>>(place: &TestDatabase) -> Database<C> {
    drop(open::<C>(place));
    place.execute(&audit::create_table::<C>());
    Database::builder(place.url()).audit().open().unwrap()
}

on_every_engine! {
    fn many_rows_are_inserted_with_their_keys<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        check(&mut session);
        session.commit().unwrap();
        let stored = ids(&mut database.session().unwrap());
        assert_eq!(stored, [-6, -5, 7, 8, 40, 900, 901, 902, 903]);
    }

    fn as_few_statements_are_sent_as_for_keys_that_are_counted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let given: Vec<_> = (1..=2_500).map(|id| sales(id * 3, &id.to_string())).collect();
        let (stored, statements) = recorded(|| session.insert_with_keys(given.clone()).unwrap());
        assert_eq!(stored, given);
        let count = |sql: &str| statements.iter().filter(|sent| sent.sql.starts_with(sql)).count();
        let expected = match Engine::NAME {
            "SQLite" => (2_500, 0),
            "PostgreSQL" => (3, 1),
            _ => (3, 0),
        };
        assert_eq!((count("INSERT"), count("SELECT CASE")), expected);
        assert_eq!(session.query::<Department>().count().unwrap(), 2_500);
        let next: Department = session.insert(department("next")).unwrap();
        assert_eq!(next.id, 7_501);
    }

    fn a_row_that_is_not_stored_is_merged_under_its_key<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.set_autoflush(Autoflush::Off);
        // Of two that are new, the one that is merged does not lose its key to the other.
        let next = session.add(department("next"));
        let first = session.merge(sales(1, "Sales")).unwrap();
        let last = session.merge(sales(70, "Stores")).unwrap();
        assert_eq!(session.row(first), None);
        session.commit().unwrap();
        assert_eq!(session[first], sales(1, "Sales"));
        assert_eq!((session[next].id, session[last].id), (71, 70));
        session[first].name = "Ventes".into();
        session.commit().unwrap();
        assert_eq!(session[first].version, 4);
        let added = session.add(department("later"));
        session.commit().unwrap();
        assert_eq!(session[added].id, 72);
        assert_eq!(ids(&mut database.session().unwrap()), [1, 70, 71, 72]);
    }

    fn a_row_that_somebody_deleted_is_stored_again<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let key = session.add(department("Sales"));
        session.commit().unwrap();
        let row = session.detach(key).unwrap();
        let known = session.get::<Department>(row.id).unwrap();
        session.commit().unwrap();
        place.execute("DELETE FROM departments");
        session.expire(known);
        let merged = session.merge(row.clone()).unwrap();
        session.commit().unwrap();
        assert_eq!(session[merged], row);
        assert_eq!(session.get::<Department>(row.id).unwrap(), merged);
        // This session itself has deleted it.
        session.delete(merged).unwrap();
        assert!(matches!(session.merge(row.clone()), Err(Error::Conflict(_))));
        session.flush().unwrap();
        let merged = session.merge(row.clone()).unwrap();
        session.commit().unwrap();
        assert_eq!(session[merged], row);
        place.execute("DELETE FROM departments");
        let mut other = database.session().unwrap();
        assert!(matches!(other.get::<Department>(row.id), Err(Error::NotFound { .. })));
    }

    fn a_row_that_is_merged_twice_is_one<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let first = session.merge(sales(70, "Sales")).unwrap();
        let insert = session.changes()[0].to_string();
        let expected = "INSERT INTO departments (id, name, head_id, version) \
                        VALUES (70, 'Sales', NULL, 3)";
        assert_eq!(insert, expected);
        assert_eq!(session.merge(sales(70, "Ventes")).unwrap(), first);
        let country = |name: &str| Country { code: "DE".into(), name: name.into() };
        let germany = session.merge(country("Germany")).unwrap();
        assert_eq!(session.merge(country("Deutschland")).unwrap(), germany);
        session.draft_mut(germany).unwrap().code = "D".into();
        let other = session.merge(country("Germany")).unwrap();
        assert_ne!(other, germany);
        session.commit().unwrap();
        assert_eq!(session[first].name, "Ventes");
        assert_eq!((session[germany].code.as_str(), session[other].code.as_str()), ("D", "DE"));
        assert_eq!(ids(&mut session), [70]);
    }

    fn times_are_stored_as_they_are_given<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let time = chrono::NaiveDate::from_ymd_opt(2001, 2, 3).unwrap().and_hms_opt(4, 5, 6).unwrap();
        let order = |id: i64| Order {
            id, number: id.to_string(), created_at: time, updated_at: time,
        };
        let merged = session.merge(order(7)).unwrap();
        session.commit().unwrap();
        session.insert_with_keys(vec![order(9)]).unwrap();
        session.commit().unwrap();
        assert_eq!(session[merged], order(7));
        let stored = database.session().unwrap().query::<Order>().order(Order::ID.asc()).load();
        assert_eq!(stored.unwrap(), [order(7), order(9)]);
        let next: Order = session.insert(NewOrder { number: "10".into() }).unwrap();
        assert_eq!(next.id, 10);
    }

    fn what_is_refused_stays_pending_with_its_key<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.add(department("Sales"));
        session.commit().unwrap();
        let merged = session.merge(sales(70, "Sales")).unwrap();
        for _ in 0..2 {
            assert_eq!(taken_columns(session.flush()), ["name"]);
        }
        assert_eq!(session.merge(sales(70, "Sales")).unwrap(), merged);
        session.draft_mut(merged).unwrap().name = "Ventes".into();
        session.commit().unwrap();
        assert_eq!(session[merged], sales(70, "Ventes"));
    }

    fn a_key_that_is_taken_is_a_violation_of_the_key<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.set_autoflush(Autoflush::Off);
        // Somebody is faster.
        let insert = "INSERT INTO departments (id, name, version) VALUES (70, 'Stores', 1)";
        let merged = session.merge(sales(70, "Sales")).unwrap();
        session.rollback().unwrap();
        let merged_again = session.merge(sales(70, "Sales")).unwrap();
        assert_ne!(merged, merged_again);
        // SQLite sees no more than what was there when the transaction began.
        if Engine::NAME != "SQLite" {
            place.execute(insert);
            assert_eq!(taken_columns(session.flush()), ["id"]);
            assert!(session.draft(merged_again).is_some());
        }
        session.rollback().unwrap();
        session.commit().unwrap();
        assert_eq!(ids(&mut session).len(), usize::from(Engine::NAME != "SQLite"));
    }

    fn what_is_given_up_is_not_inserted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let merged = session.merge(sales(70, "Sales")).unwrap();
        session.rollback().unwrap();
        assert!(session.draft(merged).is_none());
        let merged = session.merge(sales(70, "Sales")).unwrap();
        session.delete(merged).unwrap();
        let merged = session.merge(sales(70, "Sales")).unwrap();
        assert_eq!(session.detach(merged), None);
        session.merge(sales(70, "Sales")).unwrap();
        session.clear();
        assert!(!session.has_changes());
        let merged = session.merge(sales(70, "Sales")).unwrap();
        session.flush().unwrap();
        session.rollback().unwrap();
        assert_eq!(session.row(merged), None);
        session.commit().unwrap();
        assert!(ids(&mut session).is_empty());
        let merged = session.merge(sales(70, "Sales")).unwrap();
        session.commit().unwrap();
        assert_eq!(session[merged], sales(70, "Sales"));
    }

    fn a_part_that_is_taken_back_takes_back_what_was_merged_in_it<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let before = session.merge(sales(70, "before")).unwrap();
        let mut within = Vec::new();
        let failed: Result<()> = session.savepoint(|session| {
            within.push(session.merge(sales(71, "flushed"))?);
            session.flush()?;
            within.push(session.merge(sales(72, "pending"))?);
            Err(Error::Cancelled)
        });
        assert!(failed.is_err());
        assert!(within.iter().all(|&key| session.row(key).is_none() && session.draft(key).is_none()));
        let again = session.merge(sales(71, "again")).unwrap();
        session.commit().unwrap();
        assert_eq!((session[before].id, session[again].name.as_str()), (70, "again"));
        assert_eq!(ids(&mut session), [70, 71]);
    }

    fn others_refer_to_a_row_that_is_merged_and_round_in_a_circle<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let merged = session.merge(sales(70, "Sales")).unwrap();
        let ada = session.add(employee("Ada", merged));
        session.draft_mut(merged).unwrap().head = Some(ada.into());
        let bob = session.add(NewEmployee { manager: Some(ada.into()), ..employee("Bob", merged) });
        session.commit().unwrap();
        let (head, boss) = (session[merged].head_id, session[bob].manager_id);
        assert_eq!((head, boss), (Some(session[ada].id), Some(session[ada].id)));
        assert_eq!([session[ada].department_id, session[bob].department_id], [70; 2]);
        // An employee of a given key leads a department of one that is counted.
        let head = Employee { id: 500, name: "Eve".into(), badge: "e".into(), ..session[bob].clone() };
        let eve = session.merge(head).unwrap();
        let led = session.add(NewDepartment { head: Some(eve.into()), ..department("Led") });
        session.draft_mut(eve).unwrap().department = led.into();
        session.commit().unwrap();
        assert_eq!((session[led].head_id, session[eve].department_id), (Some(500), session[led].id));
        assert_eq!(session[led].id, 71);
    }

    fn rows_that_refer_to_each_other_by_their_keys_are_merged_in_any_order<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let person = |id: i64, manager_id: Option<i64>| Employee {
            id, name: id.to_string(), department_id: 70, manager_id, desk: None,
            badge: id.to_string(), version: 1,
        };
        // Each before the one it refers to; the first department and its head refer to each other.
        session.merge(person(1, Some(2))).unwrap();
        session.merge(person(2, Some(3))).unwrap();
        session.merge(person(3, Some(3))).unwrap();
        session.merge(Department { head_id: Some(1), ..sales(70, "Sales") }).unwrap();
        let plain = NewEmployee { manager: Some(1_i64.into()), ..employee("Ada", 70_i64) };
        session.add(plain);
        session.commit().unwrap();
        let stored = session.query::<Employee>().order(Employee::ID.asc()).load().unwrap();
        let managers: Vec<_> = stored.iter().map(|row| (row.id, row.manager_id)).collect();
        assert_eq!(managers, [(1, Some(2)), (2, Some(3)), (3, Some(3)), (4, Some(1))]);
        assert_eq!(session.query::<Department>().load().unwrap()[0].head_id, Some(1));

        let rival = |id: i64, rival_id: i64| Rival { id, name: id.to_string(), rival_id };
        session.merge(rival(2, 1)).unwrap();
        let first = session.merge(rival(1, 2)).unwrap();
        let error = session.flush().unwrap_err();
        let Error::Invalid(invalid) = &error else { panic!("{error:?}") };
        assert_eq!(invalid.errors[0].field, "rival_id");
        session.merge(rival(1, 1)).unwrap();
        session.commit().unwrap();
        assert_eq!(session[first], rival(1, 1));
    }

    fn a_row_that_the_session_has_and_somebody_deleted_is_inserted_anew<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let known = session.add(department("Sales"));
        session.commit().unwrap();
        let row = session[known].clone();
        place.execute("DELETE FROM departments");
        let row = Department { name: "Ventes".into(), ..row };
        session.insert_with_keys(vec![row.clone()]).unwrap();
        assert_eq!(session[known], row);
        session.rollback().unwrap();
        session.merge(row).unwrap();
        assert!(matches!(session.flush(), Err(Error::Conflict(_))));
    }

    fn rows_with_their_keys_are_recorded_and_taken_back<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.insert_with_keys(vec![sales(70, "Sales"), sales(71, "Stores")]).unwrap();
        session.commit().unwrap();
        let entries = session.query::<AuditEntry>().order(AuditEntry::ID.asc()).load().unwrap();
        let told: Vec<_> =
            entries.iter().map(|entry| (entry.action.as_str(), entry.row_key.0.clone())).collect();
        let key = |id: i64| serde_json::json!([{ "integer": id }]);
        assert_eq!(told, [("insert", key(70)), ("insert", key(71))]);
        assert_eq!(entries[0].new_values.0["version"]["integer"], 3);
        let inserted = session.transaction_id().unwrap();
        assert_eq!(audit::revert::<(Department,), _>(&mut session, inserted).unwrap(), 2);
        session.commit().unwrap();
        assert!(ids(&mut session).is_empty());
    }

    fn after_a_deletion_is_taken_back_keys_are_counted_on<Engine>(place) {
        let database = audited::<Engine>(&place);
        // Nobody has ever counted so far: the rows came from elsewhere.
        place.execute("INSERT INTO departments (id, name, version) VALUES (1, 'Sales', 3)");
        let mut session = database.session().unwrap();
        Repository::<Department>::delete(&mut session, &1).unwrap();
        session.commit().unwrap();
        let deleted = session.transaction_id().unwrap();
        assert_eq!(audit::revert::<(Department,), _>(&mut session, deleted).unwrap(), 1);
        session.commit().unwrap();
        let added = session.add(department("Stores"));
        session.commit().unwrap();
        assert_eq!(session[added].id, 2);
        assert_eq!(session.query::<Department>().load().unwrap()[0], sales(1, "Sales"));
    }

    fn rows_whose_types_are_known_at_run_time_are_inserted_with_their_keys<Engine>(place) {
        let catalog = open::<Engine>(&place).catalog().entity::<Department>().build();
        let mut session = catalog.session().unwrap();
        let row = |id: Value| Record(vec![id, "Sales".into(), Value::Null, Value::Null]);
        let mut departments = session.repository("departments").unwrap();
        let stored = departments.insert_with_keys(vec![row(70.into())]).unwrap();
        assert_eq!(stored[0].0, [70.into(), "Sales".into(), Value::Null, 1.into()]);
        let Err(Error::Invalid(invalid)) = departments.insert_with_keys(vec![row(Value::Null)]) else {
            panic!("it has no key")
        };
        assert_eq!(invalid.errors[0].field, "id");
        let next = Record(vec![Value::Null, "Stores".into(), Value::Null, Value::Null]);
        assert_eq!(*departments.insert(next).unwrap().value(0), Value::Integer(71));
    }

    fn a_key_of_zero_is_that_key<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let many = session.insert_with_keys(vec![sales(7, "Stores"), sales(0, "Sales")]).unwrap();
        assert_eq!(many[1].id, 0);
        session.query::<Department>().filter(Department::ID.eq(0)).delete().unwrap();
        session.merge(sales(0, "Sales")).unwrap();
        session.commit().unwrap();
        assert_eq!(ids(&mut session), [0, 7]);
    }
}
