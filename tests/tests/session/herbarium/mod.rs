//! Random sequences of session operations in a world of natural keys, levels that are not loaded,
//! links, owned rows, bulk statements and two entities on one table, compared with a model: maps of
//! rows that refer to each other by number.

mod comparing;
mod model;
mod running;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use integration_tests::herbarium::{Collector, Genus, HerbariumEngine, Label, open};
use integration_tests::{MysqlConnection, PgConnection, SqliteConnection, TestDatabase};
use persistence::Database;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use model::Model;
use running::Run;
use steps::{Step, step};

fn run<C: HerbariumEngine>(database: &Database<C>, steps: &[Step]) {
    let mut cleaner = database.session().unwrap();
    cleaner.query::<Collector>().delete().unwrap();
    cleaner.query::<Genus>().delete().unwrap();
    cleaner.query::<Label>().delete().unwrap();
    cleaner.commit().unwrap();
    drop(cleaner);
    let mut session = database.session().unwrap();
    let mut run = Run {
        database,
        model: Model::default(),
        rows: 0,
        handles: BTreeMap::new(),
        lites: BTreeMap::new(),
        genus_lites: BTreeMap::new(),
        expired: BTreeSet::new(),
        flushes: true,
        ids: BTreeMap::new(),
        reloaded: BTreeSet::new(),
        born: BTreeSet::new(),
    };
    for step in steps.iter().chain([&Step::Commit]) {
        run.step(&mut session, step).unwrap_or_else(|error| panic!("{step:?}: {error:?}"));
        run.compare_session(&session, step);
    }
    let step = Step::Rollback;
    run.step(&mut session, &step).unwrap();
    run.compare_session(&session, &step);
    let step = Step::Include;
    run.step(&mut session, &step).unwrap();
    run.compare_session(&session, &step);
}

/// Runs so many sequences; `HERBARIUM_SEED` and `HERBARIUM_CASES` choose others.
fn check<C: HerbariumEngine>(place: &TestDatabase, cases: u32) {
    let database = open::<C>(place);
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let seed: u64 = number("HERBARIUM_SEED").unwrap_or_else(rand_seed);
    let cases = number("HERBARIUM_CASES").and_then(|cases| cases.try_into().ok()).unwrap_or(cases);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let ran = std::cell::Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, random).run(&vec(step(), 1..40), |steps| {
        ran.set(ran.get() + 1);
        catch_unwind(AssertUnwindSafe(|| run(&database, &steps))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            TestCaseError::fail(text)
        })
    });
    if let Err(error) = outcome {
        panic!("HERBARIUM_SEED={seed}, run {}: {error}", ran.get());
    }
}

fn rand_seed() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
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
