//! An office: tables whose rows refer to each other in every awkward way, for the unit of work.
//!
//! Employees report to employees and belong to a department, which an employee leads; desks and
//! badges are unique; countries have natural keys; the lines of an order do not outlive it.

use persistence::{Database, Engine, Entity, Session, Store};

use crate::database::TestDatabase;

/// The tables, as Diesel has them.
#[expect(missing_docs, reason = "the entities say what these are")]
pub mod schema {
    diesel::table! {
        departments (id) { id -> BigInt, name -> Text, head_id -> Nullable<BigInt>, version -> BigInt }
    }
    diesel::table! {
        employees (id) {
            id -> BigInt,
            name -> Text,
            department_id -> BigInt,
            manager_id -> Nullable<BigInt>,
            desk -> Nullable<BigInt>,
            badge -> Text,
            version -> BigInt,
        }
    }
    diesel::table! {
        countries (code) { code -> Text, name -> Text }
    }
    diesel::table! {
        cities (id) {
            id -> BigInt,
            name -> Text,
            country_code -> Text,
            deleted_at -> Nullable<Timestamp>,
            version -> BigInt,
        }
    }
    diesel::table! {
        orders (id) { id -> BigInt, number -> Text, created_at -> Timestamp, updated_at -> Timestamp }
    }
    diesel::table! {
        order_lines (id) { id -> BigInt, order_id -> Nullable<BigInt>, article -> Text }
    }
    diesel::table! {
        rivals (id) { id -> BigInt, name -> Text, rival_id -> BigInt }
    }
}
use schema::{cities, countries, departments, employees, order_lines, orders, rivals};

/// A department, led by one of the employees.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = departments, has_many(employees: Employee.department_id))]
pub struct Department {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// Unique.
    #[entity(unique)]
    pub name: String,
    /// Who leads it.
    #[entity(references(Employee, on_delete = set_null))]
    pub head_id: Option<i64>,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}

/// Somebody who works in a department and reports to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = employees, has_many(reports: Employee.manager_id))]
pub struct Employee {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// Where they work.
    #[entity(references(Department, on_delete = cascade))]
    pub department_id: i64,
    /// Who they report to.
    #[entity(references(Employee, on_delete = set_null))]
    pub manager_id: Option<i64>,
    /// The desk's number; nobody shares one.
    #[entity(unique)]
    pub desk: Option<i64>,
    /// The badge; everybody has one of their own.
    #[entity(unique)]
    pub badge: String,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}

/// A country, known by its code.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = countries, has_many(cities: City.country_code))]
pub struct Country {
    /// The primary key: `DE`.
    #[entity(key)]
    pub code: String,
    /// The name.
    #[entity(label)]
    pub name: String,
}

/// A city of a country.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = cities)]
pub struct City {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    #[entity(unique)]
    pub name: String,
    /// The country; follows when its code changes.
    #[entity(references(Country, on_delete = cascade, as = country))]
    pub country_code: String,
    /// When it was given up.
    #[entity(deleted)]
    pub deleted_at: Option<chrono::NaiveDateTime>,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = orders, has_many(lines: OrderLine.order_id))]
pub struct Order {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The number.
    #[entity(unique)]
    pub number: String,
    /// When it was placed.
    #[entity(now)]
    pub created_at: chrono::NaiveDateTime,
    /// When it was changed last.
    #[entity(updated)]
    pub updated_at: chrono::NaiveDateTime,
}

/// A line of an order, nothing without it.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = order_lines)]
pub struct OrderLine {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The order.
    #[entity(references(Order, on_delete = cascade, orphan = delete))]
    pub order_id: Option<i64>,
    /// What is ordered.
    pub article: String,
}

/// Somebody who cannot be without a rival: two of them can never be the first.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = rivals)]
pub struct Rival {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// The name.
    pub name: String,
    /// The rival.
    #[entity(references(Rival))]
    pub rival_id: i64,
}

/// An engine that stores the office.
pub trait OfficeEngine:
    Store<Department>
    + Store<Employee>
    + Store<Country>
    + Store<City>
    + Store<Order>
    + Store<OrderLine>
    + Store<Rival>
{
}

