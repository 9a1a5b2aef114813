//! Values that must be unique and change hands within one flush.

use integration_tests::office::{
    Country, Employee, NewCountry, NewEmployee, department, employee, open,
};
use integration_tests::on_every_engine;
use persistence::{ConstraintKind, Engine as _, Error, Key, Session};

fn seated<C: integration_tests::office::OfficeEngine>(
    session: &mut Session<C>,
    desks: &[Option<i64>],
) -> Vec<Key<Employee>> {
    let sales = session.add(department("Sales"));
    let keys = (0..)
        .zip(desks)
        .map(|(n, &desk)| session.add(NewEmployee { desk, ..employee(&format!("e{n}"), sales) }))
        .collect();
    session.commit().unwrap();
    keys
}

fn desks<C: integration_tests::office::OfficeEngine>(session: &mut Session<C>) -> Vec<Option<i64>> {
    let employees = session.query::<Employee>().order(Employee::NAME.asc()).load().unwrap();
    employees.iter().map(|employee| employee.desk).collect()
}

on_every_engine! {
    fn two_rows_swap_a_unique_value<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = seated(&mut session, &[Some(1), Some(2)]);
        session[keys[0]].desk = Some(2);
        session[keys[1]].desk = Some(1);
        session.commit().unwrap();
        assert_eq!(desks(&mut database.session().unwrap()), [Some(2), Some(1)]);
        // What the session counted is what the database has: the next change is no conflict.
        session[keys[0]].name = "e0 renamed".into();
        session[keys[1]].name = "e1 renamed".into();
        session.commit().unwrap();
    }

    fn two_rows_swap_a_unique_text_that_cannot_be_null<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = seated(&mut session, &[None, None]);
        let badges = keys.iter().map(|&key| session[key].badge.clone()).collect::<Vec<_>>();
        session[keys[0]].badge.clone_from(&badges[1]);
        session[keys[1]].badge.clone_from(&badges[0]);
        session.commit().unwrap();
        let mut session = database.session().unwrap();
        let stored = session.query::<Employee>().order(Employee::NAME.asc()).load().unwrap();
        assert_eq!([&stored[0].badge, &stored[1].badge], [&badges[1], &badges[0]]);
    }

    fn values_move_along_a_chain_and_round_a_ring<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = seated(&mut session, &[Some(1), Some(2), Some(3), Some(4), Some(5)]);
        // A chain: 0 takes 1's, 1 takes a free one. A ring: 2, 3 and 4 move up.
        for (key, desk) in keys.iter().zip([2, 9, 4, 5, 3]) {
            session[*key].desk = Some(desk);
        }
        session.commit().unwrap();
        assert_eq!(
            desks(&mut database.session().unwrap()),
            [Some(2), Some(9), Some(4), Some(5), Some(3)]
        );
    }

    fn a_new_row_takes_the_value_that_a_changed_row_gives_up<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = seated(&mut session, &[Some(1)]);
        let department = session[keys[0]].department_id;
        session.add(NewEmployee { desk: Some(1), ..employee("e1", department) });
        session[keys[0]].desk = Some(2);
        session.commit().unwrap();
        assert_eq!(desks(&mut database.session().unwrap()), [Some(2), Some(1)]);
    }

    fn a_new_row_takes_the_values_of_a_deleted_one<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = seated(&mut session, &[Some(1)]);
        let old = session[keys[0]].clone();
        session.delete(keys[0]).unwrap();
        let new = session.add(NewEmployee {
            desk: Some(1),
            badge: old.badge.clone(),
            ..employee("successor", old.department_id)
        });
        session.commit().unwrap();
        let stored = database.session().unwrap().query::<Employee>().load().unwrap();
        assert_eq!(stored, [session[new].clone()]);
    }

    fn a_changed_row_takes_the_value_of_a_deleted_one<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = seated(&mut session, &[Some(1), Some(2)]);
        session.delete(keys[0]).unwrap();
        session[keys[1]].desk = Some(1);
        session[keys[1]].badge = "badge of e0".into();
        session.commit().unwrap();
        assert_eq!(desks(&mut database.session().unwrap()), [Some(1)]);
    }

    fn a_row_that_is_deleted_and_added_again_keeps_its_natural_key<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let old = session.add(NewCountry { code: "DE".into(), name: "Germany".into() });
        session.commit().unwrap();
        session.delete(old).unwrap();
        let new = session.add(NewCountry { code: "DE".into(), name: "Deutschland".into() });
        session.commit().unwrap();
        assert_eq!(session.row(old), None);
        assert_eq!(session[new].name, "Deutschland");
        assert_eq!(session.get::<Country>("DE").unwrap(), new);
        let stored = database.session().unwrap().query::<Country>().load().unwrap();
        assert_eq!(stored, [session[new].clone()]);
    }

    fn natural_keys_are_swapped_like_any_unique_value<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let a = session.add(NewCountry { code: "A".into(), name: "first".into() });
        let b = session.add(NewCountry { code: "B".into(), name: "second".into() });
        session.commit().unwrap();
        session[a].code = "B".into();
        session[b].code = "A".into();
        session.commit().unwrap();
        assert_eq!(session.get::<Country>("B").unwrap(), a);
        assert_eq!(session.get::<Country>("A").unwrap(), b);
        assert_eq!(session[a].name, "first");
    }

    fn a_value_that_somebody_else_has_is_still_refused<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let keys = seated(&mut session, &[Some(1), Some(2), Some(3)]);
        // Two swap, a third wants a place that nobody gives up.
        session[keys[0]].desk = Some(2);
        session[keys[1]].desk = Some(1);
        session[keys[2]].desk = Some(2);
        let error = session.flush().unwrap_err();
        let Error::Constraint(violation) = &error else { panic!("{error:?} on {}", Engine::NAME) };
        assert_eq!((violation.kind, violation.fields()), (ConstraintKind::Unique, vec!["desk"]));
        // All changes are pending as they were.
        assert_eq!(session[keys[0]].desk, Some(2));
        session[keys[2]].desk = Some(3);
        session.commit().unwrap();
        assert_eq!(desks(&mut database.session().unwrap()), [Some(2), Some(1), Some(3)]);
    }
}
