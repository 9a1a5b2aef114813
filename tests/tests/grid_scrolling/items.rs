//! The table that is browsed, and what SQL says of it.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};
use integration_tests::{TestDatabase, sqlite};
use persistence::{Catalog, Database, Entity};

mod schema {
    diesel::table! {
        items (id) {
            id -> BigInt,
            name -> Text,
            weight -> Nullable<BigInt>,
        }
    }
}
use schema::items;

/// A row: many have the same weight, or none.
#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = items)]
pub struct Item {
    /// Its number.
    #[entity(key, generated)]
    pub id: i64,
    /// Its name.
    #[entity(label)]
    pub name: String,
    /// Its weight.
    pub weight: Option<i64>,
}

/// A database of such rows.
pub struct Items {
    place: TestDatabase,
    database: Database<SqliteConnection>,
}

#[derive(Debug, QueryableByName)]
struct Id {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
}

impl Items {
    /// So many of them.
    pub fn new(rows: u32) -> Self {
        let place = sqlite();
        place.execute(
            "CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
             name TEXT NOT NULL, weight BIGINT); CREATE INDEX items_weight ON items (weight)",
        );
        let database = Database::open(place.url()).unwrap();
        let items = Self { place, database };
        items.insert(rows);
        items
    }

    /// What an admin is to know.
    pub fn catalog(&self) -> Catalog {
        self.database.catalog().entity::<Item>().build()
    }

    /// Puts rows in, as somebody else would.
    pub fn insert(&self, rows: u32) {
        self.place.execute(&format!(
            "INSERT INTO items (name, weight) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
             SELECT 'item ' || (i * 7919 % 10007), nullif(i * 31 % 97, 0) FROM n WHERE {rows} > 0"
        ));
    }

    /// Takes rows away, as somebody else would: that share of them, spread over the table.
    pub fn delete(&self, share: f64) {
        self.place
            .execute(&format!("DELETE FROM items WHERE (id * 2654435761 % 1000) < {share} * 1000"));
    }

    /// Changes what rows are sorted and found by, as somebody else would.
    pub fn update(&self, share: f64) {
        self.place.execute(&format!(
            "UPDATE items SET weight = coalesce(weight, 0) * 5 % 101, name = 'renamed ' || id \
             WHERE (id * 2654435761 % 1000) < {share} * 1000"
        ));
    }

    /// The primary keys of the rows, in order, by SQL written here.
    pub fn ids(&self, condition: &str, order: &str) -> Vec<i64> {
        let mut connection = SqliteConnection::establish(self.place.url()).unwrap();
        connection.batch_execute("PRAGMA query_only = ON").unwrap();
        let sql = format!("SELECT id FROM items WHERE {condition} ORDER BY {order}");
        let rows: Vec<Id> = diesel::sql_query(sql).load(&mut connection).unwrap();
        rows.into_iter().map(|row| row.id).collect()
    }
}
