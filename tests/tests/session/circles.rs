//! Rows that refer to each other, added and deleted in any order.

use integration_tests::office::{
    Department, Employee, NewDepartment, NewEmployee, NewRival, Rival, department, employee, open,
    reports,
};
use integration_tests::on_every_engine;
use persistence::{Error, Filter, Key, Ref, Repository};

on_every_engine! {
    fn a_tree_that_is_added_leaves_first_is_inserted_from_its_root<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        // Keys are handed out before the rows they stand for say who they report to.
        let keys: Vec<Key<Employee>> =
            ["Ada", "Bob", "Cid"].map(|name| session.add(employee(name, sales))).into();
        for pair in keys.windows(2) {
            session.draft_mut(pair[0]).unwrap().manager = Some(pair[1].into());
        }
        session.commit().unwrap();
        let of = |name: &str| Some(name.to_owned());
        assert_eq!(reports(&mut database.session().unwrap()), [
            ("Ada".to_owned(), of("Bob")),
            ("Bob".to_owned(), of("Cid")),
            ("Cid".to_owned(), None),
        ]);
    }

    fn a_long_chain_in_the_wrong_order_is_inserted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let keys: Vec<Key<Employee>> =
            (0..300).map(|n| session.add(employee(&format!("{n:03}"), sales))).collect();
        for pair in keys.windows(2) {
            session.draft_mut(pair[0]).unwrap().manager = Some(pair[1].into());
        }
        session.commit().unwrap();
        let reports = reports(&mut database.session().unwrap());
        assert_eq!(reports.len(), 300);
        assert_eq!(reports[0].1.as_deref(), Some("001"));
        assert_eq!(reports[298].1.as_deref(), Some("299"));
        assert_eq!(reports[299].1, None);
    }

    fn mutual_references_of_two_tables_are_inserted_one_of_them_afterwards<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(employee("Ada", sales));
        session.draft_mut(sales).unwrap().head = Some(ada.into());
        session.commit().unwrap();
        assert_eq!(session[sales].head_id, Some(session[ada].id));
        assert_eq!(session[ada].department_id, session[sales].id);
        let stored = database.session().unwrap().query::<Department>().load().unwrap();
        assert_eq!(stored, [session[sales].clone()]);
    }

    fn rows_of_one_table_that_refer_to_each_other_are_inserted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(employee("Ada", sales));
        let bob = session.add(NewEmployee { manager: Some(ada.into()), ..employee("Bob", sales) });
        session.draft_mut(ada).unwrap().manager = Some(bob.into());
        session.commit().unwrap();
        assert_eq!(session[ada].manager_id, Some(session[bob].id));
        assert_eq!(session[bob].manager_id, Some(session[ada].id));
    }

    fn a_row_may_refer_to_itself<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(employee("Ada", sales));
        session.draft_mut(ada).unwrap().manager = Some(ada.into());
        session.commit().unwrap();
        assert_eq!(session[ada].manager_id, Some(session[ada].id));
    }

    fn a_circle_in_which_nothing_may_be_null_is_refused_and_named<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let ada = session.add(NewRival { name: "Ada".into(), rival: Ref::Id(0) });
        let bob = session.add(NewRival { name: "Bob".into(), rival: ada.into() });
        session.draft_mut(ada).unwrap().rival = bob.into();
        let error = session.flush().unwrap_err();
        let Error::Invalid(invalid) = &error else { panic!("{error:?}") };
        assert_eq!(invalid.entity, "Rival");
        assert_eq!(invalid.errors[0].field, "rival_id");
        assert!(error.to_string().contains("Rival → Rival → Rival"), "{error}");
        // Nothing is lost: one without the other can be written once the circle is mended.
        session.delete(bob).unwrap();
        session.delete(ada).unwrap();
        session.commit().unwrap();
        assert!(!session.query::<Rival>().exists().unwrap());
    }

    fn rows_in_a_circle_are_deleted_together<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(employee("Ada", sales));
        let bob = session.add(NewEmployee { manager: Some(ada.into()), ..employee("Bob", sales) });
        session.draft_mut(ada).unwrap().manager = Some(bob.into());
        session.draft_mut(sales).unwrap().head = Some(ada.into());
        session.commit().unwrap();
        session.delete(sales).unwrap();
        session.delete(ada).unwrap();
        session.delete(bob).unwrap();
        session.commit().unwrap();
        assert_eq!(Repository::<Employee>::count(&mut session, &Filter::All).unwrap(), 0);
        assert_eq!(Repository::<Department>::count(&mut session, &Filter::All).unwrap(), 0);
    }

    fn a_tree_is_deleted_leaves_first_in_whatever_order_it_was_marked<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let root = session.add(employee("root", sales));
        let middle =
            session.add(NewEmployee { manager: Some(root.into()), ..employee("middle", sales) });
        let leaf =
            session.add(NewEmployee { manager: Some(middle.into()), ..employee("leaf", sales) });
        session.commit().unwrap();
        for key in [root, leaf, middle] {
            session.delete(key).unwrap();
        }
        session.commit().unwrap();
        assert!(!session.query::<Employee>().exists().unwrap());
    }

    fn a_reference_to_a_row_of_another_session_is_refused<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut other = database.session().unwrap();
        let foreign = other.add(department("Elsewhere"));
        let mut session = database.session().unwrap();
        session.add(employee("Ada", foreign));
        let error = session.flush().unwrap_err();
        assert!(
            error.to_string().contains("department_id: refers to a Department that is not in this"),
            "{error}"
        );
    }

    fn parents_may_be_added_after_their_children<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let first = session.add(department("First"));
        let ada = session.add(employee("Ada", first));
        let second = session.add(NewDepartment { name: "Second".into(), head: Some(ada.into()) });
        session.draft_mut(ada).unwrap().department = second.into();
        session.commit().unwrap();
        assert_eq!(session[ada].department_id, session[second].id);
        assert_eq!(session[second].head_id, Some(session[ada].id));
    }
}
