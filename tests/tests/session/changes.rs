//! What would be written, before it is.

use integration_tests::office::{NewEmployee, department, employee, open};
use integration_tests::on_every_engine;

on_every_engine! {
    fn changes_are_listed_in_the_order_in_which_they_are_written<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let (ada, bob) = (session.add(employee("Ada", sales)), session.add(employee("Bob", sales)));
        session.commit().unwrap();
        assert!(session.changes().is_empty());
        let (department_id, ada_id, bob_id) =
            (session[sales].id, session[ada].id, session[bob].id);

        session.delete(bob).unwrap();
        session[ada].name = "Ada O'Neill".into();
        session[sales].version += 0;
        let support = session.add(department("Support"));
        session.add(NewEmployee { desk: Some(7), ..employee("Eve", support) });
        let listed: Vec<String> = session.changes().iter().map(ToString::to_string).collect();
        assert_eq!(listed, [
            "INSERT INTO departments (name, head_id) VALUES ('Support', NULL)".to_owned(),
            "INSERT INTO employees (name, department_id, manager_id, desk, badge) VALUES \
             ('Eve', <key of the new Department>, NULL, 7, 'badge of Eve')".to_owned(),
            format!("UPDATE employees SET name = 'Ada O''Neill', version = version + 1 \
                     WHERE id = {ada_id} AND version = 1"),
            format!("DELETE FROM employees WHERE id = {bob_id} AND version = 1"),
        ]);
        session.commit().unwrap();
        assert!(session.changes().is_empty());
        assert_eq!(session[ada].department_id, department_id);
    }

    fn a_session_without_changes_sends_no_statement<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        session.commit().unwrap();
        session[sales].name = "Ventes".into();
        session[sales].name = "Sales".into();
        assert!(!session.has_changes());
        session.commit().unwrap();
        assert_eq!(session[sales].version, 1);
    }
}
