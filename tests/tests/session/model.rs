//! Random sequences of session operations, compared with a model that is simple enough to be
//! believed: maps of rows, and what is pending beside them.

use std::collections::{BTreeMap, BTreeSet};

use integration_tests::office::{
    Department, Employee, NewDepartment, NewEmployee, OfficeEngine, open,
};
use integration_tests::{MysqlConnection, PgConnection, SqliteConnection, TestDatabase};
use persistence::{Database, Engine, Error, Key, Ref, Result, Session};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// What a program does with a session. Rows are meant by their number, counted in the order in
/// which they were added.
#[derive(Clone, Debug)]
enum Step {
    AddDepartment { name: u8 },
    AddEmployee { department: usize, manager: Option<usize>, desk: Option<i64> },
    Rename { row: usize, name: u8 },
    Head { row: usize, head: Option<usize> },
    Move { row: usize, department: usize },
    Report { row: usize, manager: Option<usize> },
    Sit { row: usize, desk: Option<i64> },
    DeleteDepartment { row: usize },
    DeleteEmployee { row: usize },
    Refresh { row: usize },
    Flush,
    Commit,
    Rollback,
    Savepoint { steps: Vec<Self>, keep: Keep },
    Query,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    Yes,
    No,
}

fn step() -> impl Strategy<Value = Step> {
    let row = || 0_usize..8;
    let other = || proptest::option::of(0_usize..8);
    let desk = || proptest::option::of(0_i64..4);
    let simple = prop_oneof![
        3 => (0_u8..6).prop_map(|name| Step::AddDepartment { name }),
        5 => (row(), other(), desk())
            .prop_map(|(department, manager, desk)| Step::AddEmployee { department, manager, desk }),
        2 => (row(), 0_u8..6).prop_map(|(row, name)| Step::Rename { row, name }),
        2 => (row(), other()).prop_map(|(row, head)| Step::Head { row, head }),
        2 => (row(), row()).prop_map(|(row, department)| Step::Move { row, department }),
        2 => (row(), other()).prop_map(|(row, manager)| Step::Report { row, manager }),
        5 => (row(), desk()).prop_map(|(row, desk)| Step::Sit { row, desk }),
        1 => row().prop_map(|row| Step::DeleteDepartment { row }),
        2 => row().prop_map(|row| Step::DeleteEmployee { row }),
        1 => row().prop_map(|row| Step::Refresh { row }),
        3 => Just(Step::Flush),
        2 => Just(Step::Commit),
        1 => Just(Step::Rollback),
        1 => Just(Step::Query),
    ];
    let inner = simple.clone();
    prop_oneof![
        12 => simple,
        1 => (vec(inner, 0..6), prop_oneof![Just(Keep::Yes), Just(Keep::No)]).prop_map(
            |(steps, keep)| {
                let ends = |step: &Step| matches!(step, Step::Commit | Step::Rollback);
                let steps = steps.into_iter().filter(|step| !ends(step)).collect();
                Step::Savepoint { steps, keep }
            }
        ),
    ]
}

/// A row of either table; references by number.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Row {
    Department { name: String, head: Option<usize> },
    Employee { department: usize, manager: Option<usize>, desk: Option<i64> },
}

type Table = BTreeMap<usize, Row>;

/// What the session and the database should have.
#[derive(Clone, Debug, Default)]
struct Model {
    committed: Table,
    /// What this transaction sees.
    written: Table,
    added: Table,
    changed: Table,
    deleted: BTreeSet<usize>,
}

impl Model {
    /// The row as the program sees it.
    fn seen(&self, row: usize) -> Option<&Row> {
        self.changed.get(&row).or_else(|| self.written.get(&row))
    }

    fn is_stored(&self, row: usize) -> bool {
        self.written.contains_key(&row) && !self.deleted.contains(&row)
    }

    fn discard(&mut self) {
        self.added.clear();
        self.changed.clear();
        self.deleted.clear();
    }

