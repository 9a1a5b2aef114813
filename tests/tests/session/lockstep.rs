//! The unit of work by names does in memory what it does on a database: random operations, side by
//! side.

use integration_tests::office::{self, Country};
use persistence::catalog::DynSession;
use persistence::{
    Catalog, Entity as _, Error, Given, Query, RecordKey, RelationKind, Result, Slot, Value,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::by_name::{catalog, in_memory};

/// What is done to both, with rows by their numbers.
#[derive(Clone, Debug)]
enum Step {
    Add(usize, [usize; 3]),
    Set(usize, usize, usize),
    Delete(usize),
    Relate(usize, usize, usize),
    Unrelate(usize, usize, usize),
    Include(usize, usize),
    Refresh(usize),
    Read(usize, usize),
    Flush,
    Part(Vec<Step>, bool),
    Commit,
    Rollback,
}

const TABLES: [&str; 6] =
    ["departments", "employees", "countries", "cities", "orders", "order_lines"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let row = 0..12_usize;
    let plain = prop_oneof![
        6 => (0..TABLES.len(), [row.clone(), row.clone(), row.clone()])
            .prop_map(|(table, numbers)| Step::Add(table, numbers)),
        6 => (row.clone(), 0..6_usize, row.clone()).prop_map(|(row, column, to)| Step::Set(row, column, to)),
        3 => row.clone().prop_map(Step::Delete),
        3 => (row.clone(), 0..3_usize, row.clone()).prop_map(|(row, way, to)| Step::Relate(row, way, to)),
        3 => (row.clone(), 0..3_usize, row.clone()).prop_map(|(row, way, to)| Step::Unrelate(row, way, to)),
        2 => (row.clone(), 0..3_usize).prop_map(|(row, way)| Step::Include(row, way)),
        1 => row.clone().prop_map(Step::Refresh),
        2 => (0..TABLES.len(), row).prop_map(|(table, number)| Step::Read(table, number)),
        4 => Just(Step::Flush),
    ];
    let part = (prop::collection::vec(plain.clone(), 0..5), any::<bool>())
        .prop_map(|(steps, fails)| Step::Part(steps, fails));
    let step = prop_oneof![
        20 => plain,
        1 => part,
        2 => Just(Step::Commit),
        1 => Just(Step::Rollback),
    ];
    prop::collection::vec(step, 0..25)
}

/// One of the two, with the handles of its rows in the order in which they came.
struct Side<'s> {
    session: &'s mut dyn DynSession,
    rows: Vec<Slot>,
}

/// What a step comes to, in words that do not depend on the side.
type Outcome = std::result::Result<(), String>;

