//! Typed code is told which cell is no value of its field; it never gets another value.

use diesel::SqliteConnection;
use integration_tests::{TestDatabase, sqlite};
use persistence::{Database, Entity, Error, Repository, Value};

use integration_tests::client::sqlite3;

mod schema {
    diesel::table! {
        #[sql_name = "Products"]
        products (product_id) {
            #[sql_name = "ProductID"]
            product_id -> Integer,
            #[sql_name = "ProductName"]
            product_name -> Text,
            #[sql_name = "UnitPrice"]
            unit_price -> Nullable<Double>,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::products, table_name = "Products")]
struct Product {
    #[entity(key, generated)]
    product_id: i32,
    #[entity(label)]
    product_name: String,
    unit_price: Option<f64>,
}

fn shop() -> (TestDatabase, Database<SqliteConnection>) {
    let file = sqlite();
    file.execute(
        "CREATE TABLE Products (ProductID INTEGER PRIMARY KEY, ProductName TEXT NOT NULL, UnitPrice REAL);
         INSERT INTO Products VALUES (1, 'Chai', 18), (4294967297, 'big key', 1)",
    );
    let database = Database::open(file.url()).unwrap();
    (file, database)
}

#[test]
fn a_key_that_does_not_fit_is_an_error_and_no_other_row_is_changed() {
    let (file, database) = shop();
    let mut session = database.session().unwrap();
    let found = session.query::<Product>().filter(Product::PRODUCT_NAME.eq("big key")).one();
    let Err(Error::Unreadable(cell)) = found else { panic!("{found:?}") };
    assert_eq!(
        cell.to_string(),
        "Products.ProductID holds `4294967297` in the row with the key 4294967297: expected a whole \
         number from -2147483648 to 2147483647"
    );
    let by_another = session.query::<Product>().filter(Product::PRODUCT_ID.eq(1)).one().unwrap();
    assert_eq!(session[by_another].product_name, "Chai");
    session[by_another].product_name = "Tea".into();
    session.commit().unwrap();
    let names = sqlite3(&file, "SELECT ProductID, ProductName FROM Products ORDER BY 1");
    assert_eq!(names, ["1|Tea", "4294967297|big key"]);
}

#[test]
fn a_row_whose_key_does_not_fit_is_listed_changed_and_deleted_by_the_key_that_is_stored() {
    let (file, database) = shop();
    let catalog = database.catalog().entity::<Product>().build();
    let mut session = catalog.session().unwrap();
    let mut products = session.repository("Products").unwrap();
    let rows = products.list(&persistence::Query::new()).unwrap();
    let big = rows.iter().find(|row| row.value(1) == &Value::from("big key")).unwrap();
    let mut renamed = big.clone();
    renamed.set(1, "renamed".into());
    let renamed = products.update_from(big, renamed).unwrap();
    assert_eq!(renamed.value(1), &Value::from("renamed"));
    let key = Product::meta().key_of(&renamed);
    assert_eq!(products.find(&key).unwrap(), Some(renamed));
    drop(products);
    session.commit().unwrap();
    let names = sqlite3(&file, "SELECT ProductID, ProductName FROM Products ORDER BY 1");
    assert_eq!(names, ["1|Chai", "4294967297|renamed"]);
    session.repository("Products").unwrap().delete(&key).unwrap();
    session.commit().unwrap();
    assert_eq!(sqlite3(&file, "SELECT ProductID FROM Products"), ["1"]);
}

#[test]
fn no_number_is_refused_before_the_database_makes_null_of_it() {
    let (file, database) = shop();
    let mut session = database.session().unwrap();
    let nan = NewProduct { product_name: "NaN".into(), unit_price: Some(f64::NAN) };
    let error = Repository::<Product>::insert(&mut session, nan.clone()).unwrap_err();
    assert!(error.to_string().contains("UnitPrice: NaN"), "{error}");
    session.add(nan);
    let error = session.commit().unwrap_err();
    assert!(error.to_string().contains("UnitPrice: NaN"), "{error}");
    session.rollback().unwrap();
    let tea = session.query::<Product>().filter(Product::PRODUCT_ID.eq(1)).one().unwrap();
    session[tea].unit_price = Some(f64::NAN);
    assert!(session.commit().is_err());
    assert_eq!(sqlite3(&file, "SELECT count(*), total(UnitPrice) FROM Products"), ["2|19.0"]);
}

#[test]
fn a_date_that_text_does_not_say_is_refused_and_not_stored_unreadably() {
    let shop = integration_tests::command::on_sqlite();
    let database = Database::<SqliteConnection>::open(shop.database.url()).unwrap();
    let mut session = database.session().unwrap();
    for day in ["+10000-01-01", "-0044-03-15"] {
        let born_on = Some(day.parse::<chrono::NaiveDate>().unwrap());
        let author = domain::NewAuthor { name: "Far".into(), born_on, biography: None };
        let error = Repository::<domain::Author>::insert(&mut session, author).unwrap_err();
        assert!(error.to_string().contains("born_on"), "{error}");
        let far = [domain::Author::BORN_ON.set(born_on)];
        assert!(session.update_where(&persistence::Filter::All, &far).is_err());
    }
    assert_eq!(sqlite3(&shop.database, "SELECT count(*) FROM authors"), ["0"]);
}

#[test]
fn a_row_with_a_cell_that_cannot_be_read_can_be_deleted() {
    let (file, database) = shop();
    file.execute("UPDATE Products SET UnitPrice = 'n/a' WHERE ProductID = 1");
    let mut session = database.session().unwrap();
    Repository::<Product>::delete(&mut session, &1).unwrap();
    session.commit().unwrap();
    assert_eq!(sqlite3(&file, "SELECT ProductID FROM Products"), ["4294967297"]);
    assert!(matches!(Repository::<Product>::delete(&mut session, &1), Err(Error::NotFound { .. })));
}
