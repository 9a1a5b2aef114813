//! The guide and the tests say the same.

use std::fs;
use std::path::Path;

/// The Rust blocks of a document, with the line at which each begins.
fn rust_blocks(document: &str) -> Vec<(usize, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, Vec<&str>)> = None;
    for (number, line) in (1..).zip(document.lines()) {
        match (&mut open, line.trim()) {
            (None, "```rust") => open = Some((number, Vec::new())),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some((_, lines)), line) if !line.is_empty() => lines.push(line),
            _ => {}
        }
    }
    blocks
}

#[test]
fn every_rust_block_of_the_guide_is_part_of_a_test() {
    let room = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(room.join("../docs/from-sqlalchemy.md")).unwrap();
    let sources: Vec<String> = fs::read_dir(room.join("tests/guide"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    // The guide says in its own words what comments say here.
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("///");
    let sources: Vec<Vec<&str>> = sources
        .iter()
        .map(|source| source.lines().map(str::trim).filter(is_code).collect())
        .collect();

    let blocks = rust_blocks(&guide);
    assert!(blocks.len() > 30, "the guide has only {} blocks", blocks.len());
    let untested: Vec<String> = blocks
        .iter()
        .filter(|(_, block)| {
            !sources.iter().any(|source| source.windows(block.len()).any(|part| part == block))
        })
        .map(|(line, block)| format!("docs/from-sqlalchemy.md, line {line}:\n{}", block.join("\n")))
        .collect();
    assert!(
        untested.is_empty(),
        "these blocks are in no test of tests/tests/guide:\n\n{}",
        untested.join("\n\n")
    );
}
