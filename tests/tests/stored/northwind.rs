//! The Northwind database, which somebody else wrote: every row is found exactly once by pages of any
//! size, in either direction, sorted by any column, on three engines.

use std::fs::File;
use std::process::{Command, Stdio};

use chrono::NaiveDateTime;
use integration_tests::chinook::shared_data;
use integration_tests::{
    MysqlConnection, PgConnection, SqliteConnection, TestDatabase, mysql, postgres, sqlite,
};
use persistence::{
    Catalog, Database, Engine, Entity, EntityMeta, Order, PageStart, Query, Record, Store, Value,
};

mod schema {
    diesel::table! {
        #[sql_name = "Customers"]
        customers (customer_id) {
            #[sql_name = "CustomerID"]
            customer_id -> Text,
            #[sql_name = "CompanyName"]
            company_name -> Nullable<Text>,
            #[sql_name = "City"]
            city -> Nullable<Text>,
            #[sql_name = "Region"]
            region -> Nullable<Text>,
            #[sql_name = "Fax"]
            fax -> Nullable<Text>,
        }
    }
    diesel::table! {
        #[sql_name = "Orders"]
        orders (order_id) {
            #[sql_name = "OrderID"]
            order_id -> Integer,
            #[sql_name = "CustomerID"]
            customer_id -> Nullable<Text>,
            #[sql_name = "EmployeeID"]
            employee_id -> Nullable<Integer>,
            #[sql_name = "OrderDate"]
            order_date -> Nullable<Timestamp>,
            #[sql_name = "ShippedDate"]
            shipped_date -> Nullable<Timestamp>,
            #[sql_name = "Freight"]
            freight -> Nullable<Double>,
            #[sql_name = "ShipCountry"]
            ship_country -> Nullable<Text>,
        }
    }
    diesel::table! {
        #[sql_name = "Order Details"]
        order_details (order_id, product_id) {
            #[sql_name = "OrderID"]
            order_id -> Integer,
            #[sql_name = "ProductID"]
            product_id -> Integer,
            #[sql_name = "UnitPrice"]
            unit_price -> Double,
            #[sql_name = "Quantity"]
            quantity -> Integer,
            #[sql_name = "Discount"]
            discount -> Double,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::customers, table_name = "Customers")]
struct Customer {
    #[entity(key)]
    customer_id: String,
    #[entity(label)]
    company_name: Option<String>,
    city: Option<String>,
    region: Option<String>,
    fax: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::orders, table_name = "Orders")]
struct PlacedOrder {
    #[entity(key)]
    order_id: i32,
    customer_id: Option<String>,
    employee_id: Option<i32>,
    order_date: Option<NaiveDateTime>,
    shipped_date: Option<NaiveDateTime>,
    freight: Option<f64>,
    ship_country: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::order_details, table_name = "Order Details")]
struct OrderDetail {
    #[entity(key)]
    order_id: i32,
    #[entity(key)]
    product_id: i32,
    unit_price: f64,
    quantity: i32,
    discount: f64,
}

/// Northwind as it is created, or after the script that changes its dates.
fn northwind(scripts: &[&str]) -> TestDatabase {
    let file = sqlite();
    for script in scripts {
        let path = shared_data().join("northwind").join(script);
        let script = File::open(&path)
            .unwrap_or_else(|error| panic!("{} is needed: {error}", path.display()));
        let loaded = Command::new("sqlite3")
            .arg(file.path())
            .stdin(Stdio::from(script))
            .stdout(Stdio::null())
            .status();
        assert!(loaded.unwrap().success(), "{}", path.display());
    }
    file
}

fn catalog<C>(place: &TestDatabase) -> Catalog
where
    C: Engine + Store<Customer> + Store<PlacedOrder> + Store<OrderDetail>,
{
    let database = Database::<C>::open(place.url()).unwrap();
    database.catalog().entity::<Customer>().entity::<PlacedOrder>().entity::<OrderDetail>().build()
}

fn metas() -> [&'static EntityMeta; 3] {
    [Customer::meta(), PlacedOrder::meta(), OrderDetail::meta()]
}

/// A query for all rows.
fn all() -> Query {
    Query::new()
}

fn rows(catalog: &Catalog, meta: &EntityMeta) -> Vec<Record> {
    let mut session = catalog.session().unwrap();
    session.repository(meta.table).unwrap().list(&all()).unwrap()
}

/// Walks all rows page by page in an order, and returns their keys.
fn walk(
    catalog: &Catalog,
    meta: &'static EntityMeta,
    order: &str,
    size: u64,
    from: PageStart,
) -> Vec<String> {
    let mut session = catalog.session().unwrap();
    let mut repository = session.repository(meta.table).unwrap();
    let query = all().order(Order::parse(meta, order).unwrap());
    let is_backwards = from == PageStart::Last;
    let (mut keys, mut start) = (Vec::new(), Some(from));
    while let Some(from) = start {
        let page = repository.page(&query, &from, size).unwrap();
        assert!(!page.rows.is_empty() || keys.is_empty(), "{order}: a page that does not advance");
        let mut found: Vec<_> = page.rows.iter().map(|row| meta.key_of(row).to_string()).collect();
        if is_backwards {
            found.reverse();
        }
        keys.extend(found);
        start = if is_backwards { page.previous } else { page.next };
    }
    if is_backwards {
        keys.reverse();
    }
    keys
}

