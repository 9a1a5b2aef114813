//! What a deletion would take along or stumble over.

use integration_tests::chinook::{Artist, Chinook, Employee, chinook};
use persistence::deletion::{Count, DeletionPlan, plan};
use persistence::{ConstraintKind, Error, OnDelete, Query, RecordKey, Repository};

fn planned(chinook: &Chinook, table: &str, keys: &[RecordKey]) -> DeletionPlan {
    let catalog = chinook.catalog();
    let mut session = catalog.session().unwrap();
    plan(&mut *session, catalog.entries(), table, keys).unwrap()
}

fn consequences(plan: &DeletionPlan) -> Vec<(&str, &str, Count)> {
    plan.consequences
        .iter()
        .map(|found| (found.entity.table, found.column.name, found.count))
        .collect()
}

#[test]
fn an_artist_with_albums_is_not_deleted_and_the_albums_are_named() {
    let chinook = chinook();
    let plan = planned(&chinook, "Artist", &[RecordKey::from(51)]);
    assert!(plan.is_blocked());
    assert_eq!(consequences(&plan), [("Album", "ArtistId", Count::Exactly(3))]);
    assert_eq!(plan.consequences[0].rule, OnDelete::Restrict);
    let labels: Vec<_> =
        plan.consequences[0].samples.iter().map(|sample| sample.label.as_str()).collect();
    assert_eq!(labels, ["Greatest Hits II", "Greatest Hits I", "News Of The World"]);

    let mut session = chinook.database.session().unwrap();
    let Err(Error::Constraint(violation)) = Repository::<Artist>::delete(&mut session, &51) else {
        panic!("it was deleted")
    };
    assert_eq!(violation.kind, ConstraintKind::ForeignKey);
    assert_eq!(violation.referenced_by, ["Album"]);
    assert!(Repository::<Artist>::find(&mut session, &51).unwrap().is_some());
}

#[test]
fn an_artist_without_albums_is_deleted() {
    let chinook = chinook();
    let plan = planned(&chinook, "Artist", &[RecordKey::from(25)]);
    assert!(!plan.is_blocked());
    assert_eq!((plan.rows, consequences(&plan)), (1, vec![]));
    let mut session = chinook.database.session().unwrap();
    let artist = session.get::<Artist>(25).unwrap();
    session.delete(artist).unwrap();
    session.commit().unwrap();
    assert_eq!(session.query::<Artist>().count().unwrap(), 274);
}

#[test]
fn an_employee_stands_in_the_way_of_the_manager() {
    let chinook = chinook();
    let plan = planned(&chinook, "Employee", &[RecordKey::from(2)]);
    assert_eq!(consequences(&plan), [("Employee", "ReportsTo", Count::Exactly(3))]);
    // Who is deleted along does not stand in the way.
    let keys = [6, 7, 8].map(RecordKey::from);
    assert!(!planned(&chinook, "Employee", &keys).is_blocked());
}

#[test]
fn the_chain_of_a_manager_and_the_reports_is_deleted_in_one_flush() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    // All of them are read first: a read flushes what is pending.
    let chain = [6, 7, 8].map(|id| session.get::<Employee>(id).unwrap());
    for employee in chain {
        session.delete(employee).unwrap();
    }
    session.commit().unwrap();
    let left: Vec<Employee> = session.list(&Query::new()).unwrap();
    assert_eq!(
        left.iter().map(|employee| employee.employee_id).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
}

#[test]
fn a_long_chain_is_deleted_from_its_end() {
    let chinook = chinook();
    chinook.file.execute(
        "WITH RECURSIVE chain (id) AS (VALUES (100) UNION ALL SELECT id + 1 FROM chain WHERE id < 3000)
         INSERT INTO Employee (EmployeeId, LastName, FirstName, ReportsTo)
         SELECT id, 'Link', 'A', CASE id WHEN 100 THEN 1 ELSE id - 1 END FROM chain",
    );
    let mut session = chinook.database.session().unwrap();
    let links = session.query::<Employee>().filter(Employee::LAST_NAME.eq("Link")).all().unwrap();
    assert_eq!(links.len(), 2901);
    for link in links {
        session.delete(link).unwrap();
    }
    session.commit().unwrap();
    assert_eq!(session.query::<Employee>().count().unwrap(), 8);
}

#[test]
fn two_who_report_to_each_other_are_deleted_together() {
    let chinook = chinook();
    chinook.file.execute("UPDATE Employee SET ReportsTo = 8 WHERE EmployeeId = 7");
    chinook.file.execute("UPDATE Employee SET ReportsTo = 7 WHERE EmployeeId = 8");
    let mut session = chinook.database.session().unwrap();
    let circle = [7, 8].map(|id| session.get::<Employee>(id).unwrap());
    for employee in circle {
        session.delete(employee).unwrap();
    }
    session.commit().unwrap();
    assert_eq!(session.query::<Employee>().count().unwrap(), 6);
}
