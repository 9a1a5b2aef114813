//! Unique values and keys that change hands between rows which refer to each other: what is stored after a
//! commit is what was asked for, or nothing of it.

use std::cell::Cell;
use std::collections::BTreeMap;

use integration_tests::TestDatabase;
use integration_tests::client::sqlite3;
use integration_tests::office::{self, City, Country, Department, Employee, OfficeEngine};
use persistence::catalog::DynSession;
use persistence::edit::Edit;
use persistence::{Catalog, Entity, Given, Memory, Query, Record, Slot, Store, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

mod schema {
    diesel::table! {
        parts (sku) { sku -> Text, name -> Text, replaced_by -> Nullable<Text> }
    }
}

/// A part, known by its number, that another may have replaced.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::parts)]
struct Part {
    #[entity(key)]
    sku: String,
    name: String,
    #[entity(references(Part, on_delete = set_null))]
    replaced_by: Option<String>,
}

fn catalog<C: OfficeEngine + Store<Part>>(place: &TestDatabase) -> Catalog {
    let database = office::open::<C>(place);
    place.execute(
        "CREATE TABLE parts (sku VARCHAR(20) NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL,
             replaced_by VARCHAR(20) REFERENCES parts (sku) ON DELETE SET NULL ON UPDATE CASCADE)",
    );
    database
        .catalog()
        .entity::<Department>()
        .entity::<Employee>()
        .entity::<Country>()
        .entity::<City>()
        .entity::<Part>()
        .build()
}

fn in_memory() -> Memory {
    Memory::new()
        .with::<Department>()
        .with::<Employee>()
        .with::<Country>()
        .with::<City>()
        .with::<Part>()
}

/// What is asked for in one unit of work; rows and values by their numbers.
#[derive(Clone, Debug)]
enum Move {
    Hire {
        badge: usize,
        manager: Option<usize>,
    },
    Badge(usize, usize),
    Desk(usize, Option<usize>),
    Manager(usize, Option<usize>),
    Dismiss(usize),
    Found {
        code: usize,
    },
    Code(usize, usize),
    Country {
        city: usize,
        country: usize,
    },
    Make {
        sku: usize,
        replaced_by: Option<usize>,
    },
    Sku(usize, usize),
    Replace(usize, Option<usize>),
    Scrap(usize),
    /// Everybody gets a badge and each country a code out of this order of numbers.
    Deal(Vec<usize>),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let (row, value) = (0..6_usize, 0..6_usize);
    let one = prop_oneof![
        3 => (3..9_usize, prop::option::of(row.clone()))
            .prop_map(|(badge, manager)| Move::Hire { badge, manager }),
        2 => (row.clone(), value.clone()).prop_map(|(row, badge)| Move::Badge(row, badge)),
        2 => (row.clone(), prop::option::of(value.clone()))
            .prop_map(|(row, desk)| Move::Desk(row, desk)),
        4 => (row.clone(), prop::option::of(row.clone()))
            .prop_map(|(row, manager)| Move::Manager(row, manager)),
        1 => row.clone().prop_map(Move::Dismiss),
        1 => (3..9_usize).prop_map(|code| Move::Found { code }),
        1 => (row.clone(), value).prop_map(|(row, code)| Move::Code(row, code)),
        1 => (row.clone(), row).prop_map(|(city, country)| Move::Country { city, country }),
        2 => (3..9_usize, prop::option::of(0..6_usize))
            .prop_map(|(sku, replaced_by)| Move::Make { sku, replaced_by }),
        2 => (0..6_usize, 0..6_usize).prop_map(|(row, sku)| Move::Sku(row, sku)),
        4 => (0..6_usize, prop::option::of(0..6_usize))
            .prop_map(|(row, by)| Move::Replace(row, by)),
        1 => (0..6_usize).prop_map(Move::Scrap),
        3 => Just((0..12).collect::<Vec<_>>()).prop_shuffle().prop_map(Move::Deal),
    ];
    prop::collection::vec(one, 1..10)
}

