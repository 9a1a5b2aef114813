//! After an error nothing is lost: what was pending is pending, and the session goes on.

use domain::{Author, NewUser, User};
use integration_tests::office::{Department, Employee, NewEmployee, department, employee, open};
use integration_tests::{on_every_engine, shop};
use persistence::{ConstraintKind, Error, Filter, Repository};

on_every_engine! {
    fn a_failed_flush_leaves_every_change_pending<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let (ada, bob) = (session.add(employee("Ada", sales)), session.add(employee("Bob", sales)));
        session.commit().unwrap();

        let support = session.add(department("Support"));
        let twice = session.add(NewEmployee { badge: "badge of Ada".into(), ..employee("Eve", support) });
        session[ada].name = "Ada Lovelace".into();
        session.delete(bob).unwrap();
        for _ in 0..2 {
            let error = session.flush().unwrap_err();
            let Error::Constraint(violation) = &error else { panic!("{error:?}") };
            assert_eq!(violation.kind, ConstraintKind::Unique);
            assert_eq!((violation.entity, violation.fields()), ("Employee", vec!["badge"]));
        }
        assert_eq!(session.row(support), None);
        assert_eq!(session.changes().len(), 4);

        session.draft_mut(twice).unwrap().badge = "another".into();
        session.commit().unwrap();
        let names: Vec<String> = database.session().unwrap()
            .query::<Employee>().order(Employee::NAME.asc()).load().unwrap()
            .into_iter().map(|employee| employee.name).collect();
        assert_eq!(names, ["Ada Lovelace", "Eve"]);
        assert_eq!(session[twice].department_id, session[support].id);
    }

    fn an_update_that_was_written_before_the_error_is_written_again<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = session.add_all(["a", "b", "c"].map(department));
        session.commit().unwrap();
        session[keys[0]].name = "a changed".into();
        session[keys[1]].name = "c".into();
        assert!(session.commit().is_err());
        session[keys[1]].name = "b changed".into();
        session.commit().unwrap();
        let mut stored = database.session().unwrap().query::<Department>().load().unwrap();
        stored.sort_by_key(|department| department.id);
        let known: Vec<_> = keys.iter().map(|&key| session[key].clone()).collect();
        assert_eq!(stored, known);
        assert_eq!(stored[0].version, 2);
    }

    fn who_does_not_count_the_version_up_is_not_overwritten_either<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        place.execute("UPDATE departments SET name = 'Ventes'");
        session[sales].name = "Verkauf".into();
        let Err(Error::Conflict(conflict)) = session.commit() else { panic!() };
        let name = Department::NAME.position();
        let names = [conflict.base, conflict.mine, conflict.theirs]
            .map(|row| row.unwrap().value(name).to_string());
        assert_eq!(names, ["Sales", "Verkauf", "Ventes"]);
        session.rollback().unwrap();
        session.delete(sales).unwrap();
        assert!(matches!(session.commit(), Err(Error::Conflict(_))));
        session.rollback().unwrap();
        session.refresh(sales).unwrap();
        session.delete(sales).unwrap();
        session.commit().unwrap();
    }

    fn what_was_inserted_before_a_refused_deletion_of_many_is_inserted_once<Engine>(place) {
        let (database, _place) = shop::database::<Engine>(place);
        let mut session = database.session().unwrap();
        let authors = session.add_all(["Lem", "Dick"].map(shop::author));
        session.commit().unwrap();
        let books = authors.iter().map(|&author| shop::book(&session[author], "Title"));
        let books = books.collect::<Vec<_>>();
        let books = session.add_all(books);
        session.commit().unwrap();

        session.add(NewUser { name: "Ada".into(), age: None });
        for &author in &authors {
            session.delete(author).unwrap();
        }
        for _ in 0..2 {
            assert!(matches!(session.flush(), Err(Error::Constraint(_))));
        }
        for &book in &books {
            session.delete(book).unwrap();
        }
        session.commit().unwrap();
        let mut others = database.session().unwrap();
        assert_eq!(Repository::<User>::count(&mut others, &Filter::All).unwrap(), 1);
        assert_eq!(Repository::<Author>::count(&mut others, &Filter::All).unwrap(), 0);
    }

    fn rollback_makes_rows_what_the_database_has<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = session.add_all(["a", "b", "c"].map(department));
        session.commit().unwrap();
        let before = keys.iter().map(|key| session[*key].clone()).collect::<Vec<_>>();
        // Some of it flushed, some not.
        session[keys[0]].name = "a1".into();
        session.delete(keys[1]).unwrap();
        let added = session.add(department("d"));
        session.flush().unwrap();
        session[keys[0]].name = "a2".into();
        session[keys[2]].name = "c1".into();
        let pending = session.add(department("e"));
        session.rollback().unwrap();
        let after = keys.iter().map(|key| session[*key].clone()).collect::<Vec<_>>();
        assert_eq!(after, before);
        assert_eq!((session.row(added), session.row(pending)), (None, None));
        session[keys[1]].name = "b1".into();
        session.commit().unwrap();
        assert_eq!(Repository::<Department>::count(&mut session, &Filter::All).unwrap(), 3);
    }

    fn a_conflict_between_two_connections_carries_base_mine_and_theirs<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        let theirs = other.get::<Department>(session[sales].id).unwrap();
        other[theirs].name = "Vertrieb".into();
        other.commit().unwrap();
        session[sales].name = "Ventes".into();
        let error = session.commit().unwrap_err();
        let Error::Conflict(conflict) = &error else { panic!("{error:?}") };
        let name = |record: &Option<persistence::Record>| {
            record.as_ref().unwrap().value(Department::NAME.position()).to_string()
        };
        assert_eq!(
            [name(&conflict.base), name(&conflict.mine), name(&conflict.theirs)],
            ["Sales", "Ventes", "Vertrieb"]
        );
        // Mine is still pending; theirs is taken when it is asked for.
        assert_eq!(session[sales].name, "Ventes");
        session.rollback().unwrap();
        session.refresh(sales).unwrap();
        assert_eq!(session[sales].name, "Vertrieb");
        session[sales].name = "Ventes".into();
        session.commit().unwrap();
    }

    fn a_row_that_somebody_deleted_meanwhile_is_a_conflict_without_theirs<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        let mut other = database.session().unwrap();
        Repository::<Department>::delete(&mut other, &session[sales].id).unwrap();
        other.commit().unwrap();
        session[sales].name = "Ventes".into();
        let error = session.commit().unwrap_err();
        assert!(matches!(&error, Error::Conflict(conflict) if conflict.theirs.is_none()), "{error:?}");
        session.rollback().unwrap();
        assert!(matches!(session.refresh(sales), Err(Error::NotFound { .. })));
        assert_eq!(session.row(sales), None);
    }

    fn a_hundred_thousand_pending_rows_are_one_flush<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = session.add_all((0..100_000).map(|n| department(&format!("{n}"))));
        session.commit().unwrap();
        assert_eq!(session[keys[99_999]].name, "99999");
        assert!(session[keys[0]].id < session[keys[99_999]].id);
        assert_eq!(
            Repository::<Department>::count(&mut session, &Filter::All).unwrap(), 100_000
        );
        let sample = session[keys[54_321]].clone();
        let mut other = database.session().unwrap();
        let stored: Department = Repository::get(&mut other, sample.id).unwrap();
        assert_eq!(stored, sample);
    }
}