    /// Everything pending, written; not where two rows would share what they may not.
    fn flush(&mut self) -> bool {
        let mut rows = self.written.clone();
        rows.extend(self.added.clone());
        rows.extend(self.changed.clone());
        let mut gone = self.deleted.clone();
        loop {
            let more: Vec<usize> = rows
                .iter()
                .filter(|(row, value)| {
                    !gone.contains(row)
                        && matches!(value, Row::Employee { department, .. } if gone.contains(department))
                })
                .map(|(row, _)| *row)
                .collect();
            if more.is_empty() {
                break;
            }
            gone.extend(more);
        }
        rows.retain(|row, _| !gone.contains(row));
        for row in rows.values_mut() {
            let (Row::Department { head: other, .. } | Row::Employee { manager: other, .. }) = row;
            *other = other.filter(|other| !gone.contains(other));
        }
        let (mut names, mut desks) = (BTreeSet::new(), BTreeSet::new());
        let is_unique = rows.values().all(|row| match row {
            Row::Department { name, .. } => names.insert(name.clone()),
            Row::Employee { desk, .. } => desk.is_none_or(|desk| desks.insert(desk)),
        });
        if is_unique {
            self.written = rows;
            self.discard();
        }
        is_unique
    }
}

#[derive(Clone, Copy)]
enum Handle {
    Department(Key<Department>),
    Employee(Key<Employee>),
}

struct Run<'d, C: Engine> {
    database: &'d Database<C>,
    model: Model,
    handles: Vec<Handle>,
}

fn name(number: u8) -> String {
    format!("department {number}")
}

