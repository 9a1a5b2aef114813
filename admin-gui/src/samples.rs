//! A small library for the tests: what has a name, a reference, a date and a price.

use chrono::NaiveDate;
use persistence::{Decimal, Entity};

mod schema {
    diesel::table! { readers (id) { id -> BigInt, name -> Text } }
    diesel::table! { writers (id) { id -> BigInt, name -> Text } }
    diesel::table! {
        volumes (id) {
            id -> BigInt,
            title -> Text,
            writer_id -> BigInt,
            published_on -> Nullable<Date>,
            price -> Nullable<BigInt>,
        }
    }
    diesel::table! { loans (id) { id -> BigInt, volume_id -> BigInt } }
}
use schema::{loans, readers, volumes, writers};

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = readers)]
pub struct Reader {
    #[entity(key, generated)]
    pub id: i64,
    #[entity(label)]
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = writers)]
pub struct Writer {
    #[entity(key, generated)]
    pub id: i64,
    #[entity(label)]
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = volumes)]
pub struct Volume {
    #[entity(key, generated)]
    pub id: i64,
    #[entity(label)]
    pub title: String,
    #[entity(references(Writer))]
    pub writer_id: i64,
    pub published_on: Option<NaiveDate>,
    pub price: Option<Decimal<2>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = loans)]
pub struct Loan {
    #[entity(key, generated)]
    pub id: i64,
    #[entity(references(Volume))]
    pub volume_id: i64,
}
