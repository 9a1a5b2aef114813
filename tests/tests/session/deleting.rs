//! What deleting rows makes of those that refer to them, in the database and in the session.

use integration_tests::office::{
    City, Country, Department, Employee, NewCity, NewCountry, NewEmployee, NewOrder, NewOrderLine,
    Order, OrderLine, department, employee, open,
};
use integration_tests::on_every_engine;
use persistence::{Engine as _, Error, Filter, OnDelete, Repository};

on_every_engine! {
    fn a_pending_child_goes_with_its_parent<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        let by_handle = session.add(employee("Ada", sales));
        let by_id = session.add(employee("Bob", session[sales].id));
        session.delete(sales).unwrap();
        session.commit().unwrap();
        assert!(session.draft(by_handle).is_none() && session.row(by_handle).is_none());
        assert!(session.draft(by_id).is_none());
        assert!(!session.query::<Employee>().exists().unwrap());
    }

    fn a_loaded_child_goes_with_its_parent_and_so_do_changes_of_it<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(employee("Ada", sales));
        let bob = session.add(employee("Bob", sales));
        session.commit().unwrap();
        session[bob].name = "Robert".into();
        session.delete(sales).unwrap();
        session.commit().unwrap();
        assert_eq!((session.row(ada), session.row(bob)), (None, None));
        assert_eq!(Repository::<Employee>::count(&mut session, &Filter::All).unwrap(), 0);
    }

    fn a_child_that_went_along_is_not_taken_for_the_one_that_has_its_key_by_now<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(employee("Ada", sales));
        session.commit().unwrap();
        session.delete(sales).unwrap();
        // On SQLite both are stored under the keys that have become free.
        let again = session.add(department("Sales"));
        let bob = session.add(employee("Bob", again));
        let refreshed = session.refresh(ada);
        assert!(matches!(refreshed, Err(Error::NotFound { .. })), "{refreshed:?}");
        assert_eq!((session.row(ada), session[bob].name.as_str()), (None, "Bob"));
        if Engine::NAME == "SQLite" {
            assert_eq!(session[bob].id, 1);
        }
    }

    fn a_child_that_moves_to_another_parent_survives<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (sales, support) = (session.add(department("Sales")), session.add(department("Support")));
        let ada = session.add(employee("Ada", sales));
        let bob = session.add(employee("Bob", support));
        session.commit().unwrap();
        session[ada].department_id = session[support].id;
        // And one that moves there goes, although the database does not know it yet.
        session[bob].department_id = session[sales].id;
        session.delete(sales).unwrap();
        session.commit().unwrap();
        assert_eq!(session[ada].department_id, session[support].id);
        assert_eq!(session.row(bob), None);
        let stored = database.session().unwrap().query::<Employee>().load().unwrap();
        assert_eq!(stored, [session[ada].clone()]);
    }

    fn a_reference_becomes_null_in_the_session_as_in_the_database<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let boss = session.add(employee("Boss", sales));
        let ada = session.add(NewEmployee { manager: Some(boss.into()), ..employee("Ada", sales) });
        session.commit().unwrap();
        let new = session.add(NewEmployee { manager: Some(boss.into()), ..employee("New", sales) });
        session.delete(boss).unwrap();
        session.commit().unwrap();
        assert_eq!((session[ada].manager_id, session[new].manager_id), (None, None));
        // The row is as the database has it: changing it is no conflict.
        session[ada].name = "Ada Lovelace".into();
        session.commit().unwrap();
    }

    fn a_row_that_others_need_stays_and_names_them<Engine>(place) {
        let (database, _place) =
            integration_tests::shop::database::<Engine>(place);
        let mut session = database.session().unwrap();
        let lem = session.add(integration_tests::shop::author("Lem"));
        session.flush().unwrap();
        let book = integration_tests::shop::book(&session[lem], "Solaris");
        session.add(book);
        session.commit().unwrap();
        session.delete(lem).unwrap();
        let error = session.commit().unwrap_err();
        let Error::Constraint(violation) = &error else { panic!("{error:?}") };
        assert_eq!(violation.referenced_by, ["books"]);
        session.rollback().unwrap();
        assert_eq!(session[lem].name, "Lem");
    }

    fn a_child_without_its_owner_is_deleted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let order = session.add(NewOrder { number: "1".into() });
        let line = |article: &str| NewOrderLine { order: Some(order.into()), article: article.into() };
        let (tea, cup) = (session.add(line("tea")), session.add(line("cup")));
        session.commit().unwrap();
        session[tea].order_id = None;
        session.commit().unwrap();
        assert_eq!(session.row(tea), None);
        let stored = database.session().unwrap().query::<OrderLine>().load().unwrap();
        assert_eq!(stored, [session[cup].clone()]);
        assert!(session.query::<Order>().exists().unwrap());
    }

    fn a_changed_natural_key_takes_its_children_along<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let country = session.add(NewCountry { code: "DD".into(), name: "Germany".into() });
        let city = session.add(NewCity { name: "Leipzig".into(), country: country.into() });
        session.commit().unwrap();
        session[country].code = "DE".into();
        session.commit().unwrap();
        assert_eq!(session.get::<Country>("DE").unwrap(), country);
        assert!(matches!(session.get::<Country>("DD"), Err(Error::NotFound { .. })));
        session.refresh(city).unwrap();
        assert_eq!(session[city].country_code, "DE");
        session.delete(country).unwrap();
        session.commit().unwrap();
        assert_eq!(session.row(city), None);
        assert!(!session.query::<City>().exists().unwrap());
    }

    fn deleting_a_row_twice_or_after_changing_it_is_one_delete<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        session[sales].name = "Vertrieb".into();
        session.delete(sales).unwrap();
        session.delete(sales).unwrap();
        session.commit().unwrap();
        assert!(matches!(session.delete(sales), Err(Error::NotFound { .. })));
        assert!(!session.query::<Department>().exists().unwrap());
    }

    fn many_rows_are_deleted_and_one_that_is_gone_already_is_named<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = session.add_all((0..250).map(|n| department(&format!("d{n:03}"))));
        session.commit().unwrap();
        let id = session[keys[120]].id;
        let mut other = database.session().unwrap();
        Repository::<Department>::delete(&mut other, &id).unwrap();
        other.commit().unwrap();
        for key in &keys {
            session.delete(*key).unwrap();
        }
        let error = session.commit().unwrap_err();
        assert!(matches!(&error, Error::NotFound { entity: "Department", wanted }
            if *wanted == format!("id = {id}")), "{error:?}");
        assert_eq!(Repository::<Department>::count(&mut other, &Filter::All).unwrap(), 249);
        other.rollback().unwrap();
        session.detach(keys[120]);
        session.commit().unwrap();
        assert_eq!(Repository::<Department>::count(&mut other, &Filter::All).unwrap(), 0);
    }

    fn a_plan_tells_what_goes_along_before_anything_does<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let boss = session.add(employee("Boss", sales));
        for name in ["Ada", "Bob"] {
            session.add(NewEmployee { manager: Some(boss.into()), ..employee(name, sales) });
        }
        session.add(department("Support"));
        // Also of a row of which no more is known than that it is there.
        for _ in 0..2 {
            let plan = session.plan_deletion([sales]).unwrap();
            assert_eq!((plan.entity.name, plan.rows), ("Department", 1));
            let told: Vec<_> = plan.consequences.iter()
                .map(|it| (it.entity.name, it.column.name, it.rule, it.count.number()))
                .collect();
            assert_eq!(told, [
                ("Employee", "department_id", OnDelete::Cascade, 3),
                ("Employee", "manager_id", OnDelete::SetNull, 2),
            ]);
            assert!(!plan.is_blocked());
            session.expire(sales);
        }
        assert_eq!(Repository::<Employee>::count(&mut session, &Filter::All).unwrap(), 3);
        let pending = database.session().unwrap().plan_deletion([sales]);
        assert!(matches!(pending, Err(Error::NotFound { .. })));
    }

    fn deleting_a_row_the_session_has_not_read_takes_its_children_along<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.add(employee("Ada", sales));
        session.commit().unwrap();
        let id = session[sales].id;
        let mut session = database.session().unwrap();
        let ada = session.query::<Employee>().one().unwrap();
        Repository::<Department>::delete(&mut session, &id).unwrap();
        assert_eq!(session.row(ada), None);
        session.rollback().unwrap();
        assert_eq!(session[ada].department_id, id);
    }
}
