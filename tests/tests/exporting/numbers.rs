//! Numbers with a point come back through the engines' own clients to the last bit.

#![allow(clippy::float_cmp, reason = "the same number is meant")]

use integration_tests::client::{Client as _, run};
use integration_tests::{counted_key, on_every_engine};
use persistence::{Database, Entity, Repository};
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use transfer::export::{ExportColumns, FormatKind};

use crate::exported;

diesel::table! {
    measured (id) {
        id -> BigInt,
        number -> Double,
    }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = measured)]
struct Measured {
    #[entity(key, generated)]
    id: i64,
    number: f64,
}

/// Any number, those that people write more often, and those next to zero.
fn number() -> impl Strategy<Value = f64> {
    let written = (-1_000_000_000_i64..1_000_000_000, 0..12_i32)
        .prop_map(|(units, scale)| units as f64 / 10_f64.powi(scale));
    prop_oneof![
        4 => written,
        2 => POSITIVE | NEGATIVE | NORMAL | ZERO,
        1 => POSITIVE | NEGATIVE | SUBNORMAL,
        1 => (POSITIVE | NEGATIVE | NORMAL).prop_map(|number| number % 1e-285),
    ]
}

on_every_engine! {
    fn a_script_says_every_number_to_its_last_bit<Engine>(place) {
        let table = format!(
            "CREATE TABLE measured (id {}, number DOUBLE PRECISION NOT NULL)",
            counted_key::<Engine>()
        );
        place.execute(&table);
        let numbers = proptest::collection::vec(number(), 20_000);
        let numbers = numbers.new_tree(&mut TestRunner::default()).unwrap().current();
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let drafts = numbers.iter().map(|&number| NewMeasured { number }).collect();
        Repository::<Measured>::insert_many(&mut session, drafts).unwrap();
        session.commit().unwrap();
        let catalog = database.catalog().entity::<Measured>().build();
        let script = exported(&catalog, FormatKind::Sql, ExportColumns::all(Measured::meta()));
        let another = Engine::empty();
        another.execute(&table);
        let _ = run(Engine::client(&another), script.as_bytes());
        // The client's version of SQLite need not be the one in this program.
        let newer = Engine::empty();
        newer.execute(&format!("{table}; {script}"));
        let stored = |database: &Database<Engine>| {
            let mut session = database.session().unwrap();
            session.query::<Measured>().order(Measured::ID.asc()).load().unwrap()
        };
        let here = stored(&database);
        for there in [another, newer] {
            let there = stored(&Database::open(there.url()).unwrap());
            assert_eq!(there.len(), numbers.len());
            for (here, there) in here.iter().zip(&there) {
                assert_eq!(here.number.to_bits(), there.number.to_bits(), "{here:?}, {there:?}");
            }
        }
    }
}