/// Somebody as was asked for.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    badge: String,
    desk: Option<usize>,
    manager: Option<usize>,
    is_dismissed: bool,
}

/// A part as was asked for.
#[derive(Clone, Debug, PartialEq)]
struct Made {
    sku: String,
    replaced_by: Option<usize>,
    is_scrapped: bool,
}

/// Rows with their handles, and what was asked for.
struct World<'s> {
    session: &'s mut dyn DynSession,
    employees: Vec<(Slot, Wanted)>,
    countries: Vec<(Slot, String)>,
    cities: Vec<(Slot, usize)>,
    parts: Vec<(Slot, Made)>,
    department: Option<Slot>,
}

/// Returns the numbers up to that of the rows, in their order: one more than there are rows, so that most are
/// those of another row.
fn few(values: &[usize], rows: usize) -> Vec<usize> {
    values.iter().copied().filter(|value| *value <= rows).collect()
}

fn badge(number: usize) -> String {
    format!("b{number}")
}

fn code(number: usize) -> String {
    format!("c{number}")
}

impl World<'_> {
    fn start(&mut self) {
        self.department = self.session.add("departments", &[("name", "all".into())]).ok();
        for number in 0..3 {
            self.take(&Move::Hire { badge: number, manager: None });
            self.take(&Move::Found { code: number });
            self.take(&Move::Make { sku: number, replaced_by: number.checked_sub(1) });
        }
        for number in 0..2 {
            let country = self.countries[number].0;
            let name = format!("t{number}");
            let columns = [("name", name.into()), ("country_code", country.into())];
            let city = self.session.add("cities", &columns).unwrap();
            self.cities.push((city, number));
        }
        self.session.commit().unwrap();
    }

    /// Asks for it, where there is such a row.
    fn take(&mut self, asked: &Move) {
        let there = |row: usize| self.employees.get(row).filter(|(_, it)| !it.is_dismissed);
        let manager_of = |manager: Option<usize>| {
            let manager = manager.filter(|row| there(*row).is_some());
            let given =
                manager.map_or(Given::from(Value::Null), |row| self.employees[row].0.into());
            (manager, given)
        };
        match *asked {
            Move::Hire { badge: number, manager } => {
                let (manager, given) = manager_of(manager);
                let name = format!("e{}", self.employees.len());
                let columns = [
                    ("name", name.into()),
                    ("badge", badge(number).into()),
                    ("department_id", self.department.unwrap().into()),
                    ("manager_id", given),
                ];
                let slot = self.session.add("employees", &columns).unwrap();
                let badge = badge(number);
                let wanted = Wanted { badge, desk: None, manager, is_dismissed: false };
                self.employees.push((slot, wanted));
            }
            Move::Badge(row, number) if there(row).is_some() => {
                let (slot, wanted) = &mut self.employees[row];
                wanted.badge = badge(number);
                self.session.set(*slot, "badge", badge(number).into()).unwrap();
            }
            Move::Desk(row, desk) if there(row).is_some() => {
                let (slot, wanted) = &mut self.employees[row];
                wanted.desk = desk;
                let value = desk.map_or(Value::Null, |desk| i64::try_from(desk).unwrap().into());
                self.session.set(*slot, "desk", Given::Value(value)).unwrap();
            }
            Move::Manager(row, manager) if there(row).is_some() => {
                let (manager, given) = manager_of(manager);
                let (slot, wanted) = &mut self.employees[row];
                wanted.manager = manager;
                self.session.set(*slot, "manager_id", given).unwrap();
            }
            Move::Dismiss(row) if there(row).is_some_and(|(slot, _)| self.is_stored(*slot)) => {
                let (slot, wanted) = &mut self.employees[row];
                wanted.is_dismissed = true;
                self.session.delete(*slot).unwrap();
            }
            Move::Found { code: number } => {
                let name = format!("n{}", self.countries.len());
                let columns = [("code", code(number).into()), ("name", name.into())];
                let slot = self.session.add("countries", &columns).unwrap();
                self.countries.push((slot, code(number)));
            }
            Move::Code(row, number) => {
                // The key of a row that is not stored yet is its draft's.
                if let Some((slot, wanted)) = self.countries.get_mut(row) {
                    *wanted = code(number);
                    self.session.set(*slot, "code", code(number).into()).unwrap();
                }
            }
            Move::Country { city, country } => {
                if let (Some((slot, wanted)), Some((to, _))) =
                    (self.cities.get_mut(city), self.countries.get(country))
                {
                    *wanted = country;
                    self.session.set(*slot, "country_code", Given::Row(*to)).unwrap();
                }
            }
            Move::Make { sku, replaced_by } => {
                let by = replaced_by.filter(|row| self.is_part(*row));
                let name = format!("p{}", self.parts.len());
                let given = by.map_or(Given::from(Value::Null), |row| self.parts[row].0.into());
                let columns = [
                    ("sku", format!("s{sku}").into()),
                    ("name", name.into()),
                    ("replaced_by", given),
                ];
                let slot = self.session.add("parts", &columns).unwrap();
                let sku = format!("s{sku}");
                self.parts.push((slot, Made { sku, replaced_by: by, is_scrapped: false }));
            }
            Move::Sku(row, sku) if self.is_part(row) => {
                let (slot, made) = &mut self.parts[row];
                made.sku = format!("s{sku}");
                self.session.set(*slot, "sku", made.sku.clone().into()).unwrap();
            }
            Move::Replace(row, by) if self.is_part(row) => {
                let by = by.filter(|row| self.is_part(*row));
                let given = by.map_or(Given::from(Value::Null), |row| self.parts[row].0.into());
                let (slot, made) = &mut self.parts[row];
                made.replaced_by = by;
                self.session.set(*slot, "replaced_by", given).unwrap();
            }
            Move::Scrap(row) if self.is_part(row) && self.is_stored(self.parts[row].0) => {
                let (slot, made) = &mut self.parts[row];
                made.is_scrapped = true;
                self.session.delete(*slot).unwrap();
            }
            Move::Deal(ref values) => {
                let there: Vec<usize> =
                    (0..self.employees.len()).filter(|row| there(*row).is_some()).collect();
                for (row, badge) in there.iter().zip(few(values, there.len())) {
                    self.take(&Move::Badge(*row, badge));
                }
                let count = self.countries.len();
                for (row, code) in few(values, count).into_iter().enumerate().take(count) {
                    self.take(&Move::Code(row, code));
                }
                let there: Vec<usize> =
                    (0..self.parts.len()).filter(|row| self.is_part(*row)).collect();
                for (row, sku) in there.iter().zip(few(values, there.len())) {
                    self.take(&Move::Sku(*row, sku));
                }
            }
            _ => {}
        }
    }

    /// Returns whether a row is stored: what refers to one that is given up before has tests of its own.
    fn is_stored(&self, row: Slot) -> bool {
        self.session.draft(row).is_none()
    }

    fn is_part(&self, row: usize) -> bool {
        self.parts.get(row).is_some_and(|(_, made)| !made.is_scrapped)
    }

    /// What is to be stored, as [`stored`] reads it.
    fn wanted(&self) -> BTreeMap<String, [String; 3]> {
        let is_there = |row: &usize| !self.employees[*row].1.is_dismissed;
        let employees = self.employees.iter().enumerate().filter(|(row, _)| is_there(row));
        let employees = employees.map(|(row, (_, wanted))| {
            let manager = wanted.manager.filter(is_there);
            let manager = manager.map_or_else(String::new, |manager| format!("e{manager}"));
            let desk = wanted.desk.map_or_else(String::new, |desk| desk.to_string());
            (format!("e{row}"), [wanted.badge.clone(), desk, manager])
        });
        let countries = self.countries.iter().enumerate().map(|(row, (_, code))| {
            (format!("n{row}"), [code.clone(), String::new(), String::new()])
        });
        let cities = self.cities.iter().enumerate().map(|(row, (_, country))| {
            let code = self.countries[*country].1.clone();
            (format!("t{row}"), [code, String::new(), String::new()])
        });
        let parts = (0..self.parts.len()).filter(|row| self.is_part(*row)).map(|row| {
            let made = &self.parts[row].1;
            let by = made.replaced_by.filter(|by| self.is_part(*by));
            let by = by.map_or_else(String::new, |by| self.parts[by].1.sku.clone());
            (format!("p{row}"), [made.sku.clone(), String::new(), by])
        });
        employees.chain(countries).chain(cities).chain(parts).collect()
    }
}

