//! Who changed what, taking it back, and what hooks are told.

use std::sync::{Arc, Mutex};

use integration_tests::TestDatabase;
use integration_tests::office::{
    Department, Employee, NewEmployee, OfficeEngine, department, employee, open,
};
use integration_tests::on_every_engine;
use persistence::audit::{self, AuditEntry};
use persistence::{Database, Error, FieldError, Filter, Invalid, Repository, Session};

fn audited<C: OfficeEngine + persistence::Store<AuditEntry>>(place: &TestDatabase) -> Database<C> {
    drop(open::<C>(place));
    place.execute(&audit::create_table::<C>());
    Database::builder(place.url()).audit().open().unwrap()
}

on_every_engine! {
    fn every_change_is_recorded_with_actor_old_and_new_values<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.set_actor("ann");
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        let first = session.transaction_id().unwrap();
        session.set_actor("bob");
        session[sales].name = "Ventes".into();
        session.flush().unwrap();
        session.delete(sales).unwrap();
        session.commit().unwrap();
        let second = session.transaction_id().unwrap();
        assert_ne!(first, second);

        let entries = session.query::<AuditEntry>().order(AuditEntry::ID.asc()).load().unwrap();
        let told: Vec<_> = entries
            .iter()
            .map(|entry| (entry.actor.as_deref().unwrap(), entry.action.as_str()))
            .collect();
        assert_eq!(told, [("ann", "insert"), ("bob", "update"), ("bob", "delete")]);
        assert_eq!(entries[1].transaction_id, second.to_string());
        assert_eq!(entries[1].table_name, "departments");
        assert_eq!(entries[1].old_values.0["name"]["text"], "Sales");
        assert_eq!(entries[1].new_values.0["name"]["text"], "Ventes");
    }

    fn what_is_rolled_back_or_refused_is_not_recorded<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        session.add(department("Sales"));
        session.flush().unwrap();
        session.rollback().unwrap();
        let kept = session.add(department("Support"));
        session.flush().unwrap();
        let failed: persistence::Result<()> = session.savepoint(|session| {
            session.add(department("Stores"));
            session.flush()?;
            Err(Error::Cancelled)
        });
        assert!(failed.is_err());
        session.add(department("Support"));
        assert!(session.flush().is_err());
        session.rollback().unwrap();
        assert_eq!(session.row(kept), None);
        session.add(department("Last"));
        session.commit().unwrap();
        let entries = session.query::<AuditEntry>().load().unwrap();
        assert_eq!(entries.len(), 1, "{entries:?}");
    }

    fn what_cannot_be_recorded_is_not_written_and_the_rest_is<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        for name in ["Sales", "Stores", "Support"] {
            session.add(department(name));
        }
        session.commit().unwrap();
        let rows = |session: &mut Session<Engine>| {
            session.query::<Department>().order(Department::ID.asc()).load().unwrap()
        };
        let before = rows(&mut session);
        place.execute("ALTER TABLE audit_entries RENAME COLUMN action TO what");
        let mine = Department { name: "Ventes".to_owned(), ..before[0].clone() };
        let by_name = |name: &str| Department::NAME.eq(name);
        let rename = [Department::NAME.set("Other")];
        assert!(Repository::<Department>::insert(&mut session, department("New")).is_err());
        session.commit().unwrap();
        assert!(Repository::update(&mut session, mine.clone()).is_err());
        session.commit().unwrap();
        assert!(Repository::<Department>::delete(&mut session, &before[1].id).is_err());
        session.commit().unwrap();
        assert!(session.query().filter(by_name("Sales")).update(&rename).is_err());
        session.commit().unwrap();
        assert!(session.query::<Department>().filter(by_name("Sales")).delete().is_err());
        session.commit().unwrap();
        assert_eq!(rows(&mut session), before);
        session.commit().unwrap();
        place.execute("ALTER TABLE audit_entries RENAME COLUMN what TO action");
        Repository::update(&mut session, mine.clone()).unwrap();
        session.commit().unwrap();
        let stored = rows(&mut session);
        assert_eq!(stored[0].name, "Ventes");
        assert_eq!(stored[1..], before[1..]);
    }

    fn a_transaction_is_taken_back_in_reverse<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (sales, support) = (session.add(department("Sales")), session.add(department("Support")));
        let ada = session.add(NewEmployee { desk: Some(1), ..employee("Ada", sales) });
        session.commit().unwrap();
        let before = (session[sales].clone(), session[support].clone(), session[ada].clone());

        session.delete(ada).unwrap();
        session.delete(sales).unwrap();
        session[support].name = "Service".into();
        session.add(employee("Bob", support));
        session.commit().unwrap();
        let mistake = session.transaction_id().unwrap();

        let mut other = database.session().unwrap();
        let changed = audit::revert::<(Department, Employee), _>(&mut other, mistake).unwrap();
        other.commit().unwrap();
        assert_eq!(changed, 4);
        let mut session = database.session().unwrap();
        let departments = session.query::<Department>().load().unwrap();
        let employees = session.query::<Employee>().load().unwrap();
        assert_eq!(departments[0], before.0);
        assert_eq!(departments[1].name, before.1.name);
        assert_eq!(employees, [before.2]);
    }

    fn taking_back_what_was_changed_since_is_a_conflict_and_changes_nothing<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (a, b) = (session.add(department("a")), session.add(department("b")));
        session.commit().unwrap();
        session[a].name = "a1".into();
        session[b].name = "b1".into();
        session.commit().unwrap();
        let mistake = session.transaction_id().unwrap();
        session[a].name = "a2".into();
        session.commit().unwrap();
        let error = audit::revert::<(Department,), _>(&mut session, mistake).unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error:?}");
        session.commit().unwrap();
        let mut names: Vec<String> =
            session.query::<Department>().load().unwrap().into_iter().map(|d| d.name).collect();
        names.sort();
        assert_eq!(names, ["a2", "b1"]);
        let unknown = audit::revert::<(Department,), _>(&mut session, uuid::Uuid::new_v4());
        assert!(matches!(unknown, Err(Error::NotFound { .. })));
        let other = audit::revert::<(Employee,), _>(&mut session, mistake);
        assert!(matches!(other, Err(Error::Schema { .. })));
    }

    fn taking_back_an_insert_whose_row_was_changed_since_is_a_conflict<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        let added = session.transaction_id().unwrap();
        session[sales].name = "Ventes".into();
        session.commit().unwrap();
        let error = audit::revert::<(Department,), _>(&mut session, added).unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error:?}");
        session.commit().unwrap();
        assert_eq!(session.query::<Department>().count().unwrap(), 1);
        session[sales].name = "Sales".into();
        session.commit().unwrap();
        assert_eq!(audit::revert::<(Department,), _>(&mut session, added).unwrap(), 1);
        session.commit().unwrap();
        assert_eq!(session.query::<Department>().count().unwrap(), 0);
    }

    fn an_entry_holds_what_was_written_by_which_key_and_filter<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        let id = session[sales].id;
        session.query::<Department>().filter(Department::NAME.eq("Sales"))
            .update(&[Department::NAME.set("Ventes")]).unwrap();
        session.refresh(sales).unwrap();
        session.delete(sales).unwrap();
        session.commit().unwrap();
        let entries = session.query::<AuditEntry>().order(AuditEntry::ID.asc()).load().unwrap();
        let [insert, bulk, delete] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!(insert.new_values.0["name"]["text"], "Sales");
        assert_eq!(insert.new_values.0["version"]["integer"], 1);
        assert_eq!(bulk.old_values.0, "name = \"Sales\"");
        assert_eq!(bulk.new_values.0["name"]["text"], "Ventes");
        assert_eq!(delete.row_key.0, serde_json::json!([{ "integer": id }]));
        assert_eq!(delete.old_values.0["name"]["text"], "Ventes");
    }

    fn repositories_and_bulk_statements_are_recorded_too<Engine>(place) {
        let database = audited::<Engine>(&place);
        let mut session = database.session().unwrap();
        let row: Department = session.insert(department("a")).unwrap();
        let row = session.update(Department { name: "b".into(), ..row }).unwrap();
        session.query::<Department>().filter(Department::NAME.eq("b"))
            .update(&[Department::NAME.set("c")]).unwrap();
        Repository::<Department>::delete(&mut session, &row.id).unwrap();
        session.query::<Department>().filter(Department::NAME.eq("c")).delete().unwrap();
        session.commit().unwrap();
        let entries = session.query::<AuditEntry>().order(AuditEntry::ID.asc()).load().unwrap();
        let actions: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["insert", "update", "update where", "delete", "delete where"]);
        assert_eq!(entries[4].old_values.0, "name = \"c\"");
        let transaction = session.transaction_id().unwrap();
        let refused = audit::revert::<(Department,), _>(&mut session, transaction);
        assert!(matches!(refused, Err(Error::Data { .. })), "{refused:?}");
    }

    fn a_hook_refuses_a_flush_whose_changes_stay_pending<Engine>(place) {
        drop(open::<Engine>(&place));
        let committed: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&committed);
        let database = Database::<Engine>::builder(place.url())
            .before_flush(|changes| {
                let is_closed = changes.iter().any(|change| change.to_string().contains("'Closed'"));
                if !is_closed {
                    return Ok(());
                }
                let errors = vec![FieldError::new("name", "no such department any more")];
                Err(Invalid { entity: "Department", errors }.into())
            })
            .after_commit(move |changes| {
                heard.lock().unwrap().extend(changes.iter().map(ToString::to_string));
            })
            .open()
            .unwrap();
        let mut session = database.session().unwrap();
        let closed = session.add(department("Closed"));
        assert!(matches!(session.commit(), Err(Error::Invalid(_))));
        assert!(committed.lock().unwrap().is_empty());
        session.draft_mut(closed).unwrap().name = "Open".into();
        session.flush().unwrap();
        assert!(committed.lock().unwrap().is_empty());
        session.commit().unwrap();
        let heard = committed.lock().unwrap().clone();
        assert_eq!(heard.len(), 1);
        assert!(heard[0].contains("'Open'"), "{heard:?}");
        assert_eq!(Repository::<Department>::count(&mut session, &Filter::All).unwrap(), 1);
    }
}