impl Side<'_> {
    fn row(&self, number: usize) -> Option<Slot> {
        let count = self.rows.len();
        (count > 0).then(|| self.rows[number % count])
    }

    fn row_of(&self, table: &str, number: usize) -> Option<Slot> {
        let of: Vec<Slot> =
            self.rows.iter().copied().filter(|row| row.entity().meta().table == table).collect();
        (!of.is_empty()).then(|| of[number % of.len()])
    }

    /// The number of a row, by its handle.
    fn number(&self, row: Slot) -> usize {
        self.rows.iter().position(|known| *known == row).expect("a handle that was noted")
    }

    fn note(&mut self, rows: &[Slot]) {
        for row in rows {
            if !self.rows.contains(row) {
                self.rows.push(*row);
            }
        }
    }

    fn take(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Add(table, numbers) => self.add(TABLES[*table], *numbers),
            Step::Set(row, column, to) => self.set(*row, *column, *to),
            Step::Delete(row) => match self.row(*row) {
                Some(row) => self.session.delete(row),
                None => Ok(()),
            },
            Step::Relate(row, way, to) => match self.ends(*row, *way, *to) {
                Some((row, relation, other)) => self.session.relate(row, relation, other),
                None => Ok(()),
            },
            Step::Unrelate(row, way, to) => match self.ends(*row, *way, *to) {
                Some((row, relation, other)) => self.session.unrelate(row, relation, other),
                None => Ok(()),
            },
            Step::Include(row, way) => {
                let Some((row, relation)) = self.way(*row, *way) else { return Ok(()) };
                let found = self.session.include(&[row], relation)?;
                self.note(&found);
                Ok(())
            }
            Step::Refresh(row) => match self.row(*row) {
                Some(row) => self.session.refresh(row),
                None => Ok(()),
            },
            Step::Read(table, number) => {
                let rows = self.session.all(TABLES[*table], &Query::new())?;
                self.note(&rows);
                let Some(row) = self.row_of(TABLES[*table], *number) else { return Ok(()) };
                let Some(stored) = self.session.row(row) else { return Ok(()) };
                let meta = row.entity().meta();
                let again = self.session.get(meta.table, &meta.key_of(&stored))?;
                self.note(&[again]);
                Ok(())
            }
            Step::Flush => self.session.flush(),
            Step::Part(steps, fails) => self.part(steps, *fails),
            Step::Commit => self.session.commit(),
            Step::Rollback => self.session.rollback(),
        }
    }

    fn part(&mut self, steps: &[Step], fails: bool) -> Result<()> {
        let mut rows = self.rows.clone();
        let result = self.session.savepoint(&mut |session| {
            let mut side = Side { session, rows: rows.clone() };
            for step in steps {
                // What fails inside is left as it is.
                drop(side.take(step));
            }
            rows.clone_from(&side.rows);
            if fails { Err(Error::Cancelled) } else { Ok(()) }
        });
        self.rows = rows;
        result
    }

    fn add(&mut self, table: &str, [name, to, other]: [usize; 3]) -> Result<()> {
        let text = |prefix: &str| Given::from(format!("{prefix}{name}"));
        let refer = |table: &str, number: usize| self.row_of(table, number).map(Given::Row);
        let null = || Given::from(Value::Null);
        let columns: Vec<(&str, Given)> = match table {
            "departments" => {
                vec![("name", text("d")), ("head_id", refer("employees", to).unwrap_or_else(null))]
            }
            "employees" => {
                let Some(department) = refer("departments", to) else { return Ok(()) };
                vec![
                    ("name", text("e")),
                    ("badge", text("b")),
                    ("department_id", department),
                    ("manager_id", refer("employees", other).unwrap_or_else(null)),
                    (
                        "desk",
                        if other % 2 == 0 {
                            Given::from(i64::try_from(to).unwrap())
                        } else {
                            null()
                        },
                    ),
                ]
            }
            "countries" => vec![("code", text("c")), ("name", text("n"))],
            "cities" => {
                let Some(country) = refer("countries", to) else { return Ok(()) };
                vec![("name", text("t")), ("country_code", country)]
            }
            "orders" => vec![("number", text("o"))],
            _ => {
                vec![("article", text("a")), ("order_id", refer("orders", to).unwrap_or_else(null))]
            }
        };
        let row = self.session.add(table, &columns)?;
        self.rows.push(row);
        Ok(())
    }

    fn set(&mut self, row: usize, column: usize, to: usize) -> Result<()> {
        let Some(row) = self.row(row) else { return Ok(()) };
        let meta = row.entity().meta();
        let column = &meta.columns[column % meta.columns.len()];
        // Memory follows no key.
        if meta.key_columns().any(|key| key.name == column.name) {
            return Ok(());
        }
        let value = match &column.references {
            Some(reference) => match self.row_of(reference.entity.meta().table, to) {
                Some(other) if !to.is_multiple_of(4) => Given::Row(other),
                _ => Given::from(Value::Null),
            },
            None if column.name == "desk" => Given::from(i64::try_from(to).unwrap()),
            None => Given::from(format!("{}{to}", &column.name[..1])),
        };
        self.session.set(row, column.name, value)
    }

    fn way(&self, row: usize, way: usize) -> Option<(Slot, &'static str)> {
        let row = self.row(row)?;
        let relations = row.entity().meta().relations;
        let relation = relations.get(way % relations.len().max(1))?;
        Some((row, relation.name))
    }

    fn ends(&self, row: usize, way: usize, to: usize) -> Option<(Slot, &'static str, Slot)> {
        let (row, relation) = self.way(row, way)?;
        let target = row.entity().meta().relation(relation)?.target.meta();
        Some((row, relation, self.row_of(target.table, to)?))
    }

    /// A value by the number of the row that has it for a key.
    fn told(&self, table: &str, value: &Value) -> String {
        let has_key = |row: &&Slot| {
            let meta = row.entity().meta();
            meta.table == table
                && self.session.row(**row).is_some_and(|row| meta.key_of(&row).0 == [value.clone()])
        };
        match self.rows.iter().find(has_key) {
            Some(row) => format!("row {}", self.number(*row)),
            None if value.is_null() => "NULL".to_owned(),
            None => "another".to_owned(),
        }
    }

    /// Whether a row is to refer to one that has no key yet: what the column has until then says nothing.
    fn is_waiting(&self, row: Slot, column: &str) -> bool {
        let meta = row.entity().meta();
        let relation = meta.relations.iter().find(|relation| match relation.kind {
            RelationKind::BelongsTo { column: own } => meta.columns[own].name == column,
            _ => false,
        });
        let related = relation.and_then(|relation| self.session.related(row, relation.name).ok());
        related.unwrap_or_default().iter().any(|other| self.session.draft(*other).is_some())
    }

    /// All that the session says of its rows.
    fn seen(&mut self) -> Vec<String> {
        let pending = self.session.changes().len();
        let mut seen = vec![format!("{pending} changes")];
        for (number, row) in self.rows.iter().enumerate() {
            let meta = row.entity().meta();
            let draft = if self.session.draft(*row).is_some() { "draft" } else { "" };
            let columns = self.session.row(*row).map(|record| {
                let cells = meta.columns.iter().zip(record.0);
                let told = cells.map(|(column, value)| match &column.references {
                    Some(_) if self.is_waiting(*row, column.name) => "waits".to_owned(),
                    Some(reference) => self.told(reference.entity.meta().table, &value),
                    None if column.name == "id" => String::new(),
                    None if column.name.ends_with("_at") => value.is_null().to_string(),
                    None => value.to_string(),
                });
                told.collect::<Vec<_>>().join(", ")
            });
            let related = meta.relations.iter().map(|relation| {
                match self.session.related(*row, relation.name) {
                    Ok(rows) => {
                        let mut rows: Vec<usize> =
                            rows.iter().map(|row| self.number(*row)).collect();
                        rows.sort_unstable();
                        format!("{} {rows:?}", relation.name)
                    }
                    Err(error) => format!("{} {}", relation.name, kind(&error)),
                }
            });
            let related: Vec<String> = related.collect();
            seen.push(format!("{number} {}: {draft} {columns:?} {related:?}", meta.table));
        }
        seen
    }
}

