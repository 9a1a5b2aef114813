//! Whatever a person does with a long table, and whatever others do to it meanwhile: once the window
//! has come to rest, the rows on the screen are those that SQL says, each at its number, none twice,
//! none missing.
//!
//! The random sequences are the same in every run.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod items;
mod steps;
mod window;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::items::Items;
use crate::steps::{Step, steps};
use crate::window::Window;

/// Tries random sequences of so many steps.
fn try_sequences(cases: u32, rows: u32, length: std::ops::Range<usize>) {
    let config =
        Config { cases, max_shrink_iters: 6, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&steps(length), |steps| {
        let items = Items::new(rows);
        let mut window = Window::open(&items);
        window.shows_what_sql_says(&items)?;
        for step in steps {
            step.take(&mut window, &items)?;
            window.shows_what_sql_says(&items)?;
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn random_steps_through_thousands_of_rows_always_lead_to_the_rows_that_sql_says() {
    try_sequences(10, 9_000, 6..18);
}

#[test]
fn random_steps_through_a_few_rows_always_lead_to_the_rows_that_sql_says() {
    try_sequences(8, 40, 4..14);
}

#[test]
fn a_table_that_becomes_empty_and_full_again_is_shown_as_such() {
    let items = Items::new(1_000);
    let mut window = Window::open(&items);
    window.shows_what_sql_says(&items).unwrap();
    for step in [
        Step::OthersDelete { share: 1.0 },
        Step::OthersInsert { count: 300 },
        Step::LastCell,
        Step::OthersDelete { share: 1.0 },
        Step::OthersInsert { count: 3 },
    ] {
        step.take(&mut window, &items).unwrap();
        window.shows_what_sql_says(&items).unwrap();
    }
}