impl<C> OfficeEngine for C where
    C: Store<Department>
        + Store<Employee>
        + Store<Country>
        + Store<City>
        + Store<Order>
        + Store<OrderLine>
        + Store<Rival>
{
}

/// Opens an office without rows.
///
/// # Panics
/// When the database refuses the tables.
#[must_use]
pub fn open<C: Engine>(place: &TestDatabase) -> Database<C> {
    let (id, text, time) = match C::NAME {
        "SQLite" => ("INTEGER PRIMARY KEY", "TEXT", "TIMESTAMP"),
        "PostgreSQL" => {
            ("BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "TEXT", "TIMESTAMP")
        }
        _ => (
            "BIGINT AUTO_INCREMENT PRIMARY KEY",
            "VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "DATETIME(6)",
        ),
    };
    // SQLite cannot add a foreign key later, and needs none of the tables to exist before.
    let late = C::NAME != "SQLite";
    let head = if late { "" } else { " REFERENCES employees (id) ON DELETE SET NULL" };
    let alter = if late {
        "ALTER TABLE departments ADD FOREIGN KEY (head_id) REFERENCES employees (id) \
         ON DELETE SET NULL;"
    } else {
        ""
    };
    place.execute(&format!(
        "CREATE TABLE departments (id {id}, name {text} NOT NULL UNIQUE, head_id BIGINT{head}, \
             version BIGINT NOT NULL);
         CREATE TABLE employees (id {id}, name {text} NOT NULL, department_id BIGINT NOT NULL, \
             manager_id BIGINT, desk BIGINT UNIQUE, badge {text} NOT NULL UNIQUE, \
             version BIGINT NOT NULL, \
             FOREIGN KEY (department_id) REFERENCES departments (id) ON DELETE CASCADE, \
             FOREIGN KEY (manager_id) REFERENCES employees (id) ON DELETE SET NULL);
         {alter}
         CREATE TABLE countries (code {text} NOT NULL PRIMARY KEY, name {text} NOT NULL);
         CREATE TABLE cities (id {id}, name {text} NOT NULL UNIQUE, country_code {text} NOT NULL, \
             deleted_at {time} NULL, version BIGINT NOT NULL, FOREIGN KEY (country_code) REFERENCES countries (code) \
             ON DELETE CASCADE ON UPDATE CASCADE);
         CREATE TABLE orders (id {id}, number {text} NOT NULL UNIQUE, created_at {time} NOT NULL, \
             updated_at {time} NOT NULL);
         CREATE TABLE order_lines (id {id}, order_id BIGINT, article {text} NOT NULL, \
             FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE);
         CREATE TABLE rivals (id {id}, name {text} NOT NULL, rival_id BIGINT NOT NULL, \
             FOREIGN KEY (rival_id) REFERENCES rivals (id));"
    ));
    Database::open(place.url()).expect("the office opens")
}

/// An employee to be inserted, with a badge made of the name.
#[must_use]
pub fn employee(name: &str, department: impl Into<persistence::Ref<Department>>) -> NewEmployee {
    NewEmployee {
        name: name.to_owned(),
        department: department.into(),
        manager: None,
        desk: None,
        badge: format!("badge of {name}"),
    }
}

/// A department to be inserted.
#[must_use]
pub fn department(name: &str) -> NewDepartment {
    NewDepartment { name: name.to_owned(), head: None }
}

/// The names of all employees as the database has them, with those of their managers.
///
/// # Panics
/// When they cannot be read.
pub fn reports<C: OfficeEngine>(session: &mut Session<C>) -> Vec<(String, Option<String>)> {
    let employees =
        session.query::<Employee>().order(Employee::NAME.asc()).load().expect("they are read");
    let name =
        |id: i64| employees.iter().find(|other| other.id == id).map(|other| other.name.clone());
    employees
        .iter()
        .map(|employee| (employee.name.clone(), employee.manager_id.and_then(name)))
        .collect()
}
