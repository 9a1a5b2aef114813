//! Random rows that refer to each other, small enough that all of it happens.

use integration_tests::TestDatabase;
use integration_tests::family::{FamilyEngine, REFERENCES, fill};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A runner that tries the same cases in every run, or others where `BINDERY_FAULT_CASES` says how many.
pub fn runner(cases: u32) -> TestRunner {
    let wanted = std::env::var("BINDERY_FAULT_CASES").ok();
    let wanted = wanted.map(|cases| cases.parse().expect("BINDERY_FAULT_CASES is a number"));
    let config = |cases| Config { cases, failure_persistence: None, ..Config::default() };
    match wanted {
        Some(cases) => TestRunner::new(config(cases)),
        None => TestRunner::new_with_rng(
            config(cases),
            TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        ),
    }
}

/// Rows and what they refer to.
#[derive(Clone, Debug)]
pub struct Graph {
    sizes: [i64; 3],
    /// To which row each reference leads, one after the other: to none where there is no such row.
    references: Vec<i64>,
    links: Vec<(i64, i64)>,
    /// The marks that are deleted.
    hidden: Vec<i64>,
}

impl Graph {
    pub fn random() -> impl Strategy<Value = Self> {
        [1..8_i64, 0..5_i64, 0..5_i64].prop_flat_map(|sizes| {
            let [nodes, leaves, marks] = sizes;
            let columns = sizes.into_iter().zip(REFERENCES);
            let count = columns
                .map(|(rows, (_, columns))| usize::try_from(rows).unwrap() * columns.len())
                .sum::<usize>();
            let references = vec(0..14_i64, count);
            let links = vec((1..=nodes, 1..=leaves.max(1)), 0..4);
            let hidden = vec(1..=marks.max(1), 0..3);
            (references, links, hidden).prop_map(move |(references, mut links, hidden)| {
                links.sort_unstable();
                links.dedup();
                links.retain(|(_, leaf)| *leaf <= leaves);
                Self { sizes, references, links, hidden }
            })
        })
    }

    /// Has the tables of a family hold these rows and no others.
    pub fn fill<C: FamilyEngine>(&self, place: &TestDatabase) {
        let mut references = self.references.iter();
        let refers = |_: &str, _: i64, _: &str, rows: i64| {
            references.next().copied().filter(|to| (1..=rows).contains(to))
        };
        fill::<C>(place, self.sizes, refers, &self.links);
        for id in &self.hidden {
            place.execute(&format!(
                "UPDATE marks SET deleted_at = '2026-11-30 12:00:00' WHERE id = {id}"
            ));
        }
    }
}