/// What another session reads: of each row, by its name, its unique value and where it refers to.
fn stored(catalog: &Catalog) -> BTreeMap<String, [String; 3]> {
    let mut session = catalog.session().unwrap();
    let mut rows = |table: &str| session.repository(table).unwrap().list(&Query::new()).unwrap();
    let employees = rows("employees");
    let column = |name: &str| Employee::meta().position(name).unwrap();
    let text = |row: &Record, name: &str| match row.value(column(name)) {
        Value::Null => String::new(),
        value => value.to_string(),
    };
    let name_of = |id: &Value| {
        let found = employees.iter().find(|row| row.value(0) == id);
        found.map(|row| text(row, "name")).unwrap_or_default()
    };
    let of_employee = |row: &Record| {
        let manager = name_of(row.value(column("manager_id")));
        (text(row, "name"), [text(row, "badge"), text(row, "desk"), manager])
    };
    let mut found: BTreeMap<_, _> = employees.iter().map(of_employee).collect();
    let plain = |name: &Value, code: &Value| {
        (name.to_string(), [code.to_string(), String::new(), String::new()])
    };
    found.extend(rows("countries").iter().map(|row| plain(row.value(1), row.value(0))));
    found.extend(rows("parts").iter().map(|row| {
        let by = match row.value(2) {
            Value::Null => String::new(),
            by => by.to_string(),
        };
        (row.value(1).to_string(), [row.value(0).to_string(), String::new(), by])
    }));
    found.extend(rows("cities").iter().map(|row| plain(row.value(1), row.value(2))));
    found
}