impl<C: OfficeEngine> Run<'_, C> {
    fn departments(&self) -> Vec<(usize, Key<Department>)> {
        (0..)
            .zip(&self.handles)
            .filter_map(|(row, handle)| match handle {
                Handle::Department(key) => Some((row, *key)),
                Handle::Employee(_) => None,
            })
            .collect()
    }

    fn employees(&self) -> Vec<(usize, Key<Employee>)> {
        (0..)
            .zip(&self.handles)
            .filter_map(|(row, handle)| match handle {
                Handle::Employee(key) => Some((row, *key)),
                Handle::Department(_) => None,
            })
            .collect()
    }

    /// Departments and employees that can be referred to: they are stored, or about to be.
    fn alive<K: Copy>(&self, rows: &[(usize, K)]) -> Vec<(usize, K)> {
        rows.iter()
            .filter(|(row, _)| self.model.is_stored(*row) || self.model.added.contains_key(row))
            .copied()
            .collect()
    }

    fn stored<K: Copy>(&self, rows: &[(usize, K)]) -> Vec<(usize, K)> {
        rows.iter().filter(|(row, _)| self.model.is_stored(*row)).copied().collect()
    }

    fn change(&mut self, row: usize, change: impl FnOnce(&mut Row)) {
        let mut value = self.model.seen(row).expect("it is stored").clone();
        change(&mut value);
        self.model.changed.insert(row, value);
    }

    fn step(&mut self, session: &mut Session<C>, step: &Step) -> Result<()> {
        match step {
            Step::AddDepartment { name: number } => {
                let name = name(*number);
                let key = session.add(NewDepartment { name: name.clone(), head: None });
                let row = self.handles.len();
                self.handles.push(Handle::Department(key));
                self.model.added.insert(row, Row::Department { name, head: None });
            }
            Step::AddEmployee { department, manager, desk } => {
                let departments = self.alive(&self.departments());
                let Some(department) = pick(&departments, *department) else { return Ok(()) };
                let manager =
                    manager.and_then(|number| pick(&self.alive(&self.employees()), number));
                let row = self.handles.len();
                let key = session.add(NewEmployee {
                    name: format!("employee {row}"),
                    department: department.1.into(),
                    manager: manager.map(|(_, key)| Ref::Key(key)),
                    desk: *desk,
                    badge: format!("badge {row}"),
                });
                self.handles.push(Handle::Employee(key));
                let value = Row::Employee {
                    department: department.0,
                    manager: manager.map(|(row, _)| row),
                    desk: *desk,
                };
                self.model.added.insert(row, value);
            }
            Step::Rename { row, name: number } => {
                let Some((row, key)) = pick(&self.stored(&self.departments()), *row) else {
                    return Ok(());
                };
                session[key].name = name(*number);
                self.change(row, |value| {
                    let Row::Department { name: old, .. } = value else { unreachable!() };
                    *old = name(*number);
                });
            }
            Step::Head { row, head } => {
                let Some((row, key)) = pick(&self.stored(&self.departments()), *row) else {
                    return Ok(());
                };
                let head = head.and_then(|number| pick(&self.stored(&self.employees()), number));
                session[key].head_id = head.map(|(_, key)| session[key].id);
                self.change(row, |value| {
                    let Row::Department { head: old, .. } = value else { unreachable!() };
                    *old = head.map(|(row, _)| row);
                });
            }
            Step::Move { row, department } => {
                let Some((row, key)) = pick(&self.stored(&self.employees()), *row) else {
                    return Ok(());
                };
                let departments = self.stored(&self.departments());
                let Some(department) = pick(&departments, *department) else { return Ok(()) };
                session[key].department_id = session[department.1].id;
                self.change(row, |value| {
                    let Row::Employee { department: old, .. } = value else { unreachable!() };
                    *old = department.0;
                });
            }
            Step::Report { row, manager } => {
                let employees = self.stored(&self.employees());
                let Some((row, key)) = pick(&employees, *row) else { return Ok(()) };
                let manager = manager.and_then(|number| pick(&employees, number));
                session[key].manager_id = manager.map(|(_, key)| session[key].id);
                self.change(row, |value| {
                    let Row::Employee { manager: old, .. } = value else { unreachable!() };
                    *old = manager.map(|(row, _)| row);
                });
            }
            Step::Sit { row, desk } => {
                let Some((row, key)) = pick(&self.stored(&self.employees()), *row) else {
                    return Ok(());
                };
                session[key].desk = *desk;
                self.change(row, |value| {
                    let Row::Employee { desk: old, .. } = value else { unreachable!() };
                    *old = *desk;
                });
            }
            Step::DeleteDepartment { row } => {
                let Some((row, key)) = pick(&self.alive(&self.departments()), *row) else {
                    return Ok(());
                };
                if self.model.added.contains_key(&row) {
                    // Others may still refer to what never was: that is an error of its own.
                    return Ok(());
                }
                session.delete(key)?;
                self.model.changed.remove(&row);
                self.model.deleted.insert(row);
            }
            Step::DeleteEmployee { row } => {
                let Some((row, key)) = pick(&self.stored(&self.employees()), *row) else {
                    return Ok(());
                };
                session.delete(key)?;
                self.model.changed.remove(&row);
                self.model.deleted.insert(row);
            }
            Step::Refresh { row } => {
                let Some((row, key)) = pick(&self.stored(&self.employees()), *row) else {
                    return Ok(());
                };
                self.model.changed.remove(&row);
                let refreshed = session.refresh(key);
                if matches!(refreshed, Err(Error::NotFound { .. })) {
                    // It went along with its department, which the flush before reading deleted.
                    self.expect(&Ok(()));
                    assert_eq!(self.model.seen(row), None);
                } else if self.expect(&refreshed) {
                    assert!(self.model.seen(row).is_some(), "read, although it is deleted");
                }
            }
            Step::Flush => {
                let flushed = session.flush();
                self.expect(&flushed);
            }
            Step::Query => {
                let counted = session.query::<Employee>().count();
                if self.expect(&counted) {
                    let employees = |row: &&Row| matches!(row, Row::Employee { .. });
                    let expected = self.model.written.values().filter(employees).count();
                    assert_eq!(counted.unwrap(), expected as u64);
                }
            }
            Step::Commit => {
                let committed = session.commit();
                if self.expect(&committed) {
                    self.model.committed = self.model.written.clone();
                    compare_database(&mut self.database.session()?, &self.model.committed)?;
                }
            }
            Step::Rollback => {
                session.rollback()?;
                self.model.discard();
                self.model.written = self.model.committed.clone();
            }
            Step::Savepoint { steps, keep } => {
                let before = {
                    let mut model = self.model.clone();
                    model.flush().then_some(model)
                };
                let mut entered = false;
                let result = session.savepoint(|session| {
                    entered = true;
                    self.model.flush();
                    for step in steps {
                        self.step(session, step)?;
                        self.compare_session(session);
                    }
                    match keep {
                        Keep::Yes => Ok(()),
                        Keep::No => Err(Error::Cancelled),
                    }
                });
                assert_eq!(entered, before.is_some(), "{result:?}");
                if let Some(before) = before {
                    let is_kept = *keep == Keep::Yes && self.model.flush();
                    assert_eq!(result.is_ok(), is_kept, "{result:?}");
                    if !is_kept {
                        self.model = before;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the model's flush and the session's have come to the same.
    fn expect<T>(&mut self, result: &Result<T>) -> bool {
        let expected = self.model.flush();
        match result {
            Ok(_) => assert!(expected, "written, although two rows share a unique value"),
            Err(error) => {
                assert!(matches!(error, Error::Constraint(_)), "{error:?}");
                assert!(!expected, "refused: {error:?}");
            }
        }
        expected
    }

    fn number(&self, id: i64, ids: impl Fn(Handle) -> Option<i64>) -> Option<usize> {
        self.handles.iter().position(|&handle| ids(handle) == Some(id))
    }

    fn compare_session(&self, session: &Session<C>) {
        for (row, handle) in (0..).zip(&self.handles) {
            let seen = match handle {
                Handle::Department(key) => session.row(*key).map(|found| Row::Department {
                    name: found.name.clone(),
                    head: found.head_id.and_then(|id| self.employee(session, id)),
                }),
                Handle::Employee(key) => session.row(*key).map(|found| Row::Employee {
                    department: self.department(session, found.department_id).unwrap_or(usize::MAX),
                    manager: found.manager_id.and_then(|id| self.employee(session, id)),
                    desk: found.desk,
                }),
            };
            if self.model.deleted.contains(&row) {
                continue;
            }
            assert_eq!(seen.as_ref(), self.model.seen(row), "row {row}");
        }
    }

    fn department(&self, session: &Session<C>, id: i64) -> Option<usize> {
        self.number(id, |handle| match handle {
            Handle::Department(key) => session.row(key).map(|row| row.id),
            Handle::Employee(_) => None,
        })
    }

    fn employee(&self, session: &Session<C>, id: i64) -> Option<usize> {
        self.number(id, |handle| match handle {
            Handle::Employee(key) => session.row(key).map(|row| row.id),
            Handle::Department(_) => None,
        })
    }
}

/// Compares what another connection reads: names and badges tell which row is which.
fn compare_database<C: OfficeEngine>(other: &mut Session<C>, expected: &Table) -> Result<()> {
    let mut departments: Vec<String> =
        other.query::<Department>().load()?.into_iter().map(|row| row.name).collect();
    departments.sort();
    let mut desks: Vec<(String, Option<i64>)> =
        other.query::<Employee>().load()?.into_iter().map(|row| (row.badge, row.desk)).collect();
    desks.sort();
    let mut names = Vec::new();
    let mut seats = Vec::new();
    for (row, value) in expected {
        match value {
            Row::Department { name, .. } => names.push(name.clone()),
            Row::Employee { desk, .. } => seats.push((format!("badge {row}"), *desk)),
        }
    }
    names.sort();
    seats.sort();
    assert_eq!((departments, desks), (names, seats));
    Ok(())
}

fn pick<T: Copy>(rows: &[T], number: usize) -> Option<T> {
    rows.get(number % rows.len().max(1)).copied()
}

fn check<C: OfficeEngine>(place: &TestDatabase, cases: u32) {
    let database = open::<C>(place);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&vec(step(), 1..40), |steps| {
        let mut cleaner = database.session().expect("a session");
        cleaner.query::<Employee>().update(&[Employee::MANAGER_ID.set(None)]).expect("cleaned");
        cleaner.query::<Department>().delete().expect("cleaned");
        cleaner.commit().expect("cleaned");
        drop(cleaner);
        let mut session = database.session().expect("a session");
        let mut run = Run { database: &database, model: Model::default(), handles: Vec::new() };
        for step in &steps {
            run.step(&mut session, step)
                .map_err(|error| TestCaseError::fail(format!("{step:?}: {error:?}")))?;
            run.compare_session(&session);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn a_session_does_what_the_model_does_on_sqlite() {
    check::<SqliteConnection>(&integration_tests::sqlite(), 300);
}

#[test]
fn a_session_does_what_the_model_does_on_postgres() {
    check::<PgConnection>(&integration_tests::postgres(), 100);
}

#[test]
fn a_session_does_what_the_model_does_on_mysql() {
    check::<MysqlConnection>(&integration_tests::mysql(), 100);
}