fn kind(error: &Error) -> String {
    match error {
        Error::Constraint(violation) => format!("{:?}", violation.kind),
        other => format!("{other:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
    }
}

fn run(sides: [&Catalog; 2], steps: &[Step]) -> std::result::Result<(), TestCaseError> {
    let (mut one, mut other) = (sides[0].session().unwrap(), sides[1].session().unwrap());
    let mut one = Side { session: &mut *one, rows: Vec::new() };
    let mut other = Side { session: &mut *other, rows: Vec::new() };
    for (at, step) in steps.iter().enumerate() {
        let outcome = |result: Result<()>| -> Outcome { result.map_err(|error| kind(&error)) };
        let told = (outcome(one.take(step)), outcome(other.take(step)));
        prop_assert_eq!(&told.0, &told.1, "step {} {:?}", at, step);
        prop_assert_eq!(one.seen(), other.seen(), "step {} {:?}", at, step);
    }
    Ok(())
}

#[test]
fn memory_does_what_a_database_does() {
    let place = integration_tests::sqlite();
    let database = catalog(&office::open::<integration_tests::SqliteConnection>(&place));
    let cases = std::env::var("LOCKSTEP_CASES").ok().and_then(|cases| cases.parse().ok());
    let config =
        Config { cases: cases.unwrap_or(300), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&steps(), |steps| {
        place.execute(
            "UPDATE departments SET head_id = NULL; DELETE FROM employees; DELETE FROM departments;
             DELETE FROM cities; DELETE FROM countries; DELETE FROM order_lines; DELETE FROM orders;",
        );
        run([&database, &in_memory().catalog()], &steps)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn a_row_that_is_related_to_another_shows_its_key_at_once() {
    let place = integration_tests::sqlite();
    let database = catalog(&office::open::<integration_tests::SqliteConnection>(&place));
    let [country, city] = [2, 3];
    let steps = [
        Step::Add(country, [0, 0, 0]),
        Step::Add(country, [1, 0, 0]),
        Step::Add(city, [0, 0, 0]),
        Step::Flush,
        Step::Relate(1, 0, 0),
        Step::Set(2, 2, 0),
        Step::Set(2, 2, 1),
    ];
    run([&database, &in_memory().catalog()], &steps).unwrap();
}

#[test]
fn a_row_that_is_as_it_was_is_not_written_along_with_a_deletion() {
    let place = integration_tests::sqlite();
    let database = catalog(&office::open::<integration_tests::SqliteConnection>(&place));
    let [department, employee] = [0, 1];
    let steps = [
        Step::Add(department, [0, 0, 0]),
        Step::Add(employee, [0, 0, 0]),
        Step::Set(0, 2, 1),
        Step::Flush,
        // The head that it has already.
        Step::Relate(0, 0, 0),
        Step::Delete(1),
        Step::Flush,
    ];
    run([&database, &in_memory().catalog()], &steps).unwrap();
}

#[test]
fn a_key_that_is_changed_in_memory_is_the_handle_s_still() {
    let catalog = in_memory().catalog();
    let mut session = catalog.session().unwrap();
    let row = [("code", "DE".into()), ("name", "Germany".into())];
    let germany = session.add(Country::meta().table, &row).unwrap();
    session.commit().unwrap();
    session.set(germany, "code", "AT".into()).unwrap();
    session.commit().unwrap();
    assert_eq!(session.get("countries", &RecordKey(vec!["AT".into()])).unwrap(), germany);
    assert!(session.get("countries", &RecordKey(vec!["DE".into()])).is_err());
}