fn run(catalog: &Catalog, moves: &[Move]) -> Result<bool, TestCaseError> {
    let mut session = catalog.session().unwrap();
    let (employees, countries, cities, parts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut world =
        World { session: &mut *session, employees, countries, cities, parts, department: None };
    world.start();
    let before = stored(catalog);
    prop_assert_eq!(&before, &world.wanted());
    for asked in moves {
        world.take(asked);
    }
    let outcome = world.session.commit();
    let wanted = if outcome.is_ok() { world.wanted() } else { before };
    let found = stored(catalog);
    prop_assert_eq!(found, wanted, "{:?}", outcome);
    Ok(outcome.is_ok())
}

/// Runs moves on a catalog without rows, as it is made for each of them.
fn check(empty: impl Fn() -> Catalog) {
    let cases = std::env::var("HANDS_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = cases.unwrap_or(1_000);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let written = Cell::new(0);
    let result = TestRunner::new(config).run(&moves(), |moves| {
        written.set(written.get() + u32::from(run(&empty(), &moves)?));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(written.get() > cases / 8, "{} of {cases} were written", written.get());
}

#[test]
fn what_changes_hands_is_stored_as_it_was_asked_for() {
    let place = integration_tests::sqlite();
    let catalog = catalog::<integration_tests::SqliteConnection>(&place);
    check(|| {
        place.execute(
            "UPDATE departments SET head_id = NULL; DELETE FROM employees; DELETE FROM departments;
             DELETE FROM cities; DELETE FROM countries; DELETE FROM parts;",
        );
        catalog.clone()
    });
}

#[test]
fn what_changes_hands_is_in_memory_as_it_was_asked_for() {
    check(|| in_memory().catalog());
}

integration_tests::on_every_engine! {
    fn a_reference_by_a_handle_means_that_row_while_its_key_becomes_another_s<Engine>(place) {
        let catalog = catalog::<Engine>(&place);
        let mut session = catalog.session().unwrap();
        let countries = ["c0", "c1", "c2"].map(|code| {
            session.add("countries", &[("code", code.into()), ("name", code.into())]).unwrap()
        });
        let [first, second, third] = countries;
        let city =
            session.add("cities", &[("name", "t".into()), ("country_code", first.into())]).unwrap();
        session.commit().unwrap();
        session.set(city, "country_code", second.into()).unwrap();
        for (country, code) in [(first, "c2"), (second, "c3"), (third, "c1")] {
            session.set(country, "code", code.into()).unwrap();
        }
        session.commit().unwrap();
        assert_eq!(session.row(city).unwrap().value(2), &"c3".into());
        assert_eq!(stored(&catalog)["t"][0], "c3");
    }
}

#[test]
fn a_row_that_takes_a_key_means_the_row_that_had_it() {
    let place = integration_tests::sqlite();
    let catalog = catalog::<integration_tests::SqliteConnection>(&place);
    // The handle is set after the keys were, or before.
    for is_last in [true, false] {
        let mut session = catalog.session().unwrap();
        let names = if is_last { ["a", "b"] } else { ["c", "d"] };
        let rows = names.map(|name| {
            session.add("parts", &[("sku", name.into()), ("name", name.into())]).unwrap()
        });
        session.commit().unwrap();
        let [one, other] = rows;
        if !is_last {
            session.set(one, "replaced_by", other.into()).unwrap();
        }
        session.set(one, "sku", names[1].into()).unwrap();
        session.set(other, "sku", names[0].into()).unwrap();
        if is_last {
            session.set(one, "replaced_by", other.into()).unwrap();
        }
        session.commit().unwrap();
        assert_eq!(session.row(one).unwrap().value(2), &names[0].into());
        let found = stored(&catalog);
        assert_eq!(found[names[0]], [names[1].to_owned(), String::new(), names[0].to_owned()]);
        assert_eq!(found[names[1]], [names[0].to_owned(), String::new(), String::new()]);
    }
}

#[test]
fn an_odd_row_is_written_over_what_edits_before_it_have_made_of_it() {
    let place = integration_tests::sqlite();
    let catalog = catalog::<integration_tests::SqliteConnection>(&place);
    // No text: the rows cannot be read as parts.
    let odd = "INSERT INTO parts VALUES ('C', 'c', NULL), ('D', 'd', NULL), ('A', x'ff', 'C'), ('B', x'ff', 'D')";
    place.execute(odd);
    let edits: Vec<Edit> = serde_json::from_str(
        r#"[{ "table": "parts", "kind": { "update": { "key": [{ "text": "C" }], "version": null,
               "columns": [{ "column": "sku", "before": { "text": "C" }, "after": { "known": { "text": "Z" } } }] } } },
            { "table": "parts", "kind": { "insert": { "row": 1,
               "columns": [["sku", { "known": { "text": "C" } }], ["name", { "known": { "text": "new" } }]] } } },
            { "table": "parts", "kind": { "update": { "key": [{ "text": "A" }], "version": null,
               "columns": [{ "column": "replaced_by", "before": { "text": "C" },
                             "after": { "key_of": { "table": "parts", "row": 1 } } }] } } },
            { "table": "parts", "kind": { "delete": { "key": [{ "text": "D" }], "version": null, "columns": [] } } },
            { "table": "parts", "kind": { "delete": { "key": [{ "text": "B" }], "version": null, "columns": [] } } }]"#,
    )
    .unwrap();
    let mut session = catalog.session().unwrap();
    session.apply(&edits).unwrap();
    session.commit().unwrap();
    let stored = sqlite3(
        &place,
        "SELECT sku || ' ' || hex(name) || ' ' || coalesce(replaced_by, '-') FROM parts ORDER BY sku",
    );
    assert_eq!(stored, ["A FF C", "C 6E6577 -", "Z 63 -"]);
}
