//! The feature table says nothing of us that no test proves.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

use std::fs;
use std::path::Path;

/// A row of the table: the feature, and what each column says.
struct Row<'t> {
    feature: &'t str,
    others: Vec<&'t str>,
    ours: &'t str,
}

fn rows(document: &str) -> Vec<Row<'_>> {
    document
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").collect::<Vec<_>>())
        .filter(|cells| cells.last() != Some(&"ours"))
        .map(|cells| {
            assert_eq!(cells.len(), 6, "{cells:?}");
            Row { feature: cells[0], others: cells[1..5].to_vec(), ours: cells[5] }
        })
        .collect()
}

/// The tests that a cell names: ``[`function`](../path)``.
fn tests(cell: &str) -> Vec<(&str, &str)> {
    cell.split("[`")
        .skip(1)
        .map(|rest| {
            let (function, rest) = rest.split_once("`](../").expect("a link to a test");
            let (path, _) = rest.split_once(')').expect("the end of a link");
            (function, path)
        })
        .collect()
}

fn has_function(source: &str, function: &str) -> bool {
    source.match_indices(&format!("fn {function}")).any(|(place, found)| {
        let next = source[place + found.len()..].chars().next();
        next.is_some_and(|next| !next.is_alphanumeric() && next != '_')
    })
}

#[test]
fn every_feature_we_have_names_tests_that_are_there() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = fs::read_to_string(workspace.join("docs/features.md")).unwrap();
    let rows = rows(&document);
    assert!(rows.len() > 50, "the table has only {} rows", rows.len());
    for row in &rows {
        let tests = tests(row.ours);
        let is_lacking = row.ours.starts_with("no: ") || row.ours.starts_with("partly: ");
        assert!(is_lacking || !tests.is_empty(), "{}: no test is named", row.feature);
        for (function, path) in tests {
            let source = fs::read_to_string(workspace.join(path))
                .unwrap_or_else(|error| panic!("{}: {path}: {error}", row.feature));
            assert!(
                has_function(&source, function),
                "{}: {path} has no test `{function}`",
                row.feature
            );
        }
    }
}

#[test]
fn what_others_have_in_part_says_which() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = fs::read_to_string(workspace.join("docs/features.md")).unwrap();
    for row in rows(&document).iter().filter(|row| row.feature != "Engines") {
        for cell in &row.others {
            let is_said = cell.starts_with("yes")
                || cell.starts_with("no")
                || cell.strip_prefix("partly: ").is_some_and(|reason| !reason.is_empty());
            assert!(is_said, "{}: {cell}", row.feature);
        }
    }
}