fn check(catalog: &Catalog) {
    for meta in metas() {
        let records = rows(catalog, meta);
        assert!(records.len() > 50, "{}: {} rows", meta.table, records.len());
        let sizes: &[u64] = if records.len() < 100 { &[1, 7] } else { &[41, 300] };
        for column in meta.columns {
            for order in [column.name.to_owned(), format!("-{}", column.name)] {
                let mut session = catalog.session().unwrap();
                let query = all().order(Order::parse(meta, &order).unwrap());
                let sorted = session.repository(meta.table).unwrap().list(&query).unwrap();
                let sorted: Vec<_> =
                    sorted.iter().map(|row| meta.key_of(row).to_string()).collect();
                drop(session);
                let mut once = sorted.clone();
                once.sort();
                once.dedup();
                assert_eq!(once.len(), records.len(), "{} by {order}", meta.table);
                for &size in sizes {
                    for from in [PageStart::First, PageStart::Last] {
                        let walked = walk(catalog, meta, &order, size, from.clone());
                        assert!(
                            walked == sorted,
                            "{} by {order}, {size} from {from:?}",
                            meta.table
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_row_of_northwind_is_walked_once_as_it_is_created() {
    let file = northwind(&["create.sql"]);
    let catalog = catalog::<SqliteConnection>(&file);
    let odd = rows(&catalog, PlacedOrder::meta());
    assert_eq!(odd.len(), 830);
    assert!(odd.iter().all(|row| row.value(3).as_raw().is_some()), "three places of seconds");
    check(&catalog);
}

#[test]
fn every_row_of_northwind_is_walked_once_after_its_dates_were_changed() {
    check(&catalog::<SqliteConnection>(&northwind(&["create.sql", "update.sql"])));
}

/// What others wrote as a point in time, for a server that has a type for such.
fn mended(mut row: Record) -> Record {
    for cell in &mut row.0 {
        let Some(raw) = cell.as_raw() else { continue };
        let text = raw.to_string();
        let time = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f");
        *cell = Value::Timestamp(time.unwrap_or_else(|error| panic!("{text}: {error}")));
    }
    row
}

fn copied(place: &TestDatabase, to: &Catalog, tables: &str) {
    place.execute(tables);
    let from = northwind(&["create.sql"]);
    let from = catalog::<SqliteConnection>(&from);
    let mut session = to.session().unwrap();
    for meta in metas() {
        let rows = rows(&from, meta).into_iter().map(mended).collect();
        session.repository(meta.table).unwrap().insert_many(rows).unwrap();
    }
    session.commit().unwrap();
}

#[test]
fn every_row_of_northwind_is_walked_once_on_postgres() {
    let place = postgres();
    let catalog = catalog::<PgConnection>(&place);
    copied(
        &place,
        &catalog,
        r#"CREATE TABLE "Customers" ("CustomerID" text COLLATE "C" PRIMARY KEY, "CompanyName" text COLLATE "C",
             "City" text COLLATE "C", "Region" text COLLATE "C", "Fax" text COLLATE "C");
           CREATE TABLE "Orders" ("OrderID" integer PRIMARY KEY, "CustomerID" text COLLATE "C", "EmployeeID" integer,
             "OrderDate" timestamp, "ShippedDate" timestamp, "Freight" double precision, "ShipCountry" text COLLATE "C");
           CREATE TABLE "Order Details" ("OrderID" integer, "ProductID" integer, "UnitPrice" double precision NOT NULL,
             "Quantity" integer NOT NULL, "Discount" double precision NOT NULL, PRIMARY KEY ("OrderID", "ProductID"))"#,
    );
    check(&catalog);
}

#[test]
fn every_row_of_northwind_is_walked_once_on_mariadb() {
    let place = mysql();
    let catalog = catalog::<MysqlConnection>(&place);
    copied(
        &place,
        &catalog,
        "SET NAMES utf8mb4 COLLATE utf8mb4_bin;
         ALTER DATABASE COLLATE utf8mb4_bin;
         CREATE TABLE `Customers` (`CustomerID` VARCHAR(5) PRIMARY KEY, `CompanyName` VARCHAR(200),
           `City` VARCHAR(200), `Region` VARCHAR(200), `Fax` VARCHAR(200)) COLLATE utf8mb4_bin;
         CREATE TABLE `Orders` (`OrderID` INT PRIMARY KEY, `CustomerID` VARCHAR(5), `EmployeeID` INT,
           `OrderDate` DATETIME(6), `ShippedDate` DATETIME(6), `Freight` DOUBLE, `ShipCountry` VARCHAR(200)) COLLATE utf8mb4_bin;
         CREATE TABLE `Order Details` (`OrderID` INT, `ProductID` INT, `UnitPrice` DOUBLE NOT NULL,
           `Quantity` INT NOT NULL, `Discount` DOUBLE NOT NULL, PRIMARY KEY (`OrderID`, `ProductID`)) COLLATE utf8mb4_bin",
    );
    check(&catalog);
}
